"""Values that come from outside the config file: `${NAME}`, `${NAME:-default}` and `{ file = "path" }`."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from campaign.config.problems import Place
from campaign.config.table import UNUSABLE, Sheet
from campaign.config.values import Outside, Wrong
from campaign.config.words import Secret

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
CREDENTIAL = re.compile(r"(token|secret|password|key)$", re.IGNORECASE)


class Gatherer:
    """Puts in what stands outside the file, and remembers it for the log's filter."""

    def __init__(self, sheet: Sheet, root: Path, environ: Mapping[str, str]) -> None:
        self.sheet = sheet
        self.root = root
        self.environ = environ
        self.secrets: list[Secret] = []

    def fill(self, place: Place, value: Any) -> Any:
        """Return `value` with every text in it filled in; what cannot be is noted and unusable."""
        match value:
            case {"file": str(path), **others} if not others:
                return self._from_file(place, path)
            case dict():
                return {key: self.fill((*place, key), each) for key, each in value.items()}
            case list():
                return [self.fill((*place, n), each) for n, each in enumerate(value)]
            case str() if VARIABLE.search(value):
                return self._from_environment(place, value)
            case _:
                return value

    def raw(self, value: Any, key: str) -> Any:
        """Return a platform's own value, filled in: a Secret where it came from a file or `key` names a credential."""
        match value:
            case dict():
                return {inner: self.raw(each, inner) for inner, each in value.items()}
            case list():
                return [self.raw(each, key) for each in value]
            case Outside() if value.from_file:
                return Secret(str(value))
            case str() if value and CREDENTIAL.search(key):
                return self.keep(str(value))
            case str():
                return str(value)
            case _:
                return value

    def keep(self, value: str) -> Secret:
        """Remember a value that nothing may show."""
        secret = Secret(value)
        if value not in (kept.reveal() for kept in self.secrets):
            self.secrets.append(secret)
        return secret

    def _from_environment(self, place: Place, written: str) -> object:
        filled, end = "", 0
        for found in VARIABLE.finditer(written):
            name, default = found.groups()
            value = self.environ.get(name) or default
            if value is None:
                self.sheet.note(
                    place,
                    f"the environment variable {name} is not set.",
                    f"Set it before campaign starts, or write a value for its absence: ${{{name}:-value}}.",
                )
                return UNUSABLE
            if self.environ.get(name):
                self.keep(value)
            filled += written[end : found.start()] + value
            end = found.end()
        names = ", ".join(f"${{{found[1]}}}" for found in VARIABLE.finditer(written))
        return Outside(filled + written[end:], source=names, from_file=False)

    def _from_file(self, place: Place, path: str) -> object:
        try:
            content = read_private(path, self.root)
        except Wrong as wrong:
            self.sheet.note(place, wrong.what, wrong.remedy)
            return UNUSABLE
        self.keep(content)
        return Outside(content, source=f'the file "{path}"', from_file=True)


def read_private(path: str, root: Path) -> str:
    """Return the content of a file, seen from `root`, that only its owner can read, without blanks around it.

    Raises:
        Wrong: it is not there, a link, open to others, or holds no text.
    """
    whole = root / path
    try:
        handle = os.open(whole, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise Wrong(path, _why(error)) from None
    try:
        mode = os.fstat(handle).st_mode
        if not stat.S_ISREG(mode):
            raise Wrong(path, "is not a file")
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise Wrong(path, "is a file that other accounts can open", f"Run: chmod 600 {whole}")
        with open(handle, "rb", closefd=False) as file:
            secret = file.read().decode().strip()
    except UnicodeDecodeError:
        raise Wrong(path, "is a file that holds no text") from None
    finally:
        os.close(handle)
    if not secret:
        raise Wrong(path, "is an empty file", "Write the secret into it.")
    return secret


def _why(error: OSError) -> str:
    match error.errno:
        case errno.ENOENT | errno.ENOTDIR:
            return "is a file that is not there"
        case errno.ELOOP:
            return "is a link, and a secret must be a file of its own"
        case _:
            return f"is a file that cannot be read: {error.strerror}"
