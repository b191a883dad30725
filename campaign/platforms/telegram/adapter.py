"""The calls of a bot to the Bot API (https://core.telegram.org/bots/api).

The API has no key against repetition and no way to read a channel. With an archive chat, pictures are uploaded
ahead, so that the visible call is small, and what became of it can be looked up (`archive`). Without one, the bytes
come along, and after an unclear answer a person is asked. The token stands in the address of every call, so it is
hidden in all texts before the first one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from campaign.clock import Clock
from campaign.errors import ChannelBlocked, NotSent, PlatformError, Rejected, Unsupported
from campaign.log import hide
from campaign.platforms.base import (
    Absent,
    Account,
    CannotTell,
    Checkpoint,
    Found,
    Limits,
    Metrics,
    Outgoing,
    Platform,
    PlatformSettings,
    Prompt,
    Published,
    TokenStore,
)
from campaign.platforms.http import Answer, Classify, Http
from campaign.platforms.telegram import refusals
from campaign.platforms.telegram.archive import Archive
from campaign.platforms.telegram.message import (
    Request,
    address,
    changes,
    chat_id,
    ids_of,
    messages_at,
    names_of,
    new_message,
)
from campaign.platforms.telegram.refusals import NotThere, Unchanged
from campaign.platforms.telegram.settings import TelegramSettings, is_token

UNCOUNTED = {  # https://core.telegram.org/bots/api#message has no counts
    "impressions": "Telegram shows views in its apps, not to bots",
    "reactions": "Telegram tells reactions only to a bot that listens all the time",
    "comments": "comments stand in the discussion group, which is not read",
    "shares": "Telegram shows forwards in its apps, not to bots",
    "clicks": "Telegram does not tell",
}
NO_ARCHIVE = "bots cannot read a channel, and no archive chat is set through which its posts could be looked at"


class Telegram(Platform):
    """Posts of one bot in one channel."""

    name = "telegram"
    limits = Limits(
        text=4096,  # https://core.telegram.org/bots/api#sendmessage
        caption=1024,  # https://core.telegram.org/bots/api#sendphoto
        unit="utf16",  # https://core.telegram.org/api/entities#entity-length says it of entities; our own choice
        alt_text=1000,  # our own choice: Telegram has no alt text; it is kept with the post, for proof and archive
        alt_heard=False,  # https://core.telegram.org/bots/api#inputmediaphoto has no field for it
        images=10,  # https://core.telegram.org/bots/api#sendmediagroup
        image_bytes=2_000_000,  # our own choice: 10 MB are allowed, but every picture is made smaller at once
        image_types=("image/jpeg", "image/png"),  # https://core.telegram.org/bots/api#sendphoto
        formats=("landscape", "square", "portrait"),  # our own choice: the apps show each whole
        threads=True,  # https://core.telegram.org/bots/api#replyparameters
    )
    replay_window = timedelta(0)  # the API has no key: a repeated call is a second post
    settle: ClassVar[timedelta | None] = timedelta(minutes=2)  # our own choice: a call that was cut off may go on there
    Settings = TelegramSettings
    settings: TelegramSettings

    def __init__(self, settings: PlatformSettings, http: Http, clock: Clock, tokens: TokenStore) -> None:
        super().__init__(settings, http, clock, tokens)
        self._chat = chat_id(self.settings.chat)
        archive = self.settings.archive
        self._archive = Archive(self._call, self._chat, chat_id(archive)) if archive else None
        self._newest = 0  # the last message of the channel that is known here

    def classify(self, answer: Answer) -> PlatformError | None:
        """Return what is known of refusals of the bot or the chat."""
        return refusals.of_call(answer)

    def login(self, prompt: Prompt) -> Mapping[str, str]:
        """Take the bot's token from a person, and try it.

        Raises:
            PlatformError: it is none, or Telegram does not accept it.
        """
        token = prompt.ask("Paste the token of the bot, as @BotFather gave it:", hidden=True)
        if not is_token(token):
            raise Rejected("this is no token of a bot", remedy="It looks like 123456789:ABC-def and has no blanks.")
        answer = self._call(Request("getMe", {}), token=token)
        prompt.tell(f"The bot is @{answer.text('result', 'username')}.")
        return {"token": token, "base_url": self.settings.base_url}

    def check(self) -> Account:
        """Ask who the bot is, and what it may do in the channel and in the archive.

        Raises:
            NotSent: Telegram does not accept the token.
            ChannelBlocked: the bot may not post in the channel.
        """
        bot = self._call(Request("getMe", {}))
        chat = self._call(Request("getChat", {"chat_id": self._chat}))
        if chat.maybe("result", "type") != "channel":
            kind = chat.maybe("result", "type") or "something else"
            raise ChannelBlocked(
                f"{self.settings.chat} is no channel but a {kind}", remedy="Set the chat of a channel."
            )
        member = self._member(self._chat, bot)
        if not may_post(member):
            remedy = "Make it an administrator of the channel who may post messages."
            raise ChannelBlocked(f"@{bot.maybe('result', 'username')} may not post in the channel", remedy=remedy)
        return Account(
            id=chat.text("result", "id"),
            name=chat.maybe("result", "username") or chat.text("result", "title"),
            limits=self.limits,
            warnings=(*_warnings(member), *self._archive_warnings(bot, chat)),
        )

    def prepare(self, item: Outgoing, checkpoint: Checkpoint) -> None:
        """Upload the pictures to the archive, and note behind which message the post will stand."""
        self._token()  # that it is missing is better learnt here than on the visible call
        _must_be_answerable(item)
        if self._archive is None:
            return
        for image in item.images:
            media = checkpoint.get("media", {})
            if image.sha256 not in media:
                checkpoint.put("media", {**media, image.sha256: self._archive.upload(image)})
        if self._after(checkpoint) is None and (after := self._last_known(item, self._archive)) is not None:
            checkpoint.put("after", {"chat": self.settings.chat, "message": after})

    def publish(self, item: Outgoing, checkpoint: Checkpoint, *, idempotency_key: str) -> Published:
        """Send the message: the one visible call."""
        file_ids = None if self._archive is None else checkpoint.get("media", {})
        request = new_message(item, self._chat, file_ids)
        answer = self._call(request, visible=True, classify=refusals.of_message)
        ids = numbers_in(answer)
        self._newest = max(self._newest, *ids)
        chat = answer.get("result", "chat") or answer.get("result", 0, "chat") or {}
        return Published(",".join(map(str, ids)), permalink=address(chat, ids[0]))

    def find(self, item: Outgoing, checkpoint: Checkpoint, since: datetime) -> Found | Absent | CannotTell:
        """Look through the archive chat at what stands in the channel behind the last message known before."""
        if self._archive is None:
            return CannotTell(NO_ARCHIVE)
        after = self._after(checkpoint)
        if after is None:
            return CannotTell("behind which message of the channel it would stand was not known when it was sent")
        return self._archive.look(item, after)

    def id_at(self, address: str, item: Outgoing) -> str:
        """Return the messages of a part that a person has seen, if they are of our channel."""
        chat, ids = messages_at(address, len(item.images))
        try:
            ours = chat and names_of(self._call(Request("getChat", {"chat_id": self._chat})).get("result") or {})
        except PlatformError:
            return address
        return ids if ours and chat.lower() in ours else address

    def metrics(self, remote_ids: Sequence[str]) -> dict[str, Metrics]:
        """Say why there is nothing to count."""
        return {remote_id: Metrics(missing=UNCOUNTED) for remote_id in remote_ids}

    def followers(self) -> int | None:
        """Return how many have joined the channel."""
        return self._call(Request("getChatMemberCount", {"chat_id": self._chat})).count("result")

    def edit(self, remote_id: str, item: Outgoing) -> None:
        """Change text and pictures; that they are so already is fine."""
        for request in changes(item, self._chat, ids_of(remote_id)):
            try:
                self._call(request, classify=refusals.of_edit)
            except Unchanged:
                continue

    def delete(self, remote_id: str) -> None:
        """Delete every message of the part; one that is gone already is fine."""
        for id in ids_of(remote_id):
            try:
                asked = {"chat_id": self._chat, "message_id": id}
                self._call(Request("deleteMessage", asked), classify=refusals.of_delete)
            except NotThere:
                continue

    def _token(self) -> str:
        """Return the bot's token: the config's, else the one that a login has stored for this very server."""
        if self.settings.token is not None:
            return self.settings.token.reveal()
        stored = self.tokens.load()
        if not stored.get("token") or stored.get("base_url") != self.settings.base_url:
            raise NotSent(f"there is no token of a bot for {self.settings.base_url}", token_dead=True)
        return stored["token"]

    def _call(
        self, request: Request, *, visible: bool = False, classify: Classify | None = None, token: str = ""
    ) -> Answer:
        """Make a call as the bot: parameters are JSON, in a form where files come along."""
        token = token or self._token()
        hide([token, token.partition(":")[2]], passing=True)  # the number before the colon is public
        path = f"/bot{token}/{request.method}"
        if not request.files:
            return self.http.post(path, json=request.asked, visible=visible, classify=classify)
        fields = {name: value if isinstance(value, str) else json.dumps(value) for name, value in request.asked.items()}
        return self.http.post(path, data=fields, files=request.files, visible=visible, classify=classify)

    def _member(self, chat: int | str, bot: Answer) -> dict[str, Any]:
        """Return what the bot is in a chat (https://core.telegram.org/bots/api#chatmember)."""
        asked = {"chat_id": chat, "user_id": bot.count("result", "id")}
        member: dict[str, Any] = self._call(Request("getChatMember", asked)).get("result")
        return member

    def _after(self, checkpoint: Checkpoint) -> int | None:
        """Return the message behind which a part will stand; one of another chat than the present one is none."""
        noted = checkpoint.get("after")
        return noted["message"] if noted and noted["chat"] == self.settings.chat else None

    def _last_known(self, item: Outgoing, archive: Archive) -> int | None:
        """Return a message behind which the part will stand: the part before it, else the channel's last.

        The latter is searched once; not to find it stops no post, but then nobody can look for that one later.
        """
        if item.reply_to:
            return max(ids_of(item.reply_to))
        if not self._newest:
            try:
                self._newest = archive.newest()
            except NotSent:
                return None
        return self._newest

    def _archive_warnings(self, bot: Answer, chat: Answer) -> tuple[str, ...]:
        """Look at the archive chat; return what a person should know.

        Raises:
            ChannelBlocked: it cannot be used.
        """
        if self._archive is None:
            return (f"after an unclear answer a person must look: {NO_ARCHIVE}",)
        beside = self._call(Request("getChat", {"chat_id": chat_id(self.settings.archive)}))
        if beside.text("result", "id") == chat.text("result", "id"):
            raise ChannelBlocked("the archive is the channel itself", remedy="Set another, private chat as archive.")
        if not may_post(self._member(chat_id(self.settings.archive), bot), beside.maybe("result", "type")):
            raise ChannelBlocked("the bot may not post in the archive chat", remedy="Let it post there.")
        public = ("the archive chat is public: anybody sees what is prepared there",)
        protected = ("the channel forbids forwarding, so its posts cannot be looked up after an unclear answer",)
        fleeting = ("the channel deletes its posts after a while, so they cannot be looked up after an unclear answer",)
        return (
            *(public if beside.maybe("result", "username") else ()),
            *(protected if chat.get("result", "has_protected_content") else ()),
            *(fleeting if chat.get("result", "message_auto_delete_time") else ()),
        )


def _must_be_answerable(item: Outgoing) -> None:
    """Look whether what a part answers is known by its number.

    Raises:
        Rejected: it is not.
    """
    try:
        ids_of(item.reply_to or "0")
    except Unsupported as error:
        raise Rejected(f"no answer can be made: {error}") from None


def numbers_in(answer: Answer) -> list[int]:
    """Return the numbers of the messages that were sent: one, or several of an album.

    Raises:
        OutcomeUnknown: there is none. (0 stands for a message that Telegram has yet to send.)
    """
    result = answer.get("result")
    messages = result if isinstance(result, list) else [result]
    found = [message.get("message_id") if isinstance(message, dict) else None for message in messages]
    numbers = [number for number in found if isinstance(number, int) and number > 0]
    if not numbers or len(numbers) < len(found):
        answer.unreadable("the answer lacks the number of a message")
    return numbers


def may_post(member: Mapping[str, Any], kind: str = "channel") -> bool:
    """Whether a member may post; in a group everybody may, unless they are restricted."""
    status = member.get("status")
    if kind == "channel":
        return status == "creator" or (status == "administrator" and bool(member.get("can_post_messages")))
    return status in ("creator", "administrator", "member") or bool(member.get("can_send_messages"))


def _warnings(member: Mapping[str, Any]) -> tuple[str, ...]:
    may_delete = member.get("status") == "creator" or member.get("can_delete_messages")
    return () if may_delete else ("without the right to delete messages, the bot takes down posts of 48 hours only",)
