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

from campaign.cards import artwork
from campaign.cards.fonts import Font
from campaign.cards.sources import FontFile
from campaign.errors import RenderError

BLUE = (0, 51, 153)  # Reflex Blue on a screen, #003399
YELLOW = (255, 204, 0)  # #FFCC00
WHITE = (255, 255, 255)
POINT = 0.381966  # inner radius of a pentagram, in outer radii: (3 - sqrt 5) / 2
OVERSAMPLING = 8

# The Commission's own lockup, measured in heights of the emblem: bold sans in two lines.
GAP = 0.20  # emblem to statement
BASELINES = 1.64  # distance of baselines, in heights of a capital
STEPS = ((2, 0.25), (2, 0.22), (3, 0.19))  # lines and capitals: the official way, and our two steps for less room
RAISED = 0.04  # above the middle, so that descenders do not weigh the text down
WIDEST = 4.4  # of a statement in two lines; a longer one (Erasmus+ Programme) takes three
FREE = 0.25  # around each mark: no figure in the rules; our own
LARGEST_PART = 0.4  # of the card's height that all marks together may take


class NoRoom(RenderError):
    """The funders' marks do not fit beside the logos."""


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
        NoRoom: a statement does not fit, or the marks together would take too much of the card.
    """
    low, high = heights
    for height, step in [
        *((height, 0) for height in range(high, low, -2)),
        *((low, step) for step in range(len(STEPS))),
    ]:
        marks = [_mark(funding, font, height, step) for funding in fundings]
        if sum(mark.width for mark in marks) - sum(mark.free for mark in marks[1:]) <= room:
            return _rows(marks, room)
    arrangement = _rows([_narrow(funding, font, low, room) for funding in fundings], room)
    if arrangement.height > tallest:
        raise NoRoom(
            f"The marks of {len(fundings)} funders leave no room on the card.",
            remedy="Use one artwork that shows them all (lockup), or a taller format.",
        )
    return arrangement


def _narrow(funding: Funding, font: Font, height: int, room: float) -> Mark:
    for step in range(len(STEPS)):
        mark = _mark(funding, font, height, step)
        if mark.width <= room:
            return mark
    raise NoRoom(
        f"The funder's statement “{funding.statement}” does not fit on the card beside the logos.",
        remedy="Give the funder's own artwork (lockup) for this language, or a smaller emblem_min.",
    )


def _rows(marks: Sequence[Mark], room: float) -> Arrangement:
    """Place marks beside each other as far as there is room, then below; the free space between two is shared."""
    placed: list[tuple[int, int, Mark]] = []
    x = y = row = widest = free = 0
    for mark in marks:
        if x and x - free + mark.width > room:
            x, y, row = 0, y + row - free, 0
        x -= min(x, free)
        free = mark.free
        placed.append((x, y, mark))
        x += mark.width
        row = max(row, mark.height + 2 * mark.free)
        widest = max(widest, x)
    return Arrangement(tuple(placed), widest, y + row)


def _mark(funding: Funding, font: Font, height: int, step: int) -> Mark:
    height = max(height, funding.emblem_min)
    free = 2 * round(FREE * height)
    if funding.lockup:
        across, upright = artwork.size_of(funding.lockup)
        return Mark(funding, height, (), 0, round(height * across / upright) + free)
    count, capital = STEPS[step]
    lines = split(funding.statement, font, count)
    size = capital * height / font.cap
    wide = max(font.width(line) for line in lines) * size
    if wide > WIDEST * height and step < len(STEPS) - 1:
        return _mark(funding, font, height, step + 1)
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
        if mark.funding.lockup:
            scaled = artwork.picture(mark.funding.lockup, (mark.width - 2 * mark.free, mark.height))
            image.paste(scaled, (x + mark.free, y + mark.free), scaled)
        else:
            image.paste(_drawn(mark, font.file, font.language), (x, y))
    return image


@lru_cache(maxsize=32)
def _drawn(mark: Mark, file: FontFile, language: str) -> Image.Image:
    """Return the emblem, its statement, and the free space around them. It is shared: nobody may paint on it."""
    font, x, y = Font(file, language), mark.free, mark.free
    image = Image.new("RGB", (mark.width, mark.height + 2 * mark.free), WHITE)
    if mark.funding.emblem:
        image.paste(emblem(mark.height), (x, y))
        x += round((1.5 + GAP) * mark.height)
    pen = ImageDraw.Draw(image)
    capital = mark.size * font.cap
    block = capital * (1 + (len(mark.lines) - 1) * BASELINES)
    baseline = y + (mark.height - block) / 2 - RAISED * mark.height + capital
    for line in mark.lines:
        place = (x, round(baseline))
        pen.text(place, line, fill=BLUE, font=font.at(mark.size), anchor="ls", language=font.language)
        baseline += BASELINES * capital
    return image
