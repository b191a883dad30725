"""The only file that reads the clock and sleeps."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What the time is. Stages ask it once and pass the answer on."""

    def now(self) -> datetime:
        """Return the wall-clock time, aware, in UTC."""
        ...

    def boottime(self) -> float:
        """Return seconds since the machine started, sleep included; no clock change moves it."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait for `seconds`."""
        ...


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def boottime(self) -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class ClockWatch:
    """Notices when the wall clock is set: it holds wall time against boot time from one look to the next.

    Small steps are a time server's work and become the new measure; a jump stays wrong until the clock comes back or
    the program is started again by somebody who has looked at it.
    """

    def __init__(self, clock: Clock, step: timedelta = timedelta(minutes=2)) -> None:
        self._clock = clock
        self._step = step.total_seconds()
        self._offset = self._now()

    def jumped(self) -> timedelta | None:
        """Return by how much the wall clock has jumped, None when it has not."""
        drift = self._now() - self._offset
        if abs(drift) > self._step:
            return timedelta(seconds=drift)
        self._offset += drift
        return None

    def _now(self) -> float:
        return self._clock.now().timestamp() - self._clock.boottime()
