"""An X to post on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.platforms.mastodon.scripted import Scripted
from tests.platforms.x.scripted import ME, made


@pytest.fixture
def server() -> Iterator[Scripted]:
    """An X with one account, on which nothing is posted yet."""
    started = Scripted()
    started.says("GET /2/users/me", ME)
    started.says("POST /2/tweets", made(), status=201)
    yield started
    started.server.close()
