"""Fonts opened, measured and asked what they can write. Faces are kept per thread: FreeType's are not shared."""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import cached_property, lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont
from PIL import ImageFont

from campaign.render.cards.sources import FontFile

REFERENCE = 200  # px: widths are measured once at this size and scaled; 0.04 px off on a line of 1400 px
KEPT_FACES = 48  # a face of a variable font takes about half a megabyte

_local = threading.local()


class Font:
    """One font in one language, measured in em."""

    def __init__(self, file: FontFile, language: str) -> None:
        self.file = file
        self.language = language
        self._widths: dict[str, float] = {}
        self._inks: dict[str, tuple[float, float, float, float]] = {}

    def at(self, size: float) -> ImageFont.FreeTypeFont:
        """Return the face at `size` px."""
        return _face(self.file, size)

    @cached_property
    def cap(self) -> float:
        """The height of a capital."""
        return self.ink("H")[1]

    @cached_property
    def glyphs(self) -> frozenset[int]:
        """The characters that the font can write."""
        return _glyphs(self.file.path)

    def width(self, text: str) -> float:
        """Return the advance of `text`."""
        if text not in self._widths:
            self._widths[text] = self.at(REFERENCE).getlength(text, language=self.language) / REFERENCE
        return self._widths[text]

    def ink(self, text: str) -> tuple[float, float, float, float]:
        """Return the ink of `text` as (left of the pen, above the baseline, right of the pen, below the baseline)."""
        if text not in self._inks:
            left, top, right, bottom = self.at(REFERENCE).getbbox(text, anchor="ls", language=self.language)
            self._inks[text] = (left / REFERENCE, -top / REFERENCE, right / REFERENCE, bottom / REFERENCE)
        return self._inks[text]

    def missing(self, text: str) -> tuple[str, ...]:
        """Return the characters of `text` that the font cannot write, in order."""
        return tuple(dict.fromkeys(sign for sign in text if ord(sign) not in self.glyphs))


def _face(file: FontFile, size: float) -> ImageFont.FreeTypeFont:
    faces: OrderedDict[tuple[FontFile, float], ImageFont.FreeTypeFont] | None = getattr(_local, "faces", None)
    if faces is None:
        faces = _local.faces = OrderedDict()
    key = (file, size)
    if key not in faces:
        face = ImageFont.truetype(file.path, size)
        if file.axes:
            face.set_variation_by_axes(list(file.axes))
        faces[key] = face
        if len(faces) > KEPT_FACES:
            faces.popitem(last=False)
    faces.move_to_end(key)
    return faces[key]


@lru_cache(maxsize=16)
def _glyphs(path: Path) -> frozenset[int]:
    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap())
