"""What went live is looked at once more: its permalink, and warnings. The status never changes by it."""

from __future__ import annotations

from datetime import datetime, timedelta

from campaign import store
from campaign.app import App
from campaign.config import Channel
from campaign.errors import PlatformError, Unsupported
from campaign.log import tell
from campaign.models import Part, Post

AGAIN = timedelta(minutes=5)  # after a look that failed
GIVE_UP = timedelta(days=1)  # after publication


def run(app: App, channel: Channel) -> int:
    """Look at the parts of a channel that went live since the last look; return how many."""
    with app.reading() as db:
        live = store.unconfirmed_parts(db, channel.key, app.clock.now())
    for post, part in live:
        again, permalink, warnings = look(app, channel, post, part)
        with app.writing() as db:
            store.change_post(db, post, confirm_at=again)
            if permalink and (kept := db.get(Part, part.uuid)):
                kept.permalink = permalink
                db.add(kept)
            for warning in warnings:
                app.event(db, "post.warning", post=post.uuid, story=post.story, channel=post.channel, note=warning)
    return len(live)


def look(app: App, channel: Channel, post: Post, part: Part) -> tuple[datetime | None, str, tuple[str, ...]]:
    """Return when to look again (None: no more), the permalink, and warnings."""
    now = app.clock.now()
    try:
        found = app.platform(channel.key).confirm(part.remote_id or "")
    except Unsupported:
        return None, "", ()
    except PlatformError as error:
        tell("confirm.failed", post=post.uuid, channel=channel.key, reason=str(error))
        fresh = post.published_at is None or now - post.published_at < GIVE_UP
        return (now + AGAIN if fresh else None), "", ()
    return None, found.permalink, found.warnings
