"""The whole command line: help, imports, errors, exit codes, completion."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from inspect import cleandoc
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from campaign import __version__
from campaign.app import App
from campaign.cli import SECTIONS, Lazy, cli, tell
from campaign.cli.call import Call
from campaign.errors import ConfigError, Problem, UsageError
from tests.cli.conftest import Keyboard

HEAVY = {"sqlalchemy", "sqlmodel", "pydantic", "requests", "PIL", "jinja2", "apscheduler", "yaml", "babel", "rich"}


def imported(*words: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "campaign", *words], capture_output=True, text=True, check=True
    )
    names = [line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("post", "--help"), ("report", "--help")])
def test_help_imports_click_and_nothing_heavy(words: tuple[str, ...]) -> None:
    found = imported(*words)

    assert "click" in found
    assert not found & HEAVY


def every_command(
    command: click.Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    command = command.load() if isinstance(command, Lazy) else command
    yield path, command
    if isinstance(command, click.Group):
        for name, each in command.commands.items():
            yield from every_command(each, (*path, name))


ALL = list(every_command(cli))


@pytest.mark.parametrize(("path", "command"), ALL[1:], ids=[" ".join(path) for path, _ in ALL[1:]])
def test_every_command_explains_itself_with_an_example(path: tuple[str, ...], command: click.Command) -> None:
    assert command.help is not None
    assert f"\b\ncampaign {path[0]}" in cleandoc(command.help)


def test_the_help_names_every_command_in_its_section(folder: Keyboard) -> None:
    told = folder("--help")

    for title, section in SECTIONS.items():
        assert title in told
        for name, (_, short_help) in section.items():
            assert f"{name} " in told
            assert short_help in told


def test_the_version_is_told(folder: Keyboard) -> None:
    assert folder("--version") == f"campaign, version {__version__}\n"


def test_without_a_campaign_the_way_to_begin_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CAMPAIGN_CONFIG", raising=False)
    done = subprocess.run([sys.executable, "-m", "campaign"], capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "there is no config.toml in this folder or above it" in done.stderr
    assert "campaign init" in done.stderr
    assert done.stdout == ""


def test_a_wrong_config_is_told_with_its_line_and_exit_code_2(folder: Keyboard) -> None:
    config = folder.folder / "config.toml"
    config.write_text(config.read_text() + '\n[regions.x]\nnmae = "X"\n')

    told = folder("status", code=2)

    assert "config.toml, line" in told
    assert 'Did you mean "name"?' in told


def test_a_named_config_file_is_used(campaign: Keyboard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")

    assert "Status of" in campaign("--config", str(campaign.folder / "config.toml"), "status")


def test_without_a_database_the_remedy_is_told(folder: Keyboard) -> None:
    told = folder("add", folder.story(), code=1)

    assert "there is no database yet" in told
    assert "campaign db upgrade" in told


def test_an_unknown_command_is_a_usage_error_with_a_suggestion(folder: Keyboard) -> None:
    assert "'status'" in folder("statsu", code=2)


def test_bare_campaign_is_the_status(campaign: Keyboard) -> None:
    assert campaign() == campaign("status")


@pytest.mark.parametrize("who", ["anna", "joao"])
def test_a_person_is_named_by_key_or_login(campaign: Keyboard, who: str) -> None:
    campaign("--as", who, "add", campaign.story())

    assert campaign.json("story", "list")[0]["handed_by"] == who


def test_without_a_name_the_login_of_the_account_counts(campaign: Keyboard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CAMPAIGN_PERSON")
    monkeypatch.setenv("LOGNAME", "petra")

    campaign("add", campaign.story())

    assert campaign.json("story", "list")[0]["handed_by"] == "petra"


def test_an_account_without_a_name_is_its_number(campaign: Keyboard, monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.delenv("CAMPAIGN_PERSON")
    monkeypatch.setattr("getpass.getuser", nameless)

    campaign("add", campaign.story())

    assert campaign.json("story", "list")[0]["handed_by"] == str(os.getuid())


def test_colours_are_for_terminals_that_want_them(planned: Keyboard, monkeypatch: pytest.MonkeyPatch) -> None:
    def typed(*words: str) -> str:
        return CliRunner().invoke(cli, [*words, "story", "list"], obj=Call(clock=planned.clock), color=True).output

    assert "\x1b[1mID" in typed()
    assert "\x1b" not in typed("--no-color")
    assert "\x1b" not in planned("story", "list")


def test_a_person_who_is_not_in_the_config_cannot_be_named(campaign: Keyboard) -> None:
    told = campaign("--as", "ana", "status", code=2)

    assert 'there is nobody called "ana"' in told
    assert 'Did you mean "anna"?' in told


def test_a_bug_is_told_in_one_line_and_shown_on_demand(campaign: Keyboard, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("campaign.explain.status", broken)

    assert (
        campaign("status", code=1)
        == "Error: Something went wrong inside campaign (ZeroDivisionError); run with --debug.\n"
    )
    with pytest.raises(AssertionError, match="Traceback"):
        campaign("--debug", "status", code=1)


def test_ctrl_c_ends_with_130(campaign: Keyboard, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("campaign.explain.status", interrupted)

    assert campaign("status", code=130).strip() == "Stopped."


def test_a_reader_that_goes_away_is_no_error(campaign: Keyboard) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m campaign report --json | true"],
        cwd=campaign.folder,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stderr == ""


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (UsageError("no such post", remedy="campaign post list"), 2, "no such post\n  campaign post list"),
        (ConfigError([Problem("line 3", "wrong")]), 2, "line 3: wrong"),
        (PermissionError(13, "Permission denied", "/media/x"), 1, "/media/x: Permission denied"),
        (OSError(28, "No space left on device"), 1, "No space left on device"),
        (ValueError("secret"), 1, "Something went wrong inside campaign (ValueError); run with --debug."),
    ],
)
def test_errors_end_in_words_and_a_code(
    capsys: pytest.CaptureFixture[str], error: Exception, code: int, told: str
) -> None:
    assert tell(error) == code
    assert told in click.unstyle(capsys.readouterr().err)


@pytest.mark.parametrize(
    ("words", "incomplete", "found"),
    [
        ([], "pr", ["proof"]),
        (["post"], "re", ["record", "resolve", "restore", "retry"]),
        (["channel", "enable"], "", ["news", "kraj"]),
        (["pause", "--region"], "mo", ["moravia-silesia"]),
        (["report", "--project"], "", ["trireme"]),
        (["--config", "elsewhere.toml", "channel", "enable"], "", []),
    ],
)
def test_the_shell_completes_commands_channels_and_regions(
    folder: Keyboard, words: list[str], incomplete: str, found: list[str]
) -> None:
    completion = ShellComplete(cli, {}, "campaign", "_CAMPAIGN_COMPLETE")

    assert [item.value for item in completion.get_completions(words, incomplete)] == found


def test_channels_new_in_the_config_are_greeted_by_any_command(
    campaign: Keyboard, make_app: Callable[..., App]
) -> None:
    config = campaign.folder / "config.toml"
    config.write_text(config.read_text() + '\n[channels.web]\nplatform = "folder"\nfolder = "web"\nslots = []\n')

    assert {each["channel"]: each["state"] for each in campaign.json("channel", "list")}["web"] == "enabled"
