"""What is written after a visible call, and after a look at the platform. Every write carries the owner's epoch,
but for the answer of a call: that is stored by whoever got it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlmodel import Session

from campaign import store
from campaign.app import App
from campaign.config import Channel
from campaign.errors import (
    ChannelBlocked,
    NotSent,
    PlatformError,
    RateLimited,
    Rejected,
    StoreError,
)
from campaign.log import tell
from campaign.models import Attempt, ChannelState, Outcome, Part, Post, PostStatus
from campaign.platforms.base import Found, Published
from campaign.publish.gate import Back, End, Go, Unapprove, Verdict, Wait
from campaign.publish.outgoing import Delivery
from campaign.retry import Again, Due, next_try

AGES = tuple(timedelta(hours=hours) for hours in (1, 6, 24, 72, 168, 720))  # 1 h to 30 days after publication
RECORD_TRIES = 40
RECORD_WAIT = 5.0  # seconds
TOKEN_DEATHS = 2  # refusals of the credentials in a row that block a channel
HOLD = timedelta(minutes=15)  # when a platform asks to wait and does not say how long


def stored(app: App, write: Callable[[Session], None]) -> None:
    """Run a write that must not be lost, again and again while the database is busy or the disk full.

    Raises:
        StoreError: it never worked; the attempt stays open, and the next start asks the platform.
    """
    for attempt in range(RECORD_TRIES):
        try:
            with app.writing() as db:
                write(db)
            return
        except StoreError as error:
            if attempt == RECORD_TRIES - 1:
                raise
            tell("record.delayed", level=30, reason=str(error))
            app.clock.sleep(RECORD_WAIT)


def published(app: App, delivery: Delivery, part: Part, yes: Published | Found, attempt: Attempt | None) -> None:
    """Store that a part is live."""

    def write(db: Session) -> None:
        now = app.clock.now()
        if attempt is not None:
            store.close_attempt(db, attempt, Outcome.PUBLISHED, yes.remote_id, now)
        kept = db.get(Part, part.uuid, with_for_update=True)
        post = db.get(Post, delivery.post.uuid, with_for_update=True)
        if kept is None or post is None:
            return
        if kept.remote_id not in (None, yes.remote_id):
            message = f"{delivery.name} is live twice: {kept.remote_id} and {yes.remote_id}"
            app.alert(db, f"double:{post.uuid}", message, post=post.uuid, channel=post.channel, remedy="Take one down.")
            return
        kept.remote_id, kept.permalink, kept.absent_at = yes.remote_id, yes.permalink or kept.permalink, None
        db.add(kept)
        db.flush()
        if state := store.channel_state(db, post.channel):
            state.token_deaths = 0
            db.add(state)
        _after_part(app, db, delivery, post)

    stored(app, write)


def _after_part(app: App, db: Session, delivery: Delivery, post: Post) -> None:
    parts = store.parts_of(db, post.uuid)
    began = post.published_at or _began(db, parts[0]) or app.clock.now()
    live = all(part.remote_id for part in parts)
    status = PostStatus.PUBLISHED if live else PostStatus.SENDING
    reason = "" if live else f"{sum(bool(part.remote_id) for part in parts)} of {len(parts)} parts are live"
    store.change_post(
        db,
        post,
        expected=(PostStatus.SENDING, PostStatus.UNCONFIRMED, PostStatus.PARTIAL),
        status=str(status),
        published_at=began,
        confirm_at=app.clock.now(),
        next_try_at=None,
        tries=0,
        reason=reason,
    )
    store.schedule_snapshots(db, post, began, AGES, app.new_id)
    if live:
        store.clear_alert(
            db, [f"unconfirmed:{post.uuid}", f"partial:{post.uuid}", f"by-hand:{post.uuid}"], app.clock.now()
        )
        app.event(db, "post.published", post=post.uuid, story=post.story, channel=post.channel, note=parts[0].permalink)


def _began(db: Session, part: Part) -> datetime | None:
    attempt = store.last_attempt(db, part.uuid)
    return attempt.started_at if attempt else None


def not_published(app: App, delivery: Delivery, part: Part, error: Exception, attempt: Attempt | None) -> None:
    """Store how a call failed, and what becomes of the post. Without an attempt the call was an invisible one."""

    def write(db: Session) -> None:
        now = app.clock.now()
        if attempt is not None and not store.close_attempt(db, attempt, outcome_of(error), str(error), now):
            return
        post = db.get(Post, delivery.post.uuid, with_for_update=True)
        state = db.get(ChannelState, delivery.post.channel, with_for_update=True)
        if post is None or state is None:
            return
        first = part.n == 1
        if isinstance(error, Rejected):
            status = PostStatus.FAILED if first else PostStatus.PARTIAL
            _end(app, db, delivery, post, status, f"the platform refused it: {error}")
        elif attempt is not None and outcome_of(error) is Outcome.UNKNOWN:
            unconfirmed(app, db, delivery, post, attempt, str(error))
        else:
            _again(app, db, delivery, post, state, error, first)

    stored(app, write)


def outcome_of(error: Exception) -> Outcome:
    """Return what an error of the visible call says about publication; our own bugs leave it open."""
    if isinstance(error, NotSent | ChannelBlocked):
        return Outcome.NOT_SENT
    return Outcome.REJECTED if isinstance(error, Rejected) else Outcome.UNKNOWN


def unconfirmed(app: App, db: Session, delivery: Delivery, post: Post, attempt: Attempt, why: str) -> None:
    """Store that a part may be live. The platform is asked when the call is certainly over and its answer settled."""
    settle = settle_of(app, delivery.channel) or timedelta(0)
    gone = app.owner is not None and (app.owner.is_gone(attempt.sender) or attempt.sender == app.owner.sender)
    over = app.clock.now() if gone else attempt.send_by + delivery.channel.call_deadline
    store.change_post(
        db,
        post,
        expected=PostStatus.SENDING,
        status=str(PostStatus.UNCONFIRMED),
        tries=0,
        next_try_at=max(over, app.clock.now()) + settle,
        reason=f"it may be live: {why}",
    )
    app.event(db, "post.unconfirmed", post=post.uuid, story=post.story, channel=post.channel, note=why)


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
        state.blocked = blocked
        remedy = f"campaign channel login {channel.key}, then campaign channel check {channel.key}"
        app.alert(db, f"blocked:{channel.key}", f"channel {channel.key}: {blocked}", channel=channel.key, remedy=remedy)
    db.add(state)
    store.change_post(
        db,
        post,
        expected=(PostStatus.APPROVED, PostStatus.SENDING),
        status=str(PostStatus.APPROVED if first else PostStatus.SENDING),
        tries=post.tries + 1,
        next_try_at=max(when, now),
        reason=f"not sent yet: {error}",
    )
    app.event(db, "post.not-sent", post=post.uuid, story=post.story, channel=post.channel, note=str(error))


def _blocked(state: ChannelState, error: Exception) -> str:
    """Return why a person is needed for the channel, empty when nobody is."""
    if isinstance(error, ChannelBlocked):
        return str(error)
    if isinstance(error, NotSent) and error.token_dead:
        state.token_deaths += 1
        return f"its credentials were refused: {error}" if state.token_deaths >= TOKEN_DEATHS else ""
    if not isinstance(error, PlatformError):
        return ""
    state.token_deaths = 0
    return ""


def _end(app: App, db: Session, delivery: Delivery, post: Post, status: PostStatus, reason: str) -> None:
    store.change_post(db, post, status=str(status), next_try_at=None, reason=reason)
    app.event(db, f"post.{status}", post=post.uuid, story=post.story, channel=post.channel, note=reason)
    if status in (PostStatus.FAILED, PostStatus.PARTIAL):
        remedy = f"campaign why {post.uuid[:8]}; then campaign post retry or campaign post cancel {post.uuid[:8]}"
        message = f"{delivery.name}: {reason}"
        app.alert(db, f"{status}:{post.uuid}", message, post=post.uuid, channel=post.channel, remedy=remedy)


def carry_out(app: App, db: Session, delivery: Delivery, post: Post, verdict: Verdict) -> None:
    """Store what the gate decided about a post that may not go out."""
    match verdict:
        case Go():
            return
        case Wait(reason, until):
            if post.reason != reason or post.next_try_at != until:
                store.change_post(db, post, reason=reason, next_try_at=until)
                app.event(db, "post.waits", post=post.uuid, story=post.story, channel=post.channel, note=reason)
        case Back(reason, late):
            back_to_planner(app, db, post, reason, returns=post.returns + late)
        case Unapprove(reason):
            store.change_post(db, post, status=str(PostStatus.RENDERED), approved_hash="", input_hash="", reason=reason)
            app.event(db, "post.unapproved", post=post.uuid, story=post.story, channel=post.channel, note=reason)
            message = f"{delivery.name} was not sent: {reason}"
            remedy = "campaign proof, then approve it again"
            app.alert(db, f"unapproved:{post.uuid}", message, post=post.uuid, channel=post.channel, remedy=remedy)
        case End(status, reason):
            _end(app, db, delivery, post, status, reason)


def back_to_planner(app: App, db: Session, post: Post, reason: str, *, returns: int) -> None:
    """Take a post's slot away; its approval stays, and the planner finds it a new one."""
    slot = {"slot": f"{post.slot_date} {post.slot_time}", "due_at": str(post.due_at)}
    store.change_post(
        db, post, slot_date=None, slot_time=None, due_at=None, next_try_at=None, tries=0, returns=returns, reason=reason
    )
    app.event(db, "post.returned", post=post.uuid, story=post.story, channel=post.channel, note=reason, before=slot)
