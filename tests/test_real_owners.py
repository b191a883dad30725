"""Three daemons on one PostgreSQL database and a real PDS, killed, stopped and cut off at random: the repos of the
accounts hold each part once, and whoever lost a channel sends nothing more there."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from campaign.models import Attempt
from tests.realservers.owners import Fleet, Sent, fleet, keys_of, numbered
from tests.realservers.publishing import Approved, Rig
from tests.realservers.servers import until

if TYPE_CHECKING:
    from tests.postgres import Postgres
    from tests.realservers.pds import Pds

pytest_plugins = ["tests.realservers.fixtures"]

TRANSIT = timedelta(seconds=1)  # between the first byte and its arrival, on a busy machine
FleetOn = Callable[[int], AbstractContextManager[Fleet]]


@pytest.fixture
def fleet_on(postgres: Postgres, pds: Pds, monkeypatch: pytest.MonkeyPatch) -> FleetOn:
    """Run a fleet on so many channels, its folder in memory."""

    @contextmanager
    def run(channels: int) -> Iterator[Fleet]:
        memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
        place = tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None)
        with place as home, fleet(Path(home), postgres, pds, monkeypatch, channels=channels) as running:
            try:
                yield running
            except AssertionError as error:
                error.add_note(running.told())
                raise

    return run


def proved(
    running: Fleet, *, seed: int, posts: int, seconds: float, stops: tuple[float, float], patience: float
) -> None:
    """Have posts come due while the stations are in trouble; then judge by what the platform holds and has seen."""
    laid_out = []
    for n, parts in enumerate(numbered(posts)):
        rig = running.rigs[n % len(running.rigs)]
        laid_out.append((rig, rig.approved(parts, due_in=timedelta(seconds=2 + n / posts * seconds))))
    with running.troubled(seed, stops):
        for _ in range(round(seconds) + 2):
            time.sleep(1)
            running.hurry()
    until(lambda: running.settled(laid_out), patience)
    for station in running.stations:
        assert station.ended() == 0, station.log()

    assert_each_call_was_intended(running, laid_out)
    for rig in running.rigs:
        mine = [post for channel, post in laid_out if channel is rig]
        assert_epochs_only_grow(rig, mine)
        rig.assert_live_once(*mine)


def assert_epochs_only_grow(rig: Rig, posts: list[Approved]) -> None:
    """No attempt of an earlier owner begins after one of a later, and there was more than one owner."""
    attempts = sorted((a for post in posts for a in rig.attempts(post)), key=lambda attempt: attempt.started_at)
    epochs = [attempt.epoch for attempt in attempts]
    assert epochs == sorted(epochs), epochs
    assert epochs[0] < epochs[-1]


def assert_each_call_was_intended(running: Fleet, posts: list[tuple[Rig, Approved]]) -> None:
    """Each visible call is the one call of a stored attempt: at its part, by its daemon, within its time."""
    part_of = {key: part for rig, post in posts for key, part in keys_of(rig, post).items()}
    open_to = {attempt.uuid: attempt for rig, post in posts for attempt in rig.attempts(post)}
    for sent in running.way.sent:
        intended = [each for each in open_to.values() if covers(each, sent, part_of[sent.key])]
        assert intended, f"nobody intended {sent}: {list(open_to.values())}"
        del open_to[intended[0].uuid]


def covers(attempt: Attempt, sent: Sent, part: str) -> bool:
    by = int(attempt.sender.split(":")[1])
    in_time = attempt.started_at <= sent.at <= attempt.send_by + TRANSIT
    return attempt.part == part and sent.pid in (None, by) and in_time


@pytest.mark.kill
def test_three_daemons_in_trouble_publish_each_part_once(fleet_on: FleetOn) -> None:
    with fleet_on(4) as running:
        proved(running, seed=1, posts=30, seconds=10, stops=(1, 3), patience=60)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(3))
def test_three_daemons_long_in_trouble_publish_each_part_once(fleet_on: FleetOn, seed: int) -> None:
    with fleet_on(6) as running:
        proved(running, seed=seed, posts=300, seconds=150, stops=(1, 30), patience=400)
