"""Channels: the owner's epoch, holds, and what rests."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from campaign import store
from campaign.app import App
from campaign.errors import NotOwner
from campaign.models import Pause, PauseScope

pytest_plugins = ["tests.postgres"]

HOUR = timedelta(hours=1)


def a_pause(app: App, scope: PauseScope, key: str = "", *, hours: float | None = None, reason: str = "storm") -> None:
    now = app.clock.now()
    until = None if hours is None else now + hours * HOUR
    with app.writing() as db:
        store.set_pause(db, Pause(scope=scope, key=key, until=until, reason=reason, who="anna", since=now))


def test_what_is_known_of_channels(app: App) -> None:
    with app.reading() as db:
        state = store.channel_state(db, "news")
        assert state is not None
        assert (state.platform, state.enabled, state.epoch) == ("folder", True, 0)
        assert store.channel_state(db, "radio") is None
        assert set(store.channel_states(db)) == {"news", "kraj"}


def test_taking_a_channel_raises_its_epoch_and_no_others(app: App) -> None:
    for epoch in (1, 2, 3):
        with app.writing() as db:
            assert store.take_channel(db, "news") == epoch

    with app.reading() as db:
        assert {key: state.epoch for key, state in store.channel_states(db).items()} == {"news": 3, "kraj": 0}


def test_a_channel_that_is_not_known_cannot_be_taken(app: App) -> None:
    with pytest.raises(NotOwner, match="channel radio is not in the database yet"), app.writing() as db:
        store.take_channel(db, "radio")


def test_an_owner_of_before_writes_nothing(app: App) -> None:
    with app.writing() as db:
        old = store.take_channel(db, "news")
    with app.writing() as db:
        new = store.take_channel(db, "news")

    with app.writing() as db:
        assert store.lock_channel(db, "news", new).epoch == new
    for channel, epoch in (("news", old), ("news", new + 1), ("radio", 1)):
        with pytest.raises(NotOwner, match=f"channel {channel} has another owner now"), app.writing() as db:
            store.lock_channel(db, channel, epoch)


def test_locking_reads_the_row_anew(app: App) -> None:
    with app.writing() as db:
        held = store.channel_state(db, "news")
        assert held is not None
        db.connection().exec_driver_sql("UPDATE channel_state SET epoch = 7 WHERE channel = 'news'")
        assert store.lock_channel(db, "news", 7).epoch == 7


@pytest.mark.parametrize("wait", [store.take_channel, lambda db, channel: store.lock_channel(db, channel, 0)])
def test_a_locked_channel_lets_the_next_one_wait_until_the_end(app: App, wait: Callable[..., object]) -> None:
    def come_second() -> object:
        with app.db.writing() as db:
            return wait(db, "news")

    with ThreadPoolExecutor(1) as pool:
        with app.db.writing() as db:
            store.lock_channel(db, "news", 0)
            second = pool.submit(come_second)
            time.sleep(0.1)
            assert not second.done()
        assert second.result(5)


def test_two_that_take_a_channel_at_once_never_have_the_same_epoch(app: App) -> None:
    def take() -> int:
        with app.db.writing() as db:
            return store.take_channel(db, "news")

    with ThreadPoolExecutor(1) as pool:
        with app.db.writing() as db:
            assert store.take_channel(db, "news") == 1
            second = pool.submit(take)
            time.sleep(0.1)
        assert second.result(5) == 2


def test_a_hold_is_made_longer_and_never_shorter(app: App) -> None:
    now = app.clock.now()
    for hours, reason in ((2, "asked to wait"), (1, "a shorter one"), (3, "a longer one")):
        with app.writing() as db:
            store.hold_channel(db, store.lock_channel(db, "news", 0), now + hours * HOUR, reason)
        with app.reading() as db:
            state = store.channel_state(db, "news")
            assert state is not None
            longest = (2, "asked to wait") if hours < 3 else (3, "a longer one")
            assert (state.held_until, state.hold_reason) == (now + longest[0] * HOUR, longest[1])


def test_tokens_are_renewed_by_one_at_a_time(app: App) -> None:
    now, lease = app.clock.now(), timedelta(minutes=2)

    def begin(channel: str, at: datetime) -> bool:
        with app.writing() as db:
            return store.begin_renewal(db, channel, at, lease)

    assert begin("news", now)
    assert not begin("news", now + lease - timedelta(microseconds=1))
    assert begin("kraj", now)
    assert not begin("radio", now)
    assert begin("news", now + lease)
    assert begin("kraj", now - lease)  # its beginning lies ahead: the clock was set back

    with app.writing() as db:
        store.end_renewal(db, "news", now)  # by whom it was taken from
    assert not begin("news", now + lease)
    with app.writing() as db:
        store.end_renewal(db, "news", now + lease)
    assert begin("news", now)


def test_channels_are_looked_at_in_the_order_of_their_waiting(app: App) -> None:
    now = app.clock.now()

    def waiting(channels: Collection[str] = ("news", "kraj")) -> list[str]:
        with app.reading() as db:
            return [state.channel for state in store.unchecked_channels(db, channels, now - HOUR)]

    def change(channel: str, **values: Any) -> None:
        with app.writing() as db:
            state = store.lock_channel(db, channel, 0)
            for name, value in values.items():
                setattr(state, name, value)
            db.add(state)

    assert waiting() == ["kraj", "news"]
    change("kraj", checked_at=now - HOUR)
    assert waiting() == ["news", "kraj"]
    assert waiting(["kraj"]) == ["kraj"]
    change("kraj", checked_at=now - HOUR + timedelta(microseconds=1))
    assert waiting() == ["news"]
    change("news", enabled=False)
    assert waiting() == []
    change("kraj", checked_at=None, blocked="its token is dead")
    assert waiting() == []


def test_what_a_platform_told_is_kept(app: App) -> None:
    now = app.clock.now()
    with app.writing() as db:
        state = store.lock_channel(db, "news", 0)
        store.note_check(
            db, state, name="@asa", limits={"text": 400, "formats": ("square",)}, token_ends_at=now + HOUR, at=now
        )

    with app.reading() as db:
        told = store.told_limits(db)
        state = store.channel_states(db)["news"]
    assert told == {("news", "folder"): {"text": 400, "formats": ["square"]}, ("kraj", "folder"): {}}
    assert (state.account_name, state.checked_at, state.account_id) == ("@asa", now, None)
    assert state.token_ends_at == now + HOUR


def test_a_pause_is_in_force_until_its_end(app: App) -> None:
    a_pause(app, PauseScope.REGION, "portugal", hours=1)
    a_pause(app, PauseScope.CHANNEL, "news")
    now = app.clock.now()

    with app.reading() as db:
        assert [pause.key for pause in store.pauses(db, now)] == ["news", "portugal"]
        assert [pause.key for pause in store.pauses(db, now + HOUR)] == ["news"]


@pytest.mark.parametrize(
    ("scope", "key", "rests"),
    [
        (PauseScope.ALL, "", True),
        (PauseScope.CHANNEL, "news", True),
        (PauseScope.CHANNEL, "kraj", False),
        (PauseScope.CHANNEL, "portugal", False),
        (PauseScope.REGION, "portugal", True),
        (PauseScope.REGION, "moravia-silesia", True),
        (PauseScope.REGION, "asa", False),
        (PauseScope.REGION, "news", False),
    ],
)
def test_a_post_rests_with_its_channel_or_any_of_its_regions(
    app: App, scope: PauseScope, key: str, rests: bool
) -> None:
    a_pause(app, scope, key, hours=1)
    now = app.clock.now()

    with app.reading() as db:
        regions = iter(["portugal", "moravia-silesia"])
        found = store.resting(db, now, "news", regions)
        assert (found.key if found else None) == (key if rests else None)
        assert store.resting(db, now + HOUR, "news", ["portugal"]) is None


def test_a_new_pause_on_the_same_thing_replaces_the_old_and_can_be_ended(app: App) -> None:
    a_pause(app, PauseScope.ALL, hours=1, reason="storm")
    a_pause(app, PauseScope.ALL, reason="flood")

    with app.writing() as db:
        assert [pause.reason for pause in store.pauses(db, app.clock.now())] == ["flood"]
        ended = store.clear_pause(db, PauseScope.ALL, "")
        assert ended is not None
        assert ended.reason == "flood"
    with app.writing() as db:
        assert store.pauses(db, app.clock.now()) == []
        assert store.clear_pause(db, PauseScope.ALL, "") is None
