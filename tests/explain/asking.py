"""What the tests of `why`, `status` and `log` share: rows to begin with, and the question."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from campaign import store
from campaign.app import App
from campaign.explain import why
from campaign.models import ChannelState, Pause, PauseScope, Post, Story
from tests.making import make_story

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def told(app: App, post: Post) -> list[str]:
    """Return what `why` says of a post, its id written as ID."""
    return [line.replace(post.uuid[:8], "ID") for line in why(app, post.uuid)]


def set_state(app: App, channel: str, **values: object) -> None:
    with app.writing() as db:
        state = db.get(ChannelState, channel)
        assert state is not None
        for name, value in values.items():
            setattr(state, name, value)
        db.add(state)


def set_pause(app: App, scope: PauseScope, key: str, until: datetime | None = None) -> None:
    with app.writing() as db:
        pause = Pause(scope=str(scope), key=key, until=until, reason="elections", who="anna", since=app.clock.now())
        store.set_pause(db, pause)


def a_story(app: App, **values: object) -> Story:
    return make_story(app, **{"handed_by": "region", **values})
