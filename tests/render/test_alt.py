"""What a picture says to those who do not see it."""

from __future__ import annotations

import pytest
from telling import EVENT, QUOTE, composed

from campaign.errors import RenderError
from campaign.render.alt import alt_text, bare_alt_text

SHOWS = "Trainees measure a battery cell at a workbench"
STATEMENT = "Co-funded by the European Union"


def test_words_that_the_text_has_are_not_said_twice() -> None:
    words = (
        "EVENT",
        "Moravia-Silesia",
        "Skills for the battery\nvalue chain: a workshop for regions",
        "9",
        "Jun",
        STATEMENT,
    )
    alt = alt_text(words, composed(EVENT).text, SHOWS, STATEMENT, 1000)
    assert alt == f"EVENT. {SHOWS}. {STATEMENT}."


def test_a_quote_that_the_text_left_out_is_told_whole() -> None:
    quote = QUOTE.tellings["en"].quote
    assert quote is not None
    alt = alt_text((f"“{quote.text}”", quote.organisation, "Castilla y León"), composed(QUOTE, "x").text, "", "", 1000)
    assert alt == f"“{quote.text}” Regional Government of Castilla y León."


@pytest.mark.parametrize(
    ("limit", "alt"),
    [
        (160, f"Good practice! 38 %. {SHOWS} and #Skills. {STATEMENT}.".replace("#", "")),
        (80, f"Good practice! 38 %. {STATEMENT}."),
        (102, f"Good practice! 38 %. {SHOWS}… {STATEMENT}."),
        (50, f"{STATEMENT}."),
    ],
)
def test_alt_text_keeps_to_the_limit_and_the_statement_stays(limit: int, alt: str) -> None:
    assert alt_text(("Good practice!", "38 %", "38 %", ""), "Text", f"{SHOWS} and #Skills", STATEMENT, limit) == alt


def test_two_funders_are_two_sentences() -> None:
    assert (
        alt_text((), "", "", f"{STATEMENT}\nSupported by the region", 1000) == f"{STATEMENT}. Supported by the region."
    )


def test_a_limit_below_the_statement_is_an_error() -> None:
    with pytest.raises(RenderError, match="funder's statement"):
        alt_text((), "", "", STATEMENT, 10)


@pytest.mark.parametrize(
    ("shows", "limit", "alt"),
    [
        (SHOWS, 1000, f"{SHOWS}."),
        ("Who knows?", 1000, "Who knows?"),
        ("A bench.\nA cell.", 1000, "A bench. A cell."),
        (SHOWS, 30, "Trainees measure a battery."),
        ("Trainees measure. And more", 20, "Trainees measure."),
        ("", 1000, ""),
        (SHOWS, 3, ""),
    ],
)
def test_a_bare_photo_is_described_in_the_regions_words(shows: str, limit: int, alt: str) -> None:
    assert bare_alt_text(shows, limit) == alt
    assert len(alt) <= limit
