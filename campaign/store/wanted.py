"""What people call a post: the start of its id, `story@channel`, or a story's name for all its posts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from sqlmodel import Session

from campaign.errors import UsageError
from campaign.models import OPEN, Post, Story
from campaign.store.posts import find_posts, posts_where, stories_of

SHORTEST_ID = 4  # letters: fewer name a post only by accident
SHORT_ID = 8  # letters of an id in lists and messages


def post_name(post: Post, story: Story) -> str:
    """Return a post as people know it: `story@channel`."""
    return f"{story.slug}@{post.channel}"


def wanted_posts(db: Session, names: Iterable[str]) -> list[Post]:
    """Return the posts that `names` mean, each once, in the order of the names.

    Raises:
        UsageError: a name means nothing, or posts of several stories.
    """
    found = {post.uuid: post for name in names for post in _meant_by(db, name.strip())}
    return list(found.values())


def _meant_by(db: Session, name: str) -> list[Post]:
    found = find_posts(db, name)
    stories = stories_of(db, found)
    named = [post for post in found if stories[post.story].slug == name.partition("@")[0]]
    meant = named or (found if len(name) >= SHORTEST_ID else [])
    if not meant:
        raise _unknown(db, name)
    if len({post.story for post in meant}) > 1 or (not named and len(meant) > 1):
        raise _ambiguous(name, meant, stories)
    return meant


def _ambiguous(name: str, meant: Sequence[Post], stories: dict[str, Story]) -> UsageError:
    told = "".join(
        f"\n  {post.uuid[:SHORT_ID]}  {post_name(post, stories[post.story])} ({stories[post.story].region})"
        for post in meant
    )
    return UsageError(f'"{name}" may mean any of these:{told}', remedy="Give the start of the one you mean.")


def _unknown(db: Session, name: str) -> UsageError:
    posts = posts_where(db, statuses=OPEN)
    stories = stories_of(db, posts)
    known = {post_name(post, stories[post.story]) for post in posts} | {stories[post.story].slug for post in posts}
    near = get_close_matches(name, sorted(known), n=3)
    hint = f"Did you mean {' or '.join(near)}? " if near else ""
    short = len(name) < SHORTEST_ID and f" (an id has at least {SHORTEST_ID} letters)"
    return UsageError(
        f'there is no post or story "{name}"{short or ""}', remedy=f"{hint}All of them: campaign post list"
    )
