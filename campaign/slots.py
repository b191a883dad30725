"""When a channel posts: weekly local times turned into moments, and the times that people type.

A slot is written once, in local time, and keeps that identity whatever the clocks do. Nothing here reads
the clock or decides what goes into a slot; that is `fairness`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from campaign.config.words import Blackout, WeeklySlot

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Slot:
    """One moment at which a channel posts. Its identity is the channel, the local date and the time as written."""

    channel: str
    day: date
    at: time
    due_at: datetime = field(compare=False)  # UTC; a new edition of the zone rules may move it, and it is the same slot


def resolve(day: date, at: time, zone: str) -> datetime:
    """Return the moment, in UTC, of a wall-clock time in `zone`.

    A time that the clocks skip moves forward by what they skip (02:30 becomes 03:30); a time that comes twice
    means the first. That is what `fold=0` stands for: https://peps.python.org/pep-0495/

    Raises:
        zoneinfo.ZoneInfoNotFoundError: there is no such zone.
    """
    return datetime.combine(day, at.replace(fold=0), ZoneInfo(zone)).astimezone(UTC)


def upcoming(
    channel: str,
    weekly: Iterable[WeeklySlot],
    zone: str,
    blackouts: Iterable[Blackout],
    start: datetime,
    end: datetime,
) -> list[Slot]:
    """Return the channel's slots with `start <= due_at < end`, in the order in which they come, blackouts left out.

    Where the clocks skip an hour, a moved slot may come after one that is written later (02:30, moved to 03:30, after
    03:00), or at the same moment as another (03:30). Both stay, the one written earlier first; a channel whose spacing
    is above zero then fills one of them, and the other stays empty with that reason.
    """
    closed = tuple(blackouts)
    return [slot for slot in occurrences(channel, weekly, zone, start, end) if not blackout_of(slot, closed)]


def occurrences(channel: str, weekly: Iterable[WeeklySlot], zone: str, start: datetime, end: datetime) -> list[Slot]:
    """Return every slot with `start <= due_at < end`, those in a blackout too, in the order in which they come."""
    times = sorted({(slot.weekday, slot.at) for slot in weekly})
    found = [
        Slot(channel, day, at, resolve(day, at, zone))
        for day in _local_days(start, end, zone)
        for weekday, at in times
        if weekday == day.weekday()
    ]
    return sorted(
        (slot for slot in found if start <= slot.due_at < end), key=lambda slot: (slot.due_at, slot.day, slot.at)
    )


def blackout_of(slot: Slot, blackouts: Iterable[Blackout]) -> Blackout | None:
    """Return the first blackout that closes the slot, by its local day."""
    for blackout in blackouts:
        if blackout.first <= slot.day <= blackout.last and (not blackout.channels or slot.channel in blackout.channels):
            return blackout
    return None


def _local_days(start: datetime, end: datetime, zone: str) -> Iterator[date]:
    """Every local day that may hold a slot between two moments; a day more at each end, for times that moved."""
    local = ZoneInfo(zone)
    day, last = start.astimezone(local).date() - DAY, end.astimezone(local).date() + DAY
    while day <= last:
        yield day
        day += DAY


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": DAY, "w": timedelta(weeks=1)}
IN = re.compile(r"in\s+(\d{1,4})\s*(m|min|mins|minutes?|h|hours?|d|days?|w|weeks?)")
AT = re.compile(r"(?:(\S+)\s+)?(\d{1,2}):(\d{2})")
EXAMPLES = 'write for example "2026-12-01 09:00", "thu 14:00", "tomorrow 9:00" or "in 2 h"'


def parse_when(text: str, now: datetime, zone: str) -> datetime:
    """Return the moment, in UTC, that a person means, such as `2026-12-01 09:00`, `thu 14:00`, `9:00` or `in 2 h`.

    Wall-clock times are those of `zone`. A weekday, or a time alone, is the next one after `now`; a date, `today` and
    `tomorrow` are taken as they are, in the past too. An ISO time with an offset is taken literally.

    Raises:
        ValueError: it cannot be understood; the message says how to write it.
    """
    words = " ".join(text.lower().split())
    if found := IN.fullmatch(words):
        return now.astimezone(UTC) + int(found[1]) * UNITS[found[2][0]]
    if found := AT.fullmatch(words):
        return _on_day(found[1], _time(found[2], found[3], text), now, zone, text)
    try:
        moment = datetime.fromisoformat(words.upper())
    except ValueError:
        raise ValueError(f'"{text}" is no time I understand; {EXAMPLES}') from None
    if len(words) <= len("2026-12-01"):
        raise ValueError(f'"{text}" lacks the time of day; {EXAMPLES}')
    return moment.astimezone(UTC) if moment.tzinfo else resolve(moment.date(), moment.time(), zone)


def _time(hour: str, minute: str, text: str) -> time:
    """A time of day from what was typed."""
    try:
        return time(int(hour), int(minute))
    except ValueError:
        raise ValueError(f'"{text}": there is no {hour}:{minute} on a clock; {EXAMPLES}') from None


def _on_day(word: str | None, at: time, now: datetime, zone: str, text: str) -> datetime:
    """The moment of a time of day on the day that `word` names; without a word, the next such time."""
    today = now.astimezone(ZoneInfo(zone)).date()
    if word in ("today", "tomorrow"):
        return resolve(today + (DAY if word == "tomorrow" else timedelta(0)), at, zone)
    if word is None:
        return _next(today, at, now, zone, every=DAY)
    if len(word) >= 3 and (days := [n for n, name in enumerate(WEEKDAYS) if name.startswith(word.rstrip("."))]):
        return _next(today + timedelta(days=(days[0] - today.weekday()) % 7), at, now, zone, every=timedelta(weeks=1))
    try:
        return resolve(date.fromisoformat(word), at, zone)
    except ValueError:
        raise ValueError(f'"{text}": {word} is no day I know; {EXAMPLES}') from None


def _next(day: date, at: time, now: datetime, zone: str, every: timedelta) -> datetime:
    """The first of `day`, `day + every`, … at which the time still lies ahead."""
    moment = resolve(day, at, zone)
    return moment if moment > now else resolve(day + every, at, zone)
