"""The words that designs of cards may use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from campaign.config.words import Config
from campaign.render import links, words
from campaign.story import Content, Course, Figure, Kind, Occasion, Photo, Telling

FIGURES = 4  # the cards show no more; the post's text has all
BARS = 3  # figures that make bars worth while
SHORT_UNIT = 3  # letters of a unit that stands beside its number, such as %, km, GWh; a longer one stands below


def card_fields(
    config: Config, content: Content, language: str, telling: Telling, photo: Photo | None = None
) -> dict[str, str]:
    """Return the words that designs of cards may use in the post's language; what the story has not is left out."""
    regions = links.regions_of(config, content)
    said = words.words_in(config, language)
    fields = {
        "region": words.listed([region.named(language) for region in regions], said),
        "kind_label": words.kind_label(content.kind, said),
        "title": telling.title,
        "summary": telling.summary,
        "credit": f"{said['photo']} {photo.credit}" if photo and photo.credit else "",
    }
    if telling.quote:
        fields |= telling.quote.model_dump(include={"by", "role", "organisation"}) | {"quote": telling.quote.text}
    if telling.occasion and content.kind in (Kind.EVENT, Kind.VISIT):
        fields |= _occasion(telling.occasion, words.zone_of(config, regions[0] if regions else None), said)
    if telling.course and content.kind is Kind.COURSE:
        fields |= _facts(telling.course, said)
    return fields | _figures(figures_of(content, telling), said)


def figures_of(content: Content, telling: Telling) -> tuple[Figure, ...]:
    """Return the figures that a story's card shows."""
    blocks = {Kind.PROFILE: telling.profile, Kind.MILESTONE: telling.milestone}
    block = blocks.get(content.kind)
    return block.figures[:FIGURES] if block else ()


def steps_of(telling: Telling, said: words.Words) -> tuple[dict[str, str], ...]:
    """Return the pages of a good practice, from its challenge to whom to ask: the words of each."""
    practice = telling.practice
    if practice is None:
        return ()
    pages = ("challenge", "approach", "results", "partners", "contact")
    written = ((said[name], getattr(practice, name)) for name in pages)
    return tuple({"step_label": _label(label), "step": text} for label, text in written if text)


def _occasion(occasion: Occasion, zone: ZoneInfo, said: words.Words) -> dict[str, str]:
    starts, ends = occasion.starts.astimezone(zone), (occasion.ends or occasion.starts).astimezone(zone)
    several = starts.date() < ends.date() and (starts.year, starts.month) == (ends.year, ends.month)
    place = [occasion.place, said["online"] if occasion.online else ""]
    return {
        "place": words.listed([where for where in place if where], said),
        "when": words.occasion_in_words(occasion, zone, said),
        "badge_day": f"{starts.day}–{ends.day}" if several else str(starts.day),
        "badge_month": words.month(occasion.starts, zone, said),
    }


def _facts(course: Course, said: words.Words) -> dict[str, str]:
    """Return up to four facts about a course, each with its label, numbered without gaps."""
    spoken = words.listed([words.language_name(code, said) for code in course.languages], said)
    price = words.price_in_words(course.price, said)
    facts = (("duration", course.duration), ("price", price), ("languages", spoken), ("provider", course.provider))
    given = ((_label(said[name]), text) for name, text in facts if text)
    return _numbered({"fact_label": label, "fact": text} for label, text in given)


def _figures(figures: tuple[Figure, ...], said: words.Words) -> dict[str, str]:
    """Return figures with year and source: once for all where they share these, else below each."""
    if not figures:
        return {}
    origins = [f"{figure.source}, {figure.year}" for figure in figures]
    shared = len(set(origins)) == 1
    shares = _shares(figures)
    fields = _numbered(
        {
            "value": _value(figure, said),
            "unit": figure.unit if len(figure.unit) > SHORT_UNIT else "",
            "label": figure.label,
            "note": "" if shared else origin,
            "share": share,
        }
        for figure, origin, share in zip(figures, origins, shares, strict=True)
    )
    source = f"{said['source']} {origins[0]}" if shared else ""
    return fields | {"sources": source[:1].upper() + source[1:]}


def _value(figure: Figure, said: words.Words) -> str:
    number = words.number(figure.value, said)
    return f"{number} {figure.unit}" if figure.unit and len(figure.unit) <= SHORT_UNIT else number


def _shares(figures: tuple[Figure, ...]) -> list[str]:
    """Return each figure as a part of the largest, empty where they cannot be compared: bars would lie."""
    numbers = [words.as_number(figure.value) for figure in figures]
    units = {figure.unit for figure in figures}
    comparable = (
        len(figures) >= BARS and len(units) == 1 and all(number is not None and number > 0 for number in numbers)
    )
    if not comparable:
        return [""] * len(figures)
    positive = [number for number in numbers if number]
    return [f"{number / max(positive):.4f}" for number in positive]


def _numbered(items: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {f"{name}_{n}": text for n, item in enumerate(items, start=1) for name, text in item.items()}


def _label(word: str) -> str:
    """Return a label without the colon that it has in a text."""
    return word.rstrip(": \u00a0\u202f")
