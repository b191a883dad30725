"""The last guard before the wire, as a pure decision: may this part go out now, and if not, what becomes of the post.

No bug upstream can burst, double or outlive its date past this: the facts are read in the transaction that stores the
intent, with the channel's row locked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from campaign.costs import SpentOut
from campaign.models import PostStatus
from campaign.retry import Fail, Return, late

THREAD_DEADLINE = timedelta(hours=2)  # later parts may follow the first one for so long
CLOCK, DISK = "clock", "disk"  # alerts about the machine


@dataclass(frozen=True)
class Facts:
    """Everything the gate looks at."""

    now: datetime
    due_at: datetime
    first_due_at: datetime
    embargo_at: datetime | None
    expires_at: datetime | None
    budget: timedelta  # how long the call may take
    late_window: timedelta
    returns: int
    thread_since: datetime | None  # when the first part went live, or an officer asked to go on; None: not begun
    taken_back: str  # what became of the story: withdrawn, returned; empty: it stands
    approved: bool  # a person said yes to the stored bytes, or the channel asks for none
    bytes_match: bool  # what is stored is still what was rendered, picture files included
    outdated: bool  # it is to be rendered anew, because its story or what an officer wants has changed
    at_rest: str  # why channel, region or everything rests; empty: nothing rests
    rest_until: datetime | None
    blackout: str  # the reason of a blackout on this local day
    busy: bool  # another post of the channel is being sent, or an attempt has no end yet
    last_sent_at: datetime | None
    spacing: timedelta
    sent_today: int
    daily_cap: int
    day_ends: datetime
    zone: str  # the channel's
    spent_out: SpentOut | None  # the month's budget does not reach for the post
    twin: str  # what the same text or card is already live as
    clock_jump: timedelta | None
    room_on_disk: bool


@dataclass(frozen=True)
class Go:
    """Send it now."""


@dataclass(frozen=True)
class Wait:
    """Not now; nothing about the post changes. `until` is None when only a person or an event ends the wait."""

    reason: str
    until: datetime | None = None
    alert: str = ""  # the key of the alert to raise, where a person must look


@dataclass(frozen=True)
class Back:
    """The slot is lost: back to the planner, the approval kept."""

    reason: str
    late: bool = False  # it counts as a return of the late window


@dataclass(frozen=True)
class Unapprove:
    """What is stored is not what was approved: a person must look again."""

    reason: str


@dataclass(frozen=True)
class End:
    """The post is over."""

    status: PostStatus
    reason: str


Verdict = Go | Wait | Back | Unapprove | End


def gate(facts: Facts) -> Verdict:
    """Decide about one part of one post: the first guard that objects decides, and Go when none does."""
    guards = WHOLE_POST if facts.thread_since is None else REST_OF_THREAD
    verdict = next((verdict for guard in guards if (verdict := guard(facts)) is not None), Go())
    if isinstance(verdict, Wait) and verdict.until is not None:
        return replace(verdict, until=min(verdict.until, given_up(facts)))
    return verdict


def given_up(facts: Facts) -> datetime:
    """Return when waiting has no use any more: the slot is lost then, or the rest of the thread, and that is told."""
    late = facts.due_at + facts.late_window
    return (late if facts.thread_since is None else facts.thread_since + THREAD_DEADLINE) + timedelta(seconds=1)


def expired(facts: Facts) -> Verdict | None:
    """Nothing goes out that would be over before the call is."""
    if facts.expires_at is not None and facts.now + facts.budget >= facts.expires_at:
        return End(PostStatus.EXPIRED, "it expired before it could go out")
    return None


def taken_back(facts: Facts) -> Verdict | None:
    """What a region or an officer has taken back is not told."""
    return Back(f"its story was {facts.taken_back}") if facts.taken_back else None


def altered(facts: Facts) -> Verdict | None:
    """What was approved is what goes out, to the byte."""
    if not facts.bytes_match:
        return Unapprove("the stored text or pictures are not what was rendered")
    if not facts.approved:
        return Unapprove("what is stored is not what was approved")
    return None


def too_late(facts: Facts) -> Verdict | None:
    """Past its late window a post loses its slot, so that downtime never ends in a burst."""
    match late(facts.due_at, facts.now, facts.late_window, facts.returns, facts.first_due_at, facts.zone):
        case Return(reason):
            return Back(reason, late=True)
        case Fail(reason):
            return End(PostStatus.FAILED, reason)
    return None


def superseded(facts: Facts) -> Verdict | None:
    """The old version of a story does not go out while the new one is not rendered, or cannot be."""
    return Wait("its text and pictures are to be made anew first") if facts.outdated else None


def closed_day(facts: Facts) -> Verdict | None:
    """Blackouts hold for the day of sending, whatever the plan was."""
    return Back(f"nothing is posted on this day: {facts.blackout}") if facts.blackout else None


def repeated(facts: Facts) -> Verdict | None:
    """The same text or card does not go out twice in a short time."""
    return Back(f"the same text or picture went out lately: {facts.twin}") if facts.twin else None


def thread_over(facts: Facts) -> Verdict | None:
    """A begun thread is held to fewer rules: its first part is live, and a gap in it is worse than its pace."""
    if not facts.bytes_match:
        return End(PostStatus.PARTIAL, "the stored rest of it is damaged")
    if facts.thread_since is not None and facts.now > facts.thread_since + THREAD_DEADLINE:
        return End(PostStatus.PARTIAL, "the rest of it could not follow within two hours")
    if facts.expires_at is not None and facts.now + facts.budget >= facts.expires_at:
        return End(PostStatus.PARTIAL, "it expired before the rest of it could follow")
    return None


def unsafe_machine(facts: Facts) -> Verdict | None:
    """A wrong clock or a full disk makes every other answer doubtful."""
    if facts.clock_jump is not None:
        minutes = round(facts.clock_jump / timedelta(minutes=1))
        reason = f"the clock of this server jumped by {minutes} minutes; nothing is sent until somebody has looked"
        return Wait(reason, alert=CLOCK)
    return None if facts.room_on_disk else Wait("the disk is nearly full", alert=DISK)


def at_rest(facts: Facts) -> Verdict | None:
    """What keeps everything on the channel waiting."""
    if facts.at_rest:
        return Wait(facts.at_rest, facts.rest_until)
    return Wait("another post of the channel is being sent") if facts.busy else None


def too_early(facts: Facts) -> Verdict | None:
    """Neither before its slot nor before its embargo."""
    if facts.now < facts.due_at:
        return Wait("its slot has not come", facts.due_at)
    if facts.embargo_at is not None and facts.now < facts.embargo_at:
        return Wait("its embargo lasts", facts.embargo_at)
    return None


def too_dense(facts: Facts) -> Verdict | None:
    """A channel's spacing and daily cap hold for what was really sent."""
    if facts.last_sent_at is not None and facts.now < facts.last_sent_at + facts.spacing:
        return Wait("the channel's spacing since its last post", facts.last_sent_at + facts.spacing)
    if facts.sent_today >= facts.daily_cap:
        return Wait("the channel's daily cap is reached", facts.day_ends)
    return None


def too_dear(facts: Facts) -> Verdict | None:
    """A month costs no more than its budget; the rest of a begun thread is paid for all the same."""
    spent = facts.spent_out
    if spent and spent.for_good:
        return End(PostStatus.FAILED, spent.reason)
    return Wait(spent.reason, spent.until, alert=spent.alert) if spent else None


# The machine comes first: by a wrong clock everything would have expired.
WHOLE_POST = (
    unsafe_machine,
    expired,
    taken_back,
    altered,
    too_late,
    superseded,
    closed_day,
    repeated,
    at_rest,
    too_early,
    too_dense,
    too_dear,
)
REST_OF_THREAD = (unsafe_machine, thread_over, at_rest)
