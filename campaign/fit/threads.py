"""A text in several parts: what one part would have to shorten goes on in the next."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise

import regex

from campaign.fit.blocks import (
    GLUE,
    WORTH_KEEPING,
    Block,
    Texts,
    chosen,
    first_words,
    fit,
    joined,
    joints,
    what_gave_way,
    with_words,
    word_ends,
)
from campaign.fit.entities import spans
from campaign.fit.sentences import sentence_ends

NEARLY_EMPTY = 5  # a part that takes less than the fifth of what it may looks like a mistake


@dataclass(frozen=True)
class InParts:
    """A text in one part or several that fit, and in plain language what had to give way for it."""

    texts: tuple[str, ...]
    cut: tuple[str, ...] = ()


class Seam(Enum):
    """Where a part may begin: how rough that reads, and among equally rough ones, how much it is to be avoided."""

    PARAGRAPH = (0, 0)
    SENTENCE = (0, 1)
    LINE = (0, 2)  # between lines that belong together, such as date and place
    ORPHAN = (0, 3)  # leaves little of a paragraph behind
    NESTED = (1, 0)  # between sentences of a quotation; behind a line that leads to the next
    CLAUSE = (2, 0)  # in a sentence that is longer than a part
    WORD = (3, 0)


GOOD_ENDS = (Seam.PARAGRAPH, Seam.SENTENCE)  # of a text that is shortened


@dataclass(frozen=True)
class Piece:
    """Text that stays together, `glue` before it. A part may begin with it, at the price of its seam."""

    text: str
    glue: str
    seam: Seam
    opens: bool = False  # belongs to the first prose, which the first part should have


Price = tuple[int, int, int, int, int]  # rough seams, nearly empty parts, what the first lacks, seams, unevenness


def in_parts(blocks: Sequence[Block], limit: int, count: Callable[[str], int], most: int) -> InParts:
    """Make `blocks` fit: in one part, or where one would lose much, in at most `most` parts of `limit` each.

    Much is prose, or what goes last of all, such as a quote: a thread is not made for the sake of a hashtag.

    A thread keeps everything that `most` parts can hold; what they cannot gives way as in `fit`. Its parts are as few
    and as even as they can be. They end with paragraphs, else with sentences, and only a sentence longer than a part is
    cut between words. What is no prose stays whole, and what must stand last stands together in the last part. Each
    part ends with its number on a line of its own, as "1/3", which reads alike in every language and cannot be taken
    for a part of the sentence above.

    Raises:
        RenderError: what may not go is already too long.
    """
    blocks = with_words(blocks)
    if most > 1 and _loses_much(blocks, chosen(blocks, lambda texts: count(joined(blocks, texts)) <= limit)):
        layout = _Layout(blocks, limit, count, most)
        texts = chosen(blocks, lambda texts: layout.fewest(texts) is not None, first_sentences)
        if texts is not None and len(parts := layout.parts(texts)) > 1:
            return InParts(parts, what_gave_way(blocks, texts))
    fitted = fit(blocks, limit, count)
    return InParts((fitted.text,), fitted.cut)


def first_sentences(text: str, fits: Callable[[str], bool]) -> str:
    """Return as many of the first sentences of `text` as fit; of its first words where one sentence is too much."""
    ends = [place for place, seam in sorted(_sentence_seams(text).items()) if seam in GOOD_ENDS]
    for end in reversed(ends[: bisect_left(ends, True, key=lambda end: not fits(text[:end]))]):
        if fits(text[:end]) and end >= WORTH_KEEPING:
            return text[:end]
    return first_words(text, fits)


def _loses_much(blocks: Sequence[Block], texts: Texts | None) -> bool:
    if texts is None:
        return True
    much = (place for place, block in enumerate(blocks[: _last_from(blocks)]) if block.is_prose or block.goes == 9)
    return any(texts.get(place) != blocks[place].text for place in much)


def _last_from(blocks: Sequence[Block]) -> int:
    """Return the place from which on all stands in the last part."""
    return next((place for place, block in enumerate(blocks) if block.last), len(blocks))


@dataclass(frozen=True)
class _Layout:
    """The ways to lay out blocks over parts."""

    blocks: Sequence[Block]
    limit: int
    count: Callable[[str], int]
    most: int

    def fewest(self, texts: Texts) -> int | None:
        """Return how few parts can hold `texts`; None when more than the most are needed, or something fits none."""
        parts, waiting = 0, self._pieces(texts)
        while waiting:
            held = sum(1 for _ in self._beginnings(waiting))
            parts, waiting = parts + 1, waiting[held:]
            if not held or parts > self.most:
                return None
        return parts

    def parts(self, texts: Texts) -> tuple[str, ...]:
        """Return `texts` in as few parts as can hold them, each with its number."""
        pieces, total = self._pieces(texts), self.fewest(texts) or 1
        opening = [n for n, piece in enumerate(pieces) if piece.opens]
        beginnings = [tuple(self._beginnings(pieces[start:])) for start in range(len(pieces) + 1)]
        best: dict[int, tuple[Price, tuple[int, ...]]] = {0: ((0, 0, 0, 0, 0), ())}  # by how many pieces stand
        for _ in range(total):
            longer: dict[int, tuple[Price, tuple[int, ...]]] = {}
            for start, (paid, starts) in best.items():
                for end, length in enumerate(beginnings[start], start=start + 1):
                    rough, avoided = pieces[start].seam.value if start else (0, 0)
                    nearly_empty = int(length * NEARLY_EMPTY < self.limit)
                    lacks = 0 if start else _lacks(opening, end)
                    way = (_sum(paid, (rough, nearly_empty, lacks, avoided, length**2)), (*starts, start))
                    longer[end] = min(way, longer.get(end, way))
            best = longer
        starts = (*best[len(pieces)][1], len(pieces))
        held = [pieces[start:end] for start, end in pairwise(starts)]
        return tuple(f"{_text(part)}\n\n{n}/{total}" for n, part in enumerate(held, start=1))

    def _beginnings(self, pieces: Sequence[Piece]) -> Iterator[int]:
        """Yield how long a part of the first piece is, of the first two, and so on as far as a part can hold them."""
        text = ""
        for n, piece in enumerate(pieces):
            text += (piece.glue if n else "") + piece.text
            length = self._length(text)
            if length > self.limit:
                return
            yield length

    def _length(self, text: str) -> int:
        """Return how long a text is with the longest number that it may bear."""
        return self.count(f"{text}\n\n{self.most}/{self.most}")

    def _pieces(self, texts: Texts) -> list[Piece]:
        """Return what is there in pieces: prose in sentences, the last part's share in one, else what shares lines."""
        last_from = _last_from(self.blocks)
        first_prose = next((place for place, block in enumerate(self.blocks) if block.is_prose), None)
        pieces: list[Piece] = []
        before = ""
        for place, join in joints(self.blocks, texts):
            text, glue = texts[place], GLUE[join]
            seam = Seam.PARAGRAPH if join == "paragraph" else Seam.LINE
            what = "last" if place >= last_from else "prose" if self.blocks[place].is_prose else "lines"
            both = f"{pieces[-1].text}{glue}{text}" if what == before else ""
            if what == "last" == before or (what == "lines" == before and seam is Seam.LINE and self._fits(both)):
                pieces[-1] = replace(pieces[-1], text=both)
            elif what == "prose":
                pieces += self._prose(text, glue, seam, opens=place == first_prose)
            else:
                pieces.append(Piece(text, glue, seam))
            before = what
        return pieces

    def _prose(self, text: str, glue: str, seam: Seam, *, opens: bool) -> Iterator[Piece]:
        """Yield a text in sentences, and those that no part can hold in words."""
        for sentence, gap, before in _cut_at(text, _sentence_seams(text)):
            for words, space, within in _cut_at(sentence, {} if self._fits(sentence) else _word_seams(sentence)):
                yield Piece(words, space or gap or glue, within or before or seam, opens)

    def _fits(self, text: str) -> bool:
        return self._length(text) <= self.limit


def _lacks(opening: Sequence[int], end: int) -> int:
    """Return 1 for a first part that ends within the first prose, 2 for one that ends before it."""
    if not opening or end > opening[-1]:
        return 0
    return 1 if end > opening[0] else 2


def _cut_at(text: str, seams: dict[int, Seam]) -> Iterator[tuple[str, str, Seam | None]]:
    """Yield the pieces of a text between its seams, each with the blanks and the seam before it, the first without."""
    start, seam = 0, None
    for end in (*sorted(seams), len(text)):
        piece = text[start:end]
        words = piece.lstrip()
        yield words, piece[: len(piece) - len(words)], seam
        start, seam = end, seams.get(end)


def _sentence_seams(text: str) -> dict[int, Seam]:
    """Return where a text may be cut without cutting a sentence."""
    seams = {place: Seam.NESTED if nested else _within_paragraph(text, place) for place, nested in sentence_ends(text)}
    for gap in regex.finditer(r"\s*\n\s*", text):
        before = text[: gap.start()]
        is_paragraph = "\n\n" in gap.group()
        leads_on = before.endswith(":") or (is_paragraph and before[-1:].isalnum())  # a heading is not left behind
        seams[gap.start()] = Seam.NESTED if leads_on else Seam.PARAGRAPH if is_paragraph else Seam.SENTENCE
    whole = spans(text)
    return {place: seam for place, seam in seams.items() if not any(span.start < place < span.end for span in whole)}


def _within_paragraph(text: str, place: int) -> Seam:
    before = place - (text.rfind("\n", 0, place) + 1)
    after = (text.find("\n", place) if "\n" in text[place:] else len(text)) - place
    return Seam.ORPHAN if min(before, after) < WORTH_KEEPING else Seam.SENTENCE


def _word_seams(sentence: str) -> dict[int, Seam]:
    """Return where a sentence may be cut when it must be."""
    return {end: Seam.CLAUSE if sentence[end - 1] in ",;:–—" else Seam.WORD for end in word_ends(sentence)}


def _text(pieces: Sequence[Piece]) -> str:
    return "".join((piece.glue if n else "") + piece.text for n, piece in enumerate(pieces))


def _sum(one: Price, other: Price) -> Price:
    # mypy does not see that two prices of one length give a third
    return tuple(a + b for a, b in zip(one, other, strict=True))  # type: ignore[return-value]
