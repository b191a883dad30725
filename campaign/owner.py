"""Who publishes: one owner per channel, whose lock lives exactly as long as the owner.

SQLite: one daemon holds an exclusive flock beside the database and owns everything, so every other sender is provably
gone. PostgreSQL: session-level advisory locks (https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS)
on a connection of the owner's own; they end with the connection. Taking a channel raises its epoch, over that same
connection, so that nobody raises it who does not hold the lock; every publishing write carries it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from campaign import store
from campaign.db import KEEPALIVES, SERVER_KEEPALIVES, Database
from campaign.errors import CampaignError, NotOwner, StoreError
from campaign.log import tell

Told = TypeVar("Told")
HOUSE = "the house"  # the lock of the daemon that runs all stages but publishing; no channel can be called that


class AnotherDaemon(CampaignError):
    """Another daemon holds this database."""


class Owner(ABC):
    """Holds channels for this process."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.sender = this_process()
        self._epochs: dict[str, int] = {}
        self._one_at_a_time = threading.RLock()  # each channel's job asks from a thread of its own

    def take(self, channel: str) -> int | None:
        """Return the epoch under which this process owns a channel, None when another owns it."""
        with self._one_at_a_time:
            if not self._holds(channel):
                self._epochs.pop(channel, None)
            elif channel not in self._epochs and (epoch := self._raised(channel)) is not None:
                self._epochs[channel] = epoch
            return self._epochs.get(channel)

    def give_back(self, channel: str) -> None:
        """Leave a channel to whoever takes it next, this process included."""
        with self._one_at_a_time:
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
    def _holds(self, channel: str) -> bool:
        """Whether this process has the lock of a channel, taking it where it is free."""

    @abstractmethod
    def _raised(self, channel: str) -> int | None:
        """Raise the epoch of a channel whose lock is ours, and return it; None when that must wait."""


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

    def _raised(self, channel: str) -> int:
        with self.db.writing() as session:
            return store.take_channel(session, channel)


WHO = text("SELECT pg_backend_pid()")
LOCK = text("SELECT pg_try_advisory_lock(:key)")
UNLOCK = text("SELECT pg_advisory_unlock(:key)")
UNLOCK_ALL = text("SELECT pg_advisory_unlock_all()")
OPTIONS = f"-c idle_session_timeout=0 -c statement_timeout=20s {SERVER_KEEPALIVES}"


class PostgresOwner(Owner):
    """Owns up to `share` channels of a PostgreSQL database by advisory locks."""

    def __init__(self, db: Database, share: int = 0) -> None:
        super().__init__(db)
        self._share = share
        self._engine = create_engine(
            db.url,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args={"connect_timeout": 5, "options": OPTIONS, **KEEPALIVES},
        )
        self._connection: Connection | None = None
        self._locks: set[str] = set()
        self._trouble = ""  # that was told: not again at each tick

    def keeps_house(self) -> bool:
        with self._one_at_a_time:
            return self._lock(HOUSE)

    def give_back(self, channel: str) -> None:
        with self._one_at_a_time:
            super().give_back(channel)
            if channel in self._locks:
                self._locks.remove(channel)
                self._ask(lambda connection: connection.scalar(UNLOCK, {"key": lock_key(channel)}))

    def is_gone(self, sender: str) -> bool:
        machine, _, process = sender.rpartition(":")[0].rpartition(":")
        if machine != this_machine():
            return False  # another host or container, or this one before a restart: a person must say
        return process_start(int(process)) != sender.rpartition(":")[2]

    def release(self) -> None:
        with self._one_at_a_time:
            if self._connection is not None:
                self._ask(lambda connection: connection.execute(UNLOCK_ALL))  # not only when the server sees us go
            self._drop()
        self._engine.dispose()

    def _holds(self, channel: str) -> bool:
        channels = self._locks - {HOUSE}
        if channel not in channels and self._share and len(channels) >= self._share:
            return False
        return self._lock(channel)

    def _raised(self, channel: str) -> int | None:
        return self._ask(lambda connection: store.raise_epoch(connection, channel))

    def _lock(self, name: str) -> bool:
        """Hold an advisory lock, probing the connection each time: without it, nothing is ours."""
        if name in self._locks:
            self._ask(lambda connection: connection.scalar(WHO))
        elif self._ask(lambda connection: connection.scalar(LOCK, {"key": lock_key(name)})):
            self._locks.add(name)
        return name in self._locks

    def _ask(self, question: Callable[[Connection], Told]) -> Told | None:
        """Ask over the connection that holds the locks. With it, all that we held is lost; then there is no answer."""
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
                self._refuse_pooler(self._connection)
                self._trouble = ""
            return question(self._connection)
        except DBAPIError as error:
            self._drop()
            self._tell(str(error.orig))
            return None
        except StoreError:
            self._drop()
            raise

    def _refuse_pooler(self, connection: Connection) -> None:
        """See that the server itself is at the other end: a pooler per transaction gives two connections one backend.

        Raises:
            StoreError: it is such a pooler, through which a lock is nobody's.
        """
        mine = connection.scalar(WHO)
        with self.db.reading() as session:
            other = session.connection().scalar(WHO)
        if other == mine or connection.scalar(WHO) != mine:
            raise StoreError(
                "the database is reached through a pooler, where channels cannot be locked",
                remedy="Write the address of the server itself into [database] url.",
            )

    def _drop(self) -> None:
        self._locks.clear()
        self._epochs.clear()
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None

    def _tell(self, trouble: str) -> None:
        if trouble != self._trouble:
            tell("channels.lost", level=40, reason=f"the connection that holds the channels does not stand: {trouble}")
            self._trouble = trouble


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
