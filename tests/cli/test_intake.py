"""`campaign add`."""

from __future__ import annotations

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
    assert "✓ replaced" in campaign("add", "--replace", path)


def test_a_path_that_is_not_there_is_a_usage_error(campaign: Keyboard) -> None:
    assert "does not exist" in campaign("add", "nowhere.zip", code=2)


def test_what_became_of_each_is_there_for_programs(campaign: Keyboard) -> None:
    wrong = campaign.story("wrong", "no front matter")

    good, bad = campaign.json("add", campaign.story(), wrong, code=3)

    assert (good["outcome"], good["story"]) == ("accepted", "moravia-silesia/battery-modules")
    assert (bad["outcome"], bad["story"]) == ("refused", None)
    assert bad["problems"][0]["where"]


def test_the_skeleton_of_every_kind_is_a_right_story(campaign: Keyboard) -> None:
    for kind in KINDS:
        campaign("story", "new", f"a-{kind}", "--kind", kind, "--region", "portugal")

        assert "✓ accepted" in campaign("add", "--dry-run", f"stories/a-{kind}")
