"""Uploaded pictures: https://docs.x.com/x-api/media/media-upload."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from campaign.rehearsal.services.base import Refused
from campaign.rehearsal.services.x import rules
from campaign.rehearsal.transport import Call

LIFE = timedelta(days=1)  # https://docs.x.com/x-api/media/quickstart/best-practices
_BEGINS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"GIF8": "image/gif", b"RIFF": "image/webp"}


@dataclass
class Picture:
    """One that was uploaded."""

    id: str
    until: datetime
    alt: str = ""


class Pictures:
    """All pictures of the account."""

    def __init__(self) -> None:
        self._all: dict[str, Picture] = {}

    def take(self, id: str, call: Call) -> dict[str, Any]:
        """Take a picture in, and tell of it.

        Raises:
            Refused: X does not take it.
        """
        fields, files = call.form()
        if not call.headers.get("content-type", "").startswith("multipart/form-data") or set(files) != {"media"}:
            raise rules.invalid("$.media: is missing but it is required")
        if fields != {"media_category": "tweet_image"}:
            raise rules.invalid(f"media_category [{fields.get('media_category', '')}] is not one of [tweet_image]")
        data = files["media"].data
        kind = next((kind for begin, kind in _BEGINS.items() if data.startswith(begin)), "")
        if not kind or len(data) > rules.IMAGE_BYTES:
            raise rules.problem(400, "Bad Request", "The file is not an image that may be uploaded.")
        self._all[id] = Picture(id, call.at + LIFE)
        return {
            "id": id,
            "media_key": f"3_{id}",
            "size": len(data),
            "expires_after_secs": int(LIFE.total_seconds()),
            "image": {"image_type": kind, "w": 1200, "h": 675},
        }

    def describe(self, call: Call) -> dict[str, Any]:
        """Give a picture its alt text: https://docs.x.com/x-api/media/create-media-metadata.

        Raises:
            Refused: there is no such picture, or the text is too long.
        """
        asked = call.json()
        if not isinstance(asked, dict) or set(asked) != {"id", "metadata"} or not isinstance(asked["id"], str):
            raise rules.invalid("$.id: is missing but it is required")
        picture = self.get(asked["id"], call.at)
        if picture is None:
            raise rules.invalid(f"The media id [{asked['id']}] is invalid.")
        try:
            alt = asked["metadata"]["alt_text"]["text"]
        except (KeyError, TypeError):
            raise rules.invalid("$.metadata.alt_text.text: is missing but it is required") from None
        if not isinstance(alt, str) or not 0 < len(alt) <= rules.ALT_TEXT:
            raise rules.invalid(f"$.metadata.alt_text.text: must be at most {rules.ALT_TEXT} characters long")
        picture.alt = alt
        return {"id": picture.id, "associated_metadata": {"alt_text": {"text": alt}}}

    def get(self, id: str, now: datetime) -> Picture | None:
        """Return a picture, None when there is none, or none any more."""
        found = self._all.get(id)
        return found if found and now < found.until else None

    def to_attach(self, ids: Iterable[Any], now: datetime) -> list[Picture]:
        """Return the pictures of a post.

        Raises:
            Refused: one of them is unknown, or they are too many.
        """
        wanted = list(ids)
        found = [picture for id in wanted if isinstance(id, str) and (picture := self.get(id, now))]
        if not 0 < len(wanted) <= rules.IMAGES or len(found) < len(wanted):
            raise _bad(wanted)
        return found


def _bad(ids: list[Any]) -> Refused:
    """https://github.com/plhery/node-twitter-api-v2/issues/501"""
    return rules.invalid("Your media IDs are invalid.", {"media.media_ids": [str(id) for id in ids]})
