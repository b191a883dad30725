"""What the rule is given and what it answers. Frozen values; nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from fractions import Fraction
from typing import Generic, Protocol, TypeVar


class Slot(Protocol):
    """A moment of a channel. Two that are equal are the same slot."""

    @property
    def day(self) -> date: ...  # local
    @property
    def at(self) -> time: ...  # local, as written
    @property
    def due_at(self) -> datetime: ...  # UTC


S = TypeVar("S", bound=Slot)


@dataclass(frozen=True)
class Region:
    """Who is to have turns, and how many. A network stands outside the levels and has a largest share of the slots."""

    key: str
    weight: float | Fraction = 1.0
    network: bool = False
    share: float | Fraction = 0.25


@dataclass(frozen=True)
class Wish:
    """A story that wants one slot of the channel."""

    story: str
    regions: tuple[str, ...]
    created_at: datetime  # for its age
    priority: int = 0
    release_at: datetime | None = None  # not before
    expires_at: datetime | None = None  # not at or after


@dataclass(frozen=True)
class Taken(Generic[S]):
    """A slot that has its story: sent, or planned and kept."""

    slot: S
    story: str
    regions: tuple[str, ...]


@dataclass(frozen=True)
class Balance:
    """Where a ledger stands after some turns, in whole turns at weight 1: all that later turns need to know of them."""

    levels: Mapping[str, Fraction]  # by region
    floor: Fraction
    room: Mapping[str, Fraction]  # by network
    previous: frozenset[str]  # the regions of the last turn
    most: int  # regions in one story, so far


class Rule(StrEnum):
    """What decided about a slot: first why only one story could have it, then in the order in which they are asked."""

    ALONE = "nothing else was waiting"
    LEAD = "fair turn"
    DEADLINE = "deadline"
    VARIETY = "not the same region twice in a row"
    NETWORK = "the network's share"
    TURN = "fewest turns so far"
    PRIORITY = "priority"
    AGE = "waited longest"
    NONE = "no story was waiting"
    SHARE = "the network has had its share"
    SPACING = "too close to another post"
    FULL = "the day has all the posts it may have"


LOST = {  # how the same decision reads for a story that was passed over
    Rule.DEADLINE: "can wait longer",
    Rule.VARIETY: "had the post before",
    Rule.NETWORK: "the network's share came first",
    Rule.TURN: "had more turns",
    Rule.PRIORITY: "lower priority",
    Rule.AGE: "came later",
    Rule.SHARE: "has had its share",
}


@dataclass(frozen=True)
class Passed:
    """A story that might have had the slot, and the rule by which it did not."""

    story: str
    regions: tuple[str, ...]
    rule: Rule
    lead: float = 0.0  # turns above the lowest that was waiting

    def __str__(self) -> str:
        why = f"{self.lead:.3g} turn{'s' if self.lead > 1 else ''} ahead" if self.rule is Rule.LEAD else LOST[self.rule]
        return f"{' + '.join(self.regions)} ({why})"


@dataclass(frozen=True)
class Reason:
    """Why a slot has the story it has, or none."""

    rule: Rule
    lags: tuple[tuple[str, float], ...] = ()  # region waiting → turns above the lowest that was
    passed: tuple[Passed, ...] = ()

    def __str__(self) -> str:
        others = ", ".join(map(str, self.passed))
        return f"{self.rule}; passed over: {others}" if others else str(self.rule)


@dataclass(frozen=True)
class Decision(Generic[S]):
    """One slot, its story or None, and why."""

    slot: S
    story: str | None
    reason: Reason


@dataclass(frozen=True)
class Plan(Generic[S]):
    """The answer for every free slot in the order in which they come, and for every story left without one."""

    decisions: tuple[Decision[S], ...]
    left: tuple[tuple[str, str], ...]  # story → why it has no slot

    @property
    def given(self) -> dict[str, S]:
        """The slot of each story that got one."""
        return {decision.story: decision.slot for decision in self.decisions if decision.story is not None}
