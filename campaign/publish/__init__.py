"""The stage that publishes: one channel at a time, by its owner. At most one visible post, whatever crashes.

- wishes: what officers asked for
- reconcile: what may be live is asked of the platform
- doubts: after a restore, so is what is about to be sent for the first time
- send: prepare → gate + intent → one visible call → record, part by part
- byhand: the same for channels where a person publishes
- confirm: what went live is looked at once more
- gate: the pure decision in the middle; outgoing gathers its facts, record writes what follows
"""

from __future__ import annotations

from campaign import store
from campaign.app import App, Summary
from campaign.config import Channel
from campaign.errors import NotOwner
from campaign.publish import byhand, confirm, doubts, reconcile, send, wishes
from campaign.publish.byhand import done
from campaign.publish.outgoing import read_delivery
from campaign.publish.wishes import ask
from campaign.store import Work

__all__ = ["ask", "done", "read_delivery", "run"]


def run(app: App, key: str) -> Summary:
    """Publish what is due on a channel, if this process owns it."""
    channel, summary = app.channel(key), Summary(f"publish {key}")
    epoch = app.owner.take(key) if app.owner else None
    if app.owner is None or epoch is None:
        return summary
    with app.reading() as db:
        work = store.work_on(db, key, app.clock.now())
    try:
        if work:
            _work(app, channel, epoch, work, summary)
    except NotOwner as error:
        summary.notes.append(str(error))
        app.owner.give_back(key)  # it is taken anew, by whoever comes first
    return summary


def _work(app: App, channel: Channel, epoch: int, work: set[Work], summary: Summary) -> None:
    """Do what there is to do; one step may make work for the next."""
    if Work.WISH in work and not _held(app):
        summary.count("wishes", wishes.grant(app, channel, epoch))
    if channel.mode == "by-hand":
        summary.count("handed over", byhand.run(app, channel, epoch))
        return
    if work & {Work.WISH, Work.OPEN}:
        summary.count("looked up", reconcile.run(app, channel, epoch))
    if work & {Work.WISH, Work.OPEN, Work.DUE}:
        summary.count("to be looked up", doubts.run(app, channel, epoch))
        summary.count("published", send.run(app, channel, epoch))
    confirm.run(app, channel)


def _held(app: App) -> bool:
    """Whether everything waits for `campaign adopt`: then the platform is asked, and nothing else is done there."""
    with app.reading() as db:
        return store.held(db) is not None
