"""The key and the record of a post, held against the rules of the protocol."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.errors import Unsupported
from campaign.platforms.bluesky.record import Place, record_key
from tests.conftest import MONDAY
from tests.platforms.bluesky_server import DID, RKEY, URI, item

DIGITS = "234567abcdefghijklmnopqrstuvwxyz"
TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def moment_of(key: str) -> datetime:
    """Return the moment that a TID holds (https://atproto.com/specs/tid)."""
    number = 0
    for digit in key:
        number = number * 32 + DIGITS.index(digit)
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=number >> 10)


@given(TIMES, st.integers(1, 30), st.uuids())
def test_a_key_is_a_tid_of_the_planned_time(due_at: datetime, n: int, part: uuid.UUID) -> None:
    key = record_key(due_at, n, str(part))

    assert len(key) == 13
    assert set(key) <= set(DIGITS)
    assert key[0] in "234567abcdefghij"
    assert timedelta(seconds=n) <= moment_of(key) - due_at.replace(microsecond=0) < timedelta(seconds=n + 1)


@given(TIMES, st.uuids(), st.uuids())
def test_the_parts_of_a_thread_lie_in_their_order(due_at: datetime, one: uuid.UUID, other: uuid.UUID) -> None:
    assert record_key(due_at, 1, str(one)) < record_key(due_at, 2, str(other))


def test_a_key_comes_from_the_plan_alone_and_stays_the_same_in_every_version_of_the_program() -> None:
    part = item().part
    assert record_key(MONDAY, 1, part) == "3mg2rwoxneuhm"
    assert record_key(MONDAY.astimezone(timezone(timedelta(hours=2))), 1, part) == "3mg2rwoxneuhm"
    assert record_key(None, 1, part) == "2222223hveuhm"
    assert len({record_key(MONDAY, 1, str(uuid.UUID(int=n))) for n in range(2000)}) == 2000


@pytest.mark.parametrize(
    "address",
    [
        URI,
        f"https://bsky.app/profile/{DID}/post/{RKEY}",
        f"https://bsky.app/profile/{DID}/post/{RKEY}?ref=share#top",
    ],
)
def test_a_post_is_found_by_each_address_that_people_know(address: str) -> None:
    place = Place.of(address)
    assert place == Place(DID, RKEY)
    assert place.uri == URI
    assert place.permalink == f"https://bsky.app/profile/{DID}/post/{RKEY}"


@pytest.mark.parametrize(
    "address", ["", RKEY, "https://example.org/post/1", "https://bsky.app/profile/alliance.org", "at://a"]
)
def test_what_is_no_address_of_a_post_is_told(address: str) -> None:
    with pytest.raises(Unsupported, match="not the address of a post on Bluesky"):
        Place.of(address)


@pytest.mark.parametrize(
    "address",
    [
        f"https://bsky.app/profile/alliance.example.org/post/{RKEY}",
        f"at://alliance.example.org/app.bsky.feed.post/{RKEY}",
    ],
)
def test_an_address_may_hold_the_handle(address: str) -> None:
    assert Place.of(address) == Place("alliance.example.org", RKEY)
