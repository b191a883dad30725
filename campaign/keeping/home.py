"""Where a database is at work. One that wakes up elsewhere sends nothing until somebody has adopted it.

It may be older than what went out: a restored backup, a cloned machine, a copied folder, an old dump. So what may have
gone out since becomes unconfirmed, and the platforms are asked.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import text
from sqlmodel import Session

from campaign import store
from campaign.app import App
from campaign.models import ADOPT, Pause, PauseScope, PostStatus

HOME = "home"  # key in `meta`
MACHINE_ID = Path("/etc/machine-id")  # https://www.freedesktop.org/software/systemd/man/latest/machine-id.html
NETWORK = Path("/sys/class/net")
PERMANENT = "0"  # https://www.kernel.org/doc/Documentation/ABI/testing/sysfs-class-net, addr_assign_type
ON_POSTGRES = text(
    "SELECT (SELECT system_identifier FROM pg_control_system()), current_database(), CAST('meta'::regclass AS oid)"
)


@dataclass(frozen=True)
class Home:
    """What changes when a database is copied, moved or restored by other means than ours.

    On SQLite the inode number stands for the file: a copy, also one unpacked in the same place, has another. The number
    of its device does not count, for it may change with a restart of the machine. On PostgreSQL the server and the
    number of a table do the same; no machine counts there, because several daemons share the database.
    """

    machine: str
    network: tuple[str, ...]  # hardware addresses: a cloned machine has its machine id, and never these
    place: str
    file: int


def home_of(app: App, db: Session) -> Home:
    """Return where a database is now."""
    if app.db.file is None:
        system, name, table = db.connection().execute(ON_POSTGRES).one()
        return Home(str(system), (), str(name), int(table))
    file = app.db.file.resolve()
    return Home(machine_id(), hardware(), str(file), os.stat(file).st_ino if file.exists() else 0)


def machine_id(file: Path = MACHINE_ID) -> str:
    """Return what names this machine, empty where there is nothing such, as in many containers."""
    return file.read_text().strip() if file.is_file() else ""


def hardware(folder: Path = NETWORK) -> tuple[str, ...]:
    """Return the addresses that were built into this machine's network hardware; virtual networks come and go."""
    built_in = [
        place
        for place in folder.glob("*")
        if (place / "device").exists() and (place / "addr_assign_type").read_text().strip() == PERMANENT
    ]
    return tuple(sorted((place / "address").read_text().strip() for place in built_in))


def moved(known: Home, here: Home) -> str:
    """Return how a database has come to another place, empty when it has not."""
    if known.machine != here.machine:
        return "the database was at work on another machine or server"
    if known.network and here.network and not set(known.network) & set(here.network):
        return "the database was at work on another machine, of which this one is a copy"
    if known.place != here.place:
        return f"the database was at work as {known.place}"
    if known.file != here.file:
        return "the database is not the one that was at work here, but a copy of it"
    return ""


def strange(db: Session, here: Home) -> str:
    """Return why a database is not at home here, empty when it is, or was never at work yet."""
    if made := store.made_at(db):
        return f"a backup of {made:%Y-%m-%d %H:%M} UTC was put in the place of the database"
    stored = store.meta(db, HOME)
    if stored is None:
        return ""
    known = json.loads(stored)
    return moved(Home(**{**known, "network": tuple(known["network"])}), here)


def wake(app: App) -> str:
    """Look whether the database is at home, before anything is sent; return why it is held, empty when it is not."""
    with app.keeping_house() as db:
        return wake_in(app, db)


def wake_in(app: App, db: Session) -> str:
    """Do so in a transaction of the caller's."""
    if pause := store.held(db):
        return pause.reason
    here = home_of(app, db)
    if why := strange(db, here):
        hold(app, db, why, store.known_until(db, _beginning(app, db)))
    else:
        _settle(db, here)
    return why


def _beginning(app: App, db: Session) -> datetime:
    """Return from when on everything is in doubt, where a database has never sent anything."""
    return min([story.created_at for story in store.all_stories(db)], default=app.clock.now())


def _settle(db: Session, here: Home) -> None:
    settled = json.dumps(asdict(here))
    if store.meta(db, HOME) != settled:
        store.set_meta(db, HOME, settled)


def hold(app: App, db: Session, why: str, since: datetime | None) -> None:
    """Let nothing be sent until `campaign adopt`; what may have gone out after `since`, if anything, is unconfirmed."""
    now = app.clock.now()
    store.set_pause(db, Pause(scope=str(PauseScope.ALL), key=ADOPT, reason=why, who=app.who, since=now))
    store.forget_made_at(db)
    app.event(db, "database.held", note=why, after={"unknown since": since.isoformat() if since else ""})
    app.alert(db, ADOPT, f"everything is held: {why}", remedy="Stop the other daemon, if there is one; campaign adopt")
    if since is None:
        return
    lost = store.note_lost_span(db, since, now)
    by_api = [key for key, channel in app.config.channels.items() if channel.mode == "api"]
    for post, part in store.doubtful_posts(db, by_api, now):
        store.doubt(db, post, part, lost, now, app.new_id)
        app.event(db, "post.unconfirmed", post=post.uuid, story=post.story, channel=post.channel, note=store.WHY)


def adopt(app: App, db: Session) -> None:
    """Lift the hold: this database is the one that sends from now on, and it is at home here."""
    hold = store.clear_pause(db, PauseScope.ALL, ADOPT)
    _settle(db, home_of(app, db))
    store.clear_alert(db, ADOPT, app.clock.now())
    for post in store.posts_where(db, statuses=[PostStatus.UNCONFIRMED]):
        if app.config.channels.get(post.channel) and app.channel(post.channel).mode == "api":
            store.change_post(db, post, next_try_at=None, tries=0)  # absence counts from now on
    app.event(db, "database.adopted", note=hold.reason if hold else "")
