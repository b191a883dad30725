"""What `campaign check` looks at."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from campaign import store
from campaign.app import App
from campaign.cli.checkup import Finding, approvals, checkup, slots_too_close
from campaign.config import load
from campaign.models import ChannelState
from campaign.rehearsal.clock import VirtualClock
from tests.club import CHANNEL, TOKEN, Door, account, open_club


def said(findings: list[Finding], level: str) -> list[str]:
    return [finding.text for finding in findings if finding.level == level]


@pytest.fixture
def look(config_file: Path, make_app: Callable[..., App]) -> Callable[..., list[Finding]]:
    """Return what a check of the config finds after some texts in it were replaced by others."""

    def run(*pairs: tuple[str, str], before: Callable[[App], None] = lambda _: None) -> list[Finding]:
        text = config_file.read_text()
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new)
        config_file.write_text(text)
        app = make_app()
        before(app)
        return list(checkup(app))

    return run


def test_a_campaign_in_order_has_nothing_to_look_at(look: Callable[..., list[Finding]]) -> None:
    found = look()

    assert {finding.level for finding in found} == {"fine"}


@pytest.mark.parametrize(
    ("slots", "spacing", "told"),
    [
        ('"mon 09:00", "mon 12:00"', "4 h", ["Mon 09:00 and Mon 12:00 are closer than its spacing of 4 h"]),
        ('"sun 23:00", "mon 01:00"', "4 h", ["Sun 23:00 and Mon 01:00 are closer"]),
        ('"mon 09:00", "mon 13:00"', "4 h", []),
        ('"mon 09:00"', "4 h", []),
        ("", "4 h", []),
        ('"mon 09:00", "mon 12:00"', "1 h", []),
        ('"mon 09:00", "mon 12:00", "mon 15:00"', "1 h", ["more slots on a day than its daily_cap of 2"]),
    ],
)
def test_slots_that_can_never_be_filled_are_named(config_file: Path, slots: str, spacing: str, told: list[str]) -> None:
    text = config_file.read_text().replace('slots = ["mon-fri 09:00"]', f'slots = [{slots}]\nspacing = "{spacing}"')
    config_file.write_text(text)

    found = list(slots_too_close(load(config_file, os.environ)))

    assert len(found) == len(told)
    for finding, words in zip(found, told, strict=True):
        assert words in finding.text


def test_a_channel_for_which_nobody_may_say_yes_is_wrong(config_file: Path) -> None:
    config_file.write_text(config_file.read_text().replace('approves = ["everything"]', 'approves = ["news"]'))

    found = list(approvals(load(config_file, os.environ)))

    assert said(found, "wrong") == [
        "Nobody may approve posts about moravia-silesia on channel kraj.",
        "Nobody may approve posts about asa on channel kraj.",
    ]


def test_one_person_alone_cannot_approve_what_is_their_own(config_file: Path) -> None:
    config_file.write_text(config_file.read_text() + "\n[approval]\nnot_own = true\n")

    found = list(approvals(load(config_file, os.environ)))

    assert "Only Anna Dvořáková may approve posts about asa on channel news, never their own." in said(found, "look")
    assert not any("portugal" in finding.text for finding in found)


def test_where_no_approval_is_asked_for_nobody_is_missed(config_file: Path) -> None:
    text = config_file.read_text().replace('approves = ["everything"]', 'approves = ["news"]')
    config_file.write_text(text + "\n[approval]\nrequired = false\n")

    assert list(approvals(load(config_file, os.environ))) == []


def test_folders_that_cannot_be_written_are_named(look: Callable[..., list[Finding]], config_file: Path) -> None:
    (config_file.parent / "inbox").write_text("a file")

    assert any("inbox cannot be written" in text for text in said(look(), "wrong"))


def test_a_broken_template_of_the_team_is_told(look: Callable[..., list[Finding]], config_file: Path) -> None:
    own = config_file.parent / "texts" / "posts" / "folder"
    own.mkdir(parents=True)
    (own / "update.txt.j2").write_text("{% if %}")

    found = look(("[regions.asa]", '[folders]\ntemplates = "texts"\n\n[regions.asa]'))

    (wrong,) = said(found, "wrong")
    assert "update.txt.j2" in wrong


@pytest.mark.parametrize("name", ["formats.toml", "photo.toml"])
def test_a_broken_design_of_the_team_is_told(look: Callable[..., list[Finding]], config_file: Path, name: str) -> None:
    own = config_file.parent / "texts" / "cards"
    own.mkdir(parents=True)
    (own / name).write_text("not = [toml")

    found = look(("[regions.asa]", '[folders]\ntemplates = "texts"\n\n[regions.asa]'))

    assert any(name in text for text in said(found, "wrong"))


def test_the_state_of_each_channel_is_told(look: Callable[..., list[Finding]]) -> None:
    def disturb(app: App) -> None:
        with app.writing() as db:
            states = store.channel_states(db)
            states["news"].blocked = "token dead"
            states["kraj"].enabled = False
            db.add_all(states.values())

    found = look(before=disturb)

    assert any(text.endswith("is blocked: token dead") for text in said(found, "wrong"))
    assert any(text.endswith("is disabled: nothing goes out.") for text in said(found, "look"))


class TestAccounts:
    """What is found about a channel on a platform that lets in only whom it knows."""

    @pytest.fixture
    def door(self, config_file: Path, monkeypatch: pytest.MonkeyPatch) -> Door:
        config_file.write_text(config_file.read_text() + CHANNEL)
        return open_club(monkeypatch)

    @pytest.fixture
    def found(self, door: Door, look: Callable[..., list[Finding]]) -> Callable[..., list[Finding]]:
        """Return what a check says of the channel, logged in or not, with its row as given."""

        def run(*, logged_in: bool = True, **values: object) -> list[Finding]:
            def before(app: App) -> None:
                if logged_in:
                    app.tokens("club").save({"token": TOKEN})
                with app.writing() as db:
                    state = db.get_one(ChannelState, "club")
                    for name, value in values.items():
                        setattr(state, name, value)
                    db.add(state)

            return [each for each in look(before=before) if each.text.startswith("Channel club")]

        return run

    def test_who_we_are_is_told(self, door: Door, found: Callable[..., list[Finding]]) -> None:
        door.followers = 7
        door.accounts[TOKEN] = account(warnings=("its counts stay unknown",))

        assert found(enabled=True, account_id="1") == [
            Finding("fine", "Channel club: @asa@club.example; 7 followers."),
            Finding("look", "Channel club: its counts stay unknown"),
        ]

    @pytest.mark.parametrize(("enabled", "level"), [(True, "wrong"), (False, "look")])
    def test_a_channel_that_nobody_has_logged_in_is_told_without_asking(
        self, door: Door, found: Callable[..., list[Finding]], enabled: bool, level: str
    ) -> None:
        assert found(logged_in=False, enabled=enabled) == [
            Finding(level, "Channel club has no credentials yet.", "campaign channel login club")  # type: ignore[arg-type]
        ]
        assert door.calls == []

    @pytest.mark.parametrize(
        ("state", "text"),
        [
            (
                {"account_id": "2", "account_name": "@other@club.example"},
                "Channel club belongs to @other@club.example, and its credentials are those of @asa@club.example.",
            ),
            ({"account_id": "1", "blocked": "the page was closed"}, "Channel club is blocked: the page was closed"),
            ({}, "Channel club: nobody is logged in"),
        ],
        ids=["another account", "blocked", "refused"],
    )
    def test_what_a_login_may_help_against_comes_with_it(
        self, door: Door, found: Callable[..., list[Finding]], state: dict[str, str], text: str
    ) -> None:
        if not state:
            door.accounts.clear()

        remedy = "campaign channel login club; if its credentials are good: campaign channel enable club"
        assert found(enabled=True, **state) == [Finding("wrong", text, remedy)]


def test_a_channel_without_slots_or_with_a_person_is_told(look: Callable[..., list[Finding]]) -> None:
    found = look(('slots = ["mon-fri 09:00"]', 'slots = []\nmode = "by-hand"'))

    assert "Channel news has no slots, so nothing is planned there." in said(found, "look")
    assert "Channel news: published by hand." in said(found, "fine")


def test_a_platform_that_refuses_us_is_told(look: Callable[..., list[Finding]], config_file: Path) -> None:
    (config_file.parent / "published").write_text("a file")

    assert any(text.startswith("Channel news: ") for text in said(look(), "wrong"))


def test_who_is_not_in_the_config_is_told(make_app: Callable[..., App]) -> None:
    found = list(checkup(make_app(who="petra")))

    assert said(found, "look") == ["You (petra) are not among the people of the config."]


@pytest.mark.parametrize(("reserve", "level"), [("1 GB", "fine"), ("64 GB", "look"), ("128 GB", "wrong")])
def test_a_disk_that_fills_up_is_told(
    look: Callable[..., list[Finding]], monkeypatch: pytest.MonkeyPatch, reserve: str, level: str
) -> None:
    monkeypatch.setattr("campaign.cli.checkup.free_bytes", lambda _path: 100 * 10**9)

    found = look(("[regions.asa]", f'[daemon]\nfree_disk = "{reserve}"\n\n[regions.asa]'))

    assert any("of disk are free" in text for text in said(found, level))


def test_a_clock_that_went_back_is_told(look: Callable[..., list[Finding]], clock: VirtualClock) -> None:
    def write_later(app: App) -> None:
        clock.advance(timedelta(days=30))
        with app.writing() as db:
            app.event(db, "something")
        clock.jump(timedelta(days=-29))

    (wrong,) = said(look(before=write_later), "wrong")
    assert wrong == "The clock says 2026-03-03 08:00 UTC, and it was 2026-04-01 08:00 before."


def test_a_database_that_is_not_there_is_told(config_file: Path, make_app: Callable[..., App]) -> None:
    app = make_app(owns=False)
    app.db.close()
    (config_file.parent / "campaign.db").unlink()

    assert "The database is not there, or not up to date." in said(list(checkup(app)), "wrong")


def test_a_database_that_cannot_be_written_is_told(
    make_app: Callable[..., App], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("campaign.db.BUSY_SECONDS", 0.05)
    app = make_app(owns=False)
    other = sqlite3.connect(app.db.file or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    found = list(checkup(app))

    other.close()
    assert any("cannot be written" in text for text in said(found, "wrong"))
