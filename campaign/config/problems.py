"""How a mistake in the config file is told: where it is, what is wrong, and what was probably meant.

`app` uses the same helpers for what only a platform can judge, so that all messages sound alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from campaign.errors import Problem

Place = tuple[str | int, ...]  # keys from the top of the file, with the index of an entry of a list


def dotted(place: Place) -> str:
    """Return a place as people read it: `channels.folder-asa.slots[2]`, entries counted from 1."""
    text = ""
    for part in place:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def problem(path: Path, line: int | None, where_key: str, what: str, remedy: str = "") -> Problem:
    """Return a problem found at `where_key` of the config file `path`; `what` is a sentence."""
    parts = (path.name, f"line {line}" if line else "", where_key)
    return Problem(", ".join(part for part in parts if part), what, remedy)


def unknown_key(path: Path, line: int | None, where_key: str, key: str, known: Iterable[str]) -> Problem:
    """Return the problem of a `key` that the table `where_key` does not have."""
    return problem(path, line, where_key, f'there is no key "{key}" here.', did_you_mean(key, known))


def unknown_name(path: Path, line: int | None, where_key: str, kind: str, name: str, known: Iterable[str]) -> Problem:
    """Return the problem of a value that should name a `kind` (such as "platform") and names none of the known."""
    return problem(path, line, where_key, f'there is no {kind} "{name}".', did_you_mean(name, known))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the remedy for a name that is none of the known ones: the nearest, else all of them."""
    names = sorted(known)
    meant = nearest(name, names)
    if meant:
        return f'Did you mean "{meant}"?'
    return f"Known here: {', '.join(names)}." if names else "None is defined in this file yet."


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the known name that looks most like `name`, whatever its case; empty when none does."""
    by_lower = {each.lower(): each for each in known}
    found = get_close_matches(name.lower(), by_lower, n=1)
    return by_lower[found[0]] if found else ""
