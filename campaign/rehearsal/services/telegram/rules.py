"""What Telegram takes, and how it changes a text. Pure.

(https://core.telegram.org/bots/api; https://github.com/tdlib/td/blob/master/td/telegram/misc.cpp)
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from typing import Any

from PIL import Image, UnidentifiedImageError

from campaign.rehearsal.services.base import Refused

MESSAGE, CAPTION = 4096, 1024  # https://core.telegram.org/bots/api#sendmessage, #sendphoto
ALBUM = (2, 10)  # https://core.telegram.org/bots/api#sendmediagroup
PHOTO_BYTES, SIDES, RATIO = 10_000_000, 10_000, 20  # https://core.telegram.org/bots/api#sendphoto
TYPES = ("JPEG", "PNG", "WEBP")
PREVIEW = {"is_disabled", "url", "prefer_small_media", "prefer_large_media", "show_above_text"}
_BLANKS = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f]")
_DROPPED = re.compile("[\r\u2028-\u202e\u0333\u033f\u030a]")
_LINK = re.compile(r"https?://\S+")


def refused(description: str, status: int = 400, **parameters: Any) -> Refused:
    """Return an error as the API tells it (https://core.telegram.org/bots/api#making-requests)."""
    kind = {400: "Bad Request: ", 403: "Forbidden: ", 413: ""}.get(status, "")
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": f"{kind}{description}"}
    headers = {"Retry-After": str(parameters["retry_after"])} if "retry_after" in parameters else {}
    return Refused(status, body | ({"parameters": parameters} if parameters else {}), headers)


def only(asked: Mapping[str, Any], required: Iterable[str], optional: Iterable[str] = ()) -> None:
    """Refuse a call that lacks a parameter or has one that nobody knows: the real API ignores those.

    Raises:
        Refused: it is so.
    """
    if lacking := set(required) - set(asked):
        raise refused(f'parameter "{sorted(lacking)[0]}" is required')
    if unknown := set(asked) - set(required) - set(optional):
        raise refused(f'there is no parameter "{sorted(unknown)[0]}"')


def shown(text: Any) -> str:
    """Return a text as readers see it."""
    return _DROPPED.sub("", _BLANKS.sub(" ", str(text))).strip()


def text_of(asked: Mapping[str, Any]) -> str:
    """Return the text of a message.

    Raises:
        Refused: it is empty or too long.
    """
    text = shown(asked["text"])
    if not text:
        raise refused("message text is empty")
    if _units(text) > MESSAGE:
        raise refused("message is too long")
    return text


def caption_of(asked: Mapping[str, Any]) -> str:
    """Return the text under a picture.

    Raises:
        Refused: it is too long.
    """
    caption = shown(asked.get("caption", ""))
    if _units(caption) > CAPTION:
        raise refused("message caption is too long")
    return caption


def preview_of(asked: Mapping[str, Any], text: str) -> str:
    """Return the page of which a preview is shown, empty for none.

    Raises:
        Refused: the options are no such object.
    """
    options = asked.get("link_preview_options", {})
    if not isinstance(options, dict) or set(options) - PREVIEW:
        raise refused("can't parse link preview options JSON object")
    first = _LINK.search(text)
    return "" if options.get("is_disabled") else str(options.get("url") or (first[0] if first else ""))


def check_photo(data: bytes) -> tuple[int, int]:
    """Return the size of a picture.

    Raises:
        Refused: it is none that Telegram takes.
    """
    if len(data) > PHOTO_BYTES:
        raise refused("file is too big")
    try:
        with Image.open(io.BytesIO(data), formats=TYPES) as image:
            width, height = image.size
    except (UnidentifiedImageError, OSError):
        raise refused("IMAGE_PROCESS_FAILED") from None
    if width + height > SIDES or max(width, height) > RATIO * min(width, height):
        raise refused("PHOTO_INVALID_DIMENSIONS")
    return width, height


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
