"""A daemon killed or stopped at the worst moments, timed by the proxy: each part is live on the real server once, and
nothing leaves past its time. The next daemon is started as systemd would, and judged by what the server holds."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from campaign.clock import SystemClock
from tests.realservers.accounts import HONOURING, SERVERS, OnMastodon
from tests.realservers.faults import Act, Call, pass_on
from tests.realservers.publishing import Approved, Rig, RigOn
from tests.realservers.servers import until

pytest_plugins = ["tests.realservers.rigs"]

QUICK = {"call_deadline": "3 s", "settle": "0.2 s"}
SHORT = {"call_deadline": "1.2 s"}
REPO = Path(__file__).parents[1]
SYN_SENT = "02"  # https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html, include/net/tcp_states.h


class Daemon:
    """`campaign daemon` in a rig's folder, as a process of its own."""

    def __init__(self, rig: Rig) -> None:
        command = [sys.executable, "-m", "campaign", "--config", str(rig.home / "config.toml"), "daemon"]
        self._log = rig.home / "log"
        with self._log.open("ab") as log:
            environ = {**os.environ, "PYTHONPATH": str(REPO)}
            self._process = subprocess.Popen(command, cwd=rig.home, env=environ, stdout=log, stderr=log)

    def send(self, sign: signal.Signals) -> None:
        self._process.send_signal(sign)

    def ended_by(self) -> int:
        """Wait until it has ended; return the number of the signal that did it, 0 for none."""
        return -self._process.wait(20)

    def until(self, seen: Callable[[], object]) -> None:
        """Wait for something while the daemon lives."""

        def look() -> object:
            assert self._process.poll() is None, self._log.read_text()
            return seen()

        until(look)

    def settles(self, rig: Rig, posts: Sequence[Approved]) -> None:
        """Wait until posts are published, and see that each is live once."""
        self.until(lambda: all(rig.status(post) == "published" for post in posts))
        rig.assert_live_once(*posts)


@contextmanager
def daemon_of(rig: Rig) -> Iterator[Daemon]:
    """Run a daemon; it does not outlive the test."""
    daemon = Daemon(rig)
    try:
        yield daemon
    finally:
        daemon.send(signal.SIGKILL)
        daemon.ended_by()


# --- killed

Moment = Callable[[Rig, Callable[[], None], int], None]  # has the daemon die at its moment of the part of this number


def after_prepare(rig: Rig, kill: Callable[[], None], part: int) -> None:
    last = rig.account.upload if part == 1 or isinstance(rig.account, OnMastodon) else rig.account.look
    rig.proxy.fault(last, after_answer=lambda call: kill())


def after_intent(rig: Rig, kill: Callable[[], None], part: int) -> None:
    def never_heard(call: Call) -> None:
        call.read()
        kill()

    at_part(rig, part, never_heard)


def at_work(rig: Rig, kill: Callable[[], None], part: int) -> None:
    at_part(rig, part, before_forward=lambda call: kill())


def after_acceptance(rig: Rig, kill: Callable[[], None], part: int) -> None:
    at_part(rig, part, after_upstream=lambda call: kill())


def before_record(rig: Rig, kill: Callable[[], None], part: int) -> None:
    at_part(rig, part, after_answer=lambda call: kill())


def at_part(rig: Rig, part: int, act: Act = pass_on, **hooks: Any) -> None:
    if part > 1:
        rig.proxy.fault(rig.account.visible, count=part - 1)
    rig.proxy.fault(rig.account.visible, act, **hooks)


MOMENTS = (after_prepare, after_intent, after_acceptance, before_record)


def killed_again_and_again(
    rig: Rig, deaths: Iterable[tuple[Moment, int]], delay: Callable[[], float] = lambda: 0
) -> None:
    """Kill a daemon at each moment of a single post or of a thread's second part; the next one finds what it left."""
    posts: list[Approved] = []

    def kill() -> None:
        time.sleep(delay())
        daemon.send(signal.SIGKILL)

    for moment, parts in deaths:
        with daemon_of(rig) as daemon:
            daemon.settles(rig, posts)
            moment(rig, kill, min(parts, 2))
            posts.append(rig.approved(parts))
            assert daemon.ended_by() == signal.SIGKILL
    with daemon_of(rig) as daemon:
        daemon.settles(rig, posts)
        time.sleep(0.2)  # some more ticks
        daemon.send(signal.SIGTERM)
        assert daemon.ended_by() == 0
    rig.assert_live_once(*posts)


@pytest.mark.kill
@pytest.mark.parametrize("server", HONOURING)
def test_killed_at_any_moment_each_part_is_live_once(rig_on: RigOn, server: str) -> None:
    rig = rig_on(server, clock=SystemClock(), owns=False, **QUICK)
    killed_again_and_again(rig, [*product(MOMENTS, (1,)), (after_acceptance, 3)])


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("server", SERVERS)
def test_killed_around_any_moment_each_part_is_live_once(rig_on: RigOn, server: str, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    rig = rig_on(server, clock=SystemClock(), owns=False, **QUICK)
    killed_again_and_again(rig, product((*MOMENTS, at_work), (1, 3)), lambda: chance.uniform(0, 0.03))


# --- stopped


class Doorway:
    """Takes the proxy's place and lets nobody through: who connects waits in between, until `opened`."""

    def __init__(self, rig: Rig) -> None:
        self._rig, self._port = rig, urlsplit(rig.proxy.url).port
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._waiting: list[socket.socket] = []

    def shut(self) -> None:
        """Let the one place where connections wait be taken: the kernel leaves all others unanswered."""
        self._rig.proxy.down()
        self._listener.bind(("127.0.0.1", self._port))
        self._listener.listen(0)
        self._waiting.append(socket.create_connection(self._listener.getsockname()))

    def is_tried(self) -> bool:
        """Whether somebody is connecting: a daemon does so when its intent is stored."""
        lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return any(each[2].endswith(f":{self._port:04X}") and each[3] == SYN_SENT for each in lines)

    def opened(self) -> socket.socket:
        """Let whoever waits come in; the kernel tries again after a second."""
        self._listener.settimeout(10)
        self._waiting.append(self._listener.accept()[0])
        visitor = self._listener.accept()[0]
        self._waiting.append(visitor)
        return visitor

    def close(self) -> None:
        for each in (*self._waiting, self._listener):
            each.close()


@contextmanager
def doorway_of(rig: Rig) -> Iterator[Doorway]:
    """Shut the proxy's door as soon as the next upload is done."""
    with closing(Doorway(rig)) as doorway:
        rig.proxy.fault(rig.account.upload, after_upstream=lambda call: doorway.shut())
        yield doorway


def stopped_until(rig: Rig, daemon: Daemon, moment: Callable[[], datetime]) -> bytes:
    """Stop the daemon between intent and first byte, let it go on after a moment, and return what it wrote then."""
    with doorway_of(rig) as doorway:
        daemon.until(doorway.is_tried)
        daemon.send(signal.SIGSTOP)
        visitor = doorway.opened()
        time.sleep(max((moment() - rig.app.clock.now()).total_seconds(), 0) + 0.05)
        daemon.send(signal.SIGCONT)
        visitor.settimeout(10)
        return visitor.recv(65536)


@pytest.mark.kill
@pytest.mark.parametrize("server", HONOURING)
def test_stopped_past_the_moment_to_send_it_writes_nothing(rig_on: RigOn, server: str) -> None:
    rig = rig_on(server, clock=SystemClock(), owns=False, **QUICK | SHORT)
    with daemon_of(rig) as daemon:
        post = rig.approved()
        assert stopped_until(rig, daemon, lambda: rig.attempts(post)[0].send_by) == b""
        daemon.until(lambda: rig.status(post) == "approved")
        assert [attempt.outcome for attempt in rig.attempts(post)] == ["not-sent"]
        rig.proxy.up()
        rig.assert_nothing_live()
        rig.types("post", "now", post.post.uuid[:8])
        daemon.until(lambda: rig.status(post) == "published")

    rig.assert_live_once(post)
    assert rig.visible_calls() == 1


@pytest.mark.kill
@pytest.mark.parametrize("server", ["bluesky", pytest.param("mastodon", marks=pytest.mark.soak)])
def test_stopped_past_its_expiry_it_never_leaves(rig_on: RigOn, server: str) -> None:
    rig = rig_on(server, clock=SystemClock(), owns=False, **QUICK | SHORT)
    with daemon_of(rig) as daemon:
        daemon.until(lambda: (rig.home / "log").stat().st_size)  # it works, and is not in its preparations
        ends = rig.app.clock.now() + timedelta(seconds=4)  # twice the deadline must be left
        post = rig.approved(expires_at=ends)
        assert stopped_until(rig, daemon, lambda: ends) == b""
        rig.proxy.up()
        daemon.until(lambda: rig.status(post) == "expired")
        time.sleep(0.2)  # some more ticks

    rig.assert_nothing_live()
    assert (rig.visible_calls(), list(rig.alerts())) == (0, ["expired"])
