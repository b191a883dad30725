"""One part on its way: prepare, gate and intent in one transaction, the one visible call, the record of its answer."""

from __future__ import annotations

from sqlmodel import Session

from campaign import store
from campaign.app import App
from campaign.errors import CampaignError, ChannelBlocked, NotSent, Rejected
from campaign.log import tell
from campaign.models import Attempt, Part, Post, PostStatus
from campaign.platforms.base import Checkpoint, Outgoing
from campaign.publish import record
from campaign.publish.gate import Go, Verdict, Wait, gate
from campaign.publish.outgoing import Delivery, facts_of, item_of, read_delivery

REPLAYED = (PostStatus.UNCONFIRMED,)


def deliver(app: App, delivery: Delivery, epoch: int) -> bool:
    """Send the parts of a post that are not live yet, in order; say whether all of them are."""
    while (part := delivery.next_part) is not None:
        if not send_part(app, delivery, part, epoch):
            return False
        with app.reading() as db:
            delivery = read_delivery(db, delivery.channel, db.get_one(Post, delivery.post.uuid))
    return True


def send_part(app: App, delivery: Delivery, part: Part, epoch: int, *, replay: bool = False) -> bool:
    """Take one part through every step; say whether it is live.

    A replay repeats the call of an unconfirmed post where the platform honours the key: same key, same body, so
    nothing is prepared anew and no handle forgotten, and only a yes changes what is known of the first call.
    """
    if not replay and not isinstance(_looked(app, delivery, epoch), Go):
        return False
    platform, item = app.platform(delivery.channel.key), item_of(app, delivery, part)
    checkpoint = Checkpoint(part.checkpoint, save=lambda values: save_checkpoint(app, delivery, part, values, epoch))
    if not replay and not _prepared(app, delivery, part, item, checkpoint, epoch):
        return False
    attempt = intend(app, delivery, part, epoch, REPLAYED if replay else record.SENDABLE)
    if attempt is None:
        return False
    platform.http.send_by = attempt.send_by
    try:
        yes = platform.publish(item, checkpoint, idempotency_key=part.uuid)
    except Exception as error:  # noqa: BLE001 - whatever happened on the visible call, its outcome is stored
        _told(error, delivery)
        record.not_published(app, delivery, part, error, attempt, replay=replay)
        if isinstance(error, NotSent) and not replay:
            checkpoint.forget(error.forget)
        return False
    record.published(app, delivery, part, yes, attempt)
    return True


def _prepared(app: App, delivery: Delivery, part: Part, item: Outgoing, checkpoint: Checkpoint, epoch: int) -> bool:
    """Make the invisible calls; say whether they went well."""
    try:
        app.platform(delivery.channel.key).prepare(item, checkpoint)
    except Exception as error:  # noqa: BLE001 - our own bug in prepare stops this attempt, and nothing was visible
        _told(error, delivery)
        if isinstance(error, NotSent):
            checkpoint.forget(error.forget)
        foreseen = NotSent | Rejected | ChannelBlocked
        known = error if isinstance(error, foreseen) else NotSent(f"preparing failed: {error}")
        record.not_prepared(app, delivery, part, known, epoch)
        return False
    return True


def _looked(app: App, delivery: Delivery, epoch: int) -> Verdict:
    """Ask the gate before anything is prepared, and store its answer when it is not yes."""
    with app.writing() as db:
        return _gated(db, app, delivery, epoch, record.SENDABLE)


def _gated(db: Session, app: App, delivery: Delivery, epoch: int, expected: tuple[PostStatus, ...]) -> Verdict:
    """Ask the gate about the post as it is stored now, which must be what is about to be sent."""
    state = store.lock_channel(db, delivery.channel.key, epoch)
    post = db.get_one(Post, delivery.post.uuid, populate_existing=True)
    fresh = read_delivery(db, delivery.channel, post)
    as_read = (post.due_at, fresh.contents) == (delivery.post.due_at, delivery.contents)
    if post.status not in expected or not as_read:
        return Wait("it was changed by another hand")  # which has said what is to become of it
    verdict = gate(facts_of(db, app, fresh, state))
    if post.status in record.SENDABLE:
        record.carry_out(app, db, fresh, post, verdict)
    return verdict


def intend(app: App, delivery: Delivery, part: Part, epoch: int, expected: tuple[PostStatus, ...]) -> Attempt | None:
    """Pass the gate and store the intent, in one transaction; None when the gate or another hand said no.

    When this commit errors, nothing is sent: the error goes up.
    """
    with app.writing() as db:
        sending = {"status": str(PostStatus.SENDING), "next_try_at": None, "reason": ""}
        verdict = _gated(db, app, delivery, epoch, expected)
        if not isinstance(verdict, Go) or not store.change_post(db, delivery.post, expected=expected, **sending):
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
        kept = db.get_one(Part, part.uuid)
        kept.checkpoint = values
        db.add(kept)


def _told(error: Exception, delivery: Delivery) -> None:
    """Log a failed call."""
    foreseen = isinstance(error, CampaignError)
    tell(
        "call.failed",
        level=30 if foreseen else 40,
        exc_info=not foreseen,
        post=delivery.post.uuid,
        channel=delivery.channel.key,
        kind=type(error).__name__,
        reason=str(error),
    )
