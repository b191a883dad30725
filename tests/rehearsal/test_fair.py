"""The judge of fairness and of blackouts: what it accepts, and what it does not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from campaign import plan, store
from campaign.app import App
from campaign.config import Blackout, Channel
from campaign.models import PostStatus
from campaign.rehearsal.judge import Evidence, Sight, Turn, Yes, fair, well_spaced
from campaign.rehearsal.rows import rows_of
from tests.conftest import MONDAY
from tests.making import make_story

CHANNEL = Channel("news", "folder", "News", "en", ("en",), "Europe/Brussels", ())
WAITING = frozenset({"portugal", "moravia-silesia"})


def evidence(**values: Any) -> Evidence:
    nothing: dict[str, Any] = {"sights": [], "beliefs": [], "attempts": [], "alerts": [], "approved": {}}
    return Evidence(now=MONDAY, channels={"news": CHANNEL}, **(nothing | values))


def broken(turns: Iterable[Turn], portugal: float = 1) -> list[str]:
    weights = {"portugal": portugal, "moravia-silesia": 1}
    return [each.rule for each in fair(evidence(rows={"news": [list(turns)]}, weights=weights))]


def turn(region: str, waiting: frozenset[str] = WAITING) -> Turn:
    return Turn((region,), waiting)


PORTUGAL, SILESIA = turn("portugal"), turn("moravia-silesia")


@pytest.mark.parametrize(
    ("turns", "weight", "rules"),
    [
        pytest.param([PORTUGAL, SILESIA] * 5, 1, [], id="in turn"),
        pytest.param([PORTUGAL] * 3 + [SILESIA] * 3, 1, [], id="as far as the bound goes"),
        pytest.param([SILESIA] * 2 + [PORTUGAL] * 4, 1, ["I8"], id="a turn too far"),
        pytest.param([PORTUGAL] * 5, 3, [], id="of more weight"),
        pytest.param([PORTUGAL] * 8, 3, ["I8"], id="of more weight, and too far"),
        pytest.param([turn("portugal", frozenset({"portugal"}))] * 9, 1, [], id="nobody else waits"),
        pytest.param([Turn(("portugal", "moravia-silesia"), WAITING)] * 9, 1, [], id="together"),
        pytest.param([Turn((), WAITING)] * 9, 1, [], id="the network"),
    ],
)
def test_no_region_gets_ahead_of_one_that_waits_by_more_than_the_bound(
    turns: list[Turn], weight: float, rules: list[str]
) -> None:
    assert broken(turns, weight) == rules


@pytest.mark.parametrize(
    ("at", "channels", "rules"),
    [
        (datetime(2026, 3, 3, 12, 0, tzinfo=UTC), (), ["I7"]),
        (datetime(2026, 3, 3, 12, 0, tzinfo=UTC), ("news",), ["I7"]),
        (datetime(2026, 3, 3, 12, 0, tzinfo=UTC), ("another",), []),
        (datetime(2026, 3, 2, 22, 59, tzinfo=UTC), (), []),
        (datetime(2026, 3, 2, 23, 0, 10, tzinfo=UTC), (), []),  # the call began before midnight
        (datetime(2026, 3, 3, 22, 58, tzinfo=UTC), (), ["I7"]),
        (datetime(2026, 3, 3, 23, 1, tzinfo=UTC), (), []),
    ],
)
def test_nothing_appears_in_a_blackout(at: datetime, channels: tuple[str, ...], rules: list[str]) -> None:
    closed = Blackout(date(2026, 3, 3), date(2026, 3, 3), "assembly", channels)
    told = evidence(
        sights=[Sight("news", "1", "words", at)],
        approved={("news", "words"): Yes("post", 1, MONDAY)},
        blackouts=[closed],
    )

    assert [each.rule for each in well_spaced(told)] == rules


class TestRows:
    @pytest.fixture
    def planned(self, app: App) -> App:
        for n in range(8):
            make_story(app, slug=f"story-{n}", region="portugal" if n % 2 else "moravia-silesia", title=f"Story {n}")
        plan.run(app)
        return app

    def rows(self, app: App) -> list[Any]:
        with app.reading() as db:
            return rows_of(app, db, app.channel("news"), MONDAY)

    def test_what_is_planned_at_once_is_one_row(self, planned: App) -> None:
        [row] = self.rows(planned)

        assert [turn.regions for turn in row][:2] in (
            [["portugal"], ["moravia-silesia"]],
            [["moravia-silesia"], ["portugal"]],
        )
        assert [len(turn.waiting) for turn in row] == [2] * 7 + [1]
        assert list(fair(evidence(rows={"news": [row]}, weights={"portugal": 1, "moravia-silesia": 1}))) == []

    def test_a_slot_that_was_lost_ends_a_row(self, planned: App) -> None:
        with planned.writing() as db:
            first, *_ = store.posts_where(db, channel="news")
            store.change_post(db, first, status=str(PostStatus.CANCELLED), slot_date=None, slot_time=None, due_at=None)
            planned.event(db, "post.cancelled", post=first.uuid, story=first.story, channel="news")
        planned.clock.sleep(3600)
        make_story(planned, slug="new", region="portugal", title="New")
        plan.run(planned)

        lengths = [len(row) for row in self.rows(planned)]

        assert sum(lengths) == 8
        assert len(lengths) == 2

    def test_what_a_person_placed_is_no_turn_of_the_rule(self, planned: App) -> None:
        with planned.writing() as db:
            post = store.posts_where(db, channel="news")[3]
            store.change_post(db, post, slot_date=None, slot_time=None)

        assert [len(row) for row in self.rows(planned)] == [3, 4]

    def test_a_story_waits_only_in_its_time(self, app: App) -> None:
        make_story(app, slug="embargoed", region="portugal", title="A", embargo_at=MONDAY + timedelta(days=8))
        for n in range(8):
            make_story(app, slug=f"story-{n}", title=f"Story {n}")
        plan.run(app)

        [row] = self.rows(app)

        waits = ["portugal" in turn.waiting for turn in row]
        assert waits[:5] == [False] * 5
        assert any(waits)

    def test_a_network_is_no_measure(self, planned: App) -> None:
        regions = {key: replace(region, network=key == "portugal") for key, region in planned.config.regions.items()}
        planned.reconfigure(replace(planned.config, regions=regions))

        [row] = self.rows(planned)

        assert {region for turn in row for region in turn.waiting} == {"moravia-silesia"}
