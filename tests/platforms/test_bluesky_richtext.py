"""The text as readers see it, held against the bytes that facets name, by the rules of the app and of the servers."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign import fit
from campaign.platforms.bluesky.richtext import LINK_LENGTH, displayed, mentioned, rich

LONG = "https://automotive-skills-alliance.eu/modules/battery?utm_source=bluesky&utm_content=3fa2b1c0#top"
ACCOUNTS = {"atec.bsky.social": "did:plc:atec", "kraj.cz": "did:plc:kraj"}

# Hosts, handles and signs as stories have them, in any order and glued together in any way.
PIECES = st.sampled_from(
    [
        "https://example.org",
        "https://example.org/",
        "https://example.org/modules/battery?page=2&utm_source=bluesky&utm_medium=social",
        "http://www.příklad.cz/cesta/k/článku/který/má/dlouhý/název",
        "HTTPS://EXAMPLE.ORG/A_(B)",
        "https://a-host-whose-name-alone-is-longer-than-any-link-may-be-shown.example.org/x",
        "https:// ",
        "https:///nowhere ",
        "https://?utm_source=x ",
        f"({LONG}",
        "@atec.bsky.social",
        "@KRAJ.cz",
        "@nobody.example",
        "@someone",
        "@a@mastodon.social",
        "#MoraviaSilesia",
        "#Škoda",
        "＃電池",
        "#2026",
        "#नमस्ते",
        "#" + "a" * 70,
        "#" + "स्ते" * 60,
        "🔋",
        "👩🏽‍🔧",
        "🇨🇿",
        "नमस्ते",
        "Zoë",
        "e\u0301",
        "modules",
        "(",
        ")",
        ". ",
        "…",
        "“",
        ", ",
        "\n\n",
        " ",
        "\u00a0",
        "\u200d",
        "\ufe0f",
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=6).filter(lambda text: text.isprintable()), max_size=24).map(
    lambda pieces: unicodedata.normalize("NFC", "".join(pieces))  # as render makes them
)


def pieces_of(text: str) -> tuple[str, list[tuple[str, dict[str, Any]]]]:
    """Return the shown text and, for each facet, its words and where they lead."""
    shown, facets = rich(text, ACCOUNTS)
    return shown, [(words(shown, facet), facet["features"][0]) for facet in facets]


def words(shown: str, facet: dict[str, Any]) -> str:
    index = facet["index"]
    return shown.encode()[index["byteStart"] : index["byteEnd"]].decode()


@given(TEXTS)
def test_every_facet_names_the_bytes_of_its_words_and_none_overlaps_another(text: str) -> None:
    shown, facets = rich(text, ACCOUNTS)
    end = 0
    for facet in facets:
        assert end <= facet["index"]["byteStart"] < facet["index"]["byteEnd"] <= len(shown.encode())
        end = facet["index"]["byteEnd"]
        [feature] = facet["features"]
        match feature["$type"].partition("#")[2]:
            case "link":
                assert words(shown, facet) == displayed(feature["uri"])
            case "tag":
                assert words(shown, facet)[1:] == feature["tag"]
            case "mention":
                assert ACCOUNTS[words(shown, facet)[1:].lower()] == feature["did"]
            case other:
                raise AssertionError(other)


@given(TEXTS)
def test_with_the_whole_links_back_in_their_places_it_is_the_approved_text(text: str) -> None:
    shown, facets = rich(text, ACCOUNTS)
    whole = shown.encode()
    for facet in reversed(facets):
        if uri := facet["features"][0].get("uri"):
            whole = whole[: facet["index"]["byteStart"]] + uri.encode() + whole[facet["index"]["byteEnd"] :]
    assert whole.decode() == text


@given(TEXTS)
def test_a_text_that_was_counted_as_short_enough_is_short_enough(text: str) -> None:
    shown, _ = rich(text, ACCOUNTS)
    assert fit.count(shown, "graphemes") <= fit.count(text, "graphemes", LINK_LENGTH)


@given(TEXTS)
def test_what_servers_check_of_a_facet_is_kept(text: str) -> None:
    """https://github.com/bluesky-social/atproto: lexicons/app/bsky/richtext/facet.json, packages/syntax/src/uri.ts"""
    for _, feature in pieces_of(text)[1]:
        if uri := feature.get("uri"):
            rest = uri.partition(":")[2].removeprefix("//")
            assert rest
            assert not rest.startswith("/")
            assert not any(map(str.isspace, uri))
        if tag := feature.get("tag"):
            assert fit.count(tag, "graphemes") <= 64
            assert len(tag.encode()) <= 640


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.org", "example.org"),
        ("https://example.org/", "example.org"),
        ("http://example.org/r", "example.org/r"),
        ("HTTPS://Example.org/R", "Example.org/R"),
        ("https://example.org/r?utm_source=bluesky&utm_content=3fa2b1c0", "example.org/r"),
        ("https://example.org/?utm_source=bluesky#top", "example.org"),
        ("https://example.org/r?page=2&utm_source=bluesky", "example.org/r?page=2"),
        ("https://example.org/exactly/32/graphemes", "example.org/exactly/32/graphemes"),
        ("https://example.org/exactly/33/graphemes/", "example.org/exactly/33/graphemes"),
        ("https://example.org/more/than/32/graphemes", "example.org/more/than/32/graphe…"),
        (LONG, "automotive-skills-alliance.eu/m…"),
        ("https://a-host-with-exactly-30.example/x/", "a-host-with-exactly-30.example/x"),
        ("https://a-host-with-exactly-30.example/xyz", "a-host-with-exactly-30.example/…"),
        ("https://a-host-with-exactly-31..example/xyz", "a-host-with-exactly-31..example"),
        ("https://a-host-with-exactly-32...example?xyz", "a-host-with-exactly-32...example"),
        ("https://a-host-with-more-than-32-signs.example/xyz", "a-host-with-more-than-32-signs.…"),
        ("https://example.org/नमस्तेनमस्तेनमस्तेनमस्तेनमस्तेनमस्तेनमस्ते", "example.org/नमस्तेनमस्तेनमस्तेनमस्तेनमस्तेनमस्तेन…"),
    ],
)
def test_a_link_is_shown_without_what_readers_do_not_need_and_cut_behind_its_host(url: str, shown: str) -> None:
    assert displayed(url) == shown
    assert fit.count(shown, "graphemes") <= LINK_LENGTH


@pytest.mark.parametrize(
    ("text", "shown", "facets"),
    [
        ("No links here, nor user@example.org.", "No links here, nor user@example.org.", []),
        (
            "Zpráva je venku: https://example.org/r?utm_source=bluesky. #OpenData",
            "Zpráva je venku: example.org/r. #OpenData",
            [("example.org/r", "https://example.org/r?utm_source=bluesky"), ("#OpenData", "OpenData")],
        ),
        (
            "🔋 (https://example.org/r) by @atec.bsky.social, @Kraj.cz and @nobody.example",
            "🔋 (example.org/r) by @atec.bsky.social, @Kraj.cz and @nobody.example",
            [
                ("example.org/r", "https://example.org/r"),
                ("@atec.bsky.social", "did:plc:atec"),
                ("@Kraj.cz", "did:plc:kraj"),
            ],
        ),
        ("https:// and https:///nowhere are none", "https:// and https:///nowhere are none", []),
        ("#" + "a" * 65, "#" + "a" * 65, []),
        ("#" + "a" * 64, "#" + "a" * 64, [("#" + "a" * 64, "a" * 64)]),
    ],
)
def test_links_mentions_and_tags_lead_somewhere(text: str, shown: str, facets: list[tuple[str, str]]) -> None:
    found, led = pieces_of(text)
    assert found == shown
    assert [(piece, where.get("uri") or where.get("tag") or where["did"]) for piece, where in led] == facets


def test_handles_are_found_once_each_and_only_where_they_can_be_some() -> None:
    text = (
        "@Atec.bsky.social (@kraj.cz), @atec.bsky.social; @someone, @a@b.social, x@kraj.cz, @[Kraj](urn:li:1), @a_b.cz"
    )
    assert mentioned(text) == ("atec.bsky.social", "kraj.cz")
