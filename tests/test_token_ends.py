"""Credentials that end: reminders 14, 7 and 1 days ahead, and what is planned for later is named."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from campaign import accounts, desk, notify, store
from campaign.app import App
from campaign.cli.checkup import Finding, checkup
from campaign.explain import status, status_lines
from campaign.keeping import home
from campaign.log import set_up
from campaign.models import ChannelState, PostStatus
from campaign.rehearsal.clock import VirtualClock
from tests.cli.conftest import Keyboard
from tests.club import CHANNEL, PASSWORD, TOKEN, Door, account, open_club, state_of
from tests.conftest import MONDAY
from tests.making import make_post, make_story

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ENDS = MONDAY + 20 * DAY  # Sunday 22 March 2026, 09:00 in Brussels
MESSAGE = "channel club: its credentials end on Sun 22 March 2026, 09:00"


@pytest.fixture
def door(config_file: Path, monkeypatch: pytest.MonkeyPatch) -> Door:
    """The club's side, with a channel on it; the folder channels are gone."""
    begin, _, end = config_file.read_text().partition("[channels.news]")
    config_file.write_text(f"{begin}[people{end.partition('[people')[2]}{CHANNEL}")
    door = open_club(monkeypatch)
    door.accounts[TOKEN] = account(token_expires_at=ENDS)
    return door


@pytest.fixture
def app(door: Door, make_app: Callable[..., App]) -> App:
    """The program with the club's channel, logged in and enabled; its credentials end in 20 days."""
    app = make_app()
    app.tokens("club").save({"token": TOKEN})
    with app.writing() as db:
        desk.enable(app, db, "club", app.platform("club").check())
    return app


def asked(app: App) -> dict[str, tuple[str, str]]:
    with app.reading() as db:
        return {alert.key: (alert.message, alert.remedy) for alert in store.open_alerts(db)}


class TestReminders:
    """Alerts while there is time."""

    def test_a_person_is_reminded_14_7_and_1_days_ahead_once_each(self, app: App, clock: VirtualClock) -> None:
        log = io.StringIO()
        set_up("json", clock, stream=log)
        for _ in range(21 * 24):
            accounts.run(app)
            notify.run(app)
            clock.advance(HOUR)

        lines = [json.loads(line) for line in log.getvalue().splitlines()]
        assert [(line["at"], line["key"]) for line in lines if line["event"] == "alert"] == [
            ("2026-03-08T08:00:00+00:00", "token-14:club"),
            ("2026-03-15T08:00:00+00:00", "token-7:club"),
            ("2026-03-21T08:00:00+00:00", "token-1:club"),
        ]

    def test_a_reminder_says_until_when_and_what_to_do(self, app: App, clock: VirtualClock) -> None:
        clock.advance(6 * DAY)

        assert str(accounts.run(app)) == "accounts: 1 checked, 1 reminded"

        assert asked(app) == {"token-14:club": (MESSAGE, "campaign channel login club")}
        assert str(accounts.run(app)) == "accounts: nothing to do"

    def test_the_next_reminder_stands_in_for_the_one_before(self, app: App, clock: VirtualClock) -> None:
        for days in (6, 7, 6):
            clock.advance(days * DAY)
            accounts.run(app)
            notify.run(app)
        assert list(asked(app)) == ["token-1:club"]

    def test_after_the_end_it_stays_until_somebody_sees_to_it(self, app: App, door: Door, clock: VirtualClock) -> None:
        clock.advance(25 * DAY)
        accounts.run(app)
        notify.run(app)
        assert asked(app)["token-1:club"][0] == "channel club: its credentials ended on Sun 22 March 2026, 09:00"

    def test_with_credentials_in_the_config_it_says_where_to_renew_them(
        self, app: App, clock: VirtualClock, config_file: Path, make_app: Callable[..., App]
    ) -> None:
        config_file.write_text(config_file.read_text() + f'token = "{TOKEN}"\n')
        clock.advance(6 * DAY)
        accounts.run(make_app(owns=False))

        (_, remedy) = asked(app)["token-14:club"]
        assert remedy == "Renew its credentials in the config, then: campaign channel check club"

    @pytest.mark.parametrize("until", [MONDAY + 80 * DAY, None])
    def test_new_credentials_end_it(self, app: App, door: Door, clock: VirtualClock, until: datetime | None) -> None:
        clock.advance(6 * DAY)
        accounts.run(app)
        door.accounts[TOKEN] = account(token_expires_at=until)
        clock.advance(DAY)

        assert str(accounts.run(app)) == "accounts: 1 checked"

        assert asked(app) == {}
        assert state_of(app).token_ends_at == until

    def test_it_is_asked_again_when_new_credentials_end(self, app: App, door: Door, clock: VirtualClock) -> None:
        clock.advance(6 * DAY)
        accounts.run(app)
        door.accounts[TOKEN] = account(token_expires_at=ENDS + 60 * DAY)
        clock.advance(60 * DAY)
        accounts.run(app)

        accounts.run(app)

        assert list(asked(app)) == ["token-14:club"]

    @pytest.mark.parametrize("left", ["disabled", "out of the config"])
    def test_a_channel_that_sends_nothing_reminds_nobody(self, app: App, clock: VirtualClock, left: str) -> None:
        clock.advance(6 * DAY)
        accounts.run(app)
        with app.writing() as db:
            if left == "disabled":
                desk.disable(app, db, "club")
            else:
                db.delete(db.get_one(ChannelState, "club"))
        notify.run(app)
        assert asked(app) == {}
        assert not accounts.run(app).did_something

    def test_a_held_copy_reminds_nobody(self, app: App, clock: VirtualClock) -> None:
        with app.writing() as db:
            home.hold(app, db, "it woke up elsewhere", None)
        clock.advance(6 * DAY)
        accounts.run(app)
        assert "token-14:club" not in asked(app)

    def test_it_goes_with_a_renamed_channel(self, app: App, clock: VirtualClock, config_file: Path) -> None:
        clock.advance(6 * DAY)
        accounts.run(app)
        app.config = replace(app.config, channels={"alliance": app.config.channels["club"]})
        with app.writing() as db:
            desk.rename(app, db, "club", "alliance")
        notify.run(app)
        assert asked(app) == {
            "token-14:alliance": (MESSAGE.replace("club", "alliance"), "campaign channel login alliance")
        }


LINE = (
    "Channel club: its credentials end on Sun 22 Mar 2026 09:00 CET, before 2 planned posts, "
    "the first in-time@club on Sun 22 Mar 2026 09:00 CET."
)


@pytest.fixture
def beyond(app: App) -> App:
    """Posts around the end of the credentials, of which two can not go out."""
    stories = [("before", 20 * DAY - HOUR), ("in-time", 20 * DAY), ("late", 24 * DAY)]
    for slug, due_in in stories:
        make_post(app, make_story(app, slug), channel="club", due_in=due_in, status=PostStatus.RENDERED)
    over = make_story(app, "cancelled")
    make_post(app, over, channel="club", due_in=21 * DAY, status=PostStatus.CANCELLED)
    return app


class TestForecast:
    """Planned posts beyond the life of a token."""

    def test_status_names_them(self, beyond: App) -> None:
        found = status(beyond)
        lines = status_lines(found)
        assert lines[lines.index(LINE) + 1] == "  campaign channel login club"
        assert not found.needs_person
        assert [(each.channel, each.posts, each.first) for each in found.endings] == [("club", 2, "in-time@club")]

    def test_check_names_them(self, beyond: App) -> None:
        assert Finding("look", LINE, "campaign channel login club") in list(checkup(beyond))

    def test_one_post_is_told_as_one(self, app: App) -> None:
        make_post(app, make_story(app, "late"), channel="club", due_in=24 * DAY, status=PostStatus.PLANNED)
        assert (
            "Channel club: its credentials end on Sun 22 Mar 2026 09:00 CET, before a planned post, "
            "late@club on Thu 26 Mar 2026 09:00 CET."
        ) in status_lines(status(app))

    def test_credentials_that_last_are_not_mentioned(self, beyond: App, door: Door) -> None:
        with beyond.writing() as db:
            desk.note_account(beyond, db, "club", account(token_expires_at=MONDAY + 25 * DAY))
        assert status(beyond).endings == ()
        assert not any("end on" in finding.text for finding in checkup(beyond))


def test_plan_names_them_also_when_it_only_tries(
    door: Door, app: App, config_file: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyboard = Keyboard(config_file.parent, clock)
    monkeypatch.chdir(keyboard.folder)
    with app.writing() as db:
        desk.note_account(app, db, "club", account(token_expires_at=MONDAY + HOUR))
    line = (
        "Channel club: its credentials end on Mon 2 Mar 2026 10:00 CET, before a planned post, "
        "battery-modules@club on Tue 3 Mar 2026 09:00 CET.\n  campaign channel login club\n"
    )
    keyboard("add", keyboard.story())

    assert line in keyboard("plan", "--dry-run")
    assert line in keyboard("plan")
    (ending,) = keyboard.json("plan")["credentials_end"]
    assert (ending["channel"], ending["posts"], ending["first"]) == ("club", 1, "battery-modules@club")


def test_a_login_brings_the_new_end(
    door: Door, app: App, config_file: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyboard = Keyboard(config_file.parent, clock)
    monkeypatch.chdir(keyboard.folder)
    clock.advance(6 * DAY)
    accounts.run(app)
    door.accounts[TOKEN] = account(token_expires_at=MONDAY + 80 * DAY)

    keyboard("channel", "login", "club", answer=f"asa\n{PASSWORD}\n")

    assert asked(app) == {}
    assert state_of(app).token_ends_at == MONDAY + 80 * DAY
