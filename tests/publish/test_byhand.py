"""Channels where a person publishes: handed over at the slot, asked about every day, ended by an answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from campaign import publish, store
from campaign.app import App
from campaign.errors import UsageError
from campaign.models import ChannelState, Post, PostStatus
from campaign.publish.outgoing import read_delivery
from campaign.publish.record import AGES
from campaign.rehearsal.clock import VirtualClock
from tests.fakes import World
from tests.making import fresh, make_post, make_story, status_of
from tests.publish.conftest import alerts, measured_at, reason, told, work

DAY = timedelta(days=1)


def done(app: App, post: Post, address: str = "https://page.example/1") -> None:
    with app.reading() as db:
        delivery = read_delivery(db, app.channel(post.channel), fresh(app, post))
    publish.done(app, delivery, address)


def open_alert(app: App) -> str:
    with app.reading() as db:
        (alert,) = store.open_alerts(db)
    return f"{alert.message}|{alert.remedy}"


def test_at_its_slot_a_post_is_handed_to_a_person_and_no_platform_is_called(app: App, world: World) -> None:
    post = make_post(app, channel="hand", due_in=timedelta(minutes=1))
    work(app, hours=0, channel="hand")
    assert status_of(app, post) == PostStatus.APPROVED

    work(app, hours=0.1, channel="hand")

    short = post.uuid[:8]
    assert (status_of(app, post), world.calls) == (PostStatus.UNCONFIRMED, [])
    assert reason(app, post) == "it waits for a person to publish it"
    assert open_alert(app) == (
        "battery-modules@hand is to be published by hand now|"
        f"Text, pictures and alt text: campaign post show {short}. Then: campaign post done {short} URL"
    )


def test_done_publishes_it_under_its_address_and_it_is_measured(app: App) -> None:
    post = make_post(app, channel="hand")
    publish.run(app, "hand")

    done(app, post)

    assert (status_of(app, post), alerts(app)) == (PostStatus.PUBLISHED, [])
    with app.reading() as db:
        (part,) = store.parts_of(db, post.uuid)
        assert (part.remote_id, part.permalink) == ("https://page.example/1", "https://page.example/1")
    assert len(measured_at(app, post)) == len(AGES)


def test_after_done_the_channel_is_idle(app: App, clock: VirtualClock) -> None:
    post = make_post(app, channel="hand")
    publish.run(app, "hand")
    done(app, post)
    clock.advance(timedelta(minutes=10))
    with app.reading() as db:
        assert not store.work_on(db, "hand", clock.now())


def test_who_does_not_answer_is_asked_again_every_day(app: App, clock: VirtualClock) -> None:
    post = make_post(app, channel="hand")
    publish.run(app, "hand")
    first = open_alert(app)
    clock.advance(DAY - timedelta(minutes=1))
    publish.run(app, "hand")
    with app.reading() as db:
        assert [event.what for event in store.events(db)].count("alert.raised") == 1

    clock.advance(timedelta(minutes=1))
    publish.run(app, "hand")

    assert open_alert(app) == first
    with app.reading() as db:
        assert [event.what for event in store.events(db)].count("alert.raised") == 2
    assert status_of(app, post) == PostStatus.UNCONFIRMED


def test_a_thread_by_hand_is_done_by_one_answer(app: App) -> None:
    post = make_post(app, channel="hand", parts=3)
    publish.run(app, "hand")
    done(app, post)
    publish.run(app, "hand")
    assert (status_of(app, post), alerts(app)) == (PostStatus.PUBLISHED, [])


def test_a_thread_of_which_a_part_is_known_keeps_what_is_known(app: App) -> None:
    post = make_post(app, channel="hand", parts=2)
    publish.run(app, "hand")
    with app.writing() as db:
        part = store.parts_of(db, post.uuid)[0]
        part.remote_id = "https://page.example/known"
        db.add(part)
    done(app, post)
    with app.reading() as db:
        known = [part.remote_id for part in store.parts_of(db, post.uuid)]
    assert known == ["https://page.example/known", "https://page.example/1#2"]


def test_the_gate_holds_for_people_too(app: App, clock: VirtualClock) -> None:
    late = make_post(app, channel="hand", due_in=timedelta(hours=-3))
    publish.run(app, "hand")
    assert (fresh(app, late).due_at, alerts(app)) == (None, [])


def test_two_posts_are_not_handed_over_within_the_spacing(app: App, clock: VirtualClock) -> None:
    first = make_post(app, channel="hand", text="First", due_in=timedelta(minutes=-1))
    second = make_post(app, make_story(app, "second"), channel="hand", text="Second")
    publish.run(app, "hand")
    assert status_of(app, first) == PostStatus.UNCONFIRMED
    assert status_of(app, second) == PostStatus.APPROVED


def test_not_published_ends_the_question(app: App) -> None:
    post = make_post(app, channel="hand")
    publish.run(app, "hand")
    publish.ask(app, fresh(app, post), "not-published")
    publish.run(app, "hand")
    assert (status_of(app, post), alerts(app)) == (PostStatus.FAILED, [])


def test_send_again_hands_it_over_once_more(app: App, clock: VirtualClock) -> None:
    post = make_post(app, channel="hand")
    publish.run(app, "hand")
    publish.ask(app, fresh(app, post), "send-again")
    publish.run(app, "hand")
    assert (status_of(app, post), alerts(app)) == (PostStatus.UNCONFIRMED, ["by-hand"])
    assert told(app, post).count("post.handed-over") == 2


@pytest.mark.parametrize(
    ("channel", "status"),
    [("hand", PostStatus.APPROVED), ("hand", PostStatus.PUBLISHED), ("fake", PostStatus.UNCONFIRMED)],
)
def test_done_is_refused_where_nothing_waits_for_a_person(app: App, channel: str, status: PostStatus) -> None:
    post = make_post(app, channel=channel, status=status)
    with pytest.raises(UsageError, match=f"it is {status} on channel {channel}"):
        done(app, post)


def test_an_address_given_for_another_post_is_refused(app: App, clock: VirtualClock) -> None:
    first = make_post(app, channel="hand", text="First", due_in=timedelta(minutes=-61))
    publish.run(app, "hand")
    done(app, first)
    clock.advance(8 * DAY)
    second = make_post(app, make_story(app, "second"), channel="hand", text="Second")
    publish.run(app, "hand")
    with pytest.raises(UsageError, match="is already the address of post"):
        done(app, second)
    assert status_of(app, second) == PostStatus.UNCONFIRMED


def test_a_by_hand_channel_needs_no_enabling(app: App) -> None:
    with app.reading() as db:
        assert db.get_one(ChannelState, "hand").enabled
