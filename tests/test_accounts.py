"""Once a day the platforms are asked who we are there and what they allow."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from campaign import accounts, desk, notify, store
from campaign.app import App
from campaign.credentials import KEY_FILE
from campaign.errors import ChannelBlocked, NotSent, RateLimited
from campaign.log import set_up
from campaign.models import ChannelState
from campaign.rehearsal.clock import VirtualClock
from tests.club import CHANNEL, TOKEN, Club, Door, account, open_club, state_of
from tests.making import make_post, make_story

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def door(config_file: Path, monkeypatch: pytest.MonkeyPatch) -> Door:
    """The club's side, with a channel on it; the folder channels are gone."""
    begin, _, end = config_file.read_text().partition("[channels.news]")
    config_file.write_text(f"{begin}[people{end.partition('[people')[2]}{CHANNEL}")
    return open_club(monkeypatch)


@pytest.fixture
def app(door: Door, make_app: Callable[..., App], clock: VirtualClock) -> App:
    """The program with the club's channel, logged in and enabled a day ago."""
    app = make_app()
    app.tokens("club").save({"token": TOKEN})
    with app.writing() as db:
        desk.enable(app, db, "club", account())
    clock.advance(DAY)
    return app


def alerts(app: App) -> dict[str, tuple[str, str]]:
    with app.reading() as db:
        return {alert.key: (alert.message, alert.remedy) for alert in store.open_alerts(db)}


def told(app: App, what: str) -> list[str]:
    with app.reading() as db:
        return [each.note for each in store.events(db, what=what)]


def set_state(app: App, **values: Any) -> None:
    with app.writing() as db:
        state = db.get_one(ChannelState, "club")
        for name, value in values.items():
            setattr(state, name, value)
        db.add(state)


def test_an_account_is_looked_at_once_a_day(app: App, door: Door, clock: VirtualClock) -> None:
    looks = []
    for _ in range(49):
        looks.append(str(accounts.run(app)))
        clock.advance(HOUR)

    assert [n for n, told in enumerate(looks) if told == "accounts: 1 checked"] == [0, 24, 48]
    assert door.asked("check") == 3


def test_what_the_server_says_is_stored(app: App, door: Door) -> None:
    door.accounts[TOKEN] = account(name="@asa@new.example", limits=replace(Club.limits, text=1000, images=16))

    accounts.run(app)

    state = state_of(app)
    assert (state.account_id, state.account_name, state.checked_at) == ("1", "@asa@new.example", app.clock.now())
    assert state.limits == {"text": 1000, "images": 16}
    assert (app.limits("club").text, app.limits("club").images) == (1000, 16)


def test_two_queries_are_all_when_nothing_is_due(app: App) -> None:
    accounts.run(app)
    asked: list[str] = []
    event.listen(app.db._reader, "before_cursor_execute", lambda *args: asked.append(args[2]))

    assert not accounts.run(app).did_something

    assert [statement.split()[0] for statement in asked if not statement.startswith("BEGIN")] == ["SELECT"] * 2


@pytest.mark.parametrize(
    "left_out",
    [{"enabled": False}, {"blocked": "the page was closed"}, {"checked_at": datetime.fromisoformat("2026-03-03T08Z")}],
)
def test_a_channel_that_sends_nothing_or_was_looked_at_is_left_alone(
    app: App, door: Door, left_out: dict[str, Any]
) -> None:
    set_state(app, **left_out)

    assert not accounts.run(app).did_something
    assert door.asked("check") == 0


def test_a_channel_that_a_person_serves_or_that_left_the_config_is_not_asked_about(app: App, door: Door) -> None:
    by_hand = replace(app.config.channels["club"], mode="by-hand")
    for channels in ({"club": by_hand}, {}):
        app.config = replace(app.config, channels=channels)
        assert not accounts.run(app).did_something
    assert door.asked("check") == 0


@pytest.mark.parametrize(
    "error", [NotSent("unreachable"), RateLimited("wait"), ZeroDivisionError("our bug")], ids=lambda error: str(error)
)
def test_what_may_pass_by_itself_is_tried_again_after_an_hour_and_asks_nobody(
    app: App, door: Door, clock: VirtualClock, error: Exception
) -> None:
    stream = io.StringIO()
    set_up("human", clock, stream=stream)
    door.next("check", error, error)

    assert str(accounts.run(app)) == "accounts: 1 to try again"
    assert not accounts.run(app).did_something
    clock.advance(HOUR)
    assert str(accounts.run(app)) == "accounts: 1 to try again"
    clock.advance(HOUR)
    assert str(accounts.run(app)) == "accounts: 1 checked"

    assert (alerts(app), state_of(app).blocked) == ({}, "")
    assert f"channel=club  reason={error}" in stream.getvalue()
    assert ("Traceback" in stream.getvalue()) == isinstance(error, ZeroDivisionError)


def test_refused_credentials_ask_for_a_login_until_a_look_goes_well(app: App, door: Door, clock: VirtualClock) -> None:
    known = door.accounts.pop(TOKEN)

    assert str(accounts.run(app)) == "accounts: 1 refused"
    notify.run(app)

    remedy = "campaign channel login club; if its credentials are good: campaign channel enable club"
    assert alerts(app) == {"login:club": ("channel club: its credentials were refused: nobody is logged in", remedy)}
    assert state_of(app).blocked == ""

    door.accounts[TOKEN] = known
    clock.advance(HOUR)
    accounts.run(app)
    notify.run(app)
    assert alerts(app) == {}


def test_the_alert_about_credentials_ends_with_the_channel(app: App, door: Door) -> None:
    door.accounts.clear()
    accounts.run(app)
    with app.writing() as db:
        desk.disable(app, db, "club")

    notify.run(app)

    assert alerts(app) == {}


def test_tokens_that_cannot_be_opened_ask_for_a_person(app: App) -> None:
    (app.config.folders.root / KEY_FILE).unlink()

    assert str(accounts.run(app)) == "accounts: 1 refused"

    [(message, remedy)] = alerts(app).values()
    assert message == "channel club: its stored tokens cannot be opened: the key is missing or another one"
    assert remedy == "Put the key back (CAMPAIGN_KEY or campaign.key), or: campaign channel login club"


def test_a_changed_account_is_held(app: App, door: Door) -> None:
    door.accounts[TOKEN] = account(id="2", name="@other@club.example")

    assert str(accounts.run(app)) == "accounts: 1 blocked"

    why = "it belongs to @asa@club.example, and its credentials are now those of @other@club.example"
    assert state_of(app).blocked == why
    assert state_of(app).account_id == "1"
    assert alerts(app)["blocked:club"][0] == f"channel club: {why}"
    assert not accounts.run(app).did_something


def test_a_closed_account_is_held(app: App, door: Door) -> None:
    door.next("check", ChannelBlocked("the account is closed"))

    accounts.run(app)

    assert state_of(app).blocked == "the account is closed"
    assert list(alerts(app)) == ["blocked:club"]


def test_a_login_during_a_look_wins(app: App, door: Door, clock: VirtualClock) -> None:
    def log_in_elsewhere() -> Any:
        clock.advance(timedelta(seconds=1))
        with app.writing() as db:
            desk.enable(app, db, "club", account(id="2"), new_account=True)
        return account()

    door.next("check", log_in_elsewhere)

    assert str(accounts.run(app)) == "accounts: 1 seen by others"
    assert (state_of(app).account_id, state_of(app).blocked) == ("2", "")


def test_a_warning_is_told_when_it_is_new(app: App, door: Door, clock: VirtualClock) -> None:
    door.accounts[TOKEN] = account(warnings=("no counts here",))
    for _ in range(5):
        accounts.run(app)
        clock.advance(DAY)
    assert told(app, "channel.warning") == ["no counts here"]

    door.accounts[TOKEN] = account(warnings=("no counts here", "the account is new"))
    accounts.run(app)
    assert told(app, "channel.warning") == ["no counts here", "the account is new"]

    clock.advance(31 * DAY)
    accounts.run(app)
    assert told(app, "channel.warning")[2:] == ["no counts here", "the account is new"]


def test_a_few_at_a_time_those_that_wait_longest_first(
    door: Door, config_file: Path, make_app: Callable[..., App], clock: VirtualClock
) -> None:
    more = "".join(CHANNEL.replace("channels.club", f"channels.c{n}") for n in range(6))
    config_file.write_text(config_file.read_text() + more)
    app = make_app()
    door.accounts[""] = account()
    with app.writing() as db:
        for n, state in enumerate(store.channel_states(db).values()):
            state.enabled = True
            state.checked_at = None if n == 6 else clock.now() - DAY - n * HOUR
            db.add(state)
    with app.reading() as db:
        order = [state.channel for state in store.unchecked_channels(db, app.config.channels, clock.now() - DAY)]

    assert str(accounts.run(app)) == "accounts: 4 checked"
    with app.reading() as db:
        done = [key for key, state in store.channel_states(db).items() if state.checked_at == clock.now()]
    assert sorted(done) == sorted(order[:4])
    assert str(accounts.run(app)) == "accounts: 3 checked"


def test_two_channels_may_warn_of_the_same(app: App, door: Door, config_file: Path, clock: VirtualClock) -> None:
    door.accounts[TOKEN] = account(warnings=("no counts here",))
    with app.writing() as db:
        app.event(db, "channel.warning", channel="another", note="no counts here")

    accounts.run(app)

    assert told(app, "channel.warning") == ["no counts here", "no counts here"]


def test_new_limits_have_posts_rendered_anew(app: App, door: Door) -> None:
    from campaign.render.inputs import input_hash

    story = make_story(app)
    post = make_post(app, story, channel="club")
    before = input_hash(app, post, story, {})
    door.accounts[TOKEN] = account(limits=replace(Club.limits, text=400))

    accounts.run(app)

    assert input_hash(app, post, story, {}) != before
