"""A backup in the place of the present database. Everything is made ready beside it, then written in one transaction.

Nothing is sent twice because of it: what the replaced database knows is carried over, what nobody knows is asked of the
platforms, and nothing is sent at all before somebody has adopted the result.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from campaign import owner, store
from campaign.app import App
from campaign.db import Database
from campaign.errors import StoreError, UsageError
from campaign.keeping import copies, home, merge
from campaign.models import PostStatus


@dataclass(frozen=True)
class Restored:
    """What a restore came to."""

    made_at: datetime | None  # when the backup was made; None: it is a plain copy
    kept: Path | None  # where the replaced database lies now; None: there was none
    unread: str  # why nothing could be carried over; empty: it was
    carried: int  # posts of which the replaced database knew more
    unconfirmed: int  # posts that the platforms are asked about
    knows_all: bool  # nothing that went out is lost


@dataclass(frozen=True)
class Replaced:
    """The database that is replaced, in a copy that can be read; None when it cannot."""

    db: Database | None
    kept: Path | None
    unread: str


def restore(app: App, file: Path) -> Restored:
    """Put a backup in the place of the database.

    Raises:
        AnotherDaemon: a daemon works on it.
        UsageError: the file is no backup of this campaign, or the database none of SQLite's.
        StoreError: the backup is damaged or of a newer program, or something cannot be written: nothing was changed.
    """
    live = copies.sqlite_file(app)
    if live.exists() and file.samefile(live):
        raise UsageError(f"{file} is the database itself", remedy="Name a backup of it.")
    live.parent.mkdir(parents=True, exist_ok=True)
    held = owner.own(app.db)
    try:
        app.db.close()
        with _room_beside(live) as room:
            return _restore(app, file, live, room)
    finally:
        held.release()


def _restore(app: App, file: Path, live: Path, room: Path) -> Restored:
    with closing(_staged(app, file, room / "new.db")) as staged:
        copies.mend(live)
        before = _seen(live)
        replaced = _replaced(live, room / "old.db", app.clock.now())
        done = _bring_up(replace(app, db=staged), app, replaced)
        copies.refuse_damaged(staged, file)
    if _seen(live) != before:
        raise StoreError("somebody has changed the database meanwhile", remedy="Nothing was changed. Run it again.")
    copies.overwrite(room / "new.db", live, readable=replaced.db is not None)
    return done


@contextmanager
def _room_beside(live: Path) -> Iterator[Path]:
    """Give a private folder on the same disk; what a killed restore left in it goes."""
    room = live.with_name(f".{live.name}.restoring")
    shutil.rmtree(room, ignore_errors=True)
    room.mkdir(mode=0o700)
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _seen(live: Path) -> tuple[int, int] | None:
    """Return what changes with every write."""
    return (live.stat().st_mtime_ns, live.stat().st_size) if live.exists() else None


def _staged(app: App, file: Path, place: Path) -> Database:
    """Return a checked copy of the backup with the tables of this program."""
    copies.copy(file, place)
    database = copies.at(place)
    try:
        copies.refuse_damaged(database, file)
        if database.revision() is None:
            raise UsageError(f"{file} is no database of campaign", remedy="Name a file that campaign db backup made.")
        database.upgrade()
        _refuse_another(app, database, file)
    except Exception:  # whatever it is goes up; the copy must not stay open
        database.close()
        raise
    return database


def _refuse_another(app: App, database: Database, file: Path) -> None:
    with database.reading() as db:
        channels = store.channel_states(db).keys()
    if channels and not channels & app.config.channels.keys():
        raise UsageError(
            f"{file} is a backup of another campaign: its channels are {', '.join(sorted(channels))}",
            remedy="Name a backup of this one, or the config of that one: campaign --config FILE db restore.",
        )


def _replaced(live: Path, place: Path, now: datetime) -> Replaced:
    """Keep the present database, and open a copy of it with the tables of this program if that can be done."""
    if not live.exists():
        return Replaced(None, None, f"{live} was not there")
    kept = copies.keep(live, now)
    try:
        copies.copy(kept, place)
        database = copies.at(place)
        with closing(database):
            copies.refuse_damaged(database, live)
            if database.revision() is None:
                return Replaced(None, kept, f"{live} was no database of campaign")
            database.upgrade()
    except StoreError as error:
        return Replaced(None, kept, str(error).partition("\n")[0])
    return Replaced(database, kept, "")


def _bring_up(new: App, app: App, replaced: Replaced) -> Restored:
    """Make the backup one that may go on: with all that is known, all held, in one transaction."""
    with new.writing() as db:
        made_at = store.made_at(db)
        since: datetime | None = store.known_until(db, new.clock.now())
        carried, knows_all = 0, False
        if replaced.db is None:
            _raise_epochs(db, {}, new.clock.now())
        else:
            with closing(replaced.db), replaced.db.reading() as old:
                knows_all = merge.goes_on(db, old) and not _doubted(app, old)
                epochs = {key: state.epoch for key, state in store.channel_states(old).items()}
                carried = merge.carry_over(db, old, whole=knows_all)
            _raise_epochs(db, epochs, new.clock.now())
        told = f"a backup of {made_at:%Y-%m-%d %H:%M} UTC was restored" if made_at else "a backup was restored"
        new.event(db, "backup.restored", note=f"{carried} posts carried over; {replaced.unread}".strip("; "))
        home.hold(new, db, told, None if knows_all else since)
        unconfirmed = len(store.posts_where(db, statuses=[PostStatus.UNCONFIRMED]))
    return Restored(made_at, replaced.kept, replaced.unread, carried, unconfirmed, knows_all)


def _doubted(app: App, old: Session) -> bool:
    """Whether the replaced database may itself lack something that went out."""
    return store.lost_span(old, app.clock.now()) is not None or bool(home.strange(old, home.home_of(app, old)))


def _raise_epochs(db: Session, known: dict[str, int], now: datetime) -> None:
    """Let no daemon of before, should one wake up, be the owner of a channel.

    Where nobody knows how far it had come, the seconds since 1970 are further: a daemon starts less than once a second.
    """
    for key, state in store.channel_states(db).items():
        state.epoch = max(state.epoch, known.get(key, int(now.timestamp()))) + 1
        db.add(state)
    db.flush()
