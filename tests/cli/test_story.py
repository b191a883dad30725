"""`campaign story …`."""

from __future__ import annotations

import pytest

from tests.cli.conftest import STORY, Keyboard, ids


def test_stories_are_listed_with_what_became_of_their_posts(planned: Keyboard) -> None:
    told = planned("story", "list")

    assert "moravia-silesia/battery-modules" in told
    assert "2 planned" in told
    assert planned.json("story", "list", "--region", "portugal") == []
    assert "There are no such stories" in planned("story", "list", "--status", "withdrawn")


def test_an_unknown_region_is_told_with_the_nearest(planned: Keyboard) -> None:
    assert 'Did you mean "portugal"?' in planned("story", "list", "--region", "portgual", code=2)


def test_a_story_is_shown_in_words_and_in_json(planned: Keyboard) -> None:
    told = planned("story", "show", "battery-modules")

    assert "Title      Battery skills modules, open to every region" in told
    assert "Version    1, of Mon 2 Mar 09:00, by anna" in told
    assert "Embargo" not in told
    assert planned.json("story", "show", "battery-modules")["content"]["kind"] == "update"


def test_the_dates_of_a_story_are_shown(campaign: Keyboard) -> None:
    dated = STORY.replace("---\n", "---\nembargo: 2026-03-09 09:00\nexpires: 2027-01-31\n", 1)
    campaign("add", campaign.story(text=dated))

    told = campaign("story", "show", "battery-modules")

    assert "Embargo    Mon 9 Mar 09:00" in told
    assert "Expires    Sun 31 Jan 2027 23:59" in told


def test_an_unknown_story_is_told_with_the_nearest(planned: Keyboard) -> None:
    told = planned("story", "show", "batery-modules", code=2)

    assert 'there is no story "batery-modules"' in told
    assert "Did you mean battery-modules?" in told


def test_a_name_in_two_regions_is_told_with_both(planned: Keyboard) -> None:
    other = planned.story(
        "other", STORY.replace("moravia-silesia", "portugal").replace("---", "---\nslug: battery-modules", 1)
    )
    planned("add", other)

    told = planned("story", "show", "battery-modules", code=2)

    assert "portugal/battery-modules" in told
    assert "moravia-silesia/battery-modules" in told


def test_a_withdrawn_story_loses_its_slots_and_gets_others_when_that_is_undone(planned: Keyboard) -> None:
    told = planned("story", "withdraw", "battery-modules", "--reason", "the partner asked us to")

    assert "Undo: campaign story withdraw --undo moravia-silesia/battery-modules" in told
    assert planned.json("plan")["posts"] == []
    assert "is withdrawn" in planned("story", "withdraw", "battery-modules", code=2)

    planned("story", "withdraw", "--undo", "battery-modules")
    assert len(planned.json("plan")["posts"]) == 2


def test_a_returned_story_says_what_is_to_change(planned: Keyboard) -> None:
    assert "--note TEXT" in planned("story", "return", "battery-modules", code=2)

    planned("story", "return", "battery-modules", "--note", "Name the partners.")

    (story,) = planned.json("story", "list", "--status", "returned")
    assert story["note"] == "Name the partners."
    assert "is returned" in planned("story", "withdraw", "--undo", "battery-modules", code=2)
    planned("story", "return", "--undo", "battery-modules")
    assert planned.json("story", "list")[0]["status"] == "queued"


def test_a_dry_run_withdraws_nothing(planned: Keyboard) -> None:
    assert "Nothing was changed" in planned("story", "withdraw", "--dry-run", "battery-modules")

    assert planned.json("story", "list")[0]["status"] == "queued"
    assert len(ids(planned, status="planned")) == 2


def test_what_is_live_is_named_when_its_story_is_withdrawn(planned: Keyboard) -> None:
    planned("proof", "--text")
    planned("approve", "battery-modules")
    planned("post", "now", "battery-modules@news")
    planned("tick")

    told = planned("story", "withdraw", "battery-modules")

    (live,) = ids(planned, status="published")
    assert f"Still there: post {live[:8]} on news, published." in told
    assert f"campaign post takedown {live[:8]}" in told


def test_a_new_story_does_not_overwrite_one(folder: Keyboard) -> None:
    told = folder("story", "new", "open-day", "--kind", "event", "--region", "portugal", "--in", "drafts")

    assert "campaign add drafts/open-day" in told
    assert "is there already" in folder("story", "new", "open-day", "--region", "portugal", "--in", "drafts", code=2)
    assert "kind: event" in (folder.folder / "drafts/open-day/story.md").read_text()


def test_a_new_story_in_a_place_that_cannot_be_written_is_told(folder: Keyboard) -> None:
    (folder.folder / "stories").write_text("a file")

    assert "cannot be written" in folder("story", "new", "open-day", "--region", "portugal", code=2)


@pytest.mark.parametrize(
    "words", [("new", "x", "--region", "nowhere"), ("new", "x", "--kind", "poem", "--region", "asa")]
)
def test_a_new_story_has_a_known_region_and_kind(folder: Keyboard, words: tuple[str, ...]) -> None:
    folder("story", *words, code=2)
