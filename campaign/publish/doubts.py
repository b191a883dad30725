"""After a restore or a move: what is about to be sent for the first time since then is asked of the platform before.

It may have gone out in the time that was lost, even under another post: a story that was planned, or handed in, only
after the backup is planned again and has another id. So each part is looked for once, however it came to be due.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from campaign import store
from campaign.app import App
from campaign.config import Channel
from campaign.models import Part, Post
from campaign.publish.outgoing import read_delivery
from campaign.store.evidence import attempts_at


def run(app: App, channel: Channel, epoch: int) -> int:
    """Let what is due, and was not looked for since the loss, wait for the platform; return how much that is."""
    now = app.clock.now()
    with app.reading() as db:
        lost = store.lost_span(db, now)
        if lost is None or not _doubtful(db, channel, lost, now):
            return 0
    with app.writing() as db:
        store.lock_channel(db, channel.key, epoch)
        doubtful = _doubtful(db, channel, lost, now)
        for post, part in doubtful:
            store.doubt(db, post, part, lost, now, app.new_id)
            app.event(db, "post.unconfirmed", post=post.uuid, story=post.story, channel=post.channel, note=store.WHY)
    return len(doubtful)


def _doubtful(db: Session, channel: Channel, lost: store.LostSpan, now: datetime) -> list[tuple[Post, Part]]:
    due = [read_delivery(db, channel, post) for post in store.due_posts(db, channel.key, now)]
    parts = [(each.post, part) for each in due if (part := each.next_part)]
    return [(post, part) for post, part in parts if not store.is_looked_for(part, attempts_at(db, post.uuid), lost)]
