"""What a person types means one thing, or is answered with what it may mean."""

from __future__ import annotations

import pytest

from campaign.app import App
from campaign.errors import UsageError
from campaign.models import PostStatus
from campaign.store.lookup import resolve, resolve_post, resolve_story
from tests.making import make_post, make_story


def test_a_post_is_found_by_the_start_of_its_id_by_story_and_channel_and_by_an_only_story(app: App) -> None:
    post = make_post(app, make_story(app, "open-day"))

    with app.reading() as db:
        for wanted in (post.uuid, post.uuid[:4], post.uuid[:8].upper(), "open-day@news", "open-day"):
            assert resolve_post(db, wanted).uuid == post.uuid
        assert resolve(db, post.uuid[:8]).uuid == post.uuid
        assert resolve(db, "open-day").uuid == post.story


def test_a_story_with_several_posts_is_answered_with_them(app: App) -> None:
    story = make_story(app, "open-day")
    news = make_post(app, story)
    kraj = make_post(app, story, channel="kraj", status=PostStatus.RENDERED)

    with app.reading() as db, pytest.raises(UsageError) as refused:
        resolve_post(db, "open-day")

    head, *told, remedy = str(refused.value).splitlines()
    assert head == '"open-day" may mean any of these:'
    assert sorted(told) == sorted(
        [f"  {news.uuid[:8]}  open-day@news  approved", f"  {kraj.uuid[:8]}  open-day@kraj  rendered"]
    )
    assert remedy == "  Give the start of the one you mean."


def test_a_story_is_found_by_slug_by_region_and_slug_and_by_the_start_of_its_id(app: App) -> None:
    story = make_story(app, "open-day")
    make_story(app, "closed-day")

    with app.reading() as db:
        for wanted in ("open-day", " open-day ", "moravia-silesia/open-day", story.uuid[:4], story.uuid):
            assert resolve_story(db, wanted).uuid == story.uuid


@pytest.mark.parametrize(
    ("wanted", "remedy"),
    [
        ("open-dya", "Did you mean open-day? All of them: campaign story list"),
        ("zzzzzzz", "All of them: campaign story list"),
        ("portugal/open-day", "Did you mean open-day? All of them: campaign story list"),
    ],
)
def test_a_story_that_is_not_there_is_answered_with_what_looks_like_it(app: App, wanted: str, remedy: str) -> None:
    make_story(app, "open-day")

    with app.reading() as db, pytest.raises(UsageError) as refused:
        resolve_story(db, wanted)

    assert str(refused.value) == f'there is no story "{wanted}"\n  {remedy}'


def test_fewer_than_four_letters_of_an_id_mean_nothing(app: App) -> None:
    story = make_story(app, "open-day")
    post = make_post(app, story)

    with app.reading() as db:
        with pytest.raises(UsageError, match="an id has at least 4 letters"):
            resolve_post(db, post.uuid[:3])
        with pytest.raises(UsageError, match="there is no story"):
            resolve_story(db, story.uuid[:3])
