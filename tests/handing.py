"""Stories as regions hand them in: folders and zips to try intake with."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from sqlmodel import SQLModel

from campaign import intake, store
from campaign.app import App, content_of
from campaign.models import Story
from campaign.story import Content
from tests.making import picture

COURSE = """\
---
regions: [moravia-silesia]
kind: course
title: Battery skills modules, open to every region
summary: Training modules are being made available across Europe.
link: https://example.org/modules
photos:
  - file: workshop.jpg
    shows: Trainees measure a battery cell
    consent: yes
course: {provider: MSIC, languages: [cs, en]}
---
The longer text.
"""
PHOTO = picture(size=(1200, 900))
Files = dict[str, str | bytes]


def hand_in(folder: Path, files: Files | None = None, *, text: str = COURSE) -> Path:
    """Write a story folder with one photo, and `files` beside or instead."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in ({"story.md": text, "workshop.jpg": PHOTO} | (files or {})).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def zipped(path: Path, files: Files) -> Path:
    """Write a zip."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def changed(*pairs: str) -> str:
    """Return the course story with each first text of a pair replaced by its second."""
    text = COURSE
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        assert old in text
        text = text.replace(old, new)
    return text


def of_kind(kind: str, block: str = "") -> str:
    """Return the story as one of another kind, with its block."""
    old = "course: {provider: MSIC, languages: [cs, en]}\n"
    return changed("kind: course", f"kind: {kind}", old, block and f"{block}\n")


def rows(app: App) -> dict[str, list[Any]]:
    """Return everything that the database holds."""
    with app.reading() as db:
        tables = reversed(SQLModel.metadata.sorted_tables)
        return {table.name: [tuple(row) for row in db.connection().execute(table.select())] for table in tables}


def refusal(app: App, *paths: Path, **options: bool) -> str:
    """Hand in what must be refused, see that it left no trace, and return what the sender is told."""
    before = rows(app)
    results = intake.take(app, paths, **options)
    assert {taken.outcome for taken in results} == {"refused"}
    assert rows(app) == before
    assert not app.media.folder.exists()
    return "\n".join(str(problem) for taken in results for problem in taken.problems)


def taken(app: App, path: Path, **options: bool) -> tuple[Story, Content]:
    """Hand in one story that is right, and return what was stored."""
    [result] = intake.take(app, [path], **options)
    assert result.problems == ()
    with app.reading() as db:
        story = store.story_by_id(db, result.story)
    assert story is not None
    return story, content_of(story)
