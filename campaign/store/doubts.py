"""What this database cannot know: a span of time that a restore or a move may have lost, and what went out in it.

An attempt of the sender `LOST` stands for all that may have been tried in that span. Its outcome is unknown, so the
platform is asked; like any unknown attempt it is closed by what the platform says.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, and_, col, or_, select

from campaign.models import ADOPT, KEEPS_SLOT, Attempt, Meta, Outcome, Part, Pause, PauseScope, Post, PostStatus
from campaign.store.history import last_tick, meta, set_meta
from campaign.store.posts import change_post
from campaign.store.publishing import MOMENT, open_attempt

LOST = "lost:0:0"  # in the form of every sender: machine, process, start; none is called so
WHY = "it may have gone out in the time of which this database knows nothing"
LOST_SINCE, LOST_UNTIL, MADE_AT = "lost.since", "lost.until", "backup.made"  # keys in `meta`
REMEMBERED = timedelta(days=30)  # by then what was lost has been handed in again, or never will be
SENDS = ("now", "retry", "send-again")  # wishes that may have been granted meanwhile
MAY_HAVE_GONE = (PostStatus.APPROVED, PostStatus.SENDING, PostStatus.UNCONFIRMED)


@dataclass(frozen=True)
class LostSpan:
    """From the last that a database knows to the moment in which that was noticed."""

    since: datetime
    until: datetime

    def counts(self, now: datetime) -> bool:
        """Whether something of it may still come up again: a story handed in anew, a post not asked about yet."""
        return now < self.until + REMEMBERED


def held(db: Session) -> Pause | None:
    """Return the hold that only `campaign adopt` lifts, None when there is none."""
    return db.get(Pause, (str(PauseScope.ALL), ADOPT))


LOST_BOUNDS = select(Meta).where(col(Meta.key).in_((LOST_SINCE, LOST_UNTIL)))


def lost_span(db: Session, now: datetime) -> LostSpan | None:
    """Return the span of which this database knows nothing, as long as that counts; None when it knows all."""
    known = {row.key: row.value for row in db.exec(LOST_BOUNDS).all()}
    since, until = known.get(LOST_SINCE), known.get(LOST_UNTIL)
    lost = LostSpan(datetime.fromisoformat(since), datetime.fromisoformat(until)) if since and until else None
    return lost if lost and lost.counts(now) else None


def note_lost_span(db: Session, since: datetime, until: datetime) -> LostSpan:
    """Store that nothing is known from `since` to `until`; an earlier loss is part of it."""
    before = lost_span(db, until)
    lost = LostSpan(min(since, before.since) if before else since, until)
    set_meta(db, LOST_SINCE, lost.since.isoformat())
    set_meta(db, LOST_UNTIL, lost.until.isoformat())
    return lost


def made_at(db: Session) -> datetime | None:
    """Return when the backup was made that this database is, None when it is the one that works."""
    stored = meta(db, MADE_AT)
    return datetime.fromisoformat(stored) if stored else None


def forget_made_at(db: Session) -> None:
    """Note that this is no backup any more: it is the database that works."""
    for row in db.exec(select(Meta).where(Meta.key == MADE_AT)).all():
        db.delete(row)
    db.flush()


def known_until(db: Session, otherwise: datetime) -> datetime:
    """Return up to when this database certainly knows all that went out.

    That is when it last did something itself: events would not do, for officers write them in a copy as well.
    """
    tried = db.exec(select(func.max(Attempt.started_at, type_=MOMENT))).one()
    return max((moment for moment in (tried, last_tick(db), made_at(db)) if moment is not None), default=otherwise)


def doubtful_posts(db: Session, channels: Collection[str], now: datetime) -> list[tuple[Post, Part]]:
    """Return what may have gone out unknown to this database, each with its first part that is not known to be live.

    That is what may be sent, and what waited for a yes when its slot came: it may have got one. What could only have
    gone out because a person has changed his mind is asked about if it is to be sent (`publish.doubts`).
    """
    asked = or_(
        col(Post.status).in_([str(status) for status in MAY_HAVE_GONE]),
        and_(col(Post.status) == str(PostStatus.RENDERED), col(Post.due_at) <= now),
        col(Post.wish).in_(SENDS),
    )
    statement = (
        select(Post, Part)
        .join(Part, col(Part.post) == col(Post.uuid))
        .where(asked, col(Post.channel).in_(channels), col(Part.remote_id).is_(None))
        .order_by(Post.channel, Post.uuid, col(Part.n))
    )
    first: dict[str, tuple[Post, Part]] = {}
    for post, part in db.exec(statement).all():
        first.setdefault(post.uuid, (post, part))
    return list(first.values())


def doubt(db: Session, post: Post, part: Part, lost: LostSpan, now: datetime, new_id: Callable[[], str]) -> None:
    """Let a part count as perhaps sent in a lost span, so that the platform is asked."""
    attempt = Attempt(
        uuid=new_id(),
        part=part.uuid,
        epoch=0,
        sender=LOST,
        started_at=lost.since,
        send_by=lost.since,
        ended_at=now,
        outcome=str(Outcome.UNKNOWN),
        detail=WHY,
    )
    open_attempt(db, attempt)
    granted = {"wish": "", "wish_by": ""} if post.wish in SENDS else {}
    slot = {} if post.status in KEEPS_SLOT else {"slot_date": None, "slot_time": None}  # another may have it by now
    unknown: dict[str, Any] = {"status": str(PostStatus.UNCONFIRMED), "next_try_at": None, "tries": 0}
    change_post(db, post, **unknown, reason=f"it may be live: {WHY}", **granted, **slot)


def is_looked_for(part: Part, attempts: Iterable[Attempt], lost: LostSpan) -> bool:
    """Whether no look is needed before a part is sent: there was one since the loss, or its post was begun since then.

    `attempts` are those at all parts of the post.
    """
    begun = any(attempt.sender != LOST and attempt.started_at >= lost.until for attempt in attempts)
    return begun or any(
        attempt.sender == LOST and attempt.part == part.uuid and (attempt.ended_at or lost.since) >= lost.until
        for attempt in attempts
    )
