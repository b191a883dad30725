"""Transactions: whole or not at all, one writer at a time, and plain words when the database cannot be used."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlmodel import Session

from campaign import db as transactions
from campaign import store
from campaign.db import Database
from campaign.errors import StoreError

if TYPE_CHECKING:  # pytest imports it, as a plugin
    from tests.postgres import Postgres

pytest_plugins = ["tests.postgres"]

BUSY = 0.2  # seconds that one try waits, instead of ten


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch, sqlite: Database) -> Database:
    """An SQLite database whose connections lose patience soon."""
    monkeypatch.setattr(transactions, "BUSY_SECONDS", BUSY)
    return Database(sqlite.url.render_as_string())


def value(database: Database, key: str = "key") -> str | None:
    with database.reading() as db:
        return store.meta(db, key)


def put(database: Database, key: str, to: str) -> None:
    with database.writing() as db:
        store.set_meta(db, key, to)


def pragma(db: Session, name: str) -> object:
    return db.connection().exec_driver_sql(f"PRAGMA {name}").scalar()


def test_what_was_written_is_there_for_whoever_comes_next(database: Database, database_url: str) -> None:
    put(database, "key", "Škoda")

    another = Database(database_url)
    assert value(another) == "Škoda"
    another.close()


def test_an_error_inside_undoes_all_of_it(database: Database) -> None:
    def fail_halfway() -> None:
        with database.writing() as db:
            store.set_meta(db, "key", "half")
            raise LookupError

    with pytest.raises(LookupError):
        fail_halfway()

    assert value(database) is None
    put(database, "key", "whole")  # and the next one is not held up


def test_a_broken_rule_is_a_bug_and_is_not_talked_round(database: Database) -> None:
    statement = text("INSERT INTO pause VALUES ('country', 'x', NULL, '', '', '2026-03-02')")
    with pytest.raises(IntegrityError), database.writing() as db:
        db.connection().execute(statement)


def test_what_was_read_stays_usable_and_nothing_is_written_by_reading(database: Database) -> None:
    put(database, "key", "old")
    with database.reading() as db:
        found = db.get_one(store.history.Meta, "key")
        found.value = "new"

    assert found.value == "new"
    assert value(database) == "old"


def test_a_database_knows_whether_its_tables_are_those_of_this_program(new_database: Database) -> None:
    assert (new_database.is_current(), new_database.revision()) == (False, None)

    new_database.upgrade()

    assert new_database.is_current()
    assert new_database.revision() == "0003"


def test_without_tables_one_is_told_how_to_make_them(new_database: Database) -> None:
    with pytest.raises(StoreError) as refused:
        value(new_database)

    assert str(refused.value).startswith("the database cannot be used now: ")
    assert str(refused.value).endswith("\n  Create or update it: campaign db upgrade")


def test_a_lost_update_is_impossible_for_two_that_plan(database: Database) -> None:
    """On SQLite writing is the lock, on PostgreSQL `lock_house` is: without it some of these would be overwritten."""

    def count_on(_: int) -> None:
        with database.writing() as db:
            database.lock_house(db)
            store.set_meta(db, "key", str(int(store.meta(db, "key") or 0) + 1))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count_on, range(24)))

    assert value(database) == "24"


def test_the_second_planner_waits_until_the_first_has_ended(database: Database) -> None:
    begun = threading.Event()

    def second() -> str | None:
        begun.set()
        with database.writing() as db:
            database.lock_house(db)
            return store.meta(db, "key")

    with ThreadPoolExecutor(1) as pool:
        with database.writing() as db:
            database.lock_house(db)
            assert store.meta(db, "key") is None
            seen = pool.submit(second)
            assert begun.wait(5)
            time.sleep(0.1)
            assert not seen.done()
            store.set_meta(db, "key", "planned")
        assert seen.result(5) == "planned"


def test_a_file_is_known_as_one_and_nothing_else_is(tmp_path: Path) -> None:
    def file_of(url: str) -> Path | None:
        return Database(url).file

    assert file_of(f"sqlite:///{tmp_path}/a.db") == tmp_path / "a.db"
    assert file_of("sqlite:///:memory:") is None
    assert file_of("sqlite://") is None
    assert file_of("postgresql+psycopg://campaign@/campaign") is None


def test_a_database_that_is_not_there_is_old_and_is_not_made_by_asking(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/new/campaign.db")

    assert not database.is_current()
    with pytest.raises(StoreError, match="Create or update it: campaign db upgrade"):
        value(database)

    assert list(tmp_path.iterdir()) == []
    database.upgrade()
    assert database.is_current()
    database.close()


def test_every_connection_is_as_safe_as_the_first(sqlite: Database) -> None:
    wanted = {"foreign_keys": 1, "journal_mode": "truncate", "synchronous": 3, "trusted_schema": 0}
    sqlite.upgrade()  # which turns foreign keys off on the connection it uses
    for _ in range(3):
        with sqlite.reading() as one, sqlite.reading() as two, sqlite.writing() as three:
            assert [{name: pragma(db, name) for name in wanted} for db in (one, two, three)] == [wanted] * 3


def test_a_transaction_that_may_write_has_the_lock_from_its_beginning(hurried: Database) -> None:
    def begin_too() -> None:
        with hurried.writing() as db:
            store.meta(db, "key")

    with hurried.writing() as db:
        store.meta(db, "key")  # a read, and yet no other may begin to write
        started = time.monotonic()
        with pytest.raises(StoreError) as refused:
            begin_too()

    assert time.monotonic() - started >= BUSY
    assert str(refused.value) == (
        "the database cannot be used now: database is locked\n  Another program is writing; try again in a minute."
    )
    begin_too()
    hurried.close()


def test_a_commit_that_a_reader_holds_up_is_repeated_until_the_reader_has_gone(hurried: Database) -> None:
    put(hurried, "key", "old")

    with ThreadPoolExecutor(1) as pool:
        with hurried.reading() as db:
            assert store.meta(db, "key") == "old"
            started = time.monotonic()
            writing = pool.submit(put, hurried, "key", "new")
            time.sleep(2 * BUSY)  # longer than one COMMIT waits
            assert not writing.done()
        writing.result(5)

    assert time.monotonic() - started > 2 * BUSY
    assert value(hurried) == "new"
    hurried.close()


def test_a_reader_who_stays_makes_the_write_fail_whole(hurried: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transactions, "COMMIT_TRIES", 2)
    put(hurried, "key", "old")

    with hurried.reading() as db:
        assert store.meta(db, "key") == "old"
        started = time.monotonic()
        with pytest.raises(StoreError, match="database is locked"):
            put(hurried, "key", "new")
        assert time.monotonic() - started >= 2 * BUSY

    assert value(hurried) == "old"
    put(hurried, "key", "newer")  # the connection was given back clean
    assert value(hurried) == "newer"
    hurried.close()


def test_a_full_disk_is_told_and_nothing_is_written(sqlite: Database) -> None:
    with sqlite.reading() as db:
        pages = pragma(db, "page_count")

    @event.listens_for(sqlite.engine, "connect")
    def fill_the_disk(connection: transactions.PatientConnection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    with pytest.raises(StoreError) as refused, sqlite.writing() as db:
        _write_much(db)

    assert str(refused.value) == "the database cannot be used now: database or disk is full"
    assert value(sqlite) is None
    with sqlite.reading() as db:
        assert pragma(db, "integrity_check") == "ok"


def _write_much(db: Session) -> None:
    store.set_meta(db, "key", "small")
    store.set_meta(db, "much", "x" * 1_000_000)


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "campaign.db").write_text("Dear Anna, these are not the tables you are looking for. " * 40)
    database = Database(f"sqlite:///{tmp_path}/campaign.db")

    with pytest.raises(StoreError, match="file is not a database"):
        value(database)
    database.close()


def cut_off(database: Database) -> None:
    """End every other connection to a database, as a restart of its server would."""
    with psycopg.connect(database.url.set(drivername="postgresql").render_as_string(), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_lost_connection_is_told_and_nothing_is_written(on_postgres: Database) -> None:
    def lose_it() -> None:
        with on_postgres.writing() as db:
            store.set_meta(db, "key", "half")
            cut_off(on_postgres)
            store.set_meta(db, "other", "half")

    with pytest.raises(StoreError, match="the database cannot be used now"):
        lose_it()

    assert value(on_postgres) is None


@pytest.mark.parametrize("work", [value, lambda database: put(database, "key", "new")], ids=["reading", "writing"])
def test_a_connection_that_died_idle_is_replaced_unseen(
    on_postgres: Database, work: Callable[[Database], object]
) -> None:
    work(on_postgres)
    cut_off(on_postgres)

    work(on_postgres)


def test_a_transaction_that_the_server_gave_up_is_told(on_postgres: Database) -> None:
    def dawdle() -> None:
        with on_postgres.writing() as db:
            db.connection().exec_driver_sql("SET idle_in_transaction_session_timeout = 50")
            store.set_meta(db, "key", "half")
            time.sleep(0.2)
            store.set_meta(db, "other", "half")

    with pytest.raises(StoreError, match="the connection to the database was lost"):
        dawdle()
    assert value(on_postgres) is None


def test_a_standby_that_only_reads_is_told_from_a_bug(postgres: Postgres, on_postgres: Database) -> None:
    name = sql.Identifier(str(on_postgres.url.database))
    postgres.run(sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(name))

    with pytest.raises(StoreError, match=r"the database cannot be used now: cannot execute .* in a read-only"):
        put(on_postgres, "key", "new")


def test_a_statement_that_is_wrong_is_a_bug_and_is_not_talked_round(on_postgres: Database) -> None:
    with pytest.raises(ProgrammingError), on_postgres.reading() as db:
        db.connection().execute(text("SELECT FROM WHERE"))


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    database = Database(f"postgresql+psycopg://campaign@/campaign?host={tmp_path}")

    with pytest.raises(StoreError, match=r"the database cannot be used now: connection .*failed"):
        value(database)
