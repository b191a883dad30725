"""What a layer of a design may say: its keys, which kinds have them, and how each value is read. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

KINDS = ("photo", "image", "box", "scrim", "stack", "text")
ANCHORS = (
    *("top-left", "top", "top-right"),
    *("left", "center", "right"),
    *("bottom-left", "bottom", "bottom-right"),
)
FIGURES, FACTS = 4, 4  # how many of each a design may speak of
WORDS = (  # what a text layer may speak of; `open` and `close` are the language's quotation marks
    *("region", "kind_label", "title", "summary", "quote", "by", "role", "organisation", "credit", "open", "close"),
    *("place", "when", "badge_day", "badge_month"),
    *(f"{word}_{n}" for n in range(1, FIGURES + 1) for word in ("value", "unit", "label", "note", "share")),
    "sources",
    *(f"{word}_{n}" for n in range(1, FACTS + 1) for word in ("fact", "fact_label")),
    *("step", "step_label", "slide", "slides", "slide_part"),
)
THINGS = ("photo", "region_logo", "funding")  # what `when` may ask for beside the words
PLACEHOLDER = re.compile(r"\{(\w*)\}")


@dataclass(frozen=True)
class Length:
    """A width or height: units of the format, or a part (0..1) of what is around."""

    value: float
    part: bool = False

    def px(self, unit: float, around: float) -> float:
        return self.value * (around if self.part else unit)


@dataclass(frozen=True)
class Layer:
    """One table of a design. Lengths are in units; keys that a kind does not have keep their default."""

    name: str
    kind: str
    parent: str = ""  # `in`
    area: str = "safe"
    at: str = "top-left"
    above: tuple[str, ...] = ()  # ends where the first of these that is there begins
    below: tuple[str, ...] = ()
    shift: tuple[float, float] = (0.0, 0.0)
    space: float = 0.0  # distance to the layer before, or above, or below, beside the stack's gap
    width: Length | None = None
    height: Length | None = None
    pad: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)  # top, right, bottom, left
    fill: str = ""
    opacity: float = 1.0
    radius: float = 0.0
    when: tuple[str, ...] = ()  # drawn only if all of these are there
    unless: tuple[str, ...] = ()  # not drawn if any of these is there
    hide: bool = False
    value: str = ""  # a word from 0 to 1: the part of its width that the box has
    zoom: float = 1.0
    clear_of: str = ""
    image: str = ""
    tint: str = ""
    within: str = ""  # a layer beyond whose edges the image is not painted
    color: str = ""
    side: str = "bottom"  # `from`
    start: float = 0.0  # where it begins and is full, in parts of the way towards its side
    full: float = 1.0
    strength: float = 0.9
    under: tuple[str, ...] = ()
    flow: str = "down"
    justify: str = "start"
    align: str = "start"
    gap: float = 0.0
    text: str = ""
    font: str = ""
    size: tuple[float, float] = (2.4, 2.4)
    lines: int = 1
    leading: float = 1.1
    yields: int = 0  # left out where words would be cut, 1 first and silently; 0: never
    hang: bool = False  # the first sign, a quotation mark, stands in the margin
    same: str = ""  # texts that write the same word here are set in the same size
    together: bool = False  # a stack whose texts are read as one


class Unreadable(Exception):
    """A value that its key cannot take; the message says what it takes."""


def read_number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unreadable("Write a number, such as 2.4.")
    return float(value)


def read_part(value: object) -> float:
    if not 0 <= (number := read_number(value)) <= 1:
        raise Unreadable("Write a number from 0 to 1.")
    return number


def read_count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise Unreadable("Write a whole number from 1.")
    return value


def read_flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise Unreadable("Write true or false.")
    return value


def read_text(value: object) -> str:
    if not isinstance(value, str):
        raise Unreadable('Write a text in quotation marks, such as "title".')
    return value


def read_texts(value: object) -> tuple[str, ...]:
    return tuple(read_text(each) for each in (value if isinstance(value, list) else [value]))


def read_numbers(value: object, counts: tuple[int, ...]) -> tuple[float, ...]:
    several = value if isinstance(value, list) else [value]
    if len(several) not in counts:
        raise Unreadable(f"Write {' or '.join(map(str, counts))} numbers, such as [{', '.join(['2'] * counts[-1])}].")
    return tuple(read_number(each) for each in several)


def read_axes(value: object) -> tuple[float, ...]:
    return tuple(read_number(each) for each in (value if isinstance(value, list) else [value]))


def read_pair(value: object) -> tuple[float, ...]:
    return read_numbers(value, (2,))


def read_pad(value: object) -> tuple[float, ...]:
    """Read one number, [upright, level] or [top, right, bottom, left], as CSS does."""
    several = read_numbers(value, (1, 2, 4))
    return several * (4 // len(several))


def read_sizes(value: object) -> tuple[float, float]:
    low, *high = read_numbers(value, (1, 2))
    if not 0 < low <= (high or [low])[0]:
        raise Unreadable("Write the smallest and the largest size, such as [2.4, 3.2].")
    return low, (high or [low])[0]


def read_length(value: object) -> Length:
    if isinstance(value, str) and (found := re.fullmatch(r"(\d+(?:\.\d+)?)%", value)):
        return Length(float(found[1]) / 100, part=True)
    if isinstance(value, str):
        raise Unreadable('Write a number of units, such as 5.2, or a part, such as "50%".')
    return Length(read_number(value))


def one_of(*choices: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if value not in choices:
            raise Unreadable(f"Write one of: {', '.join(choices)}.")
        return str(value)

    return read


@dataclass(frozen=True)
class Key:
    """One key: how its value is read, which kinds have it (empty: all), and the field of `Layer` if named otherwise."""

    read: Callable[[object], Any]
    kinds: tuple[str, ...] = ()
    field: str = ""


KEYS: Mapping[str, Key] = {
    "kind": Key(one_of(*KINDS)),
    "in": Key(read_text, field="parent"),
    "area": Key(one_of("safe", "full")),
    "at": Key(one_of(*ANCHORS)),
    "above": Key(read_texts),
    "below": Key(read_texts),
    "shift": Key(read_pair),
    "space": Key(read_number),
    "when": Key(read_texts),
    "unless": Key(read_texts),
    "hide": Key(read_flag),
    "width": Key(read_length),
    "height": Key(read_length),
    "pad": Key(read_pad, ("stack", "text")),
    "fill": Key(read_text, ("box", "stack", "text")),
    "radius": Key(read_number, ("box", "stack", "text", "photo")),
    "value": Key(read_text, ("box",)),
    "opacity": Key(read_part, ("box", "image")),
    "zoom": Key(read_number, ("photo",)),
    "clear_of": Key(read_text, ("photo",)),
    "image": Key(read_text, ("image",)),
    "tint": Key(read_text, ("image",)),
    "within": Key(read_text, ("image",)),
    "color": Key(read_text, ("text", "scrim")),
    "from": Key(one_of("top", "bottom", "left", "right"), ("scrim",), "side"),
    "start": Key(read_part, ("scrim",)),
    "full": Key(read_part, ("scrim",)),
    "strength": Key(read_part, ("scrim",)),
    "under": Key(read_texts, ("scrim",)),
    "flow": Key(one_of("down", "right"), ("stack",)),
    "justify": Key(one_of("start", "center", "end", "between"), ("stack",)),
    "align": Key(one_of("start", "center", "end", "stretch"), ("stack",)),
    "gap": Key(read_number, ("stack",)),
    "text": Key(read_text, ("text",)),
    "font": Key(read_text, ("text",)),
    "size": Key(read_sizes, ("text",)),
    "lines": Key(read_count, ("text",)),
    "leading": Key(read_number, ("text",)),
    "yields": Key(read_count, ("text", "stack")),
    "hang": Key(read_flag, ("text",)),
    "same": Key(read_text, ("text",)),
    "together": Key(read_flag, ("stack",)),
}
NEEDED = {"text": ("text", "font", "color"), "image": ("image",), "box": ("fill",), "scrim": ("color",)}
NAMES_A_LAYER = ("parent", "above", "below", "clear_of", "under")
