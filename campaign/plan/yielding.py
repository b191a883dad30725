"""What happens at the cutoff: a post that nobody approved gives its slot to the next approved one, by the same rule."""

from __future__ import annotations

from sqlmodel import Session

from campaign import store
from campaign.app import App, Summary
from campaign.config import Channel
from campaign.fairness import next_in_turn
from campaign.models import Post, PostStatus, StoryStatus
from campaign.plan.changes import give_slot, take_slot_away
from campaign.plan.sheet import rules_of
from campaign.plan.turns import read_turns, regions_of, slot_of, taken_of
from campaign.slots import Slot

UNAPPROVED = (PostStatus.PLANNED, PostStatus.RENDERED)
MISSES = 3  # each time that many slots were missed, a person is told


def yield_unapproved(app: App) -> Summary:
    """Take the slots of posts that were not approved in time; an empty slot is told, never filled unapproved."""
    summary = Summary("plan")
    for channel in app.config.channels.values():
        with app.reading() as db:
            nobody = not _missed(app, db, channel)
        if nobody:
            continue
        with app.keeping_house() as db:
            for post in _missed(app, db, channel):
                summary.count(_yield(app, db, channel, post))
    summary.counts.pop("", None)
    return summary


def _missed(app: App, db: Session, channel: Channel) -> list[Post]:
    """The posts of a channel that can no longer use their slots, by slot.

    In a weekly slot that is so at the cutoff. What a person placed, or what needs no approval, has its late window.
    """
    cutoff = app.config.approval.cutoff if channel.approval else -channel.late_window
    now = app.clock.now()
    return [
        post
        for post in store.posts_where(db, statuses=UNAPPROVED, channel=channel.key)
        if post.due_at is not None and post.due_at - (cutoff if post.slot_date else -channel.late_window) <= now
    ]


def _yield(app: App, db: Session, channel: Channel, post: Post) -> str:
    """Let one post miss its slot; return what became of the slot."""
    slot, is_weekly, misses = slot_of(post, channel), post.slot_date is not None, post.misses + 1
    was_rendered = post.status == PostStatus.RENDERED
    why = "it was not approved in time" if was_rendered else "it could not be rendered in time"
    if not take_slot_away(app, db, post, why, misses=misses, first_due_at=None, warned=0):
        return ""  # approved this moment
    if misses % MISSES == 0:
        message = f"post {post.uuid[:8]} on {channel.key} has missed {misses} slots: {why}"
        remedy = f"campaign proof {post.uuid[:8]}, then approve it; or campaign post cancel {post.uuid[:8]}"
        app.alert(db, f"missed:{post.uuid}", message, post=post.uuid, channel=channel.key, remedy=remedy)
    if not is_weekly:
        return "missed their time"
    if slot.due_at > app.clock.now() and _hand_over(app, db, channel, slot):
        return "handed over"
    app.event(db, "slot.empty", post=post.uuid, channel=channel.key, note=f"{slot.day} {slot.at:%H:%M}: {why}")
    return "slots left empty"


def _hand_over(app: App, db: Session, channel: Channel, slot: Slot) -> bool:
    """Give a slot to the approved post whose turn it is; say whether there was one."""
    posts = store.posts_where(db, channel=channel.key, statuses=[PostStatus.APPROVED])
    turns = read_turns(app, db, channel)
    stories = store.stories_of(db, posts)
    rules = rules_of(app, db, channel, {})
    if rules.closed(slot, ()):
        return False
    approved = {
        post.story: post
        for post in posts
        if (post.due_at is None or (post.slot_date is not None and post.due_at > slot.due_at))
        and stories[post.story].status == StoryStatus.QUEUED
        and not rules.unfit(stories[post.story])
    }
    decision = next_in_turn(
        slot,
        [rules.wish(stories[story]) for story in approved],
        taken_of(turns.later, channel),
        regions_of(app.config),
        spacing=channel.spacing,
        daily_cap=channel.daily_cap,
        urgent=app.config.plan.urgent,
        since=turns.since,
    )
    if decision.story is None:
        return False
    reason = f"took over a slot that was not approved in time; {decision.reason}"
    give_slot(app, db, stories[decision.story], approved[decision.story], slot, reason)
    return True
