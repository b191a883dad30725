"""The demo: four weeks of an example campaign through the whole route, on a virtual clock.

Everything is real but the time and the people: João hands the stories in; Žofie looks at the proof in office hours
and says yes to what she has seen; she publishes by hand what is handed to her, and types in what she counted.
"""

from __future__ import annotations

import os
import random
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from campaign import approve, intake, measure, owner, proof, publish, store
from campaign.app import App
from campaign.config import load, revealed
from campaign.db import Database
from campaign.errors import UsageError
from campaign.files import shipped
from campaign.models import Post, PostStatus
from campaign.rehearsal.clock import VirtualClock
from campaign.rehearsal.demo_page import write_page
from campaign.settings import check_channels
from campaign.store import lookup
from campaign.tick import tick

START = datetime(2026, 2, 27, 13, 0, tzinfo=UTC)  # a Friday: the first posts are approved before the four weeks begin
FIRST_DAY = date(2026, 3, 2)
LAST_DAY = date(2026, 3, 29)  # a Sunday, on which the clocks change
STEP = timedelta(hours=3)  # between ticks, beside those at each slot
OFFICE = (8, 17)  # hours of the campaign's zone between which Žofie looks in
DAY_OFF = (2026, 3, 11)  # nobody approves anything on this day
LATER = ("2026-03-09", "two-days-in-piemonte")  # handed in by the inbox, in the second week
HANDS_IN = "jsimoes"
OFFICER = "zkrizova"

Progress = Callable[[float, str], None]


def run_demo(folder: Path, progress: Progress) -> Path:
    """Run the demo in a new or empty `folder` and return its page.

    Raises:
        UsageError: the folder holds something already.
    """
    lay_out(folder)
    with opened(folder) as (app, clock):
        ends = datetime.combine(LAST_DAY, time(23, 0), ZoneInfo(app.config.campaign.zone)).astimezone(UTC)
        hand_in(app, folder)
        while clock.now() < ends:
            for summary in tick(app):
                if summary.did_something:
                    progress(_share(clock.now(), ends), str(summary))
            visit_office(app, clock)
            clock.advance_to(next_moment(app, clock.now()))
            deliver_inbox(folder, clock)
        progress(1.0, "writing the page")
        return write_page(app, FIRST_DAY, LAST_DAY)


def lay_out(folder: Path) -> None:
    """Copy the examples and the demo's config into the folder."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / "config.toml").exists() or not (folder / ".demo").exists():
            raise UsageError(f"{folder} is not empty", remedy="Name a new folder: campaign demo FOLDER")
        shutil.rmtree(folder)  # a demo of before, made by this command
    examples = shipped("examples")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".demo").touch()
    shutil.copyfile(examples / "demo.toml", folder / "config.toml")
    for part in ("stories", "logos"):
        shutil.copytree(examples / part, folder / part)


@contextmanager
def opened(folder: Path) -> Iterator[tuple[App, VirtualClock]]:
    """Give an App that owns the demo's channels, on a virtual clock and with repeatable ids."""
    clock = VirtualClock(START)
    config = load(folder / "config.toml", os.environ)
    check_channels(config)
    ids = random.Random(2026)  # noqa: S311 - repeatable, not secret
    app = App(
        config,
        Database(revealed(config.database)),
        clock,
        new_id=lambda: str(uuid.UUID(int=ids.getrandbits(128), version=4)),
        who=HANDS_IN,
    )
    app.db.upgrade()
    app.owner = owner.own(app.db)
    try:
        app.sync_channels()
        yield app, clock
    finally:
        app.owner.release()
        app.db.close()


def hand_in(app: App, folder: Path) -> None:
    """Take in the stories that are there from the start."""
    intake.take(app, [story for story in sorted((folder / "stories").iterdir()) if story.name != LATER[1]])


def deliver_inbox(folder: Path, clock: VirtualClock) -> None:
    """Put the later story into the inbox when its day has come, as a region's colleague would."""
    day, name = LATER
    story, place = folder / "stories" / name, folder / "inbox" / name
    if f"{clock.now():%Y-%m-%d}" < day or not story.exists():
        return
    place.parent.mkdir(exist_ok=True)
    shutil.move(story, place)
    at_rest = (clock.now() - timedelta(minutes=5)).timestamp()
    for file in (place, *place.rglob("*")):
        os.utime(file, (at_rest, at_rest))


def visit_office(app: App, clock: VirtualClock) -> None:
    """In office hours: proof and approve what is rendered, publish by hand what waits for it."""
    local = clock.now().astimezone(ZoneInfo(app.config.campaign.zone))
    working = local.weekday() < 5 and (local.year, local.month, local.day) != DAY_OFF
    if not working or not OFFICE[0] <= local.hour < OFFICE[1]:
        return
    shown = proof.proof(app)
    if shown.code:
        approve.approve(app, proof_code=shown.code, person=OFFICER)
    publish_by_hand(app)


def publish_by_hand(app: App) -> None:
    """Do what a person does on a by-hand channel, and type in what the person counted."""
    for channel in app.config.channels.values():
        if channel.mode == "by-hand":
            with app.reading() as db:
                waiting = store.posts_where(db, channel=channel.key, statuses=[PostStatus.UNCONFIRMED])
                deliveries = [publish.read_delivery(db, channel, post) for post in waiting]
            for delivery in deliveries:
                publish.done(app, delivery, f"https://example.org/print/{delivery.post.uuid[:8]}")
                with app.reading() as db:
                    post = lookup.resolve_post(db, delivery.post.uuid)
                measure.record(app, post, counted(post), OFFICER)


def counted(post: Post) -> dict[str, int]:
    """Return plausible numbers for a by-hand post: drawn from its id, and labelled in the page as made up."""
    source = random.Random(post.uuid)  # noqa: S311 - repeatable, not secret
    return {"reactions": source.randint(8, 40), "comments": source.randint(0, 6)}


def next_moment(app: App, now: datetime) -> datetime:
    """Return when something happens next: a slot, or the next step."""
    step = now + STEP
    with app.reading() as db:
        slots = store.posts_where(db, statuses=[PostStatus.APPROVED, PostStatus.RENDERED], due_to=step)
    return min([post.due_at for post in slots if post.due_at and post.due_at > now] + [step])


def _share(now: datetime, ends: datetime) -> float:
    return min((now - START) / (ends - START), 1.0)
