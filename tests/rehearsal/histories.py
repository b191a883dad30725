"""One seed, one history: posts, faults and people's acts drawn by chance, played on a virtual clock, and judged."""

from __future__ import annotations

import hashlib
import io
import logging
import random
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from sqlmodel import select

from campaign import approve, plan, proof, render, store
from campaign.log import LOGGER, Masked
from campaign.models import FINAL, Attempt, Part, Post, PostStatus, Story
from campaign.rehearsal.clock import VirtualClock
from campaign.rehearsal.faults import CALLS, COMMITS, CommitFault, Fault, Faults
from campaign.rehearsal.house import House
from campaign.rehearsal.judge import Belief, Broken, Evidence, Sight, Yes, judge, words
from campaign.rehearsal.transport import Call, Net
from tests.conftest import seeded_ids
from tests.rehearsal.deeds import ACTS, DEEDS, Act, superseded
from tests.rehearsal.laying import CHANNELS, SECRETS, SINGLES, START, STORIES, Layout, serve, wake

LONGEST = timedelta(hours=40)  # of a history
NIGHT = datetime(2026, 3, 28, 23, 0, tzinfo=UTC)  # in which the clocks of Europe change
STEP, LONG_STEP = timedelta(minutes=30), timedelta(hours=4)
LEAST = timedelta(seconds=1)  # a daemon wakes a channel in the second in which its post is due
TICK = timedelta(seconds=5)  # of the daemon


@dataclass(frozen=True)
class Planned:
    """One post that is approved for a moment, in minutes after the start."""

    channel: str
    story: str
    due: float
    embargo: float | None = None
    expires: float | None = None


@dataclass(frozen=True)
class Scenario:
    """All that is decided before a history begins."""

    seed: int
    planned: tuple[Planned, ...]
    calls: dict[int, Fault] = field(default_factory=dict)
    commits: dict[int, CommitFault] = field(default_factory=dict)
    acts: tuple[Act, ...] = ()
    rate: float = 0.0
    spacing: float = 10.0  # minutes
    start: datetime = START


def drawn(seed: int) -> Scenario:
    """Return the scenario of a seed."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    keys = chance.sample(CHANNELS, chance.choice((1, 1, 2)))
    wanted = [(key, story) for key in keys for story in chance.sample(STORIES, chance.choice((1, 1, 2, 3)))]
    planned = tuple(_planned(chance, key, story) for key, story in wanted)
    size = sum(4 if each.story not in SINGLES else 1 for each in planned)
    calls, commits = {}, {}
    for _ in range(chance.randint(0, 5)):
        if chance.random() < 0.7:
            calls[chance.randint(1, 5 * size)] = chance.choice(CALLS)
        else:
            commits[chance.randint(1, 8 * size)] = chance.choice(COMMITS)
    acts = [_deed(chance, planned) for _ in range(chance.choice((0, 0, 1, 2, 3)))]
    if chance.random() < 0.1:
        acts.append(Act(chance.uniform(0, 240), chance.choice(("jump", "jump back"))))
    return Scenario(
        seed,
        planned,
        calls,
        commits,
        tuple(sorted(acts, key=lambda act: act.at)),
        rate=chance.choice((0.0, 0.0, 0.0, 0.05)),
        spacing=chance.choice((0, 10, 60)),
        start=chance.choice((START, START, START, NIGHT)),
    )


def _deed(chance: random.Random, planned: Sequence[Planned]) -> Act:
    """Draw what is done to one of the posts: at any time, or in the moment in which it is due."""
    on = chance.randrange(len(planned))
    at = planned[on].due if chance.random() < 0.25 else chance.uniform(0, 240)
    return Act(at, chance.choice(ACTS), on)


def _planned(chance: random.Random, channel: str, story: str) -> Planned:
    due = chance.uniform(1, 120)
    expires = due + chance.uniform(1, 200) if chance.random() < 0.2 else None
    embargo = due + chance.uniform(-60, 30) if chance.random() < 0.1 else None
    return Planned(channel, story, due, embargo, expires)


class Play:
    """A history while it is played."""

    def __init__(self, laid: Layout, scenario: Scenario) -> None:
        self.laid, self.scenario = laid, scenario
        chance = random.Random(scenario.seed)  # noqa: S311 - repeatable, not secret
        laid.store.put(laid.state)
        shutil.rmtree(laid.config.public.folder, ignore_errors=True)
        laid.disk.faults = self.faults = Faults(scenario.calls, scenario.commits, scenario.rate, chance)
        laid.disk.dead, laid.disk.refusing = False, ""
        self.clock = VirtualClock(scenario.start)
        self.net = Net(self.clock, self.faults)
        self.keys = tuple(dict.fromkeys(each.channel for each in scenario.planned))
        self.services = serve(self.net, self.keys, scenario.seed)
        self.hosts = {service.host: key for key, service in self.services.items()}
        self.names = {key: key for key in self.keys}  # what each channel is called by now
        self.posts: list[str] = []
        self.approved: dict[tuple[str, str], Yes] = {}
        self.orphans: list[str] = []
        self.visible: set[int] = set()  # the numbers of the calls that readers see
        self.taken: dict[str, list[tuple[int, datetime]]] = {key: [] for key in self.keys}
        self.end = scenario.start + LONGEST
        self.jumped = False
        self.idle = timedelta(0)  # how far the clock may go on when nothing is known to happen
        self.acts = list(scenario.acts)
        self.log = io.StringIO()
        self._listen()
        self._wake()
        spaced = {
            key: replace(laid.config.channels[key], spacing=timedelta(minutes=scenario.spacing)) for key in self.keys
        }
        config = replace(laid.config, channels=spaced)
        self.house = House(config, laid.store.db, laid.disk, self.clock, self.net, seeded_ids(scenario.seed + 1))
        self.net.watch, self.net.die, self.net.interlude = self._watched, laid.disk.die, self._interlude

    def _at(self, minutes: float) -> datetime:
        return self.scenario.start + timedelta(minutes=minutes)

    def _listen(self) -> None:
        handler = logging.StreamHandler(self.log)
        handler.setFormatter(Masked("human", self.clock))
        LOGGER.handlers, level = [handler], logging.INFO
        LOGGER.setLevel(level)

    def _wake(self) -> None:
        for each in self.scenario.planned:
            expires = self._at(each.expires) if each.expires is not None else None
            embargo = self._at(each.embargo) if each.embargo is not None else None
            uuid = wake(self.laid, each.channel, each.story, self._at(each.due), expires=expires, embargo=embargo)
            self.posts.append(uuid)
            for n, text in enumerate(self.laid.texts[uuid], start=1):
                self.approved[(each.channel, text)] = Yes(uuid, n, START)

    def run(self) -> None:
        """Play until everything has ended or waits for a person, or the time is over."""
        while self.clock.now() < self.end:
            acted = self._act()
            busy = self._publish() or acted  # what was done is met by a post that is due in the same moment
            if self._is_quiet():
                return
            self.idle = timedelta(0) if busy else max(STEP, min(2 * self.idle, LONG_STEP))
            if (busy or self.idle >= STEP) and self._wants_planning():
                self._keep_house()
            self.clock.advance_to(self.clock.now() + TICK if busy else self._next_moment())

    def _publish(self) -> bool:
        """Let each channel's job run once; say whether there was anything to do."""
        busy = False
        for key in self.keys:
            busy = self.house.publish(self.names[key]) or busy
            self._note_epochs()
        return busy

    def _act(self) -> bool:
        """Do what is to be done by now; say whether there was anything."""
        before = len(self.acts)
        while self.acts and self._at(self.acts[0].at) <= self.clock.now():
            act = self.acts.pop(0)
            self.house.guarded(act.what, lambda act=act: DEEDS[act.what](self, self.posts[act.on % len(self.posts)]))
        return len(self.acts) != before

    def _keep_house(self) -> None:
        """What the daemon's other stages and an officer do: plan, render, and say yes to what was proofed."""
        for stage in (plan.run, render.run, approve.run):
            self.house.guarded("house", lambda stage=stage: stage(self.house.app))
        self.house.guarded("officer", self._say_yes)

    def _say_yes(self) -> None:
        app = self.house.app
        shown = proof.proof(app, text_only=True)
        if not shown.code:
            return
        with app.reading() as db:
            waiting = store.posts_where(db, statuses=[PostStatus.RENDERED])
            texts = {post.uuid: (post.channel, store.parts_of(db, post.uuid)) for post in waiting}
        called = {name: key for key, name in self.names.items()}
        for uuid, (channel, parts) in texts.items():
            for part in parts:
                self.approved.setdefault(
                    (called.get(channel, channel), words(part.content["text"])), Yes(uuid, part.n, self.clock.now())
                )
        approve.approve(app, proof_code=shown.code, person="anna")

    def supersede(self, uuid: str) -> None:
        """Note that what was approved of this post's story is of an old version now."""
        of_story = {post for (post,) in self.laid.store.ask(OF_STORY, uuid)}
        superseded(self.approved, of_story, self.clock.now())

    def _wants_planning(self) -> bool:
        return bool(self.laid.store.ask(UNPLANNED))

    def _is_quiet(self) -> bool:
        """Whether nothing more happens without a person."""
        if self.acts:
            return False
        marks = ", ".join("?" * len(self.posts))
        rows = self.laid.store.ask(f"SELECT uuid, status FROM post WHERE uuid IN ({marks})", *self.posts)  # noqa: S608
        asked = {
            key.partition(":")[2] for (key,) in self.laid.store.ask("SELECT key FROM alert WHERE cleared_at IS NULL")
        }
        return all(status in FINAL or (status in WAITING and uuid in asked) for uuid, status in rows)

    def _next_moment(self) -> datetime:
        """Return when something can happen next."""
        now = self.clock.now()
        found = self.laid.store.ask(NEXT, *[f"{now:%Y-%m-%d %H:%M:%S.%f}"] * 4)
        moments = [datetime.fromisoformat(f"{moment}+00:00") for row in found for moment in row if moment]
        moments += [self._at(self.acts[0].at)] if self.acts else []
        return max(min([*moments, now + max(STEP, self.idle)]), now + LEAST)

    def _interlude(self) -> None:
        """While our process stands still, another one takes over and works for some minutes."""
        self.house.stop_and_take_over(self._others_work)

    def _others_work(self) -> None:
        for key in self.keys:
            self.house.guarded("take", lambda key=key: self.house.seat.take(self.names[key]))
        self._note_epochs()
        for _ in range(self.faults.chance.choice((0, 3))):
            self._publish()
            self.clock.advance(timedelta(minutes=self.faults.chance.choice((0.2, 2, 10))))

    def _note_epochs(self) -> None:
        epochs = self.house.seat.epochs
        for key, name in self.names.items():
            if (epoch := epochs.get(name)) and (not self.taken[key] or self.taken[key][-1][0] != epoch):
                self.taken[key].append((epoch, self.clock.now()))

    def _watched(self, call: Call) -> None:
        """Look, past the program, whether a visible call has its intent."""
        key = self.hosts[call.host]
        if not self.services[key].is_visible(call):
            return
        self.visible.add(self.faults.calls)
        name = self.names[key]
        mine = self.house.seat.epochs.get(name)
        if not self.laid.store.ask(INTENT, name, mine, self.house.seat.sender):
            self.orphans.append(f"a visible call on {key} at {call.at:%d %H:%M:%S} without an intent of epoch {mine}")

    def evidence(self) -> Evidence:
        """Return what is left behind."""
        app = self.house.app
        with app.reading() as db:
            wanted = [post for post in db.exec(select(Post)).all() if post.uuid in self.posts]
            beliefs = [Belief(post, db.get_one(Story, post.story), store.parts_of(db, post.uuid)) for post in wanted]
            tried = db.exec(select(Part.channel, Attempt).join(Part, Attempt.part == Part.uuid)).all()
            alerts = store.open_alerts(db)
            told = [event.note for event in store.events(db)] + [alert.message for alert in alerts]
        sights = [
            Sight(self.names[key], item.id, item.text, item.at, item.gone_at, item.reply_to)
            for key, service in self.services.items()
            for item in service.items
        ]
        outputs = [self.log.getvalue(), *told, *[b.post.reason for b in beliefs], *[a.detail for _, a in tried]]
        return Evidence(
            now=self.clock.now(),
            channels=self.house.config.channels,
            sights=sights,
            beliefs=beliefs,
            attempts=list(tried),
            alerts=alerts,
            approved={(self.names.get(key, key), text): yes for (key, text), yes in self.approved.items()},
            orphans=self.orphans,
            taken={self.names[key]: taken for key, taken in self.taken.items()},
            jumped=self.jumped,
            secrets=SECRETS,
            outputs=outputs,
        )

    def digest(self) -> str:
        """Return what names this history: everything that readers saw, and everything that we believe."""
        seen = [(key, item.id, item.text, item.at) for key, service in self.services.items() for item in service.items]
        believed = self.laid.store.ask("SELECT uuid, status, reason FROM post ORDER BY uuid")
        return hashlib.sha256(repr((seen, believed, self.faults.met, self.clock.now())).encode()).hexdigest()


UNPLANNED = """
SELECT 1 FROM post WHERE status IN ('planned', 'rendered')
    OR (status = 'approved' AND (due_at IS NULL OR input_hash = '')) LIMIT 1
"""
OF_STORY = "SELECT uuid FROM post WHERE story = (SELECT story FROM post WHERE uuid = ?)"
INTENT = """
SELECT 1 FROM attempt a JOIN part p ON a.part = p.uuid WHERE p.channel = ? AND a.epoch = ? AND a.sender = ? LIMIT 1
"""
NEXT = """
SELECT
 (SELECT min(due_at) FROM post WHERE status = 'approved' AND due_at > ?),
 (SELECT min(next_try_at) FROM post WHERE status IN ('approved', 'sending', 'unconfirmed') AND next_try_at >= ?),
 (SELECT min(held_until) FROM channel_state WHERE held_until > ?),
 (SELECT min(confirm_at) FROM post WHERE confirm_at > ?)
"""
WAITING = (PostStatus.UNCONFIRMED, PostStatus.PARTIAL)


@dataclass
class Result:
    """What came of a history."""

    seed: int
    broken: list[Broken]
    met: list[str]
    digest: str
    posts: int
    asked: int  # posts that wait for a person at the end
    starts: int


def play(laid: Layout, scenario: Scenario) -> Result:
    """Play a history and judge it."""
    played = Play(laid, scenario)
    played.run()
    evidence = played.evidence()
    broken = judge(evidence) + [Broken("bug", bug) for bug in played.house.bugs]
    waiting = sum(belief.post.status not in FINAL for belief in evidence.beliefs)
    return Result(
        scenario.seed, broken, played.faults.met, played.digest(), len(played.posts), waiting, played.house.starts
    )
