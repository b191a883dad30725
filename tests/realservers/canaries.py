"""Secrets that must stand nowhere: how their traces are found, who tells them, and answers that repeat them."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress
from typing import cast
from urllib.parse import parse_qs, quote, quote_plus

import pytest

from tests.realservers import pds as pdses
from tests.realservers.accounts import OnBluesky, OnMastodon, account_on
from tests.realservers.faults import Act, Call, read_answer
from tests.realservers.pds import Pds, expired
from tests.realservers.proxy import Proxy
from tests.realservers.servers import told
from tests.wire import Talk, head

ENOUGH = 12  # bytes in a row: no chance makes so many alike
STEP = 4  # between looks at a text, so that a trace of ENOUGH + STEP - 1 bytes is never missed


class Canaries:
    """Secrets, and every trace that one may leave."""

    def __init__(self, secrets: Iterable[tuple[str, str]]) -> None:
        self._traces: dict[bytes, str] = {}
        for secret, name in {secret: name for name, secret in secrets}.items():
            for form in forms(secret):
                for at in range(len(form) - ENOUGH + 1):
                    self._traces.setdefault(form[at : at + ENOUGH], name)

    def found(self, text: bytes) -> dict[str, bytes]:
        """Return the names of the secrets that left a trace in a text, each with what stands around it."""
        hits: dict[str, bytes] = {}
        for at in range(0, len(text) - ENOUGH + 1, STEP):
            if name := self._traces.get(text[at : at + ENOUGH]):
                hits.setdefault(name, text[max(at - 80, 0) : at + 80])
        return hits


def forms(secret: str) -> Iterator[bytes]:
    """Yield a secret as it may be written: quoted once or twice, and then in base64 wherever it begins there."""
    quoted = {twice for once in quotings(secret) for twice in quotings(once)}
    for form in (each.encode() for each in quoted):
        yield form
        for before in range(3):
            for encode in (base64.b64encode, base64.urlsafe_b64encode):
                yield encode(bytes(before) + form)[4:-4]


def quotings(text: str) -> set[str]:
    in_json = {json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]}
    return {text, quote(text), quote(text, safe=""), quote_plus(text), html.escape(text), *in_json}


Write = Callable[[str], str]


def in_json(error: str) -> Write:
    """Return how a server refuses that says what kind of error it was."""
    return lambda text: json.dumps({"error": error, "message": text, "error_description": text})


def on_page(text: str) -> str:
    return f"<html><body><h1>Bad gateway</h1><pre>{html.escape(text)}</pre></body></html>"


def in_address(text: str) -> str:
    return f"/login?request={quote(text, safe='')}&again={quote_plus(text)}"


def in_base64(text: str) -> str:
    return " ".join(base64.b64encode(f"{' ' * before}{text}".encode()).decode() for before in range(3))


WRITINGS = (in_json("Refused"), on_page, in_address, in_base64)


class Echo:
    """Acts that answer for upstream with the credentials of the request."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def __call__(self, status: int, write: Write) -> Act:
        def act(call: Call) -> None:
            call.read()
            self.said.append(write(call.headers.get("authorization", "") or call.body.decode()))
            body = self.said[-1].encode()
            call.answer(head(status, len(body), Connection="close") + body)

        return act


def repeating_proxy(talk: Talk) -> None:
    """Refuse the way out, and repeat how we asked for it."""
    asked = talk.read_request().decode().partition("Proxy-Authorization: ")[2].partition("\r\n")[0]
    talk.say(f"HTTP/1.1 407 Refused {asked}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())


HANDLE = "canary.test"
PASSWORD = 'c4n4ry "&<é>\\/+%!-0042-c4n4ry'


class Servers:
    """Our four accounts, each behind a proxy of its own, and what they have told us."""

    def __init__(self, request: pytest.FixtureRequest, stack: ExitStack) -> None:
        pds: Pds = request.getfixturevalue("pds")
        about = {"handle": HANDLE, "email": "canary@example.org", "password": PASSWORD}
        made = told(pds.post("com.atproto.server.createAccount", about))
        account = pdses.Account(pds, made["did"], made["handle"], made["accessJwt"], made["refreshJwt"], PASSWORD)
        self.typed = OnBluesky(account, stack.enter_context(Proxy(pds.url)))
        self.given = cast("OnBluesky", stack.enter_context(account_on("bluesky", request)))
        self.oauth = cast("OnMastodon", stack.enter_context(account_on("mastodon", request)))
        self.filed = cast("OnMastodon", stack.enter_context(account_on("mastodon", request)))

    @property
    def all(self) -> dict[str, OnBluesky | OnMastodon]:
        return {"typed": self.typed, "given": self.given, "oauth": self.oauth, "filed": self.filed}

    def secrets(self) -> Iterator[tuple[str, str]]:
        """Yield the secrets that went over the wire, each with its name."""
        for channel, account in self.all.items():
            for call in account.proxy.calls:
                for key, value in exchanged(call):
                    yield f"{key} of {channel}", value
                    if key.endswith("Jwt"):
                        yield f"{key} of {channel}, expired", expired(value)


def exchanged(call: Call) -> Iterator[tuple[str, str]]:
    """Yield what is secret in a call: what was granted, and the proof that it was asked for by us."""
    with suppress(ValueError):
        granted = json.loads(read_answer(call.upstream_answer)[1]) if call.upstream_answer else {}
        for key in ("accessJwt", "refreshJwt", "access_token", "client_secret"):
            if isinstance(granted, dict) and key in granted:
                yield key, granted[key]
    sent = parse_qs(call.body.decode("latin-1"))
    yield from ((key, value) for key in ("code", "code_verifier") for value in sent.get(key, ()))
    if (scheme := call.headers.get("authorization", "").partition(" "))[2]:
        yield "sent token", scheme[2]
