"""A rehearsal tells what would appear, keeps its hands off everything, and sees a promise that is broken."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from campaign import approve, plan, proof, render, store
from campaign.app import App, open_app
from campaign.config import load
from campaign.errors import Exit
from campaign.models import Pause, PauseScope, PostStatus
from campaign.platforms import PLATFORMS
from campaign.rehearsal.clock import VirtualClock
from campaign.rehearsal.rehearse import Ask, rehearse
from campaign.rehearsal.told import Outcome
from campaign.story import Content, Kind, Telling
from tests.conftest import CONFIG, MONDAY
from tests.making import make_post, make_story
from tests.rehearsal import bugs

if TYPE_CHECKING:  # pytest imports it, as a plugin
    from tests.postgres import Postgres

pytest_plugins = ["tests.postgres"]

PLATFORM_CHANNELS = """
[channels.herd]
platform = "mastodon"
name = "ASA on Mastodon"
base_url = "https://social.example.net"
token = "a-token-of-the-real-account"
attach = "none"
slots = ["mon-sun 10:00", "mon-sun 17:00"]

[channels.sky]
platform = "bluesky"
attach = "none"
slots = ["mon-sun 11:00"]

[channels.print]
platform = "folder"
folder = "published/print"
mode = "by-hand"
attach = "none"
slots = ["wed 15:00"]
"""
BOT_AND_RECEIVER = """
[channels.gram]
platform = "telegram"
chat = "@our_real_channel"
token = "123:of-the-real-bot"
attach = "none"
slots = ["mon-sun 12:00"]
{archive}
[channels.press]
platform = "webhook"
base_url = "https://press.example.net/hook"
secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
attach = "none"
slots = ["mon-sun 13:00"]
"""
QUICK = CONFIG.replace("slots =", 'attach = "none"\nslots =') + PLATFORM_CHANNELS
DAYS = Ask(days=3)
STORM = Ask(days=4, percent=40, seed=5)


@pytest.fixture
def app(config_file: Path, make_app: Callable[..., App]) -> App:
    """A campaign with eight stories and a channel of every kind, nothing of it planned yet."""
    config_file.write_text(QUICK)
    app = make_app(owns=False)
    for n in range(8):
        make_story(app, slug=f"story-{n}", region="portugal" if n % 2 else "moravia-silesia", title=f"Story {n}")
    return app


def played(app: App, ask: Ask = DAYS) -> Outcome:
    return rehearse(app, ask, lambda share, what: None)


def seen(outcome: Outcome) -> set[tuple[str, str]]:
    return {(each.channel, each.story) for each in outcome.appearances}


def everything_in(folder: Path) -> dict[str, str]:
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


class TestWhatIsTold:
    def test_what_would_appear_and_when(self, app: App) -> None:
        outcome = played(app, Ask(days=7))

        assert seen(outcome) >= {("herd", f"story-{n}") for n in range(8)}
        assert {each.channel for each in outcome.appearances} == {"news", "kraj", "herd", "sky", "print"}
        assert all(MONDAY < each.at <= MONDAY + timedelta(days=7) for each in outcome.appearances)
        first = next(each for each in outcome.appearances if each.channel == "herd")
        assert (first.name, first.title) == ("ASA on Mastodon", first.story.replace("story-", "Story "))
        assert (outcome.needs, outcome.exit_code) == ((), Exit.DONE)

    def test_the_promises_are_told_one_by_one(self, app: App) -> None:
        rules = [promise.rule for promise in played(app).promises]

        assert rules == ["I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8", "I10"]

    def test_what_is_assumed_is_told(self, app: App) -> None:
        assumed = played(app).assumed

        assert assumed == (
            "A person approves each post 24 h before its slot.",
            "What a person is to publish by hand is published at once.",
            "Simulated services take the posts of herd, sky.",
            "Channels that are silent now speak: herd, sky.",
        )

    def test_a_thread_appears_once_by_its_first_part(self, app: App) -> None:
        channels = {**app.config.channels, "herd": replace(app.config.channels["herd"], thread=4)}
        app.reconfigure(replace(app.config, channels=channels))
        body = " ".join(f"Sentence {n} of this long story tells what came of it in the region." for n in range(40))
        telling = Telling(title="A long story", summary="It has much to say.", body=body)
        content = Content(kind=Kind.UPDATE, regions=("portugal",), language="en", tellings={"en": telling})
        make_story(app, slug="long", region="portugal", content=content, priority=9)

        outcome = played(app)

        assert [each.story for each in outcome.appearances if each.channel == "herd"].count("long") == 1
        assert outcome.exit_code == Exit.DONE

    def test_a_story_that_would_expire_needs_a_person(self, app: App) -> None:
        make_story(app, slug="late", expires_at=MONDAY + timedelta(hours=30))
        for n in range(20):
            make_story(app, slug=f"urgent-{n}", title=f"Urgent {n}", expires_at=MONDAY + timedelta(hours=29))

        outcome = played(app, Ask(days=3))

        assert outcome.exit_code == Exit.NEEDS_PERSON
        assert any("expired on" in need.what for need in outcome.needs)

    def test_a_stop_file_is_told(self, app: App) -> None:
        (app.config.folders.root / "STOP").touch()

        outcome = played(app, Ask(days=2))

        assert outcome.appearances == ()
        assert any(
            line.endswith("STOP lies there, and nothing is sent as long as it does.") for line in outcome.assumed
        )


class TestApproval:
    def test_only_what_is_approved_now_goes_out_if_so_asked(self, app: App) -> None:
        plan.run(app)
        render.run(app)
        shown = proof.proof(app, ["story-0@herd"], text_only=True)
        approve.approve(app, proof_code=shown.code, person="anna")

        outcome = played(app, Ask(days=7, as_approved=True))

        assert seen(outcome) == {("herd", "story-0")}
        assert outcome.exit_code == Exit.NEEDS_PERSON
        assert "Nobody approves anything any more: only what is approved now goes out." in outcome.assumed

    def test_what_the_config_lets_go_out_needs_nobody(self, app: App) -> None:
        channels = {key: replace(channel, approval=False) for key, channel in app.config.channels.items()}
        app.reconfigure(replace(app.config, channels=channels))

        outcome = played(app, Ask(days=7, as_approved=True))

        assert len(outcome.appearances) > 10
        assert outcome.exit_code == Exit.DONE


class TestFaults:
    def test_they_are_met_and_survived(self, app: App) -> None:
        outcome = played(app, STORM)

        assert len(outcome.survived) > 20
        assert outcome.restarts > 0
        assert [promise.broken for promise in outcome.promises if promise.broken] == []
        assert {each.then for each in outcome.survived if each.call != "a call that nobody sees"} >= {"live, once"}

    def test_a_seed_is_a_history(self, app: App) -> None:
        short = replace(STORM, days=2)
        first = played(app, short)

        assert played(app, short) == first
        assert played(app, replace(short, seed=6)) != first

    @pytest.mark.parametrize("bug", [bugs.no_intent])
    def test_a_broken_promise_is_seen(self, app: App, bug: bugs.Bug) -> None:
        with bug():
            outcome = played(app, replace(STORM, percent=60))

        assert any(promise.broken for promise in outcome.promises)
        assert outcome.exit_code == Exit.ERROR


class TestOnlyACopy:
    def test_nothing_of_the_team_is_changed(self, app: App, tmp_path: Path) -> None:
        for place in ("inbox/battery", "published/news/2026-01-01-old-12345678", "media/ab"):
            (tmp_path / place).mkdir(parents=True)
        (tmp_path / "inbox/battery/story.md").write_text("---\nregions: [portugal]\n---\n")
        details = {"published": "2026-01-01T09:00:00+00:00", "text": "Old", "name": "2026-01-01-old-12345678"}
        more = {"id": "12345678", "title": "Old", "link": "", "tags": [], "images": [], "language": "en"}
        (tmp_path / "published/news/2026-01-01-old-12345678/post.json").write_text(json.dumps(details | more))
        (tmp_path / "media/ab/old.jpg").write_bytes(b"old")
        before = everything_in(tmp_path)

        outcome = played(app, replace(STORM, percent=10))

        assert everything_in(tmp_path) == before
        assert ("news", "unknown") not in seen(outcome)
        assert {channel for channel, _ in seen(outcome)} >= {"news", "print"}

    def test_platforms_are_as_they_were(self, app: App) -> None:
        before = dict(PLATFORMS)

        played(app, Ask(days=1))

        assert before == PLATFORMS

    def test_what_may_be_live_is_left_to_the_real_platform(self, app: App) -> None:
        post = make_post(app, make_story(app, slug="gone-out"), channel="herd", status=PostStatus.UNCONFIRMED)

        outcome = played(app)

        assert ("herd", "gone-out") not in seen(outcome)
        assert "Posts that may be live now (1) are left out: only the real platforms know of them." in outcome.assumed
        with app.reading() as db:
            found = store.post_by_id(db, post.uuid)
        assert found is not None
        assert found.status == PostStatus.UNCONFIRMED

    def test_a_platform_without_a_simulator_has_a_stand_in(
        self, app: App, config_file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(PLATFORMS, "fake", "tests.fakes:Fake")
        config_file.write_text(
            QUICK + '\n[channels.other]\nplatform = "fake"\nattach = "none"\nslots = ["mon-sun 13:00"]\n'
        )
        app.reconfigure(load(config_file, {}))

        outcome = played(app, STORM)

        assert "other" in {each.channel for each in outcome.appearances}
        assert "fake has no simulator of its own: a generic service stands in for it." in outcome.assumed
        assert PLATFORMS["fake"] == "tests.fakes:Fake"

    @pytest.mark.parametrize("archive", ["", 'archive = "-1009876543210"\n'])
    def test_a_bot_and_a_receiver_are_simulated_whatever_their_real_credentials(
        self, app: App, config_file: Path, archive: str
    ) -> None:
        config_file.write_text(QUICK + BOT_AND_RECEIVER.format(archive=archive))
        app.reconfigure(load(config_file, {}))

        outcome = played(app)

        assert {"gram", "press"} <= {each.channel for each in outcome.appearances}
        assert all(promise.kept for promise in outcome.promises), outcome.promises

    def test_a_pause_rests_in_the_copy_too(self, app: App) -> None:
        with app.writing() as db:
            pause = Pause(scope=PauseScope.REGION, key="portugal", reason="elections", who="anna", since=MONDAY)
            store.set_pause(db, pause)

        outcome = played(app)

        assert {each.region for each in outcome.appearances} == {"Moravia-Silesia"}
        assert "A pause stands as it is now: region portugal, elections." in outcome.assumed
        assert all(promise.kept for promise in outcome.promises)

    def test_on_postgresql_the_rows_are_copied(self, postgres: Postgres, tmp_path: Path) -> None:
        with postgres.database(empty=True) as url:
            address = url.replace("postgresql+psycopg:", "postgresql:")
            (tmp_path / "config.toml").write_text(f'{QUICK}\n[database]\nurl = "{address}"\n')
            app = open_app(load(tmp_path / "config.toml", {}), clock=VirtualClock(MONDAY))
            app.db.upgrade()
            app.sync_channels()
            for n in range(3):
                make_story(app, slug=f"story-{n}", title=f"Story {n}")
            before = rows_of(app)

            outcome = played(app, Ask(days=2))

            assert {channel for channel, _ in seen(outcome)} >= {"news", "herd", "sky"}
            assert rows_of(app) == before
            app.db.close()


def rows_of(app: App) -> list[Any]:
    with app.reading() as db:
        return [store.all_stories(db), store.posts_where(db), store.events(db), store.channel_states(db)]
