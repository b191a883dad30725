"""`why REGION`, judged line by line as an officer reads it."""

from __future__ import annotations

from datetime import datetime

from campaign.app import App
from campaign.explain import why
from campaign.models import PauseScope, Post, PostStatus
from campaign.rehearsal.clock import VirtualClock
from tests.explain.asking import DAY, MONDAY, set_pause
from tests.making import make_post, make_story


def test_a_region_tells_where_it_stands(app: App, clock: VirtualClock) -> None:
    for n in range(3):
        at = MONDAY + n * DAY
        post_of(app, f"portugal-{n}", "portugal", at)
    post_of(app, "ostrava-0", "moravia-silesia", MONDAY + 3 * DAY)
    clock.advance(14 * DAY)
    make_post(app, make_story(app, "ostrava-1"), due_in=DAY)
    make_story(app, "ostrava-2")
    set_pause(app, PauseScope.REGION, "moravia-silesia", until=MONDAY + 20 * DAY)

    assert why(app, "moravia-silesia") == [
        "Moravia-Silesia (region moravia-silesia)",
        "Published: 1 post, the last on Thu 5 Mar 2026 09:00 CET.",
        "To come: 1 post with a slot, 1 approved.",
        "Waiting for a slot: 1 story.",
        "Fair share: 2 turns so far and planned, 2.5 would be its part: 0.5 behind.",
        "Runway: 14 days of approved posts at the present pace.",
        "Paused: this region, until Sun 22 Mar 2026 09:00 CET, by anna: elections.",
        "You can: campaign resume --region moravia-silesia",
        "You can: campaign plan --explain",
    ]
    assert "Fair share: 3 turns so far and planned, 2.5 would be its part: 0.5 ahead." in why(app, "portugal")


def post_of(app: App, slug: str, region: str, at: datetime) -> Post:
    story = make_story(app, slug, region=region)
    return make_post(app, story, due_at=at, published_at=at, status=PostStatus.PUBLISHED)


def test_a_region_with_nothing_yet_and_the_network_are_told_apart(app: App) -> None:
    set_pause(app, PauseScope.ALL, "")

    assert why(app, "portugal") == [
        "Portugal (region portugal)",
        "Published: 0 posts.",
        "To come: 0 posts with a slot, 0 approved.",
        "Waiting for a slot: 0 stories.",
        "Fair share: none yet, nothing was handed in.",
        "Runway: not known, as nothing went out in the last four weeks.",
        "Paused: everything, until somebody resumes it, by anna: elections.",
        "You can: campaign resume --all",
        "You can: campaign add PATH, with a new story of this region",
    ]
    assert "Fair share: the network stands outside it, with at most 25% of a channel's slots." in why(app, "asa")


def test_a_region_with_approved_posts_is_not_asked_for_more(app: App) -> None:
    make_post(app, due_in=DAY)

    assert not [line for line in why(app, "moravia-silesia") if line.startswith("You can")]


def test_equal_regions_are_even(app: App) -> None:
    post_of(app, "one-story", "portugal", MONDAY)
    post_of(app, "two-story", "moravia-silesia", MONDAY + DAY)

    assert "Fair share: 1 turns so far and planned, 1 would be its part: even." in why(app, "portugal")
