"""The way to simulated platforms: an adapter of requests, so that deadlines and classification of `http` are real.

One call takes a moment of the virtual clock, may meet a fault, and reaches at most one service. Everything is done in
the caller's thread, so one seed is one history.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.parser import BytesParser
from email.policy import HTTP
from http.client import responses
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from requests.adapters import BaseAdapter

from campaign.platforms.http import Transport, Wire
from campaign.rehearsal.clock import VirtualClock, WorldClock
from campaign.rehearsal.faults import Fault, Faults

LATENCY = timedelta(milliseconds=120)  # of a call that nothing disturbs


class Crash(BaseException):
    """Our process dies here, as far as a process can die inside another one."""


@dataclass(frozen=True)
class Upload:
    """One file of a multipart form."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True)
class Call:
    """A request as a service reads it. Names of headers are in small letters."""

    method: str
    host: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    at: datetime

    @property
    def bearer(self) -> str:
        """The token in the header Authorization, empty without one."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token if scheme == "Bearer" else ""

    def asked(self, name: str, default: str = "") -> str:
        """Return one value of the query."""
        return self.query.get(name, [default])[0]

    def json(self) -> Any:
        """Return the body as JSON, None when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def form(self) -> tuple[dict[str, str], dict[str, Upload]]:
        """Return the fields and files of a form."""
        kind = self.headers.get("content-type", "")
        if not kind.startswith("multipart/form-data"):
            return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}, {}
        message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + self.body)
        fields, files = {}, {}
        for piece in message.iter_parts():
            name = str(piece.get_param("name", header="content-disposition"))
            data = piece.get_payload(decode=True)
            if piece.get_filename() is None:
                fields[name] = bytes(data).decode()
            else:
                files[name] = Upload(str(piece.get_filename()), piece.get_content_type(), bytes(data))
        return fields, files


@dataclass(frozen=True)
class Reply:
    """What a service answers; anything but bytes becomes JSON."""

    status: int = 200
    body: Any = b""
    headers: Mapping[str, str] = field(default_factory=dict)


Answering = Callable[[Call], Reply]


class Net:
    """All that our calls can reach, and what they meet on the way."""

    def __init__(self, clock: VirtualClock, faults: Faults | None = None) -> None:
        self.clock = clock
        self.world = WorldClock(clock)
        self.faults = faults or Faults()
        self.calls = 0
        self.watch: Callable[[Call], None] = lambda call: None  # asked before a service sees a call
        self.noted: Callable[[Call, Fault], None] = lambda call, fault: None  # told of what a call meets
        self.die: Callable[[str], None] = _crash  # how our process dies
        self.interlude: Callable[[], None] = lambda: None  # what others do while our process is stopped
        self._services: dict[str, Answering] = {}
        self._refusals: dict[str, Answering] = {}

    def serve(self, host: str, answering: Answering, refusing: Answering) -> None:
        """Put a service behind a host; `refusing` is how it answers a token that it does not take."""
        self._services[host], self._refusals[host] = answering, refusing

    def fetch(self, url: str) -> Reply:
        """Look at an address as a service does that is given one: past all faults, which are of our own calls."""
        address = urlsplit(url)
        if address.scheme != "https" or address.netloc not in self._services:
            return Reply(502)
        call = Call("GET", address.netloc, address.path, parse_qs(address.query), {}, b"", self.world.now())
        return self._services[address.netloc](call)

    @property
    def transport(self) -> Transport:
        """What an App is given."""
        return lambda wire: _Simulated(self, wire)

    def meet(self, call: Call, wire: Wire) -> Reply:
        """Take one call to its service and back, past whatever happens on the way.

        Raises:
            requests.RequestException: the connection broke.
            Crash: our process died.
        """
        self.calls += 1
        fault = self.faults.on_call(self.clock.now())
        if fault is not None:
            self.noted(call, fault)
        if fault is Fault.REFUSED:
            raise requests.ConnectionError("connection refused")
        if fault is Fault.CRASH_BEFORE:
            self.die(f"before call {self.calls}")
        if fault is Fault.STOPPED:
            self.interlude()
        wire.must_go_on()
        wire.may_write()
        self.clock.advance(LATENCY)
        return self._answer(call, wire, fault)

    def _answer(self, call: Call, wire: Wire, fault: Fault | None) -> Reply:
        """Let the service answer, and spoil it as the fault says."""
        before = {
            Fault.CUT_BEFORE: lambda: _cut("the connection was reset"),
            Fault.HANG_BEFORE: lambda: self._hang(wire),
            Fault.ERROR_BEFORE: lambda: Reply(503, b"<html><h1>503 Service Unavailable</h1></html>"),
            Fault.LIMITED: lambda: Reply(429, {"error": "Too many requests"}),
            Fault.LIMITED_WITH_WAIT: lambda: Reply(429, {"error": "Too many requests"}, {"Retry-After": "90"}),
            Fault.REDIRECT: lambda: Reply(302, b"", {"Location": "https://elsewhere.example.org/"}),
            Fault.TOKEN_REFUSED: lambda: self._refusals[call.host](call),
        }
        if fault in before:
            return before[fault]()
        reply = self._reach(call)
        after = {
            Fault.CUT_AFTER: lambda: _cut("the connection was reset"),
            Fault.HANG_AFTER: lambda: self._hang(wire),
            Fault.DRIP: lambda: self._drip(wire, reply),
            Fault.ERROR_AFTER: lambda: Reply(502, b"<html><h1>502 Bad Gateway</h1></html>"),
            Fault.ERROR_BUT_LIVE: lambda: Reply(409, {"error": "an error that is on no list", "code": 2207051}),
            Fault.HALF_BODY: lambda: Reply(reply.status, _bytes(reply)[: len(_bytes(reply)) // 2], reply.headers),
            Fault.GARBAGE: lambda: Reply(200, b"\xff\xfe<html>Welcome to our hotel's network</html>"),
            Fault.CRASH_AFTER: lambda: self._die(),
        }
        return after[fault]() if fault in after else reply

    def _reach(self, call: Call) -> Reply:
        if call.host not in self._services:
            raise requests.ConnectionError(f"there is no {call.host} in this simulation")
        self.watch(call)
        return self._services[call.host](call)

    def _hang(self, wire: Wire) -> Reply:
        self._drip(wire, Reply())
        raise requests.ReadTimeout("read timed out")

    def _drip(self, wire: Wire, reply: Reply) -> Reply:
        """Take longer than the call may; what then still comes is not read any more."""
        self.clock.advance(timedelta(seconds=max(0.0, wire.deadline - self.clock.boottime()) + 1))
        return reply

    def _die(self) -> Reply:
        self.die(f"after call {self.calls}")
        raise Crash("the process is dead")  # whoever lets processes die does so himself


def _crash(where: str) -> None:
    raise Crash(where)


def _cut(why: str) -> Reply:
    raise requests.ConnectionError(why)


def _bytes(reply: Reply) -> bytes:
    return reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()


class _Simulated(BaseAdapter):
    """The adapter of one call."""

    def __init__(self, net: Net, wire: Wire) -> None:
        super().__init__()
        self._net, self._wire = net, wire

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        address = urlsplit(request.url or "")
        body = request.body or b""
        call = Call(
            method=request.method or "",
            host=address.netloc,
            path=address.path,
            query=parse_qs(address.query),
            headers={name.lower(): str(value) for name, value in request.headers.items()},
            body=body.encode() if isinstance(body, str) else bytes(body),
            at=self._net.world.now(),
        )
        reply = self._net.meet(call, self._wire)
        response = requests.Response()
        response.status_code, response.reason = reply.status, responses.get(reply.status, "")
        response.headers.update(reply.headers)
        response.raw = io.BytesIO(_bytes(reply))
        response.request, response.url = request, request.url or ""
        return response

    def close(self) -> None:
        return None
