"""What can go wrong on our own machine beneath the database: no room on the disk, another program that has the file."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import event

from campaign.app import App

FILL = "INSERT INTO ballast VALUES (zeroblob(1000000))"  # more bytes than are free in the file


class FullDisk:
    """Lets SQLite find no room for another page, at a moment (as a trigger names it: `INSERT ON attempt`)."""

    def __init__(self, app: App, moment: str) -> None:
        assert app.db.file is not None
        self._app, self._file = app, app.db.file
        self.pages = self._run(
            "CREATE TABLE ballast (bytes BLOB)",
            f"CREATE TRIGGER full AFTER {moment} BEGIN {FILL}; END",
            "PRAGMA page_count",
        )
        event.listen(app.db.engine, "connect", self._cap)
        app.db.engine.dispose()

    def relieve(self) -> None:
        """Make room."""
        event.remove(self._app.db.engine, "connect", self._cap)
        self._app.db.engine.dispose()
        self._run("DROP TRIGGER full", "DROP TABLE ballast")

    def _cap(self, connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={self.pages}")

    def _run(self, *statements: str) -> Any:
        with closing(sqlite3.connect(self._file)) as db:
            for statement in statements:
                told = db.execute(statement).fetchone()
            db.commit()
            return told and told[0]


HOLD = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=20)
for statement in sys.argv[2:]:
    db.execute(statement).fetchall()
print("held", flush=True)
sys.stdin.read()
"""
ALONE = ("BEGIN EXCLUSIVE",)  # nobody else reads or writes
READING = ("BEGIN", "SELECT * FROM post")  # nobody else can commit


class OtherProgram:
    """Another program, which has the database file from `hold` to `release`."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._process: subprocess.Popen[bytes] | None = None

    def hold(self, *how: str) -> None:
        """Take the file, and return when it is held."""
        command = [sys.executable, "-S", "-c", HOLD, str(self._file), *how]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"held\n"

    def release(self) -> None:
        """Give the file back; nothing when it is not held."""
        if self._process is not None:
            self._process.communicate()
            self._process = None
