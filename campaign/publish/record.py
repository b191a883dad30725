"""What is written after a visible call, and after a look at the platform. Every write carries the owner's epoch,
but for the answer of a call: that is stored by whoever got it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from sqlmodel import Session

from campaign import store
from campaign.app import App
from campaign.config import Channel
from campaign.costs import BUDGET
from campaign.errors import (
    ChannelBlocked,
    NotOwner,
    NotSent,
    PlatformError,
    RateLimited,
    Rejected,
    StoreError,
)
from campaign.log import tell
from campaign.models import KEEPS_SLOT, Attempt, ChannelState, Outcome, Part, Post, PostStatus
from campaign.platforms.base import Found, Published, has
from campaign.publish.gate import CLOCK, DISK, Back, End, Go, Unapprove, Verdict, Wait
from campaign.publish.outgoing import Delivery, hold_delivery
from campaign.retry import Again, Due, next_look, next_try

AGES = tuple(timedelta(hours=hours) for hours in (1, 6, 24, 72, 168, 720))  # 1 h to 30 days after publication
RECORD_TRIES = 40
RECORD_WAIT = 5.0  # seconds
TOKEN_DEATHS = 2  # refusals of the credentials, with nothing published between them, that block a channel
HOLD = timedelta(minutes=15)  # when a platform asks to wait and does not say how long
SENDABLE = (PostStatus.APPROVED, PostStatus.SENDING)
UNDER_WAY = (*SENDABLE, PostStatus.UNCONFIRMED, PostStatus.PARTIAL)  # a thread whose rest may follow
REMEDIES = {
    CLOCK: "Set the clock right (timedatectl), then start the daemon again.",
    DISK: "Make room on the disk, or lower [daemon] free_disk.",
    BUDGET: "Give the channel more (`budget` in the config), or wait: it goes on next month.",
}


T = TypeVar("T")


def stored(app: App, write: Callable[[Session], T]) -> T:
    """Run a write that must not be lost, again and again while the database is busy or the disk full.

    Raises:
        StoreError: it never worked; the attempt stays open until its deadline, and then the platform is asked.
        NotOwner: the channel has another owner, and what this one wanted to write does not count any more.
    """
    tries = 0
    while True:
        try:
            with app.writing() as db:
                return write(db)
        except NotOwner:
            raise
        except StoreError as error:
            tries += 1
            if tries == RECORD_TRIES:
                raise
            tell("record.delayed", level=30, reason=str(error))
            app.clock.sleep(RECORD_WAIT)


def published(app: App, delivery: Delivery, part: Part, yes: Published | Found, attempt: Attempt | None) -> bool:
    """Store that a part is live; say whether it is known by this id now, and by no other."""

    def write(db: Session) -> bool:
        now = app.clock.now()
        held, state = hold_delivery(db, delivery.channel, delivery.post)
        post, kept = held.post, next(each for each in held.parts if each.uuid == part.uuid)
        known = kept.remote_id
        bound = known in (None, yes.remote_id) and store.bind_part(db, kept, yes.remote_id, yes.permalink)
        if known is None and not bound:
            _claimed_twice(app, db, held, yes.remote_id, attempt)
            return False
        if attempt is not None:
            store.close_attempt(db, attempt, Outcome.PUBLISHED, yes.remote_id, now)
        if not bound:
            message = f"{held.name} is live twice: {known} and {yes.remote_id}"
            app.alert(db, f"double:{post.uuid}", message, post=post.uuid, channel=post.channel, remedy="Take one down.")
            return False
        if state.token_deaths:
            state.token_deaths = 0
            db.add(state)
        began = attempt.started_at if attempt and kept.n == 1 else _began(db, held.parts[0])
        _after_part(app, db, held, began or now)
        return True

    return stored(app, write)


def _claimed_twice(app: App, db: Session, delivery: Delivery, remote_id: str, attempt: Attempt | None) -> None:
    """The id belongs to another part already: one of the two is wrong, and only a person can see which."""
    why = f"the platform answered with {remote_id}, which is another post of the channel"
    if attempt is not None:
        store.close_attempt(db, attempt, Outcome.UNKNOWN, why, app.clock.now())
        unconfirmed(app, db, delivery, delivery.post, attempt, why)
    ask_person(app, db, delivery, why)


def _after_part(app: App, db: Session, delivery: Delivery, began: datetime) -> None:
    """Bring the post's status up to what is live now, whatever was believed of it before."""
    now, post, parts = app.clock.now(), delivery.post, delivery.parts
    live = sum(bool(part.remote_id) for part in parts)
    status = PostStatus.PUBLISHED if live == len(parts) else _of_thread(db, post)
    store.schedule_snapshots(db, post, post.published_at or began, AGES, app.new_id)
    reason = "" if status is PostStatus.PUBLISHED else f"{live} of {len(parts)} parts are live"
    store.change_post(
        db,
        post,
        status=str(status),
        published_at=post.published_at or began,
        confirm_at=now if _can_be_looked_at(app, delivery.channel) else None,
        next_try_at=None,
        tries=0,
        reason=reason,
        **({} if post.status in KEEPS_SLOT else {"slot_date": None, "slot_time": None}),
    )
    if status is PostStatus.PUBLISHED:
        store.clear_alert(db, alerts_about(post), now)
        app.event(db, "post.published", post=post.uuid, story=post.story, channel=post.channel, note=parts[0].permalink)
    if status is PostStatus.PARTIAL:
        _end(app, db, delivery, post, status, reason)


def _can_be_looked_at(app: App, channel: Channel) -> bool:
    return channel.mode == "api" and has(type(app.platform(channel.key)), "confirm")


def _of_thread(db: Session, post: Post) -> PostStatus:
    """Return what a post is of which a part is not live: a channel sends one post at a time, and the rest can wait."""
    if post.status not in UNDER_WAY:
        return PostStatus.PARTIAL
    waits = store.is_sending(db, post.channel, besides=post.uuid)
    return PostStatus.UNCONFIRMED if waits else PostStatus.SENDING


def alerts_about(post: Post) -> list[str]:
    """Return the keys of the alerts that ask what is to become of a post."""
    return [f"{kind}:{post.uuid}" for kind in ("unconfirmed", "failed", "partial", "by-hand", "unapproved", "double")]


def _began(db: Session, part: Part) -> datetime | None:
    attempt = store.last_attempt(db, part.uuid)
    return attempt.started_at if attempt else None


def not_prepared(app: App, delivery: Delivery, part: Part, error: PlatformError, epoch: int) -> None:
    """Store how an invisible call failed, and what becomes of the post, as long as the channel is ours."""

    def write(db: Session) -> None:
        state = store.lock_channel(db, delivery.channel.key, epoch)
        post = db.get_one(Post, delivery.post.uuid, with_for_update=True)
        if post.status in SENDABLE:
            _not_sent(app, db, delivery, part, post, state, error)

    stored(app, write)


def not_published(
    app: App, delivery: Delivery, part: Part, error: Exception, attempt: Attempt, *, replay: bool = False
) -> None:
    """Store how a visible call failed, and what becomes of the post.

    A replay that was not sent, or was refused, says nothing about the first call: the post stays unconfirmed.
    """

    def write(db: Session) -> None:
        outcome = outcome_of(error, part)
        if not store.close_attempt(db, attempt, outcome, str(error), app.clock.now()):
            return
        post = db.get_one(Post, delivery.post.uuid, with_for_update=True)
        state = db.get_one(ChannelState, delivery.channel.key, with_for_update=True)
        if replay or outcome is Outcome.UNKNOWN:
            unconfirmed(app, db, delivery, post, attempt, str(error))
        else:
            _not_sent(app, db, delivery, part, post, state, error)

    stored(app, write)


def _not_sent(
    app: App, db: Session, delivery: Delivery, part: Part, post: Post, state: ChannelState, error: Exception
) -> None:
    if isinstance(error, Rejected):
        status = PostStatus.FAILED if part.n == 1 else PostStatus.PARTIAL
        _end(app, db, delivery, post, status, f"the platform refused it: {error}")
    else:
        _again(app, db, delivery, post, state, error, part.n == 1)


def outcome_of(error: Exception, part: Part) -> Outcome:
    """Return what an error of the visible call says about publication; our own bugs leave it open.

    What is refused when a part is sent again, or whose handle is gone, may be so for the first call: it is live then.
    """
    if part.resent and (isinstance(error, Rejected) or (isinstance(error, NotSent) and error.forget)):
        return Outcome.UNKNOWN
    if isinstance(error, NotSent | ChannelBlocked):
        return Outcome.NOT_SENT
    return Outcome.REJECTED if isinstance(error, Rejected) else Outcome.UNKNOWN


def unconfirmed(app: App, db: Session, delivery: Delivery, post: Post, attempt: Attempt, why: str) -> None:
    """Store that a part may be live. The platform is asked when the call is certainly over and its answer settled."""
    settle = settle_of(app, delivery.channel) or timedelta(0)
    gone = app.owner is not None and (app.owner.is_gone(attempt.sender) or attempt.sender == app.owner.sender)
    over = app.clock.now() if gone else attempt.send_by + delivery.channel.call_deadline
    changed = store.change_post(
        db,
        post,
        expected=PostStatus.SENDING,
        status=str(PostStatus.UNCONFIRMED),
        tries=0,
        next_try_at=max(over, app.clock.now()) + settle,
        reason=f"it may be live: {why}",
    )
    if changed:
        app.event(db, "post.unconfirmed", post=post.uuid, story=post.story, channel=post.channel, note=why)


def ask_person(app: App, db: Session, delivery: Delivery, why: str) -> None:
    """Ask a person what became of a post, and the platform again later."""
    post, short = delivery.post, delivery.post.uuid[:8]
    look_later(app, db, post)
    app.alert(
        db,
        f"unconfirmed:{post.uuid}",
        f"{delivery.name} may be live: {why}",
        post=post.uuid,
        channel=post.channel,
        remedy=f"Look, then: campaign post resolve {short} --published URL | --send-again | --not-published",
    )


def look_later(app: App, db: Session, post: Post, at_least: timedelta = timedelta(0)) -> None:
    """Put off the next look at an unconfirmed post, longer each time."""
    when = app.clock.now() + max(next_look(post.tries), at_least)
    store.change_post(db, post, expected=PostStatus.UNCONFIRMED, tries=post.tries + 1, next_try_at=when)


def settle_of(app: App, channel: Channel) -> timedelta | None:
    """Return when absence counts as proof on a channel, None for never."""
    return channel.settle if channel.settle is not None else app.platform(channel.key).settle


def _again(
    app: App, db: Session, delivery: Delivery, post: Post, state: ChannelState, error: Exception, first: bool
) -> None:
    now, channel = app.clock.now(), delivery.channel
    known = error if isinstance(error, NotSent) else NotSent(str(error))
    due = post.due_at or now
    match next_try(known, post.tries, now, Due(due + channel.late_window, post.expires_at)):
        case Again(at):
            when = at
        case _:  # the gate ends it then: too late, or expired
            when = min(due + channel.late_window, post.expires_at or due + channel.late_window) + timedelta(seconds=1)
    if isinstance(error, RateLimited):
        store.hold_channel(db, state, now + (error.retry_after or HOLD), "the platform asked to wait")
    blocked = _blocked(state, error)
    if blocked:
        state.blocked, state.token_deaths = app.scrub(blocked), 0
        message, remedy = f"channel {channel.key}: {blocked}", app.renewal(channel.key)
        app.alert(db, f"blocked:{channel.key}", message, channel=channel.key, remedy=remedy)
        store.clear_alert(db, f"login:{channel.key}", now)  # the daily look at the account asks for the same
    db.add(state)
    store.change_post(
        db,
        post,
        expected=SENDABLE,
        status=str(PostStatus.APPROVED if first else PostStatus.SENDING),
        tries=post.tries + 1,
        next_try_at=max(when, now),
        reason=f"not sent yet: {error}",
    )
    app.event(db, "post.not-sent", post=post.uuid, story=post.story, channel=post.channel, note=str(error))


def _blocked(state: ChannelState, error: Exception) -> str:
    """Return why a person is needed for the channel, empty when nobody is.

    Only a post that goes out proves that the credentials are good again, not a call that came to nothing before.
    """
    if isinstance(error, ChannelBlocked):
        return str(error)
    if isinstance(error, NotSent) and error.token_dead:
        state.token_deaths += 1
        return f"its credentials were refused: {error}" if state.token_deaths >= TOKEN_DEATHS else ""
    return ""


def _end(app: App, db: Session, delivery: Delivery, post: Post, status: PostStatus, reason: str) -> None:
    store.change_post(db, post, status=str(status), next_try_at=None, reason=reason)
    app.event(db, f"post.{status}", post=post.uuid, story=post.story, channel=post.channel, note=reason)
    if status is PostStatus.EXPIRED:
        app.alert_expired(db, delivery.story, post.channel)
    if status in (PostStatus.FAILED, PostStatus.PARTIAL):
        ask_what_then(app, db, delivery, status, reason)


def ask_what_then(app: App, db: Session, delivery: Delivery, status: PostStatus, reason: str) -> None:
    """Ask a person what is to become of a post that did not go out, or not whole."""
    post, short = delivery.post, delivery.post.uuid[:8]
    end = "takedown" if status is PostStatus.PARTIAL else "cancel"  # half of it is there for all to see
    remedy = f"campaign why {short}; then campaign post retry {short} or campaign post {end} {short}"
    message = f"{delivery.name}: {reason}"
    app.alert(db, f"{status}:{post.uuid}", message, post=post.uuid, channel=post.channel, remedy=remedy)


def carry_out(app: App, db: Session, delivery: Delivery, post: Post, verdict: Verdict) -> None:
    """Store what the gate decided about a post that may not go out."""
    match verdict:
        case Go():
            pass
        case Wait(reason, until, alert):
            if post.reason != reason or post.next_try_at != until:
                store.change_post(db, post, reason=reason, next_try_at=until)
                app.event(db, "post.waits", post=post.uuid, story=post.story, channel=post.channel, note=reason)
            if alert:
                kind = alert.partition(":")[0]
                channel = post.channel if kind == BUDGET else None  # the others are troubles of the whole machine
                message = f"channel {channel}: {reason}" if channel else reason
                app.alert(db, alert, message, channel=channel, remedy=REMEDIES[kind])
        case Back(reason, late):
            back_to_planner(app, db, post, reason, returns=post.returns + late)
        case Unapprove(reason):
            anew = {"approved_hash": "", "input_hash": "", "content_hash": ""}  # render stores it from scratch
            store.change_post(db, post, status=str(PostStatus.RENDERED), reason=reason, **anew)
            app.event(db, "post.unapproved", post=post.uuid, story=post.story, channel=post.channel, note=reason)
            message = f"{delivery.name} was not sent: {reason}"
            remedy = "campaign proof, then approve it again"
            app.alert(db, f"unapproved:{post.uuid}", message, post=post.uuid, channel=post.channel, remedy=remedy)
        case End(status, reason):  # pragma: no branch - the last kind of verdict
            _end(app, db, delivery, post, status, reason)


def back_to_planner(app: App, db: Session, post: Post, reason: str, *, returns: int) -> None:
    """Take a post's slot away; its approval stays, and the planner finds it a new one."""
    slot = {"slot": f"{post.slot_date} {post.slot_time}", "due_at": str(post.due_at)}
    store.change_post(
        db, post, slot_date=None, slot_time=None, due_at=None, next_try_at=None, tries=0, returns=returns, reason=reason
    )
    app.event(db, "post.returned", post=post.uuid, story=post.story, channel=post.channel, note=reason, before=slot)
