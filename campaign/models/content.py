"""What the public will see of a post, and the hash that an approval binds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ImageContent(_Frozen):
    """One picture of a part: which file of the media folder, and what it says to those who do not see it."""

    sha256: str
    media_type: str
    width: int
    height: int
    size: int
    alt: str


class PreviewContent(_Frozen):
    """What stands under a part for the page that it links to, where the platform makes no preview itself."""

    title: str
    description: str = ""
    image: ImageContent | None = None


class PartContent(_Frozen):
    """Everything of a part that the public will see."""

    role: Literal["post", "reply", "comment"] = "post"
    text: str
    language: str
    link: str = ""
    title: str = ""
    tags: tuple[str, ...] = ()
    images: tuple[ImageContent, ...] = ()
    preview: PreviewContent | None = None

    @property
    def files(self) -> tuple[ImageContent, ...]:
        """Every picture that must be there when the part is sent."""
        return (*self.images, self.preview.image) if self.preview and self.preview.image else self.images


def content_hash(parts: Sequence[PartContent]) -> str:
    """Return the sha256 that an approval binds: canonical JSON of the parts in order, files by their hashes.

    What is None does not count: a field that a later version adds begins as None and takes no approval away.
    """
    return digest([part.model_dump(mode="json", exclude_none=True) for part in parts])


def digest(value: Any) -> str:
    """Return the sha256 of a value as canonical JSON (sorted keys, no spaces, UTF-8)."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
