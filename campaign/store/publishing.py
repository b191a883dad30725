"""Queries of the publishing protocol: attempts, what is due, what was sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Select, String, bindparam, cast, exists, func, insert, literal, union_all, update
from sqlalchemy.orm import aliased
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, and_, col, or_, select

from campaign.log import scrub
from campaign.models import MAY_BE_LIVE, Attempt, ChannelState, Outcome, Part, Post, PostStatus, Story
from campaign.store.channels import must_own

# Statements that every post or every idle tick asks are built once: building one takes longer than SQLite's answer.
# To mypy a column of a SQLModel class is its value; a moment without a type would be compared as plain text on SQLite.
MOMENT = Attempt.started_at.type  # type: ignore[attr-defined]
CHANNEL: BindParameter[str] = bindparam("channel")
NOW = bindparam("now", type_=MOMENT)
START, END = bindparam("start", type_=MOMENT), bindparam("end", type_=MOMENT)


POST: BindParameter[str] = bindparam("post")
WHOLE = (
    select(Post, Story, Part)
    .join(Story, col(Post.story) == col(Story.uuid))
    .outerjoin(Part, col(Part.post) == col(Post.uuid))
    .where(Post.uuid == POST)
    .order_by(col(Part.n))
    .execution_options(populate_existing=True)
)


def whole_post(db: Session, post: str) -> tuple[Post, Story, list[Part]]:
    """Return a post as it is stored now, its story, and its parts in order.

    Raises:
        LookupError: there is no such post.
    """
    rows = db.exec(WHOLE, params={"post": post}).all()
    if not rows:
        raise LookupError(f"there is no post {post}")
    found, story, _ = rows[0]
    return found, story, [part for _post, _story, part in rows if part is not None]


HELD = (
    select(ChannelState, Post, Story, Part)
    .join(Post, col(Post.channel) == col(ChannelState.channel))
    .join(Story, col(Post.story) == col(Story.uuid))
    .join(Part, col(Part.post) == col(Post.uuid))
    .where(Post.uuid == POST)
    .order_by(col(Part.n))
    .with_for_update(of=(ChannelState, Post, Part))
    .execution_options(populate_existing=True)
)


def hold_post(db: Session, post: str, channel: str, epoch: int | None) -> tuple[ChannelState, Post, Story, list[Part]]:
    """Lock a post, its parts and its channel's row until the end of the transaction, and return them as stored now.

    With an epoch the channel must still be ours.

    Raises:
        NotOwner: another daemon has taken it since.
        LookupError: there is no such post on the channel, or nothing was rendered of it.
    """
    rows = db.exec(HELD, params={"post": post}).all()
    if not rows or rows[0][0].channel != channel:
        raise LookupError(f"there is no post {post} on channel {channel}")
    state, found, story, _ = rows[0]
    if epoch is not None:
        must_own(state, channel, epoch)
    return state, found, story, [part for *_others, part in rows]


OTHER = aliased(Part)
TAKEN = exists().where(
    col(OTHER.channel) == bindparam("here"),
    col(OTHER.remote_id) == bindparam("id"),
    col(OTHER.uuid) != bindparam("this"),
)
BIND = update(Part).where(col(Part.uuid) == bindparam("this"), ~TAKEN)  # what is set comes with the parameters


def bind_part(db: Session, part: Part, remote_id: str, permalink: str) -> bool:
    """Store that a part is live, and as what, unless another part of the channel is known by that; say whether."""
    known = {"remote_id": remote_id, "permalink": permalink or part.permalink, "absent_at": None}
    asked = {"this": part.uuid, "here": part.channel, "id": remote_id}
    bound = db.connection().execute(BIND, asked | known).rowcount == 1
    if bound:
        for name, value in known.items():
            set_committed_value(part, name, value)
    return bound


READY = (col(Post.status) == PostStatus.APPROVED) & (col(Post.due_at) <= NOW)
BEGUN = col(Post.status) == PostStatus.SENDING
RESTED = or_(col(Post.next_try_at).is_(None), col(Post.next_try_at) <= NOW)
DUE = select(Post).where(Post.channel == CHANNEL, READY | BEGUN, RESTED)
DUE = DUE.order_by(BEGUN.desc(), col(Post.due_at), Post.uuid)


def due_posts(db: Session, channel: str, now: datetime) -> list[Post]:
    """Return what the channel may send now: approved posts whose slot has come, and threads begun but not ended."""
    return list(db.exec(DUE, params={"channel": channel, "now": now}).all())


class Work(StrEnum):
    """What a channel's owner may have to look at."""

    WISH = "wish"  # an officer asked for something
    OPEN = "open"  # it may be live, or is being sent
    DUE = "due"
    SEEN = "seen"  # it went live, and is to be looked at once more


LEFT_OPEN = col(Post.status).in_([str(PostStatus.SENDING), str(PostStatus.UNCONFIRMED)])
WORK = union_all(  # each by an index of its own: by an OR, SQLite would read all that ever was on the channel
    select(Post.status).where(Post.channel == CHANNEL, READY, RESTED),
    select(Post.status).where(Post.channel == CHANNEL, LEFT_OPEN, RESTED | BEGUN),
    select(literal(str(Work.WISH))).where(Post.channel == CHANNEL, col(Post.wish) != ""),
    select(literal(str(Work.SEEN))).where(Post.channel == CHANNEL, col(Post.confirm_at) <= NOW),
)
BY_STATUS: dict[str, set[Work]] = {
    PostStatus.APPROVED: {Work.DUE},
    PostStatus.SENDING: {Work.DUE, Work.OPEN},
    PostStatus.UNCONFIRMED: {Work.OPEN},
    Work.WISH: {Work.WISH},
    Work.SEEN: {Work.SEEN},
}


def work_on(db: Session, channel: str, now: datetime) -> set[Work]:
    """Return what kinds of work the channel's owner may have: the one query of an idle tick."""
    found = {kind for (kind,) in db.connection().execute(WORK, {"channel": channel, "now": now})}
    return set().union(*(BY_STATUS[kind] for kind in found))


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


TRIED_LATER = (PostStatus.APPROVED, PostStatus.SENDING, PostStatus.UNCONFIRMED)
STIRS = select(
    select(func.min(col(Post.next_try_at)))
    .where(col(Post.status).in_(TRIED_LATER), col(Post.next_try_at) > NOW)
    .scalar_subquery(),
    select(func.min(col(Post.confirm_at))).where(col(Post.confirm_at) > NOW).scalar_subquery(),
    select(func.min(col(ChannelState.held_until))).where(col(ChannelState.held_until) > NOW).scalar_subquery(),
)


def next_stir(db: Session, now: datetime) -> datetime | None:
    """Return when, on any channel, something is tried or looked at again, or a hold ends; None for never."""
    moments = db.exec(STIRS, params={"now": now}).one()
    return min((moment for moment in moments if moment is not None), default=None)


ASKED_NOW = (
    select(Post)
    .where(Post.channel == CHANNEL, Post.status == PostStatus.UNCONFIRMED, RESTED)
    .order_by(col(Post.due_at), Post.uuid)
)


def posts_to_look_for(db: Session, channel: str, now: datetime) -> list[Post]:
    """Return the posts of a channel that may be live, and about which the platform is to be asked now."""
    return list(db.exec(ASKED_NOW, params={"channel": channel, "now": now}).all())


WISHED = select(Post).where(Post.channel == CHANNEL, col(Post.wish) != "").order_by(Post.uuid)


def wished_posts(db: Session, channel: str) -> list[Post]:
    """Return the posts of a channel for which an officer asked something."""
    return list(db.exec(WISHED, params={"channel": channel}).all())


TO_CONFIRM = (
    select(Post, Part)
    .join(Part, col(Part.post) == col(Post.uuid))
    .where(Post.channel == CHANNEL, col(Post.confirm_at) <= NOW, col(Part.remote_id).is_not(None))
    .order_by(Post.uuid, col(Part.n))
)


def unconfirmed_parts(db: Session, channel: str, now: datetime) -> list[tuple[Post, Part]]:
    """Return the live parts of a channel that are to be looked at again."""
    return [(post, part) for post, part in db.exec(TO_CONFIRM, params={"channel": channel, "now": now}).all()]


INTENT = insert(Attempt)
FORGET_LOOKS = update(Part).where(col(Part.uuid) == bindparam("part")).values(absent_at=None)


def open_attempt(db: Session, attempt: Attempt, *, looked: bool = True) -> Attempt:
    """Store the intent of a visible call; looks taken before it (if there were any) prove nothing any more."""
    db.flush()
    db.connection().execute(INTENT, attempt.model_dump())
    if looked:
        db.connection().execute(FORGET_LOOKS, {"part": attempt.part})
    return attempt


ENDED: BindParameter[str] = bindparam("ended")
CLOSE = (
    update(Attempt)
    .where(col(Attempt.uuid) == bindparam("this"))
    .where(
        or_(
            col(Attempt.ended_at).is_(None),
            and_(col(Attempt.outcome) == Outcome.UNKNOWN, literal(str(Outcome.PUBLISHED)) == ENDED),
        )
    )
    .values(outcome=ENDED)
)


def close_attempt(db: Session, attempt: Attempt, outcome: Outcome, detail: str, at: datetime) -> bool:
    """End an attempt; say whether it was still open. A late answer of `published` also corrects an unknown one."""
    db.flush()
    found = {"this": attempt.uuid, "ended": str(outcome), "detail": scrub(detail)[:2000], "ended_at": at}
    return db.connection().execute(CLOSE, found).rowcount == 1


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
BUSY = select(exists(OTHERS_SENDING) | exists(OPEN_ATTEMPTS.with_only_columns(col(Attempt.uuid))))


def is_sending(db: Session, channel: str, *, besides: str) -> bool:
    """Whether another post of the channel is being sent: a channel sends one at a time."""
    return db.exec(OTHERS_SENDING, params={"channel": channel, "besides": besides}).first() is not None


def is_busy(db: Session, channel: str, *, besides: str) -> bool:
    """Whether another post of the channel is being sent, or an attempt has no end yet."""
    return bool(db.connection().execute(BUSY, {"channel": channel, "besides": besides}).scalar())


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


# By which a part may follow its slot, or the yes to a correction: a late window of a week, and the rest of a thread.
PAID_LATER = timedelta(days=8)
MAY_HAVE = or_(col(Attempt.outcome).is_(None), col(Attempt.outcome).in_([Outcome.PUBLISHED, Outcome.UNKNOWN]))
WENT_OUT = func.max(func.coalesce(Attempt.started_at, Post.published_at, Post.due_at), type_=MOMENT)
SENT = (
    select(WENT_OUT)
    .select_from(Post)
    .join(Part, (col(Part.post) == col(Post.uuid)) & (col(Part.n) == 1))
    .outerjoin(Attempt, (col(Attempt.part) == col(Part.uuid)) & MAY_HAVE)
    .where(Post.channel == CHANNEL, col(Post.status).in_([str(s) for s in (*MAY_BE_LIVE, PostStatus.REMOVED)]))
    .where(Post.uuid != bindparam("besides"), col(Post.due_at) >= bindparam("due_from", type_=MOMENT))
    .group_by(col(Post.uuid))
    .having((START <= WENT_OUT) & (END > WENT_OUT))
    .order_by(WENT_OUT)
)


def sent_between(
    db: Session,
    channel: str,
    start: datetime,
    end: datetime,
    *,
    besides: str = "",
    latest: timedelta = timedelta(days=2),
) -> list[datetime]:
    """Return when posts that are or may be live went out in [start, end), oldest first.

    Judged by the last attempt of a post's first part that may have published it, so that what is unconfirmed counts
    as sent, and a try that sent nothing does not; a by-hand post counts from its slot. Nothing is sent longer than
    `latest` after its slot, so old posts cost nothing.
    """
    moments = {"start": start, "end": end, "due_from": start - latest}
    return list(db.exec(SENT, params={"channel": channel, "besides": besides, **moments}).all())


PAID = (
    select(Post.story, Part.content, WENT_OUT)
    .select_from(Post)
    .join(Part, col(Part.post) == col(Post.uuid))
    .outerjoin(Attempt, (col(Attempt.part) == col(Part.uuid)) & MAY_HAVE)
    .where(Post.channel == CHANNEL, col(Post.status).in_([str(s) for s in (*MAY_BE_LIVE, PostStatus.REMOVED)]))
    .where(Post.uuid != bindparam("besides"))
    .where(or_(*(col(since) >= bindparam("due_from", type_=MOMENT) for since in (Post.due_at, Post.approved_at))))
    .where(or_(col(Part.remote_id).is_not(None), col(Attempt.uuid).is_not(None)))
    .group_by(col(Post.uuid), col(Part.uuid))
    .having((START <= WENT_OUT) & (END > WENT_OUT))
    .order_by(WENT_OUT, col(Part.uuid))
)


def paid_between(
    db: Session, channel: str, start: datetime, end: datetime, *, besides: str = ""
) -> list[tuple[str, dict[str, Any], datetime]]:
    """Return every part that went out, or may have, in [start, end): its story, what it says, and when.

    A part that was sent several times counts once. `besides` names a post that is left out.
    """
    asked = {"channel": channel, "besides": besides, "start": start, "end": end, "due_from": start - PAID_LATER}
    return [(story, dict(content), at) for story, content, at in db.exec(PAID, params=asked).all()]


TEXT = col(Part.content)["text"].as_string()


@cache
def twins(texts: int, pictures: int) -> Select[Any]:
    """Return the statement that looks for a post with one of so many texts, or one of so many pictures."""
    written = cast(Part.content, String)
    same = [written.contains(bindparam(f"picture_{n}"), autoescape=False) for n in range(pictures)]
    return (
        select(Post)
        .join(Part, col(Part.post) == col(Post.uuid))
        .where(Post.channel == CHANNEL, Post.uuid != POST)
        .where(col(Post.status).in_([str(s) for s in MAY_BE_LIVE]), col(Post.due_at) >= START)
        .where(or_(TEXT.in_([bindparam(f"text_{n}") for n in range(texts)]), *same))
        .order_by(col(Post.due_at), Post.uuid)
        .limit(1)
    )


def twin_of(db: Session, post: Post, contents: Collection[dict[str, Any]], since: datetime) -> Post | None:
    """Return a post with the same text or card that is or may be live on the channel since then.

    `contents` is what the parts of `post` say. A picture is named by its SHA-256, which stands in no text by chance.
    """
    pictures = sorted({image["sha256"] for content in contents for image in content.get("images", ())})
    asked = {"channel": post.channel, "post": post.uuid, "start": since}
    asked |= {f"text_{n}": content["text"] for n, content in enumerate(contents)}
    asked |= {f"picture_{n}": sha256 for n, sha256 in enumerate(pictures)}
    return db.scalars(twins(len(contents), len(pictures)), asked).first()
