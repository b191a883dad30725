"""Finding and loading the config file: what it gives, and what the example holds."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from campaign.config import (
    CHANNEL_KEYS,
    Approval,
    Blackout,
    Campaign,
    Channel,
    Config,
    DaemonSettings,
    Folders,
    Funder,
    Person,
    Planning,
    Project,
    Region,
    WeeklySlot,
    find,
    in_language,
    load,
    read,
    unknown_key,
    unknown_name,
)
from campaign.errors import ConfigError
from campaign.files import shipped

EXAMPLE = shipped("config.example.toml")
LEAST = '[campaign]\nname = "Our regions"\nzone = "Europe/Brussels"\n'

WHOLE = (Path(__file__).parent / "data/config/whole.toml").read_text("utf-8")


def test_every_word_of_the_config_is_read(tmp_path: Path) -> None:
    config = load_whole(tmp_path)

    monday, tuesday, thursday = (WeeklySlot(0, time(9)), WeeklySlot(1, time(9)), WeeklySlot(3, time(8, 5)))
    assert config == Config(
        path=tmp_path / "config.toml",
        campaign=Campaign(
            "Our regions", "Europe/Brussels", "cs", "regions", ("GreenSkills", "Győr"), "https://example.org/"
        ),
        database=f"sqlite:///{tmp_path}/data/campaign.db",
        folders=Folders(
            root=tmp_path,
            inbox=tmp_path / "in/box",
            accepted=tmp_path / "in/yes",
            refused=Path("/srv/no"),
            media=tmp_path / "kept",
            pages=tmp_path.parent / "www",
            templates=tmp_path / "wording",
            themes=tmp_path / "wording",
        ),
        regions={
            "asa": Region("asa", {"en": "Alliance"}, network=True, share=0.2),
            "msk": Region(
                "msk",
                {"en": "Moravia-Silesia", "cs": "Moravskoslezský kraj"},
                country="CZ",
                zone="Europe/Prague",
                hashtags=("Ostrava",),
                handles={"mastodon": "@msk@example.org"},
                logo=tmp_path / "logo.png",
                accent="#1F5FA8",
                contact="ostrava@example.org",
                weight=2.0,
            ),
        },
        projects={
            "trireme": Project(
                "trireme",
                "TRIREME",
                ("eu",),
                "101",
                date(2024, 1, 1),
                date(2026, 12, 31),
                ("TRIREME",),
                "https://example.org/trireme",
                {"month": 4},
            )
        },
        funders={
            "eu": Funder(
                "eu",
                "European Union",
                {"en": "Co-funded", "pl": "Dofinansowane"},
                emblem="eu",
                disclaimer={"en": "Views …"},
                disclaimer_in="reply",
                lockup={"en": tmp_path / "logo.png"},
                emblem_min=120,
            )
        },
        channels={
            "toot": Channel(
                "toot",
                "mastodon",
                "Mastodon",
                "pl",
                ("pl", "en"),
                "Europe/Warsaw",
                (monday, tuesday, thursday),
                spacing=timedelta(hours=1),
                daily_cap=1,
                late_window=timedelta(minutes=30),
                call_deadline=timedelta(seconds=10),
                settle=timedelta(minutes=1),
                repeat_guard=timedelta(days=14),
                mode="by-hand",
                approval=True,
                attach="link-card",
                thread=3,
                formats=("square",),
                hashtags=("Skills",),
                max_text=400,
                settings={"base_url": "https://example.org", "visibility": ["public", {"tags": 3}]},
                lines=config.channels["toot"].lines,
            ),
            "plain": Channel(
                "plain",
                "folder",
                "plain",
                "cs",
                ("cs",),
                "Europe/Brussels",
                (),
                approval=False,
                lines=config.channels["plain"].lines,
            ),
        },
        people={
            "jana": Person("jana", "Jana Nováková", "jana", "jana@example.org", ("msk",), ("toot",)),
            "ana": Person("ana", "Ana", all=True),
        },
        blackouts=(Blackout(date(2026, 12, 24), date(2026, 12, 24), "Christmas Eve", ("toot",)),),
        approval=Approval(False, True, (timedelta(days=3),), timedelta(minutes=90)),
        plan=Planning(6, timedelta(hours=24), timedelta(hours=36)),
        daemon=DaemonSettings(
            tick=timedelta(seconds=0.5),
            house=timedelta(seconds=20),
            share=3,
            log="json",
            free_disk=1024**3,
            stop_file=Path("/run/stop"),
            proxy="http://proxy.example.org:3128",
        ),
    )


def test_no_word_is_forgotten_in_this_test(tmp_path: Path) -> None:
    reached = set(changed_fields(load_whole(tmp_path)))
    words = {Campaign, Region, Funder, Project, Blackout, Channel, Person, Approval, Planning, DaemonSettings, Folders}
    assert {(word.__name__, each.name) for word in words for each in fields(word)} <= reached


def test_a_channel_knows_the_line_of_each_of_its_keys(tmp_path: Path) -> None:
    channel = load_whole(tmp_path).channels["toot"]
    written = WHOLE.splitlines()
    assert set(channel.lines) == {*CHANNEL_KEYS, "base_url", "visibility"}
    assert all(written[line - 1].startswith(f"{key} = ") for key, line in channel.lines.items())


def test_what_is_not_written_has_its_default(tmp_path: Path) -> None:
    config = load(write(tmp_path, LEAST), {})
    assert config == Config(
        path=tmp_path / "config.toml",
        campaign=Campaign("Our regions", "Europe/Brussels"),
        database=f"sqlite:///{tmp_path}/campaign.db",
        folders=Folders(*(tmp_path / name for name in ("", "inbox", "accepted", "refused", "media", "pages"))),
        regions={},
        projects={},
        funders={},
        channels={},
        people={},
        blackouts=(),
        approval=Approval(),
        plan=Planning(),
        daemon=DaemonSettings(stop_file=tmp_path / "STOP"),
    )


def test_an_optional_text_left_empty_counts_as_not_written(tmp_path: Path) -> None:
    config = load(write(tmp_path, LEAST + 'link = ""\nlanguage = "${LANGUAGE_OF_TEAM:-}"\n'), {})
    assert config.campaign == Campaign("Our regions", "Europe/Brussels")


def test_accepted_and_refused_stand_beside_the_inbox(tmp_path: Path) -> None:
    folders = load(write(tmp_path, LEAST + '[folders]\ninbox = "/srv/asa/inbox"\n'), {}).folders
    assert (folders.accepted, folders.refused) == (Path("/srv/asa/accepted"), Path("/srv/asa/refused"))


def test_a_file_saved_by_a_windows_editor_is_read(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf" + LEAST.replace("\n", "\r\n").encode())
    assert load(path, {}).campaign.name == "Our regions"


def test_the_config_is_found_upwards_from_the_folder(tmp_path: Path) -> None:
    below = tmp_path / "inbox" / "story"
    below.mkdir(parents=True)
    path = write(tmp_path, LEAST)
    assert find(below, {"CAMPAIGN_CONFIG": "/elsewhere.toml"}) == path


def test_else_the_environment_names_it(tmp_path: Path) -> None:
    other = tmp_path / "asa.toml"
    other.touch()
    assert find(tmp_path, {"CAMPAIGN_CONFIG": str(other)}) == other
    assert find(tmp_path, {"CAMPAIGN_CONFIG": "asa.toml"}) == other


def test_else_it_is_the_one_of_the_whole_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Path("/etc/campaign/config.toml") == read.SYSTEM_WIDE
    system = tmp_path / "etc.toml"
    system.touch()
    monkeypatch.setattr(read, "SYSTEM_WIDE", system)
    assert find(tmp_path, {}) == system


def test_without_any_the_remedy_is_to_make_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "SYSTEM_WIDE", tmp_path / "none.toml")
    with pytest.raises(ConfigError) as missing:
        find(tmp_path, {})
    assert str(missing.value) == (
        f"{tmp_path}: there is no config.toml in this folder or above it.\n"
        "  Change to the campaign's folder, or make a new one: campaign init"
    )


def test_a_variable_that_names_no_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as missing:
        find(tmp_path, {"CAMPAIGN_CONFIG": "/nowhere/asa.toml"})
    assert str(missing.value) == (
        "CAMPAIGN_CONFIG: there is no file /nowhere/asa.toml.\n  Correct or unset the variable."
    )


def test_the_example_loads_as_it_is(tmp_path: Path) -> None:
    config = load(write(tmp_path, EXAMPLE.read_text("utf-8")), {})
    assert {"asa", "castilla-y-leon", "emilia-romagna", "portugal", "moravia-silesia"} <= config.regions.keys()
    assert len([region for region in config.regions.values() if not region.network]) >= 10
    assert [channel.platform for channel in config.channels.values()] == ["folder", "folder"]
    assert len(config.channels["folder-asa"].slots) == 3
    assert [funder.statement["en"] for key in ("trireme", "albatts") for funder in config.funders_of(key)] == [
        "Co-funded by the European Union",
        "Co-funded by the Erasmus+ Programme of the European Union",
    ]
    assert not {"ga", "mt"} & config.funders["eu"].statement.keys()
    assert config.secrets == ()


def test_the_examples_remarks_load_too(tmp_path: Path) -> None:
    """A setting that stands behind # in the example is right as soon as the # is taken away."""
    lines = EXAMPLE.read_text("utf-8").splitlines()
    settings = [line.removeprefix("# ") if is_setting(line) else line for line in lines]
    for needed in ("templates", "themes", "logos"):
        (tmp_path / needed).mkdir()
    (tmp_path / "logos/eu-co-funded-en.png").touch()

    outside = {"CAMPAIGN_DB_PASSWORD": "hunter2", "FACEBOOK_APP_SECRET": "hunter3"}
    config = load(write(tmp_path, "\n".join(settings)), outside)

    assert config.channels["linkedin-by-hand"].mode == "by-hand"
    assert config.database.startswith("***")


def test_a_name_is_given_in_the_language_asked_for_or_the_nearest(tmp_path: Path) -> None:
    region = load_whole(tmp_path).regions["msk"]
    assert [region.named(language) for language in ("cs", "en", "pl")] == [
        "Moravskoslezský kraj",
        "Moravia-Silesia",
        "Moravia-Silesia",
    ]
    assert in_language({"pl": "Śląskie"}, "cs") == "Śląskie"
    assert in_language({}, "cs") == ""


@pytest.mark.parametrize(
    ("who", "regions", "channel", "may"),
    [
        ("ana", ("asa",), "plain", True),
        ("jana", ("asa", "msk"), "plain", True),
        ("jana", ("asa",), "toot", True),
        ("jana", ("asa",), "plain", False),
    ],
)
def test_people_approve_what_they_are_listed_for(
    tmp_path: Path, who: str, regions: tuple[str, ...], channel: str, may: bool
) -> None:
    assert load_whole(tmp_path).people[who].may_approve(regions, channel) is may


def test_a_project_names_its_funders(tmp_path: Path) -> None:
    config = load_whole(tmp_path)
    assert config.funders_of("trireme") == (config.funders["eu"],)
    assert config.funders_of("") == ()


def test_a_problem_that_app_finds_sounds_like_ours() -> None:
    path = Path("/srv/asa/config.toml")
    assert str(unknown_key(path, 7, "channels.a", "foldr", [*CHANNEL_KEYS, "folder"])) == (
        'config.toml, line 7, channels.a: there is no key "foldr" here.\n  Did you mean "folder"?'
    )
    assert str(unknown_name(path, None, "channels.a.platform", "platform", "Mastodn", ["folder", "mastodon"])) == (
        'config.toml, channels.a.platform: there is no platform "Mastodn".\n  Did you mean "mastodon"?'
    )
    assert str(unknown_name(path, 7, "", "region", "x", [])) == (
        'config.toml, line 7: there is no region "x".\n  None is defined in this file yet.'
    )


def is_setting(line: str) -> bool:
    try:
        return line.startswith("# ") and bool(tomllib.loads(line.removeprefix("# ")))
    except tomllib.TOMLDecodeError:
        return False


def load_whole(folder: Path) -> Config:
    (folder / "wording").mkdir()
    (folder / "logo.png").touch()
    return load(write(folder, WHOLE), {})


def changed_fields(value: Any) -> Iterator[tuple[str, str]]:
    """Yield (class, field) of every field, at any depth, that has another value than its default."""
    if is_dataclass(value):
        for each in fields(value):
            inner = getattr(value, each.name)
            default = each.default_factory() if each.default_factory is not MISSING else each.default
            if default is MISSING or inner != default:
                yield type(value).__name__, each.name
            yield from changed_fields(inner)
    elif isinstance(value, dict | tuple):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from changed_fields(inner)


def write(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8", newline="")
    return path
