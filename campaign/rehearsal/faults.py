"""What can go wrong on the way to a platform and in our own process, and when it does. Pure.

Calls and commits are counted, so a fault is named by where it happens: `on_calls={3: Fault.CUT_AFTER}`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeVar


class Fault(StrEnum):
    """What a call meets. `before` and `after` are seen from the service: has it done what it was asked?"""

    REFUSED = "refused"
    CUT_BEFORE = "cut before"
    CUT_AFTER = "cut after"
    ERROR_BEFORE = "5xx before"
    ERROR_AFTER = "5xx after"
    ERROR_BUT_LIVE = "error but live"
    LIMITED = "429"
    LIMITED_WITH_WAIT = "429 with a wait"
    HANG_BEFORE = "hang before"
    HANG_AFTER = "hang after"
    DRIP = "drip"
    HALF_BODY = "half a body"
    GARBAGE = "garbage"
    REDIRECT = "redirect"
    TOKEN_REFUSED = "401"  # noqa: S105 - the name of a fault
    STOPPED = "stopped, others go on"
    CRASH_BEFORE = "crash before"
    CRASH_AFTER = "crash after"


class CommitFault(StrEnum):
    """What a commit meets."""

    CRASH_BEFORE = "crash before the commit"
    CRASH_AFTER = "crash after the commit"
    LOCKED = "the database is locked"
    FULL = "the disk is full"


F = TypeVar("F", Fault, CommitFault)
CALLS, COMMITS = tuple(Fault), tuple(CommitFault)


@dataclass
class Faults:
    """A plan: by the number of the call or commit, counted from 1, and a rate for all others."""

    on_calls: Mapping[int, Fault] = field(default_factory=dict)
    on_commits: Mapping[int, CommitFault] = field(default_factory=dict)
    rate: float = 0.0  # part of all calls that meet one
    chance: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 - repeatable, not secret
    away: tuple[datetime, datetime] | None = None  # no platform can be reached meanwhile
    calls: int = 0
    commits: int = 0
    met: list[str] = field(default_factory=list)

    def on_call(self, now: datetime) -> Fault | None:
        """Count a call and return what it meets."""
        self.calls += 1
        fault = self.on_calls.get(self.calls)
        if fault is None and self.away and self.away[0] <= now < self.away[1]:
            fault = Fault.REFUSED
        if fault is None and self.rate and self.chance.random() < self.rate:
            fault = self.chance.choice(CALLS)
        return self._noted(fault, f"call {self.calls}")

    def on_commit(self) -> CommitFault | None:
        """Count a commit and return what it meets."""
        self.commits += 1
        return self._noted(self.on_commits.get(self.commits), f"commit {self.commits}")

    def _noted(self, fault: F | None, where: str) -> F | None:
        if fault is not None:
            self.met.append(f"{where}: {fault}")
        return fault
