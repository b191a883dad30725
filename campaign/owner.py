"""Who publishes: one owner per channel, whose lock lives exactly as long as the owner.

SQLite: one daemon holds an exclusive flock beside the database and owns everything, so every other sender is provably
gone. PostgreSQL: session-level advisory locks (https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS)
on a connection of the owner's own; they end with the connection. Taking a channel raises its epoch, which every
publishing write carries.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
from abc import ABC, abstractmethod
from pathlib import Path

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from campaign import store
from campaign.db import Database
from campaign.errors import CampaignError, NotOwner

HOUSE = "the house"  # the lock of the daemon that runs all stages but publishing; no channel can be called that


class AnotherDaemon(CampaignError):
    """Another daemon holds this database."""


class Owner(ABC):
    """Holds channels for this process."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.sender = this_process()
        self._epochs: dict[str, int] = {}

    def take(self, channel: str) -> int | None:
        """Return the epoch under which this process owns a channel, None when another owns it."""
        if not self._holds(channel):
            self._epochs.pop(channel, None)
            return None
        if channel not in self._epochs:
            with self.db.writing() as session:
                taken = store.take_channel(session, channel)
            self._epochs[channel] = taken  # once it is committed: else all that follows would carry a false one
        return self._epochs[channel]

    def forget(self, channel: str) -> None:
        """Take the channel anew next time: the database knows another epoch of it."""
        self._epochs.pop(channel, None)

    @abstractmethod
    def keeps_house(self) -> bool:
        """Whether this process runs the stages other than publishing."""

    @abstractmethod
    def is_gone(self, sender: str) -> bool:
        """Whether the process that began an attempt provably cannot send any more."""

    @abstractmethod
    def release(self) -> None:
        """Give everything back."""

    @abstractmethod
    def _holds(self, channel: str) -> bool: ...


class FileOwner(Owner):
    """Owns all channels of an SQLite database by a lock file."""

    def __init__(self, db: Database, file: Path) -> None:
        """Take the lock.

        Raises:
            AnotherDaemon: somebody else has it; the message names the holder.
        """
        super().__init__(db)
        self._handle = os.open(f"{file.resolve()}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._handle, 200, 0).decode("utf-8", "replace").strip() or "unknown"
            os.close(self._handle)
            raise AnotherDaemon(
                f"another daemon works on {file} (process {holder})",
                remedy="Nothing to do if it is meant to run; otherwise stop it first.",
            ) from None
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, f"{os.getpid()}\n".encode(), 0)

    def keeps_house(self) -> bool:
        return True

    def is_gone(self, sender: str) -> bool:
        return sender != self.sender  # whoever else held the lock is dead, or it would not be ours

    def release(self) -> None:
        self._epochs.clear()
        os.close(self._handle)

    def _holds(self, channel: str) -> bool:
        return True


class PostgresOwner(Owner):
    """Owns up to `share` channels of a PostgreSQL database by advisory locks."""

    def __init__(self, db: Database, share: int = 0) -> None:
        super().__init__(db)
        self._share = share
        self._engine = create_engine(
            db.url,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args={
                "connect_timeout": 5,
                "keepalives": 1,
                "keepalives_idle": 10,
                "keepalives_interval": 5,
                "keepalives_count": 3,
                "options": "-c idle_session_timeout=0",
            },
        )
        self._connection: Connection | None = None
        self._locks: set[str] = set()
        self._one_at_a_time = threading.RLock()  # each channel's job asks from a thread of its own

    def keeps_house(self) -> bool:
        return self._lock(HOUSE)

    def is_gone(self, sender: str) -> bool:
        machine, pid, started = sender.split(":")
        if machine != this_machine():
            return False  # another host or container, or this one before a restart: a person must say
        return process_start(int(pid)) != started

    def release(self) -> None:
        with self._one_at_a_time:
            self._drop()
        self._engine.dispose()

    def _holds(self, channel: str) -> bool:
        with self._one_at_a_time:
            channels = self._locks - {HOUSE}
            if channel not in channels and self._share and len(channels) >= self._share:
                return False
            return self._lock(channel)

    def _lock(self, name: str) -> bool:
        """Hold an advisory lock, probing the connection each time: without it, nothing is ours."""
        with self._one_at_a_time:
            try:
                if self._connection is None:
                    self._connection = self._engine.connect()
                if name in self._locks:
                    self._connection.execute(text("SELECT 1"))
                    return True
                ask = text("SELECT pg_try_advisory_lock(:key)")
                taken = self._connection.execute(ask, {"key": lock_key(name)}).scalar()
            except DBAPIError:
                self._drop()
                return False
            if taken:
                self._locks.add(name)
            return bool(taken)

    def _drop(self) -> None:
        self._locks.clear()
        self._epochs.clear()
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


def own(db: Database, share: int = 0) -> Owner:
    """Become an owner on this database.

    Raises:
        AnotherDaemon: on SQLite, when somebody else is.
    """
    if not db.on_sqlite:
        return PostgresOwner(db, share)
    if db.file is None:
        raise NotOwner("a database in memory has no owner")
    return FileOwner(db, db.file)


def lock_key(name: str) -> int:
    """Return the 64-bit key of an advisory lock."""
    return int.from_bytes(hashlib.sha256(f"campaign:{name}".encode()).digest()[:8], "big", signed=True)


def this_process() -> str:
    """Return machine, pid and start time: together they name a process for ever."""
    return f"{this_machine()}:{os.getpid()}:{process_start(os.getpid())}"


def this_machine() -> str:
    """Return the id of this start of the machine (random(4)) and of the container in it (pid_namespaces(7)).

    Containers of one machine share the boot id, and do not see each other's processes.
    """
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{boot}/{os.stat('/proc/self/ns/pid').st_ino}"


def process_start(pid: int) -> str | None:
    """Return when a process started, in clock ticks since boot (proc(5), field 22), None when it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return stat.rpartition(")")[2].split()[19]
