"""Alerts reach the log once, and again every day until somebody has dealt with them."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest

from campaign import log, notify, store
from campaign.app import App
from campaign.rehearsal.clock import VirtualClock


@pytest.fixture
def lines(clock: VirtualClock) -> io.StringIO:
    stream = io.StringIO()
    log.set_up("json", clock, stream=stream)
    return stream


def told(lines: io.StringIO) -> list[str]:
    return [line for line in lines.getvalue().splitlines() if json.loads(line)["event"] == "alert"]


def test_an_alert_is_told_once_with_its_remedy(app: App, lines: io.StringIO) -> None:
    with app.writing() as db:
        app.alert(db, "blocked:news", "channel news: its token is dead", remedy="campaign channel login news")

    first, second = notify.run(app), notify.run(app)

    assert (str(first), str(second)) == ("notify: 1 told", "notify: nothing to do")
    assert [json.loads(line) for line in told(lines)] == [
        {
            "at": "2026-03-02T08:00:00+00:00",
            "event": "alert",
            "key": "blocked:news",
            "message": "channel news: its token is dead",
            "remedy": "campaign channel login news",
        }
    ]


def test_an_alert_that_stays_open_is_told_again_every_day(app: App, clock: VirtualClock, lines: io.StringIO) -> None:
    with app.writing() as db:
        app.alert(db, "blocked:news", "channel news: its token is dead")

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
        app.alert(db, "blocked:news", "channel news: its token is dead")
        store.clear_alert(db, "blocked:news", clock.now())

    assert not notify.run(app).did_something
    assert told(lines) == []
