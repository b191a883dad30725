"""A headless Chromium that tells what it sees, over the pipe of its DevTools protocol.

https://chromedevtools.github.io/devtools-protocol/; with --remote-debugging-pipe it reads commands from file
descriptor 3 and writes answers and events to 4, each a JSON text that ends with a zero byte.
"""

from __future__ import annotations

import json
import os
import select
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--remote-debugging-pipe",
)
PATIENCE = 60.0  # seconds for one answer, on a busy machine


class Browser:
    """The two ends of the pipe."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands = commands
        self._answers = answers
        self._unread = b""
        self._sent = 0
        self._events: list[dict[str, Any]] = []

    def ask(self, method: str, session: str = "", **parameters: object) -> dict[str, Any]:
        """Send a command and return its result; events that come before it are kept."""
        self._sent += 1
        message = {"id": self._sent, "method": method, "params": parameters} | (
            {"sessionId": session} if session else {}
        )
        unsent = json.dumps(message).encode() + b"\0"
        while unsent:
            unsent = unsent[os.write(self._commands, unsent) :]
        while (answer := self._read()).get("id") != self._sent:
            self._events.append(answer)
        assert "error" not in answer, (method, answer["error"])
        result: dict[str, Any] = answer["result"]
        return result

    def wait_for(self, method: str, session: str) -> None:
        """Wait until an event has come."""
        while not self.events(method, session):
            self._events.append(self._read())

    def events(self, method: str, session: str) -> list[dict[str, Any]]:
        """Return what has come of one kind so far."""
        found = [event for event in self._events if event["method"] == method and event.get("sessionId") == session]
        return [event["params"] for event in found]

    def _read(self) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE
        while b"\0" not in self._unread:
            ready, _, _ = select.select([self._answers], [], [], max(deadline - time.monotonic(), 0))
            more = os.read(self._answers, 1 << 20) if ready else b""
            assert more, "the browser has ended or does not answer"
            self._unread += more
        message, self._unread = self._unread.split(b"\0", 1)
        read: dict[str, Any] = json.loads(message)
        return read


@contextmanager
def browser(program: str, home: Path) -> Iterator[Browser]:
    """Run Chromium with everything that it writes under `home`."""
    commands_out, commands_in = os.pipe()
    answers_out, answers_in = os.pipe()
    with (home / "stderr").open("wb") as errors:
        process = os.posix_spawn(
            program,
            [program, *FLAGS, f"--user-data-dir={home / 'profile'}"],
            {"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(home)},
            file_actions=[
                (os.POSIX_SPAWN_DUP2, errors.fileno(), 2),
                (os.POSIX_SPAWN_DUP2, commands_out, 3),
                (os.POSIX_SPAWN_DUP2, answers_in, 4),
            ],
            setpgroup=0,
        )
    os.close(commands_out)
    os.close(answers_in)
    try:
        yield Browser(commands_in, answers_out)
    finally:
        os.killpg(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(commands_in)
        os.close(answers_out)
