"""`campaign add`: stories come in."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from campaign.cli import show
from campaign.cli.call import as_json, dry_run, with_app
from campaign.errors import Exit

if TYPE_CHECKING:
    from campaign.app import App
    from campaign.intake import Taken

MARKS = {"accepted": "✓", "replaced": "✓", "unchanged": "=", "refused": "✗"}


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="PATH…")
@click.option("--replace", is_flag=True, help="Take the new version of a story that is already here.")
@dry_run
@as_json
@with_app
def add(app: App, paths: tuple[Path, ...], replace: bool, dry_run: bool, as_json: bool) -> None:
    """Take in stories: folders, single files, zips. A wrong one is refused with all its mistakes; the others come in.

    \b
    campaign add stories/battery-modules         one story with its photos
    campaign add march.zip april.zip             many at once
    campaign add --replace battery-modules.zip   a new version
    campaign add --dry-run march.zip             only look for mistakes
    """
    from campaign import intake

    taken = [each for path in _progress(paths) for each in intake.take(app, [path], replace=replace, dry_run=dry_run)]
    if as_json:
        show.out_json([_record(each) for each in taken])
    else:
        _tell(taken, dry_run)
    if any(each.outcome == "refused" for each in taken):
        click.get_current_context().exit(Exit.NEEDS_PERSON)


def _progress(paths: tuple[Path, ...]) -> Iterator[Path]:
    """Show how far the work is, on a terminal."""
    hidden = len(paths) < 2 or not sys.stderr.isatty()
    with click.progressbar(paths, label="Stories", file=sys.stderr, hidden=hidden) as bar:
        yield from bar


def tell_one(taken: Taken) -> None:
    """Print what became of one story."""
    name = f"{taken.region}/{taken.slug}" if taken.slug else taken.shown
    click.echo(f"{MARKS[taken.outcome]} {taken.outcome:<9}  {name}")
    for problem in taken.problems:
        click.echo(_indented(str(problem)))
    for note in taken.notes:
        click.echo(_indented(note))


def _tell(taken: Iterable[Taken], dry_run: bool) -> None:
    taken = list(taken)
    for each in taken:
        tell_one(each)
    if dry_run:
        click.echo("Nothing was changed: this was a dry run.")
    elif any(each.outcome in ("accepted", "replaced") for each in taken):
        click.echo("Next: campaign plan")
        if new := [f"{each.region}/{each.slug}" for each in taken if each.outcome == "accepted"]:
            click.echo(f"Undo: campaign story withdraw {' '.join(new)}")


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def _record(taken: Taken) -> dict[str, object]:
    return {
        "path": str(taken.path),
        "story": f"{taken.region}/{taken.slug}" if taken.slug else None,
        "outcome": taken.outcome,
        "problems": list(taken.problems),
        "notes": list(taken.notes),
    }
