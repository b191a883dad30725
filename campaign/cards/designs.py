"""A design read for a format: overrides laid over, keys and names checked, mistakes told together. No picture here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from campaign.cards.colours import CHOSEN, HEX
from campaign.cards.schema import KEYS, NEEDED, PLACEHOLDER, THINGS, WORDS, Key, Layer, Unreadable
from campaign.cards.sources import EXTENDS, Format, Source, Theme, design_file, read_toml
from campaign.config.problems import Place
from campaign.errors import RenderError

PER_REQUEST = ("region", "funding")  # images that a request brings, beside those of the theme
NOT_LAYERS = (EXTENDS, "format")


@dataclass(frozen=True)
class Entry:
    """One value of a design, and where it was written."""

    value: Any
    source: Source
    place: Place


@dataclass(frozen=True)
class Written:
    """One layer as it was written: in a design, in what that extends, in overrides of a format."""

    source: Source
    keys: Mapping[str, Entry]


@dataclass(frozen=True)
class Design:
    """The files of a design: its own, and the one whose layers it takes over."""

    own: Source
    base: Source | None = None

    @property
    def sources(self) -> tuple[Source, ...]:
        """What is taken over first, so that the design's own words come later and win."""
        return (self.base, self.own) if self.base else (self.own,)

    @property
    def files(self) -> tuple[Path, ...]:
        return tuple(source.path for source in self.sources)


def read_design(name: str, folders: Sequence[Path]) -> Design:
    """Return the files of a design. `extends = "_frame"` takes over the layers of that file, painted last.

    Raises:
        RenderError: one of them is not there, or no TOML.
    """
    own = read_toml(design_file(name, folders))
    if EXTENDS not in own.table:
        return Design(own)
    base = own.table[EXTENDS]
    if not isinstance(base, str):
        own.wrong((EXTENDS,), "this value cannot be used.", 'Write the name of a design, such as "_frame".')
        own.finish()
    try:
        return Design(own, read_toml(design_file(base, folders)))
    except RenderError as error:
        own.wrong((EXTENDS,), str(error))
        own.finish()
        raise


def layers_for(design: Design, card_format: Format, formats: Mapping[str, Format], theme: Theme) -> tuple[Layer, ...]:
    """Return the layers of a design in one format, in the order in which they are painted.

    Raises:
        RenderError: the design has mistakes, for this format or in an override of another one.
    """
    written = _written(design)
    for source in design.sources:
        for place in _overrides(source, card_format, formats):
            for name, keys in _tables(source, place):
                if name not in written:
                    source.no_name((*place, name), "layer", name, written)
                    continue
                written[name] = _overlaid(written[name], _entries(source, (*place, name), keys))
    layers = [layer for name, layer_written in written.items() if (layer := _layer(name, layer_written))]
    if len(layers) == len(written):
        _check_names(layers, written, theme)
    _finish(design)
    return tuple(layers)


def _finish(design: Design) -> None:
    """Tell the mistakes of all files together."""
    problems = [each for source in reversed(design.sources) for each in source.problems]
    if problems:
        raise RenderError("\n".join(str(each) for each in problems))


def _written(design: Design) -> dict[str, Written]:
    """Return every layer by name, the design's own ones first; what both files write of one is laid together."""
    own = _layers_in(design.own)
    base = _layers_in(design.base) if design.base else {}
    laid = {name: _overlaid(keys, own[name].keys) if name in own else keys for name, keys in base.items()}
    return {name: keys for name, keys in own.items() if name not in base} | laid


def _layers_in(source: Source) -> dict[str, Written]:
    tables = ((name, keys) for name, keys in _tables(source, ()) if name not in NOT_LAYERS)
    return {name: Written(source, _entries(source, (name,), keys)) for name, keys in tables}


def _entries(source: Source, place: Place, keys: Mapping[str, Any]) -> dict[str, Entry]:
    return {key: Entry(value, source, (*place, key)) for key, value in keys.items()}


def _overlaid(written: Written, keys: Mapping[str, Entry]) -> Written:
    return Written(written.source, {**written.keys, **keys})


def _tables(source: Source, place: Place) -> Iterator[tuple[str, Mapping[str, Any]]]:
    table: Any = source.table
    for part in place:
        table = table[part]
    for name, value in table.items():
        if not place and name == EXTENDS:
            continue
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


def _layer(name: str, written: Written) -> Layer | None:
    """Return a layer, or None after noting what is wrong with it."""
    if "kind" not in written.keys:
        written.source.wrong((name,), '"kind" is missing.', 'Write what the layer is, such as kind = "text".')
        return None
    kind = written.keys["kind"].value
    known = _keys_of(str(kind))
    is_right = True
    fields = {}
    for key, entry in written.keys.items():
        if key not in known:
            _no_such_key(entry, key, str(kind), known)
            is_right = False
            continue
        try:
            fields[known[key].field or key] = known[key].read(entry.value)
        except Unreadable as error:
            entry.source.wrong(entry.place, "this value cannot be used.", str(error))
            is_right = False
    for key in NEEDED.get(str(kind), ()):
        if key not in written.keys:
            written.source.wrong((name,), f'"{key}" is missing.', f"A layer of kind {kind} needs it.")
            is_right = False
    return Layer(name, **fields) if is_right else None


@cache
def _keys_of(kind: str) -> Mapping[str, Key]:
    return {key: spec for key, spec in KEYS.items() if not spec.kinds or kind in spec.kinds}


def _no_such_key(entry: Entry, key: str, kind: str, known: Mapping[str, Key]) -> None:
    if key in KEYS:
        what = f'"{key}" means nothing for a layer of kind {kind}.'
        entry.source.wrong(entry.place, what, f"It belongs to: {', '.join(KEYS[key].kinds)}.")
    else:
        entry.source.no_key(entry.place, known)


def _check_names(layers: Sequence[Layer], written: Mapping[str, Written], theme: Theme) -> None:
    """Note every layer, word, colour, font or image that is named and does not exist, and circles of layers."""
    by_name = {layer.name: layer for layer in layers}
    all_known = True
    for layer in layers:
        keys = written[layer.name].keys
        for key, kind, name, known in _names_in(layer, by_name, theme):
            if name not in known:
                keys[key].source.no_name(keys[key].place, kind, name, known)
                all_known = False
        if layer.parent in by_name and by_name[layer.parent].kind != "stack":
            entry = keys["in"]
            entry.source.wrong(entry.place, f'"{layer.parent}" holds no layers.', "Name a layer of kind stack.")
            all_known = False
    if all_known:
        _check_order(written, by_name)


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
        ("within", "layer", [layer.within], others),
        ("when", "word", layer.when, words),
        ("unless", "word", layer.unless, words),
        ("text", "word", PLACEHOLDER.findall(layer.text), WORDS),
        ("value", "word", [layer.value], WORDS),
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


def _check_order(written: Mapping[str, Written], layers: Mapping[str, Layer]) -> None:
    """Note layers that stand in, above or below each other in a circle."""
    for layer in layers.values():
        seen: set[str] = set()
        waiting = [layer.name]
        while waiting:
            at = layers[waiting.pop()]
            ahead = [name for name in (at.parent, *at.above, *at.below) if name]
            if layer.name in ahead:
                written[layer.name].source.wrong(
                    (layer.name,), "its place depends on itself.", "Look at its in, above and below."
                )
                return
            waiting += [name for name in ahead if name not in seen]
            seen.update(ahead)
