"""Stories withdrawn, returned to their region, and brought back."""

from __future__ import annotations

from collections.abc import Iterable

from sqlmodel import Session

from campaign import store
from campaign.app import App
from campaign.desk.posts import UNPLACED
from campaign.errors import UsageError
from campaign.models import MAY_BE_LIVE, OPEN, Post, Story, StoryStatus


def withdraw(app: App, db: Session, story: Story, note: str) -> list[Post]:
    """Let nothing more of a story go out; return its posts that are or may be live all the same.

    Raises:
        UsageError: it is withdrawn already.
    """
    return _end(app, db, story, StoryStatus.WITHDRAWN, (StoryStatus.QUEUED, StoryStatus.RETURNED), note)


def hand_back(app: App, db: Session, story: Story, note: str) -> list[Post]:
    """Return a story to its region with a note; its next version is taken in as the answer.

    Returns the posts that are or may be live all the same.

    Raises:
        UsageError: it is not queued.
    """
    return _end(app, db, story, StoryStatus.RETURNED, (StoryStatus.QUEUED,), note)


def requeue(app: App, db: Session, story: Story, status: StoryStatus) -> None:
    """Take a withdrawal or a return back: its posts wait for slots again, and what was approved stays approved.

    Raises:
        UsageError: the story has another status.
    """
    _refuse_unless(story, (status,))
    _change(app, db, story, StoryStatus.QUEUED, "", "story.requeued")


def _end(app: App, db: Session, story: Story, status: StoryStatus, from_: Iterable[str], note: str) -> list[Post]:
    _refuse_unless(story, from_)
    _change(app, db, story, status, note, f"story.{status}")
    posts = store.posts_where(db, story=story.uuid)
    reason = f"its story was {status}"
    for post in posts:
        if post.status in OPEN and store.change_post(db, post, **UNPLACED, reason=reason):
            app.event(db, "post.unslotted", post=post.uuid, story=story.uuid, channel=post.channel, note=reason)
    return [post for post in posts if post.status in MAY_BE_LIVE]


def _refuse_unless(story: Story, statuses: Iterable[str]) -> None:
    if story.status not in statuses:
        told = f"the story {story.region}/{story.slug} is {story.status}"
        raise UsageError(told, remedy=f"What can be done: campaign why {story.region}/{story.slug}")


def _change(app: App, db: Session, story: Story, status: StoryStatus, note: str, what: str) -> None:
    before = {"status": str(story.status), "note": story.note}
    story.status, story.note, story.updated_at = str(status), note, app.clock.now()
    db.add(story)
    db.flush()
    app.event(db, what, story=story.uuid, note=note, before=before, after={"status": str(status)})
