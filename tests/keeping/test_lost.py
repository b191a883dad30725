"""What nobody knows after a restore is asked of the platform, before anything is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from campaign import keeping, store
from campaign.app import App
from campaign.errors import NotSent
from campaign.models import Post, PostStatus
from campaign.platforms.base import Absent
from campaign.publish import wishes
from campaign.rehearsal.clock import VirtualClock
from tests.fakes import World
from tests.keeping.conftest import HOURS, Start, Stop, adopt, drop, file_of, post_of, tick
from tests.making import fresh, make_post, make_story, status_of


def after_a_loss(app: App, made: Path, start: Start, stop: Stop) -> App:
    """Lose the database, put a backup in its place, and start the program on it."""
    stop(app)
    drop(file_of(app))
    keeping.restore(app, made)
    return start()


def test_a_post_that_was_not_sent_goes_out_after_the_platform_was_asked(
    app: App, world: World, start: Start, stop: Stop
) -> None:
    post_of(app, 1)
    tick(app, minutes=5)
    later = post_of(app, 2, due_in=3 * HOURS)
    made, at = keeping.back_up(app), app.clock.now()

    app = after_a_loss(app, made, start, stop)
    assert status_of(app, later) == "unconfirmed"
    adopt(app)
    tick(app, minutes=240)

    assert world.texts() == ["Text 1.", "Text 2."]
    assert status_of(app, later) == "published"
    assert world.asked("find") == 3
    assert min(at - since for since in world.asked_since) > timedelta(days=6)  # the clock may have been wrong


def test_a_thread_that_went_on_after_the_backup_is_found_part_by_part(
    app: App, world: World, start: Start, stop: Stop
) -> None:
    post = post_of(app, 1, parts=3)
    world.next("publish", lambda: None, RuntimeError("a bug of ours, once"))
    tick(app, minutes=1)
    assert status_of(app, post) == "unconfirmed"
    made = keeping.back_up(app)
    tick(app, minutes=30)
    assert len(world.live) == 3

    app = after_a_loss(app, made, start, stop)
    adopt(app)
    tick(app, minutes=30)

    assert len(world.live) == 3
    assert status_of(app, post) == "published"


def test_a_story_handed_in_again_is_found_under_the_post_of_before(app: App, start: Start, stop: Stop) -> None:
    post_of(app, 1, channel="news")
    tick(app, "news", minutes=2)
    made = keeping.back_up(app)
    make_post(app, make_story(app, "lost"), channel="news", text="See https://e.org/?utm_content=11111111 now.")
    tick(app, "news", minutes=2)

    app = after_a_loss(app, made, start, stop)
    adopt(app)
    again = make_post(app, make_story(app, "lost"), channel="news", text="See https://e.org/?utm_content=22222222 now.")
    tick(app, "news", minutes=10)

    folder = app.config.folders.root / "published/news"
    assert len([place for place in folder.iterdir() if place.is_dir()]) == 2
    assert status_of(app, again) == "published"


def test_a_wish_of_before_the_backup_is_not_granted_twice(app: App, world: World, start: Start, stop: Stop) -> None:
    post = post_of(app, 1, due_in=9 * HOURS)
    tick(app, minutes=1)
    wishes.ask(app, post, wishes.NOW)
    made = keeping.back_up(app)
    tick(app, minutes=5)
    assert world.texts() == ["Text 1."]

    app = after_a_loss(app, made, start, stop)
    adopt(app)
    tick(app, minutes=30)

    assert world.texts() == ["Text 1."]
    assert status_of(app, post) == "published"


def unapproved(app: App, post: Post) -> None:
    """Take the yes to a post back."""
    with app.writing() as db:
        store.change_post(db, post, status=str(PostStatus.RENDERED), approved_hash="", approved_by="")


def test_what_was_approved_only_after_the_backup_is_found_once_its_slot_was_lost(
    app: App, world: World, start: Start, stop: Stop
) -> None:
    post = post_of(app, 1, due_in=HOURS)
    yes = fresh(app, post)
    unapproved(app, post)
    made = keeping.back_up(app)
    with app.writing() as db:
        store.change_post(db, post, status=str(PostStatus.APPROVED), approved_hash=yes.approved_hash)
    tick(app, minutes=70)
    assert world.texts() == ["Text 1."]

    app = after_a_loss(app, made, start, stop)
    assert status_of(app, post) == "unconfirmed"
    adopt(app)
    tick(app, minutes=30)

    assert world.texts() == ["Text 1."]
    assert status_of(app, post) == "published"


def test_what_went_out_by_a_clock_that_was_a_day_ahead_is_found(
    app: App, world: World, start: Start, stop: Stop
) -> None:
    post = post_of(app, 1, due_in=HOURS)
    made = keeping.back_up(app)
    tick(app, minutes=70)
    world.live[0] = replace(world.live[0], at=world.live[0].at - timedelta(hours=26))  # by the platform's clock

    app = after_a_loss(app, made, start, stop)
    adopt(app)
    tick(app, minutes=240)

    assert world.texts() == ["Text 1."]
    assert status_of(app, post) == "published"


def test_what_waited_for_a_yes_and_did_not_go_out_waits_for_it_again(
    app: App, world: World, start: Start, stop: Stop
) -> None:
    missed, later = post_of(app, 1, due_in=HOURS), post_of(app, 2, due_in=90 * HOURS)
    unapproved(app, missed)
    unapproved(app, later)
    made = keeping.back_up(app)
    tick(app, minutes=70)

    app = after_a_loss(app, made, start, stop)
    assert (status_of(app, missed), status_of(app, later)) == ("unconfirmed", "rendered")
    adopt(app)
    tick(app, minutes=240)

    assert world.texts() == []
    assert status_of(app, missed) == "rendered"
    assert fresh(app, missed).reason == "it was not live, and nobody has approved it"


def test_a_failed_post_that_was_retried_after_the_backup_is_asked_about_first(
    app: App, world: World, start: Start, stop: Stop
) -> None:
    post = post_of(app, 1)
    with app.writing() as db:
        store.change_post(db, post, status=str(PostStatus.FAILED))
    made = keeping.back_up(app)
    wishes.ask(app, fresh(app, post), wishes.RETRY)
    tick(app, minutes=5)

    app = after_a_loss(app, made, start, stop)
    adopt(app)
    wishes.ask(app, fresh(app, post), wishes.RETRY)
    tick(app, minutes=30)

    assert world.texts() == ["Text 1."]
    assert status_of(app, post) == "published"


def test_a_person_is_asked_to_look_before_they_publish_by_hand(app: App, start: Start, stop: Stop) -> None:
    post_of(app, 1, channel="hand", due_in=HOURS)
    made = keeping.back_up(app)

    app = after_a_loss(app, made, start, stop)
    adopt(app)
    tick(app, "hand", minutes=90)

    with app.reading() as db:
        (alert,) = store.open_alerts(db)
    assert "unless that was done after 2026-03-02 08:00 UTC" in alert.message


def test_a_failed_post_that_was_to_be_retried_leaves_its_slot_to_another(app: App, stop: Stop, start: Start) -> None:
    failed = post_of(app, 1, due_in=HOURS)
    with app.writing() as db:
        store.change_post(db, failed, status=str(PostStatus.FAILED))
    other = post_of(app, 2, due_in=HOURS)
    wishes.ask(app, fresh(app, failed), wishes.RETRY)
    made = keeping.back_up(app)

    app = after_a_loss(app, made, start, stop)

    assert [status_of(app, post) for post in (failed, other)] == ["unconfirmed", "unconfirmed"]
    assert fresh(app, failed).wish == ""


def test_after_a_month_nothing_is_asked_any_more(app: App, world: World, stop: Stop, start: Start) -> None:
    made = keeping.back_up(app)

    app = after_a_loss(app, made, start, stop)
    adopt(app)
    assert isinstance(app.clock, VirtualClock)
    app.clock.advance(timedelta(days=31))
    post_of(app, 1)

    tick(app, minutes=2)

    assert world.texts() == ["Text 1."]
    assert world.asked("find") == 0


def test_a_part_is_looked_for_once_and_a_thread_that_was_begun_since_goes_on(
    app: App, world: World, stop: Stop, start: Start
) -> None:
    made = keeping.back_up(app)

    app = after_a_loss(app, made, start, stop)
    adopt(app)
    post = post_of(app, 1, parts=2)
    world.next("publish", lambda: None, NotSent("the network is away"))

    tick(app, minutes=90)

    assert world.texts() == ["Text 1.", "Text 1. (2/2)"]
    assert world.asked("find") == 3  # at once, when all that was lost must show, and once more
    assert status_of(app, post) == "published"


def test_what_was_lost_is_never_repeated_though_the_platform_honours_keys(
    app: App, world: World, stop: Stop, start: Start
) -> None:
    world.replay_window = timedelta(days=9)
    post = post_of(app, 1, due_in=3 * HOURS)
    tick(app, minutes=1)
    made = keeping.back_up(app)

    app = after_a_loss(app, made, start, stop)
    adopt(app)
    tick(app, minutes=65)

    assert status_of(app, post) == "approved"
    assert world.asked("publish") == 0


def test_what_a_platform_shows_late_is_not_sent_anew_after_a_loss(
    app: App, world: World, stop: Stop, start: Start
) -> None:
    post = post_of(app, 1)
    made = keeping.back_up(app)
    tick(app, minutes=5)

    app = after_a_loss(app, made, start, stop)
    adopt(app)
    world.next("find", Absent, Absent)

    tick(app, minutes=90)

    assert world.texts() == ["Text 1."]
    assert status_of(app, post) == "published"
