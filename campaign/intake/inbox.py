"""The inbox folder: what lies there at rest is taken in, then moved to `accepted` or, with the reasons, to `refused`.

Moving comes after the commit. A crash between the two leaves the entry in the inbox; the next run finds its story
unchanged and only moves it.
"""

from __future__ import annotations

import errno
import re
import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from campaign.app import App, Summary
from campaign.errors import Problem
from campaign.files import sync_folder, write_whole
from campaign.intake.bundle import STORY, TRANSLATED
from campaign.intake.taking import Taken, take

REST = timedelta(seconds=60)  # an upload is over when nothing has changed for so long
UNFINISHED = re.compile(r"^[.~]|\.(part|partial|crdownload|download|tmp|filepart|swp)$", re.IGNORECASE)
LOOSE = {".md", ".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff", ".avif", ".heic", ".heif"}


def run(app: App) -> Summary:
    """Take in what lies in the inbox at rest. An entry that cannot be moved is told once, and holds up no other.

    Raises:
        StoreError: the database cannot be used now; what was not taken yet stays where it is.
    """
    summary = Summary("intake")
    for path in _ready(app.config.folders.inbox, app.clock.now()):
        if not path.is_symlink() and not path.exists():
            continue  # a story file has taken it along
        try:
            _settle(app, path, _taken(app, path), summary)
        except OSError as error:
            summary.notes.append(f"{path.name} cannot be moved: {error.strerror}")
            _ask_for_rights(app, path, error)
    return summary


def _ask_for_rights(app: App, path: Path, error: OSError) -> None:
    with app.writing() as db:
        message = f"{path} cannot be read or moved out of the inbox: {error.strerror}"
        remedy = "Give the daemon's account the right to write it and all in it, or move it away by hand."
        app.alert(db, f"inbox:{path.name}", message, remedy=remedy)


def _ready(inbox: Path, now: datetime) -> list[Path]:
    """Return the entries at rest, story files before the photos that may belong to them.

    Files that lie loose may belong together, so none of them is ready before all are.
    """
    entries = [path for path in inbox.iterdir() if not UNFINISHED.search(path.name)] if inbox.is_dir() else []
    loose = [path for path in entries if path.suffix.lower() in LOOSE and not path.is_dir()]
    whole = [path for path in entries if path not in loose and _rests(path, now)]
    if not all(_rests(path, now) for path in loose):
        loose = []
    return [
        *sorted(whole),
        *sorted(loose, key=lambda path: (path.suffix.lower() != ".md", _is_translation(path), path)),
    ]


def _is_translation(path: Path) -> bool:
    return TRANSLATED.match(path.name) is not None


def _rests(path: Path, now: datetime) -> bool:
    """Whether nothing in `path` was changed of late; a date in the future is a wrong clock, not an upload."""
    newest = max((file.lstat().st_mtime for file in _all_in(path)), default=0.0)
    return abs(now.timestamp() - newest) >= REST.total_seconds()


def _all_in(path: Path) -> Iterator[Path]:
    yield path
    if path.is_dir() and not path.is_symlink():
        yield from path.rglob("*")


def _taken(app: App, path: Path) -> list[Taken]:
    if path.name == STORY:
        remedy = "Put it with its photos into a folder that has the story's name, and that folder into the inbox."
        return [Taken(path, path.name, problems=(Problem(path.name, "it lies in the inbox itself.", remedy),))]
    if path.suffix.lower() in LOOSE - {".md"}:
        remedy = "Put it into a folder with the story.md that names it, and that folder into the inbox."
        return [Taken(path, path.name, problems=(Problem(path.name, "a photo alone is no story.", remedy),))]
    return take(app, [path])


def _settle(app: App, path: Path, results: Sequence[Taken], summary: Summary) -> None:
    """Record what was refused, and move the entry with all that belongs to it."""
    for taken in results:
        summary.count(taken.outcome)
    refused = [taken for taken in results if taken.outcome == "refused"]
    folders, now = app.config.folders, app.clock.now()
    if not refused:
        _move(path, results, folders.accepted, now)
        return
    summary.notes.append(f"{path.name} was refused: see {folders.refused.name}/{path.name}.txt")
    with app.writing() as db:
        for taken in refused:
            app.event(db, "story.refused", note="\n".join(map(str, taken.problems)), after={"file": taken.shown})
    name = _free_name(folders.refused, path, now)
    write_whole(folders.refused / f"{name}.txt", letter(path.name, results))
    _move(path, results, folders.refused, now)


def letter(name: str, results: Sequence[Taken]) -> str:
    """Return what the sender reads beside a refused entry."""
    refused = [taken for taken in results if taken.outcome == "refused"]
    others = [taken for taken in results if taken.outcome != "refused"]
    mistakes = "\n\n".join(str(problem) for taken in refused for problem in taken.problems)
    lines = [
        f"Thank you for {name}. Something in it needs your hand before it can be taken in:",
        mistakes,
        "Please correct this and put it into the inbox again. You need not remove what was right.",
    ]
    if others:
        lines.insert(2, f"Taken in already: {', '.join(taken.slug for taken in others)}.")
    return "\n\n".join(lines) + "\n"


def _move(path: Path, results: Sequence[Taken], folder: Path, now: datetime) -> None:
    """Move an entry; a single story file and its photos go into a folder of their own, so that they stay together."""
    folder.mkdir(parents=True, exist_ok=True)
    along = sorted(
        {path.parent / file.name for taken in results for file in taken.files if _is_beside(file, path)} - {path}
    )
    target = folder / _free_name(folder, path.with_suffix("") if along else path, now)
    if along:
        target.mkdir()
        for file in along:
            _rename(file, target / file.name)
        target = target / path.name
    _rename(path, target)
    sync_folder(folder)
    sync_folder(path.parent)


def _rename(source: Path, target: Path) -> None:
    """Move by renaming; copy only to another disk, so that a missing right leaves everything as it was."""
    try:
        source.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        shutil.move(source, target)


def _is_beside(file: Path, path: Path) -> bool:
    return file.parent == path.parent.resolve()


def _free_name(folder: Path, path: Path, now: datetime) -> str:
    """Return a name that nothing has in `folder` yet: its own, else one with the date, else with the time."""
    tries = (path.name, *(f"{path.stem} {now:{shape}}{path.suffix}" for shape in ("%Y-%m-%d", "%Y-%m-%d %H%M%S")))
    return next((name for name in tries if not (folder / name).exists()), f"{path.stem} {now.timestamp()}{path.suffix}")
