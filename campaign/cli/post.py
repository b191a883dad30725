"""`campaign post …`: looking at posts, and changing what becomes of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from campaign.cli import show, wording
from campaign.cli.call import as_json, changing, dry_run, known, moment, names_of, with_app

if TYPE_CHECKING:
    from sqlmodel import Session

    from campaign.app import App
    from campaign.models import Post, Story

STATUSES = (  # of models.PostStatus, which is not imported for a help text
    "planned",
    "rendered",
    "approved",
    "sending",
    "published",
    "unconfirmed",
    "partial",
    "failed",
    "expired",
    "cancelled",
    "removed",
)
OVER = ("published", "expired", "cancelled", "removed")
posts_argument = click.argument("posts", metavar="POST…", nargs=-1, required=True)
post_argument = click.argument("post", metavar="POST")


@click.group()
def post() -> None:
    """List, show, move, cancel posts; say what became of them.

    POST is the start of its id (four letters or more) or story@channel.

    \b
    campaign post list
    campaign post move battery-modules@mastodon-asa "thu 14:00"
    """


@post.command("list")
@click.option("--status", multiple=True, type=click.Choice(STATUSES), help="Only those; may be given again.")
@click.option("--channel", shell_complete=names_of("channels"), help="Only those of a channel.")
@click.option("--region", shell_complete=names_of("regions"), help="Only those about a region.")
@click.option("--all", "everything", is_flag=True, help="Those that are over, too.")
@as_json
@with_app
def list_(
    app: App, status: tuple[str, ...], channel: str | None, region: str | None, everything: bool, as_json: bool
) -> None:
    """List posts by their slots; those that are over with --all.

    \b
    campaign post list --channel mastodon-asa
    campaign post list --status unconfirmed --status failed
    campaign post list --all --json
    """
    from campaign import store

    for section, key in (("channels", channel), ("regions", region)):
        if key:
            known(app.config, section, key)
    wanted = status or (STATUSES if everything else [each for each in STATUSES if each not in OVER])
    with app.reading() as db:
        posts = store.posts_where(db, statuses=wanted, channel=channel)
        stories = store.stories_of(db, posts)
    posts = [each for each in posts if region is None or region in stories[each.story].content["regions"]]
    if as_json:
        show.out_json([_record(each, stories[each.story]) for each in posts])
    elif not posts:
        click.echo("There are no such posts." if status or everything else "There are none; with those over: --all")
    else:
        rows = [
            (
                each.uuid[:8],
                _name(each, stories),
                show.when(app, each.published_at or each.due_at),
                each.status,
                _note(each),
            )
            for each in posts
        ]
        show.table(("ID", "Post", "When", "Status", "Note"), rows)


def _name(post: Post, stories: dict[str, Story]) -> str:
    return f"{stories[post.story].slug}@{post.channel}"


def _note(post: Post) -> str:
    if post.wish:
        return f"{post.wish_by} asked: {post.wish}"
    if post.status == "approved" and post.approved_by:
        return f"approved by {post.approved_by}"
    return post.reason


def _record(post: Post, story: Story) -> dict[str, object]:
    return {
        "id": post.uuid,
        "story": f"{story.region}/{story.slug}",
        "channel": post.channel,
        "status": post.status,
        "due_at": post.due_at,
        "published_at": post.published_at,
        "approved_by": post.approved_by,
        "approved_at": post.approved_at,
        "expires_at": post.expires_at,
        "content_hash": post.content_hash,
        "wish": post.wish,
        "reason": post.reason,
    }


@post.command("show")
@post_argument
@as_json
@with_app
def show_(app: App, post: str, as_json: bool) -> None:
    """Show a post as it goes out: text, pictures, alt text. For a by-hand channel, this is what to paste.

    \b
    campaign post show 3fa2
    campaign post show battery-modules@linkedin-by-hand
    """
    from campaign import store
    from campaign.models import PartContent

    with app.reading() as db:
        found = _one(db, post)
        story = store.stories_of(db, [found])[found.story]
        parts = store.parts_of(db, found.uuid)
    contents = [PartContent.model_validate(part.content) for part in parts]
    if as_json:
        told = [
            {**content.model_dump(mode="json"), "remote_id": part.remote_id, "permalink": part.permalink}
            for part, content in zip(parts, contents, strict=True)
        ]
        show.out_json({**_record(found, story), "parts": told})
        return
    show.heading(f"{story.slug}@{found.channel}  {found.uuid[:8]}")
    click.echo(f"{found.status}, {show.when(app, found.published_at or found.due_at)}  {_note(found)}".rstrip())
    if not parts:
        click.echo("It has no text yet; that is made by: campaign proof")
    for part, content in zip(parts, contents, strict=True):
        below = "First comment, below the post:\n" if content.role == "comment" else ""
        click.echo(f"\n{below}{content.text}\n")
        if content.preview:
            click.echo(f"Preview:  {content.preview.title}\n          {content.preview.description}".rstrip())
        for image in content.files:
            click.echo(f"Picture:  {app.media.path(image.sha256, image.media_type)}")
            click.echo(f"Alt text: {image.alt}")
        if part.remote_id:
            click.echo(f"Live:     {part.permalink or part.remote_id}")


def _one(db: Session, wanted: str) -> Post:
    from campaign.store.lookup import resolve_post

    return resolve_post(db, wanted)


post.add_command(wording.edit)
post.add_command(wording.correct)


@post.command("move")
@post_argument
@click.argument("when")
@dry_run
@with_app
def move(app: App, post: str, when: str, dry_run: bool) -> None:
    """Let a post go out at another time, outside the weekly slots. Times are in the campaign's zone.

    \b
    campaign post move 3fa2 "thu 14:00"
    campaign post move battery-modules@mastodon-asa "2026-12-01 09:00"
    """
    from campaign import desk

    at = moment(app, when)
    with changing(app, dry_run) as change:
        found = _one(change.db, post)
        desk.move(app, change.db, found, at)
        short = found.uuid[:8]
        change.say(f"Post {short} on {found.channel} goes out on {show.when(app, at)}.")
        if found.status != "approved":
            change.say(f"It is not approved yet: campaign proof {short}")
        change.say(f"Undo: campaign post restore {short}   (the planner chooses a slot again)")


@post.command("cancel")
@posts_argument
@dry_run
@with_app
def cancel(app: App, posts: tuple[str, ...], dry_run: bool) -> None:
    """Let posts not go out. The story stays; its other channels are not touched.

    \b
    campaign post cancel 3fa2
    campaign post cancel battery-modules@mastodon-asa
    """
    from campaign import desk

    with changing(app, dry_run) as change:
        for each in [_one(change.db, name) for name in posts]:
            desk.cancel(app, change.db, each)
            change.say(f"Post {each.uuid[:8]} is cancelled.")
            change.say(f"Undo: campaign post restore {each.uuid[:8]}")


@post.command("restore")
@posts_argument
@dry_run
@with_app
def restore(app: App, posts: tuple[str, ...], dry_run: bool) -> None:
    """Give cancelled or moved posts back to the planner.

    \b
    campaign post restore 3fa2
    """
    from campaign import desk

    with changing(app, dry_run) as change:
        for each in [_one(change.db, name) for name in posts]:
            desk.restore(app, change.db, each)
            change.say(f"Post {each.uuid[:8]} waits for a slot; it gets one at the next: campaign plan")
            change.say(f"Undo: campaign post cancel {each.uuid[:8]}")


@post.command("now")
@posts_argument
@with_app
def now(app: App, posts: tuple[str, ...]) -> None:
    """Send approved posts as soon as the daemon looks, within seconds. Spacing and daily cap still hold.

    \b
    campaign post now 3fa2
    """
    from campaign import publish

    for short in _ask_all(app, posts, publish.wishes.NOW):
        click.echo(f"Post {short} goes out as soon as the daemon looks and its channel is free.")
        click.echo(f"If it waits: campaign why {short}")
        click.echo(f"Undo: campaign post restore {short}, before it is sent")


@post.command("retry")
@posts_argument
@with_app
def retry(app: App, posts: tuple[str, ...]) -> None:
    """Try failed posts again, or the rest of a thread.

    \b
    campaign post retry 3fa2
    """
    from campaign import publish

    for short in _ask_all(app, posts, publish.wishes.RETRY):
        click.echo(f"Post {short} is tried again as soon as the daemon looks.")
        click.echo(f"Undo: campaign post cancel {short}, before it is sent")


@post.command("takedown")
@posts_argument
@click.confirmation_option(prompt="Take it down for everybody?")
@with_app
def takedown(app: App, posts: tuple[str, ...]) -> None:
    """Delete live posts from their platform. This cannot be undone.

    \b
    campaign post takedown 3fa2
    """
    from campaign import publish

    for short in _ask_all(app, posts, publish.wishes.TAKEDOWN):
        click.echo(f"Post {short} is taken down as soon as the daemon looks; see: campaign why {short}")


@post.command("resolve")
@post_argument
@click.option("--published", metavar="URL", help="It is live, at this address.")
@click.option("--send-again", is_flag=True, help="It is not live: send it.")
@click.option("--not-published", is_flag=True, help="It is not live, and is to stay unsent.")
@with_app
def resolve(app: App, post: str, published: str | None, send_again: bool, not_published: bool) -> None:
    """Say what became of a post that may be live. Look on the platform's own page first.

    A failed post that is live all the same gets its address by --published.

    \b
    campaign post resolve 3fa2 --published https://social.example.org/@asa/112
    campaign post resolve 3fa2 --send-again
    campaign post resolve 3fa2 --not-published
    """
    from campaign import publish

    wishes = {
        publish.wishes.PUBLISHED: bool(published),
        publish.wishes.SEND_AGAIN: send_again,
        publish.wishes.NOT_PUBLISHED: not_published,
    }
    chosen = [wish for wish, given in wishes.items() if given]
    if len(chosen) != 1:
        raise click.UsageError("Give one of --published URL, --send-again, --not-published.")
    (short,) = _ask_all(app, [post], chosen[0], published or "")
    click.echo(f"Noted for post {short}; the daemon acts on it. See: campaign why {short}")


def _ask_all(app: App, wanted: Iterable[str], wish: str, detail: str = "") -> list[str]:
    """Record what the daemon is asked to do with each post; return the starts of their ids."""
    from campaign import publish

    with app.reading() as db:
        found = [_one(db, name) for name in wanted]
    for each in found:
        publish.ask(app, each, wish, detail)
    return [each.uuid[:8] for each in found]


@post.command("done")
@post_argument
@click.argument("url")
@with_app
def done(app: App, post: str, url: str) -> None:
    """Say that you have published a by-hand post, and where.

    \b
    campaign post done 3fa2 https://www.linkedin.com/posts/asa_112
    """
    from campaign import publish

    with app.reading() as db:
        found = _one(db, post)
        delivery = publish.read_delivery(db, app.channel(found.channel), found)
    publish.done(app, delivery, url)
    click.echo(f"Post {found.uuid[:8]} is published: {url}")
    click.echo(f"When you have numbers: campaign post record {found.uuid[:8]} reactions=12")


@post.command("record")
@post_argument
@click.argument("counts", metavar="COUNT=NUMBER…", nargs=-1, required=True)
@as_json
@with_app
def record(app: App, post: str, counts: tuple[str, ...], as_json: bool) -> None:
    """Note numbers that you have read on the platform's own page.

    The counts are impressions, reactions, comments, shares, clicks.

    \b
    campaign post record 3fa2 reactions=12 comments=3
    """
    from campaign import measure

    with app.reading() as db:
        found = _one(db, post)
    snapshot = measure.record(app, found, measure.parse_counts(counts), app.who)
    if as_json:
        show.out_json({"id": found.uuid, "counts": snapshot.counts, "taken_at": snapshot.taken_at})
        return
    click.echo(f"Noted for post {found.uuid[:8]}: {', '.join(f'{name} {n}' for name, n in snapshot.counts.items())}")
    click.echo("A mistake is corrected by recording it again: the newest number counts.")
