"""One pass over the whole route. The route is written here and nowhere else.

    intake → plan → render → approve → publish → measure → accounts → tidy → notify

Stages never call each other; the database stands between them, so each can be run alone and repeated without harm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from campaign import accounts, approve, intake, measure, notify, plan, publish, render, store, tidy
from campaign.app import App, Summary

Stage = Callable[[App], Summary]

BEFORE: tuple[Stage, ...] = (intake.run, plan.run, render.run, approve.run)
AFTER: tuple[Stage, ...] = (measure.run, accounts.run, tidy.run, notify.run)
AT_ANY_TIME: tuple[Stage, ...] = (notify.run,)  # needs no clock that is right
OTHER_STAGES = (*BEFORE, *AFTER)  # publishing has a job of its own per channel in the daemon


def tick(app: App) -> Iterator[Summary]:
    """Run every stage once, publishing on each channel of the config."""
    for stage in BEFORE:
        yield stage(app)
    for channel in app.config.channels:
        yield publish.run(app, channel)
    for stage in AFTER:
        yield stage(app)


def note_time(app: App) -> None:
    """Note that the daemon is alive, for `status`."""
    with app.writing() as db:
        store.note_tick(db, app.clock.now())
