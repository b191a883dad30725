"""A campaign whose every part is a process of its own: the daemon, and each command that somebody types.

A command is a fork of a process that has read the program and nothing else, which takes a tenth of the time.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from campaign.app import App
from campaign.clock import SystemClock
from campaign.config import load, revealed
from campaign.db import Database

REPO = Path(__file__).parents[2]
TYPIST = """
import io, json, os, sys
import campaign.daemon, campaign.explain, campaign.proof, campaign.report
import campaign.platforms.bluesky, campaign.platforms.mastodon, campaign.platforms.folder
from campaign.cli import answers, channel, cli, ops, post, quick, story

for line in sys.stdin:
    words, answer, environ = json.loads(line)
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        os.environ.update(environ)
        os.dup2(writing, 1)
        os.dup2(writing, 2)
        sys.stdin = io.StringIO(answer)
        try:
            cli(words, prog_name="campaign")
        except SystemExit as ended:
            sys.stdout.flush()
            os._exit(ended.code)
    os.close(writing)
    with open(reading) as printed:
        said = printed.read()
    print(json.dumps([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said]), flush=True)
"""


class Campaign:
    """A campaign in a folder; each command is a process that knows nothing of the others, and so is the daemon."""

    def __init__(self, home: Path, config: str, environ: Mapping[str, str]) -> None:
        self.home = home
        self.environ = dict(environ)  # what processes are given
        self.told: dict[str, bytes] = {}  # by what has told it
        self._started: list[subprocess.Popen[bytes]] = []
        self.config = home / "config.toml"
        self.config.write_text(config)
        self._read = load(self.config, self.environ)
        self._typist = self._start(["-c", TYPIST], stdout=subprocess.PIPE)

    def close(self) -> None:
        self._typist.communicate()
        assert self._typist.returncode == 0

    def types(self, *words: str, answer: str = "", code: int = 0, **environ: str) -> str:
        """Type a command, and return what it printed: a fork of a process that has only read the program."""
        assert self._typist.stdin is not None
        assert self._typist.stdout is not None
        self._typist.stdin.write(json.dumps([self._line(*words), answer, environ]).encode() + b"\n")
        self._typist.stdin.flush()
        ended, said = json.loads(self._typist.stdout.readline())
        assert ended == code, f"{words}: {ended}\n{said}"
        self.told[f"{len(self.told)}: {' '.join(words)}"] = said.encode()
        return str(said)

    def begins(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a command, as its user or systemd does; what it tells stands in a file of the folder."""
        with (self.home / f"{'-'.join(words)}.out").open("wb") as out:
            return self._start(["-m", "campaign", *self._line(*words)], stdout=out, stderr=out)

    @contextmanager
    def app(self) -> Iterator[App]:
        """Open the campaign in this process, to look at it."""
        with closing(Database(revealed(self._read.database))) as db:
            yield App(self._read, db, SystemClock(), who="anna")

    @contextmanager
    def daemon(self, style: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a daemon, and end it as systemd would."""
        daemon = self.begins("daemon", "--log", style)
        try:
            yield daemon
            daemon.send_signal(signal.SIGTERM)
            assert daemon.wait(20) == 0
        finally:
            daemon.kill()
            daemon.communicate()

    def log(self, style: str) -> bytes:
        return (self.home / f"daemon---log-{style}.out").read_bytes()

    def note_processes(self, *_: object) -> None:
        """Keep the command line of each process that lives, and of its environment what it was not given by a test."""
        for process in self._started:
            if process.poll() is None:
                shown = Path(f"/proc/{process.pid}")
                with suppress(OSError):  # it has just ended
                    environ = (shown / "environ").read_bytes()
                    for given in self.environ.values():
                        environ = environ.replace(given.encode(), b"")
                    self.told[f"process {process.pid}"] = (shown / "cmdline").read_bytes() + environ

    def _line(self, *words: str) -> list[str]:
        return ["--config", str(self.config), "--as", "anna", *words]

    def _start(self, command: list[str], **streams: Any) -> subprocess.Popen[bytes]:
        environ = {**os.environ, **self.environ, "PYTHONPATH": str(REPO)}
        process = subprocess.Popen(
            [sys.executable, *command], cwd=self.home, env=environ, stdin=subprocess.PIPE, **streams
        )
        self._started.append(process)
        return process
