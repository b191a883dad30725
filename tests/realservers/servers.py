"""Servers that nobody here wrote: how they are started and stopped, and how a test talks to them.

A server is a program that says in one line of JSON that it is ready, and ends when its stdin ends: so it never outlives
the tests, however these end.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import requests

HERE = Path(__file__).parent
PATIENCE = 20.0  # seconds, on a busy machine
Seen = TypeVar("Seen")


@contextmanager
def running(command: list[str], log: Path) -> Iterator[dict[str, str]]:
    """Run a server and lend what it said when it was ready.

    Raises:
        RuntimeError: it ended instead; with what it logged.
    """
    with (
        log.open("wb") as errors,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors) as server,
    ):
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            ready = server.stdout.readline()
            if not ready:
                raise RuntimeError(f"{' '.join(command)} did not start\n{log.read_text()}")
            yield json.loads(ready)
        finally:
            server.stdin.close()
            try:
                server.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                server.kill()
                raise


def ask(method: str, url: str, token: str = "", **options: Any) -> requests.Response:
    """Make one call, over a connection of its own and without the proxies of the environment."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, url, headers=headers | options.pop("headers", {}), timeout=PATIENCE, **options)


def told(answer: requests.Response) -> Any:
    """Return the JSON of an answer that must be good."""
    assert answer.ok, f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text}"
    return answer.json()


def until(look: Callable[[], Seen], seconds: float = PATIENCE) -> Seen:
    """Look again and again until there is something to see, and return it."""
    end = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < end, f"not seen within {seconds} s"
        time.sleep(0.05)
    return seen
