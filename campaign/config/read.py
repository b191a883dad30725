"""Finding the config file, reading it, and telling all its mistakes at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from campaign.config.lines import key_lines
from campaign.config.outside import Gatherer
from campaign.config.places import holds_password
from campaign.config.problems import problem
from campaign.config.sections import (
    check_key,
    check_logins,
    read_approval,
    read_blackout,
    read_campaign,
    read_channel,
    read_daemon,
    read_database,
    read_folders,
    read_funder,
    read_person,
    read_planning,
    read_project,
    read_public,
    read_region,
)
from campaign.config.table import Sheet, Table, listed, section, sections
from campaign.config.words import Approval, Campaign, Config, DaemonSettings, Planning
from campaign.errors import ConfigError, Problem

NAME = "config.toml"
SYSTEM_WIDE = Path("/etc/campaign/config.toml")
ALONE = ("campaign", "database", "folders", "media", "pages", "approval", "plan", "daemon", "public")  # [name]
KEYED = ("regions", "funders", "projects", "channels", "people")  # [name.KEY]
T = TypeVar("T")


def find(start: Path, environ: Mapping[str, str]) -> Path:
    """Return the config file for a command run in `start`: upwards from there, `$CAMPAIGN_CONFIG`, the system's.

    Raises:
        ConfigError: there is none.
    """
    folder = start.absolute()
    for each in (folder, *folder.parents):
        if (each / NAME).is_file():
            return each / NAME
    if named := environ.get("CAMPAIGN_CONFIG"):
        if (folder / named).is_file():
            return folder / named
        raise ConfigError([Problem("CAMPAIGN_CONFIG", f"there is no file {named}.", "Correct or unset the variable.")])
    if SYSTEM_WIDE.is_file():
        return SYSTEM_WIDE
    remedy = "Change to the campaign's folder, or make a new one: campaign init"
    raise ConfigError([Problem(str(folder), f"there is no {NAME} in this folder or above it.", remedy)])


def load(path: Path, environ: Mapping[str, str]) -> Config:
    """Read and check the config file `path`, with `${NAME}` taken from `environ`.

    Names of platforms and their own channel keys are left to `app`, which knows the platforms.

    Raises:
        ConfigError: with every mistake in the file, from top to bottom; no message holds a secret.
    """
    path = path.absolute()
    written = _text(path)
    sheet = Sheet(path, key_lines(written))
    gather = Gatherer(sheet, path.parent, environ)
    raw = gather.fill((), tomllib.loads(written))
    config = _config(sheet, raw, gather)
    if problems := sheet.problems():
        raise ConfigError(problems)
    return config


def _text(path: Path) -> str:
    """Return the file's text, which is valid TOML."""
    try:
        written = path.read_bytes().decode("utf-8-sig")
        tomllib.loads(written)
    except OSError as error:
        raise ConfigError([problem(path, None, "", f"the file cannot be read: {error.strerror}.")]) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError([problem(path, line, "", "the text is not UTF-8.", "Save the file as UTF-8.")]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([_syntax(path, written, str(error))]) from None
    return written


def _syntax(path: Path, written: str, message: str) -> Problem:
    """Tell tomllib's "Expected … (at line 3, column 7)" in our way."""
    what, _, where = message.rpartition(" (at ")
    found = re.match(r"line ([0-9]+)", where)
    line = int(found[1]) if found else written.rstrip().count("\n") + 1
    remedy = 'Text stands in "quotes", lists in [brackets], and each key of a table only once.'
    return problem(path, line, "", f"the file cannot be understood here: {what}.", remedy)


def _config(sheet: Sheet, raw: Mapping[str, Any], gather: Gatherer) -> Config:
    """Read every section. Where one is wrong, a stand-in lets the rest be checked; nobody gets to see it."""
    root = gather.root
    Table(sheet, (), raw).refuse_others((*ALONE, *KEYED, "blackouts"))
    alone = {name: section(sheet, raw, name) for name in ALONE}
    keyed = {name: sections(sheet, raw, name) for name in KEYED}
    known = {name: [table.key for table in tables] for name, tables in keyed.items()}

    if "campaign" not in raw:
        sheet.note((), "there is no table [campaign].", 'Begin the file with [campaign], name = "…" and zone = "…".')
    campaign = ("campaign" in raw and read_campaign(alone["campaign"])) or Campaign("", "UTC")
    approval = read_approval(alone["approval"]) or Approval()
    people = _by_key(keyed["people"], lambda table: read_person(table, known["regions"], known["channels"]))
    check_logins(keyed["people"], people)
    blackouts = [read_blackout(table, known["channels"]) for table in listed(sheet, raw, "blackouts")]
    database = read_database(alone["database"], root)
    return Config(
        path=sheet.path,
        campaign=campaign,
        database=gather.keep(database) if holds_password(database) else database,
        folders=read_folders(alone["folders"], alone["media"], alone["pages"], root),
        regions=_by_key(keyed["regions"], lambda table: read_region(table, root)),
        projects=_by_key(keyed["projects"], lambda table: read_project(table, known["funders"])),
        funders=_by_key(keyed["funders"], lambda table: read_funder(table, root)),
        channels=_by_key(keyed["channels"], lambda table: read_channel(table, campaign, approval, gather)),
        people=people,
        blackouts=tuple(each for each in blackouts if each),
        approval=approval,
        plan=read_planning(alone["plan"]) or Planning(),
        daemon=read_daemon(alone["daemon"], root) or DaemonSettings(),
        public=read_public(alone["public"], root, gather),
        secrets=tuple(gather.secrets),
    )


def _by_key(tables: list[Table], read: Callable[[Table], T | None]) -> dict[str, T]:
    made = {}
    for table in tables:
        check_key(table)
        if (one := read(table)) is not None:
            made[table.key] = one
    return made
