"""The same present work on databases of more and more history: what a tick costs must not depend on it."""

from __future__ import annotations

import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Connection, insert
from sqlmodel import Session, SQLModel

from benchmarks.campaigns import channels
from benchmarks.measuring import expect
from campaign import accounts, approve, intake, measure, notify, owner, plan, publish, render, store
from campaign.app import App, revealed
from campaign.config import load
from campaign.db import Database
from campaign.explain import status
from campaign.models import Alert, Attempt, Event, Part, PartContent, Post, PostStatus, Snapshot, Story, content_hash
from campaign.platforms import PLATFORMS
from campaign.platforms.base import (
    Absent,
    Account,
    CannotTell,
    Checkpoint,
    Found,
    Limits,
    Outgoing,
    Platform,
    Published,
)
from campaign.rehearsal.clock import VirtualClock
from campaign.story import Content, Kind, Telling

SIZES = (1_000, 20_000, 200_000)  # posts; each has a part, an attempt, two snapshots and two events
ROUNDS = 9
CHANNELS, SOME, REGIONS = channels(8), channels(5), 12  # every third story is for some channels only
POSTS_OF_THREE = 2 * len(CHANNELS) + len(SOME)
STEP = timedelta(hours=6)  # from story to story
WAITING = 12
MEMORY = "/dev/shm"  # noqa: S108 - a folder of its own is made in it
NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
AGES = (timedelta(days=1), timedelta(days=30))
AT_ONCE = 2_000  # stories written at once
CALL = timedelta(seconds=1)
CONTENT = PartContent(text="What a region has taught us. " * 8, language="en").model_dump(mode="json")
PART = {"n": 1, "role": "post", "permalink": "", "resent": False}
DONE = {"outcome": "published", "detail": ""}
CONFIG = """
[campaign]
name = "Benchmarks"
zone = "Europe/Brussels"

[plan]
weeks = 2

[people.anna]
name = "Anna"
login = "anna"
approves = ["everything"]
"""
REGION = """
[regions.region-{n}]
name = "Region {n}"
"""
CHANNEL = """
[channels.{key}]
platform = "silent"
attach = "none"
slots = ["mon-sun 08:00", "mon-sun 11:00", "mon-sun 14:00", "mon-sun 17:00"]
spacing = "0 min"
daily_cap = 10000
"""


class Silent(Platform):
    """Takes every post and makes no call, so that only the program's own work is left."""

    name = "silent"
    starts_enabled = True
    limits = Limits(text=500)

    def check(self) -> Account:
        return Account(id=self.name, name="", limits=self.limits)

    def publish(self, item: Outgoing, checkpoint: Checkpoint, *, idempotency_key: str) -> Published:
        return Published(idempotency_key)

    def find(self, item: Outgoing, checkpoint: Checkpoint, since: datetime) -> Found | Absent | CannotTell:
        return CannotTell("nobody is asked")


PLATFORMS[Silent.name] = "benchmarks.growing:Silent"


@dataclass(frozen=True)
class Growth:
    """What one work costs in seconds on each size of database."""

    what: str
    seconds: tuple[float, ...]

    @property
    def ratios(self) -> tuple[float, ...]:
        """How many times the cost on the smallest."""
        return tuple(each / self.seconds[0] for each in self.seconds[1:])


def measured(sizes: tuple[int, ...] = SIZES) -> Iterator[Growth]:
    """Do each work on all sizes in turns; the first turn, which may read what later ones need not, does not count."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as memory, ExitStack() as stack:
        apps = [stack.enter_context(grown(Path(memory) / str(size), size)) for size in sizes]
        for what, work in WORKS:
            turns = [[work(app) for app in apps] for _ in range(ROUNDS + 1)][1:]
            yield Growth(what, tuple(map(median, zip(*turns, strict=True))))


@contextmanager
def grown(folder: Path, posts: int) -> Iterator[App]:
    """Open a campaign with so many posts behind it, and the same work before it at every size."""
    folder.mkdir()
    regions = [REGION.format(n=n) for n in range(REGIONS)]
    texts = [CHANNEL.format(key=key) for key in CHANNELS]
    (folder / "config.toml").write_text("".join([CONFIG, *regions, *texts]))
    config = load(folder / "config.toml", os.environ)
    app = App(config, Database(revealed(config.database)), VirtualClock(NOW), who="anna")
    app.db.upgrade()
    app.sync_channels()
    with app.db.engine.begin() as connection:
        fill(connection, posts)
    app.owner = owner.own(app.db)
    try:
        settle(app)
        yield app
    finally:
        app.owner.release()
        app.db.close()


def settle(app: App) -> None:
    """Hand in a few stories, plan and render them, approve half of what came of it, and look at every account."""
    with app.writing() as db:
        for n in range(WAITING):
            db.add(Story(**a_story(app.new_id(), f"waiting-{n}", n, NOW)))
    for stage in (plan, render, accounts, accounts, notify, plan):
        stage.run(app)
    with app.writing() as db:
        for post in store.posts_where(db, statuses=[PostStatus.RENDERED])[::2]:
            say_yes(db, post, post.content_hash)
    for key in CHANNELS:
        publish.run(app, key)  # takes the channel


Rows = defaultdict[type[SQLModel], list[dict[str, Any]]]

# History ------------------------------------------------------------------------------------------------------------


def fill(connection: Connection, posts: int) -> None:
    """Write a history of so many posts, a story every few hours, the last one an hour ago."""
    stories = posts // POSTS_OF_THREE * 3
    began = NOW - timedelta(hours=1) - stories * STEP
    for start in range(0, stories, AT_ONCE):
        rows: Rows = defaultdict(list)
        for n in range(start, min(start + AT_ONCE, stories)):
            remember(rows, n, began + n * STEP)
        for table in (Story, Post, Part, Attempt, Snapshot, Event, Alert):  # parents first
            if rows[table]:
                connection.execute(insert(table), rows[table])


def remember(rows: Rows, n: int, at: datetime) -> None:
    """Add a story that went out at one moment on all its channels, and what is known of each of its posts."""
    story, keys = f"story-{n:06}", CHANNELS if n % 3 else SOME
    rows[Story].append(a_story(story, f"story-{n}", n, at, keys if keys is SOME else ()))
    for number, key in enumerate(keys):
        post = f"{story}-{key}"
        part = f"{post}-part"
        live = {"post": post, "channel": key}
        rows[Post].append(a_post(post, story, key, at))
        rows[Part].append({"uuid": part, **live, "content": CONTENT, "remote_id": part, "checkpoint": {}} | PART)
        times = {"started_at": at, "send_by": at + CALL, "ended_at": at + CALL}
        rows[Attempt].append({"uuid": post, "part": part, "epoch": 1, "sender": "before", **times} | DONE)
        for age in AGES:
            taken = at + age if at + age <= NOW else None
            counted = {"counts": {"reactions": n % 50} if taken else {}, "missing": {}, "raw": {}, "source": "silent"}
            seconds = int(age.total_seconds())
            row = {"uuid": f"{post}-{seconds}", "post": post, "age": seconds, "due_at": at + age, "taken_at": taken}
            rows[Snapshot].append(row | counted)
        for what in ("post.planned", "post.published"):
            told = {"at": at, "who": "daemon", "what": what, "story": story, "note": "fair turn"}
            rows[Event].append({**told, **live, "before": {}, "after": {}})
        if n % 50 == number == 0:
            alert = {"uuid": post, "key": f"failed:{post}", "message": "it failed", "remedy": "look", "told_at": at}
            rows[Alert].append({**alert, **live, "raised_at": at, "cleared_at": at + CALL})


def a_story(uuid: str, slug: str, n: int, at: datetime, keys: Sequence[str] = ()) -> dict[str, Any]:
    """Return a story of one region, every fifth of two; no text is another's."""
    regions = tuple(f"region-{each % REGIONS}" for each in (n, n + 1)[: 1 + (n % 5 == 0)])
    telling = Telling(title=f"What {slug} has taught us", summary="A short account of what came of it. " * 5)
    content = Content(kind=Kind.UPDATE, regions=regions, language="en", channels=tuple(keys), tellings={"en": telling})
    words = {"kind": "update", "language": "en", "project": "", "note": "", "handed_by": "anna", "status": "queued"}
    return words | {
        "uuid": uuid,
        "region": regions[0],
        "slug": slug,
        "revision": 1,
        "priority": 0,
        "content": content.model_dump(mode="json"),
        "fingerprint": slug,
        "created_at": at - timedelta(days=3),
        "updated_at": at,
    }


def a_post(uuid: str, story: str, channel: str, at: datetime) -> dict[str, Any]:
    """Return a post that went out in its slot."""
    hashes = dict.fromkeys(("input_hash", "content_hash", "proofed_hash", "approved_hash"), HASH)
    counts = {"occurrence": 1, **dict.fromkeys(("tries", "returns", "misses", "warned"), 0)}
    times = dict.fromkeys(("due_at", "first_due_at", "approved_at", "published_at", "created_at"), at)
    slot = {"slot_date": at.date(), "slot_time": f"{at:%H:%M}"}
    words = {"status": "published", "approved_by": "anna", "notes": [], "wish": "", "wish_by": "", "reason": ""}
    return {"uuid": uuid, "story": story, "channel": channel, **hashes, **counts, **times, **slot, **words}


# Work ---------------------------------------------------------------------------------------------------------------

Run = Callable[[App], object]


def repeated(run: Run, times: int = 1) -> Callable[[App], float]:
    """Return what tells the CPU time of one of so many runs."""

    def seconds(app: App) -> float:
        start = time.process_time()
        for _ in range(times):
            run(app)
        return (time.process_time() - start) / times

    return seconds


def one_post(app: App) -> float:
    """Return the CPU time of a post from its slot to its record; its making is not counted."""
    make_due(app)
    start = time.process_time()
    done = publish.run(app, CHANNELS[0]).counts.get("published")
    taken = time.process_time() - start
    expect(done, 1)
    return taken


def make_due(app: App) -> None:
    now, channel = app.clock.now(), app.channel(CHANNELS[0])
    with app.writing() as db:
        story = Story(**a_story(app.new_id(), f"due-{app.new_id()}", 1, now, [channel.key]))
        store.add_story(db, story)
        post = store.add_post(
            db, Post(uuid=app.new_id(), story=story.uuid, channel=channel.key, due_at=now, created_at=now)
        )
    parts = render.render(app, post, story).parts
    with app.writing() as db:
        store.replace_parts(db, post, parts, app.new_id)
        say_yes(db, post, content_hash(parts))


def say_yes(db: Session, post: Post, agreed: str) -> None:
    yes = {"content_hash": agreed, "approved_hash": agreed, "approved_by": "anna", "approved_at": post.created_at}
    store.change_post(db, post, status=str(PostStatus.APPROVED), **yes)


def coming_due(app: App) -> None:
    """What the daemon asks every second."""
    now, near = app.clock.now(), timedelta(seconds=1.5)
    with app.reading() as db:
        store.coming_due(db, CHANNELS, now - near, now + near)


WORKS = (
    ("what is asked every second", repeated(coming_due, 50)),
    ("idle publish tick of a channel", repeated(lambda app: publish.run(app, CHANNELS[0]), 50)),
    ("publish one post", one_post),
    ("intake", repeated(intake.run, 50)),
    ("plan", repeated(plan.run)),
    ("render", repeated(render.run)),
    ("approve", repeated(approve.run, 5)),
    ("measure", repeated(measure.run, 50)),
    ("accounts", repeated(accounts.run, 50)),
    ("notify", repeated(notify.run, 20)),
    ("campaign status", repeated(status, 5)),
)
