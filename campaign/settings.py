"""What a channel's own keys mean to its platform: its settings, typed, and its limits as its server has told them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from campaign import platforms
from campaign.config import CHANNEL_KEYS, Channel, Config, Secret, revealed
from campaign.config.problems import problem, unknown_key, unknown_name
from campaign.errors import ConfigError, Problem
from campaign.log import hide
from campaign.platforms.base import Limits, PlatformSettings


def check_channels(config: Config) -> None:
    """Check what only the platforms can judge: each channel's platform, and that platform's own keys.

    Raises:
        ConfigError: with every mistake found.
    """
    hide(secret.reveal() for secret in config.secrets)  # a name that is unknown is quoted, wherever it comes from
    problems: list[Problem] = []
    for channel in config.channels.values():
        try:
            settings_of(config, channel)
        except ConfigError as error:
            problems += error.problems
        problems += _unable(config, channel)
    problems += _prices_of_nothing(config)
    if problems:
        raise ConfigError(problems)


def _prices_of_nothing(config: Config) -> Iterator[Problem]:
    known = {*config.channels, *platforms.PLATFORMS}
    for key, prices in config.prices.items():
        if key not in known:
            yield unknown_name(config.path, prices.line, f"prices.{key}", "channel or platform", key, known)


def _unable(config: Config, channel: Channel) -> Iterator[Problem]:
    """Yield what a channel asks for and its platform does not have."""
    if channel.platform not in platforms.PLATFORMS:
        return
    limits, table = platforms.load(channel.platform).limits, f"channels.{channel.key}"
    if channel.thread > 1 and not limits.threads:
        what = f"the platform {channel.platform} has no threads."
        remedy = "Take this line out: what does not fit is shortened."
        yield problem(config.path, channel.lines.get("thread"), f"{table}.thread", what, remedy)
    if channel.first_comment != "none" and not limits.comments:
        what = f"the platform {channel.platform} has no comments below a post."
        remedy = "Take this line out: the link stands in the text."
        yield problem(config.path, channel.lines.get("first_comment"), f"{table}.first_comment", what, remedy)
    if channel.attach != "card" and limits.needs_image:
        what = f"the platform {channel.platform} has no posts without a picture."
        remedy = 'Take this line out: the card is attached then, as with attach = "card".'
        yield problem(config.path, channel.lines.get("attach"), f"{table}.attach", what, remedy)


def settings_of(config: Config, channel: Channel) -> PlatformSettings:
    """Return a channel's platform settings, typed; paths are relative to the config file.

    Raises:
        ConfigError: naming line and key of each mistake.
    """
    table = f"channels.{channel.key}"
    if channel.platform not in platforms.PLATFORMS:
        line = channel.lines.get("platform")
        key = f"{table}.platform"
        raise ConfigError([unknown_name(config.path, line, key, "platform", channel.platform, platforms.PLATFORMS)])
    kind = platforms.load(channel.platform).Settings
    given = {name: _as_meant(config, kind, name, value) for name, value in channel.settings.items()}
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        raise ConfigError([_problem(config, channel, kind, found) for found in error.errors()]) from None


def _as_meant(config: Config, kind: type[PlatformSettings], name: str, value: object) -> object:
    """Return a path seen from the config file, and what stood in a file of its own and is no credential as it is."""
    known = kind.model_fields.get(name)
    if known is None or not isinstance(value, str) or Secret in (known.annotation, *get_args(known.annotation)):
        return value
    return config.folders.root / revealed(value) if known.annotation is Path else revealed(value)


def _problem(config: Config, channel: Channel, kind: type[PlatformSettings], found: ErrorDetails) -> Problem:
    key = str(found["loc"][0])
    line = channel.lines.get(key, channel.lines.get("platform"))
    table = f"channels.{channel.key}"
    if found["type"] == "extra_forbidden":
        return unknown_key(config.path, line, table, key, {*CHANNEL_KEYS, *kind.model_fields})
    if found["type"] == "missing":
        return problem(config.path, line, table, f'the platform {channel.platform} needs the key "{key}".')
    return problem(config.path, line, f"{table}.{key}", f"{_in_words(found)}.")


WORDS = {  # by the begin of pydantic's name for a mistake (https://docs.pydantic.dev/latest/errors/validation_errors/)
    "path": "this must be a path in quotation marks",
    "string_type": "this must be a text in quotation marks",
    "is_instance_of": "this must be a text in quotation marks",  # a Secret
    "bool": "this must be true or false, without quotation marks",
    "int": "this must be a whole number, without quotation marks",
    "float": "this must be a number, without quotation marks",
    "list": 'this must be a list in brackets: ["one", "two"]',
    "tuple": 'this must be a list in brackets: ["one", "two"]',
}


def _in_words(found: ErrorDetails) -> str:
    """Return a mistake in words of this program."""
    if found["type"] == "literal_error":
        return f"this must be one of {found['ctx']['expected']}".replace("'", '"')
    for begin, words in WORDS.items():
        if found["type"].startswith(begin):
            return words
    return found["msg"].replace("Input should", "this must").removeprefix("Value error, ").rstrip(".")


def unusual(limits: Limits, usual: Limits) -> dict[str, Any]:
    """Return, as JSON, in what a server's limits are not the platform's usual ones."""
    values = {each.name: getattr(limits, each.name) for each in fields(limits)}
    return {name: value for name, value in values.items() if value != getattr(usual, name)}


def as_told(usual: Limits, told: Mapping[str, Any]) -> Limits:
    """Return a platform's limits with those of `unusual` in them; what this version does not know is left out."""
    known = {each.name for each in fields(usual)} & told.keys()
    values: dict[str, Any] = {name: tuple(told[name]) if isinstance(told[name], list) else told[name] for name in known}
    return replace(usual, **values)
