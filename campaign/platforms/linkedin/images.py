"""Pictures on their way: a place is asked for, the bytes go there, and LinkedIn is waited for until it has read them.

API: https://learn.microsoft.com/linkedin/marketing/community-management/shares/images-api. Nobody sees a picture that
no post has. The checkpoint keeps the URN of each under "images", by the SHA-256 of its bytes: by it, too, a post is
found again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from campaign.clock import Clock
from campaign.errors import NotSent, Rejected
from campaign.platforms.base import Checkpoint, Image, Outgoing
from campaign.platforms.http import Answer
from campaign.platforms.linkedin.refusals import Gone, of_change
from campaign.platforms.linkedin.urns import quoted

Call = Callable[..., Answer]
Put = Callable[[str, bytes, str], Answer]

POLL = timedelta(seconds=3)
PATIENCE = timedelta(minutes=2)


def pictures_of(item: Outgoing) -> tuple[Image, ...]:
    """Return the pictures that a part needs: its own, else that of its link's preview."""
    shown = (item.preview.image,) if item.preview and item.preview.image else ()
    return item.images or shown


def known(checkpoint: Checkpoint) -> dict[str, str]:
    """Return the URNs of uploaded pictures, by the SHA-256 of their bytes."""
    return dict(checkpoint.get("images") or {})


def urn_of(image: Image, checkpoint: Checkpoint) -> str:
    """Return the URN of a picture.

    Raises:
        NotSent: it was never uploaded.
    """
    try:
        return known(checkpoint)[image.sha256]
    except KeyError:
        raise NotSent("a picture is not on LinkedIn yet") from None


class Uploads:
    """The pictures of one page; `call` asks LinkedIn, `put` brings the bytes to an address that it gave."""

    def __init__(self, organization: str, call: Call, put: Put, clock: Clock) -> None:
        self._organization = organization
        self._call = call
        self._put = put
        self._clock = clock

    def make_ready(self, image: Image, checkpoint: Checkpoint) -> None:
        """Have a picture on LinkedIn, read by it.

        Raises:
            NotSent: it is not ready now, or its file cannot be read.
            Rejected: LinkedIn cannot read it.
        """
        urn = known(checkpoint).get(image.sha256)
        if urn is None or self._state(urn) in ("", "WAITING_UPLOAD"):
            urn = self._upload(image)
            checkpoint.put("images", {**known(checkpoint), image.sha256: urn})
        self._wait(urn, image, checkpoint)

    def _upload(self, image: Image) -> str:
        data, owner = image.approved_bytes(), {"owner": self._organization}
        place = self._call("POST", "/images?action=initializeUpload", json={"initializeUploadRequest": owner})
        self._put(place.text("value", "uploadUrl"), data, image.media_type)
        return place.text("value", "image")

    def _wait(self, urn: str, image: Image, checkpoint: Checkpoint) -> None:
        until = self._clock.now() + PATIENCE
        while (state := self._state(urn)) != "AVAILABLE":
            if state == "PROCESSING_FAILED":
                others = {sha256: kept for sha256, kept in known(checkpoint).items() if kept != urn}
                checkpoint.put("images", others)  # whoever tries again begins with a new one
                raise Rejected(f"LinkedIn cannot read the picture {image.path.name}")
            if self._clock.now() >= until:
                raise NotSent("LinkedIn is still at work on a picture", retry_after=PATIENCE)
            self._clock.sleep(POLL.total_seconds())

    def _state(self, urn: str) -> str:
        """Return how far LinkedIn is with a picture, empty when it knows none of this name any more."""
        try:
            return self._call("GET", f"/images/{quoted(urn)}", judge=of_change).text("status")
        except Gone:
            return ""


def is_safe(address: str, base_url: str) -> bool:
    """Whether the token may go to an address that an answer has named: encrypted, or where all other calls go."""
    return urlsplit(address).scheme == "https" or urlsplit(address).netloc == urlsplit(base_url).netloc


def content_of(item: Outgoing, checkpoint: Checkpoint) -> dict[str, Any]:
    """Return what stands under the words of a post, empty for nothing: pictures, or the card of its link.

    https://learn.microsoft.com/linkedin/marketing/community-management/shares/posts-api#post-types. LinkedIn looks at
    no page itself: what a card shows comes along.
    """
    images = [{"id": urn_of(image, checkpoint), "altText": image.alt} for image in item.images]
    if len(images) > 1:
        return {"content": {"multiImage": {"images": images}}}
    if images:
        return {"content": {"media": images[0]}}
    return {"content": {"article": _card(item, checkpoint)}} if item.preview and item.link else {}


def _card(item: Outgoing, checkpoint: Checkpoint) -> dict[str, str]:
    assert item.preview is not None  # noqa: S101 - the caller has looked
    preview = item.preview
    card = {"source": item.link, "title": preview.title, "description": preview.description}
    thumbnail = urn_of(preview.image, checkpoint) if preview.image else ""
    return {name: value for name, value in {**card, "thumbnail": thumbnail}.items() if value}
