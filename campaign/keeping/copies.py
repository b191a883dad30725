"""Whole copies of an SQLite database, through its backup API (https://sqlite.org/backup.html): never half of one.

A copy may be made while a daemon works. Into a database that is there already it is one transaction: after a crash the
old content or the new one stands in the file, which stays the same file.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL

from campaign import store
from campaign.app import App
from campaign.db import BUSY_SECONDS, Database
from campaign.errors import StoreError, UsageError
from campaign.files import sync_folder

DURABLE = ("PRAGMA journal_mode=TRUNCATE", "PRAGMA synchronous=EXTRA")  # as in campaign.db
ON_POSTGRES = (
    "PostgreSQL has tools of its own: use pg_dump and pg_restore; "
    "a restored database wakes up held until `campaign adopt`"
)


def back_up(app: App, wanted: Path | None = None) -> Path:
    """Write a checked copy of the database and return its place; `wanted` is a new file or a folder.

    Raises:
        UsageError: the database is none of SQLite's, or there is a file of that name.
        StoreError: the database is damaged or cannot be read, or the disk is full; no backup is left then.
    """
    live, now = sqlite_file(app), app.clock.now()
    if not live.exists():
        raise UsageError(f"there is no database yet ({live})", remedy="Type: campaign db upgrade")
    name = stamped(live, "backup", now)
    target = wanted if wanted and not wanted.is_dir() else (wanted or live.parent) / name
    if target.exists():
        raise UsageError(f"{target} is there already", remedy="Name another file, or none.")
    with _beside(target) as beside:
        copy(live, beside, live="source")
        database = at(beside)
        with closing(database):
            refuse_damaged(database, beside)
            with database.writing() as db:
                store.set_meta(db, store.MADE_AT, now.isoformat())
    if app.db.is_current():
        with app.writing() as db:
            app.event(db, "backup.made", note=str(target))
    return target


def sqlite_file(app: App) -> Path:
    """Return the file of the database.

    Raises:
        UsageError: it has none.
    """
    if app.db.file is None:
        raise UsageError(ON_POSTGRES)
    return app.db.file.resolve()


def stamped(live: Path, word: str, now: datetime) -> str:
    """Return a file name that tells what it is and of when."""
    return f"{live.stem}-{word}-{now:%Y%m%d-%H%M%S}{live.suffix}"


def at(file: Path) -> Database:
    """Return the database that a file is."""
    return Database(URL.create("sqlite", database=str(file)))


def refuse_damaged(database: Database, file: Path) -> None:
    """Read a whole database.

    Raises:
        StoreError: it is damaged.
    """
    if broken := database.damages():
        raise StoreError(f"{file} is damaged: {broken[0]}", remedy="Take another backup; nothing was changed.")


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """Give a private file to be filled; whole and on the disk, it gets its name, and on an error it is gone."""
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield beside
        sync_file(beside)
        beside.replace(target)
        sync_folder(target.parent)
    finally:
        for rest in (beside, journal_of(beside)):
            rest.unlink(missing_ok=True)


def sync_file(file: Path) -> None:
    """Make a file's content survive a power loss."""
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def journal_of(file: Path) -> Path:
    """Return where SQLite keeps the way back from a write that was not ended."""
    return file.with_name(f"{file.name}-journal")


def copy(source: Path, target: Path, *, live: str = "") -> None:
    """Copy a database whole over another. `live` names the one that others use: only that one is opened to be mended.

    Raises:
        StoreError: one of them cannot be read or written; the target is as it was.
    """
    with (
        told_plainly(source, target),
        _opened(source, "rw" if live == "source" else "ro") as from_,
        _opened(target, "rwc") as to,
    ):
        for pragma in DURABLE:
            to.execute(pragma)
        from_.backup(to, progress=_not_for_ever)


def _not_for_ever(status: int, _remaining: int, _total: int) -> None:
    """End a copy whose database others keep locked: Python would try it again and again."""
    if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        raise sqlite3.OperationalError("it is locked by another program; try again in a minute")


@contextmanager
def _opened(file: Path, mode: str) -> Iterator[sqlite3.Connection]:
    """Open a file, which no other way of writing its name could mistake for an option."""
    address = f"file:{quote(str(file.resolve()))}?mode={mode}"
    with closing(sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
        yield connection


@contextmanager
def told_plainly(source: Path, target: Path) -> Iterator[None]:
    """Turn what SQLite says into words of ours.

    Raises:
        StoreError: saying what was copied where.
    """
    try:
        yield
    except sqlite3.Error as error:
        remedy = "Nothing was changed."
        raise StoreError(f"{source} could not be copied to {target}: {error}", remedy=remedy) from error


def mend(live: Path) -> None:
    """Let SQLite undo what a writer that died has left; what it cannot read stays as it is."""
    with suppress(sqlite3.Error), _opened(live, "rw") as connection:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()


def keep(live: Path, now: datetime) -> Path:
    """Keep what is about to be replaced under a name with the time; what SQLite cannot read, byte for byte."""
    kept = next(
        place
        for n in range(1, 1000)
        if not (place := live.with_name(stamped(live, "replaced" + f"-{n}" * (n > 1), now))).exists()
    )
    try:
        with _beside(kept) as beside:
            copy(live, beside, live="source")
    except StoreError:
        with _beside(kept) as beside:
            shutil.copyfile(live, beside)
        with suppress(FileNotFoundError):
            shutil.copyfile(journal_of(live), journal_of(kept))
    return kept


def overwrite(staged: Path, live: Path, *, readable: bool) -> None:
    """Put the staged content into the live file.

    What SQLite cannot read must go before: neither it nor its journal may be taken for a part of what comes.
    """
    if live.exists() and not readable:
        journal_of(live).unlink(missing_ok=True)
        os.truncate(live, 0)
    copy(staged, live, live="target")
    sync_folder(live.parent)
