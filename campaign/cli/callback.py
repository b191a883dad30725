"""The page of this machine that a browser comes to after a person has agreed there, for the time of one login.

Its address holds a code that gets the tokens, so nothing of it is written anywhere.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

LOOPBACK = ("127.0.0.1", "localhost")
PAGE = b"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>campaign</title>
<p>You may close this window. Go back to the terminal and press Enter there.</p>
</html>
"""
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Length": str(len(PAGE)),
    "Content-Security-Policy": "default-src 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}


def is_here(redirect_uri: str) -> bool:
    """Whether an address leads a browser on this machine to this machine."""
    address = urlsplit(redirect_uri)
    return address.scheme == "http" and address.hostname in LOOPBACK and address.port is not None


class Callback(ThreadingTCPServer):
    """Listens where `redirect_uri` leads, on this machine alone.

    It is no `HTTPServer`, which asks the network for this machine's name, and it does not take calls in turn: browsers
    open connections in advance that they do not use.
    """

    allow_reuse_address = True
    daemon_threads = False  # so that closing waits for them

    def __init__(self, redirect_uri: str) -> None:
        """Listen.

        Raises:
            OSError: the port is taken, or not for this account.
        """
        self._expected: SplitResult = urlsplit(redirect_uri)
        self.came_to = ""  # the address that the browser came to last
        super().__init__(("127.0.0.1", self._expected.port or 0), _Handler)

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Answer browsers meanwhile, and leave nothing behind."""
        answers = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, name="callback")
        answers.start()
        try:
            yield
        finally:
            self.shutdown()
            answers.join()
            self.server_close()

    def takes(self, path: str) -> bool:
        """Note a call that answers the question whether somebody agrees; say whether it was one."""
        called = urlsplit(path)
        answers = called.path == (self._expected.path or "/") and parse_qs(called.query).keys() & {"code", "error"}
        if answers:
            self.came_to = self._expected._replace(query=called.query).geturl()
        return bool(answers)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a browser that goes away early has brought its address already."""


class _Handler(BaseHTTPRequestHandler):
    server: Callback
    timeout = 3.0  # seconds without a word, on one connection

    def do_GET(self) -> None:
        if not self.server.takes(self.path):
            self.send_error(404)
            return
        self.send_response(200)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: the line would hold the code."""
