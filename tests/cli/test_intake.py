"""`campaign add`."""

from __future__ import annotations

import re

import pytest

from campaign.cli.skeleton import KINDS
from tests.cli.conftest import STORY, Keyboard


def test_a_story_is_taken_in_and_the_next_command_told(campaign: Keyboard) -> None:
    told = campaign("add", campaign.story())

    assert "✓ accepted   moravia-silesia/battery-modules" in told
    assert "Next: campaign plan" in told
    assert "Undo: campaign story withdraw moravia-silesia/battery-modules" in told
    assert [story["slug"] for story in campaign.json("story", "list")] == ["battery-modules"]


def test_a_wrong_story_is_refused_with_its_mistakes_while_the_other_comes_in(campaign: Keyboard) -> None:
    wrong = campaign.story("wrong", STORY.replace("kind: update", "kind: updaet"))

    told = campaign("add", wrong, campaign.story(), code=3)

    assert "✗ refused" in told
    assert "wrong/story.md, line 3" in told
    assert "✓ accepted   moravia-silesia/battery-modules" in told
    assert len(campaign.json("story", "list")) == 1


def test_what_was_left_out_is_noted(campaign: Keyboard) -> None:
    path = campaign.story()
    (campaign.folder / "stories/battery-modules/unused.jpg").write_bytes(b"")

    assert "    unused.jpg was not used: the story does not name it" in campaign("add", path)


def test_a_dry_run_takes_nothing_in(campaign: Keyboard) -> None:
    told = campaign("add", "--dry-run", campaign.story())

    assert "✓ accepted" in told
    assert "Nothing was changed" in told
    assert campaign.json("story", "list") == []


def test_the_same_again_is_no_news_and_another_version_needs_replace(campaign: Keyboard) -> None:
    path = campaign.story()
    campaign("add", path)

    assert "= unchanged" in campaign("add", path)
    campaign.story(text=STORY.replace("Training", "Free training"))
    assert "--replace" in campaign("add", path, code=3)
    told = campaign("add", "--replace", path)
    assert "✓ replaced" in told
    assert "Undo" not in told  # a withdrawal would not bring the old version back


def test_a_path_that_is_not_there_is_a_usage_error(campaign: Keyboard) -> None:
    assert "does not exist" in campaign("add", "nowhere.zip", code=2)


def test_what_became_of_each_is_there_for_programs(campaign: Keyboard) -> None:
    wrong = campaign.story("wrong", "no front matter")

    good, bad = campaign.json("add", campaign.story(), wrong, code=3)

    assert (good["outcome"], good["story"]) == ("accepted", "moravia-silesia/battery-modules")
    assert (bad["outcome"], bad["story"]) == ("refused", None)
    assert bad["problems"][0]["where"]


FILLED = {
    "title:": "title: A headline",
    "summary:": "summary: What happened.",
    "  challenge:": "  challenge: Batteries are new.",
    "    - label:": "    - label: People trained",
    "      value:": "      value: 57",
    "      year:": "      year: 2025",
    "      source:": "      source: The office of statistics",
    "  text:": "  text: It works.",
    "  starts:": "  starts: 2030-01-31 09:00",
    "  provider:": "  provider: MSIC",
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_skeleton_is_refused_until_it_is_filled_in(campaign: Keyboard, kind: str) -> None:
    campaign("story", "new", "mine", "--kind", kind, "--region", "portugal")
    file = campaign.folder / "stories/mine/story.md"

    (refused,) = campaign.json("add", "stories/mine", code=3)
    assert {"title", "summary"} <= {problem["where"].rpartition(", ")[2] for problem in refused["problems"]}
    assert {problem["what"] for problem in refused["problems"]} <= {
        "this is missing.",
        "this tells nothing of the practice.",
    }

    for empty, filled in FILLED.items():
        file.write_text(re.sub(f"^{empty}(?= |$)", filled, file.read_text(), flags=re.MULTILINE))
    assert "✓ accepted" in campaign("add", "stories/mine")
