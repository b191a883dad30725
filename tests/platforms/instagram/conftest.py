"""An Instagram to post on, and pictures to post."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.platforms.contained import ACCOUNT, CONTAINER, MEDIA
from tests.platforms.mastodon.conftest import image
from tests.platforms.mastodon.scripted import Scripted

__all__ = ["image"]
V = "/v26.0"


@pytest.fixture
def server() -> Iterator[Scripted]:
    """An account on which nothing is posted yet."""
    started = Scripted()
    started.says(f"POST {V}/{ACCOUNT}/media", {"id": CONTAINER})
    started.says(f"GET {V}/{CONTAINER}", {"status_code": "FINISHED", "status": "Finished: …", "id": CONTAINER})
    limit = {"data": [{"quota_usage": 2, "config": {"quota_total": 50, "quota_duration": 86400}}]}
    started.says(f"GET {V}/{ACCOUNT}/content_publishing_limit", limit)
    started.says(f"POST {V}/{ACCOUNT}/media_publish", {"id": MEDIA})
    yield started
    started.server.close()
