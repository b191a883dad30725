"""Queries about engagement: which snapshots are due, what they held, and which posts a report is about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert
from sqlmodel import Session, col, select

from campaign.log import scrub
from campaign.models import Part, Post, Snapshot, Story

AT_ONCE = 500  # ids in one query, well below what both databases take


def schedule_snapshots(
    db: Session, post: Post, published_at: datetime, ages: Iterable[timedelta], new_id: Callable[[], str]
) -> None:
    """Note when a published post is to be measured; ages already noted stay."""
    known = _known_ages(db, post.uuid) if post.published_at else set()  # before its publication it has none
    nothing: dict[str, Any] = {"counts": {}, "missing": {}, "raw": {}, "source": ""}
    seconds = {int(age.total_seconds()) for age in ages} - known
    rows = [
        {"uuid": new_id(), "post": post.uuid, "age": age, "due_at": published_at + timedelta(seconds=age), **nothing}
        for age in sorted(seconds)
    ]
    if rows:
        db.connection().execute(insert(Snapshot), rows)


def due_snapshots(db: Session, now: datetime) -> list[tuple[Snapshot, Post, Part]]:
    """Return the snapshots to be taken now with the first part of their post, oldest first.

    What has an id at the platform can be measured, whatever became of the rest of its thread.
    """
    statement = (
        select(Snapshot, Post, Part)
        .join(Post, col(Snapshot.post) == col(Post.uuid))
        .join(Part, (col(Part.post) == col(Post.uuid)) & (col(Part.n) == 1))
        .where(col(Snapshot.taken_at).is_(None), col(Snapshot.due_at) <= now, col(Part.remote_id).is_not(None))
        .order_by(col(Snapshot.due_at), col(Snapshot.age), Snapshot.uuid)
    )
    return [(snapshot, post, part) for snapshot, post, part in db.exec(statement).all()]


def record_snapshot(
    db: Session,
    snapshot: Snapshot,
    *,
    counts: Mapping[str, int],
    missing: Mapping[str, str],
    raw: Mapping[str, Any],
    source: str,
    at: datetime,
) -> None:
    """Store what was counted, or why not."""
    snapshot.counts = dict(counts)
    snapshot.missing, snapshot.raw = _scrubbed(dict(missing)), _scrubbed(dict(raw))
    snapshot.source, snapshot.taken_at = source, at
    db.add(snapshot)
    db.flush()


def _scrubbed(told: Any) -> Any:
    """Return what a platform told without any secret in its texts."""
    match told:
        case str():
            return scrub(told)
        case dict():
            return {name: _scrubbed(each) for name, each in told.items()}
        case list() | tuple():
            return [_scrubbed(each) for each in told]
        case _:
            return told


def postpone_snapshot(db: Session, snapshot: Snapshot, until: datetime) -> None:
    """Let a snapshot wait: its platform could not be asked."""
    snapshot.due_at = until
    db.add(snapshot)
    db.flush()


def extra_snapshot(
    db: Session, post: Post, published_at: datetime, at: datetime, new_id: Callable[[], str]
) -> Snapshot:
    """Return a snapshot beside the scheduled ones, for numbers that somebody has at `at`.

    A post has one snapshot at an age, so a second one in the same second is a second older.
    """
    known = _known_ages(db, post.uuid)
    age = int((at - published_at).total_seconds())
    while age in known:
        age += 1
    return Snapshot(uuid=new_id(), post=post.uuid, age=age, due_at=at)


def snapshots_of(db: Session, posts: Iterable[str]) -> dict[str, list[Snapshot]]:
    """Return the taken snapshots of some posts, in the order in which they were taken."""
    wanted = list(dict.fromkeys(posts))
    found: dict[str, list[Snapshot]] = {post: [] for post in wanted}
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        statement = select(Snapshot).where(col(Snapshot.taken_at).is_not(None), col(Snapshot.post).in_(some))
        for snapshot in db.exec(statement.order_by(col(Snapshot.taken_at), col(Snapshot.age))).all():
            found[snapshot.post].append(snapshot)
    return found


def published_between(db: Session, start: datetime, end: datetime) -> list[tuple[Post, Story]]:
    """Return the posts that went live in [start, end) with their stories, the first one first."""
    statement = (
        select(Post, Story)
        .join(Story, col(Post.story) == col(Story.uuid))
        .where(col(Post.published_at) >= start, col(Post.published_at) < end)
        .order_by(col(Post.published_at), Post.uuid)
    )
    return [(post, story) for post, story in db.exec(statement).all()]


AGES = select(Snapshot.age).where(Snapshot.post == bindparam("post"))


def _known_ages(db: Session, post: str) -> set[int]:
    return set(db.exec(AGES, params={"post": post}).all())
