"""The real servers as fixtures: `pytest_plugins = ["tests.realservers.fixtures"]`.

Each is started when a test first asks for it, once per test process, and serves all tests of it: a test makes accounts
of its own and counts on nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.realservers.mastodon import Mastodon, mastodon_is_installed, running_mastodon
from tests.realservers.pds import Pds, pds_is_installed, running_pds

if TYPE_CHECKING:
    from tests.postgres import Postgres

pytest_plugins = ["tests.postgres"]


@pytest.fixture(scope="session")
def pds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pds]:
    """A Bluesky PDS that counts nothing: it has no AppView."""
    _needs_pds()
    with running_pds(tmp_path_factory.mktemp("pds")) as server:
        yield server


@pytest.fixture(scope="session")
def appview(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[Pds]:
    """Another PDS, followed by an AppView at `appview_url`, which counts likes, reposts and replies."""
    _needs_pds()
    with postgres.database(empty=True) as url:
        plain = url.replace("postgresql+psycopg:", "postgresql:")
        with running_pds(tmp_path_factory.mktemp("appview"), postgres_url=plain) as server:
            yield server


@pytest.fixture(scope="session")
def mastodon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mastodon]:
    """A server with the API of Mastodon."""
    if not mastodon_is_installed():
        pytest.skip("no mastodon_mock to test with: make realservers")
    with running_mastodon(tmp_path_factory.mktemp("mastodon")) as server:
        yield server


def _needs_pds() -> None:
    if not pds_is_installed():
        pytest.skip("no Bluesky PDS to test with: make realservers")
