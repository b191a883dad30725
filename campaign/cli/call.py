"""How the program was called, and what every command begins with: the config, the person, the open App."""

from __future__ import annotations

import functools
import getpass
import os
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

import click

from campaign.config import Config, find, load
from campaign.config.problems import did_you_mean
from campaign.errors import CampaignError, StoreError, UsageError

if TYPE_CHECKING:
    from sqlmodel import Session

    from campaign.app import App
    from campaign.clock import Clock

P = ParamSpec("P")
T = TypeVar("T")

as_json = click.option("--json", "as_json", is_flag=True, help="For programs: JSON, times in UTC.")
dry_run = click.option("--dry-run", is_flag=True, help="Only say what would be done.")


@dataclass
class Call:
    """What was given before the command. A rehearsal may give a clock, or open the campaign in a way of its own."""

    config_file: Path | None = None
    person: str | None = None
    debug: bool = False
    clock: Clock | None = None

    def read_config(self) -> Config:
        """Read the config file.

        Raises:
            ConfigError: there is none, or it has mistakes.
        """
        return load(self.config_file or find(Path.cwd(), os.environ), os.environ)

    def open(self, config: Config) -> App:
        """Put the program together for whoever is at the keyboard.

        Raises:
            UsageError: the person that was named is not in the config.
            ConfigError: a channel names an unknown platform, or keys that its platform does not have.
        """
        from campaign.app import open_app

        return open_app(config, who=person_of(config, self.person), clock=self.clock)


def this_call() -> Call:
    """Return how this command was called."""
    return click.get_current_context().ensure_object(Call)


def person_of(config: Config, given: str | None) -> str:
    """Return the key of the person at the keyboard; the login of somebody who is not in `[people]`.

    Raises:
        UsageError: the person that was named is not in the config.
    """
    name = given or login()
    for person in config.people.values():
        if name in (person.key, person.login):
            return person.key
    if given:
        raise UsageError(f'there is nobody called "{given}" in [people]', remedy=did_you_mean(given, config.people))
    return name


def login() -> str:
    """Return who is logged in."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number without a name
        return str(os.getuid())


@contextmanager
def opened(*, only_to_read: bool = False) -> Iterator[App]:
    """Open the campaign for the length of a command; `only_to_read`: without writing anything by itself.

    Raises:
        ConfigError: the config has mistakes.
        StoreError: there is no database, or it is not up to date.
    """
    call = this_call()
    app = call.open(call.read_config())
    try:
        _require_tables(app)
        if not only_to_read:
            _greet_new_channels(app)
        yield app
    finally:
        app.db.close()


def _require_tables(app: App) -> None:
    if app.db.is_current():
        return
    app.db.refuse_newer()
    missing = app.db.file is not None and not app.db.file.exists()
    what = f"there is no database yet ({app.db.file})" if missing else "the database is not up to date"
    raise StoreError(what, remedy="Type: campaign db upgrade")


def _greet_new_channels(app: App) -> None:
    """Give a channel that is new in the config its row, so that every command tells the same of it."""
    from campaign import store

    with app.reading() as db:
        known = store.channel_states(db)
    if app.config.channels.keys() - known.keys():
        app.sync_channels()


def with_app(command: Callable[Concatenate[App, P], T]) -> Callable[P, T]:
    """Give a command the open campaign as its first argument."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        with opened() as app:
            return command(app, *args, **kwargs)

    return run


class _OnlyTried(Exception):
    """Ends the transaction of a dry run."""


@dataclass
class Change:
    """One transaction, and what is said when it has ended well."""

    db: Session
    told: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        """Print a line once the change is stored."""
        self.told.append(text)


@contextmanager
def changing(app: App, dry_run: bool) -> Iterator[Change]:
    """Give a transaction for one change, undone at its end when it was only tried."""
    try:
        with app.writing() as db:
            change = Change(db)
            yield change
            if dry_run:
                change.say("Nothing was changed: this was a dry run.")
                raise _OnlyTried
    except _OnlyTried:
        pass
    for line in change.told:
        click.echo(line)


def names_of(section: str) -> Callable[[click.Context, click.Parameter, str], list[str]]:
    """Return a completion over the keys of a section of the config, such as `channels`; read cheaply, never failing."""

    def complete(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
        given = ctx.find_root().params.get("config")
        try:
            path = given or find(Path.cwd(), os.environ)
            keys = tomllib.loads(path.read_text()).get(section, {})
        except (CampaignError, OSError, ValueError):
            return []
        return [key for key in keys if key.startswith(incomplete)]

    return complete


def known(config: Config, section: str, key: str) -> str:
    """Return a key of `regions`, `channels` or `projects`.

    Raises:
        UsageError: the config has no such entry.
    """
    entries = getattr(config, section)
    if key not in entries:
        raise UsageError(f'there is no {section.removesuffix("s")} "{key}"', remedy=did_you_mean(key, entries))
    return key


def moment(app: App, text: str) -> datetime:
    """Return the moment that a person means, in the campaign's zone.

    Raises:
        UsageError: it cannot be understood.
    """
    from campaign.slots import parse_when

    try:
        return parse_when(text, app.clock.now(), app.config.campaign.zone)
    except ValueError as error:
        raise UsageError(str(error)) from None
