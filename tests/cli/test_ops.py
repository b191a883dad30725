"""`campaign check`, `daemon`, `tick`, `measure`, `db`."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Keyboard


def test_a_campaign_in_order_passes_its_check(campaign: Keyboard) -> None:
    told = campaign("check")

    assert "✓ The config is right" in told
    assert "✓ You are Anna Dvořáková." in told
    assert "✗" not in told
    assert {each["level"] for each in campaign.json("check")} <= {"fine", "look"}


def test_a_check_names_what_needs_a_person_and_exits_with_3(folder: Keyboard) -> None:
    told = folder("check", code=3)

    assert "✗ The database is not there, or not up to date." in told
    assert "campaign db upgrade" in told


def test_a_tick_tells_what_each_stage_did(planned: Keyboard) -> None:
    told = planned("tick")

    assert "render: 2 rendered" in told
    assert "publish news: nothing to do" in told
    assert "intake" in {each["stage"] for each in planned.json("tick")}


def test_a_tick_takes_in_the_inbox_as_the_daemon(campaign: Keyboard) -> None:
    path = Path(campaign.story())
    inbox = campaign.folder / "inbox"
    inbox.mkdir(exist_ok=True)
    path.rename(inbox / path.name)
    for each in (inbox / path.name, *(inbox / path.name).iterdir()):
        os.utime(each, (0, 0))

    campaign("tick")

    assert [story["handed_by"] for story in campaign.json("story", "list")] == ["daemon"]


def test_measuring_tells_what_was_due(campaign: Keyboard) -> None:
    assert campaign("measure") == "measure: nothing to do\n"
    assert campaign.json("measure")["counts"] == {}


def test_the_database_is_made_checked_and_up_to_date(folder: Keyboard) -> None:
    assert "Type: campaign db upgrade" in folder("db", "check", code=1)

    assert "has schema" in folder("db", "upgrade")
    assert folder("db", "upgrade") == "The database is up to date already.\n"
    assert "The database is whole" in folder("db", "check")


def test_a_damaged_database_is_told(planned: Keyboard) -> None:
    with sqlite3.connect(planned.folder / "campaign.db") as connection:
        connection.execute("DELETE FROM story")
    connection.close()

    assert "post row 1 points to nothing" in planned("db", "check", code=1)


def test_a_database_of_a_newer_program_is_refused(campaign: Keyboard) -> None:
    with sqlite3.connect(campaign.folder / "campaign.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    for words in (("status",), ("db", "check"), ("db", "upgrade")):
        assert "newer version of this program" in campaign(*words, code=1)


def test_the_daemon_publishes_until_it_is_told_to_stop(planned: Keyboard) -> None:
    environment = {**os.environ, "CAMPAIGN_PERSON": "anna"}
    command = [sys.executable, "-m", "campaign"]
    running = subprocess.Popen(
        [*command, "daemon", "--log", "json"],
        cwd=planned.folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        _wait_for(lambda: (planned.folder / "campaign.db.lock").exists())
        second = subprocess.run(
            [*command, "tick"], cwd=planned.folder, env=environment, capture_output=True, text=True, check=False
        )
        assert second.returncode == 1
        assert f"process {running.pid}" in second.stderr
        time.sleep(1)
    finally:
        running.send_signal(signal.SIGTERM)
        out, log = running.communicate(timeout=30)

    assert running.returncode == 0
    assert out == ""
    assert '"event": "daemon.started"' in log
    assert '"event": "daemon.stopped"' in log


def _wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.05)
