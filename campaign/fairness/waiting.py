"""The stories that wait for a slot, in lines by region, and why some were left."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop, heappush
from itertools import accumulate
from typing import Any

from campaign.fairness.words import Decision, Wish

Rank = tuple[int, tuple[datetime, str]]
ALWAYS = datetime.min.replace(tzinfo=UTC)
MARGIN = timedelta(minutes=5)  # between a slot and the expiry of what it sends: a tick, the call and a retry


@dataclass(frozen=True)
class Offer:
    """The best story of one set of regions for one slot."""

    wish: Wish
    is_urgent: bool


class Line:
    """The stories of one set of regions, waiting; given and expired ones are dropped when they come to the front."""

    def __init__(self, wishes: Iterable[Wish]) -> None:
        self._embargoed = [(wish.release_at or ALWAYS, wish.story, wish) for wish in wishes]
        heapify(self._embargoed)
        self._by_deadline: list[tuple[datetime, Rank, Wish]] = []
        self._by_rank: list[tuple[Rank, Wish]] = []
        self._gone: set[str] = set()

    def best(self, moment: datetime, urgent: timedelta) -> Offer | None:
        """The story that would go first at `moment`; moments are asked in their order."""
        while self._embargoed and self._embargoed[0][0] <= moment:
            self._admit(heappop(self._embargoed)[-1])
        while self._by_deadline and self._is_over(self._by_deadline[0][-1], moment):
            heappop(self._by_deadline)
        while self._by_rank and self._is_over(self._by_rank[0][-1], moment):
            heappop(self._by_rank)
        if self._by_deadline and self._by_deadline[0][0] - moment <= urgent:
            return Offer(self._by_deadline[0][-1], is_urgent=True)
        return Offer(self._by_rank[0][-1], is_urgent=False) if self._by_rank else None

    def drop(self, story: str) -> None:
        """The story has its slot."""
        self._gone.add(story)

    def _admit(self, wish: Wish) -> None:
        heappush(self._by_rank, (rank(wish), wish))
        if wish.expires_at is not None:
            heappush(self._by_deadline, (wish.expires_at, rank(wish), wish))

    def _is_over(self, wish: Wish, moment: datetime) -> bool:
        return wish.story in self._gone or (wish.expires_at is not None and moment + MARGIN >= wish.expires_at)


class Queue:
    """All waiting stories, in one line for each set of regions."""

    def __init__(self, wishes: Iterable[Wish], urgent: timedelta) -> None:
        self._wishes = {wish.story: wish for wish in wishes}
        self._urgent = urgent
        by_regions: defaultdict[tuple[str, ...], list[Wish]] = defaultdict(list)
        for wish in self._wishes.values():
            by_regions[_same(wish.regions)].append(wish)
        self._lines = {regions: Line(by_regions[regions]) for regions in sorted(by_regions)}

    def offers(self, moment: datetime) -> list[Offer]:
        """The best story of each line for a slot at `moment`."""
        return [offer for line in self._lines.values() if (offer := line.best(moment, self._urgent))]

    def give(self, story: str) -> tuple[str, ...]:
        """Take a story out of its line and return its regions."""
        regions = self._wishes[story].regions
        self._lines[_same(regions)].drop(story)
        return regions


def _same(regions: tuple[str, ...]) -> tuple[str, ...]:
    """The same for the same regions, whichever leads."""
    return tuple(sorted(regions))


def rank(wish: Wish) -> Rank:
    """Higher priority first, then the older story, then a fixed order."""
    return -wish.priority, (wish.created_at, wish.story)


class Leftovers:
    """Why stories were left without a slot."""

    def __init__(self, decisions: Sequence[Decision[Any]]) -> None:
        self._moments = [decision.slot.due_at for decision in decisions]
        self._filled = [0, *accumulate(decision.story is not None for decision in decisions)]

    def of(self, wish: Wish) -> str:
        """The reason for one story."""
        first = bisect_left(self._moments, wish.release_at) if wish.release_at else 0
        end = bisect_left(self._moments, wish.expires_at - MARGIN) if wish.expires_at else len(self._moments)
        if not self._moments:
            return "there is no free slot"
        if end == 0:
            return "it expires before the next free slot"
        if first == len(self._moments):
            return "its embargo ends after the last slot planned so far"
        if first >= end:
            return "no free slot lies between its embargo and its expiry"
        slots, filled = end - first, self._filled[end] - self._filled[first]
        told = f"of {slots} free slots in its time {filled} went to others in their turn"
        closed = slots - filled
        return f"{told}, {closed} must stay empty (spacing, daily cap, or the network's share)" if closed else told
