"""Queries of the fairness ledger: where it stands on a channel, and which turns it has not counted as they are now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, case, literal_column, update
from sqlmodel import Session, col, select

from campaign.models import HAD_A_TURN, LedgerState, Post, Story
from campaign.store.posts import BY_SLOT


@dataclass(frozen=True)
class Turn:
    """What the ledger needs to know of a post."""

    uuid: str
    story: str
    regions: tuple[str, ...]
    slot_date: date | None
    slot_time: str | None
    due_at: datetime
    turn_at: datetime | None


def ledger_state(db: Session, channel: str) -> LedgerState | None:
    """Return where a channel's ledger stood after all turns that were counted."""
    return db.get(LedgerState, channel)


COLUMNS = (Post.uuid, Post.story, Story.content["regions"], Post.slot_date, Post.slot_time, Post.due_at, Post.turn_at)
TURNS: Any = (  # SQLModel's `select` types no more than four columns
    select(*COLUMNS)  # type: ignore[call-overload]  # more columns than its overloads name
    .join(Story, col(Post.story) == col(Story.uuid))
    .where(Post.channel == bindparam("channel"))
    .order_by(*BY_SLOT)
)
ALL_TURNS = TURNS.where(col(Post.status).in_([str(status) for status in HAD_A_TURN]), col(Post.due_at).is_not(None))
# As words, not as parameters: only so does a query meet the condition of `ix_post_uncounted`.
HAS_A_TURN = col(Post.status).in_([literal_column(repr(str(status))) for status in HAD_A_TURN])
UNCOUNTED = TURNS.where(col(Post.turn_at).is_distinct_from(case((HAS_A_TURN, col(Post.due_at)))))


def all_turns(db: Session, channel: str) -> list[Turn]:
    """Return every turn that a channel has had, and those that posts hold, by slot."""
    return _turns(db, ALL_TURNS, channel)


def later_turns(db: Session, channel: str, until: datetime) -> list[Turn] | None:
    """Return the turns of a channel that were not counted, by slot.

    None when they are not all that has changed: one of those up to `until` has come, gone or moved since.
    """
    turns = _turns(db, UNCOUNTED, channel)
    return turns if all(turn.turn_at is None and turn.due_at > until for turn in turns) else None


def _turns(db: Session, statement: Any, channel: str) -> list[Turn]:
    found = db.exec(statement, params={"channel": channel}).all()
    return [Turn(uuid, story, tuple(regions), *rest) for uuid, story, regions, *rest in found]


FORGET = update(Post).where(col(Post.turn_at).is_not(None)).values(turn_at=None)
COUNT = update(Post).where(col(Post.uuid) == bindparam("this")).values(turn_at=bindparam("counted"))


def keep_ledger(db: Session, state: LedgerState, counted: Iterable[Turn], *, anew: bool) -> None:
    """Store where a channel's ledger stands, and in each post the due time with which it was counted.

    Whatever has changed about a post meanwhile, it keeps what was counted, so that the difference is seen. With `anew`
    everything that was counted before is forgotten.
    """
    if anew:
        db.connection().execute(FORGET.where(col(Post.channel) == state.channel))
    db.merge(state)
    db.flush()
    if rows := [{"this": turn.uuid, "counted": turn.due_at} for turn in counted]:
        db.connection().execute(COUNT, rows)


def forget_turns(db: Session, story: str) -> None:
    """Have the turns of a story counted anew: it is about other regions now. The caller keeps house."""
    db.connection().execute(FORGET.where(col(Post.story) == story))
