"""An office, its daemon and the platforms, on a virtual clock and in memory; people act by typing commands.

What people have said yes to, and what they have stopped, is noted beside the program as it is typed: the judge holds
it against what readers saw.
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from campaign.app import App
from campaign.cli import cli
from campaign.cli.call import Call, person_of
from campaign.config import Config, load
from campaign.log import LOGGER, Masked
from campaign.models import FINAL
from campaign.rehearsal.clock import VirtualClock
from campaign.rehearsal.faults import Faults
from campaign.rehearsal.house import Disk, House, MemoryStore
from campaign.rehearsal.judge import Stop, Yes, words
from campaign.rehearsal.transport import Call as Request
from campaign.rehearsal.transport import Crash, Net
from tests.conftest import seeded_ids
from tests.rehearsal.histories import INTENT, NEXT
from tests.rehearsal.laying import START, serve

TICK = timedelta(seconds=5)  # of the daemon
LEAST = timedelta(seconds=1)
STEP = timedelta(hours=3)  # without anything to do
HOUSE = timedelta(hours=3)  # between two looks of the other stages
DRIFT = timedelta(minutes=2)  # by which a clock may be wrong unseen
BUG = "Something went wrong inside campaign"

CONFIG = """
[campaign]
name = "Machine"
zone = "Europe/Brussels"
utm = "regions"

[regions.moravia-silesia]
name = "Moravskoslezský kraj"

[regions.portugal]
name = "Portugal"

[people.anna]
name = "Anna"
approves = ["everything"]

[plan]
weeks = 1

[daemon]
free_disk = "0 MB"
"""
CHANNEL = """
[channels.{key}]
platform = "{platform}"
language = "en"
attach = "none"
thread = 4
slots = ["mon-sun 09:00", "mon-sun 12:00", "mon-sun 15:00", "mon-sun 18:00"]
spacing = "2 h"
daily_cap = 3
"""


@dataclass
class Ground:
    """What all examples share: a folder, and a store that begins blank with each of them."""

    folder: Path
    memory: MemoryStore
    disk: Disk
    blank: bytes


@dataclass
class Keyboard(Call):
    """How an officer's command meets this office: its clock, its store, its net."""

    build: Callable[..., App] = App

    def open(self, config: Config) -> App:
        return self.build(config, who=person_of(config, self.person))


@dataclass(frozen=True)
class Answer:
    """What came of a command."""

    code: int | None  # None: the process died in it
    output: str
    stdout: str = ""

    @property
    def went_well(self) -> bool:
        """Whether it came to its end, with or without something for a person."""
        return self.code in (0, 3)

    @property
    def died(self) -> bool:
        """Whether nobody can say what it did."""
        return self.code is None

    def json(self) -> Any:
        """Return what was printed, parsed."""
        return json.loads(self.stdout)


class Office:
    """One campaign from its first day."""

    def __init__(self, ground: Ground, homes: Sequence[str], seed: int) -> None:
        ground.memory.put(ground.blank)
        self.memory, self.disk, self.file = ground.memory, ground.disk, ground.folder / "config.toml"
        self.stop_file = ground.folder / "STOP"
        self.stop_file.unlink(missing_ok=True)
        self.disk.faults = self.faults = Faults()
        self.disk.dead = False
        self.clock = VirtualClock(START)
        self.net = Net(self.clock, self.faults)
        self.faults.chance.seed(seed)
        self.services = serve(self.net, tuple(homes), seed)  # by home, which never has another name
        self.keys = {home: home for home in homes}  # by home: the channel's name in the config as it lies there
        self.new_id = seeded_ids(seed)
        self.log, self.outputs, self.bugs = io.StringIO(), list[str](), list[str]()
        self.approved: dict[tuple[str, str], Yes] = {}  # by home and text
        self.stops: list[Stop] = []
        self.orphans: list[str] = []
        self.taken: dict[str, list[tuple[int, datetime]]] = {home: [] for home in homes}
        self._epochs: dict[str, int] = {}  # by channel: the last that was seen
        self.jumped = False
        self._listen()
        self.house = House(self.write_config(), self.memory.db, self.disk, self.clock, self.net, self.new_id)
        self._unread = False  # a changed config, by the daemon
        self._starts, self._begun_at = self.house.starts, self.offset
        self._typing = False
        self._kept_at = -HOUSE.total_seconds()
        self.net.watch, self.net.die, self.net.interlude = self._watched, self.disk.die, self._interlude

    def _listen(self) -> None:
        handler = logging.StreamHandler(self.log)
        handler.setFormatter(Masked("human", self.clock))
        LOGGER.handlers = [handler]
        LOGGER.setLevel(logging.INFO)

    # The config

    def write_config(self) -> Config:
        """Write the config file with the channels as they are called now, and read it."""
        tables = []
        for home, key in self.keys.items():
            service = self.services[home]
            settings = "".join(f'{name} = "{value}"\n' for name, value in service.settings().items())
            tables.append(CHANNEL.format(key=key, platform=service.name) + settings)
        self.file.write_text(CONFIG + "".join(tables))
        self.config = load(self.file, {})
        return self.config

    def send_hangup(self) -> None:
        """Have the daemon read the config again; where that fails it tries again at its next look."""
        self._unread = not self.house.read_again(self.config)
        self._note_starts()

    # People

    def typed(self, *words: str, answer: str = "") -> Answer:
        """Type a command, and what it asks for."""
        call = Keyboard(clock=self.clock, build=self._app)
        self._typing = True
        try:
            line = ["--config", str(self.file), "--as", "anna", "--debug", *words]
            result = CliRunner().invoke(cli, line, input=answer, obj=call)
        except Crash:
            self.disk.dead = False
            return Answer(None, "")
        finally:
            self._typing = False
        self.outputs.append(result.output)
        if BUG in result.output or not isinstance(result.exception, SystemExit | None):
            self.bugs.append(f"campaign {' '.join(words)}: {result.output[-3000:]} {result.exception!r}")
        return Answer(result.exit_code, result.output, result.stdout)

    def _app(self, config: Config, who: str) -> App:
        return App(config, self.memory.db, self.clock, new_id=self.new_id, transport=self.net.transport, who=who)

    def enable_all(self) -> None:
        """Log in where a platform wants that, and let every channel publish."""
        for home, service in self.services.items():
            if service.tokens():
                assert self.typed("channel", "login", self.keys[home], answer=f"{service.token}\n").code == 0
            assert self.typed("channel", "enable", self.keys[home]).code == 0

    def approve(self, *names: str, by_code: bool = True) -> None:
        """Look at a proof, of all that waits or of what is named, and say yes to what it showed."""
        proof = self.typed("proof", *names, "--json")
        if not proof.went_well or not (shown := proof.json())["code"]:
            return
        items = {item["post"]: item for item in shown["items"] if item["whole"]}
        yes = self.typed("approve", "--json", *(["--proof", shown["code"]] if by_code else items))
        if yes.died:
            said = list(items)
        else:
            said = [each["post"] for each in yes.json() if each["outcome"] != "refused"] if yes.went_well else []
        for post in said:
            self.note_yes(items[post])

    def note_yes(self, item: dict[str, Any]) -> None:
        """Note that a person has said yes to a post as a proof has shown it."""
        self.release("revoke", item["post"])
        home = home_in(item["name"].rpartition("@")[2])
        for n, part in enumerate(item["parts"], start=1):
            self.approved.setdefault((home, words(part["text"])), Yes(item["post"], n, self.world_now))

    def stop(self, by: str, scope: Any, key: str, *, until: datetime | None = None) -> None:
        """Note that somebody has stopped something."""
        self.release(by, key)
        self.stops.append(Stop(by, scope, key, self.world_now, until))

    def release(self, by: str, key: str) -> None:
        """Note that somebody has taken a stop back, or may have."""
        now = self.world_now
        self.stops = [
            replace(stop, until=min(stop.until or now, now)) if (stop.by, stop.key) == (by, key) else stop
            for stop in self.stops
        ]

    def rename(self, home: str, *, read_first: bool) -> None:
        """Call a channel something else in the config, then type the command; read_first: the daemon is too quick."""
        old = self.keys[home]
        self.keys[home] = f"{home}-{int(old.partition('-')[2] or 0) + 1}"
        self.write_config()
        if read_first:
            self.send_hangup()
        if not self.typed("channel", "rename", old, self.keys[home]).went_well and self._has_channel(old):
            self.keys[home] = old
            self.write_config()

    def put_stop_file(self, there: bool) -> None:
        """Put the stop file where it stops everything, or take it away."""
        if there:
            self.stop_file.touch()
            self.stop("stop file", "all", "")
        else:
            self.stop_file.unlink(missing_ok=True)
            self.release("stop file", "")

    def calm(self) -> None:
        """Nothing meets a fault any more, and the clock is right."""
        self.faults.on_calls, self.faults.on_commits, self.faults.away, self.faults.rate = {}, {}, None, 0
        self.set_clock(timedelta(0))
        self.restart()

    def undo_stops(self) -> None:
        """Let everything go on that somebody has stopped, but what was cancelled or taken back."""
        self.put_stop_file(False)
        self.send_hangup()
        for what in ("--all", ""), ("--region", "portugal"), *(("--channel", key) for key in self.keys.values()):
            self.typed("resume", *filter(None, what))
            self.release("pause", home_in(what[-1]))
        for key in self.keys.values():
            self.typed("channel", "enable", key)
            self.release("disable", home_in(key))

    # The database, past the program

    def posts(self, *statuses: str) -> list[tuple[str, str, str, str]]:
        """Return uuid, story, channel and status of the posts, or of those in some statuses."""
        rows = self.memory.ask(POSTS)
        return [row for row in rows if not statuses or row[3] in statuses]

    def is_quiet(self) -> bool:
        """Whether every story has ended on every channel."""
        ended = {(story, channel) for _, story, channel, status in self.posts() if status in FINAL}
        stories = [story for (story,) in self.memory.ask("SELECT slug FROM story WHERE status = 'queued'")]
        return all((story, key) in ended for story in stories for key in self.keys.values())

    def address_of(self, post: str) -> str | None:
        """Look at the platform's own page for the first part of a post that is not known to be live."""
        found = self.memory.ask(NEXT_PART, post)
        if not found:
            return None
        channel, content = found[0]
        service = self.services[home_in(channel)]
        text = words(json.loads(content)["text"])
        item = next((item for item in service.live if words(item.text) == text), None)
        return f"https://{service.host}/posts/{item.id}" if item else None

    def _has_channel(self, key: str) -> bool:
        return bool(self.memory.ask("SELECT 1 FROM channel_state WHERE channel = ?", key))

    # Time

    @property
    def world_now(self) -> datetime:
        """The time of everybody else."""
        return self.net.world.now()

    @property
    def offset(self) -> timedelta:
        """By how much our clock is wrong."""
        return self.clock.now() - self.world_now

    def set_clock(self, by: timedelta) -> None:
        """Set our clock wrong by so much."""
        self.clock.jump(by - self.offset)
        self._note_clock()

    def restart(self) -> None:
        """Stop the daemon and start it again."""
        self.house.restart()
        self._note_starts()

    def _note_starts(self) -> None:
        """A daemon that was started takes the clock as it is: what it does then cannot be judged by moments."""
        if self.house.starts == self._starts:
            return
        self._starts, self._begun_at, self._unread = self.house.starts, self.offset, False
        self._note_clock()
        if abs(self.offset) > DRIFT:
            self.jumped = True
            self.stops = [stop for stop in self.stops if not stop.until or stop.until <= self.world_now]

    def _note_clock(self) -> None:
        """Nothing may go out while the daemon's clock is another than the one that it was started by."""
        if abs(self.offset - self._begun_at) > DRIFT:
            self.stop("a clock that was set", "all", "")
        else:
            self.release("a clock that was set", "")

    def pass_time(self, by: timedelta) -> None:
        """Let time pass, and the daemon do its work."""
        end = self.clock.boottime() + by.total_seconds()
        while self.clock.boottime() < end:
            busy = self.look()
            ahead = TICK if busy else self._next_moment() - self.clock.now()
            left = timedelta(seconds=end - self.clock.boottime())
            self.clock.advance(max(LEAST, min(ahead, left)))
        self.look()

    def look(self) -> bool:
        """Let the daemon look at everything once, at the other stages when it is time; say whether it was busy."""
        if self.clock.boottime() - self._kept_at >= HOUSE.total_seconds():
            self.keep_house()
        return self.publish()

    def keep_house(self) -> None:
        """Let the daemon run its other stages."""
        self._kept_at = self.clock.boottime()
        if self._unread:
            self.send_hangup()
        self.house.keep_house()
        self._note_starts()

    def publish(self) -> bool:
        """Let each channel's job run once; say whether there was anything to do."""
        busy = False
        for key in list(self.house.app.config.channels):
            busy = self.house.publish(key) or busy
            self._note_starts()
            self._note_epochs()
        return busy

    def until_due(self) -> timedelta:
        """Return how long it is until the next post is due."""
        now = self.clock.now()
        due = self.memory.ask(NEXT_DUE, f"{now:%Y-%m-%d %H:%M:%S.%f}")[0][0]
        return datetime.fromisoformat(f"{due}+00:00") - now if due else STEP

    def _next_moment(self) -> datetime:
        now = self.clock.now()
        found = self.memory.ask(NEXT, *[f"{now:%Y-%m-%d %H:%M:%S.%f}"] * 4)
        moments = [datetime.fromisoformat(f"{moment}+00:00") for row in found for moment in row if moment]
        return min([*moments, now + STEP])

    def _interlude(self) -> None:
        """While the daemon stands still in a call, another one takes over and works for some minutes."""
        if not self._typing:
            self.house.stop_and_take_over(self._others_work)

    def _others_work(self) -> None:
        self._note_starts()
        for key in list(self.house.app.config.channels):
            self.house.guarded("take", lambda key=key: self.house.seat.take(key))
        self._note_epochs()
        for _ in range(self.faults.chance.choice((0, 3))):
            self.publish()
            self.clock.advance(timedelta(minutes=self.faults.chance.choice((0.2, 2, 10))))

    # What is watched

    def _note_epochs(self) -> None:
        for key, epoch in self.house.seat.epochs.items():
            if self._epochs.get(key) != epoch:
                self._epochs[key] = epoch
                self.taken[home_in(key)].append((epoch, self.clock.now()))

    def _watched(self, request: Request) -> None:
        """Look, past the program, whether a visible call has its intent."""
        home = request.host.partition(".")[0]
        if not self.services[home].is_visible(request):
            return
        seat = self.house.seat
        mine = [(key, epoch) for key, epoch in seat.epochs.items() if home_in(key) == home]
        if not any(self.memory.ask(INTENT, key, epoch, seat.sender) for key, epoch in mine):
            self.orphans.append(f"a visible call on {home} at {request.at:%d %H:%M:%S} without an intent of {mine}")


def home_in(key: str) -> str:
    """Return the home in a channel's name: such as mastodon in mastodon-2."""
    return key.partition("-")[0]


POSTS = """
SELECT post.uuid, story.slug, post.channel, post.status FROM post JOIN story ON post.story = story.uuid
 ORDER BY story.slug, post.channel
"""
NEXT_DUE = "SELECT min(due_at) FROM post WHERE status IN ('planned', 'rendered', 'approved') AND due_at > ?"
NEXT_PART = "SELECT channel, content FROM part WHERE post = ? AND remote_id IS NULL ORDER BY n LIMIT 1"
