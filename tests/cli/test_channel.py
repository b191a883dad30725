"""`campaign channel …`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from campaign import plan, store
from campaign.app import App
from campaign.credentials import KEY_FILE
from campaign.errors import ChannelBlocked, Exit, NotSent
from campaign.log import scrub
from campaign.models import ChannelState
from tests.cli.conftest import Keyboard, ids
from tests.club import CHANNEL, PASSWORD, TOKEN, Club, Door, account, open_club, state_of


def rename_in_config(keyboard: Keyboard, old: str, new: str) -> None:
    config = keyboard.folder / "config.toml"
    config.write_text(config.read_text().replace(f"[channels.{old}]", f"[channels.{new}]"))


def test_channels_are_listed_with_their_state(campaign: Keyboard) -> None:
    told = campaign("channel", "list")

    assert "news     folder    " in told
    assert "5 a week" in told
    assert {each["state"] for each in campaign.json("channel", "list")} == {"enabled"}


def test_a_channel_is_checked_without_posting(campaign: Keyboard) -> None:
    assert campaign("channel", "check") == "✓ news: Regions\n✓ kraj: " + str(campaign.folder / "published/kraj") + "\n"
    assert not list((campaign.folder / "published/news").glob("*"))


def test_a_channel_that_cannot_be_reached_needs_a_person(campaign: Keyboard) -> None:
    Path(campaign.folder, "published").write_text("not a folder")

    assert "✗ news: " in campaign("channel", "check", "news", code=Exit.NEEDS_PERSON)
    assert "cannot be written" in campaign("channel", "enable", "news", code=Exit.ERROR)


def test_a_disabled_channel_is_planned_and_sends_nothing_until_it_is_enabled(planned: Keyboard) -> None:
    planned("proof", "--text")
    planned("approve", "battery-modules")
    assert "Undo: campaign channel enable news" in planned("channel", "disable", "news")
    planned("post", "now", "battery-modules@news")
    planned("tick")
    assert ids(planned, status="published") == []
    assert "disabled" in planned("channel", "list")

    assert "Undo: campaign channel disable news" in planned("channel", "enable", "news")
    planned("tick")
    assert len(ids(planned, status="published")) == 1


def test_what_keeps_a_channel_is_told(campaign: Keyboard, make_app: Callable[..., App]) -> None:
    app = make_app(owns=False)
    with app.writing() as db:
        states = store.channel_states(db)
        states["news"].blocked = "the token is dead"
        store.hold_channel(db, states["kraj"], app.clock.now() + timedelta(hours=1), "the platform asks us to wait")
        db.add_all(states.values())

    told = campaign("channel", "list")

    assert "blocked: the token is dead" in told
    assert "rests until Mon 2 Mar 10:00: the platform asks us to wait" in told


def test_a_by_hand_channel_has_no_account(campaign: Keyboard) -> None:
    config = campaign.folder / "config.toml"
    config.write_text(config.read_text().replace("[channels.news]", '[channels.news]\nmode = "by-hand"'))

    assert "✓ news: a person publishes here" in campaign("channel", "check", "news")
    assert "by hand" in campaign("channel", "list")


def test_an_unknown_channel_is_told(campaign: Keyboard) -> None:
    for command in ("check", "enable", "disable"):
        assert 'there is no channel "nwes"' in campaign("channel", command, "nwes", code=2)


def test_an_enabled_channel_stays_with_its_account(campaign: Keyboard) -> None:
    campaign("channel", "enable", "news")
    config = campaign.folder / "config.toml"
    config.write_text(config.read_text().replace("published/news", "elsewhere"))

    told = campaign("channel", "enable", "news", code=2)

    assert "belonged to Regions" in told
    assert "is enabled" in campaign("channel", "enable", "news", "--new-account")


def test_an_account_belongs_to_one_channel(campaign: Keyboard) -> None:
    campaign("channel", "enable", "news")
    config = campaign.folder / "config.toml"
    config.write_text(config.read_text().replace("published/kraj", "published/news"))

    assert "campaign channel rename news kraj" in campaign("channel", "enable", "kraj", code=2)


def test_a_renamed_channel_takes_its_posts_along(planned: Keyboard) -> None:
    planned("channel", "enable", "news")
    planned("pause", "--channel", "news", "--reason", "new logo")
    before = ids(planned, channel="news")
    assert "is still in the config" in planned("channel", "rename", "news", "kraj", code=2)
    rename_in_config(planned, "news", "alliance")

    assert "1 posts of news belong to alliance now" in planned("channel", "rename", "news", "alliance")

    assert ids(planned, channel="alliance") == before
    assert {each["channel"]: each["account"] for each in planned.json("channel", "list")}["alliance"]
    planned("resume", "--channel", "alliance")


def test_a_daemon_that_still_has_the_old_name_plans_nothing_for_it(
    planned: Keyboard, make_app: Callable[..., App]
) -> None:
    daemon = make_app()
    rename_in_config(planned, "news", "alliance")
    planned("channel", "rename", "news", "alliance")

    plan.run(daemon)

    assert ids(planned, channel="news") == []
    planned.clock.advance(timedelta(minutes=1))
    rename_in_config(planned, "alliance", "news")
    assert "1 posts of alliance belong to news now" in planned("channel", "rename", "alliance", "news")


def test_a_dry_run_renames_nothing(planned: Keyboard) -> None:
    rename_in_config(planned, "news", "alliance")

    assert "Nothing was changed" in planned("channel", "rename", "--dry-run", "news", "alliance")

    assert len(ids(planned, channel="news")) == 1


def test_a_channel_cannot_be_renamed_to_one_that_has_posts_or_from_one_that_never_was(planned: Keyboard) -> None:
    config = planned.folder / "config.toml"
    config.write_text(config.read_text().replace("[channels.news]", "[channels.other]"))

    assert "has posts of its own already" in planned("channel", "rename", "news", "kraj", code=2)
    assert "is not in the database" in planned("channel", "rename", "nwes", "kraj", code=2)


class TestAccounts:
    """A channel on a platform that lets in only whom it knows."""

    @pytest.fixture
    def door(self, config_file: Path, monkeypatch: pytest.MonkeyPatch) -> Door:
        config_file.write_text(config_file.read_text() + CHANNEL)
        return open_club(monkeypatch)

    @pytest.fixture
    def app(self, door: Door, make_app: Callable[..., App]) -> App:
        return make_app(owns=False)

    @pytest.fixture
    def campaign(self, app: App, folder: Keyboard) -> Keyboard:
        return folder

    def log_in(self, campaign: Keyboard, *words: str, code: int = 0, password: str = PASSWORD) -> str:
        return campaign("channel", "login", "club", *words, code=code, answer=f"asa\n {password} \n")

    def block(self, app: App) -> None:
        with app.writing() as db:
            state = db.get_one(ChannelState, "club")
            state.blocked = "its credentials were refused"
            db.add(state)
            app.alert(db, "blocked:club", "channel club: its credentials were refused")

    def test_a_login_asks_stores_and_tells_who_we_are_and_what_comes_next(self, campaign: Keyboard, app: App) -> None:
        assert "no credentials yet: campaign channel login club" in campaign("channel", "list")

        assert self.log_in(campaign) == (
            "Make a password at https://club.example/passwords.\n"
            "Name\n"
            "Password:\n"
            "Channel club is logged in: @asa@club.example.\n"
            "Next: campaign channel enable club\n"
        )

        assert app.tokens("club").load() == {"identifier": "asa", "password": PASSWORD, "token": TOKEN}
        assert "@asa@club.example" in campaign("channel", "list")
        [club] = [each for each in campaign.json("channel", "list") if each["channel"] == "club"]
        assert (club["state"], club["account"], club["account_name"]) == ("disabled", None, "@asa@club.example")
        assert "is enabled: @asa@club.example" in campaign("channel", "enable", "club")
        assert "Next:" not in self.log_in(campaign)

    def test_what_is_typed_in_secret_is_hidden_from_then_on(self, campaign: Keyboard, door: Door) -> None:
        door.next("login", NotSent("the server says: 'secret-of-asa-77' is wrong", token_dead=True))

        self.log_in(campaign, code=Exit.ERROR, password="secret-of-asa-77")

        assert scrub("'secret-of-asa-77' is wrong") == "'***' is wrong"

    def test_on_a_terminal_a_password_is_typed_unseen(
        self, campaign: Keyboard, app: App, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda self: True)

        told = campaign("channel", "login", "club", answer=f"asa\n{PASSWORD}\n")

        assert "Name: asa\nPassword: \n" in told
        assert PASSWORD not in told
        assert app.tokens("club").load()["password"] == PASSWORD

    def test_on_a_terminal_a_question_may_be_left_unanswered(
        self, campaign: Keyboard, app: App, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda self: True)

        campaign("channel", "login", "club", answer="\n\n")

        assert app.tokens("club").load() == {"identifier": "", "password": "", "token": TOKEN}

    def test_whoever_pipes_in_too_little_is_told_what_was_asked(self, campaign: Keyboard, app: App) -> None:
        told = campaign("channel", "login", "club", code=2, answer="asa\n")

        assert "no answer to: Password:\n  Type this command in a terminal." in told
        assert state_of(app).tokens == ""

    @pytest.mark.parametrize("call", ["login", "check"])
    def test_nothing_is_stored_before_the_platform_has_said_who_we_are(
        self, campaign: Keyboard, app: App, door: Door, call: str
    ) -> None:
        door.next(call, NotSent("the password is wrong", token_dead=True))

        assert "Error: the password is wrong" in self.log_in(campaign, code=Exit.ERROR)

        assert state_of(app).tokens == ""

    def test_another_account_is_refused_and_nothing_stored_until_a_person_says_so(
        self, campaign: Keyboard, app: App, door: Door
    ) -> None:
        self.log_in(campaign)
        campaign("channel", "enable", "club")
        before = state_of(app)
        door.accounts[TOKEN] = account(id="2", name="@other@club.example")

        told = self.log_in(campaign, code=2)
        assert "its credentials are now those of @other@club.example" in told
        assert "campaign channel login club --new-account" in told
        assert state_of(app) == before

        assert "is logged in: @other@club.example" in self.log_in(campaign, "--new-account")
        assert state_of(app).account_id == "2"

    def test_a_blocked_channel_goes_on_after_a_login(self, campaign: Keyboard, app: App) -> None:
        self.log_in(campaign)
        campaign("channel", "enable", "club")
        self.block(app)

        self.log_in(campaign)

        assert state_of(app).blocked == ""
        assert "Needs a person: nothing" in campaign("status")
        assert "channel.logged-in" in campaign("log")

    def test_a_login_waits_for_a_renewal_and_is_not_overwritten_by_it(
        self, campaign: Keyboard, app: App, door: Door
    ) -> None:
        with app.tokens("club").renewing():
            told = self.log_in(campaign, code=Exit.ERROR)

        assert "another program is renewing the credentials of channel club" in told
        assert state_of(app).tokens == ""

    def test_an_unusable_key_is_told_before_anybody_types_a_password(self, campaign: Keyboard, door: Door) -> None:
        (campaign.folder / KEY_FILE).write_text("no key")
        (campaign.folder / KEY_FILE).chmod(0o644)

        told = self.log_in(campaign, code=2)

        assert f"others may read this key\n  chmod 600 {campaign.folder / KEY_FILE}" in told
        assert "Name" not in told

    def test_a_lost_key_is_told_and_a_login_helps(self, campaign: Keyboard) -> None:
        self.log_in(campaign)
        (campaign.folder / KEY_FILE).unlink()
        told = campaign("channel", "check", "club", code=Exit.NEEDS_PERSON)
        assert "✗ club: channel club: its stored tokens cannot be opened" in told

        self.log_in(campaign)
        assert campaign("channel", "check", "club") == "✓ club: @asa@club.example\n"

    def test_where_there_is_nothing_to_log_in_to_that_is_told(self, campaign: Keyboard, door: Door) -> None:
        told = campaign("channel", "login", "news", code=2)
        assert "channel news has nothing to log in to: what the platform folder needs" in told
        assert "campaign channel check news" in told
        assert not (campaign.folder / KEY_FILE).exists()

        config = campaign.folder / "config.toml"
        config.write_text(config.read_text() + f'token = "{TOKEN}"\n')
        assert "channel club has nothing to log in to" in campaign("channel", "login", "club", code=2)
        assert "disabled" in campaign("channel", "list")

        config.write_text(config.read_text() + 'mode = "by-hand"\n')
        assert "a person publishes on channel club" in campaign("channel", "login", "club", code=2)
        assert 'there is no channel "clbu"' in campaign("channel", "login", "clbu", code=2)

    def test_a_check_tells_what_there_is_to_know_and_stores_the_limits(
        self, campaign: Keyboard, app: App, door: Door
    ) -> None:
        self.log_in(campaign)
        door.followers = 1234
        door.accounts[TOKEN] = account(
            limits=replace(Club.limits, text=1000, images=16, alt_text=420),
            token_expires_at=app.clock.now() + timedelta(days=60),
            warnings=("its counts stay unknown",),
        )

        assert campaign("channel", "check", "club") == (
            "✓ club: @asa@club.example; 1234 followers; credentials until Fri 1 May 10:00; "
            "takes 1000 characters, 16 pictures, 420 characters of alt text; its counts stay unknown\n"
        )

        assert state_of(app).limits == {"text": 1000, "images": 16, "alt_text": 420}
        assert "Look: its counts stay unknown" in self.log_in(campaign)
        told = campaign("channel", "enable", "club")
        assert "is enabled: @asa@club.example; its counts stay unknown." in told

    def test_followers_that_cannot_be_counted_are_left_out(self, campaign: Keyboard, door: Door) -> None:
        self.log_in(campaign)
        door.next("followers", NotSent("unreachable"))

        assert campaign("channel", "check", "club") == "✓ club: @asa@club.example\n"

    @pytest.mark.parametrize(
        "error", [NotSent("the token is not good", token_dead=True), ChannelBlocked("the page was closed")]
    )
    def test_a_refusal_comes_with_what_to_type(self, campaign: Keyboard, door: Door, error: Exception) -> None:
        self.log_in(campaign)
        door.next("check", error)

        told = campaign("channel", "check", "club", code=Exit.NEEDS_PERSON)

        assert told.startswith(f"✗ club: {error}\n  campaign channel login club; if its credentials are good: ")

    def test_an_account_that_changed_is_told_by_a_check(self, campaign: Keyboard, app: App, door: Door) -> None:
        self.log_in(campaign)
        campaign("channel", "enable", "club")
        door.accounts[TOKEN] = account(id="2", name="@other@club.example")

        told = campaign("channel", "check", "club", code=Exit.NEEDS_PERSON)

        assert "✗ club: channel club belonged to @asa@club.example" in told
        assert state_of(app).account_name == "@asa@club.example"
