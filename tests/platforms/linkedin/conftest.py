"""A LinkedIn to post on, and pictures to post."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.platforms.linkedin.page import POSTED
from tests.platforms.mastodon.conftest import image  # noqa: F401 - a fixture
from tests.platforms.mastodon.scripted import Said, Scripted


@pytest.fixture
def server() -> Iterator[Scripted]:
    """A LinkedIn that takes every post."""
    started = Scripted()
    started.says("POST /posts", Said(b"", 201, dict(POSTED)))
    yield started
    started.server.close()
