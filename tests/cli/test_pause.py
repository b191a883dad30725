"""`campaign pause` and `campaign resume`."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Keyboard


@pytest.mark.parametrize("scope", [("--region", "moravia-silesia"), ("--channel", "news"), ("--all",)])
def test_what_is_paused_goes_around_the_calendar_until_it_is_resumed(planned: Keyboard, scope: tuple[str, ...]) -> None:
    told = planned("pause", *scope, "--reason", "flood")

    assert "rests until it is resumed" in told
    assert f"Undo: campaign resume {' '.join(scope)}" in told
    assert "Tue 3 Mar 09:00" not in planned("plan")
    assert "flood" in planned("resume", *scope)
    assert "is not paused" in planned("resume", *scope, code=2)


def test_a_pause_may_have_an_end(planned: Keyboard) -> None:
    assert "rests until Mon 9 Mar 09:00" in planned("pause", "--all", "--until", "mon 09:00", "--reason", "flood")
    assert "is past" in planned("pause", "--all", "--until", "2026-01-01 09:00", "--reason", "flood", code=2)


@pytest.mark.parametrize("words", [(), ("--all", "--channel", "news"), ("--region", "nowhere"), ("--channel", "nwes")])
def test_a_pause_is_of_one_known_thing(campaign: Keyboard, words: tuple[str, ...]) -> None:
    campaign("pause", *words, "--reason", "flood", code=2)


def test_resuming_something_else_names_what_is_paused(campaign: Keyboard) -> None:
    campaign("pause", "--channel", "news", "--reason", "flood")

    assert "Paused: channel news." in campaign("resume", "--all", code=2)


def test_a_dry_run_pauses_nothing(campaign: Keyboard) -> None:
    assert "Nothing was changed" in campaign("pause", "--dry-run", "--all", "--reason", "flood")

    campaign("resume", "--all", code=2)
