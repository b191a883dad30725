"""A Bot API to call, and pictures to send."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.platforms.mastodon.conftest import image
from tests.platforms.mastodon.scripted import Scripted
from tests.platforms.telegram.bot import Api, message

__all__ = ["image"]


@pytest.fixture
def server() -> Iterator[Scripted]:
    started = Scripted()
    yield started
    started.server.close()


@pytest.fixture
def api(server: Scripted) -> Api:
    """One that takes every text."""
    api = Api(server)
    api.says("sendMessage", message())
    return api
