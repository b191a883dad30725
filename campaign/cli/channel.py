"""`campaign channel …`: where posts appear."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from campaign.cli import show
from campaign.cli.call import as_json, changing, dry_run, known, names_of, with_app
from campaign.errors import CampaignError, Exit

if TYPE_CHECKING:
    from datetime import datetime

    from campaign.app import App
    from campaign.models import ChannelState
    from campaign.platforms.base import Account

channel_argument = click.argument("channel", shell_complete=names_of("channels"))


@click.group()
def channel() -> None:
    """List, check, enable, disable or rename channels.

    \b
    campaign channel list
    campaign channel enable mastodon-asa
    """


@channel.command("list")
@as_json
@with_app
def list_(app: App, as_json: bool) -> None:
    """List the channels of the config and how they are.

    \b
    campaign channel list
    """
    from campaign import store

    with app.reading() as db:
        states = store.channel_states(db)
    now = app.clock.now()
    if as_json:
        show.out_json(
            [
                {
                    "channel": key,
                    "platform": each.platform,
                    "name": each.name,
                    "mode": each.mode,
                    "state": _state(app, states[key], now),
                    "account": states[key].account_id,
                    "enabled": states[key].enabled,
                    "held_until": states[key].held_until,
                    "blocked": states[key].blocked,
                }
                for key, each in app.config.channels.items()
            ]
        )
        return
    rows = [
        (key, each.platform, each.name, f"{len(each.slots)} a week", _state(app, states[key], now))
        for key, each in app.config.channels.items()
    ]
    show.table(("Channel", "Platform", "Name", "Slots", "State"), rows)


def _state(app: App, state: ChannelState, now: datetime) -> str:
    if state.blocked:
        return f"blocked: {state.blocked}"
    if not state.enabled:
        return "disabled"
    if state.held_until is not None and state.held_until > now:
        return f"rests until {show.when(app, state.held_until)}: {state.hold_reason}"
    return "by hand" if app.channel(state.channel).mode == "by-hand" else "enabled"


@channel.command("check")
@click.argument("channels", nargs=-1, metavar="[CHANNEL]…", shell_complete=names_of("channels"))
@with_app
def check(app: App, channels: tuple[str, ...]) -> None:
    """Ask the platforms whether the credentials are good. Nothing is posted.

    \b
    campaign channel check
    campaign channel check mastodon-asa
    """
    bad = 0
    for key in [known(app.config, "channels", each) for each in channels] or list(app.config.channels):
        try:
            account = account_of(app, key)
        except CampaignError as error:
            bad += 1
            click.echo(f"✗ {key}: {error}")
            continue
        click.echo(f"✓ {key}: {_told(account)}")
    if bad:
        click.get_current_context().exit(Exit.NEEDS_PERSON)


def account_of(app: App, key: str) -> Account | None:
    """Return the account behind a channel's credentials, None where a person publishes.

    Raises:
        PlatformError: the platform does not accept them.
    """
    if app.channel(key).mode == "by-hand":
        return None
    return app.platform(key).check()


def _told(account: Account | None) -> str:
    if account is None:
        return "a person publishes here"
    return "; ".join([account.name or account.id, *account.warnings])


@channel.command("enable")
@channel_argument
@click.option("--new-account", is_flag=True, help="The channel belongs to another account from now on.")
@dry_run
@with_app
def enable(app: App, channel: str, new_account: bool, dry_run: bool) -> None:
    """Let a channel publish, after its platform was asked who we are there.

    \b
    campaign channel enable mastodon-asa
    """
    from campaign import desk

    account = account_of(app, known(app.config, "channels", channel))
    with changing(app, dry_run) as change:
        desk.enable(app, change.db, channel, account, new_account=new_account)
        change.say(f"Channel {channel} is enabled: {_told(account)}.")
        change.say(f"Undo: campaign channel disable {channel}")


@channel.command("disable")
@channel_argument
@dry_run
@with_app
def disable(app: App, channel: str, dry_run: bool) -> None:
    """Let nothing more go out on a channel. It is still planned and proofed.

    \b
    campaign channel disable mastodon-asa
    """
    from campaign import desk

    with changing(app, dry_run) as change:
        desk.disable(app, change.db, known(app.config, "channels", channel))
        change.say(f"Channel {channel} is disabled.")
        change.say(f"Undo: campaign channel enable {channel}")


@channel.command("rename")
@click.argument("old")
@click.argument("new", shell_complete=names_of("channels"))
@dry_run
@with_app
def rename(app: App, old: str, new: str, dry_run: bool) -> None:
    """Carry a channel's posts and account over to its new name in the config.

    First rename it in the config, then type this, then restart the daemon (or send it SIGHUP).

    \b
    campaign channel rename mastodon-asa mastodon-alliance
    """
    from campaign import desk

    with changing(app, dry_run) as change:
        count = desk.rename(app, change.db, old, new)
        change.say(f"{count} posts of {old} belong to {new} now.")
        change.say(f"Undo: rename it back in the config, then: campaign channel rename {new} {old}")
