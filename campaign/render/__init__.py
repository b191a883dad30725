"""The stage that renders: posts with a slot become parts of text, pictures and alt text, stored to the byte.

Two hashes. The *input* hash tells whether anything that shapes a rendering has changed; library versions, the clock and
the slot are no inputs, so neither an upgrade nor a moved slot touches what was approved. The *content* hash is what a
person approves: a new rendering with the same content keeps its approval, another goes back to `rendered`.
"""

from __future__ import annotations

from sqlmodel import Session

from campaign import store
from campaign.app import App, Summary
from campaign.errors import CampaignError
from campaign.models import OPEN, Post, PostStatus, Story, content_hash
from campaign.render.inputs import Files, input_hash
from campaign.render.rendering import Rendering, render

__all__ = ["Rendering", "render", "run"]

FAILED = "it cannot be rendered"  # how the reason of such a post begins


def run(app: App) -> Summary:
    """Render every post that has a slot and whose inputs have changed; a post that cannot be rendered says why."""
    summary = Summary("render")
    with app.reading() as db:
        posts = [post for post in store.posts_where(db, statuses=OPEN) if post.due_at is not None]
        stories = store.stories_of(db, posts)
    files: Files = {}
    for post in posts:
        if post.channel in app.config.channels:
            summary.count(_renew(app, post, stories[post.story], files))
    summary.counts.pop("unchanged", None)
    return summary


def _renew(app: App, post: Post, story: Story, files: Files) -> str:
    """Render one post if it must be; return what happened."""
    try:
        inputs = input_hash(app, post, story, files)
        if inputs == post.input_hash:
            return _mended(app, post) if post.reason.startswith(FAILED) else "unchanged"
        rendering = render(app, post, story)
    except CampaignError as error:
        return _failed(app, post, str(error))
    with app.writing() as db:
        if store.hold_story(db, story.uuid).revision != story.revision:
            return "unchanged"  # a new version came meanwhile; the next tick renders that
        return _store(app, db, post, rendering, inputs)


def _store(app: App, db: Session, post: Post, rendering: Rendering, inputs: str) -> str:
    fresh = content_hash(rendering.parts)
    if post.reason.startswith(FAILED):
        _mend(app, db, post)
    if fresh == post.content_hash:
        store.change_post(db, post, input_hash=inputs, notes=list(rendering.notes))
        return "unchanged"
    was = [part.content.get("text", "") for part in store.parts_of(db, post.uuid)]
    status = PostStatus.APPROVED if fresh == post.approved_hash else PostStatus.RENDERED
    lost = post.status == PostStatus.APPROVED and status == PostStatus.RENDERED
    if not store.change_post(
        db,
        post,
        status=str(status),
        input_hash=inputs,
        content_hash=fresh,
        notes=list(rendering.notes),
        warned=0 if lost else post.warned,
    ):
        return "unchanged"  # a person's command or the sender was faster; the next tick looks again
    store.replace_parts(db, post, rendering.parts, app.new_id)
    app.event(
        db,
        "post.unapproved" if lost else "post.rendered",
        post=post.uuid,
        story=post.story,
        channel=post.channel,
        note="what shapes it has changed" if lost else "",
        before={"text": was},
        after={"text": [part.text for part in rendering.parts], "hash": fresh},
    )
    return "back to be approved" if lost else "rendered"


def _mended(app: App, post: Post) -> str:
    """What stood in the way is gone, and the rendering of before is still right."""
    with app.writing() as db:
        _mend(app, db, post)
    return "mended"


def _mend(app: App, db: Session, post: Post) -> None:
    store.clear_alert(db, f"render:{post.uuid}", app.clock.now())
    store.change_post(db, post, reason="it can be rendered again")


def _failed(app: App, post: Post, why: str) -> str:
    with app.writing() as db:
        store.change_post(db, post, reason=f"{FAILED}: {why}")
        message = f"post {post.uuid[:8]} on {post.channel} cannot be rendered: {why}"
        app.alert(db, f"render:{post.uuid}", message, post=post.uuid, channel=post.channel, remedy="Correct the story.")
    return "failed"
