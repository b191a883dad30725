"""The App: settings read with their lines, limits, rows of channels, and a log that tells only what was committed."""

from __future__ import annotations

import io
import os
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from campaign import store
from campaign.app import (
    App,
    Summary,
    content_of,
    free_bytes,
    open_app,
    random_id,
    revealed,
)
from campaign.clock import SystemClock
from campaign.config import Config, Secret
from campaign.credentials import SealedTokens
from campaign.errors import ConfigError, NotSent, UsageError
from campaign.log import set_up
from campaign.models import Attempt, ChannelState
from campaign.platforms.base import Account
from campaign.platforms.folder import Folder, FolderSettings
from campaign.platforms.http import real_transport
from campaign.rehearsal.clock import VirtualClock
from tests.club import CHANNEL as CLUB
from tests.club import TOKEN, open_club
from tests.conftest import CONFIG, MONDAY
from tests.making import make_story

FIRST = len(CONFIG.splitlines()) + 1  # the line of whatever a test appends


CHANNEL = '[channels.x]\nplatform = "folder"\nslots = []\n'


class TestOpening:
    """Putting the program together."""

    def test_a_config_that_a_platform_refuses_opens_nothing(
        self, config_with: Callable[[str], Config], tmp_path: Path
    ) -> None:
        with pytest.raises(ConfigError):
            open_app(config_with(CHANNEL))

        assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]

    def test_it_is_put_together_from_the_real_parts(self, config_with: Callable[[str], Config]) -> None:
        app = open_app(config_with(""), who="anna")

        assert isinstance(app.clock, SystemClock)
        assert (app.transport, app.who, app.owner) == (real_transport, "anna", None)
        assert app.media.folder == app.config.folders.media
        assert app.new_id() != app.new_id()
        app.db.close()

    def test_a_clock_may_be_given(self, config_with: Callable[[str], Config], clock: VirtualClock) -> None:
        app = open_app(config_with(""), clock=clock)
        assert app.clock is clock
        assert app.watch.jumped() is None
        app.db.close()

    def test_the_address_of_a_database_may_be_a_secret(self) -> None:
        assert revealed(Secret("sqlite:///secret.db")) == "sqlite:///secret.db"
        assert revealed("sqlite:///plain.db") == "sqlite:///plain.db"

    def test_ids_are_random_uuids(self) -> None:
        assert uuid.UUID(random_id()).version == 4


class TestPlatform:
    """A channel's adapter and what it takes."""

    def test_an_adapter_is_built_once_with_its_settings_clock_and_tokens(self, app: App) -> None:
        adapter = app.platform("news")

        assert adapter is app.platform("news")
        assert adapter is not app.platform("kraj")
        assert isinstance(adapter, Folder)
        assert adapter.settings == FolderSettings(folder=app.config.folders.root / "published/news", title="Regions")
        assert adapter.clock is app.clock
        assert isinstance(adapter.tokens, SealedTokens)
        assert adapter.tokens.load() == {}

    def test_its_calls_take_the_channels_deadline_and_transport_and_hide_secrets(
        self, make_app: Callable[..., App], config_file: Path
    ) -> None:
        config_file.write_text(f'{CONFIG}{CHANNEL}folder = "out"\nbase_url = "https://x/"\ncall_deadline = "7 s"\n')
        app = make_app()
        app.reconfigure(replace(app.config, secrets=(Secret("s3cr3t-t0ken"),)))

        calls = app.platform("x").http

        assert (calls.base_url, calls.call_deadline) == ("https://x", timedelta(seconds=7))
        assert calls.transport is app.transport
        assert calls.scrub("Bearer s3cr3t-t0ken") == "Bearer ***"

    def test_a_channel_that_is_not_there_is_named_with_those_there_are(self, app: App) -> None:
        for ask in (app.channel, app.platform, app.limits):
            with pytest.raises(UsageError) as raised:
                ask("nwes")
            assert str(raised.value) == "there is no channel 'nwes' in the config\n  Known: news, kraj"

    @pytest.mark.parametrize(
        ("more", "text", "formats"),
        [
            ("", 3000, ("landscape", "square")),
            ("max_text = 280\n", 280, ("landscape", "square")),
            ("max_text = 9000\n", 3000, ("landscape", "square")),
            ('formats = ["story"]\n', 3000, ("story",)),
        ],
    )
    def test_a_channel_may_be_tighter_than_its_platform_and_choose_its_formats(
        self, make_app: Callable[..., App], config_file: Path, more: str, text: int, formats: tuple[str, ...]
    ) -> None:
        config_file.write_text(f'{CONFIG}{CHANNEL}folder = "out"\n{more}')

        assert make_app().limits("x") == replace(Folder.limits, text=text, formats=formats)


class TestRenewal:
    """Where a channel's credentials come from decides what a person types when they are refused."""

    @pytest.mark.parametrize(
        ("more", "logs_in"), [("", True), (f'token = "{TOKEN}"\n', False), ('mode = "by-hand"\n', False)]
    )
    def test_a_platform_to_log_in_to(
        self,
        make_app: Callable[..., App],
        config_file: Path,
        monkeypatch: pytest.MonkeyPatch,
        more: str,
        logs_in: bool,
    ) -> None:
        open_club(monkeypatch)
        config_file.write_text(f"{CONFIG}{CLUB}{more}")
        app = make_app()

        assert app.logs_in("club") == logs_in
        assert app.renewal("club").startswith("campaign channel login club;" if logs_in else "Renew its credentials")

    def test_one_without_a_login(self, app: App) -> None:
        assert not app.logs_in("news")
        assert not app.logs_in("gone")
        assert app.renewal("news") == "Renew its credentials, then: campaign channel enable news"


class TestToldLimits:
    """What a server allows counts for its channel."""

    def tell(self, app: App, **values: Any) -> None:
        with app.writing() as db:
            told = replace(Folder.limits, **values)
            app.note_account(db, db.get_one(ChannelState, "news"), Account(id="1", name="ASA", limits=told))

    def test_they_replace_the_platforms_and_the_channel_may_be_tighter(self, app: App) -> None:
        self.tell(app, text=500, formats=("square", "story"), alt_text=99)

        assert app.limits("news") == replace(Folder.limits, text=500, formats=("square", "story"), alt_text=99)
        assert app.limits("kraj") == Folder.limits
        tighter = {"news": replace(app.config.channels["news"], max_text=300, formats=("wide",))}
        app.config = replace(app.config, channels=tighter)
        assert (app.limits("news").text, app.limits("news").formats) == (300, ("wide",))

    def test_only_what_is_unusual_is_stored_so_that_a_new_version_may_change_the_rest(self, app: App) -> None:
        self.tell(app, text=500)
        with app.reading() as db:
            assert db.get_one(ChannelState, "news").limits == {"text": 500}
        self.tell(app)
        with app.reading() as db:
            assert db.get_one(ChannelState, "news").limits == {}

    def test_those_of_another_platform_do_not_count(self, app: App) -> None:
        self.tell(app, text=500)
        with app.writing() as db:
            db.get_one(ChannelState, "news").platform = "another"
        app.reconfigure(app.config)

        assert app.limits("news") == Folder.limits

    def test_they_are_read_once_for_many_posts_and_soon_again(
        self, app: App, make_app: Callable[..., App], clock: VirtualClock
    ) -> None:
        asked: list[object] = []
        event.listen(app.db._reader, "before_cursor_execute", lambda *args: asked.append(args[2]))
        for _ in range(20):
            assert app.limits("news").text == 3000
        assert len([each for each in asked if "SELECT" in str(each)]) == 1

        self.tell(make_app(owns=False), text=500)  # as another process does
        clock.advance(timedelta(seconds=31))

        assert app.limits("news").text == 500


class TestChannels:
    """Every channel of the config has its row."""

    def states(self, app: App) -> dict[str, bool]:
        with app.reading() as db:
            return {key: state.enabled for key, state in store.channel_states(db).items()}

    def test_a_channel_that_stays_on_this_machine_or_goes_by_hand_starts_enabled(
        self, make_app: Callable[..., App], config_file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        config_file.write_text(
            f'{CONFIG}{CHANNEL}folder = "out"\n{CHANNEL.replace("x", "y", 1)}folder = "o"\nmode = "by-hand"\n'
        )
        monkeypatch.setattr(Folder, "starts_enabled", False)

        assert self.states(make_app()) == {"news": False, "kraj": False, "x": False, "y": True}

    def test_what_a_person_has_switched_off_stays_off(self, app: App) -> None:
        assert self.states(app) == {"news": True, "kraj": True}
        with app.writing() as db:
            db.get_one(ChannelState, "news").enabled = False

        app.sync_channels()

        assert self.states(app) == {"news": False, "kraj": True}

    def test_a_changed_config_brings_new_channels_and_new_settings(
        self, app: App, config_with: Callable[[str], Config], tmp_path: Path
    ) -> None:
        old = app.platform("news")
        config = config_with(f'{CHANNEL}folder = "out"\n[media]\nfolder = "pictures"\n')

        app.reconfigure(config)

        assert app.config is config
        assert app.media.folder == tmp_path / "pictures"
        assert app.platform("news") is not old
        assert self.states(app) == {"news": True, "kraj": True, "x": True}


class TestTelling:
    """The log tells what was committed, and nothing else."""

    @pytest.fixture
    def log(self, clock: VirtualClock) -> io.StringIO:
        stream = io.StringIO()
        set_up("human", clock, stream=stream)
        return stream

    def test_events_are_told_after_the_commit_and_not_before(self, app: App, log: io.StringIO) -> None:
        with app.writing() as db:
            app.event(
                db, "channel.enabled", channel="news", note="", before={"enabled": False}, after={"enabled": True}
            )
            app.event(db, "plan.changed", who="daemon")
            assert log.getvalue() == ""

        at = "2026-03-02T08:00:00+00:00"
        assert log.getvalue().splitlines() == [
            f"{at}  channel.enabled          who=anna  channel=news",
            f"{at}  plan.changed             who=daemon",
        ]
        with app.reading() as db:
            first, second = store.events(db)
        assert (first.at, first.who, first.what, first.channel) == (MONDAY, "anna", "channel.enabled", "news")
        assert (first.before, first.after) == ({"enabled": False}, {"enabled": True})
        assert second.who == "daemon"

    def test_what_an_error_undoes_is_neither_stored_nor_told(self, app: App, log: io.StringIO) -> None:
        with pytest.raises(ZeroDivisionError):
            self.work_that_fails(app, ZeroDivisionError())

        assert log.getvalue() == ""
        with app.reading() as db:
            assert (store.events(db), store.open_alerts(db)) == ([], [])

    def test_what_the_commit_refuses_is_neither_stored_nor_told(self, app: App, log: io.StringIO) -> None:
        with pytest.raises(DBAPIError), app.writing() as db:
            self.work_that_cannot_be_committed(app, db)

        assert log.getvalue() == ""
        with app.reading() as db:
            assert store.events(db) == []

    def test_the_events_of_one_transaction_are_not_told_by_the_next(self, app: App, log: io.StringIO) -> None:
        for what in ("one", "two"):
            with app.keeping_house() as db:
                app.event(db, what)

        assert [told.split()[1] for told in log.getvalue().splitlines()] == ["one", "two"]

    def test_an_alert_is_raised_once_per_key_until_it_is_cleared(self, app: App, log: io.StringIO) -> None:
        def alert(key: str) -> None:
            with app.writing() as db:
                app.alert(db, key, "The token is dead.", channel="news", remedy="campaign channel login news")

        for key in ("dead:news", "dead:news", "dead:kraj"):
            alert(key)
        with app.writing() as db:
            assert [each.key for each in store.open_alerts(db)].count("dead:news") == 1
            store.clear_alert(db, "dead:news", app.clock.now())
        alert("dead:news")

        told = [each for each in log.getvalue().splitlines() if "alert.raised" in each]
        assert len(told) == 3
        assert told[0].endswith("who=anna  channel=news  note=The token is dead.")
        with app.reading() as db:
            assert sorted(each.key for each in store.open_alerts(db)) == ["dead:kraj", "dead:news"]
            [kept] = [each for each in store.open_alerts(db) if each.key == "dead:news"]
        assert (kept.message, kept.remedy) == ("The token is dead.", "campaign channel login news")

    def test_no_secret_is_stored_in_events_and_alerts(self, app: App) -> None:
        app.tokens("news").save({"token": "t0ken-of-news"})
        with app.writing() as db:
            app.event(db, "post.not-sent", note="refused: t0ken-of-news")
            app.alert(db, "blocked:news", "refused: t0ken-of-news")

        with app.reading() as db:
            assert [each.note for each in store.events(db)] == ["refused: ***", "refused: ***"]
            assert [each.message for each in store.open_alerts(db)] == ["refused: ***"]

    def test_an_alert_of_an_undone_transaction_can_be_raised_again(self, app: App, log: io.StringIO) -> None:
        with pytest.raises(NotSent):
            self.work_that_fails(app, NotSent())
        with app.writing() as db:
            app.alert(db, "dead:news", "The token is dead.")

        assert log.getvalue().count("alert.raised") == 1
        with app.reading() as db:
            assert [each.key for each in store.open_alerts(db)] == ["dead:news"]

    def work_that_fails(self, app: App, error: Exception) -> None:
        with app.writing() as db:
            app.event(db, "channel.enabled", channel="news")
            app.alert(db, "dead:news", "The token is dead.")
            raise error

    def work_that_cannot_be_committed(self, app: App, db: Session) -> None:
        """Add an attempt at a part that does not exist, in a transaction that checks such things at its end."""
        db.connection().exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        app.event(db, "channel.enabled", channel="news")
        attempt = {"epoch": 1, "sender": "", "started_at": app.clock.now(), "send_by": app.clock.now()}
        db.add(Attempt(uuid=app.new_id(), part="none", **attempt))


class TestSmallThings:
    """What several stages need."""

    def test_a_story_has_the_zone_of_its_lead_region_or_the_campaigns(self, app: App) -> None:
        assert app.zone() == "Europe/Brussels"
        assert app.zone(make_story(app, "a", region="moravia-silesia")) == "Europe/Prague"
        assert app.zone(make_story(app, "b", region="asa")) == "Europe/Brussels"
        assert app.zone(make_story(app, "c", region="gone-from-the-config")) == "Europe/Brussels"

    def test_no_secret_of_the_config_survives_scrubbing(self, app: App) -> None:
        app.reconfigure(replace(app.config, secrets=(Secret("s3cr3t-t0ken"), Secret("pass word"))))

        assert app.scrub("s3cr3t-t0ken at https://x/?p=pass+word") == "*** at https://x/?p=***"

    def test_the_content_of_a_story_comes_back_typed(self, app: App) -> None:
        story = make_story(app)
        with app.reading() as db:
            stored = store.story_by_id(db, story.uuid)
        assert stored is not None

        content = content_of(stored)

        assert content.tellings["en"].title == "Battery skills modules, open to every region"
        assert content.model_dump(mode="json") == stored.content

    def test_room_is_that_of_the_nearest_folder_that_is_there(self, tmp_path: Path) -> None:
        room = free_bytes(tmp_path)

        assert 0 < room < os.statvfs(tmp_path).f_frsize * os.statvfs(tmp_path).f_blocks
        assert abs(free_bytes(tmp_path / "not" / "yet") - room) < 1_000_000_000

    def test_a_summary_tells_what_was_done(self) -> None:
        summary = Summary("publish")
        assert (str(summary), summary.did_something) == ("publish: nothing to do", False)
        summary.count("looked at", 0)
        assert (str(summary), summary.did_something) == ("publish: nothing to do", False)
        summary.count("sent")
        summary.count("sent", 2)
        summary.count("held")
        assert (str(summary), summary.did_something) == ("publish: 3 sent, 1 held", True)

    def test_a_note_is_something_too(self) -> None:
        assert Summary("plan", notes=["no slots left"]).did_something
