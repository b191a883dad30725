"""Queries about stories."""

from __future__ import annotations

from sqlmodel import Session, col, or_, select

from campaign.models import Story, StoryStatus


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


def all_stories(db: Session) -> list[Story]:
    """Return every story, oldest first."""
    return list(db.exec(select(Story).order_by(col(Story.created_at), Story.uuid)).all())
