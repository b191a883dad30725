"""Queries about stories."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import bindparam, text, update
from sqlmodel import Session, col, or_, select

from campaign.models import STORY_IS_OPEN, Story, StoryStatus


def add_story(db: Session, story: Story) -> Story:
    """Store a new story."""
    db.add(story)
    db.flush()
    return story


def story_by_id(db: Session, uuid: str) -> Story | None:
    """Return a story by its whole uuid."""
    return db.get(Story, uuid)


def story_named(db: Session, region: str, slug: str) -> Story | None:
    """Return the story with this identity."""
    return db.exec(select(Story).where(Story.region == region, Story.slug == slug)).first()


def hold_story(db: Session, story: str) -> Story:
    """Lock a story's row until the end of the transaction, and return it as it is stored now."""
    return db.get_one(Story, story, with_for_update=True, populate_existing=True)


def find_stories(db: Session, wanted: str) -> list[Story]:
    """Return the stories whose slug is `wanted` or whose uuid starts with it."""
    statement = select(Story).where(
        or_(Story.slug == wanted, col(Story.uuid).startswith(wanted.lower(), autoescape=True))
    )
    return list(db.exec(statement.order_by(Story.region, Story.slug)).all())


def queued_stories(db: Session) -> list[Story]:
    """Return the stories that may be planned, oldest first."""
    statement = select(Story).where(Story.status == StoryStatus.QUEUED)
    return list(db.exec(statement.order_by(col(Story.created_at), Story.uuid)).all())


def open_stories(db: Session) -> list[Story]:
    """Return the stories that something is left to plan for, oldest first."""
    statement = select(Story).where(text(STORY_IS_OPEN))
    return list(db.exec(statement.order_by(col(Story.created_at), Story.uuid)).all())


DONE = update(Story).where(col(Story.uuid) == bindparam("this"), col(Story.revision) == bindparam("seen"))


def end_stories(db: Session, seen: Mapping[str, int]) -> None:
    """Note that nothing is left to plan for some stories, as long as they have the revision that the caller saw."""
    if rows := [{"this": story, "seen": revision} for story, revision in seen.items()]:
        db.connection().execute(DONE.values(done=bindparam("seen")), rows)


def reopen_stories(db: Session) -> None:
    """Have every story looked at again."""
    db.connection().execute(update(Story).where(col(Story.done).is_not(None)).values(done=None))


def has_stories(db: Session) -> bool:
    """Whether any story was ever taken in."""
    return db.exec(select(Story.uuid).limit(1)).first() is not None


def all_stories(db: Session) -> list[Story]:
    """Return every story, oldest first."""
    return list(db.exec(select(Story).order_by(col(Story.created_at), Story.uuid)).all())
