"""What the replaced database knows and the backup does not is carried over."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from campaign import keeping, store
from campaign.app import App
from campaign.errors import NotSent, StoreError
from campaign.models import PartContent, PostStatus, content_hash
from tests.fakes import World
from tests.keeping.conftest import HOURS, Start, Stop, adopt, drop, file_of, post_of, tick
from tests.making import fresh, status_of
from tests.publish.conftest import told


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


def test_a_post_that_was_being_sent_then_and_was_not_sent_after_all_is_no_longer_sending(
    app: App, world: World, stop: Stop, start: Start
) -> None:
    post = post_of(app, 1)
    with app.writing() as db:
        app.event(db, "post.planned", post=post.uuid)
    made: list[Path] = []
    world.next("publish", lambda: made.append(keeping.back_up(app)) or _refuse())
    tick(app, minutes=1)
    assert status_of(app, post) == "approved"
    stop(app)

    keeping.restore(app, made[0])
    app = start()

    assert status_of(app, post) == "approved"
    adopt(app)
    tick(app, minutes=5)
    assert world.texts() == ["Text 1."]


def _refuse() -> None:
    raise NotSent("the network is away")


def test_a_text_that_was_made_shorter_or_longer_after_the_backup_is_carried_over_with_its_parts(
    app: App, world: World, stop: Stop, start: Start
) -> None:
    shorter, longer = post_of(app, 1, due_in=HOURS, parts=2), post_of(app, 2, due_in=HOURS / 2, parts=1)
    waits = post_of(app, 3, due_in=9 * HOURS, parts=1)
    tick(app, minutes=1)
    with app.writing() as db:
        app.event(db, "post.planned", post=waits.uuid)
    made = keeping.back_up(app)
    with app.writing() as db:
        contents = [PartContent.model_validate(part.content) for part in store.parts_of(db, shorter.uuid)]
        for post, wanted in ((shorter, contents[:1]), (longer, contents), (waits, contents)):
            store.replace_parts(db, post, wanted, app.new_id)
            agreed = content_hash(wanted)
            store.change_post(db, post, content_hash=agreed, approved_hash=agreed)
    tick(app, minutes=90)
    stop(app)

    keeping.restore(app, made)
    app = start()

    with app.reading() as db:
        assert [len(store.parts_of(db, post.uuid)) for post in (shorter, longer, waits)] == [1, 2, 1]
    assert {status_of(app, shorter), status_of(app, longer)} == {"published"}


def test_a_part_that_is_known_to_be_live_stays_so_whatever_is_believed_of_its_post(
    app: App, stop: Stop, start: Start
) -> None:
    post = post_of(app, 1, parts=2)
    tick(app, minutes=2)
    with app.writing() as db:
        first, second = store.parts_of(db, post.uuid)
        second.remote_id, kept = None, second.remote_id
        db.add(second)
        store.change_post(db, fresh(app, post), status=str(PostStatus.PUBLISHED))
    made = keeping.back_up(app)
    with app.writing() as db:
        second = store.parts_of(db, post.uuid)[1]
        second.remote_id = kept
        db.add(second)
        store.change_post(db, fresh(app, post), status=str(PostStatus.UNCONFIRMED))
    stop(app)

    keeping.restore(app, made)
    app = start()

    with app.reading() as db:
        assert [part.remote_id for part in store.parts_of(db, post.uuid)] == [first.remote_id, kept]
    assert status_of(app, post) == "published"
