"""The files that shape a card: where they are looked for, and what formats and themes hold. No picture is touched here.

A team's own folder may hold `cards/NAME.toml` (designs), `cards/formats.toml` and `NAME.toml` (themes); each is looked
at before the shipped ones, and formats are added to the shipped formats.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from os.path import normpath
from pathlib import Path
from typing import Any

from campaign.cards.colours import Rgb, parse
from campaign.cards.schema import (
    Unreadable,
    read_axes,
    read_number,
    read_pad,
    read_pair,
    read_sizes,
    read_text,
    read_texts,
)
from campaign.config.lines import key_lines
from campaign.config.problems import Place, dotted, problem, unknown_key, unknown_name
from campaign.errors import Problem, RenderError
from campaign.files import read_once, shipped

FORMATS = "formats.toml"
EXTENDS = "extends"  # the key with which a design or a theme starts from another one


@dataclass
class Source:
    """One TOML file with the mistakes found in it so far."""

    path: Path
    table: Mapping[str, Any]
    lines: Mapping[Place, int]
    problems: list[Problem] = field(default_factory=list)

    def line(self, place: Place) -> int | None:
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place)

    def wrong(self, place: Place, what: str, remedy: str = "") -> None:
        self.problems.append(problem(self.path, self.line(place), dotted(place), what, remedy))

    def no_key(self, place: Place, known: Iterable[str]) -> None:
        *outer, key = place
        self.problems.append(unknown_key(self.path, self.line(place), dotted(tuple(outer)), str(key), known))

    def no_name(self, place: Place, kind: str, name: str, known: Iterable[str]) -> None:
        self.problems.append(unknown_name(self.path, self.line(place), dotted(place), kind, name, known))

    def tables(self, place: Place, value: object) -> Mapping[str, Any]:
        """Return `value` if it is a table, else note the mistake."""
        if isinstance(value, Mapping):
            return value
        self.wrong(place, "this must be a table.", f"Write [{dotted(place)}] on a line of its own.")
        return {}

    def finish(self) -> None:
        """Raise what was found.

        Raises:
            RenderError: there were mistakes.
        """
        if self.problems:
            raise RenderError("\n".join(str(each) for each in self.problems))


def read_toml(path: Path) -> Source:
    """Read one TOML file.

    Raises:
        RenderError: it is not there, not UTF-8 or not TOML.
    """
    try:
        return Source(path, *_parsed(path))
    except OSError as error:
        raise RenderError(f"{path}: cannot be read ({error.strerror}).") from error
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError
        raise RenderError(f"{path.name}: this is not valid TOML: {error}.") from error


@read_once
def _parsed(path: Path) -> tuple[dict[str, Any], Mapping[Place, int]]:
    text = path.read_text(encoding="utf-8")
    return tomllib.loads(text), key_lines(text)


@dataclass(frozen=True)
class Format:
    """One size of card."""

    name: str
    width: int  # px
    height: int
    unit: float  # px of one `u`
    groups: tuple[str, ...] = ()
    safe: tuple[float, float, float, float] = (5.0, 5.0, 5.0, 5.0)  # units kept free at top, right, bottom, left
    emblem: tuple[int, int] = (120, 120)  # px: smallest and largest height of the EU emblem


def design_files(folders: Sequence[Path]) -> Mapping[str, Path]:
    """Return the designs by name, a team's own before the shipped ones; "_frame" and the like are parts of designs."""
    places = [*(folder / "cards" for folder in folders), shipped("templates", "cards")]
    found = [path for place in places for path in sorted(place.glob("*.toml")) if path.name != FORMATS]
    return {path.stem: path for path in reversed(found)}


def design_file(name: str, folders: Sequence[Path]) -> Path:
    """Return the file of a design.

    Raises:
        RenderError: there is no such design.
    """
    return _known("design", name, design_files(folders))


def format_files(folders: Sequence[Path]) -> tuple[Path, ...]:
    """Return the format files, the shipped one first."""
    places = [shipped("templates", "cards"), *(folder / "cards" for folder in reversed(folders))]
    return tuple(place / FORMATS for place in places if (place / FORMATS).exists())


def theme_names(folders: Sequence[Path]) -> tuple[str, ...]:
    """Return the names of all themes, the team's own ones included."""
    return tuple(sorted(_theme_files(folders)))


def theme_file(name: str, folders: Sequence[Path]) -> Path:
    """Return the file of a theme.

    Raises:
        RenderError: there is no such theme.
    """
    return _known("theme", name, _theme_files(folders))


def _theme_files(folders: Sequence[Path]) -> Mapping[str, Path]:
    places = [*folders, shipped("assets", "themes")]
    return {path.stem: path for place in reversed(places) for path in sorted(place.glob("*.toml"))}


def _known(kind: str, name: str, files: Mapping[str, Path]) -> Path:
    if name not in files:
        known = sorted(each for each in files if not each.startswith("_"))
        raise RenderError(f'There is no {kind} "{name}".', remedy=f"Known: {', '.join(known)}.")
    return files[name]


def load_formats(folders: Sequence[Path]) -> Mapping[str, Format]:
    """Return all formats by name.

    Raises:
        RenderError: a format file has mistakes.
    """
    formats: dict[str, Format] = {}
    for path in format_files(folders):
        source = read_toml(path)
        for name, value in source.table.items():
            if found := _format(source, name, source.tables((name,), value)):
                formats[name] = found
        source.finish()
    return formats


def _format(source: Source, name: str, table: Mapping[str, Any]) -> Format | None:
    readers = {"size": read_pair, "unit": read_number, "groups": read_texts, "safe": read_pad, "emblem": read_sizes}
    values = _read_keys(source, (name,), table, readers)
    for key in ("size", "unit"):
        if key not in table:
            source.wrong((name,), f'"{key}" is missing.', "A format needs size = [width, height] in px and unit in px.")
            return None
    if len(values) < len(table):
        return None
    width, height = values.pop("size")
    low, high = values.pop("emblem", (120, 120))
    return Format(name, round(width), round(height), emblem=(round(low), round(high)), **values)


def _read_keys(source: Source, place: Place, table: Mapping[str, Any], readers: Mapping[str, Any]) -> dict[str, Any]:
    """Read the keys of a table; what is unknown or cannot be read is noted and left out."""
    values = {}
    for key, raw in table.items():
        if key not in readers:
            source.no_key((*place, key), readers)
            continue
        try:
            values[key] = readers[key](raw)
        except Unreadable as error:
            source.wrong((*place, key), "this value cannot be used.", str(error))
    return values


@dataclass(frozen=True)
class FontFile:
    """A font as a theme names it: a file and, for a variable font, the value of each axis in the file's order."""

    path: Path
    axes: tuple[float, ...] = ()


@dataclass(frozen=True)
class Theme:
    """The look of a campaign, and the files it was read from."""

    colours: Mapping[str, Rgb]
    fonts: Mapping[str, FontFile]
    images: Mapping[str, Path]
    files: tuple[Path, ...]


THEME_TABLES = ("colors", "fonts", "images")
NEEDED_COLOURS = ("ink", "paper", "accent")
STATEMENT = "statement"  # the font of funders' statements


def load_theme(name: str, folders: Sequence[Path], below: tuple[str, ...] = ()) -> Theme:
    """Return a theme; `extends = "other"` starts from another one.

    Raises:
        RenderError: it does not exist, has mistakes, or extends itself.
    """
    source = read_toml(theme_file(name, folders))
    values = _read_keys(source, (), source.table, {EXTENDS: read_text, **dict.fromkeys(THEME_TABLES, _as_it_is)})
    source.finish()
    base = _base(source, name, values.get(EXTENDS), folders, below)
    colours = {**base.colours, **_colours(source)}
    for colour in NEEDED_COLOURS:
        if colour not in colours:
            source.wrong(("colors",), f'the colour "{colour}" is missing.', f'Write {colour} = "#RRGGBB".')
    fonts = {**base.fonts, **_fonts(source)}
    if STATEMENT not in fonts:
        source.wrong(("fonts",), f"[fonts.{STATEMENT}] is missing.", "It is the font of funders' statements.")
    images = {**base.images, **_images(source)}
    source.finish()
    return Theme(colours, fonts, images, (source.path, *base.files))


def _base(source: Source, name: str, wanted: str | None, folders: Sequence[Path], below: tuple[str, ...]) -> Theme:
    """Return what a theme starts from: nothing, another theme, or the shipped one that a team's own stands before."""
    if wanted is None:
        return Theme({}, {}, {}, ())
    shipped_one = shipped("assets", "themes") / f"{name}.toml"
    if wanted == name and shipped_one.exists() and source.path != shipped_one:
        return load_theme(name, ())
    if wanted in (*below, name):
        source.wrong((EXTENDS,), "a theme cannot extend itself.", "Name another theme.")
        source.finish()
    return load_theme(wanted, folders, (*below, name))


def _as_it_is(raw: object) -> object:
    return raw


def _colours(source: Source) -> dict[str, Rgb]:
    def colour(raw: object) -> Rgb:
        try:
            return parse(read_text(raw))
        except ValueError as error:
            raise Unreadable('Write "#RRGGBB".') from error

    table = source.tables(("colors",), source.table.get("colors", {}))
    return _read_keys(source, ("colors",), table, dict.fromkeys(table, colour))


def _fonts(source: Source) -> dict[str, FontFile]:
    fonts = {}
    for name, raw in source.tables(("fonts",), source.table.get("fonts", {})).items():
        place = ("fonts", name)
        table = source.tables(place, raw)
        values = _read_keys(source, place, table, {"file": read_text, "axes": read_axes})
        if "file" in values and (path := _beside(source, (*place, "file"), values["file"])):
            fonts[name] = FontFile(path, values.get("axes", ()))
    return fonts


def _images(source: Source) -> dict[str, Path]:
    table = source.tables(("images",), source.table.get("images", {}))
    names = _read_keys(source, ("images",), table, dict.fromkeys(table, read_text))
    found = {name: _beside(source, ("images", name), file) for name, file in names.items()}
    return {name: path for name, path in found.items() if path}


def _beside(source: Source, place: Place, name: str) -> Path | None:
    path = Path(normpath(source.path.parent / name))
    if path.is_file():
        return path
    source.wrong(place, f'there is no file "{name}".', f"It is looked for from the folder {source.path.parent}.")
    return None
