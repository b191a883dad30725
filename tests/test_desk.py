"""What officers change by hand: posts, stories, channels, pauses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from campaign import desk, notify, store
from campaign.app import App
from campaign.errors import UsageError
from campaign.models import OPEN, PartContent, Pause, PauseScope, Post, PostStatus, Story, StoryStatus
from campaign.platforms.base import Account, Limits
from tests.making import fresh, make_post, make_story, status_of

THURSDAY = datetime(2026, 3, 5, 13, 0, tzinfo=UTC)  # 14:00 in Brussels
CANNOT = [status for status in PostStatus if status not in (*OPEN, PostStatus.FAILED)]


def planned(app: App, **values: Any) -> Post:
    return make_post(app, make_story(app), due_in=timedelta(days=1), **values)


def move(app: App, post: Post, when: datetime = THURSDAY) -> None:
    with app.writing() as db:
        desk.move(app, db, fresh_in(db, post), when)


def fresh_in(db: Any, post: Post) -> Post:
    found = store.post_by_id(db, post.uuid)
    assert found is not None
    return found


def last_event(app: App) -> Any:
    with app.reading() as db:
        return store.events(db, last=1)[0]


@pytest.mark.parametrize("status", OPEN)
def test_a_moved_post_leaves_its_weekly_slot_and_keeps_all_else(app: App, status: PostStatus) -> None:
    post = planned(app, status=status, returns=2, wish="now", wish_by="joao")

    move(app, post)

    moved = fresh(app, post)
    assert (moved.due_at, moved.slot_date, moved.status) == (THURSDAY, None, status)
    assert (moved.returns, moved.wish, moved.reason) == (0, "", "moved by anna")
    assert moved.approved_hash == post.approved_hash
    event = last_event(app)
    assert (event.what, event.who, event.post) == ("post.moved", "anna", post.uuid)
    assert event.before["slot"] == "2026-03-03 08:00"


@pytest.mark.parametrize("status", [*CANNOT, PostStatus.FAILED])
def test_what_was_sent_or_is_over_cannot_be_moved(app: App, status: PostStatus) -> None:
    post = planned(app, status=status)

    with pytest.raises(UsageError, match="sent now" if status == PostStatus.SENDING else "cannot be moved"):
        move(app, post)

    assert fresh(app, post).due_at == post.due_at


@pytest.mark.parametrize(
    ("story", "when", "told"),
    [
        ({}, THURSDAY - timedelta(days=7), "that is past"),
        ({"embargo_at": THURSDAY + timedelta(minutes=1)}, THURSDAY, "its embargo lasts until Thu 5 Mar 2026 14:01"),
        ({"expires_at": THURSDAY + timedelta(seconds=30)}, THURSDAY, "it expires on Thu 5 Mar 2026 14:00"),
    ],
)
def test_a_post_is_not_moved_to_where_the_gate_would_hold_it(
    app: App, story: dict[str, Any], when: datetime, told: str
) -> None:
    post = make_post(app, make_story(app, **story), due_in=timedelta(days=1))

    with pytest.raises(UsageError, match=told):
        move(app, post, when)


def test_a_time_a_moment_ago_means_now(app: App) -> None:
    post = planned(app)

    move(app, post, app.clock.now() - timedelta(minutes=1))

    assert fresh(app, post).due_at == app.clock.now() - timedelta(minutes=1)


@pytest.mark.parametrize(
    ("apart", "status", "told"),
    [
        (timedelta(hours=3), PostStatus.APPROVED, "other@news has Thu 5 Mar 2026 17:00, and the channel keeps 4 h"),
        (timedelta(hours=-3), PostStatus.PUBLISHED, "other@news has Thu 5 Mar 2026 11:00"),
        (timedelta(hours=4), PostStatus.APPROVED, ""),
        (timedelta(hours=3), PostStatus.CANCELLED, ""),
    ],
)
def test_a_moved_post_keeps_the_channels_spacing(app: App, apart: timedelta, status: PostStatus, told: str) -> None:
    make_post(app, make_story(app, "other"), text="Another.", due_at=THURSDAY + apart, status=status)
    post = planned(app)

    if told:
        with pytest.raises(UsageError, match=told):
            move(app, post)
    else:
        move(app, post)
        assert fresh(app, post).due_at == THURSDAY


def test_a_moved_post_keeps_the_channels_daily_cap(app: App) -> None:
    for n, hours in enumerate((-8, 8)):
        make_post(app, make_story(app, f"other-{n}"), text=f"{n}", due_at=THURSDAY + timedelta(hours=hours))
    post = planned(app)

    with pytest.raises(UsageError, match="the channel has its 2 posts on that day"):
        move(app, post)


def test_nothing_is_moved_into_a_blackout(app: App) -> None:
    from campaign.config import Blackout

    config = app.config
    day = THURSDAY.date()
    object.__setattr__(config, "blackouts", (Blackout(day, day, "mourning"),))

    with pytest.raises(UsageError, match="nothing is posted on that day: mourning"):
        move(app, planned(app))


def test_a_post_is_placed_where_the_officer_says(app: App) -> None:
    story = make_story(app)
    with app.writing() as db:
        post = desk.place(app, db, story, "news", THURSDAY)

    assert status_of(app, post) == "planned"
    assert (post.due_at, post.slot_date) == (THURSDAY, None)
    assert last_event(app).what == "post.placed"


@pytest.mark.parametrize("status", [*OPEN, PostStatus.FAILED])
def test_a_cancelled_post_frees_its_slot_and_its_alerts_end(app: App, status: PostStatus) -> None:
    post = planned(app, status=status)
    with app.writing() as db:
        app.alert(db, f"missed:{post.uuid}:3", "it missed three slots", post=post.uuid)
    with app.writing() as db:
        desk.cancel(app, db, fresh_in(db, post))

    cancelled = fresh(app, post)
    assert (cancelled.status, cancelled.due_at, cancelled.slot_date) == ("cancelled", None, None)
    with app.reading() as db:
        assert store.open_alerts(db) == []


@pytest.mark.parametrize("status", CANNOT)
def test_what_was_sent_or_is_over_cannot_be_cancelled(app: App, status: PostStatus) -> None:
    post = planned(app, status=status)

    with app.writing() as db, pytest.raises(UsageError):
        desk.cancel(app, db, fresh_in(db, post))

    assert status_of(app, post) == status


def test_a_post_that_changed_meanwhile_is_left_alone(app: App) -> None:
    seen = planned(app)
    with app.writing() as db:
        store.change_post(db, fresh_in(db, seen), status="sending")

    with app.writing() as db, pytest.raises(UsageError, match="has just changed"):
        desk.cancel(app, db, seen)

    assert status_of(app, seen) == "sending"


def test_a_restored_post_is_rendered_anew_and_keeps_what_was_approved(app: App) -> None:
    post = planned(app, status=PostStatus.CANCELLED, approved_hash="yes")
    with app.writing() as db:
        desk.restore(app, db, fresh_in(db, post))

    restored = fresh(app, post)
    assert (restored.status, restored.input_hash, restored.content_hash) == ("planned", "", "")
    assert (restored.approved_hash, restored.due_at) == ("yes", None)


def test_a_restored_move_keeps_its_status(app: App) -> None:
    post = planned(app)
    move(app, post)
    with app.writing() as db:
        desk.restore(app, db, fresh_in(db, post))

    assert (fresh(app, post).status, fresh(app, post).due_at) == ("approved", None)


@pytest.mark.parametrize("status", [each for each in PostStatus if each != PostStatus.CANCELLED])
def test_only_cancelled_and_moved_posts_are_restored(app: App, status: PostStatus) -> None:
    post = planned(app, status=status)

    with app.writing() as db, pytest.raises(UsageError):
        desk.restore(app, db, fresh_in(db, post))


@pytest.mark.parametrize(("status", "command"), [("withdrawn", "withdraw"), ("returned", "return")])
def test_a_post_whose_story_is_gone_is_not_restored(app: App, status: str, command: str) -> None:
    post = make_post(app, make_story(app, status=status), status=PostStatus.CANCELLED)

    with app.writing() as db, pytest.raises(UsageError, match=f"campaign story {command} --undo"):
        desk.restore(app, db, fresh_in(db, post))


def test_a_post_with_a_live_part_is_not_restored(app: App) -> None:
    post = planned(app, status=PostStatus.CANCELLED)
    with app.writing() as db:
        part = store.parts_of(db, post.uuid)[0]
        part.remote_id = "112"
        db.add(part)

    with app.writing() as db, pytest.raises(UsageError, match="is live"):
        desk.restore(app, db, fresh_in(db, post))


def test_a_withdrawn_story_takes_its_unsent_posts_along_at_once(app: App) -> None:
    story = make_story(app)
    waiting = make_post(app, story)
    sending = make_post(app, story, channel="kraj", text="Being sent.", status=PostStatus.SENDING)
    with app.writing() as db:
        live = desk.withdraw(app, db, store.story_by_id(db, story.uuid) or story, "by request")

    assert [post.uuid for post in live] == [sending.uuid]
    assert (fresh(app, waiting).due_at, fresh(app, waiting).reason) == (None, "its story was withdrawn")
    assert (status_of(app, waiting), status_of(app, sending)) == ("approved", "sending")


@pytest.mark.parametrize(
    ("status", "change", "possible"),
    [
        (StoryStatus.QUEUED, "withdraw", True),
        (StoryStatus.RETURNED, "withdraw", True),
        (StoryStatus.WITHDRAWN, "withdraw", False),
        (StoryStatus.QUEUED, "hand_back", True),
        (StoryStatus.RETURNED, "hand_back", False),
        (StoryStatus.WITHDRAWN, "hand_back", False),
    ],
)
def test_a_story_is_ended_once(app: App, status: StoryStatus, change: str, possible: bool) -> None:
    story = make_story(app, status=str(status))

    def end(found: Story) -> None:
        getattr(desk, change)(app, db, found, "because")

    with app.writing() as db:
        found = store.story_by_id(db, story.uuid)
        assert found is not None
        if possible:
            end(found)
            assert found.note == "because"
        else:
            with pytest.raises(UsageError, match=f"is {status}"):
                end(found)


def test_a_requeued_story_has_no_note_any_more(app: App) -> None:
    story = make_story(app, status="returned", note="Name the partners.")
    with app.writing() as db:
        found = store.story_by_id(db, story.uuid)
        assert found is not None
        desk.requeue(app, db, found, StoryStatus.RETURNED)

    assert (found.status, found.note) == ("queued", "")


def account(name: str = "ASA", number: str = "1") -> Account:
    return Account(id=number, name=name, limits=Limits(text=500))


def test_an_enabled_channel_is_bound_to_its_account_and_no_longer_blocked(app: App) -> None:
    with app.writing() as db:
        state = store.channel_states(db)["news"]
        state.enabled, state.blocked, state.token_deaths = False, "token dead", 2
        db.add(state)
    with app.writing() as db:
        desk.enable(app, db, "news", account())

    with app.reading() as db:
        state = store.channel_states(db)["news"]
    assert (state.enabled, state.blocked, state.token_deaths) == (True, "", 0)
    assert (state.account_id, state.account_name, state.checked_at) == ("1", "ASA", app.clock.now())


def test_a_by_hand_channel_is_enabled_without_an_account(app: App) -> None:
    with app.writing() as db:
        desk.disable(app, db, "news")
    with app.writing() as db:
        desk.enable(app, db, "news", None)

    with app.reading() as db:
        assert store.channel_states(db)["news"].account_id is None


def test_another_account_is_refused_until_a_person_says_so(app: App) -> None:
    with app.writing() as db:
        desk.enable(app, db, "news", account())
    with (
        app.writing() as db,
        pytest.raises(UsageError, match="belonged to ASA, and its credentials are now those of X"),
    ):
        desk.enable(app, db, "news", account("X", "2"))
    with app.writing() as db:
        desk.enable(app, db, "news", account("X", "2"), new_account=True)

    with app.reading() as db:
        assert store.channel_states(db)["news"].account_id == "2"


def test_enabling_ends_what_a_person_was_asked_for(app: App) -> None:
    with app.writing() as db:
        for key in ("blocked:news", "login:news", "login:kraj"):
            app.alert(db, key, "its token is dead")
    with app.writing() as db:
        desk.enable(app, db, "news", account())

    with app.reading() as db:
        assert [alert.key for alert in store.open_alerts(db)] == ["login:kraj"]


def test_enabling_stores_what_the_server_allows(app: App) -> None:
    with app.writing() as db:
        desk.enable(app, db, "news", replace(account(), limits=replace(app.limits("news"), text=400)))

    assert app.limits("news").text == 400


def test_a_login_stores_the_tokens_and_what_was_told_and_ends_the_block(app: App) -> None:
    with app.writing() as db:
        desk.enable(app, db, "news", account())
        state = store.channel_states(db)["news"]
        state.blocked, state.token_deaths = "token dead", 1
        app.alert(db, "blocked:news", "token dead")
    with app.writing() as db:
        desk.log_in(app, db, "news", replace(account(), name="ASA anew"), "sealed")

    with app.reading() as db:
        state = store.channel_states(db)["news"]
        assert store.open_alerts(db) == []
    assert (state.tokens, state.blocked, state.token_deaths) == ("sealed", "", 0)
    assert (state.account_id, state.account_name) == ("1", "ASA anew")
    event = last_event(app)
    assert (event.what, event.note, event.before["blocked"]) == ("channel.logged-in", "ASA anew", "token dead")


def test_a_login_as_another_account_is_refused_and_stores_nothing_until_a_person_says_so(app: App) -> None:
    with app.writing() as db:
        desk.enable(app, db, "news", account())
    with app.writing() as db, pytest.raises(UsageError, match="campaign channel login news --new-account"):
        desk.log_in(app, db, "news", account("X", "2"), "sealed")
    with app.reading() as db:
        assert store.channel_states(db)["news"].tokens == ""

    with app.writing() as db:
        desk.log_in(app, db, "news", account("X", "2"), "sealed", new_account=True)
    with app.reading() as db:
        assert store.channel_states(db)["news"].account_id == "2"


def test_a_login_binds_no_channel_that_was_never_enabled(app: App) -> None:
    with app.writing() as db:
        desk.log_in(app, db, "news", account(), "sealed")
    with app.writing() as db:
        desk.log_in(app, db, "news", account("X", "2"), "sealed anew")

    with app.reading() as db:
        state = store.channel_states(db)["news"]
    assert (state.account_id, state.account_name, state.tokens) == (None, "X", "sealed anew")


def test_a_login_as_the_account_of_another_channel_is_refused(app: App) -> None:
    with app.writing() as db:
        desk.enable(app, db, "news", account())

    with app.writing() as db, pytest.raises(UsageError, match="campaign channel rename news kraj"):
        desk.log_in(app, db, "kraj", account(), "sealed", new_account=True)


def test_an_account_that_another_channel_has_is_refused(app: App) -> None:
    with app.writing() as db:
        desk.enable(app, db, "news", account())

    with app.writing() as db, pytest.raises(UsageError, match="campaign channel rename news kraj"):
        desk.enable(app, db, "kraj", account())


def test_a_channel_is_not_renamed_while_it_sends(app: App) -> None:
    planned(app, status=PostStatus.SENDING)
    channels = dict(app.config.channels)
    channels["alliance"] = channels.pop("news")
    object.__setattr__(app.config, "channels", channels)

    with app.writing() as db, pytest.raises(UsageError, match="is being sent now"):
        desk.rename(app, db, "news", "alliance")


def test_whoever_owned_a_channel_loses_it_when_it_is_renamed(app: App) -> None:
    assert app.owner is not None
    epoch = app.owner.take("news")
    channels = dict(app.config.channels)
    channels["alliance"] = channels.pop("news")
    object.__setattr__(app.config, "channels", channels)

    with app.writing() as db:
        desk.rename(app, db, "news", "alliance")

    with app.reading() as db:
        states = store.channel_states(db)
    assert "news" not in states
    assert states["alliance"].epoch == (epoch or 0) + 1


def test_what_a_person_was_asked_about_a_channel_is_asked_under_its_new_name(app: App) -> None:
    with app.writing() as db:
        state = store.channel_states(db)["news"]
        state.blocked = "its credentials were refused"
        db.add(state)
        remedy = "campaign channel enable news"
        app.alert(db, "blocked:news", "channel news: its credentials were refused", channel="news", remedy=remedy)
    channels = dict(app.config.channels)
    channels["alliance"] = replace(channels.pop("news"), key="alliance")
    object.__setattr__(app.config, "channels", channels)

    with app.writing() as db:
        desk.rename(app, db, "news", "alliance")
    notify.run(app)

    with app.reading() as db:
        (alert,) = store.open_alerts(db)
    assert (alert.key, alert.channel, alert.remedy) == (
        "blocked:alliance",
        "alliance",
        "campaign channel enable alliance",
    )
    assert alert.message == "channel alliance: its credentials were refused"


def test_whoever_owned_a_channel_by_its_new_name_already_loses_it_too(app: App) -> None:
    channels = dict(app.config.channels)
    channels["alliance"] = replace(channels.pop("news"), key="alliance")
    object.__setattr__(app.config, "channels", channels)
    app.sync_channels()
    with app.writing() as db:
        later = [store.take_channel(db, "alliance") for _ in range(3)][-1]

    with app.writing() as db:
        desk.rename(app, db, "news", "alliance")

    with app.reading() as db:
        assert store.channel_states(db)["alliance"].epoch == later + 1


def test_a_new_pause_of_the_same_replaces_the_old(app: App) -> None:
    with app.writing() as db:
        desk.pause(app, db, PauseScope.REGION, "portugal", None, "flood")
        desk.pause(app, db, PauseScope.REGION, "portugal", THURSDAY, "storm")

    with app.reading() as db:
        (found,) = store.pauses(db, app.clock.now())
    assert isinstance(found, Pause)
    assert (found.reason, found.until, found.who) == ("storm", THURSDAY, "anna")


def test_a_pause_ends_in_the_future(app: App) -> None:
    with app.writing() as db, pytest.raises(UsageError, match="is past"):
        desk.pause(app, db, PauseScope.ALL, "", app.clock.now(), "flood")


def test_only_what_is_paused_is_resumed(app: App) -> None:
    with app.writing() as db, pytest.raises(UsageError, match="everything is not paused"):
        desk.resume(app, db, PauseScope.ALL, "")


def test_an_edit_of_what_has_just_changed_is_refused(app: App) -> None:
    post = make_post(app)
    with app.reading() as db:
        contents = [PartContent.model_validate(part.content) for part in store.parts_of(db, post.uuid)]
    with app.writing() as db:
        store.change_post(db, fresh(app, post), status="cancelled")

    with app.writing() as db, pytest.raises(UsageError, match="has just changed"):
        desk.edit(app, db, post, contents)
