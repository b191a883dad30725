"""A server that speaks as much of Mastodon's API as a test tells it to, and what is sent to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from campaign.config import Secret
from campaign.credentials import hide_tokens
from campaign.errors import PlatformError
from campaign.log import hide, scrub
from campaign.platforms.base import Checkpoint, Image, Outgoing, Published
from campaign.platforms.http import Http
from campaign.platforms.mastodon.adapter import Mastodon, MastodonSettings
from campaign.rehearsal.clock import VirtualClock
from tests.conftest import MONDAY
from tests.wire import Server, Talk, body_of, head, headers_of

MakeImage = Callable[..., Image]

TOKEN = "canary-ZYXWV-token"
POST = "0a1b2c3d-1111-4111-8111-111111111111"
PART = "5e6f7a8b-2222-4222-8222-222222222222"
LINK = "https://example.org/modules?utm_source=mastodon&utm_content=0a1b2c3d"
TEXT = f"Battery skills modules, open to every region.\n\nBarátům škol & firem 🔋\n{LINK} #MoraviaSilesia"
HTML_ERROR = b"<!doctype html><html><head><title>502</title></head><body><h1>Bad gateway</h1></body></html>"

ACCOUNT = {"id": "7", "acct": "asa", "url": "https://social.example/@asa", "followers_count": 321}
MASTODON = {
    "domain": "social.example",
    "version": "4.5.0",
    "source_url": "https://github.com/mastodon/mastodon",
    "api_versions": {"mastodon": 7},
    "configuration": {
        "statuses": {"max_characters": 1000, "max_media_attachments": 4, "characters_reserved_per_url": 23},
        "media_attachments": {
            "description_limit": 1500,
            "image_size_limit": 16777216,
            "image_matrix_limit": 33177600,
            "supported_mime_types": ["image/jpeg", "image/png", "image/gif", "image/webp"],
        },
    },
}
GOTOSOCIAL = {
    "version": "0.20.2+git-8a7e3c5",
    "source_url": "https://codeberg.org/superseriousbusiness/gotosocial",
    "configuration": {
        "statuses": {"max_characters": 5000, "max_media_attachments": 6, "characters_reserved_per_url": 25},
        "media_attachments": {
            "description_limit": 1500,
            "image_size_limit": 5242880,
            "supported_mime_types": ["image/jpeg"],
        },
    },
}
TAKAHE = {  # version 1 only, and it does not say its name
    "version": "0.11.0",
    "configuration": {
        "statuses": {"max_characters": 500, "max_media_attachments": 4, "characters_reserved_per_url": 23},
        "media_attachments": {
            "image_size_limit": 10485760,
            "supported_mime_types": ["image/apng", "image/jpeg", "image/png"],
        },
    },
}
PLEROMA = {
    "version": "2.7.2 (compatible; Pleroma 2.9.1)",
    "max_toot_chars": 5000,
    "description_limit": 5000,
    "upload_limit": 16000000,
}
PIXELFED = {
    "version": "3.5.3 (compatible; Pixelfed 0.12.7)",
    "source_url": "https://github.com/pixelfed/pixelfed",
    "configuration": {
        "statuses": {"max_characters": 500, "max_media_attachments": 4},
        "media_attachments": {"image_size_limit": 15728640, "supported_mime_types": ["image/jpeg", "image/png"]},
    },
}


@dataclass
class Said:
    """One answer of the server."""

    body: Any = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sent:
    """One request, as the server got it."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), strict_parsing=True))

    @property
    def pieces(self) -> dict[str, tuple[str | None, str, bytes]]:
        """The pieces of a multipart form: by name, the file name, type and content of each."""
        message = message_from_bytes(f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode() + self.body)
        return {
            str(piece.get_param("name", header="Content-Disposition")): (
                piece.get_filename(),
                piece.get_content_type(),
                bytes(piece.get_payload(decode=True)),  # type: ignore[arg-type]
            )
            for piece in message.get_payload()  # type: ignore[union-attr]
        }


@dataclass
class Scripted:
    """A server that answers each call with what the test said last, or with what is next."""

    routes: dict[str, list[Said]] = field(default_factory=dict)
    server: Server = field(init=False)

    def __post_init__(self) -> None:
        self.server = Server([self._act])

    def says(self, call: str, *answers: Said | Any, status: int = 200, **headers: str) -> None:
        """Say how a call such as `GET /api/v1/statuses` is answered; the last answer stays."""
        self.routes[call] = [each if isinstance(each, Said) else Said(each, status, headers) for each in answers]

    @property
    def sent(self) -> list[Sent]:
        """What reached the server, in order."""
        return [_sent(raw) for raw in self.server.requests]

    @property
    def calls(self) -> list[str]:
        """What reached the server, in order, as `METHOD path`."""
        return [f"{each.method} {each.path}" for each in self.sent]

    def one(self, call: str) -> Sent:
        """Return the only request of a kind."""
        [sent] = [each for each in self.sent if f"{each.method} {each.path}" == call]
        return sent

    def _act(self, talk: Talk) -> None:
        sent = _sent(talk.read_request())
        answers = self.routes.get(f"{sent.method} {sent.path}", [Said({"error": "Record not found"}, 404)])
        said = answers.pop(0) if len(answers) > 1 else answers[0]
        data = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
        talk.say(head(said.status, len(data), **said.headers) + data)
        talk.wait()


def _sent(raw: bytes) -> Sent:
    method, target, _ = raw.split(b"\r\n", 1)[0].decode().split(" ")
    address = urlsplit(target)
    return Sent(method, address.path, parse_qsl(address.query), headers_of(raw), body_of(raw))


@dataclass
class Tokens:
    """Stored tokens; whatever passes through is hidden, as by `campaign.credentials`."""

    values: dict[str, str] = field(default_factory=dict)

    def load(self) -> dict[str, str]:
        hide_tokens(self.values)
        return dict(self.values)

    def save(self, tokens: Mapping[str, str]) -> None:
        self.values = dict(tokens)

    def renewing(self) -> AbstractContextManager[dict[str, str]]:
        @contextmanager
        def held() -> Iterator[dict[str, str]]:
            yield self.load()

        return held()


@dataclass
class Person:
    """Somebody at the keyboard, who types what the test says; what is hidden appears nowhere else."""

    types: list[str]
    asked: list[tuple[str, bool]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def ask(self, question: str, *, hidden: bool = False) -> str:
        self.asked.append((question, hidden))
        typed = self.types.pop(0)
        if hidden:
            hide([typed], passing=True)
        return typed

    def tell(self, text: str) -> None:
        self.told.append(text)


@dataclass
class Kept:
    """A checkpoint, and every state of it that was committed."""

    values: dict[str, Any] = field(default_factory=dict)
    commits: list[dict[str, Any]] = field(default_factory=list)

    def open(self) -> Checkpoint:
        """Return it as the adapter gets it after a start of the program."""
        return Checkpoint(self.values, save=self._save)

    def _save(self, values: dict[str, Any]) -> None:
        self.values = json.loads(json.dumps(values))
        self.commits.append(self.values)


def adapter(server: Scripted | str, clock: VirtualClock, tokens: Tokens | None = None, **settings: Any) -> Mastodon:
    """Return the adapter of a channel; with `token=None` it has none in its config."""
    url = server if isinstance(server, str) else server.server.url
    given = {"base_url": url, "token": Secret(TOKEN), **settings}
    hide([TOKEN], passing=True)
    http = Http(url, clock, call_deadline=timedelta(seconds=10), scrub=scrub)
    return Mastodon(MastodonSettings.model_validate(given), http, clock, tokens or Tokens())


def item(**values: Any) -> Outgoing:
    """Return a part as it is to be sent."""
    given = {"post": POST, "part": PART, "n": 1, "role": "post", "text": TEXT, "language": "cs", "link": LINK}
    return Outgoing(**(given | values))


def status(remote_id: str = "103", content: str = "", *, at: datetime = MONDAY, **values: Any) -> dict[str, Any]:
    """Return a status as a server shows it."""
    return {
        "id": remote_id,
        "created_at": f"{at:%Y-%m-%dT%H:%M:%S.000Z}",
        "in_reply_to_id": None,
        "reblog": None,
        "visibility": "public",
        "uri": f"https://social.example/users/asa/statuses/{remote_id}",
        "url": f"https://social.example/@asa/{remote_id}",
        "content": content,
        "media_attachments": [],
        **values,
    }


def send(mastodon: Mastodon, sent: Outgoing, kept: Kept | None = None) -> Published:
    """Take a part through both steps."""
    checkpoint = (kept or Kept()).open()
    mastodon.prepare(sent, checkpoint)
    return mastodon.publish(sent, checkpoint, idempotency_key=sent.part)


def error_of(call: Callable[[], object]) -> PlatformError:
    """Return the error that a call raises."""
    with pytest.raises(PlatformError) as raised:
        call()
    return raised.value
