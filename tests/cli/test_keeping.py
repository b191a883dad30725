"""`campaign adopt`, `campaign db backup` and `restore`, as an admin types them."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from campaign.cli import keeping as commands
from tests.cli.conftest import Keyboard


@pytest.fixture
def due(planned: Keyboard) -> Keyboard:
    """A story that was approved on both channels, and due on one of them."""
    planned("tick")
    shown = planned("proof")
    planned("approve", "--proof", shown.partition("--proof ")[2].split()[0])
    return planned


def published(campaign: Keyboard) -> list[str]:
    return sorted(place.name for place in (campaign.folder / "published").glob("*/2*"))


def test_a_backup_is_made_restored_and_adopted(due: Keyboard) -> None:
    told = due("db", "backup")
    assert "The backup: campaign-backup-20260302-080000.db" in told
    due.clock.advance(timedelta(days=1, hours=1, minutes=10))
    due("tick")
    out = published(due)
    assert len(out) == 2

    told = due("db", "restore", "campaign-backup-20260302-080000.db")
    assert "Restored, as of Mon 2 Mar 09:00: campaign-backup-20260302-080000.db" in told
    assert "What was there before: campaign-replaced-20260303-091000.db" in told
    assert "Carried over from it: 2 posts." in told
    assert "Everything is held. Next: campaign adopt" in told
    assert "Everything is held: a backup of 2026-03-02 08:00 UTC was restored." in due("check", code=3)
    assert "Everything is held" in due("status", code=3)
    due("tick")
    assert published(due) == out

    assert "Nothing was changed: this was a dry run." in due("adopt", "--dry-run")
    told = due("adopt")
    assert "No post is in doubt." in told
    assert "Adopted" in told
    assert due("adopt") == "Nothing is held: this database is at home here.\n"
    assert [line["what"] for line in due.json("log")][-4:] == [
        "backup.restored",
        "database.held",
        "alert.raised",
        "database.adopted",
    ]


def test_a_restore_without_the_replaced_database_asks_the_platforms(due: Keyboard) -> None:
    due("db", "backup", "kept.db")
    due.clock.advance(timedelta(days=1, hours=1, minutes=10))
    due("tick")
    out = published(due)
    (due.folder / "campaign.db").unlink()

    told = due("db", "restore", "kept.db")
    assert "campaign.db was not there." in told
    assert "What went out after the backup is not known for certain; the platforms are asked." in told
    assert "Perhaps live: 2 posts." in told
    told = due("adopt")
    assert "Found live: 2 posts." in told
    assert "No post is in doubt." in told
    for _ in range(4):
        due.clock.advance(timedelta(minutes=2))
        due("tick")

    assert published(due) == out


def test_a_person_is_needed_where_the_platform_cannot_tell(due: Keyboard) -> None:
    due("db", "backup", "kept.db")
    (due.folder / "campaign.db").unlink()
    due("db", "restore", "kept.db")
    shutil.rmtree(due.folder / "published")  # so there is no folder to look into

    assert "Perhaps live" in due("adopt", code=3)
    assert "campaign post resolve" in due("status", code=3)


def test_adopting_beside_a_daemon_leaves_the_questions_to_it(due: Keyboard) -> None:
    due("db", "backup", "kept.db")
    due("db", "restore", "kept.db")
    running = subprocess.Popen(
        [sys.executable, "-m", "campaign", "daemon"], cwd=due.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        ends, lock = time.monotonic() + 20, due.folder / "campaign.db.lock"
        while lock.read_text().strip() != str(running.pid):
            assert time.monotonic() < ends
            time.sleep(0.05)
        assert f"process {running.pid}" in due("db", "restore", "kept.db", code=1)
        assert "A daemon is running: it asks the platforms." in due("adopt")
    finally:
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=30)


def test_a_copied_folder_is_held(due: Keyboard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    due("tick")
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("config.toml", "campaign.db"):
        shutil.copyfile(due.folder / name, copy / name)
    monkeypatch.chdir(copy)

    assert f"the database was at work as {due.folder / 'campaign.db'}" in due("adopt", "--dry-run")
    assert "campaign adopt" in due("status", code=3)


@pytest.mark.kill
def test_a_killed_restore_leaves_the_old_database_or_the_new_one_held(due: Keyboard) -> None:
    due("db", "backup", "kept.db")
    command = [sys.executable, "-m", "campaign", "db", "restore", "kept.db"]
    began = time.monotonic()
    subprocess.run(command, cwd=due.folder, capture_output=True, check=True)
    length = time.monotonic() - began
    due("adopt")
    for tenth in range(1, 11):
        running = subprocess.Popen(command, cwd=due.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(length * (0.5 + tenth / 20))
        running.kill()
        running.wait()
        assert "The database is whole" in due("db", "check")
        assert ("Adopted" in (told := due("adopt"))) or "Nothing is held" in told
    due("db", "restore", "kept.db")
    assert not list(due.folder.glob(".*restoring"))


def test_the_help_says_what_a_backup_does_not_hold() -> None:
    assert "keep their key" in (commands.backup.help or "")
