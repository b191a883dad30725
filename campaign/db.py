"""Engines and transactions: one writer at a time, nothing half-written, on SQLite and PostgreSQL alike.

SQLite: `journal_mode=TRUNCATE` and `synchronous=EXTRA` (a commit that was answered survives a power loss; WAL has a
corruption bug before 3.51.3, https://sqlite.org/wal.html), and every transaction that may write begins with
`BEGIN IMMEDIATE`, because an upgrade from a read fails at once whatever the timeout
(https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#serializable-isolation-savepoints-transactional-ddl).
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError
from sqlmodel import Session

from campaign.errors import StoreError
from campaign.files import PACKAGE

BUSY_SECONDS = 10
HOUSE_KEY = 0x68_6F_75_73_65  # "house"; any number that is ours
# A dead connection is noticed within half a minute, here (https://www.postgresql.org/docs/current/libpq-connect.html)
# and by the server, which holds locks as long as it believes in one
# (https://www.postgresql.org/docs/current/runtime-config-connection.html#RUNTIME-CONFIG-TCP-SETTINGS).
KEEPALIVES = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 25_000}
SERVER_KEEPALIVES = (
    "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c tcp_user_timeout=25s"
)
POSTGRES = {  # nothing waits for ever: https://www.postgresql.org/docs/current/runtime-config-client.html
    "connect_timeout": 5,
    "options": "-c lock_timeout=30s -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s "
    + SERVER_KEEPALIVES,
    **KEEPALIVES,
}
MIGRATIONS = "migrations"  # in the package
COMMIT_TRIES = 6  # each waits BUSY_SECONDS for readers to finish
# No such table, no such column, no right to it, a standby that only reads: to psycopg these are errors of the program.
UNUSABLE = ("42P01", "42703", "42501", "25006")  # https://www.postgresql.org/docs/current/errcodes-appendix.html


class Database:
    """One database: `reading()` and `writing()` give short transactions, `upgrade()` brings the tables up to date."""

    def __init__(self, url: str | URL, connection: type[sqlite3.Connection] | None = None) -> None:
        """`connection` is what SQLite's connections are made of, PatientConnection unless a rehearsal spoils them."""
        self.url = make_url(url)
        self.on_sqlite = self.url.get_backend_name() == "sqlite"
        on_sqlite = {"connect_args": {"timeout": BUSY_SECONDS, "factory": connection or PatientConnection}}
        on_postgres = {"connect_args": POSTGRES, "pool_pre_ping": True}
        options: dict[str, Any] = on_sqlite if self.on_sqlite else on_postgres
        self._writer = create_engine(self.url, **options)
        self._reader = create_engine(self.url, **options)
        self._turn = threading.Lock()
        if self.on_sqlite:
            _prepare_sqlite(self._writer, begin="BEGIN IMMEDIATE")
            _prepare_sqlite(self._reader, begin="BEGIN")

    @property
    def file(self) -> Path | None:
        """The database file, None on PostgreSQL and in memory."""
        name = self.url.database
        return Path(name) if self.on_sqlite and name and name != ":memory:" else None

    @property
    def engine(self) -> Engine:
        """The writing engine, for what stands outside sessions: locks and migrations."""
        return self._writer

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session for one short read; its rows stay usable afterwards.

        Raises:
            StoreError: the database is locked, gone, or too old.
        """
        with _told_plainly(), Session(self._reader, expire_on_commit=False, autoflush=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Give a session for one transaction, committed at the end; an error inside undoes all of it.

        Raises:
            StoreError: the database is locked, full or gone, and nothing was written (on PostgreSQL a lost
                connection at COMMIT leaves that open).
        """
        session = Session(self._writer, expire_on_commit=False)  # takes a connection only when it begins
        with _told_plainly(), self._one_by_one(), session, session.begin():
            yield session

    @contextmanager
    def _one_by_one(self) -> Iterator[None]:
        """On SQLite, let the threads of this process write in turn.

        SQLite itself lets a writer sleep and try again, longer each time (https://sqlite.org/c3ref/busy_timeout.html):
        under many threads some would wait for seconds. Whose turn does not come is left to that.
        """
        mine = self.on_sqlite and self._turn.acquire(timeout=BUSY_SECONDS)
        try:
            yield
        finally:
            if mine:
                self._turn.release()

    def lock_house(self, session: Session) -> None:
        """Let no other planner work before this transaction ends. On SQLite, writing itself is such a lock."""
        if not self.on_sqlite:
            _lock_house(session.connection())

    def revision(self) -> str | None:
        """Return the schema's revision, None for an empty database."""
        with _told_plainly(), self._reader.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
            return found

    def upgrade(self) -> None:
        """Create the tables or bring them up to date.

        Raises:
            StoreError: the schema is newer than this program.
        """
        self.refuse_newer()
        if file := self.file:
            file.parent.mkdir(parents=True, exist_ok=True)
        with _told_plainly(), self._writer.connect() as connection:
            try:
                self._migrate(connection)
            finally:
                connection.invalidate()  # the next connection has foreign keys on again

    def _migrate(self, connection: Connection) -> None:
        if self.on_sqlite:
            connection.exec_driver_sql("ROLLBACK")  # the pragma is ignored inside a transaction
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            _lock_house(connection)  # several daemons may be started at once
        _upgrade(connection)
        broken = list(connection.exec_driver_sql("PRAGMA foreign_key_check")) if self.on_sqlite else []
        if broken:
            raise StoreError(f"the migration would leave rows without their parents: {broken[:3]}")
        connection.commit()

    def refuse_newer(self) -> None:
        """Raise StoreError when the schema was made by a newer program."""
        if self.file and not self.file.exists():
            return
        current = self.revision()
        if current is not None and current not in revisions():
            raise StoreError(
                f"the database was made by a newer version of this program (schema {current})",
                remedy="Install the newer version again, or restore a backup made before it.",
            )

    def is_current(self) -> bool:
        """Whether the tables are those of this program."""
        if self.file and not self.file.exists():
            return False
        return self.revision() == revisions()[-1]

    def damages(self) -> list[str]:
        """Return what is broken (https://sqlite.org/pragma.html#pragma_integrity_check); PostgreSQL watches by itself.

        Raises:
            StoreError: it cannot be read at all.
        """
        if not self.on_sqlite:
            return []
        with _told_plainly(), self._reader.connect() as connection:
            whole = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
            orphans = [
                f"{row[0]} row {row[1]} points to nothing"
                for row in connection.exec_driver_sql("PRAGMA foreign_key_check")
            ]
        return [*(line for line in whole if line != "ok"), *orphans]

    def close(self) -> None:
        """Close all pooled connections."""
        self._writer.dispose()
        self._reader.dispose()


def _lock_house(connection: Connection) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": HOUSE_KEY})


class PatientConnection(sqlite3.Connection):
    """A busy COMMIT is a COMMIT to be repeated: the transaction is still open, and a rollback would lose it."""

    def commit(self) -> None:
        for _ in range(COMMIT_TRIES - 1):
            try:
                return super().commit()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    raise
        return super().commit()


def _prepare_sqlite(engine: Engine, *, begin: str) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself
        for pragma in ("foreign_keys=ON", "journal_mode=TRUNCATE", "synchronous=EXTRA", "trusted_schema=OFF"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Any) -> None:
        connection.exec_driver_sql(begin)


@contextmanager
def _told_plainly() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if error.connection_invalidated and not isinstance(error, OperationalError):
            raise StoreError("the connection to the database was lost") from error
        if not _is_no_bug(error):
            raise
        diagnosis = getattr(error.orig, "diag", None)
        told = getattr(diagnosis, "message_primary", None) or str(error.orig)
        raise StoreError(f"the database cannot be used now: {told}", remedy=_remedy(told)) from error


def _is_no_bug(error: DBAPIError) -> bool:
    """Whether the database is at fault, and not a statement of ours."""
    damaged = type(error) is DatabaseError  # so the driver of SQLite says that a file is broken, or is no database
    return isinstance(error, OperationalError) or damaged or getattr(error.orig, "sqlstate", None) in UNUSABLE


def _remedy(message: str) -> str:
    if message.startswith(("no such ", "unable to open", "relation ", "column ")):
        return "Create or update it: campaign db upgrade"
    if "locked" in message:
        return "Another program is writing; try again in a minute."
    return ""


def revisions() -> list[str]:
    """Return the schema's revisions that this program knows, oldest first: a migration's file begins with its own."""
    return sorted(path.name.partition("_")[0] for path in (PACKAGE / MIGRATIONS / "versions").glob("[0-9]*.py"))


def _upgrade(connection: Connection) -> None:
    """Run the migrations. Their library is large, and a daemon that runs for months does not keep it in memory."""
    from alembic.command import upgrade
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(PACKAGE / MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    upgrade(config, "head")
