"""A design read for a format: overrides laid over, keys and names checked, mistakes told together. No picture here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from campaign.config.problems import Place
from campaign.render.cards.colours import CHOSEN, HEX
from campaign.render.cards.schema import KEYS, NEEDED, PLACEHOLDER, THINGS, WORDS, Key, Layer, Unreadable
from campaign.render.cards.sources import Format, Source, Theme

PER_REQUEST = ("region", "funding")  # images that a request brings, beside those of the theme

Written = dict[str, tuple[Any, Place]]  # by key: the value, and the place where it was written


def layers_for(source: Source, card_format: Format, formats: Mapping[str, Format], theme: Theme) -> tuple[Layer, ...]:
    """Return the layers of a design in one format, in the order in which they are painted.

    Raises:
        RenderError: the design has mistakes, for this format or in an override of another one.
    """
    written = _written(source)
    for place in _overrides(source, card_format, formats):
        for name, keys in _tables(source, place):
            if name not in written:
                source.no_name((*place, name), "layer", name, written)
                continue
            written[name] |= {key: (value, (*place, name, key)) for key, value in keys.items()}
    layers = [layer for name, keys in written.items() if (layer := _layer(source, name, keys))]
    if len(layers) == len(written):
        _check_names(source, layers, written, theme)
    source.finish()
    return tuple(layers)


def _written(source: Source) -> dict[str, Written]:
    return {
        name: {key: (value, (name, key)) for key, value in keys.items()}
        for name, keys in _tables(source, ())
        if name != "format"
    }


def _tables(source: Source, place: Place) -> Iterator[tuple[str, Mapping[str, Any]]]:
    table: Any = source.table
    for part in place:
        table = table[part]
    for name, value in table.items():
        if (keys := source.tables((*place, name), value)) is value:
            yield name, keys


def _overrides(source: Source, card_format: Format, formats: Mapping[str, Format]) -> list[Place]:
    """Return where the overrides of a format stand: those of its groups before its own."""
    known = {*formats, *(group for each in formats.values() for group in each.groups)}
    written = source.tables(("format",), source.table.get("format", {}))
    for name, keys in written.items():
        source.tables(("format", name), keys)
        if name not in known:
            source.no_name(("format", name), "format", name, known)
    names = dict.fromkeys((*card_format.groups, card_format.name))
    return [("format", name) for name in names if isinstance(written.get(name), Mapping)]


def _layer(source: Source, name: str, written: Written) -> Layer | None:
    """Return a layer, or None after noting what is wrong with it."""
    values = {key: value for key, (value, place) in written.items()}
    kind = values.get("kind")
    if kind is None:
        source.wrong((name,), '"kind" is missing.', 'Write what the layer is, such as kind = "text".')
        return None
    known = {key: spec for key, spec in KEYS.items() if not spec.kinds or kind in spec.kinds}
    before = len(source.problems)
    fields = {}
    for key, (value, place) in written.items():
        if key not in known:
            _no_such_key(source, place, key, str(kind), known)
            continue
        try:
            fields[known[key].field or key] = known[key].read(value)
        except Unreadable as error:
            source.wrong(place, "this value cannot be used.", str(error))
    for key in NEEDED.get(str(kind), ()):
        if key not in values:
            source.wrong((name,), f'"{key}" is missing.', f"A layer of kind {kind} needs it.")
    return Layer(name, **fields) if len(source.problems) == before else None


def _no_such_key(source: Source, place: Place, key: str, kind: str, known: Mapping[str, Key]) -> None:
    if key in KEYS:
        what = f'"{key}" means nothing for a layer of kind {kind}.'
        source.wrong(place, what, f"It belongs to: {', '.join(KEYS[key].kinds)}.")
    else:
        source.no_key(place, known)


def _check_names(source: Source, layers: Sequence[Layer], written: Mapping[str, Written], theme: Theme) -> None:
    """Note every layer, word, colour, font or image that is named and does not exist, and circles of layers."""
    by_name = {layer.name: layer for layer in layers}
    for layer in layers:
        for key, kind, name, known in _names_in(layer, by_name, theme):
            if name not in known:
                source.no_name(written[layer.name][key][1], kind, name, known)
        if layer.parent in by_name and by_name[layer.parent].kind != "stack":
            place = written[layer.name]["in"][1]
            source.wrong(place, f'"{layer.parent}" holds no layers.', "Name a layer of kind stack.")
    if not source.problems:
        _check_order(source, by_name)


def _names_in(layer: Layer, layers: Mapping[str, Layer], theme: Theme) -> Iterator[tuple[str, str, str, Iterable[str]]]:
    """Yield (key, kind of name, name, the names known) for every name that a layer uses."""
    others = [name for name in layers if name != layer.name]
    words = (*WORDS, *THINGS)
    used: list[tuple[str, str, Iterable[str], Iterable[str]]] = [
        ("in", "layer", [layer.parent], others),
        ("above", "layer", layer.above, others),
        ("below", "layer", layer.below, others),
        ("clear_of", "layer", [layer.clear_of], others),
        ("under", "layer", layer.under, others),
        ("when", "word", layer.when, words),
        ("unless", "word", layer.unless, words),
        ("text", "word", PLACEHOLDER.findall(layer.text), WORDS),
        ("font", "font", [layer.font], theme.fonts),
        ("image", "image", [layer.image], (*theme.images, *PER_REQUEST)),
        *((key, "colour", _named(getattr(layer, key)), theme.colours) for key in ("color", "fill", "tint")),
    ]
    for key, kind, names, known in used:
        yield from ((key, kind, name, known) for name in names if name and not HEX.fullmatch(name))


def _named(colour: str) -> list[str]:
    """Return the names in a colour such as `auto on accent` that must be the theme's."""
    name, _, ground = colour.partition(" on ")
    return [ground] if ground and name in CHOSEN else [name, ground]


def _check_order(source: Source, layers: Mapping[str, Layer]) -> None:
    """Note layers that stand in, above or below each other in a circle."""
    for layer in layers.values():
        seen: set[str] = set()
        waiting = [layer.name]
        while waiting:
            at = layers[waiting.pop()]
            ahead = [name for name in (at.parent, *at.above, *at.below) if name]
            if layer.name in ahead:
                source.wrong((layer.name,), "its place depends on itself.", "Look at its in, above and below.")
                return
            waiting += [name for name in ahead if name not in seen]
            seen.update(ahead)
