"""A campaign's server on a virtual clock and in memory: its files, its daemon, the platforms, and time that passes."""

from __future__ import annotations

import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from campaign.config import Config, load
from campaign.log import LOGGER, Masked
from campaign.rehearsal.clock import VirtualClock
from campaign.rehearsal.faults import Faults
from campaign.rehearsal.house import Disk, House, MemoryStore
from campaign.rehearsal.judge import Stop
from campaign.rehearsal.transport import Call, Net
from tests.conftest import seeded_ids
from tests.rehearsal.histories import INTENT, NEXT
from tests.rehearsal.laying import START, serve

TICK = timedelta(seconds=5)  # of the daemon
LEAST = timedelta(seconds=1)
STEP = timedelta(hours=3)  # without anything to do
HOUSE = timedelta(hours=3)  # between two looks of the other stages
DRIFT = timedelta(minutes=2)  # by which a clock may be wrong unseen

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


class Server:
    """One campaign from its first day, as far as machines go."""

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
        self.log = io.StringIO()
        self.stops: list[Stop] = []
        self.orphans: list[str] = []
        self.taken: dict[str, list[tuple[int, datetime]]] = {home: [] for home in homes}
        self._epochs: dict[str, int] = {}  # by channel: the last that was seen
        self.jumped = False
        self._listen()
        self.house = House(self.write_config(), self.memory.db, self.disk, self.clock, self.net, self.new_id)
        self._unread = False  # a changed config, by the daemon
        self._starts, self._begun_at = self.house.starts, self.offset
        self.typing = False  # somebody types a command, so that calls are theirs
        self._kept_at = -HOUSE.total_seconds()
        self.net.watch, self.net.die, self.net.interlude = self._watched, self.disk.die, self._interlude

    def _listen(self) -> None:
        handler = logging.StreamHandler(self.log)
        handler.setFormatter(Masked("human", self.clock))
        LOGGER.handlers = [handler]
        LOGGER.setLevel(logging.INFO)

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

    # The database as a file

    @property
    def database(self) -> Path:
        """Where it lies for those who work on a file."""
        return self.file.with_name("campaign.db")

    def write_database(self) -> None:
        """Write the database to its file; of the same file, so that it is at home there."""
        self.database.write_bytes(self.memory.state())

    def read_database(self) -> None:
        """Go on with what lies in the file."""
        self.memory.put(self.database.read_bytes())

    # What is stopped

    def stop(self, by: str, scope: Any, key: str, *, until: datetime | None = None) -> None:
        """Note that somebody has stopped something. When a stop by a wrong clock ends, nobody can say."""
        self.release(by, key)
        if until is None or abs(self.offset) <= DRIFT:
            self.stops.append(Stop(by, scope, key, self.world_now, until))

    def release(self, by: str, key: str) -> None:
        """Note that somebody has taken a stop back, or may have."""
        now = self.world_now
        self.stops = [
            replace(stop, until=min(stop.until or now, now)) if (stop.by, stop.key) == (by, key) else stop
            for stop in self.stops
        ]

    def calm(self) -> None:
        """Nothing meets a fault any more, and the clock is right."""
        self.faults.on_calls, self.faults.on_commits, self.faults.away, self.faults.rate = {}, {}, None, 0
        self.set_clock(timedelta(0))
        self.restart()

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
        if not self.typing:
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
                self.taken[home_in(key)].append((epoch, self.world_now))

    def _watched(self, request: Call) -> None:
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


NEXT_DUE = "SELECT min(due_at) FROM post WHERE status IN ('planned', 'rendered', 'approved') AND due_at > ?"
