"""`campaign status`, `why`, `report`, `log`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from campaign.app import App
from campaign.models import PostStatus
from tests.cli.conftest import Keyboard
from tests.making import make_post, make_story


@pytest.fixture
def told(campaign: Keyboard, make_app: Callable[..., App]) -> Keyboard:
    """One post went out two days ago."""
    app = make_app(owns=False)
    live = app.clock.now() - timedelta(days=2)
    make_post(app, make_story(app), status=PostStatus.PUBLISHED, due_in=timedelta(days=-2), published_at=live)
    return campaign


def test_status_ends_with_what_to_type(campaign: Keyboard) -> None:
    assert campaign("status").rstrip().endswith("Type next:\n  campaign add PATH\n  campaign daemon")
    assert campaign.json("status")["needs"] == []


def test_status_that_needs_a_person_exits_with_3(campaign: Keyboard, make_app: Callable[..., App]) -> None:
    app = make_app(owns=False)
    with app.writing() as db:
        app.alert(db, "disk", "the disk is nearly full")

    assert "the disk is nearly full" in campaign("status", code=3)
    assert campaign("status", "--json", code=3)


def test_why_answers_for_posts_stories_and_regions(planned: Keyboard) -> None:
    assert "Why this slot: nothing else was waiting." in planned("why", "battery-modules@news")
    assert "news: planned for Tue 3 Mar 2026 09:00 CET" in planned("why", "battery-modules")
    assert "Moravia-Silesia" in planned("why", "moravia-silesia")
    assert "there is no post or story" in planned("why", "nonsense", code=2)


def test_a_report_is_a_table_with_the_causes_of_what_is_missing(told: Keyboard) -> None:
    shown = told("report")

    assert "Moravia-Silesia" in shown
    assert "not counted yet" in shown
    assert max(map(len, shown.splitlines())) > 80  # in a pipe nothing is folded


def test_a_report_covers_the_days_that_were_asked_for(told: Keyboard) -> None:
    def posts(*words: str) -> int:
        return int(told.json("report", *words)["total"]["posts"])

    assert posts() == 1
    assert posts("--from", "2026-02-28", "--to", "2026-02-28") == 1
    assert posts("--from", "2026-03-01") == 0
    assert posts("--to", "2026-02-27") == 0
    assert posts("--from", "2026-02-28 08:30", "--to", "2026-02-28 09:30") == 1
    assert "is no time I understand" in told("report", "--from", "lately", code=2)


def test_a_report_is_grouped_and_narrowed(told: Keyboard) -> None:
    assert [row["group"] for row in told.json("report", "--by", "channel")["rows"]] == ["news", "kraj"]
    assert [row["group"] for row in told.json("report", "--region", "portugal")["rows"]] == ["portugal"]
    assert 'there is no region "portgual"' in told("report", "--region", "portgual", code=2)


@pytest.mark.parametrize(
    "words", [("--format", "csv"), ("--out", "march.csv"), ("--format", "csv", "--out", "march.txt")]
)
def test_a_report_as_csv_is_printed_or_written(told: Keyboard, words: tuple[str, ...]) -> None:
    printed = told("report", *words)

    text = printed if "--out" not in words else (told.folder / words[-1]).read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["posts"] for row in rows if row["region"] == "moravia-silesia"] == ["1"]


def test_a_report_as_json_is_written_by_the_files_name(told: Keyboard) -> None:
    assert "Written: march.json" in told("report", "--out", "march.json")

    assert json.loads((told.folder / "march.json").read_text())["total"]["posts"] == 1


def test_the_log_tells_who_did_what(planned: Keyboard) -> None:
    told = planned("log")

    assert "anna  story.accepted" in told
    assert "post.planned" in told
    assert len(planned.json("log", "--last", "1")) == 1
    assert {each["what"] for each in planned.json("log", "battery-modules@news")} == {"post.planned"}
    assert "there is no post or story" in planned("log", "nonsense", code=2)


def test_an_empty_log_says_so(campaign: Keyboard) -> None:
    assert campaign("log") == "Nothing has happened yet.\n"
