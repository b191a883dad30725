"""What may be live is settled by the platform's answer or a person, and never makes a second post."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from campaign import publish, store
from campaign.app import App
from campaign.errors import NotSent, OutcomeUnknown, Rejected
from campaign.models import Part, Post, PostStatus
from campaign.platforms.base import Absent, CannotTell, Found, Published
from campaign.rehearsal.clock import VirtualClock
from tests.fakes import After, Crash, World
from tests.making import fresh, make_post, make_story, status_of
from tests.publish.conftest import alerts, attempts, dense, outcomes, reason, told, work

TEXT = "Battery skills modules are open to every region."
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CUT = OutcomeUnknown("the connection broke")


def unconfirmed(app: App, world: World, error: BaseException = CUT, **values: int) -> Post:
    """Bring a post to where its first part may be live."""
    post = make_post(app, channel="fake", **values)
    world.next("publish", error if isinstance(error, OutcomeUnknown) else After(error))
    publish.run(app, "fake")
    return post


def part_of(app: App, post: Post, n: int = 1) -> Part:
    with app.reading() as db:
        return store.parts_of(db, post.uuid)[n - 1]


@pytest.mark.parametrize("error", [CUT, ZeroDivisionError("division by zero")])
def test_an_answer_lost_after_acceptance_never_makes_a_second_post(app: App, world: World, error: Exception) -> None:
    post = make_post(app, channel="fake")
    world.next("publish", After(error))

    publish.run(app, "fake")
    assert (status_of(app, post), outcomes(app, post)) == (PostStatus.UNCONFIRMED, ["unknown"])
    assert reason(app, post) == f"it may be live: {error}"
    work(app)

    assert world.texts() == [TEXT]
    assert (status_of(app, post), outcomes(app, post), alerts(app)) == (PostStatus.PUBLISHED, ["published"], [])
    assert part_of(app, post).permalink == "https://fake.example/found"


def test_the_platform_is_asked_only_after_its_answer_has_settled(app: App, world: World, clock: VirtualClock) -> None:
    world.settle = 5 * MINUTE
    post = unconfirmed(app, world)
    started = attempts(app, post)[0].started_at

    work(app, hours=4 / 60)
    assert world.asked("find") == 0
    work(app, hours=2 / 60)

    assert world.asked("find") == 1
    assert world.asked_since[0] <= started - 2 * MINUTE


def test_what_was_sent_by_a_clock_that_was_ahead_is_found_when_the_clock_is_right_again(
    app: App, world: World, clock: VirtualClock, restart: Callable[[App], App]
) -> None:
    clock.jump(26 * HOUR)
    app = restart(app)
    post = make_post(app, channel="fake")
    world.next("publish", After(CUT))
    publish.run(app, "fake")
    clock.jump(-26 * HOUR)
    world.live = [replace(live, at=live.at - 26 * HOUR) for live in world.live]
    app = restart(app)

    work(app, hours=30, step=30)

    assert world.texts() == [TEXT]
    assert status_of(app, post) == PostStatus.PUBLISHED


def test_what_is_absent_on_two_looks_is_sent_again_once_with_the_same_key(app: App, world: World) -> None:
    post = unconfirmed(app, world)

    work(app)

    assert [(item.text, item.key) for item in world.live] == [(TEXT, part_of(app, post).uuid)]
    assert outcomes(app, post) == ["unknown", "published"]
    assert world.asked("find") == 2
    assert told(app, post) == ["post.unconfirmed", "post.sent-again", "post.published"]


def test_a_part_is_sent_again_only_once_then_a_person_is_asked(app: App, world: World) -> None:
    post = unconfirmed(app, world)
    world.next("publish", CUT, CUT, CUT)

    work(app, hours=12, step=5)

    assert (status_of(app, post), alerts(app)) == (PostStatus.UNCONFIRMED, ["unconfirmed"])
    assert world.asked("publish") == 2


def test_one_look_is_no_proof(app: App, world: World, clock: VirtualClock) -> None:
    world.settle = 10 * MINUTE
    post = unconfirmed(app, world)
    clock.advance(10 * MINUTE)
    publish.run(app, "fake")

    assert (world.asked("find"), status_of(app, post)) == (1, PostStatus.UNCONFIRMED)
    with app.writing() as db:  # somebody makes the daemon look earlier
        store.change_post(db, fresh(app, post), next_try_at=None)
    publish.run(app, "fake")
    assert (world.asked("find"), status_of(app, post)) == (2, PostStatus.UNCONFIRMED)
    assert fresh(app, post).next_try_at == clock.now() + 10 * MINUTE
    assert world.asked("publish") == 1


def test_looks_before_the_last_attempt_prove_nothing_about_it(app: App, world: World, clock: VirtualClock) -> None:
    world.settle = None
    post = unconfirmed(app, world)
    with app.writing() as db:
        part = db.get_one(Part, part_of(app, post).uuid)
        part.absent_at = clock.now() - HOUR
        db.add(part)
        store.change_post(db, fresh(app, post), status="approved", next_try_at=None)

    world.next("publish", CUT)
    publish.run(app, "fake")

    assert outcomes(app, post) == ["unknown", "unknown"]
    assert part_of(app, post).absent_at is None


def test_a_late_appearance_of_the_first_attempt_is_found_by_later_looks(app: App, world: World) -> None:
    """Looking only since the last attempt would miss the first one's post, and send a third."""
    post = unconfirmed(app, world, ZeroDivisionError())
    world.next("find", Absent, Absent)
    world.next("publish", CUT)

    work(app, hours=2)

    assert world.texts() == [TEXT]
    assert status_of(app, post) == PostStatus.PUBLISHED
    assert max(world.asked_since) < attempts(app, post)[0].started_at


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (lambda: CannotTell("the account is private"), "the platform cannot tell: the account is private"),
        (NotSent("no route"), "the platform cannot tell: no route"),
        (ZeroDivisionError("division by zero"), "the platform cannot tell: division by zero"),
    ],
    ids=["cannot tell", "not reached", "our bug"],
)
def test_when_the_platform_cannot_tell_a_person_is_asked_and_nothing_is_sent(
    app: App, world: World, answer: Callable[[], CannotTell] | Exception, why: str
) -> None:
    post = unconfirmed(app, world)
    world.next("find", *[answer] * 20)

    work(app, hours=1)

    assert world.asked("publish") == 1
    assert (status_of(app, post), alerts(app)) == (PostStatus.UNCONFIRMED, ["unconfirmed"])
    with app.reading() as db:
        (alert,) = store.open_alerts(db)
    assert alert.message == f"battery-modules@fake may be live: {why}"
    assert f"campaign post resolve {post.uuid[:8]} --published URL" in alert.remedy
    assert 4 <= world.asked("find") <= 8  # less and less often


def test_a_look_that_fails_keeps_no_other_post_back(app: App, world: World, clock: VirtualClock) -> None:
    unconfirmed(app, world)
    world.next("find", *[ZeroDivisionError()] * 20)
    make_post(app, make_story(app, "second"), channel="fake", text="Second", due_at=clock.now() + 5 * HOUR)
    dense(app)

    clock.advance(4 * HOUR)
    work(app, hours=1.1, step=5)

    assert world.texts() == ["Second"]


def test_where_absence_proves_nothing_a_person_is_asked(app: App, world: World) -> None:
    world.settle = None
    post = unconfirmed(app, world)

    work(app, hours=2, step=5)

    assert world.asked("publish") == 1
    assert (status_of(app, post), alerts(app)) == (PostStatus.UNCONFIRMED, ["unconfirmed"])


def test_nothing_is_sent_again_while_its_sender_may_be_alive(
    app: App, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = unconfirmed(app, world)
    assert app.owner is not None
    monkeypatch.setattr(app.owner, "is_gone", lambda sender: False)
    app.owner.sender = "this:2:2"

    work(app, hours=2, step=5)

    assert world.asked("publish") == 1
    assert (status_of(app, post), alerts(app)) == (PostStatus.UNCONFIRMED, ["unconfirmed"])


def test_the_sender_of_an_attempt_that_may_be_alive_is_given_its_deadline_before_the_first_look(
    app: App, world: World, monkeypatch: pytest.MonkeyPatch, restart: Callable[[App], App], clock: VirtualClock
) -> None:
    post = make_post(app, channel="fake")
    world.next("publish", Crash())
    with pytest.raises(Crash):
        publish.run(app, "fake")
    start = clock.now()
    app = restart(app)
    monkeypatch.setattr(app.owner, "is_gone", lambda sender: False)

    publish.run(app, "fake")

    assert fresh(app, post).next_try_at == start + MINUTE + world.settle  # two call deadlines of half a minute


def test_a_post_of_which_no_attempt_is_known_is_asked_of_a_person(app: App, world: World) -> None:
    """Such as one that was handed over by hand before the channel was changed."""
    make_post(app, channel="fake", status=PostStatus.UNCONFIRMED)
    work(app, hours=0)
    assert (world.calls, alerts(app)) == ([], ["unconfirmed"])


# --- where the platform keeps the key


def test_inside_the_replay_window_the_same_call_is_made_with_the_same_key_and_nothing_prepared_anew(
    app: App, world: World
) -> None:
    world.replay_window = 50 * MINUTE
    post = unconfirmed(app, world, ZeroDivisionError())
    world.next("find", Absent)

    work(app)

    assert world.texts() == [TEXT]
    assert (world.asked("publish"), world.asked("prepare"), world.asked("find")) == (2, 1, 1)
    assert outcomes(app, post) == ["unknown", "published"]
    assert status_of(app, post) == PostStatus.PUBLISHED


def test_on_a_server_that_is_not_known_to_honour_the_key_the_call_is_not_repeated(app: App, world: World) -> None:
    world.replay_window = 50 * MINUTE
    post = unconfirmed(app, world)
    world.next("find", lambda: Absent(honours_key=False), lambda: Absent(honours_key=False))

    work(app)

    assert world.texts() == [TEXT]
    assert (world.asked("find"), world.asked("prepare")) == (2, 2)  # absent on two looks, then every step anew
    assert outcomes(app, post) == ["unknown", "published"]


@pytest.mark.parametrize("error", [NotSent("the picture is gone", forget=("upload-0",)), Rejected("it has a post")])
def test_what_is_refused_when_a_part_is_sent_again_may_be_so_for_the_first_call(
    app: App, world: World, error: Exception
) -> None:
    post = unconfirmed(app, world)
    world.next("publish", error)

    work(app)

    assert world.texts() == []
    assert outcomes(app, post) == ["unknown", "unknown"]
    assert status_of(app, post) == PostStatus.UNCONFIRMED
    assert alerts(app) == ["unconfirmed"]


@pytest.mark.parametrize(
    "error",
    [
        NotSent("no route"),
        NotSent("gone", forget=("upload-0",)),
        NotSent("dead", token_dead=True),
        Rejected("duplicate"),
        CUT,
    ],
    ids=["not sent", "handle gone", "token dead", "rejected", "unknown"],
)
def test_a_replay_that_fails_says_nothing_about_the_first_call(app: App, world: World, error: Exception) -> None:
    """Else a post whose first call was accepted would go back to approved, and out again."""
    world.replay_window = 5 * MINUTE
    world.settle = None
    post = unconfirmed(app, world, ZeroDivisionError())
    world.next("find", *[Absent] * 100)
    world.next("publish", *[error] * 100)

    work(app, hours=3, step=0.5)

    assert world.texts() == [TEXT]
    assert (status_of(app, post), alerts(app)) == (PostStatus.UNCONFIRMED, ["unconfirmed"])
    assert "upload-0" in part_of(app, post).checkpoint


def test_the_replay_window_counts_from_the_first_call_and_not_from_the_last_replay(app: App, world: World) -> None:
    """The platform forgets the key an hour after the first call, however often it is repeated."""
    world.replay_window = 50 * MINUTE
    post = unconfirmed(app, world, ZeroDivisionError())
    world.next("find", *[Absent] * 100)
    world.next("publish", *[CUT] * 100)

    work(app, hours=4)

    first, *replays = [attempt.started_at for attempt in attempts(app, post)]
    within = [at for at in replays if at - first < 50 * MINUTE]
    assert len(within) >= 3
    assert len(replays) == len(within) + 1  # after the window: absent on two looks, and sent again, once
    assert (status_of(app, post), alerts(app)) == (PostStatus.UNCONFIRMED, ["unconfirmed"])


def cancel_approval(app: App, post: Post) -> None:
    with app.writing() as db:
        store.change_post(db, fresh(app, post), approved_hash="")


def outlive(app: App, post: Post) -> None:
    with app.writing() as db:
        store.change_post(db, fresh(app, post), expires_at=app.clock.now())


def make_late(app: App, post: Post) -> None:
    with app.writing() as db:
        store.change_post(db, fresh(app, post), due_at=app.clock.now() - 9 * HOUR, returns=3)


@pytest.mark.parametrize("act", [cancel_approval, outlive, make_late])
def test_where_the_gate_forbids_a_replay_the_post_stays_what_it_is(
    app: App, world: World, act: Callable[[App, Post], None]
) -> None:
    world.replay_window = 50 * MINUTE
    post = unconfirmed(app, world)
    before = fresh(app, post)
    act(app, post)

    work(app, hours=0.5)

    assert world.asked("publish") == 1
    assert status_of(app, post) == PostStatus.UNCONFIRMED
    assert (fresh(app, post).reason, fresh(app, post).slot_date) == (before.reason, before.slot_date)


# --- threads


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_thread_cut_at_any_part_is_live_once_and_whole(app: App, world: World, n: int) -> None:
    post = make_post(app, channel="fake", parts=3)
    world.next("publish", *[lambda: None] * (n - 1), After(CUT))

    work(app)

    assert world.texts() == [TEXT, f"{TEXT} (2/3)", f"{TEXT} (3/3)"]
    assert status_of(app, post) == PostStatus.PUBLISHED


def test_the_rest_of_a_thread_that_was_not_live_is_sent_again(app: App, world: World) -> None:
    post = make_post(app, channel="fake", parts=2)
    world.next("publish", lambda: None, CUT)
    work(app)
    assert world.texts() == [TEXT, f"{TEXT} (2/2)"]
    assert told(app, post)[-2:] == ["post.sent-again", "post.published"]


def test_two_threads_of_a_channel_never_stop_each_other_for_good(app: App, world: World, clock: VirtualClock) -> None:
    """One is found live while the other is being sent: only one of a channel may be under way."""
    dense(app)
    first = make_post(app, channel="fake", parts=2, text="First", due_in=-MINUTE)
    second = make_post(app, make_story(app, "second"), channel="fake", parts=2, text="Second")
    world.next("publish", After(CUT), lambda: None, NotSent("no route"), NotSent("no route"), NotSent("no route"))

    publish.run(app, "fake")
    assert (status_of(app, first), status_of(app, second)) == (PostStatus.UNCONFIRMED, PostStatus.SENDING)
    work(app, hours=0.1)
    assert (status_of(app, first), reason(app, first)) == (PostStatus.UNCONFIRMED, "1 of 2 parts are live")
    work(app)

    assert status_of(app, second) == PostStatus.PUBLISHED
    assert sorted(world.texts()) == ["First", "First (2/2)", "Second", "Second (2/2)"]
    assert (status_of(app, first), alerts(app)) == (PostStatus.PUBLISHED, [])


def test_the_rest_of_a_thread_waits_with_being_sent_again_while_another_post_is_sent(app: App, world: World) -> None:
    dense(app)
    make_post(app, channel="fake", parts=2, text="First", due_in=-MINUTE)
    make_post(app, make_story(app, "second"), channel="fake", parts=2, text="Second")
    refused = [NotSent("no route")] * 4
    world.next("publish", lambda: None, CUT, lambda: None, *refused)

    work(app, hours=1)

    assert sorted(world.texts()) == ["First", "First (2/2)", "Second", "Second (2/2)"]
    assert alerts(app) == []


# --- one id for two posts


def test_an_id_that_belongs_to_another_post_is_never_bound_twice(app: App, world: World, clock: VirtualClock) -> None:
    make_post(app, channel="fake")
    publish.run(app, "fake")
    clock.advance(5 * HOUR)
    dense(app)
    post = make_post(app, make_story(app, "second"), channel="fake", text="Second")
    world.next("publish", After(CUT))
    publish.run(app, "fake")
    world.next("find", *[lambda: Found("remote-1")] * 9)

    work(app, hours=1, step=5)

    assert (status_of(app, post), alerts(app)) == (PostStatus.UNCONFIRMED, ["unconfirmed"])
    assert part_of(app, post).remote_id is None
    assert outcomes(app, post) == ["unknown"]


def test_an_answer_with_the_id_of_another_post_leaves_it_open(app: App, world: World, clock: VirtualClock) -> None:
    make_post(app, channel="fake")
    publish.run(app, "fake")
    clock.advance(5 * HOUR)
    dense(app)
    post = make_post(app, make_story(app, "second"), channel="fake", text="Second")
    world.next("publish", lambda: Published("remote-1"))

    publish.run(app, "fake")

    assert (status_of(app, post), alerts(app), outcomes(app, post)) == (
        PostStatus.UNCONFIRMED,
        ["unconfirmed"],
        ["unknown"],
    )
