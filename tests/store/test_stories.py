"""Stories are found by what people call them, and planned in the order in which they came."""

from __future__ import annotations

from datetime import timedelta

import pytest

from campaign import store
from campaign.app import App
from campaign.models import Story, StoryStatus
from tests.making import make_story

pytest_plugins = ["tests.postgres"]


def slugs(stories: list[Story]) -> list[str]:
    return [story.slug for story in stories]


def test_a_story_is_found_by_its_id_and_by_its_region_and_name(app: App) -> None:
    story = make_story(app, "open-day", region="portugal")

    with app.reading() as db:
        by_id, by_name = store.story_by_id(db, story.uuid), store.story_named(db, "portugal", "open-day")
        assert by_id is by_name is not None
        assert by_id.content == story.content
        assert store.story_by_id(db, story.uuid[:8]) is None
        assert store.story_named(db, "moravia-silesia", "open-day") is None


def test_a_name_that_two_regions_use_finds_both(app: App) -> None:
    make_story(app, "open-day", region="portugal")
    make_story(app, "open-day", region="moravia-silesia")
    make_story(app, "closed-day")

    with app.reading() as db:
        assert [story.region for story in store.find_stories(db, "open-day")] == ["moravia-silesia", "portugal"]


def test_a_story_is_found_by_the_start_of_its_id_in_any_case(app: App) -> None:
    story = make_story(app, "open-day")
    make_story(app, "closed-day")

    with app.reading() as db:
        assert slugs(store.find_stories(db, story.uuid[:6].upper())) == ["open-day"]
        assert store.find_stories(db, story.uuid[1:9]) == []


@pytest.mark.parametrize("wanted", ["%", "_", "open%", "____", "open_day", "%day", "/%", "\\"])
def test_signs_that_mean_anything_to_a_database_mean_themselves(app: App, wanted: str) -> None:
    make_story(app, "open-day")

    with app.reading() as db:
        assert store.find_stories(db, wanted) == []


def test_stories_are_planned_oldest_first_and_none_that_was_given_back(app: App) -> None:
    now = app.clock.now()
    make_story(app, "newest", created_at=now)
    make_story(app, "oldest", created_at=now - timedelta(days=2))
    make_story(app, "returned", created_at=now - timedelta(days=1), status=StoryStatus.RETURNED)
    make_story(app, "withdrawn", created_at=now - timedelta(days=3), status=StoryStatus.WITHDRAWN)

    with app.reading() as db:
        assert slugs(store.queued_stories(db)) == ["oldest", "newest"]
        assert slugs(store.all_stories(db)) == ["withdrawn", "oldest", "returned", "newest"]


def test_a_story_is_open_until_nothing_is_left_to_plan_for_its_revision(app: App) -> None:
    now = app.clock.now()
    done = make_story(app, "done", created_at=now)
    changed = make_story(app, "changed", created_at=now - timedelta(days=1), revision=2)
    make_story(app, "waiting", created_at=now - timedelta(days=2))
    make_story(app, "returned", status=StoryStatus.RETURNED)

    def opened() -> list[str]:
        with app.reading() as db:
            return slugs(store.open_stories(db))

    assert opened() == ["waiting", "changed", "done"]
    with app.writing() as db:
        store.end_stories(db, {done.uuid: 1, changed.uuid: 1})  # which was replaced since it was looked at
    assert opened() == ["waiting", "changed"]
    with app.writing() as db:
        store.end_stories(db, {changed.uuid: 2})
        store.end_stories(db, {})
    assert opened() == ["waiting"]
    with app.writing() as db:
        db.get_one(Story, changed.uuid).revision = 3
    assert opened() == ["waiting", "changed"]
    with app.writing() as db:
        store.reopen_stories(db)
    assert opened() == ["waiting", "changed", "done"]


def test_whether_there_are_stories_is_told_without_reading_them(app: App) -> None:
    with app.reading() as db:
        assert not store.has_stories(db)
    make_story(app)
    with app.reading() as db:
        assert store.has_stories(db)
