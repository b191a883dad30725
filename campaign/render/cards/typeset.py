"""How words become lines: cleaned, glued, fitted as large as can be, broken evenly. Pure: a font is its metrics."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
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
WORTH_A_LINE = (
    0.84  # a text takes one line more only if it would otherwise be smaller than this part of its largest size
)
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
    if language.split("-")[0] in ("cs", "sk", "pl"):
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

    A text too long at the smallest size is cut at a word. The lines open up when accents would touch descenders.
    """
    low, high = sizes
    words = _tokens(text)
    words = [part for word in words for part in _broken(word, metrics, width / low, language)]
    while True:
        fitted = _set(words, metrics, width, height, (low, high), max_lines, leading)
        wanted = _leading_of(fitted.lines, metrics)
        if wanted <= leading:
            return fitted
        leading = wanted


@dataclass(frozen=True)
class _Token:
    """A piece that stays whole; `space` tells whether a blank stands before it."""

    text: str
    space: bool = True


def _tokens(text: str) -> list[_Token]:
    pieces: list[_Token] = []
    for word in text.split(" "):
        parts = re.split(r"(?<=\w{3}[-/])(?=\w{3})", word)  # look-behind of fixed width: three letters and the hyphen
        pieces += [_Token(part, space=not n) for n, part in enumerate(parts)]
    return pieces


def _broken(word: _Token, metrics: Metrics, room: float, language: str) -> list[_Token]:
    """Split a word that is wider than a line at the smallest size (`room` em), by syllables where they are known."""
    if metrics.width(word.text) <= room:
        return [word]
    known = language.split("-")[0]
    dictionary = pyphen.Pyphen(lang=known) if known in pyphen.LANGUAGES else None
    points = dictionary.positions(word.text) if dictionary else range(1, len(word.text))
    fitting = [at for at in points if metrics.width(word.text[:at] + "-") <= room]
    at = max(fitting, default=0) or max(
        (n for n in range(1, len(word.text)) if metrics.width(word.text[:n] + "-") <= room), default=1
    )
    if at >= len(word.text):
        return [word]
    rest = _Token(word.text[at:], space=False)
    return [_Token(word.text[:at] + "-", word.space), *_broken(rest, metrics, room, language)]


def _joined(words: Sequence[_Token]) -> str:
    return "".join(" " * (word.space and n > 0) + word.text for n, word in enumerate(words))


def _set(
    words: list[_Token],
    metrics: Metrics,
    width: float,
    height: float,
    sizes: tuple[float, float],
    max_lines: int,
    leading: float,
) -> Fitted:
    def lines_at(size: float, most: int) -> int:
        """Return how many lines the text takes at `size`, 0 when it does not fit."""
        count = _greedy(advances, blanks, width / size)
        tall = (metrics.cap + (count - 1) * leading) * size
        return count if count <= most and tall <= height + 0.01 else 0

    def largest(most: int) -> float:
        """Return the largest size at which the text takes at most so many lines, 0 when there is none."""
        below, above = -1, max(0, round((high - low) * 2))  # half px
        while below < above:
            middle = (below + above + 1) // 2
            below, above = (middle, above) if lines_at(low + middle / 2, most) else (below, middle - 1)
        return low + below / 2 if below >= 0 else 0.0

    low, high = sizes
    advances = [metrics.width(word.text) for word in words]
    blanks = [metrics.width(" ") * word.space for word in words]
    cut = False
    closing = re.search(rf"[{ANY_QUOTE}]+$", words[-1].text) if words[0].text[0] in ANY_QUOTE else None
    ending = "…" + (closing[0] if closing else "")
    while not lines_at(low, max_lines) and len(words) > 1:  # too long at the smallest size: cut at a word
        cut = True
        words = [
            *words[:-2],
            replace(words[-2], text=re.sub(rf"[\s,;:.!?·–—…{ANY_QUOTE}-]+$", "", words[-2].text) + ending),
        ]
        advances = [*advances[: len(words) - 1], metrics.width(words[-1].text)]
        blanks = blanks[: len(words)]
    best = largest(max_lines) or low
    size = next(size for most in range(1, max_lines + 1) if (size := largest(most) or low) >= best * WORTH_A_LINE)
    lines = _balanced(words, advances, blanks, max(1, lines_at(size, max_lines)), width / size)
    texts = tuple(_joined(line) for line in lines)
    inks = [metrics.ink(line) for line in texts]
    widest = max(right - left for left, _, right, _ in inks)
    height = (metrics.cap + (len(texts) - 1) * leading) * size
    above, below = max(0.0, inks[0][1] - metrics.cap) * size, max(0.0, inks[-1][3]) * size
    return Fitted(texts, size, leading, widest * size, height, above, below, cut)


def _leading_of(lines: Sequence[str], metrics: Metrics) -> float:
    """Return the distance (em) at which no descender comes near an accent of the next line."""
    inks = [metrics.ink(line) for line in lines]
    clearance = 0.04
    return max((upper[3] + lower[1] + clearance for upper, lower in pairwise(inks)), default=0.0)


def _greedy(advances: Sequence[float], blanks: Sequence[float], room: float) -> int:
    """Return the fewest lines of `room` em, 0 when one word is wider."""
    count, used = 1, 0.0
    for n, (advance, blank) in enumerate(zip(advances, blanks, strict=True)):
        if advance > room:
            return 0
        if n and used + blank + advance <= room:
            used += blank + advance
        else:
            count, used = count + (n > 0), advance
    return count


def _balanced(
    words: Sequence[_Token], advances: Sequence[float], blanks: Sequence[float], count: int, room: float
) -> list[Sequence[_Token]]:
    """Break into exactly `count` lines with the least raggedness: squared distance to the ideal line, and penalties."""
    total = len(words)
    ends = [0.0]
    for advance, blank in zip(advances, blanks, strict=True):
        ends.append(ends[-1] + blank + advance)

    def length(start: int, stop: int) -> float:
        return ends[stop] - ends[start] - blanks[start]

    ideal = length(0, total) / count

    def cost(start: int, stop: int) -> float:
        is_last = stop == total
        off = (length(start, stop) - ideal) / room
        lonely = is_last and start and stop - start == 1 and length(start, stop) < 0.4 * ideal
        return off * off * (0.6 if is_last else 1.0) + (0.5 if lonely else 0.0) + _break_cost(words, stop)

    best: list[list[tuple[float, int]]] = [[(0.0, 0)] + [(math.inf, 0)] * total]
    for _ in range(count):
        row = [(math.inf, 0)] * (total + 1)
        for stop in range(1, total + 1):
            for start in range(stop - 1, -1, -1):
                if length(start, stop) > room and stop - start > 1:
                    break
                before = best[-1][start][0]
                if before < math.inf:
                    row[stop] = min(row[stop], (before + cost(start, stop), start))
        best.append(row)
    lines: list[Sequence[_Token]] = []
    stop = total
    for row in reversed(best[1:]):
        start = row[stop][1]
        lines.append(words[start:stop])
        stop = start
    return [line for line in reversed(lines) if line]


def _break_cost(words: Sequence[_Token], stop: int) -> float:
    """Say how bad a line's end before `words[stop]` is: good after a comma or colon, bad after a short word."""
    if stop == len(words):
        return 0.0
    word = words[stop - 1].text
    if word[-1] in ",;:.!?–—…":
        return -0.02
    if not words[stop].space:
        return 0.02
    return 0.015 if len(word) <= 3 else 0.0
