"""On which line of a TOML file each key stands, which tomllib does not tell.

It reads only text that tomllib has accepted, so it looks for the shape of things and checks nothing.
TOML: https://toml.io/en/v1.0.0
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping

from campaign.config.problems import Place

BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
KEY = re.compile(r"""(?:[A-Za-z0-9_\-. \t]|"(?:\\.|[^"\\])*"|'[^']*')+""")
STRING = re.compile(
    r'"""(?:\\[\s\S]|[^\\])*?"""(?:"{0,2})'  # up to two quotes may stand before the closing three
    r"|'''[\s\S]*?'''(?:'{0,2})"
    r'|"(?:\\.|[^"\\])*"'
    r"|'[^']*'"
)
SCALAR = re.compile(r"[^,\]}#\n]+")


def key_lines(text: str) -> Mapping[Place, int]:
    """Return the line, counted from 1, of each table, key and list entry in `text`, which is valid TOML.

    `("channels", "folder-asa", "slots", 0)` is the first entry of a list; a table that is only implied by the name
    of another one stands where it is first named.
    """
    scanner = _Scanner(text.replace("\r\n", "\n"))
    scanner.document()
    return scanner.found


class _Scanner:
    """Walks over the text once, from the top."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[Place, int] = {}
        self.newest: dict[Place, int] = {}  # index of the newest table of each [[array]]

    def document(self) -> None:
        table: Place = ()
        self.skip(BLANK)
        while self.at < len(self.text):
            if self.sees("["):
                table = self.header()
            else:
                self.entry(table)
            self.skip(BLANK)

    def header(self) -> Place:
        """`[a.b]` or `[[a.b]]`; an array among the outer names means its newest table."""
        start = self.at
        brackets = 2 if self.sees("[[") else 1
        self.at += brackets
        *outer, name = self.key()
        self.at += brackets
        place: Place = ()
        for key in outer:
            place = self.note((*place, key), start)
            if place in self.newest:
                place = (*place, self.newest[place])
        place = self.note((*place, name), start)
        if brackets == 2:
            self.newest[place] = self.newest.get(place, -1) + 1
            place = self.note((*place, self.newest[place]), start)
        return place

    def entry(self, table: Place) -> None:
        """`key = value`, where a dotted key implies tables."""
        start = self.at
        place = table
        for key in self.key():
            place = self.note((*place, key), start)
        self.at += 1  # the equals sign
        self.skip(BLANK)
        self.value(place)

    def value(self, place: Place) -> None:
        if self.sees("["):
            self.array(place)
        elif self.sees("{"):
            self.inline_table(place)
        else:
            self.skip(STRING if self.text[self.at] in "\"'" else SCALAR)

    def array(self, place: Place) -> None:
        index = 0
        self.step()
        while not self.sees("]"):
            self.value(self.note((*place, index), self.at))
            self.skip(BLANK)
            index += 1
            if self.sees(","):
                self.step()
        self.at += 1

    def inline_table(self, place: Place) -> None:
        self.step()
        while not self.sees("}"):
            self.entry(place)
            self.skip(BLANK)
            if self.sees(","):
                self.step()
        self.at += 1

    def key(self) -> list[str]:
        """Read a bare, quoted or dotted key; tomllib itself undoes the quoting."""
        start = self.at
        self.skip(KEY)
        inner = tomllib.loads(f"{self.text[start : self.at]} = 0")
        parts = []
        while isinstance(inner, dict):
            [(part, inner)] = inner.items()
            parts.append(part)
        return parts

    def note(self, place: Place, at: int) -> Place:
        """Keep the line of the first mention of `place`, and return it."""
        self.found.setdefault(place, self.text.count("\n", 0, at) + 1)
        return place

    def sees(self, sign: str) -> bool:
        return self.text.startswith(sign, self.at)

    def step(self) -> None:
        """Pass one sign and the blanks after it."""
        self.at += 1
        self.skip(BLANK)

    def skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        self.at = match.end() if match else self.at
