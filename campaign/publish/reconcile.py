"""What may be live is asked of the platform, never guessed: found, absent, or cannot tell."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from campaign import store
from campaign.app import App
from campaign.config import Channel
from campaign.errors import PlatformError
from campaign.log import tell
from campaign.models import Attempt, Outcome, Part, Post, PostStatus
from campaign.platforms.base import Absent, CannotTell, Checkpoint, Found
from campaign.publish import record, send
from campaign.publish.outgoing import Delivery, item_of, read_delivery
from campaign.retry import next_look


def run(app: App, channel: Channel, epoch: int) -> int:
    """Settle what this channel left open; return how many looks were taken."""
    close_orphans(app, channel, epoch)
    with app.reading() as db:
        waiting = store.posts_where(db, channel=channel.key, statuses=[PostStatus.UNCONFIRMED])
        due = [post for post in waiting if post.next_try_at is None or post.next_try_at <= app.clock.now()]
        deliveries = [read_delivery(db, channel, post) for post in due]
    for delivery in deliveries:
        look(app, delivery, epoch)
    return len(deliveries)


def close_orphans(app: App, channel: Channel, epoch: int) -> None:
    """Attempts of an earlier owner, and those open past their deadline, have an unknown outcome."""
    with app.reading() as db:
        if not store.open_attempts(db, channel.key):
            return
    with app.writing() as db:
        store.lock_channel(db, channel.key, epoch)
        for attempt, _part, post in store.open_attempts(db, channel.key):
            over = app.clock.now() > attempt.send_by + channel.call_deadline
            if attempt.epoch < epoch or over:
                why = "the program ended while it was being sent"
                store.close_attempt(db, attempt, Outcome.UNKNOWN, why, app.clock.now())
                record.unconfirmed(app, db, read_delivery(db, channel, post), post, attempt, why)


def look(app: App, delivery: Delivery, epoch: int) -> None:
    """Ask the platform about the first part of a post that is not known to be live."""
    part = delivery.next_part
    with app.reading() as db:
        attempt = store.last_attempt(db, part.uuid) if part else None
    if part is None or attempt is None:
        return
    since = attempt.started_at - timedelta(minutes=2)  # clocks differ a little
    try:
        checkpoint = Checkpoint(part.checkpoint, save=lambda values: None)
        answer = app.platform(delivery.channel.key).find(item_of(app, delivery, part), checkpoint, since)
    except PlatformError as error:
        answer = CannotTell(str(error))
    tell("reconcile.look", post=delivery.post.uuid, channel=delivery.channel.key, answer=type(answer).__name__)
    match answer:
        case Found():
            record.published(app, delivery, part, answer, attempt)
        case Absent():
            _absent(app, delivery, part, attempt, epoch)
        case CannotTell(reason):
            _ask_person(app, delivery, f"the platform cannot tell: {reason}")


def _absent(app: App, delivery: Delivery, part: Part, attempt: Attempt, epoch: int) -> None:
    """It was not found: repeat where the same key is safe, send again where absence is proven, else ask a person."""
    now = app.clock.now()
    settle = record.settle_of(app, delivery.channel)
    if now - attempt.started_at < app.platform(delivery.channel.key).replay_window:
        replaying = (PostStatus.UNCONFIRMED,)
        if not send.send_part(app, delivery, part, epoch, expected=replaying):
            _look_later(app, delivery)
    elif settle is None:
        _ask_person(app, delivery, "the platform does not show it, which proves nothing there")
    elif part.absent_at is None:
        _note_absence(app, delivery, part, now, settle)
    elif now - part.absent_at < settle:
        return
    elif part.resent or app.owner is None or not _sender_is_through(app, attempt):
        _ask_person(app, delivery, "it was not found, but it cannot be ruled out that it still appears")
    else:
        _send_again(app, delivery, part, epoch)


def _sender_is_through(app: App, attempt: Attempt) -> bool:
    """Whether whoever began the attempt can certainly not send any more: gone, or this process, which has its end."""
    return app.owner is not None and (app.owner.is_gone(attempt.sender) or attempt.sender == app.owner.sender)


def _note_absence(app: App, delivery: Delivery, part: Part, now: datetime, settle: timedelta) -> None:
    with app.writing() as db:
        kept = db.get(Part, part.uuid)
        if kept is not None:
            kept.absent_at = now
            db.add(kept)
        store.change_post(db, delivery.post, next_try_at=now + settle)


def _send_again(app: App, delivery: Delivery, part: Part, epoch: int) -> None:
    """Absent on two looks, the sender gone: back to where it goes through every step anew. Once per part."""
    with app.writing() as db:
        store.lock_channel(db, delivery.channel.key, epoch)
        kept = db.get(Part, part.uuid)
        if kept is None:
            return
        kept.resent, kept.absent_at = True, None
        db.add(kept)
        status = PostStatus.APPROVED if part.n == 1 else PostStatus.SENDING
        reason = "it was not live, so it is sent again"
        store.change_post(
            db,
            delivery.post,
            expected=PostStatus.UNCONFIRMED,
            status=str(status),
            next_try_at=None,
            tries=0,
            reason=reason,
        )
        post = delivery.post
        app.event(db, "post.sent-again", post=post.uuid, story=post.story, channel=post.channel, note=reason)


def _look_later(app: App, delivery: Delivery) -> None:
    with app.writing() as db:
        _postpone(app, db, delivery.post)


def _postpone(app: App, db: Session, post: Post) -> None:
    when = app.clock.now() + next_look(post.tries)
    store.change_post(db, post, expected=PostStatus.UNCONFIRMED, tries=post.tries + 1, next_try_at=when)


def _ask_person(app: App, delivery: Delivery, why: str) -> None:
    post, short = delivery.post, delivery.post.uuid[:8]
    with app.writing() as db:
        _postpone(app, db, post)
        app.alert(
            db,
            f"unconfirmed:{post.uuid}",
            f"{delivery.name} may be live: {why}",
            post=post.uuid,
            channel=post.channel,
            remedy=f"Look, then: campaign post resolve {short} --published URL | --send-again | --not-published",
        )
