"""The stage that plans: queued stories become posts with a slot, and posts whose slot no longer holds get another.

What a slot is stands in `slots`, who gets it in `fairness`; here rows become their inputs and their answers become
rows. A post keeps its slot until a rule breaks it; each change leaves its reason in the post and an event.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session

from campaign import __version__, store
from campaign.app import App, Summary
from campaign.config import Channel, Config
from campaign.models import OPEN, Story, StoryStatus, digest
from campaign.plan.changes import apply, take_slot_away
from campaign.plan.sheet import Contents, Sheet, read_sheet
from campaign.plan.turns import AT_ONCE, count_turns
from campaign.plan.yielding import yield_unapproved

__all__ = ["Sheet", "plan", "run", "yield_unapproved"]

RULES = "plan.rules"  # key in `meta`: by which rules stories are done


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

    A channel where nothing changes is only read. What is over is put away first, so that the rest is short. With
    `dry_run` nothing is written at all.
    """
    weeks = weeks or app.config.plan.weeks
    contents: Contents = {}
    with app.reading() as db:
        stories = _stories(app, db)
        sheets = [read_sheet(app, db, channel, weeks, stories, contents) for channel in app.config.channels.values()]
    if dry_run:
        return sheets
    _put_away(app, sheets)
    return [_write(app, sheet.channel, weeks, contents) if sheet.has_changes else sheet for sheet in sheets]


def _write(app: App, channel: Channel, weeks: int, contents: Contents) -> Sheet:
    """Decide about a channel once more, on what holds in one transaction, and write it."""
    with app.keeping_house() as db:
        sheet = read_sheet(app, db, channel, weeks, _stories(app, db), contents)
        apply(app, db, sheet)
    return sheet


def _stories(app: App, db: Session) -> dict[str, Story]:
    """The stories that something is left to plan for; by other rules than before, that may be any of them."""
    same = store.meta(db, RULES) == story_rules(app.config)
    return {story.uuid: story for story in (store.open_stories(db) if same else store.queued_stories(db))}


def story_rules(config: Config) -> str:
    """Return the hash of what may keep a story off every channel; see `Rules.unfit`."""
    channels = [[one.key, one.language, *one.languages] for one in config.channels.values()]
    return digest([__version__, channels, sorted(config.regions)])


def _put_away(app: App, sheets: Sequence[Sheet]) -> None:
    """Note what the next run need not read: stories with which every channel is done, and old turns."""
    rules = story_rules(app.config)
    with app.reading() as db:
        same = store.meta(db, RULES) == rules
    over = _over(sheets, anew=not same)
    if over or not same:
        with app.keeping_house() as db:
            if not same:
                store.reopen_stories(db)
                store.set_meta(db, RULES, rules)
            store.end_stories(db, over)
    for sheet in sheets:
        if len(sheet.turns.old) >= AT_ONCE:
            with app.keeping_house() as db:
                count_turns(app, db, sheet.channel)


def _over(sheets: Sequence[Sheet], *, anew: bool) -> dict[str, int]:
    """The stories with which every channel is done, and the revision of which that is true.

    Those of which that is known already are left out, unless all is to be known `anew`. A story that no channel could
    take is not over: a person is to see it.
    """
    ended = frozenset[str]().union(*(sheet.ended for sheet in sheets))
    over = ended.intersection(*(sheet.over for sheet in sheets))
    read = {uuid: [sheet.stories[uuid] for sheet in sheets] for uuid in over}
    queued = {uuid: stories for uuid, stories in read.items() if stories[0].status == StoryStatus.QUEUED}
    return {
        uuid: min(story.revision for story in stories)
        for uuid, stories in queued.items()
        if anew or stories[0].done != stories[0].revision
    }


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
