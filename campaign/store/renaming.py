"""A channel under a new name: everything that belongs to it moves along; the history keeps the old name."""

from __future__ import annotations

from sqlalchemy import delete, update
from sqlmodel import Session, col

from campaign.models import Alert, ChannelState, LedgerState, Part, Pause, PauseScope, Post


def forget_channel(db: Session, channel: str) -> None:
    """Drop the row of a channel that has no posts."""
    if state := db.get(ChannelState, channel):
        db.delete(state)
        db.flush()


def rename_channel(db: Session, old: str, new: str, epoch: int) -> None:
    """Move a channel's state, posts, parts, alerts and pause to a new name, under a new epoch."""
    connection = db.connection()
    connection.execute(update(ChannelState).where(col(ChannelState.channel) == old).values(channel=new, epoch=epoch))
    for table in (Post, Part, Alert):
        connection.execute(update(table).where(col(table.channel) == old).values(channel=new))
    connection.execute(delete(LedgerState).where(col(LedgerState.channel).in_((old, new))))  # it is counted anew
    paused = (col(Pause.scope) == PauseScope.CHANNEL) & (col(Pause.key) == old)
    connection.execute(update(Pause).where(paused).values(key=new))
    db.expire_all()
