"""`campaign channel …`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from campaign import store
from campaign.app import App
from campaign.errors import Exit
from tests.cli.conftest import Keyboard, ids


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


def test_a_dry_run_renames_nothing(planned: Keyboard) -> None:
    rename_in_config(planned, "news", "alliance")

    assert "Nothing was changed" in planned("channel", "rename", "--dry-run", "news", "alliance")

    assert len(ids(planned, channel="news")) == 1


def test_a_channel_cannot_be_renamed_to_one_that_has_posts_or_from_one_that_never_was(planned: Keyboard) -> None:
    config = planned.folder / "config.toml"
    config.write_text(config.read_text().replace("[channels.news]", "[channels.other]"))

    assert "has posts of its own already" in planned("channel", "rename", "news", "kraj", code=2)
    assert "is not in the database" in planned("channel", "rename", "nwes", "kraj", code=2)
