"""A rehearsal of the team's own campaign: queue, config and templates on a copy, the days ahead on a virtual clock.

Everything is real but the time, the platforms, and the people: of those it is assumed that they do their part.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from campaign import accounts, approve, proof, store
from campaign.app import App, Summary
from campaign.config import Config, Person
from campaign.models import PostStatus, what_rests
from campaign.platforms import load
from campaign.rehearsal import natures, told
from campaign.rehearsal.clock import VirtualClock
from campaign.rehearsal.copy import Copy, close_the_past, copied
from campaign.rehearsal.faults import Faults
from campaign.rehearsal.house import House
from campaign.rehearsal.judge import judge
from campaign.rehearsal.run import Run, publish_by_hand
from campaign.rehearsal.simulated import let_speak, pointed_at, serve, without_simulator
from campaign.rehearsal.told import Outcome
from campaign.rehearsal.transport import Net
from campaign.rehearsal.witness import Witness
from campaign.tick import OTHER_STAGES

YES_BEFORE = timedelta(hours=24)  # a slot: so early everything is approved, unless only what is approved now may go out
SOMEBODY = Person(key="rehearsal", name="somebody of the team", all=True)
STAGES = tuple(stage for stage in OTHER_STAGES if stage is not accounts.run)  # only the real platforms know accounts

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Ask:
    """What is to be rehearsed."""

    days: int = 28
    seed: int = 1
    percent: float = 0.0  # of the calls meet a fault
    as_approved: bool = False  # only what is approved now goes out


def rehearse(app: App, ask: Ask, progress: Progress) -> Outcome:
    """Play the days ahead of a campaign on a copy, and judge what would be seen. Nothing of the campaign changes."""
    strangers = {name: load(name).limits for name in without_simulator(app.config)}
    with natures.standing_in(strangers), copied(app) as copy:
        return _Rehearsal(app, copy, ask, progress).played()


class _Rehearsal:
    def __init__(self, app: App, copy: Copy, ask: Ask, progress: Progress) -> None:
        self.ask, self.progress = ask, progress
        self.start = app.clock.now().replace(microsecond=0)
        self.ends = self.start + timedelta(days=ask.days)
        chance = random.Random(ask.seed)  # noqa: S311 - repeatable, not secret
        clock = VirtualClock(self.start)
        faults = Faults(rate=ask.percent / 100, chance=random.Random(ask.seed))  # noqa: S311 - repeatable, not secret
        net = Net(clock, faults)
        services = serve(net, copy.config, app.limits, ask.seed)
        config = _with_somebody(pointed_at(copy.config, services))
        self.house = House(
            config,
            copy.store.db,
            copy.disk,
            clock,
            net,
            lambda: str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        )
        with self.house.app.writing() as db:
            self.left_out = close_the_past(db, self.start)
        self.silent = let_speak(self.house.app, services)
        self.witness = Witness(self.house, services)

    def played(self) -> Outcome:
        """Play it and return what came of it."""
        run = Run(self.house, self.witness, self._visit, stages=STAGES, before=(YES_BEFORE,), tell=self._tell)
        with self.witness.listening():
            run.until(self.ends)
        self.progress(1.0, "judging what was seen")
        evidence = self.witness.evidence()
        with self.house.app.reading() as db:
            expired = [alert for alert in store.alerts_since(db, self.start) if alert.key.startswith("expired:")]
        return Outcome(
            start=self.start,
            end=self.ends,
            zone=self.house.config.campaign.zone,
            seed=self.ask.seed,
            percent=self.ask.percent,
            assumed=tuple(self._assumed()),
            appearances=tuple(told.appearances(self.house.config, evidence)),
            survived=tuple(told.survived(self.witness.met, evidence)),
            restarts=self.house.starts - 1,
            promises=tuple(told.promises(judge(evidence), self.house.bugs)),
            needs=tuple(told.needs(evidence, expired, assume_yes=not self.ask.as_approved)),
        )

    def _tell(self, summary: Summary) -> None:
        now = self.house.clock.now()
        if summary.did_something:
            self.progress(min((now - self.start) / (self.ends - self.start), 1.0), f"{now:%d %b}  {summary}")

    def _visit(self, app: App) -> None:
        """What people are assumed to do."""
        if not self.ask.as_approved:
            self._say_yes(app)
        publish_by_hand(app, self.witness, "https://by-hand.example.org")

    def _say_yes(self, app: App) -> None:
        soon = app.clock.now() + YES_BEFORE + timedelta(seconds=1)
        with app.reading() as db:
            waiting = store.posts_where(db, statuses=[PostStatus.RENDERED], due_to=soon)
        wanted = [post.uuid for post in waiting if post.channel in app.config.channels]
        shown = proof.proof(app, wanted, text_only=True) if wanted else None
        if shown and shown.code:
            decided = approve.approve(app, proof_code=shown.code, person=SOMEBODY.key)
            self.witness.hear_yes(each.post for each in decided if each.outcome == "approved")

    def _assumed(self) -> Iterator[str]:
        """Yield what is not as it will be."""
        config = self.house.config
        if self.ask.as_approved:
            yield "Nobody approves anything any more: only what is approved now goes out."
        else:
            yield f"A person approves each post {YES_BEFORE // timedelta(hours=1)} h before its slot."
        if any(channel.mode == "by-hand" for channel in config.channels.values()):
            yield "What a person is to publish by hand is published at once."
        if self.witness.services:
            yield f"Simulated services take the posts of {', '.join(self.witness.services)}."
        for name in without_simulator(config):
            yield f"{name} has no simulator of its own: a generic service stands in for it."
        if self.silent:
            yield f"Channels that are silent now speak: {', '.join(self.silent)}."
        if self.left_out:
            yield f"Posts that may be live now ({self.left_out}) are left out: only the real platforms know of them."
        with self.house.app.reading() as db:
            pauses = store.pauses(db, self.start)
        for pause in pauses:
            yield f"A pause stands as it is now: {what_rests(pause.scope, pause.key)}, {pause.reason}."
        if (stop := config.daemon.stop_file) and stop.exists():
            yield f"{stop} lies there, and nothing is sent as long as it does."


def _with_somebody(config: Config) -> Config:
    return replace(config, people={**config.people, SOMEBODY.key: SOMEBODY})
