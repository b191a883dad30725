"""A scripted Bluesky server, a token store in memory, and what the adapter sent, taken apart."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from campaign.clock import Clock
from campaign.credentials import hide_tokens
from campaign.log import scrub
from campaign.platforms.base import Checkpoint, Image, Outgoing
from campaign.platforms.bluesky import Bluesky
from campaign.platforms.bluesky.settings import BlueskySettings
from campaign.platforms.http import Http
from tests.conftest import MONDAY
from tests.making import picture
from tests.wire import Act, Server, answer, body_of, headers_of

DID = "did:plc:abc"
HANDLE = "alliance.example.org"
RKEY = "3m6w2xk4c7s2a"
URI = f"at://{DID}/app.bsky.feed.post/{RKEY}"
LOOKUP = f"repo={DID}&collection=app.bsky.feed.post&rkey="
BLOB = {"$type": "blob", "ref": {"$link": "bafkreione"}, "mimeType": "image/jpeg", "size": 760898}
PASSWORD = "abcd-efgh-ijkl-mnop"
OVER = json.dumps({"error": "ExpiredToken", "message": "Token has expired"}).encode()


def token(clock: Clock, lasts: timedelta = timedelta(hours=2), kind: str = "access") -> str:
    """Return a token as servers make them; nobody here looks at its signature."""
    claims = {"scope": f"com.atproto.{kind}", "sub": DID, "exp": int((clock.now() + lasts).timestamp())}
    parts = [json.dumps(part).encode() for part in ({"typ": "at+jwt", "alg": "HS256"}, claims)]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in [*parts, b"not looked at"])


class Tokens:
    """The store of one channel; it remembers what was saved, and between which calls to the server."""

    def __init__(self, **stored: str) -> None:
        self.stored = dict(stored)
        self.saved: list[dict[str, str]] = []
        self.is_renewing = False

    def load(self) -> dict[str, str]:
        hide_tokens(self.stored)
        return dict(self.stored)

    def save(self, tokens: Mapping[str, str]) -> None:
        assert self.is_renewing, "nobody may save but the one who renews"
        hide_tokens(tokens)
        self.stored = dict(tokens)
        self.saved.append(self.stored)

    @contextmanager
    def renewing(self) -> Iterator[dict[str, str]]:
        self.is_renewing = True
        try:
            yield self.load()
        finally:
            self.is_renewing = False


@dataclass(frozen=True)
class Call:
    """One request as it reached the server."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @property
    def name(self) -> str:
        """The method of the API."""
        return self.path.removeprefix("/xrpc/")

    @property
    def bearer(self) -> str:
        """The token that it carried."""
        return self.headers["authorization"].removeprefix("Bearer ")

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def call_of(raw: bytes) -> Call:
    """Take a raw request apart."""
    method, target, _ = raw.split(b"\r\n")[0].decode().split(" ")
    address = urlsplit(target)
    return Call(method, address.path, parse_qs(address.query), headers_of(raw), body_of(raw))


@dataclass
class Rig:
    """A channel's adapter with the server that it talks to. Unless told otherwise, a login is stored that lasts."""

    server: Server
    clock: Clock
    settings: dict[str, Any] = field(default_factory=dict)
    tokens: Tokens = field(default_factory=Tokens)
    kept: dict[str, Any] = field(default_factory=dict)  # the checkpoint's values, as they are stored

    def __post_init__(self) -> None:
        given = {"base_url": self.server.url, "identifier": HANDLE, **self.settings}
        settings = BlueskySettings.model_validate(given)
        http = Http(settings.base_url, self.clock, scrub=scrub)
        self.bluesky = Bluesky(settings, http, self.clock, self.tokens)

    @property
    def checkpoint(self) -> Checkpoint:
        return Checkpoint(self.kept, save=self._keep)

    @property
    def calls(self) -> list[Call]:
        return [call_of(raw) for raw in self.server.requests]

    def prepare(self, item: Outgoing) -> None:
        self.bluesky.prepare(item, self.checkpoint)

    def publish(self, item: Outgoing) -> Any:
        return self.bluesky.publish(item, self.checkpoint, idempotency_key=item.part)

    def find(self, item: Outgoing) -> Any:
        return self.bluesky.find(item, self.checkpoint, item.due_at or MONDAY)

    def _keep(self, values: dict[str, Any]) -> None:
        self.kept = json.loads(json.dumps(values))  # as the database would


def session(clock: Clock, server: Server, /, **other: str) -> dict[str, str]:
    """Return what a login stores."""
    known = {"identifier": HANDLE, "server": server.url, "did": DID, "handle": HANDLE, "host": server.url}
    return {**known, "access": token(clock), "refresh": token(clock, timedelta(days=90), "refresh"), **other}


def signed_in(access: str, refresh: str = "the-next-refresh-token", **other: Any) -> Act:
    """Answer a sign-in or a renewal."""
    return answer(200, {"accessJwt": access, "refreshJwt": refresh, "handle": HANDLE, "did": DID, **other})


def uploaded(name: str = "bafkreione") -> Act:
    return answer(200, {"blob": {**BLOB, "ref": {"$link": name}}})


def put(key: str = RKEY) -> Act:
    """Answer a post that was taken."""
    uri = f"at://{DID}/app.bsky.feed.post/{key}"
    commit = {"cid": "bafyreione", "rev": "3m6w2xk4c7t2a"}
    return answer(200, {"uri": uri, "cid": "bafyreione", "commit": commit, "validationStatus": "valid"})


def record(text: str = "", uri: str = URI, cid: str = "bafyreione") -> Act:
    """Answer a look at a record."""
    return answer(200, {"uri": uri, "cid": cid, "value": {"$type": "app.bsky.feed.post", "text": text}})


def refused(status: int, name: str, message: str = "", **headers: str) -> Act:
    """Answer with an error as the reference server words it."""
    return answer(status, {"error": name, "message": message}, **headers)


GONE = refused(400, "RecordNotFound", f"Could not locate record: {URI}")


def item(**values: Any) -> Outgoing:
    """Return a part of a post."""
    given: dict[str, Any] = {
        "post": "11111111-aaaa-4aaa-8aaa-000000000001",
        "part": "22222222-aaaa-4aaa-8aaa-000000000001",
        "n": 1,
        "role": "post",
        "text": "Battery skills modules are open to every region.",
        "language": "en",
        "due_at": MONDAY,
    }
    return Outgoing(**(given | values))


def image(folder: Path, colour: tuple[int, int, int] = (30, 90, 160), alt: str = "A blue wall.") -> Image:
    """Return a picture that lies in a folder."""
    data = picture(colour)
    sha256 = hashlib.sha256(data).hexdigest()
    path = folder / f"{sha256}.jpg"
    path.write_bytes(data)
    return Image(path, sha256, "image/jpeg", 640, 360, len(data), alt)


def names(calls: Sequence[Call]) -> list[str]:
    """Return which methods were called, in order."""
    return [call.name for call in calls]
