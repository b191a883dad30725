"""Pictures by their hash: photos as taken in, cards as rendered. A file, once there, never changes."""

from __future__ import annotations

import hashlib
from pathlib import Path

from campaign.files import write_whole

SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png"}


class Media:
    """The media folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, data: bytes, media_type: str) -> str:
        """Store a picture and return its sha256; the same picture is stored once, and a damaged one mended.

        Raises:
            OSError: the folder cannot be written.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        if not self.is_whole(sha256, media_type):
            write_whole(self.path(sha256, media_type), data)
        return sha256

    def path(self, sha256: str, media_type: str) -> Path:
        """Return where a picture lies."""
        return self.folder / sha256[:2] / f"{sha256}{SUFFIXES[media_type]}"

    def is_whole(self, sha256: str, media_type: str) -> bool:
        """Whether a picture is there and still what it was."""
        path = self.path(sha256, media_type)
        return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256
