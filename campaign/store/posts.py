"""Queries about posts and their parts, up to the moment of sending."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Update, bindparam, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from campaign.log import scrub
from campaign.models import FINAL, OPEN, Part, PartContent, Post, PostStatus, Story

AT_ONCE = 500  # uuids in one statement, below SQLite's oldest limit of variables (https://sqlite.org/limits.html)
BY_SLOT = (col(Post.due_at).is_(None), col(Post.due_at), Post.channel, Post.uuid)  # without one: last on both databases


def add_post(db: Session, post: Post) -> Post:
    """Store a new post."""
    db.add(post)
    db.flush()
    return post


def post_by_id(db: Session, uuid: str) -> Post | None:
    """Return a post by its whole uuid."""
    return db.get(Post, uuid)


def find_posts(db: Session, wanted: str) -> list[Post]:
    """Return the posts that `wanted` may mean, by slot: the start of a uuid, `story@channel`, or a story's slug."""
    name, at, channel = wanted.partition("@")
    if at:
        statement = select(Post).join(Story, col(Post.story) == col(Story.uuid))
        statement = statement.where(Story.slug == name, Post.channel == channel)
    else:
        by_story = select(Story.uuid).where(Story.slug == name)
        statement = select(Post).where(
            col(Post.uuid).startswith(name.lower(), autoescape=True) | col(Post.story).in_(by_story)
        )
    return list(db.exec(statement.order_by(*BY_SLOT)).all())


def posts_where(
    db: Session,
    *,
    statuses: Iterable[str] = (),
    channel: str | None = None,
    story: str | None = None,
    due_from: datetime | None = None,
    due_to: datetime | None = None,
) -> list[Post]:
    """Return posts in the order of their slots; those that wait for one come last."""
    wanted = [str(status) for status in statuses]
    bounds = {"channel": channel, "story": story, "due_from": due_from, "due_to": due_to}
    given = {name: value for name, value in bounds.items() if value is not None}
    found = given | {f"status_{n}": status for n, status in enumerate(wanted)}
    return list(db.exec(_wanted(len(wanted), tuple(given)), params=found).all())


MOMENT = Post.created_at.type  # type: ignore[attr-defined]  # to mypy a column is its value
BOUNDS = {
    "channel": col(Post.channel) == bindparam("channel"),
    "story": col(Post.story) == bindparam("story"),
    "due_from": col(Post.due_at) >= bindparam("due_from", type_=MOMENT),
    "due_to": col(Post.due_at) < bindparam("due_to", type_=MOMENT),
}


@cache
def _wanted(statuses: int, bounds: tuple[str, ...]) -> SelectOfScalar[Post]:
    """Return the statement for posts with one of so many statuses and within some bounds, built once."""
    statement = select(Post).where(*(BOUNDS[name] for name in bounds)).order_by(*BY_SLOT)
    expected: list[BindParameter[str]] = [bindparam(f"status_{n}") for n in range(statuses)]
    return statement.where(col(Post.status).in_(expected)) if statuses else statement


NEEDED = select(Part.content).join(Post, col(Part.post) == col(Post.uuid))
NEEDED = NEEDED.where(
    col(Post.status).in_([str(status) for status in PostStatus if status not in FINAL])
    | (col(Post.published_at) >= bindparam("since", type_=MOMENT))
)


def pictures_needed(db: Session, since: datetime) -> set[str]:
    """Return the sha256 of every picture of a post that is not over, or went out at or after `since`."""
    found = db.exec(NEEDED, params={"since": since}).all()
    contents = (PartContent.model_validate(content) for content in found if content)
    return {file.sha256 for content in contents for file in content.files}


def posts_on(db: Session, channel: str) -> list[Post]:
    """Return every post of a channel, by slot."""
    return posts_where(db, channel=channel)


def posts_to_plan(db: Session, channel: str, now: datetime, stories: Iterable[str]) -> list[Post]:
    """Return what the planner looks at on a channel, by slot.

    That is what was not sent yet, what has a slot to come, and every post of some stories.
    """
    some, every = list(stories), [str(status) for status in PostStatus]
    looked_at = [
        col(Post.status).in_([str(status) for status in OPEN]),
        col(Post.status).in_(every) & (col(Post.due_at) >= now),  # by `ix_post_work`, which the statuses lead to
        *(col(Post.story).in_(some[start : start + AT_ONCE]) for start in range(0, len(some), AT_ONCE)),
    ]
    here = select(Post).where(Post.channel == channel)
    found = {post.uuid: post for which in looked_at for post in db.exec(here.where(which)).all()}
    return sorted(found.values(), key=lambda post: (post.due_at is None, post.due_at or now, post.uuid))


def stories_of(db: Session, posts: Iterable[Post]) -> dict[str, Story]:
    """Return the stories of some posts by uuid."""
    wanted = sorted({post.story for post in posts})
    found: dict[str, Story] = {}
    for start in range(0, len(wanted), AT_ONCE):
        some = select(Story).where(col(Story.uuid).in_(wanted[start : start + AT_ONCE]))
        found |= {story.uuid: story for story in db.exec(some).all()}
    return found


@cache
def change(statuses: int) -> Update:
    """Return the statement that changes a post if it has one of so many statuses; what is set are its parameters."""
    expected: list[BindParameter[str]] = [bindparam(f"expected_{n}") for n in range(statuses)]
    return update(Post).where(col(Post.uuid) == bindparam("this"), col(Post.status).in_(expected))


def change_post(db: Session, post: Post, *, expected: str | Iterable[str] | None = None, **values: Any) -> bool:
    """Change a post if it still has the status that the caller saw (or one of `expected`); say whether it was so.

    Its reason may be a platform's words, so no secret is left in it.

    The conditional UPDATE is what keeps a person's command and the daemon from overwriting each other.
    """
    if "reason" in values:
        values["reason"] = scrub(values["reason"])
    db.flush()
    statuses = [expected] if isinstance(expected, str) else list(expected or [post.status])
    found = {"this": post.uuid} | {f"expected_{n}": str(status) for n, status in enumerate(statuses)}
    changed = db.connection().execute(change(len(statuses)), found | values).rowcount == 1
    if changed:
        for name, value in values.items():
            set_committed_value(post, name, value)
    return changed


PARTS = select(Part).where(Part.post == bindparam("post")).order_by(col(Part.n))


def parts_of(db: Session, post: str) -> list[Part]:
    """Return the parts of a post in order."""
    return list(db.exec(PARTS, params={"post": post}).all())


def supersede(db: Session, story: Story) -> None:
    """Have every post of a story made anew from its new version; nothing is sent before, or after its expiry.

    Also one that may be live: where it proves not to be, it is sent again.
    """
    for post in posts_where(db, statuses=set(PostStatus) - set(FINAL), story=story.uuid):
        change_post(db, post, input_hash="", expires_at=story.expires_at)


def replace_parts(db: Session, post: Post, contents: Sequence[PartContent], new_id: Callable[[], str]) -> None:
    """Store a new rendering. A part keeps its uuid, and so its idempotency key, for the life of the post.

    What was prepared for another content is forgotten: a container made of the old text would publish that.
    """
    existing = parts_of(db, post.uuid)
    for n, content in enumerate(contents, start=1):
        part = existing[n - 1] if n <= len(existing) else Part(uuid=new_id(), post=post.uuid, channel=post.channel, n=n)
        part.role, told = content.role, content.model_dump(mode="json")
        if part.content != told:
            part.content, part.checkpoint = told, {}
        db.add(part)
    for part in existing[len(contents) :]:
        db.delete(part)
    db.flush()
