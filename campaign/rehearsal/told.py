"""What a rehearsal comes to, in words of people: what would appear, what was survived, which promises were kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from campaign.config import Config
from campaign.errors import Exit
from campaign.models import Alert, PostStatus
from campaign.rehearsal.faults import Fault
from campaign.rehearsal.judge import Broken, Evidence, words
from campaign.rehearsal.witness import Met

PROMISES = {
    "I1": "nothing appears twice",
    "I2": "nothing is lost or silent: a post ends, or a person is asked",
    "I3": "“published” means live, and live means “published”",
    "I4": "nothing goes out too early, too late, expired or unapproved",
    "I5": "before each post that can be seen, the intent is stored",
    "I6": "a channel has one owner at a time",
    "I7": "spacing, daily cap and blackouts hold",
    "I8": "no region falls behind another by more than its turn",
    "I10": "no secret stands in any output",
}
FAULTS = {
    Fault.REFUSED: "no connection",
    Fault.CUT_BEFORE: "the connection broke before the platform had done anything",
    Fault.CUT_AFTER: "the platform did it, and its answer was lost",
    Fault.ERROR_BEFORE: "the platform broke down (503)",
    Fault.ERROR_AFTER: "the platform did it, and answered with an error (502)",
    Fault.ERROR_BUT_LIVE: "the platform did it, and answered with an unknown refusal",
    Fault.LIMITED: "too many calls (429)",
    Fault.LIMITED_WITH_WAIT: "too many calls (429), with a time to wait",
    Fault.HANG_BEFORE: "the platform did not answer in time",
    Fault.HANG_AFTER: "the platform did it, and did not answer in time",
    Fault.DRIP: "the answer came too slowly",
    Fault.HALF_BODY: "half of the answer was missing",
    Fault.GARBAGE: "somebody else answered: a hotel's network",
    Fault.REDIRECT: "the platform sent us elsewhere",
    Fault.TOKEN_REFUSED: "the credentials were refused once",
    Fault.STOPPED: "our server stood still while another took over",
    Fault.CRASH_BEFORE: "our program died before the call",
    Fault.CRASH_AFTER: "our program died after the call, the answer unread",
}
ENDED = {
    PostStatus.PUBLISHED: "live, once",
    PostStatus.UNCONFIRMED: "a person was asked to look",
    PostStatus.PARTIAL: "a person was asked to look at the rest of the thread",
    PostStatus.FAILED: "given up, and a person was asked",
    PostStatus.EXPIRED: "expired, and a person was told",
}


@dataclass(frozen=True)
class Appearance:
    """A post that readers would see."""

    at: datetime
    channel: str
    name: str  # of the channel
    story: str
    region: str
    title: str


@dataclass(frozen=True)
class Survived:
    """A fault, and what came of the call that met it."""

    at: datetime
    channel: str
    fault: str
    call: str
    then: str
    visible: bool = True  # a post was being sent


@dataclass(frozen=True)
class Promise:
    """A rule, and how it was broken, if it was."""

    rule: str
    words: str
    broken: tuple[str, ...] = ()

    @property
    def kept(self) -> bool:
        """Whether it held all the time."""
        return not self.broken


@dataclass(frozen=True)
class Need:
    """Something that needs a person."""

    since: datetime
    what: str
    remedy: str = ""


@dataclass(frozen=True)
class Outcome:
    """What a rehearsal comes to."""

    start: datetime
    end: datetime
    zone: str
    seed: int
    percent: float
    assumed: tuple[str, ...]
    appearances: tuple[Appearance, ...]
    survived: tuple[Survived, ...]
    restarts: int
    promises: tuple[Promise, ...]
    needs: tuple[Need, ...]

    @property
    def exit_code(self) -> Exit:
        """1 when a promise is broken, 3 when something needs a person."""
        if not all(promise.kept for promise in self.promises):
            return Exit.ERROR
        return Exit.NEEDS_PERSON if self.needs else Exit.DONE

    def as_json(self, page: Path) -> dict[str, Any]:
        """Return it for programs, with where its page lies."""
        kept = [{**asdict(promise), "kept": promise.kept} for promise in self.promises]
        return {**asdict(self), "promises": kept, "exit_code": int(self.exit_code), "page": str(page)}


def appearances(config: Config, evidence: Evidence) -> Iterator[Appearance]:
    """Yield what readers saw, threads by their first part, in the order in which it appeared."""
    beliefs = {belief.post.uuid: belief for belief in evidence.beliefs}
    for sight in sorted(evidence.sights, key=lambda sight: (sight.at, sight.channel, sight.id)):
        yes = evidence.approved.get((sight.channel, words(sight.text)))
        if yes is not None and yes.n > 1:
            continue
        belief = beliefs.get(yes.post) if yes else None
        region = config.regions.get(belief.story.region) if belief else None
        yield Appearance(
            sight.at,
            sight.channel,
            config.channels[sight.channel].name,
            belief.story.slug if belief else "unknown",
            region.named(config.campaign.language) if region else "unknown",
            belief.parts[0].content["title"] if belief else sight.text[:60],
        )


def survived(met: Sequence[Met], evidence: Evidence) -> list[Survived]:
    """Return each fault with what came of it."""
    return [_survived(each, evidence) for each in met]


def _survived(met: Met, evidence: Evidence) -> Survived:
    fault = FAULTS[met.fault]
    if not met.visible:
        return Survived(met.at, met.channel, fault, "a call that nobody sees", "done again", visible=False)
    parts = {part.uuid: belief for belief in evidence.beliefs for part in belief.parts}
    tried = [
        attempt
        for channel, attempt in evidence.attempts
        if channel == met.channel and attempt.started_at <= met.at and attempt.part in parts
    ]
    last = max(tried, key=lambda attempt: attempt.started_at, default=None)
    if last is None:
        return Survived(met.at, met.channel, fault, "a post", "it was not sent")
    belief = parts[last.part]
    then = ENDED.get(PostStatus(belief.post.status), "it waits for another slot")
    return Survived(met.at, met.channel, fault, belief.story.slug, then)


def promises(broken: Sequence[Broken], bugs: Sequence[str]) -> Iterator[Promise]:
    """Yield each rule, kept or broken, and errors that nobody foresaw."""
    for rule, meaning in PROMISES.items():
        yield Promise(rule, meaning, tuple(dict.fromkeys(each.what for each in broken if each.rule == rule)))
    if bugs:
        yield Promise("bug", "the program itself has no mistakes", tuple(dict.fromkeys(bugs)))


def needs(evidence: Evidence, expired: Sequence[Alert], *, assume_yes: bool) -> Iterator[Need]:
    """Yield what needs a person: open alerts, and stories that expired meanwhile.

    That a yes is missing for a slot after the end is no need where a yes is assumed for every slot.
    """
    seen = {alert.uuid: alert for alert in (*evidence.alerts, *expired)}
    for alert in sorted(seen.values(), key=lambda alert: (alert.raised_at, alert.message)):
        if not (assume_yes and alert.key.startswith("unapproved:")):
            yield Need(alert.raised_at, alert.message, alert.remedy)
