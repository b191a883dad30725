"""The words on a card, in the language of the post; and which design a story gets."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from telling import COURSE, EVENT, MILESTONE, PRACTICE, PROFILE, QUOTE, STORIES, UPDATE, VISIT, a_config

from campaign.render.fields import card_fields, steps_of
from campaign.render.rendering import design_of
from campaign.render.words import as_number, number, words_in
from campaign.story import Content, Figure, Milestone, Occasion, Photo, Profile

PHOTO = Photo(sha256="0" * 64, width=1, height=1, file="a.jpg", credit="MSIC", consent="yes")


def words_of(content: Content, language: str = "en", **changes: Any) -> dict[str, str]:
    """Return the words on the card of a story whose telling is changed."""
    telling = content.tellings[content.language].model_copy(update=changes)
    return card_fields(a_config(), content, language, telling)


def figures(*given: tuple[str, str, int]) -> Profile:
    """Return figures of (value, unit, year)."""
    made = [Figure(label=f"F{n}", value=v, unit=u, year=y, source="ACEA") for n, (v, u, y) in enumerate(given)]
    return Profile(figures=tuple(made))


def test_the_words_of_an_events_card_are_in_the_language_of_the_post() -> None:
    fields = card_fields(a_config(), EVENT, "cs", EVENT.tellings["en"], PHOTO)
    assert fields == {
        "region": "Moravskoslezský kraj",
        "kind_label": "Akce",
        "title": "Skills for the battery value chain: a workshop for regions",
        "summary": EVENT.tellings["en"].summary,
        "credit": "Foto: MSIC",
        "place": "Trojhalí Karolina, Ostrava a\u00a0online",
        "when": "úterý 9. června 2026, 10:00–16:30 (místní čas, Praha)",
        "badge_day": "9",
        "badge_month": "čvn",
    }


@pytest.mark.parametrize(
    ("starts", "ends", "day"),
    [
        ((2026, 9, 22), (2026, 9, 24), "22–24"),
        ((2026, 9, 22), (2026, 9, 22), "22"),
        ((2026, 9, 29), (2026, 10, 1), "29"),
        ((2026, 9, 22), (2027, 9, 23), "22"),
    ],
)
def test_the_badge_shows_several_days_of_one_month(starts: tuple, ends: tuple, day: str) -> None:
    occasion = Occasion(starts=datetime(*starts, 8, tzinfo=UTC), ends=datetime(*ends, 15, tzinfo=UTC))
    assert words_of(VISIT, occasion=occasion)["badge_day"] == day


def test_a_quotes_card_has_its_words_to_the_letter_and_no_date() -> None:
    fields = words_of(QUOTE, "es")
    quote = QUOTE.tellings["en"].quote
    assert quote is not None
    assert (fields["quote"], fields["organisation"]) == (quote.text, quote.organisation)
    assert (fields["kind_label"], fields["credit"]) == ("Cita", "")
    assert not {"badge_day", "place", "value_1", "fact_1"} & set(fields)


def test_facts_of_a_course_are_numbered_without_gaps_and_in_the_language_of_the_post() -> None:
    course = COURSE.tellings["en"].course
    assert course is not None

    fields = words_of(COURSE, "cs", course=course.model_copy(update={"duration": ""}))

    facts = {name: text for name, text in fields.items() if name.startswith("fact")}
    assert facts == {
        "fact_label_1": "Cena",
        "fact_1": "zdarma",
        "fact_label_2": "Jazyk výuky",
        "fact_2": "čeština a\u00a0angličtina",
        "fact_label_3": "Poskytovatel",
        "fact_3": "MSIC",
    }


def test_figures_of_one_source_name_it_once_and_others_each_their_own() -> None:
    shared = words_of(PROFILE, profile=figures(("20", "%", 2023), ("38", "TWh", 2023)))
    apart = words_of(PROFILE, profile=figures(("20", "%", 2023), ("38", "people", 2024)))

    assert (shared["sources"], shared["note_1"], shared["note_2"]) == ("Source: ACEA, 2023", "", "")
    assert (apart["sources"], apart["note_1"], apart["note_2"]) == ("", "ACEA, 2023", "ACEA, 2024")
    assert (shared["value_1"], shared["value_2"], shared["unit_2"]) == ("20 %", "38 TWh", "")
    assert (apart["value_2"], apart["unit_2"], apart["label_2"]) == ("38", "people", "F1")


@pytest.mark.parametrize(
    ("given", "shares"),
    [
        ((("40", "%", 2023), ("10", "%", 2023), ("5", "%", 2023)), ["1.0000", "0.2500", "0.1250"]),
        ((("12 000", "cars", 2023), ("48000", "cars", 2023), ("1,5", "cars", 2023)), ["0.2500", "1.0000", "0.0000"]),
        ((("40", "%", 2023), ("10", "people", 2023), ("5", "%", 2023)), ["", "", ""]),
        ((("about 40", "%", 2023), ("10", "%", 2023), ("5", "%", 2023)), ["", "", ""]),
        ((("40", "%", 2023), ("0", "%", 2023), ("5", "%", 2023)), ["", "", ""]),
        ((("40", "%", 2023), ("10", "%", 2023)), ["", ""]),
    ],
)
def test_only_three_and_more_numbers_of_one_unit_become_bars(given: tuple, shares: list[str]) -> None:
    fields = words_of(PROFILE, profile=figures(*given))
    assert [fields[f"share_{n}"] for n in range(1, len(given) + 1)] == shares


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("12 480", 12480.0),
        ("1,5", 1.5),
        ("1.25", 1.25),
        ("35000", 35000.0),
        ("1,200", None),
        ("12 48", None),
        ("", None),
    ],
)
def test_a_number_is_read_only_where_there_is_no_doubt(text: str, known: float | None) -> None:
    assert as_number(text) == known


@pytest.mark.parametrize(
    ("language", "text", "shown"),
    [
        ("en", "35000", "35,000"),
        ("cs", "1234567", "1\u00a0234\u00a0567"),
        ("de", "35000", "35.000"),
        ("es", "2400", "2400"),
        ("en", "20 000", "20 000"),
        ("en", "about 9", "about 9"),
    ],
)
def test_long_numbers_are_grouped_as_the_language_writes_them(language: str, text: str, shown: str) -> None:
    assert number(text, words_in(a_config(), language)) == shown


def test_the_pages_of_a_practice_go_from_the_challenge_to_whom_to_ask() -> None:
    telling = PRACTICE.tellings["en"]
    practice = telling.practice
    assert practice is not None
    short = telling.model_copy(update={"practice": practice.model_copy(update={"partners": ""})})

    said = words_in(a_config(), "fr")

    assert [step["step_label"] for step in steps_of(short, said)] == [
        "Le défi",
        "La démarche",
        "Les résultats",
        "Contact",
    ]
    assert steps_of(short, said)[0]["step"] == practice.challenge
    assert steps_of(UPDATE.tellings["en"], said) == ()


@pytest.mark.parametrize(
    ("content", "design"),
    list(
        zip(
            STORIES,
            ("plain", "plain", "profile", "quote", "event", "event", "course", "number"),
            strict=True,
        )
    ),
)
def test_each_kind_has_its_design(content: Content, design: str) -> None:
    assert design_of(content, content.tellings["en"], has_photo=False) == design


def test_what_a_story_has_decides_between_designs() -> None:
    two = Milestone(figures=figures(("1", "", 2023), ("2", "", 2023)).figures)
    many, none = MILESTONE.tellings["en"].model_copy(update={"milestone": two}), PROFILE.tellings["en"]

    assert design_of(MILESTONE, many, has_photo=True) == "milestone"
    assert design_of(PROFILE, none.model_copy(update={"profile": Profile()}), has_photo=True) == "photo"
    assert design_of(UPDATE, UPDATE.tellings["en"], has_photo=True) == "photo"
