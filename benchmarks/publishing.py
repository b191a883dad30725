"""Publishing to a server that answers after 50 ms: how many posts a second, and how soon after the due time."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from math import ceil
from pathlib import Path
from statistics import median

import requests

from benchmarks.campaigns import campaign_on, channels, lay_out
from benchmarks.measuring import Figure, expect
from benchmarks.server import Running, answering_after
from campaign import owner, publish, store
from campaign.app import App

ANSWER = 0.05  # seconds
CHANNELS, EACH, ROUNDS = 8, 10, 5
COMMITS = 10  # after each round
CROWD, CROWDS = 100, 2  # channels that are all due at once, and how often
STARTING, PUBLISHING = 12.0, 10.0  # seconds that a daemon is given before the due time, and after it
MEMORY = "/dev/shm"  # noqa: S108 - a folder of its own is made in it
BODY = {
    "text": "What channel-00-1a2b3c4d has learnt\n\nA short account of what came of it.",
    "language": "en",
}  # as ours


def measured(folder: Path) -> Iterator[Figure]:
    yield from dispatch(folder / "dispatch", "")
    with tempfile.TemporaryDirectory(dir=MEMORY) as memory:
        yield from dispatch(Path(memory) / "dispatch", ", in memory")
    yield from on_time(folder)


def dispatch(folder: Path, where: str) -> Iterator[Figure]:
    """Publish due posts on all channels at once, each from a thread as the daemon does; then make the bare calls.

    With the database on a disk in memory only the program's own work is left; a shared disk adds its commits.
    """
    keys = channels(CHANNELS)
    pairs, commits = [], []
    with answering_after(ANSWER) as server, campaign_on(folder, server.url, keys) as app:
        app.owner = owner.own(app.db)
        for count in (1, *[EACH] * ROUNDS):  # the first round takes the channels and does not count
            lay_out(app, keys, count, app.clock.now())
            pairs.append((at_once(publishing(app, count), keys), at_once(calling(server, count), keys)))
            commits += [a_commit(app) for _ in range(COMMITS)]
        app.owner.release()
        expect({len(times) for times in server.arrivals().values()}, {1})
    ours, bare = (median(CHANNELS * EACH / seconds for seconds in times) for times in zip(*pairs[1:], strict=True))
    ratio = median(theirs / mine for mine, theirs in pairs[1:])
    yield Figure(f"posts a second on {CHANNELS} channels{where}", f"{ours:.0f}")
    yield Figure(f"bare calls a second from {CHANNELS} threads", f"{bare:.0f}")
    yield Figure(f"posts, as a part of bare calls{where}", f"{ratio:.2f}", "at least 0.8")
    yield Figure(f"a commit of one row{where}: half of them", f"{percentile(sorted(commits), 50) * 1000:.1f} ms")


def at_once(work: Callable[[str], None], keys: list[str]) -> float:
    """Return how long the work takes in seconds, done for all channels at once."""
    with ThreadPoolExecutor(len(keys)) as pool:
        start = time.perf_counter()
        for _ in pool.map(work, keys):
            pass  # what went wrong in a thread is raised here
        return time.perf_counter() - start


def a_commit(app: App) -> float:
    """Return how long the disk takes for a commit, in seconds: two of each post's are waited for."""
    start = time.perf_counter()
    with app.writing() as db:
        store.set_meta(db, "benchmark", str(start))
    return time.perf_counter() - start


def publishing(app: App, count: int) -> Callable[[str], None]:
    """Return what publishes a channel's due posts: gate, intent, visible call, record, and the look at what is live."""
    return lambda key: expect(publish.run(app, key).counts.get("published"), count)


def calling(server: Running, count: int) -> Callable[[str], None]:
    """Return what makes the visible calls alone, each on a connection of its own."""

    def call(key: str) -> None:
        for _ in range(count):
            headers = {"Idempotency-Key": f"{key}-{time.perf_counter_ns()}"}
            answer = requests.post(f"{server.url}/posts", headers=headers, json=BODY, timeout=30)
            expect(bool(answer.json()["id"]), True)

    return call


def on_time(folder: Path) -> Iterator[Figure]:
    """Let a daemon meet posts that are all due at one moment; the server notes when the first byte of each comes."""
    waited = sorted(wait for n in range(CROWDS) for wait in crowd(folder / f"crowd-{n}"))
    what = f"from due to first byte, {CROWD} posts on as many channels"
    yield Figure(f"{what}: half of them", f"{percentile(waited, 50):.2f} s")
    yield Figure(f"{what}: 99 %", f"{percentile(waited, 99):.2f} s", "below 2 s")


def crowd(folder: Path) -> list[float]:
    """Return the wait of each post in seconds."""
    keys = channels(CROWD)
    with answering_after(ANSWER) as server:
        with campaign_on(folder, server.url, keys) as app:
            due_at = app.clock.now() + timedelta(seconds=STARTING)
            lay_out(app, keys, 1, due_at)
            left = (due_at - app.clock.now()).total_seconds()
        command = [sys.executable, "-m", "benchmarks.local", "daemon"]
        with subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL) as daemon:
            time.sleep(left + PUBLISHING)
            daemon.terminate()
        return waits(server.arrivals(), due_at)


def waits(arrivals: dict[str, list[datetime]], due_at: datetime) -> list[float]:
    expect([len(times) for times in arrivals.values()], [1] * CROWD)  # each of them, and once
    return [(times[0] - due_at).total_seconds() for times in arrivals.values()]


def percentile(ordered: list[float], percent: int) -> float:
    """Return the value that so many percent do not exceed (nearest rank)."""
    return ordered[ceil(len(ordered) * percent / 100) - 1]
