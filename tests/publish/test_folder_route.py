"""Publishing to a folder, judged by what lies in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

from campaign import publish
from campaign.app import App
from campaign.models import PostStatus
from tests.making import fresh, make_post, status_of

ATOM = "{http://www.w3.org/2005/Atom}"


def published(app: App, channel: str = "news") -> list[Path]:
    """Return what a reader of the folder finds."""
    folder = app.config.folders.root / "published" / channel
    return sorted(place for place in folder.glob("*") if place.is_dir() and not place.name.startswith("."))


def test_a_due_post_lies_in_the_folder_once_with_text_picture_and_alt_text(app: App) -> None:
    post = make_post(app)

    publish.run(app, "news")
    publish.run(app, "news")

    (place,) = published(app)
    assert place.name.startswith("2026-03-02-battery-modules-")
    assert (place / "post.txt").read_text() == "Battery skills modules are open to every region.\n"
    assert (place / "image-1.alt.txt").read_text() == "A blue workshop wall.\n"
    assert json.loads((place / "post.json").read_text())["language"] == "en"
    assert status_of(app, post) == PostStatus.PUBLISHED


def test_the_feed_has_an_entry_with_the_alt_text(app: App) -> None:
    make_post(app)

    publish.run(app, "news")

    feed = ElementTree.parse(app.config.folders.root / "published/news/feed.xml")
    (entry,) = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "Battery skills modules"
    assert 'alt="A blue workshop wall."' in (entry.findtext(f"{ATOM}content") or "")


def test_nothing_goes_out_before_its_slot(app: App) -> None:
    make_post(app, due_in=timedelta(minutes=1))

    publish.run(app, "news")

    assert published(app) == []


def test_a_post_past_its_late_window_goes_back_to_the_planner_and_keeps_its_yes(app: App) -> None:
    post = make_post(app, due_in=-timedelta(hours=3))

    publish.run(app, "news")

    assert published(app) == []
    kept = fresh(app, post)
    assert (kept.slot_date, kept.returns, kept.approved_hash) == (None, 1, kept.content_hash)


def test_a_thread_lies_there_in_order(app: App) -> None:
    post = make_post(app, parts=3)

    publish.run(app, "news")

    texts = {(place / "post.txt").read_text().strip() for place in published(app)}
    assert len(texts) == 3
    assert status_of(app, post) == PostStatus.PUBLISHED


def test_a_second_daemon_on_the_same_database_is_refused(make_app: Callable[..., App]) -> None:
    import pytest

    from campaign.owner import AnotherDaemon

    make_app()
    with pytest.raises(AnotherDaemon, match="another daemon works on"):
        make_app()
