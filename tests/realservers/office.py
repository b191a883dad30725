"""An officer at the command line, and the daemon behind it, on a virtual clock and with one channel on a real server.

Everything goes the public way: stories are handed in, planned, proofed and approved by typing; then the stages work.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from campaign import measure, owner, publish, store
from campaign.app import App, open_app
from campaign.cli import cli
from campaign.cli.call import Call
from campaign.config import load
from campaign.files import shipped
from campaign.models import OPEN
from campaign.rehearsal.clock import VirtualClock
from campaign.rehearsal.demo import START
from tests.realservers import mastodon, pds
from tests.realservers.reading import Thread, commands_on_page, on_bluesky, on_mastodon
from tests.realservers.servers import ask, told, until

STORIES = sorted(shipped("examples", "stories").iterdir())
QUOTE = "app.bsky.embed.record"
HANDS_IN, OFFICER = "joao", "zofie"
SLOTS = ", ".join(f'"mon-sun {hour:02}:{minute}"' for hour in range(6, 22) for minute in ("00", "30"))
CHANNEL = """
[channels.news]
platform = "{platform}"
base_url = "{url}"
name = "News"
slots = [{slots}]
spacing = "0 h"
daily_cap = 100
{settings}
"""


class Home(ABC):
    """A new account on a server: how an officer logs in there, what it holds, what others do there."""

    platform: str
    login: str  # what is typed

    def __init__(self, server: Any) -> None:
        self.server = server
        self.url = server.url
        self.account = server.create_account()
        self._readers: list[Any] = []
        self._reacted: Counter[tuple[str, str]] = Counter()

    @abstractmethod
    def threads(self) -> list[Thread]:
        """Return every post of the account, the oldest first."""

    @abstractmethod
    def addresses(self) -> list[str]:
        """Return where people see each part, in the same order."""

    @abstractmethod
    def neighbour(self) -> str:
        """Make another account there and return its handle."""

    @abstractmethod
    def say(self, text: str) -> str:
        """Post something by hand and return its id."""

    @abstractmethod
    def delete(self, remote_id: str) -> None:
        """Delete a part, as somebody does who is logged in there."""

    @abstractmethod
    def shown(self, remote_id: str) -> bool:
        """Whether readers are shown a part."""

    @abstractmethod
    def reactions(self, remote_id: str) -> dict[str, Callable[[Any], object]]:
        """Return what a reader can do with a part."""

    def react(self, remote_id: str, **how_often: int) -> None:
        """Have others react to a part, such as `like=3`: each time somebody else."""
        reactions = self.reactions(remote_id)
        for what, times in how_often.items():
            for _ in range(times):
                reactions[what](self._reader(self._reacted[remote_id, what]))
                self._reacted[remote_id, what] += 1

    def _reader(self, n: int) -> Any:
        if n == len(self._readers):
            self._readers.append(self.server.create_account())
        return self._readers[n]


class BlueskyHome(Home):
    """An account on a PDS; where that has an AppView, readers see what it shows."""

    platform = "bluesky"

    def __init__(self, server: pds.Pds) -> None:
        super().__init__(server)
        self.login = f"{self.account.handle}\n{self.account.app_password()}\n"

    def threads(self) -> list[Thread]:
        return on_bluesky(self.account)

    def addresses(self) -> list[str]:
        keys = [record["uri"].rpartition("/")[2] for record in self.account.records()]
        return [f"https://bsky.app/profile/{self.account.did}/post/{key}" for key in keys]

    def neighbour(self) -> str:
        return str(self.server.create_account().handle)

    def say(self, text: str) -> str:
        return str(self.account.create(pds.POST, text=text)["uri"])

    def delete(self, remote_id: str) -> None:
        self.account.post("com.atproto.repo.deleteRecord", _place(remote_id))

    def shown(self, remote_id: str) -> bool:
        return bool(self.server.counts(remote_id))

    def reactions(self, remote_id: str) -> dict[str, Callable[[Any], object]]:
        record = self.account.get("com.atproto.repo.getRecord", **_place(remote_id))
        post = {"uri": remote_id, "cid": record["cid"]}
        return {
            "like": lambda reader: reader.like(post),
            "share": lambda reader: reader.repost(post),
            "reply": lambda reader: reader.reply(post, "Well done"),
            "quote": lambda reader: reader.create(pds.POST, text="See", embed={"$type": QUOTE, "record": post}),
        }

    def react(self, remote_id: str, **how_often: int) -> None:
        until(lambda: self.shown(remote_id))
        before = self._counted(remote_id)
        super().react(remote_id, **how_often)
        until(lambda: self._counted(remote_id) == before + sum(how_often.values()))

    def _counted(self, remote_id: str) -> int:
        return sum(self.server.counts(remote_id).values())


class MastodonHome(Home):
    """An account on a server with Mastodon's API."""

    platform = "mastodon"

    def __init__(self, server: mastodon.Mastodon) -> None:
        super().__init__(server)
        self.login = f"{self.account.token}\n"

    def threads(self) -> list[Thread]:
        return on_mastodon(self.account)

    def addresses(self) -> list[str]:
        return [status["url"] for status in self.account.statuses()]

    def neighbour(self) -> str:
        return str(self.server.create_account().name)

    def say(self, text: str) -> str:
        return str(self.account.post("/api/v1/statuses", {"status": text})["id"])

    def delete(self, remote_id: str) -> None:
        told(ask("DELETE", f"{self.server.url}/api/v1/statuses/{remote_id}", self.account.token))

    def shown(self, remote_id: str) -> bool:
        return bool(self.server.get(f"/api/v1/statuses/{remote_id}").ok)

    def reactions(self, remote_id: str) -> dict[str, Callable[[Any], object]]:
        status = {"id": remote_id}
        return {
            "like": lambda reader: reader.favourite(status),
            "share": lambda reader: reader.reblog(status),
            "reply": lambda reader: reader.reply(status, "Well done"),
        }


class Office:
    """The example campaign in a folder, with the channel `news` on a home."""

    def __init__(self, folder: Path, home: Home, settings: str = "", change: Callable[[str], str] = str) -> None:
        self.folder = folder
        self.home = home
        self.clock = VirtualClock(START)
        shutil.copytree(shipped("examples", "logos"), folder / "logos")
        (folder / "config.toml").write_text(change(_config(home, settings)), encoding="utf-8")
        self.typed("db", "upgrade")
        self.typed("channel", "login", "news", answer=home.login)
        self.typed("channel", "enable", "news")
        self.daemon: App = open_app(load(folder / "config.toml", {}), who="daemon", clock=self.clock)
        self.daemon.owner = owner.own(self.daemon.db)

    def close(self) -> None:
        """Let go of the database."""
        assert self.daemon.owner is not None
        self.daemon.owner.release()
        self.daemon.db.close()

    def typed(self, *words: str, who: str = OFFICER, answer: str = "") -> str:
        """Type a command that must go well, and return what it printed."""
        call = ["--config", str(self.folder / "config.toml"), "--as", who, *words]
        result = CliRunner().invoke(cli, call, input=answer, obj=Call(clock=self.clock))
        assert result.exit_code == 0, f"{' '.join(words)}\n{result.output}"
        return result.stdout

    def json(self, *words: str) -> Any:
        """Type a command with --json and return what it told."""
        return json.loads(self.typed(*words, "--json"))

    def approve(self, stories: Sequence[Path]) -> str:
        """Hand in, plan and proof stories, approve what the page shows by the command on it, and return the page."""
        self.typed("add", *map(str, stories), who=HANDS_IN)
        self.typed("plan")
        self.typed("proof")
        (page,) = self.daemon.config.folders.pages.glob("proof-*.html")
        html = page.read_text(encoding="utf-8")
        approve, *_ = commands_on_page(html)
        self.typed(*approve.split()[1:])
        return html

    def publish(self) -> None:
        """Let the daemon publish everything that has a slot, each at its time."""
        with self.daemon.reading() as db:
            slots = sorted({post.due_at for post in store.posts_where(db, statuses=OPEN) if post.due_at})
        for slot in slots:
            self.clock.advance_to(slot)
            publish.run(self.daemon, "news")
        told = self.json("post", "list", "--all")
        assert {post["status"] for post in told} == {"published"}, told

    def work(self, hours: float = 0) -> None:
        """Let time pass, and the daemon look at its channel and count."""
        self.clock.advance(timedelta(hours=hours))
        publish.run(self.daemon, "news")
        measure.run(self.daemon)

    def posts(self) -> list[tuple[str, str]]:
        """Return id and slug of each post that went live, in the order in which they did."""
        told = [post for post in self.json("post", "list", "--all") if post["published_at"]]
        return [
            (post["id"], post["story"].split("/")[1]) for post in sorted(told, key=lambda post: post["published_at"])
        ]


@contextmanager
def opened(home: Home, settings: str = "", change: Callable[[str], str] = str) -> Iterator[Office]:
    """Lend an office whose folder lies in memory where there is some: hundreds of commits wait for a disk."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        office = Office(Path(folder), home, settings, change)
        try:
            yield office
        finally:
            office.close()


def _config(home: Home, settings: str) -> str:
    """Return the config of the examples, its channels replaced."""
    examples = (shipped("examples") / "demo.toml").read_text(encoding="utf-8").replace(', "regiony-cz"', "")
    channel = CHANNEL.format(platform=home.platform, url=home.url, slots=SLOTS, settings=settings)
    config, channels = re.subn(r"(?ms)^\[channels\.asa-news\].*?(?=^# The network itself)", lambda _: channel, examples)
    assert channels == 1
    return config


def _place(uri: str) -> dict[str, str]:
    """Return the place of a record as the calls want it."""
    return dict(zip(("repo", "collection", "rkey"), uri.removeprefix("at://").split("/"), strict=True))
