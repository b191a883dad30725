"""Our own side of a rehearsal: a store that can fail, owners that can be taken over, processes that can die.

A process that has died writes nothing any more: its connections refuse, whatever handler still runs in it.
"""

from __future__ import annotations

import itertools
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from campaign import publish, store
from campaign.app import App, Summary
from campaign.config import Config
from campaign.db import Database, PatientConnection
from campaign.errors import CampaignError
from campaign.log import tell
from campaign.owner import Owner
from campaign.rehearsal.clock import VirtualClock
from campaign.rehearsal.faults import CommitFault, Faults
from campaign.rehearsal.services.public import PublicFolder
from campaign.rehearsal.transport import Crash, Net
from campaign.tick import AT_ANY_TIME, OTHER_STAGES, note_time

_numbers = itertools.count(1)


@dataclass
class Disk:
    """What commits of the running process meet; `dead` from a crash on until another process is started."""

    faults: Faults = field(default_factory=Faults)
    dead: bool = False
    refusing: str = ""  # with which words every commit fails meanwhile

    def connection(self) -> type[PatientConnection]:
        """Return what the store's connections are made of."""
        disk = self

        class Spoilt(PatientConnection):
            def commit(self) -> None:
                if disk.dead:
                    raise Crash("the process is dead")
                fault = disk.faults.on_commit() if self.in_transaction else None
                if fault is CommitFault.CRASH_BEFORE:
                    disk.die("before a commit")
                if fault is CommitFault.LOCKED or disk.refusing:
                    raise sqlite3.OperationalError(disk.refusing or "database is locked")
                if fault is CommitFault.FULL:
                    raise sqlite3.OperationalError("database or disk is full")
                super().commit()
                if fault is CommitFault.CRASH_AFTER:
                    disk.die("after a commit")

        return Spoilt

    def die(self, where: str) -> None:
        """Let the process die.

        Raises:
            Crash: always.
        """
        self.dead = True
        raise Crash(where)


class MemoryDatabase(Database):
    """A database without a file. It outlives the commands that are given it: only its store closes it."""

    @property
    def file(self) -> Path | None:
        return None

    def close(self) -> None:
        return None


class MemoryStore:
    """An SQLite database in memory, which is put back to a stored state at no cost (https://sqlite.org/memdb.html)."""

    def __init__(self, disk: Disk) -> None:
        address = f"file:/rehearsal-{next(_numbers)}?vfs=memdb"
        self._anchor = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
        self.db = MemoryDatabase(f"sqlite:///{address}&uri=true", disk.connection())

    def put(self, state: bytes) -> None:
        """Make a stored state the present one."""
        source = sqlite3.connect(":memory:")
        source.deserialize(state)
        self.take(source)
        source.close()

    def take(self, source: sqlite3.Connection) -> None:
        """Make the state of another database the present one."""
        source.backup(self._anchor)

    def state(self) -> bytes:
        """Return the present state."""
        return self._anchor.serialize()

    def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Look at what is committed, past the program."""
        return self._anchor.execute(statement, values).fetchall()

    def close(self) -> None:
        """Forget everything."""
        Database.close(self.db)
        self._anchor.close()


@dataclass
class Locks:
    """Who holds which channel, as the locks of a database server tell, and which processes are gone for certain."""

    holders: dict[str, Seat] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)


class Seat(Owner):
    """The owner in one simulated process: it gets what nobody else holds."""

    def __init__(self, db: Database, locks: Locks) -> None:
        self.db = db
        self.sender = f"rehearsal:{next(_numbers)}:0"
        self._locks = locks
        self._epochs: dict[str, int] = {}
        self._one_at_a_time = threading.RLock()

    @property
    def epochs(self) -> dict[str, int]:
        """The epoch under which this process believes to own each channel."""
        return dict(self._epochs)

    def keeps_house(self) -> bool:
        return True

    def is_gone(self, sender: str) -> bool:
        return sender in self._locks.gone

    def lose_all(self) -> None:
        """Lose the locks, as when the connection that holds them breaks; the process knows nothing of it."""
        for channel in [channel for channel, seat in self._locks.holders.items() if seat is self]:
            del self._locks.holders[channel]

    def release(self) -> None:
        self.lose_all()
        self._epochs.clear()
        self._locks.gone.add(self.sender)

    def _holds(self, channel: str) -> bool:
        return self._locks.holders.setdefault(channel, self) is self

    def _raised(self, channel: str) -> int:
        with self.db.writing() as session:
            return store.take_channel(session, channel)


class House:
    """The program on its virtual server, started again whenever it dies."""

    def __init__(
        self, config: Config, db: Database, disk: Disk, clock: VirtualClock, net: Net, new_id: Callable[[], str]
    ) -> None:
        self.config, self.db, self.disk, self.clock, self.net, self.new_id = config, db, disk, clock, net, new_id
        if config.public:
            PublicFolder(net, config.public)
        self.locks = Locks()
        self.starts = 0
        self.bugs: list[str] = []  # exceptions that nobody foresaw
        self._stands_still = False  # a process does, and another works
        self._successor: App | None = None  # that other, from when the first goes on
        self.app = self.start()

    @property
    def seat(self) -> Seat:
        """The running process' owner."""
        assert isinstance(self.app.owner, Seat)  # noqa: S101 - `start` gave it one
        return self.app.owner

    def start(self) -> App:
        """Start the program, after whatever happened to the one before."""
        self.disk.dead = False
        self.starts += 1
        self.app = App(self.config, self.db, self.clock, new_id=self.new_id, transport=self.net.transport, who="daemon")
        self.app.owner = Seat(self.db, self.locks)
        return self.app

    def restart(self) -> None:
        """The running process is gone, and its locks with it; the one that took over goes on, or another begins."""
        self.seat.release()
        if self._successor is None:
            self.start()
        else:
            self.disk.dead, self.app, self._successor = False, self._successor, None

    def stop_and_take_over(self, others: Callable[[], None]) -> None:
        """The running process stands still in the middle of a call while another one takes its channels and works."""
        if self._stands_still:
            return
        self._stands_still, stopped = True, self.app
        self.seat.lose_all()
        self.start()
        others()
        self.app, self._successor, self._stands_still = stopped, self.app, False

    def keep_house(self) -> None:
        """Run the stages other than publishing, as the daemon does; by a clock that was set it only tells of it."""
        for stage in OTHER_STAGES:
            if stage in AT_ANY_TIME or self.app.watch.jumped() is None:
                self.guarded(stage.__module__, partial(stage, self.app))
        self.guarded("note the time", partial(note_time, self.app))

    def read_again(self, config: Config) -> bool:
        """Take a changed config, as at SIGHUP; say whether that came to its end."""
        self.config = config
        return self.guarded("reload", lambda: self.app.reconfigure(config))

    def publish(self, channel: str) -> bool:
        """Let the channel's job run once, as the daemon does, and say whether there was anything to do.

        A process that dies in it is started again.
        """
        done: list[Summary] = []
        ended = self.guarded(f"publish {channel}", lambda: done.append(publish.run(self.app, channel)))
        return not ended or any(summary.did_something for summary in done)

    def guarded(self, name: str, work: Callable[[], object]) -> bool:
        """Run some work as a job of the daemon; say whether it came to its end."""
        try:
            work()
        except Crash as crash:
            tell("rehearsal.crash", job=name, where=str(crash))
            self.restart()
            return False
        except CampaignError as error:
            tell("job.failed", level=40, job=name, reason=str(error))
        except Exception as error:  # noqa: BLE001 - the judge tells of it
            self.bugs.append(f"{name}: {type(error).__name__}: {error}")
        if self._successor is not None:
            self.restart()  # the process that stood still has come to its end
        return True
