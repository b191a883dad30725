"""A first comment: the link of a post, with the words before it, stands below the post instead of in its text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from telling import COURSE, EVENT, PRACTICE, STORIES, UPDATE, VISIT, a_channel, a_config, composed, in_parts
from test_templates import own_templates

from campaign.config.words import Channel
from campaign.errors import RenderError
from campaign.fit import length
from campaign.platforms.base import Limits
from campaign.render.text import PartText
from campaign.story import Content

PAGE = Limits(text=3000, comments=True)
PLAIN = a_config(campaign=replace(a_config().campaign, utm=""))
COMMENTING = a_channel("linkedin", first_comment="link")


def parts(content: Content, limits: Limits = PAGE, channel: Channel = COMMENTING, **changes: object) -> list[PartText]:
    given = {"config": PLAIN, "channel": channel, "limits": limits} | changes
    return list(in_parts(content, **given).parts)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (UPDATE, "Read more: https://example.org/update"),
        (EVENT, "Register: https://example.org/register"),
        (COURSE, "To the course: https://example.org/modules?lang=en"),
    ],
    ids=["update", "event", "course"],
)
def test_the_link_goes_into_the_comment_with_the_words_before_it(content: Content, words: str) -> None:
    told, comment = parts(content)

    assert (comment.role, comment.text) == ("comment", words)
    assert (comment.link, comment.tags) == (words.rpartition(" ")[2], ())
    assert (told.role, told.link) == ("post", "")
    assert "https://" not in told.text


def test_nothing_else_of_the_text_changes() -> None:
    whole = composed(PRACTICE, config=PLAIN, channel=a_channel("linkedin"), limits=PAGE).text
    told, comment = parts(PRACTICE)

    assert whole == told.text.replace("\n\nProject: ", f"\n\n{comment.text}\n\nProject: ")


def test_the_words_are_of_the_posts_language() -> None:
    czech = UPDATE.model_copy(update={"language": "cs", "tellings": {"cs": UPDATE.tellings["en"]}})

    assert parts(czech, language="cs")[-1].text == "Více informací: https://example.org/update"


@pytest.mark.parametrize(
    ("limits", "channel"),
    [(replace(PAGE, comments=False), COMMENTING), (PAGE, a_channel("linkedin"))],
    ids=["the platform has none", "the channel wants none"],
)
def test_the_link_stays_in_the_text_elsewhere(limits: Limits, channel: Channel) -> None:
    (only,) = parts(UPDATE, limits, channel)

    assert "Read more: https://example.org/update" in only.text
    assert only.link == "https://example.org/update"


def test_a_story_without_a_link_has_no_comment() -> None:
    assert [part.role for part in parts(VISIT)] == ["post"]


def test_below_a_thread_the_comment_comes_last_and_is_not_numbered() -> None:
    found = parts(PRACTICE, replace(PAGE, text=300, threads=True), replace(COMMENTING, thread=6))

    assert [part.role for part in found] == ["post", *["reply"] * (len(found) - 2), "comment"]
    assert [part.text.rpartition("\n")[2] for part in found[:-1]] == [
        f"{n}/{len(found) - 1}" for n in range(1, len(found))
    ]
    assert found[-1].text == "Read more: https://example.org/practice"


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.kind.value)
def test_every_part_of_every_kind_fits(story: Content) -> None:
    limits = replace(PAGE, text=400)
    assert all(length(part.text, limits) <= 400 for part in parts(story, limits))


def test_a_comment_that_cannot_fit_is_told() -> None:
    long = UPDATE.tellings["en"].model_copy(update={"link": f"https://example.org/{'a' * 400}"})

    with pytest.raises(RenderError, match="too long"):
        parts(UPDATE.model_copy(update={"tellings": {"en": long}}), replace(PAGE, text=400))


def test_a_link_in_the_midst_of_a_sentence_of_a_teams_own_template_stays_there(tmp_path: Path) -> None:
    own = '{% call part("text", goes=5, shorten=true) %}Look at {{ link }} and tell us what you think.{% endcall %}'
    config = own_templates(tmp_path, _default__update=own)

    (only,) = parts(UPDATE, config=config)

    assert only.text.startswith("Look at https://example.org/update")
