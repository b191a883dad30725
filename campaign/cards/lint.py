"""What is wrong with designs, formats and themes, told with file and line. Nothing is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from campaign.cards import sources
from campaign.cards.colours import READABLE, Palette, contrast, luminance, parse
from campaign.cards.designs import Design, layers_for, read_design
from campaign.cards.schema import Layer
from campaign.cards.sources import Format, Theme
from campaign.errors import RenderError

THEME = "campaign"


def mistakes(names: Sequence[str], folders: Sequence[Path], accents: Sequence[str] = ()) -> tuple[str, ...]:
    """Return every mistake in these designs, in all formats and in the themes, each told once.

    `accents` are the regions' colours: each declared pair of text and ground must be readable with each of them.
    """
    found: list[str] = []
    try:
        formats = sources.load_formats(folders)
        themes = {name: sources.load_theme(name, folders) for name in sources.theme_names(folders)}
    except RenderError as error:
        return (str(error),)
    palettes = [Palette(themes[THEME].colours, parse(accent) if accent else None) for accent in ("", *accents)]
    for name in names:
        for form in formats.values():
            found += _in_design(name, form, formats, themes[THEME], palettes, folders)
    return tuple(dict.fromkeys(found))


def _in_design(
    name: str,
    form: Format,
    formats: Mapping[str, Format],
    theme: Theme,
    palettes: Sequence[Palette],
    folders: Sequence[Path],
) -> Iterator[str]:
    try:
        design = read_design(name, folders)
        layers = layers_for(design, form, formats, theme)
    except RenderError as error:
        yield str(error)
        return
    for layer in layers:
        ground = _ground(layer, layers)
        if layer.kind == "text" and ground:
            ratio = min(_contrast(palette, layer.color, ground) for palette in palettes)
            if ratio < READABLE:
                yield _told(design, layer, ground, ratio)


def _ground(layer: Layer, layers: Sequence[Layer]) -> str:
    """Return the colour that a text is sure to stand on: its own fill, or that of a stack around it; else empty."""
    by_name = {each.name: each for each in layers}
    while not layer.fill:
        if not layer.parent:
            return ""
        layer = by_name[layer.parent]
    return layer.fill


def _contrast(palette: Palette, colour: str, ground: str) -> float:
    return contrast(luminance(palette[colour]), luminance(palette[ground]))


def _told(design: Design, layer: Layer, ground: str, ratio: float) -> str:
    source = design.base if design.base and layer.name not in design.own.table else design.own
    what = f'"{layer.color}" on "{ground}" has a contrast of {ratio:.1f}, needed {READABLE}.'
    source.wrong((layer.name, "color"), what, f'Write "auto on {ground}", or another pair.')
    return str(source.problems.pop())
