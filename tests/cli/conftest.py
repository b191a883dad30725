"""Commands as an officer types them, in a campaign's folder, on a virtual clock."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from campaign.app import App
from campaign.cli import cli
from campaign.cli.call import Call
from campaign.rehearsal.clock import VirtualClock

STORY = """---
regions: [moravia-silesia]
kind: update
title: Battery skills modules, open to every region
summary: Training modules are being made available across Europe.
link: https://example.org/modules
---
"""


class Keyboard:
    """Types commands and keeps what was answered."""

    def __init__(self, folder: Path, clock: VirtualClock) -> None:
        self.folder = folder
        self.clock = clock
        self.result: Result | None = None

    def __call__(self, *words: str, code: int = 0, answer: str | None = None) -> str:
        """Type a command, expect an exit code, return everything that was printed."""
        self.result = CliRunner().invoke(cli, words, input=answer, obj=Call(clock=self.clock))
        assert self.result.exit_code == code, self.result.output
        assert "Traceback" not in self.result.output
        return self.result.output

    def json(self, *words: str, code: int = 0) -> Any:
        """Type a command with --json and return what it printed, parsed."""
        self(*words, "--json", code=code)
        assert self.result is not None
        return json.loads(self.result.stdout)

    def story(self, slug: str = "battery-modules", text: str = STORY) -> str:
        """Write a story's folder and return its path."""
        folder = self.folder / "stories" / slug
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "story.md").write_text(text)
        return str(folder)


@pytest.fixture
def folder(config_file: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    """A folder with a config and no database; Anna is at the keyboard."""
    monkeypatch.chdir(config_file.parent)
    monkeypatch.setenv("CAMPAIGN_PERSON", "anna")
    return Keyboard(config_file.parent, clock)


@pytest.fixture
def campaign(folder: Keyboard, make_app: Callable[..., App]) -> Keyboard:
    """The same with a database."""
    make_app(owns=False)
    return folder


@pytest.fixture
def planned(campaign: Keyboard) -> Keyboard:
    """The same with one story, planned on both channels."""
    campaign("add", campaign.story())
    campaign("plan")
    return campaign


def ids(keyboard: Keyboard, **wanted: str) -> list[str]:
    """Return the ids of the posts whose fields are as wanted."""
    posts = keyboard.json("post", "list", "--all")
    return [post["id"] for post in posts if all(post[name] == value for name, value in wanted.items())]
