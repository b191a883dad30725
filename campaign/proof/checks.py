"""What the program has looked at for the officer, in plain words. Pure: a post as stored goes in, findings come out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from campaign import fit
from campaign.config import Channel, Config, Funder, in_language
from campaign.models import PartContent, Post, Story
from campaign.platforms.base import Limits
from campaign.story import Content


class Level(StrEnum):
    """How much a finding asks of the officer."""

    WRONG = "wrong"  # should not be approved like this
    LOOK = "look"  # a person should judge
    FINE = "fine"


ORDER = tuple(Level)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    level: Level
    text: str


@dataclass(frozen=True)
class Subject:
    """A post with everything that is known of it."""

    config: Config
    channel: Channel
    limits: Limits
    story: Story
    content: Content
    post: Post
    parts: tuple[PartContent, ...]
    whole: bool  # text and pictures are stored as they were rendered
    now: datetime

    def local(self, moment: datetime) -> str:
        """Return a moment in the channel's zone."""
        return moment_in(moment, self.channel.zone)


def moment_in(moment: datetime, zone: str) -> str:
    """Return a moment as people write it, such as "Tue 3 March 2026, 10:00"."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%B %Y, %H:%M}"


def findings(subject: Subject) -> tuple[Finding, ...]:
    """Return what every check found, what is wrong first."""
    found = [finding for check in CHECKS for finding in check(subject)]
    return tuple(sorted(found, key=lambda finding: ORDER.index(finding.level)))


def storage(subject: Subject) -> Iterator[Finding]:
    """A yes binds stored bytes: damaged ones cannot be approved."""
    if not subject.whole:
        yield _wrong(
            "The stored text or pictures are damaged, so this post is not part of the proof. It is rendered anew."
        )


def rendering(subject: Subject) -> Iterator[Finding]:
    """What the renderer wants an officer to know."""
    for note in subject.post.notes:
        yield _look(f"{note[:1].upper()}{note[1:]}{'' if note.endswith('.') else '.'}")


def length(subject: Subject) -> Iterator[Finding]:
    """Render keeps to the limit; the limit may have shrunk since."""
    for n, part in enumerate(subject.parts, start=1):
        which = "The first comment" if part.role == "comment" else f"Part {n}" if _thread(subject) > 1 else "The text"
        if fit.length(part.text, subject.limits) > subject.limits.text:
            yield _wrong(f"{which} is too long: {length_of(part.text, subject.limits)}.")
        else:
            yield _fine(f"{which} fits: {length_of(part.text, subject.limits)}.")


def length_of(text: str, limits: Limits) -> str:
    """Return a text's length beside its limit, such as "412 of 500 characters"; its bytes where these are tighter."""
    counted = fit.count(text, limits.unit, limits.link_length)
    if limits.text_bytes is not None and fit.length(text, limits) > counted:
        return f"{fit.count(text, 'bytes')} of {limits.text_bytes} bytes"
    return f"{counted} of {limits.text} {UNITS.get(limits.unit, limits.unit)}"


UNITS = {
    "utf16": "UTF-16 units",
    "x-weighted": "characters, weighted",
    "emoji-bytes": "characters, emoji by their bytes",
}


def thread(subject: Subject) -> Iterator[Finding]:
    """A thread has no more parts than its channel may post."""
    parts, most = _thread(subject), subject.channel.thread if subject.limits.threads else 1
    if parts > most:
        yield _wrong(f"It has {parts} parts, and the channel posts {most} at most (`thread` in the config file).")
    elif parts > 1:
        yield _fine(f"It is a thread of {parts} parts.")


def _thread(subject: Subject) -> int:
    """Return of how many parts the post is, without a first comment."""
    return sum(part.role != "comment" for part in subject.parts)


def comment(subject: Subject) -> Iterator[Finding]:
    """What stands below the post goes out right after it."""
    if any(part.role == "comment" for part in subject.parts):
        yield _fine("The link stands in a first comment, which follows the post at once.")


def pictures(subject: Subject) -> Iterator[Finding]:
    """Every picture is described, and the description fits."""
    images = [image for part in subject.parts for image in part.files]
    for n, image in enumerate(images, start=1):
        which = f"Picture {n}" if len(images) > 1 else "The picture"
        if not image.alt.strip():
            yield _wrong(f"{which} has no alt text. Say in the story what it shows (`shows:`).")
        elif len(image.alt) > subject.limits.alt_text:
            yield _wrong(
                f"{which} has {len(image.alt)} characters of alt text; the platform takes {subject.limits.alt_text}."
            )
    if images and all(0 < len(image.alt.strip()) <= subject.limits.alt_text for image in images):
        heard = "" if subject.limits.alt_heard else " It is for us alone: the platform has no place for it."
        yield _fine(f"Every picture has alt text.{heard}")
    if not images:
        yield _fine("There is no picture.")


def previews(subject: Subject) -> Iterator[Finding]:
    """What stands under the link."""
    for part in subject.parts:
        if part.preview is not None and not part.link:
            yield _wrong("There is a preview of a link, and no link for it.")
        elif part.preview is not None:
            yield _fine("The link's preview shows the card; apps may not read out its alt text.")
        elif part.link and subject.channel.attach == "link-card" and not subject.limits.brings_preview:
            yield _fine("The link's own preview is made by the platform, from the page that it leads to.")


def dates(subject: Subject) -> Iterator[Finding]:
    """Neither before the embargo, nor after the expiry, nor for a slot that is over."""
    if subject.post.published_at is not None:
        return
    due, embargo = subject.post.due_at, subject.story.embargo_at
    expiry = subject.post.expires_at or subject.story.expires_at
    if due is not None and due <= subject.now:
        yield _look("Its slot is over: it waits for a new one.")
    if embargo is not None:
        until = f"Embargo until {subject.local(embargo)}"
        yield _wrong(f"{until}, after its slot.") if due is not None and due < embargo else _fine(f"{until}.")
    if expiry is not None:
        ends = f"Expires {subject.local(expiry)}"
        over = expiry <= max(due or subject.now, subject.now)
        yield _wrong(f"{ends}, before its slot.") if over else _fine(f"{ends}.")


def funding(subject: Subject) -> Iterator[Finding]:
    """Who pays is said, in the text or on the card; a long disclaimer stands where the funder wants it."""
    for funder in subject.config.funders_of(subject.content.project):
        yield _statement(subject, funder)
        if funder.disclaimer and funder.disclaimer_in != "profile":
            yield _disclaimer(subject, funder)


def _disclaimer(subject: Subject, funder: Funder) -> Finding:
    if any(_says(part.text, in_language(funder.disclaimer, part.language)) for part in subject.parts):
        return _fine(f"{funder.name}: the disclaimer is there.")
    return _wrong(f"{funder.name}: the disclaimer is missing; the config asks for it in the {funder.disclaimer_in}.")


def _statement(subject: Subject, funder: Funder) -> Finding:
    said = [(part, in_language(funder.statement, part.language)) for part in subject.parts]
    if any(_says(part.text, statement) for part, statement in said):
        return _fine(f"{funder.name}: the statement stands in the text.")
    if any(_says(image.alt, statement) for part, statement in said for image in part.files):
        return _look(f"{funder.name}: the statement stands on the picture and in its alt text, not in the text.")
    return _wrong(f"{funder.name}: the statement “{said[0][1]}” is missing.")


def _says(text: str, words: str) -> bool:
    return " ".join(words.split()) in " ".join(text.split())


def consent(subject: Subject) -> Iterator[Finding]:
    """People in photos have agreed, and for how long. Which photo a card was made of is not stored: all are named."""
    if not any(part.files for part in subject.parts):
        return
    due = subject.post.due_at or subject.now
    day = due.astimezone(ZoneInfo(subject.channel.zone)).date()
    for photo in subject.content.photos:
        if photo.consent == "no":
            yield _look(f"{photo.file}: the people in it have not agreed. Make sure that it is not shown.")
        elif photo.consent_until is not None:
            ends = f"{photo.file}: consent ends on {photo.consent_until.day} {photo.consent_until:%B %Y}"
            if photo.consent_until < day:
                yield _look(f"{ends}, before the slot. Make sure that it is not shown.")
            else:
                yield _look(f"{ends}. If the photo is in this post, take the post down by then.")


def language(subject: Subject) -> Iterator[Finding]:
    """A channel may take stories in other languages than its own."""
    spoken = subject.parts[0].language if subject.parts else subject.channel.language
    if spoken != subject.channel.language:
        yield _look(f"It is in {spoken}, and the channel speaks {subject.channel.language}: there is no translation.")


def links(subject: Subject) -> Iterator[Finding]:
    """Where the post leads."""
    for part in subject.parts:
        there = [part.text[span.start : span.end] for span in fit.spans(part.text) if span.kind == "link"]
        for link in there:
            if link.lower().startswith("https://"):
                yield _fine(f"The link leads to {urlsplit(link).netloc}.")
            else:
                yield _look(f"The link is not encrypted (http): {link}")
        if part.link and part.link not in there:
            yield _look(f"The link goes beside the text: {part.link}")
        if len(there) > 1:
            yield _look(f"There are {len(there)} links; one, near the end, reads best.")


CHECKS = (storage, length, thread, comment, pictures, previews, funding, dates, consent, rendering, language, links)


def _wrong(text: str) -> Finding:
    return Finding(Level.WRONG, text)


def _look(text: str) -> Finding:
    return Finding(Level.LOOK, text)


def _fine(text: str) -> Finding:
    return Finding(Level.FINE, text)
