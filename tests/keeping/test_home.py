"""A database that wakes up elsewhere sends nothing until it is adopted."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from campaign import accounts, desk, explain, keeping, plan, store
from campaign.app import App
from campaign.db import Database
from campaign.errors import UsageError
from campaign.keeping import home
from campaign.keeping.home import Home, moved
from campaign.models import PauseScope
from campaign.publish import wishes
from tests.conftest import seeded_ids
from tests.fakes import Live, World
from tests.keeping.conftest import adopt, is_held, post_of, put_back, tick
from tests.making import fresh, make_story, status_of
from tests.publish.conftest import alerts

pytest_plugins = ["tests.postgres"]
HERE = Home("m1", ("aa:bb",), "/srv/campaign/campaign.db", 7)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({}, ""),
        ({"network": ()}, ""),
        ({"network": ("aa:bb", "cc:dd")}, ""),
        ({"machine": "m2"}, "another machine or server"),
        ({"network": ("cc:dd",)}, "of which this one is a copy"),
        ({"place": "/srv/test/campaign.db"}, "at work as /srv/campaign/campaign.db"),
        ({"file": 8}, "but a copy of it"),
    ],
)
def test_a_database_that_woke_up_elsewhere_is_noticed(change: dict[str, object], why: str) -> None:
    told = moved(HERE, replace(HERE, **change))  # type: ignore[arg-type]

    assert why in told
    assert bool(why) == bool(told)


def test_a_machine_is_known_by_what_was_built_into_it(tmp_path: Path) -> None:
    for name, kind, real in (("eth0", "0", True), ("wlan0", "3", True), ("docker0", "0", False)):
        place = tmp_path / "net" / name
        place.mkdir(parents=True)
        (place / "addr_assign_type").write_text(f"{kind}\n")
        (place / "address").write_text(f"{name}\n")
        if real:
            (place / "device").mkdir()
    (tmp_path / "machine-id").write_text("abc\n")

    assert home.hardware(tmp_path / "net") == ("eth0",)
    assert home.machine_id(tmp_path / "machine-id") == "abc"
    assert home.machine_id(tmp_path / "none") == ""


def test_a_database_stays_at_home_over_restarts(
    app: App, start: Callable[[], App], stop: Callable[[App], None]
) -> None:
    stop(app)
    app = start()

    assert not is_held(app)
    assert keeping.wake(app) == ""


@pytest.fixture
def clone(app: App, stop: Callable[[App], None], start: Callable[[], App]) -> Callable[[], App]:
    """Stop the daemon, and start one on a copy of its database in the same place."""

    def wakes_up() -> App:
        assert app.db.file is not None
        stop(app)
        put_back(app.db.file, app.db.file)
        return start()

    return wakes_up


def test_a_copy_sends_nothing_until_it_is_adopted_and_then_only_what_is_not_live(
    app: App, world: World, start: Callable[[], App], stop: Callable[[App], None]
) -> None:
    first = post_of(app, 1, due_in=timedelta(minutes=10))
    second = post_of(app, 2, due_in=timedelta(minutes=100))
    tick(app, minutes=1)
    assert app.db.file is not None
    copy = app.db.file.with_name("copy")
    stop(app)
    shutil.copyfile(app.db.file, copy)
    app = start()
    tick(app, minutes=30)
    assert world.texts() == ["Text 1."]
    stop(app)
    put_back(copy, app.db.file)

    app = start()
    tick(app, minutes=90)

    assert world.texts() == ["Text 1."]
    assert status_of(app, first) == "published"
    assert status_of(app, second) == "unconfirmed"
    assert world.asked("publish") == 1
    assert keeping.wake(app) == "the database is not the one that was at work here, but a copy of it"
    adopt(app)
    tick(app, minutes=30)
    assert world.texts() == ["Text 1.", "Text 2."]
    stop(app)
    app = start()
    assert not is_held(app)


def test_absence_says_nothing_while_the_original_may_be_at_work(
    app: App, world: World, clone: Callable[[], App]
) -> None:
    post = post_of(app, 1, due_in=timedelta(minutes=90))
    tick(app, minutes=1)
    copied = clone()
    tick(copied, minutes=60)
    with copied.reading() as db:
        (part,) = store.parts_of(db, post.uuid)
    world.live.append(Live("from-the-original", "Text 1.", part.uuid, copied.clock.now()))

    adopt(copied)
    tick(copied, minutes=60)

    assert world.texts() == ["Text 1."]
    assert status_of(copied, post) == "published"


def test_a_backup_put_in_place_by_hand_is_held(app: App, start: Callable[[], App], stop: Callable[[App], None]) -> None:
    made = keeping.back_up(app)
    stop(app)
    assert app.db.file is not None
    shutil.copyfile(made, app.db.file)

    app = start()

    assert is_held(app)
    with app.reading() as db:
        assert "a backup of 2026-03-02 08:00 UTC was put in the place" in store.open_alerts(db)[0].message


def test_a_held_database_says_why_and_what_to_type(app: App, clone: Callable[[], App], world: World) -> None:
    post = post_of(app, 1, due_in=timedelta(minutes=5), channel="hand")
    app = clone()

    found = explain.status(app)
    assert "not the one that was at work here" in found.held
    assert found.needs_person
    assert found.commands[0] == "campaign adopt"
    assert "Nothing is sent until: campaign adopt" in "\n".join(explain.status_lines(found))
    assert "You can: campaign adopt" in explain.why(app, post.uuid[:8])
    with app.writing() as db, pytest.raises(UsageError, match="held, not paused"):
        desk.resume(app, db, PauseScope.ALL, "")
    assert not accounts.run(app).did_something
    adopt(app)
    assert explain.status(app).held == ""
    assert alerts(app) == []


def test_the_calendar_stays_while_everything_is_held(app: App, clone: Callable[[], App]) -> None:
    make_story(app, "planned")
    plan.run(app)
    with app.reading() as db:
        before = [(post.uuid, post.due_at) for post in store.posts_where(db)]
    assert before
    app = clone()

    plan.run(app)

    assert is_held(app)
    with app.reading() as db:
        assert [(post.uuid, post.due_at) for post in store.posts_where(db)] == before


def test_wishes_wait_while_everything_is_held(app: App, world: World, clone: Callable[[], App]) -> None:
    post = post_of(app, 1)
    tick(app, minutes=2)
    wishes.ask(app, fresh(app, post), wishes.TAKEDOWN)
    app = clone()

    tick(app, minutes=5)
    assert world.texts() == ["Text 1."]
    adopt(app)
    tick(app, minutes=5)
    assert world.texts() == []


def test_a_dump_that_is_restored_wakes_up_held(app: App, on_postgres: Database) -> None:
    there = App(app.config, on_postgres, app.clock, new_id=seeded_ids(9))
    there.sync_channels()
    assert keeping.wake(there) == ""
    with there.writing() as db:  # as pg_restore makes every table anew
        for words in (
            "CREATE TABLE m (LIKE meta INCLUDING ALL)",
            "INSERT INTO m SELECT * FROM meta",
            "DROP TABLE meta",
        ):
            db.connection().exec_driver_sql(words)
        db.connection().exec_driver_sql("ALTER TABLE m RENAME TO meta")

    assert "a copy of it" in keeping.wake(there)
    adopt(there)
    assert keeping.wake(there) == ""
    with pytest.raises(UsageError, match=r"pg_dump and pg_restore.*held until"):
        keeping.back_up(there)
