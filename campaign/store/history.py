"""Queries about what happened (events), what needs a person (alerts), and single values (meta)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Update, bindparam, insert, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from campaign.models import Alert, Event, Meta

LAST_TICK = "daemon.tick"  # key in `meta`


NEWS = insert(Event)


def record_event(
    db: Session,
    *,
    at: datetime,
    who: str,
    what: str,
    story: str | None = None,
    post: str | None = None,
    channel: str | None = None,
    note: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Add a line to the history, in the transaction that does what it tells."""
    told = {"at": at, "who": who, "what": what, "story": story, "post": post, "channel": channel, "note": note}
    db.flush()
    db.connection().execute(NEWS, told | {"before": dict(before or {}), "after": dict(after or {})})


def events(
    db: Session,
    *,
    what: str | None = None,
    story: str | None = None,
    post: str | None = None,
    note: str | None = None,
    since: datetime | None = None,
    last: int | None = None,
) -> list[Event]:
    """Return events, oldest first; with `last`, only that many of the newest."""
    statement = select(Event).order_by(col(Event.id).desc())
    for column, wanted in ((Event.what, what), (Event.story, story), (Event.post, post), (Event.note, note)):
        if wanted is not None:
            statement = statement.where(column == wanted)
    if since is not None:
        statement = statement.where(col(Event.at) >= since)
    if last is not None:
        statement = statement.limit(last)
    return list(reversed(db.exec(statement).all()))


def raise_alert(
    db: Session,
    *,
    key: str,
    message: str,
    at: datetime,
    new_id: Callable[[], str],
    remedy: str = "",
    post: str | None = None,
    channel: str | None = None,
) -> bool:
    """Ask for a person, once per key until it is cleared; say whether this is news."""
    if db.exec(select(Alert).where(Alert.key == key, col(Alert.cleared_at).is_(None))).first():
        return False
    alert = Alert(uuid=new_id(), key=key, message=message, remedy=remedy, post=post, channel=channel, raised_at=at)
    try:
        with db.begin_nested():  # on PostgreSQL another daemon may raise the same alert meanwhile
            db.add(alert)
            db.flush()
    except IntegrityError:
        return False
    return True


@cache
def ending(keys: int) -> Update:
    """Return the statement that ends the open alerts of so many keys."""
    return (
        update(Alert)
        .where(col(Alert.key).in_([bindparam(f"key_{n}") for n in range(keys)]), col(Alert.cleared_at).is_(None))
        .values(cleared_at=bindparam("at", type_=Alert.raised_at.type))  # type: ignore[attr-defined]  # a column has one
    )


def clear_alert(db: Session, keys: str | Iterable[str], at: datetime) -> None:
    """End open alerts: what they asked for was done or is no longer needed."""
    wanted = [keys] if isinstance(keys, str) else list(keys)
    found = {f"key_{n}": key for n, key in enumerate(wanted)}
    db.flush()
    db.connection().execute(ending(len(wanted)), found | {"at": at})


def open_alerts(db: Session) -> list[Alert]:
    """Return what needs a person, oldest first."""
    statement = select(Alert).where(col(Alert.cleared_at).is_(None))
    return list(db.exec(statement.order_by(col(Alert.raised_at), Alert.uuid)).all())


def alerts_since(db: Session, moment: datetime) -> list[Alert]:
    """Return what a person was asked from a moment on, oldest first, whether it is over by now or not."""
    statement = select(Alert).where(col(Alert.raised_at) >= moment)
    return list(db.exec(statement.order_by(col(Alert.raised_at), Alert.uuid)).all())


def meta(db: Session, key: str) -> str | None:
    """Return a single value of the installation."""
    found = db.get(Meta, key)
    return found.value if found else None


def set_meta(db: Session, key: str, value: str) -> None:
    """Store a single value of the installation."""
    db.merge(Meta(key=key, value=value))
    db.flush()


def note_tick(db: Session, at: datetime) -> None:
    """Note that a pass over the stages ended: the program is alive."""
    set_meta(db, LAST_TICK, at.isoformat())


def last_tick(db: Session) -> datetime | None:
    """Return when the last pass over the stages ended, None when there was none yet."""
    stored = meta(db, LAST_TICK)
    return datetime.fromisoformat(stored) if stored else None
