"""Run as a program: kills a publishing process before and after every commit and file operation, and starts it again.

Prints one JSON line per crash point: the operation, and what the folder and the database hold after the restart. It is
a program of its own because it forks, and a test process has threads. No crash hook is in the product: the operations
are wrapped here.
"""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from campaign import owner, publish, store
from campaign.app import App
from campaign.clock import Clock, SystemClock
from campaign.config import load, revealed
from campaign.db import Database, PatientConnection
from tests.conftest import CONFIG
from tests.making import make_post

CHANNEL = "news"
WRAPPED = ("rename", "replace", "mkdir", "unlink", "fsync", "rmdir", "link", "truncate", "ftruncate")
TRIES = 12  # runs after which a restarted program must have settled everything


class Killer:
    """Counts operations and kills this process at one of them."""

    def __init__(self, at: int, after: bool) -> None:
        self.at, self.after, self.count, self.names = at, after, 0, []

    def wrap(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def operation(*args: Any, **kwargs: Any) -> Any:
            self.count += 1
            self.names.append(name)
            if self.count == self.at and not self.after:
                os.kill(os.getpid(), signal.SIGKILL)
            try:
                return real(*args, **kwargs)
            finally:
                if self.count == self.at and self.after:
                    os.kill(os.getpid(), signal.SIGKILL)

        return operation

    def wrap_open(self, real: Callable[..., Any]) -> Callable[..., Any]:
        writing = self.wrap("open for writing", real)
        return lambda file, mode="r", *args, **kwargs: (writing if set(mode) & set("wxa+") else real)(
            file, mode, *args, **kwargs
        )

    def install(self) -> None:
        for name in WRAPPED:
            setattr(os, name, self.wrap(name, getattr(os, name)))
        io.open = self.wrap_open(io.open)
        PatientConnection.commit = self.wrap("commit", PatientConnection.commit)


def build(home: Path, clock: Clock | None = None) -> App:
    """Start the program as the daemon does, up to owning its channels."""
    config = load(home / "config.toml", {})
    app = App(config, Database(revealed(config.database)), clock or SystemClock())
    app.owner = owner.own(app.db)
    app.sync_channels()
    return app


def arrange(home: Path, parts: int, config_text: str = CONFIG) -> None:
    """Lay out a folder with one approved post that is due."""
    home.mkdir(parents=True)
    (home / "config.toml").write_text(config_text)
    config = load(home / "config.toml", {})
    app = App(config, Database(revealed(config.database)))
    app.db.upgrade()
    app.sync_channels()
    make_post(app, channel=CHANNEL, parts=parts, due_in=-timedelta(minutes=1))
    app.db.close()


def in_child(work: Callable[[], None]) -> bool:
    """Run `work` in a forked process; say whether it ended by itself."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException as error:  # the parent is told, and nothing runs on in the child
            print(json.dumps({"error": repr(error)}), flush=True)
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFEXITED(status)


def publish_once(home: Path, killer: Killer) -> None:
    app = build(home)
    killer.install()
    publish.run(app, CHANNEL)
    (home / "operations.json").write_text(json.dumps(killer.names))


def restart(home: Path) -> None:
    app = build(home)
    for _ in range(TRIES):
        publish.run(app, CHANNEL)


def judge(home: Path) -> dict[str, Any]:
    """Return what a reader of the folder sees, and what the program believes."""
    folder = home / "published" / CHANNEL
    places = [place.name for place in folder.iterdir() if place.is_dir() and not place.name.startswith(".")]
    feed = ElementTree.parse(folder / "feed.xml").findall("{http://www.w3.org/2005/Atom}entry")
    config = load(home / "config.toml", {})
    db = Database(revealed(config.database))
    with db.reading() as session:
        (post,) = store.posts_on(session, CHANNEL)
        known = [part.remote_id for part in store.parts_of(session, post.uuid)]
        alerts = [alert.message for alert in store.open_alerts(session)]
    db.close()
    return {"live": sorted(places), "feed": len(feed), "status": post.status, "known": sorted(known), "alerts": alerts}


def undisturbed(root: Path, parts: int) -> list[str]:
    """Return the operations of a run that nobody disturbs."""
    arrange(root / "laid-out", parts)
    shutil.copytree(root / "laid-out", root / "calm")
    in_child(lambda: publish_once(root / "calm", Killer(0, after=False)))
    names: list[str] = json.loads((root / "calm" / "operations.json").read_text())
    print(json.dumps({"operations": names}), flush=True)
    return names


def kill_often(root: Path, parts: int, rounds: int, seed: int) -> None:
    """Kill again and again at random operations, restarts included, before one last start may end in peace."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    most = len(undisturbed(root, parts))
    for n in range(rounds):
        home = root / str(n)
        shutil.copytree(root / "laid-out", home)
        points = [(chance.randint(1, most), chance.random() < 0.5) for _ in range(chance.randint(2, 5))]
        ended = [in_child(lambda home=home, point=point: publish_once(home, Killer(*point))) for point in points]
        in_child(lambda home=home: restart(home))
        print(json.dumps({"point": f"{points}", "killed": not all(ended), **judge(home)}), flush=True)
        shutil.rmtree(home)


def kill_everywhere(root: Path, parts: int) -> None:
    """Kill once before and once after each operation."""
    for n, name in enumerate(undisturbed(root, parts), start=1):
        for after in (False, True):
            home = root / f"{n}-{after}"
            shutil.copytree(root / "laid-out", home)
            ended = in_child(lambda home=home, n=n, after=after: publish_once(home, Killer(n, after)))
            in_child(lambda home=home: restart(home))
            point = f"{'after' if after else 'before'} {n} ({name})"
            print(json.dumps({"point": point, "killed": not ended, **judge(home)}), flush=True)
            shutil.rmtree(home)


if __name__ == "__main__":
    folder, parts_of_post, *often = sys.argv[1:]
    if often:
        kill_often(Path(folder), int(parts_of_post), *map(int, often))
    else:
        kill_everywhere(Path(folder), int(parts_of_post))
