"""`campaign status`, `why`, `report`, `log`: reading only."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from campaign.cli import show
from campaign.cli.call import as_json, moment, names_of, with_app
from campaign.errors import Exit

if TYPE_CHECKING:
    from campaign.app import App

FOUR_WEEKS = timedelta(weeks=4)


@click.command()
@as_json
@with_app
def status(app: App, as_json: bool) -> None:
    """Tell what went out, what is next, what needs a person, and what to type.

    The exit code is 3 when something needs a person.

    \b
    campaign status
    campaign status --json
    """
    from campaign import explain

    found = explain.status(app)
    if as_json:
        show.out_json(found)
    else:
        for line in explain.status_lines(found):
            click.echo(line)
    if found.needs_person:
        click.get_current_context().exit(Exit.NEEDS_PERSON)


@click.command()
@click.argument("wanted", metavar="POST|STORY|REGION")
@with_app
def why(app: App, wanted: str) -> None:
    """Say in plain words why a post, a story or a region is where it is, with the evidence.

    \b
    campaign why 3fa2
    campaign why battery-modules
    campaign why portugal
    """
    from campaign import explain

    for line in explain.why(app, wanted):
        click.echo(line)


@click.command()
@click.option("--from", "start", metavar="DAY", help="Such as 2026-03-01; else four weeks ago.")
@click.option("--to", "end", metavar="DAY", help="The last day, included; else now.")
@click.option("--by", type=click.Choice(["region", "project", "channel", "kind"]), default="region", show_default=True)
@click.option("--region", "regions", multiple=True, shell_complete=names_of("regions"), help="Only posts about it.")
@click.option("--project", "projects", multiple=True, shell_complete=names_of("projects"), help="Only posts of it.")
@click.option("--format", "style", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it to a file (CSV or JSON).")
@as_json
@with_app
def report(
    app: App,
    start: str | None,
    end: str | None,
    by: str,
    regions: tuple[str, ...],
    projects: tuple[str, ...],
    style: str,
    out: Path | None,
    as_json: bool,
) -> None:
    """Report what was published and what came of it. A number that is not known says why, and is never 0.

    \b
    campaign report --from 2026-03-01 --to 2026-03-31
    campaign report --by project --project trireme
    campaign report --format csv --out march.csv
    """
    from campaign import report as stage

    now = app.clock.now()
    made = stage.report(
        app,
        start=_day(app, start, time(0)) if start else now - FOUR_WEEKS,
        end=_day(app, end, time(0), next_day=True) if end else now + timedelta(microseconds=1),
        by=by,  # type: ignore[arg-type]  # click has checked it
        regions=regions,
        projects=projects,
    )
    style = "json" if as_json else style
    if style == "table" and out is None:
        rows = stage.as_table(made)
        show.table(rows[0], rows[1:])
        for note in made.notes:
            click.echo(note)
        return
    text = (
        stage.as_json(made)
        if style == "json" or (style == "table" and out and out.suffix == ".json")
        else stage.as_csv(made)
    )
    if out is None:
        click.echo(text.rstrip("\n"))
    else:
        out.write_text(text, encoding="utf-8", newline="")
        click.echo(f"Written: {out}")


def _day(app: App, text: str, at: time, *, next_day: bool = False) -> datetime:
    """Return the begin of a day in the campaign's zone (or of the next one); a time of day is taken as it is."""
    from campaign.slots import resolve

    try:
        day = date.fromisoformat(text)
    except ValueError:
        return moment(app, text)
    return resolve(day + timedelta(days=next_day), at, app.config.campaign.zone)


@click.command()
@click.argument("wanted", required=False, metavar="[POST|STORY]")
@click.option("--last", type=click.IntRange(1), default=50, show_default=True, help="How many lines.")
@as_json
@with_app
def log(app: App, wanted: str | None, last: int, as_json: bool) -> None:
    """Tell what happened and who did it, the newest last.

    \b
    campaign log
    campaign log battery-modules --last 10
    campaign log 3fa2 --json
    """
    from campaign import explain

    found = explain.history(app, wanted, last)
    if as_json:
        show.out_json(found)
    elif not found:
        click.echo("Nothing has happened yet.")
    else:
        rows = [(each.time, each.who, each.what, each.subject, each.note) for each in found]
        show.table(("When", "Who", "What", "About", "Note"), rows)
