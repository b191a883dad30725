"""Which planned posts come after the end of their channel's credentials, told while there is time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from campaign import store
from campaign.app import App
from campaign.explain.words import when
from campaign.models import OPEN

Slot = tuple[datetime, str, str]  # when a post is to go out, on which channel, and its story


@dataclass(frozen=True)
class Ending:
    """A channel's credentials that end before posts that are planned there."""

    channel: str
    ends_at: datetime
    posts: int
    first: str  # story@channel
    first_at: datetime
    remedy: str


def endings(app: App, db: Session) -> tuple[Ending, ...]:
    """Return what is to be told of the posts as they are planned now."""
    ends = token_ends(app, db)
    late = [
        post for key, end in ends.items() for post in store.posts_where(db, statuses=OPEN, channel=key, due_from=end)
    ]
    stories = store.stories_of(db, late)
    return endings_of(
        app, ends, [(post.due_at, post.channel, stories[post.story].slug) for post in late if post.due_at]
    )


def token_ends(app: App, db: Session) -> dict[str, datetime]:
    """Return when credentials end, by channel of the config; those that last for ever are left out."""
    states = store.channel_states(db)
    return {key: end for key in app.config.channels if key in states and (end := states[key].token_ends_at)}


def endings_of(app: App, ends: Mapping[str, datetime], slots: Iterable[Slot]) -> tuple[Ending, ...]:
    """Return what is to be told of some slots, channel by channel."""
    late: dict[str, list[Slot]] = {}
    for slot in sorted(slots):
        at, channel, _ = slot
        if channel in ends and at >= ends[channel]:
            late.setdefault(channel, []).append(slot)
    return tuple(_ending(app, ends[channel], found) for channel, found in late.items())


def _ending(app: App, ends_at: datetime, late: Sequence[Slot]) -> Ending:
    first_at, channel, story = late[0]
    return Ending(channel, ends_at, len(late), f"{story}@{channel}", first_at, app.prolonging(channel))


def ending_line(ending: Ending, zone: str) -> str:
    """Tell of one channel in a line."""
    posts = "a planned post," if ending.posts == 1 else f"{ending.posts} planned posts, the first"
    ends, first = when(ending.ends_at, zone), when(ending.first_at, zone)
    return f"Channel {ending.channel}: its credentials end on {ends}, before {posts} {ending.first} on {first}."
