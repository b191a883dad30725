"""A channel on the fake platform, and the steps that every test of the protocol takes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from campaign import publish, store
from campaign.app import App
from campaign.config import Config
from campaign.models import Attempt, Post, Snapshot
from campaign.platforms import PLATFORMS
from campaign.rehearsal.clock import VirtualClock
from tests.fakes import Fake, World
from tests.making import fresh

CHANNELS = """
[channels.fake]
platform = "fake"
slots = ["mon-fri 09:00"]
spacing = "4h"
daily_cap = 3

[channels.hand]
platform = "fake"
mode = "by-hand"
slots = ["mon-fri 09:00"]
spacing = "1h"
"""


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """In memory where there is some: the order of the writes counts here, and a disk makes each commit wait."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


@pytest.fixture
def world(config_file: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """The fake platform's side, with a channel `fake` and a by-hand channel `hand` on it."""
    monkeypatch.setitem(PLATFORMS, "fake", "tests.fakes:Fake")
    monkeypatch.setattr(Fake, "world", World(), raising=False)
    config_file.write_text(config_file.read_text() + CHANNELS)
    return Fake.world


@pytest.fixture
def app(world: World, make_app: Callable[..., App]) -> App:
    """The program with the fake channels beside the folder ones."""
    return make_app()


@pytest.fixture
def restart(make_app: Callable[..., App]) -> Callable[[App], App]:
    """Start the program anew after a crash: the old process is gone, and its lock with it."""

    def again(dead: App) -> App:
        assert dead.owner is not None
        dead.owner.release()
        dead.owner = None
        app = make_app()
        assert app.owner is not None
        app.owner.sender = "another:1:1"
        return app

    return again


def work(app: App, *, hours: float = 0.5, channel: str = "fake", step: float = 1) -> None:
    """Let the daemon tick for a while, every `step` minutes."""
    clock = app.clock
    assert isinstance(clock, VirtualClock)
    end = clock.now() + timedelta(hours=hours)
    while clock.now() < end:
        publish.run(app, channel)
        clock.advance(timedelta(minutes=step))
    publish.run(app, channel)


def with_channel(app: App, **values: Any) -> Config:
    """Return the config with other settings of the channel `fake`."""
    channel = replace(app.config.channels["fake"], **values)
    return replace(app.config, channels={**app.config.channels, "fake": channel})


def dense(app: App) -> None:
    """Let the channel `fake` send without spacing, and the same picture again."""
    app.reconfigure(with_channel(app, spacing=timedelta(0), repeat_guard=timedelta(0)))


def measured_at(app: App, post: Post) -> list[datetime]:
    """Return when a post is to be measured."""
    with app.reading() as db:
        found = db.exec(select(Snapshot).where(Snapshot.post == post.uuid).order_by(Snapshot.age)).all()
    return [snapshot.due_at for snapshot in found]


def alerts(app: App) -> list[str]:
    """Return the keys of the open alerts, without the ids in them."""
    with app.reading() as db:
        return [alert.key.partition(":")[0] for alert in store.open_alerts(db)]


def told(app: App, post: Post) -> list[str]:
    """Return what the history tells of a post."""
    with app.reading() as db:
        return [event.what for event in store.events(db, post=post.uuid)]


def outcomes(app: App, post: Post, n: int = 1) -> list[str | None]:
    """Return how the attempts at a part ended."""
    return [attempt.outcome for attempt in attempts(app, post, n)]


def attempts(app: App, post: Post, n: int = 1) -> list[Attempt]:
    """Return the attempts at a part."""
    with app.reading() as db:
        return store.attempts_of(db, store.parts_of(db, post.uuid)[n - 1].uuid)


def reason(app: App, post: Post) -> str:
    """Return what the post says about itself."""
    return fresh(app, post).reason
