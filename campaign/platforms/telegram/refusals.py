"""What the Bot API's errors mean. Pure.

An error is `{"ok": false, "error_code": 400, "description": "Bad Request: …", "parameters": {…}}`
(https://core.telegram.org/bots/api#making-requests). Descriptions are for people and may change, so they are matched
loosely, by a few of their words. What is not listed here is unknown on a visible call.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from campaign.errors import ChannelBlocked, NotSent, PlatformError, RateLimited, Rejected, Unsupported
from campaign.platforms.http import Answer

GONE = "the post is not there any more"

# Client.cpp of https://github.com/tdlib/telegram-bot-api, and
# https://core.telegram.org/method/messages.sendMessage, whose errors pass through it
BARRED = (  # a few words, what they mean, and what to do
    (
        ("chat not found",),
        "the bot sees no such chat",
        "Correct `chat` or `archive` of the channel, or invite the bot.",
    ),
    (
        ("bot was kicked from", "bot is not a member of"),
        "the bot is not in the chat",
        "Make it an administrator there again.",
    ),
    (
        (
            "need administrator rights",
            "not enough rights",
            "have no rights",
            "chat_write_forbidden",
            "chat_admin_required",
        ),
        "the bot may not do this in the chat",
        "Let it post messages there, as administrator.",
    ),
)
TEXT_REFUSED = ("can't parse entities", "caption is too long", "message is too long", "message text is empty")
PICTURE_REFUSED = (  # https://core.telegram.org/method/messages.sendMedia
    "photo_invalid_dimensions",
    "image_process_failed",
    "wrong type of the web page content",
    "failed to get http url content",
    "file is too big",
)
FILE_LOST = ("wrong file identifier", "wrong remote file identifier", "file_reference_")  # of a file_id
PARENT_LOST = ("message to be replied not found", "message to reply not found", "reply message not found")
NOTHING_TO_COPY = ("no messages to forward", "messages can't be forwarded", "message to forward not found")


class NotThere(NotSent):
    """The chat has no such message."""


class Unchanged(NotSent):
    """The post is as it is wanted already."""


class NotForUs(NotSent):
    """The message is there, but is none that may be forwarded, such as a notice of the chat itself."""


def of_call(answer: Answer) -> PlatformError | None:
    """The bot or the chat is not accepted, or is called too often; so it is on whatever call."""
    said = words(answer)
    if answer.status in (401, 404):  # the methods that we call exist, so 404 is about the token
        return NotSent(f"Telegram does not accept the bot's token ({said})", token_dead=True)
    if answer.status == 429 and (wait := _number(answer, "retry_after")) is not None:
        return RateLimited(f"Telegram asks to wait ({said})", retry_after=timedelta(seconds=wait))
    return _barred(answer, said) if answer.status in (400, 403) else None


def _barred(answer: Answer, said: str) -> ChannelBlocked | None:
    if (moved := _number(answer, "migrate_to_chat_id")) is not None:
        return ChannelBlocked(f"the group has another number now ({said})", remedy=f'Set it in the config: "{moved}".')
    found = ((what, remedy) for needles, what, remedy in BARRED if _any(said.lower(), needles))
    return next((ChannelBlocked(f"{what} ({said})", remedy=remedy) for what, remedy in found), None)


def of_message(answer: Answer) -> PlatformError | None:
    """Return what a refusal of a post means, None when it is not listed."""
    said = words(answer)
    low = said.lower()
    if answer.status == 413 or (answer.status == 400 and _any(low, TEXT_REFUSED + PICTURE_REFUSED)):
        return Rejected(f"Telegram refuses the post ({said})")
    if answer.status == 400 and _any(low, FILE_LOST):
        return NotSent(f"Telegram does not know an uploaded picture any more ({said})", forget=("media",))
    if answer.status == 400 and _any(low, PARENT_LOST):
        return Rejected(f"the post that this one answers is not there any more ({said})")
    return of_call(answer)


def of_edit(answer: Answer) -> PlatformError | None:
    """Return what a refusal to change a post means."""
    said = words(answer)
    low = said.lower()
    if answer.status == 400 and "message is not modified" in low:
        return Unchanged(said)
    if answer.status == 400 and "message to edit not found" in low:
        return Rejected(GONE)
    if answer.status == 400 and ("can't be edited" in low or "no text in the message" in low):
        remedy = "Take it down and publish it anew."
        return Unsupported(f"Telegram does not let this post be changed so ({said})", remedy=remedy)
    return of_message(answer)


def of_delete(answer: Answer) -> PlatformError | None:
    """Return what a refusal to delete means."""
    said = words(answer)
    low = said.lower()
    if answer.status == 400 and "message to delete not found" in low:
        return NotThere(GONE)
    if answer.status == 400 and "can't be deleted" in low:
        remedy = "Delete it in the app, or let the bot delete messages of others, as administrator: then it may."
        return Unsupported(f"Telegram lets bots delete posts of the last 48 hours only ({said})", remedy=remedy)
    return of_call(answer)


def of_forward(answer: Answer) -> PlatformError | None:
    """Return what it means that one message is not forwarded."""
    said = words(answer)
    low = said.lower()
    if answer.status == 400 and "message to forward not found" in low:
        return NotThere(said)
    if answer.status == 400 and "can't be forwarded" in low:
        return NotForUs(said)
    return of_call(answer)


def of_copies(answer: Answer) -> PlatformError | None:
    """Return what it means that none of several messages is copied."""
    said = words(answer)
    if answer.status == 400 and _any(said.lower(), NOTHING_TO_COPY):
        return NotThere(said)
    return of_call(answer)


def words(answer: Answer) -> str:
    """Return the API's own words, or those of an error page."""
    told = _told(answer).get("description")
    return told[:300] if isinstance(told, str) and told else answer.said or "no reason given"


def _number(answer: Answer, name: str) -> int | None:
    """Return one of the `parameters` (https://core.telegram.org/bots/api#responseparameters)."""
    parameters = _told(answer).get("parameters")
    value = parameters.get(name) if isinstance(parameters, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _told(answer: Answer) -> dict[str, Any]:
    try:
        told = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _any(low: str, needles: tuple[str, ...]) -> bool:
    return any(needle in low for needle in needles)
