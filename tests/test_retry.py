"""When something is tried again and when it is given up: tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from campaign.errors import NotSent, RateLimited
from campaign.retry import Again, Due, Fail, Never, Return, Send, late, next_look, next_try

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OPEN = Due(late_until=NOW + 2 * DAY)


@pytest.mark.parametrize(
    ("tries", "minutes"), [(0, 1), (1, 2), (2, 4), (3, 8), (4, 16), (5, 30), (6, 30), (40, 30), (100_000, 30)]
)
def test_waits_double_from_one_minute_to_half_an_hour(tries: int, minutes: int) -> None:
    assert next_try(NotSent("refused"), tries, NOW, OPEN) == Again(NOW + minutes * MINUTE)
    assert next_look(tries) == minutes * MINUTE


@pytest.mark.parametrize("stated", [timedelta(0), 5 * timedelta(seconds=1), 3 * HOUR])
def test_a_wait_that_the_platform_states_wins(stated: timedelta) -> None:
    assert next_try(RateLimited("slow down", retry_after=stated), 3, NOW, OPEN) == Again(NOW + stated)


@pytest.mark.parametrize(
    ("due", "answer"),
    [
        (Due(late_until=NOW + MINUTE), Again(NOW + MINUTE)),
        (Due(late_until=NOW + 59 * timedelta(seconds=1)), Never("the next try would be outside its late window")),
        (Due(NOW + DAY, expires_at=NOW + MINUTE), Never("it expires before the next try")),
        (Due(NOW, expires_at=NOW), Never("it expires before the next try")),
        (Due(NOW + DAY, expires_at=NOW + 2 * MINUTE), Again(NOW + MINUTE)),
    ],
)
def test_no_try_outside_the_late_window_or_after_the_expiry(due: Due, answer: Again | Never) -> None:
    assert next_try(NotSent("refused"), 0, NOW, due) == answer


PASSED = "its slot of 2026-03-02 10:00 CET passed more than 2 h ago"


@pytest.mark.parametrize(
    ("after", "returns", "first", "answer"),
    [
        (timedelta(0), 0, NOW, Send()),
        (2 * HOUR, 9, NOW - 30 * DAY, Send()),
        (2 * HOUR + MINUTE, 0, NOW, Return(PASSED)),
        (2 * HOUR + MINUTE, 2, NOW, Return(PASSED)),
        (2 * HOUR + MINUTE, 3, NOW, Fail(f"{PASSED}, and it had been given a new slot 3 times")),
        (7 * DAY, 2, NOW, Return(PASSED)),
        (3 * HOUR, 2, NOW - 7 * DAY, Fail(f"{PASSED}, and it was first due more than 7 days ago")),
    ],
)
def test_a_late_post_is_sent_in_its_window_then_given_a_new_slot_then_given_up(
    after: timedelta, returns: int, first: datetime, answer: Send | Return | Fail
) -> None:
    assert late(NOW, NOW + after, 2 * HOUR, returns, first, "Europe/Prague") == answer


@pytest.mark.parametrize(("window", "words"), [(45 * MINUTE, "45 min"), (90 * MINUTE, "1.5 h"), (DAY, "24 h")])
def test_the_late_window_is_told_as_people_say_it(window: timedelta, words: str) -> None:
    assert late(NOW, NOW + 2 * DAY, window, 0, NOW, "Europe/Lisbon") == Return(
        f"its slot of 2026-03-02 09:00 WET passed more than {words} ago"
    )
