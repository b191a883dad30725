"""The words of the config file, typed and frozen. No parsing and no input here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any, Literal

Names = Mapping[str, str]  # by language code
DisclaimerPlace = Literal["post", "reply", "profile"]


class Secret(str):
    """A value that no log, error or dump may show. `reveal()` is the only way to its text."""

    __slots__ = ("_value",)
    _value: str

    def __new__(cls, value: str) -> Secret:
        self = super().__new__(cls, "***")
        self._value = value
        return self

    def reveal(self) -> str:
        """Return the secret itself, for the one call that needs it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret('***')"

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return (str, ("***",))


@dataclass(frozen=True)
class Campaign:
    """`[campaign]`"""

    name: str
    zone: str
    language: str = "en"
    utm: str = ""  # utm_campaign of every link; empty: links stay as they are
    hashtags: tuple[str, ...] = ()
    link: str = ""  # the campaign's own page


@dataclass(frozen=True)
class Region:
    """`[regions.KEY]`"""

    key: str
    name: Names
    country: str = ""  # ISO 3166-1 alpha-2
    zone: str = ""  # empty: the campaign's
    hashtags: tuple[str, ...] = ()
    handles: Mapping[str, str] = field(default_factory=dict)  # by platform
    logo: Path | None = None
    accent: str = ""  # #RRGGBB
    contact: str = ""
    weight: float = 1.0
    network: bool = False  # the network itself: outside the fairness ledger
    share: float = 0.25  # of a network: the largest part of a channel's slots

    def named(self, language: str) -> str:
        """Return the region's name in `language`, else in English, else the first one given."""
        return in_language(self.name, language)


@dataclass(frozen=True)
class Funder:
    """`[funders.KEY]`"""

    key: str
    name: str
    statement: Names
    emblem: Literal["eu", "none"] = "none"
    disclaimer: Names = field(default_factory=dict)
    disclaimer_in: DisclaimerPlace = "profile"
    lockup: Mapping[str, Path] = field(default_factory=dict)  # by language: the funder's own artwork
    emblem_min: int = 0  # px of the emblem's height; 0: the format's own minimum


@dataclass(frozen=True)
class Project:
    """`[projects.KEY]`"""

    key: str
    name: str
    funders: tuple[str, ...] = ()
    grant: str = ""
    starts: date | None = None
    ends: date | None = None
    hashtags: tuple[str, ...] = ()
    link: str = ""
    targets: Mapping[str, int] = field(default_factory=dict)  # posts per period, such as {month = 4}


@dataclass(frozen=True)
class WeeklySlot:
    """One weekly local time: weekday 0 = Monday, and the time as written."""

    weekday: int
    at: time


@dataclass(frozen=True)
class Blackout:
    """`[[blackouts]]`: local days, both included, on which nothing is posted."""

    first: date
    last: date
    reason: str
    channels: tuple[str, ...] = ()  # empty: all


@dataclass(frozen=True)
class Channel:
    """`[channels.KEY]`"""

    key: str
    platform: str
    name: str
    language: str
    languages: tuple[str, ...]  # originals accepted beside the channel's own language; always holds `language`
    zone: str
    slots: tuple[WeeklySlot, ...]
    spacing: timedelta = timedelta(hours=4)
    daily_cap: int = 2
    late_window: timedelta = timedelta(hours=2)
    call_deadline: timedelta = timedelta(seconds=30)  # of one visible call
    settle: timedelta | None = None  # None: the platform's own
    repeat_guard: timedelta = timedelta(days=7)  # the same text or card is not sent again within
    mode: Literal["api", "by-hand"] = "api"
    approval: bool = True  # read from the file, `[approval] required` is its default
    attach: Literal["card", "link-card", "none"] = "card"
    thread: int = 1  # the most parts of a post; 1: what does not fit is shortened
    formats: tuple[str, ...] = ()  # card formats; empty: the platform's own choice
    hashtags: tuple[str, ...] = ()
    max_text: int = 0  # 0: the platform's limit
    settings: Mapping[str, Any] = field(default_factory=dict)  # the platform's own keys, raw
    lines: Mapping[str, int] = field(default_factory=dict)  # line of each key in the file, for messages


@dataclass(frozen=True)
class Person:
    """`[people.KEY]`: who may approve, and for what."""

    key: str
    name: str
    login: str = ""  # the account on the server
    email: str = ""
    regions: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    all: bool = False  # approves everything

    def may_approve(self, regions: tuple[str, ...], channel: str) -> bool:
        """Whether this person's yes counts for a post about `regions` on `channel`."""
        return self.all or channel in self.channels or any(region in self.regions for region in regions)


@dataclass(frozen=True)
class Approval:
    """`[approval]`"""

    required: bool = True
    not_own: bool = False
    warn: tuple[timedelta, ...] = (timedelta(hours=72), timedelta(hours=24))
    cutoff: timedelta = timedelta(hours=2)


@dataclass(frozen=True)
class Planning:
    """`[plan]`"""

    weeks: int = 4
    firm: timedelta = timedelta(hours=48)
    urgent: timedelta = timedelta(days=2)


@dataclass(frozen=True)
class DaemonSettings:
    """`[daemon]`"""

    tick: timedelta = timedelta(seconds=5)  # between looks at a channel
    house: timedelta = timedelta(seconds=30)  # between passes over the other stages
    share: int = 0  # channels one daemon carries on PostgreSQL; 0: all
    log: Literal["human", "json"] = "human"
    free_disk: int = 64 * 1024 * 1024  # bytes: nothing is sent with less
    stop_file: Path | None = None  # nothing is sent while it exists
    proxy: str = ""  # the way out to the platforms; those of the environment are not used


@dataclass(frozen=True)
class Folders:
    """Places on disk, absolute."""

    root: Path  # the folder of the config file
    inbox: Path
    accepted: Path
    refused: Path
    media: Path
    pages: Path
    templates: Path | None = None  # the team's own, looked at before the shipped ones
    themes: Path | None = None


@dataclass(frozen=True)
class Public:
    """`[public]`: where platforms that fetch pictures themselves find them. A folder, or a bucket in its place."""

    url: str  # as the whole world sees it
    folder: Path | None = None  # that a web server shows there
    bucket: str = ""  # name/prefix, on storage that speaks S3
    endpoint: str = ""  # of that storage; empty: Amazon's
    region: str = ""
    access_key: str = ""  # a Secret, as the next; empty: what the environment or the machine gives
    secret_key: str = ""


@dataclass(frozen=True)
class Config:
    """The whole config file."""

    path: Path
    campaign: Campaign
    database: str  # an SQLAlchemy URL; a Secret when it holds a password
    folders: Folders
    regions: Mapping[str, Region]
    projects: Mapping[str, Project]
    funders: Mapping[str, Funder]
    channels: Mapping[str, Channel]
    people: Mapping[str, Person]
    blackouts: tuple[Blackout, ...]
    approval: Approval
    plan: Planning
    daemon: DaemonSettings
    public: Public | None = None
    secrets: tuple[Secret, ...] = ()  # values from ${ENV}, files and keys that name credentials: for the log's filter

    def needs_approval(self, channel: str) -> bool:
        """Whether a person must say yes to what goes out on a channel."""
        known = self.channels.get(channel)
        return known.approval if known else self.approval.required

    def funders_of(self, project: str) -> tuple[Funder, ...]:
        """Return the funders of a project key, none for an unknown or empty one."""
        found = self.projects.get(project)
        return tuple(self.funders[key] for key in found.funders) if found else ()


def in_language(names: Names, language: str) -> str:
    """Return the entry for `language`, else English, else the first; empty when there is none."""
    return names.get(language) or names.get("en") or next(iter(names.values()), "")


def revealed(text: str) -> str:
    """Return a text of the config, itself when it is a secret."""
    return text.reveal() if isinstance(text, Secret) else text
