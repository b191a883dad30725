"""One `app` fixture for everything: a config file, a database in a temporary folder, a virtual clock, seeded ids.

Tests arrange by it, act by the public way in, and judge from the outside.
"""

from __future__ import annotations

import os
import random
import shutil
import uuid
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import settings

from campaign import owner
from campaign.app import App
from campaign.config import Config, load, revealed
from campaign.db import Database
from campaign.log import LOGGER, Secrets
from campaign.rehearsal.clock import VirtualClock

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)
settings.register_profile("campaign", deadline=None)  # a property is about answers; on a busy machine it may take long
settings.load_profile("campaign")

MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

CONFIG = """
[campaign]
name = "Automotive Regions"
zone = "Europe/Brussels"
utm = "regions"

[regions.moravia-silesia]
name = { en = "Moravia-Silesia", cs = "Moravskoslezský kraj" }
country = "CZ"
zone = "Europe/Prague"
hashtags = ["MoraviaSilesia"]

[regions.portugal]
name = { en = "Portugal", pt = "Portugal" }
country = "PT"
zone = "Europe/Lisbon"

[regions.asa]
name = "Automotive Skills Alliance"
network = true
share = 0.25

[funders.eu]
name = "European Union"
emblem = "eu"
statement = { en = "Co-funded by the European Union", cs = "Spolufinancováno Evropskou unií" }

[projects.trireme]
name = "TRIREME"
funders = ["eu"]

[channels.news]
platform = "folder"
folder = "published/news"
title = "Regions"
slots = ["mon-fri 09:00"]

[channels.kraj]
platform = "folder"
folder = "published/kraj"
language = "cs"
languages = ["en"]
zone = "Europe/Prague"
slots = ["tue 10:00", "thu 10:00"]

[people.anna]
name = "Anna Dvořáková"
login = "anna"
approves = ["everything"]

[people.joao]
name = "João Conceição"
login = "joao"
approves = ["portugal"]
"""


def seeded_ids(seed: int = 1) -> Callable[[], str]:
    """Return a source of UUIDs that is the same in every run."""
    source = random.Random(seed)  # noqa: S311 - repeatable, not secret
    return lambda: str(uuid.UUID(int=source.getrandbits(128), version=4))


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(MONDAY)


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    """A small config that tests may append to before they ask for `app`."""
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def config_with(config_file: Path) -> Callable[[str], Config]:
    """Read the config with more at its end."""

    def read(more: str) -> Config:
        config_file.write_text(CONFIG + more)
        return load(config_file, os.environ)

    return read


@pytest.fixture(scope="session")
def blank_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database of the present schema: migrating once for all tests saves most of their time."""
    path = tmp_path_factory.mktemp("blank") / "campaign.db"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    database.close()
    return path


@pytest.fixture
def make_app(config_file: Path, clock: VirtualClock, blank_database: Path) -> Iterator[Callable[..., App]]:
    """Build Apps on the same config and database, as several starts of the program would."""
    made: list[App] = []

    def build(*, owns: bool = True, who: str = "anna", seed: int = 1) -> App:
        config = load(config_file, os.environ)
        app = App(config, Database(revealed(config.database)), clock, new_id=seeded_ids(seed + len(made)), who=who)
        if app.db.file is not None and not app.db.file.exists():
            shutil.copyfile(blank_database, app.db.file)
        app.db.upgrade()
        app.sync_channels()
        if owns:
            app.owner = owner.own(app.db)
        made.append(app)
        return app

    yield build
    for app in made:
        if app.owner is not None:
            app.owner.release()
        app.db.close()


@pytest.fixture
def app(make_app: Callable[..., App]) -> App:
    """The program with two folder channels, at Monday 2026-03-02 09:00 in Brussels, owning its channels."""
    return make_app()


@pytest.fixture(autouse=True)
def _quiet_log(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test is a process of its own: it knows no secret of another, and logs nowhere."""
    monkeypatch.setattr("campaign.log.KNOWN", Secrets())
    yield
    LOGGER.handlers = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what may take longest, so that no worker is left alone with it; the rest stays in random order.

    What publishes to real servers stays together, so that as few workers as can be start some.
    """
    items.sort(key=lambda item: (_seconds(item), item.path.name.startswith("test_real_")), reverse=True)


def _seconds(item: pytest.Item) -> float:
    """Return how long a test says that it may take, 0 where it says nothing."""
    marker = item.get_closest_marker("timeout")
    return float(marker.args[0]) if marker else 0.0


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _nothing_skipped((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _nothing_skipped((yield))


def _nothing_skipped(report: Report) -> Report:
    """With CI=true, turn a skip into a failure: what was not looked at must not pass. An expected failure is none."""
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI") == "true":
        why = report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid}: nothing may be skipped with CI=true. {why}"
    return report
