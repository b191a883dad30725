"""Counts as a service gives them, judged by what is stored: a number with its source and age, or a cause."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign import measure, publish, store
from campaign.app import App
from campaign.errors import ChannelBlocked, NotSent, RateLimited, Unsupported, UsageError
from campaign.models import Post, PostStatus, Snapshot
from campaign.platforms import PLATFORMS
from campaign.platforms.base import COUNTS, Metrics
from campaign.platforms.folder import Folder
from campaign.rehearsal.clock import VirtualClock
from tests.making import fresh, make_post, make_story

FOLDER = dict.fromkeys(COUNTS, "a folder counts no readers")
HOUR = timedelta(hours=1)


@dataclass
class Service:
    """What the service behind a channel is asked, and what it answers."""

    answer: Callable[[Sequence[str]], dict[str, Metrics]] = lambda ids: {}
    asked: list[list[str]] = field(default_factory=list)

    def fails(self, error: Exception) -> None:
        def fail(_ids: Sequence[str]) -> dict[str, Metrics]:
            raise error

        self.answer = fail


class Counting(Folder):
    """A folder on a service that counts."""

    name = "counting"
    service: ClassVar[Service] = Service()

    def metrics(self, remote_ids: Sequence[str]) -> dict[str, Metrics]:
        self.service.asked.append(list(remote_ids))
        return self.service.answer(remote_ids)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, config_file: Path) -> Service:
    """Let channel `news` stand on a service that counts. To be asked for before `app`."""
    made = Service()
    monkeypatch.setitem(PLATFORMS, "counting", "tests.test_measure:Counting")
    monkeypatch.setattr(Counting, "service", made)
    change(
        config_file, 'platform = "folder"\nfolder = "published/news"', 'platform = "counting"\nfolder = "published/n"'
    )
    return made


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def live(app: App, slug: str = "battery-modules", *, channel: str = "news", parts: int = 1) -> Post:
    """Publish a post through the channel's platform."""
    post = make_post(app, make_story(app, slug), channel=channel, text=f"About {slug}.", parts=parts)
    publish.run(app, channel)
    assert fresh(app, post).status == PostStatus.PUBLISHED
    return fresh(app, post)


def taken(app: App, post: Post) -> list[Snapshot]:
    with app.reading() as db:
        return store.snapshots_of(db, [post.uuid])[post.uuid]


def seen(app: App, post: Post) -> list[tuple[int, dict[str, int], set[str]]]:
    """Return age in hours, counts, and the causes of each taken snapshot."""
    return [(one.age // 3600, one.counts, set(one.missing.values())) for one in taken(app, post)]


def test_a_folder_has_no_numbers_and_each_missing_one_names_the_cause(app: App, clock: VirtualClock) -> None:
    post = live(app)
    clock.advance(HOUR)

    summary = measure.run(app)

    (snapshot,) = taken(app, post)
    assert (snapshot.counts, snapshot.missing, snapshot.source) == ({}, FOLDER, "folder")
    assert str(summary) == "measure: 1 without numbers"


def test_counts_are_stored_with_their_source_and_age(service: Service, app: App, clock: VirtualClock) -> None:
    post = live(app)
    service.answer = lambda ids: {each: Metrics({"reactions": 0, "shares": 4}, {"clicks": "ads only"}) for each in ids}
    clock.advance(HOUR)

    assert str(measure.run(app)) == "measure: 1 counted"
    assert str(measure.run(app)) == "measure: nothing to do"

    (snapshot,) = taken(app, post)
    assert (snapshot.age, snapshot.source, snapshot.taken_at) == (3600, "counting", clock.now())
    assert snapshot.counts == {"reactions": 0, "shares": 4}
    silent = "the platform did not say"
    assert snapshot.missing == {"impressions": silent, "comments": silent, "clicks": "ads only"}


@pytest.mark.parametrize(
    ("first", "second", "comments"),
    [
        (Metrics({"comments": 3, "shares": 2}), Metrics({"comments": 1}), 2),
        (Metrics({"comments": 1}), Metrics({"comments": 0}), 0),
        (Metrics({"comments": 0}), Metrics({"comments": 1}), 0),  # counted before it came
        (Metrics({"comments": 3}), Metrics(missing={"comments": "it is gone"}), 3),
        (Metrics({"comments": 3}), None, 3),
        (Metrics(missing={"comments": "it is gone"}), Metrics({"comments": 1}), None),
    ],
)
def test_a_thread_is_measured_by_its_first_part_without_our_own_that_answers_it(
    service: Service, app: App, clock: VirtualClock, first: Metrics, second: Metrics | None, comments: int | None
) -> None:
    post = live(app, parts=3)
    with app.reading() as db:
        ids = [str(part.remote_id) for part in store.parts_of(db, post.uuid)]
    service.answer = lambda asked: {one: told for one, told in zip(ids, (first, second), strict=False) if told}
    clock.advance(HOUR)

    measure.run(app)

    assert service.asked == [ids[:2]]
    (snapshot,) = taken(app, post)
    assert snapshot.counts == first.counts | ({} if comments is None else {"comments": comments})
    assert set(snapshot.counts) | set(snapshot.missing) == set(COUNTS)


def test_posts_are_asked_about_in_batches(
    service: Service, app: App, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measure, "BATCH", 2)
    for slug in ("one-story", "two-story", "three-story"):
        live(app, slug)
        clock.advance(timedelta(days=8))  # the same picture is not sent twice in a week

    measure.run(app)

    assert [len(ids) for ids in service.asked] == [2, 1]


def test_ages_that_went_by_uncounted_are_not_given_later_numbers(
    service: Service, app: App, clock: VirtualClock
) -> None:
    post = live(app)
    service.answer = lambda ids: {each: Metrics(dict.fromkeys(COUNTS, 7)) for each in ids}
    clock.advance(timedelta(hours=30))

    measure.run(app)

    late = {"it was not counted at that age"}
    assert seen(app, post) == [(1, {}, late), (6, {}, late), (24, dict.fromkeys(COUNTS, 7), set())]
    assert len(service.asked) == 1


def test_a_platform_that_cannot_be_asked_is_asked_ever_rarer_for_a_day_and_then_the_cause_stays(
    service: Service, app: App, clock: VirtualClock
) -> None:
    post = live(app)
    clock.advance(timedelta(hours=720))
    service.fails(NotSent("connection refused"))
    asked_at = []
    for hour in range(30):
        before = len(service.asked)
        measure.run(app)  # at first the ages before the last one went by, too
        asked_at += [hour] if len(service.asked) > before else []
        clock.advance(HOUR)

    assert seen(app, post)[-1] == (720, {}, {"the platform could not be asked: connection refused"})
    assert asked_at == [0, 1, 2, 3, 5, 8, 12, 18, 24]


def test_a_platform_that_comes_back_within_the_day_is_counted(service: Service, app: App, clock: VirtualClock) -> None:
    post = live(app)
    clock.advance(HOUR)
    service.fails(NotSent("connection refused"))
    assert str(measure.run(app)) == "measure: 1 to try again"
    assert str(measure.run(app)) == "measure: nothing to do"

    service.answer = lambda ids: {each: Metrics({"reactions": 3}) for each in ids}
    clock.advance(measure.RETRY)
    measure.run(app)

    assert [one.counts for one in taken(app, post)] == [{"reactions": 3}]


def test_a_platform_that_asks_to_wait_is_left_alone_for_so_long(
    service: Service, app: App, clock: VirtualClock
) -> None:
    live(app)
    clock.advance(HOUR)
    service.fails(RateLimited("slow down", retry_after=timedelta(hours=3)))
    measure.run(app)
    clock.advance(timedelta(hours=2, minutes=59))
    measure.run(app)

    assert len(service.asked) == 1


@pytest.mark.parametrize("error", [ChannelBlocked("the role was lost"), ZeroDivisionError("a bug of ours")])
def test_a_failing_channel_stops_no_other(service: Service, app: App, clock: VirtualClock, error: Exception) -> None:
    failing, other = live(app), live(app, "quiet-story", channel="kraj")
    service.fails(error)
    clock.advance(HOUR)

    measure.run(app)

    assert taken(app, failing) == []
    assert [one.missing for one in taken(app, other)] == [FOLDER]


def test_what_a_platform_cannot_do_is_told_in_its_words(service: Service, app: App, clock: VirtualClock) -> None:
    post = live(app)
    service.fails(Unsupported("this account type has no insights"))
    clock.advance(HOUR)

    measure.run(app)

    assert seen(app, post) == [(1, {}, {"this account type has no insights"})]


def test_a_platform_that_forgets_a_post_leaves_a_cause(service: Service, app: App, clock: VirtualClock) -> None:
    post = live(app)
    clock.advance(HOUR)

    measure.run(app)

    assert seen(app, post) == [(1, {}, {"the platform said nothing about this post"})]


def test_a_post_that_was_taken_down_is_not_asked_about(service: Service, app: App, clock: VirtualClock) -> None:
    post = live(app)
    publish.ask(app, post, "takedown")
    publish.run(app, "news")
    clock.advance(HOUR)

    measure.run(app)

    assert seen(app, post) == [(1, {}, {"the post was taken down"})]
    assert service.asked == []


def test_numbers_of_a_by_hand_channel_are_asked_of_people(
    config_file: Path, make_app: Callable[..., App], clock: VirtualClock
) -> None:
    change(config_file, 'title = "Regions"', 'title = "Regions"\nmode = "by-hand"')
    app = make_app()
    post = make_post(app)
    publish.run(app, "news")
    with app.reading() as db:
        delivery = publish.read_delivery(db, app.channel("news"), fresh(app, post))
    publish.done(app, delivery, "https://example.org/post/1")
    clock.advance(HOUR)

    measure.run(app)

    assert seen(app, post) == [(1, {}, {"it was published by hand, and nobody has typed this number in"})]


def test_a_channel_that_left_the_config_leaves_a_cause(
    app: App, config_file: Path, make_app: Callable[..., App], clock: VirtualClock
) -> None:
    post = live(app)
    change(config_file, "[channels.news]", "[channels.fresh]")
    clock.advance(HOUR)

    measure.run(make_app(owns=False))

    assert seen(app, post) == [(1, {}, {"channel news is no longer in the config"})]


NUMBERS = st.dictionaries(st.sampled_from([*COUNTS, "saves"]), st.integers(min_value=0, max_value=10**9))
CAUSES = st.dictionaries(st.sampled_from([*COUNTS, "saves"]), st.sampled_from(["", "ads only", "too few readers"]))


@given(counts=NUMBERS, missing=CAUSES)
def test_whatever_a_platform_answers_each_word_has_its_number_or_a_cause_and_no_number_is_made_up(
    counts: dict[str, int], missing: dict[str, str]
) -> None:
    known = measure.complete(Metrics(counts, missing))

    assert sorted([*known.counts, *known.missing]) == sorted(COUNTS)
    assert dict(known.counts) == {word: number for word, number in counts.items() if word in COUNTS}
    assert all(known.missing.values())


def test_typed_numbers_are_stored_at_the_present_age_with_the_person(app: App, clock: VirtualClock) -> None:
    post = live(app)
    clock.advance(timedelta(minutes=90))

    measure.record(app, post, {"reactions": 12, "comments": 3}, "anna")

    (snapshot,) = taken(app, post)
    assert (snapshot.age, snapshot.source) == (5400, "typed in by anna")
    assert snapshot.counts == {"reactions": 12, "comments": 3}
    assert snapshot.missing == dict.fromkeys(("impressions", "shares", "clicks"), "nobody has typed it in")
    with app.reading() as db:
        (event,) = store.events(db, what="post.recorded")
    assert (event.who, event.note) == ("anna", "reactions 12, comments 3")


def test_typing_twice_in_a_second_and_at_a_scheduled_age_loses_nothing(app: App, clock: VirtualClock) -> None:
    post = live(app)
    clock.advance(HOUR)

    measure.record(app, post, {"reactions": 12}, "anna")
    measure.record(app, post, {"reactions": 13}, "joao")
    measure.run(app)

    assert [(one.age, one.counts, one.source) for one in taken(app, post)] == [
        (3600, {}, "folder"),
        (3601, {"reactions": 12}, "typed in by anna"),
        (3602, {"reactions": 13}, "typed in by joao"),
    ]


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ([], "no numbers given\n  Write for example: campaign post record {id} reactions=12"),
        (["reaction=1"], 'there is no count "reaction"\n  Did you mean "reactions"?'),
        (["reactions=-1"], "reactions=-1: a count cannot be negative\n  Leave out what you do not know."),
        (["reactions=many"], '"reactions=many" is no count\n  Write for example: reactions=12 comments=3'),
        (["12"], '"12" is no count\n  Write for example: reactions=12 comments=3'),
    ],
)
def test_wrong_numbers_are_refused_and_nothing_is_stored(app: App, typed: list[str], message: str) -> None:
    post = live(app)

    with pytest.raises(UsageError) as refused:
        measure.record(app, post, measure.parse_counts(typed), "anna")

    assert str(refused.value) == message.format(id=post.uuid[:8])
    assert taken(app, post) == []


def test_a_post_that_was_never_live_has_nothing_to_count(app: App) -> None:
    post = make_post(app)

    with pytest.raises(UsageError) as refused:
        measure.record(app, post, measure.parse_counts(["Reactions = 12"]), "anna")

    short = post.uuid[:8]
    assert str(refused.value) == (
        f"post {short} is approved and was never live, so nobody can have counted anything\n  campaign why {short}"
    )
