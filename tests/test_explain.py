"""`why`, `status` and `log`, judged line by line as an officer reads them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from campaign import plan, publish, store
from campaign.app import App
from campaign.errors import UsageError
from campaign.explain import history, status, status_lines, why
from campaign.explain.words import ago, one_of, when
from campaign.models import ChannelState, Pause, PauseScope, Post, PostStatus, Story, StoryStatus
from campaign.rehearsal.clock import VirtualClock
from campaign.story import Content, Kind, Telling
from tests.making import fresh, make_post, make_story

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def told(app: App, post: Post) -> list[str]:
    """Return what `why` says of a post, its id written as ID."""
    return [line.replace(post.uuid[:8], "ID") for line in why(app, post.uuid)]


def set_state(app: App, channel: str, **values: object) -> None:
    with app.writing() as db:
        state = db.get(ChannelState, channel)
        assert state is not None
        for name, value in values.items():
            setattr(state, name, value)
        db.add(state)


def set_pause(app: App, scope: PauseScope, key: str, until: datetime | None = None) -> None:
    with app.writing() as db:
        pause = Pause(scope=str(scope), key=key, until=until, reason="elections", who="anna", since=app.clock.now())
        store.set_pause(db, pause)


HEAD = [
    "battery-modules@news (post ID): Battery skills modules, open to every region",
    "Story: course about Moravia-Silesia, handed in by region on Mon 2 Mar 2026 09:00 CET.",
]


def a_story(app: App, **values: object) -> Story:
    return make_story(app, **{"handed_by": "region", **values})


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

    assert [line for line in told(app, post) if line.startswith("Waits")] == [
        "Waits for: its slot, Tue 3 Mar 2026 09:00 CET."
    ]


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
    assert ("You can: campaign channel login news" in lines) == ("blocked" in state)


def test_what_the_gate_said_is_told_with_the_time_of_the_next_try(
    config_file: Path, make_app: Callable[..., App], clock: VirtualClock
) -> None:
    change(config_file, 'title = "Regions"', 'title = "Regions"\nrepeat_guard = "1 min"')
    app = make_app()
    make_post(app, text="The first one.")
    publish.run(app, "news")
    clock.advance(HOUR)
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
        "You can: campaign post takedown ID",
    ]


def test_a_slot_that_was_lost_is_told_with_its_reason(app: App, clock: VirtualClock) -> None:
    post = make_post(app, a_story(app), due_in=-3 * HOUR)

    publish.run(app, "news")

    lines = told(app, fresh(app, post))
    reason = "its slot of 2026-03-02 05:00 UTC passed more than 2 h ago"
    assert lines[2:6] == [
        "Slot: none on channel news.",
        f"Lost the slot 2026-03-02 05:00 on Mon 2 Mar 2026 09:00 CET: {reason}.",
        "Now: approved. Its slot of 2026-03-02 05:00 UTC passed more than 2 h ago.",
        "Waits for: a slot; the planner gives it one at its next run.",
    ]


@pytest.mark.parametrize(
    ("status", "now", "command"),
    [
        (PostStatus.FAILED, "given up", "campaign post retry ID"),
        (PostStatus.PARTIAL, "live in part; the rest of the thread is not", "campaign post retry ID"),
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
        app.alert(db, "disk", "the disk is nearly full")
        store.set_meta(db, "daemon.tick", clock.now().isoformat())
    clock.advance(timedelta(seconds=40))

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
        store.set_meta(db, "daemon.tick", clock.now().isoformat())
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
    make_post(app, make_story(app, "two-story"), status=PostStatus.APPROVED, due_in=2 * DAY, approved_by="")
    make_post(app, make_story(app, "three-story"), channel="kraj", status=PostStatus.PLANNED, due_in=3 * DAY)

    found = status(app)

    assert [line.note for line in found.coming] == ["needs no approval", "approved", "not made yet"]
    assert "1 post waits for approval; the first slot is Thu 5 Mar 2026 09:00 CET." in status_lines(found)


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


def test_a_name_that_means_several_is_answered_with_the_candidates(app: App) -> None:
    make_story(app, "open-day")
    make_story(app, "open-day", region="portugal", fingerprint="other")

    with pytest.raises(UsageError) as refused:
        why(app, "open-day")

    assert str(refused.value) == (
        '"open-day" may mean any of these:\n  moravia-silesia/open-day\n  portugal/open-day\n'
        "  Give the start of the one you mean."
    )
    assert why(app, "portugal/open-day")[0].startswith("portugal/open-day (story ")


@pytest.mark.parametrize("wanted", ["nothing-here", "nothing@news", "abc", "portugal/nothing"])
def test_a_name_that_means_nothing_is_refused(app: App, wanted: str) -> None:
    make_post(app)

    with pytest.raises(UsageError, match=f'there is no post or story "{wanted}"'):
        why(app, wanted)


SPRING = datetime(2026, 3, 29, 0, 59, tzinfo=UTC)
AUTUMN = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (SPRING, "Sun 29 Mar 2026 01:59 CET"),
        (SPRING + timedelta(minutes=1), "Sun 29 Mar 2026 03:00 CEST"),
        (AUTUMN, "Sun 25 Oct 2026 02:30 CEST"),
        (AUTUMN + HOUR, "Sun 25 Oct 2026 02:30 CET"),
    ],
)
def test_times_are_unmistakable_when_the_clocks_change(moment: datetime, text: str) -> None:
    assert when(moment, "Europe/Brussels") == text


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(seconds=59), "59 s"),
        (timedelta(seconds=60), "1 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=47), "47 h"),
        (timedelta(hours=48), "2 days"),
    ],
)
def test_lengths_of_time_are_rounded_down(length: timedelta, text: str) -> None:
    assert ago(length) == text


@pytest.mark.parametrize(
    ("names", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")]
)
def test_choices_read_as_people_write_them(names: list[str], text: str) -> None:
    assert one_of(names) == text
