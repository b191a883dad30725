"""The receiver of docs/platforms/webhook.md, as it stands there, on a port of this machine."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import HTTPServer
from pathlib import Path
from typing import Any

import pytest

DOCUMENT = Path(__file__).parents[3] / "docs" / "platforms" / "webhook.md"


@dataclass
class Receiving:
    """The receiver while it runs, and what it holds."""

    url: str
    posts: dict[str, Any]
    taken: dict[str, Any]


@contextmanager
def receiving(monkeypatch: pytest.MonkeyPatch, secret: str, now: float) -> Iterator[Receiving]:
    """Run the receiver for the time of a test, by a clock that stands still."""
    [code] = re.findall(r"^```python\n(.*?)^```$", DOCUMENT.read_text(), re.DOTALL | re.MULTILINE)
    monkeypatch.setenv("WEBHOOK_SECRET", secret)
    monkeypatch.setattr("time.time", lambda: now)
    made: dict[str, Any] = {"__name__": "receiver"}
    exec(compile(code, str(DOCUMENT), "exec"), made)  # noqa: S102 - it is our own, and this is what it is there for
    made["Receiver"].log_message = lambda *told: None
    server = HTTPServer(("127.0.0.1", 0), made["Receiver"])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield Receiving(f"http://127.0.0.1:{server.server_port}/hooks/", made["POSTS"], made["TAKEN"])
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()
