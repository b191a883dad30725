"""Queries of the publishing protocol: attempts, what is due, what was sent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import BindParameter, bindparam, func, update
from sqlmodel import Session, col, or_, select

from campaign.log import scrub
from campaign.models import MAY_BE_LIVE, Attempt, Outcome, Part, Post, PostStatus

# Statements that every post or every idle tick asks are built once: building one takes longer than SQLite's answer.
# To mypy a column of a SQLModel class is its value; a moment without a type would be compared as plain text on SQLite.
MOMENT = Attempt.started_at.type  # type: ignore[attr-defined]
CHANNEL: BindParameter[str] = bindparam("channel")
NOW = bindparam("now", type_=MOMENT)
START, END = bindparam("start", type_=MOMENT), bindparam("end", type_=MOMENT)


READY = (col(Post.status) == PostStatus.APPROVED) & (col(Post.due_at) <= NOW)
BEGUN = col(Post.status) == PostStatus.SENDING
RESTED = or_(col(Post.next_try_at).is_(None), col(Post.next_try_at) <= NOW)
DUE = select(Post).where(Post.channel == CHANNEL, READY | BEGUN, RESTED)
DUE = DUE.order_by(BEGUN.desc(), col(Post.due_at), Post.uuid)


def due_posts(db: Session, channel: str, now: datetime) -> list[Post]:
    """Return what the channel may send now: approved posts whose slot has come, and threads begun but not ended."""
    return list(db.exec(DUE, params={"channel": channel, "now": now}).all())


LEFT_OPEN = col(Post.status).in_([str(PostStatus.SENDING), str(PostStatus.UNCONFIRMED)])
ASKED = (col(Post.wish) != "") | (col(Post.confirm_at) <= NOW)
WORK = select(Post.uuid).where(Post.channel == CHANNEL, or_((READY | LEFT_OPEN) & (RESTED | BEGUN), ASKED)).limit(1)


def has_work(db: Session, channel: str, now: datetime) -> bool:
    """Whether the channel's owner has anything to look at: the one query of an idle tick."""
    return db.exec(WORK, params={"channel": channel, "now": now}).first() is not None


COMING = (
    select(Post.channel, func.min(Post.due_at, type_=MOMENT))
    .where(col(Post.channel).in_(bindparam("channels", expanding=True)), Post.status == PostStatus.APPROVED)
    .where(col(Post.due_at) > START, col(Post.due_at) <= END)
    .group_by(Post.channel)
)


def coming_due(db: Session, channels: Iterable[str], start: datetime, end: datetime) -> dict[str, datetime]:
    """Return when the first approved post of each channel is due in (start, end]; a channel without one is left out."""
    found = db.exec(COMING, params={"channels": list(channels), "start": start, "end": end}).all()
    return {channel: due for channel, due in found if due is not None}


WISHED = select(Post).where(Post.channel == CHANNEL, col(Post.wish) != "").order_by(Post.uuid)


def wished_posts(db: Session, channel: str) -> list[Post]:
    """Return the posts of a channel for which an officer asked something."""
    return list(db.exec(WISHED, params={"channel": channel}).all())


def unconfirmed_parts(db: Session, channel: str, now: datetime) -> list[tuple[Post, Part]]:
    """Return the live parts of a channel that are to be looked at again."""
    statement = (
        select(Post, Part)
        .join(Part, col(Part.post) == col(Post.uuid))
        .where(Post.channel == channel, col(Post.confirm_at) <= now, col(Part.remote_id).is_not(None))
        .order_by(Post.uuid, col(Part.n))
    )
    return [(post, part) for post, part in db.exec(statement).all()]


FORGET_LOOKS = update(Part).where(col(Part.uuid) == bindparam("part")).values(absent_at=None)


def open_attempt(db: Session, attempt: Attempt) -> Attempt:
    """Store the intent of a visible call; looks taken before it prove nothing any more."""
    db.add(attempt)
    db.flush()
    db.connection().execute(FORGET_LOOKS, {"part": attempt.part})
    return attempt


def close_attempt(db: Session, attempt: Attempt, outcome: Outcome, detail: str, at: datetime) -> bool:
    """End an attempt; say whether it was still open. A late answer of `published` also corrects an unknown one."""
    stored = db.get(Attempt, attempt.uuid, with_for_update=True)
    if stored is None or (stored.ended_at is not None and not _corrects(stored, outcome)):
        return False
    stored.outcome, stored.detail, stored.ended_at = str(outcome), scrub(detail)[:2000], at
    db.add(stored)
    return True


def _corrects(stored: Attempt, outcome: Outcome) -> bool:
    return stored.outcome == Outcome.UNKNOWN and outcome == Outcome.PUBLISHED


OPEN_ATTEMPTS = (
    select(Attempt, Part, Post)
    .join(Part, col(Attempt.part) == col(Part.uuid))
    .join(Post, col(Part.post) == col(Post.uuid))
    .where(Part.channel == CHANNEL, col(Attempt.ended_at).is_(None))
)


def open_attempts(db: Session, channel: str) -> list[tuple[Attempt, Part, Post]]:
    """Return the attempts of a channel whose end nobody has recorded."""
    found = db.exec(OPEN_ATTEMPTS, params={"channel": channel}).all()
    return [(attempt, part, post) for attempt, part, post in found]


OTHERS_SENDING = select(Post.uuid).where(
    Post.channel == CHANNEL, Post.status == PostStatus.SENDING, Post.uuid != bindparam("besides")
)


def is_sending(db: Session, channel: str, *, besides: str) -> bool:
    """Whether another post of the channel is being sent: a channel sends one at a time."""
    return db.exec(OTHERS_SENDING, params={"channel": channel, "besides": besides}).first() is not None


def attempts_of(db: Session, part: str) -> list[Attempt]:
    """Return the attempts at a part, oldest first."""
    return list(db.exec(select(Attempt).where(Attempt.part == part).order_by(col(Attempt.started_at))).all())


BOUND = select(Part).where(Part.channel == CHANNEL, Part.remote_id == bindparam("remote_id"))


def part_bound_to(db: Session, channel: str, remote_id: str) -> Part | None:
    """Return the part of a channel that is known to be live under this id."""
    return db.exec(BOUND, params={"channel": channel, "remote_id": remote_id}).first()


LAST_ATTEMPT = (
    select(Attempt).where(Attempt.part == bindparam("part")).order_by(col(Attempt.started_at).desc()).limit(1)
)


def last_attempt(db: Session, part: str) -> Attempt | None:
    """Return the newest attempt at a part."""
    return db.exec(LAST_ATTEMPT, params={"part": part}).first()


MAY_HAVE = or_(col(Attempt.outcome).is_(None), col(Attempt.outcome).in_([Outcome.PUBLISHED, Outcome.UNKNOWN]))
WENT_OUT = func.max(func.coalesce(Attempt.started_at, Post.published_at, Post.due_at), type_=MOMENT)
SENT = (
    select(WENT_OUT)
    .select_from(Post)
    .join(Part, (col(Part.post) == col(Post.uuid)) & (col(Part.n) == 1))
    .outerjoin(Attempt, (col(Attempt.part) == col(Part.uuid)) & MAY_HAVE)
    .where(Post.channel == CHANNEL, col(Post.status).in_([str(s) for s in (*MAY_BE_LIVE, PostStatus.REMOVED)]))
    .where(Post.uuid != bindparam("besides"))
    .group_by(col(Post.uuid))
    .having((START <= WENT_OUT) & (END > WENT_OUT))
    .order_by(WENT_OUT)
)


def sent_between(db: Session, channel: str, start: datetime, end: datetime, *, besides: str = "") -> list[datetime]:
    """Return when posts that are or may be live went out in [start, end), oldest first.

    Judged by the last attempt of a post's first part that may have published it, so that what is unconfirmed counts
    as sent, and a try that sent nothing does not; a by-hand post counts from its slot.
    """
    found = db.exec(SENT, params={"channel": channel, "start": start, "end": end, "besides": besides})
    return list(found.all())


CONTENTS = select(Part.content).where(Part.post == bindparam("post"))
LATE_CONTENTS = (
    select(Post.uuid, Part.content)
    .join(Part, col(Part.post) == col(Post.uuid))
    .where(Post.channel == CHANNEL, Post.uuid != bindparam("post"))
    .where(col(Post.status).in_([str(s) for s in MAY_BE_LIVE]), col(Post.due_at) >= START)
    .order_by(col(Post.due_at), Post.uuid)
)


def twin_of(db: Session, post: Post, since: datetime) -> Post | None:
    """Return a post with the same text or card that is or may be live on the channel since then."""
    mine = db.exec(CONTENTS, params={"post": post.uuid}).all()
    texts = {content["text"] for content in mine}
    pictures = {image["sha256"] for content in mine for image in content.get("images", ())}
    others = db.exec(LATE_CONTENTS, params={"channel": post.channel, "post": post.uuid, "start": since})
    for uuid, content in others.all():
        if content["text"] in texts or pictures & {image["sha256"] for image in content.get("images", ())}:
            return db.get_one(Post, uuid)
    return None
