"""Several daemons on one PostgreSQL database and one platform, in trouble.

A `Station` is a daemon and its way to the database, which can be cut; a `Fleet` is the campaign that the stations
share, with the `Way` to the platform. What befalls them is drawn from a seed and kept in `Fleet.story`, for a test that
fails.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import make_url, update
from sqlmodel import col

from campaign import store
from campaign.app import App
from campaign.clock import SystemClock
from campaign.config import load, revealed
from campaign.db import Database
from campaign.models import ChannelState, Post
from campaign.platforms.bluesky.record import record_key
from tests.conftest import CONFIG
from tests.realservers import faults
from tests.realservers.accounts import OnBluesky
from tests.realservers.pds import Pds
from tests.realservers.processes import REPO
from tests.realservers.proxy import Proxy
from tests.realservers.publishing import Approved, Rig, channel_of
from tests.realservers.relay import Relay

if TYPE_CHECKING:
    from tests.postgres import Postgres

DATABASE = "CAMPAIGN_TEST_DATABASE"  # in the environment of each daemon
QUICK = {"call_deadline": "2 s", "settle": "0.2 s"}
SHARED = f"""
[database]
url = "${{{DATABASE}}}"

[daemon]
tick = "0.2 s"
house = "10 s"
log = "json"
"""
PUT = b"POST /xrpc/com.atproto.repo.putRecord "
FAR = 0.15  # seconds each way: what befalls a station shall find a visible call under way
LOST = (faults.refuse, faults.cut_before, faults.cut_after, faults.reset_after)  # what the next call may meet


@dataclass(frozen=True)
class Sent:
    """A visible call that the platform was asked to do."""

    at: datetime
    key: str  # under which the record is stored
    pid: int | None  # of the daemon; None when it has not lived to be asked


class Way(Proxy):
    """The way to the platform, which is far away; it notes every visible call that goes over it, and whose it is."""

    def __init__(self, upstream: str) -> None:
        self.sent: list[Sent] = []
        self.called = threading.Event()
        self._caller = threading.local()
        super().__init__(upstream)

    def _meet(self, conn: socket.socket) -> None:
        self._caller.port = conn.getpeername()[1]
        super()._meet(conn)

    def _ask(self, request: bytes) -> bytes:
        self.called.set()
        if not request.startswith(PUT):
            return super()._ask(request)
        key = json.loads(faults.body_of(request))["rkey"]
        self.sent.append(Sent(SystemClock().now(), key, owner_of(self._caller.port)))
        time.sleep(FAR)
        answer = super()._ask(request)
        time.sleep(FAR)
        return answer


def owner_of(port: int) -> int | None:
    """Return the process that has the connection from a port of this machine, None when none has it any more."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    inode = next((line[9] for line in lines if line[1].endswith(f":{port:04X}")), "")
    for file in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):  # the process has ended
            if file.readlink().name == f"socket:[{inode}]":
                return int(file.parts[2])
    return None


class Station:
    """A daemon, which is started anew whenever it has ended, and its way to the database."""

    def __init__(self, n: int, home: Path, database: str) -> None:
        address = make_url(database)
        self.name = f"daemon {n}"
        self.relay = Relay(f"{address.query['host']}/.s.PGSQL.5432")
        self._home = home
        self._log = home / f"log-{n}"
        self._environ = {
            **os.environ,
            "PYTHONPATH": str(REPO),
            DATABASE: f"postgresql://{address.username}@127.0.0.1:{self.relay.port}/{address.database}",
        }
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "campaign", "--config", str(self._home / "config.toml"), "daemon"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, cwd=self._home, env=self._environ, stdout=log, stderr=log)

    def keep_alive(self) -> None:
        """Start the daemon anew if it has ended, as systemd does."""
        if self._process.poll() is not None:
            self.start()

    def send(self, sign: signal.Signals) -> None:
        self._process.send_signal(sign)

    def killed(self) -> None:
        self.send(signal.SIGKILL)
        self._process.wait()

    def stopped(self, seconds: float, meanwhile: Callable[[], None]) -> None:
        """Stop the daemon for so long; in the middle of it something may happen."""
        self.send(signal.SIGSTOP)
        time.sleep(seconds / 2)
        meanwhile()
        time.sleep(seconds / 2)
        self.send(signal.SIGCONT)

    def ended(self) -> int:
        """End the daemon as systemd would; return how it ended."""
        self.send(signal.SIGTERM)
        return self._process.wait(20)

    def close(self) -> None:
        self.killed()
        self.relay.close()

    def log(self) -> str:
        return self._log.read_text()


@dataclass
class Fleet:
    """A campaign with a channel on each of several accounts, and the stations that carry it."""

    app: App  # to look at it, past every station
    rigs: list[Rig]  # one for each channel
    way: Way
    stations: list[Station]
    story: list[str] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)

    def befall(
        self, station: Station, chance: random.Random, over: threading.Event, stops: tuple[float, float]
    ) -> None:
        """Let a station meet one trouble after another until it is over; of stops each lasts between two times."""

        def nothing() -> None: ...

        while not over.wait(chance.uniform(0.3, 1.5)):
            what = chance.choices(("killed", "stopped", "database", "platform", "call"), (2, 3, 3, 2, 2))[0]
            seconds, cut, lost = chance.uniform(*stops), chance.random() < 0.7, chance.choice(LOST)
            self.way.called.clear()
            self.way.called.wait(1)
            time.sleep(chance.uniform(0, 0.4))
            details = {"stopped": f"{seconds:.1f} s{', its database cut' * cut}", "call": lost.__name__}
            self.story.append(f"{time.monotonic() - self._began:5.1f} {station.name}: {what} {details.get(what, '')}")
            match what:
                case "killed":
                    station.killed()
                case "stopped":
                    station.stopped(seconds, station.relay.cut if cut else nothing)
                case "database":
                    station.relay.cut()
                case "platform":
                    self.way.cut()
                case "call":
                    self.way.fault(chance.choice((OnBluesky.visible, OnBluesky.upload, OnBluesky.look)), lost)
            station.keep_alive()

    @contextmanager
    def troubled(self, seed: int, stops: tuple[float, float]) -> Iterator[None]:
        """Have every station meet troubles of its own, drawn from the seed; at the end all is well again."""
        over = threading.Event()
        self.story.append(f"seed {seed}")
        threads = [
            threading.Thread(target=self.befall, args=[station, random.Random(f"{seed}-{station.name}"), over, stops])  # noqa: S311 - repeatable, not secret
            for station in self.stations
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            over.set()
            for thread in threads:
                thread.join()
            self.way.heal()

    def told(self) -> str:
        """Return what befell the stations, what is not published in the end, and what the daemons said last."""
        with self.app.reading() as db:
            left = [post for rig in self.rigs for post in store.posts_on(db, rig.channel) if post.status != "published"]
            open_alerts = [alert.message for alert in store.open_alerts(db)]
        posts = [f"{post.channel} {post.uuid[:8]}: {post.status}, {post.next_try_at}: {post.reason}" for post in left]
        logs = ["\n".join(station.log().splitlines()[-20:]) for station in self.stations]
        return "\n".join([*self.story, *posts, *open_alerts, *logs])

    def hurry(self) -> None:
        """Take away the minutes until a further try or look, but not the time that the first look waits.

        Also those for which nobody else may log in after whoever died over it.
        """
        now = self.app.clock.now()
        again = col(Post.status).in_(["approved", "sending", "unconfirmed"]) & (col(Post.tries) > 0)
        tries = update(Post).where(again, col(Post.next_try_at) > now).values(next_try_at=now)
        stale = col(ChannelState.refresh_started_at) < now - timedelta(seconds=2)
        with self.app.writing() as db:
            db.connection().execute(tries)
            db.connection().execute(update(ChannelState).where(stale).values(refresh_started_at=None))

    def settled(self, posts: Sequence[tuple[Rig, Approved]]) -> bool:
        """Whether every post is published; what has ended is started anew, and nobody waits for minutes."""
        for station in self.stations:
            station.keep_alive()
        self.hurry()
        for rig, post in posts:
            if rig.status(post) == "partial" and not rig.stored(post).wish:
                rig.types("post", "retry", post.post.uuid[:8])  # as the alert asks for: another was being sent then
        return all(rig.status(post) == "published" for rig, post in posts)


@contextmanager
def fleet(
    home: Path, postgres: Postgres, pds: Pds, monkeypatch: pytest.MonkeyPatch, *, channels: int, stations: int = 3
) -> Iterator[Fleet]:
    """Run a campaign in a folder: so many daemons on so many channels, whose accounts are new ones of the PDS."""
    with ExitStack() as stack:
        url = stack.enter_context(postgres.database())
        monkeypatch.setenv(DATABASE, url.replace("postgresql+psycopg:", "postgresql:"))
        way = stack.enter_context(Way(pds.url))
        accounts = {f"channel-{n}": OnBluesky(pds.create_account(), way) for n in range(channels)}
        sections = []
        for name, account in accounts.items():
            secret = f"CAMPAIGN_TEST_{name.upper().replace('-', '_')}"
            monkeypatch.setenv(secret, account.secret())
            keys = {"app_password": f"${{{secret}}}", **QUICK}
            sections.append(channel_of(account, False, keys, name))
        world = CONFIG[: CONFIG.index("[channels.")] + CONFIG[CONFIG.index("[people.") :]
        (home / "config.toml").write_text(world + "".join(sections) + SHARED)
        config = load(home / "config.toml", os.environ)
        app = App(config, Database(revealed(config.database)), SystemClock(), who="anna")
        stack.callback(app.db.close)
        app.sync_channels()
        rigs = [Rig(app, account, home, "", name) for name, account in accounts.items()]
        for rig in rigs:
            rig.types("channel", "enable", rig.channel)
        running = []
        for n in range(1, stations + 1):
            running.append(Station(n, home, url))
            stack.callback(running[-1].close)
        yield Fleet(app, rigs, way, running)


def keys_of(rig: Rig, post: Approved) -> dict[str, str]:
    """Return by the key of each part's record the part's id; who asks for the rest of a thread makes it due anew."""
    times, parts = {post.post.due_at, rig.stored(post).due_at}, rig.parts(post)
    return {record_key(due_at, part.n, part.uuid): part.uuid for due_at in times for part in parts}


def numbered(count: int) -> Iterator[int]:
    """Yield of how many parts each post is: most are single, some begin a thread."""
    return itertools.islice(itertools.cycle((1, 1, 2, 1, 1, 1, 3)), count)
