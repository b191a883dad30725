"""LinkedIn's way to write a text, held against the service's own way to read it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.fit import as_read
from campaign.platforms.linkedin.littletext import escape, unescape
from campaign.rehearsal.services.linkedin.rules import shown

PIECES = st.sampled_from(
    [
        *"|{}@[]()<>#\\*_~ \nab1ß🔋＃",
        "https://example.org/a_b(c)?x=[1]#top",
        "#Skills",
        "#a_b",
        "＃Tag",
        "@[A (Name)](urn:li:organization:1)",
        "@[A Name](https://example.org)",
        "{hashtag|\\#|Tag}",
        "\\#",
    ]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES).map("".join))


@given(TEXTS)
def test_what_was_escaped_comes_back_as_it_was(text: str) -> None:
    assert unescape(escape(text)) == text


@given(TEXTS)
def test_readers_see_all_of_it_and_nothing_else(text: str) -> None:
    assert shown(escape(text)) == as_read(text)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Plain words, šťastný 🔋.", "Plain words, šťastný 🔋."),
        (r"|{}@[]()<>#\*_~", r"\|\{\}\@\[\]\(\)\<\>\#\\\*\_\~"),
        ("See https://a.org/x_(y)~z.", r"See https://a.org/x\_\(y\)\~z."),
        ("#Skills, #20 #a_b C#", r"{hashtag|\#|Skills}, \#20 \#a\_b C\#"),
        ("With @[Moravia (MSK)](urn:li:organization:7)!", r"With @[Moravia \(MSK\)](urn:li:organization:7)!"),
        ("@asa and @[A](urn:li:share:1)", r"\@asa and \@\[A\]\(urn:li:share:1\)"),
        ("{hashtag|\\#|Tag}", r"\{hashtag\|\\\#\|Tag\}"),
    ],
)
def test_what_means_something_there_is_escaped_unless_it_is_meant(text: str, written: str) -> None:
    assert escape(text) == written


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (r"{hashtag|\#|Tag} {hashtag|#|Tag}", "#Tag #Tag"),
        ("#Tag as it is", "#Tag as it is"),
        (r"by @[A \(B\)](urn:li:person:x-1)", "by @[A (B)](urn:li:person:x-1)"),
        ("an end\\", "an end\\"),
    ],
)
def test_a_text_is_read_however_linkedin_writes_it(written: str, text: str) -> None:
    assert unescape(written) == text
