"""Pictures on their way: uploaded in one call each, and described before any post has them.

API: https://docs.x.com/x-api/media/media-upload. `uploads` keeps of each its id, until
when that may be used, and whether X has its alt text.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from campaign.clock import Clock
from campaign.platforms import uploads
from campaign.platforms.base import Checkpoint, Image
from campaign.platforms.http import Answer
from campaign.platforms.x import refusals

Call = Callable[..., Answer]

LIFE = timedelta(days=1)  # of an upload: https://docs.x.com/x-api/media/quickstart/best-practices
SPARE = timedelta(hours=1)  # a post may wait for its turn, and be tried again


def make_ready(image: Image, checkpoint: Checkpoint, call: Call, clock: Clock) -> None:
    """Have a picture at X, with its alt text, for as long as it takes to post it.

    Raises:
        NotSent: it is not ready now, or its file cannot be read.
        Rejected: X does not take it.
    """
    handle = uploads.handles(checkpoint).get(image.sha256)
    if handle is None or clock.now() + SPARE > datetime.fromisoformat(handle["until"]):
        handle = _uploaded(image, call, clock)
        uploads.keep(checkpoint, image, handle)
    if not handle["described"]:
        body = {"id": handle["id"], "metadata": {"alt_text": {"text": image.alt}}}
        call("POST", "/2/media/metadata", json=body, lines=refusals.OF_ALT_TEXT)
        uploads.keep(checkpoint, image, {**handle, "described": True})


def _uploaded(image: Image, call: Call, clock: Clock) -> dict[str, Any]:
    """Upload a picture; some of X's servers answer without the frame `data`."""
    file = (image.path.name, image.approved_bytes(), image.media_type)
    form = {"media_category": "tweet_image"}
    answer = call("POST", "/2/media/upload", files={"media": file}, data=form, lines=refusals.OF_MEDIA)
    frame = ("data",) if answer.get("data") is not None else ()
    seconds = answer.count(*frame, "expires_after_secs")
    life = LIFE if seconds is None else timedelta(seconds=seconds)
    until = (clock.now() + life).isoformat()
    return {"id": answer.text(*frame, "id"), "until": until, "described": not image.alt}
