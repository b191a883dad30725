"""The fair order of stories, against putting the same stories into any order at all."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from operator import attrgetter

from benchmarks.measuring import Comparison, Work, compare
from campaign.config import WeeklySlot
from campaign.fairness import Region, Wish, assign
from campaign.slots import upcoming

START = datetime(2026, 1, 1, tzinfo=UTC)
STORIES, REGIONS, A_YEAR = 10_000, 24, timedelta(days=365)


def compared() -> Iterator[Comparison]:
    source = random.Random(8)  # noqa: S311 - repeatable, not secret
    regions = [Region(f"region-{n}", weight=source.choice((1, 1, 2))) for n in range(REGIONS)]
    wishes = [a_wish(n, source) for n in range(STORIES)]
    weekly = [WeeklySlot(day, time(hour)) for day in range(5) for hour in (9, 15)]
    slots = upcoming("news", weekly, "Europe/Brussels", (), START, START + A_YEAR)

    def plan() -> None:
        rules = {"spacing": timedelta(hours=4), "urgent": timedelta(days=2)}
        assign(slots, (), wishes, regions, daily_cap=2, **rules)

    ours = Work(f"plan {STORIES} stories on {len(slots)} slots of a year", plan)
    yield compare(ours, Work("sort them by age", lambda: sorted(wishes, key=attrgetter("created_at")), 50), rounds=5)


def a_wish(n: int, source: random.Random) -> Wish:
    """Return a wish of a region, every fourth with its neighbour; every tenth has an embargo, every fifth an end."""
    lead, several = source.randrange(REGIONS), n % 4 == 0
    about = tuple(f"region-{each % REGIONS}" for each in (lead, lead + 1)[: 1 + several])
    created = START - timedelta(minutes=source.randrange(500_000))
    release = START + source.random() * A_YEAR if n % 10 == 0 else None
    expires = START + source.random() * A_YEAR if n % 5 == 1 else None
    return Wish(f"story-{n}", about, created, source.choice((0, 0, 0, 1)), release, expires)
