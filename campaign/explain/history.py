"""What happened, for `log`: the events of everything, of a story or of a post."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from campaign import store
from campaign.app import App
from campaign.explain.words import when
from campaign.models import Event, Post
from campaign.store.lookup import resolve
from campaign.store.wanted import SHORT_ID, post_name


@dataclass(frozen=True)
class Happening:
    """One line of the history."""

    at: datetime  # UTC
    time: str  # in the campaign's zone, as people read it
    who: str
    what: str  # the event's stable name
    subject: str  # story@channel, region/story or the channel
    note: str


def history(app: App, wanted: str | None = None, last: int = 50) -> list[Happening]:
    """Return the newest `last` events, oldest first: all of them, or those of a story or a post.

    Raises:
        UsageError: `wanted` means no story or post, or several.
    """
    with app.reading() as db:
        found = _events(db, wanted, last)
        names = _Names(db, found)
    zone = app.config.campaign.zone
    return [
        Happening(event.at, when(event.at, zone), event.who, event.what, names.of(event), event.note) for event in found
    ]


def _events(db: Session, wanted: str | None, last: int) -> list[Event]:
    if wanted is None:
        return store.events(db, last=last)
    subject = resolve(db, wanted)
    if isinstance(subject, Post):
        return store.events(db, post=subject.uuid, last=last)
    return store.events(db, story=subject.uuid, last=last)


class _Names:
    """What people call the posts and stories that some events are about."""

    def __init__(self, db: Session, events: Iterable[Event]) -> None:
        events = list(events)
        posts = [store.post_by_id(db, uuid) for uuid in {event.post for event in events if event.post}]
        self._posts = {post.uuid: post for post in posts if post is not None}
        stories = [store.story_by_id(db, uuid) for uuid in self._wanted_stories(events)]
        self._stories = {story.uuid: story for story in stories if story is not None}

    def _wanted_stories(self, events: Iterable[Event]) -> set[str]:
        own = {event.story for event in events if event.story}
        return own | {post.story for post in self._posts.values()}

    def of(self, event: Event) -> str:
        """The subject of an event in words."""
        if event.post and event.post in self._posts:
            post = self._posts[event.post]
            return f"{post_name(post, self._stories[post.story])} ({post.uuid[:SHORT_ID]})"
        if event.story and event.story in self._stories:
            story = self._stories[event.story]
            return f"{story.region}/{story.slug}"
        return f"channel {event.channel}" if event.channel else ""
