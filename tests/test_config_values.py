"""What single values mean. Their mistakes are in test_config_wrong.py; here is what only a table can show."""

from __future__ import annotations

from contextlib import suppress
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.config.places import holds_password, place_in
from campaign.config.values import (
    Wrong,
    country,
    email,
    hashtag,
    language,
    link,
    parse_duration,
    parse_size,
    parse_slot,
    shown,
    zone,
)
from campaign.config.words import WeeklySlot


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("0 s", 0),
        ("0.5 s", 0.5),
        ("90s", 90),
        ("1 sec", 1),
        ("1 second", 1),
        ("90 seconds", 90),
        ("30 min", 1800),
        ("1 minute", 60),
        ("4 h", 14400),
        ("1 hour", 3600),
        ("72 hours", 259200),
        ("7 days", 604800),
        ("1 d", 86400),
        ("2 weeks", 1209600),
        (" 1 w ", 604800),
        ("366 days", 31622400),
    ],
)
def test_a_duration_is_a_number_and_a_unit(written: str, seconds: float) -> None:
    assert parse_duration(written) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "written", ["", "4", "h", "4 m", "-1 h", "4 h 30 min", "1e3 s", "٤ h", "1 month", "367 days", 4]
)
def test_what_is_no_duration_is_refused_in_plain_words(written: object) -> None:
    with pytest.raises(ValueError, match=r"^\S.+\.$"):
        parse_duration(written)


@pytest.mark.parametrize(
    ("written", "days", "at"),
    [
        ("tue 09:00", [1], time(9)),
        ("Tuesday 9:05", [1], time(9, 5)),
        ("mon-fri 23:59", [0, 1, 2, 3, 4], time(23, 59)),
        ("sat-mon 00:00", [5, 6, 0], time(0)),
        ("wed-wed 10:00", [2], time(10)),
        ("daily 18:00", [0, 1, 2, 3, 4, 5, 6], time(18)),
    ],
)
def test_a_slot_is_a_day_or_days_and_a_time(written: str, days: list[int], at: time) -> None:
    assert parse_slot(written) == tuple(WeeklySlot(day, at) for day in days)


@pytest.mark.parametrize(
    "written", ["tue", "09:00", "tu 09:00", "daily-fri 09:00", "mon-daily 09:00", "tue 9", "tue 09:60"]
)
def test_what_is_no_slot_is_refused(written: str) -> None:
    with pytest.raises(Wrong):
        parse_slot(written)


@pytest.mark.parametrize(
    ("read", "right"),
    [
        (language, ["en", "cs", "pt-PT", "szl"]),
        (country, ["CZ", "GB", "PT"]),
        (zone, ["Europe/Brussels", "Atlantic/Azores", "UTC"]),
        (link, ["https://example.org", "http://příklad.example.org/a?b#c"]),
        (email, ["a@example.org", "žofie@příklad.eu"]),
        (hashtag, ["GreenSkills", "Győr", "4Mobility", "Just_Transition"]),
    ],
)
def test_what_is_right_is_taken_as_written(read: Any, right: list[str]) -> None:
    assert [read(each) for each in right] == right


@pytest.mark.parametrize(
    ("read", "wrong", "remedy"),
    [
        (language, "EN", 'Did you mean "en"?'),
        (language, "en_GB", 'Did you mean "en"?'),
        (language, "gr", 'Did you mean "el"?'),
        (language, "xx", 'Write a language code: "en", "cs" or "pt-PT".'),
        (country, "cz", 'Did you mean "CZ"?'),
        (country, "Czechia", 'Write the two capital letters of ISO 3166-1, such as "CZ".'),
        (zone, "Brussels", 'Did you mean "Europe/Brussels"?'),
        (zone, "europe/prague", 'Did you mean "Europe/Prague"?'),
        (link, "https://", 'Write it whole: "https://example.org/page".'),
        (link, "https://[x", 'Write it whole: "https://example.org/page".'),
        (link, "https://example.org/a b", 'Write it whole: "https://example.org/page".'),
        (hashtag, "2026", 'Write one word of letters and digits, a capital for each part: "GreenSkills".'),
    ],
)
def test_a_near_miss_gets_a_remedy(read: Any, wrong: str, remedy: str) -> None:
    with pytest.raises(Wrong) as refused:
        read(wrong)
    assert refused.value.remedy == remedy
    assert refused.value.what.startswith(f'"{wrong}" is not ')


@pytest.mark.parametrize(("written", "size"), [("64 MB", 64 * 1024**2), ("500kB", 500 * 1024), ("2 gb", 2 * 1024**3)])
def test_a_size_is_counted_in_steps_of_1024(written: str, size: int) -> None:
    assert parse_size(written) == size


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("a", '"a"'),
        (" ", "the text"),
        (True, "true"),
        (False, "false"),
        ([1], "a list"),
        ({"a": 1}, "a table"),
        (1.5, "1.5"),
    ],
)
def test_a_value_is_shown_as_it_is_written(value: object, words: str) -> None:
    assert shown(value) == words


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        ("postgresql+psycopg://u:p@h/d", True),
        ("postgresql+psycopg://u:p/@h/d", True),
        ("postgresql+psycopg://h/d?user=u&password=p", True),
        ("postgresql+psycopg://u@h:5432/d", False),
        ("sqlite:////srv/campaign.db", False),
    ],
)
def test_a_password_in_an_address_is_noticed(url: str, secret: bool) -> None:
    assert holds_password(url) is secret


def test_paths_are_seen_from_the_config_files_folder() -> None:
    read = place_in(Path("/srv/asa"))
    assert [read(each) for each in ("in/../box", "/var/x", "../www")] == [
        Path("/srv/asa/box"),
        Path("/var/x"),
        Path("/srv/www"),
    ]


@given(st.text(max_size=30))
def test_no_text_breaks_a_reader(written: str) -> None:
    for read in (parse_duration, parse_slot, parse_size, language, country, zone, link, email, hashtag):
        with suppress(Wrong):
            assert read(written) is not None
