"""How words become lines: cleaned, glued, fitted as large as can be, broken evenly. Pure: a font is its metrics."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Protocol

import pyphen
import regex

NBSP = "\u00a0"

# Opening and closing marks by language (CLDR 46, common/main/*.xml, delimiters).
QUOTES = {
    **dict.fromkeys(("bg", "cs", "de", "et", "is", "lt", "sk", "sl"), ("„", "“")),
    **dict.fromkeys(("hr", "hu", "pl", "ro"), ("„", "”")),
    **dict.fromkeys(("el", "es", "it", "no", "pt", "ru", "sq", "uk"), ("«", "»")),
    **dict.fromkeys(("fi", "sv"), ("”", "”")),
    "fr": (f"«{NBSP}", f"{NBSP}»"),
    "da": ("»", "«"),
}
# A text takes one line more only if it would otherwise be smaller than this part of its largest size; a word is broken
# only if the text is far from its largest size and becomes so many times larger by it.
WORTH_A_LINE, HYPHENATE_BELOW, WORTH_A_HYPHEN = 0.84, 0.7, 1.4
LONG_WORD, AT_LEAST = 10, 4  # letters of a word that may be broken, and of what stands before and after the hyphen
WIDOW = 0.3  # of the widest line: a single last word shorter than this is a widow
SMALLER = (0.97, 0.94, 0.91, 0.88, 0.85, 0.82)  # parts of its size that a text gives for better ends of its lines
ANY_QUOTE = "\"'„“”«»‘’‚›‹"


class Metrics(Protocol):
    """What a font tells of a text; every length in em."""

    @property
    def cap(self) -> float:
        """The height of a capital."""
        ...

    def width(self, text: str) -> float:
        """Return the advance of `text`."""
        ...

    def ink(self, text: str) -> tuple[float, float, float, float]:
        """Return the ink of `text` as (left of the pen, above the baseline, right of the pen, below the baseline)."""
        ...


@dataclass(frozen=True)
class Fitted:
    """A text as it will stand: its lines, their size in px and distance in em."""

    lines: tuple[str, ...]
    size: float
    leading: float
    width: float  # px of the widest line's ink
    height: float  # px from the top of the first line's capitals to the last baseline
    above: float = 0.0  # px of ink over the first line's capitals: accents
    below: float = 0.0  # px of ink under the last baseline: descenders
    rise: float = 0.0  # px kept free for it over the box and under it, where gaps are too small
    fall: float = 0.0
    cut: bool = False  # words were left out and "…" stands for them


def quotes(language: str) -> tuple[str, str]:
    """Return the opening and closing quotation mark of a language."""
    return QUOTES.get(language.split("-")[0], ("“", "”"))


def unquoted(text: str) -> str:
    """Take away the marks that enclose a whole quotation; marks inside it stay."""
    bare = text.strip()
    enclosed = len(bare) > 2 and bare[0] in ANY_QUOTE and bare[-1] in ANY_QUOTE
    inside = bare[1:-1].strip()
    return inside if enclosed and not set(inside) & set(ANY_QUOTE) - set("'’") else bare


def clean(text: str, language: str) -> str:
    """Compose letters, collapse spaces, and glue with no-break spaces what may not be torn apart at a line's end."""
    text = re.sub(r"[ \t\r\n]+", " ", unicodedata.normalize("NFC", text)).strip()
    if language.split("-")[0] in ("bg", "cs", "pl", "sk"):
        text = re.sub(r"(?<!\w)([^\W\d_]) (?=\S)", rf"\1{NBSP}", text)  # v Ostravě, z regionu
    text = re.sub(r"(?<=\d) (?=\d{3}\b|[^\W\d_]{1,3}\b|[%‰€$£°])", NBSP, text)  # 12 480, 5 km, 30 %
    return re.sub(r" (?=[–—] |[;:!?»])|(?<=«) ", NBSP, text)  # word – word, French spacing


def without_emoji(text: str, has_glyph: Sequence[int] | frozenset[int]) -> tuple[str, tuple[str, ...]]:
    """Return the text without pictographs that the font lacks, and those that were dropped."""
    dropped: list[str] = []

    def drop(found: regex.Match[str]) -> str:
        if len(found[0]) == 1 and ord(found[0]) in has_glyph:
            return found[0]
        dropped.append(found[0])
        return ""

    parts = (
        r"[#*0-9]\ufe0f?\u20e3"  # keycaps
        r"|\p{Regional_Indicator}+"
        r"|\p{Extended_Pictographic}[\ufe0e\ufe0f\p{Emoji_Modifier}\U000e0020-\U000e007f]*"
        r"(?:\u200d\p{Extended_Pictographic}[\ufe0e\ufe0f\p{Emoji_Modifier}]*)*"
    )
    kept = regex.sub(parts, drop, text)
    return re.sub(r" +", " ", kept).strip(), tuple(dropped)


def fit(
    text: str,
    metrics: Metrics,
    *,
    width: float,
    height: float,
    sizes: tuple[float, float],
    max_lines: int,
    leading: float = 1.1,
    language: str = "en",
) -> Fitted:
    """Set `text` as large as `sizes` (px) allow inside `width` x `height` px, in few lines, evenly broken.

    A text too long at the smallest size is cut at a word. Long words are broken by syllables where the text becomes
    much larger by it. The lines open up when accents would touch descenders.
    """
    low, high = sizes
    words = [part for word in _tokens(text) for part in _forced(word, metrics, width / low, language)]
    while True:
        block = _Block(metrics, width, height, max_lines, leading)
        fitted = block.set(words, low, high)
        if fitted.size < HYPHENATE_BELOW * high or fitted.cut:
            parts = [part for word in words for part in _syllables(word, metrics, width / high, language)]
            broken = block.set(parts, low, high) if len(parts) > len(words) else fitted
            if broken.size >= WORTH_A_HYPHEN * fitted.size or (fitted.cut and not broken.cut):
                fitted = broken
        wanted = _leading_of(fitted.lines, metrics)
        if wanted <= leading:
            return fitted
        leading = wanted


@dataclass(frozen=True)
class _Token:
    """A piece that stays whole; `space` tells whether a blank stands before it, `hyphen` that a line may end in it."""

    text: str
    space: bool = True
    hyphen: bool = False


def _tokens(text: str) -> list[_Token]:
    pieces: list[_Token] = []
    for word in text.split(" "):
        parts = re.split(r"(?<=\w{3}[-/])(?=\w{3})", word)  # look-behind of fixed width: three letters and the hyphen
        pieces += [_Token(part, space=not n) for n, part in enumerate(parts)]
    return pieces


def _forced(word: _Token, metrics: Metrics, room: float, language: str) -> list[_Token]:
    """Split a word that is wider than a line at the smallest size (`room` em), by syllables where they are known."""
    if metrics.width(word.text) <= room:
        return [word]
    fits = [n for n in range(1, len(word.text)) if metrics.width(word.text[:n] + "-") <= room]
    at = max(set(fits) & set(_points(word.text, language)), default=max(fits, default=1))
    if at >= len(word.text):
        return [word]
    rest = _Token(word.text[at:], space=False)
    return [_Token(word.text[:at], word.space, hyphen=True), *_forced(rest, metrics, room, language)]


def _syllables(word: _Token, metrics: Metrics, room: float, language: str) -> list[_Token]:
    """Split a long word that is wider than a line of `room` em wherever a line may end in it."""
    if len(word.text) < LONG_WORD or metrics.width(word.text) <= room:
        return [word]
    points = [at for at in _points(word.text, language) if AT_LEAST <= at <= len(word.text) - AT_LEAST]
    parts = [word.text[start:stop] for start, stop in pairwise((0, *points, len(word.text)))]
    first, *middle = (_Token(part, space=False, hyphen=True) for part in parts)
    split = [replace(first, space=word.space), *middle]
    return [*split[:-1], replace(split[-1], hyphen=word.hyphen)]


def _points(text: str, language: str) -> list[int]:
    """Return where a word may be broken; a word that brings a hyphen is broken there or not at all."""
    known = language.split("-")[0]
    return list(pyphen.Pyphen(lang=known).positions(text)) if known in pyphen.LANGUAGES else []


def _joined(words: Sequence[_Token]) -> str:
    text = "".join(" " * (word.space and n > 0) + word.text for n, word in enumerate(words))
    return f"{text}-" if words[-1].hyphen else text


@dataclass(frozen=True)
class _Block:
    """The box that a text is set in, and how."""

    metrics: Metrics
    width: float  # px
    height: float
    max_lines: int
    leading: float  # em

    def set(self, words: list[_Token], low: float, high: float) -> Fitted:
        """Set words as large as they fit between two sizes (px)."""
        row = _Row(words, self.metrics)
        while not self._count(row, low, self.max_lines) and len(row.words) > 1:  # too long at the smallest size
            row = _Row(_cut(row.words), self.metrics)
        best = self._largest(row, low, high, self.max_lines)
        sizes = (self._largest(row, low, high, most) for most in range(1, self.max_lines + 1))
        size = next(size for size in sizes if size >= best * WORTH_A_LINE)
        size, lines = self._well_broken(row, low, size)
        texts = tuple(map(_joined, lines))
        inks = [self.metrics.ink(text) for text in texts]
        return Fitted(
            lines=texts,
            size=size,
            leading=self.leading,
            width=max(right - left for left, _, right, _ in inks) * size,
            height=self._tall(len(texts)) * size,
            above=max(0.0, inks[0][1] - self.metrics.cap) * size,
            below=max(0.0, inks[-1][3]) * size,
            cut=row.words is not words,
        )

    def _well_broken(self, row: _Row, low: float, size: float) -> tuple[float, list[Sequence[_Token]]]:
        """Return the lines at `size`, or a little smaller where they end better there."""
        best, least = None, math.inf
        for smaller in (max(low, size * part) for part in (1.0, *SMALLER)):
            if not self._count(row, smaller, self.max_lines):
                continue
            lines = self._lines(row, smaller)
            if (flaws := 2 * row.has_widow(lines) + row.is_torn(lines)) < least:
                best, least = (smaller, lines), flaws
            if not least:
                break
        return best or (size, self._lines(row, size))

    def _lines(self, row: _Row, size: float) -> list[Sequence[_Token]]:
        return row.balanced(max(1, self._count(row, size, self.max_lines)), self.width / size)

    def _count(self, row: _Row, size: float, most: int) -> int:
        """Return how many lines the text takes at `size`, 0 when it does not fit."""
        count = row.lines_in(self.width / size)
        return count if count <= most and self._tall(count) * size <= self.height + 0.01 else 0

    def _largest(self, row: _Row, low: float, high: float, most: int) -> float:
        """Return the largest size at which the text takes at most so many lines, the smallest when there is none."""
        below, above = 0, max(0, round((high - low) * 2))  # half px
        while below < above:
            middle = (below + above + 1) // 2
            below, above = (middle, above) if self._count(row, low + middle / 2, most) else (below, middle - 1)
        return low + below / 2

    def _tall(self, count: int) -> float:
        return self.metrics.cap + (count - 1) * self.leading


def _cut(words: list[_Token]) -> list[_Token]:
    """Leave out the last word, with "…" for it; a single long word loses its last piece."""
    stop = len(words) - 1
    while stop > 1 and not words[stop].space:
        stop -= 1
    if not words[stop].space:
        stop = len(words) - 1
    closing = re.search(rf"[{ANY_QUOTE}]+$", words[-1].text) if words[0].text[0] in ANY_QUOTE else None
    kept = re.sub(rf"[\s,;:.!?·–—…{ANY_QUOTE}-]+$", "", words[stop - 1].text)
    last = replace(words[stop - 1], text=f"{kept}…{closing[0] if closing else ''}", hyphen=False)
    return [*words[: stop - 1], last]


class _Row:
    """Words in a row with their widths (em), and how they break into lines."""

    def __init__(self, words: list[_Token], metrics: Metrics) -> None:
        self.words = words
        blank, hyphen = metrics.width(" "), metrics.width("-")
        self.advances = [metrics.width(word.text) for word in words]
        self.hyphens = [hyphen * word.hyphen for word in words]
        self.blanks = [blank * word.space for word in words]
        self.ends = [0.0]
        for advance, space in zip(self.advances, self.blanks, strict=True):
            self.ends.append(self.ends[-1] + space + advance)

    def length(self, start: int, stop: int) -> float:
        """Return the width of a line of `words[start:stop]`."""
        return self.ends[stop] - self.ends[start] - self.blanks[start] + self.hyphens[stop - 1]

    def lines_in(self, room: float) -> int:
        """Return the fewest lines of `room` em, 0 when one word is wider."""
        count, start = 1, 0
        for stop in range(1, len(self.words) + 1):
            if self.length(stop - 1, stop) > room:
                return 0
            if self.length(start, stop) > room:
                count, start = count + 1, stop - 1
        return count

    def has_widow(self, lines: Sequence[Sequence[_Token]]) -> bool:
        """Whether the last of several lines is a single word, and short."""
        last = lines[-1]
        whole = max(self.length(stop - len(line), stop) for line, stop in zip(lines, _stops(lines), strict=True))
        is_one = len(last) == 1 or not any(word.space for word in last[1:])
        return len(lines) > 1 and is_one and self.length(len(self.words) - len(last), len(self.words)) < WIDOW * whole

    def is_torn(self, lines: Sequence[Sequence[_Token]]) -> bool:
        """Whether a line ends within a word at its own hyphen: quinta-feira."""
        ends = _stops(lines)[:-1]
        return any(not self.words[stop].space and not self.words[stop - 1].hyphen for stop in ends)

    def balanced(self, count: int, room: float) -> list[Sequence[_Token]]:
        """Break into exactly `count` lines with the least raggedness: squared distance to the ideal, and penalties."""
        total = len(self.words)
        ideal = self.length(0, total) / count

        def cost(start: int, stop: int) -> float:
            is_last = stop == total
            off = (self.length(start, stop) - ideal) / room
            lonely = is_last and start and stop - start == 1 and self.length(start, stop) < 0.4 * ideal
            return off * off * (0.6 if is_last else 1.0) + (0.5 if lonely else 0.0) + _break_cost(self.words, stop)

        best: list[list[tuple[float, int]]] = [[(0.0, 0)] + [(math.inf, 0)] * total]
        for _ in range(count):
            row = [(math.inf, 0)] * (total + 1)
            for stop in range(1, total + 1):
                for start in range(stop - 1, -1, -1):
                    if self.length(start, stop) > room and stop - start > 1:
                        break
                    before = best[-1][start][0]
                    if before < math.inf:
                        row[stop] = min(row[stop], (before + cost(start, stop), start))
            best.append(row)
        lines: list[Sequence[_Token]] = []
        stop = total
        for row in reversed(best[1:]):
            start = row[stop][1]
            lines.append(self.words[start:stop])
            stop = start
        return [line for line in reversed(lines) if line]


def _stops(lines: Sequence[Sequence[_Token]]) -> list[int]:
    """Return where in the row each line ends."""
    return list(accumulate(len(line) for line in lines))


def _break_cost(words: Sequence[_Token], stop: int) -> float:
    """Say how bad a line's end before `words[stop]` is: good after a comma or colon, bad after a short word."""
    if stop == len(words):
        return 0.0
    if words[stop - 1].hyphen:
        return 0.1
    word = words[stop - 1].text
    if word[-1] in ",;:.!?–—…":
        return -0.02
    if not words[stop].space:
        return 0.06
    return 0.015 if len(word) <= 3 else 0.0


def _leading_of(lines: Sequence[str], metrics: Metrics) -> float:
    """Return the distance (em) at which no descender comes near an accent of the next line."""
    inks = [metrics.ink(line) for line in lines]
    clearance = 0.04
    return max((upper[3] + lower[1] + clearance for upper, lower in pairwise(inks)), default=0.0)
