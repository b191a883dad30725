"""What is public goes when the last post that needs it is over, and not before."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from campaign import store, tidy
from campaign.app import App
from campaign.config import Public
from campaign.keeping import home
from campaign.log import set_up
from campaign.models import FINAL, PartContent, Post, PostStatus
from campaign.platforms.base import Image
from tests.making import make_post, make_story

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = DAY + timedelta(seconds=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "www"


@pytest.fixture
def app(make_app: Callable[..., App], folder: Path) -> App:
    app = make_app()
    app.reconfigure(replace(app.config, public=Public("https://pictures.example.org", folder)))
    return app


def show(app: App, post: Post) -> None:
    """Make the pictures of a post public, as its adapter does while it prepares it."""
    with app.reading() as db:
        contents = [PartContent.model_validate(part.content) for part in store.parts_of(db, post.uuid)]
    assert app.public is not None
    for image in (file for content in contents for file in content.files):
        app.public.show(Image(path=app.media.path(image.sha256, image.media_type), **image.model_dump()))


def end(app: App, post: Post, status: PostStatus) -> None:
    with app.writing() as db:
        stored = db.get_one(Post, post.uuid)
        stored.status = str(status)
        db.add(stored)


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


@pytest.mark.parametrize("status", list(PostStatus))
def test_a_picture_stays_until_its_post_is_over(app: App, folder: Path, status: PostStatus) -> None:
    post = make_post(app)
    show(app, post)
    end(app, post, status)
    app.clock.advance(LATER)

    summary = tidy.run(app)

    assert bool(names(folder)) == (status not in FINAL)
    assert str(summary) == ("tidy: 1 removed" if status in FINAL else "tidy: nothing to do")


def test_one_that_two_posts_need_stays_until_both_are_over(app: App, folder: Path) -> None:
    story = make_story(app)
    first, second = (make_post(app, story, channel=channel) for channel in ("news", "kraj"))
    show(app, first)
    app.clock.advance(LATER)
    end(app, first, PostStatus.PUBLISHED)
    tidy.run(app)
    assert len(names(folder)) == 1

    end(app, second, PostStatus.CANCELLED)
    app.clock.advance(HOUR)
    tidy.run(app)

    assert names(folder) == []


def test_for_a_day_it_stays_in_any_case(app: App, folder: Path) -> None:
    post = make_post(app)
    show(app, post)
    end(app, post, PostStatus.PUBLISHED)
    stays = []
    for _ in range(26):
        tidy.run(app)
        stays.append(bool(names(folder)))
        app.clock.advance(HOUR)

    assert stays == [True] * 25 + [False]


def test_so_it_does_from_its_last_post_on(app: App, folder: Path) -> None:
    story = make_story(app)
    first, second = (make_post(app, story, channel=channel) for channel in ("news", "kraj"))
    show(app, first)
    app.clock.advance(3 * DAY)
    show(app, second)
    went_out = app.clock.now()
    for post in (first, second):
        end(app, post, PostStatus.PUBLISHED)
    with app.writing() as db:
        store.change_post(db, db.get_one(Post, second.uuid), published_at=went_out)
    stays = []
    for _ in range(26):
        tidy.run(app)
        stays.append(bool(names(folder)))
        app.clock.advance(HOUR)

    assert stays == [True] * 25 + [False]


@pytest.mark.parametrize("name", ["index.html", f"{64 * '0'}.css", f"{64 * 'a'}.json.gz"])
def test_what_is_not_ours_stays_for_ever(app: App, folder: Path, name: str) -> None:
    folder.mkdir()
    (folder / name).write_text("Nothing to see here")
    app.clock.advance(timedelta(days=400))

    tidy.run(app)

    assert names(folder) == [name]


def test_it_looks_once_an_hour_and_asks_the_database_only_about_what_is_old(app: App, folder: Path) -> None:
    show(app, make_post(app))
    begins, looks = app.clock.now(), []

    def note(*args: object) -> None:
        if "FROM part" in str(args[2]):
            looks.append((app.clock.now() - begins) / HOUR)

    event.listen(app.db._reader, "before_cursor_execute", note)
    for _ in range(60):
        tidy.run(app)
        app.clock.advance(timedelta(minutes=30))

    assert looks == [25, 26, 27, 28, 29]


def test_a_held_copy_removes_nothing(app: App, folder: Path) -> None:
    post = make_post(app)
    show(app, post)
    end(app, post, PostStatus.PUBLISHED)
    app.clock.advance(LATER)
    with app.writing() as db:
        home.hold(app, db, "it woke up elsewhere", None)

    tidy.run(app)

    assert len(names(folder)) == 1


def test_a_place_that_cannot_be_reached_is_told_and_tried_again(app: App, folder: Path) -> None:
    folder.mkdir()
    (folder / f"{'0' * 64}.jpg").mkdir()
    app.clock.advance(timedelta(days=40_000))  # the disk's own time, in which the folder was made, lies long ago
    log = io.StringIO()
    set_up("human", app.clock, stream=log)

    assert not tidy.run(app).did_something

    assert "public.unreachable" in log.getvalue()


def test_without_a_public_place_there_is_nothing_to_do(make_app: Callable[..., App]) -> None:
    assert str(tidy.run(make_app())) == "tidy: nothing to do"
