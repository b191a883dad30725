"""One owner per channel, whose lock lives exactly as long as the owner."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from campaign import owner, store
from campaign.db import Database
from campaign.errors import NotOwner
from campaign.models import ChannelState
from campaign.owner import AnotherDaemon, FileOwner, lock_key, process_start, this_machine, this_process

if TYPE_CHECKING:
    pass

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


# --- the names of processes and locks


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
