"""The table of the platforms in docs/platforms/README.md says what the adapters do, each tried on its service."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from campaign.app import App
from campaign.errors import Unsupported
from campaign.platforms.base import COUNTS, Absent, Checkpoint, Found, Limits, Outgoing, Platform
from campaign.proof.checks import UNITS
from tests.everywhere import START, Everywhere, everywhere
from tests.rehearsal.rig import image, part

PAGE = Path(__file__).parents[2] / "docs" / "platforms" / "README.md"
NEVER_SENT = "99999999-9999-4999-8999-999999999999"  # the id of a part
MONTH = timedelta(days=30.4)


def test_the_table_of_the_platforms_says_what_their_adapters_do(tmp_path: Path) -> None:
    table = re.findall(r"(?m)^\| \[.+?\]\((\w+)\.md\) \| (.+) \|$", PAGE.read_text(encoding="utf-8"))
    with everywhere() as campaign, campaign.opened() as app:
        rows = {name: row(campaign, app, name, tmp_path) for name in app.config.channels}

    del rows["folder"]
    assert {name: tuple(cells.split(" | ")) for name, cells in table} == rows


def row(campaign: Everywhere, app: App, name: str, folder: Path) -> tuple[str, ...]:
    """Publish something on a platform, do with it whatever can be done, and tell what came of it."""
    adapter = app.platform(name)
    ends = adapter.check().token_expires_at
    item = part(images=(image(folder),), language="en", slug="tried", title="Tried")
    memory = Checkpoint({}, lambda values: None)
    adapter.prepare(item, memory)
    id = adapter.publish(item, memory, idempotency_key=item.part).remote_id
    campaign.clock.advance(timedelta(hours=1))
    numbers = numbers_of(adapter, id)
    found = found_again(adapter, item, memory, replace(item, part=NEVER_SENT, text="Never sent."))
    changed = tried(lambda: adapter.edit(id, replace(item, text="Other words.")))
    taken_down = tried(lambda: adapter.delete(id))
    assert (changed, taken_down) == (yes(not app.why_no_edit(name)), yes(not app.why_no_takedown(name)))
    return (
        text_of(adapter.limits),
        f"{'1 to ' if adapter.limits.needs_image else ''}{adapter.limits.images}",
        f"{adapter.limits.alt_text}" if adapter.limits.alt_heard else "–",
        yes(adapter.limits.threads),
        yes(adapter.limits.comments),
        numbers,
        found,
        changed,
        taken_down,
        f"after {round((ends - campaign.clock.now()) / MONTH)} months" if ends else "–",
    )


def yes(it_is: bool) -> str:
    return "yes" if it_is else "–"


def text_of(limits: Limits) -> str:
    caption = f", {limits.caption} beside pictures" if limits.caption else ""
    return f"{limits.text} {UNITS.get(limits.unit, limits.unit)}{caption}"


def tried(deed: Callable[[], None]) -> str:
    try:
        deed()
    except Unsupported:
        return "–"
    return "yes"


def numbers_of(adapter: Platform, id: str) -> str:
    told = adapter.metrics([id])[id].counts
    return ", ".join(word for word in COUNTS if word in told) or "–"


def found_again(adapter: Platform, sent: Outgoing, memory: Checkpoint, other: Outgoing) -> str:
    """Say whether a platform tells what is live from what is not, as a crash leaves it open."""
    prepared = Checkpoint({}, lambda values: None)
    adapter.prepare(other, prepared)
    answers = adapter.find(sent, memory, START), adapter.find(other, prepared, START)
    return yes(isinstance(answers[0], Found) and isinstance(answers[1], Absent))
