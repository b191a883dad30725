"""Owners on PostgreSQL: a lock per channel, on a connection that they have for themselves."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from psycopg import sql

from campaign import owner, store
from campaign.clock import SystemClock
from campaign.db import Database
from campaign.errors import NotOwner, StoreError
from campaign.log import set_up
from campaign.owner import PostgresOwner, process_start, this_machine
from tests.test_owner import epoch_of, with_channels

if TYPE_CHECKING:
    from tests.postgres import Postgres

pytest_plugins = ["tests.postgres"]


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


def test_a_channel_given_back_is_free_for_others_and_leaves_room_in_the_share(on_postgres: Database) -> None:
    with_channels(on_postgres, "a", "b")
    one, other = owner.own(on_postgres, share=1), owner.own(on_postgres, share=1)
    assert (one.take("a"), one.take("b"), other.take("a")) == (1, None, None)

    one.give_back("a")
    one.give_back("b")  # which it never had

    assert (other.take("a"), one.take("a"), one.take("b")) == (2, None, 1)
    one.release()
    other.release()


def test_a_channel_that_a_former_owner_still_has_in_hand_keeps_no_other_waiting(on_postgres: Database) -> None:
    with_channels(on_postgres, "a", "b")
    mine = PostgresOwner(on_postgres)
    with on_postgres.writing() as db:
        store.lock_channel(db, "a", 0)
        assert (mine.take("a"), mine.take("b")) == (None, 1)
    assert mine.take("a") == 1
    mine.release()


def test_a_dead_connection_is_noticed_at_both_ends_and_an_idle_one_is_kept(on_postgres: Database) -> None:
    mine = PostgresOwner(on_postgres)
    assert mine.keeps_house()
    holding = mine._connection
    assert holding is not None
    assert holding.exec_driver_sql("SHOW idle_session_timeout").scalar() == "0"
    told = {"keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3", "tcp_user_timeout": "25000"}
    with on_postgres.engine.connect() as working:
        for connection in (holding, working):
            given = connection.connection.dbapi_connection.info.get_parameters()
            assert told.items() <= given.items()
            for name in ("idle=10", "interval=5", "count=3"):  # not to be seen on a socket of this machine
                assert f"-c tcp_keepalives_{name}" in given["options"]
    mine.release()


def test_a_pooler_is_told_because_through_it_a_lock_is_nobodys(on_postgres: Database, postgres: Postgres) -> None:
    with_channels(on_postgres, "a")
    name = on_postgres.url.database or ""
    one_backend = "CREATE FUNCTION public.pg_backend_pid() RETURNS int LANGUAGE sql AS 'SELECT 1'"
    postgres.run(sql.SQL(one_backend), name)  # as two connections see it that share one
    path = sql.SQL("ALTER DATABASE {} SET search_path = public, pg_catalog")
    postgres.run(path.format(sql.Identifier(name)))
    mine = PostgresOwner(on_postgres)
    for ask in (mine.keeps_house, lambda: mine.take("a")):
        with pytest.raises(StoreError, match="through a pooler, where channels cannot be locked"):
            ask()
    assert epoch_of(on_postgres, "a") == 0
    mine.release()


def test_a_lost_connection_is_told_once_and_told_again_when_it_is_lost_again(
    on_postgres: Database, postgres: Postgres, capsys: pytest.CaptureFixture[str]
) -> None:
    with_channels(on_postgres, "a")
    set_up("json", SystemClock())
    mine = PostgresOwner(on_postgres)
    for told in (1, 2):
        assert mine.take("a")
        cut_off(postgres)
        assert mine.take("a") is None
        assert capsys.readouterr().err.count("channels.lost") == 1, told
    name = sql.Identifier(on_postgres.url.database or "")
    postgres.run(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
    assert [mine.take("a") for _ in range(3)] == [None] * 3
    assert capsys.readouterr().err.count("channels.lost") == 1
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
    assert not mine.is_gone("")
    mine.release()
