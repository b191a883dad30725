"""What plays on a virtual clock: `rehearse` the team's own campaign, or the `demo`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from campaign.cli import show
from campaign.cli.call import as_json, opened

if TYPE_CHECKING:
    from campaign.app import App
    from campaign.rehearsal.told import Outcome

SHOWN = 20  # faults in the terminal; the page and --json have all


@click.command()
@click.option("--days", type=click.IntRange(1, 366), default=28, show_default=True, help="How many days ahead.")
@click.option("--seed", type=int, default=1, show_default=True, help="Which faults, and where.")
@click.option(
    "--faults",
    "percent",
    type=click.FloatRange(0, 100),
    default=0.0,
    metavar="PERCENT",
    help="So many of the calls to platforms meet a fault: lost answers, errors, crashes.",
)
@click.option("--as-approved", is_flag=True, help="Approve nothing: only what is approved now goes out.")
@as_json
def rehearse(days: int, seed: int, percent: float, as_approved: bool, as_json: bool) -> None:
    """Play the days ahead on a copy, against simulated platforms: what would appear, and is every promise kept?

    Nothing of yours is changed, no platform is called, and no credentials are needed. The exit code is 1 when a
    promise is broken, 3 when something needs a person.

    \b
    campaign rehearse
    campaign rehearse --days 14 --faults 5
    campaign rehearse --as-approved --json
    """
    from campaign.rehearsal.rehearsal_page import write_page
    from campaign.rehearsal.rehearse import Ask
    from campaign.rehearsal.rehearse import rehearse as play

    with opened(only_to_read=True) as app:
        with progress() as tell:
            outcome = play(app, Ask(days, seed, percent, as_approved), tell)
        page = write_page(app, outcome)
        if as_json:
            show.out_json(outcome.as_json(page))
        else:
            _tell(app, outcome)
            click.echo(f"\nThe page: {page}")
    click.get_current_context().exit(outcome.exit_code)


def _tell(app: App, outcome: Outcome) -> None:
    click.echo(f"{show.when(app, outcome.start)} to {show.when(app, outcome.end)}, on a copy: nothing was changed.")
    for line in outcome.assumed:
        click.echo(f"  {line}")
    click.echo()
    show.table(
        ("When", "Channel", "Story", "Region"),
        [(show.when(app, each.at), each.channel, each.story, each.region) for each in outcome.appearances],
    )
    _tell_faults(app, outcome)
    click.echo()
    show.heading("Promises")
    for promise in outcome.promises:
        click.echo(f"{'✓' if promise.kept else '✗'} {promise.rule:<3}  {promise.words}")
        for broken in promise.broken:
            click.echo(f"       {broken}")
    click.echo()
    show.heading(f"Needs a person: {len(outcome.needs) or 'nothing'}")
    for need in outcome.needs:
        click.echo(f"  {show.when(app, need.since)}  {need.what}")
        click.echo(f"      {need.remedy}")


def _tell_faults(app: App, outcome: Outcome) -> None:
    click.echo()
    restarts = f"; the program was started again {outcome.restarts} times" if outcome.restarts else ""
    show.heading(f"Faults met: {len(outcome.survived)}{restarts}")
    for each in outcome.survived[:SHOWN]:
        click.echo(f"  {show.when(app, each.at)}  {each.channel}, {each.call}: {each.fault}; {each.then}")
    if (left := len(outcome.survived) - SHOWN) > 0:
        click.echo(f"  … and {left} more, on the page")


@click.command()
@click.argument("folder", metavar="[DIR]", default="campaign-demo", type=click.Path(file_okay=False, path_type=Path))
def demo(folder: Path) -> None:
    """Play four weeks of a campaign on a virtual clock, and show a page of what came of it.

    \b
    campaign demo
    campaign demo /tmp/demo
    """
    from campaign.rehearsal.demo import run_demo

    with progress() as tell:
        page = run_demo(folder, tell)
    click.echo(f"The page: {page}")
    click.echo(f"To look around: cd {folder}, then: campaign status")


@contextmanager
def progress() -> Iterator[Callable[[float, str], None]]:
    """Give what shows on standard error how far it is, from 0 to 1, and what it does."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda done, what: bar.update(task, completed=done, description=what)
