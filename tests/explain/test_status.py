"""`campaign status`, judged line by line as an officer reads it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from campaign import publish, store
from campaign.app import App
from campaign.explain import status, status_lines
from campaign.models import PostStatus
from campaign.rehearsal.clock import VirtualClock
from tests.explain.asking import DAY, change
from tests.making import make_post, make_story


def test_a_new_installation_says_what_to_type_first(app: App) -> None:
    found = status(app)

    assert status_lines(found) == [
        "Status of Mon 2 Mar 2026 09:00 CET",
        "The daemon has not run here yet: nothing is published until it does.",
        "",
        "Needs a person: nothing",
        "",
        "Went out in the last 24 hours: nothing",
        "",
        "Next: nothing in the coming 7 days",
        "",
        "Type next:",
        "  campaign add PATH",
        "  campaign daemon",
    ]
    assert not found.needs_person


def test_status_tells_what_went_out_what_is_next_and_what_needs_a_person(app: App, clock: VirtualClock) -> None:
    make_post(app)
    publish.run(app, "news")
    later = make_post(app, make_story(app, "later-story"), status=PostStatus.RENDERED, due_in=DAY)
    make_post(app, make_story(app, "ready-story"), due_in=2 * DAY)
    make_post(app, make_story(app, "far-story"), due_in=8 * DAY, status=PostStatus.PLANNED)
    with app.writing() as db:
        app.alert(db, "blocked:news", "channel news: token dead", remedy="campaign channel login news")
        store.note_tick(db, clock.now())
    clock.advance(timedelta(seconds=40))
    with app.writing() as db:
        app.alert(db, "disk", "the disk is nearly full")

    found = status(app)

    assert status_lines(found) == [
        "Status of Mon 2 Mar 2026 09:00 CET",
        "The daemon works; its last tick ended 40 s ago.",
        "",
        "Needs a person: 2",
        "  channel news: token dead (since Mon 2 Mar 2026 09:00 CET)",
        "    campaign channel login news",
        "  the disk is nearly full (since Mon 2 Mar 2026 09:00 CET)",
        "",
        "Went out in the last 24 hours: 1",
        "  Mon 2 Mar 2026 09:00 CET  battery-modules@news  published",
        "",
        "Next:",
        "  Tue 3 Mar 2026 09:00 CET  later-story@news  not approved",
        "  Wed 4 Mar 2026 09:00 CET  ready-story@news  approved by anna",
        "",
        "2 posts wait for approval; the first slot is Tue 3 Mar 2026 09:00 CET.",
        "",
        "Type next:",
        "  campaign proof",
        "  campaign approve --proof CODE",
    ]
    assert found.needs_person
    as_json = json.loads(json.dumps(dataclasses.asdict(found), default=str))
    assert as_json["coming"][0] == {
        "id": later.uuid[:8],
        "name": "later-story@news",
        "at": "2026-03-03 08:00:00+00:00",
        "status": "rendered",
        "note": "not approved",
    }


def test_a_daemon_silent_for_more_than_five_minutes_needs_a_person(app: App, clock: VirtualClock) -> None:
    make_story(app)
    with app.writing() as db:
        store.note_tick(db, clock.now())
    clock.advance(timedelta(minutes=5))
    assert status(app).daemon_alive

    clock.advance(timedelta(seconds=1))
    found = status(app)

    line = "The daemon is not working: its last tick ended 5 min ago. Nothing is published."
    assert status_lines(found)[1] == line
    assert found.needs_person
    assert found.commands == ("campaign plan", "campaign daemon")


def test_posts_that_need_no_approval_are_not_counted_as_waiting(
    config_file: Path, make_app: Callable[..., App]
) -> None:
    change(config_file, 'title = "Regions"', 'title = "Regions"\napproval = false')
    app = make_app()
    make_post(app, make_story(app, "one-story"), status=PostStatus.RENDERED, due_in=DAY)
    make_post(app, make_story(app, "two-story"), status=PostStatus.APPROVED, due_in=2 * DAY)
    make_post(app, make_story(app, "three-story"), channel="kraj", status=PostStatus.PLANNED, due_in=3 * DAY)

    found = status(app)

    assert [line.note for line in found.coming] == ["needs no approval", "needs no approval", "not made yet"]
    assert "1 post waits for approval; the first slot is Thu 5 Mar 2026 09:00 CET." in status_lines(found)


def test_when_all_is_well_there_is_nothing_to_type(app: App, clock: VirtualClock) -> None:
    make_post(app, due_in=DAY)
    with app.writing() as db:
        store.note_tick(db, clock.now())

    found = status(app)

    assert (found.commands, found.needs_person) == ((), False)
    assert status_lines(found)[-1] == "  Tue 3 Mar 2026 09:00 CET  battery-modules@news  approved by anna"
