"""The card: the branded image of a post, drawn from a design, a theme and a story's words.

Designs are flat TOML layers (`schema`, `designs`), measured and placed (`layout`, `typeset`), then painted (`paint`).
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from campaign.errors import RenderError
from campaign.render.cards import emblem, photos, sources, typeset
from campaign.render.cards.colours import Palette, parse
from campaign.render.cards.designs import layers_for
from campaign.render.cards.emblem import Funding
from campaign.render.cards.fonts import Font
from campaign.render.cards.layout import Content, Layout, Placed, present
from campaign.render.cards.paint import Painter
from campaign.render.cards.schema import PLACEHOLDER, Layer
from campaign.render.cards.sources import Format, Theme

__all__ = ["Card", "CardRequest", "Funding", "designs", "draw", "formats", "inputs"]

QUALITIES = (88, 82, 76, 70, 62, 54)


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
class Card:
    """A finished card."""

    data: bytes
    media_type: str
    width: int
    height: int
    words: tuple[str, ...]  # every text drawn, in reading order, funders' statements last
    notes: tuple[str, ...]  # what a person should know before approving


def draw(request: CardRequest, *, max_bytes: int = 1_000_000, folders: Sequence[Path] = ()) -> Card:
    """Draw a card as a JPEG of at most `max_bytes`. The same request and files give the same bytes.

    Raises:
        RenderError: a file, design, theme or format is missing or wrong; a character has no glyph; something cannot
            be made to fit or to be read.
    """
    drawing = Drawing(request, folders)
    image = drawing.painter.ground(drawing.placed)
    drawing.painter.letters(image, drawing.placed)
    data = _jpeg(image, max_bytes)
    notes = tuple(dict.fromkeys((*drawing.notes, *drawing.painter.notes)))
    return Card(data, "image/jpeg", image.width, image.height, drawing.words, notes)


def inputs(request: CardRequest, folders: Sequence[Path] = ()) -> tuple[Path, ...]:
    """Return every file whose bytes shape the card, sorted.

    Raises:
        RenderError: a file, design, theme or format is missing or wrong.
    """
    theme = sources.load_theme(request.theme, folders)
    layers = _layers(request, theme, sources.load_formats(folders), folders)
    images = {layer.image for layer in layers}
    shaping = [
        sources.design_file(request.design, folders),
        *sources.format_files(folders),
        *theme.files,
        *(theme.fonts[name].path for name in {layer.font for layer in layers if layer.font} | {sources.STATEMENT}),
        *(path for name, path in theme.images.items() if name in images),
        *(funding.lockup for funding in request.funding if funding.lockup),
        *(path for path in (request.photo, request.region_logo) if path),
    ]
    return tuple(sorted(set(shaping)))


def designs(folders: Sequence[Path] = ()) -> tuple[str, ...]:
    """Return the names of all designs."""
    return tuple(sorted(sources.design_files(folders)))


def formats(folders: Sequence[Path] = ()) -> Mapping[str, tuple[int, int]]:
    """Return width and height in px of each format by name.

    Raises:
        RenderError: a format file has mistakes.
    """
    return {name: (each.width, each.height) for name, each in sources.load_formats(folders).items()}


class Drawing:
    """One request with all that it names: read, checked and laid out, ready for the painter."""

    def __init__(self, request: CardRequest, folders: Sequence[Path]) -> None:
        self.request = request
        self.notes: list[str] = []
        known = sources.load_formats(folders)
        theme = sources.load_theme(request.theme, folders)
        self.format = _format(request.format, known)
        self.fonts = {name: Font(file, request.language) for name, file in theme.fonts.items()}
        self.images = {**theme.images, **({"region": request.region_logo} if request.region_logo else {})}
        layers = _layers(request, theme, known, folders)
        self.texts = {layer.name: self._text(layer) for layer in layers if layer.kind == "text"}
        self._check_statements()
        there = present(layers, self._is_there)
        self.placed = self._place(there)
        self.words = self._words()
        photo = photos.load(request.photo) if request.photo else None
        palette = Palette(theme.colours, _accent(request.accent))
        self.painter = Painter(self.format, palette, self.fonts, self.images, photo, request.focus)

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
            self.notes.append(f"Left out on the card, which draws no pictographs: {' '.join(dropped)}")
        text = typeset.clean(text, self.request.language)
        _refuse_missing(font, text)
        return text

    def _check_statements(self) -> None:
        for funding in self.request.funding:
            if not funding.lockup:
                _refuse_missing(self.fonts[sources.STATEMENT], funding.statement)

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
        return layer.kind != "photo" or request.photo is not None

    def _place(self, layers: Sequence[Layer]) -> tuple[Placed, ...]:
        """Lay out; the region's logo yields to the funders' marks, and an optional text is left out rather than cut."""
        try:
            placed = Layout(layers, self.format, self._content(layers)).place()
        except emblem.NoRoom:
            fewer = [layer for layer in layers if layer.image != "region"]
            if len(fewer) == len(layers):
                raise
            self.notes.append("No room on the card for the region's logo beside the funders' marks.")
            return self._place(present(fewer, self._is_there))
        left_out = {each.layer.name for each in placed if each.layer.optional and each.is_cut}
        if not left_out:
            return placed
        self.notes += [f"No room on the card for the {_spoken(name)}." for name in sorted(left_out)]
        return self._place([layer for layer in layers if layer.name not in left_out])

    def _content(self, layers: Sequence[Layer]) -> Content:
        request, unit = self.request, self.format.unit
        used = {layer.image for layer in layers if layer.image in self.images}
        statement = self.fonts[sources.STATEMENT]
        smallest = max((self.format.emblem[0], *(funding.emblem_min for funding in request.funding)))

        def fit(layer: Layer, width: float, height: float) -> typeset.Fitted:
            return typeset.fit(
                self.texts[layer.name],
                self.fonts[layer.font],
                width=width,
                height=height,
                sizes=(layer.size[0] * unit, layer.size[1] * unit),
                max_lines=layer.lines,
                leading=layer.leading,
                language=request.language,
            )

        def marks(width: float) -> emblem.Arrangement:
            tallest = emblem.LARGEST_PART * self.format.height
            return emblem.arrange(request.funding, statement, width, self.format.emblem, tallest)

        sizes = {name: _size_of(self.images[name]) for name in used}
        return Content(fit, sizes, marks, smallest if request.funding else float("inf"))

    def _words(self) -> tuple[str, ...]:
        """Return what the card says, as drawn, and note what was cut."""
        said = []
        for each in self.placed:
            if not isinstance(each.content, typeset.Fitted):
                continue
            shown = (
                _plain(each.content.lines) if each.is_cut else self.texts[each.layer.name].replace(typeset.NBSP, " ")
            )
            said.append(shown)
            if each.is_cut:
                self.notes.append(f"Too long for the card, so the {_spoken(each.layer.name)} was cut: “{shown}”")
        return (*said, *(funding.statement for funding in self.request.funding))


def filled(template: str, words: Mapping[str, str]) -> str:
    """Put words into `{region} · {kind_label}`; a part between separators goes when its words are empty."""
    pieces = re.split(r"( · |, )", template)
    text = ""
    for n in range(0, len(pieces), 2):
        names = PLACEHOLDER.findall(pieces[n])
        if names and not any(words.get(name, "").strip() for name in names if name not in ("open", "close")):
            continue
        part = PLACEHOLDER.sub(lambda found: words.get(found[1], "").strip(), pieces[n])
        text += (pieces[n - 1] if text else "") + part
    return text


def _plain(lines: Sequence[str]) -> str:
    """Return lines as running text: broken words joined, no-break spaces as spaces."""
    text = ""
    for line in lines:
        text += line if not text or re.search(r"\w[-/]$", text) else f" {line}"
    return text.replace(typeset.NBSP, " ")


def _spoken(layer: str) -> str:
    return layer.replace("_", " ")


def _layers(
    request: CardRequest, theme: Theme, known: Mapping[str, Format], folders: Sequence[Path]
) -> tuple[Layer, ...]:
    source = sources.read_toml(sources.design_file(request.design, folders))
    return layers_for(source, _format(request.format, known), known, theme)


def _format(name: str, known: Mapping[str, Format]) -> Format:
    if name not in known:
        raise RenderError(f'There is no format "{name}".', remedy=f"Known: {', '.join(sorted(known))}.")
    return known[name]


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


def _size_of(path: Path) -> tuple[int, int]:
    try:
        with Image.open(path) as file:
            return file.size
    except OSError as error:
        raise RenderError(f"The picture {path} cannot be read: {error}.", remedy="Give a PNG or JPEG.") from error


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
