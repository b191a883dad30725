"""What those read who ask why: every attempt at a post, and where each region stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from campaign.config.words import Region
from campaign.models import KEEPS_SLOT, OPEN, Attempt, Part, Post, PostStatus, Story, StoryStatus

DAY = timedelta(days=1)
PACE_MOST, PACE_LEAST = 28 * DAY, 7 * DAY  # the present pace is that of four weeks; less than one says nothing


def attempts_at(db: Session, post: str) -> list[Attempt]:
    """Return every attempt at any part of a post, oldest first."""
    statement = select(Attempt).join(Part, col(Attempt.part) == col(Part.uuid)).where(Part.post == post)
    return list(db.exec(statement.order_by(col(Attempt.started_at), Attempt.uuid)).all())


@dataclass(frozen=True)
class Standing:
    """Where a region stands now. Posts count once for each of their regions, turns are shared among them."""

    published: int  # posts, ever
    planned: int  # posts with a slot to come, approved or not
    approved: int  # of the posts not sent yet
    waiting: int  # stories without a slot on any channel
    last_at: datetime | None  # when its latest post went out
    turns: float  # published and planned; a post about three regions is a third of a turn for each
    fair_turns: float | None  # what its weight would give it; None: outside the ledger, or it has handed nothing in
    runway: float | None  # days of approved posts at the present pace; None: no pace yet


@dataclass(frozen=True)
class _Line:
    """A post and the regions it is about."""

    regions: tuple[str, ...]
    status: str
    due_at: datetime | None
    published_at: datetime | None


def standings(db: Session, regions: Mapping[str, Region], now: datetime) -> dict[str, Standing]:
    """Return where each region of the config stands."""
    stories = list(db.exec(select(Story)).all())
    about = {story.uuid: tuple(story.content.get("regions") or (story.region,)) for story in stories}
    posts = db.exec(select(Post.story, Post.status, Post.due_at, Post.published_at)).all()
    placed = {
        story for story, status, due_at, live_at in posts if live_at or (due_at is not None and status in KEEPS_SLOT)
    }
    waiting = [
        about[story.uuid]
        for story in stories
        if story.status == StoryStatus.QUEUED
        and story.uuid not in placed
        and (story.expires_at is None or story.expires_at > now)
    ]
    lines = [_Line(about[story], status, due_at, live_at) for story, status, due_at, live_at in posts]
    return _standings(lines, waiting, set().union(*about.values()), regions, now)


def _standings(
    lines: list[_Line],
    waiting: list[tuple[str, ...]],
    heard: set[str],
    regions: Mapping[str, Region],
    now: datetime,
) -> dict[str, Standing]:
    """Work out where each region stands. `heard` are the regions that have handed something in."""
    turns = _turns(lines, regions)
    weights = {key: region.weight for key, region in regions.items() if key in heard and not region.network}
    for_all = sum(turns[key] for key in weights)
    began = min((line.published_at for line in lines if line.published_at), default=now)
    span = max(PACE_LEAST, min(PACE_MOST, now - began))
    found = {}
    for key in regions:
        own = [line for line in lines if key in line.regions]
        live = [line.published_at for line in own if line.published_at is not None]
        approved = sum(line.status == PostStatus.APPROVED for line in own)
        pace = sum(moment >= now - span for moment in live) / (span / DAY)
        found[key] = Standing(
            published=len(live),
            planned=sum(_is_to_come(line) for line in own),
            approved=approved,
            waiting=sum(key in story for story in waiting),
            last_at=max(live, default=None),
            turns=turns[key],
            fair_turns=for_all * weights[key] / sum(weights.values()) if key in weights else None,
            runway=approved / pace if pace else None,
        )
    return found


def _turns(lines: Iterable[_Line], regions: Mapping[str, Region]) -> dict[str, float]:
    turns: defaultdict[str, float] = defaultdict(float)
    for line in lines:
        if line.published_at is not None or _is_to_come(line):
            for region, share in shares(line.regions, regions).items():
                turns[region] += share
    return turns


def _is_to_come(line: _Line) -> bool:
    return line.status in OPEN and line.due_at is not None


def shares(about: Iterable[str], regions: Mapping[str, Region]) -> dict[str, float]:
    """Return the part of a turn that a post costs each region it is about; a network has part only when alone."""
    known = [key for key in about if key in regions]
    counted = [key for key in known if not regions[key].network] or known
    return {key: 1 / len(counted) for key in counted}
