"""Threads as they go out: what each part holds, which stories become one, and what the templates say about it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from telling import COURSE, EVENT, PRACTICE, QUOTE, STORIES, UPDATE, a_channel, a_config, a_content, composed, in_parts
from test_templates import own_templates

from campaign.fit import length
from campaign.platforms.base import Limits
from campaign.story import Content, Kind, Telling

SKY = Limits(text=300, unit="graphemes", text_bytes=3000, link_length=30, threads=True, brings_preview=True)
PLAIN = a_config(campaign=replace(a_config().campaign, utm=""))


def thread(content: Content, most: int = 6, limits: Limits = SKY, **changes: object) -> list[str]:
    """Return the texts of a story's parts on a platform with threads."""
    given = {"config": PLAIN, "channel": a_channel("bluesky", thread=most), "limits": limits} | changes
    return [part.text for part in in_parts(content, "bluesky", **given).parts]


def test_a_practice_reads_on_from_part_to_part_and_ends_with_link_funder_and_hashtags() -> None:
    assert thread(PRACTICE) == [
        "Good practice from Moravia-Silesia\n\n"
        "One form for good practice, so that regions can compare\n\n"
        "Regions now describe what works in training with the same six questions.\n\n"
        "1/4",
        "The challenge: Every region collected and shared its data in its own way, so results could not be compared."
        "\n\n"
        "The approach: The regional work package of TRIREME developed a common form and tested it with four regions."
        "\n\n"
        "2/4",
        "The results: Twelve practices are described in the same form, and the first two have been taken up elsewhere."
        "\n\n"
        "What other regions can take from it: The form is short, free to use and works without special software.\n\n"
        "3/4",
        "Partners: Emilia-Romagna, Castilla y León and ATEC\n"
        "Contact: regions@example.org\n\n"
        "With: Castilla y León\n\n"
        "Read more: https://example.org/practice\n\n"
        "Project: TRIREME\n"
        "Co-funded by the European Union\n\n"
        "#MoravianSilesianRegion #TRIREME #AutomotiveSkills #GoodPractice\n\n"
        "4/4",
    ]


def test_the_last_part_alone_bears_the_link_and_each_part_the_hashtags_that_stand_in_it() -> None:
    body = "Look at #batteries and at #Portugal. " + "There is more to be said about them than fits here. " * 6
    story = a_content(Kind.UPDATE, UPDATE.tellings["en"].model_copy(update={"body": body}), topics=("batteries",))
    parts = in_parts(story, "bluesky", channel=a_channel("bluesky", thread=4), limits=SKY).parts
    assert len(parts) > 2
    assert [part.link in part.text and bool(part.link) for part in parts] == [False] * (len(parts) - 1) + [True]
    assert [part.tags for part in parts if "#batteries" in part.text] == [("Batteries",)]
    assert parts[-1].tags == ("MoravianSilesianRegion", "AutomotiveSkills", "Batteries")


@pytest.mark.parametrize("most", [2, 4])
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.kind.value)
def test_every_part_of_every_kind_fits_with_its_number(story: Content, most: int) -> None:
    texts = thread(story, most)
    assert len(texts) <= most
    assert all(length(text, SKY) <= 300 for text in texts)
    if len(texts) > 1:
        assert [re.split(r"\n\n", text)[-1] for text in texts] == [
            f"{n}/{len(texts)}" for n in range(1, len(texts) + 1)
        ]
        assert story.tellings["en"].title in texts[0]


@pytest.mark.parametrize(
    ("limits", "most"), [(replace(SKY, threads=False), 4), (SKY, 1), (replace(SKY, text=3000, text_bytes=None), 4)]
)
def test_one_part_stays_where_there_are_no_threads_or_no_need_for_one(limits: Limits, most: int) -> None:
    single = composed(PRACTICE, "bluesky", config=PLAIN, limits=limits).text
    assert thread(PRACTICE, most, limits) == [single]
    assert "1/" not in single


def test_the_deadline_and_those_involved_stand_with_the_link() -> None:
    long = UPDATE.tellings["en"].model_copy(update={"body": "More can be said about it than fits here. " * 8})
    story = UPDATE.model_copy(update={"tellings": {"en": long}, "mentions": ("castilla-y-leon",)})
    assert thread(story)[-1].endswith(
        "Deadline: Friday 29 May 2026, 12:00\n\n"
        "With: Castilla y León\n\n"
        "Read more: https://example.org/update\n\n"
        "#EmiliaRomagna #AutomotiveSkills #SkillsIntelligence #MoravianSilesianRegion\n\n"
        f"{len(thread(story))}/{len(thread(story))}"
    )


def test_bytes_bound_a_part_where_the_platform_counts_them() -> None:
    story = a_content(Kind.UPDATE, Telling(title="Умения", summary="Регионите учат заедно. " * 12, body="Край. " * 9))
    tight = replace(SKY, text_bytes=320)
    texts = thread(story, 10, tight)
    assert len(texts) > len(thread(story, 10))
    assert all(len(text.encode()) <= 320 for text in texts)


def test_a_quote_is_never_split() -> None:
    quote = "Skills travel faster than cars. " * 7
    telling = QUOTE.tellings["en"]
    assert telling.quote is not None
    told = telling.model_copy(update={"quote": telling.quote.model_copy(update={"text": quote.strip()})})
    texts = thread(QUOTE.model_copy(update={"tellings": {"en": told}}))
    assert sum(f"“{quote.strip()}”\n– Regional Government of Castilla y León" in text for text in texts) == 1


def test_when_where_and_until_when_of_an_event_stand_together() -> None:
    long = EVENT.tellings["en"].model_copy(update={"body": "More can be said about it than fits here. " * 5})
    texts = thread(EVENT.model_copy(update={"tellings": {"en": long}}))
    assert len(texts) > 2
    assert sum("When: " in text and "Where: " in text and "Register by: " in text for text in texts) == 1


OWN = (
    '{% call part("title") %}{{ story.title }}{% endcall %}'
    '{% call part("text", goes=5, shorten=true) %}{{ story.body }}{% endcall %}'
    '{% call part("price") %}Free of charge{% endcall %}'
    '{% call part("link") %}{{ link }}{% endcall %}'
    '{% call part("project") %}{{ project.name }}{% endcall %}'
)


def test_in_a_teams_own_template_the_end_begins_with_the_link_or_where_it_says(tmp_path: Path) -> None:
    body = "The link https://example.org/modules?lang=en is told. " + "More can be said about it than fits here. " * 7
    story = COURSE.model_copy(
        update={"tellings": {"en": COURSE.tellings["en"].model_copy(update={"body": body.strip()})}}
    )
    config = replace(own_templates(tmp_path, _default__course=OWN), campaign=PLAIN.campaign)
    assert thread(story, 3, config=config)[-1].endswith(
        "Free of charge\n\nhttps://example.org/modules?lang=en\n\nALBATTS\n\n2/2"
    )
    told = OWN.replace('{% call part("price")', '{{ at_end() }}{% call part("price")')
    earlier = replace(own_templates(tmp_path / "other", _default__course=told), campaign=PLAIN.campaign)
    tight = replace(SKY, text=80)
    assert thread(story, 10, tight, config=earlier)[-1].startswith("Free of charge\n\nhttps://example.org/")
