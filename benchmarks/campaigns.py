"""Campaigns to measure: channels that post to a server of this machine, and approved posts on them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from benchmarks.local import Local
from campaign import render, store
from campaign.app import App, open_app
from campaign.config import load
from campaign.models import Post, PostStatus, Story
from campaign.story import Content, Kind, Telling

CONFIG = """
[campaign]
name = "Benchmarks"
zone = "Europe/Brussels"

[regions.portugal]
name = "Portugal"

[people.anna]
name = "Anna"
login = "anna"
approves = ["everything"]
"""
CHANNEL = """
[channels.{key}]
platform = "{platform}"
base_url = "{url}"
attach = "none"
slots = ["mon 09:00"]
spacing = "0 min"
daily_cap = 10000
"""


def channels(count: int) -> list[str]:
    return [f"channel-{n:02}" for n in range(count)]


@contextmanager
def campaign_on(folder: Path, url: str, keys: list[str]) -> Iterator[App]:
    """Open a new campaign in an empty folder, with channels that post to a server."""
    folder.mkdir()
    texts = [CHANNEL.format(platform=Local.name, key=key, url=url) for key in keys]
    (folder / "config.toml").write_text(CONFIG + "".join(texts))
    app = open_app(load(folder / "config.toml", os.environ), who="anna")
    app.db.upgrade()
    app.sync_channels()
    try:
        yield app
    finally:
        app.db.close()


def lay_out(app: App, keys: list[str], each: int, due_at: datetime) -> list[Post]:
    """Put approved posts on every channel, all due at one moment: rendered by the program, placed by hand."""
    now = app.clock.now()
    with app.writing() as db:
        for key in keys:
            for n in range(each):
                story = store.add_story(db, a_story(app, f"{key}-{app.new_id()[:8]}", key, n, now))
                post = Post(uuid=app.new_id(), story=story.uuid, channel=key, due_at=due_at, created_at=now)
                post.first_due_at = due_at
                store.add_post(db, post)
    render.run(app)
    with app.writing() as db:
        posts = store.posts_where(db, statuses=[PostStatus.RENDERED])
        for post in posts:
            yes = {"approved_hash": post.content_hash, "approved_by": "anna", "approved_at": now}
            store.change_post(db, post, status=str(PostStatus.APPROVED), **yes)
    return posts


def a_story(app: App, slug: str, channel: str, n: int, now: datetime) -> Story:
    """Return a story for one channel; its text is no other's, so that no two posts are twins."""
    telling = Telling(title=f"What {slug} has learnt, part {n}", summary="A short account of what came of it.")
    content = Content(
        kind=Kind.UPDATE, regions=("portugal",), language="en", channels=(channel,), tellings={"en": telling}
    )
    return Story(
        uuid=app.new_id(),
        region="portugal",
        slug=slug,
        kind=content.kind.value,
        language="en",
        content=content.model_dump(mode="json"),
        fingerprint=slug,
        created_at=now,
        updated_at=now,
    )
