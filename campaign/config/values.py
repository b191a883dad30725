"""What single values of the config file mean: durations, slots, colours, zones, languages. Pure; no input or output.

Each reader takes one raw TOML value and returns what it stands for, or raises `Wrong` with a message for people.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from campaign.config.problems import did_you_mean, nearest
from campaign.config.words import WeeklySlot

Reader = Callable[[object], Any]

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

# ISO 639-1: https://www.loc.gov/standards/iso639-2/php/code_list.php
LANGUAGES = """
aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es
et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj
kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv
ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti
tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
""".split()  # noqa: SIM905 - a list of 184 quoted pairs of letters reads worse
COUNTRY_FOR_LANGUAGE = {"at": "de", "cz": "cs", "dk": "da", "gr": "el"}  # country codes that are often written instead


class Outside(str):
    """Text that came from `${NAME}` or a file. It may be secret, so messages name its source and never quote it."""

    source: str
    from_file: bool

    def __new__(cls, text: str, *, source: str, from_file: bool) -> Outside:
        self = super().__new__(cls, text)
        self.source = source
        self.from_file = from_file
        return self


class Wrong(ValueError):
    """A value that cannot be used. The message is the sentence `what`; `remedy` is a sentence of its own, or empty."""

    def __init__(self, value: object, what: str, remedy: str = "") -> None:
        self.what = f"{shown(value)} {what}."
        self.remedy = remedy
        super().__init__(f"{self.what} {remedy}".strip())


def shown(value: object) -> str:
    """Return a raw value as a message may show it."""
    match value:
        case Outside():
            return f"the value of {value.source}"
        case str():
            return f'"{value}"' if value.strip() else "the text"
        case bool():
            return "true" if value else "false"
        case list():
            return "a list"
        case dict():
            return "a table"
        case _:
            return str(value)


def text(value: object) -> str:
    """Read text that is not empty, without blanks around it."""
    if not isinstance(value, str):
        raise Wrong(value, "is not text", 'Put text in quotes: "like this".')
    stripped = value.strip()
    if not stripped:
        raise Wrong(value, "is empty")
    return stripped


def yes_or_no(value: object) -> bool:
    """Read `true` or `false`."""
    if not isinstance(value, bool):
        raise Wrong(value, "is neither true nor false", "Write true or false, without quotes.")
    return value


def whole(smallest: int, largest: int | None = None) -> Reader:
    """Return a reader of whole numbers from `smallest` to `largest`, both included."""
    span = f"from {smallest} to {largest}" if largest is not None else f"of {smallest} or more"

    def read(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise Wrong(value, "is not a whole number", f"Write a number {span}, without quotes.")
        if value < smallest or (largest is not None and value > largest):
            raise Wrong(value, "is out of range", f"Write a number {span}.")
        return value

    return read


def weight(value: object) -> float:
    """Read a number above 0."""
    number = _number(value)
    if number <= 0:
        raise Wrong(value, "is not above 0", "A region of weight 2 gets twice the posts of a region of weight 1.")
    return number


def share(value: object) -> float:
    """Read a part of the whole, above 0 and at most 1."""
    number = _number(value)
    if not 0 < number <= 1:
        raise Wrong(value, "is not a share", "Write a number above 0 and up to 1: 0.25 is a quarter.")
    return number


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Wrong(value, "is not a number", "Write a number such as 0.5, without quotes.")
    return float(value)


def parse_duration(value: object) -> timedelta:
    """Read "4 h", "30 min", "7 days", "90 s", "0.5 s"; 0 is allowed, a year is the most.

    Raises:
        Wrong: a ValueError with a plain message.
    """
    written = text(value)
    remedy = 'Write it like "30 s", "45 min", "4 h", "7 days" or "2 weeks".'
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) ?([a-z]+)", written)
    seconds = found and {
        **dict.fromkeys(("s", "sec", "second", "seconds"), 1),
        **dict.fromkeys(("min", "minute", "minutes"), 60),
        **dict.fromkeys(("h", "hour", "hours"), 3600),
        **dict.fromkeys(("d", "day", "days"), 86400),
        **dict.fromkeys(("w", "week", "weeks"), 604800),
    }.get(found[2])
    if not found or not seconds:
        raise Wrong(value, "is not a duration", remedy)
    total = float(found[1]) * seconds
    if total > 366 * 86400:
        raise Wrong(value, "is longer than a year", remedy)
    return timedelta(seconds=total)


def some_time(value: object) -> timedelta:
    """Read a duration that is not 0."""
    duration = parse_duration(value)
    if not duration:
        raise Wrong(value, "is no time at all", 'Write a duration such as "30 s".')
    return duration


def parse_size(value: object) -> int:
    """Read "64 MB", "500 kB", "2 GB" and return bytes, 1 kB being 1024."""
    found = re.fullmatch(r"([0-9]+) ?(kB|MB|GB)", text(value), re.IGNORECASE)
    if not found:
        raise Wrong(value, "is not a size", 'Write it like "64 MB" or "2 GB".')
    return int(found[1]) * {"k": 1024, "m": 1024**2, "g": 1024**3}[found[2][0].lower()]


def parse_slot(value: object) -> tuple[WeeklySlot, ...]:
    """Read "tue 09:00", "mon-fri 09:00" or "daily 18:00": one slot for each day meant.

    Raises:
        Wrong: a ValueError with a plain message.
    """
    found = re.fullmatch(r"([a-z]+)(?:-([a-z]+))? +([0-9]{1,2}):([0-9]{2})", text(value).lower())
    days = _days(found[1], found[2]) if found else ()
    if not found or not days:
        raise Wrong(value, "is not a slot", 'Write a day and a time: "tue 09:00", "mon-fri 09:00" or "daily 18:00".')
    hour, minute = int(found[3]), int(found[4])
    if hour > 23 or minute > 59:
        raise Wrong(value, "has no such time", "Write the time from 00:00 to 23:59.")
    return tuple(WeeklySlot(day, time(hour, minute)) for day in days)


def _days(first: str, last: str | None) -> tuple[int, ...]:
    """Return the weekdays meant, from `first` to `last` even over Sunday; none when a name is no day."""
    if first == "daily" and last is None:
        return tuple(range(7))
    start, end = _day(first), _day(last or first)
    if start is None or end is None:
        return ()
    return tuple((start + n) % 7 for n in range((end - start) % 7 + 1))


def _day(name: str) -> int | None:
    return next((n for n, day in enumerate(DAYS) if name in (day, day[:3])), None)


def calendar_day(value: object) -> date:
    """Read a date, 2026-12-24 with or without quotes."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    found = re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value.strip()) if isinstance(value, str) else None
    try:
        return date.fromisoformat(found[0] if found else "")
    except ValueError:
        raise Wrong(value, "is not a date", "Write year-month-day: 2026-12-24.") from None


def colour(value: object) -> str:
    """Read #RRGGBB."""
    written = text(value)
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", written):
        raise Wrong(value, "is not a colour", 'Write # and six digits from 0 to F: "#003399".')
    return written.upper()


def zone(value: object) -> str:
    """Read the name of a time zone, such as Europe/Brussels."""
    written = text(value)
    if written not in _zones():
        meant = nearest(written, _zones())
        raise Wrong(
            value, "is not a time zone", f'Did you mean "{meant}"?' if meant else 'Write it like "Europe/Brussels".'
        )
    return written


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def country(value: object) -> str:
    """Read two capital letters of ISO 3166-1."""
    written = text(value)
    if written not in _countries():
        known = written.upper() if written.upper() in _countries() else {"UK": "GB", "EL": "GR"}.get(written.upper())
        remedy = f'Did you mean "{known}"?' if known else 'Write the two capital letters of ISO 3166-1, such as "CZ".'
        raise Wrong(value, "is not a country", remedy)
    return written


@cache
def _countries() -> frozenset[str]:
    """Countries as the time zone database lists them: two letters, a tab, the name; # opens a comment."""
    table = files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text("utf-8")
    return frozenset(line.partition("\t")[0] for line in table.splitlines() if not line.startswith("#"))


def language(value: object) -> str:
    """Read a language of two or three letters, with a country if need be: "cs", "pt-PT" (BCP 47)."""
    written = text(value)
    found = re.fullmatch(r"([a-z]{2,3})(?:-[A-Z]{2})?", written)
    if found and (len(found[1]) == 3 or found[1] in LANGUAGES):
        return written
    primary = re.split("[-_]", written.lower())[0]
    meant = COUNTRY_FOR_LANGUAGE.get(primary) or (primary if primary in LANGUAGES else "")
    remedy = f'Did you mean "{meant}"?' if meant else 'Write a language code: "en", "cs" or "pt-PT".'
    raise Wrong(value, "is not a language", remedy)


def link(value: object) -> str:
    """Read the address of a web page."""
    written = text(value)
    try:
        parts = urlsplit(written)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", written)
    except ValueError:
        usable = False
    if not usable:
        raise Wrong(value, "is not the address of a page", 'Write it whole: "https://example.org/page".')
    return written


def public_address(value: object) -> str:
    """Read the address of a place from which platforms fetch: they take what is encrypted, and nothing else."""
    written: str = link(value)
    parts = urlsplit(written)
    if parts.scheme != "https":
        raise Wrong(value, "is not encrypted, and platforms fetch nothing from there", "Begin it with https://.")
    if parts.query or parts.fragment:
        raise Wrong(value, "is not the address of a place", "Write it without ? and #.")
    return written.rstrip("/")


def bucket(value: object) -> str:
    """Read "s3://name/prefix", and return name and prefix."""
    found = re.fullmatch(r"s3://([a-z0-9][a-z0-9.-]+(?:/[\w.-]+)*)/?", text(value))
    if not found:
        raise Wrong(value, "is not a bucket", 'Write it like "s3://name/pictures".')
    return found[1]


def email(value: object) -> str:
    """Read an e-mail address; only its shape is checked."""
    written = text(value)
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", written):
        raise Wrong(value, "is not an e-mail address", 'Write it like "name@example.org".')
    return written


def hashtag(value: object) -> str:
    """Read a hashtag, with or without its sign, and return it without."""
    written = text(value).removeprefix("#")
    if not re.fullmatch(r"\w*[^\W\d_]\w*", written):
        raise Wrong(
            value, "is not a hashtag", 'Write one word of letters and digits, a capital for each part: "GreenSkills".'
        )
    return written


def one_of(*known: str) -> Reader:
    """Return a reader of one word out of a fixed few."""

    def read(value: object) -> str:
        written = text(value)
        if written not in known:
            raise Wrong(value, "is not possible here", did_you_mean(written, known))
        return written

    return read


def name_of(kind: str, known: Collection[str]) -> Reader:
    """Return a reader of the key of something that the file defines, such as a region."""

    def read(value: object) -> str:
        written = text(value)
        if written not in known:
            raise Wrong(value, f"is not a {kind}", did_you_mean(written, known))
        return written

    return read
