"""A full disk and a locked database, at each moment of a publication on a real server: each part is live there once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import event

from campaign import db as transactions
from tests.realservers.accounts import HONOURING
from tests.realservers.machine import ALONE, READING, FullDisk, OtherProgram
from tests.realservers.publishing import Rig, RigOn

pytest_plugins = ["tests.realservers.rigs"]

INTENT, RECORD = "INSERT ON attempt", "UPDATE OF remote_id ON part"
WITHIN, BEYOND = 3, 200  # waits until it is over: the record is tried 40 times


@pytest.fixture
def other(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Rig], OtherProgram]]:
    """Start another program, which gives the file back when the test ends; nobody waits long for a locked database."""
    monkeypatch.setattr(transactions, "BUSY_SECONDS", 0.02)
    started: list[OtherProgram] = []

    def start(rig: Rig) -> OtherProgram:
        assert rig.app.db.file is not None
        started.append(OtherProgram(rig.app.db.file))
        return started[-1]

    yield start
    for each in started:
        each.release()


def after_waits(rig: Rig, waits: int, relief: Callable[[], None]) -> None:
    """Have relief come when the program has waited so often."""
    rig.clock.meanwhile = [*[lambda: None] * (waits - 1), relief]


@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize("server", HONOURING)
def test_with_a_full_disk_at_the_intent_nothing_is_sent(rig_on: RigOn, server: str, parts: int) -> None:
    rig = rig_on(server)
    post = rig.approved(parts)
    disk = FullDisk(rig.app, INTENT)
    for _ in range(5):
        rig.tick()
    assert rig.proxy.seen(*rig.account.upload)
    assert (rig.visible_calls(), rig.status(post), rig.attempts(post)) == (0, "approved", [])
    disk.relieve()
    rig.work()

    rig.assert_live_once(post)


@pytest.mark.parametrize("waits", [WITHIN, BEYOND])
@pytest.mark.parametrize("server", HONOURING)
def test_with_a_full_disk_at_the_record_what_is_live_is_known_in_the_end(
    rig_on: RigOn, server: str, waits: int
) -> None:
    rig = rig_on(server)
    post = rig.approved(3)
    disk = FullDisk(rig.app, RECORD)
    after_waits(rig, waits, disk.relieve)
    rig.tick()
    assert len(rig.account.live()) == (1 if waits == BEYOND else 3)
    rig.work()

    rig.assert_live_once(post)
    assert rig.visible_calls() == 3


@pytest.mark.parametrize("server", HONOURING)
def test_a_database_locked_in_preparation_costs_a_try(
    rig_on: RigOn, other: Callable[[Rig], OtherProgram], server: str
) -> None:
    rig = rig_on(server)
    post, program = rig.approved(), other(rig)
    rig.proxy.fault(rig.account.upload, after_upstream=lambda call: program.hold(*ALONE))
    after_waits(rig, WITHIN, program.release)
    rig.tick()
    assert (rig.visible_calls(), rig.stored(post).tries) == (0, 1)
    rig.work()

    rig.assert_live_once(post)


@pytest.mark.parametrize("server", HONOURING)
def test_what_cannot_be_committed_at_the_intent_is_not_sent(
    rig_on: RigOn, other: Callable[[Rig], OtherProgram], server: str
) -> None:
    rig = rig_on(server)
    post, program = rig.approved(), other(rig)
    holds = [program.hold]

    @event.listens_for(rig.app.db.engine, "before_cursor_execute")
    def reads(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if holds and statement.startswith("INSERT INTO attempt"):
            holds.pop()(*READING)

    for _ in range(3):
        rig.tick()
    assert not holds
    assert (rig.visible_calls(), rig.status(post), rig.attempts(post)) == (0, "approved", [])
    program.release()
    rig.work()

    rig.assert_live_once(post)


@pytest.mark.parametrize("waits", [WITHIN, BEYOND])
@pytest.mark.parametrize("server", HONOURING)
def test_a_database_locked_at_the_record_learns_what_is_live(
    rig_on: RigOn, other: Callable[[Rig], OtherProgram], server: str, waits: int
) -> None:
    rig = rig_on(server)
    post, program = rig.approved(), other(rig)
    rig.proxy.fault(rig.account.visible, after_upstream=lambda call: program.hold(*ALONE))
    after_waits(rig, waits, program.release)
    rig.tick()
    if waits == BEYOND:
        program.release()
        assert rig.status(post) == "sending"
    rig.work()

    rig.assert_live_once(post)
    assert rig.visible_calls() == 1
