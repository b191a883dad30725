"""The clocks, and the watch over them."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from campaign.clock import Clock, ClockWatch, SystemClock
from campaign.rehearsal.clock import VirtualClock
from tests.conftest import MONDAY

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


class TestClockWatch:
    """A wall clock that is set is noticed, a clock that is corrected is not."""

    def test_time_that_passes_is_no_jump(self, clock: VirtualClock) -> None:
        watch = ClockWatch(clock)
        for passed in (SECOND, HOUR, timedelta(days=40)):
            clock.advance(passed)
            assert watch.jumped() is None

    @pytest.mark.parametrize("by", [HOUR, -HOUR, timedelta(minutes=2, seconds=1), timedelta(days=-365)])
    def test_a_jump_is_told_with_its_size(self, clock: VirtualClock, by: timedelta) -> None:
        watch = ClockWatch(clock)
        clock.jump(by)
        assert watch.jumped() == by

    def test_a_jump_stays_wrong_until_the_clock_is_back(self, clock: VirtualClock) -> None:
        watch = ClockWatch(clock)
        clock.jump(HOUR)
        for _ in range(3):
            clock.advance(HOUR)
            assert watch.jumped() == HOUR
        clock.jump(-HOUR)
        assert watch.jumped() is None

    def test_a_jump_in_steps_is_told_as_a_whole(self, clock: VirtualClock) -> None:
        watch = ClockWatch(clock)
        clock.jump(timedelta(minutes=3))
        assert watch.jumped() == timedelta(minutes=3)
        clock.jump(timedelta(minutes=3))
        assert watch.jumped() == timedelta(minutes=6)

    def test_a_small_drift_becomes_the_measure(self, clock: VirtualClock) -> None:
        watch = ClockWatch(clock)
        for _ in range(100):  # more than an hour in all
            clock.jump(timedelta(minutes=1))
            assert watch.jumped() is None
        clock.jump(-timedelta(minutes=100))
        assert watch.jumped() == -timedelta(minutes=100)

    @pytest.mark.parametrize(("by", "is_jump"), [(2, False), (-2, False), (2.001, True), (-2.001, True)])
    def test_how_large_a_step_may_be_can_be_chosen(self, clock: VirtualClock, by: float, is_jump: bool) -> None:
        watch = ClockWatch(clock, step=timedelta(seconds=2))
        clock.jump(timedelta(seconds=by))
        assert (watch.jumped() is not None) is is_jump

    def test_a_sleeping_machine_has_not_jumped(self, clock: VirtualClock) -> None:
        watch = ClockWatch(clock)
        clock.sleep(8 * 3600)
        assert watch.jumped() is None


class TestVirtualClock:
    """It moves only when it is moved."""

    def test_it_stands_still(self, clock: VirtualClock) -> None:
        assert (clock.now(), clock.boottime()) == (MONDAY, 1000.0)
        assert (clock.now(), clock.boottime()) == (MONDAY, 1000.0)

    def test_it_starts_at_an_aware_time_only(self) -> None:
        with pytest.raises(ValueError, match="a virtual clock starts at an aware time"):
            VirtualClock(datetime(2026, 3, 2, 8, 0))  # noqa: DTZ001 - that is the point

    def test_it_answers_in_utc(self) -> None:
        start = datetime(2026, 3, 2, 9, 0, tzinfo=timezone(HOUR))
        assert VirtualClock(start).now().isoformat() == "2026-03-02T08:00:00+00:00"

    @pytest.mark.parametrize("move", ["advance", "sleep", "advance_to"])
    def test_time_passes_on_the_wall_and_since_boot_alike(self, clock: VirtualClock, move: str) -> None:
        moves = {
            "advance": lambda: clock.advance(timedelta(seconds=90)),
            "sleep": lambda: clock.sleep(90),
            "advance_to": lambda: clock.advance_to(MONDAY + timedelta(seconds=90)),
        }
        moves[move]()
        assert (clock.now(), clock.boottime()) == (MONDAY + timedelta(seconds=90), 1090.0)

    def test_it_does_not_go_back_but_by_a_jump(self, clock: VirtualClock) -> None:
        clock.advance_to(MONDAY - HOUR)
        assert clock.now() == MONDAY
        with pytest.raises(ValueError, match="time does not pass backwards"):
            clock.advance(-SECOND)
        clock.jump(-HOUR)
        assert (clock.now(), clock.boottime()) == (MONDAY - HOUR, 1000.0)


class TestSystemClock:
    """The clock of this machine."""

    def test_it_tells_the_time_of_this_machine_in_utc(self) -> None:
        before, now, after = datetime.now(UTC), SystemClock().now(), datetime.now(UTC)
        assert before <= now <= after
        assert now.tzinfo is UTC

    def test_sleeping_takes_its_time_since_boot(self) -> None:
        clock: Clock = SystemClock()
        started, boot = time.monotonic(), clock.boottime()
        clock.sleep(0.02)
        assert time.monotonic() - started >= 0.02
        assert 0.02 <= clock.boottime() - boot < 5

    def test_it_has_not_jumped_while_nobody_sets_it(self) -> None:
        watch = ClockWatch(SystemClock())
        assert watch.jumped() is None
