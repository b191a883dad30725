"""Planning on real rows: who gets a slot, what takes it away again, and what happens at the cutoff."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from campaign import plan, store
from campaign.app import App
from campaign.config import load
from campaign.models import Pause, PauseScope, Post, PostStatus, Story
from campaign.plan import changes
from campaign.plan.turns import count_turns, slot_of
from campaign.rehearsal.clock import VirtualClock
from campaign.slots import Slot
from campaign.store.turns import ledger_state
from campaign.story import Content, Kind, Telling

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.fixture
def tell(app: App) -> Callable[..., Story]:
    """Store a story, each younger than the one before; in English and for one channel unless said otherwise."""
    age = count()

    def add(
        slug: str, *regions: str, language: str = "en", channels: tuple[str, ...] = ("news",), **details: object
    ) -> Story:
        content = Content(
            kind=Kind.UPDATE,
            regions=regions or ("moravia-silesia",),
            language=language,
            channels=channels,
            tellings={language: Telling(title=slug, summary="Something happened.")},
        )
        born = app.clock.now() - WEEK + next(age) * timedelta(minutes=1)
        known = {"created_at": born, "updated_at": app.clock.now(), "fingerprint": slug, **details}
        story = Story(
            uuid=app.new_id(),
            region=content.regions[0],
            slug=slug,
            kind=content.kind,
            language=language,
            content=content.model_dump(mode="json"),
            **known,
        )
        with app.writing() as db:
            return store.add_story(db, story)

    return add


def change(app: App, row: Story | Post, **values: object) -> None:
    with app.writing() as db:
        kept = db.get(type(row), row.uuid)
        assert kept is not None
        for name, value in values.items():
            setattr(kept, name, value)
        db.add(kept)


def calendar(app: App, channel: str = "news") -> dict[str, str]:
    """Story → local slot, or why it has none; as the database tells it."""
    with app.reading() as db:
        posts = store.posts_on(db, channel)
        stories = store.stories_of(db, posts)
    return {
        stories[post.story].slug: f"{post.slot_date:%a %d} {post.slot_time}" if post.slot_date else post.reason
        for post in posts
    }


def post_of(app: App, story: Story, channel: str = "news") -> Post:
    with app.reading() as db:
        (post,) = store.posts_where(db, story=story.uuid, channel=channel)
    return post


def happened(app: App, what: str) -> list[str]:
    with app.reading() as db:
        return [event.note for event in store.events(db, what=what)]


def alerts(app: App) -> list[str]:
    with app.reading() as db:
        return [alert.message for alert in store.open_alerts(db)]


def approve(app: App, *posts: Post) -> None:
    for post in posts:
        change(app, post, status=PostStatus.APPROVED)


def config_with(config_file: Path, before: str, after: str) -> None:
    text = config_file.read_text()
    assert before in text
    config_file.write_text(text.replace(before, after))


Told = Callable[..., Story]


def test_stories_get_slots_in_turn_with_all_that_a_post_needs(app: App, tell: Told) -> None:
    first = tell("a", expires_at=MONDAY + 30 * DAY)
    tell("b", created_at=MONDAY - 30 * DAY)
    tell("c", "portugal")

    summary = plan.run(app)

    assert str(summary) == "plan: 3 planned"
    assert calendar(app) == {"b": "Tue 03 09:00", "c": "Wed 04 09:00", "a": "Thu 05 09:00"}
    post = post_of(app, first)
    assert post.status == "planned"
    assert post.due_at == post.first_due_at == datetime(2026, 3, 5, 8, tzinfo=UTC)
    assert post.expires_at == first.expires_at
    assert post.reason == "nothing else was waiting"
    assert "fair turn; passed over: moravia-silesia (1 turn ahead)" in happened(app, "post.planned")


def test_planning_again_changes_nothing(app: App, tell: Told) -> None:
    for n in range(30):
        tell(f"s{n}", "portugal" if n % 3 else "moravia-silesia")
    plan.run(app)
    before, events = calendar(app), len(happened(app, "post.planned"))

    assert not plan.run(app).did_something
    assert (calendar(app), len(happened(app, "post.planned"))) == (before, events)


def test_a_dry_run_decides_and_writes_nothing(app: App, tell: Told) -> None:
    tell("a")
    tell("b", language="pt", channels=())

    sheets = {sheet.channel.key: sheet for sheet in plan.plan(app, 1, dry_run=True)}

    assert [str(decision.slot.day) for decision in sheets["news"].given] == ["2026-03-03"]
    assert [why for _, why in sheets["news"].unfit] == ["it is told in pt, and the channel takes en"]
    assert calendar(app) == {}


def test_the_horizon_is_the_weeks_asked_for(app: App, tell: Told) -> None:
    for n in range(40):
        tell(f"s{n:02}")

    assert len(plan.plan(app, 1)[0].given) == 4  # Monday's slot has come already
    assert len(plan.plan(app)[0].given) == 16  # summer time begins on the way: one hour more fits in


def test_a_story_goes_where_it_is_understood_and_wanted(app: App, tell: Told) -> None:
    everywhere = tell("all", channels=())
    tell("czech", language="cs", channels=())
    tell("elsewhere", channels=("kraj",))
    unknown = tell("unknown", "bavaria", channels=())

    sheets = plan.plan(app)

    assert set(calendar(app)) == {"all"}
    assert set(calendar(app, "kraj")) == {"all", "czech", "elsewhere"}
    assert dict((story.slug, why) for story, why in sheets[0].unfit) == {
        "czech": "it is told in cs, and the channel takes en",
        "elsewhere": "the story names other channels",
        "unknown": "region bavaria is not in the config",
    }
    assert everywhere.uuid != unknown.uuid


def open_stories(app: App) -> list[str]:
    with app.reading() as db:
        return [story.slug for story in store.open_stories(db)]


def test_a_story_is_put_away_when_every_channel_is_done_with_it(app: App, config_file: Path, tell: Told) -> None:
    here, both = tell("here"), tell("both", channels=())
    tell("nowhere", "bavaria")  # which a person is to see
    plan.run(app)
    for story, channel in ((here, "news"), (both, "news")):
        change(app, post_of(app, story, channel), status=PostStatus.PUBLISHED)
    plan.run(app)
    assert open_stories(app) == ["both", "nowhere"]

    change(app, post_of(app, both, "kraj"), status=PostStatus.CANCELLED)
    plan.run(app)
    assert open_stories(app) == ["nowhere"]
    sheets = plan.plan(app, dry_run=True)
    assert [[story.slug for story, _ in sheet.unfit] for sheet in sheets] == [["nowhere"], ["nowhere"]]

    config_with(config_file, 'languages = ["en"]', 'languages = ["en", "pt"]')
    app.reconfigure(load(config_file, {}))
    sheets = plan.plan(app, dry_run=True)
    assert [story.slug for story, _ in sheets[1].unfit] == ["here", "nowhere"]
    plan.run(app)
    assert open_stories(app) == ["nowhere"]


def test_without_old_turns_nothing_is_counted(app: App, tell: Told) -> None:
    tell("a")
    plan.run(app)
    with app.keeping_house() as db:
        count_turns(app, db, app.channel("news"))
        assert ledger_state(db, "news") is None


def test_a_slot_is_planned_only_while_there_is_time_to_approve(app: App, clock: VirtualClock, tell: Told) -> None:
    tell("a")
    tell("b")
    clock.advance(20 * HOUR + timedelta(minutes=1))  # less than twice the cutoff before Tuesday's slot

    plan.run(app)

    assert calendar(app) == {"a": "Wed 04 09:00", "b": "Thu 05 09:00"}


def test_a_channel_without_approval_is_planned_up_to_the_slot(
    config_file: Path, make_app: Callable[..., App], clock: VirtualClock
) -> None:
    config_with(config_file, 'slots = ["mon-fri 09:00"]', 'slots = ["mon-fri 09:00"]\napproval = false')
    app = make_app()
    clock.advance(23 * HOUR + timedelta(minutes=50))

    (sheet, _) = plan.plan(app, dry_run=True)

    assert str(sheet.plan.decisions[0].slot.day) == "2026-03-03"


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"status": "withdrawn"}, "its story was withdrawn"),
        ({"status": "returned"}, "its story went back to its region"),
    ],
)
def test_a_story_that_went_away_gives_its_slot_back(
    app: App, tell: Told, values: dict[str, object], reason: str
) -> None:
    story = tell("a")
    plan.run(app)
    change(app, story, **values)
    tell("b")

    assert str(plan.run(app)) == "plan: 1 planned, 1 without a slot any more"
    assert calendar(app) == {"b": "Tue 03 09:00", "a": reason}
    assert happened(app, "post.unslotted") == [reason]

    change(app, story, status="queued")
    plan.run(app)
    assert calendar(app)["a"] == "Wed 04 09:00"


@pytest.mark.parametrize(
    ("values", "reason", "then"),
    [
        ({"embargo_at": MONDAY + 3 * DAY}, "its embargo ends after its slot", "Thu 05 09:00"),
        ({"expires_at": MONDAY + DAY}, "it would expire before its slot", "it would expire before its slot"),
        ({"expires_at": MONDAY + DAY + HOUR}, None, "Tue 03 09:00"),
        ({"embargo_at": MONDAY + DAY}, None, "Tue 03 09:00"),
    ],
)
def test_a_moved_embargo_or_expiry_breaks_an_assignment_only_if_the_slot_no_longer_suits(
    app: App, tell: Told, values: dict[str, object], reason: str | None, then: str
) -> None:
    story = tell("a")
    plan.run(app)
    change(app, story, **values)

    plan.run(app)

    assert happened(app, "post.unslotted") == ([reason] if reason else [])
    assert calendar(app)["a"] == then
    if "expires_at" in values and not reason:
        assert post_of(app, story).expires_at == values["expires_at"]


@pytest.mark.parametrize(
    ("before", "after", "reason", "then"),
    [
        ('slots = ["mon-fri 09:00"]', 'slots = ["wed 11:00"]', "its slot is no longer in the config", "Wed 04 11:00"),
        (
            "[people.anna]",
            '[[blackouts]]\nfirst = 2026-03-02\nlast = 2026-03-03\nreason = "mourning"\n\n[people.anna]',
            "nothing is posted on that day: mourning",
            "Wed 04 09:00",
        ),
        (
            "[channels.news]",
            "[channels.fresh]",
            "channel news is no longer in the config",
            "channel news is no longer in the config",
        ),
    ],
)
def test_a_changed_config_breaks_only_what_it_touches(
    config_file: Path,
    make_app: Callable[..., App],
    app: App,
    tell: Told,
    before: str,
    after: str,
    reason: str,
    then: str,
) -> None:
    tell("a", channels=())
    plan.run(app)
    kept = calendar(app, "kraj")
    config_with(config_file, before, after)
    changed = make_app(owns=False)

    plan.run(changed)

    assert happened(app, "post.unslotted")[0] == reason
    assert calendar(app)["a"] == then
    if "mourning" not in reason:
        assert calendar(app, "kraj") == kept


def test_a_channel_in_another_zone_keeps_its_slots_at_their_local_time(
    config_file: Path, make_app: Callable[..., App], app: App, tell: Told
) -> None:
    story = tell("a")
    plan.run(app)
    config_with(config_file, 'title = "Regions"', 'title = "Regions"\nzone = "Europe/Lisbon"')

    plan.run(make_app(owns=False))

    post = post_of(app, story)
    assert calendar(app) == {"a": "Tue 03 09:00"}
    assert post.due_at == post.first_due_at == datetime(2026, 3, 3, 9, tzinfo=UTC)
    assert happened(app, "post.unslotted") == []


def pause(app: App, scope: PauseScope, key: str = "", until: datetime | None = None) -> None:
    with app.writing() as db:
        store.set_pause(db, Pause(scope=scope, key=key, until=until, reason="quiet", who="anna", since=app.clock.now()))


@pytest.mark.parametrize(
    ("scope", "key", "until", "then"),
    [
        (PauseScope.ALL, "", MONDAY + 3 * DAY, {"a": "Thu 05 09:00", "b": "Fri 06 09:00"}),
        (PauseScope.CHANNEL, "news", MONDAY + 3 * DAY, {"a": "Thu 05 09:00", "b": "Fri 06 09:00"}),
        (PauseScope.CHANNEL, "kraj", MONDAY + 3 * DAY, {"a": "Tue 03 09:00", "b": "Wed 04 09:00"}),
        (PauseScope.REGION, "moravia-silesia", MONDAY + 3 * DAY, {"b": "Wed 04 09:00", "a": "Thu 05 09:00"}),
        (PauseScope.REGION, "moravia-silesia", None, {"b": "Wed 04 09:00", "a": "Thu 05 09:00"}),  # two firm days
        (PauseScope.REGION, "asa", None, {"a": "Tue 03 09:00", "b": "Wed 04 09:00"}),
    ],
)
def test_a_pause_empties_the_calendar_while_it_lasts(
    app: App, tell: Told, scope: PauseScope, key: str, until: datetime | None, then: dict[str, str]
) -> None:
    tell("a")
    tell("b", "portugal")
    plan.run(app)
    pause(app, scope, key, until)

    plan.run(app)

    assert calendar(app) == then
    assert set(happened(app, "post.unslotted")) <= {"paused: quiet"}


def test_what_expired_unsent_ends_with_its_reason_and_a_person_is_told_once(
    app: App, clock: VirtualClock, tell: Told
) -> None:
    planned = tell("planned", expires_at=MONDAY + 2 * DAY)
    never = tell("never", expires_at=MONDAY + 2 * HOUR, channels=())
    plan.run(app)
    clock.advance(2 * DAY)

    summary = plan.run(app)

    assert summary.counts["expired"] == 3
    assert [post_of(app, planned).status, post_of(app, never).status] == ["expired", "expired"]
    assert post_of(app, never).reason == "it expired before it could go out"
    assert alerts(app) == [
        "planned expired on news before it could go out",
        "never expired on news before it could go out",
    ]
    assert not plan.run(app).did_something


def test_a_later_expiry_brings_an_expired_post_back(app: App, clock: VirtualClock, tell: Told) -> None:
    story = tell("a", expires_at=MONDAY + 2 * DAY)
    plan.run(app)
    clock.advance(2 * DAY)
    plan.run(app)

    change(app, story, expires_at=MONDAY + 30 * DAY)
    plan.run(app)

    post = post_of(app, story)
    assert (post.status, post.content_hash, alerts(app)) == ("planned", "", [])
    assert calendar(app) == {"a": "Thu 05 09:00"}
    assert happened(app, "post.revived") == ["its story has a later expiry now"]


@pytest.mark.parametrize("status", ["failed", "cancelled", "published", "removed", "unconfirmed"])
def test_a_story_whose_post_ended_is_not_planned_again_on_that_channel(app: App, tell: Told, status: str) -> None:
    story = tell("a")
    plan.run(app)
    change(app, post_of(app, story), status=status)

    assert not plan.run(app).did_something


def test_what_was_sent_counts_as_a_turn_whoever_placed_it(app: App, tell: Told) -> None:
    sent = tell("sent")
    plan.run(app)
    by_hand = post_of(app, sent)
    change(app, by_hand, status="published", slot_date=None, slot_time=None, due_at=MONDAY - HOUR)
    tell("a")
    tell("b", "portugal")

    plan.run(app)

    assert calendar(app) == {"sent": "nothing else was waiting", "b": "Tue 03 09:00", "a": "Wed 04 09:00"}


def test_a_post_that_a_person_placed_stays_where_it_is(app: App, tell: Told) -> None:
    story = tell("a")
    plan.run(app)
    change(app, post_of(app, story), slot_date=None, slot_time=None, due_at=MONDAY + 5 * DAY + HOUR)
    pause(app, PauseScope.ALL, until=MONDAY + 9 * DAY)

    assert not plan.run(app).did_something
    assert post_of(app, story).due_at == MONDAY + 5 * DAY + HOUR


def test_a_post_from_the_late_window_keeps_its_approval_and_when_it_was_first_due(
    app: App, clock: VirtualClock, tell: Told
) -> None:
    story = tell("a")
    plan.run(app)
    post = post_of(app, story)
    change(app, post, status="approved", slot_date=None, slot_time=None, due_at=None, returns=1)
    clock.advance(DAY + 3 * HOUR)

    plan.run(app)

    again = post_of(app, story)
    assert (again.status, again.returns, again.first_due_at) == ("approved", 1, post.first_due_at)
    assert calendar(app) == {"a": "Wed 04 09:00"}


# The cutoff ---------------------------------------------------------------------------------------------------------


def test_at_the_cutoff_the_next_approved_post_takes_over_and_the_other_waits_again(
    app: App, clock: VirtualClock, tell: Told
) -> None:
    stories = [tell("a"), tell("b", "portugal"), tell("c"), tell("d", "portugal")]
    plan.run(app)
    assert list(calendar(app)) == ["a", "b", "c", "d"]
    for story in stories:
        change(app, post_of(app, story), status="rendered")
    approve(app, post_of(app, stories[2]), post_of(app, stories[3]))
    clock.advance(22 * HOUR)  # two hours before Tuesday's slot

    summary = plan.run(app)

    assert summary.counts["handed over"] == 1
    assert calendar(app)["c"] == "Tue 03 09:00"
    assert calendar(app)["a"] == "Thu 05 09:00"  # the slot that c left
    late, taker = post_of(app, stories[0]), post_of(app, stories[2])
    assert (late.misses, late.status) == (1, "rendered")
    assert taker.reason.startswith("took over a slot that was not approved in time; ")
    assert (taker.status, taker.first_due_at) == ("approved", taker.due_at)
    assert happened(app, "post.unslotted") == ["it was not approved in time"]


def test_an_approved_post_keeps_its_slot_at_the_cutoff(app: App, clock: VirtualClock, tell: Told) -> None:
    story = tell("a")
    plan.run(app)
    approve(app, post_of(app, story))
    clock.advance(22 * HOUR)

    assert not plan.run(app).did_something


def test_a_slot_that_nobody_can_take_stays_empty_and_each_third_miss_is_told(
    app: App, clock: VirtualClock, tell: Told
) -> None:
    story = tell("a")
    told = []
    for _ in range(3):
        plan.run(app)
        due = post_of(app, story).due_at
        assert due is not None
        change(app, post_of(app, story), status="rendered")
        clock.advance_to(due - 2 * HOUR)
        assert plan.yield_unapproved(app).counts == {"slots left empty": 1}
        told.append(len(alerts(app)))

    assert told == [0, 0, 1]
    assert alerts(app)[0].endswith("on news has missed 3 slots: it was not approved in time")
    assert happened(app, "slot.empty")[0] == "2026-03-03 09:00: it was not approved in time"
    assert post_of(app, story).misses == 3


def test_after_the_slot_has_passed_nobody_takes_it_over(app: App, clock: VirtualClock, tell: Told) -> None:
    stories = [tell("a"), tell("b")]
    plan.run(app)
    approve(app, post_of(app, stories[1]))
    clock.advance(DAY + HOUR)

    assert plan.yield_unapproved(app).counts == {"slots left empty": 1}
    assert happened(app, "slot.empty") == ["2026-03-03 09:00: it could not be rendered in time"]


def test_a_paused_slot_is_not_taken_over(app: App, clock: VirtualClock, tell: Told) -> None:
    stories = [tell("a"), tell("b")]
    plan.run(app)
    approve(app, post_of(app, stories[1]))
    pause(app, PauseScope.ALL, until=MONDAY + DAY + HOUR)
    clock.advance(22 * HOUR)

    assert plan.yield_unapproved(app).counts == {"slots left empty": 1}


def test_a_post_that_a_person_placed_has_until_the_end_of_its_late_window(
    app: App, clock: VirtualClock, tell: Told
) -> None:
    story = tell("a")
    plan.run(app)
    change(app, post_of(app, story), status="rendered", slot_date=None, slot_time=None, due_at=MONDAY + HOUR)

    clock.advance(3 * HOUR - timedelta(seconds=1))
    assert not plan.yield_unapproved(app).did_something
    clock.advance(timedelta(seconds=1))
    assert plan.yield_unapproved(app).counts == {"missed their time": 1}


def test_what_a_person_changed_meanwhile_is_left_alone(app: App, tell: Told) -> None:
    story = tell("a")
    plan.run(app)
    seen = post_of(app, story)
    change(app, seen, status="cancelled")
    slot = Slot("news", MONDAY.date(), MONDAY.time(), MONDAY)

    with app.writing() as db:
        assert not changes.take_slot_away(app, db, seen, "too late")
        changes.give_slot(app, db, story, seen, slot, "too late")
        changes.revive(app, db, seen)

    assert (post_of(app, story).status, calendar(app)) == ("cancelled", {"a": "Tue 03 09:00"})
    assert "too late" not in happened(app, "post.planned") + happened(app, "post.unslotted")


def test_a_post_that_waits_for_a_slot_has_none() -> None:
    with pytest.raises(ValueError, match="waits for a slot"):
        slot_of(Post(uuid="1", story="s", channel="news", created_at=MONDAY), None)  # type: ignore[arg-type]
