"""What runs unattended, on a campaign of a hundred stories: hashing, idle ticks, publishing."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from sqlalchemy import event

from benchmarks.drawing import take_photo
from benchmarks.measuring import Comparison, Work, compare, expect, of_pairs
from campaign import approve, intake, owner, plan, proof, publish, render, store
from campaign.app import App, revealed
from campaign.config import load
from campaign.db import Database
from campaign.rehearsal.clock import VirtualClock

MONDAY = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
STORIES, PUBLISHED = 100, 30
CHANNEL = "news"
CONFIG = """
[campaign]
name = "Benchmarks"
zone = "Europe/Brussels"

[plan]
weeks = 8

[people.anna]
name = "Anna"
login = "anna"
approves = ["everything"]

[channels.news]
platform = "folder"
folder = "published"
slots = ["mon-sun 09:00", "mon-sun 15:00"]
"""
STORY = """---
regions: [region-{region}]
kind: update
title: What region {region} has learnt, part {n}
summary: A short account of what was tried, what went wrong and what came of it.
photos: [{{file: photo.jpg, shows: Soft shapes in many colours, consent: nobody-recognisable}}]
---
"""


def compared(folder: Path) -> Iterator[Comparison]:
    clock = VirtualClock(MONDAY)
    with opened(folder, clock) as app:
        hand_in(app, folder)
        plan.run(app)
        yield hashing(app)
        shown = proof.proof(app, text_only=True)
        approve.approve(app, proof_code=shown.code, person="anna")
        yield idling(app, folder)
        yield publishing(app, clock, folder)


@contextmanager
def opened(folder: Path, clock: VirtualClock) -> Iterator[App]:
    regions = [f'[regions.region-{n}]\nname = "Region {n}"' for n in range(8)]
    (folder / "config.toml").write_text("\n".join([CONFIG, *regions]))
    config = load(folder / "config.toml", os.environ)
    app = App(config, Database(revealed(config.database)), clock, who="anna")
    app.db.upgrade()
    app.sync_channels()
    app.owner = owner.own(app.db)
    try:
        yield app
    finally:
        app.owner.release()
        app.db.close()


def hand_in(app: App, folder: Path) -> None:
    photo = take_photo(folder / "photo.jpg", (1600, 1200)).read_bytes()
    for n in range(STORIES):
        place = folder / "stories" / f"story-{n}"
        place.mkdir(parents=True)
        (place / "story.md").write_text(STORY.format(region=n % 8, n=n))
        (place / "photo.jpg").write_bytes(photo)
    taken = intake.take(app, sorted((folder / "stories").iterdir()))
    expect(sum(each.outcome == "accepted" for each in taken), STORIES)


def hashing(app: App) -> Comparison:
    """Render every post once; then look, again and again, whether anything that shapes them has changed."""

    def seconds(expected: int) -> float:
        start = time.process_time()
        done = render.run(app).counts.get("rendered", 0)
        taken = time.process_time() - start
        expect(done, expected)
        return taken

    once = seconds(STORIES)
    return of_pairs(f"look at {STORIES} unchanged posts", "render them", [(seconds(0), once) for _ in range(7)])


def idling(app: App, folder: Path) -> Comparison:
    """A tick of a channel on which nothing is due, against the one question it cannot do without."""
    raw = sqlite3.connect(folder / "campaign.db", isolation_level=None)
    question = "SELECT uuid FROM post WHERE channel = ? AND status = 'approved' AND due_at <= ? LIMIT 1"
    asked = (CHANNEL, app.clock.now().isoformat())
    ours = Work("idle tick of a channel", lambda: publish.run(app, CHANNEL), 100)
    base = Work("one raw SELECT", lambda: raw.execute(question, asked).fetchone(), 1000)
    try:
        return compare(ours, base, rounds=15)
    finally:
        raw.close()


def publishing(app: App, clock: VirtualClock, folder: Path) -> Comparison:
    """One post from its slot to its record, against as many bare commits as that takes."""
    commits: list[object] = []
    event.listen(app.db.engine, "commit", commits.append)
    pairs, counts = [], []
    with bare_database(folder / "bare.db") as commit:
        for _ in range(PUBLISHED):
            clock.advance_to(next_slot(app))
            commits.clear()
            start = time.perf_counter()
            done = publish.run(app, CHANNEL).counts.get("published", 0)
            ours = time.perf_counter() - start
            expect(done, 1)
            counts.append(len(commits))
            start = time.perf_counter()
            for _ in commits:
                commit()
            pairs.append((ours, time.perf_counter() - start))
    each = int(median(counts))
    return of_pairs(f"publish one post to a folder ({each} commits)", f"{each} bare commits", pairs)


def next_slot(app: App) -> datetime:
    with app.reading() as db:
        return min(post.due_at for post in store.posts_where(db, statuses=["approved"]) if post.due_at)


@contextmanager
def bare_database(path: Path) -> Iterator[Callable[[], object]]:
    """Give what writes one number durably, as the program's database does."""
    raw = sqlite3.connect(path, isolation_level=None)
    raw.executescript(
        "PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=EXTRA; CREATE TABLE one (n); INSERT INTO one VALUES (0)"
    )
    try:
        yield lambda: raw.execute("UPDATE one SET n = n + 1")
    finally:
        raw.close()
