"""A channel's real adapter, and the simulated service that it speaks to by the simulated net."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qs, urlsplit

import pytest

from campaign.errors import PlatformError
from campaign.platforms.base import Checkpoint, Image, Outgoing, Platform, Published
from campaign.platforms.http import Http
from campaign.rehearsal.clock import VirtualClock
from campaign.rehearsal.faults import Fault
from campaign.rehearsal.services.base import Service
from campaign.rehearsal.transport import Call, Net, Reply
from tests.conftest import MONDAY
from tests.making import picture

POST = "0a1b2c3d-1111-4111-8111-111111111111"
LINK = "https://example.org/modules?utm_source=x&utm_content=0a1b2c3d"
TEXT = f"Moduly pro baterie jsou otevřené všem. 🔋\n\nBarátům škol & firem\n{LINK} #MoraviaSilesia"

S = TypeVar("S", bound=Service)


@dataclass
class Tokens:
    """The stored tokens of one channel."""

    stored: dict[str, str]

    def load(self) -> dict[str, str]:
        return dict(self.stored)

    def save(self, tokens: Mapping[str, str]) -> None:
        self.stored = dict(tokens)

    @contextmanager
    def renewing(self) -> Iterator[dict[str, str]]:
        yield self.load()


@dataclass
class Rig(Generic[S]):
    """One channel on one service."""

    net: Net
    service: S
    kind: type[Platform]
    settings: Mapping[str, Any] = field(default_factory=dict)
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)  # the checkpoint of each part

    def __post_init__(self) -> None:
        self.tokens = Tokens(dict(self.service.tokens()))
        self.start()

    @property
    def clock(self) -> VirtualClock:
        return self.net.clock

    def start(self) -> None:
        """Start the program anew: what it held in memory is lost."""
        settings = self.kind.Settings.model_validate({**self.service.settings(), **self.settings})
        http = Http(settings.base_url, self.clock, transport=self.net.transport)
        self.platform = self.kind(settings, http, self.clock, self.tokens)

    def checkpoint(self, part: Outgoing) -> Checkpoint:
        def save(values: dict[str, Any]) -> None:
            self.kept[part.part] = json.loads(json.dumps(values))

        return Checkpoint(self.kept.get(part.part, {}), save)

    def prepare(self, part: Outgoing) -> None:
        self.platform.prepare(part, self.checkpoint(part))

    def publish(self, part: Outgoing) -> Published:
        return self.platform.publish(part, self.checkpoint(part), idempotency_key=part.part)

    def send(self, part: Outgoing) -> Published:
        """Take a part through both steps."""
        self.prepare(part)
        return self.publish(part)

    def find(self, part: Outgoing, since: datetime = MONDAY) -> Any:
        return self.platform.find(part, self.checkpoint(part), since)

    def meets(self, fault: Fault) -> None:
        """Let the next call meet a fault."""
        self.net.faults.on_calls = {self.net.faults.calls + 1: fault}

    def ask(self, method: str, target: str, body: Any = None, *, token: str = "", **headers: str) -> Reply:
        """Call the service past the adapter."""
        address = urlsplit(target)
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            given["authorization"] = f"Bearer {token}"
        asked = parse_qs(address.query)
        return self.service.answer(
            Call(method, self.service.host, address.path, asked, given, raw, self.clock.now(), address.query)
        )

    def texts(self) -> list[str]:
        """What readers see, oldest first."""
        return [item.text for item in self.service.live]


def part(n: int = 1, **values: Any) -> Outgoing:
    """Return a part of a post."""
    given: dict[str, Any] = {
        "post": POST,
        "part": f"5e6f7a8b-2222-4222-8222-{n:012d}",
        "n": n,
        "role": "post" if n == 1 else "reply",
        "text": TEXT,
        "language": "cs",
        "link": LINK,
        "due_at": MONDAY,
    }
    return Outgoing(**(given | values))


def reply_to(parents: Sequence[Published], n: int, text: str) -> Outgoing:
    """Return the part of a thread that answers the last of those before it."""
    return replace(part(n, text=text), root=parents[0].remote_id, reply_to=parents[-1].remote_id)


def image(folder: Path, n: int = 1, alt: str = "Modrá zeď dílny") -> Image:
    """Return a picture that lies in a folder."""
    data = picture((n, 90, 160))
    path = folder / f"{n}.jpg"
    path.write_bytes(data)
    return Image(path, hashlib.sha256(data).hexdigest(), "image/jpeg", 640, 360, len(data), alt)


def error_of(call: Any, *args: Any) -> PlatformError:
    """Return the error that a call raises."""
    with pytest.raises(PlatformError) as raised:
        call(*args)
    return raised.value
