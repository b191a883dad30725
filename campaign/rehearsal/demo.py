"""The demo: four weeks of an example campaign through the whole route, on a virtual clock.

Everything is real but the time, the platforms and the people. Simulated services take the posts, and some of the calls
to them meet a fault. João hands the stories in; Žofie looks at the proof in office hours and says yes to what she has
seen; she publishes by hand what is handed to her, and types in what she counted.
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

from campaign import approve, desk, intake, measure, proof
from campaign.app import App, Summary
from campaign.clock import Clock
from campaign.config import Config, load, revealed
from campaign.db import Database
from campaign.errors import UsageError
from campaign.files import shipped
from campaign.models import Post
from campaign.platforms import load as platform
from campaign.rehearsal.clock import VirtualClock
from campaign.rehearsal.demo_page import write_page
from campaign.rehearsal.faults import Faults
from campaign.rehearsal.house import Disk, House
from campaign.rehearsal.run import Run, publish_by_hand
from campaign.rehearsal.simulated import let_speak, pointed_at, serve
from campaign.rehearsal.transport import Net
from campaign.rehearsal.witness import Witness
from campaign.settings import check_channels
from campaign.store import lookup

START = datetime(2026, 2, 27, 13, 0, tzinfo=UTC)  # a Friday: the first posts are approved before the four weeks begin
FIRST_DAY = date(2026, 3, 2)
LAST_DAY = date(2026, 3, 29)  # a Sunday, on which the clocks change
OFFICE = (8, 17)  # hours of the campaign's zone between which Žofie looks in
DAY_OFF = (2026, 3, 11)  # nobody approves anything on this day
LATER = ("2026-03-09", "two-days-in-piemonte")  # handed in by the inbox, in the second week
HANDS_IN = "jsimoes"
OFFICER = "zkrizova"
FAULTS, SEED = 0.08, 5  # part of the calls that meet a fault, and which ones

Progress = Callable[[float, str], None]


def run_demo(folder: Path, progress: Progress) -> Path:
    """Run the demo in a new or empty `folder` and return its page.

    Raises:
        UsageError: the folder holds something already.
    """
    lay_out(folder)
    with opened(folder) as house:
        ends = datetime.combine(LAST_DAY, time(23, 0), ZoneInfo(house.config.campaign.zone)).astimezone(UTC)

        def tell(summary: Summary) -> None:
            if summary.did_something:
                progress(_share(house.clock.now(), ends), str(summary))

        witness = Witness(house, house.services)
        hand_in(house.app, folder)
        with witness.listening():
            Run(house, witness, lambda app: look_in(app, witness, folder), tell=tell).until(ends)
        progress(1.0, "writing the page")
        return write_page(house.app, FIRST_DAY, LAST_DAY, witness)


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
def opened(folder: Path) -> Iterator[DemoHouse]:
    """Give the demo's campaign on a virtual clock, with repeatable ids, simulated services and a few faults."""
    config = load(folder / "config.toml", os.environ)
    check_channels(config)
    disk, ids = Disk(), random.Random(2026)  # noqa: S311 - repeatable, not secret
    house = DemoHouse(
        config,
        Database(revealed(config.database), disk.connection()),
        disk,
        Net(VirtualClock(START), Faults(chance=random.Random(SEED))),  # noqa: S311 - repeatable
        lambda: str(uuid.UUID(int=ids.getrandbits(128), version=4)),
    )
    try:
        log_in(house)
        house.net.faults.rate = FAULTS
        yield house
    finally:
        house.db.close()


class DemoHouse(House):
    """The program in the demo, and the services that it speaks to."""

    def __init__(self, config: Config, db: Database, disk: Disk, net: Net, new_id: Callable[[], str]) -> None:
        self.services = serve(net, config, lambda key: platform(config.channels[key].platform).limits, SEED)
        db.upgrade()
        super().__init__(pointed_at(config, self.services), db, disk, net.clock, net, new_id)


def log_in(house: DemoHouse) -> None:
    """Enable the channels as an admin does: asked who we are there, and what the server allows."""
    app = house.app
    let_speak(app, house.services)
    for key in house.services:
        account = app.platform(key).check()
        with app.writing() as db:
            desk.enable(app, db, key, account)


def hand_in(app: App, folder: Path) -> None:
    """Take in the stories that are there from the start."""
    daemon, app.who = app.who, HANDS_IN
    intake.take(app, [story for story in sorted((folder / "stories").iterdir()) if story.name != LATER[1]])
    app.who = daemon


def look_in(app: App, witness: Witness, folder: Path) -> None:
    """What people do meanwhile."""
    deliver_inbox(folder, app.clock)
    visit_office(app, witness)


def deliver_inbox(folder: Path, clock: Clock) -> None:
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


def visit_office(app: App, witness: Witness) -> None:
    """In office hours: proof and approve what is rendered, publish by hand what waits for it, and count."""
    local = app.clock.now().astimezone(ZoneInfo(app.config.campaign.zone))
    working = local.weekday() < 5 and (local.year, local.month, local.day) != DAY_OFF
    if not working or not OFFICE[0] <= local.hour < OFFICE[1]:
        return
    shown = proof.proof(app)
    if shown.code:
        decided = approve.approve(app, proof_code=shown.code, person=OFFICER)
        witness.hear_yes(each.post for each in decided if each.outcome == "approved")
    for published in publish_by_hand(app, witness, "https://example.org"):
        with app.reading() as db:
            post = lookup.resolve_post(db, published)
        measure.record(app, post, counted(post), OFFICER)


def counted(post: Post) -> dict[str, int]:
    """Return plausible numbers for a by-hand post: drawn from its id, and labelled in the page as made up."""
    source = random.Random(post.uuid)  # noqa: S311 - repeatable, not secret
    return {"reactions": source.randint(8, 40), "comments": source.randint(0, 6)}


def _share(now: datetime, ends: datetime) -> float:
    return min((now - START) / (ends - START), 1.0)
