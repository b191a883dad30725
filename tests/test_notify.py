"""Alerts reach the log once, and again every day until somebody has dealt with them."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest

from campaign import log, notify, store
from campaign.app import App
from campaign.models import PostStatus, StoryStatus
from campaign.rehearsal.clock import VirtualClock
from tests.making import make_post, make_story


@pytest.fixture
def lines(clock: VirtualClock) -> io.StringIO:
    stream = io.StringIO()
    log.set_up("json", clock, stream=stream)
    return stream


def told(lines: io.StringIO) -> list[str]:
    return [line for line in lines.getvalue().splitlines() if json.loads(line)["event"] == "alert"]


def test_an_alert_is_told_once_with_its_remedy(app: App, lines: io.StringIO) -> None:
    with app.writing() as db:
        app.alert(db, "unconfirmed:3fa2", "it may be live", remedy="campaign post resolve 3fa2")

    first, second = notify.run(app), notify.run(app)

    assert (str(first), str(second)) == ("notify: 1 told", "notify: nothing to do")
    assert [json.loads(line) for line in told(lines)] == [
        {
            "at": "2026-03-02T08:00:00+00:00",
            "event": "alert",
            "key": "unconfirmed:3fa2",
            "message": "it may be live",
            "remedy": "campaign post resolve 3fa2",
        }
    ]


def test_an_alert_that_stays_open_is_told_again_every_day(app: App, clock: VirtualClock, lines: io.StringIO) -> None:
    with app.writing() as db:
        app.alert(db, "unconfirmed:3fa2", "it may be live")

    for _ in range(49):  # hours 0 to 48
        notify.run(app)
        clock.advance(timedelta(hours=1))

    assert [json.loads(line)["at"] for line in told(lines)] == [
        "2026-03-02T08:00:00+00:00",
        "2026-03-03T08:00:00+00:00",
        "2026-03-04T08:00:00+00:00",
    ]


def test_a_cleared_alert_is_not_told(app: App, clock: VirtualClock, lines: io.StringIO) -> None:
    with app.writing() as db:
        app.alert(db, "unconfirmed:3fa2", "it may be live")
        store.clear_alert(db, "unconfirmed:3fa2", clock.now())

    assert not notify.run(app).did_something
    assert told(lines) == []


def open_after(app: App, *keys: str) -> list[str]:
    """Raise alerts, let `notify` pass, and return which are still open."""
    with app.writing() as db:
        for key in keys:
            app.alert(db, key, "something")
    notify.run(app)
    with app.reading() as db:
        return [alert.key for alert in store.open_alerts(db)]


def test_what_was_approved_or_rendered_at_last_asks_for_nobody(app: App) -> None:
    waits, said_yes = make_post(app, status=PostStatus.RENDERED), make_post(app, make_story(app, "b"), channel="kraj")
    over = make_post(app, make_story(app, "c"), status=PostStatus.CANCELLED)

    assert open_after(app, *(f"missed:{post.uuid}" for post in (waits, said_yes, over))) == [f"missed:{waits.uuid}"]
    assert open_after(app, f"render:{over.uuid}", f"render:{waits.uuid}", "render:gone") == [
        f"missed:{waits.uuid}",
        f"render:{waits.uuid}",
    ]


def test_an_expired_story_is_asked_about_for_a_week_unless_it_was_taken_back(app: App, clock: VirtualClock) -> None:
    lost, back = make_story(app), make_story(app, "b", status=StoryStatus.WITHDRAWN)
    assert open_after(app, f"expired:{lost.uuid}", f"expired:{back.uuid}", "expired:gone") == [f"expired:{lost.uuid}"]

    clock.advance(timedelta(days=7, minutes=1))
    assert open_after(app) == []


def test_a_channel_that_was_mended_asks_for_nobody(app: App) -> None:
    def block(why: str) -> None:
        with app.writing() as db:
            state = store.channel_state(db, "news")
            assert state is not None
            state.blocked = why
            db.add(state)

    block("its token is dead")
    assert open_after(app, "blocked:news", "blocked:gone") == ["blocked:news"]
    block("")
    assert open_after(app) == []


def test_credentials_that_are_good_again_ask_for_nobody(app: App, clock: VirtualClock) -> None:
    def change(**values: object) -> None:
        with app.writing() as db:
            state = store.channel_states(db)["news"]
            for name, value in values.items():
                setattr(state, name, value)
            db.add(state)

    change(checked_at=clock.now())
    clock.advance(timedelta(hours=1))
    assert open_after(app, "login:news", "login:gone") == ["login:news"]
    change(checked_at=clock.now())
    assert open_after(app) == []

    clock.advance(timedelta(hours=1))
    assert sorted(open_after(app, "login:news", "login:kraj")) == ["login:kraj", "login:news"]
    change(enabled=False)
    assert open_after(app) == ["login:kraj"]


def test_an_entry_that_was_moved_away_and_a_machine_that_is_well_ask_for_nobody(app: App, clock: VirtualClock) -> None:
    entry = app.config.folders.inbox / "stuck"
    entry.mkdir(parents=True)
    clock.jump(timedelta(hours=1))
    assert sorted(open_after(app, "inbox:stuck", "disk", "clock", "config")) == ["clock", "config", "inbox:stuck"]

    entry.rmdir()
    clock.jump(-timedelta(hours=1))
    assert open_after(app) == ["config"]
