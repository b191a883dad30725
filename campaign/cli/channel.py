"""`campaign channel …`: where posts appear."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from campaign.cli import show
from campaign.cli.call import as_json, changing, dry_run, known, names_of, with_app
from campaign.errors import CampaignError, ChannelBlocked, Exit, NotSent, PlatformError, UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from campaign.app import App
    from campaign.cli.callback import Callback
    from campaign.models import ChannelState
    from campaign.platforms.base import Account

channel_argument = click.argument("channel", shell_complete=names_of("channels"))


@click.group()
def channel() -> None:
    """List channels, log them in, check, enable, disable or rename them.

    \b
    campaign channel list
    campaign channel login mastodon-asa
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
                    "account_name": states[key].account_name,
                    "enabled": states[key].enabled,
                    "held_until": states[key].held_until,
                    "blocked": states[key].blocked,
                }
                for key, each in app.config.channels.items()
            ]
        )
        return
    rows = [
        (
            key,
            each.platform,
            each.name,
            states[key].account_name,
            f"{len(each.slots)} a week",
            _state(app, states[key], now),
        )
        for key, each in app.config.channels.items()
    ]
    show.table(("Channel", "Platform", "Name", "Account", "Slots", "State"), rows)


def _state(app: App, state: ChannelState, now: datetime) -> str:
    if state.blocked:
        return f"blocked: {state.blocked}"
    if lacks_credentials(app, state):
        return f"no credentials yet: campaign channel login {state.channel}"
    if not state.enabled:
        return "disabled"
    if state.held_until is not None and state.held_until > now:
        return f"rests until {show.when(app, state.held_until)}: {state.hold_reason}"
    return "by hand" if app.channel(state.channel).mode == "by-hand" else "enabled"


def lacks_credentials(app: App, state: ChannelState) -> bool:
    """Whether nobody has logged a channel in that needs it."""
    return not state.tokens and app.logs_in(state.channel)


@channel.command("login")
@channel_argument
@click.option("--new-account", is_flag=True, help="The channel belongs to another account from now on.")
@with_app
def login(app: App, channel: str, new_account: bool) -> None:
    """Give a channel its credentials: asks for what its platform wants, tries it, and stores it sealed.

    Type it under the account that the daemon runs under. Nothing is stored before the platform has said who we are.

    \b
    campaign channel login mastodon-asa
    """
    from campaign import desk
    from campaign.credentials import HeldTokens

    _refuse_login(app, known(app.config, "channels", channel))
    vault, held = app.tokens(channel), HeldTokens()
    vault.seal({})  # a key that cannot be used is told before anybody types a password
    platform = app.build(channel, held)
    held.save(platform.login(Keyboard()))
    account = platform.check()
    with vault.alone(), changing(app, dry_run=False) as change:
        sealed = vault.seal(held.load())
        state = desk.log_in(app, change.db, channel, account, sealed, new_account=new_account)
        change.say(f"Channel {channel} is logged in: {_who(account)}.")
        for warning in account.warnings:
            change.say(f"Look: {warning}")
        if not state.enabled:
            change.say(f"Next: campaign channel enable {channel}")


def _refuse_login(app: App, key: str) -> None:
    if app.channel(key).mode == "by-hand":
        raise UsageError(f"a person publishes on channel {key}, so it needs no credentials")
    if not app.logs_in(key):
        raise UsageError(
            f"channel {key} has nothing to log in to: what the platform {app.channel(key).platform} needs of it "
            "stands in the config",
            remedy=f"Whether that works: campaign channel check {key}",
        )


class Keyboard:
    """Whoever types, or what is piped in instead (see `Prompt`)."""

    def ask(self, question: str, *, hidden: bool = False) -> str:
        """Return the answer.

        Raises:
            UsageError: what is piped in has come to its end.
        """
        from campaign.log import hide

        answer = self._typed(question, hidden).strip()
        if hidden:
            hide([answer], passing=True)
        return answer

    def _typed(self, question: str, hidden: bool) -> str:
        if sys.stdin.isatty():
            typed: str = click.prompt(question.rstrip(":"), hide_input=hidden, default="", show_default=False)
            return typed
        click.echo(question)  # not by `click`, which would look for a terminal to hide the answer on
        line = sys.stdin.readline()
        if not line:
            raise UsageError(f"no answer to: {question}", remedy="Type this command in a terminal.")
        return line

    def tell(self, text: str) -> None:
        """Print a text."""
        click.echo(text)

    def consent(self, address: str, redirect_uri: str) -> str:
        """Return the address that the browser was sent to: it comes here by itself, or a person pastes it."""
        from campaign.cli.callback import Callback, is_here

        self.tell(f"Open this address in a browser, logged in as the account that is to post:\n{address}")
        if not is_here(redirect_uri):
            return self._pasted()
        try:
            callback = Callback(redirect_uri)
        except OSError as error:
            self.tell(f"The browser's answer cannot be taken here: {redirect_uri}: {error.strerror}.")
            return self._pasted()
        with callback.answering():
            return _quietly(self._brought_or_pasted(callback))

    def _pasted(self) -> str:
        return _quietly(self.ask("Paste the address of the page that the browser ends on:", hidden=True))

    def _brought_or_pasted(self, callback: Callback) -> str:
        question = "Press Enter when the browser says that it is done, or paste the address that it ended on:"
        while True:
            if address := self.ask(question, hidden=True) or callback.came_to:
                return address
            self.tell(
                "The browser has not come here yet. Where it runs on another machine it ends on a page that cannot "
                "be opened: paste the address of that page."
            )


def _quietly(address: str) -> str:
    """Return an address whose code no text will show."""
    from urllib.parse import parse_qs, urlsplit

    from campaign.log import hide

    hide([address, *parse_qs(urlsplit(address).query).get("code", [])], passing=True)
    return address


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
            _note(app, key, account)
        except CampaignError as error:
            bad += 1
            click.echo(f"✗ {key}: {error}")
            if remedy := remedy_for(app, key, error):
                click.echo(f"  {remedy}")
            continue
        click.echo(f"✓ {key}: {'; '.join([told(app, key, account), *_warnings(account)])}")
    if bad:
        click.get_current_context().exit(Exit.NEEDS_PERSON)


def _note(app: App, key: str, account: Account | None) -> None:
    from campaign import desk

    if account is not None:
        with app.writing() as db:
            desk.note_account(app, db, key, account)


def account_of(app: App, key: str) -> Account | None:
    """Return the account behind a channel's credentials, None where a person publishes.

    Raises:
        PlatformError: the platform does not accept them.
        ConfigError: they cannot be opened.
    """
    if app.channel(key).mode == "by-hand":
        return None
    return app.platform(key).check()


def remedy_for(app: App, key: str, error: CampaignError) -> str:
    """Return what to type where a platform refuses the credentials or the account."""
    refused = isinstance(error, ChannelBlocked) or (isinstance(error, NotSent) and error.token_dead)
    return app.renewal(key) if refused else ""


def told(app: App, key: str, account: Account | None) -> str:
    """Return what is known of a channel's account: who, how many followers, until when, what is unusual."""
    return "; ".join([_who(account), *(_details(app, key, account) if account else ())])


def _who(account: Account | None) -> str:
    return account.name or account.id if account else "a person publishes here"


def _warnings(account: Account | None) -> tuple[str, ...]:
    return account.warnings if account else ()


def _details(app: App, key: str, account: Account) -> Iterator[str]:
    from campaign import platforms
    from campaign.settings import unusual

    if (followers := _followers(app, key)) is not None:
        yield f"{followers} followers"
    if account.token_expires_at is not None:
        yield f"credentials until {show.when(app, account.token_expires_at)}"
    limits = unusual(account.limits, platforms.load(app.channel(key).platform).limits)
    words = {"text": account.limits.unit, "images": "pictures", "alt_text": "characters of alt text"}
    if takes := ", ".join(f"{limits[name]} {word}" for name, word in words.items() if name in limits):
        yield f"takes {takes}"


def _followers(app: App, key: str) -> int | None:
    try:
        return app.platform(key).followers()
    except PlatformError:
        return None  # good to know, and no more


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
        who = "; ".join([_who(account), *_warnings(account)])
        change.say(f"Channel {channel} is enabled: {who}.")
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
