"""Uploaded pictures, until a post has them.

API: https://learn.microsoft.com/linkedin/marketing/community-management/shares/images-api
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from campaign.rehearsal.services.linkedin.rules import bad

UPLOAD_LIFE = timedelta(days=1)  # of the address to which the bytes go: `uploadUrlExpiresAt`
MOST_PIXELS = 36_152_320  # the page above: fewer than these
KINDS = ("JPEG", "PNG", "GIF")  # no WebP

State = Literal["WAITING_UPLOAD", "PROCESSING", "AVAILABLE", "PROCESSING_FAILED"]


@dataclass
class Picture:
    """One picture on LinkedIn."""

    urn: str
    asked_at: datetime
    ready_at: datetime | None = None  # None: its bytes have not come
    is_readable: bool = False

    def state(self, now: datetime) -> State:
        """Return how far LinkedIn is with it."""
        if self.ready_at is None:
            return "WAITING_UPLOAD"
        if now < self.ready_at:
            return "PROCESSING"
        return "AVAILABLE" if self.is_readable else "PROCESSING_FAILED"


class Pictures:
    """All pictures of the page, by their URN."""

    def __init__(self, processing: timedelta) -> None:
        self._processing = processing
        self._all: dict[str, Picture] = {}

    def ask(self, name: str, now: datetime) -> Picture:
        """Make a place for a picture."""
        picture = Picture(f"urn:li:image:{name}", now)
        self._all[picture.urn] = picture
        return picture

    def take(self, name: str, data: bytes, now: datetime) -> None:
        """Take its bytes; a second time they replace the first.

        Raises:
            Refused: there is no such place, or none any more.
        """
        picture = self._all.get(f"urn:li:image:{name}")
        if picture is None or now - picture.asked_at >= UPLOAD_LIFE:
            raise bad("EXPIRED_UPLOAD_URL", "The upload URL has expired")
        picture.ready_at, picture.is_readable = now + self._processing, _is_readable(data)

    def get(self, urn: str) -> Picture | None:
        """Return a picture, None when there is none."""
        return self._all.get(urn)

    def check(self, urn: str, now: datetime) -> None:
        """Look whether a post may have a picture.

        Raises:
            Refused: it may not.
        """
        if not urn.startswith("urn:li:image:"):
            raise bad("INVALID_URN_TYPE", f"{urn} is no image")
        picture = self._all.get(urn)
        if picture is None:
            raise bad("INVALID_IMAGE_ID", f"{urn} does not exist")
        state = picture.state(now)
        if state == "PROCESSING_FAILED":
            raise bad("MEDIA_ASSET_PROCESSING_FAILED", f"Media asset {urn} has failed to process")
        if state != "AVAILABLE":
            raise bad("MEDIA_ASSET_WAITING_UPLOAD", f"Media asset {urn} is waiting for upload")


def _is_readable(data: bytes) -> bool:
    """Whether it is a picture of a kind and size that LinkedIn takes; only its head is read."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=KINDS) as picture:
            return picture.width * picture.height < MOST_PIXELS
    except (OSError, ValueError, Image.DecompressionBombError):
        return False
