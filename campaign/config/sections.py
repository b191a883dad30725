"""The sections of the config file: which keys each one has, and what must agree among them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from datetime import time
from pathlib import Path
from typing import Any

from campaign.config.outside import Gatherer
from campaign.config.places import database_in, file_in, folder_in, place_in
from campaign.config.table import InLanguages, Keyed, Many, Shape, Table
from campaign.config.values import (
    DAYS,
    bucket,
    calendar_day,
    colour,
    country,
    currency,
    email,
    hashtag,
    language,
    link,
    money,
    name_of,
    one_of,
    parse_duration,
    parse_size,
    parse_slot,
    public_address,
    share,
    some_time,
    text,
    weight,
    whole,
    yes_or_no,
    zone,
)
from campaign.config.words import (
    Approval,
    Blackout,
    Campaign,
    Channel,
    DaemonSettings,
    Folders,
    Funder,
    Person,
    Planning,
    Prices,
    Project,
    Public,
    Region,
    WeeklySlot,
)

CHANNEL: Mapping[str, Shape] = {
    "platform": text,
    "name": text,
    "language": language,
    "languages": Many(language),
    "zone": zone,
    "slots": Many(parse_slot),
    "spacing": parse_duration,
    "daily_cap": whole(1),
    "late_window": some_time,
    "call_deadline": some_time,
    "settle": parse_duration,
    "repeat_guard": parse_duration,
    "mode": one_of("api", "by-hand"),
    "approval": yes_or_no,
    "attach": one_of("card", "link-card", "none"),
    "thread": whole(1, 10),
    "first_comment": one_of("link", "none"),
    "formats": Many(text),
    "hashtags": Many(hashtag),
    "max_text": whole(1),
    "budget": money,
}
CHANNEL_KEYS = tuple(CHANNEL)  # of every channel; a platform adds its own
EVERYTHING = "everything"


def check_key(table: Table) -> None:
    """Note a KEY that cannot stand in file names, addresses and commands."""
    if table.key == EVERYTHING:
        table.note(f'"{EVERYTHING}" already means all regions and channels.', "Choose another key.")
    elif not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", table.key):
        letters = unicodedata.normalize("NFKD", table.key).encode("ascii", "ignore").decode().lower()
        better = re.sub(r"[^a-z0-9]+", "-", letters).strip("-") or "KEY"
        what = f'"{table.key}" cannot be a key: keys are made of small letters a to z, digits and dashes.'
        table.note(what, f"Write [{table.place[0]}.{better}].")


def read_campaign(table: Table) -> Campaign | None:
    """`[campaign]`"""
    shapes: Mapping[str, Shape] = {
        "name": text,
        "zone": zone,
        "language": language,
        "utm": text,
        "hashtags": Many(hashtag),
        "link": link,
    }
    given = table.read(shapes, required=("name", "zone"))
    return Campaign(**given) if given is not None else None


def read_region(table: Table, root: Path) -> Region | None:
    """`[regions.KEY]`"""
    shapes: Mapping[str, Shape] = {
        "name": InLanguages(),
        "country": country,
        "zone": zone,
        "hashtags": Many(hashtag),
        "handles": Keyed(text, text),
        "logo": file_in(root),
        "accent": colour,
        "contact": text,
        "weight": weight,
        "network": yes_or_no,
        "share": share,
    }
    given = table.read(shapes, required=("name",))
    if given is None:
        return None
    is_network = given.get("network", False)
    if "share" in given and not is_network:
        table.note("only a network has a share.", "Add network = true, or take the share away.", "share")
    if "weight" in given and is_network:
        table.note("a network has no weight.", "Give its largest part of the slots as share.", "weight")
    if not given["name"]:
        table.note("the name is given in no language.", 'Write { en = "Portugal" }.', "name")
    return Region(key=table.key, **given)


def read_funder(table: Table, root: Path) -> Funder | None:
    """`[funders.KEY]`"""
    shapes: Mapping[str, Shape] = {
        "name": text,
        "statement": InLanguages(),
        "emblem": one_of("eu", "none"),
        "disclaimer": InLanguages(),
        "disclaimer_in": one_of("post", "reply", "profile"),
        "lockup": Keyed(language, file_in(root)),
        "emblem_min": whole(1),
    }
    given = table.read(shapes, required=("name", "statement"))
    if given is None:
        return None
    if not given["statement"]:
        table.note(
            "the statement is given in no language.", 'Write { en = "Co-funded by the European Union" }.', "statement"
        )
    return Funder(key=table.key, **given)


def read_project(table: Table, funders: Collection[str]) -> Project | None:
    """`[projects.KEY]`"""
    shapes: Mapping[str, Shape] = {
        "name": text,
        "funders": Many(name_of("funder", funders)),
        "grant": text,
        "starts": calendar_day,
        "ends": calendar_day,
        "hashtags": Many(hashtag),
        "link": link,
        "targets": Keyed(one_of("week", "month", "quarter", "year"), whole(1)),
    }
    given = table.read(shapes, required=("name",))
    if given is None:
        return None
    made = Project(key=table.key, **given)
    if made.starts and made.ends and made.ends < made.starts:
        table.note(
            f"the project ends on {made.ends}, before it starts on {made.starts}.", "Change one of the two.", "ends"
        )
    return made


def read_channel(table: Table, home: Campaign, approval: Approval, gather: Gatherer) -> Channel | None:
    """`[channels.KEY]`: the keys of every channel are read, the platform's own kept raw with their lines."""
    given = table.read_known(CHANNEL, required=("platform", "slots"))
    if given is None:
        return None
    if given.get("first_comment") == "link" and given.get("attach") == "link-card":
        what = 'attach = "link-card" wants the link in the post, and first_comment = "link" takes it out.'
        table.note(what, "Take one of the two lines out.", "first_comment")
    spoken = given.pop("language", home.language)
    others = given.pop("languages", ())
    slots = _once_each(table, given.pop("slots"))
    defaults: dict[str, Any] = {"name": table.key, "zone": home.zone, "approval": approval.required}
    return Channel(
        key=table.key,
        language=spoken,
        languages=tuple(dict.fromkeys((spoken, *others))),
        slots=slots,
        settings={key: gather.raw(value, key) for key, value in table.values.items() if key not in CHANNEL},
        lines={key: line for key in table.values if (line := table.sheet.line((*table.place, key)))},
        **(defaults | given),
    )


def _once_each(table: Table, entries: Sequence[tuple[WeeklySlot, ...]]) -> tuple[WeeklySlot, ...]:
    """Return the slots in the order of the week, and note an entry that repeats a slot of an earlier one."""
    seen: set[WeeklySlot] = set()
    for n, slots in enumerate(entries):
        if again := sorted(seen.intersection(slots), key=_in_week):
            written = f"{DAYS[again[0].weekday].capitalize()} {again[0].at:%H:%M}"
            table.note(f"{written} is already a slot of this channel.", "Take one of the two away.", "slots", n)
        seen.update(slots)
    return tuple(sorted(seen, key=_in_week))


def _in_week(slot: WeeklySlot) -> tuple[int, time]:
    return slot.weekday, slot.at


def read_prices(table: Table) -> Prices | None:
    """`[prices.KEY]`; whether KEY is a channel or a platform is left to `settings`, which knows the platforms."""
    shapes: Mapping[str, Shape] = {"currency": currency, "post": money, "with_link": money, "media": money}
    given = table.read(shapes, required=("currency", "post"))
    return Prices(key=table.key, line=table.sheet.line(table.place), **given) if given is not None else None


def check_budgets(tables: Sequence[Table], channels: Mapping[str, Channel], prices: Collection[str]) -> None:
    """Note a budget where nothing has a price."""
    for table in tables:
        channel = channels.get(table.key)
        if channel and channel.budget is not None and not {channel.key, channel.platform} & set(prices):
            what = "there is a budget, and no price that would count against it."
            table.note(what, "Add a table [prices.KEY]; KEY is the channel or its platform.", "budget")


def read_person(table: Table, regions: Collection[str], channels: Collection[str]) -> Person | None:
    """`[people.KEY]`"""
    shapes: Mapping[str, Shape] = {
        "name": text,
        "login": text,
        "email": email,
        "approves": Many(name_of("region or channel", [EVERYTHING, *regions, *channels])),
    }
    given = table.read(shapes, required=("name",))
    if given is None:
        return None
    approves = given.pop("approves", ())
    return Person(
        key=table.key,
        regions=tuple(key for key in approves if key in regions),
        channels=tuple(key for key in approves if key in channels),
        all=EVERYTHING in approves,
        **given,
    )


def check_logins(tables: Sequence[Table], people: Mapping[str, Person]) -> None:
    """Note two people with one login: it would be unclear whose yes it is."""
    owner: dict[str, str] = {}
    for table in tables:
        login = people[table.key].login if table.key in people else ""
        if login and owner.setdefault(login, table.key) != table.key:
            table.note(f'"{login}" is already the login of {owner[login]}.', "Each person needs their own.", "login")


def read_blackout(table: Table, channels: Collection[str]) -> Blackout | None:
    """`[[blackouts]]`"""
    shapes: Mapping[str, Shape] = {
        "first": calendar_day,
        "last": calendar_day,
        "reason": text,
        "channels": Many(name_of("channel", channels)),
    }
    given = table.read(shapes, required=("first", "last", "reason"))
    if given is None:
        return None
    made = Blackout(**given)
    if made.last < made.first:
        table.note(f"the last day, {made.last}, is before the first, {made.first}.", "Exchange the two.", "last")
    return made


def read_approval(table: Table) -> Approval | None:
    """`[approval]`"""
    shapes: Mapping[str, Shape] = {
        "required": yes_or_no,
        "not_own": yes_or_no,
        "warn": Many(some_time),
        "cutoff": parse_duration,
    }
    given = table.read(shapes)
    return Approval(**given) if given is not None else None


def read_planning(table: Table) -> Planning | None:
    """`[plan]`"""
    given = table.read({"weeks": whole(1, 52), "firm": parse_duration, "urgent": parse_duration})
    return Planning(**given) if given is not None else None


def read_daemon(table: Table, root: Path) -> DaemonSettings | None:
    """`[daemon]`"""
    shapes: Mapping[str, Shape] = {
        "tick": some_time,
        "house": some_time,
        "share": whole(0),
        "log": one_of("human", "json"),
        "free_disk": parse_size,
        "stop_file": place_in(root),
        "proxy": link,
    }
    given = table.read(shapes)
    return DaemonSettings(**({"stop_file": root / "STOP"} | given)) if given is not None else None


def read_public(table: Table, root: Path, gather: Gatherer) -> Public | None:
    """`[public]`; None without it."""
    if not table.values:
        return None
    of_bucket: Mapping[str, Shape] = {"endpoint": link, "region": text, "access_key": text, "secret_key": text}
    shapes: Mapping[str, Shape] = {"url": public_address, "folder": place_in(root), "bucket": bucket, **of_bucket}
    given = table.read(shapes, required=("url",))
    if given is None:
        return None
    if ("folder" in given) == ("bucket" in given):
        table.note("pictures lie either in a folder or in a bucket.", 'Write folder = "…" or bucket = "s3://…".')
    for key in of_bucket:
        if key in given and "folder" in given:
            table.note(f"a folder has no {key}.", "Take this line out.", key)
    if ("access_key" in given) != ("secret_key" in given):
        table.note("access_key and secret_key belong together.", "Write both, or neither of them.")
    return Public(**{key: gather.raw(value, key) for key, value in given.items()})


def read_database(table: Table, root: Path) -> str:
    """`[database]`"""
    reader = database_in(root)
    given = table.read({"url": reader}) or {}
    return str(given.get("url") or reader("sqlite:///campaign.db"))


def read_folders(table: Table, media: Table, pages: Table, root: Path) -> Folders:
    """`[folders]`, `[media]` and `[pages]`: the team's places on disk."""
    place, existing = place_in(root), folder_in(root)
    shapes: Mapping[str, Shape] = {
        "inbox": place,
        "accepted": place,
        "refused": place,
        "templates": existing,
        "themes": existing,
    }
    given = table.read(shapes) or {}
    inbox: Path = given.get("inbox", root / "inbox")
    beside = {"inbox": inbox, "accepted": inbox.parent / "accepted", "refused": inbox.parent / "refused"}
    made = Folders(
        root=root,
        media=(media.read({"folder": place}) or {}).get("folder", root / "media"),
        pages=(pages.read({"folder": place}) or {}).get("folder", root / "pages"),
        **(beside | given),
    )
    for key in ("accepted", "refused"):
        if getattr(made, key).is_relative_to(inbox):
            table.note("what lies in the inbox would be taken in again.", "Choose a folder outside the inbox.", key)
    return made
