"""A campaign with a channel on every platform: its services, its officer at the keyboard, and what readers see.

Everything goes the public way, by commands; the daemon's work is done by `campaign tick`. What readers see is read past
the program: from the simulated services, from the folder, and from the bytes that reached them.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from pkgutil import resolve_name
from typing import Any
from urllib.parse import parse_qs, urlsplit

from click.testing import CliRunner

from campaign.app import App
from campaign.cli import cli
from campaign.config import Config, Public, load, revealed
from campaign.db import Database
from campaign.platforms import PLATFORMS
from campaign.rehearsal.clock import VirtualClock
from campaign.rehearsal.services import SERVICES
from campaign.rehearsal.services.base import Item, Service
from campaign.rehearsal.services.public import PublicFolder
from campaign.rehearsal.transport import Call, Net, Reply
from tests.conftest import seeded_ids
from tests.realservers.reading import with_links_in_full
from tests.rehearsal.office import Keyboard

START = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)  # a Monday
SLOT = datetime(2026, 3, 2, 13, 0, tzinfo=UTC)  # of every channel
CZECH = ("facebook", "folder", "mastodon", "threads", "webhook")  # the others speak English
THREADED = ("bluesky", "mastodon", "telegram", "threads", "x")
COMMENTED = ("facebook", "linkedin")  # the link stands in a first comment
LOOKS = 8  # of the daemon at the channels, within which everything is out

CONFIG = """
[campaign]
name = "Regions in view"
zone = "Europe/Brussels"
utm = "regions-in-view"
hashtags = ["AutomotiveSkills"]

[public]
url = "https://pictures.example.com/shown"
folder = "public"

[regions.moravia-silesia]
name = { en = "Moravia-Silesia", cs = "Moravskoslezský kraj" }
hashtags = ["MoraviaSilesia"]

[regions.portugal]
name = "Portugal (ATEC)"

[regions.portugal.handles]
bluesky = "atec.example.org"
instagram = "atec.pt"
linkedin = "urn:li:organization:1337"
mastodon = "@atec@social.example.org"
telegram = "atec_pt"
threads = "atec.pt"
x = "atec_pt"

[funders.eu]
name = "European Union"
emblem = "eu"
statement = { en = "Co-funded by the European Union", cs = "Spolufinancováno Evropskou unií" }

[projects.trireme]
name = "TRIREME"
funders = ["eu"]

[people.anna]
name = "Anna Dvořáková"
approves = ["everything"]
"""
CHANNEL = """
[channels.{platform}]
platform = "{platform}"
name = "{platform}"
language = "{language}"
slots = ["mon 14:00"]
"""


@dataclass(frozen=True)
class Seen:
    """One part of a post, as its platform has it."""

    id: str
    text: str  # with its links in full
    language: str  # empty where the platform keeps none
    alts: tuple[str, ...]  # of its pictures
    under: str  # the id of what it stands under


class Everywhere:
    """The campaign."""

    def __init__(self, folder: Path) -> None:
        self.file, self.published = folder / "config.toml", folder / "published"
        self.clock = VirtualClock(START)
        self.net = Net(self.clock)
        self._fetch = self.net.fetch
        self.new_id = seeded_ids(5)
        self.services: dict[str, Service] = {name: self._served(name) for name in SERVICES}
        # only this service has handles, which its base does not know
        self.services["bluesky"].handles["atec.example.org"] = "did:plc:atec"  # type: ignore[attr-defined]
        self.config = self._written()
        PublicFolder(self.net, self.config.public or Public(""))
        self.calls: dict[str, list[Call]] = {name: [] for name in SERVICES}
        self._sent: dict[str, list[str]] = {name: [] for name in SERVICES}  # hashes of pictures, in their order
        self._listen()
        self._let_in()

    def _served(self, name: str) -> Service:
        made: Service = resolve_name(SERVICES[name])(self.net, f"{name}.example.com", token=f"token-of-{name}")
        return made

    def _written(self) -> Config:
        """Write the config, and read it."""
        tables = []
        for name in PLATFORMS:
            settings: dict[str, Any] = (
                {**self.services[name].settings()} if name in SERVICES else {"folder": "published"}
            )
            settings |= {"thread": 4} if name in THREADED else {}
            settings |= {"first_comment": "link"} if name in COMMENTED else {}
            lines = (f"{key} = {json.dumps(value)}\n" for key, value in settings.items())
            tables.append(CHANNEL.format(platform=name, language=language_of(name)) + "".join(lines))
        self.file.write_text(CONFIG + "".join(tables), encoding="utf-8")
        return load(self.file, {})

    def _listen(self) -> None:
        """Note what reaches the services, in calls and from the public place."""
        names = {service.host: name for name, service in self.services.items()}

        def watch(call: Call) -> None:
            self.calls[names[call.host]].append(call)
            self._sent[names[call.host]] += map(hashed, _pictures_in(call))

            def fetched(url: str) -> Reply:
                reply = self._fetch(url)
                self._sent[names[call.host]].append(hashed(reply.body))
                return reply

            self.net.fetch = fetched  # type: ignore[method-assign]  # noted on its way

        self.net.watch = watch

    def _let_in(self) -> None:
        """Give every channel the credentials that a login would bring, and let it publish."""
        self.typed("db", "upgrade")
        with self.opened() as app:
            for name, service in self.services.items():
                app.tokens(name).save(service.tokens())
        for name in self.services:
            self.typed("channel", "enable", name)

    # The keyboard, and time

    def _app(self, config: Config, who: str) -> App:
        database = Database(revealed(config.database))
        return App(config, database, self.clock, new_id=self.new_id, transport=self.net.transport, who=who)

    @contextmanager
    def opened(self) -> Iterator[App]:
        """Lend the program, past the command line."""
        app = self._app(self.config, "anna")
        try:
            yield app
        finally:
            app.db.close()

    def typed(self, *words: str) -> str:
        """Type a command that must go well, and return what it printed."""
        line = ["--config", str(self.file), "--as", "anna", "--debug", *words]
        result = CliRunner().invoke(cli, line, obj=Keyboard(clock=self.clock, build=self._app))
        assert result.exit_code == 0, f"{' '.join(words)}\n{result.output}"
        return result.stdout

    def json(self, *words: str) -> Any:
        """Type a command with --json and return what it told."""
        return json.loads(self.typed(*words, "--json"))

    def statuses(self) -> dict[str, str]:
        """Return what has become of the post on each channel."""
        return {post["channel"]: post["status"] for post in self.json("post", "list", "--all")}

    def work(self, until: datetime, wanted: str) -> None:
        """Let time pass, and the daemon look at everything each minute until every post that can is as wanted."""
        self.clock.advance_to(until)
        for _ in range(LOOKS):
            self.typed("tick")
            self.clock.advance(timedelta(minutes=1))
            if set(self.statuses().values()) == {wanted}:
                return

    # What readers see

    def seen(self, name: str) -> list[Seen]:
        """Return what readers see on a platform, oldest first."""
        if name not in self.services:
            return [_read(place) for place in sorted(self.published.glob("[!.]*/"))]
        return [
            Seen(item.id, _whole_text(item), item.language, item.alts, item.reply_to)
            for item in self.services[name].live
        ]

    def pictures(self, name: str) -> list[str]:
        """Return the hashes of the pictures that reached a platform, in their order."""
        if name not in self.services:
            return [hashed(file.read_bytes()) for file in sorted(self.published.glob("[!.]*/image-*.jpg"))]
        if name == "webhook":
            addresses = [image["url"] for event in self.events() for image in event["data"].get("images", ())]
            return [hashed(self._fetch(address).body) for address in addresses]
        return list(self._sent[name])

    def events(self) -> list[dict[str, Any]]:
        """Return what the webhook's receiver was told."""
        return [call.json() for call in self.calls["webhook"]]

    def asked(self, name: str, target: str, **headers: str) -> Any:
        """Ask a service past the program, as the account that it has last let in."""
        service, address = self.services[name], urlsplit(target)
        given = {"authorization": self.calls[name][-1].headers.get("authorization", "")}
        given |= {header.replace("_", "-"): value for header, value in headers.items()}
        now, query = self.net.world.now(), parse_qs(address.query)
        reply = service.answer(Call("GET", service.host, address.path, query, given, b"", now, raw_query=address.query))
        assert reply.status == 200, reply.body
        return reply.body


@contextmanager
def everywhere() -> Iterator[Everywhere]:
    """Lend a campaign whose folder lies in memory where there is some: hundreds of commits wait for a disk."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Everywhere(Path(folder))


def language_of(name: str) -> str:
    """Return the language of the channel on a platform."""
    return "cs" if name in CZECH else "en"


def hashed(data: bytes) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(data).hexdigest()


def _pictures_in(call: Call) -> list[bytes]:
    """Return the pictures that a call carries."""
    kind = call.headers.get("content-type", "")
    if kind.startswith("image/"):
        return [call.body]
    return [file.data for file in call.form()[1].values()] if kind.startswith("multipart/") else []


def _whole_text(item: Item) -> str:
    """Return a text with each link in the place of what is shown of it."""
    record = item.extra.get("record")
    return with_links_in_full(record)[0] if record else item.text


def _read(place: Path) -> Seen:
    """Read a folder that is a post."""
    alts = [file.read_text().removesuffix("\n") for file in sorted(place.glob("image-*.alt.txt"))]
    text, language = (place / "post.txt").read_text(), json.loads((place / "post.json").read_text())["language"]
    return Seen(place.name, text.removesuffix("\n"), language, tuple(alts), "")
