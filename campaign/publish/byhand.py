"""Channels where a person publishes: at the slot the post is handed over, and asked about until somebody answers."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from campaign import store
from campaign.app import App
from campaign.config import Channel
from campaign.errors import UsageError
from campaign.models import ChannelState, PostStatus
from campaign.platforms.base import Found
from campaign.publish.gate import Go, gate
from campaign.publish.outgoing import Delivery, facts_of, read_delivery
from campaign.publish.record import carry_out, published
from campaign.publish.wishes import refuse_taken

REMINDER = timedelta(days=1)  # a post that nobody answered for is asked about again


def run(app: App, channel: Channel, epoch: int) -> int:
    """Hand over what is due, and remind people of what is not answered for; return how many were handed over."""
    now = app.clock.now()
    with app.writing() as db:
        state = store.lock_channel(db, channel.key, epoch)
        due = [read_delivery(db, channel, post) for post in store.due_posts(db, channel.key, now)]
        handed = sum(_hand_over(app, db, delivery, state) for delivery in due)
        for post in store.posts_where(db, channel=channel.key, statuses=[PostStatus.UNCONFIRMED]):
            if post.next_try_at is not None and post.next_try_at <= now:
                store.clear_alert(db, f"by-hand:{post.uuid}", now)
                _ask(app, db, read_delivery(db, channel, post))
    return handed


def _hand_over(app: App, db: Session, delivery: Delivery, state: ChannelState) -> bool:
    post = delivery.post
    verdict = gate(facts_of(db, app, delivery, state))
    carry_out(app, db, delivery, post, verdict)
    if not isinstance(verdict, Go):
        return False
    store.change_post(db, post, status=str(PostStatus.UNCONFIRMED), reason="it waits for a person to publish it")
    app.event(db, "post.handed-over", post=post.uuid, story=post.story, channel=post.channel)
    _ask(app, db, delivery)
    return True


def _ask(app: App, db: Session, delivery: Delivery) -> None:
    post, short, lost = delivery.post, delivery.post.uuid[:8], store.lost_span(db, app.clock.now())
    unless = f", unless that was done after {lost.since:%Y-%m-%d %H:%M} UTC (a restore has lost it)" if lost else ""
    store.change_post(db, post, next_try_at=app.clock.now() + REMINDER)
    app.alert(
        db,
        f"by-hand:{post.uuid}",
        f"{delivery.name} is to be published by hand now{unless}",
        post=post.uuid,
        channel=post.channel,
        remedy=f"Text, pictures and alt text: campaign post show {short}. Then: campaign post done {short} URL",
    )


def done(app: App, delivery: Delivery, address: str) -> None:
    """Store that a person has published a by-hand post at an address; the rest of a thread stands below it.

    Raises:
        UsageError: the post does not wait for that, or the address is that of another post.
    """
    post = delivery.post
    if delivery.channel.mode != "by-hand" or post.status != PostStatus.UNCONFIRMED:
        raise UsageError(
            f"post {post.uuid[:8]} does not wait for a person: it is {post.status} on channel {delivery.channel.key}",
            remedy="This is for by-hand channels, after the post's slot.",
        )
    with app.reading() as db:
        refuse_taken(db, post, address)
    for part in delivery.parts:
        if part.remote_id is None:
            remote_id = address if part.n == 1 else f"{address}#{part.n}"
            published(app, delivery, part, Found(remote_id=remote_id, permalink=address), None)
