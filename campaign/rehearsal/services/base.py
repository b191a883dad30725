"""What every simulated service has: accounts with their tokens, what is live, and what readers do with it."""

from __future__ import annotations

import random
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, ClassVar

from campaign.platforms.base import Limits
from campaign.rehearsal.clock import WorldClock
from campaign.rehearsal.transport import Call, Net, Reply


@dataclass
class Item:
    """One thing that readers see, or have seen."""

    id: str
    text: str
    at: datetime
    reply_to: str = ""
    link: str = ""
    language: str = ""
    alts: tuple[str, ...] = ()  # of its pictures, in order
    key: str = ""  # what the service knows it by, of what the sender chose
    gone_at: datetime | None = None
    extra: dict[str, Any] = field(default_factory=dict)  # what only this service keeps

    @property
    def is_live(self) -> bool:
        """Whether readers see it now."""
        return self.gone_at is None


Route = tuple[str, re.Pattern[str], Callable[..., Reply]]


class Service(ABC):
    """One account on one simulated service, behind a host of its own."""

    name: ClassVar[str]  # of the platform that speaks to it

    def __init__(self, net: Net, host: str, *, token: str = "", seed: int = 0) -> None:
        self.host = host
        self.clock: WorldClock = net.world
        self.token = token
        self.items: list[Item] = []  # all that ever was live, oldest first
        self.chance = random.Random(f"{host}{seed}")  # noqa: S311 - repeatable, not secret
        self._made = 0
        self._routes = [(method, re.compile(path), answering) for method, path, answering in self.routes()]
        net.serve(host, self.answer, self.refuse)

    @classmethod
    def options(cls, settings: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
        """Return what a channel tells of its service: by its own keys, and by the limits its posts were made for."""
        return {}

    @abstractmethod
    def routes(self) -> list[tuple[str, str, Callable[..., Reply]]]:
        """Return method, pattern of the path, and who answers: called with the call and the pattern's groups."""

    @abstractmethod
    def refuse(self, call: Call) -> Reply:
        """Answer as to a token that is not accepted, whatever it is."""

    @abstractmethod
    def settings(self) -> Mapping[str, Any]:
        """Return the keys of a channel that speaks to it: `base_url` and whatever else its platform wants."""

    def tokens(self) -> Mapping[str, str]:
        """Return what a login would have stored for the channel."""
        return {}

    @abstractmethod
    def is_visible(self, call: Call) -> bool:
        """Whether this is the call that makes something visible."""

    def answer(self, call: Call) -> Reply:
        """Answer a call."""
        for method, path, answering in self._routes:
            found = path.fullmatch(call.path)
            if found and method == call.method:
                return answering(call, *found.groups())
        return Reply(404, {"error": "Not Found"})

    @property
    def live(self) -> list[Item]:
        """What readers see now, oldest first."""
        return [item for item in self.items if item.is_live]

    def show(self, item: Item) -> Item:
        """Make something visible."""
        self.items.append(item)
        return item

    def find(self, id: str) -> Item | None:
        """Return what is live under an id."""
        return next((item for item in self.items if item.id == id and item.is_live), None)

    def answers_to(self, item: Item) -> int:
        """Return how many live things of ours answer this one: platforms count them as comments, like anybody's."""
        return sum(each.reply_to == item.id for each in self.live)

    def take_down(self, id: str) -> bool:
        """Remove something; say whether it was there."""
        item = self.find(id)
        if item is not None:
            item.gone_at = self.clock.now()
        return item is not None

    def new_id(self) -> str:
        """Return the next id of this service."""
        self._made += 1
        return f"{self._made:06d}"

    def liked(self, item: Item, most: int) -> int:
        """Return how often readers have reacted so far: made up, growing with age, and the same in each run."""
        age = (self.clock.now() - item.at) / timedelta(days=3)
        return round(_drawn(f"{self.host}{item.id}", most) * float(min(1.0, max(0.0, age) ** 0.5)))


class Refused(Exception):
    """A service says no, from wherever in its work it found out why."""

    def __init__(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, body)
        self.reply = Reply(status, body, headers or {})


@lru_cache(maxsize=10_000)
def _drawn(seed: str, most: int) -> int:
    """Return the number that goes with a seed: seeding a source anew at each look would take most of a look's time."""
    return random.Random(seed).randint(most // 4, most)  # noqa: S311 - repeatable, not secret
