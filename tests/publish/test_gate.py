"""The gate, as a table: every guard alone, which of two wins, and never Go while any single rule forbids."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.costs import SpentOut
from campaign.models import PostStatus
from campaign.publish.gate import (
    CLOCK,
    DISK,
    THREAD_DEADLINE,
    Back,
    End,
    Facts,
    Go,
    Unapprove,
    Verdict,
    Wait,
    gate,
)

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
GOOD = Facts(
    now=NOW,
    due_at=NOW - MINUTE,
    first_due_at=NOW - MINUTE,
    embargo_at=None,
    expires_at=None,
    budget=MINUTE,
    late_window=2 * HOUR,
    returns=0,
    thread_since=None,
    taken_back="",
    approved=True,
    bytes_match=True,
    outdated=False,
    at_rest="",
    rest_until=None,
    blackout="",
    busy=False,
    last_sent_at=None,
    spacing=4 * HOUR,
    sent_today=0,
    daily_cap=2,
    day_ends=NOW + HOUR,
    zone="Europe/Prague",
    spent_out=None,
    twin="",
    clock_jump=None,
    room_on_disk=True,
)
LATE = {"due_at": NOW - 3 * HOUR, "first_due_at": NOW - 3 * HOUR}
EXPIRED = End(PostStatus.EXPIRED, "it expired before it could go out")

# In the order of their precedence: a rule stands before those it wins over.
FORBIDDEN: list[tuple[str, dict[str, Any], Verdict]] = [
    (
        "clock",
        {"clock_jump": timedelta(minutes=-61, seconds=4)},
        Wait("the clock of this server jumped by -61 minutes; nothing is sent until somebody has looked", alert=CLOCK),
    ),
    ("disk", {"room_on_disk": False}, Wait("the disk is nearly full", alert=DISK)),
    ("expired", {"expires_at": NOW - DAY}, EXPIRED),
    ("taken back", {"taken_back": "withdrawn"}, Back("its story was withdrawn")),
    ("damaged", {"bytes_match": False}, Unapprove("the stored text or pictures are not what was rendered")),
    ("unapproved", {"approved": False}, Unapprove("what is stored is not what was approved")),
    (
        "late",
        LATE,
        Back("its slot of 2026-03-02 06:00 CET passed more than 2 h ago", late=True),
    ),
    ("superseded", {"outdated": True}, Wait("its text and pictures are to be made anew first")),
    ("blackout", {"blackout": "Carnival"}, Back("nothing is posted on this day: Carnival")),
    ("twin", {"twin": "post 3fa2"}, Back("the same text or picture went out lately: post 3fa2")),
    ("rest", {"at_rest": "paused", "rest_until": NOW + HOUR}, Wait("paused", NOW + HOUR)),
    ("busy", {"busy": True}, Wait("another post of the channel is being sent")),
    ("early", {"due_at": NOW + MINUTE}, Wait("its slot has not come", NOW + MINUTE)),
    ("embargo", {"embargo_at": NOW + MINUTE}, Wait("its embargo lasts", NOW + MINUTE)),
    ("spacing", {"last_sent_at": NOW - 3 * HOUR}, Wait("the channel's spacing since its last post", NOW + HOUR)),
    ("cap", {"sent_today": 2}, Wait("the channel's daily cap is reached", NOW + HOUR)),
    (
        "budget",
        {"spent_out": SpentOut("it is spent", NOW + HOUR, "budget:x")},
        Wait("it is spent", NOW + HOUR, "budget:x"),
    ),
]
IN_A_THREAD = [
    ("clock", {"clock_jump": DAY}, "Wait"),
    ("disk", {"room_on_disk": False}, "Wait"),
    (
        "damaged",
        {"bytes_match": False},
        End(PostStatus.PARTIAL, "the stored rest of it is damaged"),
    ),
    (
        "over",
        {"thread_since": NOW - THREAD_DEADLINE - MINUTE},
        End(PostStatus.PARTIAL, "the rest of it could not follow within two hours"),
    ),
    (
        "expired",
        {"expires_at": NOW + MINUTE},
        End(PostStatus.PARTIAL, "it expired before the rest of it could follow"),
    ),
    ("rest", {"at_rest": "paused"}, Wait("paused")),
    ("busy", {"busy": True}, Wait("another post of the channel is being sent")),
]


def test_a_post_that_no_rule_forbids_goes() -> None:
    assert gate(GOOD) == Go()


@pytest.mark.parametrize(("name", "facts", "verdict"), FORBIDDEN, ids=[row[0] for row in FORBIDDEN])
def test_each_rule_alone_forbids(name: str, facts: dict[str, Any], verdict: Verdict) -> None:
    assert gate(replace(GOOD, **facts)) == verdict


@pytest.mark.parametrize("first", range(len(FORBIDDEN) - 1))
def test_of_two_rules_the_earlier_in_the_table_decides(first: int) -> None:
    _, facts, verdict = FORBIDDEN[first]
    for _, others, _ in FORBIDDEN[first + 1 :]:
        assert gate(replace(GOOD, **{**others, **facts})) == verdict


def test_a_clock_set_a_year_ahead_ends_no_post() -> None:
    later = NOW + timedelta(days=365)
    for thread_since in (None, NOW):
        facts = replace(
            GOOD, now=later, clock_jump=later - NOW, expires_at=NOW + DAY, returns=3, thread_since=thread_since
        )
        assert isinstance(gate(facts), Wait)


@pytest.mark.parametrize(
    ("left", "goes"), [(timedelta(seconds=61), True), (timedelta(seconds=60), False), (timedelta(0), False)]
)
def test_a_post_goes_only_if_its_call_can_end_before_the_expiry(left: timedelta, goes: bool) -> None:
    verdict = gate(replace(GOOD, expires_at=NOW + left))
    assert (verdict == Go()) is goes
    if not goes:
        assert verdict == EXPIRED


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ({"due_at": NOW}, Go()),
        ({"due_at": NOW - 2 * HOUR}, Go()),
        ({"embargo_at": NOW}, Go()),
        ({"last_sent_at": NOW - 4 * HOUR}, Go()),
        ({"sent_today": 1}, Go()),
        ({**LATE, "returns": 2}, "Back"),
        ({**LATE, "returns": 3}, PostStatus.FAILED),
        ({"due_at": NOW - 3 * HOUR, "first_due_at": NOW - 7 * DAY - MINUTE}, PostStatus.FAILED),
        ({"due_at": NOW - 3 * HOUR, "first_due_at": NOW - 7 * DAY}, "Back"),
    ],
)
def test_the_edges_of_the_rules(facts: dict[str, Any], verdict: Any) -> None:
    found = gate(replace(GOOD, **facts))
    assert verdict in (found, type(found).__name__, getattr(found, "status", None))


def test_the_rest_of_a_thread_follows_at_its_own_pace() -> None:
    """Its first part is live: a gap in it would be worse than a broken spacing."""
    facts = replace(
        GOOD,
        thread_since=NOW - MINUTE,
        due_at=NOW - 20 * HOUR,
        last_sent_at=NOW - MINUTE,
        sent_today=9,
        blackout="Carnival",
        twin="post 3fa2",
        approved=False,
        embargo_at=NOW + HOUR,
    )
    assert gate(facts) == Go()


@pytest.mark.parametrize(("name", "facts", "verdict"), IN_A_THREAD, ids=[row[0] for row in IN_A_THREAD])
def test_each_rule_of_a_begun_thread_forbids(name: str, facts: dict[str, Any], verdict: Any) -> None:
    found = gate(replace(GOOD, **{"thread_since": NOW - MINUTE, **facts}))
    assert verdict in (found, type(found).__name__)


def test_a_thread_may_go_on_to_the_minute_of_its_deadline() -> None:
    assert gate(replace(GOOD, thread_since=NOW - THREAD_DEADLINE)) == Go()


noise = st.fixed_dictionaries(
    {},
    optional={
        "due_at": st.sampled_from([NOW - 5 * HOUR, NOW - MINUTE, NOW, NOW + MINUTE]),
        "embargo_at": st.sampled_from([None, NOW - DAY, NOW + DAY]),
        "expires_at": st.sampled_from([None, NOW - DAY, NOW + MINUTE, NOW + DAY]),
        "returns": st.integers(0, 4),
        "approved": st.booleans(),
        "bytes_match": st.booleans(),
        "outdated": st.booleans(),
        "at_rest": st.sampled_from(["", "paused"]),
        "blackout": st.sampled_from(["", "Carnival"]),
        "busy": st.booleans(),
        "last_sent_at": st.sampled_from([None, NOW, NOW - DAY]),
        "sent_today": st.integers(0, 3),
        "twin": st.sampled_from(["", "post 3fa2"]),
        "clock_jump": st.sampled_from([None, DAY, -DAY]),
        "room_on_disk": st.booleans(),
    },
)


@pytest.mark.parametrize(
    ("begun", "until"),
    [({}, GOOD.due_at + GOOD.late_window), ({"thread_since": NOW - MINUTE}, NOW - MINUTE + THREAD_DEADLINE)],
)
def test_nothing_waits_until_it_is_too_late_to_wait(begun: dict[str, Any], until: datetime) -> None:
    facts = replace(GOOD, **begun, at_rest="paused", rest_until=NOW + 10 * DAY)

    assert gate(facts) == Wait("paused", until + timedelta(seconds=1))
    assert not isinstance(gate(replace(facts, now=until + timedelta(seconds=1))), Wait)


@given(noise=noise, rule=st.sampled_from(FORBIDDEN))
def test_never_go_while_any_single_rule_forbids(
    noise: dict[str, Any], rule: tuple[str, dict[str, Any], Verdict]
) -> None:
    assert gate(replace(GOOD, **{**noise, **rule[1]})) != Go()


@given(noise=noise, rule=st.sampled_from(IN_A_THREAD))
def test_never_go_on_with_a_thread_while_any_single_rule_forbids(
    noise: dict[str, Any], rule: tuple[str, dict[str, Any], Any]
) -> None:
    assert gate(replace(GOOD, **{**noise, "thread_since": NOW - MINUTE, **rule[1]})) != Go()
