"""Stories and rendered posts for the tests of what stands behind rendering: proofs and approvals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from campaign import store
from campaign.app import App
from campaign.models import ImageContent, PartContent, Post, PostStatus, Story, content_hash
from campaign.story import Content, Kind, Photo, Telling
from tests.making import make_story, picture

TUESDAY = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)  # 09:00 in Brussels, the day after the virtual clock starts


def an_image(
    app: App, *, alt: str = "Trainees measure a battery cell.", colour: tuple[int, int, int] = (0, 0, 90)
) -> ImageContent:
    """Keep a small picture and return it as a part holds it."""
    data = picture(colour, (120, 63))
    sha256 = app.media.keep(data, "image/jpeg")
    return ImageContent(sha256=sha256, media_type="image/jpeg", width=120, height=63, size=len(data), alt=alt)


def a_part(text: str = "Battery skills modules, open to every region.", **fields: Any) -> PartContent:
    """Return a part in English."""
    return PartContent(**({"text": text, "language": "en", "title": "Battery skills modules"} | fields))


def a_story(
    app: App,
    slug: str = "modules",
    *,
    regions: tuple[str, ...] = ("portugal",),
    title: str = "Battery skills modules",
    photos: tuple[Photo, ...] = (),
    project: str = "",
    **fields: Any,
) -> Story:
    """Store a story about a course."""
    telling = Telling(title=title, summary="Modules for all.", shows=tuple("A workshop." for _ in photos))
    content = Content(
        kind=Kind.COURSE, regions=regions, language="en", project=project, photos=photos, tellings={"en": telling}
    )
    return make_story(app, slug, region=regions[0], content=content, project=project, **fields)


def a_post(
    app: App,
    story: Story,
    *parts: PartContent,
    channel: str = "news",
    due_at: datetime | None = TUESDAY,
    status: PostStatus = PostStatus.RENDERED,
    **fields: Any,
) -> Post:
    """Store a post as `render` leaves it."""
    contents = list(parts) or [a_part()]
    post = Post(
        uuid=app.new_id(),
        story=story.uuid,
        channel=channel,
        status=str(status),
        slot_date=due_at.date() if due_at else None,
        slot_time=f"{due_at + timedelta(hours=1):%H:%M}" if due_at else None,
        due_at=due_at,
        first_due_at=due_at,
        created_at=app.clock.now(),
        **({"content_hash": content_hash(contents), "input_hash": "inputs"} | fields),
    )
    with app.writing() as db:
        store.add_post(db, post)
        store.replace_parts(db, post, contents, app.new_id)
    return post


def render_again(app: App, post: Post, *parts: PartContent) -> None:
    """Give a post another content, as `render` does when its inputs have changed."""
    with app.writing() as db:
        stored = store.post_by_id(db, post.uuid)
        assert stored is not None
        store.replace_parts(db, stored, parts, app.new_id)
        store.change_post(db, stored, content_hash=content_hash(parts), status=str(PostStatus.RENDERED))
