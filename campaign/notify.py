"""Passes on what needs a person: as a line of the log, and again every day until it is dealt with."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from campaign import store
from campaign.app import App, Summary
from campaign.log import tell
from campaign.models import Alert

REMINDER = timedelta(days=1)


def run(app: App) -> Summary:
    """Tell every alert that nobody was told of for a day. Told twice after a crash is better than never."""
    now, summary = app.clock.now(), Summary("notify")
    with app.writing() as db:
        for alert in store.open_alerts(db):
            if is_due(alert, now):
                tell("alert", level=logging.WARNING, key=alert.key, message=alert.message, remedy=alert.remedy)
                alert.told_at = now
                db.add(alert)
                summary.count("told")
    return summary


def is_due(alert: Alert, now: datetime) -> bool:
    """Whether it is time to pass an open alert on: at once, then daily."""
    return alert.told_at is None or now - alert.told_at >= REMINDER
