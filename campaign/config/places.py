"""Where things lie: paths and database addresses, seen from the folder of the config file and made absolute."""

from __future__ import annotations

import os
import re
from pathlib import Path

from campaign.config.values import Outside, Reader, Wrong, text

POSTGRESQL = ("postgres", "postgresql", "postgresql+psycopg")
EXAMPLES = 'Write "sqlite:///campaign.db" or "postgresql://user@host/name".'


def place_in(root: Path) -> Reader:
    """Return a reader of paths that need not exist yet."""

    def read(value: object) -> Path:
        written = text(value)
        if written.startswith("~"):
            raise Wrong(value, "means another folder for each account", "Write the path from / on.")
        return Path(os.path.normpath(root / written))

    return read


def file_in(root: Path) -> Reader:
    """Return a reader of files that must be there."""
    place = place_in(root)

    def read(value: object) -> Path:
        path: Path = place(value)
        if not path.is_file():
            raise Wrong(value, "is a file that is not there", f"Paths start from {root}.")
        return path

    return read


def folder_in(root: Path) -> Reader:
    """Return a reader of folders that must be there."""
    place = place_in(root)

    def read(value: object) -> Path:
        path: Path = place(value)
        if not path.is_dir():
            raise Wrong(value, "is a folder that is not there", f"Paths start from {root}.")
        return path

    return read


def database_in(root: Path) -> Reader:
    """Return a reader of SQLAlchemy URLs: SQLite files seen from `root`, or PostgreSQL by psycopg.

    An address may hold a password, so no message quotes it.
    """

    def read(value: object) -> str:
        written = text(value)
        value = value if isinstance(value, Outside) else Outside(written, source="url", from_file=False)
        scheme, sign, rest = written.partition("://")
        if not sign:
            raise Wrong(value, "is not the address of a database", EXAMPLES)
        if scheme in POSTGRESQL:
            return f"postgresql+psycopg://{rest}"
        if scheme != "sqlite":
            raise Wrong(value, "is a kind of database that campaign does not use", EXAMPLES)
        file = rest.removeprefix("/")
        if not rest.startswith("/") or not file or file == ":memory:" or "?" in file:
            raise Wrong(value, "names no database file", EXAMPLES)
        return f"sqlite:///{os.path.normpath(root / file)}"

    return read


def holds_password(url: str) -> bool:
    """Whether a database URL must not be shown."""
    return bool(re.search(r"//[^@]*:.*@|[?&]password=", url))
