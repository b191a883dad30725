"""The whole route on PostgreSQL: what is only ever tried on SQLite is not known to work on the other."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from campaign import approve, intake, owner, store
from campaign.app import App, open_app
from campaign.config import load
from campaign.files import shipped
from campaign.models import Post, PostStatus
from campaign.proof import proof
from campaign.rehearsal.clock import VirtualClock
from campaign.rehearsal.demo import HANDS_IN, OFFICER, START
from campaign.report import report
from campaign.tick import tick

if TYPE_CHECKING:  # pytest imports it, as a plugin
    from tests.postgres import Postgres

pytest_plugins = ["tests.postgres"]

STORY = "moduly-pro-baterie"


@pytest.fixture
def app(postgres: Postgres, tmp_path: Path) -> Iterator[App]:
    """The example campaign on an empty PostgreSQL database that its config names, as its daemon begins."""
    examples = shipped("examples")
    shutil.copytree(examples / "logos", tmp_path / "logos")
    with postgres.database(empty=True) as url:
        address = url.replace("postgresql+psycopg:", "postgresql:")
        settings = (examples / "demo.toml").read_text(encoding="utf-8")
        (tmp_path / "config.toml").write_text(f'{settings}\n[database]\nurl = "{address}"\n', encoding="utf-8")
        app = open_app(load(tmp_path / "config.toml", {}), who=HANDS_IN, clock=VirtualClock(START))
        app.db.upgrade()
        app.sync_channels()
        app.owner = owner.own(app.db, app.config.daemon.share)
        yield app
        app.owner.release()
        app.db.close()


def posts(app: App, *statuses: PostStatus) -> list[Post]:
    with app.reading() as db:
        return store.posts_where(db, statuses=statuses)


def run(app: App) -> None:
    """Run every stage once, as the daemon does."""
    for _ in tick(app):
        pass


@pytest.mark.cards
def test_a_story_goes_from_its_folder_to_what_was_approved_lying_in_another(app: App) -> None:
    (taken,) = intake.take(app, [shipped("examples") / "stories" / STORY])
    assert taken.problems == ()

    run(app)
    rendered = posts(app, PostStatus.RENDERED)
    shown = proof(app)
    decisions = approve.approve(app, proof_code=shown.code, person=OFFICER)
    run(app)

    assert {decision.outcome for decision in decisions} == {"approved"}
    assert {post.uuid for post in posts(app, PostStatus.APPROVED)} == {post.uuid for post in rendered} != set()
    first = posts(app, PostStatus.APPROVED)[0]
    assert first.due_at is not None
    clock = app.clock
    assert isinstance(clock, VirtualClock)
    clock.advance_to(first.due_at)
    run(app)
    run(app)

    (live,) = posts(app, PostStatus.PUBLISHED)
    (place,) = [found.parent for found in app.config.folders.root.glob("published/*/*/post.txt")]
    with app.reading() as db:
        (part,) = store.parts_of(db, live.uuid)
        (attempt,) = store.attempts_of(db, part.uuid)
        told = [event.what for event in store.events(db, post=live.uuid)]
        assert store.open_alerts(db) == []
    assert (live.uuid, live.approved_hash) == (first.uuid, live.content_hash)
    assert (place / "post.txt").read_text(encoding="utf-8") == f"{part.content['text']}\n"
    assert (attempt.outcome, attempt.epoch) == ("published", 1)
    assert told.index("post.approved") < told.index("post.published")
    assert len(list(place.glob("image-*.jpg"))) == len(part.content["images"]) > 0
    assert report(app, start=START, end=clock.now() + timedelta(minutes=1)).total.posts == 1
