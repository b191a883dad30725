"""Passes on what needs a person: as a line of the log, and again every day until it is dealt with."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlmodel import Session

from campaign import store
from campaign.app import App, Summary, free_bytes
from campaign.log import tell
from campaign.models import OPEN, REMINDERS, Alert, PostStatus, StoryStatus

REMINDER = timedelta(days=1)
TOO_LATE = timedelta(weeks=1)  # nobody need be asked any longer about a story that expired


Over = Callable[[App, Session, str, timedelta], bool]


def run(app: App) -> Summary:
    """End the alerts whose cause is gone, and tell the others. Told twice after a crash is better than never."""
    now, summary = app.clock.now(), Summary("notify")
    with app.writing() as db:
        for alert in store.open_alerts(db):
            if is_over(app, db, alert):
                store.clear_alert(db, alert.key, now)
                summary.count("over")
            elif is_due(alert, now):
                tell("alert", level=logging.WARNING, key=alert.key, message=alert.message, remedy=alert.remedy)
                alert.told_at = now
                db.add(alert)
                summary.count("told")
    return summary


def is_due(alert: Alert, now: datetime) -> bool:
    """Whether it is time to pass an open alert on: at once, then daily, but for those that have days of their own."""
    if alert.told_at is None:
        return True
    return alert.key.partition(":")[0] not in BY_THE_CALENDAR and now - alert.told_at >= REMINDER


def is_over(app: App, db: Session, alert: Alert) -> bool:
    """Whether the cause of an alert is gone by itself. Most alerts are ended by what a person does about them."""
    kind, _, about = alert.key.partition(":")
    return kind in OVER and OVER[kind](app, db, about, app.clock.now() - alert.raised_at)


def _has_a_yes(_app: App, db: Session, post: str, _age: timedelta) -> bool:
    return _status(db, post) not in (PostStatus.PLANNED, PostStatus.RENDERED)


def _needs_no_rendering(_app: App, db: Session, post: str, _age: timedelta) -> bool:
    return _status(db, post) not in OPEN


def _too_late_to_ask(_app: App, db: Session, uuid: str, age: timedelta) -> bool:
    story = store.story_by_id(db, uuid)
    return story is None or story.status != StoryStatus.QUEUED or age > TOO_LATE


def _unblocked(_app: App, db: Session, channel: str, _age: timedelta) -> bool:
    state = store.channel_state(db, channel)
    return state is None or not state.blocked


def _looked_at(app: App, db: Session, channel: str, age: timedelta) -> bool:
    state, raised_at = store.channel_state(db, channel), app.clock.now() - age
    good = state is not None and state.checked_at is not None and state.checked_at >= raised_at
    return state is None or not state.enabled or good


def _moved_away(app: App, _db: Session, entry: str, _age: timedelta) -> bool:
    return not (app.config.folders.inbox / entry).exists()


def _has_room(app: App, _db: Session, _about: str, _age: timedelta) -> bool:
    return free_bytes(app.config.folders.root) >= app.config.daemon.free_disk


def _clock_is_back(app: App, _db: Session, _about: str, _age: timedelta) -> bool:
    return app.watch.jumped() is None


def _other_than(days: int) -> Over:
    """Whether a reminder that credentials end has had its time: they were renewed, or the next one has come."""

    def is_over(app: App, db: Session, channel: str, _age: timedelta) -> bool:
        state = store.channel_state(db, channel)
        return state is None or not state.enabled or state.reminder(app.clock.now()) != days

    return is_over


BY_THE_CALENDAR = {f"token-{days}": _other_than(days) for days in REMINDERS}
OVER: dict[str, Over] = {  # by the first word of an alert's key: when its cause is gone
    "missed": _has_a_yes,
    "render": _needs_no_rendering,
    "expired": _too_late_to_ask,
    "blocked": _unblocked,
    "login": _looked_at,
    "inbox": _moved_away,
    "disk": _has_room,
    "clock": _clock_is_back,
    **BY_THE_CALENDAR,
}


def _status(db: Session, post: str) -> str:
    found = store.post_by_id(db, post)
    return found.status if found else ""
