"""The planner's turns as the judge of fairness takes them: rows of slots between which nothing came.

A slot that was taken away again, by a fault, an expiry or a person, changes what regions have had; so a row ends where
that happened between the decisions about two slots.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from campaign import store
from campaign.app import App
from campaign.config import Channel
from campaign.fairness import MARGIN, Wish
from campaign.models import HAD_A_TURN, PauseScope, StoryStatus
from campaign.plan.sheet import Rules
from campaign.rehearsal.judge import Row, Turn

Wishes = Mapping[str, Wish]  # by story
GIVEN = "post.planned"
LOST = {  # events after which a post has its slot no more
    "post.unslotted",
    "post.returned",
    "post.expired",
    "post.failed",
    "post.cancelled",
    "post.placed",
}


@dataclass(frozen=True)
class Given:
    """One slot with its story, and when that was decided."""

    due_at: datetime
    decided_at: datetime
    story: str
    by_rule: bool


def rows_of(app: App, db: Session, channel: Channel, start: datetime) -> list[Row]:
    """Return the turns of a channel that were given since `start`, in rows."""
    events = [event for event in store.events(db, since=start) if event.channel == channel.key]
    decided = {event.post: event.at for event in events if event.what == GIVEN}
    lost = sorted(event.at for event in events if event.what in LOST)
    posts = [post for post in store.posts_on(db, channel.key) if post.due_at and post.status in HAD_A_TURN]
    calendar = [
        Given(
            post.due_at, decided.get(post.uuid, start), post.story, post.uuid in decided and post.slot_date is not None
        )
        for post in posts
        if post.due_at is not None
    ]
    wishes = _wishes(app, db, channel, start, besides={event.story for event in events if event.what in LOST})
    rows: list[list[Given]] = [[]]
    for given in sorted(calendar, key=lambda each: each.due_at):
        if not given.by_rule or (rows[-1] and _something_between(rows[-1][-1], given, lost)):
            rows.append([])
        if given.by_rule:
            rows[-1].append(given)
    of_story = {given.story: given for given in calendar}
    networks = {region.key for region in app.config.regions.values() if region.network}
    return [[_turn(given, wishes, of_story, networks) for given in row] for row in rows if row]


def _something_between(before: Given, after: Given, lost: Sequence[datetime]) -> bool:
    """Whether a slot was taken away between the two decisions."""
    first, last = sorted((before.decided_at, after.decided_at))
    return first != last and bisect_left(lost, first) != bisect_right(lost, last)


def _wishes(app: App, db: Session, channel: Channel, start: datetime, besides: Collection[str | None]) -> Wishes:
    """Return what each story asks of the channel; a region that rests, or a story that lost a slot, is no measure."""
    pauses = store.pauses(db, start)
    rules = Rules(app.config, channel, start, pauses, {})
    resting = {pause.key for pause in pauses if pause.scope == PauseScope.REGION}
    queued = [story for story in store.all_stories(db) if story.status == StoryStatus.QUEUED]
    stories = [story for story in queued if story.uuid not in besides]
    wishes = [rules.wish(story) for story in stories if not rules.unfit(story)]
    return {wish.story: wish for wish in wishes if not resting & set(wish.regions)}


def _turn(given: Given, wishes: Wishes, calendar: dict[str, Given], networks: set[str]) -> Turn:
    def own(wish: Wish) -> list[str]:
        return [region for region in wish.regions if region not in networks]

    waiting = {
        own(wish)[0]
        for wish in wishes.values()
        if len(own(wish)) == 1 and _waits(wish, given, calendar.get(wish.story))
    }
    mine = wishes.get(given.story)
    return Turn(own(mine) if mine else (), frozenset(waiting))


def _waits(wish: Wish, given: Given, got: Given | None) -> bool:
    """Whether a story could have had the slot when it was given away; `got` is the slot that it has now."""
    if wish.created_at > given.decided_at or (wish.release_at and wish.release_at > given.due_at):
        return False
    if wish.expires_at and given.due_at + MARGIN >= wish.expires_at:
        return False
    return got is None or (got.by_rule and got.due_at >= given.due_at and got.decided_at >= given.decided_at)
