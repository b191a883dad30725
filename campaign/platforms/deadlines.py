"""Ends calls at their deadlines: one thread for all of them, for starting one for each takes longer than a call.

(`threading.Thread.start` waits until the new thread runs, and among many busy threads that is not soon.)
"""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable

Cut = Callable[[], None]


class Deadlines:
    """Calls what it was given when its time has come, unless that was taken back."""

    def __init__(self) -> None:
        self._waiting: list[tuple[float, int]] = []  # monotonic seconds, and the number of a call
        self._cuts: dict[int, Cut] = {}
        self._numbers = itertools.count()
        self._change = threading.Condition()
        self._thread: threading.Thread | None = None

    def after(self, seconds: float, cut: Cut) -> int:
        """Have `cut` called after so many seconds; return the number by which that is taken back."""
        with self._change:
            number, at = next(self._numbers), time.monotonic() + seconds
            self._cuts[number] = cut
            heapq.heappush(self._waiting, (at, number))
            if self._thread is None or not self._thread.is_alive():  # in a child process there is none
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()
            elif self._waiting[0] == (at, number):
                self._change.notify()
            return number

    def take_back(self, number: int) -> None:
        """Let nothing happen at the deadline of this number."""
        with self._change:
            self._cuts.pop(number, None)

    def _run(self) -> None:
        while True:
            with self._change:
                cut = self._next()
            if cut is not None:
                cut()

    def _next(self) -> Cut | None:
        """Wait for the next deadline, or for an earlier one; return what is to be called now."""
        if not self._waiting:
            self._change.wait()
            return None
        at, number = self._waiting[0]
        if number in self._cuts and (left := at - time.monotonic()) > 0:
            self._change.wait(left)
            return None
        heapq.heappop(self._waiting)
        return self._cuts.pop(number, None)


DEADLINES = Deadlines()  # of this process
