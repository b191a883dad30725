"""Where everything stands: layers are measured, then placed. Pure; texts and marks are asked for their size.

A root layer stands at an anchor of the card's full or safe area, a child in the row or column of its stack. Texts with
a range of sizes, and stacks of such, share what the others leave: smaller ones first, and the largest takes the rest.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from campaign.cards.emblem import Arrangement
from campaign.cards.schema import Layer, Length
from campaign.cards.sources import Format
from campaign.cards.typeset import Fitted
from campaign.errors import RenderError


class NoRoom(RenderError):
    """The texts of a card do not fit, not even small and short."""


RISE, FALL = 0.4, 0.6  # parts of a gap that accents below it and descenders above it may take
ROOMY = 3.0  # units beside a text that stands alone

Fit = Callable[[Layer, float, float], Fitted]  # a text layer, its width and height in px


@dataclass(frozen=True)
class Rect:
    """A rectangle in px."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def edges(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom in whole px."""
        return round(self.x), round(self.y), round(self.right), round(self.bottom)


@dataclass(frozen=True)
class Placed:
    """A layer at its place; a text brings its lines, funders' marks their arrangement."""

    layer: Layer
    rect: Rect
    content: Fitted | Arrangement | None = None

    @property
    def is_cut(self) -> bool:
        """Whether words were left out."""
        return isinstance(self.content, Fitted) and self.content.cut


@dataclass(frozen=True)
class Content:
    """What the layers hold."""

    fit: Fit
    images: Mapping[str, tuple[int, int]]  # natural size in px by name
    marks: Callable[[float], Arrangement]  # the funders' marks in a width
    logo_height: float = math.inf  # px that no other logo may exceed beside the emblem


@dataclass(frozen=True)
class _Measured:
    layer: Layer
    width: float
    height: float
    children: tuple[_Measured, ...] = ()
    content: Fitted | Arrangement | None = None


class Layout:
    """Measures and places the layers of one card."""

    def __init__(self, layers: Sequence[Layer], card_format: Format, content: Content) -> None:
        self.layers = layers
        self.format = card_format
        self.unit = card_format.unit
        self.content = content
        self.roots: dict[str, tuple[Rect, _Measured]] = {}

    @cached_property
    def smallest(self) -> Layout:
        """The same layers with every text at its smallest size: what they need at least."""
        return self._with(lambda layer: replace(layer, size=(layer.size[0], layer.size[0])))

    @cached_property
    def shortest(self) -> Layout:
        """With every text at its smallest size in one line: what is left when words are cut."""
        return self._with(lambda layer: replace(layer, size=(layer.size[0], layer.size[0]), lines=1))

    def _with(self, change: Callable[[Layer], Layer]) -> Layout:
        changed = [change(layer) if layer.kind == "text" else layer for layer in self.layers]
        return self if changed == list(self.layers) else Layout(changed, self.format, self.content)

    def place(self) -> tuple[Placed, ...]:
        """Return every layer at its place, in the order in which they are painted."""
        by_name = {layer.name: layer for layer in self.layers}
        for layer in self.layers:
            if not layer.parent:
                self._root(layer, by_name)
        placed: dict[str, Placed] = {}
        for rect, measured in self.roots.values():
            self._place(measured, rect.x, rect.y, placed)
        return tuple(placed[layer.name] for layer in self.layers if layer.name in placed)

    def _root(self, layer: Layer, by_name: Mapping[str, Layer]) -> Rect:
        if layer.name not in self.roots:
            area = self._area(layer, by_name)
            measured = self._measure(layer, area.width, area.height)
            x = area.x + _share(layer.at, "left", "right") * (area.width - measured.width)
            y = area.y + _share(layer.at, "top", "bottom") * (area.height - measured.height)
            shift_x, shift_y = (part * self.unit for part in layer.shift)
            self.roots[layer.name] = Rect(x + shift_x, y + shift_y, measured.width, measured.height), measured
        return self.roots[layer.name][0]

    def _area(self, layer: Layer, by_name: Mapping[str, Layer]) -> Rect:
        """Return where a root layer may stand: its area, less what it is to be above or below of."""
        top, right, bottom, left = (side * self.unit if layer.area == "safe" else 0.0 for side in self.format.safe)
        lower = self.format.height - bottom
        space = layer.space * self.unit
        if floor := next((by_name[name] for name in layer.above if name in by_name), None):
            lower = self._root(floor, by_name).y - space
        if ceiling := next((by_name[name] for name in layer.below if name in by_name), None):
            top = self._root(ceiling, by_name).bottom + space
        return Rect(left, top, self.format.width - left - right, lower - top)

    def _measure(self, layer: Layer, width: float, height: float) -> _Measured:
        """Return the size of a layer that has `width` x `height` px of room."""
        own_width = self._length(layer.width, width)
        own_height = self._length(layer.height, height)
        if layer.kind == "stack":
            return self._stack(layer, own_width, own_height, width, height)
        if layer.kind == "text":
            return self._text(layer, width if own_width is None else own_width, own_height or height)
        if layer.kind == "image":
            return self._image(layer, own_width, own_height, width)
        return _Measured(layer, width if own_width is None else own_width, height if own_height is None else own_height)

    def _length(self, length: Length | None, around: float) -> float | None:
        return None if length is None else length.px(self.unit, around)

    def _text(self, layer: Layer, width: float, height: float) -> _Measured:
        top, right, bottom, left = (side * self.unit for side in layer.pad)
        room = height - top - bottom
        fitted = self._spaced(layer, self.content.fit(layer, width - left - right, room))
        if fitted.rise + fitted.height + fitted.fall > room:
            fitted = self.content.fit(layer, width - left - right, room - fitted.rise - fitted.fall)
            fitted = self._spaced(layer, fitted)
        tall = fitted.rise + fitted.height + fitted.fall
        return _Measured(layer, fitted.width + left + right, tall + top + bottom, content=fitted)

    def _spaced(self, layer: Layer, fitted: Fitted) -> Fitted:
        """Keep room above and below a text for ink that reaches further than the gaps around it can hold."""
        around, gaps = self._parent(layer), []
        while around:
            if around.flow == "down":
                gaps += [around.gap + child.space for child in self._children(around)[1:]]
            around = self._parent(around)
        gap = max(0.0, min(gaps, default=ROOMY)) * self.unit
        return replace(fitted, rise=max(0.0, fitted.above - RISE * gap), fall=max(0.0, fitted.below - FALL * gap))

    def _parent(self, layer: Layer) -> Layer | None:
        return next((each for each in self.layers if each.name == layer.parent), None)

    def _children(self, layer: Layer) -> list[Layer]:
        return [child for child in self.layers if child.parent == layer.name]

    def _image(self, layer: Layer, width: float | None, height: float | None, room: float) -> _Measured:
        if layer.image == "funding":
            marks = self.content.marks(room)
            return _Measured(layer, marks.width, marks.height, content=marks)
        natural_width, natural_height = self.content.images[layer.image]
        tallest = math.inf if layer.tint else self.content.logo_height
        tallest = min(tallest, math.inf if height is None else height)
        widest = room if width is None else width
        scale = min(widest / natural_width, tallest / natural_height)
        return _Measured(layer, natural_width * scale, natural_height * scale)

    def _stack(
        self, layer: Layer, own_width: float | None, own_height: float | None, width: float, height: float
    ) -> _Measured:
        top, right, bottom, left = (side * self.unit for side in layer.pad)
        inner_width = (width if own_width is None else own_width) - left - right
        inner_height = (height if own_height is None else own_height) - top - bottom
        children = self._children(layer)
        measure = self._column if layer.flow == "down" else self._row
        measured = measure(layer, children, inner_width, inner_height)
        gaps = self._gaps(layer, children)
        if layer.flow == "down":
            used_width = max(child.width for child in measured)
            used_height = sum(child.height for child in measured) + gaps
        else:
            used_width = sum(child.width for child in measured) + gaps
            used_height = max(child.height for child in measured)
        if layer.align == "stretch":
            measured = [_stretched(child, layer.flow, used_width, used_height) for child in measured]
        return _Measured(
            layer,
            used_width + left + right if own_width is None else own_width,
            used_height + top + bottom if own_height is None else own_height,
            tuple(measured),
        )

    def _gaps(self, layer: Layer, children: Sequence[Layer]) -> float:
        return self.unit * sum(layer.gap + child.space for child in children[1:])

    def _column(self, layer: Layer, children: Sequence[Layer], width: float, height: float) -> list[_Measured]:
        """Measure from top to bottom: what is fixed, then texts by size, each leaving the later ones their smallest."""
        growing = sorted((child for child in children if self._reach(child)), key=self._reach)
        done = {child.name: self._measure(child, width, height) for child in children if not self._reach(child)}
        least = {child.name: self.smallest.height_of(child, width) for child in growing}
        left = height - self._gaps(layer, children) - sum(each.height for each in done.values()) - sum(least.values())
        for child in growing:
            room = least[child.name] + left
            if left < 0:  # too much text: smaller texts lose lines first, down to one
                room = max(room, self.shortest.height_of(child, width))
            done[child.name] = self._measure(child, width, room)
            left += least[child.name] - done[child.name].height
        if left < -1:
            raise NoRoom(
                f"The card has no room for its texts in the format {self.format.name}.",
                remedy=f"Shorten them, or let the design hide one of: {', '.join(done)}.",
            )
        return [done[child.name] for child in children]

    def height_of(self, layer: Layer, width: float) -> float:
        """Return the height (px) that a layer takes where nothing bounds it."""
        own = next(each for each in self.layers if each.name == layer.name)
        return self._measure(own, width, math.inf).height

    def _reach(self, layer: Layer) -> float:
        """Return the largest size of a text in a layer, 0 without text."""
        if layer.kind == "text":
            return layer.size[1]
        return max(map(self._reach, self._children(layer)), default=0.0)

    def _row(self, layer: Layer, children: Sequence[Layer], width: float, height: float) -> list[_Measured]:
        """Measure from left to right: what has a size of its own, then texts, then the funders' marks in the rest."""
        left = width - self._gaps(layer, children)
        done: dict[str, _Measured] = {}
        for child in sorted(children, key=_row_turn):
            room = width if child.width or not _row_turn(child) else left
            done[child.name] = self._measure(child, room, height)
            left -= done[child.name].width
        return [done[child.name] for child in children]

    def _place(self, measured: _Measured, x: float, y: float, placed: dict[str, Placed]) -> None:
        layer = measured.layer
        placed[layer.name] = Placed(layer, Rect(x, y, measured.width, measured.height), measured.content)
        if not measured.children:
            return
        top, right, bottom, left = (side * self.unit for side in layer.pad)
        down = layer.flow == "down"
        sizes = [child.height if down else child.width for child in measured.children]
        along = measured.height - top - bottom if down else measured.width - left - right
        across = measured.width - left - right if down else measured.height - top - bottom
        spare = along - sum(sizes) - self._gaps(layer, [child.layer for child in measured.children])
        between = spare / max(1, len(sizes) - 1) if layer.justify == "between" else 0.0
        at = {"center": spare / 2, "end": spare}.get(layer.justify, 0.0)
        for n, (child, size) in enumerate(zip(measured.children, sizes, strict=True)):
            at += ((layer.gap + child.layer.space) * self.unit + between) if n else 0.0
            other = child.width if down else child.height
            off = {"center": 0.5, "end": 1.0}.get(layer.align, 0.0) * (across - other)
            self._place(child, x + left + (off if down else at), y + top + (at if down else off), placed)
            at += size


def _stretched(child: _Measured, flow: str, width: float, height: float) -> _Measured:
    """Return a stack as wide as its column, or as high as its row; other layers keep their size."""
    if child.layer.kind != "stack":
        return child
    return replace(child, width=width) if flow == "down" else replace(child, height=height)


def _share(anchor: str, near: str, far: str) -> float:
    """Return 0 for the near side, 1 for the far one, one half between them."""
    return 0.0 if near in anchor else 1.0 if far in anchor else 0.5


def _row_turn(layer: Layer) -> int:
    """Return when a layer of a row is measured: 0 = it has a size of its own, 1 = text, 2 = the funders' marks."""
    if layer.kind == "image" and layer.image == "funding":
        return 2
    return 1 if layer.kind == "text" else 0


def present(layers: Sequence[Layer], there: Callable[[Layer], bool]) -> tuple[Layer, ...]:
    """Return the layers that have something to show: without empty stacks, and without children of absent layers."""
    kept = [layer for layer in layers if there(layer)]
    while True:
        names = {layer.name for layer in kept}
        parents = {layer.parent for layer in kept}
        fewer = [
            layer
            for layer in kept
            if (not layer.parent or layer.parent in names) and (layer.kind != "stack" or layer.name in parents)
        ]
        if len(fewer) == len(kept):
            return tuple(kept)
        kept = fewer
