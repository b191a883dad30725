"""The private chat beside a channel: pictures are uploaded to it ahead, and the channel is read through it.

A bot cannot read a channel. But it can forward a message of which it knows the number, and is then told what stands in
it; the copy is deleted at once. Numbers only grow, so a post of which the outcome is unknown stands behind the last
message that was there before it was sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from campaign.errors import NotSent
from campaign.platforms.base import Absent, CannotTell, Found, Image, Outgoing
from campaign.platforms.http import Answer
from campaign.platforms.telegram import refusals
from campaign.platforms.telegram.message import Chat, Request, address, file_of, says
from campaign.platforms.telegram.refusals import NotForUs, NotThere

Call = Callable[..., Answer]

AT_ONCE = 100  # https://core.telegram.org/bots/api#copymessages
FARTHEST = 60  # messages after the last known one that are looked at, so as not to call too often
FIRST_STEP = 4  # so few steps hit a message that some thousands are searched within the 20 copies a minute of a chat
GAP = 20  # numbers in a row without a message, and no message at some places behind: nothing follows
BEHIND = tuple(AT_ONCE * (2**n - 1) for n in range(10))  # where these places begin: each twice as far as the one before


class Archive:
    """What the bot does there, for one channel."""

    def __init__(self, call: Call, chat: Chat, archive: Chat) -> None:
        self._call = call
        self._chat = chat
        self._archive = archive

    def upload(self, image: Image) -> str:
        """Upload a picture and return the id by which the bot may send it anywhere.

        Raises:
            NotSent: it is not the one that was approved, or could not be uploaded.
            Rejected: Telegram does not take it.
        """
        asked = {"chat_id": self._archive, "disable_notification": True}
        answer = self._call(Request("sendPhoto", asked, {"photo": file_of(image)}), classify=refusals.of_message)
        return answer.text("result", "photo", -1, "file_id")  # the largest size comes last

    def newest(self) -> int:
        """Return the number of the channel's last message, 0 for none, by doubling steps and then halving them.

        Where more than a hundred in a row were deleted, it may be an earlier one.
        """
        last, step = 0, FIRST_STEP
        while self._begins_before_end(last + step):
            last, step = last + step, 2 * step
        while step := step // 2:
            if self._begins_before_end(last + step):
                last += step
        return last

    def look(self, item: Outgoing, after: int) -> Found | Absent | CannotTell:
        """Look for a part among the messages behind a known one."""
        chat = self._call(Request("getChat", {"chat_id": self._chat})).get("result") or {}
        if chat.get("has_protected_content"):
            return CannotTell("the channel forbids that its posts are forwarded, so the bot cannot look at them")
        if chat.get("message_auto_delete_time"):
            return CannotTell("the channel deletes its messages after a while, so nobody can say where it ends")
        missing = 0
        for number in range(after + 1, after + FARTHEST + 1):
            message = self._read(number)
            if message is not None and says(message, item):
                ids = range(number, number + max(1, len(item.images)))  # an album's messages are numbered in a row
                return Found(",".join(map(str, ids)), permalink=address(chat, number))
            missing = missing + 1 if message is None else 0
            if missing == GAP:
                return self._behind(number)
        return CannotTell(f"there are more than {FARTHEST - GAP} messages since")

    def _behind(self, number: int) -> Absent | CannotTell:
        """Say what a gap up to a number means: the end of the channel, or a stretch of it that was deleted.

        A channel begins with a notice of its own. Where even that is gone, nothing tells the two apart.
        """
        if number == GAP:
            return CannotTell("the first messages of the channel were deleted, so nobody can say where it ends")
        places = (range(number + 1 + start, number + 1 + start + AT_ONCE) for start in BEHIND)
        if any(self._any_there(place) for place in places):
            return CannotTell(f"{GAP} messages in a row were deleted")
        return Absent(honours_key=False)

    def _read(self, number: int) -> dict[str, Any] | None:
        """Return a message of the channel, None when there is none; an empty one when it is none of ours."""
        asked = {"from_chat_id": self._chat, "message_id": number, **self._quietly}
        try:
            answer = self._call(Request("forwardMessage", asked), classify=refusals.of_forward)
        except NotThere:
            return None
        except NotForUs:
            return {}
        self._drop([int(answer.text("result", "message_id"))])
        message: dict[str, Any] = answer.get("result")
        return message

    def _begins_before_end(self, number: int) -> bool:
        """Whether there is a message of this number or soon after: a few are tried first, so as to copy few."""
        windows = (range(number, number + 1), range(number + 1, number + 10), range(number + 10, number + AT_ONCE))
        return any(self._any_there(window) for window in windows)

    def _any_there(self, numbers: Iterable[int]) -> bool:
        """Whether one of these messages is there, by copying those that are; readers of the channel see nothing of it.

        That none is, may also be the server's way to say that it is unwell: whoever must be sure reads them singly.
        """
        asked = {"from_chat_id": self._chat, "message_ids": list(numbers), **self._quietly}
        try:
            answer = self._call(Request("copyMessages", asked), classify=refusals.of_copies)
        except NotThere:
            return False
        copied = answer.get("result")
        if not isinstance(copied, list):
            answer.unreadable("the answer lacks the copies")
        if copied:
            self._drop([copy["message_id"] for copy in copied])
        return bool(copied)

    @property
    def _quietly(self) -> dict[str, Any]:
        return {"chat_id": self._archive, "disable_notification": True}

    def _drop(self, copies: list[int]) -> None:
        """Delete copies from the archive; one that stays there does no harm."""
        try:
            self._call(Request("deleteMessages", {"chat_id": self._archive, "message_ids": copies}))
        except NotSent:
            return
