"""`campaign pause` and `campaign resume`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from campaign.cli import show
from campaign.cli.call import changing, dry_run, known, moment, names_of, with_app

if TYPE_CHECKING:
    from campaign.app import App
    from campaign.models import PauseScope

F = TypeVar("F", bound=Callable[..., Any])


def scoped(command: F) -> F:
    """Give a command the options that say what rests."""
    for option in (
        click.option("--all", "everything", is_flag=True, help="Everything."),
        click.option("--channel", shell_complete=names_of("channels"), help="One channel."),
        click.option("--region", shell_complete=names_of("regions"), help="One region."),
    ):
        command = option(command)
    return command


@click.command()
@scoped
@click.option("--until", metavar="WHEN", help='Such as "mon 09:00"; else until `campaign resume`.')
@click.option("--reason", required=True, help="Why; people will read it.")
@dry_run
@with_app
def pause(
    app: App,
    region: str | None,
    channel: str | None,
    everything: bool,
    until: str | None,
    reason: str,
    dry_run: bool,
) -> None:
    """Let a region, a channel or everything rest. Planning goes around it; nothing goes out.

    \b
    campaign pause --region portugal --reason "flood; nothing cheerful now"
    campaign pause --channel mastodon-asa --until "mon 09:00" --reason "new logo"
    campaign pause --all --reason "press office asks"
    """
    from campaign import desk

    scope, key = _scope(app, region, channel, everything)
    end = moment(app, until) if until else None
    with changing(app, dry_run) as change:
        desk.pause(app, change.db, scope, key, end, reason)
        change.say(f"{key or 'Everything'} rests until {show.when(app, end) if end else 'it is resumed'}.")
        change.say(f"Undo: campaign resume {f'--{scope} {key}' if key else '--all'}")


@click.command()
@scoped
@dry_run
@with_app
def resume(app: App, region: str | None, channel: str | None, everything: bool, dry_run: bool) -> None:
    """End a pause.

    \b
    campaign resume --region portugal
    campaign resume --all
    """
    from campaign import desk

    scope, key = _scope(app, region, channel, everything)
    with changing(app, dry_run) as change:
        ended = desk.resume(app, change.db, scope, key)
        change.say(f"{key or 'Everything'} goes on.")
        change.say(f'Undo: campaign pause {f"--{scope} {key}" if key else "--all"} --reason "{ended.reason}"')


def _scope(app: App, region: str | None, channel: str | None, everything: bool) -> tuple[PauseScope, str]:
    from campaign.models import PauseScope

    if sum(map(bool, (region, channel, everything))) != 1:
        raise click.UsageError("Say what: one of --region R, --channel C, --all.")
    if region:
        return PauseScope.REGION, known(app.config, "regions", region)
    if channel:
        return PauseScope.CHANNEL, known(app.config, "channels", channel)
    return PauseScope.ALL, ""
