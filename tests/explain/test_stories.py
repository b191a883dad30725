"""`why STORY`, judged line by line as an officer reads it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from campaign import plan, publish, store
from campaign.app import App
from campaign.explain import why
from campaign.models import StoryStatus
from campaign.story import Content, Kind, Telling
from tests.explain.asking import DAY, HOUR, MONDAY, change
from tests.making import make_post, make_story


def czech(regions: tuple[str, ...] = ("moravia-silesia",), **values: object) -> Content:
    telling = Telling(title="Baterie", summary="Moduly.")
    return Content(kind=Kind.COURSE, regions=regions, language="cs", tellings={"cs": telling}, **values)  # type: ignore[arg-type]


def test_a_story_tells_each_channel_and_why_one_has_no_post(app: App) -> None:
    story = make_story(app, content=czech())
    post = make_post(app, story, channel="kraj", due_in=DAY, reason="fewest turns so far")

    lines = [line.replace(post.uuid[:8], "ID").replace(story.uuid[:8], "SID") for line in why(app, "battery-modules")]

    assert lines == [
        "moravia-silesia/battery-modules (story SID): Baterie",
        "Handed in on Mon 2 Mar 2026 09:00 CET, course, revision 1.",
        "news: no post; it is told in cs, and the channel takes en.",
        "kraj: approved for Tue 3 Mar 2026 09:00 CET (post ID): fewest turns so far",
        "You can: campaign why ID",
    ]


def test_a_story_that_waits_names_what_took_the_slots_before_it(app: App) -> None:
    for n in range(5):
        region = "portugal" if n % 2 else "moravia-silesia"
        make_story(app, f"early-{n}", region=region, created_at=app.clock.now() - (9 - n) * DAY)
    plan.plan(app, weeks=1)
    make_story(app, "late-story")

    with app.reading() as db:
        rules = [post.reason for channel in ("news", "kraj") for post in store.posts_on(db, channel)]
    assert why(app, "late-story")[2:] == [
        "news: no post; it waits for its turn.",
        f"  Tue 3 Mar 2026 09:00 CET went to moravia-silesia/early-0: {rules[0]}",
        f"  Wed 4 Mar 2026 09:00 CET went to portugal/early-1: {rules[1]}",
        f"  Thu 5 Mar 2026 09:00 CET went to moravia-silesia/early-2: {rules[2]}",
        "  and 1 more, see campaign plan --explain",
        "kraj: no post; it waits for its turn.",
        f"  Tue 3 Mar 2026 10:00 CET went to moravia-silesia/early-0: {rules[4]}",
        f"  Thu 5 Mar 2026 10:00 CET went to portugal/early-1: {rules[5]}",
        "You can: campaign plan --explain",
    ]


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"status": StoryStatus.RETURNED, "note": "no consent"}, "It is returned: no consent."),
        ({"status": StoryStatus.WITHDRAWN}, "news: no post; the story is withdrawn."),
        ({"content": czech(channels=("kraj",))}, "news: no post; the story is only for kraj."),
        ({"expires_at": MONDAY - HOUR}, "news: no post; it expired before it had a slot."),
        ({"expires_at": MONDAY + HOUR}, "Not after Mon 2 Mar 2026 10:00 CET."),
        ({"embargo_at": MONDAY + HOUR}, "Not before Mon 2 Mar 2026 10:00 CET (embargo)."),
        ({}, "You can: campaign plan --explain"),
    ],
)
def test_what_keeps_a_story_back_is_told(app: App, values: dict[str, object], line: str) -> None:
    make_story(app, "one-story", **values)

    assert line in why(app, "one-story")


def test_a_channel_without_slots_is_told(config_file: Path, make_app: Callable[..., App]) -> None:
    change(config_file, 'slots = ["mon-fri 09:00"]', "slots = []")
    app = make_app()
    make_story(app, "one-story")

    assert "news: no post; the channel has no slots." in why(app, "one-story")


def test_the_posts_of_a_story_are_told_by_what_became_of_them(
    app: App, config_file: Path, make_app: Callable[..., App]
) -> None:
    story = make_story(app, "one-story")
    post = make_post(app, story)
    publish.run(app, "news")
    lost = make_post(app, story, channel="kraj", reason="its slot is no longer in the config")
    with app.writing() as db:
        store.change_post(db, lost, slot_date=None, slot_time=None, due_at=None)
    change(config_file, "[channels.news]", "[channels.fresh]")

    lines = why(make_app(owns=False), "one-story")

    assert f"kraj: approved, waits for a slot (post {lost.uuid[:8]}): its slot is no longer in the config" in lines
    live = f"news: published, live since Mon 2 Mar 2026 09:00 CET (post {post.uuid[:8]})"
    assert f"{live}; the channel is no longer in the config" in lines
