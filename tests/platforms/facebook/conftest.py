"""A Facebook with one page, and pictures to post there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from campaign.platforms.base import Image
from tests.making import picture
from tests.platforms.facebook.scripted import FEED, PAGE, POST_ID, MakeImage, Scripted, V


@pytest.fixture
def server() -> Iterator[Scripted]:
    """A Facebook with one page, on which nothing is posted yet."""
    started = Scripted()
    started.says(f"GET {V}/{PAGE}", {"id": PAGE, "name": "Moravskoslezský kraj"})
    started.says(FEED, {"id": POST_ID})
    yield started
    started.server.close()


@pytest.fixture
def image(tmp_path: Path) -> MakeImage:
    """Make pictures that differ by their number."""

    def make(n: int = 1, alt: str = "A blue wall.") -> Image:
        data = picture(colour=(40 * n, 90, 160))
        path = tmp_path / f"{n}.jpg"
        path.write_bytes(data)
        return Image(path, hashlib.sha256(data).hexdigest(), "image/jpeg", 640, 360, len(data), alt)

    return make
