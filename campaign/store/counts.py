"""Queries about engagement: which snapshots are due, and what they held."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from campaign.models import Part, Post, PostStatus, Snapshot


def schedule_snapshots(
    db: Session, post: Post, published_at: datetime, ages: Iterable[timedelta], new_id: Callable[[], str]
) -> None:
    """Note when a published post is to be measured; ages already noted stay."""
    known = set(db.exec(select(Snapshot.age).where(Snapshot.post == post.uuid)).all())
    for age in ages:
        seconds = int(age.total_seconds())
        if seconds not in known:
            db.add(Snapshot(uuid=new_id(), post=post.uuid, age=seconds, due_at=published_at + age))
    db.flush()


def due_snapshots(db: Session, now: datetime) -> list[tuple[Snapshot, Post, Part]]:
    """Return the snapshots to be taken now with the first part of their post, oldest first."""
    statement = (
        select(Snapshot, Post, Part)
        .join(Post, col(Snapshot.post) == col(Post.uuid))
        .join(Part, (col(Part.post) == col(Post.uuid)) & (col(Part.n) == 1))
        .where(col(Snapshot.taken_at).is_(None), col(Snapshot.due_at) <= now)
        .where(col(Post.status).in_([str(PostStatus.PUBLISHED), str(PostStatus.PARTIAL)]))
        .order_by(col(Snapshot.due_at), Snapshot.uuid)
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
    snapshot.counts, snapshot.missing, snapshot.raw = dict(counts), dict(missing), dict(raw)
    snapshot.source, snapshot.taken_at = source, at
    db.add(snapshot)
    db.flush()


def snapshots_of(db: Session, posts: Iterable[str]) -> dict[str, list[Snapshot]]:
    """Return the taken snapshots of some posts, oldest age first."""
    wanted = set(posts)
    found: dict[str, list[Snapshot]] = {post: [] for post in wanted}
    statement = select(Snapshot).where(col(Snapshot.taken_at).is_not(None)).order_by(col(Snapshot.age))
    for snapshot in db.exec(statement).all():
        if snapshot.post in wanted:
            found[snapshot.post].append(snapshot)
    return found
