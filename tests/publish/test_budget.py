"""A month's budget stops a channel cleanly: what it does not reach for waits, a person is told once, it goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import event

from campaign import costs, plan, publish, store
from campaign.app import App
from campaign.errors import OutcomeUnknown
from campaign.models import PostStatus
from campaign.rehearsal.clock import VirtualClock
from tests.fakes import After, World
from tests.making import fresh, make_post, make_story, status_of
from tests.publish.conftest import alerts, dense, reason, work

PRICES = """
[prices.fake]
currency = "USD"
post = 0.1
"""
APRIL = datetime(2026, 3, 31, 22, 0, tzinfo=UTC)  # in Brussels


@pytest.fixture
def app(world: World, make_app: Callable[..., App], config_file: Path) -> App:
    """The program with money for two posts a month on the channel `fake`."""
    text = config_file.read_text().replace("daily_cap = 3", "daily_cap = 9\nbudget = 0.25")
    config_file.write_text(text + PRICES)
    app = make_app()
    dense(app)
    return app


def posts(app: App, count: int, **values: object) -> list[object]:
    return [
        make_post(
            app, make_story(app, f"story-{n}"), channel="fake", text=f"Text {n}", due_in=timedelta(minutes=n), **values
        )  # type: ignore[arg-type]
        for n in range(count)
    ]


def test_what_the_budget_does_not_reach_for_waits_and_one_alert_tells_it(app: App, world: World) -> None:
    *_, third, fourth = posts(app, 4)
    work(app)

    assert world.texts() == ["Text 0", "Text 1"]
    for post in (third, fourth):
        assert status_of(app, post) == PostStatus.APPROVED
        assert reason(app, post) == "the month's budget of 0.25 USD is spent (0.20 so far)"
    with app.reading() as db:
        (alert,) = store.open_alerts(db)
    assert (alert.key, alert.channel) == ("budget:fake:2026-03:0.25", "fake")
    assert alert.message == "channel fake: the month's budget of 0.25 USD is spent (0.20 so far)"
    assert alert.remedy == "Give the channel more (`budget` in the config), or wait: it goes on next month."


def test_it_goes_back_to_the_planner_and_out_in_the_next_month(app: App, world: World, clock: VirtualClock) -> None:
    clock.advance(timedelta(days=14))
    *_, third = posts(app, 3)
    work(app, hours=3)
    plan.run(app)

    later = fresh(app, third)
    assert later.due_at is not None
    assert later.due_at >= APRIL
    assert (later.status, later.approved_hash) == (PostStatus.APPROVED, later.content_hash)
    clock.advance_to(later.due_at)
    work(app)
    assert world.texts() == ["Text 0", "Text 1", "Text 2"]


def test_what_may_have_gone_out_is_paid_for(app: App, world: World) -> None:
    world.settle = None
    *_, third = posts(app, 3)
    world.next("publish", After(OutcomeUnknown("cut")))
    work(app)

    assert world.texts() == ["Text 0", "Text 1"]
    assert "budget" in reason(app, third)


def test_a_thread_is_sent_whole_or_not_at_all(app: App, world: World) -> None:
    posts(app, 1)
    work(app)
    long = make_post(app, make_story(app, "long"), channel="fake", text="Long", parts=2)
    work(app)
    assert (world.texts(), status_of(app, long)) == (["Text 0"], PostStatus.APPROVED)


def test_what_no_months_budget_reaches_for_fails_and_keeps_nothing_else_from_going_out(app: App, world: World) -> None:
    (long,) = posts(app, 1, parts=3)
    work(app)

    assert (status_of(app, long), alerts(app)) == (PostStatus.FAILED, ["failed"])
    assert reason(app, long) == "it costs 0.30 USD, and the budget of a whole month is 0.25 USD"
    with app.reading() as db:
        assert costs.told_spent_out(db, app.channel("fake"), app.clock.now()) is None


def test_without_any_money_everything_waits(app: App, world: World) -> None:
    channel = replace(app.channel("fake"), budget=Decimal(0))
    app.reconfigure(replace(app.config, channels={**app.config.channels, "fake": channel}))
    (post,) = posts(app, 1)
    work(app)

    assert (world.texts(), status_of(app, post), alerts(app)) == ([], PostStatus.APPROVED, ["budget"])


def test_a_repeated_call_is_not_paid_for_twice(app: App, world: World) -> None:
    world.replay_window = timedelta(hours=1)
    *_, second = posts(app, 2)
    world.next("publish", lambda: None, OutcomeUnknown("cut"))
    work(app)

    assert world.texts() == ["Text 0", "Text 1"]
    assert status_of(app, second) == PostStatus.PUBLISHED


def test_now_is_no_way_round_the_budget(app: App, world: World) -> None:
    *_, third = posts(app, 3)
    work(app)
    publish.ask(app, fresh(app, third), "now")
    publish.run(app, "fake")

    assert (world.texts(), alerts(app)) == (["Text 0", "Text 1"], ["budget"])


@pytest.mark.parametrize(("budget", "more"), [("budget = 0.25", 1), ("", 0)])
def test_the_gate_asks_one_statement_more_and_only_where_there_is_a_budget(
    world: World, config_file: Path, make_app: Callable[..., App], budget: str, more: int
) -> None:
    text = config_file.read_text().replace("daily_cap = 3", f"daily_cap = 9\n{budget}")
    config_file.write_text(text + PRICES)
    app = make_app()
    posts(app, 1)
    asked: list[str] = []
    event.listen(app.db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    publish.run(app, "fake")

    looks = [each for each in asked if "part.content" in each and "GROUP BY post.uuid, part.uuid" in each]
    assert len(looks) == 2 * more  # before anything is prepared, and before the intent
