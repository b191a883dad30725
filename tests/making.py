"""Rows to begin with: stories and posts as intake, plan and render would have left them."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import Any

from PIL import Image

from campaign import store
from campaign.app import App
from campaign.models import ImageContent, PartContent, Post, PostStatus, Story, content_hash
from campaign.story import Content, Kind, Telling


def picture(colour: tuple[int, int, int] = (30, 90, 160), size: tuple[int, int] = (640, 360)) -> bytes:
    """Return a plain JPEG."""
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "JPEG")
    return buffer.getvalue()


def make_story(app: App, slug: str = "battery-modules", *, region: str = "moravia-silesia", **values: Any) -> Story:
    """Store a queued story."""
    title = values.pop("title", "Battery skills modules, open to every region")
    content = values.pop("content", None) or Content(
        kind=Kind.COURSE,
        regions=(region,),
        language="en",
        tellings={"en": Telling(title=title, summary="Training modules for all of Europe.")},
    )
    now = app.clock.now()
    with app.writing() as db:
        return store.add_story(
            db,
            Story(
                uuid=app.new_id(),
                region=region,
                slug=slug,
                kind=values.pop("kind", content.kind.value),
                language=content.language,
                content=content.model_dump(mode="json"),
                fingerprint=values.pop("fingerprint", slug),
                created_at=values.pop("created_at", now),
                updated_at=now,
                **values,
            ),
        )


def make_post(
    app: App,
    story: Story | None = None,
    *,
    channel: str = "news",
    text: str = "Battery skills modules are open to every region.",
    due_in: timedelta = timedelta(0),
    status: PostStatus = PostStatus.APPROVED,
    parts: int = 1,
    due_at: datetime | None = None,
    **values: Any,
) -> Post:
    """Store a post with its parts; approved by Anna unless another status is asked for."""
    story = story or make_story(app)
    due_at = due_at or app.clock.now() + due_in
    data = picture()
    sha256 = app.media.keep(data, "image/jpeg")
    image = ImageContent(
        sha256=sha256, media_type="image/jpeg", width=640, height=360, size=len(data), alt="A blue workshop wall."
    )
    contents = [
        PartContent(
            role="post" if n == 1 else "reply",
            text=text if n == 1 else f"{text} ({n}/{parts})",
            language="en",
            title="Battery skills modules",
            link="https://example.org/modules",
            tags=("MoraviaSilesia",),
            images=(image,) if n == 1 else (),
        )
        for n in range(1, parts + 1)
    ]
    agreed = content_hash(contents)
    yes = {"approved_hash": agreed, "approved_by": "anna", "approved_at": app.clock.now()}
    post = Post(
        uuid=app.new_id(),
        story=story.uuid,
        channel=channel,
        status=str(status),
        slot_date=due_at.date(),
        slot_time=f"{due_at:%H:%M}",
        due_at=due_at,
        first_due_at=due_at,
        input_hash="as rendered",
        content_hash=agreed,
        proofed_hash=agreed,
        created_at=app.clock.now(),
        expires_at=story.expires_at,
        **({**yes, **values} if status == PostStatus.APPROVED else values),
    )
    with app.writing() as db:
        store.add_post(db, post)
        store.replace_parts(db, post, contents, app.new_id)
    return post


def status_of(app: App, post: Post) -> str:
    """Return a post's status as stored."""
    return fresh(app, post).status


def fresh(app: App, post: Post) -> Post:
    """Return a post as stored."""
    with app.reading() as db:
        found = store.post_by_id(db, post.uuid)
    assert found is not None
    return found
