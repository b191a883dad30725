"""What platforms make of a text, and what may not be cut in it: links, mentions, tags, emoji."""

from __future__ import annotations

from typing import Literal, NamedTuple

import regex

SpanKind = Literal["link", "mention", "tag", "emoji"]

EMOJI = regex.compile(r"\p{Emoji_Presentation}|\p{RI}{2}|\p{Emoji}\uFE0F")
# Addresses with a scheme; what a sentence puts behind one is taken off by `link_end`.
_LINK = regex.compile(r"https?://(?=[^/?#\s])[^\s<>\"“”„«»…]+", regex.IGNORECASE)
_MENTION = regex.compile(r"@\[[^\]\n]+\]\([^)\s]+\)|(?<![\w@/.])@\w(?:[\w.-]*\w)?(?:@\w(?:[\w.-]*\w)?)?")
_BY_ADDRESS = regex.compile(r"@\[([^\]\n]+)\]\(urn:li:(?:organization|person):[\w-]+\)")
_TAG = regex.compile(r"(?<![\w&/#])[#＃]\w*[^\W\d_]\w*")


class Span(NamedTuple):
    """A piece of a text that may not be cut: `text[start:end]`."""

    kind: SpanKind
    start: int
    end: int


def spans(text: str) -> tuple[Span, ...]:
    """Return the links, mentions, tags and emoji of `text` in order; none overlaps another, and links come first."""
    apart = [Span("link", start, end) for start, end in links(text)]
    found = [Span("mention", *match.span()) for match in _MENTION.finditer(text)]
    found += [Span("tag", *match.span()) for match in _TAG.finditer(text)]
    found += [Span("emoji", *match.span()) for match in regex.finditer(r"\X", text) if EMOJI.search(match.group())]
    for span in sorted(found, key=lambda span: (span.start, -span.end)):
        if not any(span.start < other.end and other.start < span.end for other in apart):
            apart.append(span)
    return tuple(sorted(apart, key=lambda span: span.start))


def as_read(text: str) -> str:
    """Return a text as its readers see it: of a mention that is written with its address on LinkedIn, only the name."""
    if "](urn:li:" not in text:
        return text
    pieces, end = [], 0
    for span in spans(text):
        by_address = _BY_ADDRESS.fullmatch(text, span.start, span.end)
        pieces += [text[end : span.start], by_address[1] if by_address else text[span.start : span.end]]
        end = span.end
    return "".join([*pieces, text[end:]])


def tags(text: str) -> tuple[str, ...]:
    """Return the hashtags of `text` without their sign, in order."""
    return tuple(text[span.start + 1 : span.end] for span in spans(text) if span.kind == "tag")


def links(text: str) -> list[tuple[int, int]]:
    """Return where the links with a scheme stand in `text`."""
    return [(match.start(), link_end(match)) for match in _LINK.finditer(text)]


def link_end(match: regex.Match[str]) -> int:
    """Return where a link ends: a sentence's own punctuation and an unopened bracket do not belong to it."""
    link = match.group()
    while link[-1] in ".,;:!?'’*" or (link[-1] == ")" and link.count(")") > link.count("(")):
        link = link[:-1]
    return int(match.start()) + len(link)
