"""Our side of a rehearsal: a store that fails as it is told, processes that die, and others that take over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from campaign import store
from campaign.errors import StoreError
from campaign.models import Meta
from campaign.rehearsal.clock import VirtualClock
from campaign.rehearsal.faults import CommitFault, Faults
from campaign.rehearsal.house import Disk, House, Locks, MemoryStore, Seat
from campaign.rehearsal.transport import Crash, Net
from tests.conftest import seeded_ids
from tests.rehearsal.laying import START, Layout, layout


@pytest.fixture(scope="module")
def laid() -> Iterator[Layout]:
    with layout() as found:
        yield found


@pytest.fixture
def house(laid: Layout) -> House:
    laid.store.put(laid.state)
    laid.disk.faults, laid.disk.dead, laid.disk.refusing = Faults(), False, ""
    clock = VirtualClock(START)
    return House(laid.config, laid.store.db, laid.disk, clock, Net(clock), seeded_ids(3))


def write(laid: Layout) -> None:
    with laid.store.db.writing() as db:
        store.set_meta(db, "a", "1")


def stored(laid: Layout) -> bool:
    return bool(laid.store.ask("SELECT 1 FROM meta WHERE key = 'a'"))


@pytest.mark.parametrize(
    ("fault", "error", "is_stored"),
    [
        (CommitFault.LOCKED, StoreError, False),
        (CommitFault.FULL, StoreError, False),
        (CommitFault.CRASH_BEFORE, Crash, False),
        (CommitFault.CRASH_AFTER, Crash, True),
    ],
)
def test_a_commit_meets_what_it_is_told_to(
    laid: Layout, house: House, fault: CommitFault, error: type[BaseException], is_stored: bool
) -> None:
    laid.disk.faults = Faults(on_commits={1: fault})
    with pytest.raises(error):
        write(laid)

    assert stored(laid) is is_stored


def test_a_dead_process_writes_nothing_until_another_is_started(laid: Layout, house: House) -> None:
    laid.disk.dead = True
    with pytest.raises(Crash):
        write(laid)
    assert not stored(laid)
    house.restart()
    write(laid)

    assert stored(laid)


def test_a_state_is_put_back_as_it_was(laid: Layout, house: House) -> None:
    write(laid)
    kept = laid.store.state()
    laid.store.put(laid.state)
    assert not stored(laid)
    laid.store.put(kept)

    assert stored(laid)


def test_who_takes_over_has_a_higher_epoch_and_the_other_is_gone_only_when_it_has_ended(house: House) -> None:
    first, stopped = house.seat.take("blind"), house.seat
    seen: list[Any] = []

    def others() -> None:
        seen.append(house.seat.take("blind"))
        seen.append(house.seat.is_gone(stopped.sender))
        house.stop_and_take_over(others)  # nobody stands still twice

    def job() -> None:
        house.stop_and_take_over(others)
        seen.append(house.seat is stopped)

    assert house.guarded("a job", job)
    assert seen == [(first or 0) + 1, False, True]
    assert house.seat is not stopped
    assert house.seat.is_gone(stopped.sender)
    assert stopped.take("blind") is None


def test_a_process_that_dies_while_another_has_taken_over_leaves_that_one_at_work(house: House) -> None:
    def job() -> None:
        house.stop_and_take_over(lambda: None)
        house.disk.die("in the midst")

    before = house.starts
    assert not house.guarded("a job", job)
    assert house.starts == before + 1
    assert not house.disk.dead


def test_what_goes_wrong_in_a_job_is_told_and_what_nobody_foresaw_is_a_bug(house: House) -> None:
    def refuse() -> None:
        raise StoreError("the database is locked")

    assert house.guarded("a job", refuse)
    assert house.bugs == []
    assert house.guarded("another", lambda: 1 / 0)
    assert house.bugs == ["another: ZeroDivisionError: division by zero"]


def test_a_channel_without_work_is_left_alone(house: House) -> None:
    assert not house.publish("blind")
    assert house.seat.epochs == {"blind": 1}
    assert house.seat.keeps_house()


def test_memory_is_forgotten(laid: Layout) -> None:
    other = MemoryStore(Disk())
    other.put(laid.state)
    seat = Seat(other.db, Locks())
    with other.db.reading() as db:
        assert db.get(Meta, "a") is None
    assert seat.take("blind") == 1
    seat.release()
    other.close()
