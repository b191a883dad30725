"""Fonts opened, measured and asked what they can write. Faces are kept per thread: FreeType's are not shared."""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import cached_property, lru_cache
from pathlib import Path

from PIL import ImageFont

from campaign.cards.sources import FontFile

REFERENCE = 200  # px: widths are measured once at this size and scaled; 0.04 px off on a line of 1400 px
KEPT_FACES = 48  # a face of a variable font takes about half a megabyte

_local = threading.local()


class Font:
    """One font in one language, measured in em."""

    def __init__(self, file: FontFile, language: str) -> None:
        self.file = file
        self.language = language

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
        return _width(self.file, self.language, text)

    def ink(self, text: str) -> tuple[float, float, float, float]:
        """Return the ink of `text` as (left of the pen, above the baseline, right of the pen, below the baseline)."""
        return _ink(self.file, self.language, text)

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


@lru_cache(maxsize=8192)
def _width(file: FontFile, language: str, text: str) -> float:
    return _face(file, REFERENCE).getlength(text, language=language) / REFERENCE


@lru_cache(maxsize=2048)
def _ink(file: FontFile, language: str, text: str) -> tuple[float, float, float, float]:
    left, top, right, bottom = _face(file, REFERENCE).getbbox(text, anchor="ls", language=language)
    return left / REFERENCE, -top / REFERENCE, right / REFERENCE, bottom / REFERENCE


@lru_cache(maxsize=16)
def _glyphs(path: Path) -> frozenset[int]:
    from fontTools.ttLib import TTFont  # large: only where something is drawn

    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap())
