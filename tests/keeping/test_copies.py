"""Backups: whole, private, and never in the place of something else."""

from __future__ import annotations

import resource
import sqlite3
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from campaign import keeping, store
from campaign.app import App
from campaign.errors import StoreError, UsageError
from campaign.keeping.copies import at
from tests.keeping.conftest import drop, post_of


def test_a_backup_is_whole_private_named_by_its_time_and_says_when_it_was_made(app: App, tmp_path: Path) -> None:
    made = keeping.back_up(app)

    assert made == tmp_path / "campaign-backup-20260302-080000.db"
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    database = at(made)
    with database.reading() as db:
        assert store.made_at(db) == app.clock.now()
    assert database.damages() == []
    database.close()
    with app.reading() as db:
        assert store.made_at(db) is None
        assert [event.note for event in store.events(db, what="backup.made")] == [str(made)]
    assert not list(tmp_path.glob(".*part*"))


def test_a_backup_goes_into_a_folder_or_a_new_file_and_over_nothing(app: App, tmp_path: Path) -> None:
    (tmp_path / "backups").mkdir()

    assert keeping.back_up(app, tmp_path / "backups").parent == tmp_path / "backups"
    assert keeping.back_up(app, tmp_path / "one.db") == tmp_path / "one.db"
    for taken in (tmp_path / "one.db", app.db.file):
        with pytest.raises(UsageError, match="is there already"):
            keeping.back_up(app, taken)


def test_a_backup_is_made_while_the_daemon_works(app: App, tmp_path: Path) -> None:
    ends = threading.Event()

    def write() -> None:
        n = 0
        while not ends.is_set():
            n += 1
            with app.writing() as db:
                store.set_meta(db, "a", str(n))
                store.set_meta(db, "b", str(n))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = [keeping.back_up(app, tmp_path / f"{n}.db") for n in range(5)]
    finally:
        ends.set()
        writer.join()

    for file in made:
        database = at(file)
        with database.reading() as db:
            assert store.meta(db, "a") == store.meta(db, "b")
        database.close()


def test_no_backup_is_left_of_a_damaged_database(app: App, tmp_path: Path) -> None:
    post_of(app, 1)
    app.db.close()
    connection = sqlite3.connect(tmp_path / "campaign.db")
    connection.execute("DELETE FROM story")
    connection.commit()
    connection.close()

    with pytest.raises(StoreError, match="is damaged: post row 1 points to nothing"):
        keeping.back_up(app)
    assert not list(tmp_path.glob("*backup*"))


def test_without_a_database_there_is_nothing_to_back_up(app: App) -> None:
    app.db.close()
    assert app.db.file is not None
    drop(app.db.file)

    with pytest.raises(UsageError, match="there is no database yet"):
        keeping.back_up(app)


def test_a_full_disk_leaves_no_half_backup(app: App, tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, before[1]))
    try:
        with pytest.raises(StoreError, match="could not be copied"):
            keeping.back_up(app)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not list(tmp_path.glob("*backup*"))


def test_a_full_disk_leaves_the_database_as_it_is(app: App, stop: Callable[[App], None], tmp_path: Path) -> None:
    made = keeping.back_up(app)
    stop(app)
    live = tmp_path / "campaign.db"
    content = live.read_bytes()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, before[1]))
    try:
        with pytest.raises(StoreError):
            keeping.restore(app, made)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert live.read_bytes() == content
