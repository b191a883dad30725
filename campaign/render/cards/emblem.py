"""The funders' marks: the EU emblem drawn by its rule, its statement beside it, several side by side.

The Council of Europe's construction: coe.int/T/E/Com/Files/events/2005-12-drapeau/caracteristiques.asp
Size, place and wording: Regulation (EU) 2021/1060, Annex IX.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from pathlib import Path

from PIL import Image, ImageDraw

from campaign.errors import RenderError
from campaign.render.cards.fonts import Font

BLUE = (0, 51, 153)  # Reflex Blue on a screen, #003399
YELLOW = (255, 204, 0)  # #FFCC00
WHITE = (255, 255, 255)
POINT = 0.381966  # inner radius of a pentagram, in outer radii: (3 - sqrt 5) / 2
OVERSAMPLING = 8

# The Commission's own lockup, measured in heights of the emblem: bold sans in two lines.
GAP = 0.20  # emblem to statement
CAPITALS = {1: 0.25, 2: 0.25, 3: 0.19}  # height of a capital, by number of lines; three lines are our own step down
BASELINES = {1: 0.0, 2: 0.41, 3: 0.31}
RAISED = 0.04  # above the middle, so that descenders do not weigh the text down
WIDEST = 3.75  # of a statement in two lines; a longer one (Erasmus+ Programme) takes three
FREE = 0.25  # around each mark: no figure in the rules; our own
LARGEST_PART = 0.4  # of the card's height that all marks together may take


@dataclass(frozen=True)
class Funding:
    """One funder's mark on a card."""

    statement: str  # in the card's language
    emblem: bool  # the EU emblem is drawn beside it
    lockup: Path | None = None  # the funder's own artwork instead
    emblem_min: int = 0  # px of height; 0: the format's own minimum


@dataclass(frozen=True)
class Mark:
    """One funder's mark at a height, with the lines of its statement and the free space around it included."""

    funding: Funding
    height: int  # px of the emblem or artwork
    lines: tuple[str, ...]
    size: float  # px of the statement's font
    width: int  # px, free space included

    @property
    def free(self) -> int:
        return round(FREE * self.height)


@dataclass(frozen=True)
class Arrangement:
    """All marks of a card, each at its place."""

    marks: tuple[tuple[int, int, Mark], ...]  # x, y from the top left corner
    width: int
    height: int


def stars(height: float) -> list[list[tuple[float, float]]]:
    """Return the ten corners of each of the twelve stars of an emblem `height` high, clockwise from twelve o'clock."""
    ring, radius = height / 3, height / 18
    around = []
    for hour in range(12):
        x = 0.75 * height + ring * math.sin(hour * math.tau / 12)
        y = 0.5 * height - ring * math.cos(hour * math.tau / 12)
        reach = [radius if corner % 2 == 0 else radius * POINT for corner in range(10)]
        angles = [corner * math.tau / 10 for corner in range(10)]
        around.append([(x + r * math.sin(a), y - r * math.cos(a)) for r, a in zip(reach, angles, strict=True)])
    return around


@lru_cache(maxsize=8)
def emblem(height: int) -> Image.Image:
    """Return the EU emblem, one and a half times as wide as high."""
    image = Image.new("RGB", (round(1.5 * height) * OVERSAMPLING, height * OVERSAMPLING), BLUE)
    draw = ImageDraw.Draw(image)
    for star in stars(height * OVERSAMPLING):
        draw.polygon(star, fill=YELLOW)
    return image.reduce(OVERSAMPLING)


def arrange(
    fundings: Sequence[Funding], font: Font, room: float, heights: tuple[int, int], tallest: float
) -> Arrangement:
    """Place the marks of all funders in `room` px: in one row as high as it goes, else in rows at the smallest height.

    Raises:
        RenderError: a statement does not fit, or the marks together would take too much of the card.
    """
    low, high = heights
    for height in range(high, low, -2):
        marks = [_mark(funding, font, max(height, funding.emblem_min)) for funding in fundings]
        if sum(mark.width for mark in marks) <= room:
            return _rows(marks, room)
    smallest = [_smallest(funding, font, max(low, funding.emblem_min), room) for funding in fundings]
    arrangement = _rows(smallest, room)
    if arrangement.height > tallest:
        raise RenderError(
            f"The marks of {len(fundings)} funders leave no room on the card.",
            remedy="Use one artwork that shows them all (lockup), or a taller format.",
        )
    return arrangement


def _smallest(funding: Funding, font: Font, height: int, room: float) -> Mark:
    for lines in (2, 3):
        mark = _mark(funding, font, height, lines)
        if mark.width <= room:
            return mark
    raise RenderError(
        f"The funder's statement “{funding.statement}” does not fit on the card beside the logos.",
        remedy="Give the funder's own artwork (lockup) for this language, or a smaller emblem_min.",
    )


def _rows(marks: Sequence[Mark], room: float) -> Arrangement:
    placed: list[tuple[int, int, Mark]] = []
    x = y = row = widest = 0
    for mark in marks:
        if x and x + mark.width > room:
            x, y, row = 0, y + row, 0
        placed.append((x, y, mark))
        x += mark.width
        row = max(row, mark.height + 2 * mark.free)
        widest = max(widest, x)
    return Arrangement(tuple(placed), widest, y + row)


def _mark(funding: Funding, font: Font, height: int, count: int = 2) -> Mark:
    free = 2 * round(FREE * height)
    if funding.lockup:
        with Image.open(funding.lockup) as artwork:
            return Mark(funding, height, (), 0, round(height * artwork.width / artwork.height) + free)
    lines = split(funding.statement, font, count)
    size = CAPITALS[len(lines)] * height / font.cap
    wide = max(font.width(line) for line in lines) * size
    if count == 2 and wide > WIDEST * height:
        return _mark(funding, font, height, 3)
    beside = (1.5 + GAP) * height if funding.emblem else 0
    return Mark(funding, height, lines, size, math.ceil(beside + wide) + free)


def split(statement: str, font: Font, count: int) -> tuple[str, ...]:
    """Break a statement into at most `count` lines, as even as words allow; "the" begins a line, as in the official."""
    words = re.sub(r"\bthe ", "the\u00a0", " ".join(statement.split())).split(" ")
    count = min(count, len(words))
    breaks = combinations(range(1, len(words)), count - 1)
    ways = [[" ".join(words[a:b]) for a, b in zip((0, *at), (*at, len(words)), strict=True)] for at in breaks]
    return tuple(min(ways, key=lambda lines: max(font.width(line) for line in lines)))


def draw(arrangement: Arrangement, font: Font) -> Image.Image:
    """Return the marks on white, which is their ground and their free space."""
    image = Image.new("RGB", (arrangement.width, arrangement.height), WHITE)
    for x, y, mark in arrangement.marks:
        _draw_mark(image, x + mark.free, y + mark.free, mark, font)
    return image


def _draw_mark(image: Image.Image, x: int, y: int, mark: Mark, font: Font) -> None:
    if mark.funding.lockup:
        width = mark.width - 2 * mark.free
        with Image.open(mark.funding.lockup) as artwork:
            scaled = artwork.convert("RGBA").resize((width, mark.height), Image.Resampling.LANCZOS)
        image.paste(scaled, (x, y), scaled)
        return
    if mark.funding.emblem:
        image.paste(emblem(mark.height), (x, y))
        x += round((1.5 + GAP) * mark.height)
    pen = ImageDraw.Draw(image)
    count = len(mark.lines)
    block = CAPITALS[count] + (count - 1) * BASELINES[count]
    top = (1 - block) / 2 - RAISED
    for n, line in enumerate(mark.lines):
        baseline = y + (top + CAPITALS[count] + n * BASELINES[count]) * mark.height
        place = (x, round(baseline))
        pen.text(place, line, fill=BLUE, font=font.at(mark.size), anchor="ls", language=font.language)
