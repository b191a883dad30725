"""What went live is looked at once more: its permalink, and warnings. The status never changes by it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import Session

from campaign import store
from campaign.app import App
from campaign.config import Channel
from campaign.errors import Unsupported
from campaign.log import tell
from campaign.models import Part, Post
from campaign.platforms.base import Confirmation

AGAIN = timedelta(minutes=5)  # after a look that failed
GIVE_UP = timedelta(days=1)  # after publication

Look = tuple[Part, Confirmation | None]  # None: the look failed


def run(app: App, channel: Channel) -> int:
    """Look at the parts of a channel that went live since the last look; return how many."""
    with app.reading() as db:
        live = store.unconfirmed_parts(db, channel.key, app.clock.now())
    looks: dict[str, tuple[Post, list[Look]]] = {}
    for post, part in live:
        looks.setdefault(post.uuid, (post, []))[1].append((part, look(app, channel, post, part)))
    if looks:
        with app.writing() as db:
            for post, found in looks.values():
                _note(app, db, post, found)
    return len(live)


def _note(app: App, db: Session, post: Post, looks: Sequence[Look]) -> None:
    """Store what was seen of a post's parts; if one of the looks failed, all are taken again later."""
    now = app.clock.now()
    fresh = post.published_at is None or now - post.published_at < GIVE_UP
    failed = any(found is None for _part, found in looks)
    store.change_post(db, post, confirm_at=now + AGAIN if failed and fresh else None)
    for part, found in looks:
        if found and found.permalink:
            kept = db.get_one(Part, part.uuid)
            kept.permalink = found.permalink
            db.add(kept)
        for warning in found.warnings if found else ():
            app.event(db, "post.warning", post=post.uuid, story=post.story, channel=post.channel, note=warning)


def look(app: App, channel: Channel, post: Post, part: Part) -> Confirmation | None:
    """Return what the platform shows of a part, None when the look failed."""
    try:
        return app.platform(channel.key).confirm(part.remote_id or "")
    except Unsupported:
        return Confirmation()
    except Exception as error:  # noqa: BLE001 - a look that fails must not stop the channel; it is taken again
        tell("confirm.failed", level=30, post=post.uuid, channel=channel.key, reason=str(error))
        return None
