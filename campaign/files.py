"""Where templates, assets and examples lie, in a wheel and in a checkout alike; careful writing of files."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


@cache
def shipped(*parts: str) -> Path:
    """Return the path of a shipped file or folder, such as `shipped("templates", "posts")`.

    In a wheel it lies in `campaign/_shipped/`, in a checkout beside the package.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    for root in (PACKAGE / "_shipped", PACKAGE.parent):
        path = root.joinpath(*parts)
        if path.exists():
            return path
    raise FileNotFoundError(f"{'/'.join(parts)} is missing from this installation; install campaign again")


def write_whole(path: Path, content: bytes | str) -> None:
    """Write a file so that nobody ever sees half of it, and it is there after a power loss.

    Raises:
        OSError: the disk is full or the folder cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` survive a power loss."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
