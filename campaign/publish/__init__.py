"""The stage that publishes: one channel at a time, by its owner. At most one visible post, whatever crashes.

- wishes: what officers asked for
- reconcile: what may be live is asked of the platform
- send: prepare → gate + intent → one visible call → record, part by part
- byhand: the same for channels where a person publishes
- confirm: what went live is looked at once more
- gate: the pure decision in the middle; outgoing gathers its facts, record writes what follows
"""

from __future__ import annotations

from collections.abc import Iterator

from campaign import store
from campaign.app import App, Summary
from campaign.config import Channel
from campaign.errors import NotOwner
from campaign.publish import byhand, confirm, reconcile, send, wishes
from campaign.publish.byhand import done
from campaign.publish.outgoing import Delivery, due, read_delivery
from campaign.publish.wishes import ask

__all__ = ["ask", "done", "read_delivery", "run"]


def run(app: App, key: str) -> Summary:
    """Publish what is due on a channel, if this process owns it."""
    channel, summary = app.channel(key), Summary(f"publish {key}")
    epoch = app.owner.take(key) if app.owner else None
    if app.owner is None or epoch is None or not _has_work(app, key):
        return summary
    try:
        summary.count("wishes", wishes.grant(app, channel, epoch))
        if channel.mode == "by-hand":
            summary.count("handed over", byhand.run(app, channel, epoch))
        else:
            summary.count("looked up", reconcile.run(app, channel, epoch))
            summary.count(
                "published", sum(send.deliver(app, delivery, epoch) for delivery in _ours(app, channel, epoch))
            )
            confirm.run(app, channel)
    except NotOwner as error:
        summary.notes.append(str(error))
        app.owner.give_back(key)  # it is taken anew, by whoever comes first
    return summary


def _ours(app: App, channel: Channel, epoch: int) -> Iterator[Delivery]:
    """Yield what is due, as long as the lock of the channel stands: many posts take longer than a connection may last.

    Raises:
        NotOwner: it does not.
    """
    for delivery in due(app, channel):
        if app.owner is None or app.owner.take(channel.key) != epoch:
            raise NotOwner(f"channel {channel.key} was lost on the way")
        yield delivery


def _has_work(app: App, key: str) -> bool:
    """Whether there is anything to look at, by one query."""
    with app.reading() as db:
        return store.has_work(db, key, app.clock.now())
