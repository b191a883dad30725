"""How often a service lets itself be called: counters of fixed windows. What they are called and shown as, it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True)
class Bucket:
    """So many points in each window."""

    limit: int
    window: timedelta


@dataclass(frozen=True)
class Level:
    """How full a bucket is after a call."""

    limit: int
    remaining: int
    resets_at: datetime
    window: timedelta
    is_over: bool


class Meter:
    """The buckets of one account. A bucket that is not set has no limit."""

    def __init__(self, buckets: Mapping[str, Bucket]) -> None:
        self._buckets = dict(buckets)
        self._taken: dict[str, tuple[int, int]] = {}  # by bucket, the number of its window and the points taken in it

    def take(self, points: Mapping[str, int], now: datetime) -> Level | None:
        """Take points from buckets, and return the level of the tightest, None where there is none."""
        levels = [self._take(name, count, now) for name, count in points.items() if name in self._buckets]
        return min(levels, key=lambda level: (not level.is_over, level.remaining), default=None)

    def _take(self, name: str, points: int, now: datetime) -> Level:
        bucket = self._buckets[name]
        seconds = int(bucket.window.total_seconds())
        window = int(now.timestamp()) // seconds
        before, taken = self._taken.get(name, (window, 0))
        taken = points + (taken if before == window else 0)
        self._taken[name] = window, taken
        end = datetime.fromtimestamp((window + 1) * seconds, UTC)
        return Level(bucket.limit, max(0, bucket.limit - taken), end, bucket.window, taken > bucket.limit)
