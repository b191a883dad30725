"""What `campaign check` looks at. Each look is a function that yields its findings; nothing is changed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Literal

from campaign import cards, platforms, store
from campaign.app import App, free_bytes
from campaign.cli.channel import account_of, lacks_credentials, remedy_for, told
from campaign.cli.fetching import trouble
from campaign.config import Channel, Config, WeeklySlot
from campaign.errors import CampaignError, RenderError, StoreError
from campaign.explain.forecast import ending_line, endings
from campaign.models import ChannelState
from campaign.render.rendering import own_folders
from campaign.render.text import template_chain
from campaign.story import Kind

MONDAY = datetime(2000, 1, 3)  # noqa: DTZ001 - a week of wall-clock times, of no zone
WEEK = timedelta(weeks=1)
BUILT = datetime(2026, 1, 1, tzinfo=UTC)  # no clock that is right shows an earlier time
ROOM = 10  # times the reserve: less is worth a look


Level = Literal["fine", "look", "wrong"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    level: Level
    text: str
    remedy: str = ""


def checkup(app: App) -> Iterator[Finding]:
    """Look at everything, from the config to the clock."""
    config = app.config
    counts = f"{len(config.regions)} regions, {len(config.channels)} channels, {len(config.people)} people"
    yield Finding("fine", f"The config is right: {config.path} ({counts}).")
    is_current = app.db.is_current()
    yield _database(app, is_current)
    yield from _hold(app, is_current)
    yield from _folders(config)
    yield from _templates(app)
    yield from _channels(app, is_current)
    yield from _endings(app, is_current)
    yield from _public(app)
    yield from slots_too_close(config)
    yield from approvals(config)
    yield _person(app)
    yield _disk(app)
    yield _clock(app, is_current)


def _database(app: App, is_current: bool) -> Finding:
    if not is_current:
        return Finding("wrong", "The database is not there, or not up to date.", "Type: campaign db upgrade")
    try:
        with app.db.writing() as session:
            store.open_alerts(session)
    except CampaignError as error:
        return Finding("wrong", f"The database cannot be written: {error}")
    return Finding("fine", f"The database can be written: {app.db.url.render_as_string(hide_password=True)}")


def _hold(app: App, is_current: bool) -> Iterator[Finding]:
    """Whether everything rests after a restore or a move."""
    if not is_current:
        return
    with app.reading() as session:
        hold = store.held(session)
    if hold:
        yield Finding("wrong", f"Everything is held: {hold.reason}.", "campaign adopt")


def _folders(config: Config) -> Iterator[Finding]:
    """Whether the program may write where it has to."""
    folders = config.folders
    wrong = []
    for place in (folders.inbox, folders.accepted, folders.refused, folders.media, folders.pages):
        try:
            place.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=place):
                pass
        except OSError as error:
            wrong.append(
                Finding("wrong", f"{place} cannot be written: {error.strerror}.", "Give this account the right.")
            )
    yield from wrong or [Finding("fine", "All folders can be written.")]


def _templates(app: App) -> Iterator[Finding]:
    """Whether every text template and every card design can be read, the team's own ones included."""
    wrong = list(dict.fromkeys(_unreadable(app)))
    yield from (Finding("wrong", why) for why in wrong)
    if not wrong:
        yield Finding("fine", "All templates and card designs can be read.")


def _unreadable(app: App) -> Iterator[str]:
    for platform in {channel.platform for channel in app.config.channels.values()}:
        for kind in Kind:
            try:
                template_chain(app.config, platform, kind)
            except RenderError as error:
                yield str(error)
    folders = own_folders(app.config)
    accents = [region.accent for region in app.config.regions.values() if region.accent]
    yield from cards.mistakes(cards.designs(folders), folders, accents)


def _channels(app: App, is_current: bool) -> Iterator[Finding]:
    """Whether each platform accepts us, and whether the channel may publish."""
    states = {}
    if is_current:
        with suppress(StoreError):  # which has been told
            app.sync_channels()  # a channel that is new in the config has nowhere to keep a session yet
        with app.reading() as session:
            states = store.channel_states(session)
    for key, channel in app.config.channels.items():
        yield from _channel(app, key, states.get(key))
        if not channel.slots:
            yield Finding("look", f"Channel {key} has no slots, so nothing is planned there.")


def _channel(app: App, key: str, state: ChannelState | None) -> Iterator[Finding]:
    if state is not None and lacks_credentials(app, state):
        level: Level = "wrong" if state.enabled else "look"
        yield Finding(level, f"Channel {key} has no credentials yet.", f"campaign channel login {key}")
        return
    try:
        account = account_of(app, key)
    except CampaignError as error:
        yield Finding("wrong", f"Channel {key}: {error}", remedy_for(app, key, error))
        return
    if state is not None and state.blocked:
        yield Finding("wrong", f"Channel {key} is blocked: {state.blocked}", app.renewal(key))
    elif account and state is not None and state.account_id not in (None, account.id):
        text = f"Channel {key} belongs to {state.account_name}, and its credentials are those of {account.name}."
        yield Finding("wrong", text, app.renewal(key))
    elif state is not None and not state.enabled:
        yield Finding("look", f"Channel {key} is disabled: nothing goes out.", f"campaign channel enable {key}")
    else:
        yield Finding("fine", f"Channel {key}: {told(app, key, account) if account else 'published by hand'}.")
    for warning in account.warnings if account else ():
        yield Finding("look", f"Channel {key}: {warning}")


def _endings(app: App, is_current: bool) -> Iterator[Finding]:
    """Whether credentials end before posts that are planned."""
    if not is_current:
        return
    with app.reading() as session:
        found = endings(app, session)
    for ending in found:
        yield Finding("look", ending_line(ending, app.config.campaign.zone), ending.remedy)


def _public(app: App) -> Iterator[Finding]:
    """Whether platforms that fetch pictures themselves can do so."""
    if app.public is None:
        for channel in app.config.channels.values():
            wants = channel.mode == "api" and channel.attach != "none"
            if wants and platforms.load(channel.platform).fetches:
                text = f"Channel {channel.key}: {channel.platform} fetches pictures, and there is no public place."
                yield Finding("wrong", text, "Add the table [public] to the config (docs/admin.md).")
    elif why := trouble(app, app.public):
        remedy = "What the public place must do: docs/admin.md, Public pictures."
        yield Finding("wrong", f"Public pictures cannot be fetched: {why}.", remedy)
    else:
        yield Finding("fine", "Public pictures can be fetched.")


def slots_too_close(config: Config) -> Iterator[Finding]:
    """Weekly slots that the spacing or the daily cap of their channel never lets be filled."""
    for channel in config.channels.values():
        for first, second in _close_pairs(channel):
            hours = channel.spacing / timedelta(hours=1)
            yield Finding(
                "look",
                f"Channel {channel.key}: {_weekly(first)} and {_weekly(second)} are closer than its spacing of "
                f"{hours:g} h, so one of them stays empty.",
                "Move a slot, or lower the spacing.",
            )
        days = [slot.weekday for slot in channel.slots]
        if any(days.count(day) > channel.daily_cap for day in range(7)):
            text = f"Channel {channel.key} has more slots on a day than its daily_cap of {channel.daily_cap}."
            yield Finding("look", text, "Take slots out, or raise the cap.")


def _close_pairs(channel: Channel) -> Iterator[tuple[WeeklySlot, WeeklySlot]]:
    """Neighbours of the week nearer than the spacing; the last and the first are neighbours too."""
    moments = sorted((_moment(slot), slot) for slot in set(channel.slots)) if channel.slots else []
    if len(moments) < 2:
        return
    first_at, first = moments[0]
    for (at, slot), (next_at, next_slot) in pairwise([*moments, (first_at + WEEK, first)]):
        if next_at - at < channel.spacing:
            yield slot, next_slot


def _moment(slot: WeeklySlot) -> datetime:
    return datetime.combine(MONDAY.date() + timedelta(days=slot.weekday), slot.at)


def _weekly(slot: WeeklySlot) -> str:
    return f"{_moment(slot):%a %H:%M}"


def approvals(config: Config) -> Iterator[Finding]:
    """Channels and regions for which nobody may say yes; with `not_own`, one person alone is not enough."""
    needing = [each for each in config.channels.values() if config.approval.required and each.approval]
    people = config.people.values()
    lonely = 1 if config.approval.not_own else 0
    for channel in needing:
        for key in config.regions:
            may = [person for person in people if person.may_approve((key,), channel.key)]
            if not may:
                text = f"Nobody may approve posts about {key} on channel {channel.key}."
                yield Finding("wrong", text, f'Add "{key}" or "{channel.key}" to the approves of somebody in [people].')
            elif len(may) <= lonely:
                text = f"Only {may[0].name} may approve posts about {key} on channel {channel.key}, never their own."
                yield Finding("look", text, "Let a second person approve there.")


def _person(app: App) -> Finding:
    if app.who in app.config.people:
        return Finding("fine", f"You are {app.config.people[app.who].name}.")
    remedy = f'To approve, you need an entry in [people] with login = "{app.who}".'
    return Finding("look", f"You ({app.who}) are not among the people of the config.", remedy)


def _disk(app: App) -> Finding:
    reserve, free = app.config.daemon.free_disk, free_bytes(app.config.folders.media)
    told = f"{free // 1024**2} MB of disk are free"
    if free < reserve:
        return Finding("wrong", f"{told}; with less than {reserve // 1024**2} MB nothing is sent.", "Make room.")
    return Finding("look" if free < ROOM * reserve else "fine", f"{told}.")


def _clock(app: App, is_current: bool) -> Finding:
    """Whether the clock can be right: not before the program was made, not before what it has written down itself."""
    now, newest = app.clock.now(), BUILT
    if is_current:
        with app.reading() as session:
            newest = max([newest, *(event.at for event in store.events(session, last=1))])
    if now < newest:
        text = f"The clock says {now:%Y-%m-%d %H:%M} UTC, and it was {newest:%Y-%m-%d %H:%M} before."
        return Finding("wrong", text, "Set the clock, best by NTP.")
    return Finding("fine", f"The clock says {now:%Y-%m-%d %H:%M} UTC.")
