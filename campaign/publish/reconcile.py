"""What may be live is asked of the platform, never guessed: found, absent, or cannot tell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from campaign import store
from campaign.app import App
from campaign.config import Channel
from campaign.log import tell
from campaign.models import Attempt, Outcome, Part, PostStatus
from campaign.platforms.base import Absent, CannotTell, Checkpoint, Found
from campaign.publish import record, send
from campaign.publish.outgoing import Delivery, item_of, read_delivery

SKEW = timedelta(minutes=2)  # by which a platform's clock may differ from ours
SHOWN_LATE = timedelta(hours=1)  # by which a platform may show what was sent just before a loss
LOOK_BACK = timedelta(days=7)  # our clock may have been ahead by so much when the call was made, and set right since


def run(app: App, channel: Channel, epoch: int) -> int:
    """Settle what this channel left open; return how many looks were taken."""
    close_orphans(app, channel, epoch)
    with app.reading() as db:
        due = store.posts_to_look_for(db, channel.key, app.clock.now())
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
        attempts = store.attempts_of(db, part.uuid) if part else []
    unknown = [attempt for attempt in attempts if attempt.outcome == Outcome.UNKNOWN]
    if part is not None and part.n > 1 and not unknown:
        _go_on(app, delivery, epoch)
        return
    if part is None or not unknown:
        _ask_person(app, delivery, epoch, "no attempt of this program is on record")
        return
    match _answer(app, delivery, part, unknown):
        case Found() as yes:
            record.published(app, delivery, part, yes, unknown[-1])
        case Absent(honours_key):
            _absent(app, delivery, part, unknown, epoch, honours_key)
        case CannotTell(reason):  # pragma: no branch - the last kind of answer
            _ask_person(app, delivery, epoch, f"the platform cannot tell: {reason}")


def _answer(app: App, delivery: Delivery, part: Part, unknown: list[Attempt]) -> Found | Absent | CannotTell:
    """Ask the platform; an error on the way, and a bug of ours, means that it cannot tell."""
    answer: Found | Absent | CannotTell
    try:
        checkpoint = Checkpoint(part.checkpoint, save=lambda values: None)
        item = replace(item_of(app, delivery, part), marked=not _lost(unknown))  # what was lost may have another mark
        since = min(unknown[0].started_at - SKEW, app.clock.now() - LOOK_BACK)
        answer = app.platform(delivery.channel.key).find(item, checkpoint, since)
    except Exception as error:  # noqa: BLE001 - a look that fails must not stop the channel; a person is asked
        answer = CannotTell(str(error))
    tell("reconcile.look", post=delivery.post.uuid, channel=delivery.channel.key, answer=type(answer).__name__)
    return answer


def _absent(app: App, delivery: Delivery, part: Part, unknown: list[Attempt], epoch: int, honours_key: bool) -> None:
    """It was not found: repeat where the same key is safe, send again where absence is proven, else ask a person.

    The platform keeps a key from the first call that used it, so the replay window counts from there. Nothing is
    repeated of what was lost: it may have been sent under another key, and up to the last minute. And as long as
    everything is held, another daemon may be at work on a copy, so that absence says nothing about the next minute.
    """
    now = app.clock.now()
    settle = record.settle_of(app, delivery.channel)
    window = app.platform(delivery.channel.key).replay_window
    if settle is not None and _is_held(app):
        _look_later(app, delivery, epoch, settle)
    elif settle is not None and (left := _shown_in(app, unknown)):
        _look_later(app, delivery, epoch, left)
    elif honours_key and not _lost(unknown) and now - unknown[0].started_at < window:
        if not send.send_part(app, delivery, part, epoch, replay=True):
            _look_later(app, delivery, epoch, settle or timedelta(0))
    elif settle is None:
        _ask_person(app, delivery, epoch, "the platform does not show it, which proves nothing there")
    elif part.absent_at is None:
        _note_absence(app, delivery, part, epoch, settle)
    elif now - part.absent_at < settle:
        _look_later(app, delivery, epoch, part.absent_at + settle - now)
    elif part.resent or not all(_sender_is_through(app, attempt) for attempt in unknown):
        _ask_person(app, delivery, epoch, "it was not found, but it cannot be ruled out that it still appears")
    else:
        _send_again(app, delivery, part, epoch, counts=not all(each.sender == store.LOST for each in unknown))


def _is_held(app: App) -> bool:
    with app.reading() as db:
        return store.held(db) is not None


def _shown_in(app: App, attempts: Iterable[Attempt]) -> timedelta | None:
    """Return how long it may take yet until a platform shows all that a restore has lost; None: it shows it now."""
    now = app.clock.now()
    with app.reading() as db:
        lost = store.lost_span(db, now) if _lost(attempts) else None
    left = lost.until + SHOWN_LATE - now if lost else timedelta(0)
    return left if left > timedelta(0) else None


def _lost(attempts: Iterable[Attempt]) -> bool:
    """Whether some of these stand for what a restore has lost."""
    return any(attempt.sender == store.LOST for attempt in attempts)


def _sender_is_through(app: App, attempt: Attempt) -> bool:
    """Whether whoever began the attempt can certainly not send any more: gone, or this process, which has its end.

    Whoever sent in a lost span is gone by the word of the person who typed `campaign adopt`.
    """
    if attempt.sender == store.LOST:
        return True
    return app.owner is not None and (app.owner.is_gone(attempt.sender) or attempt.sender == app.owner.sender)


def _note_absence(app: App, delivery: Delivery, part: Part, epoch: int, settle: timedelta) -> None:
    now = app.clock.now()
    with app.writing() as db:
        store.lock_channel(db, delivery.channel.key, epoch)
        kept = db.get_one(Part, part.uuid)
        kept.absent_at = now
        db.add(kept)
        store.change_post(db, delivery.post, next_try_at=now + settle)


def _send_again(app: App, delivery: Delivery, part: Part, epoch: int, *, counts: bool) -> None:
    """Absent on two looks, the sender gone: back to where it goes through every step anew.

    Once per part; what was only thought to be lost does not count, for it was never sent. What nobody has approved, as
    far as this database knows, waits for a yes again.
    """
    with app.writing() as db:
        store.lock_channel(db, delivery.channel.key, epoch)
        if part.n > 1 and store.is_sending(db, delivery.channel.key, besides=delivery.post.uuid):
            record.look_later(app, db, delivery.post)
            return
        kept = db.get_one(Part, part.uuid)
        kept.resent, kept.absent_at = kept.resent or counts, None
        db.add(kept)
        status = _status_before(delivery, part)
        what, reason = ("post.sent-again", "it was not live, so it is sent again")
        if status == PostStatus.RENDERED:
            what, reason = ("post.not-live", "it was not live, and nobody has approved it")
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
        app.event(db, what, post=post.uuid, story=post.story, channel=post.channel, note=reason)


def _status_before(delivery: Delivery, part: Part) -> PostStatus:
    """Return where a post stood before its part was sent, or would have been."""
    if part.n > 1:
        return PostStatus.SENDING
    agreed = not delivery.channel.approval or delivery.post.approved_hash == delivery.post.content_hash
    return PostStatus.APPROVED if agreed else PostStatus.RENDERED


def _go_on(app: App, delivery: Delivery, epoch: int) -> None:
    """Let the rest of a thread follow, which had to wait while another post of the channel was sent."""
    with app.writing() as db:
        store.lock_channel(db, delivery.channel.key, epoch)
        if store.is_sending(db, delivery.channel.key, besides=delivery.post.uuid):
            record.look_later(app, db, delivery.post)
            return
        sending = {"status": str(PostStatus.SENDING), "next_try_at": None, "tries": 0}
        store.change_post(db, delivery.post, expected=PostStatus.UNCONFIRMED, **sending)


def _look_later(app: App, delivery: Delivery, epoch: int, at_least: timedelta) -> None:
    with app.writing() as db:
        store.lock_channel(db, delivery.channel.key, epoch)
        record.look_later(app, db, delivery.post, at_least)


def _ask_person(app: App, delivery: Delivery, epoch: int, why: str) -> None:
    with app.writing() as db:
        store.lock_channel(db, delivery.channel.key, epoch)
        record.ask_person(app, db, delivery, why)
