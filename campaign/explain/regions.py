"""Where a region stands: what it had, what is to come, how far from its fair share, and for how long it has stories."""

from __future__ import annotations

from sqlmodel import Session

from campaign import store
from campaign.app import App
from campaign.explain.words import when
from campaign.models import PauseScope
from campaign.store.evidence import Standing, standings


def tell_region(app: App, db: Session, key: str) -> list[str]:
    """Say in plain words where a region stands."""
    region, zone = app.config.regions[key], app.config.campaign.zone
    standing = standings(db, app.config.regions, app.clock.now())[key]
    lines = [
        f"{region.named(app.config.campaign.language)} (region {key})",
        f"Published: {_posts(standing.published)}"
        + (f", the last on {when(standing.last_at, zone)}." if standing.last_at else "."),
        f"To come: {_posts(standing.planned)} with a slot, {standing.approved} approved.",
        f"Waiting for a slot: {'1 story' if standing.waiting == 1 else f'{standing.waiting} stories'}.",
        _share(standing, region.network, region.share),
        _runway(standing),
    ]
    for pause in store.pauses(db, app.clock.now()):
        if pause.scope == PauseScope.ALL or (pause.scope == PauseScope.REGION and pause.key == key):
            what = "everything" if pause.scope == PauseScope.ALL else "this region"
            until = f"until {when(pause.until, zone)}" if pause.until else "until somebody resumes it"
            lines.append(f"Paused: {what}, {until}, by {pause.who}: {pause.reason}.")
            lines.append(f"You can: campaign resume {'--all' if what == 'everything' else f'--region {key}'}")
    if standing.waiting:
        lines.append("You can: campaign plan --explain")
    elif not standing.approved:
        lines.append("You can: campaign add PATH, with a new story of this region")
    return lines


def _posts(count: int) -> str:
    return "1 post" if count == 1 else f"{count} posts"


def _share(standing: Standing, network: bool, share: float) -> str:
    """The region's turns against what its weight would give it."""
    if network:
        return f"Fair share: the network stands outside it, with at most {share:.0%} of a channel's slots."
    if standing.fair_turns is None:
        return "Fair share: none yet, nothing was handed in."
    lag = standing.fair_turns - standing.turns
    told = f"Fair share: {standing.turns:.3g} turns so far and planned, {standing.fair_turns:.3g} would be its part"
    if abs(lag) < 0.05:  # less would read as 0.0
        return f"{told}: even."
    return f"{told}: {abs(lag):.1f} {'behind' if lag > 0 else 'ahead'}."


def _runway(standing: Standing) -> str:
    if standing.runway is None:
        return "Runway: not known, as nothing went out in the last four weeks."
    return f"Runway: {int(standing.runway)} days of approved posts at the present pace."
