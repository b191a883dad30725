"""The card: the branded image of a post, drawn from a design, a theme and a story's words.

Designs are flat TOML layers (`schema`, `designs`), measured and placed (`drawing`, `layout`, `typeset`), then painted
(`paint`). Several cards of one post are a series: their headlines have one size.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from campaign.cards import sources
from campaign.cards.designs import read_design
from campaign.cards.drawing import CardRequest, Drawing, layers_of
from campaign.cards.emblem import Funding
from campaign.cards.lint import mistakes
from campaign.cards.photos import TooSmall
from campaign.errors import RenderError

__all__ = ["Card", "CardRequest", "Drawing", "Funding", "designs", "draw", "formats", "inputs", "mistakes", "series"]

QUALITIES = (88, 82, 76, 70, 62, 54)
WITHOUT_PHOTO = {"photo": "plain"}  # designs that are nothing without one; all others have a look of their own for it


@dataclass(frozen=True)
class Card:
    """A finished card."""

    data: bytes
    media_type: str
    width: int
    height: int
    words: tuple[str, ...]  # every text drawn, in reading order, funders' statements last
    notes: tuple[str, ...]  # what a person should know before approving
    has_photo: bool = False  # the story's photo is on it


def draw(request: CardRequest, *, max_bytes: int = 1_000_000, folders: Sequence[Path] = ()) -> Card:
    """Draw a card as a JPEG of at most `max_bytes`. The same request and files give the same bytes.

    Raises:
        RenderError: a file, design, theme or format is missing or wrong; a character has no glyph; something cannot
            be made to fit or to be read.
    """
    return series((request,), max_bytes=max_bytes, folders=folders)[0]


def series(
    requests: Sequence[CardRequest], *, max_bytes: int = 1_000_000, folders: Sequence[Path] = ()
) -> tuple[Card, ...]:
    """Draw the cards of one post, texts of the same group (`same`) in the same size on all of them.

    Raises:
        RenderError: as `draw`.
    """
    drawings = [Drawing(request, folders) for request in requests]
    least: dict[str, float] = {}
    for drawing in drawings:
        least |= {group: min(size, least.get(group, size)) for group, size in drawing.sizes.items()}
    for drawing in drawings:
        if any(size > least[group] for group, size in drawing.sizes.items()):
            drawing.limit(least)
    return tuple(_drawn(drawing, max_bytes, folders) for drawing in drawings)


def _drawn(drawing: Drawing, max_bytes: int, folders: Sequence[Path]) -> Card:
    """Paint a card; without its photo, and saying so, where that is far too small."""
    try:
        return _painted(drawing, max_bytes)
    except TooSmall as problem:
        request = drawing.request
        design = WITHOUT_PHOTO.get(request.design, request.design)
        fields = {**request.fields, "credit": ""}
        bare = Drawing(replace(request, design=design, photo=None, fields=fields), folders)
        bare.remarks.append(f"{problem.what}, so the card is drawn without it.")
        return _painted(bare, max_bytes)


def _painted(drawing: Drawing, max_bytes: int) -> Card:
    image = drawing.painter.ground(drawing.placed)
    drawing.painter.letters(image, drawing.placed)
    data = _jpeg(image, max_bytes)
    notes = tuple(dict.fromkeys((*drawing.notes(), *drawing.painter.notes)))
    has_photo = any(each.layer.kind == "photo" for each in drawing.placed)
    return Card(data, "image/jpeg", image.width, image.height, drawing.words(), notes, has_photo)


def inputs(request: CardRequest, folders: Sequence[Path] = ()) -> tuple[Path, ...]:
    """Return every file whose bytes shape the card, sorted.

    Raises:
        RenderError: a file, design, theme or format is missing or wrong.
    """
    theme, known = sources.load_theme(request.theme, folders), sources.load_formats(folders)
    used = {request.design, WITHOUT_PHOTO.get(request.design, request.design)}  # the photo may be too small
    drawn = [replace(request, design=design) for design in used]
    layers = [layer for each in drawn for layer in layers_of(each, theme, known, folders)]
    images = {layer.image for layer in layers}
    shaping = [
        *(path for each in drawn for path in read_design(each.design, folders).files),
        *sources.format_files(folders),
        *theme.files,
        *(theme.fonts[name].path for name in {layer.font for layer in layers if layer.font} | {sources.STATEMENT}),
        *(path for name, path in theme.images.items() if name in images),
        *(funding.lockup for funding in request.funding if funding.lockup),
        *(path for path in (request.photo, request.region_logo) if path),
    ]
    return tuple(sorted(set(shaping)))


def designs(folders: Sequence[Path] = ()) -> tuple[str, ...]:
    """Return the names of all designs; files whose name begins with "_" are parts of designs."""
    return tuple(sorted(name for name in sources.design_files(folders) if not name.startswith("_")))


def formats(folders: Sequence[Path] = ()) -> Mapping[str, tuple[int, int]]:
    """Return width and height in px of each format by name.

    Raises:
        RenderError: a format file has mistakes.
    """
    return {name: (each.width, each.height) for name, each in sources.load_formats(folders).items()}


def _jpeg(image: Image.Image, max_bytes: int) -> bytes:
    """Return the picture at the best quality that fits; no metadata is written."""
    for quality in QUALITIES:
        data = io.BytesIO()
        image.save(data, "JPEG", quality=quality, subsampling="4:2:0")
        if data.tell() <= max_bytes:
            return data.getvalue()
    raise RenderError(
        f"The card does not fit into {max_bytes} bytes.", remedy="Use a smaller format, or raise the channel's limit."
    )
