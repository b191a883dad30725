"""Queries of the publishing protocol: attempts, what is due, what was sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, update
from sqlmodel import Session, col, or_, select

from campaign.log import scrub
from campaign.models import MAY_BE_LIVE, Attempt, Outcome, Part, Post, PostStatus


def due_posts(db: Session, channel: str, now: datetime) -> list[Post]:
    """Return what the channel may send now: approved posts whose slot has come, and threads begun but not ended."""
    ready = (col(Post.status) == PostStatus.APPROVED) & (col(Post.due_at) <= now)
    begun = col(Post.status) == PostStatus.SENDING
    waited = or_(col(Post.next_try_at).is_(None), col(Post.next_try_at) <= now)
    statement = select(Post).where(Post.channel == channel, ready | begun, waited)
    return list(db.exec(statement.order_by(begun.desc(), col(Post.due_at), Post.uuid)).all())


def has_work(db: Session, channel: str, now: datetime) -> bool:
    """Whether the channel's owner has anything to look at: the one query of an idle tick."""
    ready = (col(Post.status) == PostStatus.APPROVED) & (col(Post.due_at) <= now)
    open_ = col(Post.status).in_([str(PostStatus.SENDING), str(PostStatus.UNCONFIRMED)])
    waited = or_(col(Post.next_try_at).is_(None), col(Post.next_try_at) <= now, col(Post.status) == PostStatus.SENDING)
    asked = (col(Post.wish) != "") | (col(Post.confirm_at) <= now)
    statement = select(Post.uuid).where(Post.channel == channel, or_((ready | open_) & waited, asked))
    return db.exec(statement.limit(1)).first() is not None


def wished_posts(db: Session, channel: str) -> list[Post]:
    """Return the posts of a channel for which an officer asked something."""
    return list(db.exec(select(Post).where(Post.channel == channel, col(Post.wish) != "").order_by(Post.uuid)).all())


def unconfirmed_parts(db: Session, channel: str, now: datetime) -> list[tuple[Post, Part]]:
    """Return the live parts of a channel that are to be looked at again."""
    statement = (
        select(Post, Part)
        .join(Part, col(Part.post) == col(Post.uuid))
        .where(Post.channel == channel, col(Post.confirm_at) <= now, col(Part.remote_id).is_not(None))
        .order_by(Post.uuid, col(Part.n))
    )
    return [(post, part) for post, part in db.exec(statement).all()]


def open_attempt(db: Session, attempt: Attempt) -> Attempt:
    """Store the intent of a visible call; looks taken before it prove nothing any more."""
    db.add(attempt)
    db.execute(update(Part).where(col(Part.uuid) == attempt.part).values(absent_at=None))
    db.flush()
    return attempt


def close_attempt(db: Session, attempt: Attempt, outcome: Outcome, detail: str, at: datetime) -> bool:
    """End an attempt; say whether it was still open. A late answer of `published` also corrects an unknown one."""
    stored = db.get(Attempt, attempt.uuid, with_for_update=True)
    if stored is None or (stored.ended_at is not None and not _corrects(stored, outcome)):
        return False
    stored.outcome, stored.detail, stored.ended_at = str(outcome), scrub(detail)[:2000], at
    db.add(stored)
    db.flush()
    return True


def _corrects(stored: Attempt, outcome: Outcome) -> bool:
    return stored.outcome == Outcome.UNKNOWN and outcome == Outcome.PUBLISHED


def open_attempts(db: Session, channel: str) -> list[tuple[Attempt, Part, Post]]:
    """Return the attempts of a channel whose end nobody has recorded."""
    statement = (
        select(Attempt, Part, Post)
        .join(Part, col(Attempt.part) == col(Part.uuid))
        .join(Post, col(Part.post) == col(Post.uuid))
        .where(Part.channel == channel, col(Attempt.ended_at).is_(None))
    )
    return [(attempt, part, post) for attempt, part, post in db.exec(statement).all()]


def attempts_of(db: Session, part: str) -> list[Attempt]:
    """Return the attempts at a part, oldest first."""
    return list(db.exec(select(Attempt).where(Attempt.part == part).order_by(col(Attempt.started_at))).all())


def part_bound_to(db: Session, channel: str, remote_id: str) -> Part | None:
    """Return the part of a channel that is known to be live under this id."""
    return db.exec(select(Part).where(Part.channel == channel, Part.remote_id == remote_id)).first()


def last_attempt(db: Session, part: str) -> Attempt | None:
    """Return the newest attempt at a part."""
    return db.exec(select(Attempt).where(Attempt.part == part).order_by(col(Attempt.started_at).desc())).first()


def sent_between(db: Session, channel: str, start: datetime, end: datetime, *, besides: str = "") -> list[datetime]:
    """Return when posts that are or may be live went out in [start, end), oldest first.

    Judged by the last attempt of a post's first part that may have published it, so that what is unconfirmed counts
    as sent, and a try that sent nothing does not; a by-hand post counts from its slot.
    """
    may_have = or_(col(Attempt.outcome).is_(None), col(Attempt.outcome).in_([Outcome.PUBLISHED, Outcome.UNKNOWN]))
    last = func.max(func.coalesce(Attempt.started_at, Post.published_at, Post.due_at), type_=Attempt.started_at.type)  # type: ignore[attr-defined]
    statement = (
        select(last)
        .select_from(Post)
        .join(Part, (col(Part.post) == col(Post.uuid)) & (col(Part.n) == 1))
        .outerjoin(Attempt, (col(Attempt.part) == col(Part.uuid)) & may_have)
        .where(Post.channel == channel, col(Post.status).in_([str(s) for s in (*MAY_BE_LIVE, PostStatus.REMOVED)]))
        .where(Post.uuid != besides)
        .group_by(col(Post.uuid))
    )
    return sorted(moment for moment in db.exec(statement).all() if moment is not None and start <= moment < end)


def twin_of(db: Session, post: Post, since: datetime) -> Post | None:
    """Return a post with the same text or card that is or may be live on the channel since then."""
    mine = [part.content for part in db.exec(select(Part).where(Part.post == post.uuid)).all()]
    texts = {content["text"] for content in mine}
    pictures = {image["sha256"] for content in mine for image in content.get("images", ())}
    statement = (
        select(Post, Part)
        .join(Part, col(Part.post) == col(Post.uuid))
        .where(Post.channel == post.channel, Post.uuid != post.uuid)
        .where(col(Post.status).in_([str(s) for s in MAY_BE_LIVE]), col(Post.due_at) >= since)
        .order_by(col(Post.due_at), Post.uuid)
    )
    for other, part in db.exec(statement).all():
        if part.content["text"] in texts or pictures & {image["sha256"] for image in part.content.get("images", ())}:
            return other
    return None
