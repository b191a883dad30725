"""Times, lengths and choices as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from campaign.explain.words import ago, one_of, when
from tests.explain.asking import HOUR

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
