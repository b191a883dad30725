"""Two daemons on one PostgreSQL database: a channel that one of them loses in the midst of its work is live once."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from psycopg import sql

from campaign import publish, store
from campaign.app import App
from campaign.models import ChannelState, Post
from campaign.owner import process_start, this_machine
from tests.fakes import Crash, World
from tests.making import fresh, make_post, make_story, status_of
from tests.publish.conftest import alerts, attempts, dense, outcomes, work

if TYPE_CHECKING:
    from tests.postgres import Postgres

pytest_plugins = ["tests.postgres"]
FAKE = "fake"


@pytest.fixture
def daemon(
    postgres: Postgres, world: World, config_file: Path, make_app: Callable[..., App]
) -> Iterator[Callable[[], App]]:
    """Start daemons with the channel `fake` on one PostgreSQL database, each with an owner of its own."""
    with postgres.database() as url:
        address = url.replace("postgresql+psycopg:", "postgresql:")
        config_file.write_text(f'{config_file.read_text()}\n[database]\nurl = "{address}"\n')
        apps: list[App] = []

        def start() -> App:
            app = make_app()
            apps.append(app)
            assert app.owner is not None
            app.owner.sender = f"another/1:{len(apps)}:1"  # each on a machine of its own
            return app

        yield start
        for app in apps:
            assert app.owner is not None
            app.owner.release()
            app.db.close()


def cut_off(postgres: Postgres) -> None:
    """End every connection that holds a channel."""
    postgres.run(sql.SQL("SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory'"))


def due(app: App, slug: str = "battery-modules", *, ago: int = 0) -> Post:
    """Have a post due on the channel since some minutes."""
    story = make_story(app, slug)
    return make_post(app, story, channel=FAKE, text=f"About {slug}", due_in=-timedelta(minutes=ago))


def epoch_of(app: App) -> int:
    with app.reading() as db:
        return db.get_one(ChannelState, FAKE).epoch


def test_a_takeover_during_the_call_waits_until_the_call_is_over(
    daemon: Callable[[], App], postgres: Postgres, world: World
) -> None:
    first, second = daemon(), daemon()
    post = due(first)
    channel = first.channel(FAKE)
    seen: list[Post] = []

    def taken_over() -> None:
        cut_off(postgres)
        publish.run(second, FAKE)
        seen.append(fresh(second, post))

    world.next("publish", taken_over)
    publish.run(first, FAKE)

    (attempt,) = attempts(first, post)
    assert world.settle is not None
    assert (seen[0].status, seen[0].next_try_at) == (
        "unconfirmed",
        attempt.send_by + channel.call_deadline + world.settle,
    )
    assert (status_of(first, post), attempt.outcome, attempt.epoch) == ("published", "published", 1)
    work(second)
    assert (len(world.live), world.asked("publish"), epoch_of(second)) == (1, 1, 2)
    assert alerts(second) == []


def test_a_takeover_before_the_intent_leaves_it_to_the_new_owner(
    daemon: Callable[[], App], postgres: Postgres, world: World
) -> None:
    first, second = daemon(), daemon()
    post = due(first)

    def taken_over() -> None:
        cut_off(postgres)
        publish.run(second, FAKE)

    world.next("prepare", taken_over)
    summary = publish.run(first, FAKE)

    assert summary.notes == ["channel fake has another owner now"]
    assert (len(world.live), world.asked("publish")) == (1, 1)
    assert [attempt.epoch for attempt in attempts(first, post)] == [2]
    assert publish.run(first, FAKE).notes == []  # it stands by


def test_a_daemon_that_lost_its_lock_among_many_posts_sends_no_further_one(
    daemon: Callable[[], App], postgres: Postgres, world: World
) -> None:
    app = daemon()
    dense(app)
    posts = [due(app, f"story-{ago}", ago=ago) for ago in (3, 2, 1)]
    world.next("publish", lambda: cut_off(postgres))
    summary = publish.run(app, FAKE)

    assert (len(world.live), summary.notes) == (1, ["channel fake was lost on the way"])
    work(app)
    epochs = sorted(attempt.epoch for post in posts for attempt in attempts(app, post))
    assert (len(world.live), epochs) == (3, [1, 2, 2])


def test_a_channel_that_lost_its_epoch_without_its_lock_is_taken_anew(app: App, world: World) -> None:
    """As a renamed channel does that gets its name back; on SQLite the lock is never lost."""
    post = due(app)

    def raised() -> None:
        with app.writing() as db:
            store.take_channel(db, FAKE)

    world.next("prepare", raised)
    assert publish.run(app, FAKE).notes == ["channel fake has another owner now"]
    publish.run(app, FAKE)

    assert (status_of(app, post), [attempt.epoch for attempt in attempts(app, post)]) == ("published", [3])


def on_another_machine() -> str:
    return "another-boot/1:7:7"


def gone_from_this_one() -> str:
    return f"{this_machine()}:{2**22 + 1}:7"


def test_what_a_dead_daemon_of_this_machine_did_not_send_is_sent_by_another(
    daemon: Callable[[], App], world: World
) -> None:
    post = left_behind(daemon, world, gone_from_this_one())
    app = daemon()
    work(app)

    assert (len(world.live), outcomes(app, post), alerts(app)) == (1, ["unknown", "published"], [])


@pytest.mark.parametrize("living", [True, False])
def test_what_a_daemon_did_not_send_that_may_live_is_left_to_a_person(
    daemon: Callable[[], App], world: World, living: bool
) -> None:
    with subprocess.Popen(["sleep", "60"]) as child:
        here = f"{this_machine()}:{child.pid}:{process_start(child.pid)}"
        post = left_behind(daemon, world, here if living else on_another_machine())
        app = daemon()
        work(app, hours=3)
        child.kill()

    assert (world.live, outcomes(app, post), alerts(app)) == ([], ["unknown"], ["unconfirmed"])
    assert status_of(app, post) == "unconfirmed"


def left_behind(daemon: Callable[[], App], world: World, sender: str) -> Post:
    """Have a daemon of this name end between the intent and the call."""
    app = daemon()
    assert app.owner is not None
    app.owner.sender = sender
    post = due(app)
    world.next("publish", Crash())
    with pytest.raises(Crash):
        publish.run(app, FAKE)
    app.owner.release()
    return post


def test_a_disabled_channel_has_an_owner_who_sends_nothing_and_looks_at_what_is_open(
    daemon: Callable[[], App], world: World
) -> None:
    post = left_behind(daemon, world, gone_from_this_one())
    app = daemon()
    with app.writing() as db:
        db.get_one(ChannelState, FAKE).enabled = False
    work(app)

    assert (world.live, world.asked("find"), status_of(app, post)) == ([], 2, "approved")
    assert "is disabled" in fresh(app, post).reason


def test_a_thread_goes_on_whose_first_part_was_confirmed_while_another_post_was_sent(
    daemon: Callable[[], App], postgres: Postgres, world: World
) -> None:
    first, second = daemon(), daemon()
    dense(first)
    dense(second)
    thread = make_post(first, make_story(first, "thread"), channel=FAKE, text="A thread", parts=3)

    def taken_over() -> None:
        cut_off(postgres)
        other = due(first, "other", ago=1)
        world.next("publish", Crash())
        with pytest.raises(Crash):
            publish.run(second, FAKE)
        assert status_of(second, other) == "sending"

    world.next("publish", taken_over)
    publish.run(first, FAKE)  # part 1 is accepted, and its answer stored while the other post is under way
    work(second, hours=1)

    assert (status_of(second, thread), alerts(second)) == ("published", [])
