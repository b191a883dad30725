"""Bodies come in Markdown, posts are plain; quotations keep their letters."""

from __future__ import annotations

import pytest

from campaign.render.plain import plain, tidy
from campaign.render.words import in_quotes

GUILLEMETS = {"quote_open": "«", "quote_close": "»"}


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("# What we did\n\nWe **trained** and *tested* it.", "What we did\n\nWe trained and tested it."),
        ("One line\nand the next", "One line and the next"),
        ("- one\n- two\n* three", "– one\n– two\n– three"),
        ("1. one\n2. two", "1. one\n2. two"),
        ("See [the modules](https://example.org/a_b_c).", "See the modules (https://example.org/a_b_c)."),
        ("See <https://example.org/a_b> now", "See https://example.org/a_b now"),
        ("![A bench](bench.jpg)\nText", "Text"),
        ("> quoted\n> words", "quoted words"),
        ("A\n\n---\n\nB", "A\n\nB"),
        ("`code` and\n```\nfence\n```", "code and fence"),
        ("#Skills is a tag", "#Skills is a tag"),
        ("2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name"),
        (r"5 \* 3 \# no", "5 * 3 # no"),
        ("__bold__ and _fine_", "bold and fine"),
    ],
)
def test_markdown_becomes_plain_text(markdown: str, text: str) -> None:
    assert plain(markdown) == text


def test_tidy_composes_letters_and_takes_loose_space_away() -> None:
    assert tidy("  R\u030ceka  \n\n\n\nb \r\n") == "Řeka\n\nb"


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("Words", "«Words»"),
        ("“Words”", "«Words»"),
        ('"Words"', "«Words»"),
        ("“One” and “two”", "«“One” and “two”»"),
        ("We say “skills”", "«We say “skills”»"),
        ("„", "«„»"),
    ],
)
def test_a_quote_stands_in_one_pair_of_quotation_marks(quote: str, text: str) -> None:
    assert in_quotes(quote, GUILLEMETS) == text
