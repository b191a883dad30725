"""The stage that plans: queued stories become posts with a slot, and posts whose slot no longer holds get another.

What a slot is stands in `slots`, who gets it in `fairness`; here rows become their inputs and their answers become
rows. A post keeps its slot until a rule breaks it; each change leaves its reason in the post and an event.
"""

from __future__ import annotations

from sqlmodel import Session

from campaign import store
from campaign.app import App, Summary
from campaign.config import Channel
from campaign.models import OPEN, Story
from campaign.plan.changes import apply, take_slot_away
from campaign.plan.sheet import Contents, Sheet, read_sheet
from campaign.plan.yielding import yield_unapproved

__all__ = ["Sheet", "plan", "run", "yield_unapproved"]


def run(app: App) -> Summary:
    """Take slots from what was not approved in time, then plan every channel as far ahead as the config says."""
    summary = yield_unapproved(app)
    summary.stage = "plan"
    for key in _channels_left(app):
        summary.count("without a slot any more", _leave_channel(app, key))
    for sheet in plan(app):
        for what, count in sheet.counts().items():
            summary.count(what, count)
    return summary


def plan(app: App, weeks: int | None = None, *, dry_run: bool = False) -> list[Sheet]:
    """Plan every channel for `weeks` from now (default: the config's) and return what was decided, channel by channel.

    A channel where nothing changes is only read. With `dry_run` nothing is written at all. One that the database does
    not know was renamed there, and is about to be in this process' config: nothing is planned for its old name.
    """
    weeks = weeks or app.config.plan.weeks
    contents: Contents = {}
    with app.reading() as db:
        stories = _stories(db)
        known = store.channel_states(db)
        channels = [channel for channel in app.config.channels.values() if channel.key in known]
        sheets = [read_sheet(app, db, channel, weeks, stories, contents) for channel in channels]
    if dry_run:
        return sheets
    written = [_write(app, sheet.channel, weeks, contents) if sheet.has_changes else sheet for sheet in sheets]
    return [sheet for sheet in written if sheet is not None]


def _write(app: App, channel: Channel, weeks: int, contents: Contents) -> Sheet | None:
    """Decide about a channel once more, on what holds in one transaction, and write it; None when it has gone."""
    with app.keeping_house() as db:
        if store.channel_state(db, channel.key) is None:
            return None
        sheet = read_sheet(app, db, channel, weeks, _stories(db), contents)
        apply(app, db, sheet)
    return sheet


def _stories(db: Session) -> dict[str, Story]:
    return {story.uuid: story for story in store.all_stories(db)}


def _channels_left(app: App) -> list[str]:
    """Channels that hold slots and are no longer in the config."""
    with app.reading() as db:
        posts = store.posts_where(db, statuses=OPEN)
    return sorted({post.channel for post in posts if post.due_at is not None} - app.config.channels.keys())


def _leave_channel(app: App, key: str) -> int:
    """Take the slots of all posts that were not sent on a channel which is gone."""
    with app.keeping_house() as db:
        posts = [post for post in store.posts_where(db, statuses=OPEN, channel=key) if post.due_at is not None]
        for post in posts:
            take_slot_away(app, db, post, f"channel {key} is no longer in the config")
    return len(posts)
