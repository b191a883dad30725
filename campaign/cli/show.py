"""What commands print: aligned tables, local times, short ids, JSON."""

from __future__ import annotations

import json
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


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows under a header, aligned also where letters are wide; folded to the terminal, whole in a pipe."""
    from rich.console import Console
    from rich.table import Table

    is_terminal = sys.stdout.isatty()
    sheet = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="")
    for name in header:
        sheet.add_column(name, overflow="fold")
    for row in rows:
        sheet.add_row(*row)
    console = Console(width=None if is_terminal else ENDLESS, color_system=None, markup=False, emoji=False)
    with console.capture() as printed:
        console.print(sheet)
    first, *others = printed.get().splitlines()
    click.secho(first.rstrip(), bold=True)
    for line in others:
        click.echo(line.rstrip())


def heading(text: str) -> None:
    """Print a line that stands out."""
    click.secho(text, bold=True)


def out_json(value: Any) -> None:
    """Print a value as JSON."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: object) -> object:
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
