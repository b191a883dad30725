"""When something is tried or looked at again, and when it is given up. No clock and no database here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from campaign.errors import NotSent

FIRST_WAIT = timedelta(minutes=1)
MAX_WAIT = timedelta(minutes=30)


@dataclass(frozen=True)
class Due:
    """Until when a post may still go out."""

    late_until: datetime  # its slot plus the channel's late window
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Again:
    """Try at this moment, not before."""

    at: datetime


@dataclass(frozen=True)
class Never:
    """No further try from here, and why: the planner or the expiry takes over."""

    reason: str


def next_try(error: NotSent, tries: int, now: datetime, due: Due) -> Again | Never:
    """When a post that was certainly not sent is tried again, after `tries` earlier tries of this part.

    Waits double from one minute up to half an hour; a wait that the platform states wins over ours. Never past
    the late window or the expiry: a post that cannot make it goes back to the planner or expires, which is the
    caller's business.
    """
    wait = _doubled(tries) if error.retry_after is None else error.retry_after
    moment = now + wait
    if due.expires_at is not None and moment >= due.expires_at:
        return Never("it expires before the next try")
    if moment > due.late_until:
        return Never("the next try would be outside its late window")
    return Again(moment)


def next_look(looks: int) -> timedelta:
    """How long to wait before the platform is asked again what became of an unconfirmed part: 1, 2, 4, … 30 minutes."""
    return _doubled(looks)


def _doubled(times: int) -> timedelta:
    """One minute, doubled `times` times, half an hour at most."""
    return min(FIRST_WAIT * (1 << min(times, 10)), MAX_WAIT)  # without the inner bound many tries overflow


MAX_RETURNS = 3
MAX_AGE = timedelta(days=7)


@dataclass(frozen=True)
class Send:
    """The post is inside its late window."""


@dataclass(frozen=True)
class Return:
    """The post goes back to the planner, its approval kept, and why."""

    reason: str


@dataclass(frozen=True)
class Fail:
    """The post is given up, and why."""

    reason: str


def late(
    due_at: datetime, now: datetime, late_window: timedelta, returns: int, first_due: datetime, zone: str
) -> Send | Return | Fail:
    """What becomes of a due post by how late it is.

    Downtime never ends in a burst: past its late window a post gets a new slot instead. `returns` counts how often
    that has happened to it; after three, or seven days after `first_due`, its first due time, it is given up. Reasons
    tell the slot in `zone`.
    """
    if now <= due_at + late_window:
        return Send()
    slot = due_at.astimezone(ZoneInfo(zone))
    missed = f"its slot of {slot:%Y-%m-%d %H:%M %Z} passed more than {_hours(late_window)} ago"
    if returns >= MAX_RETURNS:
        return Fail(f"{missed}, and it had been given a new slot {returns} times")
    if now - first_due > MAX_AGE:
        return Fail(f"{missed}, and it was first due more than {MAX_AGE.days} days ago")
    return Return(missed)


def _hours(length: timedelta) -> str:
    """A length of time as people say it: `2 h`, `1.5 h`, `45 min`."""
    minutes = round(length.total_seconds() / 60)
    return f"{minutes / 60:g} h" if minutes >= 60 else f"{minutes} min"
