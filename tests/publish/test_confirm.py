"""What went live is looked at once more; a look never changes what is known."""

from __future__ import annotations

from datetime import timedelta

import pytest

from campaign import publish, store
from campaign.app import App
from campaign.errors import NotSent, Unsupported
from campaign.models import Post, PostStatus
from campaign.platforms.base import Confirmation
from campaign.rehearsal.clock import VirtualClock
from tests.fakes import World
from tests.making import fresh, make_post, status_of
from tests.publish.conftest import told, work

DOWN = NotSent("no route")


def permalinks(app: App, post: Post) -> list[str]:
    with app.reading() as db:
        return [part.permalink for part in store.parts_of(db, post.uuid)]


def test_a_look_brings_the_permalink_and_warnings(app: App, world: World) -> None:
    post = make_post(app, channel="fake")
    world.next("confirm", lambda: Confirmation("https://fake.example/@asa/1", ("the picture was cropped",)))

    work(app)

    assert permalinks(app, post) == ["https://fake.example/@asa/1"]
    assert told(app, post) == ["post.published", "post.warning"]
    assert world.asked("confirm") == 1


def test_each_part_of_a_thread_is_looked_at(app: App, world: World) -> None:
    post = make_post(app, channel="fake", parts=2)
    world.next("confirm", lambda: Confirmation("https://one"), lambda: Confirmation("https://two"))
    work(app)
    assert permalinks(app, post) == ["https://one", "https://two"]


@pytest.mark.parametrize("error", [DOWN, ZeroDivisionError()])
@pytest.mark.parametrize("failing", [0, 1])
def test_a_look_that_failed_is_taken_again(app: App, world: World, error: Exception, failing: int) -> None:
    post = make_post(app, channel="fake", parts=2)
    world.next("confirm", *[lambda: Confirmation("https://seen")] * failing, error)
    publish.run(app, "fake")
    assert (status_of(app, post), fresh(app, post).confirm_at is None) == (PostStatus.PUBLISHED, False)
    work(app)
    assert (fresh(app, post).confirm_at, world.asked("confirm")) == (None, 4)


def test_after_a_day_of_failed_looks_it_is_given_up(app: App, world: World, clock: VirtualClock) -> None:
    post = make_post(app, channel="fake")
    world.next("confirm", *[DOWN] * 999)
    work(app, hours=25, step=20)
    assert fresh(app, post).confirm_at is None
    looks = world.asked("confirm")
    assert looks > 20
    work(app, hours=2, step=20)
    assert world.asked("confirm") == looks


def test_a_platform_that_has_nothing_to_confirm_is_asked_once(app: App, world: World) -> None:
    post = make_post(app, channel="fake")
    world.next("confirm", Unsupported("no"))
    work(app)
    assert (fresh(app, post).confirm_at, world.asked("confirm")) == (None, 1)
    assert permalinks(app, post) == ["https://fake.example/remote-1"]


def test_a_look_at_a_post_taken_down_meanwhile_changes_nothing(app: App, world: World) -> None:
    post = make_post(app, channel="fake")

    def taken_down() -> None:
        with app.writing() as db:
            store.change_post(db, fresh(app, post), status="removed", confirm_at=None)

    world.next("confirm", taken_down)
    publish.run(app, "fake")
    assert (status_of(app, post), fresh(app, post).confirm_at) == (PostStatus.REMOVED, None)


def test_a_post_bound_without_a_time_is_looked_at_too(app: App, world: World, clock: VirtualClock) -> None:
    post = make_post(app, channel="fake", status=PostStatus.PUBLISHED, confirm_at=clock.now())
    with app.writing() as db:
        (part,) = store.parts_of(db, post.uuid)
        part.remote_id = "remote-7"
        db.add(part)
    world.next("confirm", DOWN)
    publish.run(app, "fake")
    assert fresh(app, post).confirm_at == clock.now() + timedelta(minutes=5)
