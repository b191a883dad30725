"""A Mastodon to post on, and pictures to post."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from campaign.platforms.base import Image
from tests.making import picture
from tests.platforms.mastodon.scripted import ACCOUNT, MASTODON, MakeImage, Scripted, status


@pytest.fixture
def server() -> Iterator[Scripted]:
    """A Mastodon with one account, on which nothing is posted yet."""
    started = Scripted()
    started.says("GET /api/v1/accounts/verify_credentials", ACCOUNT)
    started.says("GET /api/v2/instance", MASTODON)
    started.says("POST /api/v1/statuses", status())
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
