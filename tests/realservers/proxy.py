"""A proxy before a real server that breaks the calls that it is told to break, and remembers what it saw.

    with Proxy(mastodon.url) as proxy:
        proxy.fault(("POST", "/api/v1/statuses"), cut_after)

It passes every call on, byte for byte but for `Connection`, until a fault names it; the faults stand in `faults.py`.
Hooks run at named moments of a call, in the proxy's thread: a test kills its daemon there. Each connection serves one
call.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from tests.realservers.faults import Act, Call, Hook, pass_on
from tests.wire import Talk


@dataclass
class _Fault:
    """What the next calls that match meet."""

    method: str
    path: str
    act: Act
    count: int
    hooks: Mapping[str, Hook]


class Proxy:
    """Listens on a free port of this machine for the calls to `upstream`."""

    def __init__(self, upstream: str) -> None:
        address = urlsplit(upstream)
        self._upstream = (address.hostname, address.port)
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._faults: list[_Fault] = []
        self._sockets: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._port = socket.socket()  # bound, but never listening: the port stays ours while we are down
        self._port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._port.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._port.getsockname()[1]}"  # what a channel sets as its base_url
        self.calls: list[Call] = []
        self.up()

    def fault(
        self,
        match: tuple[str, str],
        act: Act = pass_on,
        count: int = 1,
        *,
        before_forward: Hook | None = None,
        after_upstream: Hook | None = None,
        after_answer: Hook | None = None,
    ) -> None:
        """Have the next `count` calls of this method and path meet `act`, and call the hooks at their moments.

        `*` in a path or method matches anything; queries are not looked at. Of several faults for the same call the
        one told first is met first.
        """
        hooks = {"before_forward": before_forward, "after_upstream": after_upstream, "after_answer": after_answer}
        with self._lock:
            self._faults.append(_Fault(*match, act, count, {moment: hook for moment, hook in hooks.items() if hook}))

    def heal(self) -> None:
        """Forget the faults that nobody has met yet."""
        with self._lock:
            self._faults.clear()

    def seen(self, method: str, path: str) -> list[Call]:
        """Return the calls so far of this method and path, in their order; `*` matches anything."""
        with self._lock:
            return [call for call in self.calls if _fits(call.method, call.target, method, path)]

    def up(self) -> None:
        """Listen, always at the same address."""
        self._listener = socket.create_server(self._port.getsockname(), backlog=128)
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def down(self) -> None:
        """Stop listening: connections are refused until `up`."""
        with suppress(OSError):  # we are down already
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread
        self._accepting.join()
        self._listener.close()

    def cut(self) -> None:
        """Cut every call short that is under way, on both sides."""
        with self._lock:
            for sock in self._sockets:
                with suppress(OSError):  # the other side has gone
                    sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Cut every call short and wait until nothing of it is left."""
        self.down()
        self._over.set()
        self.cut()
        for thread in self._threads:
            thread.join(5)
            assert not thread.is_alive(), "a call through the proxy does not end"
        self._port.close()

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _accept(self) -> None:
        with suppress(OSError):  # until we go down
            while True:
                conn, _ = self._listener.accept()
                thread = threading.Thread(target=self._meet, args=[conn], daemon=True)
                self._threads.append(thread)
                thread.start()

    def _meet(self, conn: socket.socket) -> None:
        with suppress(OSError), self._kept(conn):  # either side may go at any time
            method, target = self._first_line(conn)
            fault = self._next_fault(method, target)
            name = fault.act.__qualname__.partition(".")[0]
            call = Call(method, target, name, Talk(conn, self._over, []), self._ask, fault.hooks)
            with self._lock:
                self.calls.append(call)
            fault.act(call)

    def _first_line(self, conn: socket.socket) -> tuple[str, str]:
        """Look at method and target, and leave them unread."""
        while b"\r\n" not in (seen := conn.recv(65536, socket.MSG_PEEK)):
            if not seen or self._over.wait(0.01):
                raise ConnectionError("nothing was asked")
        method, target, _ = seen.split(b" ", 2)
        return method.decode(), target.decode()

    def _next_fault(self, method: str, target: str) -> _Fault:
        with self._lock:
            for fault in self._faults:
                if _fits(method, target, fault.method, fault.path):
                    fault.count -= 1
                    if fault.count == 0:
                        self._faults.remove(fault)
                    return fault
        return _Fault(method, target, pass_on, 1, {})

    def _ask(self, request: bytes) -> bytes:
        """Have upstream do a request; the end of the connection is the end of its answer."""
        with self._kept(socket.create_connection(self._upstream)) as upstream:
            upstream.sendall(_closing(request))
            return b"".join(iter(lambda: upstream.recv(65536), b""))

    @contextmanager
    def _kept(self, sock: socket.socket) -> Iterator[socket.socket]:
        """Hold a connection so that `close` can cut it."""
        with sock:
            with self._lock:
                self._sockets.add(sock)
            try:
                if self._over.is_set():
                    raise ConnectionError("the test is over")
                yield sock
            finally:
                with self._lock:
                    self._sockets.remove(sock)


def _fits(method: str, target: str, wanted_method: str, wanted_path: str) -> bool:
    return fnmatchcase(method, wanted_method) and fnmatchcase(target.partition("?")[0], wanted_path)


def _closing(request: bytes) -> bytes:
    """Return the request, asking for the connection to end with the answer."""
    head, _, body = request.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([*lines, b"Connection: close", b"", body])
