"""A restored database sends nothing twice, judged by what the platform holds."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from campaign import keeping, owner, store
from campaign.app import App
from campaign.errors import CampaignError, NotSent, StoreError, UsageError
from campaign.models import PostStatus
from campaign.platforms.base import CannotTell
from campaign.publish import wishes
from campaign.rehearsal.clock import VirtualClock
from tests.fakes import Crash, World
from tests.keeping.conftest import adopt, drop, is_held, post_of, tick
from tests.making import fresh, make_post, make_story, status_of
from tests.publish.conftest import alerts, told

HOURS = timedelta(hours=1)
Start = Callable[[], App]
Stop = Callable[[App], None]


def file_of(app: App) -> Path:
    assert app.db.file is not None
    return app.db.file


@pytest.mark.parametrize("lost", [False, True], ids=["carried over", "the replaced one is gone"])
@pytest.mark.parametrize("window", [timedelta(0), timedelta(days=9)], ids=["no replay", "replay"])
@pytest.mark.parametrize("nature", ["finds", "never proves", "cannot tell"])
def test_what_went_out_after_the_backup_is_never_sent_again(
    app: App, world: World, start: Start, stop: Stop, lost: bool, window: timedelta, nature: str
) -> None:
    world.replay_window = window
    posts = [post_of(app, n, due_in=n * HOURS) for n in range(1, 5)]
    tick(app, minutes=90)
    made = keeping.back_up(app)
    tick(app, minutes=120)
    assert world.texts() == ["Text 1.", "Text 2.", "Text 3."]
    stop(app)
    if lost:
        drop(file_of(app))
    if nature != "finds":
        world.settle = None
    if nature == "cannot tell":
        world.next("find", *[lambda: CannotTell("nobody may look")] * 500)

    keeping.restore(app, made)
    app = start()
    assert is_held(app)
    tick(app, minutes=60)
    assert world.texts() == ["Text 1.", "Text 2.", "Text 3."]
    adopt(app)
    tick(app, minutes=60)

    if not lost or nature == "finds":
        assert world.texts() == ["Text 1.", "Text 2.", "Text 3.", "Text 4."]
        assert {status_of(app, post) for post in posts} == {"published"}
    else:
        assert world.texts() == ["Text 1.", "Text 2.", "Text 3."]
        assert status_of(app, posts[3]) == "unconfirmed"
        assert "unconfirmed" in alerts(app)
    if not lost:
        assert world.asked("find") == 0


def test_a_post_that_was_not_sent_goes_out_after_the_platform_was_asked(
    app: App, world: World, start: Start, stop: Stop
) -> None:
    post_of(app, 1)
    tick(app, minutes=5)
    later = post_of(app, 2, due_in=3 * HOURS)
    made, at = keeping.back_up(app), app.clock.now()
    stop(app)
    drop(file_of(app))

    keeping.restore(app, made)
    app = start()
    assert status_of(app, later) == "unconfirmed"
    adopt(app)
    tick(app, minutes=240)

    assert world.texts() == ["Text 1.", "Text 2."]
    assert status_of(app, later) == "published"
    assert world.asked("find") == 2
    assert {at - since for since in world.asked_since} == {timedelta(minutes=2)}


def test_the_file_stays_the_same_one_and_what_was_there_is_kept(app: App, start: Start, stop: Stop) -> None:
    made = keeping.back_up(app)
    stop(app)
    before = file_of(app).stat().st_ino

    done = keeping.restore(app, made)

    assert file_of(app).stat().st_ino == before
    assert done.kept is not None
    assert done.kept.name == "campaign-replaced-20260302-080000.db"
    assert stat.S_IMODE(done.kept.stat().st_mode) == 0o600
    second = keeping.restore(app, made)
    assert second.kept is not None
    assert second.kept.name == "campaign-replaced-2-20260302-080000.db"
    assert is_held(start())


def test_stories_and_posts_that_came_after_the_backup_stay(app: App, world: World, start: Start, stop: Stop) -> None:
    open_one = post_of(app, 1, due_in=5 * HOURS)
    gone = post_of(app, 2, due_in=5 * HOURS, channel="news")
    with app.writing() as db:
        app.event(db, "post.planned", post=gone.uuid)
    made = keeping.back_up(app)
    sent = post_of(app, 3)
    waits = post_of(app, 4, due_in=5 * HOURS + timedelta(minutes=1))
    tick(app, minutes=5)
    with app.writing() as db:
        store.change_post(db, gone, status=str(PostStatus.CANCELLED), reason="not now")
        story = store.story_by_id(db, gone.story)
        assert story is not None
        story.status, story.note = "withdrawn", "wrong photo"
        db.add(story)
    stop(app)

    done = keeping.restore(app, made)
    app = start()

    assert done.knows_all
    assert [status_of(app, post) for post in (open_one, gone, sent, waits)] == [
        "approved",
        "cancelled",
        "published",
        "approved",
    ]
    with app.reading() as db:
        story = store.story_by_id(db, gone.story)
        assert story is not None
        assert (story.status, story.note) == ("withdrawn", "wrong photo")
    assert "post.published" in told(app, sent)
    adopt(app)
    tick(app, minutes=400)
    assert sorted(world.texts()) == ["Text 1.", "Text 3.", "Text 4."]


def test_a_slot_that_another_post_has_had_since_is_free_of_the_first(
    app: App, world: World, start: Start, stop: Stop
) -> None:
    first = post_of(app, 1, due_in=HOURS)
    made = keeping.back_up(app)
    with app.writing() as db:
        store.change_post(db, first, slot_date=None, slot_time=None, due_at=None)
    other = post_of(app, 2, due_in=HOURS)
    tick(app, minutes=90)
    stop(app)

    keeping.restore(app, made)
    app = start()

    assert status_of(app, other) == "published"
    assert fresh(app, first).slot_date is None


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
    stop(app)
    drop(file_of(app))

    keeping.restore(app, made)
    app = start()
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
    stop(app)
    drop(file_of(app))

    keeping.restore(app, made)
    app = start()
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
    stop(app)
    drop(file_of(app))

    keeping.restore(app, made)
    app = start()
    adopt(app)
    tick(app, minutes=30)

    assert world.texts() == ["Text 1."]
    assert status_of(app, post) == "published"


def test_a_failed_post_that_was_retried_after_the_backup_is_asked_about_first(
    app: App, world: World, start: Start, stop: Stop
) -> None:
    post = post_of(app, 1)
    with app.writing() as db:
        store.change_post(db, post, status=str(PostStatus.FAILED))
    made = keeping.back_up(app)
    wishes.ask(app, fresh(app, post), wishes.RETRY)
    tick(app, minutes=5)
    stop(app)
    drop(file_of(app))

    keeping.restore(app, made)
    app = start()
    adopt(app)
    wishes.ask(app, fresh(app, post), wishes.RETRY)
    tick(app, minutes=30)

    assert world.texts() == ["Text 1."]
    assert status_of(app, post) == "published"


def test_a_person_is_asked_to_look_before_they_publish_by_hand(app: App, start: Start, stop: Stop) -> None:
    post_of(app, 1, channel="hand", due_in=HOURS)
    made = keeping.back_up(app)
    stop(app)
    drop(file_of(app))

    keeping.restore(app, made)
    app = start()
    adopt(app)
    tick(app, "hand", minutes=90)

    with app.reading() as db:
        (alert,) = store.open_alerts(db)
    assert "unless that was done after 2026-03-02 08:00 UTC" in alert.message


def test_epochs_only_grow(app: App, start: Start, stop: Stop) -> None:
    made = keeping.back_up(app)
    for _ in range(3):
        tick(app, minutes=1)
        stop(app)
        app = start()
        post_of(app, len(app.new_id()) + app.clock.now().minute, due_in=timedelta(days=2))
    tick(app, minutes=1)
    with app.reading() as db:
        before = {key: state.epoch for key, state in store.channel_states(db).items()}
    stop(app)

    keeping.restore(app, made)
    app = start()
    with app.reading() as db:
        after = {key: state.epoch for key, state in store.channel_states(db).items()}
    assert all(after[key] > before[key] for key in before)
    stop(app)
    drop(file_of(app))

    keeping.restore(app, made)
    app = start()
    with app.reading() as db:
        assert min(state.epoch for state in store.channel_states(db).values()) > 1_000_000


def test_a_daemon_that_runs_is_named(app: App, make_app: Callable[..., App]) -> None:
    made = keeping.back_up(app)

    with pytest.raises(owner.AnotherDaemon, match=rf"process {os.getpid()}"):
        keeping.restore(make_app(owns=False), made)


def test_what_cannot_be_restored_is_told_and_nothing_is_changed(app: App, stop: Stop, tmp_path: Path) -> None:
    made = keeping.back_up(app)
    stop(app)
    text, torn, other, newer, foreign = (tmp_path / name for name in ("text", "torn", "other", "newer", "foreign"))
    text.write_text("This is no database at all, however long it may be.\n" * 100)
    torn.write_bytes(made.read_bytes()[: made.stat().st_size // 2])
    shutil.copyfile(made, newer)
    shutil.copyfile(made, foreign)
    for file, change in (
        (other, "CREATE TABLE cats (name TEXT)"),
        (newer, "UPDATE alembic_version SET version_num = '9999'"),
        (foreign, "UPDATE channel_state SET channel = 'their-' || channel"),
    ):
        connection = sqlite3.connect(file)
        connection.execute(change)
        connection.commit()
        connection.close()
    before = file_of(app).read_bytes()

    for file, kind, words in (
        (text, StoreError, "file is not a database"),
        (torn, CampaignError, "malformed|damaged"),
        (other, UsageError, "is no database of campaign"),
        (newer, StoreError, "newer version of this program"),
        (foreign, UsageError, "another campaign: its channels are their-fake"),
        (file_of(app), UsageError, "is the database itself"),
    ):
        with pytest.raises(kind, match=words):
            keeping.restore(app, file)

    assert file_of(app).read_bytes() == before
    assert not list(tmp_path.glob(".*restoring"))
    assert not list(tmp_path.glob("*replaced*"))


@pytest.mark.parametrize("damage", ["text", "torn", "empty", "newer"])
def test_a_database_that_cannot_be_read_is_kept_as_it_is_and_replaced(
    app: App, start: Start, stop: Stop, damage: str
) -> None:
    made = keeping.back_up(app)
    stop(app)
    live = file_of(app)
    if damage == "newer":
        connection = sqlite3.connect(live)
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
        connection.close()
    else:
        whole = live.read_bytes()
        live.write_bytes({"text": b"no database\n" * 999, "torn": whole[: len(whole) // 2], "empty": b""}[damage])
        live.with_name("campaign.db-journal").write_bytes(b"")
    before, inode = live.read_bytes(), live.stat().st_ino

    done = keeping.restore(app, made)

    assert done.unread
    assert not done.knows_all
    assert done.kept is not None
    if damage in ("text", "torn"):
        assert done.kept.read_bytes() == before
    assert live.stat().st_ino == inode
    assert is_held(start())


def test_two_databases_that_contradict_each_other_are_told(app: App, world: World, stop: Stop) -> None:
    post_of(app, 1)
    tick(app, minutes=2)
    made = keeping.back_up(app)
    other = post_of(app, 2, due_in=HOURS)
    with app.writing() as db:
        first, second = (store.parts_of(db, post)[0] for post in (world_post(app), other.uuid))
        remote = first.remote_id
        first.remote_id = None
        db.add(first)
        db.flush()
        second.remote_id = remote
        db.add(second)
        store.change_post(db, other, status=str(PostStatus.PUBLISHED))
        one = store.post_by_id(db, first.post)
        assert one is not None
        store.change_post(db, one, status=str(PostStatus.APPROVED))
    stop(app)
    before = file_of(app).read_bytes()

    with pytest.raises(StoreError, match="contradict each other"):
        keeping.restore(app, made)

    assert file_of(app).read_bytes() == before


def world_post(app: App) -> str:
    with app.reading() as db:
        return store.posts_where(db, channel="fake")[0].uuid


@pytest.mark.parametrize("nth", range(1, 9))
def test_a_restore_that_dies_has_changed_nothing(app: App, stop: Stop, start: Start, nth: int) -> None:
    post_of(app, 1)
    made = keeping.back_up(app)
    tick(app, minutes=2)
    stop(app)
    before = file_of(app).read_bytes()
    ids, left = app.new_id, iter(range(nth - 1))

    def dies() -> str:
        if next(left, None) is None:
            raise Crash
        return ids()

    app.new_id = dies
    try:
        keeping.restore(app, made)
    except Crash:
        assert file_of(app).read_bytes() == before
    else:
        assert is_held(start())


def test_a_database_that_somebody_reads_for_long_is_not_replaced(
    app: App, stop: Stop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("campaign.keeping.copies.BUSY_SECONDS", 0.05)
    made = keeping.back_up(app)
    stop(app)
    reader = sqlite3.connect(file_of(app), isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM meta").fetchall()
    before = file_of(app).read_bytes()

    with pytest.raises(StoreError, match="locked"):
        keeping.restore(app, made)

    reader.close()
    assert file_of(app).read_bytes() == before


def test_what_somebody_types_during_a_restore_is_not_lost(app: App, stop: Stop, make_app: Callable[..., App]) -> None:
    post_of(app, 1)
    made = keeping.back_up(app)
    stop(app)
    officer = make_app(owns=False)
    ids = app.new_id

    def meanwhile() -> str:
        with officer.writing() as db:
            store.set_meta(db, "typed", officer.new_id())
        return ids()

    app.new_id = meanwhile
    with pytest.raises(StoreError, match="somebody has changed the database meanwhile"):
        keeping.restore(app, made)


def test_a_failed_post_that_was_to_be_retried_leaves_its_slot_to_another(app: App, stop: Stop, start: Start) -> None:
    failed = post_of(app, 1, due_in=HOURS)
    with app.writing() as db:
        store.change_post(db, failed, status=str(PostStatus.FAILED))
    other = post_of(app, 2, due_in=HOURS)
    wishes.ask(app, fresh(app, failed), wishes.RETRY)
    made = keeping.back_up(app)
    stop(app)
    drop(file_of(app))

    keeping.restore(app, made)
    app = start()

    assert [status_of(app, post) for post in (failed, other)] == ["unconfirmed", "unconfirmed"]
    assert fresh(app, failed).wish == ""


def test_after_a_month_nothing_is_asked_any_more(app: App, world: World, stop: Stop, start: Start) -> None:
    made = keeping.back_up(app)
    stop(app)
    drop(file_of(app))
    keeping.restore(app, made)
    app = start()
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
    stop(app)
    drop(file_of(app))
    keeping.restore(app, made)
    app = start()
    adopt(app)
    post = post_of(app, 1, parts=2)
    world.next("publish", lambda: None, NotSent("the network is away"))

    tick(app, minutes=30)

    assert world.texts() == ["Text 1.", "Text 1. (2/2)"]
    assert world.asked("find") == 2
    assert status_of(app, post) == "published"


def test_what_was_lost_is_never_repeated_though_the_platform_honours_keys(
    app: App, world: World, stop: Stop, start: Start
) -> None:
    world.replay_window = timedelta(days=9)
    post = post_of(app, 1, due_in=timedelta(minutes=5))
    tick(app, minutes=1)
    made = keeping.back_up(app)
    stop(app)
    drop(file_of(app))

    keeping.restore(app, made)
    app = start()
    adopt(app)
    tick(app, minutes=3)

    assert status_of(app, post) == "approved"
    assert world.asked("publish") == 0
