"""Contact sheets: a design in every format, with words that are hard to set. For designers, and for the gallery."""

from __future__ import annotations

import io
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from PIL import Image

from campaign import cards
from campaign.errors import RenderError
from campaign.files import read_once, shipped

HEIGHT = 540  # px of a card on a sheet
GAP = 24
GROUND, MISSING = (226, 230, 236), (200, 30, 40)
WITHOUT_PHOTO = ("plain", "practice")  # designs that show none
COUNTER = ("slide", "slides", "slide_part")  # words of a carousel
GIVEN = (
    "labels",
    "language",
    "accent",
    "photo",
    "focus",
    "region_logo",
    "statement",
)  # of a sample; all else are its words


@dataclass(frozen=True)
class Sample:
    """One story to try designs with."""

    name: str  # what is hard about it
    language: str
    labels: Mapping[str, str]  # what the kind of story is called, by design
    words: Mapping[str, str]
    photo: Path
    focus: tuple[float, float] | None
    accent: str
    statement: str
    region_logo: Path | None

    def request(self, design: str, form: str, *, photo: bool = True) -> cards.CardRequest:
        """Return the card of this story in a design and a format."""
        shown = photo and design not in WITHOUT_PHOTO
        left_out = (*(() if design == "practice" else COUNTER), *(() if shown else ("credit",)))
        words = {name: text for name, text in self.words.items() if name not in left_out}
        return cards.CardRequest(
            design=design,
            format=form,
            theme="campaign",
            language=self.language,
            fields={"kind_label": self.labels.get(design, self.labels["photo"]), **words},
            photo=self.photo if shown else None,
            focus=self.focus,
            accent=self.accent,
            region_logo=self.region_logo,
            funding=(cards.Funding(self.statement, emblem=True),),
        )


@read_once
def _read(path: Path) -> tuple[Sample, ...]:
    return tuple(_sample(name, table) for name, table in tomllib.loads(path.read_text(encoding="utf-8")).items())


def samples() -> tuple[Sample, ...]:
    """Return the shipped samples."""
    return _read(shipped("examples", "cards", "samples.toml"))


@dataclass(frozen=True)
class Tried:
    """One card of a sheet: drawn, or why it could not be."""

    form: str
    sample: str
    card: cards.Card | None
    remarks: tuple[str, ...]


def tried(design: str, folders: Sequence[Path] = (), *, photo: bool = True) -> tuple[Tried, ...]:
    """Draw a design in every format with every sample, row by row."""
    forms = cards.formats(folders)
    return tuple(_try(sample, design, form, folders, photo=photo) for sample in samples() for form in forms)


def _try(sample: Sample, design: str, form: str, folders: Sequence[Path], *, photo: bool) -> Tried:
    try:
        card = cards.draw(sample.request(design, form, photo=photo), folders=folders)
    except RenderError as error:
        return Tried(form, sample.name, None, (str(error),))
    return Tried(form, sample.name, card, card.notes)


def sheet(drawn: Sequence[Tried], height: int = HEIGHT) -> bytes:
    """Return all cards as one JPEG, a row for each sample and a column for each format, each `height` px high."""
    rows = list(dict.fromkeys(each.sample for each in drawn))
    columns = {form: _width(form, drawn, height) for form in dict.fromkeys(each.form for each in drawn)}
    starts = dict(zip(columns, accumulate((width + GAP for width in columns.values()), initial=GAP), strict=False))
    whole = (sum(columns.values()) + GAP * (len(columns) + 1), (height + GAP) * len(rows) + GAP)
    image = Image.new("RGB", whole, GROUND)
    for each in drawn:
        place = (starts[each.form], GAP + (height + GAP) * rows.index(each.sample))
        image.paste(_small(each, (columns[each.form], height)), place)
    data = io.BytesIO()
    image.save(data, "JPEG", quality=80)
    return data.getvalue()


def _width(form: str, drawn: Sequence[Tried], height: int) -> int:
    """Return how wide a format's column is; of one that could not be drawn at all nothing is known."""
    done = (each.card for each in drawn if each.form == form and each.card)
    return next((round(card.width * height / card.height) for card in done), height)


def _small(each: Tried, size: tuple[int, int]) -> Image.Image:
    """Return a card at its size on the sheet; an empty place where it could not be drawn."""
    if each.card is None:
        return Image.new("RGB", size, MISSING)
    with Image.open(io.BytesIO(each.card.data)) as card:
        return card.resize(size, Image.Resampling.LANCZOS)


def _sample(name: str, table: Mapping[str, Any]) -> Sample:
    x, y = table.get("focus", (0.5, 0.4))
    return Sample(
        name=name,
        language=table["language"],
        labels=table["labels"],
        words={key: text for key, text in table.items() if key not in GIVEN},
        photo=shipped("examples", "stories", *table["photo"].split("/")),
        focus=(x, y),
        accent=table["accent"],
        statement=table["statement"],
        region_logo=shipped("examples", "logos", table["region_logo"]) if "region_logo" in table else None,
    )
