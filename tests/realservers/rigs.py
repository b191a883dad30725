"""The rigs as a fixture: `pytest_plugins = ["tests.realservers.rigs"]`."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from campaign import owner
from campaign.app import App
from campaign.clock import Clock, SystemClock
from campaign.config import load, revealed
from campaign.db import Database
from tests.conftest import CONFIG
from tests.realservers.accounts import PASSWORD, account_on
from tests.realservers.publishing import CHANNEL, DAEMON, Rig, RigOn, WaitingClock, channel_of

pytest_plugins = ["tests.realservers.fixtures"]

WORLD = CONFIG[: CONFIG.index("[channels.")] + CONFIG[CONFIG.index("[people.") :]  # without its channels


@pytest.fixture
def rig_on(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[RigOn]:
    """A maker of rigs; whatever it has made ends with the test.

    `rig_on(server)` makes one on a virtual clock, two days behind that of the servers, which date what they hold by
    their own. `rig_on(server, clock=SystemClock(), owns=False)` makes one for daemons. With `logs_in` the channel gets
    its credentials by a login, else they are in the environment. Other keys are those of the channel.
    """
    blank: Path = request.getfixturevalue("blank_database")
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    with ExitStack() as stack:

        def build(
            server: str, *, clock: Clock | None = None, owns: bool = True, logs_in: bool = False, **keys: str
        ) -> Rig:
            place = tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None)
            home = Path(stack.enter_context(place))
            account = stack.enter_context(account_on(server, request))
            secret = account.secret()
            monkeypatch.setenv(PASSWORD, "" if logs_in else secret)
            (home / "config.toml").write_text(WORLD + channel_of(account, logs_in, keys) + DAEMON)
            config = load(home / "config.toml", os.environ)
            shutil.copyfile(blank, Path(revealed(config.database).removeprefix("sqlite:///")))
            clock = clock or WaitingClock(SystemClock().now() - timedelta(days=2))
            app = App(config, Database(revealed(config.database)), clock, who="anna")
            stack.callback(app.db.close)
            app.sync_channels()
            if owns:
                app.owner = owner.own(app.db)
                stack.callback(app.owner.release)
            rig = Rig(app, account, home, secret)
            if logs_in:
                rig.types("channel", "login", CHANNEL, answer=f"{secret}\n")
            elif stored := account.tokens():
                app.tokens(CHANNEL).save(stored)
            rig.types("channel", "enable", CHANNEL)
            account.proxy.calls.clear()
            return rig

        yield build
