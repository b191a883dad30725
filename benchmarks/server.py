"""A server of this machine for one benchmark: it answers every call after a while, and notes when its first byte came.

A process of its own (`python -m benchmarks.server SECONDS`), so that it takes no time from what is measured. It says
its address, and at the end of its input what came: a line of JSON, the moments in Unix seconds by idempotency key.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
KEY = b"idempotency-key:"


class Running:
    """The server as its starter sees it."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self._process = process
        self.url = url

    def arrivals(self) -> dict[str, list[datetime]]:
        """End the server, and return when the first byte of each call came, by idempotency key."""
        told, _ = self._process.communicate()
        return {key: [datetime.fromtimestamp(at, UTC) for at in times] for key, times in json.loads(told).items()}


@contextmanager
def answering_after(seconds: float) -> Iterator[Running]:
    """Run a server that answers each call after so many seconds."""
    command = [sys.executable, "-m", "benchmarks.server", str(seconds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Running(process, next(iter(process.stdout or ())).strip())
        finally:
            process.kill()


Arrivals = dict[str, list[float]]


class Call(asyncio.Protocol):
    """One connection, which carries one call."""

    def __init__(self, wait: float, arrivals: Arrivals) -> None:
        self._wait, self._arrivals = wait, arrivals
        self._raw = b""
        self._began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._began = self._began or time.time()
        self._raw += data
        head, ended, body = self._raw.partition(b"\r\n\r\n")
        if ended and len(body) >= int(header(head, b"content-length:") or 0):
            key = header(head, KEY).decode()
            self._arrivals[key].append(self._began)
            asyncio.get_running_loop().call_later(self._wait, self._answer, key)

    def _answer(self, key: str) -> None:
        said = json.dumps({"id": f"{key}-{len(self._arrivals[key])}"}).encode()
        self._transport.write(ANSWER % (len(said), said))
        self._transport.close()


def header(head: bytes, name: bytes) -> bytes:
    """Return a header's value, empty without one."""
    lines = (line for line in head.split(b"\r\n") if line.lower().startswith(name))
    return next(lines, b"")[len(name) :].strip()


async def serve(wait: float) -> None:
    arrivals: Arrivals = defaultdict(list)
    server = await asyncio.get_running_loop().create_server(partial(Call, wait, arrivals), "127.0.0.1", 0, backlog=512)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    print(json.dumps(arrivals), flush=True)


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
