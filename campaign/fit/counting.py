"""How long a text is for a platform."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Literal, Protocol

import regex

from campaign.fit.entities import as_read, links
from campaign.fit.weighted import weight

Unit = Literal["characters", "graphemes", "utf16", "bytes", "emoji-bytes", "x-weighted"]  # as in platforms/base.py


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
    """Return the length of `text`, as readers see it, in `unit`, every link counted as `link_length` if that is given.

    "x-weighted" is how X counts, see `weighted`.

    "emoji-bytes" is how Threads counts: an emoji is its bytes of UTF-8, any other character 1
    (https://developers.facebook.com/docs/threads/overview). A sign that only some fonts draw as an emoji (☀, ©) counts
    as one, so that the count is never too low.
    """
    text = unicodedata.normalize("NFC", as_read(text))
    if unit == "x-weighted":
        return weight(text) if link_length is None else weight(text, link_length)
    measure = _MEASURES[unit]
    if link_length is None:
        return measure(text)
    total = position = 0
    for start, end in links(text):
        total += measure(text[position:start]) + link_length
        position = end
    return total + measure(text[position:])


_PICTURE = regex.compile(r"\p{Extended_Pictographic}|\p{RI}|\uFE0F")


def _emoji_bytes(text: str) -> int:
    pieces: list[str] = regex.findall(r"\X", text)
    return sum(len(_utf8(piece)) if _PICTURE.search(piece) else len(piece) for piece in pieces)


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


_MEASURES: Mapping[Unit, Callable[[str], int]] = {
    "characters": len,
    "graphemes": lambda text: len(regex.findall(r"\X", text)),
    "utf16": lambda text: len(text.encode("utf-16-le", "surrogatepass")) // 2,
    "bytes": lambda text: len(_utf8(text)),
    "emoji-bytes": _emoji_bytes,
}
