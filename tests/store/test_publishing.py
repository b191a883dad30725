"""The publishing protocol's questions: what is due, what was tried, what is live already."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from campaign import store
from campaign.app import App
from campaign.models import MAY_BE_LIVE, Attempt, Outcome, Part, PartContent, Post, PostStatus
from tests.making import fresh, make_post, make_story

pytest_plugins = ["tests.postgres"]

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def ids(posts: list[Post]) -> list[str]:
    return [post.uuid for post in posts]


def part_of(app: App, post: Post, n: int = 1) -> Part:
    with app.reading() as db:
        return store.parts_of(db, post.uuid)[n - 1]


def bind(app: App, post: Post, remote_id: str, n: int = 1) -> None:
    """Note the platform's id of a part."""
    with app.writing() as db:
        db.get_one(Part, part_of(app, post, n).uuid).remote_id = remote_id


def try_it(app: App, post: Post, outcome: Outcome | None = None, *, n: int = 1, at: datetime | None = None) -> Attempt:
    """Begin an attempt at a part, and end it unless it has no outcome."""
    at = at or app.clock.now()
    part = part_of(app, post, n).uuid
    attempt = Attempt(uuid=app.new_id(), part=part, epoch=1, sender="me", started_at=at, send_by=at + MINUTE)
    with app.writing() as db:
        store.open_attempt(db, attempt)
        if outcome is not None:
            assert store.close_attempt(db, attempt, outcome, "as arranged", at + MINUTE)
    return attempt


def a_post(app: App, slug: str, **values: Any) -> Post:
    return make_post(app, make_story(app, slug), **values)


def test_what_is_due_comes_by_slot_and_a_thread_that_was_begun_goes_first(app: App) -> None:
    later, sooner = a_post(app, "a", due_in=-HOUR), a_post(app, "b", due_in=-2 * HOUR)
    begun = a_post(app, "c", due_in=-MINUTE, status=PostStatus.SENDING)
    on_time = a_post(app, "d")
    a_post(app, "e", due_in=MINUTE)
    a_post(app, "f", due_in=-3 * HOUR, status=PostStatus.RENDERED)
    a_post(app, "g", due_in=-HOUR, channel="kraj")
    a_post(app, "h", due_in=-4 * HOUR, next_try_at=app.clock.now() + MINUTE)
    again = a_post(app, "i", due_in=-5 * HOUR, next_try_at=app.clock.now())

    with app.reading() as db:
        assert ids(store.due_posts(db, "news", app.clock.now())) == ids([begun, again, sooner, later, on_time])
        assert store.due_posts(db, "news", app.clock.now() - DAY) == [fresh(app, begun)]


WORK: list[tuple[str, dict[str, Any], bool]] = [
    ("approved and due", {}, True),
    ("approved, before its slot", {"due_in": MINUTE}, False),
    ("approved, to be tried later", {"next_try_at": MINUTE}, False),
    ("approved, to be tried now", {"next_try_at": timedelta(0)}, True),
    ("begun", {"status": PostStatus.SENDING, "next_try_at": MINUTE}, True),
    ("unconfirmed", {"status": PostStatus.UNCONFIRMED}, True),
    ("unconfirmed, to be asked later", {"status": PostStatus.UNCONFIRMED, "next_try_at": MINUTE}, False),
    ("a wish", {"status": PostStatus.FAILED, "wish": "retry"}, True),
    ("to be looked at again", {"status": PostStatus.PUBLISHED, "confirm_at": timedelta(0)}, True),
    ("to be looked at later", {"status": PostStatus.PUBLISHED, "confirm_at": MINUTE}, False),
    ("on another channel", {"channel": "kraj", "wish": "now"}, False),
    *[
        (f"at rest: {status}", {"status": status}, False)
        for status in PostStatus
        if status not in (PostStatus.APPROVED, PostStatus.SENDING, PostStatus.UNCONFIRMED)
    ],
]


@pytest.mark.parametrize(("why", "values", "work"), WORK, ids=[case[0] for case in WORK])
def test_an_owner_has_work_for_a_reason(app: App, why: str, values: dict[str, Any], work: bool) -> None:
    now = app.clock.now()
    times = {key: now + value for key, value in values.items() if key in ("next_try_at", "confirm_at")}
    make_post(app, **{**values, **times})

    with app.reading() as db:
        assert bool(store.work_on(db, "news", now)) is work


def test_a_channel_without_posts_has_no_work(app: App) -> None:
    with app.reading() as db:
        assert not store.work_on(db, "news", app.clock.now())


def test_what_comes_due_is_told_of_each_channel_by_its_first_approved_post(app: App) -> None:
    now, both = app.clock.now(), ["news", "kraj"]
    soon, late = now + MINUTE, now + 2 * MINUTE
    story = make_story(app)
    make_post(app, story, due_at=soon)
    make_post(app, story, due_at=late, occurrence=2)
    make_post(app, story, channel="kraj", due_at=soon, status=PostStatus.RENDERED)
    make_post(app, story, channel="kraj", due_at=late, occurrence=2)
    make_post(app, story, channel="gone", due_at=soon)

    with app.reading() as db:
        assert store.coming_due(db, both, now, late) == {"news": soon, "kraj": late}
        assert store.coming_due(db, both, soon, late) == {"news": late, "kraj": late}
        assert store.coming_due(db, both, now - MINUTE, now) == {}


def test_wishes_are_those_of_one_channel(app: App) -> None:
    wished = [a_post(app, "a", wish="now"), a_post(app, "b", due_in=HOUR, wish="retry", status=PostStatus.FAILED)]
    a_post(app, "c", due_in=2 * HOUR)
    a_post(app, "d", channel="kraj", wish="now")

    with app.reading() as db:
        assert ids(store.wished_posts(db, "news")) == sorted(ids(wished))


def test_live_parts_are_looked_at_again_when_their_time_has_come(app: App) -> None:
    now = app.clock.now()
    live = a_post(app, "a", parts=3, status=PostStatus.PUBLISHED, confirm_at=now)
    for n in (1, 2):
        bind(app, live, f"7{n}", n)
    for slug, when, channel in (("b", now + MINUTE, "news"), ("c", None, "news"), ("d", now, "kraj")):
        other = a_post(
            app, slug, status=PostStatus.PUBLISHED, confirm_at=when, channel=channel, due_in=ord(slug) * HOUR
        )
        bind(app, other, slug)

    with app.reading() as db:
        found = store.unconfirmed_parts(db, "news", now)
        assert [(post.uuid, part.remote_id) for post, part in found] == [(live.uuid, "71"), (live.uuid, "72")]


def test_an_attempt_makes_earlier_looks_worthless_for_its_part_alone(app: App) -> None:
    post = make_post(app, parts=2)
    with app.writing() as db:
        for part in store.parts_of(db, post.uuid):
            part.absent_at = app.clock.now()

    try_it(app, post, n=2)

    assert [part_of(app, post, n).absent_at for n in (1, 2)] == [app.clock.now(), None]


ENDS = [
    (None, Outcome.PUBLISHED, True),
    (None, Outcome.NOT_SENT, True),
    (Outcome.UNKNOWN, Outcome.PUBLISHED, True),  # the answer came late
    (Outcome.UNKNOWN, Outcome.NOT_SENT, False),
    (Outcome.NOT_SENT, Outcome.PUBLISHED, False),
    (Outcome.REJECTED, Outcome.UNKNOWN, False),
    (Outcome.PUBLISHED, Outcome.PUBLISHED, False),
]


@pytest.mark.parametrize(("first", "then", "counts"), ENDS)
def test_an_attempt_ends_once_and_only_a_late_yes_corrects_an_unknown_end(
    app: App, first: Outcome | None, then: Outcome, counts: bool
) -> None:
    post = make_post(app)
    attempt = try_it(app, post, first)
    later = app.clock.now() + HOUR

    with app.writing() as db:
        assert store.close_attempt(db, attempt, then, "the end " * 1000, later) is counts

    with app.reading() as db:
        (stored,) = store.attempts_of(db, attempt.part)
    expected = (str(then), later) if counts else (first and str(first), app.clock.now() + MINUTE)
    assert (stored.outcome, stored.ended_at) == expected
    assert len(stored.detail) <= 2000
    assert stored.detail.startswith("the end" if counts else "as arranged")


def test_an_attempt_that_nobody_began_cannot_end(app: App) -> None:
    now = app.clock.now()
    stranger = Attempt(uuid="nobody's", part="x", epoch=1, sender="me", started_at=now, send_by=now)

    with app.writing() as db:
        assert not store.close_attempt(db, stranger, Outcome.PUBLISHED, "", now)


def test_open_attempts_are_told_by_channel_with_their_posts(app: App) -> None:
    post = a_post(app, "a", parts=2)
    try_it(app, post, Outcome.PUBLISHED)
    open_one = try_it(app, post, n=2)
    try_it(app, a_post(app, "b", channel="kraj"))

    with app.reading() as db:
        ((attempt, part, of),) = store.open_attempts(db, "news")
        assert (attempt.uuid, part.n, of.uuid) == (open_one.uuid, 2, post.uuid)
        assert store.open_attempts(db, "radio") == []


def test_attempts_come_oldest_first_and_the_newest_is_the_last(app: App) -> None:
    post = make_post(app, parts=2)
    now = app.clock.now()
    second = try_it(app, post, Outcome.UNKNOWN, at=now)
    first = try_it(app, post, Outcome.NOT_SENT, at=now - HOUR)
    try_it(app, post, at=now + HOUR, n=2)

    with app.reading() as db:
        assert [each.uuid for each in store.attempts_of(db, second.part)] == [first.uuid, second.uuid]
        newest = store.last_attempt(db, second.part)
        assert newest is not None
        assert newest.uuid == second.uuid
        assert store.last_attempt(db, "nobody's") is None


def test_an_id_of_the_platform_belongs_to_one_part_of_a_channel(app: App) -> None:
    post = a_post(app, "a")
    bind(app, post, "7")
    bind(app, a_post(app, "b", channel="kraj"), "8")

    with app.reading() as db:
        bound = store.part_bound_to(db, "news", "7")
        assert bound is not None
        assert bound.post == post.uuid
        assert store.part_bound_to(db, "news", "8") is None


@pytest.mark.parametrize("status", PostStatus)
def test_what_is_or_may_be_live_or_was_counts_as_sent(app: App, status: PostStatus) -> None:
    post = make_post(app, status=status)
    try_it(app, post, Outcome.UNKNOWN)
    now = app.clock.now()

    with app.reading() as db:
        sent = store.sent_between(db, "news", now, now + MINUTE)
    assert sent == ([now] if status in (*MAY_BE_LIVE, PostStatus.REMOVED) else [])


def test_a_post_counts_once_from_when_it_last_may_have_gone_out_and_a_by_hand_one_from_its_slot(app: App) -> None:
    now = app.clock.now()
    thread = a_post(app, "a", parts=2, status=PostStatus.PUBLISHED, due_in=-9 * HOUR)
    for n, ago in ((1, 3), (1, 2), (2, 1)):
        try_it(app, thread, Outcome.UNKNOWN, n=n, at=now - ago * HOUR)
    a_post(app, "b", status=PostStatus.UNCONFIRMED, due_in=-4 * HOUR)
    a_post(app, "c", status=PostStatus.PUBLISHED, due_in=-6 * HOUR, published_at=now - 5 * HOUR)
    other = a_post(app, "d", status=PostStatus.SENDING, due_in=-MINUTE)
    a_post(app, "e", status=PostStatus.PUBLISHED, channel="kraj")

    with app.reading() as db:
        sent = store.sent_between(db, "news", now - 5 * HOUR, now + MINUTE)
        assert sent == [now - 5 * HOUR, now - 4 * HOUR, now - 2 * HOUR, now - MINUTE]
        assert store.sent_between(db, "news", now - 5 * HOUR, now - 3 * HOUR) == sent[:2]
        assert store.sent_between(db, "news", now - HOUR, now, besides=other.uuid) == []
        assert store.sent_between(db, "radio", now - DAY, now + DAY) == []
    assert {moment.tzinfo for moment in sent} == {now.tzinfo}


@pytest.mark.parametrize("outcome", [Outcome.NOT_SENT, Outcome.REJECTED])
def test_an_attempt_that_sent_nothing_is_not_when_a_post_went_out(app: App, outcome: Outcome) -> None:
    now = app.clock.now()
    post = a_post(app, "a", status=PostStatus.PUBLISHED, due_in=-3 * HOUR)
    try_it(app, post, outcome, at=now - 3 * HOUR)
    try_it(app, post, Outcome.PUBLISHED, at=now - HOUR)
    try_it(app, post, outcome, at=now)

    with app.reading() as db:
        assert store.sent_between(db, "news", now - DAY, now + MINUTE) == [now - HOUR]


def rewrite(app: App, post: Post, text: str, *pictures: str) -> Post:
    """Give a post one part with this text and these pictures."""
    image = {"media_type": "image/jpeg", "width": 1, "height": 1, "size": 1, "alt": ""}
    images = tuple({**image, "sha256": sha256} for sha256 in pictures)
    content = PartContent.model_validate({"text": text, "language": "en", "images": images})
    with app.writing() as db:
        store.replace_parts(db, post, [content], app.new_id)
    return post


def contents_of(app: App, post: Post) -> list[dict[str, Any]]:
    with app.reading() as db:
        return [part.content for part in store.parts_of(db, post.uuid)]


TWINS: list[tuple[str, tuple[str, ...], dict[str, Any], bool]] = [
    ("Open day", (), {}, True),
    ("Another", ("card-1",), {}, True),
    ("Another", ("card-2", "card-1"), {}, True),
    ("Another", ("card-2",), {}, False),
    ("open day", (), {}, False),
    ("Open day", (), {"status": PostStatus.UNCONFIRMED}, True),
    ("Open day", (), {"status": PostStatus.PARTIAL}, True),
    ("Open day", (), {"status": PostStatus.FAILED}, False),
    ("Open day", (), {"status": PostStatus.REMOVED}, False),
    ("Open day", (), {"status": PostStatus.APPROVED}, False),
    ("Open day", (), {"due_in": -8 * DAY}, False),
    ("Open day", (), {"due_in": -7 * DAY}, True),
    ("Open day", (), {"channel": "kraj"}, False),
]


@pytest.mark.parametrize(("text", "pictures", "values", "is_twin"), TWINS)
def test_a_twin_says_or_shows_the_same_on_the_same_channel_lately(
    app: App, text: str, pictures: tuple[str, ...], values: dict[str, Any], is_twin: bool
) -> None:
    post = rewrite(app, a_post(app, "a"), "Open day", "card-1", "card-3")
    other = a_post(app, "b", **{"status": PostStatus.PUBLISHED, "due_in": -DAY, **values})
    rewrite(app, other, text, *pictures)

    with app.reading() as db:
        twin = store.twin_of(db, post, contents_of(app, post), app.clock.now() - 7 * DAY)
    assert (twin.uuid if twin else None) == (other.uuid if is_twin else None)


def test_a_part_of_a_thread_may_be_the_twin_and_the_first_of_several_is_told(app: App) -> None:
    post = a_post(app, "a", text="Open day", parts=2)
    later = a_post(app, "b", text="Open day", status=PostStatus.PUBLISHED, due_in=-HOUR)
    sooner = rewrite(app, a_post(app, "c", status=PostStatus.PUBLISHED, due_in=-2 * HOUR), "Open day (2/2)")

    with app.reading() as db:
        for expected in (sooner, later):
            twin = store.twin_of(db, post, contents_of(app, post), (expected.due_at or app.clock.now()))
            assert twin is not None
            assert twin.uuid == expected.uuid


def test_what_is_paid_for_are_the_parts_that_went_out_or_may_have_each_once(app: App) -> None:
    now = app.clock.now()
    live = a_post(app, "live", due_in=-2 * HOUR, status=PostStatus.PARTIAL, parts=3)
    try_it(app, live, Outcome.PUBLISHED, at=now - 2 * HOUR)
    bind(app, live, "1")
    try_it(app, live, Outcome.UNKNOWN, n=2, at=now - 90 * MINUTE)
    try_it(app, live, Outcome.PUBLISHED, n=2, at=now - HOUR)
    try_it(app, live, Outcome.REJECTED, n=3, at=now - HOUR)
    perhaps = a_post(app, "perhaps", due_in=-MINUTE, status=PostStatus.SENDING)
    try_it(app, perhaps, at=now - MINUTE)
    typed = a_post(app, "typed", due_in=-3 * HOUR, status=PostStatus.REMOVED, published_at=now - 3 * HOUR)
    bind(app, typed, "2")
    a_post(app, "later", due_in=HOUR)
    a_post(app, "elsewhere", channel="kraj", status=PostStatus.PUBLISHED, published_at=now)

    with app.reading() as db:
        paid = store.paid_between(db, "news", now - DAY, now)
        assert [(story, at) for story, _, at in paid] == [
            (typed.story, now - 3 * HOUR),
            (live.story, now - 2 * HOUR),
            (live.story, now - HOUR),
            (perhaps.story, now - MINUTE),
        ]
        assert [content["images"] != [] for _, content, _ in paid] == [True, True, False, True]
        assert len(store.paid_between(db, "news", now - DAY, now, besides=live.uuid)) == 2
        assert store.paid_between(db, "news", now - 2 * HOUR, now - HOUR) == [paid[1]]


def test_a_reply_that_sets_an_old_post_right_is_paid_for_when_it_goes_out(app: App) -> None:
    now = app.clock.now()
    old = a_post(app, "old", due_in=-40 * DAY, status=PostStatus.PUBLISHED, parts=2)
    try_it(app, old, Outcome.PUBLISHED, at=now - 40 * DAY)
    bind(app, old, "1")
    try_it(app, old, Outcome.PUBLISHED, n=2, at=now - HOUR)
    with app.writing() as db:
        store.change_post(db, old, approved_at=now - 2 * HOUR)  # as a correction has it

    with app.reading() as db:
        assert [at for _, _, at in store.paid_between(db, "news", now - DAY, now)] == [now - HOUR]
