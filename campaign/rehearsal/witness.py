"""Whoever stands beside a rehearsal: notes what was approved, called and met, and hands the judge the evidence."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from campaign import store
from campaign.app import App
from campaign.config import revealed
from campaign.log import LOGGER, Masked
from campaign.models import MAY_BE_LIVE, Alert, Attempt, Part, Post, PostStatus
from campaign.platforms.folder import DETAILS
from campaign.publish.outgoing import Delivery
from campaign.rehearsal.copy import FOLDER
from campaign.rehearsal.faults import Fault
from campaign.rehearsal.house import House
from campaign.rehearsal.judge import Belief, Evidence, Sight, Yes, words
from campaign.rehearsal.rows import rows_of
from campaign.rehearsal.services.base import Service
from campaign.rehearsal.transport import Call

SHORTEST = 5  # of a secret: a shorter one would be found by chance


@dataclass(frozen=True)
class Met:
    """A fault that a call has met."""

    at: datetime
    channel: str
    fault: Fault
    visible: bool  # it was the call that makes a post visible


class Witness:
    """What is noted of one rehearsal."""

    def __init__(self, house: House, services: Mapping[str, Service]) -> None:
        self.house, self.services = house, services
        self.start = house.clock.now()
        self.met: list[Met] = []
        self._hosts = {service.host: key for key, service in services.items()}
        self._approved: dict[tuple[str, str], Yes] = {}
        self._orphans: list[str] = []
        self._taken: dict[str, list[tuple[int, datetime]]] = {}
        self._by_hand: list[Sight] = []
        self._log = io.StringIO()
        house.net.watch, house.net.noted = self._see_call, self._see_fault
        with house.app.reading() as db:
            posts = store.posts_where(db)
            self._past = {post.uuid for post in posts if post.status in (*MAY_BE_LIVE, PostStatus.REMOVED)}
            self._hear_yes(db, [post for post in posts if post.status == PostStatus.APPROVED])

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take down all that the program logs meanwhile, and let nobody else hear it."""
        before, level = LOGGER.handlers, LOGGER.level
        handler = logging.StreamHandler(self._log)
        handler.setFormatter(Masked("human", self.house.clock))
        LOGGER.handlers = [handler]
        LOGGER.setLevel(logging.INFO)
        try:
            yield
        finally:
            LOGGER.handlers = before
            LOGGER.setLevel(level)

    def hear_yes(self, posts: Iterable[str]) -> None:
        """Note that a person has approved posts as they are now."""
        with self.house.app.reading() as db:
            self._hear_yes(db, [post for uuid in posts if (post := store.post_by_id(db, uuid))])

    def _hear_yes(self, db: Session, posts: Iterable[Post]) -> None:
        for post in posts:
            for part in store.parts_of(db, post.uuid):
                yes = Yes(post.uuid, part.n, self.house.clock.now())
                self._approved.setdefault((post.channel, words(part.content["text"])), yes)

    def see_published_by_hand(self, delivery: Delivery, address: str) -> None:
        """Note that a person has published a post at an address."""
        for part in delivery.parts:
            id = address if part.n == 1 else f"{address}#{part.n}"
            self._by_hand.append(Sight(delivery.channel.key, id, part.content["text"], self.house.clock.now()))

    def look_around(self) -> None:
        """Note who owns the channels now, and what the config lets go out without a person."""
        for key, epoch in self.house.seat.epochs.items():
            taken = self._taken.setdefault(key, [])
            if not taken or taken[-1][0] != epoch:
                taken.append((epoch, self.house.clock.now()))
        free = [key for key in self.house.config.channels if not self.house.config.needs_approval(key)]
        with self.house.app.reading() as db:
            for key in free:
                self._hear_yes(db, store.posts_where(db, channel=key, statuses=[PostStatus.APPROVED]))

    def _see_fault(self, call: Call, fault: Fault) -> None:
        key = self._hosts[call.host]
        self.met.append(Met(self.house.clock.now(), key, fault, self.services[key].is_visible(call)))

    def _see_call(self, call: Call) -> None:
        """Look whether a visible call has its intent, committed by the process that calls."""
        key = self._hosts[call.host]
        if not self.services[key].is_visible(call):
            return
        mine, sender = self.house.seat.epochs.get(key), self.house.seat.sender
        intent = select(Attempt).join(Part).where(Part.channel == key, Attempt.epoch == mine, Attempt.sender == sender)
        with self.house.app.reading() as db:
            if db.exec(intent.limit(1)).first() is None:
                self._orphans.append(f"a visible call on {key} at {call.at:%d %H:%M:%S} without an intent")

    def evidence(self) -> Evidence:
        """Return what is left behind."""
        config, app = self.house.config, self.house.app
        with app.reading() as db:
            posts = [post for post in store.posts_where(db) if post.uuid not in self._past]
            stories = {story.uuid: story for story in store.all_stories(db)}
            beliefs = [Belief(post, stories[post.story], store.parts_of(db, post.uuid)) for post in posts]
            tried = db.exec(select(Part.channel, Attempt).join(Part).where(Attempt.started_at >= self.start)).all()
            alerts = list(db.exec(select(Alert)).all())
            told = [event.note for event in store.events(db, since=self.start)]
            rows = {channel.key: rows_of(app, db, channel, self.start) for channel in config.channels.values()}
        secrets = [secret.reveal() for secret in config.secrets]
        secrets += [service.token for service in self.services.values()]
        outputs = [self._log.getvalue(), *told, *(alert.message for alert in alerts), *(post.reason for post in posts)]
        return Evidence(
            now=self.house.clock.now(),
            channels=config.channels,
            sights=[*self._sights(), *_in_folders(app, self.start), *self._by_hand],
            beliefs=[belief for belief in beliefs if belief.post.channel in config.channels],
            attempts=list(tried),
            alerts=[alert for alert in alerts if alert.cleared_at is None],
            approved=self._approved,
            orphans=self._orphans,
            taken=self._taken,
            secrets=[secret for secret in secrets if len(secret) >= SHORTEST],
            outputs=[*outputs, *(attempt.detail for _, attempt in tried)],
            blackouts=config.blackouts,
            rows=rows,
            weights={region.key: region.weight for region in config.regions.values() if not region.network},
        )

    def _sights(self) -> Iterator[Sight]:
        for key, service in self.services.items():
            for item in service.items:
                yield Sight(key, item.id, item.text, item.at, item.gone_at, item.reply_to)


def _in_folders(app: App, start: datetime) -> Iterator[Sight]:
    """Yield what stands in the folders of channels since the start."""
    for channel in app.config.channels.values():
        if channel.mode == "api" and channel.platform == FOLDER:
            folder = app.config.folders.root / revealed(str(channel.settings["folder"]))
            for file in sorted(folder.glob(f"[!.]*/{DETAILS}")):
                details = json.loads(file.read_bytes())
                at = datetime.fromisoformat(details["published"])
                if at >= start.replace(microsecond=0):
                    yield Sight(channel.key, file.parent.name, details["text"], at)
