"""The stage that proofs: what each audience will see, with a CODE for exactly that.

items       one post as an officer looks at it
checks      what the program has looked at
difference  what has changed since the last approval
in_text     the same in the terminal
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from sqlmodel import Session

from campaign import pages, store
from campaign.app import App
from campaign.errors import UsageError
from campaign.models import PartContent, Post, PostStatus, Story, digest
from campaign.proof.checks import Finding, Level, moment_in
from campaign.proof.in_text import in_text
from campaign.proof.items import Item, Proof, read_item
from campaign.store.wanted import post_name, wanted_posts

__all__ = ["Finding", "Item", "Level", "Proof", "correction", "in_text", "proof"]

CODE_LENGTH = 6
CROCKFORD = str.maketrans(  # https://www.crockford.com/base32.html: no I, L, O, U, which are misread or misheard
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
)
SHOWABLE = (PostStatus.RENDERED, PostStatus.APPROVED)


def proof(app: App, wanted: Sequence[str] = (), *, text_only: bool = False) -> Proof:
    """Show posts to an officer, and remember under a code exactly what was shown.

    `wanted` are ids, `story@channel` or stories; without it, every rendered post whose slot comes within the weeks that
    are planned, soonest first. The same posts with the same content have the same code.

    Raises:
        UsageError: a name means nothing, several things, or a post that has no text to show.
        CampaignError: the page cannot be written.
    """
    items = _read(app, wanted)
    shown = {item.post: item.content_hash for item in items if item.whole}
    with app.reading() as db:
        code = _code(db, shown)
    page = None if text_only or not items else _write_page(app, code, items)
    _remember(app, code, items)
    return Proof(code, items, page)


def correction(app: App, post: Post, parts: Sequence[PartContent], *, remember: bool = True) -> Proof:
    """Show what a live post is to say from now on, and keep it under a code that a yes is given to."""
    with app.reading() as db:
        item = read_item(db, app, post, store.stories_of(db, [post])[post.story], parts)
        code = _code(db, {item.post: item.content_hash}) if remember else ""
    if remember:
        told = {"hash": post.content_hash, "parts": [part.model_dump(mode="json") for part in parts]}
        with app.writing() as db:
            after = {"posts": {item.post: item.content_hash}, "corrections": {item.post: told}}
            app.event(db, "proof", note=code, after=after)
    return Proof(code, (item,), _write_page(app, code, (item,)) if remember else None)


def _read(app: App, wanted: Sequence[str]) -> tuple[Item, ...]:
    with app.reading() as db:
        posts = _chosen(db, wanted) if wanted else _waiting(db, app)
        stories = store.stories_of(db, posts)
        return tuple(read_item(db, app, post, stories[post.story]) for post in posts)


def _waiting(db: Session, app: App) -> list[Post]:
    end = app.clock.now() + timedelta(weeks=app.config.plan.weeks)
    posts = store.posts_where(db, statuses=[PostStatus.RENDERED], due_to=end)
    return [post for post in posts if post.channel in app.config.channels]


def _chosen(db: Session, wanted: Sequence[str]) -> list[Post]:
    """Return the named posts that have something to show; a name whose posts all have nothing is an error."""
    chosen: dict[str, Post] = {}
    for name in wanted:
        meant = wanted_posts(db, [name])
        showable = [post for post in meant if post.status in SHOWABLE]
        if not showable:
            raise _nothing_to_show(meant, store.stories_of(db, meant))
        chosen |= {post.uuid: post for post in showable}
    return list(chosen.values())


def _nothing_to_show(meant: Sequence[Post], stories: dict[str, Story]) -> UsageError:
    told = ", ".join(f"{post_name(post, stories[post.story])} is {post.status}" for post in meant)
    return UsageError(
        f"there is nothing to approve: {told}",
        remedy="A planned post is rendered once it has a slot. Why it has none: campaign why POST",
    )


def _code(db: Session, shown: dict[str, str]) -> str:
    """Return the code of these pairs: the shortest start of their digest that no other proof bears."""
    if not shown:
        return ""
    letters = base64.b32encode(bytes.fromhex(digest(sorted(shown.items())))).decode("ascii").translate(CROCKFORD)
    return next(
        letters[:length]
        for length in range(CODE_LENGTH, len(letters))
        if all(event.after["posts"] == shown for event in store.events(db, what="proof", note=letters[:length]))
    )


def _write_page(app: App, code: str, items: Sequence[Item]) -> Path:
    zone = app.config.campaign.zone
    entries = [(item, pages.ShownPost(item.channel, item.slot, _shown_parts(app, item))) for item in items]
    return pages.write(
        app.config.folders.pages / f"proof-{code or 'damaged'}.html",
        "proof.html.j2",
        campaign=app.config.campaign.name,
        code=code,
        entries=entries,
        made=f"{moment_in(app.clock.now(), zone)} ({zone})",
        made_by=app.who,
    )


def _shown_parts(app: App, item: Item) -> tuple[pages.ShownPart, ...]:
    pairs = zip(item.parts, item.lengths, strict=True)
    return tuple(pages.shown_part(part, app.media.path, length) for part, length in pairs)


def _remember(app: App, code: str, items: Sequence[Item]) -> None:
    """Store what was shown, and have rendered anew what is damaged."""
    if not items:
        return
    with app.writing() as db:
        for item in items:
            if post := store.post_by_id(db, item.post):
                changed = {"proofed_hash": item.content_hash} if item.whole else {"input_hash": "", "content_hash": ""}
                store.change_post(db, post, **changed)
        if code:
            shown = {item.post: item.content_hash for item in items if item.whole}
            app.event(db, "proof", note=code, after={"posts": shown})
