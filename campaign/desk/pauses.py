"""A region, a channel or everything at rest."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from campaign import store
from campaign.app import App
from campaign.errors import UsageError
from campaign.models import Pause, PauseScope, what_rests


def pause(app: App, db: Session, scope: PauseScope, key: str, until: datetime | None, reason: str) -> None:
    """Let something rest until a time, or until somebody resumes it. A new pause of the same replaces the old.

    Raises:
        UsageError: that time is past.
    """
    now = app.clock.now()
    if until is not None and until <= now:
        raise UsageError("the end of the pause is past", remedy='Write for example: --until "mon 09:00"')
    store.set_pause(db, Pause(scope=str(scope), key=key, until=until, reason=reason, who=app.who, since=now))
    after = {"scope": str(scope), "key": key, "until": until.isoformat() if until else ""}
    app.event(db, "pause.began", channel=_channel(scope, key), note=f"{what_rests(scope, key)}: {reason}", after=after)


def resume(app: App, db: Session, scope: PauseScope, key: str) -> Pause:
    """End a pause and return it.

    Raises:
        UsageError: nothing of that name is paused.
    """
    ended = store.clear_pause(db, scope, key)
    if ended is None and scope is PauseScope.ALL and (hold := store.held(db)):
        raise UsageError(f"everything is held, not paused: {hold.reason}", remedy="Lift it: campaign adopt")
    if ended is None:
        paused = [what_rests(each.scope, each.key) for each in store.pauses(db, app.clock.now())]
        remedy = f"Paused: {', '.join(paused)}." if paused else "Nothing is paused."
        raise UsageError(f"{what_rests(scope, key)} is not paused", remedy=remedy)
    app.event(db, "pause.ended", channel=_channel(scope, key), note=what_rests(scope, key))
    return ended


def _channel(scope: PauseScope, key: str) -> str | None:
    return key if scope is PauseScope.CHANNEL else None
