"""One part on its way: prepare, gate and intent in one transaction, the one visible call, the record of its answer."""

from __future__ import annotations

from sqlmodel import Session

from campaign import store
from campaign.app import App
from campaign.config import Channel
from campaign.errors import CampaignError, ChannelBlocked, NotOwner, NotSent, Rejected
from campaign.log import tell
from campaign.models import Attempt, ChannelState, Outcome, Part, Post, PostStatus
from campaign.platforms.base import Checkpoint, Outgoing, has
from campaign.publish import record
from campaign.publish.gate import Go, Verdict, Wait, gate
from campaign.publish.outgoing import Delivery, facts_of, hold_delivery, item_of, read_delivery

REPLAYED = (PostStatus.UNCONFIRMED,)
CHANGED = Wait("it was changed by another hand")  # which has said what is to become of it


def run(app: App, channel: Channel, epoch: int) -> int:
    """Send what is due on a channel; return how many posts went out whole."""
    with app.reading() as db:
        due = store.due_posts(db, channel.key, app.clock.now())
    return sum(deliver(app, channel, post, epoch) for post in due)


def deliver(app: App, channel: Channel, post: Post, epoch: int) -> bool:
    """Send the parts of a post that are not live yet, in order; say whether all of them are.

    Before each part the post is read anew, and the gate is asked a first time: what may not go out is not prepared.
    """
    while True:
        delivery, verdict = _looked(app, channel, post, epoch)
        part = delivery.next_part
        if part is None or not isinstance(verdict, Go) or not send_part(app, delivery, part, epoch):
            return part is None
        if part is delivery.parts[-1]:
            return True


def send_part(app: App, delivery: Delivery, part: Part, epoch: int, *, replay: bool = False) -> bool:
    """Take one part through every step; say whether it is live.

    A replay repeats the call of an unconfirmed post where the platform honours the key: same key, same body, so
    nothing is prepared anew and no handle forgotten, and only a yes changes what is known of the first call.
    """
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
        certain = not replay and record.outcome_of(error, part) is not Outcome.UNKNOWN
        if certain and isinstance(error, NotSent):
            checkpoint.forget(error.forget)
        return False
    return record.published(app, delivery, part, yes, attempt)


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


def _looked(app: App, channel: Channel, post: Post, epoch: int) -> tuple[Delivery, Verdict]:
    """Read a post, ask the gate about its next part, and store the answer when it is not yes.

    Where a platform prepares nothing, nothing is prepared in vain: there the gate before the intent is enough.
    """
    if not has(type(app.platform(channel.key)), "prepare"):
        with app.reading() as db:
            delivery = read_delivery(db, channel, post)
        return delivery, Go() if _is_sendable(delivery) else CHANGED
    with app.writing() as db:
        delivery, state = hold_delivery(db, channel, post, epoch)
        sendable = _is_sendable(delivery)
        return delivery, _verdict(db, app, delivery, state, record.SENDABLE) if sendable else CHANGED


def _is_sendable(delivery: Delivery) -> bool:
    return delivery.next_part is not None and delivery.post.status in record.SENDABLE


def _verdict(
    db: Session, app: App, delivery: Delivery, state: ChannelState, expected: tuple[PostStatus, ...]
) -> Verdict:
    """Ask the gate about a post as it is stored now, and carry out what it says of one that waits to be sent."""
    if delivery.post.status not in expected:
        return CHANGED
    verdict = gate(facts_of(db, app, delivery, state))
    if delivery.post.status in record.SENDABLE:
        record.carry_out(app, db, delivery, delivery.post, verdict)
    return verdict


def intend(app: App, delivery: Delivery, part: Part, epoch: int, expected: tuple[PostStatus, ...]) -> Attempt | None:
    """Pass the gate and store the intent, in one transaction; None when the gate or another hand said no.

    What is stored must still be what is about to be sent. When this commit errors, nothing is sent: the error goes up.

    Raises:
        NotOwner: the lock of the channel does not stand any more.
    """
    if app.owner is not None and app.owner.take(delivery.channel.key) != epoch:
        raise NotOwner(f"channel {delivery.channel.key} was lost on the way")
    with app.writing() as db:
        fresh, state = hold_delivery(db, delivery.channel, delivery.post, epoch)
        as_read = (fresh.post.due_at, fresh.contents) == (delivery.post.due_at, delivery.contents)
        verdict = _verdict(db, app, fresh, state, expected) if as_read else CHANGED
        sending = {"status": str(PostStatus.SENDING), "next_try_at": None, "reason": ""}
        if not isinstance(verdict, Go) or not store.change_post(db, fresh.post, expected=expected, **sending):
            return None
        now = app.clock.now()
        attempt = Attempt(
            uuid=app.new_id(),
            part=part.uuid,
            epoch=epoch,
            sender=app.owner.sender if app.owner else "",
            started_at=now,
            send_by=now + delivery.channel.call_deadline,
        )
        return store.open_attempt(db, attempt, looked=any(each.absent_at for each in fresh.parts))


def save_checkpoint(app: App, delivery: Delivery, part: Part, values: dict[str, object], epoch: int) -> None:
    """Commit what an adapter has learnt, as long as the channel is ours.

    What was rendered anew meanwhile is not sent now, and must not be sent later by a handle made of the old words.
    """
    with app.writing() as db:
        store.lock_channel(db, delivery.channel.key, epoch)
        kept = db.get_one(Part, part.uuid)
        if kept.content == part.content:
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
