"""`campaign log`, judged by who did what to which post."""

from __future__ import annotations

from campaign import publish
from campaign.app import App
from campaign.explain import history
from tests.making import make_post, make_story


def test_the_log_tells_who_did_what_to_which_post(app: App) -> None:
    story = make_story(app)
    post = make_post(app, story)
    with app.writing() as db:
        app.event(db, "story.accepted", story=story.uuid, note="one photo")
        app.event(db, "channel.enabled", who="joao", channel="news")
        app.event(db, "house.kept")
    publish.run(app, "news")

    lines = [(line.time, line.who, line.what, line.subject) for line in history(app)]

    name = f"battery-modules@news ({post.uuid[:8]})"
    at = "Mon 2 Mar 2026 09:00 CET"
    assert lines == [
        (at, "anna", "story.accepted", "moravia-silesia/battery-modules"),
        (at, "joao", "channel.enabled", "channel news"),
        (at, "anna", "house.kept", ""),
        (at, "anna", "post.published", name),
    ]
    assert [line.what for line in history(app, last=1)] == ["post.published"]
    assert [line.what for line in history(app, "battery-modules")] == ["story.accepted", "post.published"]
    assert [line.what for line in history(app, "battery-modules@news")] == ["post.published"]
