"""Builds the App: everything that the stages are given. The seams of tests and rehearsals are its fields."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlmodel import Session

from campaign import platforms, store
from campaign.clock import Clock, ClockWatch, SystemClock
from campaign.config import Channel, Config, revealed
from campaign.credentials import SealedTokens
from campaign.db import Database
from campaign.errors import UsageError
from campaign.log import hide, scrub, tell
from campaign.media import Media
from campaign.models import REMINDERS, ChannelState, Post, Story
from campaign.owner import Owner
from campaign.platforms.base import Account, Limits, Platform, TokenStore, has
from campaign.platforms.http import Http, Transport, real_transport
from campaign.public import Nowhere, PublicPictures, public_pictures
from campaign.settings import as_told, check_channels, settings_of, unusual
from campaign.story import Content

TOLD = "told"  # in a session's info: events to be logged once they are committed
LIMITS_KEPT = 30.0  # seconds: so soon a process goes by the limits that another has stored


ToldLimits = dict[tuple[str, str], dict[str, Any]]  # by channel and platform; see `unusual`


def random_id() -> str:
    """Return a new random UUID as text."""
    return str(uuid.uuid4())


@dataclass
class Summary:
    """What a stage did, for its caller to tell."""

    stage: str
    counts: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def count(self, what: str, by: int = 1) -> None:
        """Add to a count."""
        self.counts[what] = self.counts.get(what, 0) + by

    @property
    def did_something(self) -> bool:
        """Whether there is anything to tell."""
        return any(self.counts.values()) or bool(self.notes)

    def __str__(self) -> str:
        told = ", ".join(f"{count} {what}" for what, count in self.counts.items() if count) or "nothing to do"
        return f"{self.stage}: {told}"


@dataclass
class App:
    """The program's parts, put together."""

    config: Config
    db: Database
    clock: Clock = field(default_factory=SystemClock)
    new_id: Callable[[], str] = random_id
    transport: Transport = real_transport
    who: str = "campaign"  # the person at the keyboard, or "daemon"
    owner: Owner | None = None  # only a daemon or a tick has one
    watch: ClockWatch = field(init=False)
    media: Media = field(init=False)
    public: PublicPictures | None = field(init=False)
    _platforms: dict[str, Platform] = field(default_factory=dict, init=False)
    _limits: tuple[float, ToldLimits] | None = field(default=None, init=False)  # as read at a boot time

    def __post_init__(self) -> None:
        self.watch = ClockWatch(self.clock)
        self._open_places()
        hide(secret.reveal() for secret in self.config.secrets)

    def _open_places(self) -> None:
        self.media = Media(self.config.folders.media)
        self.public = public_pictures(self.config.public, self.clock) if self.config.public else None

    def reading(self) -> AbstractContextManager[Session]:
        """A short transaction that reads."""
        return self.db.reading()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction, committed at its end; only then are its events told to the log."""
        with self.db.writing() as db:
            yield db
            told = list(db.info.get(TOLD, ()))
        for what, details in told:
            tell(what, **details)

    @contextmanager
    def keeping_house(self) -> Iterator[Session]:
        """A transaction that decides about the calendar: no other one does so meanwhile, on whatever machine."""
        with self.writing() as db:
            self.db.lock_house(db)
            yield db

    def event(self, db: Session, what: str, *, who: str | None = None, **details: object) -> None:
        """Record an event as of now, in the transaction that does what it tells."""
        who = who or self.who
        if note := details.get("note"):
            details["note"] = scrub(str(note))
        store.record_event(db, at=self.clock.now(), who=who, what=what, **details)  # type: ignore[arg-type]
        shown = {name: value for name, value in details.items() if value and name not in ("before", "after")}
        db.info.setdefault(TOLD, []).append((what, {"who": who, **shown}))

    def alert(self, db: Session, key: str, message: str, **details: str | None) -> None:
        """Ask for a person, once per key until it is cleared."""
        message = scrub(message)
        if store.raise_alert(db, key=key, message=message, at=self.clock.now(), new_id=self.new_id, **details):  # type: ignore[arg-type]
            self.event(db, "alert.raised", post=details.get("post"), channel=details.get("channel"), note=message)

    def alert_expired(self, db: Session, story: Story, channel: str) -> None:
        """Ask for a person: a story ended unsent. Once per story, whatever the number of its channels."""
        message = f"{story.slug} expired on {channel} before it could go out"
        remedy = f"campaign why {story.slug}; a later expiry (campaign add --replace) brings it back"
        self.alert(db, f"expired:{story.uuid}", message, channel=channel, remedy=remedy)

    def channel(self, key: str) -> Channel:
        """Return a channel of the config.

        Raises:
            UsageError: there is none of that name.
        """
        try:
            return self.config.channels[key]
        except KeyError:
            known = ", ".join(self.config.channels)
            raise UsageError(f"there is no channel {key!r} in the config", remedy=f"Known: {known}") from None

    def platform(self, key: str) -> Platform:
        """Return a channel's adapter, built once."""
        if key not in self._platforms:
            self._platforms[key] = self.build(key, self.tokens(key))
        return self._platforms[key]

    def tokens(self, key: str) -> SealedTokens:
        """Return where a channel's tokens lie."""
        return SealedTokens(self.db, key, self.config.folders.root, self.clock)

    def build(self, key: str, tokens: TokenStore) -> Platform:
        """Return a new adapter of a channel, which goes by `tokens`."""
        channel = self.channel(key)
        settings = settings_of(self.config, channel)
        http = Http(
            settings.base_url,
            self.clock,
            call_deadline=channel.call_deadline,
            transport=self.transport,
            scrub=self.scrub,
            proxy=self.config.daemon.proxy,
        )
        platform = platforms.load(channel.platform)(settings, http, self.clock, tokens)
        platform.public = self.public or Nowhere()
        return platform

    def logs_in(self, key: str) -> bool:
        """Whether a channel gets its credentials by `campaign channel login`, and not from the config."""
        channel = self.config.channels.get(key)
        if channel is None or channel.mode == "by-hand":
            return False
        in_config = settings_of(self.config, channel).brings_credentials()
        return not in_config and has(platforms.load(channel.platform), "login")

    def renewal(self, key: str) -> str:
        """Return what a person types when a channel's credentials were refused, or something else blocks it."""
        if self.logs_in(key):
            return f"campaign channel login {key}; if its credentials are good: campaign channel enable {key}"
        return f"Renew its credentials, then: campaign channel enable {key}"

    def prolonging(self, key: str) -> str:
        """Return what a person does before a channel's credentials end."""
        if self.logs_in(key):
            return f"campaign channel login {key}"
        return f"Renew its credentials in the config, then: campaign channel check {key}"

    def why_no_edit(self, key: str) -> str:
        """Return why no live post of a channel can be changed, empty when it can be tried."""
        kind = platforms.load(self.channel(key).platform)
        return kind.cannot_edit or ("" if has(kind, "edit") else f"{kind.name} cannot change a published post")

    def why_no_takedown(self, key: str) -> str:
        """Return why the program takes no post of a channel down, empty when it can try."""
        channel = self.config.channels.get(key)
        if channel is None:
            return f"channel {key} is no longer in the config"
        if channel.mode == "by-hand":
            return "it was published by hand"
        kind = platforms.load(channel.platform)
        return self.platform(key).cannot_delete if has(kind, "delete") else f"{kind.name} cannot take a post down"

    def can_reply(self, key: str) -> bool:
        """Whether something can be said below a live post of a channel."""
        limits = self.limits(key)
        return limits.threads or limits.comments

    def instead_of_edit(self, post: Post) -> str:
        """Return what a person may type where a live post cannot be changed."""
        short, reply = post.uuid[:8], self.can_reply(post.channel)
        told = [f"Set it right in a reply: campaign post correct {short} --reply"] if reply else []
        return "\n".join([*told, f"Take it down: campaign post takedown {short}"])

    def limits(self, key: str) -> Limits:
        """Return what a channel takes: its platform's limits, as its server has told them, or tighter as it sets."""
        channel = self.channel(key)
        told = self._told_limits().get((key, channel.platform), {})
        limits = as_told(platforms.load(channel.platform).limits, told)
        return replace(
            limits,
            text=min(limits.text, channel.max_text or limits.text),
            formats=channel.formats or limits.formats,
        )

    def _told_limits(self) -> ToldLimits:
        now = self.clock.boottime()
        if self._limits is None or now - self._limits[0] > LIMITS_KEPT:
            with self.reading() as db:
                self._limits = now, store.told_limits(db)
        return self._limits[1]

    def note_account(self, db: Session, state: ChannelState, account: Account) -> None:
        """Store what a channel's platform has told of its account, as of now; new credentials end their reminders."""
        limits = unusual(account.limits, platforms.load(self.channel(state.channel).platform).limits)
        ends = account.token_expires_at
        store.note_check(db, state, name=account.name, limits=limits, token_ends_at=ends, at=self.clock.now())
        if state.reminder(self.clock.now()) is None:
            store.clear_alert(db, [f"token-{days}:{state.channel}" for days in REMINDERS], self.clock.now())
        self._limits = None

    def zone(self, story: Story | None = None) -> str:
        """Return the zone of a story's lead region, or the campaign's."""
        region = self.config.regions.get(story.region) if story else None
        return (region.zone if region else "") or self.config.campaign.zone

    def sync_channels(self) -> None:
        """Give every channel of the config its row; one that stays on this machine is enabled from the start."""
        with self.writing() as db:
            known = store.channel_states(db)
            for channel in self.config.channels.values():
                if channel.key not in known:
                    local = platforms.load(channel.platform).starts_enabled or channel.mode == "by-hand"
                    db.add(ChannelState(channel=channel.key, platform=channel.platform, enabled=local))

    def reconfigure(self, config: Config) -> None:
        """Go on with a changed config."""
        self.config = config
        self._open_places()
        hide(secret.reveal() for secret in config.secrets)
        self._platforms.clear()
        self.sync_channels()

    def scrub(self, text: str) -> str:
        """Return a text without any secret of the config, or of the tokens that were used."""
        return scrub(text)


def open_app(config: Config, *, who: str = "campaign", clock: Clock | None = None) -> App:
    """Put the program together for a config that was read.

    Raises:
        ConfigError: a channel names an unknown platform, or keys that its platform does not have.
    """
    check_channels(config)
    return App(config, Database(revealed(config.database)), clock or SystemClock(), who=who)


def content_of(story: Story) -> Content:
    """Return a story's content, typed."""
    return Content.model_validate(story.content)


def free_bytes(folder: Path) -> int:
    """Return how much room the disk of `folder` has for us."""
    place = next(parent for parent in (folder, *folder.parents) if parent.exists())
    room = os.statvfs(place)
    return room.f_bavail * room.f_frsize
