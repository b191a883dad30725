"""Engagement: when a post is to be counted, what was counted, and why not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from campaign import store
from campaign.app import App
from campaign.models import Part, Post, PostStatus, Snapshot
from campaign.store import counts
from tests.making import make_post, make_story

pytest_plugins = ["tests.postgres"]

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def published(app: App, slug: str = "a", *, remote_id: str | None = "7", **values: Any) -> Post:
    """Store a post that is live, with the platform's id of its first part."""
    values = {"status": PostStatus.PUBLISHED, "published_at": app.clock.now(), **values}
    post = make_post(app, make_story(app, slug), parts=2, **values)
    with app.writing() as db:
        for part in store.parts_of(db, post.uuid):
            db.get_one(Part, part.uuid).remote_id = remote_id and f"{remote_id}/{part.n}"
    return post


def schedule(app: App, post: Post, *ages: timedelta) -> None:
    with app.writing() as db:
        store.schedule_snapshots(db, post, app.clock.now(), ages, app.new_id)


def due(app: App, after: timedelta) -> list[tuple[str, timedelta]]:
    with app.reading() as db:
        found = store.due_snapshots(db, app.clock.now() + after)
        assert {part.n for _, _, part in found} <= {1}
        return [(post.uuid, timedelta(seconds=snapshot.age)) for snapshot, post, _ in found]


def take(app: App, post: Post, at: timedelta) -> None:
    """Count what is due of a post."""
    with app.writing() as db:
        for snapshot, of, _ in store.due_snapshots(db, app.clock.now() + at):
            if of.uuid == post.uuid:
                store.record_snapshot(
                    db,
                    snapshot,
                    counts={"reactions": 3},
                    missing={"clicks": "not told"},
                    raw={"likes": 3},
                    source="folder",
                    at=app.clock.now() + at,
                )


def test_a_post_is_counted_at_its_ages_and_each_once(app: App) -> None:
    post = published(app)
    schedule(app, post, DAY, HOUR)
    schedule(app, post, HOUR, 2 * HOUR)  # ages already noted stay

    assert due(app, HOUR - timedelta(seconds=1)) == []
    assert due(app, 3 * HOUR) == [(post.uuid, HOUR), (post.uuid, 2 * HOUR)]
    take(app, post, 3 * HOUR)
    assert due(app, 3 * HOUR) == []
    assert due(app, DAY) == [(post.uuid, DAY)]


def test_what_has_no_id_at_the_platform_is_not_counted(app: App) -> None:
    schedule(app, published(app, remote_id=None), HOUR)

    assert due(app, DAY) == []


def test_what_has_an_id_is_counted_whatever_became_of_its_thread_and_the_oldest_first(app: App) -> None:
    partial = published(app, "a", status=PostStatus.PARTIAL)
    removed = published(app, "b", status=PostStatus.REMOVED, remote_id="8", channel="kraj")
    schedule(app, partial, 2 * HOUR)
    schedule(app, removed, HOUR)

    assert due(app, DAY) == [(removed.uuid, HOUR), (partial.uuid, 2 * HOUR)]


def test_a_count_keeps_its_source_and_the_cause_of_what_is_missing(app: App) -> None:
    post = published(app)
    schedule(app, post, HOUR)
    take(app, post, 2 * HOUR)

    with app.reading() as db:
        (snapshot,) = store.snapshots_of(db, [post.uuid])[post.uuid]
    assert (snapshot.counts, snapshot.missing) == ({"reactions": 3}, {"clicks": "not told"})
    assert (snapshot.raw, snapshot.source, snapshot.taken_at) == ({"likes": 3}, "folder", app.clock.now() + 2 * HOUR)


def test_a_count_that_cannot_be_asked_for_waits(app: App) -> None:
    post = published(app)
    schedule(app, post, HOUR)
    with app.writing() as db:
        ((snapshot, _, _),) = store.due_snapshots(db, app.clock.now() + HOUR)
        counts.postpone_snapshot(db, snapshot, app.clock.now() + 5 * HOUR)

    assert due(app, 4 * HOUR) == []
    assert due(app, 5 * HOUR) == [(post.uuid, HOUR)]


def test_numbers_typed_in_stand_beside_the_scheduled_ones_a_second_apart(app: App) -> None:
    post = published(app)
    schedule(app, post, HOUR)
    now = app.clock.now()

    ages = []
    for _ in range(2):
        with app.writing() as db:
            extra = counts.extra_snapshot(db, post, now, now + HOUR, app.new_id)
            store.record_snapshot(db, extra, counts={"comments": 1}, missing={}, raw={}, source="anna", at=now)
            ages.append(extra.age)
    assert ages == [3601, 3602]


def test_counts_of_many_posts_come_in_the_order_in_which_they_were_taken(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts, "AT_ONCE", 2)
    posts = [published(app, slug, remote_id=slug, due_in=n * HOUR) for n, slug in enumerate("abc")]
    now = app.clock.now()
    for post in posts:
        with app.writing() as db:
            for age, taken in ((1, 9), (2, 8), (3, None)):
                at = None if taken is None else now + taken * HOUR
                db.add(Snapshot(uuid=app.new_id(), post=post.uuid, age=age, due_at=now, taken_at=at))

    with app.reading() as db:
        found = store.snapshots_of(db, [post.uuid for post in (*posts, posts[0])])
        assert {post: [snapshot.age for snapshot in taken] for post, taken in found.items()} == {
            post.uuid: [2, 1] for post in posts
        }
        assert store.snapshots_of(db, ["nobody's"]) == {"nobody's": []}
        assert store.snapshots_of(db, []) == {}


def test_what_went_live_in_a_time_is_told_with_its_story_the_first_one_first(app: App) -> None:
    now = app.clock.now()
    for slug, ago in (("late", 1), ("early", 2), ("at-the-start", 3), ("before", 4), ("at-the-end", 0)):
        published(app, slug, remote_id=slug, published_at=now - ago * HOUR, due_in=-ago * HOUR)
    make_post(app, make_story(app, "waiting"), due_in=HOUR)

    with app.reading() as db:
        found = counts.published_between(db, now - 3 * HOUR, now)
    assert [story.slug for _, story in found] == ["at-the-start", "early", "late"]
    assert all(post.story == story.uuid for post, story in found)
