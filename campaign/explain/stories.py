"""Why a story is where it is: on each channel its post, or why it has none."""

from __future__ import annotations

from sqlmodel import Session

from campaign import store
from campaign.app import App, content_of
from campaign.config import Channel
from campaign.explain.words import title_of, when
from campaign.models import OPEN, Post, PostStatus, Story, StoryStatus
from campaign.store.wanted import SHORT_ID

LAST = 3  # slots that went to others


def tell_story(app: App, db: Session, story: Story) -> list[str]:
    """Say in plain words what became of a story on each channel."""
    zone = app.config.campaign.zone
    lines = [f"{story.region}/{story.slug} (story {story.uuid[:SHORT_ID]}): {title_of(story)}"]
    by = f" by {story.handed_by}" if story.handed_by else ""
    lines.append(f"Handed in{by} on {when(story.created_at, zone)}, {story.kind}, revision {story.revision}.")
    if story.status != StoryStatus.QUEUED:
        lines.append(f"It is {story.status}{f': {story.note}' if story.note else ''}.")
    if story.embargo_at is not None and story.embargo_at > app.clock.now():
        lines.append(f"Not before {when(story.embargo_at, zone)} (embargo).")
    if story.expires_at is not None:
        lines.append(f"Not after {when(story.expires_at, zone)}.")
    posts = store.posts_where(db, story=story.uuid)
    for key, channel in app.config.channels.items():
        own = [post for post in posts if post.channel == key]
        lines += [f"{key}: {_post(post, zone)}" for post in own]
        against = ruled_out(app, story, channel)
        if not own:
            lines.append(f"{key}: no post; {against or 'it waits for its turn'}.")
        if not against and all(post.status in OPEN and post.due_at is None for post in own):
            lines += _others(app, db, story, channel)
    lines += [
        f"{post.channel}: {_post(post, zone)}; the channel is no longer in the config"
        for post in posts
        if post.channel not in app.config.channels
    ]
    lines += [f"You can: campaign why {post.uuid[:SHORT_ID]}" for post in posts]
    if story.status == StoryStatus.QUEUED and not posts:
        lines.append("You can: campaign plan --explain")
    return lines


def _post(post: Post, zone: str) -> str:
    """One post in a few words."""
    name = f"post {post.uuid[:SHORT_ID]}"
    if post.published_at is not None:
        return f"{post.status}, live since {when(post.published_at, zone)} ({name})"
    reason = f": {post.reason}" if post.reason else ""
    if post.due_at is not None and post.status != PostStatus.EXPIRED:
        return f"{post.status} for {when(post.due_at, zone)} ({name}){reason}"
    slot = ", waits for a slot" if post.status in OPEN else ""
    return f"{post.status}{slot} ({name}){reason}"


def ruled_out(app: App, story: Story, channel: Channel) -> str:
    """Return why a story cannot get a slot on a channel, empty when it can."""
    content = content_of(story)
    if story.status != StoryStatus.QUEUED:
        return f"the story is {story.status}"
    if content.channels and channel.key not in content.channels:
        return f"the story is only for {', '.join(content.channels)}"
    if content.telling(channel.language, channel.languages) is None:
        told, taken = ", ".join(sorted(content.tellings)), ", ".join(channel.languages)
        return f"it is told in {told}, and the channel takes {taken}"
    if story.expires_at is not None and story.expires_at <= app.clock.now():
        return "it expired before it had a slot"
    return "" if channel.slots else "the channel has no slots"


def _others(app: App, db: Session, story: Story, channel: Channel) -> list[str]:
    """Evidence for a story that waits its turn: the slots still to come that went to others, and by which rule."""
    zone = app.config.campaign.zone
    coming = [
        post
        for post in store.posts_where(db, channel=channel.key, due_from=app.clock.now())
        if post.story != story.uuid and post.slot_date is not None
    ]
    stories = store.stories_of(db, coming)
    lines = []
    for post in coming[:LAST]:
        planned = store.events(db, what="post.planned", post=post.uuid, last=1)
        why = planned[0].note if planned else post.reason
        slot = when(post.due_at, zone) if post.due_at else ""
        other = stories[post.story]
        lines.append(f"  {slot} went to {other.region}/{other.slug}{f': {why}' if why else ''}")
    if len(coming) > LAST:
        lines.append(f"  and {len(coming) - LAST} more, see campaign plan --explain")
    return lines
