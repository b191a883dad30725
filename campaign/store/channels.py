"""Queries about channels: their state, their owner's epoch, and pauses."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, or_, update
from sqlmodel import Session, col, select

from campaign.errors import NotOwner
from campaign.models import ChannelState, Pause, Post, PostStatus, what_rests


def channel_state(db: Session, channel: str) -> ChannelState | None:
    """Return what is known of a channel."""
    return db.get(ChannelState, channel)


def channel_states(db: Session) -> dict[str, ChannelState]:
    """Return what is known of all channels."""
    return {state.channel: state for state in db.exec(select(ChannelState)).all()}


def take_channel(db: Session, channel: str) -> int:
    """Become the owner of a channel: lock its row and return the new epoch."""
    state = db.get(ChannelState, channel, with_for_update=True)
    if state is None:
        raise NotOwner(f"channel {channel} is not in the database yet")
    state.epoch += 1
    db.add(state)
    db.flush()
    return state.epoch


LOCKED = (
    select(ChannelState)
    .where(ChannelState.channel == bindparam("channel"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


AT_HAND = select(ChannelState.channel).where(ChannelState.channel == bindparam("taken"))
AT_HAND = AT_HAND.with_for_update(skip_locked=True)
RAISE = (
    update(ChannelState)
    .where(col(ChannelState.channel).in_(AT_HAND))
    .values(epoch=col(ChannelState.epoch) + 1)
    .returning(col(ChannelState.epoch))
)


def raise_epoch(connection: Connection, channel: str) -> int | None:
    """Return the new epoch of a channel, over the connection that holds its lock.

    A row that a former owner still has in hand is left for the next tick, so that it keeps no other channel waiting.
    """
    epoch: int | None = connection.execute(RAISE, {"taken": channel}).scalar()
    return epoch


def lock_channel(db: Session, channel: str, epoch: int) -> ChannelState:
    """Lock a channel's row for this transaction and make sure that it is still ours.

    Raises:
        NotOwner: another daemon has taken it since.
    """
    state = db.exec(LOCKED, params={"channel": channel}).first()
    return must_own(state, channel, epoch)


def must_own(state: ChannelState | None, channel: str, epoch: int) -> ChannelState:
    """Return a channel's locked row if it is still ours.

    Raises:
        NotOwner: another daemon has taken it since.
    """
    if state is None or state.epoch != epoch:
        raise NotOwner(f"channel {channel} has another owner now")
    return state


def hold_channel(db: Session, state: ChannelState, until: datetime, reason: str) -> None:
    """Let a channel rest until a time; an earlier end never shortens a longer hold."""
    if state.held_until is None or until > state.held_until:
        state.held_until, state.hold_reason = until, reason
        db.add(state)


def note_check(
    db: Session,
    state: ChannelState,
    *,
    name: str,
    limits: Mapping[str, Any],
    token_ends_at: datetime | None,
    at: datetime,
) -> None:
    """Store what a platform has told of a channel: its account's name, where its limits are not the usual ones, and
    when its credentials end.
    """
    state.account_name, state.limits, state.token_ends_at, state.checked_at = name, dict(limits), token_ends_at, at
    db.add(state)
    db.flush()


def unchecked_channels(db: Session, channels: Collection[str], before: datetime) -> list[ChannelState]:
    """Return those of `channels` that may publish and were not looked at since `before`, the longest waiting first."""
    waiting = or_(col(ChannelState.checked_at).is_(None), col(ChannelState.checked_at) <= before)
    statement = (
        select(ChannelState)
        .where(col(ChannelState.enabled), ChannelState.blocked == "", waiting)
        .order_by(col(ChannelState.checked_at).nulls_first(), ChannelState.channel)
    )
    return [state for state in db.exec(statement).all() if state.channel in channels]


def tokens_ending(db: Session, channels: Collection[str], until: datetime) -> list[ChannelState]:
    """Return those of `channels` that may publish, and whose credentials end by then."""
    statement = select(ChannelState).where(col(ChannelState.enabled), col(ChannelState.token_ends_at) <= until)
    return [state for state in db.exec(statement.order_by(ChannelState.channel)).all() if state.channel in channels]


def told_limits(db: Session) -> dict[tuple[str, str], dict[str, Any]]:
    """Return by channel and platform where limits are not the platform's usual ones."""
    rows = db.exec(select(ChannelState.channel, ChannelState.platform, ChannelState.limits)).all()
    return {(channel, platform): dict(limits) for channel, platform, limits in rows}


def begin_renewal(db: Session, channel: str, now: datetime, lease: timedelta) -> bool:
    """Say whether the caller may renew a channel's tokens from `now` on: nobody else began within the last `lease`.

    A beginning that lies ahead was written by a clock that has been set back since.
    """
    began = col(ChannelState.refresh_started_at)
    free = or_(began.is_(None), began <= now - lease, began >= now + lease)
    statement = update(ChannelState).where(col(ChannelState.channel) == channel, free).values(refresh_started_at=now)
    return bool(db.connection().execute(statement).rowcount)


def end_renewal(db: Session, channel: str, began: datetime) -> None:
    """Let others renew a channel's tokens again, unless somebody has taken over meanwhile."""
    mine = (col(ChannelState.channel) == channel) & (col(ChannelState.refresh_started_at) == began)
    db.connection().execute(update(ChannelState).where(mine).values(refresh_started_at=None))


PAUSES = select(Pause).order_by(Pause.scope, Pause.key)


def pauses(db: Session, now: datetime) -> list[Pause]:
    """Return the pauses in force."""
    found = db.exec(PAUSES).all()
    return [pause for pause in found if pause.until is None or pause.until > now]


def resting(db: Session, now: datetime, channel: str, regions: Collection[str]) -> Pause | None:
    """Return the pause that keeps a post about `regions` off `channel` now."""
    return next((pause for pause in pauses(db, now) if pause.covers(channel, regions)), None)


def why_paused(pause: Pause) -> str:
    """Return why a post waits for the end of a pause."""
    return f"{what_rests(pause.scope, pause.key)} is paused: {pause.reason}"


WAITING = (PostStatus.APPROVED, PostStatus.SENDING)


def set_pause(db: Session, pause: Pause) -> None:
    """Store a pause; a new one on the same thing replaces the old."""
    clear_pause(db, pause.scope, pause.key)
    db.add(pause)
    db.flush()


def clear_pause(db: Session, scope: str, key: str) -> Pause | None:
    """Remove and return a pause. What waits for its end is looked at anew."""
    pause = db.get(Pause, (str(scope), key))
    if pause is not None:
        db.delete(pause)
        db.flush()
        waiting = update(Post).where(col(Post.reason) == why_paused(pause), col(Post.status).in_(WAITING))
        db.connection().execute(waiting.values(next_try_at=None))
    return pause
