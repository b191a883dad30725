"""What people call posts: the start of an id, `story@channel`, or a story's name for all its posts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from campaign.app import App
from campaign.errors import UsageError
from campaign.models import Post
from campaign.store.wanted import post_name, wanted_posts
from tests.making import make_post, make_story

pytest_plugins = ["tests.postgres"]


def meant(app: App, *names: str) -> list[str]:
    with app.reading() as db:
        return [post.uuid for post in wanted_posts(db, names)]


def refusal(app: App, *names: str) -> str:
    with pytest.raises(UsageError) as refused:
        meant(app, *names)
    return str(refused.value)


@pytest.fixture
def posts(app: App) -> list[Post]:
    """Two posts of one story, and one of another."""
    story = make_story(app, "open-day")
    hour = timedelta(hours=1)
    return [
        make_post(app, story),
        make_post(app, story, channel="kraj", due_in=hour),
        make_post(app, make_story(app, "closed-day"), due_in=2 * hour),
    ]


def test_each_post_is_meant_once_in_the_order_of_the_names(app: App, posts: list[Post]) -> None:
    news, kraj, closed = (post.uuid for post in posts)

    assert meant(app, "closed-day", " open-day ", news[:8], "open-day@kraj") == [closed, news, kraj]
    assert meant(app) == []


def test_a_name_of_two_regions_is_answered_with_what_it_may_mean(app: App, posts: list[Post]) -> None:
    other = make_post(app, make_story(app, "open-day", region="portugal"), due_in=timedelta(hours=3))

    told = refusal(app, "open-day@news").splitlines()

    assert told == [
        '"open-day@news" may mean any of these:',
        f"  {posts[0].uuid[:8]}  open-day@news (moravia-silesia)",
        f"  {other.uuid[:8]}  open-day@news (portugal)",
        "  Give the start of the one you mean.",
    ]


def test_a_start_of_two_ids_is_answered_with_both(app: App) -> None:
    story = make_story(app, "open-day")
    new_id, app.new_id = app.new_id, lambda: f"abcd{new_id()[4:]}"
    make_post(app, story)
    make_post(app, story, channel="kraj")

    assert '"abcd" may mean any of these:\n  abcd' in refusal(app, "abcd")


def test_a_name_that_means_nothing_is_answered_with_what_looks_like_it(app: App, posts: list[Post]) -> None:
    assert refusal(app, "open-dya@news") == (
        'there is no post or story "open-dya@news"\n  Did you mean open-day@news or closed-day@news or open-day? '
        "All of them: campaign post list"
    )
    assert refusal(app, posts[0].uuid[:3]) == (
        f'there is no post or story "{posts[0].uuid[:3]}" (an id has at least 4 letters)\n'
        "  All of them: campaign post list"
    )


def test_a_post_is_called_by_its_story_and_channel(app: App) -> None:
    story = make_story(app, "open-day")

    assert post_name(make_post(app, story), story) == "open-day@news"
