"""What a picture says to those who do not see it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from campaign import fit

_CLOSED = re.compile(r"[.!?…][\"'”“»’)]*$")


def alt_text(card_words: Sequence[str], text: str, shows: str, statement: str, limit: int) -> str:
    """Describe a card: its words that `text` lacks, what its photo shows, the funders' statement.

    `card_words` are the words as drawn, piece by piece, without the photo's credit; `text` is the post's text; `shows`
    is the region's description, empty without a photo. At most `limit` characters, cut at a word; the statement stays.

    Raises:
        RenderError: not even the statement fits.
    """
    said = (_spoken(text), _spoken(statement))
    missing = [piece for piece in dict.fromkeys(card_words) if not any(_spoken(piece) in words for words in said)]
    blocks = [
        fit.Block("words of the card", _sentences(missing), goes=2, shorten=True, join="space"),
        fit.Block("description of the photo", _sentences([shows]), goes=1, shorten=True, join="space"),
        fit.Block("funder's statement", _sentences(statement.splitlines()), join="space"),
    ]
    return _closed(fit.fit(blocks, limit, len).text)


def bare_alt_text(shows: str, limit: int) -> str:
    """Describe a photo that goes out without a card: what the region says it shows, at most `limit` characters."""
    return _closed(fit.shorten(_sentences([shows]), limit, len))


def _spoken(text: str) -> str:
    """Return the words of `text` alone: how it sounds, not how it is set. A card's "Jun" is found in "June"."""
    return "".join(f" {word}" for word in re.findall(r"\w+", unicodedata.normalize("NFC", text).casefold()))


def _sentences(pieces: Sequence[str]) -> str:
    """Join pieces, each closed like a sentence; signs of hashtags are not read out."""
    spoken = [re.sub(r"[#＃](?=\w)", "", " ".join(piece.split())) for piece in pieces if piece.strip()]
    return " ".join(piece if _CLOSED.search(piece) else f"{piece}." for piece in spoken)


def _closed(text: str) -> str:
    """Return `text` with a full stop where it was cut at its very end."""
    kept = text.rstrip(" …")
    return text if kept == text or not kept else _sentences([kept])
