"""Every way in which sending one post can go, judged by what the platform shows."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from campaign import desk, notify, publish, store
from campaign.app import App
from campaign.config.words import Blackout
from campaign.db import PatientConnection
from campaign.errors import ChannelBlocked, NotSent, OutcomeUnknown, RateLimited, Rejected, StoreError
from campaign.models import ChannelState, Part, PartContent, Pause, PauseScope, Post, PostStatus, content_hash
from campaign.publish.outgoing import hold_delivery, read_delivery
from campaign.publish.send import deliver
from campaign.rehearsal.clock import VirtualClock
from tests.fakes import Crash, World
from tests.making import fresh, make_post, make_story, status_of
from tests.publish.conftest import alerts, dense, outcomes, reason, told, with_channel, work

TEXT = "Battery skills modules are open to every region."
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def one_post(app: App, **values: Any) -> Post:
    return make_post(app, channel="fake", **values)


def state(app: App) -> ChannelState:
    with app.reading() as db:
        found = store.channel_state(db, "fake")
    assert found is not None
    return found


# --- the good way


def test_a_due_post_goes_out_once_with_its_key_and_is_on_record(app: App, world: World) -> None:
    post = one_post(app)

    work(app)

    with app.reading() as db:
        (part,) = store.parts_of(db, post.uuid)
    assert [(item.text, item.key) for item in world.live] == [(TEXT, part.uuid)]
    assert (part.remote_id, part.permalink) == ("remote-1", "https://fake.example/remote-1")
    assert outcomes(app, post) == ["published"]
    assert fresh(app, post).published_at == fresh(app, post).due_at
    assert told(app, post) == ["post.published"]
    assert world.asked("publish") == world.asked("prepare") == 1


def test_a_thread_goes_out_in_order_each_part_below_the_one_before(app: App, world: World) -> None:
    post = one_post(app, parts=3)

    work(app, hours=0)

    assert world.texts() == [TEXT, f"{TEXT} (2/3)", f"{TEXT} (3/3)"]
    assert [item.reply_to for item in world.live] == ["", "remote-1", "remote-2"]
    assert status_of(app, post) == PostStatus.PUBLISHED


def test_an_idle_tick_asks_the_platform_nothing(app: App, world: World) -> None:
    one_post(app)
    work(app, hours=0.1)
    world.calls.clear()

    work(app, hours=1, step=6)

    assert world.calls == []


def test_a_process_that_owns_nothing_publishes_nothing(make_app: Callable[..., App], world: World) -> None:
    app = make_app(owns=False)
    one_post(app)

    work(app, hours=0)

    assert world.calls == []


# --- what the platform may answer on the visible call


@pytest.mark.parametrize("call", ["prepare", "publish"])
def test_what_was_certainly_not_sent_is_tried_again_after_a_minute_then_later_and_later(
    app: App, world: World, clock: VirtualClock, call: str
) -> None:
    post = one_post(app)
    world.next(call, NotSent("no route"), NotSent("no route"))

    publish.run(app, "fake")
    first = fresh(app, post)
    assert (first.status, first.tries, first.next_try_at) == ("approved", 1, clock.now() + MINUTE)
    assert first.reason == "not sent yet: no route"
    work(app)

    assert world.texts() == [TEXT]
    assert outcomes(app, post) == (["not-sent", "not-sent"] if call == "publish" else []) + ["published"]
    assert told(app, post) == ["post.not-sent", "post.not-sent", "post.published"]


def test_a_post_that_cannot_be_sent_within_its_late_window_goes_back_to_the_planner(app: App, world: World) -> None:
    post = one_post(app)
    world.next("publish", *[NotSent("no route")] * 20)

    work(app, hours=4, step=6)

    kept = fresh(app, post)
    assert world.texts() == []
    assert (kept.status, kept.due_at, kept.returns, kept.tries) == ("approved", None, 1, 0)
    assert kept.approved_hash == kept.content_hash


def test_a_post_that_would_expire_before_the_next_try_expires(app: App, world: World, clock: VirtualClock) -> None:
    story = make_story(app, expires_at=clock.now() + 3 * MINUTE)
    post = one_post(app, story=story)
    world.next("publish", *[NotSent("no route")] * 20)

    work(app)

    assert (world.texts(), status_of(app, post)) == ([], PostStatus.EXPIRED)
    assert alerts(app) == ["expired"]


@pytest.mark.parametrize(("stated", "wait"), [(timedelta(minutes=40), 40), (None, 15)])
def test_a_platform_that_asks_to_wait_holds_the_whole_channel(
    app: App, world: World, clock: VirtualClock, stated: timedelta | None, wait: int
) -> None:
    post = one_post(app)
    started = clock.now()
    world.next("publish", RateLimited("slow down", retry_after=stated))

    publish.run(app, "fake")
    assert state(app).held_until == started + wait * MINUTE
    work(app, hours=wait / 60 - 0.1, step=5)
    assert world.asked("publish") == 1
    work(app)

    assert world.texts() == [TEXT]
    assert status_of(app, post) == PostStatus.PUBLISHED


def test_a_shorter_wait_never_ends_a_longer_hold(app: App, clock: VirtualClock) -> None:
    with app.writing() as db:
        held = store.lock_channel(db, "fake", app.owner.take("fake") if app.owner else 0)
        store.hold_channel(db, held, clock.now() + HOUR, "long")
        store.hold_channel(db, held, clock.now() + MINUTE, "short")
    assert (state(app).held_until, state(app).hold_reason) == (clock.now() + HOUR, "long")


@pytest.mark.parametrize("call", ["prepare", "publish"])
def test_what_the_platform_refuses_for_good_fails_in_its_words_and_a_person_is_asked(
    app: App, world: World, call: str
) -> None:
    post = one_post(app)
    world.next(call, Rejected("the text holds a banned word"))

    work(app)

    assert (world.texts(), status_of(app, post)) == ([], PostStatus.FAILED)
    assert reason(app, post) == "the platform refused it: the text holds a banned word"
    assert alerts(app) == ["failed"]
    assert outcomes(app, post) == (["rejected"] if call == "publish" else [])


def test_a_refused_rest_of_a_thread_leaves_it_partial(app: App, world: World) -> None:
    post = one_post(app, parts=2)
    world.next("publish", lambda: None, Rejected("too many"))

    work(app)

    assert (world.texts(), status_of(app, post), alerts(app)) == ([TEXT], PostStatus.PARTIAL, ["partial"])


@pytest.mark.parametrize("call", ["prepare", "publish"])
def test_a_token_dead_once_is_tried_again_and_dead_twice_running_blocks_the_channel(
    app: App, world: World, call: str
) -> None:
    post = one_post(app)
    dead = NotSent("the token was refused", token_dead=True)
    world.next(call, dead)
    publish.run(app, "fake")
    assert (state(app).blocked, state(app).token_deaths) == ("", 1)
    with app.writing() as db:
        app.alert(db, "login:fake", "the daily look has found it too", channel="fake")

    world.next(call, dead)
    work(app, hours=0.5)

    assert state(app).blocked == "its credentials were refused: the token was refused"
    assert state(app).token_deaths == 0
    assert alerts(app) == ["blocked"]
    assert status_of(app, post) == PostStatus.APPROVED
    assert reason(app, post).startswith("channel fake needs a person")


def test_a_success_in_between_forgets_the_refused_token(app: App, world: World, clock: VirtualClock) -> None:
    one_post(app)
    dead = NotSent("the token was refused", token_dead=True)
    world.next("publish", dead)
    work(app)
    assert world.texts() == [TEXT]
    assert state(app).token_deaths == 0

    clock.advance(4 * HOUR)
    one_post(app, story=make_story(app, "second"), text="Another text.", due_at=clock.now())
    world.next("publish", dead)
    publish.run(app, "fake")
    assert state(app).blocked == ""


def test_an_error_in_between_says_nothing_of_the_refused_token(app: App, world: World) -> None:
    one_post(app)
    dead = NotSent("the token was refused", token_dead=True)
    world.next("publish", dead, NotSent("the platform could not be reached"), dead)
    work(app)
    assert (world.texts(), state(app).blocked) == ([], "its credentials were refused: the token was refused")


@pytest.mark.parametrize("call", ["prepare", "publish"])
def test_a_channel_that_needs_a_person_is_blocked_and_its_post_stays_approved(
    app: App, world: World, call: str
) -> None:
    post = one_post(app)
    world.next(call, ChannelBlocked("the page was closed"))

    work(app, hours=1, step=6)

    assert (state(app).blocked, status_of(app, post)) == ("the page was closed", PostStatus.APPROVED)
    assert (world.texts(), alerts(app)) == ([], ["blocked"])


@pytest.mark.parametrize("call", ["prepare", "publish"])
def test_a_handle_that_is_gone_is_made_anew(app: App, world: World, call: str) -> None:
    post = one_post(app)
    world.next(call, NotSent("the upload expired", forget=("upload-0", "never there")))
    if call == "prepare":
        with app.writing() as db:
            (part,) = store.parts_of(db, post.uuid)
            part.checkpoint = {"upload-0": 7}
            db.add(part)

    work(app)

    assert world.texts() == [TEXT]
    assert world.asked("upload") == (2 if call == "publish" else 1)


def test_what_is_prepared_for_words_that_have_just_changed_is_not_kept_for_the_new_ones(app: App, world: World) -> None:
    """A container made of the old words would publish those, and an upload bears the old alt text."""
    post = one_post(app)

    def rendered_anew() -> None:
        with app.writing() as db:
            (part,) = store.parts_of(db, post.uuid)
            told = PartContent.model_validate(part.content).model_copy(update={"text": "Other words."})
            store.replace_parts(db, db.get_one(Post, post.uuid), [told], app.new_id)

    world.next("prepare", rendered_anew)
    publish.run(app, "fake")

    with app.reading() as db:
        (part,) = store.parts_of(db, post.uuid)
    assert world.texts() == []
    assert (world.asked("upload"), part.checkpoint) == (1, {})


def test_an_upload_is_made_once_however_often_the_call_is_tried(app: App, world: World) -> None:
    one_post(app)
    world.next("publish", NotSent("no route"), NotSent("no route"))
    work(app)
    assert (world.texts(), world.asked("upload")) == ([TEXT], 1)


def test_our_own_bug_while_preparing_sends_nothing_and_is_tried_again(app: App, world: World) -> None:
    post = one_post(app)
    world.next("prepare", ZeroDivisionError("division by zero"))
    publish.run(app, "fake")
    assert reason(app, post) == "not sent yet: preparing failed: division by zero"
    work(app)
    assert world.texts() == [TEXT]


# --- between approval and sending


def change(**values: Any) -> Callable[[App, Post], None]:
    def act(app: App, post: Post) -> None:
        with app.writing() as db:
            assert store.change_post(db, fresh(app, post), **values)

    return act


def reword(app: App, post: Post) -> None:
    with app.writing() as db:
        (part,) = store.parts_of(db, post.uuid)
        part.content = {**part.content, "text": "Other words."}
        db.add(part)


def reword_and_approve(app: App, post: Post) -> None:
    reword(app, post)
    with app.writing() as db:
        agreed = content_hash([PartContent.model_validate(part.content) for part in store.parts_of(db, post.uuid)])
        store.change_post(db, fresh(app, post), content_hash=agreed, approved_hash=agreed)


def spoil(app: App, post: Post) -> None:
    with app.writing() as db:
        (part,) = store.parts_of(db, post.uuid)
        part.content = {"text": "A key of a later version.", "later": True}
        db.add(part)


def lose_picture(app: App, post: Post) -> None:
    for path in app.media.folder.rglob("*.jpg"):
        path.write_bytes(b"not what it was")


@pytest.mark.parametrize(
    ("act", "status"),
    [
        (change(status="cancelled"), PostStatus.CANCELLED),
        (change(status="rendered", approved_hash=""), PostStatus.RENDERED),
        (change(approved_hash="something else"), PostStatus.RENDERED),
        (change(due_at=None, slot_date=None), PostStatus.APPROVED),
        (reword, PostStatus.RENDERED),
        (spoil, PostStatus.RENDERED),
        (lose_picture, PostStatus.RENDERED),
    ],
    ids=["cancelled", "revoked", "other hash", "slot taken", "reworded", "unreadable", "picture lost"],
)
@pytest.mark.parametrize("when", ["before the tick", "while it is prepared"])
def test_what_was_changed_after_the_approval_is_never_sent(
    app: App, world: World, act: Callable[[App, Post], None], status: PostStatus, when: str
) -> None:
    post = one_post(app)
    if when == "before the tick":
        act(app, post)
    else:
        world.next("prepare", lambda: act(app, post))

    work(app)

    assert (world.texts(), status_of(app, post)) == ([], status)


def test_words_changed_and_approved_while_the_post_is_prepared_go_out_as_they_were_approved(
    app: App, world: World
) -> None:
    post = one_post(app)
    world.next("prepare", lambda: reword_and_approve(app, post))

    work(app)

    assert (world.texts(), status_of(app, post)) == (["Other words."], PostStatus.PUBLISHED)


def test_a_cancelled_post_stays_cancelled_whatever_else_forbids_it(app: App, world: World, clock: VirtualClock) -> None:
    story = make_story(app, expires_at=clock.now() + HOUR)
    post = one_post(app, story=story)

    def cancel_and_outlive() -> None:
        change(status="cancelled", reason="Anna's wish")(app, post)
        clock.advance(2 * HOUR)

    world.next("prepare", cancel_and_outlive)
    publish.run(app, "fake")

    assert (status_of(app, post), reason(app, post)) == (PostStatus.CANCELLED, "Anna's wish")


def test_a_post_cancelled_while_its_preparation_fails_stays_cancelled(app: App, world: World) -> None:
    for error in (Rejected("no"), NotSent("no route")):
        late = {"no": 1, "no route": 2}[str(error)] * -MINUTE
        post = one_post(app, story=make_story(app, f"story-{late}"), text=f"Text {error}", due_in=late)

        def cancel(post: Post = post, error: Exception = error) -> None:
            change(status="cancelled")(app, post)
            raise error

        world.next("prepare", cancel)
        publish.run(app, "fake")
        assert status_of(app, post) == PostStatus.CANCELLED
    assert alerts(app) == []


def test_unapproved_bytes_go_out_where_no_approval_is_asked(
    app: App, world: World, config_file: Path, make_app: Callable[..., App]
) -> None:
    config_file.write_text(config_file.read_text().replace("daily_cap = 3", "daily_cap = 3\napproval = false"))
    app.reconfigure(make_app(owns=False).config)
    one_post(app, approved_hash="")
    work(app)
    assert world.texts() == [TEXT]


# --- what keeps a channel quiet


def pause(scope: PauseScope, key: str, length: timedelta = HOUR) -> Callable[[App], None]:
    def act(app: App) -> None:
        now = app.clock.now()
        with app.writing() as db:
            until = now + length
            store.set_pause(db, Pause(scope=scope, key=key, until=until, reason="a strike", who="anna", since=now))

    return act


def stop(app: App) -> None:
    stop_file = app.config.daemon.stop_file
    assert stop_file is not None
    stop_file.write_text("")


def switch_off(**values: Any) -> Callable[[App], None]:
    def act(app: App) -> None:
        with app.writing() as db:
            row = db.get_one(ChannelState, "fake")
            for name, value in values.items():
                setattr(row, name, value)
            db.add(row)

    return act


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (pause(PauseScope.ALL, ""), "everything is paused: a strike"),
        (pause(PauseScope.CHANNEL, "fake"), "channel fake is paused: a strike"),
        (pause(PauseScope.REGION, "moravia-silesia"), "region moravia-silesia is paused: a strike"),
        (stop, "the stop file "),
        (switch_off(enabled=False), "channel fake is disabled (campaign channel enable fake)"),
        (switch_off(blocked="the page was closed"), "channel fake needs a person: the page was closed"),
    ],
    ids=["all", "channel", "region", "stop file", "disabled", "blocked"],
)
def test_at_rest_nothing_is_sent_and_the_post_says_why(
    app: App, world: World, act: Callable[[App], None], why: str
) -> None:
    post = one_post(app)
    act(app)

    work(app, hours=0.9, step=6)

    assert world.calls == []
    assert reason(app, post).startswith(why)
    assert told(app, post) == ["post.waits"]


def test_a_pause_of_another_region_or_channel_keeps_nothing_back(app: App, world: World) -> None:
    one_post(app)
    pause(PauseScope.REGION, "portugal")(app)
    pause(PauseScope.CHANNEL, "news")(app)
    work(app, hours=0)
    assert world.texts() == [TEXT]


def test_when_a_pause_has_ended_the_post_goes_out(app: App, world: World) -> None:
    one_post(app)
    pause(PauseScope.ALL, "")(app)
    work(app, hours=1.1, step=6)
    assert world.texts() == [TEXT]


def test_a_pause_that_is_ended_early_keeps_nothing_back_any_longer(app: App, world: World) -> None:
    one_post(app)
    pause(PauseScope.ALL, "")(app)
    work(app, hours=0)
    with app.writing() as db:
        desk.resume(app, db, PauseScope.ALL, "")
    work(app, hours=0)
    assert world.texts() == [TEXT]


def test_a_pause_that_is_shortened_keeps_nothing_back_any_longer(app: App, world: World) -> None:
    one_post(app)
    pause(PauseScope.ALL, "")(app)
    work(app, hours=0)
    with app.writing() as db:
        desk.pause(app, db, PauseScope.ALL, "", app.clock.now() + 5 * MINUTE, "a short strike")
    work(app, hours=0.2, step=6)
    assert world.texts() == [TEXT]


def test_a_thread_does_not_wait_in_silence_for_the_end_of_a_long_pause(app: App, world: World) -> None:
    post = one_post(app, parts=2)
    world.next("publish", lambda: None, NotSent("no route"))
    publish.run(app, "fake")
    pause(PauseScope.ALL, "", 240 * HOUR)(app)

    work(app, hours=3, step=6)

    assert (world.texts(), status_of(app, post), alerts(app)) == ([TEXT], PostStatus.PARTIAL, ["partial"])


def test_a_pause_that_begins_while_the_post_is_prepared_still_counts(app: App, world: World) -> None:
    one_post(app)
    world.next("prepare", lambda: stop(app))
    publish.run(app, "fake")
    assert world.texts() == []


def test_nothing_goes_out_before_its_slot_or_its_embargo(app: App, world: World, clock: VirtualClock) -> None:
    start = clock.now()
    one_post(app, story=make_story(app, embargo_at=start + HOUR), due_in=10 * MINUTE)

    work(app, hours=1.5, step=6)

    assert [item.at for item in world.live] == [start + HOUR]


def test_two_posts_keep_the_spacing_and_the_cap_of_their_channel(app: App, world: World, clock: VirtualClock) -> None:
    start = clock.now()
    for n in range(5):
        one_post(app, story=make_story(app, f"story-{n}"), text=f"Text {n}", due_at=start + n * MINUTE)
    app.reconfigure(with_channel(app, late_window=timedelta(days=2), repeat_guard=timedelta(0)))

    work(app, hours=30, step=15)

    sent = [item.at - start for item in world.live]
    assert sent == [timedelta(0), 4 * HOUR, 8 * HOUR, 15 * HOUR, 19 * HOUR]  # three a day, Brussels days


def test_downtime_never_ends_in_a_burst(app: App, world: World, clock: VirtualClock) -> None:
    for n in range(6):
        due_at = clock.now() - timedelta(days=n)
        one_post(app, story=make_story(app, f"story-{n}"), text=f"Text {n}", due_at=due_at)

    work(app, hours=6, step=6)

    assert world.texts() == ["Text 0"]
    with app.reading() as db:
        assert sum(post.due_at is None for post in store.posts_on(db, "fake")) == 5


def test_a_post_that_comes_too_late_three_times_fails_and_a_person_is_asked(app: App, clock: VirtualClock) -> None:
    post = one_post(app, due_in=-3 * HOUR, returns=3)
    publish.run(app, "fake")
    assert (status_of(app, post), alerts(app)) == (PostStatus.FAILED, ["failed"])


def test_on_a_blackout_day_the_post_goes_back_to_the_planner_and_no_return_is_counted(
    app: App, world: World, clock: VirtualClock
) -> None:
    day = clock.now().date()
    elsewhere = Blackout(day, day, "a fair", channels=("news",))
    app.reconfigure(replace(app.config, blackouts=(elsewhere,)))
    first = one_post(app, text="First")
    publish.run(app, "fake")
    assert world.texts() == ["First"]

    app.reconfigure(replace(app.config, blackouts=(elsewhere, Blackout(day, day, "Carnival"))))
    post = one_post(app, story=make_story(app, "second"), text="Second", due_in=MINUTE)
    clock.advance(MINUTE)
    publish.run(app, "fake")
    assert world.texts() == ["First"]
    assert (fresh(app, post).due_at, fresh(app, post).returns) == (None, 0)
    assert reason(app, post) == "nothing is posted on this day: Carnival"
    assert status_of(app, first) == PostStatus.PUBLISHED


def test_the_same_text_or_picture_does_not_go_out_twice_within_its_guard(
    app: App, world: World, clock: VirtualClock
) -> None:
    one_post(app)
    work(app, hours=5, step=6)
    twin = one_post(app, story=make_story(app, "second"), text="Other words, the same picture.")

    publish.run(app, "fake")

    assert world.texts() == [TEXT]
    assert reason(app, twin).startswith("the same text or picture went out lately: post ")
    clock.advance(timedelta(days=8))
    with app.writing() as db:
        store.change_post(db, fresh(app, twin), due_at=clock.now(), first_due_at=clock.now())
    publish.run(app, "fake")
    assert world.texts() == [TEXT, "Other words, the same picture."]


def test_a_wrong_clock_sends_nothing_ends_nothing_and_asks_a_person_once(
    app: App, world: World, clock: VirtualClock
) -> None:
    post = one_post(app, story=make_story(app, expires_at=clock.now() + HOUR))
    clock.jump(timedelta(days=2))

    work(app, hours=0.5)

    assert (world.texts(), status_of(app, post)) == ([], PostStatus.APPROVED)
    assert (alerts(app), told(app, post)) == (["clock"], ["post.waits"])

    clock.jump(timedelta(days=-2))
    work(app, hours=0.1)
    notify.run(app)
    assert (world.texts(), alerts(app)) == ([TEXT], [])


def test_a_full_disk_sends_nothing_and_asks_a_person(app: App, world: World) -> None:
    one_post(app)
    good = app.config
    app.reconfigure(replace(good, daemon=replace(good.daemon, free_disk=1 << 60)))
    work(app, hours=0.1)
    assert (world.texts(), alerts(app)) == ([], ["disk"])

    app.reconfigure(good)
    work(app, hours=0.1)
    notify.run(app)
    assert (world.texts(), alerts(app)) == ([TEXT], [])


# --- threads


def test_a_thread_resumes_at_the_first_part_that_is_not_live(app: App, world: World) -> None:
    post = one_post(app, parts=3)
    world.next("publish", lambda: None, NotSent("no route"))

    publish.run(app, "fake")
    assert (world.texts(), status_of(app, post)) == ([TEXT], PostStatus.SENDING)
    work(app)

    assert world.texts() == [TEXT, f"{TEXT} (2/3)", f"{TEXT} (3/3)"]
    assert outcomes(app, post, 2) == ["not-sent", "published"]


def test_while_a_thread_waits_no_other_post_of_the_channel_is_sent(app: App, world: World) -> None:
    one_post(app, parts=2, due_in=-MINUTE)
    dense(app)
    other = one_post(app, story=make_story(app, "second"), text="Second")
    world.next("publish", lambda: None, NotSent("no route"))

    publish.run(app, "fake")
    assert (world.texts(), reason(app, other)) == ([TEXT], "another post of the channel is being sent")
    work(app)

    assert world.texts() == [TEXT, f"{TEXT} (2/2)", "Second"]


def test_a_thread_whose_rest_cannot_follow_within_two_hours_is_partial(app: App, world: World) -> None:
    post = one_post(app, parts=2)
    world.next("publish", lambda: None, *[NotSent("no route")] * 20)

    work(app, hours=3, step=6)

    assert (world.texts(), status_of(app, post), alerts(app)) == ([TEXT], PostStatus.PARTIAL, ["partial"])
    assert reason(app, post) == "the rest of it could not follow within two hours"


# --- crashes and owners


@pytest.mark.parametrize("call", ["prepare", "publish"])
@pytest.mark.parametrize("part", [1, 2])
def test_a_crash_at_any_call_never_doubles_or_loses_a_part(
    app: App, world: World, restart: Callable[[App], App], call: str, part: int
) -> None:
    post = one_post(app, parts=2)
    world.next(call, *[lambda: None] * (part - 1), Crash())
    with pytest.raises(Crash):
        publish.run(app, "fake")

    app = restart(app)
    work(app)

    assert world.texts() == [TEXT, f"{TEXT} (2/2)"]
    assert (status_of(app, post), alerts(app)) == (PostStatus.PUBLISHED, [])


def test_an_attempt_without_an_end_keeps_the_channel_quiet_until_its_deadline(
    app: App, world: World, clock: VirtualClock
) -> None:
    """A process that survives its own crash must not send into an attempt that may still be under way."""
    post = one_post(app)
    world.next("publish", Crash())
    with pytest.raises(Crash):
        publish.run(app, "fake")

    publish.run(app, "fake")
    assert world.asked("publish") == 1
    assert outcomes(app, post) == [None]

    work(app)
    assert world.texts() == [TEXT]
    assert outcomes(app, post) == ["unknown", "published"]


def test_what_another_owner_has_taken_is_not_touched_any_more(app: App, world: World, clock: VirtualClock) -> None:
    post = one_post(app)

    def taken() -> None:
        with app.writing() as db:
            store.take_channel(db, "fake")

    world.next("prepare", taken)
    summary = publish.run(app, "fake")

    assert (world.texts(), told(app, post)) == ([], [])
    assert summary.notes == ["channel fake has another owner now"]
    assert (fresh(app, post).status, fresh(app, post).tries) == ("approved", 0)


@pytest.mark.parametrize("error", [NotSent("no route"), Rejected("no"), ZeroDivisionError()])
def test_a_failed_preparation_of_an_earlier_owner_changes_nothing(
    app: App, world: World, clock: VirtualClock, error: Exception
) -> None:
    post, start = one_post(app), clock.now()

    def taken() -> None:
        with app.writing() as db:
            store.take_channel(db, "fake")
        raise error

    world.next("prepare", taken)
    publish.run(app, "fake")

    assert (status_of(app, post), told(app, post), alerts(app)) == (PostStatus.APPROVED, [], [])
    assert (fresh(app, post).tries, clock.now()) == (0, start)  # nor is it tried again and again


def test_a_checkpoint_is_not_saved_for_an_earlier_owner(app: App, world: World) -> None:
    post = one_post(app)

    def taken() -> None:
        with app.writing() as db:
            store.take_channel(db, "fake")

    world.next("prepare", taken)
    publish.run(app, "fake")
    with app.reading() as db:
        assert [part.checkpoint for part in store.parts_of(db, post.uuid)] == [{}]


def test_when_the_intent_cannot_be_stored_nothing_is_sent(
    app: App, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = one_post(app)
    real = PatientConnection.commit

    def full(self: PatientConnection) -> None:
        if self.execute("SELECT count(*) FROM attempt").fetchone()[0]:
            raise sqlite3.OperationalError("database or disk is full")
        real(self)

    monkeypatch.setattr(PatientConnection, "commit", full)
    with pytest.raises(StoreError, match="disk is full"):
        publish.run(app, "fake")
    assert (world.asked("publish"), status_of(app, post), outcomes(app, post)) == (0, PostStatus.APPROVED, [])

    monkeypatch.setattr(PatientConnection, "commit", real)
    work(app)
    assert world.texts() == [TEXT]


def test_the_visible_call_knows_until_when_it_may_write(app: App, world: World, clock: VirtualClock) -> None:
    one_post(app)
    seen = []
    world.next("publish", lambda: seen.append(app.platform("fake").http.send_by))
    start = clock.now()
    publish.run(app, "fake")
    assert seen == [start + timedelta(seconds=30)]


def test_a_post_that_lost_its_rows_underway_is_told_as_what_it_is(app: App, world: World) -> None:
    """The foreign key forbids it; if it happens, it must not be taken for something to send."""
    post = one_post(app)
    post.uuid = "nowhere"
    with app.reading() as db, pytest.raises(LookupError, match="there is no post nowhere"):
        read_delivery(db, app.channel("fake"), post)
    with app.writing() as db, pytest.raises(LookupError, match="there is no post nowhere on channel fake"):
        hold_delivery(db, app.channel("fake"), post)


def test_deliver_says_whether_all_of_it_is_live(app: App, world: World) -> None:
    post, channel = one_post(app, parts=2), app.channel("fake")
    with app.reading() as db:
        delivery = read_delivery(db, channel, post)
    assert app.owner is not None
    epoch = app.owner.take("fake") or 0
    world.next("publish", OutcomeUnknown("cut"))
    assert not deliver(app, channel, post, epoch)
    with app.reading() as db:
        assert db.get_one(Part, delivery.parts[0].uuid).remote_id is None
