"""One thread ends all calls at their deadlines."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from campaign.platforms.deadlines import Deadlines

SOON, FAR = 0.05, 60.0  # seconds


@pytest.fixture
def deadlines() -> Deadlines:
    return Deadlines()


def noting(seen: list[str], name: str, done: threading.Event) -> Callable[[], None]:
    def cut() -> None:
        seen.append(name)
        done.set()

    return cut


def test_what_has_its_time_is_called_once_and_an_earlier_one_first(deadlines: Deadlines) -> None:
    seen: list[str] = []
    done, other = threading.Event(), threading.Event()
    deadlines.after(FAR, noting(seen, "far", done))
    deadlines.after(4 * SOON, noting(seen, "later", done))
    deadlines.after(SOON, noting(seen, "soon", other))

    assert done.wait(10)
    assert seen == ["soon", "later"]


def test_what_was_taken_back_is_not_called(deadlines: Deadlines) -> None:
    seen: list[str] = []
    done = threading.Event()
    number = deadlines.after(SOON, noting(seen, "taken back", done))
    deadlines.after(3 * SOON, noting(seen, "kept", done))
    deadlines.take_back(number)
    deadlines.take_back(number)  # a call ends only once, but it does no harm

    assert done.wait(10)
    assert seen == ["kept"]


def test_all_share_one_thread_which_rests_in_between(deadlines: Deadlines) -> None:
    done = threading.Event()
    deadlines.after(0, done.set)
    assert done.wait(10)
    time.sleep(SOON)  # it waits without a deadline
    before = threading.active_count()
    again = threading.Event()
    deadlines.after(0, again.set)

    assert again.wait(10)
    assert threading.active_count() == before
