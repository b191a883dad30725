"""What planning writes: slots given, taken away, and posts that ended unsent. Each with its reason and an event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session

from campaign import store
from campaign.app import App
from campaign.models import Post, PostStatus, Story
from campaign.plan.sheet import Sheet
from campaign.slots import Slot

OVER = "it expired before it could go out"


def apply(app: App, db: Session, sheet: Sheet) -> None:
    """Write what was decided about one channel, in the caller's transaction."""
    for post in sheet.expired:
        if store.change_post(db, post, status=str(PostStatus.EXPIRED), next_try_at=None, reason=OVER):
            _mourn(app, db, post, sheet.stories[post.story])
    for story in sheet.never:
        post = _new_post(app, story, sheet.channel.key, status=PostStatus.EXPIRED, reason=OVER)
        _mourn(app, db, store.add_post(db, post), story)
    for post in sheet.revived:
        revive(app, db, post)
    for post, reason in sheet.lost:
        take_slot_away(app, db, post, reason)
    for post, values in sheet.corrected:
        store.change_post(db, post, **values)
    for decision in sheet.given:
        story = sheet.stories[str(decision.story)]
        waiting = sheet.waiting.get(story.uuid)
        give_slot(app, db, story, waiting, decision.slot, str(decision.reason))


def give_slot(app: App, db: Session, story: Story, post: Post | None, slot: Slot, reason: str) -> None:
    """Give a slot to a story's post, which is made if there is none yet."""
    now = app.clock.now()
    values: dict[str, Any] = {
        "slot_date": slot.day,
        "slot_time": f"{slot.at:%H:%M}",
        "due_at": slot.due_at,
        "first_due_at": _first_due(post, slot, now),
        "expires_at": story.expires_at,
        "next_try_at": None,
        "tries": 0,
        "warned": 0,
        "reason": reason,
    }
    if post is None:
        post = store.add_post(db, _new_post(app, story, slot.channel, **values))
    elif not store.change_post(db, post, **values):
        return  # a person's command was faster; the next run looks again
    _tell(app, db, "post.planned", post, reason, after=_place(post))


def take_slot_away(app: App, db: Session, post: Post, reason: str, **values: Any) -> bool:
    """Send a post back to wait for another slot, its approval kept; say whether that was still possible."""
    before = _place(post)
    changed = store.change_post(
        db, post, slot_date=None, slot_time=None, due_at=None, next_try_at=None, tries=0, reason=reason, **values
    )
    if changed:
        _tell(app, db, "post.unslotted", post, reason, before=before)
    return changed


def revive(app: App, db: Session, post: Post) -> None:
    """Let an expired post wait for a slot again. It is rendered anew, and what was approved stays approved if equal."""
    reason = "its story has a later expiry now"
    store.clear_alert(db, f"expired:{post.story}", app.clock.now())
    if store.change_post(
        db,
        post,
        status=str(PostStatus.PLANNED),
        slot_date=None,
        slot_time=None,
        due_at=None,
        first_due_at=None,
        returns=0,
        input_hash="",
        content_hash="",
        reason=reason,
    ):
        _tell(app, db, "post.revived", post, reason)


def _mourn(app: App, db: Session, post: Post, story: Story) -> None:
    """Tell of a post that ended unsent."""
    app.alert_expired(db, story, post.channel)
    _tell(app, db, "post.expired", post, post.reason)


def _new_post(app: App, story: Story, channel: str, **values: Any) -> Post:
    return Post(
        uuid=app.new_id(),
        story=story.uuid,
        channel=channel,
        created_at=app.clock.now(),
        **{"expires_at": story.expires_at, **values},
    )


def _first_due(post: Post | None, slot: Slot, now: datetime) -> datetime:
    """When a post first came due: a slot that was still ahead does not count."""
    first = post.first_due_at if post else None
    return first if first is not None and first <= now else slot.due_at


def _place(post: Post) -> dict[str, str]:
    """Where a post stands in the calendar, for the history."""
    return {"slot": f"{post.slot_date} {post.slot_time}" if post.slot_date else "", "due_at": str(post.due_at or "")}


def _tell(app: App, db: Session, what: str, post: Post, note: str, **places: Any) -> None:
    app.event(db, what, post=post.uuid, story=post.story, channel=post.channel, note=note, **places)
