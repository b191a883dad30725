"""A server that misbehaves on demand, on a free port of this machine, and remembers every byte that reached it.

It is the judge of what was sent: `requests` holds the raw requests in their order, also those that were cut short.
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

POLL = 0.02  # seconds between looks whether the test is over


@dataclass
class Talk:
    """One accepted connection, as an act sees it."""

    conn: socket.socket
    over: threading.Event  # the test is over
    requests: list[bytes]

    def read_request(self) -> bytes:
        """Read a request to its end and remember it, or what came of it."""
        raw = b""
        try:
            while not is_whole(raw):
                raw += self._more()
        finally:
            if raw:
                self.requests.append(raw)
        return raw

    def say(self, data: bytes) -> None:
        """Write everything at once."""
        self.conn.sendall(data)

    def drip(self, data: bytes, every: float = 0.05) -> None:
        """Write a byte at a time until the test is over or the other side has gone."""
        for byte in data:
            if self.over.wait(every):
                return
            self.say(bytes([byte]))

    def wait(self) -> None:
        """Say nothing until the other side has gone or the test is over."""
        while not self.over.is_set():
            with suppress(TimeoutError):
                if not self.conn.recv(1024):
                    return

    def _more(self) -> bytes:
        while True:
            try:
                data = self.conn.recv(65536)
            except TimeoutError:
                if self.over.is_set():
                    raise
                continue
            if not data:
                raise ConnectionError("the request ends too soon")
            return data


Act = Callable[[Talk], None]


@dataclass
class Server:
    """Meets each connection with the next act; the last act meets all that follow."""

    acts: list[Act]
    tls: ssl.SSLContext | None = None
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    refused_handshakes: int = 0
    _over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(POLL)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """Where it listens, without the scheme."""
        return f"127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def url(self) -> str:
        """What a channel would set as its base_url."""
        return f"{'https' if self.tls else 'http'}://{self.address}"

    def close(self) -> None:
        """End every act, take in what still waits, and record nothing after that."""
        self._over.set()
        self._thread.join(5)
        self._listener.close()
        assert not self._thread.is_alive()

    def _serve(self) -> None:
        while True:
            try:
                conn, _ = self._listener.accept()
            except TimeoutError:
                if self._over.is_set():
                    return
                continue
            self._meet(conn)

    def _meet(self, conn: socket.socket) -> None:
        self.connections += 1
        act = self.acts.pop(0) if len(self.acts) > 1 else self.acts[0]
        with conn:
            try:
                self._talk(conn, act)
            except ssl.SSLError:
                self.refused_handshakes += 1
            except OSError:  # the other side has gone, as it may
                return

    def _talk(self, conn: socket.socket, act: Act) -> None:
        conn.settimeout(2)
        secure = self.tls.wrap_socket(conn, server_side=True) if self.tls else conn
        with secure:
            secure.settimeout(POLL)
            act(Talk(secure, self._over, self.requests))


@contextmanager
def serving(*acts: Act, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Run a server for the time of a test."""
    server = Server(list(acts), tls)
    try:
        yield server
    finally:
        server.close()


def refusing() -> str:
    """Return the address of a port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


def answer(status: int = 200, body: Any = b"", **headers: str) -> Act:
    """Answer as told; anything but bytes becomes JSON. The connection stays open for a next request."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()

    def act(talk: Talk) -> None:
        talk.read_request()
        talk.say(head(status, len(data), **headers) + data)
        talk.wait()

    return act


def close_unread(talk: Talk) -> None:
    """Accept, and hang up before anything is read."""


def reset_unread(talk: Talk) -> None:
    """See that something comes, and reset the connection without reading it."""
    talk.conn.settimeout(2)
    talk.conn.recv(1, socket.MSG_PEEK)
    talk.conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def close_read(talk: Talk) -> None:
    """Read the request, then hang up."""
    talk.read_request()


def never_answer(talk: Talk) -> None:
    """Read the request, and that is all."""
    talk.read_request()
    talk.wait()


def never_read(talk: Talk) -> None:
    """Leave what is sent unread, until nothing more fits between the two."""
    talk.over.wait(20)


def drip_header(talk: Talk) -> None:
    """Begin to answer, and never come to the end of a header."""
    talk.read_request()
    talk.say(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    talk.drip(b"." * 400)


def drip_body(talk: Talk) -> None:
    """Promise a body and give a byte of it now and then."""
    talk.read_request()
    talk.say(head(200, 400))
    talk.drip(b" " * 400)


def drip_body_without_length(talk: Talk) -> None:
    """Give a byte now and then of a body that ends where the connection ends."""
    talk.read_request()
    talk.say(b"HTTP/1.1 200 OK\r\n\r\n")
    talk.drip(b'{"id":"7"}' + b" " * 400)


def half_body(talk: Talk) -> None:
    """Promise more than is given, then hang up."""
    talk.read_request()
    talk.say(head(200, 100) + b'{"id":')


def garbage(talk: Talk) -> None:
    """Answer with what is no HTTP."""
    talk.read_request()
    talk.say(b"\x00\xff\xfe nothing that anybody understands\r\n\r\n")


def tunnel(address: str) -> Act:
    """Be a proxy that lets a CONNECT through to `address`, whatever it asks for, until one of the two hangs up."""

    def act(talk: Talk) -> None:
        talk.read_request()
        host, _, port = address.partition(":")
        with socket.create_connection((host, int(port))) as beyond:
            talk.say(b"HTTP/1.1 200 Connected\r\n\r\n")
            pipes = [threading.Thread(target=_pump, args=pair) for pair in ((talk.conn, beyond), (beyond, talk.conn))]
            for pipe in pipes:
                pipe.start()
            for pipe in pipes:
                pipe.join()

    return act


def _pump(source: socket.socket, target: socket.socket) -> None:
    source.settimeout(2)
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def endless(status: int = 200, **headers: str) -> Act:
    """Answer without an end."""

    def act(talk: Talk) -> None:
        talk.read_request()
        talk.say(f"HTTP/1.1 {status} Told\r\n{lines(headers)}\r\n".encode())
        talk.conn.settimeout(2)
        while not talk.over.is_set():
            talk.say(b" " * 65536)

    return act


def head(status: int, length: int, **headers: str) -> bytes:
    """Return the head of an answer; `Retry_After` becomes `Retry-After`."""
    return f"HTTP/1.1 {status} Told\r\nContent-Length: {length}\r\n{lines(headers)}\r\n".encode()


def lines(headers: dict[str, str]) -> str:
    """Return headers as they go over the wire."""
    return "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())


def is_whole(request: bytes) -> bool:
    """Whether a request has come to its end."""
    return b"\r\n\r\n" in request and len(body_of(request)) >= int(headers_of(request).get("content-length", "0"))


def headers_of(request: bytes) -> dict[str, str]:
    """Return the headers of a raw request, their names in small letters."""
    told = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in told)}


def body_of(request: bytes) -> bytes:
    """Return the body of a raw request."""
    return request.partition(b"\r\n\r\n")[2]
