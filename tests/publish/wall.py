"""A server of Mastodon's API on which everything sticks: it knows no keys, so a call made twice is a second status.

It is a process of its own, and takes one call after the other: what a dead client has written is done before the next
is heard. Each token is an account of its own.
"""

from __future__ import annotations

import html
import itertools
import json
import os
import signal
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from campaign.clock import SystemClock

STATUSES: dict[str, list[dict[str, Any]]] = defaultdict(list)
NUMBERS = itertools.count(1)


class Wall(BaseHTTPRequestHandler):
    """One call."""

    timeout = 5
    account = property(lambda self: self.headers["Authorization"].removeprefix("Bearer "))

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        match address.path.strip("/").split("/")[2:]:
            case ["accounts", "verify_credentials"]:
                self._tell({"id": self.account, "acct": self.account, "username": self.account})
            case ["accounts", _, "statuses"]:
                before = int(parse_qs(address.query).get("max_id", ["1000000000"])[0])
                self._tell([status for status in reversed(STATUSES[self.account]) if int(status["id"]) < before])
            case ["statuses", wanted]:
                self._tell(next(status for status in STATUSES[self.account] if status["id"] == wanted))
            case ["statuses", wanted, "source"]:
                self._tell(next(status for status in STATUSES[self.account] if status["id"] == wanted))
            case ["media", wanted]:
                self._tell({"id": wanted, "type": "image", "url": "https://wall.example/1.jpg"})
            case _:
                self._tell({"version": "1.0"})

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        if len(body) < length:
            return  # whoever wrote it is dead
        if self.path == "/api/v1/statuses":
            self._tell(self._stick(json.loads(body)))
        else:
            self._tell({"id": str(next(NUMBERS)), "type": "image", "url": "https://wall.example/1.jpg"})

    def _stick(self, asked: dict[str, Any]) -> dict[str, Any]:
        number = str(next(NUMBERS))
        status = {
            "id": number,
            "created_at": SystemClock().now().isoformat(),
            "content": f"<p>{html.escape(asked['status'])}</p>",
            "text": asked["status"],
            "in_reply_to_id": asked.get("in_reply_to_id"),
            "media_attachments": [{"id": each} for each in asked.get("media_ids", ())],
            "visibility": "public",
            "url": f"https://wall.example/{number}",
        }
        STATUSES[self.account].append(status)
        return status

    def _tell(self, said: object) -> None:
        data = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None: ...


class Server(HTTPServer):
    parent = 0

    def handle_error(self, *_: object) -> None:
        """Whoever asked is dead."""

    def service_actions(self) -> None:
        """End with whoever stood it up, however that ends."""
        if os.getppid() != self.parent:
            os._exit(0)


@contextmanager
def standing() -> Iterator[str]:
    """Run the server as a fork of this process, and lend its address."""
    with Server(("127.0.0.1", 0), Wall) as server:
        address = f"http://127.0.0.1:{server.server_port}"
        server.parent = os.getpid()
        if (process := os.fork()) == 0:
            server.serve_forever()
    try:
        yield address
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
