"""`campaign story …`: what the regions have handed in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from campaign.cli import show
from campaign.cli.call import Change, as_json, changing, dry_run, known, names_of, this_call, with_app
from campaign.cli.skeleton import KINDS, skeleton
from campaign.errors import UsageError
from campaign.files import write_whole

if TYPE_CHECKING:
    from campaign.app import App
    from campaign.models import Post, Story

undoing = click.option("--undo", is_flag=True, help="Take it back: the story waits for its turn again.")


@click.group()
def story() -> None:
    """List, show, return or withdraw stories; begin a new one.

    STORY is its name, region/name, or the start of its id.

    \b
    campaign story list
    campaign story show battery-modules
    """


@story.command("list")
@click.option("--region", shell_complete=names_of("regions"), help="Only those led by this region.")
@click.option("--status", type=click.Choice(["queued", "returned", "withdrawn"]), help="Only those.")
@as_json
@with_app
def list_(app: App, region: str | None, status: str | None, as_json: bool) -> None:
    """List the stories, the oldest first.

    \b
    campaign story list --region portugal
    campaign story list --status returned --json
    """
    from campaign import store

    if region:
        known(app.config, "regions", region)
    with app.reading() as db:
        stories = [
            each for each in store.all_stories(db) if region in (None, each.region) and status in (None, each.status)
        ]
        posts = {each.uuid: store.posts_where(db, story=each.uuid) for each in stories}
    if as_json:
        show.out_json([_record(each, posts[each.uuid]) for each in stories])
    elif not stories:
        click.echo("There are no such stories. To take one in: campaign add PATH")
    else:
        rows = [
            (each.uuid[:8], f"{each.region}/{each.slug}", each.kind, each.status, _posts(posts[each.uuid]))
            for each in stories
        ]
        show.table(("ID", "Story", "Kind", "Status", "Posts"), rows)


def _posts(posts: list[Post]) -> str:
    counts = {status: sum(post.status == status for post in posts) for status in dict.fromkeys(p.status for p in posts)}
    return ", ".join(f"{count} {status}" for status, count in counts.items()) or "none yet"


def _record(story: Story, posts: list[Post]) -> dict[str, object]:
    return {
        "id": story.uuid,
        "region": story.region,
        "slug": story.slug,
        "kind": story.kind,
        "language": story.language,
        "status": story.status,
        "note": story.note,
        "revision": story.revision,
        "project": story.project,
        "handed_by": story.handed_by,
        "created_at": story.created_at,
        "embargo_at": story.embargo_at,
        "expires_at": story.expires_at,
        "posts": [{"id": post.uuid, "channel": post.channel, "status": post.status} for post in posts],
    }


@story.command("show")
@click.argument("story", metavar="STORY")
@as_json
@with_app
def show_(app: App, story: str, as_json: bool) -> None:
    """Show a story as it was taken in, and its posts.

    \b
    campaign story show battery-modules
    campaign story show moravia-silesia/battery-modules --json
    """
    from campaign import store
    from campaign.app import content_of
    from campaign.store.lookup import resolve_story

    with app.reading() as db:
        found = resolve_story(db, story)
        posts = store.posts_where(db, story=found.uuid)
    content = content_of(found)
    if as_json:
        show.out_json({**_record(found, posts), "content": found.content})
        return
    telling = content.tellings[content.language]
    show.heading(f"{found.region}/{found.slug}  {found.uuid[:8]}")
    facts = (
        ("Title", telling.title),
        ("Summary", telling.summary),
        ("Kind", found.kind),
        ("Regions", ", ".join(content.regions)),
        ("Languages", ", ".join(content.tellings)),
        ("Project", found.project),
        ("Status", f"{found.status}{f': {found.note}' if found.note else ''}"),
        ("Version", f"{found.revision}, of {show.when(app, found.updated_at)}, by {found.handed_by}"),
        ("Embargo", show.when(app, found.embargo_at) if found.embargo_at else ""),
        ("Expires", show.when(app, found.expires_at) if found.expires_at else ""),
        *(("Photo", f"{photo.file}: {shows}") for photo, shows in zip(content.photos, telling.shows, strict=False)),
        *(("Post", f"{post.uuid[:8]}  {post.channel}  {post.status}  {show.when(app, post.due_at)}") for post in posts),
    )
    for name, value in facts:
        if value:
            click.echo(f"{name:<10} {value}")


@story.command("withdraw")
@click.argument("stories", metavar="STORY…", nargs=-1, required=True)
@click.option("--reason", default="", help="Why, for the history.")
@click.option("--yes", is_flag=True, help="Take down what is live without asking.")
@undoing
@dry_run
@with_app
def withdraw(app: App, stories: tuple[str, ...], reason: str, yes: bool, undo: bool, dry_run: bool) -> None:
    """Let nothing more of a story go out, and take down what is live.

    What the program cannot take down is listed for a person. --undo brings no post back that was taken down.

    \b
    campaign story withdraw battery-modules --reason "the partner asked us to"
    campaign story withdraw battery-modules --dry-run
    campaign story withdraw --undo battery-modules
    """
    if not undo and not dry_run and not yes and (live := _live(app, stories)):
        click.echo("Live now: " + ", ".join(live))
        click.confirm("Take this down for everybody?", abort=True)
    _end(app, stories, "withdraw", reason, undo, dry_run)


def _live(app: App, wanted: tuple[str, ...]) -> list[str]:
    """Return the posts of some stories that the program would take down, as people know them."""
    from campaign import publish, store
    from campaign.store.lookup import resolve_story
    from campaign.store.wanted import post_name

    with app.reading() as db:
        stories = [resolve_story(db, name) for name in wanted]
        posts = [(post, story) for story in stories for post in store.posts_where(db, story=story.uuid)]
    down = [pair for pair in posts if pair[0].status in publish.wishes.ALLOWED[publish.wishes.TAKEDOWN]]
    return [post_name(post, story) for post, story in down if not app.why_no_takedown(post.channel)]


@story.command("return")
@click.argument("stories", metavar="STORY…", nargs=-1, required=True)
@click.option("--note", default="", help="What the region is to change.")
@undoing
@dry_run
@with_app
def return_(app: App, stories: tuple[str, ...], note: str, undo: bool, dry_run: bool) -> None:
    """Give a story back to its region, with a note. Its next version is taken in by `campaign add`.

    \b
    campaign story return battery-modules --note "Please name the people who agreed to the photo."
    campaign story return --undo battery-modules
    """
    if not undo and not note:
        raise click.UsageError("Say what the region is to change: --note TEXT")
    _end(app, stories, "return", note, undo, dry_run)


def _end(app: App, wanted: tuple[str, ...], verb: str, note: str, undo: bool, dry_run: bool) -> None:
    """Withdraw or return stories, or take that back: all of them or none."""
    from campaign import desk
    from campaign.models import StoryStatus
    from campaign.store.lookup import resolve_story

    status = {"withdraw": StoryStatus.WITHDRAWN, "return": StoryStatus.RETURNED}[verb]
    end = {"withdraw": desk.withdraw, "return": desk.hand_back}[verb]
    with changing(app, dry_run) as change:
        for name in wanted:
            found = resolve_story(change.db, name)
            full = f"{found.region}/{found.slug}"
            if undo:
                desk.requeue(app, change.db, found, status)
                change.say(f"{full} waits for its turn again.")
                continue
            live = end(app, change.db, found, note)
            if verb == "withdraw":
                _take_down(app, change, live)
            else:
                _leave(change, live)
            change.say(f"{full} is {status}.")
            change.say(f"Undo: campaign story {verb} --undo {full}")


def _leave(change: Change, posts: list[Post]) -> None:
    for post in posts:
        change.say(f"Still there: post {post.uuid[:8]} on {post.channel}, {post.status}.")
        change.say(f"  To take it down: campaign post takedown {post.uuid[:8]}")


def _take_down(app: App, change: Change, posts: list[Post]) -> None:
    """Ask the daemon to take down what it can, and tell in two lists what becomes of posts that are or may be live."""
    from campaign import publish, store

    down, person = [], []
    for post in posts:
        links = [part.permalink or part.remote_id or "" for part in store.parts_of(change.db, post.uuid)]
        line = f"  {post.uuid[:8]} on {post.channel}  {' '.join(filter(None, links))}".rstrip()
        if why := _why_a_person(app, post):
            person += [line, f"    {why}"]
        else:
            publish.wishes.record_wish(app, change.db, post, publish.wishes.TAKEDOWN)
            down.append(line)
    for title, lines in (("Being taken down by the daemon:", down), ("Needs a person:", person)):
        for told in [title, *lines] if lines else []:
            change.say(told)


def _why_a_person(app: App, post: Post) -> str:
    """Return why the daemon cannot take a post down, and what to do; empty when it can."""
    short = post.uuid[:8]
    if post.status == "sending":
        return f"It is being sent now. In a minute: campaign post takedown {short}"
    if why := app.why_no_takedown(post.channel):
        return f"{why[0].upper()}{why[1:]}: take it down on the platform's own page."
    if post.status == "unconfirmed":
        return f"It may be live, nobody knows where. Look, then: campaign post resolve {short} …, and take it down."
    return ""


@story.command("new")
@click.argument("slug")
@click.option("--kind", type=click.Choice(KINDS), default="update", show_default=True)
@click.option("--region", required=True, shell_complete=names_of("regions"), help="The region it is about.")
@click.option("--in", "folder", type=click.Path(path_type=Path), default=Path("stories"), show_default=True)
def new(slug: str, kind: str, region: str, folder: Path) -> None:
    """Write the skeleton of a story: a folder with a story.md to fill in.

    \b
    campaign story new battery-modules --kind course --region moravia-silesia
    campaign story new open-day --kind event --region portugal --in drafts
    """
    known(this_call().read_config(), "regions", region)
    path = folder / slug / "story.md"
    if path.exists():
        raise UsageError(f"{path} is there already", remedy="Choose another name, or open that file.")
    try:
        write_whole(path, skeleton(kind, region))
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
    click.echo(f"Written: {path}")
    click.echo(f"Fill it in, put photos beside it, then: campaign add {path.parent}")
