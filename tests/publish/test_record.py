"""The answer of a call is stored, whatever stands in the way and whoever owns the channel by then."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest

from campaign import publish, store
from campaign.app import App
from campaign.db import PatientConnection
from campaign.errors import NotSent, StoreError
from campaign.models import Outcome, Part, Pause, PostStatus
from campaign.platforms.base import Published
from campaign.publish import record
from campaign.publish.outgoing import read_delivery
from campaign.rehearsal.clock import VirtualClock
from tests.fakes import World
from tests.making import fresh, make_post, make_story, status_of
from tests.publish.conftest import alerts, attempts, measured_at, outcomes, with_channel, work

TEXT = "Battery skills modules are open to every region."


def lock_commits(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """Let the next commits of this process fail, as they do while another program writes."""
    real, left = PatientConnection.commit, [times]

    def commit(self: PatientConnection) -> None:
        if left[0]:
            left[0] -= 1
            raise sqlite3.OperationalError("database is locked")
        real(self)

    monkeypatch.setattr(PatientConnection, "commit", commit)


def test_spacing_counts_from_when_a_post_really_went_out(app: App, world: World, clock: VirtualClock) -> None:
    started = clock.now()
    world.next("publish", *[NotSent("no route", retry_after=timedelta(minutes=90))])
    make_post(app, channel="fake")
    make_post(app, make_story(app, "second"), channel="fake", text="Another.", due_in=timedelta(hours=4))
    app.reconfigure(with_channel(app, repeat_guard=timedelta(0)))

    work(app, hours=8, step=5)

    with app.reading() as db:
        sent = store.sent_between(db, "fake", started, clock.now())
    assert [moment - started for moment in sent] == [timedelta(hours=1.5), timedelta(hours=5.5)]


def test_a_post_that_expires_at_the_gate_asks_for_a_person(app: App, world: World, clock: VirtualClock) -> None:
    story = make_story(app, expires_at=clock.now() + timedelta(minutes=30))
    post = make_post(app, story, channel="fake")
    with app.writing() as db:
        store.set_pause(db, Pause(scope="all", reason="holidays", who="anna", since=clock.now()))

    work(app, hours=1)

    assert status_of(app, post) == PostStatus.EXPIRED
    with app.reading() as db:
        (alert,) = store.open_alerts(db)
    assert alert.key == f"expired:{story.uuid}"
    assert alert.message == "battery-modules expired on fake before it could go out"


def test_an_answer_is_stored_again_and_again_until_the_database_takes_it(
    app: App, world: World, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = make_post(app, channel="fake")
    start = clock.now()
    world.next("publish", lambda: lock_commits(monkeypatch, 7))

    publish.run(app, "fake")

    assert (status_of(app, post), world.texts()) == (PostStatus.PUBLISHED, [TEXT])
    assert clock.now() - start == timedelta(seconds=7 * record.RECORD_WAIT)


def test_an_answer_that_could_never_be_stored_is_asked_of_the_platform(
    app: App, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = make_post(app, channel="fake")
    world.next("publish", lambda: lock_commits(monkeypatch, record.RECORD_TRIES))

    with pytest.raises(StoreError, match="database is locked"):
        publish.run(app, "fake")
    assert outcomes(app, post) == [None]
    work(app)

    assert world.texts() == [TEXT]
    assert (status_of(app, post), outcomes(app, post)) == (PostStatus.PUBLISHED, ["published"])


def test_the_answer_of_an_earlier_owner_is_stored_all_the_same(app: App, world: World) -> None:
    post = make_post(app, channel="fake")

    def taken() -> None:
        with app.writing() as db:
            store.take_channel(db, "fake")

    world.next("publish", taken)
    publish.run(app, "fake")

    assert (world.texts(), status_of(app, post), outcomes(app, post)) == ([TEXT], PostStatus.PUBLISHED, ["published"])


@pytest.mark.parametrize("status", ["approved", "failed", "unconfirmed", "cancelled"])
def test_a_late_yes_wins_over_whatever_was_believed_meanwhile(app: App, world: World, status: str) -> None:
    """The new owner has given the attempt up as unknown, looked, and put the post aside or back."""
    post = make_post(app, channel="fake")

    def given_up() -> None:
        with app.writing() as db:
            (part,) = store.parts_of(db, post.uuid)
            attempt = store.last_attempt(db, part.uuid)
            assert attempt is not None
            assert store.close_attempt(db, attempt, Outcome.UNKNOWN, "no owner", app.clock.now())
            store.change_post(db, fresh(app, post), expected="sending", status=status)

    world.next("publish", given_up)
    publish.run(app, "fake")
    work(app)

    assert world.texts() == [TEXT]
    assert (status_of(app, post), outcomes(app, post)) == (PostStatus.PUBLISHED, ["published"])
    assert (fresh(app, post).slot_date is None) == (status in ("failed", "cancelled"))


def test_a_late_no_changes_nothing_that_was_settled_meanwhile(app: App, world: World) -> None:
    post = make_post(app, channel="fake")

    def given_up() -> None:
        with app.writing() as db:
            (part,) = store.parts_of(db, post.uuid)
            attempt = store.last_attempt(db, part.uuid)
            assert attempt is not None
            store.close_attempt(db, attempt, Outcome.UNKNOWN, "no owner", app.clock.now())
            store.change_post(db, fresh(app, post), expected="sending", status="unconfirmed")
        raise NotSent("no route")

    world.next("publish", given_up)
    publish.run(app, "fake")

    assert (status_of(app, post), outcomes(app, post)) == (PostStatus.UNCONFIRMED, ["unknown"])


def test_a_late_yes_for_the_start_of_a_thread_that_was_given_up_leaves_it_partial(app: App, world: World) -> None:
    post = make_post(app, channel="fake", parts=2)

    def given_up() -> None:
        with app.writing() as db:
            store.change_post(db, fresh(app, post), expected="sending", status="cancelled")

    world.next("publish", given_up)
    work(app)

    assert (world.texts(), status_of(app, post), alerts(app)) == ([TEXT], PostStatus.PARTIAL, ["partial"])


def test_two_live_copies_of_one_part_raise_the_alarm(app: App, world: World) -> None:
    post = make_post(app, channel="fake")
    publish.run(app, "fake")
    with app.reading() as db:
        delivery = read_delivery(db, app.channel("fake"), fresh(app, post))

    record.published(app, delivery, delivery.parts[0], Published("remote-9"), None)

    with app.reading() as db:
        (alert,) = store.open_alerts(db)
        assert alert.message == "battery-modules@fake is live twice: remote-1 and remote-9"
        assert db.get_one(Part, delivery.parts[0].uuid).remote_id == "remote-1"


def test_the_same_answer_twice_is_no_news(app: App, world: World) -> None:
    post = make_post(app, channel="fake")
    publish.run(app, "fake")
    with app.reading() as db:
        delivery = read_delivery(db, app.channel("fake"), fresh(app, post))

    record.published(app, delivery, delivery.parts[0], Published("remote-1"), attempts(app, post)[0])

    assert (alerts(app), status_of(app, post)) == ([], PostStatus.PUBLISHED)
    assert len(measured_at(app, post)) == len(record.AGES)


def test_a_published_post_is_measured_at_its_ages(app: App, world: World, clock: VirtualClock) -> None:
    post = make_post(app, channel="fake", parts=2)
    start = clock.now()
    publish.run(app, "fake")
    assert [at - start for at in measured_at(app, post)] == list(record.AGES)
