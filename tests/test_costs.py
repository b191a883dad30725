"""What posts cost: by the prices of the config, by the channel's own months, in money and never in floats."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from campaign import costs, explain, notify, plan, report, store
from campaign.app import App
from campaign.config import Config, Prices
from campaign.costs import MonthCost, cost_of, money, month_of
from campaign.models import Attempt, ImageContent, Outcome, PartContent, PostStatus
from campaign.rehearsal.clock import VirtualClock
from tests.making import make_post, make_story

MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
X = Prices("x", "USD", Decimal("0.015"), Decimal("0.200"), Decimal("0.005"))
PICTURE = ImageContent(sha256="0" * 64, media_type="image/jpeg", width=1, height=1, size=1, alt="A cell.")
PRICES = """
[prices.folder]
currency = "USD"
post = 0.015
with_link = 0.2
media = 0.005
"""
POST = Decimal("0.205")  # of tests.making: a link and a picture


@pytest.fixture
def priced(config_file: Path, make_app: Callable[..., App]) -> App:
    """The program with prices on its folders, and a budget for `news`."""
    text = config_file.read_text().replace('slots = ["mon-fri 09:00"]', 'slots = ["mon-fri 09:00"]\nbudget = 1', 1)
    config_file.write_text(text + PRICES)
    return make_app()


def part(text: str = "Modules for all.", **more: Any) -> dict[str, Any]:
    return PartContent(text=text, language="en", **more).model_dump(mode="json")


@pytest.mark.parametrize(
    ("content", "cost"),
    [
        (part(), "0.015"),
        (part("See https://example.org/a.", link="https://example.org/a"), "0.200"),
        (part("See https://example.org/a."), "0.200"),
        (part(link="https://example.org/a"), "0.200"),
        (part(images=(PICTURE, PICTURE)), "0.025"),
    ],
    ids=["text", "link", "a link that is not ours", "a link beside the text", "pictures"],
)
def test_a_part_costs_by_its_link_and_its_pictures(content: dict[str, Any], cost: str) -> None:
    assert cost_of(X, content) == Decimal(cost)


def test_without_a_price_of_their_own_links_and_pictures_cost_nothing_more() -> None:
    plain = Prices("x", "EUR", Decimal("0.1"))
    assert cost_of(plain, part("https://example.org", images=(PICTURE,))) == Decimal("0.1")


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        ("20", "20"),
        ("20.000", "20"),
        ("19.95", "19.95"),
        ("0.200", "0.20"),
        ("0.015", "0.015"),
        ("0", "0"),
        ("1E+2", "100"),
    ],
)
def test_money_is_told_as_people_write_it(amount: str, told: str) -> None:
    assert money(Decimal(amount)) == told


@pytest.mark.parametrize(
    ("moment", "zone", "start", "end"),
    [
        ("2026-03-02T08:00", "Europe/Brussels", "2026-02-28T23:00", "2026-03-31T22:00"),  # summer time begins in it
        ("2026-02-28T23:30", "Europe/Brussels", "2026-02-28T23:00", "2026-03-31T22:00"),
        ("2026-02-28T23:30", "Europe/Lisbon", "2026-02-01T00:00", "2026-03-01T00:00"),
        ("2026-12-31T23:30", "UTC", "2026-12-01T00:00", "2027-01-01T00:00"),
    ],
)
def test_a_month_is_that_of_the_channels_zone(moment: str, zone: str, start: str, end: str) -> None:
    first, after = month_of(datetime.fromisoformat(f"{moment}+00:00"), zone)
    assert (f"{first:%Y-%m-%dT%H:%M}", f"{after:%Y-%m-%dT%H:%M}") == (start, end)


def march(app: App) -> dict[str, MonthCost]:
    with app.reading() as db:
        return {each.channel: each for each in costs.months(db, app.config, app.clock.now())}


def went_out(app: App, slug: str, *, at: datetime = MONDAY, status: PostStatus = PostStatus.PUBLISHED) -> None:
    """A post that went out, or may have, by an attempt of that moment."""
    post = make_post(app, make_story(app, slug), due_at=at, status=status, published_at=at)
    outcome = Outcome.PUBLISHED if status is PostStatus.PUBLISHED else Outcome.UNKNOWN
    with app.writing() as db:
        (own,) = store.parts_of(db, post.uuid)
        times = {"started_at": at, "send_by": at, "ended_at": at}
        db.add(Attempt(uuid=app.new_id(), part=own.uuid, epoch=1, sender="a:1:1", outcome=str(outcome), **times))
        if status is PostStatus.PUBLISHED:
            store.bind_part(db, own, f"remote-{slug}", "")


def test_a_month_costs_what_went_out_what_may_have_and_what_is_planned(priced: App) -> None:
    went_out(priced, "live")
    went_out(priced, "perhaps", at=MONDAY + timedelta(minutes=1), status=PostStatus.UNCONFIRMED)
    went_out(priced, "in-february", at=MONDAY - timedelta(days=9))
    make_post(priced, make_story(priced, "next"), due_in=timedelta(days=1))
    make_post(priced, make_story(priced, "april"), due_in=timedelta(days=31))
    make_post(priced, make_story(priced, "never"), due_in=timedelta(days=2), status=PostStatus.CANCELLED)

    assert march(priced) == {
        "news": MonthCost("news", "2026-03", "USD", 2 * POST, POST, Decimal(1)),
        "kraj": MonthCost("kraj", "2026-03", "USD", Decimal(0)),
    }
    assert str(march(priced)["news"]) == "news in 2026-03: 0.615 USD (0.41 spent, 0.205 to come, budget 1)"


def test_what_is_only_planned_counts_as_a_post_with_a_link_and_a_picture(priced: App) -> None:
    post = make_post(priced, due_in=timedelta(days=1), status=PostStatus.PLANNED)
    with priced.writing() as db:
        store.replace_parts(db, post, [], priced.new_id)
        tried = costs.months(db, priced.config, MONDAY, [("news", MONDAY), ("news", MONDAY + timedelta(days=40))])

    assert march(priced)["news"].planned == POST
    assert [each.planned for each in tried] == [2 * POST, Decimal(0)]


def test_a_part_that_was_sent_twice_costs_once(priced: App) -> None:
    post = make_post(priced, status=PostStatus.UNCONFIRMED)
    with priced.writing() as db:
        (own,) = store.parts_of(db, post.uuid)
        for minutes in (0, 5):
            at = MONDAY + timedelta(minutes=minutes)
            times = {"started_at": at, "send_by": at, "ended_at": at}
            db.add(Attempt(uuid=priced.new_id(), part=own.uuid, epoch=1, sender="a:1:1", outcome="unknown", **times))

    assert march(priced)["news"].spent == POST


def test_a_channel_has_the_prices_of_its_platform_or_its_own_and_by_hand_none(
    config_with: Callable[[str], Config],
) -> None:
    by_hand = '[channels.hand]\nplatform = "folder"\nmode = "by-hand"\nslots = []\n'
    config = config_with(f'{PRICES}[prices.kraj]\ncurrency = "EUR"\npost = 3\n{by_hand}')

    found = {key: config.prices_of(channel) for key, channel in config.channels.items()}

    assert found["news"] == Prices("folder", "USD", Decimal("0.015"), Decimal("0.2"), Decimal("0.005"))
    assert (found["kraj"], found["hand"]) == (Prices("kraj", "EUR", Decimal(3)), None)


@pytest.mark.parametrize(
    ("spent", "planned", "near"), [("15.99", "4", False), ("16", "0", True), ("0", "20.01", True), ("0", "20", False)]
)
def test_a_budget_is_near_from_four_fifths_on_or_when_the_plan_is_more(spent: str, planned: str, near: bool) -> None:
    month = MonthCost("x-asa", "2026-03", "USD", Decimal(spent), Decimal(planned), Decimal(20))
    assert month.is_near is near
    assert not MonthCost("x-asa", "2026-03", "USD", Decimal(spent), Decimal(planned)).is_near


def test_the_status_tells_of_a_budget_that_is_near(priced: App) -> None:
    assert "The budget is nearly spent:" not in explain.status_lines(explain.status(priced))
    for n in range(4):
        went_out(priced, f"story-{n}", at=MONDAY + timedelta(minutes=n))

    lines = explain.status_lines(explain.status(priced))

    at = lines.index("The budget is nearly spent:")
    assert lines[at + 1] == "  news in 2026-03: 0.82 USD (budget 1)"


def test_a_report_tells_what_its_posts_have_cost_by_channel_and_month(priced: App) -> None:
    went_out(priced, "february", at=MONDAY - timedelta(days=9))
    went_out(priced, "march")
    went_out(priced, "perhaps", at=MONDAY + timedelta(minutes=1), status=PostStatus.UNCONFIRMED)

    found = report.report(priced, start=MONDAY - timedelta(days=30), end=MONDAY + timedelta(days=1))

    assert found.costs == (
        MonthCost("news", "2026-02", "USD", POST),
        MonthCost("news", "2026-03", "USD", 2 * POST),
    )
    assert found.notes[-3:] == (
        "Cost, news in 2026-02: 0.205 USD.",
        "Cost, news in 2026-03: 0.41 USD.",
        "Cost, in all: 0.615 USD.",
    )
    assert [each["spent"] for each in json.loads(report.as_json(found))["costs"]] == ["0.205", "0.410"]


def test_a_report_about_some_regions_tells_the_cost_of_their_posts(priced: App) -> None:
    went_out(priced, "one")
    span = {"start": MONDAY - timedelta(days=1), "end": MONDAY + timedelta(days=1)}

    assert report.report(priced, regions=["portugal"], **span).costs == ()
    assert report.report(priced, regions=["moravia-silesia"], **span).costs[0].spent == POST
    assert report.report(priced, projects=["trireme"], **span).costs == ()


def test_where_nothing_has_a_price_nothing_is_told(app: App) -> None:
    went_out(app, "one")
    found = report.report(app, start=MONDAY - timedelta(days=1), end=MONDAY + timedelta(days=1))

    assert (march(app), found.costs) == ({}, ())
    assert not [note for note in found.notes if note.startswith("Cost")]


def spend_all(app: App) -> None:
    """Let the gate have said that the budget of `news` is spent."""
    with app.writing() as db:
        app.alert(db, costs.alert_of(app.channel("news"), app.clock.now()), "spent", channel="news")


def test_a_channel_without_money_gets_no_slots_before_the_next_month(priced: App, clock: VirtualClock) -> None:
    clock.advance(timedelta(days=14))
    placed = make_post(priced, make_story(priced, "placed"), due_in=timedelta(days=1))
    with priced.writing() as db:
        store.change_post(db, placed, slot_time="09:00")
    make_story(priced, "new")
    spend_all(priced)

    plan.run(priced)

    with priced.reading() as db:
        slots = {post.uuid: post for post in store.posts_on(db, "news")}
        lost = store.events(db, what="post.unslotted", post=placed.uuid)
    assert [event.note for event in lost] == ["the month's budget is spent"]
    assert min(post.due_at for post in slots.values() if post.due_at) >= datetime(2026, 3, 31, 22, 0, tzinfo=UTC)
    assert slots[placed.uuid].status == PostStatus.APPROVED


def test_the_alert_ends_with_the_month_or_another_budget(
    priced: App, clock: VirtualClock, make_app: Callable[..., App], config_file: Path
) -> None:
    spend_all(priced)
    assert notify.run(priced).counts == {"told": 1}

    config_file.write_text(config_file.read_text().replace("budget = 1\n", "budget = 2\n"))
    richer = make_app(owns=False)
    assert costs.alert_of(richer.channel("news"), MONDAY) == "budget:news:2026-03:2"
    with richer.reading() as db:
        assert costs.told_spent_out(db, richer.channel("news"), MONDAY) is None
    clock.advance(timedelta(days=30))

    assert notify.run(priced).counts == {"over": 1}


def test_the_alert_of_a_channel_that_is_gone_ends(priced: App) -> None:
    with priced.writing() as db:
        priced.alert(db, "budget:gone:2026-03:1", "spent", channel="gone")
    assert notify.run(priced).counts == {"over": 1}
