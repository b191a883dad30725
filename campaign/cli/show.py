"""What commands print: aligned tables, local times, short ids, JSON."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

if TYPE_CHECKING:
    from campaign.app import App

ENDLESS = 10_000  # columns when no terminal sets an end
GAP = 2  # columns between columns
NARROWEST = 24  # columns that a folded last column needs


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows under a header, aligned also where letters are wide.

    In a pipe every row is one line. On a terminal the last column is folded; what is too wide even so is printed as a
    block of lines for each row.
    """
    from rich.cells import cell_len

    rows = list(rows)
    width = _width()
    widths = [max(map(cell_len, column)) for column in zip(header, *rows, strict=True)]
    if sum(widths[:-1]) + GAP * (len(widths) - 1) + min(widths[-1], NARROWEST) <= width:
        _print_sheet(header, rows, width)
    else:
        _print_blocks(header, rows)


def _width() -> int:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else ENDLESS


def _print_sheet(header: Sequence[str], rows: Iterable[Sequence[str]], width: int) -> None:
    from rich.console import Console
    from rich.table import Table

    sheet = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="")
    for name in header:
        sheet.add_column(name, no_wrap=name != header[-1], overflow="fold")
    for row in rows:
        sheet.add_row(*row)
    console = Console(width=width, color_system=None, markup=False, emoji=False)
    with console.capture() as printed:
        console.print(sheet)
    first, *others = printed.get().splitlines()
    heading(first.rstrip())
    for line in others:
        click.echo(line.rstrip())


def _print_blocks(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    longest = max(map(len, header))
    for row in rows:
        heading(row[0])
        for name, cell in zip(header[1:], row[1:], strict=True):
            if cell:
                click.echo(f"  {name:<{longest}}  {cell}")


def heading(text: str) -> None:
    """Print a line that stands out."""
    click.secho(text, bold=True)


def out_json(value: Any) -> None:
    """Print a value as JSON."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: object) -> object:
    from pydantic import BaseModel

    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return str(value)


def when(app: App, moment: datetime | None) -> str:
    """Return a moment in the campaign's zone, such as `Tue 3 Mar 09:00`; the year where it is another."""
    if moment is None:
        return "–"
    zone = ZoneInfo(app.config.campaign.zone)
    local, today = moment.astimezone(zone), app.clock.now().astimezone(zone)
    year = "" if local.year == today.year else f"{local.year} "
    return f"{local:%a} {local.day} {local:%b} {year}{local:%H:%M}"


def shown(path: Path) -> str:
    """Return a path as a person here would type it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
