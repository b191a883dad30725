"""What a story file may say: the keys, what each one's value means, and which of them a translation may give."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from campaign.config.problems import Place, did_you_mean
from campaign.config.values import Wrong, calendar_day, language, link, name_of, one_of
from campaign.config.words import Config
from campaign.intake.frontmatter import Entry, Fields, Items, Notes, Scalar
from campaign.slots import resolve
from campaign.story import Kind

CONSENTS = ("yes", "no", "nobody-recognisable")
DAY_ENDS = time(23, 59)  # of a bare date as an end: printed, it is still that day


@dataclass(frozen=True)
class When:
    """A local day, and a time of it if one was written."""

    day: date
    at: time | None

    def begins(self, zone: str) -> datetime:
        """Return the moment, of a bare date the day's first."""
        return resolve(self.day, self.at or time(0), zone)

    def ends(self, zone: str) -> datetime:
        """Return the moment, of a bare date the day's last minute."""
        return resolve(self.day, DAY_ENDS if self.at is None else self.at, zone)

    def __str__(self) -> str:
        return f"{self.day} {self.at:%H:%M}" if self.at else str(self.day)


Reader = Callable[[str], Any]


@dataclass(frozen=True)
class Many:
    """A list of one shape."""

    of: Shape
    most: int
    example: str = "[one, two]"


@dataclass(frozen=True)
class Table:
    """A block of keys; `required` gives the remedy for each key that must be there."""

    keys: Mapping[str, Shape]
    required: Mapping[str, str] = field(default_factory=dict)
    elsewhere: frozenset[str] = frozenset()  # keys of the story file that a translation leaves alone


Shape = Reader | Many | Table


def words(most: int) -> Reader:
    """Return a reader of one paragraph of at most `most` characters, blanks made one."""
    return lambda text: _limited(re.sub(r"[ \t\n]+", " ", text).strip(), most)


def letter(most: int) -> Reader:
    """Return a reader of text kept to the letter, but for blanks and line ends around it."""
    return lambda text: _limited(text.strip(), most)


def _limited(text: str, most: int) -> str:
    if not text.strip():
        raise Wrong(text, "is empty")
    if len(text) > most:
        raise Wrong(f"{text[:30].rstrip()}…", f"is {len(text)} characters long", f"At most {most} are possible.")
    return text


def when(text: str) -> When:
    """Read a local date with or without a time: 2026-12-01, 2026-12-01 09:00."""
    found = re.fullmatch(r"(\d{4}-\d{2}-\d{2})(?:[\sT](\d{1,2}):(\d{2}))?", text)
    try:
        if not found:
            raise ValueError(text)
        at = time(int(found[2]), int(found[3])) if found[2] else None
        return When(date.fromisoformat(found[1]), at)
    except ValueError:
        remedy = "Write 2026-12-01 or 2026-12-01 09:00, in the local time of the region."
        raise Wrong(text, "is not a date", remedy) from None


def focus(text: str) -> tuple[float, float]:
    """Read where a photo's subject is: from the left and from the top, each from 0 to 1."""
    numbers = [float(part) for part in text.split() if re.fullmatch(r"[01](\.\d+)?", part)]
    if len(numbers) != 2 or len(text.split()) != 2 or max(numbers) > 1:
        remedy = "Write two numbers from 0 to 1, from the left and from the top: 0.6 0.4 is right of the middle."
        raise Wrong(text, "is not a place in the photo", remedy)
    return numbers[0], numbers[1]


def consent(text: str) -> str:
    """Read whether the people in a photo agreed to its use on social media."""
    if text.lower() not in CONSENTS:
        raise Wrong(text, "is no answer here", "Write yes (they agreed), no, or nobody-recognisable.")
    if text.lower() == "no":
        remedy = "Take the photo out of the list, or ask for their consent."
        raise Wrong(text, "means that the photo cannot be used", remedy)
    return text.lower()


def until(today: date) -> Reader:
    """Return a reader of the last day of a consent."""

    def read_day(text: str) -> date:
        day = calendar_day(text)
        if day < today:
            raise Wrong(text, "is past: the photo may no longer be used", "Take it out, or ask for their consent.")
        return day

    return read_day


def priority(text: str) -> int:
    """Read a number from -9 to 9; the higher comes first within a region's fair share."""
    if not re.fullmatch(r"[-+]?[0-9]", text):
        raise Wrong(text, "is not a priority", "Write a whole number from -9 to 9; 0 is usual.")
    return int(text)


def year(text: str) -> int:
    """Read a year."""
    if not re.fullmatch(r"(19|20)[0-9]{2}", text):
        raise Wrong(text, "is not a year", "Write four digits: 2025.")
    return int(text)


def slug(text: str) -> str:
    """Read a story's name in addresses and commands."""
    if not re.fullmatch(r"[a-z0-9-]{2,60}", text):
        raise Wrong(text, "is not a slug", "Write 2 to 60 small letters a-z, digits and hyphens: battery-modules.")
    return text


def topic(text: str) -> str:
    """Read a topic, with or without the sign of a hashtag."""
    return _limited(text.removeprefix("#").strip(), 40)


def place_to_go(text: str) -> str:
    """Read an address on the web, or words such as "by e-mail to the host"."""
    return str(link(text)) if re.match(r"(\w+:/|www\.)", text) else _limited(text, 200)


FIGURE = Table(
    {"label": words(80), "value": words(40), "unit": words(40), "year": year, "source": words(200)},
    required={
        "label": "Say what is counted, such as: label: Apprentices in battery courses.",
        "value": "Write the number, such as: value: 1 250.",
        "year": "Say of which year the figure is, such as: year: 2025.",
        "source": "Say where the figure comes from, such as: source: Regional statistics office.",
    },
)
FIGURES = Many(FIGURE, most=12, example="items that begin with a hyphen, such as: - label: Apprentices")
OCCASION = Table(
    {
        "starts": when,
        "ends": when,
        "place": words(160),
        "online": place_to_go,
        "host": words(120),
        "register": place_to_go,
        "deadline": when,
    },
    required={"starts": "Write when it begins, such as: starts: 2026-12-01 09:00."},
)
BLOCKS: Mapping[str, Table] = {
    Kind.PRACTICE: Table(
        {
            **dict.fromkeys(("challenge", "approach", "results", "partners", "transferability"), words(1200)),
            "contact": words(200),
        }
    ),
    Kind.PROFILE: Table(
        {"figures": FIGURES, **{key: Many(words(120), most=40) for key in ("industries", "suppliers", "training")}},
        required={"figures": "Give at least one figure with label, value, year and source."},
    ),
    Kind.QUOTE: Table(
        {"text": letter(600), "by": words(80), "role": words(120), "organisation": words(120)},
        required={"text": "Write what was said, without quotation marks around it."},
    ),
    Kind.EVENT: OCCASION,
    Kind.VISIT: OCCASION,
    Kind.COURSE: Table(
        {
            "provider": words(120),
            "languages": Many(language, most=24, example="[cs, en]"),
            "duration": words(60),
            "price": words(60),
        },
        required={"provider": "Say who gives the course, such as: provider: MSIC."},
    ),
    Kind.MILESTONE: Table(
        {"figures": FIGURES}, required={"figures": "Give at least one figure with label, value, year and source."}
    ),
}
NEEDS_BLOCK = {Kind.PRACTICE, Kind.PROFILE, Kind.QUOTE, Kind.EVENT, Kind.VISIT, Kind.MILESTONE}
SHOWS = words(500)
MOST_PHOTOS, PHOTO_EXAMPLE = 20, "items that begin with a hyphen, such as: - file: workshop.jpg"
PHOTO_ONLY = ("credit", "focus", "consent", "consent_until")


def story(config: Config, find: Reader, today: date) -> Table:
    """Return the shape of a story file's front matter; `find` reads the name of a photo beside it."""
    photo = Table(
        {
            "file": find,
            "shows": SHOWS,
            "credit": words(120),
            "focus": focus,
            "consent": consent,
            "consent_until": until(today),
        },
        required={
            "file": "Name the photo's file, such as: file: workshop.jpg.",
            "shows": "Describe the photo for people who cannot see it, in one sentence.",
            "consent": "Write consent: yes (the people in it agreed), no, or nobody-recognisable.",
        },
    )
    return Table(
        {
            "regions": Many(name_of("region", config.regions), most=12, example="[moravia-silesia]"),
            "kind": one_of(*Kind),
            "language": language,
            "title": words(120),
            "summary": words(600),
            "link": link,
            "photos": Many(photo, most=MOST_PHOTOS, example=PHOTO_EXAMPLE),
            "project": name_of("project", config.projects),
            "topics": Many(topic, most=10, example="[batteries, upskilling]"),
            "mentions": Many(name_of("region", config.regions), most=10),
            "channels": Many(name_of("channel", config.channels), most=len(config.channels)),
            "slug": slug,
            "priority": priority,
            "deadline": when,
            "embargo": when,
            "expires": when,
            **BLOCKS,
        },
        required={
            "regions": f"Name the region, the leading one first, such as: regions: [{next(iter(config.regions))}].",
            "kind": f"Write one of: {', '.join(Kind)}.",
            "title": "Write a headline of at most 120 characters.",
            "summary": "Say in one to three sentences what happened and for whom.",
        },
    )


FIXED = {"starts", "ends", "deadline", "languages", "year"}  # no words: the same in every language


def translation(whole: Table, photos: Sequence[str]) -> Table:
    """Return the shape of a translation's front matter: the words of the story, and nothing else of it."""
    photo = Table(
        {"file": name_of("photo of this story", photos), "shows": SHOWS},
        required={"file": "Name the photo's file as in the story file."},
        elsewhere=frozenset(PHOTO_ONLY),
    )
    own: dict[str, Shape] = {key: whole.keys[key] for key in ("title", "summary", "link")}
    own["photos"] = Many(photo, most=MOST_PHOTOS, example=PHOTO_EXAMPLE)
    own |= {kind: _words_of(block) for kind, block in BLOCKS.items()}
    return Table(own, elsewhere=frozenset(whole.keys))


def _words_of(block: Table) -> Table:
    """Return the part of a block that is words, nothing of it required."""
    keys = {key: shape for key, shape in block.keys.items() if key not in FIXED}
    if "figures" in keys:
        keys["figures"] = Many(_words_of(FIGURE), FIGURES.most, FIGURES.example)
    return Table(keys, elsewhere=frozenset(block.keys))


UNREADABLE = object()


def read(entry: Entry, shape: Shape, place: Place, notes: Notes) -> Any:
    """Return what an entry means: a dict, a tuple or a value. What cannot be read is noted and left out."""
    if isinstance(shape, Table):
        return _table(entry, shape, place, notes)
    if isinstance(shape, Many):
        return _many(entry, shape, place, notes)
    if not isinstance(entry, Scalar):
        notes.add(entry.line, place, "one value belongs here.", "Write it after the colon, without brackets.")
        return UNREADABLE
    try:
        return shape(entry.text)
    except Wrong as wrong:
        notes.add(entry.line, place, wrong.what, wrong.remedy)
        return UNREADABLE


def _many(entry: Entry, shape: Many, place: Place, notes: Notes) -> Any:
    if not isinstance(entry, Items):
        example = f"[{entry.text}]" if isinstance(entry, Scalar) and not isinstance(shape.of, Table) else shape.example
        notes.add(entry.line, place, "a list belongs here.", f"Write {example}.")
        return UNREADABLE
    if len(entry.items) > shape.most:
        what = f"the list has {len(entry.items)} entries, {shape.most} are possible."
        notes.add(entry.line, place, what, "Keep those that matter most.")
    values: list[Any] = []
    for n, item in enumerate(entry.items):
        value = read(item, shape.of, (*place, n), notes)
        if isinstance(value, str) and value in values:
            notes.add(item.line, (*place, n), f'"{value}" stands here twice.', "Keep one of them.")
        values.append(value)
    return tuple(value for value in values if value is not UNREADABLE)


def _table(entry: Entry, shape: Table, place: Place, notes: Notes) -> Any:
    if not isinstance(entry, Fields):
        remedy = f"Write them on lines of their own below it, indented: {next(iter(shape.keys))}: …"
        notes.add(entry.line, place, "keys with values belong here.", remedy)
        return UNREADABLE
    values = {}
    for key, each in entry.fields.items():
        if key in shape.keys and not is_empty(each):
            values[key] = read(each, shape.keys[key], (*place, key), notes)
        elif key in shape.elsewhere - shape.keys.keys():
            remedy = "Remove it here: it stands in the story file, for every language."
            notes.add(each.line, (*place, key), "this is not translated.", remedy)
        elif key not in shape.keys:
            notes.add(each.line, place, f'there is no key "{key}" here.', did_you_mean(key, shape.keys))
    for key, remedy in shape.required.items():
        if key not in values:
            line = entry.fields[key].line if key in entry.fields else entry.line
            notes.add(line, (*place, key), "this is missing.", remedy)
    return {key: value for key, value in values.items() if value is not UNREADABLE}


def is_empty(entry: Entry) -> bool:
    """Whether a key stands there without a value, as in a form that was not filled in."""
    if isinstance(entry, Scalar):
        return entry.is_bare and not entry.text
    return isinstance(entry, Items) and not entry.items
