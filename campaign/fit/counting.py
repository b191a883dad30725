"""How long a text is for a platform."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Literal, Protocol

import regex

from campaign.fit.entities import EMOJI, link_end, links

Unit = Literal["characters", "graphemes", "utf16", "bytes", "emoji-bytes", "x-weighted"]  # as in platforms/base.py

X_LINK = 23  # https://docs.x.com/fundamentals/counting-characters

# X also links what merely looks like a domain (`example.org/a`), but not e-mail addresses.
_BARE_LINK = regex.compile(r"(?<![\w@./-])(?:[a-z0-9-]+\.)+[a-z]{2,}\b(?![@-])(?:/[^\s<>\"“”„«»…]*)?", regex.IGNORECASE)
_PUBLIC_HOST = regex.compile(r"https?://[^/?#:]+\.[^\W\d_]{2,}(?=[/?#:]|$)", regex.IGNORECASE)


class Bounds(Protocol):
    """How a platform bounds a text: those of `platforms.base.Limits` that this module needs."""

    @property
    def text(self) -> int:
        """The most, in `unit`."""

    @property
    def unit(self) -> Unit:
        """What is counted."""

    @property
    def text_bytes(self) -> int | None:
        """The most in bytes of UTF-8, where these are bounded too."""

    @property
    def link_length(self) -> int | None:
        """What any link counts as; None: its own length."""


def length(text: str, bounds: Bounds) -> int:
    """Return how much of `bounds.text` a text takes: its count, or its bytes in proportion where these are the tighter.

    So a text fits if and only if its length is at most `bounds.text`.
    """
    counted = count(text, bounds.unit, bounds.link_length)
    if bounds.text_bytes is None:
        return counted
    return max(counted, -(-count(text, "bytes") * bounds.text // bounds.text_bytes))


def count(text: str, unit: Unit, link_length: int | None = None) -> int:
    """Return the length of `text` in `unit`, every link counted as `link_length` when that is given.

    "x-weighted" is twitter-text's configuration version 3 (https://docs.x.com/fundamentals/counting-characters):
    a link is 23, an emoji 2, a character outside a few ranges 2, any other 1. What X may or may not take for a domain
    (`example.org`, `Node.js`) counts as the longer of the two, so that the count is never too low.

    "emoji-bytes" is how Threads counts: an emoji is its bytes of UTF-8, any other character 1
    (https://developers.facebook.com/docs/threads/overview). A sign that only some fonts draw as an emoji (☀, ©) counts
    as one, so that the count is never too low.
    """
    text = unicodedata.normalize("NFC", text)
    measure = _MEASURES[unit]
    if unit == "x-weighted":
        link_length = X_LINK if link_length is None else link_length
        counted = _x_links(text, link_length)
    elif link_length is not None:
        counted = [(start, end, link_length) for start, end in links(text)]
    else:
        return measure(text)
    total = position = 0
    for start, end, each in counted:
        total += measure(text[position:start]) + each
        position = end
    return total + measure(text[position:])


def _x_links(text: str, link_length: int) -> list[tuple[int, int, int]]:
    taken = links(text)
    found = [(start, end, link_length) for start, end in taken if _PUBLIC_HOST.match(text[start:end])]
    for match in _BARE_LINK.finditer(text):
        start, end = match.start(), link_end(match)
        if not any(first <= start < last for first, last in taken):
            found.append((start, end, max(link_length, _x_weight(text[start:end]))))
    return sorted(found)


def _x_weight(text: str) -> int:
    return sum(2 if EMOJI.search(piece) else sum(map(_x_character, piece)) for piece in regex.findall(r"\X", text))


def _x_character(character: str) -> int:
    code = ord(character)
    light = code <= 0x10FF or 0x2000 <= code <= 0x200D or 0x2010 <= code <= 0x201F or 0x2032 <= code <= 0x2037
    return 1 if light else 2


_PICTURE = regex.compile(r"\p{Extended_Pictographic}|\p{RI}|\uFE0F")


def _emoji_bytes(text: str) -> int:
    pieces: list[str] = regex.findall(r"\X", text)
    return sum(len(_utf8(piece)) if _PICTURE.search(piece) else len(piece) for piece in pieces)


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


_MEASURES: dict[Unit, Callable[[str], int]] = {
    "characters": len,
    "graphemes": lambda text: len(regex.findall(r"\X", text)),
    "utf16": lambda text: len(text.encode("utf-16-le", "surrogatepass")) // 2,
    "bytes": lambda text: len(_utf8(text)),
    "emoji-bytes": _emoji_bytes,
    "x-weighted": _x_weight,
}
