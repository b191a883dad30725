"""`campaign init`: from an empty folder to an approved post, by typing only what is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from campaign.cli import cli
from campaign.cli.call import Call
from campaign.rehearsal.clock import VirtualClock
from tests.cli.conftest import Keyboard


def test_a_new_folder_leads_from_the_example_to_an_approval(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CAMPAIGN_PERSON", raising=False)
    begun = CliRunner().invoke(cli, ["init", "my"], obj=Call(clock=clock))
    assert begun.exit_code == 0, begun.output
    monkeypatch.chdir(tmp_path / "my")
    typed = Keyboard(tmp_path / "my", clock)

    for line in ("check", "add stories/first-story", "plan", "proof"):
        assert f"campaign {line}" in begun.output
        typed(*line.split())

    code = typed.json("proof")["code"]
    assert "✓ approved   first-story@folder-asa" in typed("--as", "joao", "approve", "--proof", code)


def test_nothing_is_overwritten(folder: Keyboard) -> None:
    before = (folder.folder / "config.toml").read_text()

    assert "config.toml is there already" in folder("init", code=2)
    assert (folder.folder / "config.toml").read_text() == before


def test_an_own_example_is_kept(tmp_path: Path, clock: VirtualClock) -> None:
    story = tmp_path / "stories" / "first-story" / "story.md"
    story.parent.mkdir(parents=True)
    story.write_text("mine")

    assert CliRunner().invoke(cli, ["init", str(tmp_path)], obj=Call(clock=clock)).exit_code == 0

    assert story.read_text() == "mine"
    assert (tmp_path / "config.toml").exists()
