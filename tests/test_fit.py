"""Counting as each platform counts, and shortening that never cuts what must stay whole."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaign.errors import RenderError
from campaign.fit import Block, Span, Unit, as_read, count, fit, length, shorten, spans, tags

FAMILY = "👨‍👩‍👧‍👦"
UNITS: tuple[Unit, ...] = ("characters", "graphemes", "utf16", "bytes", "emoji-bytes", "x-weighted")


@pytest.mark.parametrize(
    ("text", "unit", "length"),
    [
        ("Řeřicha", "characters", 7),
        (
            "R\u030cer\u030cicha",
            "characters",
            7,
        ),  # the same word, decomposed: é counts as one sign however it is stored
        ("Řeřicha", "bytes", 9),
        (FAMILY, "characters", 7),
        (FAMILY, "graphemes", 1),
        (FAMILY, "utf16", 11),
        (FAMILY, "bytes", 25),
        ("नमस्ते", "graphemes", 3),
        ("Αυτοκίνητο", "x-weighted", 10),
        ("автомобил", "x-weighted", 9),
        ("“a” – b", "x-weighted", 7),
        ("… € → ™", "x-weighted", 11),
        ("自動車", "x-weighted", 6),
        (FAMILY, "x-weighted", 2),
        ("🇨🇿", "x-weighted", 2),
        ("👍🏽", "x-weighted", 2),
        ("1️⃣", "x-weighted", 2),
        ("© ®", "x-weighted", 3),
        ("1#*", "x-weighted", 3),
        ("“quoted” – and — ‘so’", "x-weighted", 21),
        ("…•€→™", "x-weighted", 10),
        ("자동차", "x-weighted", 6),
        ("\r\n", "x-weighted", 2),
        ("\n", "x-weighted", 1),
        ("❤️ ©️", "x-weighted", 5),
        ("1\ufe0f", "x-weighted", 3),  # no keycap without its frame
        ("👨‍👩‍👧", "x-weighted", 2),
        ("👩‍❤️‍💋‍👨", "x-weighted", 2),
        ("👩🏽‍🔬", "x-weighted", 2),
        ("🏃🏽‍♀️", "x-weighted", 2),
        ("🏳️‍🌈", "x-weighted", 2),
        ("🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", "x-weighted", 2),  # Scotland
        ("🐦‍🔥", "x-weighted", 5),  # younger than the library: bird, joiner, fire
        ("🧑‍🎄", "x-weighted", 5),
        ("🫶🏽", "x-weighted", 4),
        ("🚀", "emoji-bytes", 4),
        (f"{FAMILY}!", "emoji-bytes", 26),
        ("🇨🇿 👍🏽", "emoji-bytes", 17),
        ("1️⃣ #1", "emoji-bytes", 10),
        ("☀ ©", "emoji-bytes", 6),  # drawn as an emoji by some: never too low is what matters
        ("Řeřicha 自動車 é", "emoji-bytes", 13),
        ("नमस्ते", "emoji-bytes", 6),
    ],
)
def test_length_is_what_the_platform_counts(text: str, unit: Unit, length: int) -> None:
    assert count(text, unit) == length


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("https://example.org/" + "a" * 200, 23),
        ("See https://example.org.", 28),  # the full stop is the sentence's
        ("(https://example.org/a)", 25),
        ("(https://example.org/a_(b))", 25),
        ("example.org", 23),
        ("example.com", 23),
        ("ASP.NET", 23),
        ("Node.js", 7),
        ("report.pdf", 10),
        ("a@b.com", 7),
        ("www.example.org/a-page-with-a-long-name", 23),
        ("info@example.org", 16),
        ("john.smith@example.org", 22),
        ("#example.org", 12),
        ("http://localhost:8000/path/to/something", 39),
        ("http://localhost:8000", 21),
        ("http://192.168.0.1/x", 20),
        ("HTTPS://EXAMPLE.ORG/A", 23),
        ("https://EXAMPLE.ORG:8080/x?y=(z)!", 24),
        ("https://a.org https://b.org", 47),
        ("https://a.org/?next=b.org", 23),
        ("https://škoda.cz/vyroba", 23),
        ("škoda.cz", 24),  # without a scheme a domain is ASCII: here it begins at the k
        ("в example.com", 25),
        ("вexample.com", 24),
        ("seehttps://example.org/" + "a" * 20, 43),  # no link: it is glued to a word
        ("https://example.org/a{b}c", 27),  # X ends it before the brace
        ("https://example.org/caffè", 24),  # it may go on there; never too low is what matters
        ("https://intranet.local/" + "a" * 20, 43),  # no public domain
        ("a.photography", 23),  # X may know the top level
        ("https://пример.рф", 23),
        ("example.org.pdf", 38),
    ],
)
def test_x_counts_every_link_as_23(text: str, length: int) -> None:
    assert count(text, "x-weighted") == length
    assert count(text, "x-weighted", 23) == length


def test_links_count_as_the_platform_says_or_as_long_as_they_are() -> None:
    text = "More: https://example.org/modules?lang=en, thanks"
    assert count(text, "graphemes", 23) == 6 + 23 + 8
    assert count(text, "graphemes") == len(text)
    assert count("More: example.org", "graphemes", 23) == 17  # Mastodon shortens only what has a scheme


@dataclass(frozen=True)
class Bound:
    """A platform's limits of text."""

    text: int
    unit: Unit = "graphemes"
    text_bytes: int | None = None
    link_length: int | None = None


@pytest.mark.parametrize(
    ("text", "bounds", "taken"),
    [
        ("Řeřicha", Bound(300), 7),
        ("Řeřicha", Bound(300, text_bytes=3000), 7),
        (FAMILY * 120, Bound(300, text_bytes=3000), 300),  # 120 graphemes, 3,000 bytes
        (FAMILY * 120 + "a", Bound(300, text_bytes=3000), 301),  # one byte too many is one too many
        (FAMILY, Bound(10, text_bytes=20), 13),
        ("https://example.org/" + "a" * 80, Bound(300, text_bytes=3000, link_length=30), 30),
    ],
)
def test_a_text_takes_its_count_or_its_bytes_in_proportion_whichever_is_more(
    text: str, bounds: Bound, taken: int
) -> None:
    assert length(text, bounds) == taken


@given(st.text(max_size=60), st.integers(1, 40), st.integers(1, 80))
def test_a_text_fits_if_and_only_if_its_count_and_its_bytes_do(text: str, most: int, most_bytes: int) -> None:
    bounds = Bound(most, text_bytes=most_bytes)
    fits = count(text, "graphemes") <= most and count(text, "bytes") <= most_bytes
    assert (length(text, bounds) <= most) == fits


def test_what_may_not_be_cut_is_found() -> None:
    text = f"See https://a.org/x). #Café-bar @me@social.example, @[A Name](urn:li:organization:1) a@b.org {FAMILY} #20"
    found = [(span.kind, text[span.start : span.end]) for span in spans(text)]
    assert found == [
        ("link", "https://a.org/x"),
        ("tag", "#Café"),
        ("mention", "@me@social.example"),
        ("mention", "@[A Name](urn:li:organization:1)"),
        ("emoji", FAMILY),
    ]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("By @[A (Name)](urn:li:organization:1), #tag", "By A (Name), #tag"),
        ("@[A](urn:li:person:a-B_1)@[B](urn:li:organization:2)", "AB"),
        ("@[A](urn:li:share:1) @[B](https://b.org) @me", "@[A](urn:li:share:1) @[B](https://b.org) @me"),
        ("https://a.org/@[A](urn:li:organization:1)", "https://a.org/@[A](urn:li:organization:1)"),
    ],
)
def test_of_a_mention_with_its_address_readers_see_the_name_and_so_it_counts(text: str, seen: str) -> None:
    assert as_read(text) == seen
    assert count(text, "utf16") == count(seen, "utf16")


def test_a_tag_or_emoji_inside_a_link_is_part_of_the_link() -> None:
    assert spans("https://a.org/#top/👍") == (Span("link", 0, 20),)


def test_tags_are_named_without_their_sign() -> None:
    assert tags("Now: #CastillaYLeón, #Батерии and #2026") == ("CastillaYLeón", "Батерии")


@pytest.mark.parametrize(
    ("text", "limit", "shorter"),
    [
        ("Training for batteries", 22, "Training for batteries"),
        ("Training for batteries", 21, "Training for…"),
        ("Training, for batteries", 12, "Training…"),
        ("Training (for batteries)", 12, "Training…"),
        ("Training – for batteries", 12, "Training…"),
        ("It works. Andromeda", 14, "It works. …"),
        ("Look at #Skills now", 17, "Look at #Skills …"),
        ("Look at #Skills now", 16, "Look at…"),
        ("Ask @me@a.org, please do", 17, "Ask @me@a.org …"),
        ("See https://example.org/- and", 27, "See https://example.org/- …"),
        ("By @[A Long Name](urn:li:1) today", 15, "By…"),
        ("About 38\u00a0% more", 10, "About…"),  # a no-break space keeps number and unit together
        ("Kraftfahrzeugmechatroniker", 10, ""),
        ("Úžasná práce v Ostravě", 15, "Úžasná práce v…"),
        ("– Kraftfahrzeugmechatroniker", 5, ""),
        ("", 0, ""),
    ],
)
def test_shortening_falls_between_words(text: str, limit: int, shorter: str) -> None:
    assert shorten(text, limit, len) == shorter


def test_blocks_stand_as_their_joins_say_and_a_gap_left_by_one_is_no_narrower() -> None:
    blocks = [
        Block("title", "Title"),
        Block("date", "Tuesday", goes=2),
        Block("place", "Ostrava", goes=3, join="line"),
        Block("empty", "  ", join="line"),
        Block("tag", "#One", join="space"),
    ]
    assert fit(blocks, 99, len).text == "Title\n\nTuesday\nOstrava #One"
    assert fit(blocks, 20, len).text == "Title\n\nOstrava #One"


SUMMARY = "A summary of some length that may well be shortened by a few words"
STORY = [
    Block("title", "A title"),
    Block("summary", SUMMARY, goes=8, shorten=True),
    Block("details", "Details of it", goes=3),
    Block("link", "https://example.org"),
    Block("hashtags", "#First", goes=5),
    Block("hashtags", "#Second", goes=5, join="space"),
]


@pytest.mark.parametrize(
    ("limit", "text", "cut"),
    [
        (130, f"A title\n\n{SUMMARY}\n\nDetails of it\n\nhttps://example.org\n\n#First #Second", ()),
        (125, f"A title\n\n{SUMMARY}\n\nhttps://example.org\n\n#First #Second", ("details left out",)),
        (105, f"A title\n\n{SUMMARY}\n\nhttps://example.org\n\n#First", ("details left out", "some hashtags left out")),
        (
            80,
            "A title\n\nA summary of some length that may well be…\n\nhttps://example.org\n\n#First",
            ("summary shortened", "details left out", "some hashtags left out"),
        ),
        (50, "A title\n\nhttps://example.org\n\n#First #Second", ("summary left out", "details left out")),
        (28, "A title\n\nhttps://example.org", ("summary left out", "details left out", "hashtags left out")),
    ],
)
def test_what_goes_first_goes_first(limit: int, text: str, cut: tuple[str, ...]) -> None:
    fitted = fit(STORY, limit, len)
    assert (fitted.text, fitted.cut) == (text, cut)


def test_a_block_that_stays_is_shortened_only_when_nothing_else_helps() -> None:
    blocks = [
        Block("title", "A title of six words, really", shorten=True),
        Block("summary", "Summary", goes=1),
        Block("link", "https://example.org"),
    ]
    assert fit(blocks, 50, len).text == "A title of six words, really\n\nhttps://example.org"
    fitted = fit(blocks, 40, len)
    assert (fitted.text, fitted.cut) == (
        "A title of six…\n\nhttps://example.org",
        ("title shortened", "summary left out"),
    )


def test_what_cannot_be_made_to_fit_is_an_error_that_says_what_to_do() -> None:
    blocks = [
        Block("title", "Word", shorten=True),
        Block("link", "https://example.org"),
        Block("funder's statement", "F" * 30),
    ]
    with pytest.raises(RenderError) as error:
        fit(blocks, 50, len)
    assert str(error.value) == (
        "The text is too long: what must stay (title, link, funder's statement) takes 57, and there is room for 50.\n"
        "  Shorten it in the story, or name the channels that have room with `channels:` in the story."
    )


WORDS = st.sampled_from(
    [
        "region", "Castilla", "León,", "Řeřicha.", "e\u0301tude", "автомобил", "δεξιότητες", "自動車", "नमस्ते",
        "https://example.org/a?b=c#d", "(https://example.org/x_(y))", "https://example.org/a.", "example.org/b",
        "#Skills", "#CastillaYLeón,", "@msic@social.example", "@atec.", "@[A Name](urn:li:organization:1)", "a@b.org",
        FAMILY, "🇨🇿🇪🇺", "👍🏽!", "1️⃣", "“quoted”", "–", "(", "…", "38\u00a0%", "x" * 60,
    ]
)  # fmt: skip
SENTENCES = st.lists(WORDS, min_size=1, max_size=25).flatmap(
    lambda words: st.lists(
        st.sampled_from([" ", "  ", "\n", "\n\n", "\u00a0"]), min_size=len(words), max_size=len(words)
    ).map(lambda gaps: "".join(word + gap for word, gap in zip(words, gaps, strict=True)).strip())
)
COUNTS = st.sampled_from([partial(count, unit=unit, link_length=length) for unit in UNITS for length in (None, 23)])
BLOCKS = st.lists(
    st.builds(
        Block,
        st.sampled_from(["title", "summary", "hashtags"]),
        SENTENCES,
        st.integers(0, 9),
        st.booleans(),
        st.sampled_from(["space", "line", "paragraph"]),
    ),
    min_size=1,
    max_size=7,
)


@settings(deadline=None)
@given(SENTENCES | st.text(max_size=200), st.integers(0, 300), COUNTS)
def test_shortening_never_exceeds_the_limit_and_never_cuts_a_link_tag_mention_or_emoji(text, limit, length) -> None:  # type: ignore[no-untyped-def]
    shorter = shorten(text, limit, length)
    if length(text) <= limit:
        assert shorter == text
        return
    assert shorter == "" or length(shorter) <= limit
    kept = shorter.removesuffix("…").rstrip(" ")
    assert text.startswith(kept)
    whole = {(span.start, span.end) for span in spans(text)}
    assert all((span.start, span.end) in whole for span in spans(shorter))
    assert not any(start < len(kept) < end for start, end in whole)


@settings(deadline=None)
@given(BLOCKS, st.integers(0, 400), COUNTS)
def test_a_fitted_text_fits_and_keeps_whole_what_must_stay(blocks, limit, length) -> None:  # type: ignore[no-untyped-def]
    try:
        fitted = fit(blocks, limit, length)
    except RenderError:
        staying = [block for block in blocks if block.goes == 0]
        assert staying
        assert length(fit(staying, 10_000, length).text) > limit
        return
    assert length(fitted.text) <= limit
    assert all(block.text in fitted.text for block in blocks if block.goes == 0 and not block.shorten)
    whole = {block.text[span.start : span.end] for block in blocks for span in spans(block.text)}
    assert fitted.cut or fitted == fit(blocks, 100_000, length)
    assert {fitted.text[span.start : span.end] for span in spans(fitted.text)} <= whole


@settings(deadline=None)
@given(BLOCKS, COUNTS)
def test_what_fits_already_is_left_alone(blocks, length) -> None:  # type: ignore[no-untyped-def]
    whole = fit(blocks, 100_000, length)
    assert whole.cut == ()
    assert fit(blocks, length(whole.text), length) == whole
    assert fit([Block("all", whole.text, shorten=True)], length(whole.text), length).text == whole.text
