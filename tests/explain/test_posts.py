"""`why POST`, judged line by line as an officer reads it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from campaign import plan, publish, store
from campaign.app import App
from campaign.models import PauseScope, PostStatus
from campaign.rehearsal.clock import VirtualClock
from tests.club import CHANNEL, open_club
from tests.explain.asking import DAY, HOUR, MONDAY, a_story, change, set_pause, set_state, told
from tests.making import fresh, make_post, make_story

HEAD = [
    "battery-modules@news (post ID): Battery skills modules, open to every region",
    "Story: course about Moravia-Silesia, handed in by region on Mon 2 Mar 2026 09:00 CET.",
]


def test_a_planned_post_tells_its_slot_the_rule_behind_it_and_who_may_approve(app: App) -> None:
    story = a_story(app)
    plan.run(app)
    with app.reading() as db:
        (post,) = store.posts_where(db, story=story.uuid, channel="news")

    assert told(app, post) == [
        *HEAD,
        "Slot: Tue 3 Mar 2026 09:00 CET on channel news.",
        "Why this slot: nothing else was waiting.",
        "Now: planned; its text and pictures are not made yet.",
        "Waits for: its text and pictures, made at the next tick of the daemon.",
        "Waits for: a yes of Anna Dvořáková.",
        "Waits for: its slot, Tue 3 Mar 2026 09:00 CET.",
    ]


def test_a_rendered_post_names_everybody_who_may_approve_and_the_commands(app: App) -> None:
    story = make_story(app, "coimbra-visit", region="portugal", title="A visit to Coimbra")
    post = make_post(app, story, status=PostStatus.RENDERED, due_in=DAY)

    lines = told(app, post)

    assert "Waits for: a yes of Anna Dvořáková or João Conceição." in lines
    assert lines[-2:] == ["You can: campaign proof ID", "You can: campaign approve --proof CODE"]


def test_whoever_handed_a_story_in_is_not_named_where_that_bars_them(
    config_file: Path, make_app: Callable[..., App]
) -> None:
    config_file.write_text(f"{config_file.read_text()}\n[approval]\nnot_own = true\n")
    app = make_app()
    post = make_post(app, a_story(app, handed_by="anna"), status=PostStatus.RENDERED, due_in=DAY)

    assert "Waits for: a yes of somebody: nobody in [people] may approve it." in told(app, post)


def test_a_channel_without_approval_waits_for_nobody(config_file: Path, make_app: Callable[..., App]) -> None:
    change(config_file, 'title = "Regions"', 'title = "Regions"\napproval = false')
    app = make_app()
    post = make_post(app, a_story(app), status=PostStatus.RENDERED, due_in=DAY)

    assert "Approved by" not in "".join(told(app, make_post(app, a_story(app, slug="other"), due_in=2 * DAY)))
    assert told(app, post)[3:] == [
        "Now: made; its channel asks for no approval.",
        "Waits for: its slot, Tue 3 Mar 2026 09:00 CET.",
        "You can: campaign post show ID",
    ]


def test_a_post_whose_story_has_changed_waits_to_be_made_anew(app: App) -> None:
    story = a_story(app)
    post = make_post(app, story, due_in=DAY)
    with app.writing() as db:
        store.supersede(db, story)

    assert "Waits for: its text and pictures, made anew at the next tick of the daemon." in told(app, fresh(app, post))


def test_everything_that_stands_in_the_way_is_told_at_once_with_the_remedy(
    config_file: Path, make_app: Callable[..., App]
) -> None:
    config_file.write_text(f'{config_file.read_text()}\n[daemon]\nstop_file = "STOP"\n')
    app = make_app()
    post = make_post(app, a_story(app, embargo_at=MONDAY + 2 * HOUR), due_in=DAY)
    set_state(app, "news", enabled=False)
    set_pause(app, PauseScope.ALL, "", until=MONDAY + 3 * DAY)
    set_pause(app, PauseScope.REGION, "moravia-silesia")
    set_pause(app, PauseScope.REGION, "portugal")  # not this post's
    stop = app.config.daemon.stop_file
    assert stop is not None
    stop.touch()

    assert told(app, post) == [
        *HEAD,
        "Slot: Tue 3 Mar 2026 09:00 CET on channel news.",
        "Now: approved.",
        "Waits for: channel news to be enabled.",
        "Waits for: the end of a pause: everything is paused until Thu 5 Mar 2026 09:00 CET by anna, elections.",
        "Waits for: the end of a pause: region moravia-silesia is paused by anna, elections.",
        f"Waits for: the stop file {stop} to be removed.",
        "Waits for: the end of its embargo, Mon 2 Mar 2026 11:00 CET.",
        "Waits for: its slot, Tue 3 Mar 2026 09:00 CET.",
        "Approved by anna on Mon 2 Mar 2026 09:00 CET.",
        "You can: campaign post show ID",
        "You can: campaign post now ID",
        "You can: campaign channel enable news",
        "You can: campaign resume --all",
        "You can: campaign resume --region moravia-silesia",
    ]


@pytest.mark.parametrize(
    ("state", "line"),
    [
        ({"blocked": "its credentials were refused"}, "a person for channel news: its credentials were refused."),
        (
            {"held_until": MONDAY + HOUR, "hold_reason": "the platform asked to wait"},
            "channel news, which rests until Mon 2 Mar 2026 10:00 CET: the platform asked to wait.",
        ),
    ],
)
def test_a_channel_that_rests_is_named(app: App, state: dict[str, object], line: str) -> None:
    post = make_post(app, due_in=DAY)
    set_state(app, "news", **state)

    lines = told(app, post)

    assert f"Waits for: {line}" in lines
    assert ("You can: campaign channel enable news" in lines) == ("blocked" in state)


def test_a_channel_with_a_login_is_logged_in_again(
    config_file: Path, make_app: Callable[..., App], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_club(monkeypatch)
    config_file.write_text(config_file.read_text() + CHANNEL)
    app = make_app()
    post = make_post(app, channel="club", due_in=DAY)

    set_state(app, "club", enabled=True, blocked="its credentials were refused")
    assert "You can: campaign channel login club" in told(app, post)
    set_state(app, "club", enabled=False)
    assert [line for line in told(app, post) if "channel enable" in line] == ["You can: campaign channel enable club"]


def test_what_the_gate_said_is_told_with_the_time_of_the_next_try(
    config_file: Path, make_app: Callable[..., App], clock: VirtualClock
) -> None:
    change(config_file, 'title = "Regions"', 'title = "Regions"\nrepeat_guard = "1 min"')
    app = make_app()
    make_post(app, text="The first one.")
    publish.run(app, "news")
    clock.advance(3 * HOUR)
    post = make_post(app, make_story(app, "second-story"), text="The second one.")
    publish.run(app, "news")

    lines = told(app, post)

    assert "Now: approved. The channel's spacing since its last post." in lines
    assert "Waits for: its next try, Mon 2 Mar 2026 13:00 CET." in lines


def test_a_published_post_tells_when_and_where(app: App) -> None:
    post = make_post(app, a_story(app))
    publish.run(app, "news")
    with app.reading() as db:
        (part,) = store.parts_of(db, post.uuid)

    assert told(app, post)[2:] == [
        "Slot: Mon 2 Mar 2026 09:00 CET on channel news.",
        "Now: published.",
        "Approved by anna on Mon 2 Mar 2026 09:00 CET.",
        f"Attempt on Mon 2 Mar 2026 09:00 CET: published, {part.remote_id}",
        f"Live: {part.permalink}",
        "You can: campaign post record ID reactions=12",
        "You can: campaign post correct ID",
        "You can: campaign post takedown ID",
    ]


def test_a_slot_that_was_lost_is_told_with_its_reason(app: App, clock: VirtualClock) -> None:
    post = make_post(app, a_story(app), due_in=-3 * HOUR)

    publish.run(app, "news")

    lines = told(app, fresh(app, post))
    reason = "its slot of 2026-03-02 06:00 CET passed more than 2 h ago"
    assert lines[2:6] == [
        "Slot: none on channel news.",
        f"Lost the slot 2026-03-02 05:00 on Mon 2 Mar 2026 09:00 CET: {reason}.",
        "Now: approved. Its slot of 2026-03-02 06:00 CET passed more than 2 h ago.",
        "Waits for: a slot; the planner gives it one at its next run.",
    ]


@pytest.mark.parametrize(
    ("status", "now", "command"),
    [
        (PostStatus.FAILED, "given up", "campaign post retry ID"),
        (PostStatus.PARTIAL, "live in part; the rest is not", "campaign post retry ID"),
        (
            PostStatus.UNCONFIRMED,
            "perhaps live; only the platform or a person may say",
            "campaign post resolve ID --published URL | --send-again | --not-published",
        ),
        (PostStatus.CANCELLED, "cancelled", "campaign post restore ID"),
        (PostStatus.SENDING, "being sent now", ""),
        (PostStatus.EXPIRED, "over: it expired before it could go out", ""),
        (PostStatus.REMOVED, "taken down", ""),
    ],
)
def test_every_other_end_tells_its_reason_and_what_can_be_done(
    app: App, status: PostStatus, now: str, command: str
) -> None:
    post = make_post(app, status=status, reason="the platform refused it: too long")

    lines = told(app, post)

    assert f"Now: {now}. The platform refused it: too long." in lines
    assert (f"You can: {command}" in lines) == bool(command)
    assert not [line for line in lines if line.startswith("Waits")]


def test_a_by_hand_post_asks_for_its_address(config_file: Path, make_app: Callable[..., App]) -> None:
    change(config_file, 'title = "Regions"', 'title = "Regions"\nmode = "by-hand"')
    app = make_app()
    post = make_post(app)
    publish.run(app, "news")

    assert told(app, post)[-1] == "You can: campaign post done ID URL"


def test_a_post_placed_by_a_person_and_one_of_a_channel_that_left_are_told(
    app: App, config_file: Path, make_app: Callable[..., App]
) -> None:
    post = make_post(app, due_in=DAY)
    with app.writing() as db:
        store.change_post(db, post, slot_date=None, slot_time=None)
    change(config_file, "[channels.news]", "[channels.fresh]")

    lines = told(make_app(owns=False), post)

    assert "Due: Tue 3 Mar 2026 09:00 CET on channel news, outside its weekly slots." in lines
    assert "Waits for: channel news, which is no longer in the config." in lines
