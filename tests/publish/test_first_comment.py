"""A first comment goes out as the next part of its post: below it, once, resumed and never restarted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from campaign import publish, store
from campaign.app import App
from campaign.errors import NotSent, OutcomeUnknown, Rejected
from campaign.models import PartContent, Post, PostStatus, content_hash
from tests.fakes import After, World
from tests.making import make_post, make_story, status_of
from tests.publish.conftest import alerts, reason, with_channel, work

MORE = "Read more: https://example.org/modules"


def commented(
    app: App, slug: str = "modules", *, parts: int = 1, text: str = "Modules for all.", due_in: timedelta = timedelta(0)
) -> Post:
    """An approved post, or thread, with a first comment."""
    post = make_post(app, make_story(app, slug), channel="fake", text=text, parts=parts, due_in=due_in)
    with app.writing() as db:
        contents = [PartContent.model_validate(part.content) for part in store.parts_of(db, post.uuid)]
        contents.append(PartContent(role="comment", text=MORE, language="en", link="https://example.org/modules"))
        agreed = content_hash(contents)
        store.replace_parts(db, post, contents, app.new_id)
        store.change_post(db, post, content_hash=agreed, approved_hash=agreed)
    return post


def below(world: World) -> list[tuple[str, str]]:
    """What readers see, and below what."""
    return [(item.text, item.reply_to) for item in world.live]


def test_it_stands_below_its_post(app: App, world: World) -> None:
    post = commented(app)
    work(app)

    assert below(world) == [("Modules for all.", ""), (MORE, "remote-1")]
    assert status_of(app, post) == PostStatus.PUBLISHED


def test_below_a_thread_it_answers_the_first_part(app: App, world: World) -> None:
    commented(app, parts=2)
    work(app)

    assert below(world) == [
        ("Modules for all.", ""),
        ("Modules for all. (2/2)", "remote-1"),
        (MORE, "remote-1"),
    ]


@pytest.mark.parametrize("act", [OutcomeUnknown("cut"), After(OutcomeUnknown("cut")), NotSent("no route")])
def test_whatever_its_call_meets_it_is_there_once(app: App, world: World, act: object) -> None:
    post = commented(app)
    world.next("publish", lambda: None, act)  # type: ignore[arg-type]
    work(app)

    assert below(world) == [("Modules for all.", ""), (MORE, "remote-1")]
    assert status_of(app, post) == PostStatus.PUBLISHED


def test_after_the_deadline_the_post_stays_without_it_and_a_person_is_asked(app: App, world: World) -> None:
    post = commented(app)
    world.next("publish", lambda: None, *[NotSent("no route")] * 99)
    work(app, hours=3)

    assert world.texts() == ["Modules for all."]
    assert (status_of(app, post), reason(app, post)) == (
        PostStatus.PARTIAL,
        "the rest of it could not follow within two hours",
    )
    assert alerts(app) == ["partial"]


def test_a_refused_comment_is_retried_when_asked(app: App, world: World) -> None:
    post = commented(app)
    world.next("publish", lambda: None, Rejected("comments are closed"))
    publish.run(app, "fake")
    assert status_of(app, post) == PostStatus.PARTIAL

    with app.reading() as db:
        found = store.post_by_id(db, post.uuid)
    assert found is not None
    publish.ask(app, found, "retry")
    publish.run(app, "fake")

    assert below(world) == [("Modules for all.", ""), (MORE, "remote-1")]


def test_it_is_taken_down_with_its_post(app: App, world: World) -> None:
    post = commented(app)
    work(app)
    with app.reading() as db:
        found = store.post_by_id(db, post.uuid)
    assert found is not None

    publish.ask(app, found, "takedown")
    publish.run(app, "fake")

    assert (world.texts(), world.asked("delete"), status_of(app, post)) == ([], 2, PostStatus.REMOVED)


def test_two_posts_may_have_the_same_comment_within_a_week(app: App, world: World) -> None:
    app.reconfigure(with_channel(app, spacing=timedelta(0)))
    for n, text in enumerate(("First.", "Second.")):
        post = commented(app, f"story-{n}", text=text, due_in=timedelta(minutes=n))
        with app.writing() as db:  # another picture would do as well
            contents = [PartContent.model_validate(part.content) for part in store.parts_of(db, post.uuid)]
            contents = [content.model_copy(update={"images": ()}) for content in contents]
            store.replace_parts(db, post, contents, app.new_id)
            store.change_post(db, post, content_hash=content_hash(contents), approved_hash=content_hash(contents))
    work(app)

    assert world.texts() == ["First.", MORE, "Second.", MORE]
