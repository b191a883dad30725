"""Colours as designs name them, and how well one reads on another. Pure.

A design writes a name of the theme (`ink`), `#RRGGBB`, or `accent on ink`: the accent, lightened or darkened just
enough to be read on ink. `auto on accent` is ink or paper, whichever reads better there; `quiet on accent` is the
other one, for shapes under text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

Rgb = tuple[int, int, int]

READABLE = 4.5  # contrast of text at any size, WCAG 2.2 criterion 1.4.3: https://www.w3.org/TR/WCAG22/#contrast-minimum
AIMED = 5.5  # what is aimed at, for what stands under a text and what JPEG changes
CHOSEN = ("auto", "quiet")  # stand for ink or paper before "on"
BLACK, WHITE = (0, 0, 0), (255, 255, 255)
HEX = re.compile(r"#[0-9a-fA-F]{6}")


def parse(text: str) -> Rgb:
    """Return the colour of `#RRGGBB`.

    Raises:
        ValueError: it is not written so.
    """
    if not HEX.fullmatch(text):
        raise ValueError(text)
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def linear(channel: float) -> float:
    """Return the light (0..1) of an sRGB channel (0..255). https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    part = channel / 255
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def luminance(colour: Rgb) -> float:
    """Return the relative luminance, 0..1."""
    red, green, blue = map(linear, colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: float, other: float) -> float:
    """Return the contrast ratio, 1..21, of two luminances."""
    lighter, darker = max(one, other), min(one, other)
    return (lighter + 0.05) / (darker + 0.05)


def mixed(one: Rgb, other: Rgb, part: float) -> Rgb:
    """Return `one` with `part` (0..1) of `other` in it."""
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(one, other, strict=True))
    return red, green, blue


def readable(colour: Rgb, ground: Rgb) -> Rgb:
    """Return `colour`, moved towards white or black just as far as it takes to read it on `ground`."""
    under = luminance(ground)
    towards = WHITE if contrast(luminance(WHITE), under) >= contrast(luminance(BLACK), under) else BLACK
    steps = (mixed(colour, towards, step / 50) for step in range(51))
    return next((mix for mix in steps if contrast(luminance(mix), under) >= AIMED), towards)


class Palette:
    """The colours of one card: the theme's, with the region's accent in place of the theme's own."""

    def __init__(self, colours: Mapping[str, Rgb], accent: Rgb | None = None) -> None:
        self.colours = {**colours, "accent": self._usable(colours, accent or colours["accent"])}

    def __getitem__(self, wish: str) -> Rgb:
        """Return the colour that a design asks for.

        Raises:
            KeyError: a name in the wish is not the theme's; the error's argument is that name.
        """
        name, _, ground = wish.partition(" on ")
        if not ground:
            return self._named(name)
        under = self._named(ground)
        if name not in CHOSEN:
            return readable(self._named(name), under)
        quiet, auto = sorted((self.colours["ink"], self.colours["paper"]), key=lambda each: _ratio(each, under))
        return auto if name == "auto" else quiet

    def _named(self, name: str) -> Rgb:
        return parse(name) if HEX.fullmatch(name) else self.colours[name]

    @staticmethod
    def _usable(colours: Mapping[str, Rgb], accent: Rgb) -> Rgb:
        """Return the accent, moved a little when neither ink nor paper can be read on it: some greens, reds, greys."""
        ink, paper = colours["ink"], colours["paper"]
        darker = (mixed(accent, ink, step / 50) for step in range(11))  # tried first: paper on a full colour looks best
        lighter = (mixed(accent, paper, step / 50) for step in range(51))
        mixes = (mix for mix in (*darker, *lighter) if max(_ratio(ink, mix), _ratio(paper, mix)) >= READABLE + 0.1)
        return next(mixes, paper)


def _ratio(one: Rgb, other: Rgb) -> float:
    return contrast(luminance(one), luminance(other))
