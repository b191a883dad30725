"""Posts moved, cancelled and restored by an officer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from campaign import store
from campaign.app import App
from campaign.config import Channel
from campaign.errors import UsageError
from campaign.models import KEEPS_SLOT, OPEN, Post, PostStatus, Story, StoryStatus
from campaign.slots import Slot, blackout_of
from campaign.store.wanted import SHORT_ID, post_name

NO_SLOT: dict[str, Any] = {
    "slot_date": None,
    "slot_time": None,
    "next_try_at": None,
    "tries": 0,
    "warned": 0,
    "wish": "",
    "wish_by": "",
}
UNPLACED = {**NO_SLOT, "due_at": None}
TYPING = timedelta(minutes=5)  # a time so little past means now


def move(app: App, db: Session, post: Post, when: datetime) -> None:
    """Let a post go out at a moment of the officer's choice, outside the weekly slots; its approval is kept.

    Raises:
        UsageError: the post cannot be moved any more, or nothing may go out on its channel then.
    """
    story = _story(db, post)
    _refuse_unless(post, OPEN, "moved")
    _refuse_date(app, story, post.channel, when)
    refuse_moment(app, db, post.channel, when, besides=post.uuid)
    values = {**NO_SLOT, "due_at": when, "first_due_at": when, "returns": 0, "reason": f"moved by {app.who}"}
    _change(app, db, post, "post.moved", **values)


def place(app: App, db: Session, story: Story, channel: str, when: datetime) -> Post:
    """Give a story a post on a channel at a moment of the officer's choice.

    Raises:
        UsageError: nothing may go out on the channel then.
    """
    _refuse_date(app, story, channel, when)
    refuse_moment(app, db, channel, when)
    now = app.clock.now()
    post = Post(
        uuid=app.new_id(),
        story=story.uuid,
        channel=channel,
        due_at=when,
        first_due_at=when,
        expires_at=story.expires_at,
        reason=f"placed by {app.who}",
        created_at=now,
    )
    store.add_post(db, post)
    app.event(db, "post.placed", post=post.uuid, story=story.uuid, channel=channel, after=_place(post))
    return post


def cancel(app: App, db: Session, post: Post) -> None:
    """Let a post not go out; its slot is free for another.

    Raises:
        UsageError: it went out, may have gone out, or is over.
    """
    _refuse_unless(post, (*OPEN, PostStatus.FAILED), "cancelled")
    values = {**UNPLACED, "status": str(PostStatus.CANCELLED), "reason": f"cancelled by {app.who}"}
    _change(app, db, post, "post.cancelled", **values)
    asked = [alert.key for alert in store.open_alerts(db) if alert.post == post.uuid]
    store.clear_alert(db, asked, app.clock.now())


def restore(app: App, db: Session, post: Post) -> None:
    """Give a cancelled or moved post back to the planner. What was approved stays approved if it is rendered equal.

    Raises:
        UsageError: the post is neither, its story is withdrawn, or a part of it is live.
    """
    story = _story(db, post)
    placed = post.status in OPEN and post.due_at is not None and post.slot_date is None
    if not placed:
        _refuse_unless(post, (PostStatus.CANCELLED,), "restored")
    if story.status != StoryStatus.QUEUED:
        command = "withdraw" if story.status == StoryStatus.WITHDRAWN else "return"
        told = f"the story {story.slug} is {story.status}"
        raise UsageError(told, remedy=f"First: campaign story {command} --undo {story.region}/{story.slug}")
    if any(part.remote_id for part in store.parts_of(db, post.uuid)):
        raise UsageError(f"a part of post {_short(post)} is live", remedy=f"campaign why {_short(post)}")
    anew = {"status": str(PostStatus.PLANNED), "input_hash": "", "content_hash": ""}
    values = {**UNPLACED, "first_due_at": None, "returns": 0, "reason": f"restored by {app.who}"}
    _change(app, db, post, "post.restored", **values, **({} if placed else anew))


def _refuse_unless(post: Post, statuses: Iterable[str], done: str) -> None:
    if post.status == PostStatus.SENDING:
        raise UsageError(f"post {_short(post)} is being sent now", remedy="Run this again in a minute.")
    if post.status not in statuses:
        told = f"post {_short(post)} is {post.status} and cannot be {done}"
        raise UsageError(told, remedy=f"What can be done: campaign why {_short(post)}")


def _change(app: App, db: Session, post: Post, what: str, **values: Any) -> None:
    before = _place(post)
    if not store.change_post(db, post, **values):
        short = _short(post)
        raise UsageError(f"post {short} has just changed", remedy=f"Look again: campaign post show {short}")
    about = {"post": post.uuid, "story": post.story, "channel": post.channel, "note": post.reason}
    app.event(db, what, **about, before=before, after=_place(post))


def _place(post: Post) -> dict[str, str]:
    slot = f"{post.slot_date} {post.slot_time}" if post.slot_date else ""
    return {"status": str(post.status), "slot": slot, "due_at": post.due_at.isoformat() if post.due_at else ""}


def _refuse_date(app: App, story: Story, channel: str, when: datetime) -> None:
    """Refuse a moment before a story's embargo or after its expiry."""
    budget = 2 * app.channel(channel).call_deadline
    if story.embargo_at is not None and when < story.embargo_at:
        raise _refusal(app, channel, when, f"its embargo lasts until {_told(app, story.embargo_at)}")
    if story.expires_at is not None and when + budget >= story.expires_at:
        raise _refusal(app, channel, when, f"it expires on {_told(app, story.expires_at)}")


def refuse_moment(app: App, db: Session, key: str, when: datetime, besides: str = "") -> None:
    """Refuse a moment at which the gate would hold a post of the channel back; `besides` is the post itself.

    Raises:
        UsageError: saying what speaks against it.
    """
    channel = app.channel(key)
    local = when.astimezone(ZoneInfo(channel.zone))
    slot = Slot(key, local.date(), time(local.hour, local.minute), when)
    if when < app.clock.now() - TYPING:
        raise _refusal(app, key, when, "that is past")
    if blackout := blackout_of(slot, app.config.blackouts):
        raise _refusal(app, key, when, f"nothing is posted on that day: {blackout.reason}")
    if why := _company_objection(app, db, channel, when, besides):
        raise _refusal(app, key, when, why)


def _refusal(app: App, channel: str, when: datetime, why: str) -> UsageError:
    return UsageError(f"not on {channel} on {_told(app, when)}: {why}", remedy="Choose another time.")


def _company_objection(app: App, db: Session, channel: Channel, when: datetime, besides: str) -> str:
    """Whether the channel's spacing or daily cap speaks against a moment, by what else has a time there."""
    others = [post for post in store.posts_on(db, channel.key) if post.status in KEEPS_SLOT and post.uuid != besides]
    times = {post.uuid: moment for post in others if (moment := post.published_at or post.due_at) is not None}
    nearest = min(times, key=lambda uuid: abs(times[uuid] - when), default=None)
    if nearest is not None and abs(times[nearest] - when) < channel.spacing:
        post = next(post for post in others if post.uuid == nearest)
        name = post_name(post, store.stories_of(db, [post])[post.story])
        hours = channel.spacing / timedelta(hours=1)
        return f"{name} has {_told(app, times[nearest])}, and the channel keeps {hours:g} h between posts"
    zone = ZoneInfo(channel.zone)
    day = when.astimezone(zone).date()
    if sum(moment.astimezone(zone).date() == day for moment in times.values()) >= channel.daily_cap:
        return f"the channel has its {channel.daily_cap} posts on that day"
    return ""


def _told(app: App, moment: datetime) -> str:
    local = moment.astimezone(ZoneInfo(app.config.campaign.zone))
    return f"{local:%a} {local.day} {local:%b %Y %H:%M}"


def _story(db: Session, post: Post) -> Story:
    return store.stories_of(db, [post])[post.story]


def _short(post: Post) -> str:
    return post.uuid[:SHORT_ID]
