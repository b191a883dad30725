"""The turns that a channel has had, which decide whose turn is next: the old ones as one balance, the others by post.

The ledger is a fold over every turn in the order of the slots, and what it has forgotten is nothing: an old turn may
decide today's. So that planning does not read ten years of posts, `count_turns` stores where the ledger stood after the
old ones and notes in each of those posts the due time with which it was counted. A post that has another one since, or
has lost its turn, stands in `ix_post_uncounted`, and everything is counted anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from campaign import __version__
from campaign.app import App
from campaign.config import Channel, Config
from campaign.fairness import Balance, Region, Taken, balance
from campaign.models import LedgerState, Post, digest
from campaign.slots import Slot, resolve
from campaign.store.turns import Turn, all_turns, keep_ledger, later_turns, ledger_state

AT_ONCE = 100  # old turns that are worth a transaction
SAME_DAY = timedelta(days=2)  # no post so old has its day in common with a slot to come


@dataclass(frozen=True)
class Turns:
    """What a channel's ledger has to go by."""

    since: Balance | None  # after the turns that were counted before; None: none were
    later: tuple[Turn, ...]  # the others, slots to come among them
    old: tuple[Turn, ...]  # those of them that neither spacing nor the daily cap looks at any more


def read_turns(app: App, db: Session, channel: Channel) -> Turns:
    """Read what decides whose turn it is on a channel."""
    recent = app.clock.now() - channel.spacing - SAME_DAY
    known = ledger_state(db, channel.key)
    good = known is not None and known.rules == ledger_rules(app.config, channel) and known.until < recent
    later = later_turns(db, channel.key, known.until) if known and good else None
    since = _read(known.balance) if known and later is not None else None
    turns = tuple(all_turns(db, channel.key) if later is None else later)
    return Turns(since, turns, tuple(turn for turn in turns if turn.due_at < recent))


def count_turns(app: App, db: Session, channel: Channel) -> None:
    """Count the old turns of a channel for good; the caller keeps house."""
    turns = read_turns(app, db, channel)
    if not turns.old:
        return
    state = LedgerState(
        channel=channel.key,
        rules=ledger_rules(app.config, channel),
        until=turns.old[-1].due_at,
        balance=_written(balance(taken_of(turns.old, channel), regions_of(app.config), turns.since)),
    )
    keep_ledger(db, state, turns.old, anew=turns.since is None)


def ledger_rules(config: Config, channel: Channel) -> str:
    """Return the hash of what shapes a balance beside the turns; another version of the program may count otherwise."""
    regions = [[one.key, str(one.weight), one.network, str(one.share)] for one in regions_of(config)]
    return digest([__version__, channel.zone, channel.spacing.total_seconds(), regions])


def _written(stands: Balance) -> dict[str, Any]:
    return {
        "levels": {key: str(level) for key, level in stands.levels.items()},
        "floor": str(stands.floor),
        "room": {key: str(room) for key, room in stands.room.items()},
        "previous": sorted(stands.previous),
        "most": stands.most,
    }


def _read(written: Mapping[str, Any]) -> Balance:
    return Balance(
        levels={key: Fraction(level) for key, level in written["levels"].items()},
        floor=Fraction(written["floor"]),
        room={key: Fraction(room) for key, room in written["room"].items()},
        previous=frozenset(written["previous"]),
        most=written["most"],
    )


def regions_of(config: Config) -> list[Region]:
    """The regions of the config as the fairness rule takes them."""
    return [Region(one.key, one.weight, one.network, one.share) for one in config.regions.values()]


def taken_of(turns: Iterable[Turn], channel: Channel) -> list[Taken[Slot]]:
    """The turns of a channel as the fairness rule takes them."""
    return [Taken(slot_of(turn, channel), turn.story, turn.regions) for turn in turns]


def slot_of(post: Post | Turn, channel: Channel) -> Slot:
    """The slot of a post that has a due time; outside the weekly slots, the local minute at which it is due."""
    if post.slot_date is not None and post.slot_time is not None:
        at = time.fromisoformat(post.slot_time)
        return Slot(channel.key, post.slot_date, at, resolve(post.slot_date, at, channel.zone))
    if post.due_at is None:
        raise ValueError(f"post {post.uuid} waits for a slot")
    local = post.due_at.astimezone(ZoneInfo(channel.zone))
    return Slot(channel.key, local.date(), local.time(), post.due_at)
