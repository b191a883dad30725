"""The daemon: it decides when, survives what goes wrong in a stage, and ends cleanly.

Some tests run the real program as a process of its own; those that look inside run it in a thread.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from campaign import daemon as daemons
from campaign import owner, publish, render, store
from campaign.app import App, Summary
from campaign.clock import Clock, SystemClock
from campaign.config import Config, load, revealed
from campaign.daemon import Daemon, Every, guarded
from campaign.db import Database
from campaign.errors import ConfigError, Problem, StoreError
from campaign.log import set_up
from campaign.models import Post, PostStatus, Story
from campaign.owner import AnotherDaemon, PostgresOwner
from campaign.platforms import PLATFORMS
from campaign.rehearsal.clock import VirtualClock
from campaign.story import Content, Kind, Telling
from tests.conftest import CONFIG
from tests.fakes import Fake, World
from tests.making import fresh, make_post, make_story, status_of

if TYPE_CHECKING:
    from tests.postgres import Postgres

pytest_plugins = ["tests.postgres"]
REPO = Path(__file__).parents[1]
PATIENCE = 20.0  # seconds that a loaded machine may take; a good run takes a fraction
FAST = '\n[daemon]\ntick = "0.1s"\nhouse = "0.3s"\n'
PLAIN = CONFIG.replace('platform = "folder"', 'platform = "folder"\nattach = "none"')  # drawing cards takes time


def until(true: Callable[[], Any], what: str = "") -> Any:
    """Wait until something is so, and return it."""
    end = time.monotonic() + PATIENCE
    while not (found := true()):
        assert time.monotonic() < end, f"in vain: {what or true}"
        time.sleep(0.02)
    return found


def ready(app: App, slug: str = "battery-modules", *, channel: str = "news", due_in: float = -1) -> Post:
    """Lay out a post as the route leaves it: rendered from its story, approved, due in some seconds."""
    due_at = app.clock.now() + timedelta(seconds=due_in)
    story = a_story(app, slug, channel)
    post = make_post(app, story, channel=channel, status=PostStatus.PLANNED)
    with app.writing() as db:
        store.change_post(db, post, slot_date=None, slot_time=None, due_at=due_at, first_due_at=due_at, input_hash="")
    render.run(app)
    with app.writing() as db:
        post = fresh(app, post)
        assert post.status == PostStatus.RENDERED, post.reason
        store.change_post(db, post, status="approved", approved_hash=post.content_hash, approved_by="anna")
    return post


def a_story(app: App, slug: str, channel: str) -> Story:
    """Hand in a story for one channel."""
    telling = Telling(title=f"The story {slug}", summary="Training modules for all of Europe.")
    content = Content(
        kind=Kind.COURSE, regions=("portugal",), language="en", channels=(channel,), tellings={"en": telling}
    )
    return make_story(app, slug, region="portugal", content=content)


def hand_in(app: App, slug: str, channel: str) -> None:
    """Hand in a story while a daemon runs: it plans and renders it, a person approves and says now."""
    story = a_story(app, slug, channel)

    def rendered() -> Post | None:
        with app.reading() as db:
            return next(iter(store.posts_where(db, story=story.uuid, statuses=["rendered"])), None)

    post = until(rendered, f"{slug} is planned and rendered")
    with app.writing() as db:
        agreed = {"approved_hash": post.content_hash, "approved_by": "anna"}
        assert store.change_post(db, post, status=str(PostStatus.APPROVED), **agreed)
    publish.ask(app, fresh(app, post), publish.wishes.NOW)


# --- the program as a process


class Running:
    """`campaign daemon` in a folder, and what it logs."""

    def __init__(self, home: Path, *options: str) -> None:
        self._log = home / f"log-{len(list(home.glob('log-*')))}"
        with self._log.open("wb") as log:
            command = [sys.executable, "-m", "campaign", "daemon", *options]
            environ = {**os.environ, "PYTHONPATH": str(REPO), "CAMPAIGN_CONFIG": str(home / "config.toml")}
            self.process = subprocess.Popen(command, cwd=home, env=environ, stdout=log, stderr=log)

    @property
    def text(self) -> str:
        return self._log.read_text()

    def events(self) -> list[dict[str, Any]]:
        """Return what was logged so far, in the form for machines."""
        return [json.loads(line) for line in self.text.splitlines() if line.startswith("{")]

    def told(self, event: str) -> list[dict[str, Any]]:
        return [found for found in self.events() if found["event"] == event]

    def wait_for(self, event: str, count: int = 1) -> None:
        def seen() -> bool:
            assert self.process.poll() is None, self.text
            return len(self.told(event)) >= count

        until(seen, f"{event} in {self.text}")

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(PATIENCE)


@pytest.fixture
def home() -> Iterator[Path]:
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        (Path(folder) / "config.toml").write_text(PLAIN + FAST)
        yield Path(folder)


@pytest.fixture
def run(home: Path) -> Iterator[Callable[..., Running]]:
    """Start daemons; none outlives its test."""
    started: list[Running] = []

    def start(*options: str, log: str = "json") -> Running:
        started.append(Running(home, "--log", log, *options))
        return started[-1]

    yield start
    for running in started:
        running.process.kill()
        running.process.wait()


@contextmanager
def opened(home: Path) -> Iterator[App]:
    """What an officer's command opens beside the daemon."""
    config = load(home / "config.toml", {})
    app = App(config, Database(revealed(config.database)), SystemClock(), who="anna")
    app.db.upgrade()
    app.sync_channels()
    yield app
    app.db.close()


def live(home: Path, channel: str = "news") -> list[Path]:
    folder = home / "published" / channel
    return sorted(place for place in folder.glob("2*") if place.is_dir())


def statuses(home: Path) -> Counter[str]:
    with opened(home) as app, app.reading() as db:
        return Counter(post.status for post in store.posts_where(db))


def test_it_publishes_at_the_slot_once_and_ends_within_seconds(home: Path, run: Callable[..., Running]) -> None:
    with opened(home) as app:
        post = ready(app, due_in=3)

    running = run()
    running.wait_for("post.published")
    time.sleep(0.5)  # some more ticks
    began = time.monotonic()
    assert running.end() == 0
    assert time.monotonic() - began < 5

    (place,) = live(home)
    sent = datetime.fromisoformat(json.loads((place / "post.json").read_text())["published"])
    assert post.due_at is not None
    assert timedelta(seconds=-1) < sent - post.due_at < timedelta(seconds=PATIENCE)  # the file tells whole seconds
    assert statuses(home) == {"published": 1}
    names = [event["event"] for event in running.events()]
    assert names[0] == "daemon.started"
    assert "daemon.stopping" in names
    assert names[-1] == "daemon.stopped"
    assert names.count("post.published") == 1
    done = running.told("stage.done")
    assert [told["published"] for told in done if told["stage"] == "publish news"] == [1]


def test_a_second_daemon_is_refused_and_told_who_is_first(home: Path, run: Callable[..., Running]) -> None:
    with opened(home):
        pass
    first = run()
    first.wait_for("daemon.started")

    second = run()

    assert second.process.wait(PATIENCE) == 1
    assert f"another daemon works on {home / 'campaign.db'} (process {first.process.pid})" in second.text
    assert "Traceback" not in second.text
    assert first.end(signal.SIGINT) == 0


def test_killed_and_started_again_it_publishes_everything_exactly_once(home: Path, run: Callable[..., Running]) -> None:
    with opened(home) as app:
        for channel in ("news", "kraj"):
            ready(app, f"story-{channel}", channel=channel)

    first = run()
    until(lambda: live(home, "news") or live(home, "kraj"), first.text)
    assert first.end(signal.SIGKILL) == -signal.SIGKILL

    second = run()
    second.wait_for("daemon.started")  # the first may have got as far as both, and before that SIGTERM just kills
    until(lambda: statuses(home) == {"published": 2}, second.text)
    assert second.end() == 0
    assert [len(live(home, channel)) for channel in ("news", "kraj")] == [1, 1]


def test_a_changed_config_is_taken_and_a_wrong_one_refused(home: Path, run: Callable[..., Running]) -> None:
    with opened(home):
        pass
    running = run()
    running.wait_for("daemon.started")
    good = (home / "config.toml").read_text()

    third = (
        '\n[channels.third]\nplatform = "folder"\nattach = "none"\nfolder = "published/third"\nslots = ["mon 09:00"]'
    )
    (home / "config.toml").write_text(f"{good}{third}\n")
    running.process.send_signal(signal.SIGHUP)
    running.wait_for("config.read")
    assert running.told("config.read")[0]["channels"] == 3
    with opened(home) as app:
        hand_in(app, "on-third", "third")
    until(lambda: live(home, "third"), running.text)

    (home / "config.toml").write_text(good.replace('zone = "Europe/Brussels"', 'zone = "Europe/Brusels"'))
    running.process.send_signal(signal.SIGHUP)
    running.wait_for("config.refused")
    assert "Europe/Brussels" in running.told("config.refused")[0]["reason"]
    (home / "config.toml").write_text(f"{good}{third}\n")
    with opened(home) as app:
        with app.reading() as db:
            assert [alert.key for alert in store.open_alerts(db)] == ["config"]
        hand_in(app, "still-there", "news")
    until(lambda: live(home), running.text)

    running.process.send_signal(signal.SIGHUP)
    running.wait_for("config.read", 2)
    with opened(home) as app, app.reading() as db:
        assert store.open_alerts(db) == []
    assert running.end() == 0


def test_its_lines_for_people_have_the_same_names(home: Path, run: Callable[..., Running]) -> None:
    with opened(home) as app:
        ready(app)
    running = run(log="human")
    until(lambda: "post.published" in running.text, running.text)
    assert running.end() == 0
    names = [line.split()[1] for line in running.text.splitlines()]
    assert names[0] == "daemon.started"
    assert {"post.published", "stage.done", "daemon.stopping"} <= set(names)
    assert names[-1] == "daemon.stopped"


# --- the daemon in a thread


@contextmanager
def working(app: App, read: Callable[[], Config] | None = None) -> Iterator[Daemon]:
    """Run a daemon beside the test."""
    daemon = Daemon(app, read or (lambda: app.config))
    failed: list[BaseException] = []

    def work() -> None:
        try:
            daemon.run()
        except BaseException as error:  # noqa: BLE001 - told to the test below
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield daemon
    finally:
        daemon.stop()
        thread.join(PATIENCE)
    assert not thread.is_alive()
    assert failed == []


@pytest.fixture
def fast(config_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Short waits, and channels on a platform of our own."""
    monkeypatch.setattr(daemons, "WATCH_SECONDS", 0.02)
    monkeypatch.setitem(PLATFORMS, "fake", "tests.fakes:Fake")
    monkeypatch.setattr(Fake, "world", World(), raising=False)
    fake = '\n[channels.fake]\nplatform = "fake"\nattach = "none"\nslots = ["mon-fri 09:00"]\n'
    config_file.write_text(PLAIN + fake + FAST.replace("0.1s", "0.05s"))


@pytest.fixture
def app(fast: None, make_app: Callable[..., App]) -> App:
    return make_app(owns=False, who="daemon")


def seen(app: App, post: Post, status: str = "published") -> Callable[[], bool]:
    return lambda: status_of(app, post) == status


def test_a_platform_that_hangs_stops_no_other_channel_and_no_stage(app: App) -> None:
    hanging = ready(app, "hanging", channel="fake")
    ready(app, "going")
    reached, go_on = threading.Event(), threading.Event()

    def hang() -> None:
        reached.set()
        go_on.wait(PATIENCE)

    Fake.world.next("publish", hang)
    with working(app):
        assert reached.wait(PATIENCE)
        hand_in(app, "later", "kraj")
        until(lambda: posted(app) == {"going", "later"})
        assert status_of(app, hanging) == "sending"
        go_on.set()
        until(seen(app, hanging))
    assert len(Fake.world.live) == 1


def test_a_clean_stop_waits_for_the_call_that_is_under_way(app: App) -> None:
    post = ready(app, channel="fake")
    reached, go_on = threading.Event(), threading.Event()

    def hang() -> None:
        reached.set()
        go_on.wait(PATIENCE)

    Fake.world.next("publish", hang)
    with working(app) as daemon:
        assert reached.wait(PATIENCE)
        daemon.stop()
        time.sleep(0.1)
        assert app.owner is not None  # the channels are given back only when nothing is under way
        go_on.set()
    assert status_of(app, post) == "published"
    assert app.owner is None


def test_a_bug_ends_neither_the_job_nor_the_daemon(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    post = ready(app, channel="fake")
    failures, good = [1, 2, 3], app.new_id

    def sometimes() -> str:
        if failures:
            failures.pop()
            raise ZeroDivisionError("a bug")
        return good()

    app.new_id = sometimes
    set_up("json", app.clock)
    with working(app):
        until(seen(app, post))
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    failed = [line for line in told if line["event"] == "job.failed"]
    assert len(failed) == 3
    assert all("ZeroDivisionError: a bug" in line["trace"] for line in failed)


def last_tick(app: App) -> datetime | None:
    with app.reading() as db:
        return store.last_tick(db)


def test_the_house_is_kept_and_says_when(app: App) -> None:
    with working(app):
        assert until(lambda: last_tick(app)) == app.clock.now()


def test_by_a_clock_that_was_set_nothing_is_planned_or_let_expire(app: App, clock: VirtualClock) -> None:
    make_story(app, "soon-over", expires_at=clock.now() + timedelta(days=2))
    with working(app):
        until(lambda: last_tick(app))
        clock.jump(timedelta(days=30))
        until(lambda: last_tick(app) == clock.now())

    with app.reading() as db:
        assert {post.status for post in store.posts_where(db)} <= {"planned", "rendered"}


def test_a_clock_that_was_set_does_not_leave_the_daemon_waiting(
    app: App, clock: VirtualClock, config_file: Path
) -> None:
    app.config = replace(
        app.config, daemon=replace(app.config.daemon, tick=timedelta(hours=1), house=timedelta(hours=1))
    )
    first = ready(app, "first", channel="fake")
    with working(app):
        until(seen(app, first))
        later = ready(app, "later", channel="kraj")
        time.sleep(0.2)
        assert status_of(app, later) == "approved"  # its tick would come in an hour

        clock.jump(timedelta(seconds=5))
        until(seen(app, later))


def test_a_post_goes_out_when_it_is_due_and_not_only_at_the_next_tick(app: App, clock: VirtualClock) -> None:
    an_hour = timedelta(hours=1)
    app.config = replace(app.config, daemon=replace(app.config.daemon, tick=an_hour, house=an_hour))
    post = ready(app, channel="fake", due_in=60)
    with working(app):
        until(lambda: last_tick(app))
        for _ in range(60):
            assert status_of(app, post) == "approved"
            clock.advance(timedelta(seconds=1))
        until(seen(app, post))


def test_a_database_that_is_not_up_to_date_is_refused(tmp_path: Path, app: App) -> None:
    app.db.close()
    app.db = Database(f"sqlite:///{tmp_path / 'other.db'}")
    with pytest.raises(StoreError, match=r"the database is not up to date\n  campaign db upgrade"):
        Daemon(app, lambda: app.config).run()


def test_in_one_process_too_there_is_one_daemon(app: App, make_app: Callable[..., App]) -> None:
    other = make_app(owns=False)
    with working(app):
        until(lambda: app.owner)
        with pytest.raises(AnotherDaemon):
            Daemon(other, lambda: other.config).run()


def test_on_postgres_only_who_holds_the_house_runs_the_stages(
    fast: None, postgres: Postgres, config_file: Path, make_app: Callable[..., App]
) -> None:
    with postgres.database() as url:
        config_file.write_text(f'{config_file.read_text()}\n[database]\nurl = "{url}"\n')
        app = make_app(owns=False)
        post = ready(app, channel="fake")
        other = PostgresOwner(app.db)
        assert other.keeps_house()
        with working(app):
            until(seen(app, post))
            assert last_tick(app) is None
            other.release()
            until(lambda: last_tick(app))
        app.db.close()


def test_on_postgres_a_channel_that_left_the_config_is_given_back_and_taken_when_it_returns(
    fast: None, postgres: Postgres, config_file: Path, make_app: Callable[..., App]
) -> None:
    with postgres.database() as url:
        config_file.write_text(f'{config_file.read_text()}\n[database]\nurl = "{url}"\n')
        app = make_app(owns=False)
        full = app.config
        fewer = replace(full, channels={key: channel for key, channel in full.channels.items() if key != "fake"})
        configs = [full, fewer]
        other = PostgresOwner(app.db)
        with working(app, lambda: configs.pop()) as daemon:
            until(lambda: app.owner and app.owner.take("fake"))
            assert other.take("fake") is None
            daemon._ask_reload(1, None)
            until(lambda: other.take("fake"))
            assert other.take("news") is None  # the rest stays where it is
            daemon._ask_reload(1, None)
            other.release()
            post = ready_on(full, app)
            until(seen(app, post))
        app.db.close()


def posted(app: App) -> set[str]:
    """Return the stories that are out."""
    with app.reading() as db:
        published = store.posts_where(db, statuses=["published"])
        return {story.slug for story in store.stories_of(db, published).values()}


def test_a_start_that_fails_gives_everything_back(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy() -> None:
        raise StoreError("the database is locked")

    monkeypatch.setattr(app, "sync_channels", busy)
    with pytest.raises(StoreError, match="locked"):
        Daemon(app, lambda: app.config).run()
    monkeypatch.undo()
    assert app.owner is None
    owner.own(app.db).release()


def test_signals_read_the_config_again_and_stop_it(app: App) -> None:
    """In the main thread, as the program runs it."""
    read = threading.Event()
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}

    def again() -> Config:
        read.set()
        return app.config

    def press() -> None:
        until(lambda: app.owner)
        time.sleep(0.1)
        os.kill(os.getpid(), signal.SIGHUP)
        assert read.wait(PATIENCE)
        os.kill(os.getpid(), signal.SIGTERM)

    presser = threading.Thread(target=press)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # should it come too early
    presser.start()
    try:
        Daemon(app, again).run()
    finally:
        presser.join()
        for number, handler in kept.items():
            signal.signal(number, handler)
    assert app.owner is None


# --- reading the config again


def test_a_channel_that_left_the_config_is_left_alone_and_a_new_one_served(app: App) -> None:
    full = app.config
    fewer = replace(full, channels={key: channel for key, channel in full.channels.items() if key != "fake"})
    configs = [full, fewer]
    with working(app, lambda: configs.pop()) as daemon:
        until(lambda: app.owner)
        daemon._ask_reload(1, None)
        until(lambda: app.config is fewer)
        post = ready_on(full, app)
        until(lambda: fresh(app, post).due_at is None)  # the planner takes back what nobody would send
        publish.ask(app, fresh(app, post), publish.wishes.NOW)
        time.sleep(0.2)
        assert (status_of(app, post), fresh(app, post).wish) == ("approved", "now")

        daemon._ask_reload(1, None)
        until(seen(app, post))


def ready_on(config: Config, app: App) -> Post:
    """Lay out a post on a channel that the running daemon does not know."""
    other = App(config, app.db, app.clock, new_id=app.new_id)
    return ready(other, "unknown", channel="fake")


def test_another_database_needs_a_restart(app: App, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    set_up("json", app.clock)
    before = app.config
    other = replace(before, database=f"sqlite:///{tmp_path / 'other.db'}")
    with working(app, lambda: other) as daemon:
        until(lambda: app.owner)
        daemon._ask_reload(1, None)
        until(lambda: "another database needs a restart" in capsys.readouterr().err)
        assert app.config is before


def test_a_config_that_cannot_be_taken_now_is_taken_later(
    app: App, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The database is busy just then: the daemon lives, and tries again."""
    set_up("json", app.clock)
    refused: list[int] = []
    real = app.sync_channels

    def busy() -> None:
        if len(refused) < 2:
            refused.append(1)
            raise StoreError("the database is locked")
        real()

    with working(app, lambda: replace(app.config)) as daemon:
        until(lambda: app.owner)
        monkeypatch.setattr(app, "sync_channels", busy)
        daemon._ask_reload(1, None)
        until(lambda: "config.read" in capsys.readouterr().err)
    assert len(refused) == 2


def test_a_wrong_config_is_told_once_until_a_good_one_comes(app: App) -> None:
    wrong = ConfigError([Problem("config.toml, line 3", "zone is unknown")])
    answers: list[Config | ConfigError] = [app.config, wrong, wrong]

    def read() -> Config:
        answer = answers.pop()
        if isinstance(answer, ConfigError):
            raise answer
        return answer

    def open_alerts() -> list[str]:
        with app.reading() as db:
            return [alert.message for alert in store.open_alerts(db)]

    with working(app, read) as daemon:
        until(lambda: app.owner)
        for left in (2, 1):
            daemon._ask_reload(1, None)
            until(lambda left=left: len(answers) == left and open_alerts())
        assert open_alerts() == ["the changed config was refused: config.toml, line 3: zone is unknown"]
        daemon._ask_reload(1, None)
        until(lambda: open_alerts() == [])


# --- the small parts


def test_the_trigger_counts_from_now_and_catches_nothing_up() -> None:
    now = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    every = Every(timedelta(seconds=5))
    assert every.get_next_fire_time(None, now) == now
    assert every.get_next_fire_time(now - timedelta(days=90), now) == now + timedelta(seconds=5)
    assert every.get_next_fire_time(now + timedelta(days=90), now) == now + timedelta(seconds=5)


def summary(**counts: int) -> Summary:
    return Summary("plan", counts)


@pytest.mark.parametrize(
    ("work", "told"),
    [
        (lambda: [summary(planned=2)], {"event": "stage.done", "stage": "plan", "planned": 2}),
        (lambda: [summary(planned=0)], None),
        (lambda: [], None),
        (lambda: [Summary("plan", notes=["no slot"])], {"event": "stage.done", "stage": "plan", "notes": ["no slot"]}),
        (raising := lambda: 1 / 0, {"event": "job.failed", "job": "house"}),
    ],
)
def test_a_job_tells_what_it_did_and_survives_what_went_wrong(
    clock: Clock, capsys: pytest.CaptureFixture[str], work: Callable[[], Any], told: dict[str, Any] | None
) -> None:
    set_up("json", clock)
    guarded("house", work)()
    lines = capsys.readouterr().err.splitlines()
    if told is None:
        assert lines == []
        return
    found = json.loads(lines[0])
    assert told.items() <= found.items()
    assert ("trace" in found) == (work is raising)


def test_a_foreseen_error_of_a_job_is_told_without_a_trace(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    set_up("json", clock)

    def work() -> list[Summary]:
        raise StoreError("the database is locked", remedy="Try again.")

    guarded("house", work)()
    found = json.loads(capsys.readouterr().err)
    assert found["reason"] == "the database is locked\n  Try again."
    assert "trace" not in found
