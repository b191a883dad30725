"""After a restore or a move: what is about to be sent for the first time since then is asked of the platform before.

It may have gone out in the time that was lost, even under another post: a story that was planned, or handed in, only
after the backup is planned again and has another id. So each part is looked for once, however it came to be due.
"""

from __future__ import annotations

from datetime import timedelta

from campaign import store
from campaign.app import App
from campaign.config import Channel
from campaign.models import Part, Post
from campaign.publish.outgoing import due
from campaign.store.evidence import attempts_at

REMEMBERED = timedelta(days=30)  # after the loss; by then what was lost has been handed in again, or never will be


def recent_loss(app: App) -> store.LostSpan | None:
    """Return the span that was lost, as long as something of it may come up again."""
    with app.reading() as db:
        lost = store.lost_span(db)
    return lost if lost and app.clock.now() < lost.until + REMEMBERED else None


def run(app: App, channel: Channel, epoch: int) -> int:
    """Let what is due, and was not looked for since the loss, wait for the platform; return how much that is."""
    lost = recent_loss(app)
    if lost is None:
        return 0
    with app.reading() as db:
        parts = [(each.post, part) for each in due(app, channel) if (part := each.next_part)]
        doubtful = [
            (post, part) for post, part in parts if not store.is_looked_for(part, attempts_at(db, post.uuid), lost)
        ]
    return sum(_doubt(app, post, part, lost, epoch) for post, part in doubtful)


def _doubt(app: App, post: Post, part: Part, lost: store.LostSpan, epoch: int) -> bool:
    with app.writing() as db:
        store.lock_channel(db, post.channel, epoch)
        doubted = store.doubt(db, post, part, lost, app.clock.now(), app.new_id)
        if doubted:
            app.event(db, "post.unconfirmed", post=post.uuid, story=post.story, channel=post.channel, note=store.WHY)
    return doubted
