"""The scanner names the line of every key that tomllib reads, and of no other."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.config.lines import key_lines
from campaign.files import shipped

TRICKY = '''\
# a remark with [brackets] and key = "value"
top = 1 # [not.a.table]
"quoted key" = 'literal # no remark'
'dotted'."key".inner = 2026-12-24 18:00:00
multi = """
[no.table]
no = "key" \\" \\\\"""
literal = \'\'\'
no = 'key' '\'\'\'
five = """""two quotes at both ends"""""
list = [ # a remark ]
  "a]", [1, 2], # another
  { x = 1, y.z = "}" },

]

  [ a . "b c" ]   # an indented header
e = 1.5
empty = { }
none = []
[[a.t]]
n = 1
[a.t.sub]
m = [[]]
[[a.t]]
n = 2
  [[a.t.deep]]
  k = "\\u0041\\""
[a]
last = true
'''


def test_each_key_stands_where_it_is_written() -> None:
    lines = key_lines(TRICKY)
    assert lines == {
        ("top",): 2,
        ("quoted key",): 3,
        ("dotted",): 4,
        ("dotted", "key"): 4,
        ("dotted", "key", "inner"): 4,
        ("multi",): 5,
        ("literal",): 8,
        ("five",): 10,
        ("list",): 11,
        ("list", 0): 12,
        ("list", 1): 12,
        ("list", 1, 0): 12,
        ("list", 1, 1): 12,
        ("list", 2): 13,
        ("list", 2, "x"): 13,
        ("list", 2, "y"): 13,
        ("list", 2, "y", "z"): 13,
        ("a",): 17,
        ("a", "b c"): 17,
        ("a", "b c", "e"): 18,
        ("a", "b c", "empty"): 19,
        ("a", "b c", "none"): 20,
        ("a", "t"): 21,
        ("a", "t", 0): 21,
        ("a", "t", 0, "n"): 22,
        ("a", "t", 0, "sub"): 23,
        ("a", "t", 0, "sub", "m"): 24,
        ("a", "t", 0, "sub", "m", 0): 24,
        ("a", "t", 1): 25,
        ("a", "t", 1, "n"): 26,
        ("a", "t", 1, "deep"): 27,
        ("a", "t", 1, "deep", 0): 27,
        ("a", "t", 1, "deep", 0, "k"): 28,
        ("a", "last"): 30,
    }


@pytest.mark.parametrize(
    "text",
    [
        shipped("config.example.toml").read_text("utf-8"),
        (Path(__file__).parent / "data/config/whole.toml").read_text("utf-8"),
        TRICKY,
        TRICKY.replace("\n", "\r\n"),
        "",
    ],
    ids=["example", "whole", "tricky", "windows", "empty"],
)
def test_the_scanner_sees_what_tomllib_sees(text: str) -> None:
    assert set(key_lines(text)) == set(places(tomllib.loads(text)))


KEYS = st.sampled_from(["a", "b-1", '"q. #"', "'l]='", "a.b", '"\\u00e9" . c'])
VALUES = st.recursive(
    st.sampled_from(["1", "'#'", '"]\\""', '"""\n[x]\n"" """', "'''\n'#'''", "1979-05-27 07:32:00", "-inf"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: "[ # [\n" + ",\n".join(parts) + "\n]"),
        st.lists(inner, max_size=3).map(
            lambda parts: "{" + ", ".join(f"k{n} = {part}" for n, part in enumerate(parts)) + "}"
        ),
    ),
    max_leaves=6,
)
LINES = st.one_of(
    st.tuples(KEYS, VALUES).map(" = ".join),
    KEYS.map("[{}] # x".format),
    KEYS.map("[[{}]]".format),
    st.sampled_from(["", "  # [x]"]),
)


@given(st.lists(LINES, max_size=8).map("\n".join))
def test_the_scanner_sees_what_tomllib_sees_in_any_file(text: str) -> None:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return  # the scanner is asked only about valid files
    assert set(key_lines(text)) == set(places(table))


def places(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the place of every key and entry that tomllib found."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield (*place, key)
            yield from places(inner, (*place, key))
