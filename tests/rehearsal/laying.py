"""What every history begins with: channels of every nature, stories, and posts rendered once by the program itself.

The posts lie cancelled in a stored state of the database; a history puts that state back and wakes the posts it needs.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from campaign import platforms, render, store
from campaign.app import App
from campaign.config import Config, load
from campaign.db import Database
from campaign.desk import channels as desk_channels
from campaign.models import Post, Story
from campaign.rehearsal import natures
from campaign.rehearsal.clock import VirtualClock
from campaign.rehearsal.house import Disk, MemoryStore
from campaign.rehearsal.judge import words
from campaign.rehearsal.services import natures as services
from campaign.rehearsal.services.base import Service
from campaign.rehearsal.services.bluesky import BlueskyService
from campaign.rehearsal.services.facebook import FacebookService
from campaign.rehearsal.services.instagram import InstagramService
from campaign.rehearsal.services.linkedin import LinkedInService
from campaign.rehearsal.services.mastodon import MastodonService, Rules
from campaign.rehearsal.services.telegram import TelegramService
from campaign.rehearsal.services.threads import ThreadsService
from campaign.rehearsal.services.webhook import WebhookService
from campaign.rehearsal.services.x import XService
from campaign.rehearsal.transport import Net
from campaign.story import Content, Kind, Telling
from tests.conftest import seeded_ids

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)  # a Monday
SECRET = "canary-token-of-the-rehearsal"
SIGNING_SECRET = "whsec_Y2FuYXJ5LXNpZ25pbmctc2VjcmV0LW9mLXRoZS1yZWhlYXJzYWw="  # no text of ours can stand in base64
SECRETS = (SECRET, SIGNING_SECRET)
SINGLES, THREADS = ("one", "two", "three", "plain"), ("long",)
PLAIN = ("plain",)  # without a link, and so without a first comment
STORIES = (*SINGLES, *THREADS)
MEMORY = "/dev/shm"  # noqa: S108 - a folder of its own is made in it
ZONE = "Europe/Brussels"

CONFIG = """
[campaign]
name = "Histories"
zone = "Europe/Brussels"
utm = "regions"

[public]
url = "https://pictures.example.com/shown"
folder = "public"

[regions.moravia-silesia]
name = "Moravskoslezský kraj"

[people.anna]
name = "Anna"
login = "anna"
approves = ["everything"]
"""
CHANNEL = """
[channels.{key}]
platform = "{platform}"
language = "en"
attach = "{attach}"
thread = {thread}
slots = ["mon-sun 09:00", "mon-sun 12:00", "mon-sun 15:00", "mon-sun 18:00"]
spacing = "10 min"
daily_cap = 50
"""

SLOW = {"listing_lag": timedelta(seconds=20), "processing": timedelta(seconds=3)}
SLOWER = {**SLOW, "listing_lag": timedelta(minutes=4)}  # more than the adapter waits: only the key protects
LISTED_LATE = {"listing_lag": timedelta(seconds=20)}
CONTAINED = {"processing": timedelta(seconds=2), "lag": timedelta(seconds=20)}
KINDS: Mapping[str, tuple[type[Service], str, dict[str, Any]]] = {  # by channel: service, what is attached, options
    "mastodon": (MastodonService, "card", {"token": f"{SECRET}-mastodon", **SLOWER}),
    "keyless": (MastodonService, "none", {"token": f"{SECRET}-keyless", "rules": Rules(software="gotosocial"), **SLOW}),
    "bluesky": (BlueskyService, "card", {"token": f"{SECRET}-bluesky"}),
    "facebook": (
        FacebookService,
        "card",
        {"token": f"{SECRET}-facebook", "app_secret": f"{SECRET}-app", **LISTED_LATE},
    ),
    "telegram": (TelegramService, "card", {"token": f"7000000001:{SECRET}-telegram"}),
    "webhook": (WebhookService, "card", {"token": SIGNING_SECRET}),
    "x": (XService, "card", {"token": f"{SECRET}-x", "listing_lag": timedelta(seconds=20)}),
    "linkedin": (LinkedInService, "card", {"token": f"{SECRET}-linkedin", **SLOW, "duplicates": timedelta(0)}),
    "instagram": (InstagramService, "card", {"token": f"{SECRET}-instagram", **CONTAINED}),
    "threads": (ThreadsService, "card", {"token": f"{SECRET}-threads", **CONTAINED}),
    "container": (services.ContainerService, "card", {"token": f"{SECRET}-container"}),
    "listing": (services.ListingService, "none", {"token": f"{SECRET}-listing"}),
    "blind": (services.BlindService, "none", {"token": f"{SECRET}-blind"}),
}
CHANNELS = tuple(KINDS)
COMMENTED = ("listing", "facebook", "linkedin")  # channels whose link stands in a first comment


def serve(net: Net, keys: tuple[str, ...], seed: int = 0) -> dict[str, Service]:
    """Put the services of some channels on a net."""
    return {key: KINDS[key][0](net, f"{key}.example.com", seed=seed, **KINDS[key][2]) for key in keys}


@dataclass(frozen=True)
class Layout:
    """A stored state, and what lies in it."""

    config: Config
    state: bytes
    posts: Mapping[tuple[str, str], str]  # uuid by channel and story
    texts: Mapping[str, tuple[str, ...]]  # by post
    store: MemoryStore
    disk: Disk


def shapes(key: str) -> tuple[str, ...]:
    """Return the stories whose posts differ in shape on a channel: a single one, with a first comment, a thread."""
    commented = ("plain", "one") if key in COMMENTED else ("one",)
    return (*commented, *THREADS) if platforms.load(KINDS[key][0].name).limits.threads else commented


@contextmanager
def layout(keys: tuple[str, ...] = CHANNELS) -> Iterator[Layout]:
    """Lay out some channels, once for many histories."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder, natures.registered():
        config = _config(Path(folder), keys)
        disk = Disk()
        memory = MemoryStore(disk)
        memory.put(_blank(Path(folder)))
        clock = VirtualClock(START)
        net = Net(clock)
        app = App(config, memory.db, clock, new_id=seeded_ids(7), transport=net.transport, who="anna")
        app.sync_channels()
        for key, service in serve(net, keys).items():
            app.tokens(key).save(service.tokens())
            with app.writing() as db:
                desk_channels.enable(app, db, key, app.platform(key).check())  # and learn the server's limits
        posts = _rendered(app, keys)
        with app.reading() as db:
            texts = {
                post: tuple(words(part.content["text"]) for part in store.parts_of(db, post)) for post in posts.values()
            }
        _let_sleep(memory)
        yield Layout(config, memory.state(), posts, texts, memory, disk)
        memory.close()


def _config(folder: Path, keys: tuple[str, ...]) -> Config:
    net = Net(VirtualClock(START))
    tables = []
    for key, service in serve(net, keys).items():
        lines = [f'{name} = "{value}"' for name, value in service.settings().items()]
        thread = 4 if platforms.load(service.name).limits.threads else 1
        table = CHANNEL.format(key=key, platform=service.name, attach=KINDS[key][1], thread=thread)
        tables.append(table + "\n".join(lines) + "\n")
        tables += ['first_comment = "link"\n'] if key in COMMENTED else []
    (folder / "config.toml").write_text(CONFIG + "".join(tables))
    config = load(folder / "config.toml", {})
    return replace(config, daemon=replace(config.daemon, free_disk=0))


def _blank(folder: Path) -> bytes:
    file = folder / "blank.db"
    database = Database(f"sqlite:///{file}")
    database.upgrade()
    database.close()
    return file.read_bytes()


def _rendered(app: App, keys: tuple[str, ...]) -> dict[tuple[str, str], str]:
    """Store the stories with a post on every channel, and let the program render them."""
    posts = {}
    with app.writing() as db:
        for slug in STORIES:
            story = store.add_story(db, story_about(app, slug))
            for key in keys:
                posts[(key, slug)] = app.new_id()
                post = Post(uuid=posts[(key, slug)], story=story.uuid, channel=key, created_at=START, due_at=START)
                store.add_post(db, post)
    render.run(app)
    return posts


def story_about(app: App, slug: str) -> Story:
    """Return a story whose words are no other's."""
    sentences = [f"Sentence {n} of story {slug} tells what came of it in the region." for n in range(60)]
    telling = Telling(
        title=f"Story {slug} from Ostrava",
        summary=f"What story {slug} has to say, in few words.",
        body=" ".join(sentences) if slug in THREADS else "",
        link="" if slug in PLAIN else "https://example.org/modules",
    )
    content = Content(kind=Kind.UPDATE, regions=("moravia-silesia",), language="en", tellings={"en": telling})
    return Story(
        uuid=app.new_id(),
        region="moravia-silesia",
        slug=slug,
        kind=content.kind.value,
        language="en",
        content=content.model_dump(mode="json"),
        fingerprint=slug,
        created_at=START,
        updated_at=START,
    )


def _let_sleep(memory: MemoryStore) -> None:
    memory.ask("UPDATE post SET status = 'cancelled', due_at = NULL")
    memory.ask("DELETE FROM event")


def stored(moment: datetime) -> str:
    """Return a moment as SQLite holds it."""
    return f"{moment:%Y-%m-%d %H:%M:%S.%f}"


WAKE = """
UPDATE post SET status = 'approved', due_at = ?, first_due_at = ?, expires_at = ?, approved_hash = content_hash,
 proofed_hash = content_hash, approved_by = 'anna', approved_at = ? WHERE uuid = ?
"""


def wake(
    laid: Layout, channel: str, story: str, due: datetime, *, expires: datetime | None, embargo: datetime | None
) -> str:
    """Let a post be approved and due at a moment; return its uuid."""
    uuid = laid.posts[(channel, story)]
    laid.store.ask(WAKE, stored(due), stored(due), stored(expires) if expires else None, stored(START), uuid)
    if expires or embargo:
        laid.store.ask(
            "UPDATE story SET expires_at = ?, embargo_at = ? WHERE slug = ?",
            *(stored(expires) if expires else None, stored(embargo) if embargo else None, story),
        )
    return uuid
