"""Runs the route unattended. It decides when; it keeps no data.

APScheduler is ticker and thread pool only: a memory store, and a trigger that counts from now. Its own triggers skip
or double runs at clock changes, and a shared job store runs every job twice (https://apscheduler.readthedocs.io/en/3.x/faq.html).
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from types import FrameType
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from campaign import owner, publish, store
from campaign.app import App, Summary
from campaign.clock import ClockWatch
from campaign.config import Config, revealed
from campaign.errors import CampaignError, ConfigError, StoreError
from campaign.keeping import wake
from campaign.log import hide, tell
from campaign.settings import check_channels
from campaign.tick import AT_ANY_TIME, OTHER_STAGES, Stage, note_time

logging.getLogger("apscheduler").setLevel(logging.ERROR)  # that a slow job skips a tick is no news

HOUSE = "house"
THREADS = 64  # made as they are needed: one for each channel, also of a config read later, so that none waits
WATCH_SECONDS = 1.0
STEP = timedelta(seconds=2)  # a larger step of the wall clock would leave the scheduler waiting for the old time


class Every(BaseTrigger):  # type: ignore[misc]
    """Fires at a distance from now, so that no clock change or pause is ever caught up with."""

    def __init__(self, distance: timedelta) -> None:
        self.distance = distance

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        return now if previous_fire_time is None else now + self.distance


class Daemon:
    """One running daemon on one database."""

    def __init__(self, app: App, read_config: Callable[[], Config]) -> None:
        self.app = app
        self._read_config = read_config
        self._stop = threading.Event()
        self._reload = threading.Event()
        self._channels: set[str] = set()  # that this daemon has known
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(THREADS)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; SIGHUP reads the config again.

        Raises:
            AnotherDaemon: on SQLite, when another daemon holds the database.
            StoreError: the tables are not those of this program.
        """
        if not self.app.db.is_current():
            raise StoreError("the database is not up to date", remedy="campaign db upgrade")
        mine = self.app.owner = owner.own(self.app.db, self.app.config.daemon.share)
        try:
            self.app.sync_channels()
            if why := wake(self.app):
                tell("database.held", level=logging.WARNING, reason=why)
            self._listen()
            self._schedule()
            self._scheduler.start()
            tell("daemon.started", channels=len(self.app.config.channels), database=self.app.db.url.database)
            self._watch()
        finally:
            self._shut_down(mine)

    def stop(self, *_: object) -> None:
        """End the daemon when what is in flight has ended."""
        self._stop.set()

    def _listen(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return  # signals reach the main thread only; a daemon in a test is stopped by `stop()`
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        signal.signal(signal.SIGHUP, self._ask_reload)

    def _ask_reload(self, _number: int, _frame: FrameType | None) -> None:
        self._reload.set()

    def _schedule(self) -> None:
        """One job for the house and one for each channel, those of vanished channels included: they are given back."""
        settings = self.app.config.daemon
        wanted = {HOUSE: (self._keep_house, settings.house)}
        self._channels |= self.app.config.channels.keys()
        wanted |= {publishing(key): (self._publisher(key), settings.tick) for key in self._channels}
        for name, (work, distance) in wanted.items():
            self._scheduler.add_job(guarded(name, work), Every(distance), id=name, replace_existing=True)

    def _keep_house(self) -> list[Summary]:
        """Run the other stages one by one: what stops one stops no other.

        By a clock that was set nothing is planned, let expire or measured; the gate tells of it, and so does the log.
        Clock and lock are asked before each stage: one before it may have taken long.
        """
        jump, mine = None, self.app.owner
        for stage in OTHER_STAGES:
            if mine is None or not mine.keeps_house():
                return []
            jump = self.app.watch.jumped()
            if jump is None or stage in AT_ANY_TIME:
                guarded(stage.__module__, partial(_alone, stage, self.app))()
        if jump is not None:
            tell("house.rests", level=40, reason=f"the clock of this server jumped by {jump}")
        note_time(self.app)
        return []

    def _publisher(self, key: str) -> Callable[[], list[Summary]]:
        """Return what a channel's job does: publish, or give back a channel that the config names no more."""

        def work() -> list[Summary]:
            if key in self.app.config.channels:
                return [publish.run(self.app, key)]
            if self.app.owner is not None:
                self.app.owner.give_back(key)
            return []

        return work

    def _watch(self) -> None:
        """Wait; meanwhile read a changed config, wake channels on time, and a scheduler that sleeps by a set clock."""
        steps = ClockWatch(self.app.clock, step=STEP)
        while not self._stop.wait(WATCH_SECONDS):
            if self._reload.is_set():
                self._reload.clear()
                guarded("reload", self._reread)()
            if steps.jumped() is not None:
                steps = ClockWatch(self.app.clock, step=STEP)
                for job in self._scheduler.get_jobs():
                    job.modify(next_run_time=self.app.clock.now())
            guarded("wake", self._wake)()

    def _wake(self) -> list[Summary]:
        """Have a channel looked at when its next post is due, not only at its next tick: one query for all channels.

        What has just become due is looked for as well: a tick a moment too early may have put its job off again.
        """
        now, near = self.app.clock.now(), timedelta(seconds=1.5 * WATCH_SECONDS)
        with self.app.reading() as db:
            coming = store.coming_due(db, self.app.config.channels, now - near, now + near)
        for channel, due in coming.items():
            job = self._scheduler.get_job(publishing(channel))
            if job is not None and job.next_run_time > due:
                job.modify(next_run_time=max(due, now))
        return []

    def _reread(self) -> list[Summary]:
        """Take a changed config; a bad one is refused and the old stays."""
        try:
            config = self._read_config()
            check_channels(config)
        except ConfigError as error:
            tell("config.refused", level=40, reason=str(error))
            with self.app.writing() as db:
                self.app.alert(db, "config", f"the changed config was refused: {error}", remedy="campaign check")
            return []
        if revealed(config.database) != revealed(self.app.config.database):
            tell("config.refused", level=40, reason="another database needs a restart of the daemon")
            return []
        try:
            self.app.reconfigure(config)
            with self.app.writing() as db:
                store.clear_alert(db, "config", self.app.clock.now())
        except StoreError:
            self._reload.set()  # the database is busy: once more, in a moment
            raise
        hide(secret.reveal() for secret in config.secrets)
        self._schedule()
        tell("config.read", channels=len(config.channels))
        return []

    def _shut_down(self, mine: owner.Owner) -> None:
        """Begin nothing new, let what is in flight end, then give the channels back."""
        tell("daemon.stopping")
        if self._scheduler.running:
            for job in self._scheduler.get_jobs():
                job.remove()
            self._scheduler.shutdown(wait=True)
        mine.release()
        self.app.owner = None
        self.app.db.close()
        tell("daemon.stopped")


def publishing(channel: str) -> str:
    """Return the name of the job that publishes on a channel."""
    return f"publish:{channel}"


def _alone(stage: Stage, app: App) -> list[Summary]:
    return [stage(app)]


def guarded(name: str, work: Callable[[], list[Summary]]) -> Callable[[], None]:
    """Return a job that tells what it did and survives whatever goes wrong in it."""

    def job() -> None:
        try:
            for summary in work():
                if summary.did_something:
                    told: dict[str, Any] = {**summary.counts, **({"notes": summary.notes} if summary.notes else {})}
                    tell("stage.done", stage=summary.stage, **told)
        except CampaignError as error:
            tell("job.failed", level=40, job=name, reason=str(error))
        except Exception:  # noqa: BLE001 - the loop must go on; the trace is in the log
            tell("job.failed", level=40, job=name, exc_info=True)

    return job
