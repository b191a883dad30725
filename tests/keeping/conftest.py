"""A campaign with a channel on the fake platform, whose daemon stops, and starts again on what lies in the file."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from campaign import keeping, publish, store
from campaign.app import App
from campaign.models import Post
from campaign.rehearsal.clock import VirtualClock
from tests.fakes import World
from tests.making import make_post, make_story
from tests.publish.conftest import tmp_path, world

__all__ = ["tmp_path", "world"]
HOURS = timedelta(hours=1)
Start = Callable[[], App]
Stop = Callable[[App], None]


def file_of(app: App) -> Path:
    """Return where a daemon's database lies."""
    assert app.db.file is not None
    return app.db.file


@pytest.fixture
def app(world: World, make_app: Callable[..., App]) -> App:
    """A daemon at work on folder channels and the fake one, which takes posts without spacing."""
    app = make_app()
    started(app)
    return app


@pytest.fixture
def start(make_app: Callable[..., App]) -> Callable[[], App]:
    """Start the daemon anew."""
    return lambda: started(make_app())


def started(app: App) -> App:
    """Let a daemon begin, with channels that send without spacing, and the same picture again."""
    dense = {
        key: replace(channel, spacing=timedelta(0), repeat_guard=timedelta(0), daily_cap=9)
        for key, channel in app.config.channels.items()
    }
    app.reconfigure(replace(app.config, channels=dense))
    keeping.wake(app)
    return app


@pytest.fixture
def stop() -> Callable[[App], None]:
    """Stop a daemon."""

    def end(app: App) -> None:
        assert app.owner is not None
        app.owner.release()
        app.owner = None
        app.db.close()

    return end


def post_of(app: App, n: int, *, due_in: timedelta = timedelta(0), channel: str = "fake", parts: int = 1) -> Post:
    """Store an approved post of a story of its own."""
    slug = f"story-{n}"
    return make_post(app, make_story(app, slug), channel=channel, text=f"Text {n}.", due_in=due_in, parts=parts)


def tick(app: App, channel: str = "fake", *, minutes: float = 60) -> None:
    """Let a daemon work for a while, as its jobs do."""
    clock = app.clock
    assert isinstance(clock, VirtualClock)
    for _ in range(int(minutes)):
        publish.run(app, channel)
        with app.writing() as db:
            store.note_tick(db, clock.now())
        clock.advance(timedelta(minutes=1))


def adopt(app: App) -> None:
    with app.writing() as db:
        keeping.adopt(app, db)


def is_held(app: App) -> bool:
    with app.reading() as db:
        return store.held(db) is not None


def put_back(copy: Path, file: Path) -> None:
    """Put a copy in a file's place, as `tar` or `cp` after `mv` would: it is another file."""
    beside = file.with_suffix(".new")
    shutil.copyfile(copy, beside)
    beside.replace(file)


def drop(file: Path) -> None:
    """Lose a database."""
    file.unlink()
