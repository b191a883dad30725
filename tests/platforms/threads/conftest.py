"""A Threads to post on, and pictures to post."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.platforms.contained import ACCOUNT, CONTAINER, MEDIA
from tests.platforms.mastodon.conftest import image
from tests.platforms.mastodon.scripted import Scripted

__all__ = ["image"]
V = "/v1.0"


@pytest.fixture
def server() -> Iterator[Scripted]:
    """A profile on which nothing is posted yet."""
    started = Scripted()
    started.says(f"POST {V}/{ACCOUNT}/threads", {"id": CONTAINER})
    started.says(f"GET {V}/{CONTAINER}", {"status": "FINISHED", "id": CONTAINER})
    limit = {
        "quota_usage": 4,
        "config": {"quota_total": 250, "quota_duration": 86400},
        "reply_quota_usage": 17,
        "reply_config": {"quota_total": 1000, "quota_duration": 86400},
    }
    started.says(f"GET {V}/{ACCOUNT}/threads_publishing_limit", {"data": [limit]})
    started.says(f"POST {V}/{ACCOUNT}/threads_publish", {"id": MEDIA})
    yield started
    started.server.close()
