"""Reports, judged by what an officer reads: sums that say of how many posts they are, ages, sources and causes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign import measure, publish
from campaign.app import App
from campaign.errors import UsageError
from campaign.models import Post, PostStatus, Snapshot, Story
from campaign.platforms.base import COUNTS
from campaign.rehearsal.clock import VirtualClock
from campaign.report import Number, Report, added, as_csv, as_json, as_table, number, report
from campaign.story import Content, Kind, Telling
from tests.making import fresh, make_post, make_story

MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
WEEK = timedelta(days=7)


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def story(app: App, slug: str, *regions: str, kind: Kind = Kind.COURSE, project: str = "") -> Story:
    content = Content(
        kind=kind, regions=regions, language="en", tellings={"en": Telling(title=slug, summary="A summary.")}
    )
    return make_story(app, slug, region=regions[0], content=content, project=project)


def live(app: App, story: Story, at: datetime = MONDAY, **values: str) -> Post:
    """Store a post that went live at a time."""
    return make_post(app, story, due_at=at, published_at=at, status=PostStatus.PUBLISHED, **values)


def weekly(app: App, **options: object) -> Report:
    return report(app, start=MONDAY, end=MONDAY + WEEK, **options)  # type: ignore[arg-type]


def column(report: Report, name: str) -> dict[str, str]:
    header, *rows = as_table(report)
    return {row[0]: row[header.index(name)] for row in rows}


def test_a_folder_counts_no_readers_and_the_report_says_so(app: App, clock: VirtualClock) -> None:
    make_post(app)
    publish.run(app, "news")
    clock.advance(timedelta(hours=1))
    measure.run(app)

    made = weekly(app)

    assert column(made, "Posts") == {
        "Moravia-Silesia": "1",
        "Portugal": "0",
        "Automotive Skills Alliance": "0",
        "Total": "1",
    }
    assert column(made, "Reactions") == {
        "Moravia-Silesia": "not known",
        "Portugal": "–",
        "Automotive Skills Alliance": "–",
        "Total": "not known",
    }
    assert made.notes == (
        "Not known of 1 post (impressions, reactions, comments, shares, clicks): a folder counts no readers.",
    )


def test_a_sum_says_of_how_many_posts_it_is_and_why_not_of_all(app: App, clock: VirtualClock) -> None:
    posts = [live(app, story(app, f"story-{n}", "portugal"), MONDAY + timedelta(hours=n)) for n in range(3)]
    clock.advance(timedelta(days=1))
    measure.record(app, posts[0], {"reactions": 12, "comments": 0}, "anna")
    clock.advance(timedelta(days=1))
    measure.record(app, posts[1], {"reactions": 30}, "joao")

    made = weekly(app, by="channel")

    sums = ["not known", "42 (2 of 3 posts)", "0 (1 of 3 posts)", "not known", "not known", "2026-03-04 09:00 CET"]
    assert as_table(made) == [
        ["Channel", "Posts", "Network", "Impressions", "Reactions", "Comments", "Shares", "Clicks", "As of"],
        ["news", "3", "–", *sums],
        ["kraj", "0", "–", "–", "–", "–", "–", "–", "–"],
        ["Total", "3", "–", *sums],
    ]
    assert made.notes == (
        "Numbers as of 2026-03-04 09:00 CET; the oldest is of 2026-03-03 09:00 CET.",
        "Sources: typed in by anna (1 post), typed in by joao (1 post).",
        "Not known of 2 posts (impressions, shares, clicks): nobody has typed it in.",
        "Not known of 1 post (impressions, reactions, comments, shares, clicks): not counted yet.",
        "Not known of 1 post (comments): nobody has typed it in.",
    )


def snapshot(hours: int, counts: dict[str, int], missing: dict[str, str], source: str = "mastodon") -> Snapshot:
    at = MONDAY + timedelta(hours=hours)
    return Snapshot(
        uuid=str(hours),
        post="p",
        age=hours * 3600,
        due_at=at,
        taken_at=at,
        counts=counts,
        missing=missing,
        source=source,
    )


@pytest.mark.parametrize(
    ("snapshots", "expected"),
    [
        ([], Number(cause="not counted yet")),
        ([snapshot(1, {"clicks": 5}, {})], Number(5, "mastodon", MONDAY + timedelta(hours=1))),
        (
            [snapshot(1, {"clicks": 5}, {}), snapshot(6, {"clicks": 4}, {})],
            Number(4, "mastodon", MONDAY + 6 * WEEK / 168),
        ),
        (
            [snapshot(1, {"clicks": 5}, {}), snapshot(6, {}, {"clicks": "taken down"})],
            Number(5, "mastodon", MONDAY + timedelta(hours=1)),
        ),
        ([snapshot(1, {}, {"clicks": "first"}), snapshot(6, {}, {"clicks": "second"})], Number(cause="second")),
    ],
)
def test_the_newest_known_number_counts_and_keeps_its_own_time(snapshots: list[Snapshot], expected: Number) -> None:
    assert number("clicks", snapshots) == expected


@given(st.lists(st.one_of(st.none(), st.integers(min_value=0, max_value=10**6)), max_size=8))
def test_a_missing_number_is_never_zero(values: list[int | None]) -> None:
    found = added([Number(value) if value is not None else Number(cause="unknown") for value in values])

    known = [value for value in values if value is not None]
    assert found.value == (sum(known) if known else None)
    assert (found.known, found.posts) == (len(known), len(values))
    assert found.known + sum(found.causes.values()) == found.posts
    assert (str(found) == "0") == (bool(known) and len(known) == len(values) and sum(known) == 0)


def test_only_posts_that_went_live_in_the_window_are_counted(app: App) -> None:
    for n, at in enumerate(
        [MONDAY - timedelta(seconds=1), MONDAY, MONDAY + WEEK - timedelta(seconds=1), MONDAY + WEEK]
    ):
        live(app, story(app, f"story-{n}", "portugal"), at)
    make_post(app, story(app, "not-sent", "portugal"), due_in=timedelta(days=1))

    assert weekly(app).total.posts == 2


def test_a_story_of_two_regions_counts_once_for_each_and_once_in_the_total(app: App) -> None:
    live(app, story(app, "shared", "portugal", "moravia-silesia", "asa"))
    live(app, story(app, "alone", "portugal"), MONDAY + timedelta(days=1))
    live(app, story(app, "network", "asa"), MONDAY + timedelta(days=2))

    made = weekly(app)

    assert column(made, "Posts") == {
        "Moravia-Silesia": "1",
        "Portugal": "2",
        "Automotive Skills Alliance": "2",
        "Total": "3",
    }
    assert column(made, "Turns") == {
        "Moravia-Silesia": "0.5",
        "Portugal": "1.5",
        "Automotive Skills Alliance": "–",
        "Total": "",
    }
    assert column(made, "Network")["Total"] == "1 (33%)"
    assert made.notes[-1] == (
        "1 post about several regions: counted once for each of them, and once in the total. "
        "A shared post is a part of a turn for each of its regions."
    )


def test_turns_are_posts_by_weight(config_file: Path, make_app: Callable[..., App]) -> None:
    change(config_file, 'country = "PT"', 'country = "PT"\nweight = 2')
    app = make_app()
    for n in range(3):
        live(app, story(app, f"story-{n}", "portugal"), MONDAY + timedelta(hours=n))

    assert column(weekly(app), "Turns")["Portugal"] == "1.5"


def test_each_region_shows_what_is_to_come_and_for_how_long(app: App, clock: VirtualClock) -> None:
    for n in range(4):
        live(app, story(app, f"past-{n}", "portugal"), MONDAY + timedelta(days=n))
    clock.advance(timedelta(days=14))
    for n in range(3):
        make_post(app, story(app, f"ready-{n}", "portugal"), due_in=timedelta(days=n + 1))
    made = story(app, "made", "portugal")
    make_post(app, made, due_in=timedelta(days=9), status=PostStatus.RENDERED)
    story(app, "waits", "portugal")

    (portugal,) = [row for row in as_table(weekly(app, regions=["portugal"])) if row[0] == "Portugal"]

    assert portugal[-5:] == ["4", "4", "3", "1", "10 days"]  # 4 posts in 14 days, 3 approved: 10.5 days


def test_filters_keep_only_what_was_asked_for(app: App) -> None:
    live(app, story(app, "shared", "portugal", "moravia-silesia", project="trireme"))
    live(app, story(app, "alone", "portugal"), MONDAY + timedelta(days=1))
    live(app, story(app, "other", "moravia-silesia"), MONDAY + timedelta(days=2))

    assert column(weekly(app, regions=["portugal"]), "Posts") == {"Portugal": "2", "Total": "2"}
    assert column(weekly(app, by="project", projects=["trireme"]), "Posts") == {"TRIREME": "1", "Total": "1"}
    assert column(weekly(app, by="project"), "Posts") == {"TRIREME": "1", "no project": "2", "Total": "3"}
    assert column(weekly(app, by="channel", regions=["moravia-silesia"]), "Posts")["Total"] == "2"


def test_kinds_are_told_apart(app: App) -> None:
    live(app, story(app, "one", "portugal", kind=Kind.EVENT))
    live(app, story(app, "two", "portugal", kind=Kind.COURSE), MONDAY + timedelta(days=1))

    assert column(weekly(app, by="kind"), "Posts") == {"course": "1", "event": "1", "Total": "2"}


def test_groups_that_left_the_config_are_still_reported(
    app: App, config_file: Path, make_app: Callable[..., App]
) -> None:
    live(app, story(app, "one", "portugal", project="trireme"))
    for table in ("regions.portugal", "projects.trireme", "channels.news"):
        change(config_file, f"[{table}]", f"[{table}-new]")
    change(config_file, 'approves = ["portugal"]', 'approves = ["everything"]')
    later = make_app(owns=False)

    assert column(weekly(later), "Posts")["portugal"] == "1"
    assert column(weekly(later), "Turns")["portugal"] == "–"
    assert column(weekly(later), "Runway")["portugal"] == "–"
    assert column(weekly(later, by="project"), "Posts")["trireme"] == "1"
    assert column(weekly(later, by="channel"), "Posts")["news"] == "1"


def test_posts_by_hand_and_typed_numbers_are_counted_and_marked(
    config_file: Path, make_app: Callable[..., App], clock: VirtualClock
) -> None:
    change(config_file, 'title = "Regions"', 'title = "Regions"\nmode = "by-hand"')
    app = make_app()
    post = make_post(app)
    publish.run(app, "news")
    with app.reading() as db:
        delivery = publish.read_delivery(db, app.channel("news"), fresh(app, post))
    publish.done(app, delivery, "https://example.org/post/1")
    measure.record(app, fresh(app, post), {"reactions": 9}, "anna")

    made = weekly(app)

    assert (made.total.posts, made.total.by_hand, made.total.sums["reactions"].value) == (1, 1, 9)
    assert "Sources: typed in by anna (1 post)." in made.notes
    assert "1 post published by hand." in made.notes


def test_a_post_taken_down_stays_in_the_report_with_a_note(app: App) -> None:
    post = make_post(app)
    publish.run(app, "news")
    publish.ask(app, fresh(app, post), "takedown")
    publish.run(app, "news")

    made = weekly(app)

    assert made.total.posts == 1
    assert made.notes[-1] == "1 post taken down since."


def test_times_of_an_autumn_night_are_told_apart(app: App, clock: VirtualClock) -> None:
    night = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02:30 in Brussels, for the first time
    post = live(app, story(app, "one", "portugal"), MONDAY)
    clock.advance_to(night)
    measure.record(app, post, {"reactions": 1}, "anna")
    clock.advance(timedelta(hours=1))
    measure.record(app, post, {"comments": 1}, "anna")

    assert weekly(app).notes[0] == ("Numbers as of 2026-10-25 02:30 CET; the oldest is of 2026-10-25 02:30 CEST.")


def test_no_cell_of_the_csv_is_a_formula(config_file: Path, make_app: Callable[..., App]) -> None:
    for old, new in (("news", "=news"), ("kraj", "@kraj")):
        change(config_file, f'folder = "published/{old}"', f'folder = "published/{old}"\nname = "{new}"')
    change(config_file, 'name = "TRIREME"', 'name = "+TRIREME"')
    change(config_file, 'name = { en = "Portugal", pt = "Portugal" }', 'name = "-Portugal"')
    app = make_app()

    texts = [as_csv(weekly(app, by=by)) for by in ("channel", "project", "region")]

    cells = [cell for text in texts for row in csv.reader(io.StringIO(text)) for cell in row]
    assert {"'=news", "'@kraj", "'+TRIREME", "'-Portugal"} <= set(cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_csv_leaves_a_cell_empty_where_a_number_is_not_known(app: App) -> None:
    post = live(app, story(app, "one", "moravia-silesia"))
    measure.record(app, post, {"reactions": 0}, "anna")

    header, first, *_ = as_csv(weekly(app)).split("\r\n")

    assert header == (
        "region,name,posts,network_posts,by_hand_posts,impressions,impressions_known_of,reactions,reactions_known_of,"
        "comments,comments_known_of,shares,shares_known_of,clicks,clicks_known_of,oldest_number,newest_number,"
        "turns,planned,approved,waiting,runway_days,sources,why_missing"
    )
    assert first == (
        "moravia-silesia,Moravia-Silesia,1,0,0,,0,0,1,,0,,0,,0,"
        "2026-03-02T08:00:00+00:00,2026-03-02T08:00:00+00:00,1.0,0,0,0,0.0,"
        'typed in by anna,"Not known of 1 post (impressions, comments, shares, clicks): nobody has typed it in"'
    )


def test_json_says_null_where_a_number_is_not_known(app: App) -> None:
    post = live(app, story(app, "one", "moravia-silesia"))
    measure.record(app, post, {"reactions": 0}, "anna")

    told = json.loads(as_json(weekly(app)))

    assert (told["start"], told["by"]) == ("2026-03-02T08:00:00+00:00", "region")
    assert told["total"]["sums"]["reactions"] == {"value": 0, "known": 1, "posts": 1, "causes": {}}
    cause = {"nobody has typed it in": 1}
    assert told["total"]["sums"]["clicks"] == {"value": None, "known": 0, "posts": 1, "causes": cause}
    assert told["total"]["sources"] == {"typed in by anna": 1}
    assert set(told["total"]["sums"]) == set(COUNTS)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"by": "month"}, 'there is no grouping "month"\n  Known here: channel, kind, project, region.'),
        ({"regions": ["portugual"]}, 'there is no region "portugual"\n  Did you mean "portugal"?'),
        ({"projects": ["drives"]}, 'there is no project "drives"\n  Known here: trireme.'),
    ],
)
def test_an_unknown_word_is_told_with_what_was_meant(app: App, options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError) as refused:
        weekly(app, **options)

    assert str(refused.value) == message
