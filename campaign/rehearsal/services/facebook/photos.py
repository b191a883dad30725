"""Uploaded pictures, until a post shows them. https://developers.facebook.com/docs/graph-api/reference/page/photos"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaign.rehearsal.services.facebook.rules import not_there, only, refused
from campaign.rehearsal.transport import Call

KEPT = timedelta(days=1)  # what no post shows; nobody says how long
LARGEST = 4 * 1024**2  # error 1366046
MOST = 10  # in a post; nobody says how many
BEGINS = (b"\xff\xd8\xff", b"\x89PNG")


@dataclass
class Photo:
    """One picture."""

    id: str
    alt: str
    at: datetime
    story: str = ""  # the post that shows it


class Photos:
    """All pictures of the page."""

    def __init__(self) -> None:
        self._all: dict[str, Photo] = {}

    def take(self, id: str, call: Call) -> Photo:
        """Take a picture in, where nobody sees it.

        Raises:
            Refused: it is not taken.
        """
        fields, files = call.form()
        only(fields, {"published", "alt_text_custom"})
        only(files, {"source"})
        file = files.get("source")
        if file is None or not file.data.startswith(BEGINS):
            raise refused(324, "Missing or invalid image file")
        if len(file.data) > LARGEST:
            raise refused(100, "Your photos couldn't be uploaded. They should be less than 4 MB.", 1366046)
        if fields.get("published") != "false":
            raise refused(100, "In this simulation nothing is published by its upload")
        self._all[id] = Photo(id, fields.get("alt_text_custom", ""), call.at)
        return self._all[id]

    def get(self, id: str, now: datetime) -> Photo:
        """Return a picture.

        Raises:
            Refused: there is none, or none any more.
        """
        found = self._all.get(id)
        if found is None or (not found.story and now - found.at >= KEPT):
            raise not_there(id)
        return found

    def to_show(self, ids: Sequence[str], now: datetime) -> list[Photo]:
        """Return pictures that a new post may show.

        Raises:
            Refused: one of them may not be shown.
        """
        if len(ids) > MOST:
            raise refused(100, f"Only {MOST} photos may be attached")
        found = [self.get(id, now) for id in ids]
        if any(photo.story for photo in found):
            raise refused(100, "These photos were already posted.", 1366051)
        return found

    def drop(self, story: str) -> None:
        """Remove the pictures of a post that was taken down."""
        self._all = {id: photo for id, photo in self._all.items() if photo.story != story}
