"""A restored database sends nothing twice, judged by what the platform holds."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from campaign import keeping, owner, store
from campaign.app import App
from campaign.errors import CampaignError, StoreError, UsageError
from campaign.platforms.base import CannotTell
from tests.fakes import Crash, World
from tests.keeping.conftest import HOURS, Start, Stop, adopt, drop, file_of, is_held, post_of, tick
from tests.making import status_of
from tests.publish.conftest import alerts


@pytest.mark.parametrize("lost", [False, True], ids=["carried over", "the replaced one is gone"])
@pytest.mark.parametrize("window", [timedelta(0), timedelta(days=9)], ids=["no replay", "replay"])
@pytest.mark.parametrize("nature", ["finds", "never proves", "cannot tell"])
def test_what_went_out_after_the_backup_is_never_sent_again(
    app: App, world: World, start: Start, stop: Stop, lost: bool, window: timedelta, nature: str
) -> None:
    world.replay_window = window
    posts = [post_of(app, n, due_in=n * HOURS) for n in range(1, 5)]
    tick(app, minutes=90)
    made = keeping.back_up(app)
    tick(app, minutes=120)
    assert world.texts() == ["Text 1.", "Text 2.", "Text 3."]
    stop(app)
    if lost:
        drop(file_of(app))
    if nature != "finds":
        world.settle = None
    if nature == "cannot tell":
        world.next("find", *[lambda: CannotTell("nobody may look")] * 500)

    keeping.restore(app, made)
    app = start()
    assert is_held(app)
    tick(app, minutes=60)
    assert world.texts() == ["Text 1.", "Text 2.", "Text 3."]
    adopt(app)
    tick(app, minutes=60)

    if not lost or nature == "finds":
        assert world.texts() == ["Text 1.", "Text 2.", "Text 3.", "Text 4."]
        assert {status_of(app, post) for post in posts} == {"published"}
    else:
        assert world.texts() == ["Text 1.", "Text 2.", "Text 3."]
        assert status_of(app, posts[3]) == "unconfirmed"
        assert "unconfirmed" in alerts(app)
    if not lost:
        assert world.asked("find") == 0


def test_the_file_stays_the_same_one_and_what_was_there_is_kept(app: App, start: Start, stop: Stop) -> None:
    made = keeping.back_up(app)
    stop(app)
    before = file_of(app).stat().st_ino

    done = keeping.restore(app, made)

    assert file_of(app).stat().st_ino == before
    assert done.kept is not None
    assert done.kept.name == "campaign-replaced-20260302-080000.db"
    assert stat.S_IMODE(done.kept.stat().st_mode) == 0o600
    second = keeping.restore(app, made)
    assert second.kept is not None
    assert second.kept.name == "campaign-replaced-2-20260302-080000.db"
    assert is_held(start())


def test_a_daemon_that_runs_is_named(app: App, make_app: Callable[..., App]) -> None:
    made = keeping.back_up(app)

    with pytest.raises(owner.AnotherDaemon, match=rf"process {os.getpid()}"):
        keeping.restore(make_app(owns=False), made)


def test_what_cannot_be_restored_is_told_and_nothing_is_changed(app: App, stop: Stop, tmp_path: Path) -> None:
    made = keeping.back_up(app)
    stop(app)
    text, torn, other, newer, foreign = (tmp_path / name for name in ("text", "torn", "other", "newer", "foreign"))
    text.write_text("This is no database at all, however long it may be.\n" * 100)
    torn.write_bytes(made.read_bytes()[: made.stat().st_size // 2])
    shutil.copyfile(made, newer)
    shutil.copyfile(made, foreign)
    for file, change in (
        (other, "CREATE TABLE cats (name TEXT)"),
        (newer, "UPDATE alembic_version SET version_num = '9999'"),
        (foreign, "UPDATE channel_state SET channel = 'their-' || channel"),
    ):
        connection = sqlite3.connect(file)
        connection.execute(change)
        connection.commit()
        connection.close()
    before = file_of(app).read_bytes()

    for file, kind, words in (
        (text, StoreError, "file is not a database"),
        (torn, CampaignError, "malformed|damaged"),
        (other, UsageError, "is no database of campaign"),
        (newer, StoreError, "newer version of this program"),
        (foreign, UsageError, "another campaign: its channels are their-fake"),
        (file_of(app), UsageError, "is the database itself"),
    ):
        with pytest.raises(kind, match=words):
            keeping.restore(app, file)

    assert file_of(app).read_bytes() == before
    assert not list(tmp_path.glob(".*restoring"))
    assert not list(tmp_path.glob("*replaced*"))


@pytest.mark.parametrize("damage", ["text", "torn", "empty", "newer"])
def test_a_database_that_cannot_be_read_is_kept_as_it_is_and_replaced(
    app: App, start: Start, stop: Stop, damage: str
) -> None:
    made = keeping.back_up(app)
    stop(app)
    live = file_of(app)
    if damage == "newer":
        connection = sqlite3.connect(live)
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
        connection.close()
    else:
        whole = live.read_bytes()
        live.write_bytes({"text": b"no database\n" * 999, "torn": whole[: len(whole) // 2], "empty": b""}[damage])
        live.with_name("campaign.db-journal").write_bytes(b"")
    before, inode = live.read_bytes(), live.stat().st_ino

    done = keeping.restore(app, made)

    assert done.unread
    assert not done.knows_all
    assert done.kept is not None
    if damage in ("text", "torn"):
        assert done.kept.read_bytes() == before
    assert live.stat().st_ino == inode
    assert is_held(start())


@pytest.mark.parametrize("nth", range(1, 9))
def test_a_restore_that_dies_has_changed_nothing(app: App, stop: Stop, start: Start, nth: int) -> None:
    post_of(app, 1)
    made = keeping.back_up(app)
    tick(app, minutes=2)
    stop(app)
    before = file_of(app).read_bytes()
    ids, left = app.new_id, iter(range(nth - 1))

    def dies() -> str:
        if next(left, None) is None:
            raise Crash
        return ids()

    app.new_id = dies
    try:
        keeping.restore(app, made)
    except Crash:
        assert file_of(app).read_bytes() == before
    else:
        assert is_held(start())


def test_a_database_that_somebody_reads_for_long_is_not_replaced(
    app: App, stop: Stop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("campaign.keeping.copies.BUSY_SECONDS", 0.05)
    made = keeping.back_up(app)
    stop(app)
    reader = sqlite3.connect(file_of(app), isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM meta").fetchall()
    before = file_of(app).read_bytes()

    with pytest.raises(StoreError, match="locked"):
        keeping.restore(app, made)

    reader.close()
    assert file_of(app).read_bytes() == before


def test_what_somebody_types_during_a_restore_is_not_lost(app: App, stop: Stop, make_app: Callable[..., App]) -> None:
    post_of(app, 1)
    made = keeping.back_up(app)
    stop(app)
    officer = make_app(owns=False)
    ids = app.new_id

    def meanwhile() -> str:
        with officer.writing() as db:
            store.set_meta(db, "typed", officer.new_id())
        return ids()

    app.new_id = meanwhile
    with pytest.raises(StoreError, match="somebody has changed the database meanwhile"):
        keeping.restore(app, made)
