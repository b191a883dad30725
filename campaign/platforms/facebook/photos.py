"""Pictures on their way: uploaded where nobody sees them, shown by the post that names them.

API: https://developers.facebook.com/docs/graph-api/reference/page/photos. `uploads` keeps of each its id, and when it
was uploaded.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from campaign.clock import Clock
from campaign.platforms import uploads
from campaign.platforms.base import Checkpoint, Image
from campaign.platforms.http import Answer

KEPT = timedelta(hours=20)  # our own choice: what no post shows is dropped after a day or so, as far as is known

Upload = Callable[..., Answer]


def make_ready(image: Image, checkpoint: Checkpoint, upload: Upload, clock: Clock) -> None:
    """Have a picture at Facebook, with its alt text, ready to be shown.

    Raises:
        NotSent: it could not be uploaded, or its file cannot be read.
        Rejected: Facebook does not take it.
    """
    handle = uploads.handles(checkpoint).get(image.sha256)
    if handle and clock.now() - datetime.fromisoformat(handle["at"]) <= KEPT:
        return
    at = clock.now().isoformat()
    answer = upload(
        files={"source": (image.path.name, image.approved_bytes(), image.media_type)},
        data={"published": "false", **({"alt_text_custom": image.alt} if image.alt else {})},
    )
    uploads.keep(checkpoint, image, {"id": answer.text("id"), "at": at})
