"""A clock that stands still until it is moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class VirtualClock:
    """Time for tests, rehearsals and the demo: it moves only by `sleep`, `advance` and `jump`."""

    def __init__(self, start: datetime, *, boottime: float = 1000.0) -> None:
        if start.tzinfo is None:
            raise ValueError("a virtual clock starts at an aware time")
        self._now = start.astimezone(UTC)
        self._boottime = boottime

    def now(self) -> datetime:
        return self._now

    def boottime(self) -> float:
        return self._boottime

    def sleep(self, seconds: float) -> None:
        self.advance(timedelta(seconds=seconds))

    def advance(self, by: timedelta) -> None:
        """Let time pass, on the wall and since boot alike."""
        if by < timedelta(0):
            raise ValueError("time does not pass backwards; use jump()")
        self._now += by
        self._boottime += by.total_seconds()

    def advance_to(self, moment: datetime) -> None:
        """Let time pass until `moment`; an earlier moment leaves the clock where it is."""
        self.advance(max(moment.astimezone(UTC) - self._now, timedelta(0)))

    def jump(self, by: timedelta) -> None:
        """Set the wall clock to another time, as a wrong time server would; boot time stays."""
        self._now += by


class WorldClock:
    """The time of everybody else, on the platforms: it goes with ours, but is not set when ours is."""

    def __init__(self, ours: VirtualClock) -> None:
        self._ours = ours
        self._ahead = ours.now() - timedelta(seconds=ours.boottime())

    def now(self) -> datetime:
        return self._ahead + timedelta(seconds=self._ours.boottime())
