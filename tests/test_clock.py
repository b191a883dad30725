"""The clock is asked, never trusted: a jump is noticed, a time server's small steps are not."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from campaign.clock import ClockWatch, SystemClock
from campaign.rehearsal.clock import VirtualClock

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_the_machines_clock_is_aware_and_in_utc() -> None:
    clock = SystemClock()
    before = datetime.now(UTC)
    assert before <= clock.now() <= before + MINUTE
    assert clock.now().tzinfo is UTC


def test_boot_time_goes_on_and_sleep_waits() -> None:
    clock = SystemClock()
    began = clock.boottime()
    assert began == pytest.approx(time.clock_gettime(time.CLOCK_BOOTTIME), abs=1)
    clock.sleep(0.01)
    assert clock.boottime() - began >= 0.01


@pytest.mark.parametrize(
    ("step", "noticed"),
    [
        (timedelta(0), False),
        (2 * MINUTE, False),
        (-2 * MINUTE, False),
        (2 * MINUTE + timedelta(seconds=1), True),
        (-2 * MINUTE - timedelta(seconds=1), True),
        (timedelta(days=-365), True),
        (timedelta(hours=1), True),
    ],
)
def test_a_jump_of_more_than_two_minutes_is_noticed(clock: VirtualClock, step: timedelta, noticed: bool) -> None:
    watch = ClockWatch(clock)
    clock.advance(timedelta(days=30))
    assert watch.jumped() is None

    clock.jump(step)

    assert watch.jumped() == (pytest.approx(step, abs=timedelta(milliseconds=1)) if noticed else None)


def test_a_jump_stays_wrong_until_the_clock_comes_back(clock: VirtualClock) -> None:
    watch = ClockWatch(clock)
    clock.jump(timedelta(hours=1))
    for _ in range(3):
        clock.advance(timedelta(days=1))
        assert watch.jumped() is not None
    clock.jump(timedelta(hours=-1))
    assert watch.jumped() is None


def test_many_small_steps_become_the_new_measure(clock: VirtualClock) -> None:
    watch = ClockWatch(clock)
    for _ in range(10):
        clock.jump(MINUTE)
        assert watch.jumped() is None


def test_time_that_passed_while_the_machine_slept_is_no_jump(clock: VirtualClock) -> None:
    """Boot time counts sleep, so a laptop that was closed for a night has a good clock."""
    watch = ClockWatch(clock)
    clock.advance(timedelta(hours=9))
    assert watch.jumped() is None


def test_a_virtual_clock_moves_only_when_it_is_moved() -> None:
    clock = VirtualClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC) - timedelta(hours=1), boottime=5)
    clock.sleep(30)
    assert (clock.now(), clock.boottime()) == (START + timedelta(seconds=30), 35)
    clock.advance_to(START + MINUTE)
    clock.advance_to(START)  # passed already
    assert (clock.now(), clock.boottime()) == (START + MINUTE, 65)
    clock.jump(-MINUTE)
    assert (clock.now(), clock.boottime()) == (START, 65)


def test_a_virtual_clock_refuses_what_no_clock_does() -> None:
    with pytest.raises(ValueError, match="aware"):
        VirtualClock(datetime(2026, 3, 2))  # noqa: DTZ001 - that is what is refused
    with pytest.raises(ValueError, match="backwards"):
        VirtualClock(START).advance(-MINUTE)


def test_a_jump_in_steps_is_told_as_a_whole(clock: VirtualClock) -> None:
    watch = ClockWatch(clock)
    clock.jump(3 * MINUTE)
    assert watch.jumped() == 3 * MINUTE
    clock.jump(3 * MINUTE)
    assert watch.jumped() == 6 * MINUTE


def test_after_a_drift_the_old_time_is_a_jump(clock: VirtualClock) -> None:
    watch = ClockWatch(clock)
    for _ in range(10):
        clock.jump(MINUTE)
        watch.jumped()
    clock.jump(-10 * MINUTE)
    assert watch.jumped() == -10 * MINUTE


@pytest.mark.parametrize(("seconds", "noticed"), [(2, False), (-2, False), (2.01, True), (-2.01, True)])
def test_how_large_a_step_may_be_can_be_chosen(clock: VirtualClock, seconds: float, noticed: bool) -> None:
    watch = ClockWatch(clock, step=timedelta(seconds=2))
    clock.jump(timedelta(seconds=seconds))
    assert (watch.jumped() is not None) is noticed


def test_the_machines_clock_has_not_jumped_while_nobody_sets_it() -> None:
    assert ClockWatch(SystemClock()).jumped() is None


def test_a_virtual_clock_answers_in_utc() -> None:
    start = datetime(2026, 3, 2, 9, 0, tzinfo=timezone(timedelta(hours=1)))
    assert VirtualClock(start).now().isoformat() == "2026-03-02T08:00:00+00:00"
