"""Pictures that a platform has before any post shows them.

The checkpoint keeps each under "media", by the SHA-256 of its bytes, so that none is uploaded twice: its "id", and what
else the platform's own module has to know of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from campaign.errors import NotSent
from campaign.platforms.base import Checkpoint, Image, Outgoing

KEPT_AS = "media"


def handles(checkpoint: Checkpoint) -> dict[str, dict[str, Any]]:
    """Return what is known of uploaded pictures, by the SHA-256 of their bytes."""
    return dict(checkpoint.get(KEPT_AS) or {})


def keep(checkpoint: Checkpoint, image: Image, handle: Mapping[str, Any]) -> None:
    """Remember a picture that was uploaded, committed before this returns."""
    checkpoint.put(KEPT_AS, {**handles(checkpoint), image.sha256: dict(handle)})


def all_ids(checkpoint: Checkpoint) -> list[str]:
    """Return the ids of all pictures that were uploaded for a part."""
    return [handle["id"] for handle in handles(checkpoint).values()]


def ids_of(item: Outgoing, checkpoint: Checkpoint) -> list[str]:
    """Return the ids of an item's pictures in their order.

    Raises:
        NotSent: one of them was never uploaded.
    """
    known = handles(checkpoint)
    try:
        return [known[image.sha256]["id"] for image in item.images]
    except KeyError:
        raise NotSent("a picture is not on the server yet", forget=(KEPT_AS,)) from None
