"""The one post or story that a person means by what they typed. For several posts at once see `wanted`."""

from __future__ import annotations

from difflib import get_close_matches

from sqlmodel import Session

from campaign.errors import UsageError
from campaign.models import Post, Story
from campaign.store.posts import stories_of
from campaign.store.stories import all_stories, find_stories, story_named
from campaign.store.wanted import SHORT_ID, SHORTEST_ID, post_name, wanted_posts


def resolve_post(db: Session, wanted: str) -> Post:
    """Return the post that `wanted` means: the start of its id, `story@channel`, or a story that has only one post.

    Raises:
        UsageError: it means none or several; the message names the candidates.
    """
    found = wanted_posts(db, [wanted])
    if len(found) == 1:
        return found[0]
    stories = stories_of(db, found)
    told = [f"{post.uuid[:SHORT_ID]}  {post_name(post, stories[post.story])}  {post.status}" for post in found]
    raise _several(wanted, told)


def resolve_story(db: Session, wanted: str) -> Story:
    """Return the story that `wanted` means: its slug, `region/slug`, or the start of its id.

    Raises:
        UsageError: it means none or several; the message names the candidates.
    """
    found = _stories(db, wanted.strip())
    if len(found) == 1:
        return found[0]
    if found:
        raise _several(wanted, [f"{story.region}/{story.slug}" for story in found])
    near = get_close_matches(wanted, sorted({story.slug for story in all_stories(db)}), n=3)
    hint = f"Did you mean {' or '.join(near)}? " if near else ""
    raise UsageError(f'there is no story "{wanted}"', remedy=f"{hint}All of them: campaign story list")


def resolve(db: Session, wanted: str) -> Post | Story:
    """Return the story or the post that `wanted` means, the story where its name alone is given.

    Raises:
        UsageError: it means none or several; the message names the candidates.
    """
    if "@" not in wanted and (stories := _stories(db, wanted.strip())):
        return stories[0] if len(stories) == 1 else resolve_story(db, wanted)
    return resolve_post(db, wanted)


def _stories(db: Session, name: str) -> list[Story]:
    region, slash, slug = name.partition("/")
    if slash:
        story = story_named(db, region, slug)
        return [story] if story else []
    found = find_stories(db, name)
    named = [story for story in found if story.slug == name]
    return named or (found if len(name) >= SHORTEST_ID else [])


def _several(wanted: str, candidates: list[str]) -> UsageError:
    told = "".join(f"\n  {candidate}" for candidate in candidates)
    return UsageError(f'"{wanted}" may mean any of these:{told}', remedy="Give the start of the one you mean.")
