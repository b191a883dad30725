"""One story file with its translations: from what was written to what is planned. Photos are named here, not opened."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from campaign.config.values import Wrong, language
from campaign.config.words import Config
from campaign.errors import Problem
from campaign.intake import frontmatter, schema
from campaign.intake.bundle import Bundle
from campaign.intake.frontmatter import Fields, Notes, Written
from campaign.intake.schema import When
from campaign.story import Content, Course, Kind, Milestone, Occasion, Practice, Profile, Quote, Telling

LONGEST_BODY = 20_000  # characters
LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"})
TOLD = {"challenge", "approach", "results"}
BLOCK_WORDS = {
    Kind.PRACTICE: Practice,
    Kind.PROFILE: Profile,
    Kind.QUOTE: Quote,
    Kind.COURSE: Course,
    Kind.MILESTONE: Milestone,
}
HAPPENS = (Kind.EVENT, Kind.VISIT)


@dataclass(frozen=True)
class Picture:
    """A photo as the story names it, not yet opened."""

    file: str
    path: Path
    credit: str
    focus: tuple[float, float] | None
    consent: str
    consent_until: date | None


@dataclass(frozen=True)
class Draft:
    """A story as read, whole but for its photos."""

    region: str
    slug: str
    content: Content
    embargo_at: datetime | None
    expires_at: datetime | None
    priority: int
    fingerprint: str  # sha256 of what was handed in
    stale: Problem | None  # it has expired by now


@dataclass(frozen=True)
class Reading:
    """The draft, or the problems; and the photos either way, so that all mistakes are told at once."""

    draft: Draft | None
    pictures: tuple[Picture, ...]
    problems: tuple[Problem, ...]


def read(bundle: Bundle, config: Config, now: datetime) -> Reading:
    """Read a story and its translations.

    Raises:
        OSError: a file went away meanwhile.
    """
    notes = Notes(bundle.label(bundle.main))
    written = frontmatter.read(bundle.main.read_bytes(), notes)
    if written is None:
        return Reading(None, (), tuple(notes.problems))
    said = _Story(bundle, config, now, written, notes)
    problems = [*notes.problems, *said.translate()]
    if problems:
        return Reading(None, said.pictures, (*problems, *filter(None, [said.stale])))
    return Reading(said.draft(), said.pictures, ())


class _Story:
    """A story being read: the values of its front matter, and the rules that hold among them."""

    def __init__(self, bundle: Bundle, config: Config, now: datetime, written: Written, notes: Notes) -> None:
        self.bundle, self.config, self.now, self.written, self.notes = bundle, config, now, written, notes
        self.shape = schema.story(config, bundle.find, now.date())
        self.values: dict[str, Any] = schema.read(written.front, self.shape, (), notes)
        self.kind = Kind(self.values["kind"]) if "kind" in self.values else None
        self.slug = self.values.get("slug") or slug_of(bundle.name)
        self.language = self.values.get("language") or config.campaign.language
        self.regions: tuple[str, ...] = self.values.get("regions", ())
        lead = config.regions.get(self.regions[0]) if self.regions else None
        self.zone = (lead.zone if lead else "") or config.campaign.zone
        self.block: dict[str, Any] = self.values.get(self.kind, {}) if self.kind else {}
        self.photos: tuple[dict[str, Any], ...] = self.values.get("photos", ())
        self.pictures = tuple(_pictures(self.photos))
        self.words = {**self.values, "body": written.body}
        self.tellings: dict[str, dict[str, Any]] = {self.language: self.words}
        self.texts = [written.text]
        self._check()

    def translate(self) -> list[Problem]:
        """Read the translations beside the story file; return their problems."""
        problems: list[Problem] = []
        names = [photo["file"].name for photo in self.photos if "file" in photo]
        shape = schema.translation(self.shape, names)
        for code, path in self.bundle.translations():
            notes = Notes(self.bundle.label(path))
            written = frontmatter.read(path.read_bytes(), notes)
            if self._is_a_language(code, notes) and written:
                overlay = schema.read(written.front, shape, (), notes)
                self._check_block_names(written.front, notes)
                _check_figures(overlay, self.values, self.kind, written.front, notes)
                _check_body(written.body, notes)
                self.tellings[code] = _laid_over(self.words, overlay, written.body)
                self.texts.append(f"{code}\n{written.text}")
            problems += notes.problems
        return problems

    def draft(self) -> Draft:
        """Return the story, whose values are all there and right."""
        assert self.kind  # noqa: S101 - a story without a kind has a problem
        deadline = self._moment(self._deadline())
        content = Content(
            kind=self.kind,
            regions=self.regions,
            language=self.language,
            deadline=deadline,
            tellings={code: self._telling(words) for code, words in self.tellings.items()},
            **{key: self.values[key] for key in ("project", "topics", "mentions", "channels") if key in self.values},
        )
        return Draft(
            region=self.regions[0],
            slug=self.slug,
            content=content,
            embargo_at=self._embargo(),
            expires_at=self._expiry(),
            priority=self.values.get("priority", 0),
            fingerprint=_fingerprint(self.texts, self.pictures),
            stale=self.stale,
        )

    @property
    def stale(self) -> Problem | None:
        """The problem of a story that has expired by now."""
        expiry = self._expiry()
        if expiry is None or expiry > self.now:
            return None
        notes = Notes(self.notes.file)
        local = f"{expiry.astimezone(ZoneInfo(self.zone)):%Y-%m-%d %H:%M}"
        key, what, remedy = "expires", f"the story expired at {local}.", "Write a later date, or leave it out."
        if key not in self.values and expiry == self._moment(self._deadline()):
            key, what = "deadline", f"the deadline was at {local}, and the story ends with it."
        elif key not in self.values:
            key, what = str(self.kind), f"it began at {local}, and the story ends with that."
            remedy = "A story that looks back says until when it is of interest, such as: expires: 2026-12-31."
        notes.add(self._line(key), (key,), what, remedy)
        return notes.problems[0]

    def _check(self) -> None:
        self._check_blocks()
        self._check_times()
        _check_body(self.written.body, self.notes)
        if not self.slug:
            remedy = "Give the folder or file a name with letters, or write: slug: battery-modules."
            self.notes.add(None, ("slug",), f'"{self.bundle.name}" makes no slug.', remedy)

    def _check_blocks(self) -> None:
        if self.kind is None:
            return
        self._check_block_names(self.written.front, self.notes)
        given = self.written.front.fields.get(self.kind)
        if self.kind in schema.NEEDS_BLOCK and (given is None or schema.is_empty(given)):
            what = f'a story of kind "{self.kind}" needs a block "{self.kind}".'
            remedy = f"Write {self.kind}: and below it, indented, some of: {', '.join(schema.BLOCKS[self.kind].keys)}."
            self.notes.add(self._line(self.kind), (self.kind,), what, remedy)
        elif self.kind == Kind.PRACTICE and isinstance(given, Fields) and not TOLD & given.fields.keys():
            remedy = "Give at least one of challenge, approach and results."
            self.notes.add(given.line, (self.kind,), "this tells nothing of the practice.", remedy)

    def _check_block_names(self, front: Fields, notes: Notes) -> None:
        for name in schema.BLOCKS:
            if name in front.fields and self.kind not in (None, name):
                what = f'a story of kind "{self.kind}" has no block "{name}".'
                notes.add(front.fields[name].line, (name,), what, f"Remove it, or write kind: {name}.")

    def _check_times(self) -> None:
        starts, ends = self.block.get("starts"), self.block.get("ends")
        if starts and ends and (starts.at is None) != (ends.at is None):
            remedy = "Write both with a time, or both without."
            self._wrong_time("ends", "only one of starts and ends has a time.", remedy)
        elif starts and ends and ends.ends(self.zone) < starts.begins(self.zone):
            self._wrong_time("ends", f"{ends} is before the start, {starts}.", "Write the later date as ends.")
        if "deadline" in self.values and "deadline" in self.block:
            self._wrong_time("deadline", "the deadline is given twice.", "Keep it in one place.")
        deadline, last = self.block.get("deadline"), ends or starts
        if deadline and last and deadline.begins(self.zone) > last.ends(self.zone):
            self._wrong_time("deadline", f"{deadline} is after the {self.kind} is over.", "Correct one of the dates.")
        embargo, expiry = self._embargo(), self._expiry()
        if embargo and expiry and expiry <= embargo:
            what = f"the embargo, {self.values['embargo']}, ends after the story expires."
            remedy = "Write an embargo before it, or a later expires."
            self.notes.add(self._line("embargo"), ("embargo",), what, remedy)

    def _wrong_time(self, key: str, what: str, remedy: str) -> None:
        assert self.kind  # noqa: S101 - only blocks of a kind come here
        block = self.written.front.fields[self.kind]
        line = block.fields[key].line if isinstance(block, Fields) else block.line
        self.notes.add(line, (self.kind, key), what, remedy)

    def _embargo(self) -> datetime | None:
        written: When | None = self.values.get("embargo")
        return written.begins(self.zone) if written else None

    def _expiry(self) -> datetime | None:
        """Return `expires`, else what comes first: the start of what happens, or a deadline."""
        if "expires" in self.values:
            return self._moment(self.values["expires"])
        starts: When | None = self.block.get("starts")
        ends = [starts.begins(self.zone) if starts else None, self._moment(self._deadline())]
        return min((moment for moment in ends if moment), default=None)

    def _deadline(self) -> When | None:
        found: When | None = self.values.get("deadline") or self.block.get("deadline")
        return found

    def _moment(self, written: When | None) -> datetime | None:
        return written.ends(self.zone) if written else None

    def _is_a_language(self, code: str, notes: Notes) -> bool:
        try:
            language(code)
        except Wrong as wrong:
            notes.add(None, (), f"the end of the file's name, {wrong.what}", wrong.remedy)
            return False
        if code == self.language:
            notes.add(None, (), f'"{code}" is the language of the story itself.', "Name the file for its own language.")
            return False
        return True

    def _line(self, key: str) -> int:
        """Return the line of a key, or of the block where it stands, or the first."""
        fields = self.written.front.fields
        entry = fields.get(key) or fields.get(self.kind or "")
        return entry.line if entry else 1

    def _telling(self, words: Mapping[str, Any]) -> Telling:
        return Telling(
            title=words["title"],
            summary=words["summary"],
            body=words["body"],
            link=words.get("link", ""),
            shows=tuple(photo["shows"] for photo in words.get("photos", ())),
            **self._typed_block(words.get(self.kind or "")),
        )

    def _typed_block(self, block: dict[str, Any] | None) -> dict[str, Any]:
        """Return the block of the story's kind under its name in Telling."""
        if block is None or self.kind is None:
            return {}
        if self.kind in HAPPENS:
            return {"occasion": self._occasion(block)}
        return {self.kind.value: BLOCK_WORDS[self.kind](**block)}

    def _occasion(self, block: dict[str, Any]) -> Occasion:
        starts: When = block["starts"]
        return Occasion(
            starts=starts.begins(self.zone),
            ends=self._moment(block.get("ends")),
            all_day=starts.at is None,
            registration=block.get("register", ""),
            deadline=self._moment(self._deadline()),
            **{key: block[key] for key in ("place", "online", "host") if key in block},
        )


def slug_of(name: str) -> str:
    """Return a name made of a-z, 0-9 and hyphens, as near to `name` as can be; empty when nothing is left."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(LETTERS))
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign))
    slug = re.sub("[^a-z0-9]+", "-", letters).strip("-")[:60].strip("-")
    return slug if len(slug) > 1 else ""


def _pictures(photos: Sequence[Mapping[str, Any]]) -> Iterator[Picture]:
    for photo in photos:
        if "file" in photo:
            found = photo["file"]
            yield Picture(
                file=found.name,
                path=found.path,
                credit=photo.get("credit", ""),
                focus=photo.get("focus"),
                consent=photo.get("consent", ""),
                consent_until=photo.get("consent_until"),
            )


def _laid_over(words: Mapping[str, Any], overlay: Mapping[str, Any], body: str) -> dict[str, Any]:
    """Return the story's words with those of a translation in their place; what it leaves out stays."""
    told = dict(words) | {"body": body or words["body"]}
    for key, value in overlay.items():
        if key == "photos":
            shows = {photo["file"]: photo.get("shows") for photo in value if "file" in photo}
            told["photos"] = tuple(_described(photo, shows) for photo in words.get("photos", ()))
        elif isinstance(value, dict):
            told[key] = _block_over(words.get(key, {}), value)
        else:
            told[key] = value
    return told


def _described(photo: dict[str, Any], shows: Mapping[str, str | None]) -> dict[str, Any]:
    name = photo["file"].name if "file" in photo else ""
    return photo | ({"shows": shows[name]} if shows.get(name) else {})


def _block_over(block: dict[str, Any], overlay: dict[str, Any]) -> dict[str, Any]:
    merged = block | overlay
    if "figures" in overlay:
        pairs = zip(block.get("figures", ()), overlay["figures"], strict=False)
        merged["figures"] = tuple(figure | words for figure, words in pairs)
    return merged


def _check_figures(
    overlay: Mapping[str, Any], values: Mapping[str, Any], kind: Kind | None, front: Fields, notes: Notes
) -> None:
    """Translated figures belong to those of the story by their order."""
    if not kind or not isinstance(overlay.get(kind), dict) or "figures" not in overlay[kind]:
        return
    here, there = len(overlay[kind]["figures"]), len(values.get(kind, {}).get("figures", ()))
    if here != there:
        remedy = "Give the same figures in the same order."
        what = f"there are {here} figures here and {there} in the story file."
        notes.add(front.fields[kind].line, (kind, "figures"), what, remedy)


def _check_body(body: str, notes: Notes) -> None:
    if len(body) > LONGEST_BODY:
        what = f"the text below the front matter has {len(body)} characters, {LONGEST_BODY} are possible."
        notes.add(None, (), what, "Shorten it, and link to the whole text.")


def _fingerprint(texts: Sequence[str], pictures: Sequence[Picture]) -> str:
    """Return the sha256 of what was handed in: the texts, and the photos as they came."""
    whole = hashlib.sha256()
    for text in texts:
        whole.update(hashlib.sha256(text.encode()).digest())
    for picture in pictures:
        with picture.path.open("rb") as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()
