"""What those read who ask why: every attempt, and where each region stands."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from campaign import store
from campaign.app import App
from campaign.models import Attempt, Post, PostStatus, Story
from campaign.store.evidence import Standing, attempts_at, shares, standings
from campaign.story import Content, Kind, Telling
from tests.making import make_post, make_story

pytest_plugins = ["tests.postgres"]

DAY = timedelta(days=1)


def about(app: App, slug: str, *regions: str, **values: Any) -> Story:
    """Store a story about some regions."""
    tellings = {"en": Telling(title="Open day", summary="All welcome.")}
    content = Content(kind=Kind.COURSE, regions=regions, language="en", tellings=tellings)
    return make_story(app, slug, region=regions[0], content=content, **values)


def live(app: App, story: Story, *, days_ago: float, **values: Any) -> Post:
    when = app.clock.now() - days_ago * DAY
    return make_post(app, story, status=PostStatus.PUBLISHED, published_at=when, due_at=when, **values)


def standing(app: App) -> dict[str, Standing]:
    with app.reading() as db:
        return standings(db, app.config.regions, app.clock.now())


def test_every_attempt_at_any_part_is_told_oldest_first(app: App) -> None:
    post = make_post(app, parts=2)
    now = app.clock.now()
    with app.writing() as db:
        parts = store.parts_of(db, post.uuid)
        for hours, part in ((3, parts[1]), (1, parts[0]), (2, parts[0])):
            at = now + timedelta(hours=hours)
            attempt = Attempt(uuid=f"{hours}", part=part.uuid, epoch=1, sender="me", started_at=at, send_by=at)
            store.open_attempt(db, attempt)

    with app.reading() as db:
        assert [attempt.uuid for attempt in attempts_at(db, post.uuid)] == ["1", "2", "3"]
        assert attempts_at(db, "nobody's") == []


def test_regions_without_a_story_stand_at_nothing(app: App) -> None:
    nothing = Standing(0, 0, 0, 0, None, 0.0, None, None)

    assert standing(app) == dict.fromkeys(app.config.regions, nothing)


def test_posts_count_for_each_region_and_turns_are_shared(app: App) -> None:
    both = about(app, "both", "portugal", "moravia-silesia", "asa")
    live(app, both, days_ago=2)
    live(app, about(app, "one", "portugal"), days_ago=1)
    make_post(app, about(app, "next", "portugal"), due_in=DAY)
    make_post(app, about(app, "then", "portugal"), due_in=2 * DAY, status=PostStatus.RENDERED)
    about(app, "waiting", "moravia-silesia")

    found = standing(app)

    portugal, moravia, asa = (found[key] for key in ("portugal", "moravia-silesia", "asa"))
    assert (portugal.published, portugal.planned, portugal.approved, portugal.waiting) == (2, 2, 1, 0)
    assert (moravia.published, moravia.planned, moravia.approved, moravia.waiting) == (1, 0, 0, 1)
    assert (asa.published, asa.turns, asa.fair_turns) == (1, 0.0, None)  # the network has no part beside others
    assert (portugal.turns, moravia.turns) == (3.5, 0.5)
    assert portugal.fair_turns == moravia.fair_turns == 2.0
    assert portugal.last_at == app.clock.now() - DAY
    assert portugal.runway == pytest.approx(1 / (2 / 7))  # two posts in a week; less than a week says nothing
    assert moravia.runway == 0.0


def test_the_pace_is_that_of_four_weeks(app: App) -> None:
    for days in (100, 27, 14, 1):
        live(app, about(app, f"{days}-ago", "portugal"), days_ago=days)
    make_post(app, about(app, "next", "portugal"), due_in=DAY)

    assert standing(app)["portugal"].runway == pytest.approx(28 / 3)


def test_what_has_expired_or_was_given_back_does_not_wait(app: App) -> None:
    now = app.clock.now()
    about(app, "expired", "portugal", expires_at=now)
    about(app, "returned", "portugal", status="returned")
    about(app, "still-good", "portugal", expires_at=now + DAY)
    make_post(app, about(app, "failed", "portugal"), status=PostStatus.FAILED)

    assert standing(app)["portugal"].waiting == 2


def test_a_turn_is_shared_among_known_regions_and_the_network_has_it_only_alone(app: App) -> None:
    regions = app.config.regions

    assert shares(["portugal"], regions) == {"portugal": 1.0}
    assert shares(["asa", "portugal", "moravia-silesia"], regions) == {"portugal": 0.5, "moravia-silesia": 0.5}
    assert shares(["asa"], regions) == {"asa": 1.0}
    assert shares(["portugal", "atlantis"], regions) == {"portugal": 1.0}
    assert shares(["atlantis"], regions) == {}
