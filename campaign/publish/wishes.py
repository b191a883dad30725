"""What officers ask of the daemon. A command only records the wish; the channel's owner carries it out."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from campaign import store
from campaign.app import App
from campaign.config import Channel
from campaign.errors import PlatformError, UsageError
from campaign.models import Part, Post, PostStatus
from campaign.platforms.base import Found
from campaign.publish import record
from campaign.publish.correct import correct
from campaign.publish.outgoing import Delivery, item_of, read_delivery

NOW = "now"
RETRY = "retry"
SEND_AGAIN = "send-again"
NOT_PUBLISHED = "not-published"
PUBLISHED = "published"  # followed by the address
TAKEDOWN = "takedown"
CORRECT = "correct"  # what an approved event says; written by `approve`

ALLOWED = {  # from which status each wish makes sense, and what it is called
    NOW: (PostStatus.APPROVED,),
    RETRY: (PostStatus.FAILED, PostStatus.PARTIAL),
    SEND_AGAIN: (PostStatus.UNCONFIRMED,),
    NOT_PUBLISHED: (PostStatus.UNCONFIRMED,),
    PUBLISHED: (PostStatus.UNCONFIRMED, PostStatus.PARTIAL, PostStatus.FAILED),  # a refusal may have been none
    CORRECT: (PostStatus.PUBLISHED,),
    TAKEDOWN: (PostStatus.PUBLISHED, PostStatus.PARTIAL),  # of an unconfirmed one nobody knows where it is
}


def ask(app: App, post: Post, wish: str, detail: str = "") -> None:
    """Record what an officer wants done with a post.

    Raises:
        UsageError: it makes no sense in the post's status, or the post is being sent now.
    """
    with app.writing() as db:
        record_wish(app, db, post, wish, detail)


def record_wish(app: App, db: Session, post: Post, wish: str, detail: str = "") -> None:
    """Record a wish in the caller's transaction.

    Raises:
        UsageError: as `ask`.
    """
    name = post.uuid[:8]
    if post.status == PostStatus.SENDING:
        raise UsageError(f"post {name} is being sent now", remedy="Run this again in a minute.")
    if post.status not in ALLOWED[wish]:
        allowed = " or ".join(ALLOWED[wish])
        raise UsageError(
            f"post {name} is {post.status}; this is for posts that are {allowed}", remedy=f"campaign why {name}"
        )
    if wish == PUBLISHED:
        refuse_taken(db, post, detail)
    if not store.change_post(db, post, wish=f"{wish} {detail}".strip(), wish_by=app.who):
        raise UsageError(f"post {name} has just changed", remedy="Look again: campaign post show " + name)
    app.event(db, f"wish.{wish}", post=post.uuid, story=post.story, channel=post.channel, note=detail)


def refuse_taken(db: Session, post: Post, address: str) -> None:
    """Refuse an address under which another post of the channel is known to be live.

    Raises:
        UsageError: there is one.
    """
    taken = store.part_bound_to(db, post.channel, address)
    if taken is not None and taken.post != post.uuid:
        raise UsageError(
            f"{address} is already the address of post {taken.post[:8]}",
            remedy=f"Look whether it is the right one: campaign post show {taken.post[:8]}",
        )


def grant(app: App, channel: Channel, epoch: int) -> int:
    """Carry out the wishes for a channel's posts; return how many there were."""
    with app.reading() as db:
        wished = [read_delivery(db, channel, post) for post in store.wished_posts(db, channel.key)]
        deliveries = [delivery for delivery in wished if not _must_wait(db, delivery)]
    for delivery in deliveries:
        wish, _, detail = delivery.post.wish.partition(" ")
        if delivery.post.status in ALLOWED[wish]:
            _grant(app, delivery, wish, detail, epoch)
        with app.writing() as db:
            store.lock_channel(db, channel.key, epoch)
            store.change_post(db, db.get_one(Post, delivery.post.uuid), wish="", wish_by="")
    return len(deliveries)


def _must_wait(db: Session, delivery: Delivery) -> bool:
    """Whether a begun thread is to go on, or to get a reply, while another post of the channel is being sent."""
    goes_on = delivery.post.wish in (RETRY, SEND_AGAIN, CORRECT) and delivery.parts[0].remote_id is not None
    return goes_on and store.is_sending(db, delivery.channel.key, besides=delivery.post.uuid)


def _grant(app: App, delivery: Delivery, wish: str, detail: str, epoch: int) -> None:
    match wish:
        case "takedown":
            _take_down(app, delivery)
        case "correct":
            correct(app, delivery, epoch)
        case "published":
            _bind(app, delivery, detail)
        case _:
            with app.writing() as db:
                store.lock_channel(db, delivery.channel.key, epoch)
                _requeue(app, db, delivery, wish)


def _requeue(app: App, db: Session, delivery: Delivery, wish: str) -> None:
    """Give a post the status that an officer asked for; a begun thread goes on, it never restarts."""
    post, now = delivery.post, app.clock.now()
    begun = delivery.parts[0].remote_id is not None
    if wish == NOT_PUBLISHED:
        status = PostStatus.PARTIAL if begun else PostStatus.FAILED
        reason = f"{post.wish_by} says {'the rest of it' if begun else 'it'} is not published"
    else:
        status = PostStatus.SENDING if begun else PostStatus.APPROVED
        reason = f"{post.wish_by} asked to send it now"
        _free_slot(db, post, keep=wish == NOW, now=now)
    if wish == SEND_AGAIN:
        _begin_anew(app, db, delivery)
    store.change_post(db, post, status=str(status), reason=reason, next_try_at=None, tries=0)
    store.clear_alert(db, record.alerts_about(post), now)
    if status == PostStatus.PARTIAL:
        record.ask_what_then(app, db, delivery, status, reason)
    app.event(db, f"post.{wish}", who=post.wish_by, post=post.uuid, story=post.story, channel=post.channel, note=reason)


def _begin_anew(app: App, db: Session, delivery: Delivery) -> None:
    """Forget the handles of what a person has seen is not live: one of them may be used up, and would stop it again."""
    kept = app.platform(delivery.channel.key).for_good
    for part in [part for part in delivery.parts if part.remote_id is None]:
        stored = db.get_one(Part, part.uuid)
        stored.checkpoint = {name: value for name, value in stored.checkpoint.items() if name in kept}
        db.add(stored)


def _free_slot(db: Session, post: Post, *, keep: bool, now: datetime) -> None:
    """Make a post due now, outside the weekly slots: its slot, if it still has one, is free for another."""
    first = post.first_due_at if keep else None
    store.change_post(db, post, slot_date=None, slot_time=None, due_at=now, first_due_at=first or now, returns=0)


def _bind(app: App, delivery: Delivery, address: str) -> None:
    """Believe a person that the next part is live at an address; an unconfirmed or partial post always has one."""
    part = next(part for part in delivery.parts if part.remote_id is None)
    id = app.platform(delivery.channel.key).id_at(address, item_of(app, delivery, part))
    record.published(app, delivery, part, Found(remote_id=id, permalink=address), None)


def _take_down(app: App, delivery: Delivery) -> None:
    """Delete every live part, the last first; what the platform cannot do is asked of a person."""
    platform, post = app.platform(delivery.channel.key), delivery.post
    try:
        for part in reversed([part for part in delivery.parts if part.remote_id]):
            platform.delete(part.remote_id or "")
    except PlatformError as error:
        with app.writing() as db:
            message = f"{delivery.name} could not be taken down: {error}"
            remedy = "Take it down on the platform's own page."
            app.alert(db, f"takedown:{post.uuid}", message, post=post.uuid, channel=post.channel, remedy=remedy)
        return
    with app.writing() as db:
        reason = f"taken down as {post.wish_by} asked"
        store.change_post(db, post, status=str(PostStatus.REMOVED), confirm_at=None, next_try_at=None, reason=reason)
        store.clear_alert(db, [f"takedown:{post.uuid}", *record.alerts_about(post)], app.clock.now())
        app.event(db, "post.removed", who=post.wish_by, post=post.uuid, story=post.story, channel=post.channel)
