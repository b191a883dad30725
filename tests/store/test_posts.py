"""Posts up to the moment of sending: found as people name them, and changed only from the status that was seen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from campaign import store
from campaign.app import App
from campaign.models import OPEN, PartContent, Post, PostStatus
from campaign.store import posts
from tests.making import fresh, make_post, make_story

pytest_plugins = ["tests.postgres"]

HOUR = timedelta(hours=1)
NO_SLOT = {"slot_date": None, "slot_time": None, "due_at": None}


def unplanned(app: App, post: Post) -> Post:
    """Take a post's slot away."""
    with app.writing() as db:
        assert store.change_post(db, post, **NO_SLOT)
    return post


def ids(posts: list[Post]) -> list[str]:
    return [post.uuid for post in posts]


def test_a_post_is_found_by_the_start_of_its_id_in_any_case(app: App) -> None:
    post = make_post(app, make_story(app, "open-day"))
    make_post(app, make_story(app, "closed-day"), due_in=HOUR)

    with app.reading() as db:
        for wanted in (post.uuid, post.uuid[:6], post.uuid[:6].upper()):
            assert ids(store.find_posts(db, wanted)) == [post.uuid]
        assert store.find_posts(db, post.uuid[2:10]) == []
        assert ids([store.post_by_id(db, post.uuid) or post]) == [post.uuid]
        assert store.post_by_id(db, post.uuid[:6]) is None


def test_a_post_is_found_by_its_story_and_channel(app: App) -> None:
    story = make_story(app, "open-day")
    news, kraj = make_post(app, story), make_post(app, story, channel="kraj")

    with app.reading() as db:
        assert ids(store.find_posts(db, "open-day@kraj")) == [kraj.uuid]
        assert ids(store.find_posts(db, "open-day@news")) == [news.uuid]
        assert store.find_posts(db, "open-day@radio") == store.find_posts(db, "day@news") == []


def test_a_story_finds_all_its_posts_by_slot_and_those_without_one_last(app: App) -> None:
    story = make_story(app, "open-day")
    waiting = unplanned(app, make_post(app, story, channel="print", status=PostStatus.PLANNED))
    later, sooner = make_post(app, story, due_in=2 * HOUR), make_post(app, story, channel="kraj", due_in=HOUR)
    make_post(app, make_story(app, "closed-day"))

    with app.reading() as db:
        assert ids(store.find_posts(db, "open-day")) == ids([sooner, later, waiting])


@pytest.mark.parametrize("wanted", ["%", "_", "%@news", "open_day@news", "open-day@%", "open%", "\\", "/%"])
def test_signs_that_mean_anything_to_a_database_mean_themselves(app: App, wanted: str) -> None:
    make_post(app, make_story(app, "open-day"))

    with app.reading() as db:
        assert store.find_posts(db, wanted) == []


def test_posts_come_by_slot_and_those_without_one_last(app: App) -> None:
    waiting = unplanned(app, make_post(app, make_story(app, "a"), status=PostStatus.PLANNED))
    later = make_post(app, make_story(app, "b"), due_in=2 * HOUR)
    sooner = make_post(app, make_story(app, "c"), due_in=HOUR, status=PostStatus.RENDERED)
    elsewhere = make_post(app, make_story(app, "d"), channel="kraj", due_in=HOUR, status=PostStatus.PUBLISHED)
    now = app.clock.now()

    with app.reading() as db:
        assert ids(store.posts_where(db)) == ids([elsewhere, sooner, later, waiting])
        assert ids(store.posts_where(db, statuses=OPEN)) == ids([sooner, later, waiting])
        assert ids(store.posts_where(db, channel="kraj")) == [elsewhere.uuid]
        assert ids(store.posts_where(db, story=later.story)) == [later.uuid]
        assert ids(store.posts_where(db, due_from=now + HOUR, due_to=now + 2 * HOUR)) == ids([elsewhere, sooner])
        assert ids(store.posts_where(db, due_from=now + 2 * HOUR)) == [later.uuid]
        assert ids(store.posts_on(db, "news")) == ids([sooner, later, waiting])


def test_the_stories_of_some_posts(app: App) -> None:
    one, other = make_post(app, make_story(app, "a")), make_post(app, make_story(app, "b"), due_in=HOUR)
    make_story(app, "c")

    with app.reading() as db:
        found = store.stories_of(db, [one, other, one])
        assert {uuid: story.slug for uuid, story in found.items()} == {one.story: "a", other.story: "b"}
        assert store.stories_of(db, []) == {}


def test_a_post_changes_only_from_the_status_that_was_seen(app: App) -> None:
    seen_by_anna = make_post(app)
    with app.writing() as db:
        assert store.change_post(db, fresh(app, seen_by_anna), status=PostStatus.SENDING, reason="the daemon began")

    with app.writing() as db:
        assert not store.change_post(db, seen_by_anna, status=PostStatus.CANCELLED, reason="Anna's wish")

    assert (seen_by_anna.status, seen_by_anna.reason) == ("approved", "")  # what she holds tells nothing untrue
    stored = fresh(app, seen_by_anna)
    assert (stored.status, stored.reason) == ("sending", "the daemon began")


@pytest.mark.parametrize(
    ("expected", "changes"),
    [(None, True), (PostStatus.APPROVED, True), (OPEN, True), (PostStatus.PLANNED, False), ((), True)],
)
def test_the_statuses_from_which_to_change_may_be_named(app: App, expected: object, changes: bool) -> None:
    post = make_post(app)

    with app.writing() as db:
        assert store.change_post(db, post, expected=expected, tries=3) is changes  # type: ignore[arg-type]

    assert (post.tries, fresh(app, post).tries) == ((3, 3) if changes else (0, 0))


def test_a_change_is_seen_by_whoever_holds_the_row_in_the_same_transaction(app: App) -> None:
    post = make_post(app)

    with app.writing() as db:
        held = db.get_one(Post, post.uuid)
        assert store.change_post(db, held, status=PostStatus.SENDING, next_try_at=app.clock.now() + HOUR)
        assert (held.status, held.next_try_at) == ("sending", app.clock.now() + HOUR)


def test_a_new_rendering_keeps_the_id_of_each_part_and_drops_what_is_too_many(app: App) -> None:
    post = make_post(app, parts=2)

    def render(db: Session, *texts: str) -> list[tuple[str, str, str]]:
        roles = ["post", "comment", "reply"]
        contents = [PartContent(text=text, language="en", role=role) for text, role in zip(texts, roles, strict=False)]  # type: ignore[arg-type]
        store.replace_parts(db, post, contents, app.new_id)
        parts = store.parts_of(db, post.uuid)
        assert [part.n for part in parts] == [*range(1, len(texts) + 1)]
        assert {(part.post, part.channel) for part in parts} == {(post.uuid, post.channel)}
        return [(part.uuid, part.role, part.content["text"]) for part in parts]

    with app.reading() as db:
        before = [part.uuid for part in store.parts_of(db, post.uuid)]
    with app.writing() as db:
        longer = render(db, "one", "two", "three")
    with app.writing() as db:
        shorter = render(db, "only")

    assert [part[0] for part in longer[:2]] == before
    assert [part[1:] for part in longer] == [("post", "one"), ("comment", "two"), ("reply", "three")]
    assert shorter == [(before[0], "post", "only")]


def test_the_planner_looks_at_what_is_not_sent_what_is_to_come_and_at_every_post_of_open_stories(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posts, "AT_ONCE", 1)
    now, live = app.clock.now(), PostStatus.PUBLISHED
    stories = [make_story(app, slug) for slug in "abcdef"]
    over = make_post(app, stories[0], status=live, due_in=-2 * HOUR)
    late = make_post(app, stories[1], due_in=-3 * HOUR)
    to_come = make_post(app, stories[2], status=PostStatus.CANCELLED)
    also_over = make_post(app, stories[3], status=live, due_in=-HOUR)
    waiting = unplanned(app, make_post(app, stories[4], due_in=HOUR, status=PostStatus.PLANNED))
    make_post(app, stories[0], channel="kraj")
    make_post(app, stories[5], status=live, due_in=-4 * HOUR)

    with app.reading() as db:
        looked_at = store.posts_to_plan(db, "news", now, [stories[0].uuid, stories[3].uuid, stories[1].uuid])
        assert ids(looked_at) == ids([late, over, also_over, to_come, waiting])
        assert ids(store.posts_to_plan(db, "news", now, [])) == ids([late, to_come, waiting])


def test_what_was_prepared_for_another_content_is_forgotten_and_for_the_same_one_kept(app: App) -> None:
    post = make_post(app, make_story(app))
    with app.writing() as db:
        (part,) = store.parts_of(db, post.uuid)
        same = PartContent.model_validate(part.content)
        part.checkpoint = {"container": "17"}
    for content, kept in ((same, {"container": "17"}), (same.model_copy(update={"text": "Corrected."}), {})):
        with app.writing() as db:
            store.replace_parts(db, post, [content], app.new_id)
        with app.reading() as db:
            assert store.parts_of(db, post.uuid)[0].checkpoint == kept
