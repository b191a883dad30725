"""Times, names and lists as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from campaign.models import Story


def when(moment: datetime, zone: str) -> str:
    """Return a moment as `Tue 3 Mar 2026 09:00 CET`; the zone's letters tell the two 02:30 of an autumn night apart."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%b %Y %H:%M %Z}"


def ago(length: timedelta) -> str:
    """Return a length of time as `40 s`, `12 min`, `3 h` or `5 days`, rounded down."""
    seconds = int(length.total_seconds())
    for unit, size in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= (2 * size if unit == "days" else size):
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def one_of(names: Sequence[str]) -> str:
    """Return `a`, `a or b`, `a, b or c`."""
    return " or ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def title_of(story: Story) -> str:
    """Return a story's title in its own language."""
    told = story.content.get("tellings", {}).get(story.language, {})
    return str(told.get("title", story.slug))
