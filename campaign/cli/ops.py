"""What the admin types: `check`, `daemon`, `tick`, `measure`, `db`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

from campaign.cli import keeping, show
from campaign.cli.call import as_json, opened, person_of, this_call, with_app
from campaign.errors import CampaignError, Exit

if TYPE_CHECKING:
    from campaign.app import App, Summary

MARKS = {"fine": "✓", "look": "!", "wrong": "✗"}


@click.command()
@as_json
def check(as_json: bool) -> None:
    """Look whether everything is in order: config, database, folders, templates, channels, people, disk, clock.

    The exit code is 3 when something needs a person.

    \b
    campaign check
    campaign check --json
    """
    from campaign.app import open_app
    from campaign.cli.checkup import checkup

    call = this_call()
    config = call.read_config()
    app = open_app(config, who=person_of(config, call.person), clock=call.clock)
    try:
        findings = list(checkup(app))
    finally:
        app.db.close()
    if as_json:
        show.out_json(findings)
    else:
        for finding in findings:
            click.echo(f"{MARKS[finding.level]} {finding.text}")
            if finding.remedy:
                click.echo(f"    {finding.remedy}")
    if any(finding.level == "wrong" for finding in findings):
        click.get_current_context().exit(Exit.NEEDS_PERSON)


@click.command()
@click.option(
    "--log", "style", type=click.Choice(["human", "json"]), help="Form of its lines; else as the config says."
)
def daemon(style: Literal["human", "json"] | None) -> None:
    """Run unattended until SIGTERM or Ctrl-C: plan, render, publish on time, measure.

    SIGHUP reads the config again; a wrong one is refused and the old stays.

    \b
    campaign daemon
    campaign daemon --log json
    """
    from campaign import log
    from campaign.daemon import Daemon

    call = this_call()
    with opened() as app:
        app.who = "daemon"
        log.set_up(style or app.config.daemon.log, app.clock, [secret.reveal() for secret in app.config.secrets])
        Daemon(app, call.read_config).run()


@click.command()
@as_json
@with_app
def tick(app: App, as_json: bool) -> None:
    """Run every stage once, publishing included. Not while a daemon works on the same database.

    \b
    campaign tick
    """
    from campaign import owner
    from campaign.keeping import wake
    from campaign.tick import tick as stages

    app.who = "daemon"
    app.owner = owner.own(app.db, app.config.daemon.share)
    try:
        wake(app)
        summaries = []
        for summary in stages(app):
            summaries.append(summary)
            if not as_json:
                _tell(summary)
    finally:
        app.owner.release()
        app.owner = None
    if as_json:
        show.out_json(summaries)


@click.command()
@as_json
@with_app
def measure(app: App, as_json: bool) -> None:
    """Fetch the engagement that is due now. The daemon does the same by itself.

    \b
    campaign measure
    """
    from campaign import measure as stage

    summary = stage.run(app)
    if as_json:
        show.out_json(summary)
    else:
        _tell(summary)


def _tell(summary: Summary) -> None:
    click.echo(str(summary))
    for note in summary.notes:
        click.echo(f"    {note}")


@click.group()
def db() -> None:
    """Create, update, check, back up or restore the database.

    \b
    campaign db upgrade
    campaign db backup
    """


db.add_command(keeping.backup)
db.add_command(keeping.restore)


@db.command("upgrade")
def upgrade() -> None:
    """Create the tables, or bring them up to date. Stop the daemon first.

    \b
    campaign db upgrade
    """
    app = _without_looking()
    try:
        before = None if _is_missing(app) else app.db.revision()
        app.db.upgrade()
        app.sync_channels()
        after = app.db.revision()
    finally:
        app.db.close()
    click.echo("The database is up to date already." if before == after else f"The database has schema {after} now.")


@db.command("check")
def check_db() -> None:
    """Look whether the database is whole.

    \b
    campaign db check
    """
    app = _without_looking()
    try:
        if _is_missing(app) or not app.db.is_current():
            app.db.refuse_newer()
            raise CampaignError("the database is not there, or not up to date", remedy="Type: campaign db upgrade")
        broken = app.db.damages()
        revision = app.db.revision()
    finally:
        app.db.close()
    if broken:
        raise CampaignError("the database is damaged:\n  " + "\n  ".join(broken), remedy="Restore a backup.")
    click.echo(f"The database is whole (schema {revision}).")


def _without_looking() -> App:
    """Open the campaign whatever state its database is in."""
    from campaign.app import open_app

    call = this_call()
    return open_app(call.read_config(), clock=call.clock)


def _is_missing(app: App) -> bool:
    return app.db.file is not None and not app.db.file.exists()
