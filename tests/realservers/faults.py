"""What a call through the proxy can meet. Each act is a function of the `Call`: it may read, forward and answer it.

Acts without settings are used as they are (`cut_after`), the others are made (`error_after(502)`).
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPResponse
from io import BytesIO
from typing import cast

from tests.wire import Talk, body_of, head, headers_of


@dataclass
class Call:
    """One call on its way through, as acts and hooks see it, and as the proxy's log keeps it."""

    method: str
    target: str  # the path with its query
    act: str  # the name of what it meets
    talk: Talk = field(repr=False)  # the connection to the client
    ask: Callable[[bytes], bytes] = field(repr=False)  # has upstream do a request, returns its answer
    hooks: Mapping[str, Hook] = field(repr=False)
    request: bytes = field(default=b"", repr=False)
    upstream_answer: bytes = field(default=b"", repr=False)  # empty when upstream was not asked
    answered: bool = False  # the client was sent the whole of an answer

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def headers(self) -> dict[str, str]:
        """The request's headers, their names in small letters."""
        return headers_of(self.request)

    @property
    def body(self) -> bytes:
        return body_of(self.request)

    @property
    def status(self) -> int | None:
        """What upstream answered, None when it was not asked."""
        return read_answer(self.upstream_answer)[0] if self.upstream_answer else None

    def read(self) -> None:
        """Read the request to its end."""
        self.request = self.talk.read_request()

    def forward(self) -> bytes:
        """Read the request, have upstream do it, and return its answer to the last byte."""
        self.read()
        self._happens("before_forward")
        self.upstream_answer = self.ask(self.request)
        self._happens("after_upstream")
        return self.upstream_answer

    def answer(self, data: bytes) -> None:
        """Send the client an answer."""
        self.talk.say(data)
        self.answered = True
        self._happens("after_answer")

    def reset(self) -> None:
        """Have the connection end with a reset."""
        self.talk.conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def wait(self, seconds: float) -> None:
        """Do nothing for so long, or until the test is over."""
        self.talk.over.wait(seconds)

    def _happens(self, moment: str) -> None:
        try:
            if hook := self.hooks.get(moment):
                hook(self)
        except OSError as error:  # would pass for a client that has gone
            raise RuntimeError(f"the hook {moment} failed") from error


Act = Callable[[Call], None]
Hook = Callable[[Call], object]


def pass_on(call: Call) -> None:
    """Answer what upstream answers."""
    call.answer(call.forward())


def refuse(call: Call) -> None:
    """Reset the connection before anything is read."""
    call.reset()


def cut_before(call: Call) -> None:
    """Read the request and hang up; upstream never hears of it."""
    call.read()


def cut_after(call: Call) -> None:
    """Have upstream do it, swallow the answer and hang up."""
    call.forward()


def reset_after(call: Call) -> None:
    """Have upstream do it, then reset the connection."""
    call.forward()
    call.reset()


def hang(call: Call) -> None:
    """Have upstream do it, then say nothing until the client gives up."""
    call.forward()
    call.talk.wait()


def half_body(call: Call) -> None:
    """Have upstream do it, give half of the body that it answers and hang up."""
    answer = call.forward()
    call.talk.say(answer[: len(answer) - len(body_of(answer)) // 2 - 1])


def garbage(call: Call) -> None:
    """Have upstream do it, and answer with what is no HTTP."""
    call.forward()
    call.answer(b"\x00\xff\xfe nothing that anybody understands\r\n\r\n")


def drip(every: float = 0.05) -> Act:
    """Have upstream do it, and pass its answer on a byte at a time; `every` is in seconds."""

    def act(call: Call) -> None:
        call.talk.drip(call.forward(), every)
        call.answered = not call.talk.over.is_set()

    return act


def delay(*, before: float = 0, after: float = 0) -> Act:
    """Pass on, but wait before upstream hears of it, or before the client hears back; in seconds."""

    def act(call: Call) -> None:
        call.wait(before)
        answer = call.forward()
        call.wait(after)
        call.answer(answer)

    return act


def error_before(status: int, body: bytes = b"", **headers: str) -> Act:
    """Answer for upstream, which never hears of it. `Retry_After` becomes `Retry-After`."""

    def act(call: Call) -> None:
        call.read()
        call.answer(_answer(status, body, **headers))

    return act


def error_after(status: int, body: bytes = b"", **headers: str) -> Act:
    """Have upstream do it, and answer something else. `Retry_After` becomes `Retry-After`."""

    def act(call: Call) -> None:
        call.forward()
        call.answer(_answer(status, body, **headers))

    return act


def redirect(to: str) -> Act:
    """Answer that the call is to be made elsewhere, in the same way (307); upstream never hears of it."""
    return error_before(307, Location=to)


def rewritten(change: Callable[[bytes], bytes]) -> Act:
    """Have upstream do it, and pass its JSON on as `change` returns it."""

    def act(call: Call) -> None:
        status, body = read_answer(call.forward())
        call.answer(_answer(status, change(body), Content_Type="application/json"))

    return act


def _answer(status: int, body: bytes, **headers: str) -> bytes:
    return head(status, len(body), Connection="close", **headers) + body


def read_answer(raw: bytes) -> tuple[int, bytes]:
    """Return status and body of a whole answer."""
    with HTTPResponse(cast("socket.socket", _Bytes(raw))) as response:
        response.begin()
        return response.status, response.read()


class _Bytes:
    """What HTTPResponse wants of a socket."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, mode: str) -> BytesIO:
        return BytesIO(self._data)
