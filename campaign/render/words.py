"""The fixed words of posts and cards by language, and dates, lists and names as that language writes them.

The words stand in `templates/posts/words.toml`; a team's own words.toml is laid over the shipped one. What a language
lacks is said in English.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, get_timezone_location
from babel.lists import format_list
from babel.numbers import format_decimal

from campaign.config.words import Config, Region
from campaign.errors import RenderError
from campaign.files import read_once, shipped
from campaign.story import Kind, Occasion

Words = Mapping[str, str]

FREE = frozenset({"free", "free of charge", "0"})  # what regions write when a course costs nothing, in any language
_MARKS = frozenset('"“”„«»')
_SPANISH_AND = re.compile(r" y (?=(?:i|í|hi(?!e)))", re.IGNORECASE)  # "checo e inglés"; CLDR does not say it


def words_files(config: Config) -> tuple[Path, ...]:
    """Return the files that `words_in` reads, the shipped one first."""
    own = config.folders.templates
    theirs = own / "posts" / "words.toml" if own else None
    return (shipped("templates", "posts", "words.toml"), *([theirs] if theirs and theirs.is_file() else []))


def words_in(config: Config, language: str) -> Words:
    """Return the fixed words of `language`, English where it has none.

    Raises:
        RenderError: a words.toml cannot be read, or names a locale that is not known.
    """
    words: dict[str, str] = {}
    tables = [_table(path) for path in words_files(config)]
    for wanted in ("en", language.partition("-")[0]):
        for table in tables:
            words.update(table.get(wanted, {}))
    return words


@read_once
def _table(path: Path) -> dict[str, dict[str, str]]:
    """Read a words.toml: a table by language, of strings, whose `locale` is one that babel knows."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        for language, words in table.items():
            if not isinstance(words, dict) or not all(isinstance(word, str) for word in words.values()):
                raise ValueError(f"under [{language}] stands something else than words in quotation marks")
            Locale.parse(words.get("locale", "en"))
    except (OSError, ValueError, UnknownLocaleError) as error:
        raise RenderError(
            f"{path}: {error}.", remedy="Correct this file; the shipped words.toml is a model."
        ) from error
    return table


def listed(items: Sequence[str], words: Words) -> str:
    """Return "A, B and C"."""
    whole = format_list(list(items), locale=words["locale"])
    return _SPANISH_AND.sub(" e ", whole) if words["locale"].startswith("es") else whole


def as_number(text: str) -> float | None:
    """Return the number that a region has written, such as "12 480", "1,5" or "1.5"; None where it is in doubt."""
    bare = re.sub(r"(?<=\d)[ \u00a0\u202f](?=\d{3}\b)", "", text.strip())
    return float(bare.replace(",", ".")) if re.fullmatch(r"\d+([.,]\d{1,2})?", bare) else None


def number(text: str, words: Words) -> str:
    """Return a long whole number in groups, as the language writes it; everything else as it was written."""
    return str(format_decimal(int(text), locale=words["locale"])) if re.fullmatch(r"[1-9]\d{4,}", text) else text


def language_name(code: str, words: Words) -> str:
    """Return the name of the language `code`; what is no code stays as it was written."""
    name = Locale.parse(words["locale"]).languages.get(code.replace("-", "_"))
    return str(name) if name else code


def zone_of(config: Config, region: Region | None) -> ZoneInfo:
    """Return the zone of a region, the campaign's where it has none of its own."""
    return ZoneInfo((region.zone if region else "") or config.campaign.zone)


def day(moment: datetime, zone: ZoneInfo, words: Words) -> str:
    """Return the local day of `moment`, such as "Tuesday 9 June 2026"."""
    return format_date(moment.astimezone(zone).date(), words["day"], locale=words["locale"])


def month(moment: datetime, zone: ZoneInfo, words: Words) -> str:
    """Return the short name of the local month of `moment`, such as "Jun"."""
    return format_date(moment.astimezone(zone).date(), "LLL", locale=words["locale"]).rstrip(".")


def moment_in_words(moment: datetime, zone: ZoneInfo, words: Words) -> str:
    """Return day and time; the day alone when `moment` is the last minute of its day, as a bare date is kept."""
    local = moment.astimezone(zone)
    whole_day = (local.hour, local.minute) == (23, 59)
    return day(moment, zone, words) if whole_day else f"{day(moment, zone, words)}, {local:%H:%M}"


def occasion_in_words(occasion: Occasion, zone: ZoneInfo, words: Words) -> str:
    """Return when an event takes place, such as "Tuesday 9 June 2026, 10:00–16:30 (Prague time)"."""
    starts, ends = occasion.starts.astimezone(zone), (occasion.ends or occasion.starts).astimezone(zone)
    first, last = day(starts, zone, words), day(ends, zone, words)
    if occasion.all_day:
        return first if first == last else f"{first} – {last}"
    city = get_timezone_location(zone, locale=words["locale"], return_city=True)
    where = words["local_time"].replace("{city}", city)
    if first != last:
        return f"{first}, {starts:%H:%M} – {last}, {ends:%H:%M} ({where})"
    hours = f"{starts:%H:%M}" if ends <= starts else f"{starts:%H:%M}–{ends:%H:%M}"
    return f"{first}, {hours} ({where})"


def price_in_words(price: str, words: Words) -> str:
    """Return a course's price, "free" in the post's language."""
    return words["free"] if price.strip().casefold() in FREE else price


def in_quotes(text: str, words: Words) -> str:
    """Return `text` to the letter between the quotation marks of the language, which replace any it brings."""
    return f"{words['quote_open']}{without_quotes(text)}{words['quote_close']}"


def without_quotes(text: str) -> str:
    """Return `text` without a pair of quotation marks around the whole of it; those within stay."""
    text = text.strip()
    inner = text[1:-1].strip()
    around = text[:1] in _MARKS and text[-1:] in _MARKS
    return inner if inner and around and not any(mark in inner for mark in _MARKS) else text


def kind_label(kind: Kind, words: Words) -> str:
    """Return what a kind of story is called."""
    return words[f"kind_{kind.value}"]
