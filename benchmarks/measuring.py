"""Two works timed in turns: what is trusted is their ratio, because both saw the same machine in the same minute."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Work:
    """Something to time; what is too short for a clock is done several `times` at once."""

    name: str
    do: Callable[[], object]
    times: int = 1

    def seconds(self, timer: Callable[[], float]) -> float:
        """Return how long it takes once."""
        start = timer()
        for _ in range(self.times):
            self.do()
        return (timer() - start) / self.times


@dataclass(frozen=True)
class Comparison:
    """The medians of both works in seconds, and the median of their ratios."""

    ours: str
    base: str
    ours_seconds: float
    base_seconds: float
    ratio: float


@dataclass(frozen=True)
class Figure:
    """A number that stands for itself, and what it should be."""

    what: str
    value: str
    goal: str = ""


def expect(found: object, wanted: object) -> None:
    """Refuse to time something else than what is told."""
    if found != wanted:
        raise RuntimeError(f"expected {wanted}, found {found}")


def compare(ours: Work, base: Work, *, rounds: int, timer: Callable[[], float] = time.process_time) -> Comparison:
    """Time both works in turns, after one turn that does not count.

    The default timer counts the CPU time of this process, which neighbours disturb least. What waits for a disk or
    another process needs `time.perf_counter`.
    """
    ours.seconds(timer)
    base.seconds(timer)
    pairs = [(ours.seconds(timer), base.seconds(timer)) for _ in range(rounds)]
    return of_pairs(ours.name, base.name, pairs)


def of_pairs(ours: str, base: str, pairs: list[tuple[float, float]]) -> Comparison:
    """Return what pairs of (ours, base) in seconds tell."""
    return Comparison(
        ours,
        base,
        median(one for one, _ in pairs),
        median(other for _, other in pairs),
        median(one / other for one, other in pairs),
    )
