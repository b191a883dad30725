"""A campaign on a copy: its queue in memory, its folders in a temporary one. What belongs to the team is only read."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, update
from sqlmodel import Session, SQLModel, col, select

from campaign.app import App
from campaign.config import Channel, Config, Public, Secret, revealed
from campaign.db import Database
from campaign.models import MAY_BE_LIVE, Attempt, Outcome, Post, PostStatus, Snapshot
from campaign.rehearsal.house import Disk, MemoryStore

FOLDER = "folder"  # the platform that writes to this machine


@dataclass(frozen=True)
class Copy:
    """A campaign that nobody else sees."""

    config: Config
    store: MemoryStore
    disk: Disk


@contextmanager
def copied(app: App) -> Iterator[Copy]:
    """Give a copy of a campaign; nothing of it is left afterwards."""
    with tempfile.TemporaryDirectory(prefix="campaign-rehearsal-") as name:
        disk = Disk()
        memory = MemoryStore(disk)
        try:
            copy_rows(app.db, memory)
            yield Copy(_config_in(Path(name).resolve(), app.config), memory, disk)
        finally:
            memory.close()


def copy_rows(source: Database, memory: MemoryStore) -> None:
    """Copy a whole database as it is at one moment: SQLite by its backup, PostgreSQL row by row."""
    if source.file is not None:
        original = sqlite3.connect(f"{source.file.absolute().as_uri()}?mode=ro", uri=True)
        try:
            memory.take(original)
        finally:
            original.close()
        return
    SQLModel.metadata.create_all(memory.db.engine)
    with source.engine.connect().execution_options(isolation_level="REPEATABLE READ") as rows:
        copied = {table: rows.execute(table.select()).mappings().all() for table in SQLModel.metadata.sorted_tables}
    with memory.db.engine.begin() as written:
        for table, found in copied.items():
            if found:
                written.execute(insert(table), [dict(row) for row in found])


def _config_in(folder: Path, config: Config) -> Config:
    """Return the config with every place that is written to in `folder`, and with what lies there now mirrored."""
    places = replace(
        config.folders,
        root=folder,
        **{name: folder / name for name in ("inbox", "accepted", "refused", "media", "pages")},
    )
    mirror(config.folders.media, places.media)
    if config.folders.inbox.is_dir():
        with suppress(shutil.Error):  # what cannot be read there cannot be taken in either
            shutil.copytree(config.folders.inbox, places.inbox, symlinks=True)
    channels = {key: _channel_in(folder / "published", config, channel) for key, channel in config.channels.items()}
    machine = replace(config.daemon, free_disk=0, proxy="")
    shown = Public(config.public.url, folder / "public") if config.public else None
    return replace(config, folders=places, channels=channels, daemon=machine, public=shown)


def _channel_in(folder: Path, config: Config, channel: Channel) -> Channel:
    """Return a channel that publishes into a copy of its folder; of any other it is left out what is secret."""
    settings: dict[str, Any] = {key: value for key, value in channel.settings.items() if not isinstance(value, Secret)}
    if channel.platform == FOLDER:
        mirror(config.folders.root / revealed(str(channel.settings["folder"])), folder / channel.key)
        settings["folder"] = str(folder / channel.key)
    return replace(channel, settings=settings)


def mirror(source: Path, target: Path) -> None:
    """Make `target` look like `source`, its files by links: what is written anew takes the place of a link."""
    target.mkdir(parents=True)
    for file in sorted(source.rglob("*")) if source.is_dir() else ():
        place = target / file.relative_to(source)
        if file.is_dir():
            place.mkdir(parents=True, exist_ok=True)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(file.resolve())


def close_the_past(db: Session, now: datetime) -> int:
    """Let what went out before be over: only the real platforms know it, and the simulated ones must not be asked.

    Return of how many posts it is not known whether they are live.
    """
    live = col(Post.status).in_(MAY_BE_LIVE)
    unsure = len(db.exec(select(Post.uuid).where(live, Post.status != PostStatus.PUBLISHED)).all())
    over: dict[str, Any] = {"status": str(PostStatus.PUBLISHED), "next_try_at": None, "confirm_at": None, "wish": ""}
    ended: dict[str, Any] = {"ended_at": now, "outcome": str(Outcome.UNKNOWN)}
    db.exec(update(Attempt).where(col(Attempt.ended_at).is_(None)).values(ended))
    db.exec(update(Post).where(live).values(over))
    db.exec(delete(Snapshot).where(col(Snapshot.taken_at).is_(None)))
    return unsure
