"""The stage that publishes: one channel at a time, by its owner. At most one visible post, whatever crashes.

wishes     what officers asked for
reconcile  what may be live is asked of the platform
send       prepare → gate + intent → one visible call → record, part by part
record     what is written afterwards
gate       the pure decision in the middle; outgoing gathers its facts
"""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from campaign import store
from campaign.app import App, Summary
from campaign.config import Channel
from campaign.errors import NotOwner
from campaign.models import Post, PostStatus
from campaign.publish import reconcile, wishes
from campaign.publish.gate import Go, gate
from campaign.publish.outgoing import Delivery, facts_of, read_delivery
from campaign.publish.record import carry_out
from campaign.publish.send import deliver
from campaign.publish.wishes import ask, done

__all__ = ["ask", "deliver", "done", "read_delivery", "run"]

REMINDER = timedelta(days=1)  # a by-hand post that nobody answered for is asked about again


def run(app: App, key: str) -> Summary:
    """Publish what is due on a channel, if this process owns it."""
    channel, summary = app.channel(key), Summary(f"publish {key}")
    epoch = app.owner.take(key) if app.owner else None
    if epoch is None or not has_work(app, key):
        return summary
    try:
        summary.count("wishes", wishes.grant(app, channel, epoch))
        if channel.mode == "by-hand":
            summary.count("handed over", hand_over(app, channel, epoch))
        else:
            summary.count("looked up", reconcile.run(app, channel, epoch))
            summary.count("published", send_due(app, channel, epoch))
    except NotOwner as error:
        summary.notes.append(str(error))
    return summary


def has_work(app: App, key: str) -> bool:
    """Whether there is anything to look at, by one query."""
    with app.reading() as db:
        return store.has_work(db, key, app.clock.now())


def send_due(app: App, channel: Channel, epoch: int) -> int:
    """Send the posts that are due, each as far as the gate lets it; return how many are live."""
    return sum(deliver(app, delivery, epoch) for delivery in due(app, channel))


def due(app: App, channel: Channel) -> list[Delivery]:
    """Return what the channel may send now."""
    with app.reading() as db:
        return [read_delivery(db, channel, post) for post in store.due_posts(db, channel.key, app.clock.now())]


def hand_over(app: App, channel: Channel, epoch: int) -> int:
    """Ask a person to publish what is due on a by-hand channel, and remind them of what is not answered for."""
    deliveries = due(app, channel)
    with app.writing() as db:
        state = store.lock_channel(db, channel.key, epoch)
        handed = 0
        for delivery in deliveries:
            verdict = gate(facts_of(db, app, delivery, state))
            carry_out(app, db, delivery, delivery.post, verdict)
            if isinstance(verdict, Go):
                store.change_post(db, delivery.post, status=str(PostStatus.UNCONFIRMED), reason="waits for a person")
                _remind(app, delivery.post, delivery.name, db)
                handed += 1
        for post in store.posts_where(db, channel=channel.key, statuses=[PostStatus.UNCONFIRMED]):
            if post.next_try_at is not None and post.next_try_at <= app.clock.now():
                store.clear_alert(db, f"by-hand:{post.uuid}", app.clock.now())
                _remind(app, post, read_delivery(db, channel, post).name, db)
    return handed


def _remind(app: App, post: Post, name: str, db: Session) -> None:
    short = post.uuid[:8]
    store.change_post(db, post, next_try_at=app.clock.now() + REMINDER)
    app.alert(
        db,
        f"by-hand:{post.uuid}",
        f"{name} is to be published by hand now",
        post=post.uuid,
        channel=post.channel,
        remedy=f"Text, pictures and alt text: campaign post show {short}. Then: campaign post done {short} URL",
    )
