"""The promises, judged from the platforms' side: what their readers have seen, held against what was asked of us.

I1 no part live twice · I2 nothing lost or silent · I3 `published` exactly when live · I4 nothing too early, too late,
expired, unapproved or replaced · I5 no visible call without a committed intent of its epoch · I6 epochs only grow · I7
spacing, daily cap and blackouts hold · I8 no region is behind another by more than the bound · I10 no secret in any
output · I12 nothing goes out that a person has stopped. (I9 is judged over many runs, I11 by running twice.)
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate, combinations, groupby, pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from campaign import fit
from campaign.config import Blackout, Channel
from campaign.models import FINAL, Alert, Attempt, Part, Post, PostStatus, Story

IN_FLIGHT = timedelta(seconds=35)  # between an intent and what readers see: the call's deadline, and its latency
SILENT = timedelta(hours=24)
_COMMENT = re.compile(r"[^.!?\n]*\bhttps?://\S+")  # no sentence, and a link at its end: a first comment
_LINK = re.compile(r"(?:https?://)?(?:[\w-]+\.)+[a-z]{2,}\S*")


@dataclass(frozen=True)
class Sight:
    """One thing that readers saw on a channel, from when to when."""

    channel: str
    id: str
    text: str
    at: datetime
    gone_at: datetime | None = None
    reply_to: str = ""


@dataclass(frozen=True)
class Yes:
    """A text that somebody has approved for a channel, and since when it may go out."""

    post: str
    n: int
    since: datetime
    until: datetime | None = None  # when another version of its story was there


@dataclass(frozen=True)
class Stop:
    """Somebody's word that something is not to go out, and when it was taken back."""

    by: str  # pause, disable, cancel, …
    scope: Literal["all", "region", "channel", "story", "post"]
    key: str
    since: datetime
    until: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        """Whether it held at a moment; what happened in that moment itself came before."""
        return self.since < moment and (self.until is None or moment < self.until)

    def concerns(self, belief: Belief, n: int) -> bool:
        """Whether it is about a part of a post. The rest of a begun thread follows though its story was taken back."""
        post, story = belief.post, belief.story
        named: Mapping[str, Sequence[str]] = {
            "all": (self.key,),
            "region": story.content.get("regions", ()),
            "channel": (post.channel,),
            "story": (story.uuid,) if n == 1 else (),
            "post": (post.uuid,) if n == 1 else (),
        }
        return self.key in named[self.scope]


@dataclass(frozen=True)
class Belief:
    """What our own tables say of a post at the end."""

    post: Post
    story: Story
    parts: Sequence[Part]


@dataclass(frozen=True)
class Turn:
    """One slot that the planner gave away, and the regions that had a story of their own waiting for it."""

    regions: Sequence[str]  # those of the story that have turns
    waiting: frozenset[str]

    def of(self, region: str) -> float:
        """Return which part of this turn is a region's."""
        return 1 / len(self.regions) if region in self.regions else 0.0


Row = Sequence[Turn]  # of one channel, one after the other, nothing having come between


@dataclass
class Evidence:
    """All that a rehearsal leaves behind."""

    now: datetime
    channels: Mapping[str, Channel]
    sights: Sequence[Sight]
    beliefs: Sequence[Belief]
    attempts: Sequence[tuple[str, Attempt]]  # by channel, in the order of their storing
    alerts: Sequence[Alert]  # the open ones
    approved: Mapping[tuple[str, str], Yes]  # by channel and text
    stops: Sequence[Stop] = ()
    orphans: Sequence[str] = ()  # visible calls without an intent
    taken: Mapping[str, Sequence[tuple[int, datetime]]] = field(default_factory=dict)  # by channel: epochs, and when
    jumped: bool = False  # the clock was set meanwhile: moments cannot be compared
    secrets: Sequence[str] = ()
    outputs: Iterable[str] = ()
    blackouts: Sequence[Blackout] = ()
    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)  # by channel
    weights: Mapping[str, float] = field(default_factory=dict)  # by region, networks left out


@dataclass(frozen=True)
class Broken:
    """A promise that was not kept."""

    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.what}"


def words(text: str) -> str:
    """Return a text as sights and approvals are compared: platforms show links and mentions in ways of their own.

    Of a first comment the link is all that tells it from others, and it is shown whole.
    """
    if _COMMENT.fullmatch(text):
        return text
    return " ".join(_LINK.sub("", fit.as_read(text)).split())


def judge(evidence: Evidence) -> list[Broken]:
    """Return every promise that was broken."""
    return [broken for rule in RULES for broken in rule(evidence)]


def live_once(evidence: Evidence) -> Iterator[Broken]:
    """I1: at no time do readers see the same part twice, in whatever version of its story."""
    stories = {belief.post.uuid: belief.story.uuid for belief in evidence.beliefs}
    seen: dict[tuple[str, str], list[Sight]] = defaultdict(list)
    for sight in evidence.sights:
        text = words(sight.text)
        yes = evidence.approved.get((sight.channel, text))
        seen[(sight.channel, f"part {yes.n} of {stories[yes.post]}" if yes else text)].append(sight)
    for (channel, _), sights in seen.items():
        for before, after in pairwise(sights):
            if before.gone_at is None or before.gone_at > after.at:
                yield Broken("I1", f"{after.text[:60]!r} is on {channel} as {before.id} and as {after.id}")


def nothing_lost(evidence: Evidence) -> Iterator[Broken]:
    """I2: a post ends, or waits for a person who was asked."""
    asked = {alert.post for alert in evidence.alerts} | {alert.key.partition(":")[2] for alert in evidence.alerts}
    everything = {alert.key for alert in evidence.alerts} & {"clock", "disk"}
    for belief in evidence.beliefs:
        post = belief.post
        if post.status in FINAL or everything or {post.uuid, post.story, f"{post.channel}"} & asked:
            continue
        since = post.due_at or post.created_at
        if post.status in (PostStatus.SENDING, PostStatus.UNCONFIRMED, PostStatus.PARTIAL):
            if evidence.now - since > SILENT:
                yield Broken("I2", f"{post.uuid[:8]} on {post.channel} is {post.status}, and nobody was asked")
        elif post.due_at is not None and evidence.now - since > SILENT:
            yield Broken("I2", f"{post.uuid[:8]} on {post.channel} is {post.status} past its slot: {post.reason}")


def published_is_live(evidence: Evidence) -> Iterator[Broken]:
    """I3: `published` exactly when all of it is live."""
    live = {(sight.channel, words(sight.text)): sight for sight in evidence.sights if sight.gone_at is None}
    for belief in evidence.beliefs:
        post = belief.post
        shown = [live.get((post.channel, words(part.content["text"]))) for part in belief.parts]
        known = [part.remote_id for part in belief.parts]
        name = f"{post.uuid[:8]} on {post.channel}"
        if post.status == PostStatus.PUBLISHED and not all(shown):
            yield Broken("I3", f"{name} is published, and {shown.count(None)} of its parts are not live")
        if post.status in SILENT_ABOUT and any(shown):
            yield Broken("I3", f"{name} is {post.status}, and {len(shown) - shown.count(None)} of its parts are live")
        for part, sight in zip(known, shown, strict=True):
            if part and sight and not part.endswith(sight.id):
                yield Broken("I3", f"{name} is known as {part}, and live as {sight.id}")


SILENT_ABOUT = (
    PostStatus.PLANNED,
    PostStatus.RENDERED,
    PostStatus.APPROVED,
    PostStatus.EXPIRED,
    PostStatus.CANCELLED,
    PostStatus.FAILED,
)


def in_time_and_approved(evidence: Evidence) -> Iterator[Broken]:
    """I4: nothing goes out too early or too late, unapproved, or in a version of its story that has been replaced."""
    beliefs = {belief.post.uuid: belief for belief in evidence.beliefs}
    for sight in evidence.sights:
        yes = evidence.approved.get((sight.channel, words(sight.text)))
        if yes is None or (yes.since > sight.at and not evidence.jumped):
            yield Broken("I4", f"{sight.text[:60]!r} is on {sight.channel}, and nobody has approved it")
        elif yes.n == 1 and not evidence.jumped:
            yield from _in_time(evidence, beliefs[yes.post], sight, yes)


def _in_time(evidence: Evidence, belief: Belief, sight: Sight, yes: Yes) -> Iterator[Broken]:
    post, story, channel = belief.post, belief.story, evidence.channels[sight.channel]
    name = f"{post.uuid[:8]} went out on {sight.channel} at {sight.at:%d %H:%M:%S}"
    if story.embargo_at and sight.at < story.embargo_at:
        yield Broken("I4", f"{name}, before its embargo")
    if post.expires_at and sight.at >= post.expires_at:
        yield Broken("I4", f"{name}, after its expiry")
    began = [attempt.started_at for _key, attempt in evidence.attempts if attempt.part == belief.parts[0].uuid]
    tried = max((moment for moment in began if moment <= sight.at), default=sight.at)
    if post.due_at and not post.due_at <= tried <= post.due_at + channel.late_window:
        yield Broken("I4", f"{name}, due at {post.due_at:%d %H:%M:%S}, tried at {tried:%d %H:%M:%S}")
    if yes.until and tried > yes.until:
        yield Broken("I4", f"{name}, tried at {tried:%d %H:%M:%S}, its story another since {yes.until:%d %H:%M:%S}")


def nothing_stopped(evidence: Evidence) -> Iterator[Broken]:
    """I12: nothing goes out that a person has stopped."""
    beliefs = {belief.post.uuid: belief for belief in evidence.beliefs}
    for sight in evidence.sights:
        yes = evidence.approved.get((sight.channel, words(sight.text)))
        for stop in evidence.stops if yes else ():
            if yes and stop.holds(sight.at) and stop.concerns(beliefs[yes.post], yes.n):
                name = f"{yes.post[:8]} went out on {sight.channel} at {sight.at:%d %H:%M:%S}"
                yield Broken(
                    "I12", f"{name}, stopped by {stop.by} of {stop.scope} {stop.key} at {stop.since:%d %H:%M:%S}"
                )


def with_intent(evidence: Evidence) -> Iterator[Broken]:
    """I5: every visible call has an earlier committed intent of the epoch in which its process acts."""
    for orphan in evidence.orphans:
        yield Broken("I5", orphan)


def epochs_grow(evidence: Evidence) -> Iterator[Broken]:
    """I6: epochs only grow, and no intent carries an old one."""
    for channel, taken in evidence.taken.items():
        if any(after <= before for (before, _), (after, _) in pairwise(taken)):
            yield Broken("I6", f"the epochs of {channel} were {[epoch for epoch, _ in taken]}")
    for channel, attempt in evidence.attempts:
        later = [at for epoch, at in evidence.taken.get(channel, ()) if epoch > attempt.epoch]
        if later and attempt.started_at > min(later) and not evidence.jumped:
            yield Broken("I6", f"an intent of epoch {attempt.epoch} on {channel} after another had taken it")


def well_spaced(evidence: Evidence) -> Iterator[Broken]:
    """I7: spacing, daily cap and blackouts hold for what readers saw."""
    if evidence.jumped:
        return
    first_parts: dict[str, list[datetime]] = defaultdict(list)
    for sight in evidence.sights:
        yes = evidence.approved.get((sight.channel, words(sight.text)))
        if yes is not None and yes.n == 1:
            first_parts[sight.channel].append(sight.at)
    for key, moments in first_parts.items():
        channel = evidence.channels[key]
        for before, after in pairwise(sorted(moments)):
            if after - before < channel.spacing - IN_FLIGHT:
                yield Broken("I7", f"{before:%d %H:%M:%S} and {after:%d %H:%M:%S} on {key} are too close")
        yield from _within_cap(channel, moments)
        yield from _outside_blackouts(channel, moments, evidence.blackouts)


def _within_cap(channel: Channel, moments: Sequence[datetime]) -> Iterator[Broken]:
    zone = ZoneInfo(channel.zone)
    days = [moment.astimezone(zone).date() for moment in moments]
    for day in sorted(set(days)):
        if days.count(day) > channel.daily_cap:
            yield Broken("I7", f"{days.count(day)} posts on {channel.key} on {day}")


def _outside_blackouts(
    channel: Channel, moments: Sequence[datetime], blackouts: Sequence[Blackout]
) -> Iterator[Broken]:
    zone = ZoneInfo(channel.zone)
    for moment in moments:
        began = (moment - IN_FLIGHT).astimezone(zone).date()  # the gate looked at the day before the call
        for blackout in blackouts:
            closed = blackout.first <= moment.astimezone(zone).date() and began <= blackout.last
            if closed and began >= blackout.first and (not blackout.channels or channel.key in blackout.channels):
                yield Broken("I7", f"a post on {channel.key} at {moment:%d %H:%M:%S}, in a blackout: {blackout.reason}")


def fair(evidence: Evidence) -> Iterator[Broken]:
    """I8: of two regions that both wait, none gets ahead by more than the bound (`campaign.fairness.ledger`)."""
    for channel, rows in evidence.rows.items():
        for row in rows:
            waiting = sorted(set().union(*(turn.waiting for turn in row)) & evidence.weights.keys())
            for one, other in combinations(waiting, 2):
                mine, theirs = 1 / evidence.weights[one], 1 / evidence.weights[other]
                ahead = _swing(row, one, other, mine, theirs)
                if ahead > 1 + mine + theirs + 1e-9:
                    yield Broken("I8", f"{one} and {other} on {channel} are {ahead:.2f} turns apart")


def _swing(row: Row, one: str, other: str, mine: float, theirs: float) -> float:
    """Return the most turns by which two regions come apart in any part of a row in which both wait."""
    most = 0.0
    for both_wait, turns in groupby(row, key=lambda turn: {one, other} <= turn.waiting):
        if both_wait:
            lead = list(accumulate((turn.of(one) * mine - turn.of(other) * theirs for turn in turns), initial=0.0))
            most = max(most, max(lead) - min(lead))
    return most


def nothing_told(evidence: Evidence) -> Iterator[Broken]:
    """I10: no secret stands in any output."""
    for output in evidence.outputs:
        for secret in evidence.secrets:
            if secret in output:
                yield Broken("I10", f"a secret stands in {output[:40]!r}…")


RULES: tuple[Callable[[Evidence], Iterator[Broken]], ...] = (
    live_once,
    nothing_lost,
    published_is_live,
    in_time_and_approved,
    nothing_stopped,
    with_intent,
    epochs_grow,
    well_spaced,
    fair,
    nothing_told,
)
