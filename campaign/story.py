"""The words of a story: what a region hands in, typed. Read by intake, planned, rendered; no input or output here."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict


class Kind(StrEnum):
    """What a story is."""

    PRACTICE = "practice"
    UPDATE = "update"
    PROFILE = "profile"
    QUOTE = "quote"
    EVENT = "event"
    VISIT = "visit"
    COURSE = "course"
    MILESTONE = "milestone"


class Block(BaseModel):
    """A frozen piece of a story; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Photo(Block):
    """One photo as it was kept: sRGB JPEG, upright, without metadata, named by its hash."""

    sha256: str
    width: int
    height: int
    file: str  # the name under which the region sent it
    credit: str = ""
    focus: tuple[float, float] | None = None  # 0..1 from the left, 0..1 from the top
    consent: Literal["yes", "no", "nobody-recognisable"]
    consent_until: date | None = None


class Practice(Block):
    """A good practice in TRIREME's common form."""

    challenge: str = ""
    approach: str = ""
    results: str = ""
    partners: str = ""
    transferability: str = ""
    contact: str = ""


class Figure(Block):
    """One number with where it comes from."""

    label: str
    value: str
    unit: str = ""
    year: int
    source: str


class Profile(Block):
    """A region in figures and names."""

    figures: tuple[Figure, ...] = ()
    industries: tuple[str, ...] = ()
    suppliers: tuple[str, ...] = ()
    training: tuple[str, ...] = ()


class Milestone(Block):
    """Something reached, in figures."""

    figures: tuple[Figure, ...] = ()


class Quote(Block):
    """Words kept to the letter, and whose they are."""

    text: str
    by: str = ""
    role: str = ""
    organisation: str = ""


class Occasion(Block):
    """An event or a study visit. `all_day`: the story gave dates without times."""

    starts: datetime
    ends: datetime | None = None
    all_day: bool = False
    place: str = ""
    online: str = ""
    host: str = ""
    registration: str = ""  # the key `register` of the story file; pydantic keeps that name for itself
    deadline: datetime | None = None


class Course(Block):
    """An online or local course."""

    provider: str = ""
    languages: tuple[str, ...] = ()
    duration: str = ""
    price: str = ""


class Telling(Block):
    """A story's words in one language, complete: what a translation leaves out stands here as in the original."""

    title: str
    summary: str
    body: str = ""
    link: str = ""
    shows: tuple[str, ...] = ()  # what each photo shows, in the order of the photos
    practice: Practice | None = None
    profile: Profile | None = None
    quote: Quote | None = None
    occasion: Occasion | None = None
    course: Course | None = None
    milestone: Milestone | None = None


class Content(Block):
    """Everything of a story that posts are made of. Stored as JSON with the story."""

    kind: Kind
    regions: tuple[str, ...]  # keys of the config; the first leads
    language: str  # of the original
    project: str = ""
    topics: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()  # keys of regions whose handles are mentioned
    channels: tuple[str, ...] = ()  # empty: all
    deadline: datetime | None = None
    photos: tuple[Photo, ...] = ()
    tellings: dict[str, Telling]  # by language; the original is among them

    def telling(self, language: str, accepted: tuple[str, ...]) -> tuple[str, Telling] | None:
        """Return (language, words) for an audience: the translation in its language, else the original if accepted."""
        if language in self.tellings:
            return language, self.tellings[language]
        if self.language in accepted:
            return self.language, self.tellings[self.language]
        return None
