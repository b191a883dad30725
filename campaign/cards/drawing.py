"""One card between its request and the painter: words filled in, layers chosen, everything measured and placed."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from campaign.cards import artwork, emblem, photos, sources, typeset
from campaign.cards.colours import Palette, parse
from campaign.cards.designs import layers_for, read_design
from campaign.cards.emblem import Funding
from campaign.cards.fonts import Font
from campaign.cards.layout import Content, Layout, NoRoom, Placed, present
from campaign.cards.paint import Painter
from campaign.cards.schema import PLACEHOLDER, Layer, Length
from campaign.cards.sources import Format, Theme
from campaign.cards.typeset import Fitted
from campaign.errors import RenderError

SILENTLY = 1  # a layer that yields first is only there to fill the room, and nobody need know that it is gone
UNIT = "{unit"  # how the text of a layer begins that says what the number before it counts
SILENT = ("open", "close")  # words that say nothing by themselves


@dataclass(frozen=True)
class CardRequest:
    """What a card is made of."""

    design: str
    format: str
    theme: str
    language: str  # BCP 47
    fields: Mapping[str, str] = field(default_factory=dict)  # the words that designs may speak of, schema.WORDS
    photo: Path | None = None  # upright sRGB JPEG
    focus: tuple[float, float] | None = None  # 0..1 from the left, 0..1 from the top
    accent: str = ""  # the region's #RRGGBB; empty: the theme's
    region_logo: Path | None = None
    funding: tuple[Funding, ...] = ()


@dataclass(frozen=True)
class _Try:
    """One way to lay a card out: the layers that are kept, and where they came to stand."""

    layers: tuple[Layer, ...]
    placed: tuple[Placed, ...]
    problem: NoRoom | None = None

    @property
    def cut(self) -> float:
        """How many texts lost words; no end of them where there was no room at all."""
        return math.inf if self.problem else sum(each.is_cut for each in self.placed)


def _cut(tried: tuple[_Try, set[str]]) -> float:
    return tried[0].cut


class Drawing:
    """One request with all that it names: read, checked and laid out, ready for the painter."""

    def __init__(self, request: CardRequest, folders: Sequence[Path]) -> None:
        self.request = request
        self.remarks: list[str] = []
        known = sources.load_formats(folders)
        theme = sources.load_theme(request.theme, folders)
        self.format = format_named(request.format, known)
        self.fonts = {name: Font(file, request.language) for name, file in theme.fonts.items()}
        self.images = {**theme.images, **({"region": request.region_logo} if request.region_logo else {})}
        layers = layers_of(request, theme, known, folders)
        self.texts = {layer.name: self._text(layer) for layer in layers if layer.kind == "text"}
        self._check_statements()
        self.layers = present([self._measured(layer) for layer in layers], self._is_there)
        self.limits: dict[str, float] = {}  # by group of texts that are set in the same size: its largest size, px
        self.placed = self._even()
        photo = photos.load(request.photo) if request.photo else None
        palette = Palette(theme.colours, _accent(request.accent))
        self.painter = Painter(self.format, palette, self.fonts, self.images, photo, request.focus)

    @property
    def sizes(self) -> dict[str, float]:
        """The smallest size (px) among the texts of each group that are set in the same size."""
        sizes: dict[str, float] = {}
        for each in self.placed:
            if each.layer.same and isinstance(each.content, Fitted):
                sizes[each.layer.same] = min(each.content.size, sizes.get(each.layer.same, each.content.size))
        return sizes

    def limit(self, sizes: Mapping[str, float]) -> None:
        """Lay out again with no text of these groups larger than this."""
        self.limits |= sizes
        self.placed = self._even()

    def words(self) -> tuple[str, ...]:
        """Return what the card says, as drawn, in reading order; what belongs together is one piece."""
        said: dict[str, str] = {}
        for each in self.placed:
            if isinstance(each.content, Fitted):
                piece = around(each.layer, "together", self.layers) or each.layer.name
                said[piece] = _joined(said.get(piece, ""), each.layer, self._shown(each))
        return (*said.values(), *(funding.statement for funding in self.request.funding))

    def notes(self) -> tuple[str, ...]:
        """Return what a person should know of how the words fit."""
        cut = (
            f"Too long for the card, so the {_spoken(each.layer.name)} was cut: “{self._shown(each)}”"
            for each in self.placed
            if each.is_cut
        )
        return (*self.remarks, *cut)

    def _text(self, layer: Layer) -> str:
        """Return what a text layer says, cleaned, without pictographs; empty when its words are."""
        opening, closing = typeset.quotes(self.request.language)
        words = {**self.request.fields, "open": opening, "close": closing}
        if "quote" in words:
            words["quote"] = typeset.unquoted(words["quote"])
        text = filled(layer.text, words)
        font = self.fonts[layer.font]
        text, dropped = typeset.without_emoji(text, font.glyphs)
        if dropped:
            self.remarks.append(f"Left out on the card, which draws no pictographs: {' '.join(dropped)}")
        text = typeset.clean(text, self.request.language)
        _refuse_missing(font, text)
        return text

    def _check_statements(self) -> None:
        for funding in self.request.funding:
            if not funding.lockup:
                _refuse_missing(self.fonts[sources.STATEMENT], funding.statement)

    def _measured(self, layer: Layer) -> Layer:
        """Give a box that shows a value the width of that value."""
        if not layer.value:
            return layer
        whole = layer.width or Length(1.0, part=True)
        return replace(layer, width=replace(whole, value=whole.value * _part(self.request.fields.get(layer.value, ""))))

    def _is_there(self, layer: Layer) -> bool:
        """Whether a layer has something to show, and its conditions hold."""
        request = self.request
        things: dict[str, object] = {
            "photo": request.photo,
            "region_logo": request.region_logo,
            "funding": request.funding,
        }
        things |= {name: value.strip() for name, value in request.fields.items()}
        if layer.hide or not all(things.get(name) for name in layer.when) or any(map(things.get, layer.unless)):
            return False
        if layer.kind == "text":
            return bool(self.texts[layer.name])
        if layer.kind == "image":
            return bool(request.funding) if layer.image == "funding" else layer.image in self.images
        if layer.value:
            return _part(request.fields.get(layer.value, "")) > 0
        return layer.kind != "photo" or request.photo is not None

    def _even(self) -> tuple[Placed, ...]:
        """Lay out, and once more where texts that are set in the same size came out in different ones."""
        self.placed = self._place()
        uneven = {
            each.layer.same
            for each in self.placed
            if isinstance(each.content, Fitted) and each.layer.same and each.content.size > self.sizes[each.layer.same]
        }
        if not uneven:
            return self.placed
        self.limits |= {group: self.sizes[group] for group in uneven}
        return self._place()

    def _place(self) -> tuple[Placed, ...]:
        """Lay out; where words would be cut, layers that may yield are left out, no more of them than helps."""
        best, gone = self._try(self.layers), set[str]()
        yielding = sorted((layer for layer in self.layers if layer.yields), key=lambda layer: layer.yields)
        for n in range(1, len(yielding) + 1):
            if best.cut:
                names = {layer.name for layer in yielding[:n]}
                best, gone = min((best, gone), (self._try(self._without(self.layers, names)), names), key=_cut)
        for layer in reversed(yielding):  # what went in vain comes back, what yields last first
            if layer.name in gone:
                names = gone - {layer.name}
                best, gone = min((self._try(self._without(self.layers, names)), names), (best, gone), key=_cut)
        if best.problem:
            raise best.problem
        told = (layer for layer in yielding if layer.name in gone and layer.yields > SILENTLY)
        self.remarks += [f"No room on the card for {self._named(layer)}." for layer in told]
        self.layers = best.layers
        return best.placed

    def _try(self, layers: tuple[Layer, ...]) -> _Try:
        """Lay out these layers; the region's logo yields to the funders' marks at once."""
        try:
            return _Try(layers, Layout(layers, self.format, self._content()).place())
        except emblem.NoRoom:
            logos = {layer.name for layer in layers if layer.image == "region"}
            if not logos:
                raise
            self.remarks.append("No room on the card for the region's logo beside the funders' marks.")
            self.layers = self._without(self.layers, logos)
            return self._try(self._without(layers, logos))
        except NoRoom as problem:
            return _Try(layers, (), problem)

    def _named(self, layer: Layer) -> str:
        """Return what people call a text, or what the texts of a stack say."""
        if layer.kind == "text":
            return f"the {_spoken(layer.name)}"
        said = ""
        for each in self.layers:
            if each.kind == "text" and each.parent == layer.name:
                said = _joined(said, each, self.texts[each.name])
        return f"“{said}”".replace(typeset.NBSP, " ")

    def _without(self, layers: Sequence[Layer], names: set[str]) -> tuple[Layer, ...]:
        return present([layer for layer in layers if layer.name not in names], self._is_there)

    def _content(self) -> Content:
        request, unit = self.request, self.format.unit
        used = {layer.image for layer in self.layers if layer.image in self.images}
        statement = self.fonts[sources.STATEMENT]
        smallest = max((self.format.emblem[0], *(funding.emblem_min for funding in request.funding)))

        @cache
        def fit(layer: Layer, width: float, height: float) -> Fitted:
            low, high = (size * unit for size in layer.size)
            limit = self.limits.get(layer.same, high)
            return typeset.fit(
                self.texts[layer.name],
                self.fonts[layer.font],
                width=width,
                height=height,
                sizes=(min(low, limit), min(high, limit)),
                max_lines=layer.lines,
                leading=layer.leading,
                language=request.language,
            )

        def marks(width: float) -> emblem.Arrangement:
            tallest = emblem.LARGEST_PART * self.format.height
            return emblem.arrange(request.funding, statement, width, self.format.emblem, tallest)

        sizes = {name: artwork.size_of(self.images[name]) for name in used}
        return Content(fit, sizes, marks, smallest if request.funding else float("inf"))

    def _shown(self, each: Placed) -> str:
        """Return what a text layer says as it is drawn, without typographic spaces."""
        if isinstance(each.content, Fitted) and each.is_cut:
            return _plain(each.content)
        return self.texts[each.layer.name].replace(typeset.NBSP, " ")


def around(layer: Layer, key: str, layers: Sequence[Layer]) -> str:
    """Return the name of the layer, or of the nearest stack around it, for which `key` is set; empty for none."""
    by_name = {each.name: each for each in layers}
    while not getattr(layer, key):
        if not layer.parent:
            return ""
        layer = by_name[layer.parent]
    return layer.name


def filled(template: str, words: Mapping[str, str]) -> str:
    """Put words into `{region} · {kind_label}`; a part between separators goes when its words are empty."""
    pieces = re.split(r"( · |, )", template)
    text = ""
    for n in range(0, len(pieces), 2):
        names = PLACEHOLDER.findall(pieces[n])
        if names and not any(words.get(name, "").strip() for name in names if name not in SILENT):
            continue
        part = PLACEHOLDER.sub(lambda found: words.get(found[1], "").strip(), pieces[n])
        text += (pieces[n - 1] if text else "") + part
    return text


def layers_of(
    request: CardRequest, theme: Theme, known: Mapping[str, Format], folders: Sequence[Path]
) -> tuple[Layer, ...]:
    """Return the layers of the request's design in its format.

    Raises:
        RenderError: the design has mistakes, or there is no such design or format.
    """
    design = read_design(request.design, folders)
    return layers_for(design, format_named(request.format, known), known, theme)


def format_named(name: str, known: Mapping[str, Format]) -> Format:
    """Return a format.

    Raises:
        RenderError: there is none of that name.
    """
    if name not in known:
        raise RenderError(f'There is no format "{name}".', remedy=f"Known: {', '.join(sorted(known))}.")
    return known[name]


def _plain(fitted: Fitted) -> str:
    """Return lines as running text: broken words joined, no-break spaces as spaces."""
    text = ""
    for line in fitted.lines:
        text += line if not text or re.search(r"\w[-/]$", text) else f" {line}"
    return text.replace(typeset.NBSP, " ")


def _joined(said: str, layer: Layer, text: str) -> str:
    """Put what a text layer says behind what is said already: a number and its unit are one."""
    joint = " " if layer.text.startswith(UNIT) else ", "
    return f"{said}{joint}{text}" if said else text


def _spoken(layer: str) -> str:
    return layer.replace("_", " ")


def _part(text: str) -> float:
    try:
        return min(1.0, max(0.0, float(text)))
    except ValueError:
        return 0.0


def _accent(text: str) -> tuple[int, int, int] | None:
    try:
        return parse(text) if text else None
    except ValueError as error:
        raise RenderError(f'The accent "{text}" is no colour.', remedy='Write it as "#RRGGBB".') from error


def _refuse_missing(font: Font, text: str) -> None:
    missing = font.missing(text)
    if missing:
        named = ", ".join(f"{sign} (U+{ord(sign):04X})" for sign in missing)
        raise RenderError(
            f"The card's font cannot write {named} in “{text}”.", remedy="Write it with other characters."
        )
