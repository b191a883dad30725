"""Where templates, assets and examples lie, in a wheel and in a checkout alike; careful writing of files."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import cache, lru_cache, wraps
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

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


def read_once(read: Callable[[Path], T]) -> Callable[[Path], T]:
    """Make a reader of files read each again only when its time or size has changed; its answers are shared."""

    @lru_cache(maxsize=256)
    def kept(path: Path, _changed: int, _size: int) -> T:
        return read(path)

    @wraps(read)
    def reader(path: Path) -> T:
        try:
            seen = path.stat()
        except OSError:
            return read(path)  # which knows how to say it
        return kept(path, seen.st_mtime_ns, seen.st_size)

    return reader


def write_whole(path: Path, content: bytes | str, *, mode: int | None = None) -> None:
    """Write a file so that nobody ever sees half of it, and it is there after a power loss.

    `mode` says who may open it; None: whoever this account's umask lets.

    Raises:
        OSError: the disk is full or the folder cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")  # nobody else writes there
    try:
        with beside.open("wb") as file:
            file.write(data)
            if mode is not None:
                os.fchmod(file.fileno(), mode)
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
