"""Slots are local times: nothing lost, doubled or out of order when the clocks change; times as people type them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest

from campaign.config.words import Blackout, WeeklySlot
from campaign.slots import Slot, blackout_of, occurrences, parse_when, resolve, upcoming

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
PRAGUE = "Europe/Prague"
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)

MEMBERS = """Amsterdam Athens Berlin Bratislava Brussels Bucharest Budapest Copenhagen Dublin Helsinki Lisbon Ljubljana
    Luxembourg Madrid Malta Paris Prague Riga Rome Sofia Stockholm Tallinn Vienna Vilnius Warsaw Zagreb Oslo Vaduz"""
NEIGHBOURS = """Andorra Belgrade Chisinau Istanbul Kyiv London Minsk Monaco Moscow Podgorica San_Marino Sarajevo Skopje
    Tirane Vatican Zurich Kaliningrad"""
ZONES = [
    *(f"Europe/{city}" for city in (f"{MEMBERS} {NEIGHBOURS}").split()),
    *("Asia/Nicosia", "Asia/Famagusta", "Atlantic/Reykjavik", "Atlantic/Azores", "Atlantic/Madeira", "Atlantic/Canary"),
    *("Asia/Tbilisi", "Asia/Yerevan", "Africa/Casablanca", "Africa/Tunis", "Africa/Algiers", "Africa/Ceuta"),
    *("Africa/Cairo", "Asia/Beirut"),  # their clocks change at midnight
]
QUARTERS = [time(hour, minute) for hour in range(24) for minute in (0, 15, 30, 45)]
ALL_WEEK = tuple(WeeklySlot(weekday, at) for weekday in range(7) for at in QUARTERS)


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def changes(zone: str) -> Iterator[date]:
    """The days from 2026 to 2030 in which a zone's offset changes, in UTC."""
    local = ZoneInfo(zone)
    moment, offset = datetime(2026, 1, 1, tzinfo=UTC), None
    while moment.year < 2031:
        now = moment.astimezone(local).utcoffset()
        if offset is not None and now != offset:
            yield moment.date() - DAY
        moment, offset = moment + DAY, now


@cache
def walls(zone: str, first: date, last: date) -> dict[datetime, datetime]:
    """What the clock on the wall shows at every UTC minute of some days → that minute; of a repeated hour the first."""
    shown: dict[datetime, datetime] = {}
    local, moment = ZoneInfo(zone), midnight(first)
    while moment < midnight(last):
        shown.setdefault(moment.astimezone(local).replace(tzinfo=None, fold=0), moment)
        moment += MINUTE
    return shown


def expected(day: date, at: time, shown: dict[datetime, datetime]) -> datetime:
    """The first minute in which the wall shows that time; where it never does, moved on by the length of the gap."""
    wall = datetime.combine(day, at)
    if wall in shown:
        return shown[wall]
    before = wall
    while before not in shown:
        before -= MINUTE
    return shown[before] + (wall - before)


@pytest.mark.calendar
@pytest.mark.parametrize("zone", ZONES)
def test_no_slot_is_lost_doubled_or_out_of_order_when_the_clocks_change(zone: str) -> None:
    for changed in changes(zone):
        days = [changed + n * DAY for n in (-1, 0, 1)]
        shown = walls(zone, changed - 2 * DAY, changed + 3 * DAY)

        slots = [
            slot for slot in occurrences("c", ALL_WEEK, zone, midnight(days[0] - DAY), midnight(days[-1] + 2 * DAY))
        ]
        mine = [slot for slot in slots if slot.day in days]

        assert sorted((slot.day, slot.at) for slot in mine) == [(day, at) for day in days for at in QUARTERS]
        assert {slot: slot.due_at for slot in mine} == {
            Slot("c", day, at, midnight(day)): expected(day, at, shown) for day in days for at in QUARTERS
        }
        order = [(slot.due_at, slot.day, slot.at) for slot in slots]
        assert order == sorted(set(order))


@pytest.mark.calendar
@pytest.mark.parametrize("zone", ["Europe/Prague", "Europe/Lisbon", "Asia/Beirut", "Africa/Casablanca"])
def test_planning_week_by_week_meets_every_slot_of_five_years_once(zone: str) -> None:
    weekly = [WeeklySlot(weekday, at) for weekday in range(7) for at in (time(0, 15), time(2, 30), time(23, 45))]
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
    by_week: list[Slot] = []
    week = start
    while week < end:
        by_week += upcoming("c", weekly, zone, [], week, min(week + 7 * DAY, end))
        week += 7 * DAY

    assert by_week == upcoming("c", weekly, zone, [], start, end)
    assert len(set(by_week)) == len(by_week) >= 3 * (end - start).days - 3


@pytest.mark.parametrize(
    ("day", "at", "utc"),
    [
        (date(2026, 1, 7), time(9), "01-07 08:00"),
        (date(2026, 7, 7), time(9), "07-07 07:00"),
        (SPRING, time(1, 59), "03-29 00:59"),
        (SPRING, time(2, 30), "03-29 01:30"),  # skipped: becomes 03:30
        (SPRING, time(3, 30), "03-29 01:30"),
        (AUTUMN, time(2, 30), "10-25 00:30"),  # twice: the first
        (AUTUMN, time(2, 30, fold=1), "10-25 00:30"),
        (AUTUMN, time(3, 0), "10-25 02:00"),
    ],
)
def test_a_local_time_becomes_one_moment(day: date, at: time, utc: str) -> None:
    assert f"{resolve(day, at, PRAGUE):%m-%d %H:%M}" == utc
    assert resolve(day, at, PRAGUE).tzinfo is UTC


def test_an_unknown_zone_is_an_error() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        resolve(SPRING, time(9), "Europe/Ostrava")


def times(slots: list[Slot]) -> list[str]:
    return [f"{slot.at:%H:%M}" for slot in slots]


def test_slots_moved_by_a_gap_come_in_the_order_of_their_moments() -> None:
    weekly = [WeeklySlot(6, time(hour, minute)) for hour, minute in ((3, 30), (2, 30), (3, 0), (1, 0))]

    slots = upcoming("c", weekly, PRAGUE, [], midnight(SPRING) - DAY, midnight(SPRING) + DAY)

    assert times(slots) == ["01:00", "03:00", "02:30", "03:30"]
    assert slots[2].due_at == slots[3].due_at


def test_a_slot_written_twice_is_one() -> None:
    nine = WeeklySlot(6, time(9))

    assert len(upcoming("c", [nine, nine], PRAGUE, [], midnight(SPRING), midnight(SPRING) + DAY)) == 1


def test_the_start_is_included_and_the_end_is_not() -> None:
    nine = [WeeklySlot(weekday, time(9)) for weekday in range(7)]
    start = resolve(SPRING, time(9), PRAGUE)

    slots = upcoming("c", nine, PRAGUE, [], start, start + 2 * DAY)

    assert [slot.day for slot in slots] == [SPRING, SPRING + DAY]
    assert upcoming("c", nine, PRAGUE, [], start, start) == []


def test_a_slot_is_the_same_whatever_moment_the_zone_rules_give_it() -> None:
    assert Slot("c", SPRING, time(9), midnight(SPRING)) == Slot("c", SPRING, time(9), midnight(AUTUMN))
    assert Slot("c", SPRING, time(9), midnight(SPRING)) != Slot("d", SPRING, time(9), midnight(SPRING))


BLACKOUTS = [
    Blackout(date(2026, 3, 25), date(2026, 3, 26), "mourning"),
    Blackout(date(2026, 3, 28), date(2026, 3, 28), "page rebuilt", channels=("d",)),
    Blackout(date(2026, 3, 29), date(2026, 3, 29), "holiday", channels=("d", "c")),
]


def test_blackouts_close_their_local_days_on_their_channels() -> None:
    late = [WeeklySlot(weekday, time(0, 15)) for weekday in range(7)]  # still the day before in UTC
    start, end = midnight(date(2026, 3, 24)), midnight(date(2026, 3, 31))

    slots = upcoming("c", late, PRAGUE, BLACKOUTS, start, end)

    assert [slot.day.day for slot in slots] == [27, 28, 30, 31]
    everything = occurrences("c", late, PRAGUE, start, end)
    reasons = [found.reason if (found := blackout_of(slot, BLACKOUTS)) else "" for slot in everything]
    assert reasons == ["mourning", "mourning", "", "", "holiday", "", ""]


NOW = datetime(2026, 3, 26, 12, 0, tzinfo=UTC)  # Thursday, 13:00 in Prague


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("2026-12-01 09:00", "2026-12-01 09:00"),
        ("2026-12-01T09:00", "2026-12-01 09:00"),
        ("2026-12-01T09:00:30", "2026-12-01 09:00:30"),
        ("2026-12-01T09:00Z", "2026-12-01 10:00"),
        ("2026-12-01 09:00+02:00", "2026-12-01 08:00"),
        ("2020-01-02 9:00", "2020-01-02 09:00"),
        ("thu 14:00", "2026-03-26 14:00"),
        ("thu 13:00", "2026-04-02 13:00"),
        ("Thursday 9:05", "2026-04-02 09:05"),
        ("Tues. 14:00", "2026-03-31 14:00"),
        ("sun 02:30", "2026-03-29 03:30"),
        ("today 9:00", "2026-03-26 09:00"),
        (" Tomorrow  9:00 ", "2026-03-27 09:00"),
        ("14:00", "2026-03-26 14:00"),
        ("9:00", "2026-03-27 09:00"),
        ("in 2 h", "2026-03-26 15:00"),
        ("in 90 min", "2026-03-26 14:30"),
        ("in 3 days", "2026-03-29 14:00"),  # three times 24 hours: the clocks change on the way
        ("in 1 week", "2026-04-02 14:00"),
        ("in 45m", "2026-03-26 13:45"),
    ],
)
def test_times_are_understood_as_people_type_them(text: str, local: str) -> None:
    moment = parse_when(text, NOW, PRAGUE)

    assert moment.tzinfo is UTC
    assert moment.astimezone(ZoneInfo(PRAGUE)).replace(tzinfo=None) == datetime.fromisoformat(local)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("soon", '"soon" is no time I understand; write for example "2026-12-01 09:00", "thu 14:00", '),
        ("", '"" is no time I understand; '),
        ("in 2 months", '"in 2 months" is no time I understand; '),
        ("2026-12-01", '"2026-12-01" lacks the time of day; '),
        ("20261201", '"20261201" lacks the time of day; '),
        ("25:00", '"25:00": there is no 25:00 on a clock; '),
        ("tomorow 9:00", '"tomorow 9:00": tomorow is no day I know; '),
        ("t 9:00", '"t 9:00": t is no day I know; '),
        ("2026-02-30 9:00", '"2026-02-30 9:00": 2026-02-30 is no day I know; '),
    ],
)
def test_a_time_that_is_not_understood_is_told_with_examples(text: str, message: str) -> None:
    with pytest.raises(ValueError, match="write for example") as told:
        parse_when(text, NOW, PRAGUE)

    assert str(told.value).startswith(message)
