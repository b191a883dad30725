"""What officers ask of the daemon: recorded by the command, carried out by the channel's owner."""

from __future__ import annotations

from datetime import timedelta

import pytest

from campaign import publish, store
from campaign.app import App
from campaign.errors import NotSent, OutcomeUnknown, Rejected, Unsupported, UsageError
from campaign.models import Post, PostStatus
from campaign.publish import wishes
from campaign.rehearsal.clock import VirtualClock
from tests.fakes import After, Fake, World
from tests.making import fresh, make_post, make_story, status_of
from tests.publish.conftest import alerts, dense, reason, told, work

TEXT = "Battery skills modules are open to every region."
CUT = OutcomeUnknown("the connection broke")


def wish(app: App, post: Post, what: str, detail: str = "") -> None:
    publish.ask(app, fresh(app, post), what, detail)
    publish.run(app, "fake")


def open_question(app: App, world: World, *, parts: int = 1, live: bool = False) -> Post:
    """A post that may be live, where the platform proves nothing."""
    world.settle = None
    post = make_post(app, channel="fake", parts=parts)
    world.next("publish", After(CUT) if live else CUT)
    world.next("find", *[NotSent("no route")] * 50)
    publish.run(app, "fake")
    publish.run(app, "fake")
    assert alerts(app) == ["unconfirmed"]
    return post


@pytest.mark.parametrize("what", list(wishes.ALLOWED))
@pytest.mark.parametrize("status", list(PostStatus))
def test_a_wish_is_taken_only_where_it_makes_sense(app: App, what: str, status: PostStatus) -> None:
    post = make_post(app, channel="fake", status=status)

    if status in wishes.ALLOWED[what]:
        publish.ask(app, post, what, "https://x.example" if what == "published" else "")
        assert fresh(app, post).wish.startswith(what)
        assert told(app, post) == [f"wish.{what}"]
        return
    again = "is being sent now" if status is PostStatus.SENDING else f"is {status}; this is for posts that are"
    with pytest.raises(UsageError, match=again):
        publish.ask(app, post, what)
    assert fresh(app, post).wish == ""


def test_a_wish_for_a_post_that_has_just_changed_is_refused(app: App) -> None:
    post = make_post(app, channel="fake")
    with app.writing() as db:
        store.change_post(db, fresh(app, post), status="cancelled")
    with pytest.raises(UsageError, match="has just changed"):
        publish.ask(app, post, "now")


def test_now_sends_at_once_outside_the_slots_and_frees_the_slot(app: App, world: World, clock: VirtualClock) -> None:
    post = make_post(app, channel="fake", due_in=timedelta(days=2))
    wish(app, post, "now")

    sent = fresh(app, post)
    assert world.texts() == [TEXT]
    assert (sent.status, sent.wish, sent.slot_date, sent.due_at) == ("published", "", None, clock.now())


def test_now_is_no_way_round_the_gate(app: App, world: World, clock: VirtualClock) -> None:
    story = make_story(app, embargo_at=clock.now() + timedelta(hours=1))
    post = make_post(app, story, channel="fake", due_in=timedelta(days=2))
    wish(app, post, "now")
    assert (world.texts(), reason(app, post)) == ([], "its embargo lasts")


def test_a_wish_that_no_longer_fits_is_dropped(app: App, world: World) -> None:
    post = make_post(app, channel="fake", due_in=timedelta(days=2))
    publish.ask(app, post, "now")
    with app.writing() as db:
        store.change_post(db, fresh(app, post), status="cancelled")
    publish.run(app, "fake")
    assert (world.texts(), fresh(app, post).wish, status_of(app, post)) == ([], "", PostStatus.CANCELLED)


def test_retry_sends_a_failed_post_again_and_clears_its_alert(app: App, world: World) -> None:
    post = make_post(app, channel="fake")
    world.next("publish", Rejected("a banned word"))
    publish.run(app, "fake")
    assert alerts(app) == ["failed"]

    wish(app, post, "retry")

    assert (world.texts(), status_of(app, post), alerts(app)) == ([TEXT], PostStatus.PUBLISHED, [])


def test_retry_goes_on_with_a_partial_thread_however_old_it_is(app: App, world: World, clock: VirtualClock) -> None:
    post = make_post(app, channel="fake", parts=3)
    world.next("publish", lambda: None, Rejected("too many"))
    publish.run(app, "fake")
    clock.advance(timedelta(days=1))

    wish(app, post, "retry")

    assert world.texts() == [TEXT, f"{TEXT} (2/3)", f"{TEXT} (3/3)"]
    assert (status_of(app, post), alerts(app)) == (PostStatus.PUBLISHED, [])


def test_retry_of_a_partial_thread_waits_until_the_channel_is_free(app: App, world: World) -> None:
    dense(app)
    first = make_post(app, channel="fake", parts=2, text="First", due_in=timedelta(minutes=-1))
    make_post(app, make_story(app, "second"), channel="fake", parts=2, text="Second")
    world.next("publish", lambda: None, Rejected("no"), lambda: None, NotSent("no route"), NotSent("no route"))
    publish.run(app, "fake")
    assert world.texts() == ["First", "Second"]

    wish(app, first, "retry")
    assert fresh(app, first).wish == "retry"
    work(app)
    assert world.texts() == ["First", "Second", "Second (2/2)", "First (2/2)"]


def test_send_again_sends_what_a_person_knows_not_to_be_live(app: App, world: World) -> None:
    post = open_question(app, world)
    wish(app, post, "send-again")
    assert (world.texts(), status_of(app, post), alerts(app)) == ([TEXT], PostStatus.PUBLISHED, [])


def test_send_again_begins_with_no_handle_but_those_that_are_for_good(
    app: App, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Fake, "for_good", ("key",))
    post = open_question(app, world)
    with app.writing() as db:
        part = store.parts_of(db, post.uuid)[0]
        part.checkpoint = {"key": 7, "container": "used up"}
        db.add(part)
    world.next("publish", OutcomeUnknown("the connection broke"))

    wish(app, post, "send-again")

    with app.reading() as db:
        assert store.parts_of(db, post.uuid)[0].checkpoint == {"key": 7, "upload-0": 2}


def test_not_published_ends_the_post(app: App, world: World) -> None:
    post = open_question(app, world)
    wish(app, post, "not-published")
    assert (status_of(app, post), reason(app, post)) == (PostStatus.FAILED, "anna says it is not published")
    assert (alerts(app), world.asked("publish")) == ([], 1)


def test_not_published_of_the_rest_of_a_thread_leaves_it_partial_and_asks_what_then(app: App, world: World) -> None:
    world.settle = None
    post = make_post(app, channel="fake", parts=2)
    world.next("publish", lambda: None, CUT)
    publish.run(app, "fake")
    wish(app, post, "not-published")
    assert (world.texts(), status_of(app, post), alerts(app)) == ([TEXT], PostStatus.PARTIAL, ["partial"])
    assert reason(app, post) == "anna says the rest of it is not published"
    with app.reading() as db:
        (alert,) = store.open_alerts(db)
    short = post.uuid[:8]
    assert alert.remedy == f"campaign why {short}; then campaign post retry {short} or campaign post takedown {short}"


def test_published_binds_the_address_that_a_person_found(app: App, world: World) -> None:
    post = open_question(app, world, live=True)
    wish(app, post, "published", "https://fake.example/seen")
    with app.reading() as db:
        (part,) = store.parts_of(db, post.uuid)
    assert (part.remote_id, status_of(app, post)) == ("https://fake.example/seen", PostStatus.PUBLISHED)
    assert (world.texts(), alerts(app)) == ([TEXT], [])


def test_a_platform_may_know_better_than_its_address_what_a_person_found(
    app: App, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Fake, "id_at", lambda fake, address, item: f"{item.part} at {address}")
    post = open_question(app, world, live=True)
    wish(app, post, "published", "https://fake.example/seen")
    with app.reading() as db:
        (part,) = store.parts_of(db, post.uuid)
    assert part.remote_id == f"{part.uuid} at https://fake.example/seen"
    assert part.permalink == "https://fake.example/seen"


def test_what_was_refused_and_is_live_all_the_same_need_not_be_sent_again(app: App, world: World) -> None:
    post = make_post(app, channel="fake")
    world.next("publish", After(Rejected("said the platform, and published it")))
    publish.run(app, "fake")
    assert (status_of(app, post), alerts(app)) == (PostStatus.FAILED, ["failed"])

    wish(app, post, "published", "remote-1")

    assert (world.texts(), status_of(app, post), alerts(app)) == ([TEXT], PostStatus.PUBLISHED, [])


def test_published_goes_on_with_the_rest_of_a_thread(app: App, world: World) -> None:
    post = open_question(app, world, parts=2, live=True)
    wish(app, post, "published", "https://fake.example/seen")
    assert world.texts() == [TEXT, f"{TEXT} (2/2)"]
    assert status_of(app, post) == PostStatus.PUBLISHED


def test_the_address_of_another_post_is_refused_when_it_is_given(app: App, world: World) -> None:
    dense(app)
    first = make_post(app, channel="fake", text="First")
    publish.run(app, "fake")
    world.settle = None
    post = make_post(app, make_story(app, "second"), channel="fake", due_in=timedelta(minutes=-1))
    world.next("publish", CUT)
    publish.run(app, "fake")

    with pytest.raises(UsageError, match=f"remote-1 is already the address of post {first.uuid[:8]}"):
        publish.ask(app, fresh(app, post), "published", "remote-1")


def test_an_address_given_for_two_posts_at_once_is_bound_to_one_and_asked_for_the_other(app: App, world: World) -> None:
    dense(app)
    world.settle = None
    posts = [
        make_post(app, make_story(app, slug), channel="fake", text=slug, due_in=timedelta(minutes=minutes))
        for slug, minutes in (("first", -2), ("second", -1))
    ]
    world.next("publish", CUT, CUT)
    publish.run(app, "fake")
    for post in posts:
        publish.ask(app, fresh(app, post), "published", "https://fake.example/seen")

    publish.run(app, "fake")

    assert sorted(status_of(app, post) for post in posts) == ["published", "unconfirmed"]
    assert alerts(app) == ["unconfirmed"]


def test_a_takedown_removes_every_part_the_last_first(app: App, world: World) -> None:
    post = make_post(app, channel="fake", parts=2)
    publish.run(app, "fake")
    seen: list[list[str]] = []
    world.next("delete", lambda: seen.append(world.texts()), lambda: seen.append(world.texts()))

    wish(app, post, "takedown")
    publish.run(app, "fake")

    assert seen == [[TEXT, f"{TEXT} (2/2)"], [TEXT]]
    assert (world.texts(), status_of(app, post), alerts(app)) == ([], PostStatus.REMOVED, [])
    assert reason(app, post) == "taken down as anna asked"
    assert world.asked("confirm") == 2  # of before: what was taken down is not looked at again


@pytest.mark.parametrize("error", [Unsupported("fake cannot take a post down"), NotSent("no route")])
def test_a_takedown_that_the_platform_cannot_do_is_asked_of_a_person(app: App, world: World, error: Exception) -> None:
    post = make_post(app, channel="fake")
    publish.run(app, "fake")
    world.next("delete", error)
    wish(app, post, "takedown")
    assert (world.texts(), status_of(app, post), alerts(app)) == ([TEXT], PostStatus.PUBLISHED, ["takedown"])
    assert fresh(app, post).wish == ""

    wish(app, post, "takedown")
    assert (world.texts(), status_of(app, post), alerts(app)) == ([], PostStatus.REMOVED, [])
