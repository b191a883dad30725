"""What the replaced database knows and the backup does not: what went out, and what came in since.

Plans, texts and approvals of what was not sent are those of the backup: that is what a restore is for. What happened
stays happened. Rows are the same by uuid; where the two databases went different ways, by story, channel and number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel

from campaign import store
from campaign.errors import StoreError
from campaign.models import (
    KEEPS_SLOT,
    OPEN,
    Alert,
    Attempt,
    ChannelState,
    Event,
    LedgerState,
    Part,
    Pause,
    Post,
    PostStatus,
    Snapshot,
    Story,
    StoryStatus,
)

Row = dict[str, Any]
RANK = {  # how much is known to be live: of two rows the one that knows more is kept
    **dict.fromkeys(OPEN, 0),
    **dict.fromkeys((PostStatus.CANCELLED, PostStatus.EXPIRED, PostStatus.FAILED), 1),
    **dict.fromkeys((PostStatus.SENDING, PostStatus.UNCONFIRMED), 2),
    PostStatus.PARTIAL: 3,
    PostStatus.PUBLISHED: 4,
    PostStatus.REMOVED: 5,
}


def goes_on(db: Session, old: Session) -> bool:
    """Whether the replaced database went on from this backup: the history never changes, so the end of one is in it."""
    last = store.events(db, last=1)
    same = old.get(Event, last[0].id) if last else None
    return same is not None and (same.at, same.what) == (last[0].at, last[0].what)


def carry_over(db: Session, old: Session, *, whole: bool) -> int:
    """Add to a backup what the replaced database knows; return how many posts that changed.

    `whole` when it went on from this backup and knows all: then its history and the state of its channels count too.

    Raises:
        StoreError: the two say what cannot both be true.
    """
    try:
        stories = _stories(db, old)
        posts = _posts(db, old, stories, whole)
        parts = _parts(db, old, posts)
        _attempts(db, old, parts)
        _snapshots(db, old, posts)
        _pauses(db, old)
        _count_turns_anew(db)
        if whole:
            _replace(db, old, ChannelState, Alert)
            _history(db, old)
    except IntegrityError as error:
        raise StoreError(
            f"the backup and the present database contradict each other: {error.orig}",
            remedy="Nothing was changed. Move the present database away, and restore again: the platforms are asked.",
        ) from None
    db.expire_all()
    return sum(post.is_news for post in posts.values())


def _count_turns_anew(db: Session) -> None:
    """What the ledger has counted, and which stories every channel is done with, was so in one of the two databases."""
    db.connection().execute(delete(_table(LedgerState)))
    store.reopen_stories(db)


@dataclass(frozen=True)
class Same:
    """Which post here a post of the replaced database is, whether its row was taken, and whether that told anything."""

    uuid: str
    taken: bool
    is_news: bool


def _table(model: type[SQLModel]) -> Table:
    return SQLModel.metadata.tables[str(model.__tablename__)]


def _rows(db: Session, model: type[SQLModel]) -> list[Row]:
    return [dict(row) for row in db.connection().execute(select(_table(model))).mappings()]


def _add(db: Session, model: type[SQLModel], rows: Iterable[Row]) -> None:
    if rows := list(rows):
        db.connection().execute(insert(_table(model)), rows)


def _change(db: Session, model: type[SQLModel], uuid: str, values: Mapping[str, Any]) -> None:
    table = _table(model)
    db.connection().execute(update(table).where(table.c.uuid == uuid).values(**values))


def _drop(db: Session, model: type[SQLModel], column: str, values: Iterable[str]) -> None:
    table = _table(model)
    for value in values:
        db.connection().execute(delete(table).where(table.c[column] == value))


def _stories(db: Session, old: Session) -> dict[str, str]:
    """Add the stories that came since; what was taken back stays taken back. Return which story here each one is."""
    here = _rows(db, Story)
    known = {row["uuid"]: row for row in here} | {(row["region"], row["slug"]): row for row in here}
    same = {}
    for row in _rows(old, Story):
        twin = known.get(row["uuid"]) or known.get((row["region"], row["slug"]))
        same[row["uuid"]] = twin["uuid"] if twin else row["uuid"]
        if twin is None:
            _add(db, Story, [row])
        elif row["status"] != StoryStatus.QUEUED:
            _change(db, Story, twin["uuid"], {"status": row["status"], "note": row["note"]})
    return same


def _posts(db: Session, old: Session, stories: Mapping[str, str], whole: bool) -> dict[str, Same]:
    """Add the posts that were planned since, and take over those of which the replaced database knows more."""
    here = _rows(db, Post)
    known = {row["uuid"]: row for row in here}
    known |= {(row["story"], row["channel"], row["occurrence"]): row for row in here}
    same: dict[str, Same] = {}
    taken: list[tuple[Row, Row | None]] = []
    for row in _rows(old, Post):
        row["story"] = stories[row["story"]]
        twin = known.get(row["uuid"]) or known.get((row["story"], row["channel"], row["occurrence"]))
        knows_more = twin is None or _knows_more(RANK[row["status"]], RANK[twin["status"]], whole)
        same[row["uuid"]] = Same(twin["uuid"] if twin else row["uuid"], knows_more, knows_more and row != twin)
        taken += [(row, twin)] if knows_more else []
    _free_slots(db, [row for row, _ in taken], {twin["uuid"] for _, twin in taken if twin})
    for row, twin in sorted(taken, key=lambda pair: pair[0]["status"] == PostStatus.SENDING):  # one at a time sends
        if twin is None:
            _add(db, Post, [row])
        else:
            _change(db, Post, twin["uuid"], {name: value for name, value in row.items() if name != "uuid"})
    return same


def _knows_more(old: int, here: int, whole: bool) -> bool:
    """Whether the replaced row of a post is to be taken: never of one that is open in both, nor over one that is live.

    What went on from the backup is right about all others; else the row that knows of more.
    """
    if not old and not here:
        return False
    return old >= here or (whole and here < RANK[PostStatus.PUBLISHED])


def _free_slots(db: Session, coming: Iterable[Row], replaced: set[str]) -> None:
    """Take their slots from posts that are about to be replaced, and from those whose slot another has had since."""
    wanted = {_slot(row) for row in coming if row["status"] in KEEPS_SLOT and row["slot_date"]}
    for uuid in replaced:
        _change(db, Post, uuid, {"slot_date": None, "slot_time": None})
    for row in _rows(db, Post):
        if row["status"] in OPEN and row["slot_date"] and _slot(row) in wanted:
            why = "after the backup another post had its slot"
            _change(db, Post, row["uuid"], {"slot_date": None, "slot_time": None, "due_at": None, "reason": why})


def _slot(row: Row) -> tuple[Any, ...]:
    return row["channel"], row["slot_date"], row["slot_time"]


def _parts(db: Session, old: Session, posts: Mapping[str, Same]) -> dict[str, str]:
    """Take over the parts of the posts that were taken, to the byte; return which part here each one is."""
    here = {(row["post"], row["n"]): row["uuid"] for row in _rows(db, Part)}
    live = {row["uuid"] for row in _rows(db, Part) if row["remote_id"]}
    same = {}
    for row in _rows(old, Part):
        post = posts[row["post"]]
        twin = here.pop((post.uuid, row["n"]), None)
        if post.taken:
            row["post"] = post.uuid
            if twin is None:
                _add(db, Part, [row])
            else:
                _change(db, Part, twin, {name: value for name, value in row.items() if name != "uuid"})
        elif twin and row["remote_id"] and twin not in live:
            _change(db, Part, twin, {name: row[name] for name in ("remote_id", "permalink")})
        if twin or post.taken:
            same[row["uuid"]] = twin or row["uuid"]
    taken = {post.uuid for post in posts.values() if post.taken}
    left = [uuid for (post, _), uuid in here.items() if post in taken]  # their post was rendered shorter since
    _drop(db, Part, "uuid", left)
    return same


def _attempts(db: Session, old: Session, parts: Mapping[str, str]) -> None:
    """Add every attempt made since, and the ends of those that were open."""
    known = {row["uuid"] for row in _rows(db, Attempt)}
    for row in _rows(old, Attempt):
        if row["uuid"] in known:
            if row["ended_at"] is not None:
                _change(db, Attempt, row["uuid"], {name: row[name] for name in ("ended_at", "outcome", "detail")})
        elif row["part"] in parts:
            _add(db, Attempt, [row | {"part": parts[row["part"]]}])


def _snapshots(db: Session, old: Session, posts: Mapping[str, Same]) -> None:
    """Take over what was measured of the posts that were taken."""
    _drop(db, Snapshot, "post", [post.uuid for post in posts.values() if post.taken])
    rows = [row | {"post": posts[row["post"]].uuid} for row in _rows(old, Snapshot) if posts[row["post"]].taken]
    _add(db, Snapshot, rows)


def _pauses(db: Session, old: Session) -> None:
    """Add the pauses that began since."""
    known = {(row["scope"], row["key"]) for row in _rows(db, Pause)}
    _add(db, Pause, [row for row in _rows(old, Pause) if (row["scope"], row["key"]) not in known])


def _replace(db: Session, old: Session, *models: type[SQLModel]) -> None:
    """Take over what has only a present: accounts, tokens, holds; and what still needs a person."""
    for model in models:
        db.connection().execute(delete(_table(model)))
        _add(db, model, _rows(old, model))


def _history(db: Session, old: Session) -> None:
    """Add what happened since."""
    last = max(row["id"] for row in _rows(db, Event))
    _add(db, Event, [row for row in _rows(old, Event) if row["id"] > last])
