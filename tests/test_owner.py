"""One owner per channel, whose lock lives exactly as long as the owner."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from psycopg import sql

from campaign import owner, store
from campaign.db import Database
from campaign.errors import NotOwner
from campaign.models import ChannelState
from campaign.owner import AnotherDaemon, FileOwner, PostgresOwner, lock_key, process_start, this_machine, this_process

if TYPE_CHECKING:
    from tests.postgres import Postgres

pytest_plugins = ["tests.postgres"]
REPO = Path(__file__).parents[1]
HOLD = """
import subprocess, sys, time
from campaign import owner
from campaign.db import Database
mine = owner.own(Database(sys.argv[1]))
child = subprocess.Popen(["sleep", "60"], close_fds=False)
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def holder(sqlite: Database) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Another process that owns the database, and a child that it has started."""
    command = [sys.executable, "-c", HOLD, str(sqlite.url)]
    with subprocess.Popen(command, cwd=REPO, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        try:
            yield process, child
        finally:
            os.kill(child, signal.SIGKILL)
            process.kill()


def with_channels(db: Database, *names: str) -> Database:
    with db.writing() as session:
        for name in names:
            session.add(ChannelState(channel=name, platform="folder"))
    return db


def epoch_of(db: Database, channel: str) -> int:
    with db.reading() as session:
        state = store.channel_state(session, channel)
    assert state is not None
    return state.epoch


# --- SQLite: a lock beside the file


def test_a_second_owner_is_refused_and_the_first_named(
    sqlite: Database, holder: tuple[subprocess.Popen[str], int]
) -> None:
    with pytest.raises(AnotherDaemon) as caught:
        owner.own(sqlite)
    assert str(caught.value) == (
        f"another daemon works on {sqlite.file} (process {holder[0].pid})\n"
        "  Nothing to do if it is meant to run; otherwise stop it first."
    )
    assert caught.value.exit_code == 1


def test_kill_9_frees_the_lock_and_a_child_of_the_dead_does_not_hold_it(
    sqlite: Database, holder: tuple[subprocess.Popen[str], int]
) -> None:
    process, child = holder
    process.kill()
    process.wait()
    assert process_start(child) is not None  # it lives on

    mine = owner.own(sqlite)

    assert isinstance(mine, FileOwner)
    assert sqlite.file is not None
    assert Path(f"{sqlite.file}.lock").read_text() == f"{os.getpid()}\n"
    mine.release()


def test_the_lock_is_beside_the_real_file_whatever_name_it_is_opened_by(sqlite: Database, tmp_path: Path) -> None:
    assert sqlite.file is not None
    (tmp_path / "other.db").symlink_to(sqlite.file)
    mine = owner.own(sqlite)
    other = Database(f"sqlite:///{tmp_path / 'other.db'}")
    with pytest.raises(AnotherDaemon):
        owner.own(other)
    mine.release()
    other.close()


def test_released_it_is_free_and_the_lock_file_stays(sqlite: Database) -> None:
    owner.own(sqlite).release()
    assert sqlite.file is not None
    assert Path(f"{sqlite.file}.lock").exists()
    owner.own(sqlite).release()


def test_a_lock_file_without_a_name_in_it_is_told_as_unknown(sqlite: Database) -> None:
    mine = owner.own(sqlite)
    Path(f"{sqlite.file}.lock").write_text("")
    with pytest.raises(AnotherDaemon, match=r"\(process unknown\)"):
        owner.own(sqlite)
    mine.release()


def test_the_owner_of_the_file_owns_every_channel_and_the_house(sqlite: Database) -> None:
    mine = owner.own(with_channels(sqlite, "news", "kraj"))
    assert mine.keeps_house()
    assert (mine.take("news"), mine.take("kraj"), mine.take("news")) == (1, 1, 1)
    assert epoch_of(sqlite, "news") == 1
    mine.release()


def test_each_new_owner_has_a_higher_epoch(sqlite: Database) -> None:
    with_channels(sqlite, "news")
    for epoch in (1, 2, 3):
        mine = owner.own(sqlite)
        assert mine.take("news") == epoch
        mine.release()


def test_an_unknown_channel_has_no_owner(sqlite: Database) -> None:
    mine = owner.own(sqlite)
    with pytest.raises(NotOwner, match="channel nowhere is not in the database yet"):
        mine.take("nowhere")
    mine.release()


def test_on_sqlite_every_other_sender_is_gone(sqlite: Database) -> None:
    mine = owner.own(sqlite)
    assert not mine.is_gone(mine.sender)
    assert mine.is_gone("some:1:1")
    mine.release()


def test_a_database_in_memory_has_no_owner() -> None:
    db = Database("sqlite://")
    with pytest.raises(NotOwner, match="in memory"):
        owner.own(db)
    db.close()


# --- PostgreSQL: locks on a connection


@pytest.fixture
def two(on_postgres: Database) -> Iterator[tuple[PostgresOwner, PostgresOwner]]:
    with_channels(on_postgres, "a", "b", "c")
    owners = PostgresOwner(on_postgres), PostgresOwner(on_postgres)
    yield owners
    for each in owners:
        each.release()


def test_two_owners_never_hold_the_same_channel(two: tuple[PostgresOwner, PostgresOwner]) -> None:
    first, second = two
    assert first.take("a") == 1
    assert second.take("a") is None
    assert second.take("b") == 1
    assert first.take("b") is None
    assert (first.take("a"), second.take("b")) == (1, 1)


def test_one_of_them_keeps_the_house(two: tuple[PostgresOwner, PostgresOwner]) -> None:
    first, second = two
    assert (first.keeps_house(), second.keeps_house(), first.keeps_house()) == (True, False, True)
    first.release()
    assert second.keeps_house()


def test_a_channel_called_house_is_not_the_house(on_postgres: Database) -> None:
    with_channels(on_postgres, "house")
    first, second = PostgresOwner(on_postgres), PostgresOwner(on_postgres)
    assert first.keeps_house()
    assert second.take("house") == 1
    first.release()
    second.release()


def test_a_share_leaves_the_rest_to_others(on_postgres: Database) -> None:
    with_channels(on_postgres, "a", "b", "c")
    one, other = owner.own(on_postgres, share=2), owner.own(on_postgres, share=2)
    assert [one.take(name) for name in "abc"] == [1, 1, None]
    assert one.keeps_house()  # which is no channel
    assert [other.take(name) for name in "abc"] == [None, None, 1]
    assert [one.take(name) for name in "abc"] == [1, 1, None]
    one.release()
    assert [other.take(name) for name in "abc"] == [2, None, 1]
    other.release()


def test_a_connection_that_is_lost_takes_all_channels_with_it(
    two: tuple[PostgresOwner, PostgresOwner], postgres: Postgres, on_postgres: Database
) -> None:
    first, second = two
    assert (first.take("a"), first.take("b"), first.keeps_house()) == (1, 1, True)

    cut_off(postgres)

    assert first.take("a") is None  # told at the next look, and nothing is ours until it is taken anew
    assert second.take("b") == 2
    assert first.take("a") == 2
    assert first.take("b") is None
    assert epoch_of(on_postgres, "a") == 2


def test_what_was_lost_is_taken_anew_under_a_new_epoch_whichever_channel_noticed(
    two: tuple[PostgresOwner, PostgresOwner], postgres: Postgres
) -> None:
    mine, _ = two
    assert (mine.take("a"), mine.take("b")) == (1, 1)
    cut_off(postgres)

    assert mine.take("a") is None
    assert (mine.take("b"), mine.take("a")) == (2, 2)


def test_whoever_lost_a_channel_without_knowing_writes_nothing_any_more(
    two: tuple[PostgresOwner, PostgresOwner], postgres: Postgres, on_postgres: Database
) -> None:
    first, second = two
    assert first.take("a") == 1
    cut_off(postgres)
    assert second.take("a") == 2

    with pytest.raises(NotOwner, match="channel a has another owner now"), on_postgres.writing() as db:
        store.lock_channel(db, "a", 1)


def cut_off(postgres: Postgres) -> None:
    """End every connection that holds an advisory lock."""
    postgres.run(sql.SQL("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"))


def test_while_the_database_cannot_be_reached_nothing_is_ours(on_postgres: Database, postgres: Postgres) -> None:
    with_channels(on_postgres, "a")
    mine = PostgresOwner(on_postgres)
    assert mine.take("a") == 1
    name = on_postgres.url.database or ""
    postgres.run(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(name)))
    cut_off(postgres)

    assert (mine.take("a"), mine.take("a"), mine.keeps_house()) == (None, None, False)

    postgres.run(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(sql.Identifier(name)))
    assert mine.take("a") == 2
    mine.release()


def test_many_threads_ask_one_owner(on_postgres: Database, postgres: Postgres) -> None:
    """Each channel's job asks from a thread of its own; they share one connection, and one lock each."""
    names = [f"c{n}" for n in range(12)]
    with_channels(on_postgres, *names)
    mine = PostgresOwner(on_postgres)
    taken: dict[str, int | None] = {}
    threads = [threading.Thread(target=lambda name=name: taken.update({name: mine.take(name)})) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert taken == dict.fromkeys(names, 1)
    with on_postgres.reading() as session:
        holders = session.connection().exec_driver_sql(
            "SELECT count(DISTINCT pid), count(*) FROM pg_locks WHERE locktype = 'advisory' "
            "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        assert tuple(holders.one()) == (1, 12)
    mine.release()


def test_a_sender_is_gone_when_it_is_dead_on_this_machine_and_only_then(on_postgres: Database) -> None:
    mine = PostgresOwner(on_postgres)
    child = subprocess.Popen(["sleep", "60"])
    alive = f"{this_machine()}:{child.pid}:{process_start(child.pid)}"
    assert not mine.is_gone(mine.sender)
    assert not mine.is_gone(alive)
    assert mine.is_gone(f"{this_machine()}:{child.pid}:1")  # its number was given to another since
    child.kill()
    child.wait()
    assert mine.is_gone(alive)
    assert not mine.is_gone(alive.replace(this_machine(), "another-boot/1"))
    mine.release()


def test_this_process_has_a_name_for_ever() -> None:
    machine, pid, started = this_process().split(":")
    assert (machine, int(pid)) == (this_machine(), os.getpid())
    assert started == process_start(os.getpid())
    assert int(started) > 0
    assert process_start(2**22 + 1) is None


def test_the_name_of_a_process_survives_odd_program_names(tmp_path: Path) -> None:
    odd = tmp_path / "a ) b ("
    odd.symlink_to("/bin/sleep")
    child = subprocess.Popen([odd, "60"])
    try:
        assert int(process_start(child.pid) or 0) > 0
    finally:
        child.kill()
        child.wait()


def test_each_name_has_a_lock_of_its_own_within_64_bits() -> None:
    keys = {lock_key(f"channel-{n}") for n in range(1000)} | {lock_key(owner.HOUSE)}
    assert len(keys) == 1001
    assert all(-(2**63) <= key < 2**63 for key in keys)
