"""Blocks of text that are joined and made to fit: what goes first, what is shortened, what stays."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import regex

from campaign.errors import RenderError
from campaign.fit.entities import spans

Join = Literal["space", "line", "paragraph"]
Texts = Mapping[int, str]  # what stands of each block, by its place
Shorter = Callable[[str, Callable[[str], bool]], str]  # a text made to fit, or nothing

GLUE: dict[Join, str] = {"space": " ", "line": "\n", "paragraph": "\n\n"}  # from the narrowest to the widest
ELLIPSIS = "…"
WORTH_KEEPING = 40  # characters: less than this of a shortened block says nothing, so the block is left out

_WORD_END = regex.compile(r"(?<=\S)(?=[^\S\u00A0\u2007\u202F])")  # spaces that may break; NBSP and its kin may not
_LOOSE_END = regex.compile(r"[\s,;:–—(\[-]+$")  # what does not stand before an ellipsis


@dataclass(frozen=True)
class Block:
    """A piece of a post's text.

    `goes` says how soon it may go: 1 first, 9 last, 0 never. `shorten` says that a part of it is better than nothing;
    with `goes` 0 it is shortened when nothing else helps. `join` is how it stands behind the block before it. `last`
    says that in a thread it stands in the last part, with all that follows it.
    """

    name: str  # in plain language: an officer reads it when the block was cut
    text: str
    goes: int = 0
    shorten: bool = False
    join: Join = "paragraph"
    last: bool = False

    @property
    def is_prose(self) -> bool:
        """Whether its text may run on from one part of a thread to the next."""
        return self.shorten and self.goes > 0


@dataclass(frozen=True)
class Fitted:
    """A text that fits, and in plain language what had to give way for it."""

    text: str
    cut: tuple[str, ...] = ()


def fit(blocks: Sequence[Block], limit: int, count: Callable[[str], int]) -> Fitted:
    """Join `blocks` in their order and make the whole fit within `limit`, as measured by `count`.

    Raises:
        RenderError: what may not go is already too long.
    """
    blocks = with_words(blocks)
    texts = chosen(blocks, lambda texts: count(joined(blocks, texts)) <= limit)
    if texts is None:
        raise _too_long(blocks, limit, count)
    return Fitted(joined(blocks, texts), what_gave_way(blocks, texts))


def shorten(text: str, limit: int, count: Callable[[str], int]) -> str:
    """Return `text`, or as many of its first words as fit within `limit` with an ellipsis, or nothing.

    A cut falls between two words and never inside a link, a tag, a mention or an emoji.
    """
    return text if count(text) <= limit else first_words(text, lambda shorter: count(shorter) <= limit)


def word_ends(text: str) -> list[int]:
    """Return where a text may be cut between two words."""
    pieces = spans(text)
    ends = [match.start() for match in _WORD_END.finditer(text)]
    return [end for end in ends if not any(piece.start < end < piece.end for piece in pieces)]


def with_words(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks that say something."""
    return [block for block in blocks if block.text.strip()]


def first_words(text: str, fits: Callable[[str], bool]) -> str:
    """Return as many of the first words of `text` as fit with an ellipsis, or nothing."""
    pieces, ends = spans(text), word_ends(text)

    def cut(end: int) -> str:
        last = max((piece.end for piece in pieces if piece.end <= end), default=0)
        loose = _LOOSE_END.search(text, last, end)
        kept = text[: loose.start() if loose else end]
        # An ellipsis set straight behind a link would become a part of it; behind a full stop it looks like a slip.
        apart = len(kept) == last or kept.endswith((".", "!", "?"))
        return f"{kept} {ELLIPSIS}" if apart else f"{kept}{ELLIPSIS}"

    # Longer cuts take more room, so the place is found by halving; the step down is for counts with a dent in them.
    place = bisect_left(ends, True, key=lambda end: not fits(cut(end)))
    for end in reversed(ends[:place]):
        shorter = cut(end)
        if fits(shorter) and shorter.strip(f" {ELLIPSIS}"):
            return shorter
    return ""


def chosen(blocks: Sequence[Block], fits: Callable[[Texts], bool], shorter: Shorter = first_words) -> Texts | None:
    """Return what stands of each block, so that the whole `fits`; None when what may not go is already too much.

    Blocks that never go are set first. The others follow from the last to go to the first to go, each whole if there is
    room, else made `shorter` if it may be, else left out; of equal ones the earlier comes first.
    """
    texts = {place: block.text for place, block in enumerate(blocks) if block.goes == 0}

    def fits_with(place: int, text: str) -> bool:
        return fits({**texts, place: text})

    if not fits(texts):
        place, kept = _shortened_staying(blocks, fits_with)
        if not kept:
            return None
        texts[place] = kept
    for _, place in sorted((-block.goes, place) for place, block in enumerate(blocks) if block.goes):
        block = blocks[place]
        if fits_with(place, block.text):
            texts[place] = block.text
        elif block.shorten:
            kept = shorter(block.text, partial(fits_with, place))
            if len(kept) >= WORTH_KEEPING:
                texts[place] = kept
    return texts


def joints(blocks: Sequence[Block], texts: Texts) -> Iterator[tuple[int, Join]]:
    """Yield the place of each block that is there and how it is joined to the one before it.

    Where blocks are missing between two, the widest gap among them stands.
    """
    widths = list(GLUE)
    gap = 0
    for place, block in enumerate(blocks):
        gap = max(gap, widths.index(block.join))
        if texts.get(place):
            yield place, widths[gap]
            gap = 0


def joined(blocks: Sequence[Block], texts: Texts) -> str:
    """Join the texts that are there."""
    whole = ""
    for place, join in joints(blocks, texts):
        whole += (GLUE[join] if whole else "") + texts[place]
    return whole


def what_gave_way(blocks: Sequence[Block], texts: Texts) -> tuple[str, ...]:
    """Say what gave way. Blocks that share a name, such as hashtags, are named once."""
    there = {blocks[place].name for place in texts}
    told = []
    for place, block in enumerate(blocks):
        if place not in texts:
            told.append(f"some {block.name} left out" if block.name in there else f"{block.name} left out")
        elif texts[place] != block.text:
            told.append(f"{block.name} shortened")
    return tuple(dict.fromkeys(told))


def _shortened_staying(blocks: Sequence[Block], fits_with: Callable[[int, str], bool]) -> tuple[int, str]:
    """Return the last block that stays but need not stay whole, with as much of its text as there is room for."""
    for place, block in reversed(list(enumerate(blocks))):
        if block.goes == 0 and block.shorten:
            shorter = first_words(block.text, partial(fits_with, place))
            if shorter:
                return place, shorter
    return 0, ""


def _too_long(blocks: Sequence[Block], limit: int, count: Callable[[str], int]) -> RenderError:
    staying = {place: block.text for place, block in enumerate(blocks) if block.goes == 0}
    names = ", ".join(dict.fromkeys(blocks[place].name for place in staying))
    length = count(joined(blocks, staying))
    return RenderError(
        f"The text is too long: what must stay ({names}) takes {length}, and there is room for {limit}.",
        remedy="Shorten it in the story, or name the channels that have room with `channels:` in the story.",
    )
