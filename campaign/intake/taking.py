"""From what was handed in to the story's row: taken in, the same again, replaced, or refused."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from sqlmodel import Session

from campaign import photo, store
from campaign.app import App
from campaign.errors import Problem, StoryError
from campaign.intake import storyfile
from campaign.intake.bundle import Bundle, opened
from campaign.intake.storyfile import Draft, Picture
from campaign.models import Post, PostStatus, Story, StoryStatus
from campaign.store.turns import forget_turns
from campaign.store.wanted import SHORT_ID
from campaign.story import Content, Photo

LARGEST_PHOTO = 60 * 1024 * 1024  # bytes; a 60 megapixel JPEG of a good camera has half of it

Outcome = Literal["accepted", "unchanged", "replaced", "refused"]


@dataclass(frozen=True)
class Taken:
    """What became of one story, or of a path that holds none."""

    path: Path  # as it was given
    shown: str  # the story in it, as messages call it
    region: str = ""
    slug: str = ""
    outcome: Outcome = "refused"
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    story: str = ""  # uuid
    files: tuple[Path, ...] = ()  # what belongs to a story handed in as a single file


@dataclass(frozen=True)
class Cleaned:
    """A photo ready to be kept."""

    picture: Picture
    clean: photo.Clean


def take(app: App, paths: Sequence[Path], *, replace: bool = False, dry_run: bool = False) -> list[Taken]:
    """Take in everything that lies at `paths`. A refused story leaves the others, and the database, as they are.

    `replace` takes new content for a story that is already here; `dry_run` says what would become of each, and
    writes nothing.

    Raises:
        StoreError: the database cannot be used now.
        OSError: the media folder cannot be written.
    """
    return [taken for path in paths for taken in _take_path(app, path, replace=replace, dry_run=dry_run)]


def _take_path(app: App, path: Path, *, replace: bool, dry_run: bool) -> Iterator[Taken]:
    try:
        with opened(path) as bundles:
            for bundle in bundles:
                yield _Handing(app, path, bundle, replace=replace, dry_run=dry_run).taken()
    except StoryError as error:
        yield Taken(path, path.name, problems=error.problems)


class _Handing:
    """One story on its way in."""

    def __init__(self, app: App, path: Path, bundle: Bundle, *, replace: bool, dry_run: bool) -> None:
        self.app, self.bundle, self.replace, self.dry_run = app, bundle, replace, dry_run
        self.now = app.clock.now()
        self.result = Taken(path, bundle.label(bundle.main))

    def taken(self) -> Taken:
        """Read, judge and store the story; say what became of it."""
        reading = storyfile.read(self.bundle, self.app.config, self.now)
        self._say(files=self._files(reading.pictures))
        draft = reading.draft
        if draft:
            self._say(region=draft.region, slug=draft.slug)
            with self.app.reading() as db:
                known = store.story_named(db, draft.region, draft.slug)
            if known and known.fingerprint == draft.fingerprint and not self._comes_back(known):
                return self._say(outcome="unchanged", story=known.uuid, notes=_standing(known))
        cleaned, damaged, notes = _clean_all(self.bundle, reading.pictures)
        unused = self.bundle.unused({picture.path for picture in reading.pictures})
        self._say(notes=(*notes, *(f"{name} was not used: the story does not name it" for name in unused)))
        problems = [*reading.problems, *damaged, *([draft.stale] if draft and draft.stale else [])]
        if draft is None or problems:
            return self._say(problems=tuple(problems))
        return self._store(draft, cleaned)

    def _comes_back(self, known: Story) -> bool:
        return self.replace and known.status != StoryStatus.QUEUED

    def _files(self, pictures: Sequence[Picture]) -> tuple[Path, ...]:
        found = [self.bundle.main, *(path for _, path in self.bundle.translations())]
        return tuple(dict.fromkeys([*found, *(picture.path for picture in pictures)]))

    def _say(self, **changes: Any) -> Taken:
        self.result = replace(self.result, **changes)
        return self.result

    def _store(self, draft: Draft, cleaned: Sequence[Cleaned]) -> Taken:
        """Keep the photos, then write the row and its event in one transaction."""
        if self.dry_run:
            with self.app.reading() as db:
                return self._judge(store.story_named(db, draft.region, draft.slug), draft)
        content = draft.content.model_copy(update={"photos": tuple(self._keep(each) for each in cleaned)})
        with self.app.keeping_house() as db:  # a story may change its regions, and with them whose turn it was
            known = store.story_named(db, draft.region, draft.slug)
            verdict = self._judge(known, draft)
            if verdict.outcome == "accepted":
                return self._add(db, draft, content)
            if verdict.outcome == "replaced" and known:
                self._change(db, known, draft, content)
            return self.result

    def _judge(self, known: Story | None, draft: Draft) -> Taken:
        """Decide what becomes of a right story, by what is known under its name."""
        if known is None:
            return self._say(outcome="accepted")
        self._say(story=known.uuid)
        if self.replace or known.status == StoryStatus.RETURNED:  # a returned story is waiting for its new version
            return self._say(outcome="replaced")
        what = f'there is another story "{draft.slug}" of {draft.region}, handed in on {known.created_at:%Y-%m-%d}.'
        if known.status == StoryStatus.WITHDRAWN:
            what = f'the story "{draft.slug}" of {draft.region} was withdrawn.'
        remedy = (
            f"If this is its new version: campaign add --replace {self._typed()}. "
            "If it is another story, give it another slug."
        )
        return self._say(problems=(Problem(self.result.shown, what, remedy),))

    def _typed(self) -> str:
        """Return the path as a person types it; what lies in the inbox is moved, so its name alone."""
        path = self.result.path
        return path.name if path.parent == self.app.config.folders.inbox else shlex.quote(str(path))

    def _keep(self, cleaned: Cleaned) -> Photo:
        picture, clean = cleaned.picture, cleaned.clean
        return Photo(
            sha256=self.app.media.keep(clean.data, "image/jpeg"),
            width=clean.width,
            height=clean.height,
            file=picture.file,
            credit=picture.credit,
            focus=picture.focus,
            consent=picture.consent,
            consent_until=picture.consent_until,
        )

    def _add(self, db: Session, draft: Draft, content: Content) -> Taken:
        story = Story(
            uuid=self.app.new_id(),
            region=draft.region,
            slug=draft.slug,
            handed_by=self.app.who,
            created_at=self.now,
            updated_at=self.now,
            **_columns(draft, content),
        )
        store.add_story(db, story)
        self.app.event(db, "story.accepted", story=story.uuid, note="; ".join(self.result.notes))
        return self._say(outcome="accepted", story=story.uuid)

    def _change(self, db: Session, story: Story, draft: Draft, content: Content) -> None:
        """Put the new version in the place of the old one, and write down what was different."""
        before = _told(story)
        for name, value in _columns(draft, content).items():
            setattr(story, name, value)
        story.revision += 1
        story.status, story.note = StoryStatus.QUEUED, ""
        story.handed_by, story.updated_at = self.app.who, self.now
        db.add(story)
        store.supersede(db, story)
        live = store.posts_where(db, statuses=[PostStatus.PUBLISHED], story=story.uuid)
        self._say(notes=(*self.result.notes, *map(_stays, live)))
        after = _told(story)
        if before.get("regions") != after.get("regions"):
            forget_turns(db, story.uuid)
        changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
        self.app.event(
            db,
            "story.replaced",
            story=story.uuid,
            note="; ".join(self.result.notes),
            before={key: before.get(key) for key in sorted(changed)},
            after={key: after.get(key) for key in sorted(changed)},
        )


def _clean_all(bundle: Bundle, pictures: Sequence[Picture]) -> tuple[list[Cleaned], list[Problem], list[str]]:
    """Return (photos ready to be kept, what is wrong with the others, what to know of them)."""
    cleaned, problems, notes = [], [], []
    for picture in pictures:
        where = bundle.label(picture.path)
        if picture.path.stat().st_size > LARGEST_PHOTO:
            what = f"the file is larger than {LARGEST_PHOTO // 1024**2} MB."
            problems.append(Problem(where, what, "Save it smaller: 4000 pixels on the longer side are plenty."))
            continue
        try:
            clean = photo.clean(picture.path.read_bytes())
        except photo.PhotoError as error:
            problems.append(Problem(where, error.what, error.remedy))
            continue
        cleaned.append(Cleaned(picture, clean))
        notes += [f"{picture.file}: {note}" for note in clean.notes]
    return cleaned, problems, notes


def _stays(post: Post) -> str:
    """Return what to say of a post that tells the old version."""
    change = f"campaign post correct {post.uuid[:SHORT_ID]}"
    return f"on {post.channel} the old version is live and stays; to change it: {change}"


def _standing(known: Story) -> tuple[str, ...]:
    """Return what to say when the same is handed in again."""
    if known.status == StoryStatus.RETURNED:
        return (f"it was returned and has not changed since: {known.note}",)
    if known.status == StoryStatus.WITHDRAWN:
        return ("it was withdrawn; campaign add --replace brings it back",)
    return ()


def _columns(draft: Draft, content: Content) -> dict[str, Any]:
    """Return the values of a story's row that come from what was handed in."""
    return {
        "kind": str(content.kind),
        "language": content.language,
        "priority": draft.priority,
        "embargo_at": draft.embargo_at,
        "expires_at": draft.expires_at,
        "project": content.project,
        "content": content.model_dump(mode="json"),
        "fingerprint": draft.fingerprint,
    }


def _told(story: Story) -> dict[str, Any]:
    """Return a story as an event tells it: each piece of content by its own name."""
    times: dict[str, datetime | None] = {"embargo_at": story.embargo_at, "expires_at": story.expires_at}
    return {
        "revision": story.revision,
        "status": str(story.status),
        "priority": story.priority,
        **{name: moment.isoformat() if moment else None for name, moment in times.items()},
        **story.content,
    }
