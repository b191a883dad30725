"""How long a text is for a platform, and how it becomes shorter. Pure.

Nothing here knows a template or a story: blocks of text come in; one text that fits goes out, and what gave way.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, NamedTuple

import regex

from campaign.errors import RenderError

Unit = Literal["characters", "graphemes", "utf16", "bytes", "x-weighted"]  # as in platforms/base.py
Join = Literal["space", "line", "paragraph"]
SpanKind = Literal["link", "mention", "tag", "emoji"]

GLUE: dict[Join, str] = {"space": " ", "line": "\n", "paragraph": "\n\n"}
ELLIPSIS = "…"
WORTH_KEEPING = 40  # characters: less than this of a shortened block says nothing, so the block is left out
X_LINK = 23  # https://docs.x.com/fundamentals/counting-characters

_EMOJI = regex.compile(r"\p{Emoji_Presentation}|\p{RI}{2}|\p{Emoji}\uFE0F")
# Addresses with a scheme; what a sentence puts behind one is taken off by `_link_end`.
_LINK = regex.compile(r"https?://[^\s<>\"“”„«»…]+", regex.IGNORECASE)
# X also links what merely looks like a domain (`example.org/a`), but not e-mail addresses.
_BARE_LINK = regex.compile(r"(?<![\w@./-])(?:[a-z0-9-]+\.)+[a-z]{2,}\b(?![@-])(?:/[^\s<>\"“”„«»…]*)?", regex.IGNORECASE)
_PUBLIC_HOST = regex.compile(r"https?://[^/?#:]+\.[^\W\d_]{2,}(?=[/?#:]|$)", regex.IGNORECASE)
_MENTION = regex.compile(r"@\[[^\]\n]+\]\([^)\s]+\)|(?<![\w@/.])@\w(?:[\w.-]*\w)?(?:@\w(?:[\w.-]*\w)?)?")
_TAG = regex.compile(r"(?<![\w&/#])[#＃]\w*[^\W\d_]\w*")
_WORD_END = regex.compile(r"(?<=\S)(?=[^\S\u00A0\u2007\u202F])")  # spaces that may break; NBSP and its kin may not
_LOOSE_END = regex.compile(r"[\s,;:–—(\[-]+$")  # what does not stand before an ellipsis


class Span(NamedTuple):
    """A piece of a text that may not be cut: `text[start:end]`."""

    kind: SpanKind
    start: int
    end: int


@dataclass(frozen=True)
class Block:
    """A piece of a post's text.

    `goes` says how soon it may go: 1 first, 9 last, 0 never. `shorten` says that a part of it is better than nothing;
    with `goes` 0 it is shortened when nothing else helps. `join` is how it stands behind the block before it.
    """

    name: str  # in plain language: an officer reads it when the block was cut
    text: str
    goes: int = 0
    shorten: bool = False
    join: Join = "paragraph"


@dataclass(frozen=True)
class Fitted:
    """A text that fits, and in plain language what had to give way for it."""

    text: str
    cut: tuple[str, ...] = ()


def count(text: str, unit: Unit, link_length: int | None = None) -> int:
    """Return the length of `text` in `unit`, every link counted as `link_length` when that is given.

    "x-weighted" is twitter-text's configuration version 3 (https://docs.x.com/fundamentals/counting-characters):
    a link is 23, an emoji 2, a character outside a few ranges 2, any other 1. What X may or may not take for a domain
    (`example.org`, `Node.js`) counts as the longer of the two, so that the count is never too low.
    """
    text = unicodedata.normalize("NFC", text)
    measure = _MEASURES[unit]
    if unit == "x-weighted":
        link_length = X_LINK if link_length is None else link_length
        links = _x_links(text, link_length)
    elif link_length is not None:
        links = [(start, end, link_length) for start, end in _links(text)]
    else:
        return measure(text)
    total = position = 0
    for start, end, length in links:
        total += measure(text[position:start]) + length
        position = end
    return total + measure(text[position:])


def spans(text: str) -> tuple[Span, ...]:
    """Return the links, mentions, tags and emoji of `text` in order; none overlaps another."""
    found = [Span("link", start, end) for start, end in _links(text)]
    found += [Span("mention", *match.span()) for match in _MENTION.finditer(text)]
    found += [Span("tag", *match.span()) for match in _TAG.finditer(text)]
    found += [Span("emoji", *match.span()) for match in regex.finditer(r"\X", text) if _EMOJI.search(match.group())]
    apart: list[Span] = []
    for span in sorted(found, key=lambda span: (span.start, -span.end)):
        if not apart or span.start >= apart[-1].end:
            apart.append(span)
    return tuple(apart)


def tags(text: str) -> tuple[str, ...]:
    """Return the hashtags of `text` without their sign, in order."""
    return tuple(text[span.start + 1 : span.end] for span in spans(text) if span.kind == "tag")


def shorten(text: str, limit: int, count: Callable[[str], int]) -> str:
    """Return `text`, or as many of its first words as fit within `limit` with an ellipsis, or nothing.

    A cut falls between two words and never inside a link, a tag, a mention or an emoji.
    """
    if count(text) <= limit:
        return text
    pieces = spans(text)
    ends = [match.start() for match in _WORD_END.finditer(text)]
    ends = [end for end in ends if not any(piece.start < end < piece.end for piece in pieces)]

    def cut(end: int) -> str:
        last = max((piece.end for piece in pieces if piece.end <= end), default=0)
        loose = _LOOSE_END.search(text, last, end)
        kept = text[: loose.start() if loose else end]
        # An ellipsis set straight behind a link would become a part of it; behind a full stop it looks like a slip.
        apart = len(kept) == last or kept.endswith((".", "!", "?"))
        return f"{kept} {ELLIPSIS}" if apart else f"{kept}{ELLIPSIS}"

    # Longer cuts count more, so the place is found by halving; the step down is for counts with a dent in them.
    place = bisect_right(ends, limit, key=lambda end: count(cut(end)))
    for end in reversed(ends[:place]):
        shorter = cut(end)
        if count(shorter) <= limit and shorter.strip(f" {ELLIPSIS}"):
            return shorter
    return ""


def fit(blocks: Sequence[Block], limit: int, count: Callable[[str], int]) -> Fitted:
    """Join `blocks` in their order and make the whole fit within `limit`, as measured by `count`.

    Blocks that never go are set first. The others follow from the last to go to the first to go, each whole if there is
    room, else shortened if it may be, else left out; of equal ones the earlier comes first.

    Raises:
        RenderError: what may not go is already too long.
    """
    blocks = [block for block in blocks if block.text.strip()]
    texts = {place: block.text for place, block in enumerate(blocks) if block.goes == 0}

    def length_with(place: int, text: str) -> int:
        return count(_joined(blocks, {**texts, place: text}))

    if count(_joined(blocks, texts)) > limit:
        place, shorter = _shortened_staying(blocks, limit, length_with)
        texts[place] = shorter
    for _, place in sorted((-block.goes, place) for place, block in enumerate(blocks) if block.goes):
        block = blocks[place]
        if length_with(place, block.text) <= limit:
            texts[place] = block.text
        elif block.shorten:
            shorter = shorten(block.text, limit, partial(length_with, place))
            if len(shorter) >= WORTH_KEEPING:
                texts[place] = shorter
    return Fitted(_joined(blocks, texts), _cut(blocks, texts))


def _shortened_staying(blocks: Sequence[Block], limit: int, length_with: Callable[[int, str], int]) -> tuple[int, str]:
    """Return the last block that stays but need not stay whole, with as much of its text as there is room for."""
    staying = [(place, block) for place, block in enumerate(blocks) if block.goes == 0]
    for place, block in reversed(staying):
        if block.shorten and (shorter := shorten(block.text, limit, partial(length_with, place))):
            return place, shorter
    place, block = staying[0]
    names = ", ".join(dict.fromkeys(block.name for _, block in staying))
    length = length_with(place, block.text)
    raise RenderError(
        f"The text is too long: what must stay ({names}) takes {length}, and there is room for {limit}.",
        remedy="Shorten it in the story, or name the channels that have room with `channels:` in the story.",
    )


def _joined(blocks: Sequence[Block], texts: dict[int, str]) -> str:
    """Join the texts that are there; where blocks are missing between two, the widest gap among them stands."""
    widths: list[Join] = ["space", "line", "paragraph"]
    whole = ""
    gap = 0
    for place, block in enumerate(blocks):
        gap = max(gap, widths.index(block.join))
        if texts.get(place):
            whole += (GLUE[widths[gap]] if whole else "") + texts[place]
            gap = 0
    return whole


def _cut(blocks: Sequence[Block], texts: dict[int, str]) -> tuple[str, ...]:
    """Say what gave way. Blocks that share a name, such as hashtags, are named once."""
    there = {blocks[place].name for place in texts}
    told = []
    for place, block in enumerate(blocks):
        if place not in texts:
            told.append(f"some {block.name} left out" if block.name in there else f"{block.name} left out")
        elif texts[place] != block.text:
            told.append(f"{block.name} shortened")
    return tuple(dict.fromkeys(told))


def _links(text: str) -> list[tuple[int, int]]:
    return [(match.start(), _link_end(match)) for match in _LINK.finditer(text)]


def _link_end(match: regex.Match[str]) -> int:
    """Return where a link ends: a sentence's own punctuation and an unopened bracket do not belong to it."""
    link = match.group()
    while link[-1] in ".,;:!?'’*" or (link[-1] == ")" and link.count(")") > link.count("(")):
        link = link[:-1]
    return int(match.start()) + len(link)


def _x_links(text: str, link_length: int) -> list[tuple[int, int, int]]:
    links = [(start, end) for start, end in _links(text) if _PUBLIC_HOST.match(text[start:end])]
    found = [(start, end, link_length) for start, end in links]
    taken = _links(text)
    for match in _BARE_LINK.finditer(text):
        start, end = match.start(), _link_end(match)
        if not any(first <= start < last for first, last in taken):
            found.append((start, end, max(link_length, _x_weight(text[start:end]))))
    return sorted(found)


def _x_weight(text: str) -> int:
    return sum(2 if _EMOJI.search(piece) else sum(map(_x_character, piece)) for piece in regex.findall(r"\X", text))


def _x_character(character: str) -> int:
    code = ord(character)
    light = code <= 0x10FF or 0x2000 <= code <= 0x200D or 0x2010 <= code <= 0x201F or 0x2032 <= code <= 0x2037
    return 1 if light else 2


_MEASURES: dict[Unit, Callable[[str], int]] = {
    "characters": len,
    "graphemes": lambda text: len(regex.findall(r"\X", text)),
    "utf16": lambda text: len(text.encode("utf-16-le", "surrogatepass")) // 2,
    "bytes": lambda text: len(text.encode("utf-8", "surrogatepass")),
    "x-weighted": _x_weight,
}
