"""The state of the whole: what went out, what is next, what needs a person, and what to type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaign import store
from campaign.app import App
from campaign.explain.forecast import Ending, ending_line, endings
from campaign.explain.words import ago, when
from campaign.models import OPEN, Post, PostStatus
from campaign.store.counts import published_between
from campaign.store.wanted import SHORT_ID, post_name

LATELY, AHEAD = timedelta(days=1), timedelta(days=7)
NEXT = 8  # posts to come that are told
LATE = timedelta(minutes=5)  # a daemon that has not ended a tick for so long is not working


@dataclass(frozen=True)
class Line:
    """One post in the status."""

    id: str
    name: str  # story@channel
    at: datetime
    status: str
    note: str = ""


@dataclass(frozen=True)
class Need:
    """Something that needs a person."""

    message: str
    remedy: str
    since: datetime


@dataclass(frozen=True)
class Status:
    """The state of the whole at a moment. Times are UTC; `zone` is the campaign's."""

    at: datetime
    zone: str
    published: tuple[Line, ...]  # in the last 24 hours
    coming: tuple[Line, ...]  # in the next 7 days, the first eight
    needs: tuple[Need, ...]
    unapproved: int  # posts with a slot that wait for a yes
    first_unapproved: datetime | None  # the soonest slot of those
    ticked_at: datetime | None  # the daemon's last whole tick; None: it has never run here
    daemon_alive: bool
    endings: tuple[Ending, ...]  # credentials that end before planned posts
    held: str  # why nothing is sent until `campaign adopt`; empty: it is not held
    needs_person: bool  # exit code 3
    commands: tuple[str, ...]


def status(app: App) -> Status:
    """Return the state of the whole."""
    now = app.clock.now()
    with app.reading() as db:
        published = published_between(db, now - LATELY, now + timedelta(microseconds=1))
        coming = store.posts_where(db, statuses=OPEN, due_from=now - LATELY, due_to=now + AHEAD)
        slotted = [post for post in store.posts_where(db, statuses=OPEN) if post.due_at is not None]
        needs = tuple(Need(alert.message, alert.remedy, alert.raised_at) for alert in store.open_alerts(db))
        ticked_at = store.last_tick(db)
        hold = store.held(db)
        stories = store.stories_of(db, coming)
        has_stories = store.has_stories(db)
        too_late = endings(app, db)
    unapproved = [
        post for post in slotted if post.status != PostStatus.APPROVED and app.config.needs_approval(post.channel)
    ]
    alive = ticked_at is not None and now - ticked_at <= LATE
    return Status(
        at=now,
        zone=app.config.campaign.zone,
        published=tuple(
            Line(post.uuid[:SHORT_ID], post_name(post, story), post.published_at, post.status)
            for post, story in published
            if post.published_at is not None
        ),
        coming=tuple(
            Line(post.uuid[:SHORT_ID], post_name(post, stories[post.story]), post.due_at, post.status, _note(app, post))
            for post in coming[:NEXT]
            if post.due_at is not None
        ),
        needs=needs,
        unapproved=len(unapproved),
        first_unapproved=unapproved[0].due_at if unapproved else None,
        ticked_at=ticked_at,
        daemon_alive=alive,
        endings=too_late,
        held=hold.reason if hold else "",
        needs_person=bool(needs) or (ticked_at is not None and not alive),
        commands=(("campaign adopt",) if hold else ()) + _commands(has_stories, slotted, unapproved, alive),
    )


def _note(app: App, post: Post) -> str:
    if not app.config.needs_approval(post.channel):
        return "needs no approval"
    if post.status == PostStatus.APPROVED:
        return f"approved by {post.approved_by}"
    return "not made yet" if post.status == PostStatus.PLANNED else "not approved"


def _commands(has_stories: bool, slotted: Sequence[Post], unapproved: Sequence[Post], alive: bool) -> tuple[str, ...]:
    """What to type next, the first thing first."""
    found = []
    if not has_stories:
        found.append("campaign add PATH")
    elif not slotted:
        found.append("campaign plan")
    if unapproved:
        found += ["campaign proof", "campaign approve --proof CODE"]
    if not alive:
        found.append("campaign daemon")
    return tuple(found)


def status_lines(status: Status) -> list[str]:
    """Tell a status in plain words."""

    def told(moment: datetime) -> str:
        return when(moment, status.zone)

    lines = [f"Status of {told(status.at)}", _daemon(status)]
    lines += [f"Everything is held: {status.held}. Nothing is sent until: campaign adopt"] if status.held else []
    lines += ["", f"Needs a person: {len(status.needs) or 'nothing'}"]
    for need in status.needs:
        lines.append(f"  {need.message} (since {told(need.since)})")
        lines += [f"    {need.remedy}"] if need.remedy else []
    for ending in status.endings:
        lines += ["", ending_line(ending, status.zone), f"  {ending.remedy}"]
    lines += ["", f"Went out in the last 24 hours: {len(status.published) or 'nothing'}"]
    lines += [f"  {told(line.at)}  {line.name}  {line.status}" for line in status.published]
    lines += ["", "Next:" if status.coming else "Next: nothing in the coming 7 days"]
    lines += [f"  {told(line.at)}  {line.name}  {line.note}" for line in status.coming]
    if status.first_unapproved is not None:
        count = "1 post waits" if status.unapproved == 1 else f"{status.unapproved} posts wait"
        lines += ["", f"{count} for approval; the first slot is {told(status.first_unapproved)}."]
    if status.commands:
        lines += ["", "Type next:", *(f"  {command}" for command in status.commands)]
    return lines


def _daemon(status: Status) -> str:
    if status.ticked_at is None:
        return "The daemon has not run here yet: nothing is published until it does."
    silent = status.at - status.ticked_at
    if status.daemon_alive:
        return f"The daemon works; its last tick ended {ago(max(silent, timedelta(0)))} ago."
    return f"The daemon is not working: its last tick ended {ago(silent)} ago. Nothing is published."
