"""One part on its way: prepare, gate and intent in one transaction, the one visible call, the record of its answer."""

from __future__ import annotations

from sqlmodel import Session

from campaign import store
from campaign.app import App
from campaign.errors import ChannelBlocked, NotSent, PlatformError, Rejected
from campaign.log import tell
from campaign.models import Attempt, Part, Post, PostStatus
from campaign.platforms.base import Checkpoint
from campaign.publish import record
from campaign.publish.gate import Go, Verdict, gate
from campaign.publish.outgoing import Delivery, facts_of, item_of, read_delivery

SENDABLE = (PostStatus.APPROVED, PostStatus.SENDING)


def deliver(app: App, delivery: Delivery, epoch: int) -> bool:
    """Send the parts of a post that are not live yet, in order; say whether all of them are."""
    while (part := delivery.next_part) is not None:
        if not send_part(app, delivery, part, epoch):
            return False
        with app.reading() as db:
            post = store.post_by_id(db, delivery.post.uuid) or delivery.post
            delivery = read_delivery(db, delivery.channel, post)
    return True


def send_part(
    app: App, delivery: Delivery, part: Part, epoch: int, *, expected: tuple[PostStatus, ...] = SENDABLE
) -> bool:
    """Take one part through every step; say whether it is live.

    `expected` are the statuses from which this may begin: an unconfirmed post only where the platform honours the key.
    """
    if not isinstance(_looked(app, delivery, epoch), Go):
        return False
    platform = app.platform(delivery.channel.key)
    item = item_of(app, delivery, part)
    checkpoint = Checkpoint(part.checkpoint, save=lambda values: save_checkpoint(app, delivery, part, values, epoch))
    try:
        platform.prepare(item, checkpoint)
    except Exception as error:  # noqa: BLE001 - our own bug in prepare stops this attempt, and nothing was visible
        _prepare_failed(app, delivery, part, checkpoint, error)
        return False
    attempt = intend(app, delivery, part, epoch, expected)
    if attempt is None:
        return False
    platform.http.send_by = attempt.send_by
    try:
        yes = platform.publish(item, checkpoint, idempotency_key=part.uuid)
    except Exception as error:  # noqa: BLE001 - whatever happened on the visible call, its outcome is stored
        _told(error, delivery)
        record.not_published(app, delivery, part, error, attempt)
        if isinstance(error, NotSent):
            checkpoint.forget(error.forget)
        return False
    record.published(app, delivery, part, yes, attempt)
    return True


def _looked(app: App, delivery: Delivery, epoch: int) -> Verdict:
    """Ask the gate before anything is prepared, and store its answer when it is not yes."""
    with app.writing() as db:
        return _gated(db, app, delivery, epoch)


def _gated(db: Session, app: App, delivery: Delivery, epoch: int) -> Verdict:
    state = store.lock_channel(db, delivery.channel.key, epoch)
    post = db.get(Post, delivery.post.uuid, populate_existing=True) or delivery.post
    fresh = read_delivery(db, delivery.channel, post)
    verdict = gate(facts_of(db, app, fresh, state))
    record.carry_out(app, db, fresh, post, verdict)
    return verdict


def intend(app: App, delivery: Delivery, part: Part, epoch: int, expected: tuple[PostStatus, ...]) -> Attempt | None:
    """Pass the gate and store the intent, in one transaction; None when the gate or another hand said no.

    When this commit errors, nothing is sent: the error goes up.
    """
    with app.writing() as db:
        if not isinstance(_gated(db, app, delivery, epoch), Go):
            return None
        if not store.change_post(
            db, delivery.post, expected=expected, status=str(PostStatus.SENDING), next_try_at=None, reason=""
        ):
            return None
        now = app.clock.now()
        sender = app.owner.sender if app.owner else ""
        attempt = Attempt(
            uuid=app.new_id(),
            part=part.uuid,
            epoch=epoch,
            sender=sender,
            started_at=now,
            send_by=now + delivery.channel.call_deadline,
        )
        return store.open_attempt(db, attempt)


def save_checkpoint(app: App, delivery: Delivery, part: Part, values: dict[str, object], epoch: int) -> None:
    """Commit what an adapter has learnt, as long as the channel is ours."""
    with app.writing() as db:
        store.lock_channel(db, delivery.channel.key, epoch)
        kept = db.get(Part, part.uuid)
        if kept is not None:
            kept.checkpoint = values
            db.add(kept)


def _prepare_failed(app: App, delivery: Delivery, part: Part, checkpoint: Checkpoint, error: Exception) -> None:
    _told(error, delivery)
    if isinstance(error, NotSent):
        checkpoint.forget(error.forget)
    known = error if isinstance(error, NotSent | Rejected | ChannelBlocked) else NotSent(f"preparing failed: {error}")
    record.not_published(app, delivery, part, known, None)


def _told(error: Exception, delivery: Delivery) -> None:
    """Log a failed call; the trace of our own bugs only."""
    foreseen = isinstance(error, PlatformError)
    tell(
        "call.failed",
        level=30 if foreseen else 40,
        post=delivery.post.uuid,
        channel=delivery.channel.key,
        kind=type(error).__name__,
        reason=str(error),
    )
