"""`campaign quick`: a post in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaign.cli.quick import split
from campaign.errors import UsageError
from tests.cli.conftest import Keyboard, ids
from tests.making import picture

TEXT = "We are in Porto. Come and talk to us."


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (TEXT, ("We are in Porto", "Come and talk to us.")),
        ("Ready? Steady. Go.", ("Ready?", "Steady. Go.")),
        ("It grew by 1.5 %. More follows.", ("It grew by 1.5 %", "More follows.")),
        (" Online!  Twelve hours ", ("Online!", "Twelve hours")),
    ],
)
def test_the_first_sentence_is_the_headline(text: str, parts: tuple[str, str]) -> None:
    assert split(text) == parts


@pytest.mark.parametrize("text", ["", "One sentence.", "No end", "Version 1.5"])
def test_a_text_of_one_sentence_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="a headline and a text"):
        split(text)


def test_a_line_is_planned_shown_asked_and_approved(campaign: Keyboard) -> None:
    told = campaign("quick", TEXT, "--region", "portugal", "--link", "https://example.org/porto", answer="y\n")

    assert "  │ We are in Porto" in told
    assert "✓ approved   we-are-in-porto@news" in told
    assert len(ids(campaign, status="approved")) == 2


def test_a_line_that_is_not_approved_waits_under_its_code(campaign: Keyboard) -> None:
    told = campaign("quick", TEXT, "--region", "portugal", answer="n\n")

    assert "It waits. Later: campaign approve --proof" in told
    assert "Undo: campaign story withdraw portugal/we-are-in-porto" in told
    assert len(ids(campaign, status="rendered")) == 2


def test_a_line_goes_out_now_on_the_channels_that_were_named(campaign: Keyboard) -> None:
    campaign("quick", TEXT, "--region", "portugal", "--channels", "news", "--now", answer="y\n")
    campaign("tick")

    assert len(ids(campaign, status="published", channel="news")) == 1
    assert ids(campaign, channel="kraj") == []


def test_a_line_has_a_time_of_its_own(campaign: Keyboard) -> None:
    campaign("quick", TEXT, "--region", "portugal", "--at", "thu 14:00", "--channels", "news", answer="n\n")

    (post,) = campaign.json("post", "list")
    assert post["due_at"] == "2026-03-05T13:00:00+00:00"


def test_a_photo_comes_with_words_and_consent(campaign: Keyboard, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(picture(size=(1200, 900)))
    words = ("quick", TEXT, "--region", "portugal", "--photo", str(tmp_path / "photo.jpg"))
    assert "A photo needs --shows TEXT" in campaign(*words, code=2)

    campaign(*words, "--shows", "A blue wall", "--consent", "nobody-recognisable", answer="n\n")

    (post, _) = ids(campaign, status="rendered")
    assert "A blue wall" in campaign("post", "show", post)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--region", "portgual"), 'Did you mean "portugal"?'),
        (("--region", "portugal", "--channels", "nwes"), 'there is no channel "nwes"'),
        (("--region", "portugal", "--now", "--at", "thu 14:00"), "not both"),
        (("--region", "portugal", "--at", "2026-01-01 09:00"), "that is past"),
    ],
)
def test_a_mistake_leaves_nothing_behind(campaign: Keyboard, words: tuple[str, ...], told: str) -> None:
    assert told in campaign("quick", TEXT, *words, code=2)
    assert campaign.json("story", "list") == []


def test_a_line_that_intake_refuses_is_told_with_its_mistake(campaign: Keyboard) -> None:
    assert "✗ refused" in campaign("quick", TEXT, "--region", "portugal", "--link", "not a link", code=3)


def test_the_own_line_is_for_a_colleague_to_approve(campaign: Keyboard) -> None:
    config = campaign.folder / "config.toml"
    config.write_text(config.read_text() + "\n[approval]\nnot_own = true\n")

    told = campaign("quick", TEXT, "--region", "portugal", answer="y\n", code=3)

    assert "Anna Dvořáková handed this story in" in told
    assert "Your colleague may type: campaign approve --proof" in told


def test_a_line_without_a_slot_says_where_to_ask_why(campaign: Keyboard) -> None:
    campaign("pause", "--all", "--until", "2026-12-31 09:00", "--reason", "flood")

    assert "There is no slot for it yet: campaign why portugal/we-are-in-porto" in campaign(
        "quick", TEXT, "--region", "portugal"
    )
