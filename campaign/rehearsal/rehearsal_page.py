"""The page of a rehearsal: promises, what needs a person, what would appear, faults met and survived."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from campaign import pages
from campaign.app import App
from campaign.rehearsal.told import Outcome

NAME = "rehearsal.html"


def write_page(app: App, outcome: Outcome) -> Path:
    """Write the page into the team's folder of pages and return its path."""
    zone = ZoneInfo(outcome.zone)
    days: dict[str, list[tuple[str, str, str, str]]] = {}
    for each in outcome.appearances:
        local = each.at.astimezone(zone)
        entry = (f"{local:%H:%M}", each.name, each.region, each.title)
        days.setdefault(f"{local:%A} {local.day} {local:%B %Y}", []).append(entry)
    return pages.write(
        app.config.folders.pages / NAME,
        "rehearsal.html.j2",
        campaign=app.config.campaign.name,
        outcome=outcome,
        start=outcome.start.astimezone(zone),
        end=outcome.end.astimezone(zone),
        zone=zone,
        days=days,
    )
