"""What happened, what needs a person, and single values."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from campaign import store
from campaign.app import App
from campaign.db import Database
from campaign.models import Alert

pytest_plugins = ["tests.postgres"]

HOUR = timedelta(hours=1)


def test_events_are_told_in_the_order_in_which_they_were_recorded(app: App) -> None:
    now = app.clock.now()
    with app.writing() as db:
        for hours, what in ((2, "one"), (0, "two"), (1, "three")):  # a clock that was set back changes nothing
            store.record_event(db, at=now + hours * HOUR, who="anna", what=what)

    with app.reading() as db:
        assert [event.what for event in store.events(db)] == ["one", "two", "three"]
        assert [event.what for event in store.events(db, last=2)] == ["two", "three"]
        assert [event.what for event in store.events(db, since=now + HOUR)] == ["one", "three"]
        assert [event.what for event in store.events(db, since=now + HOUR, last=1)] == ["three"]
        assert [event.what for event in store.events(db, last=0)] == []


def test_events_are_found_by_what_they_are_about(app: App) -> None:
    now = app.clock.now()
    with app.writing() as db:
        for what, story, post, note in (("a", "s", "p", "n"), ("a", "s", None, ""), ("b", "s", "p", "m")):
            store.record_event(db, at=now, who="anna", what=what, story=story, post=post, note=note)

    with app.reading() as db:
        assert len(store.events(db, what="a")) == len(store.events(db, post="p")) == 2
        assert len(store.events(db, story="s")) == 3
        assert len(store.events(db, what="a", post="p", note="n")) == 1
        assert store.events(db, note="") == store.events(db, what="a")[1:]


def test_an_event_keeps_what_was_before_and_after(app: App) -> None:
    with app.writing() as db:
        store.record_event(
            db,
            at=app.clock.now(),
            who="anna",
            what="post.moved",
            channel="news",
            before={"slot": "09:00"},
            after={"slot": None, "notes": ["příliš pozdě"]},
        )
        store.record_event(db, at=app.clock.now(), who="anna", what="plain")

    with app.reading() as db:
        moved, plain = store.events(db)
    assert (moved.before, moved.after) == ({"slot": "09:00"}, {"slot": None, "notes": ["příliš pozdě"]})
    assert (moved.channel, moved.at, plain.before, plain.after) == ("news", app.clock.now(), {}, {})


def raise_it(app: App, key: str, message: str = "Look.", *, hours: float = 0) -> bool:
    with app.writing() as db:
        at = app.clock.now() + hours * HOUR
        return store.raise_alert(
            db, key=key, message=message, remedy="Do.", post="p", channel="news", at=at, new_id=app.new_id
        )


def test_a_person_is_asked_once_until_it_is_done(app: App) -> None:
    assert raise_it(app, "unconfirmed:p", "first")
    assert not raise_it(app, "unconfirmed:p", "again")
    with app.writing() as db:
        assert [alert.message for alert in store.open_alerts(db)] == ["first"]
        store.clear_alert(db, "unconfirmed:p", app.clock.now() + HOUR)
        store.clear_alert(db, "unconfirmed:p", app.clock.now() + 2 * HOUR)
    assert raise_it(app, "unconfirmed:p", "second")

    with app.reading() as db:
        (alert,) = store.open_alerts(db)
        assert (alert.message, alert.remedy, alert.post, alert.channel) == ("second", "Do.", "p", "news")
        ended = db.exec(select(Alert).where(col(Alert.cleared_at).is_not(None))).one()
        assert (ended.message, ended.cleared_at) == ("first", app.clock.now() + HOUR)


def test_alerts_come_oldest_first_and_only_those_named_are_cleared(app: App) -> None:
    for key, hours in (("c", 2), ("a", 3), ("b", 1), ("d", 4)):
        assert raise_it(app, key, hours=hours)

    with app.writing() as db:
        assert [alert.key for alert in store.open_alerts(db)] == ["b", "c", "a", "d"]
        store.clear_alert(db, iter(["a", "b", "unknown"]), app.clock.now())
        store.clear_alert(db, [], app.clock.now())
    with app.reading() as db:
        assert [alert.key for alert in store.open_alerts(db)] == ["c", "d"]


def test_a_single_value_is_replaced(app: App) -> None:
    with app.reading() as db:
        assert store.meta(db, "key") is None
    for value in ("one", "two"):
        with app.writing() as db:
            store.set_meta(db, "key", value)
            assert store.meta(db, "key") == value

    with app.reading() as db:
        assert (store.meta(db, "key"), store.meta(db, "other")) == ("two", None)


def test_the_last_tick_is_a_moment(app: App) -> None:
    with app.reading() as db:
        assert store.last_tick(db) is None
    for hours in (0, 1):
        with app.writing() as db:
            store.note_tick(db, app.clock.now() + hours * HOUR)
    with app.reading() as db:
        assert store.last_tick(db) == app.clock.now() + HOUR


def test_two_daemons_that_raise_the_same_alert_at_once_raise_it_once(on_postgres: Database) -> None:
    now, ids = datetime(2026, 3, 2, tzinfo=UTC), iter("ab")

    def alarm(db: Session) -> bool:
        return store.raise_alert(db, key="config", message="wrong", at=now, new_id=lambda: next(ids))

    def second() -> bool:
        with on_postgres.writing() as db:
            return alarm(db)

    with ThreadPoolExecutor(1) as other:
        with on_postgres.writing() as db:
            assert alarm(db)
            waiting = other.submit(second)  # which does not see the first, and waits for it at the index
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.5)
        assert waiting.result(timeout=10) is False
    with on_postgres.reading() as db:
        assert len(store.open_alerts(db)) == 1
