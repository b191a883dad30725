"""Pictures on their way: uploaded once, waited for until the server has processed them.

API: https://docs.joinmastodon.org/methods/media/. `uploads` keeps of each its id,
when it was uploaded, and whether the server is done with it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import quote

from campaign.clock import Clock
from campaign.errors import NotSent
from campaign.platforms import uploads
from campaign.platforms.base import Checkpoint, Image
from campaign.platforms.http import Answer
from campaign.platforms.mastodon.refusals import Missing

Call = Callable[..., Answer]

KEPT = timedelta(hours=20)  # unused ones are dropped after a day: https://docs.joinmastodon.org/admin/tootctl/#media
POLL = timedelta(seconds=2)
PATIENCE = timedelta(minutes=1)


def make_ready(image: Image, checkpoint: Checkpoint, call: Call, clock: Clock) -> None:
    """Have a picture on the server, ready to be attached.

    Raises:
        NotSent: it is not ready now, or its file cannot be read.
        Rejected: the server does not take it.
    """
    handle = uploads.handles(checkpoint).get(image.sha256)
    if handle is None or clock.now() - datetime.fromisoformat(handle["at"]) > KEPT:
        answer = _upload(image, call)
        at = clock.now().isoformat()
        handle = {"id": answer.text("id"), "at": at, "ready": answer.status == 200}  # 202: still to be processed
        uploads.keep(checkpoint, image, handle)
    if not handle["ready"]:
        _wait(handle["id"], call, clock)
        uploads.keep(checkpoint, image, {**handle, "ready": True})


def _upload(image: Image, call: Call) -> Answer:
    file = (image.path.name, image.approved_bytes(), image.media_type)
    for path in ("/api/v2/media", "/api/v1/media"):  # servers older than Mastodon 3.1.3 have the latter only
        try:
            return call("POST", path, files={"file": file}, data={"description": image.alt} if image.alt else None)
        except Missing as missing:
            refusal = missing
    raise refusal


def _wait(media_id: str, call: Call, clock: Clock) -> None:
    """Ask until the server is done: 206 is not yet, 200 is ready, 422 is never."""
    until = clock.now() + PATIENCE
    while True:
        try:
            answer = call("GET", f"/api/v1/media/{quote(media_id, safe='')}")
        except Missing:
            raise NotSent("the server has lost an uploaded picture", forget=("media",)) from None
        if answer.status == 200:
            return
        if clock.now() >= until:
            raise NotSent("the server is still at work on a picture", retry_after=PATIENCE)
        clock.sleep(POLL.total_seconds())
