"""Pictures on their way: uploaded where nobody sees them, shown by the post that names them.

API: https://developers.facebook.com/docs/graph-api/reference/page/photos. The checkpoint keeps each under "photos", by
the SHA-256 of its bytes: its id, and when it was uploaded.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from campaign.clock import Clock
from campaign.errors import NotSent
from campaign.platforms.base import Checkpoint, Image, Outgoing
from campaign.platforms.http import Answer

KEPT = timedelta(hours=20)  # our own choice: what no post shows is dropped after a day or so, as far as is known

Upload = Callable[..., Answer]


def make_ready(image: Image, checkpoint: Checkpoint, upload: Upload, clock: Clock) -> None:
    """Have a picture at Facebook, with its alt text, ready to be shown.

    Raises:
        NotSent: it could not be uploaded, or its file cannot be read.
        Rejected: Facebook does not take it.
    """
    known = handles(checkpoint)
    handle = known.get(image.sha256)
    if handle and clock.now() - datetime.fromisoformat(handle["at"]) <= KEPT:
        return
    at = clock.now().isoformat()
    answer = upload(
        files={"source": (image.path.name, image.approved_bytes(), image.media_type)},
        data={"published": "false", **({"alt_text_custom": image.alt} if image.alt else {})},
    )
    checkpoint.put("photos", {**known, image.sha256: {"id": answer.text("id"), "at": at}})


def handles(checkpoint: Checkpoint) -> dict[str, dict[str, Any]]:
    """Return what is known of uploaded pictures, by the SHA-256 of their bytes."""
    return dict(checkpoint.get("photos") or {})


def uploaded(checkpoint: Checkpoint) -> list[str]:
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
        raise NotSent("a picture is not at Facebook yet", forget=("photos",)) from None
