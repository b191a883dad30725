"""Reading a TOML table by a list of its keys. Every mistake is noted with its line, and reading goes on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from campaign.config.problems import Place, dotted, nearest, problem, unknown_key
from campaign.config.values import Reader, Wrong, language, text
from campaign.errors import Problem

UNUSABLE = object()  # stands where a value was wrong, which has been noted


@dataclass(frozen=True)
class Many:
    """A list whose entries are read by `entry`."""

    entry: Reader


@dataclass(frozen=True)
class Keyed:
    """A table of any keys, such as languages: `key` reads the keys, `entry` the values."""

    key: Reader
    entry: Reader


@dataclass(frozen=True)
class InLanguages:
    """A text by language; a bare text is English."""


Shape = Reader | Many | Keyed | InLanguages


@dataclass
class Sheet:
    """The file: which line each key stands on, and the mistakes found so far."""

    path: Path
    lines: Mapping[Place, int]
    noted: list[tuple[int, Problem]] = field(default_factory=list)

    def line(self, place: Place) -> int | None:
        """Return the line of a place, or of the nearest table around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place)

    def note(self, place: Place, what: str, remedy: str = "") -> None:
        line = self.line(place)
        self.add(line, problem(self.path, line, dotted(place), what, remedy))

    def add(self, line: int | None, found: Problem) -> None:
        self.noted.append((line or 0, found))

    def problems(self) -> list[Problem]:
        """Return what was noted, from the top of the file to its end."""
        return [found for _, found in sorted(self.noted, key=lambda pair: pair[0])]


class Table:
    """One table of the file."""

    def __init__(self, sheet: Sheet, place: Place, values: Mapping[str, Any]) -> None:
        self.sheet = sheet
        self.place = place
        self.values = values

    @property
    def key(self) -> str:
        """Return the table's own name: the KEY of `[regions.KEY]`."""
        return str(self.place[-1])

    def read(self, shapes: Mapping[str, Shape], required: Sequence[str] = ()) -> dict[str, Any] | None:
        """Return the values given, by key, and refuse every key without a shape; None when anything was wrong."""
        before = len(self.sheet.noted)
        self.refuse_others(shapes)
        given = self.read_known(shapes, required)
        return given if len(self.sheet.noted) == before else None

    def refuse_others(self, known: Collection[str]) -> None:
        """Note every key that is none of the known."""
        for key in self.values:
            if key not in known:
                line = self.sheet.line((*self.place, key))
                self.sheet.add(line, unknown_key(self.sheet.path, line, dotted(self.place), key, known))

    def read_known(self, shapes: Mapping[str, Shape], required: Sequence[str] = ()) -> dict[str, Any] | None:
        """As `read`, but leave other keys alone. An optional text that is empty counts as not given."""
        given: dict[str, Any] = {}
        sound = True
        for key, shape in shapes.items():
            if key not in self.values:
                sound = sound and key not in required
                if key in required:
                    self.note(f"{key} is missing.", self._misspelt(key, shapes))
                continue
            if self.values[key] == "" and key not in required:
                continue
            given[key] = self._value((*self.place, key), self.values[key], shape)
            sound = sound and _is_sound(given[key])
        return given if sound else None

    def note(self, what: str, remedy: str = "", *below: str | int) -> None:
        """Note a mistake of this table, or of a place below it."""
        self.sheet.note((*self.place, *below), what, remedy)

    def _misspelt(self, key: str, shapes: Mapping[str, Shape]) -> str:
        others = [other for other in self.values if other not in shapes]
        written = nearest(key, others)
        return f'It is written "{written}" here.' if written else f'Add a line that starts with "{key} = ".'

    def _value(self, place: Place, raw: object, shape: Shape) -> Any:
        if raw is UNUSABLE:
            return UNUSABLE
        try:
            return self._shaped(place, raw, shape)
        except Wrong as wrong:
            self.sheet.note(place, wrong.what, wrong.remedy)
            return UNUSABLE

    def _shaped(self, place: Place, raw: object, shape: Shape) -> Any:
        match shape:
            case InLanguages():
                return self._shaped(place, raw, Keyed(language, text)) if isinstance(raw, dict) else {"en": text(raw)}
            case Many(entry):
                if not isinstance(raw, list):
                    raise Wrong(raw, "is not a list", 'Put it in brackets: ["one", "two"].')
                return tuple(self._value((*place, n), each, entry) for n, each in enumerate(raw))
            case Keyed(key, entry):
                if not isinstance(raw, dict):
                    raise Wrong(raw, "is not a table", "Put it in braces: { en = … }.")
                return {self._value((*place, k), k, key): self._value((*place, k), v, entry) for k, v in raw.items()}
            case _:
                return shape(raw)


def _is_sound(value: object) -> bool:
    """Whether no part of a value that was read is unusable."""
    match value:
        case tuple():
            return all(_is_sound(each) for each in value)
        case dict():
            return UNUSABLE not in value and all(_is_sound(each) for each in value.values())
        case _:
            return value is not UNUSABLE


def section(sheet: Sheet, raw: Mapping[str, Any], name: str) -> Table:
    """Return the table `[name]`, empty when there is none."""
    values = raw.get(name, {})
    if not isinstance(values, dict):
        sheet.note((name,), f'"{name}" is not a table.', f"Write it as a header on a line of its own: [{name}].")
        values = {}
    return Table(sheet, (name,), values)


def sections(sheet: Sheet, raw: Mapping[str, Any], name: str) -> list[Table]:
    """Return the tables `[name.KEY]`, and note keys that are no tables."""
    values = section(sheet, raw, name).values
    for key, each in values.items():
        if not isinstance(each, dict):
            sheet.note((name, key), f'"{key}" is not a table.', f"Write a header of its own: [{name}.{key}].")
    return [Table(sheet, (name, key), each) for key, each in values.items() if isinstance(each, dict)]


def listed(sheet: Sheet, raw: Mapping[str, Any], name: str) -> list[Table]:
    """Return the tables `[[name]]`."""
    values = raw.get(name, [])
    if not isinstance(values, list) or not all(isinstance(each, dict) for each in values):
        sheet.note((name,), f'"{name}" is not a list of tables.', f"Write the header as [[{name}]].")
        return []
    return [Table(sheet, (name, n), each) for n, each in enumerate(values)]
