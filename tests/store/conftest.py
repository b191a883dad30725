"""The program on each kind of database in turn: a query that only one of them understands does not pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaign.app import App
from campaign.config import load
from campaign.db import Database
from campaign.rehearsal.clock import VirtualClock
from tests.conftest import seeded_ids


@pytest.fixture
def app(config_file: Path, clock: VirtualClock, database: Database) -> App:
    """The program with its channels, at Monday 2026-03-02 09:00 in Brussels."""
    app = App(load(config_file, {}), database, clock, new_id=seeded_ids(), who="anna")
    app.sync_channels()
    return app
