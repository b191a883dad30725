"""Other words for a post, by an officer: of one that is not live they are stored, of a live one they are proposed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from campaign import fit, store
from campaign.app import App
from campaign.errors import UsageError
from campaign.models import ImageContent, PartContent, Post, PostStatus, content_hash
from campaign.platforms.base import Limits
from campaign.store.wanted import SHORT_ID

EDITABLE = (PostStatus.RENDERED, PostStatus.APPROVED)


@dataclass(frozen=True)
class Wording:
    """The words of a part."""

    text: str
    alts: Mapping[int, str] = field(default_factory=dict)  # by the number of the picture, from 1


def wording_of(content: PartContent) -> Wording:
    """Return the words of a part as they are."""
    return Wording(content.text, {n: image.alt for n, image in enumerate(content.images, start=1)})


def reworded(contents: Sequence[PartContent], wordings: Sequence[Wording], limits: Limits) -> list[PartContent]:
    """Return the parts of a post in other words; a wording more is a reply that sets them right.

    Raises:
        UsageError: nothing would change, something is missing or too long, or a picture is not there.
    """
    parts = [_in_words(content, wording) for content, wording in zip(contents, wordings, strict=False)]
    parts += [_reply(contents, wording, limits) for wording in wordings[len(contents) :]]
    if parts == list(contents):
        raise UsageError("nothing was changed")
    if wrong := [told for n, part in enumerate(parts, start=1) for told in _mistakes(n, part, limits)]:
        raise UsageError("it cannot go out like this:\n  " + "\n  ".join(wrong))
    return parts


def _in_words(content: PartContent, wording: Wording) -> PartContent:
    """Return a part in other words. A link that is no longer in the text does not go beside it either."""
    text = wording.text.strip()
    lost = content.link in content.text and content.link not in text
    if missing := sorted(wording.alts.keys() - set(range(1, len(content.images) + 1))):
        raise UsageError(f"there is no picture {missing[0]}", remedy=f"The part has {len(content.images)}.")
    images = [_described(image, wording.alts.get(n)) for n, image in enumerate(content.images, start=1)]
    words = {"text": text, "link": "" if lost else content.link, "tags": tuple(fit.tags(text))}
    return content.model_copy(update={**(words if text != content.text else {}), "images": tuple(images)})


def _described(image: ImageContent, alt: str | None) -> ImageContent:
    return image if alt is None else image.model_copy(update={"alt": alt.strip()})


def _reply(contents: Sequence[PartContent], wording: Wording, limits: Limits) -> PartContent:
    role = "reply" if limits.threads else "comment"
    text = wording.text.strip()
    return PartContent(role=role, text=text, language=contents[0].language, title=contents[0].title)


def _mistakes(n: int, part: PartContent, limits: Limits) -> list[str]:
    length = fit.length(part.text, limits)
    wrong = [] if part.text else [f"part {n} says nothing"]
    wrong += [f"part {n} is too long: {length} of {limits.text} {limits.unit}"] if length > limits.text else []
    for k, image in enumerate(part.images, start=1):
        wrong += [] if image.alt else [f"picture {k} of part {n} has no alt text"]
        long = len(image.alt) > limits.alt_text
        wrong += [f"the alt text of picture {k} has {len(image.alt)} characters of {limits.alt_text}"] if long else []
    return wrong


def refuse_correction(app: App, post: Post, *, reply: bool) -> None:
    """Refuse to correct a post that is not live, or where its platform cannot do that.

    Raises:
        UsageError: saying what can be done instead.
    """
    short, channel = post.uuid[:SHORT_ID], app.channel(post.channel)
    if post.status in EDITABLE:
        raise UsageError(f"post {short} is not live yet", remedy=f"Change it: campaign post edit {short}")
    if post.status != PostStatus.PUBLISHED:
        raise UsageError(f"post {short} is {post.status}", remedy=f"What can be done: campaign why {short}")
    if channel.mode == "by-hand":
        raise UsageError(f"post {short} was published by hand", remedy="Change it on the platform's own page.")
    if reply and not app.can_reply(post.channel):
        raise UsageError(f"{channel.platform} has no replies to a post", remedy=app.instead_of_edit(post))
    if not reply and (why := app.why_no_edit(post.channel)):
        raise UsageError(why, remedy=app.instead_of_edit(post))


def edit(app: App, db: Session, post: Post, contents: Sequence[PartContent]) -> None:
    """Store other words of a post that is not live yet; they need a yes of their own.

    Raises:
        UsageError: it has no words yet, or it is too late to change them.
    """
    refuse_edit(post)
    before = [part.content for part in store.parts_of(db, post.uuid)]
    agreed = content_hash(contents)
    anew: dict[str, Any] = {"approved_hash": "", "approved_by": "", "approved_at": None, "warned": 0}
    if not store.change_post(db, post, status=str(PostStatus.RENDERED), content_hash=agreed, **anew):
        raise UsageError(f"post {post.uuid[:SHORT_ID]} has just changed", remedy="Look again, then type it once more.")
    store.replace_parts(db, post, contents, app.new_id)
    after = {"parts": [content.model_dump(mode="json") for content in contents], "hash": agreed}
    about = {"post": post.uuid, "story": post.story, "channel": post.channel}
    app.event(db, "post.edited", **about, before={"parts": before}, after=after)


def refuse_edit(post: Post) -> None:
    """Refuse to change the words of a post that has none, or is on its way.

    Raises:
        UsageError: saying what can be done instead.
    """
    short = post.uuid[:SHORT_ID]
    if post.status == PostStatus.PUBLISHED:
        raise UsageError(f"post {short} is live", remedy=f"Correct it: campaign post correct {short}")
    if post.status not in EDITABLE:
        raise UsageError(f"post {short} is {post.status}", remedy=f"What can be done: campaign why {short}")


def forget_edit(app: App, db: Session, post: Post) -> None:
    """Let a post be rendered from its story again.

    Raises:
        UsageError: it is too late.
    """
    refuse_edit(post)
    store.change_post(db, post, input_hash="")
    app.event(db, "post.edit-undone", post=post.uuid, story=post.story, channel=post.channel)
