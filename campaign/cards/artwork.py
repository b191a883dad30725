"""Logos, shapes and funders' lockups, which are PNG, JPEG or SVG: how large they are, and how they look at a size.

An SVG is drawn at the size at which it is shown. Its letters must be outlines: what a font looks like depends on the
machine, and a card may not.
"""

from __future__ import annotations

import io
import re
from functools import lru_cache
from pathlib import Path

from PIL import Image

from campaign.errors import RenderError
from campaign.files import read_once

MEASURED = 400  # px of height at which the proportions of an SVG are learnt
TEXT = re.compile(rb"<(?:\w+:)?text\b")


@read_once
def size_of(path: Path) -> tuple[int, int]:
    """Return width and height in px; of an SVG only their ratio means something.

    Raises:
        RenderError: the file cannot be read.
    """
    try:
        with _opened(path, MEASURED) as file:
            return file.size
    except (OSError, ValueError) as error:
        remedy = "Give a PNG, a JPEG, or an SVG whose letters are outlines."
        raise RenderError(f"The picture {path} cannot be read: {error}.", remedy=remedy) from error


def picture(path: Path, size: tuple[int, int]) -> Image.Image:
    """Return the picture with its transparency at `size` px. It is shared: nobody may paint on it.

    Raises:
        RenderError: the file cannot be read.
    """
    size_of(path)  # which says why it cannot be read
    status = path.stat()
    return _scaled(path, max(1, size[0]), max(1, size[1]), status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=32)
def _scaled(path: Path, width: int, height: int, _changed: int, _size: int) -> Image.Image:
    with _opened(path, height) as file:
        whole = file.convert("RGBA")
    return whole if whole.size == (width, height) else whole.resize((width, height), Image.Resampling.LANCZOS)


def _opened(path: Path, height: int) -> Image.Image:
    if path.suffix.lower() != ".svg":
        return Image.open(path)
    import resvg_py  # only where a team has such a logo

    if TEXT.search(path.read_bytes()):
        raise ValueError("its letters are text, which looks different on each machine")
    drawn = resvg_py.svg_to_bytes(svg_path=str(path), height=height, skip_system_fonts=True)
    return Image.open(io.BytesIO(drawn))
