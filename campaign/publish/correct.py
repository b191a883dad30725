"""A live post says something else from now on: what an officer proposed and another one approved is changed there.

Its parts are edited, or a reply that sets it right follows as the next part of its thread. An edit may be repeated, so
whatever crashes in between, the wish stands and is carried out again; a reply goes through every step of sending.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session

from campaign import store
from campaign.app import App
from campaign.models import Event, Part, PartContent, Post, PostStatus
from campaign.publish.outgoing import Delivery, item_of


def correct(app: App, delivery: Delivery, epoch: int) -> None:
    """Carry out the last correction of a post that was approved."""
    with app.reading() as db:
        (asked,) = store.events(db, what="post.correction", post=delivery.post.uuid, last=1)
    if delivery.post.content_hash != asked.before["hash"]:
        return  # it says so already: the process ended before the wish could be cleared
    contents = [PartContent.model_validate(each) for each in asked.after["parts"]]
    try:
        _edit(app, delivery, contents)
    except Exception as error:  # noqa: BLE001 - a bug in one correction must not stop the channel; a person is told
        _refused(app, delivery, asked, error)
        return
    with app.writing() as db:
        store.lock_channel(db, delivery.channel.key, epoch)
        _store(app, db, delivery, asked, contents)


def _edit(app: App, delivery: Delivery, contents: Sequence[PartContent]) -> None:
    """Change on the platform what is live and to say something else."""
    platform = app.platform(delivery.channel.key)
    for part, content in zip(delivery.parts, contents, strict=False):
        told = content.model_dump(mode="json")
        if part.content != told:
            corrected = Part(uuid=part.uuid, post=part.post, channel=part.channel, n=part.n, content=told)
            platform.edit(part.remote_id or "", item_of(app, delivery, corrected))


def _store(app: App, db: Session, delivery: Delivery, asked: Event, contents: Sequence[PartContent]) -> None:
    """Store what the post says now. With a part more it is a thread that has begun and is not whole yet."""
    post = db.get_one(Post, delivery.post.uuid)
    longer = len(contents) > len(delivery.parts)
    store.change_post(
        db,
        post,
        status=str(PostStatus.SENDING if longer else PostStatus.PUBLISHED),
        content_hash=asked.after["hash"],
        approved_hash=asked.after["hash"],
        approved_by=asked.after["by"],
        approved_at=asked.at,
        next_try_at=None,
        tries=0,
        reason=f"a reply follows, as {asked.who} approved" if longer else f"corrected, as {asked.who} approved",
    )
    store.replace_parts(db, post, contents, app.new_id)
    store.clear_alert(db, f"correct:{post.uuid}", app.clock.now())
    about = {"post": post.uuid, "story": post.story, "channel": post.channel}
    app.event(db, "post.corrected", who=asked.who, **about, before=asked.before, after=asked.after)


def _refused(app: App, delivery: Delivery, asked: Event, error: Exception) -> None:
    post = delivery.post
    with app.writing() as db:
        app.alert(
            db,
            f"correct:{post.uuid}",
            f"{delivery.name} could not be corrected: {error}",
            post=post.uuid,
            channel=post.channel,
            remedy=f"Try again: campaign approve --proof {asked.after['proof']}\n{app.instead_of_edit(post)}",
        )
