"""What a tick asks does not grow with what is over, and what is over decides as if it were read again each time."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import event

from campaign import accounts, approve, intake, measure, notify, plan, render, store, tidy
from campaign.app import App
from campaign.config import Public, load
from campaign.db import Database
from campaign.explain import status
from campaign.fairness import Balance, balance
from campaign.models import OPEN, PostStatus, StoryStatus
from campaign.plan import sheet as sheets
from campaign.plan.sheet import Sheet
from campaign.plan.turns import Turns, read_turns, regions_of, taken_of
from campaign.rehearsal.clock import VirtualClock
from campaign.store.turns import all_turns, forget_turns
from campaign.story import Content, Kind, Telling
from tests.conftest import seeded_ids
from tests.making import make_post, make_story

pytest_plugins = ["tests.postgres"]

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
GROWING = "story|post|part|attempt|snapshot|event|alert"
WHOLE = re.compile(  # a table from end to end, but for the small indexes of what is open; or all of a channel
    rf"\bSCAN ({GROWING})\b(?! USING INDEX (ix_story_open|uq_alert_open))|ix_post_work \(channel=\?\)$"
    rf"|Seq Scan on ({GROWING})\b"
)


@pytest.fixture
def either(config_file: Path, clock: VirtualClock, database: Database) -> App:
    """The program on each kind of database in turn."""
    app = App(load(config_file, {}), database, clock, new_id=seeded_ids(), who="anna")
    app.sync_channels()
    return app


@contextmanager
def asked(app: App) -> Iterator[list[str]]:
    """Collect how the database goes about each question: its own words, below the question's."""
    plans: list[str] = []
    explain = "EXPLAIN QUERY PLAN " if app.db.on_sqlite else "EXPLAIN "

    def before(_connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT") and " LIMIT " not in statement and not statement.startswith("SELECT pg_"):
            if not app.db.on_sqlite:
                cursor.execute("SET LOCAL enable_seqscan = off")  # so few rows are read whole wherever that is possible
            plans.extend(
                f"{row[-1]}\n{statement}" for row in cursor.execute(explain + statement, parameters).fetchall()
            )

    engines = [app.db._reader, app.db._writer]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", before)
    yield plans
    for engine in engines:
        event.remove(engine, "before_cursor_execute", before)


def test_no_stage_reads_a_growing_table_from_end_to_end(either: App, tmp_path: Path) -> None:
    make_post(either, make_story(either, "live"), status=PostStatus.PUBLISHED, published_at=either.clock.now())
    make_story(either, "waiting")
    plan.run(either)
    either.reconfigure(replace(either.config, public=Public("https://pictures.example.org", tmp_path)))
    (tmp_path / f"{'0' * 64}.jpg").touch()
    os.utime(tmp_path / f"{'0' * 64}.jpg", (0, 0))

    with asked(either) as plans:
        for stage in (intake, plan, render, approve, measure, accounts, tidy, notify):
            stage.run(either)
        status(either)
        with either.reading() as db:
            store.coming_due(db, either.config.channels, either.clock.now(), either.clock.now() + HOUR)

    assert len(plans) > 30
    assert [told for told in plans if WHOLE.search(told.partition("\n")[0])] == []


# What is over is as if it were read each time ------------------------------------------------------------------------


class Life:
    """A campaign to which anything may happen, on a few regions and two channels."""

    def __init__(self, app: App, clock: VirtualClock, seed: int) -> None:
        self.app, self.clock, self.random = app, clock, Random(seed)  # noqa: S311 - repeatable, no secret
        self.born = 0

    def happen(self) -> None:
        """Let one thing happen, then plan."""
        self.random.choice(
            [
                self.hand_in,
                self.hand_in,
                self.days_pass,
                self.days_pass,
                self.change_a_post,
                self.replace,
                self.withdraw,
            ]
        )()

    def content(self) -> Content:
        regions = self.random.choice([("portugal",), ("moravia-silesia",), ("asa",), ("portugal", "moravia-silesia")])
        channels = self.random.choice([(), (), ("news",), ("kraj",)])
        language = self.random.choice(["en", "en", "cs"])
        tellings = {language: Telling(title="Something", summary="It happened.")}
        return Content(kind=Kind.UPDATE, regions=regions, language=language, channels=channels, tellings=tellings)

    def expiry(self) -> Any:
        return self.random.choice([None, None, self.clock.now() + self.random.randint(-2, 20) * DAY])

    def hand_in(self) -> None:
        for _ in range(3):
            self.born += 1
            make_story(self.app, f"story-{self.born}", content=self.content(), expires_at=self.expiry())

    def days_pass(self) -> None:
        """What came due meanwhile ended in one way or another."""
        self.clock.advance(self.random.randint(1, 6) * DAY)
        ends = [PostStatus.PUBLISHED] * 5 + [PostStatus.FAILED, PostStatus.UNCONFIRMED, PostStatus.PARTIAL]
        with self.app.writing() as db:
            for post in store.posts_where(db, statuses=OPEN, due_to=self.clock.now()):
                store.change_post(db, post, status=str(self.random.choice(ends)))

    def change_a_post(self) -> None:
        """As officers, platforms and the gate do, long after."""
        back = {"slot_date": None, "slot_time": None}
        with self.app.writing() as db:
            post = self.random.choice(store.posts_where(db) or [None])
            match post.status if post else None:
                case PostStatus.UNCONFIRMED | PostStatus.PARTIAL:
                    ends = [PostStatus.PUBLISHED, PostStatus.FAILED, PostStatus.REMOVED]
                    store.change_post(db, post, status=str(self.random.choice(ends)))
                case PostStatus.FAILED:
                    store.change_post(db, post, status="approved", due_at=self.clock.now(), **back)
                case PostStatus.CANCELLED:
                    store.change_post(db, post, status="planned", due_at=None, **back)
                case PostStatus.PLANNED:
                    store.change_post(db, post, status="cancelled", due_at=None, **back)

    def replace(self) -> None:
        """As intake does."""
        with self.app.writing() as db:
            story = self.random.choice(store.all_stories(db) or [None])
            if story is None:
                return
            content = self.content().model_dump(mode="json")
            if content["regions"] != story.content["regions"]:
                forget_turns(db, story.uuid)
            story.content, story.expires_at, story.status = content, self.expiry(), StoryStatus.QUEUED
            story.revision += 1

    def withdraw(self) -> None:
        with self.app.writing() as db:
            story = self.random.choice(store.all_stories(db) or [None])
            if story is not None:
                queued = story.status == StoryStatus.QUEUED
                story.status = StoryStatus.WITHDRAWN if queued else StoryStatus.QUEUED


def decided(made: Sheet) -> dict[str, Any]:
    """What a sheet comes to."""
    return {
        "expired": [post.uuid for post in made.expired],
        "never": [story.uuid for story in made.never],
        "revived": [post.uuid for post in made.revived],
        "lost": [(post.uuid, why) for post, why in made.lost],
        "corrected": [(post.uuid, values) for post, values in made.corrected],
        "waiting": {story: post.uuid for story, post in made.waiting.items()},
        "plan": made.plan,
        "too_soon": made.too_soon,
    }


def from_everything(app: App, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Plan from every story and every turn there ever was."""
    with monkeypatch.context() as whole, app.reading() as db:
        whole.setattr(sheets, "read_turns", lambda _app, db, own: Turns(None, tuple(all_turns(db, own.key)), ()))
        stories = {story.uuid: story for story in store.all_stories(db)}
        channels = app.config.channels.values()
        return [decided(sheets.read_sheet(app, db, channel, 4, stories, {})) for channel in channels]


def levels(app: App, *, whole: bool) -> list[Balance]:
    """Where the ledgers stand after every turn: from the first turn on, or from what was counted before."""
    with app.reading() as db:
        read = [(channel, read_turns(app, db, channel)) for channel in app.config.channels.values()]
        every = {channel.key: tuple(all_turns(db, channel.key)) for channel, _ in read}
    return [
        balance(
            taken_of(every[channel.key] if whole else turns.later, channel),
            regions_of(app.config),
            None if whole else turns.since,
        )
        for channel, turns in read
    ]


@pytest.mark.parametrize("seed", range(6))
def test_planning_from_what_is_left_decides_as_from_everything(
    app: App, clock: VirtualClock, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "AT_ONCE", 3)
    life, counted, done = Life(app, clock, seed), 0, 0
    for _ in range(40):
        life.happen()
        assert [decided(made) for made in plan.plan(app, 4, dry_run=True)] == from_everything(app, monkeypatch)
        assert levels(app, whole=False) == levels(app, whole=True)
        plan.run(app)
        with app.reading() as db:
            counted += sum(post.turn_at is not None for post in store.posts_where(db))
            done += sum(story.done == story.revision for story in store.all_stories(db))
    assert counted > 100
    assert done > 100
