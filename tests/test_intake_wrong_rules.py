"""Wrong stories: times, and what a kind needs.

Each is a different mistake; each gives its own message, and the database stays as it was.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from campaign.app import App
from tests.handing import Files, changed, hand_in, of_kind, refusal

WRONG: dict[str, tuple[Files, str]] = {
    "date with dots": (
        {"story.md": changed("kind: course", "kind: course\nembargo: 1.12.2026")},
        'ostrava/story.md, line 4, embargo: "1.12.2026" is not a date.\n'
        "  Write 2026-12-01 or 2026-12-01 09:00, in the local time of the region.",
    ),
    "day that is not": (
        {"story.md": changed("kind: course", "kind: course\nexpires: 2026-02-30")},
        'ostrava/story.md, line 4, expires: "2026-02-30" is not a date.\n'
        "  Write 2026-12-01 or 2026-12-01 09:00, in the local time of the region.",
    ),
    "embargo after expiry": (
        {"story.md": changed("kind: course", "kind: course\nembargo: 2026-12-02\nexpires: 2026-12-01")},
        "ostrava/story.md, line 4, embargo: the embargo, 2026-12-02, ends after the story expires.\n"
        "  Write an embargo before it, or a later expires.",
    ),
    "expired": (
        {"story.md": changed("kind: course", "kind: course\nexpires: 2026-03-01")},
        "ostrava/story.md, line 4, expires: the story expired at 2026-03-01 23:59.\n"
        "  Write a later date, or leave it out.",
    ),
    "deadline past": (
        {"story.md": changed("kind: course", "kind: course\ndeadline: 2026-03-01 12:00")},
        "ostrava/story.md, line 4, deadline: the deadline was at 2026-03-01 12:00, and the story ends with it.\n"
        "  Write a later date, or leave it out.",
    ),
    "event past": (
        {"story.md": of_kind("event", "event: {starts: 2026-02-01}")},
        "ostrava/story.md, line 11, event: it began at 2026-02-01 00:00, and the story ends with that.\n"
        "  A story that looks back says until when it is of interest, such as: expires: 2026-12-31.",
    ),
    "event ends before it starts": (
        {"story.md": of_kind("event", "event: {starts: 2026-05-02 10:00, ends: 2026-05-01 12:00}")},
        "ostrava/story.md, line 11, event.ends: 2026-05-01 12:00 is before the start, 2026-05-02 10:00.\n"
        "  Write the later date as ends.",
    ),
    "only the end has a time": (
        {"story.md": of_kind("event", "event: {starts: 2026-05-02, ends: 2026-05-02 12:00}")},
        "ostrava/story.md, line 11, event.ends: only one of starts and ends has a time.\n"
        "  Write both with a time, or both without.",
    ),
    "deadline after the event": (
        {"story.md": of_kind("event", "event: {starts: 2026-05-02, deadline: 2026-05-04}")},
        "ostrava/story.md, line 11, event.deadline: 2026-05-04 is after the event is over.\n"
        "  Correct one of the dates.",
    ),
    "deadline twice": (
        {"story.md": of_kind("visit", "visit: {starts: 2026-05-02, deadline: 2026-05-01}\ndeadline: 2026-05-01")},
        "ostrava/story.md, line 11, visit.deadline: the deadline is given twice.\n  Keep it in one place.",
    ),
    "event without start": (
        {"story.md": of_kind("event", "event: {place: Ostrava}")},
        "ostrava/story.md, line 11, event.starts: this is missing.\n"
        "  Write when it begins, such as: starts: 2026-12-01 09:00.",
    ),
    "event without block": (
        {"story.md": of_kind("event")},
        'ostrava/story.md, line 1, event: a story of kind "event" needs a block "event".\n'
        "  Write event: and below it, indented, some of: starts, ends, place, online, host, register, deadline.",
    ),
    "quote without block": (
        {"story.md": of_kind("quote")},
        'ostrava/story.md, line 1, quote: a story of kind "quote" needs a block "quote".\n'
        "  Write quote: and below it, indented, some of: text, by, role, organisation.",
    ),
    "quote with an empty block": (
        {"story.md": of_kind("quote", "quote:")},
        'ostrava/story.md, line 11, quote: a story of kind "quote" needs a block "quote".\n'
        "  Write quote: and below it, indented, some of: text, by, role, organisation.",
    ),
    "quote without text": (
        {"story.md": of_kind("quote", "quote: {by: Jana}")},
        "ostrava/story.md, line 11, quote.text: this is missing.\n"
        "  Write what was said, without quotation marks around it.",
    ),
    "quote in quotation marks": (
        {"story.md": of_kind("quote", "quote: {text: „Skills first“}")},
        "ostrava/story.md, line 11, quote.text: the value stands in curly quotes.\n"
        '  Leave the quotes out, or write straight ones: "…".',
    ),
    "practice that tells nothing": (
        {"story.md": of_kind("practice", "practice: {contact: Jana}")},
        "ostrava/story.md, line 11, practice: this tells nothing of the practice.\n"
        "  Give at least one of challenge, approach and results.",
    ),
    "profile without figures": (
        {"story.md": of_kind("profile", "profile: {industries: [Steel]}")},
        "ostrava/story.md, line 11, profile.figures: this is missing.\n"
        "  Give at least one figure with label, value, year and source.",
    ),
    "figure without source": (
        {"story.md": of_kind("profile", "profile:\n  figures:\n    - {label: Jobs, value: 12, year: 2025}")},
        "ostrava/story.md, line 13, profile.figures[1].source: this is missing.\n"
        "  Say where the figure comes from, such as: source: Regional statistics office.",
    ),
    "figure without label and value": (
        {"story.md": of_kind("milestone", "milestone:\n  figures:\n    - {year: 2025, source: us}")},
        "ostrava/story.md, line 13, milestone.figures[1].label: this is missing.\n"
        "  Say what is counted, such as: label: Apprentices in battery courses.\n"
        "ostrava/story.md, line 13, milestone.figures[1].value: this is missing.\n"
        "  Write the number, such as: value: 1 250.",
    ),
    "figure of no year": (
        {
            "story.md": of_kind(
                "milestone", "milestone:\n  figures:\n    - {label: Jobs, value: 12, year: last, source: us}"
            )
        },
        'ostrava/story.md, line 13, milestone.figures[1].year: "last" is not a year.\n  Write four digits: 2025.',
    ),
    "block of another kind": (
        {"story.md": changed("kind: course", "kind: update")},
        'ostrava/story.md, line 11, course: a story of kind "update" has no block "course".\n'
        "  Remove it, or write kind: course.",
    ),
    "course without provider": (
        {"story.md": changed("provider: MSIC, ", "")},
        "ostrava/story.md, line 11, course.provider: this is missing.\n"
        "  Say who gives the course, such as: provider: MSIC.",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_story_is_refused_with_its_message(app: App, tmp_path: Path, name: str) -> None:
    files, message = WRONG[name]
    assert refusal(app, hand_in(tmp_path / "ostrava", files)) == message
