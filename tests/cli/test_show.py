"""What commands print."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest

from campaign.app import App
from campaign.cli import show


def test_a_table_is_aligned_where_letters_are_wide(capsys: pytest.CaptureFixture[str]) -> None:
    show.table(("Name", "Count"), [("北京", "1"), ("Łódź [bold]", "2"), (":smile:", "3")])

    assert capsys.readouterr().out.splitlines() == [
        "Name         Count",
        "北京         1",
        "Łódź [bold]  2",
        ":smile:      3",
    ]


def test_a_line_is_never_cut_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    show.table(("Note",), [("word " * 200,)])

    assert len(capsys.readouterr().out.splitlines()) == 2


class Terminal(io.StringIO):
    """A terminal of 45 columns."""

    def isatty(self) -> bool:
        return True


def on_a_terminal(monkeypatch: pytest.MonkeyPatch, header: Sequence[str], row: Sequence[str]) -> list[str]:
    monkeypatch.setenv("COLUMNS", "45")
    with contextlib.redirect_stdout(Terminal()) as terminal:
        show.table(header, [row])
    return click.unstyle(terminal.getvalue()).splitlines()


def test_the_last_column_is_folded_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert on_a_terminal(
        monkeypatch, ("Name", "Note"), ("moravia-silesia", "it waited longest of all the regions")
    ) == [
        "Name             Note",
        "moravia-silesia  it waited longest of all the",
        "                 regions",
    ]


def test_what_is_too_wide_for_a_terminal_is_printed_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    header = ("Region", "Posts", "As of", "Note", "Runway")
    row = ("Moravia-Silesia", "1", "2026-03-02 09:00 CET", "", "7 days")

    assert on_a_terminal(monkeypatch, header, row) == [
        "Moravia-Silesia",
        "  Posts   1",
        "  As of   2026-03-02 09:00 CET",
        "  Runway  7 days",
    ]


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (None, "–"),
        (datetime(2026, 3, 3, 8, 0, tzinfo=UTC), "Tue 3 Mar 09:00"),
        (datetime(2026, 7, 3, 8, 0, tzinfo=UTC), "Fri 3 Jul 10:00"),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "Fri 1 Jan 2027 00:30"),
    ],
)
def test_moments_are_told_in_the_campaigns_zone(
    make_app: Callable[..., App], moment: datetime | None, told: str
) -> None:
    assert show.when(make_app(), moment) == told


def test_json_holds_dataclasses_moments_and_paths(capsys: pytest.CaptureFixture[str]) -> None:
    @dataclass
    class Each:
        at: datetime
        name: str

    show.out_json([Each(datetime(2026, 3, 3, 8, 0, tzinfo=UTC), "č"), Path("a/b")])

    assert json.loads(capsys.readouterr().out) == [{"at": "2026-03-03T08:00:00+00:00", "name": "č"}, "a/b"]


def test_a_path_is_told_as_a_person_here_would_type_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert show.shown(tmp_path / "a") == "a"
    assert show.shown(Path("/elsewhere")) == "/elsewhere"
