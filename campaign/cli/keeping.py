"""`campaign adopt`, and `campaign db backup` and `restore`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from campaign.cli import show
from campaign.cli.call import changing, dry_run, person_of, this_call, with_app
from campaign.errors import Exit

if TYPE_CHECKING:
    from campaign.app import App
    from campaign.models import Post


@click.command()
@click.argument("file", metavar="[FILE]", required=False, type=click.Path(path_type=Path))
def backup(file: Path | None) -> None:
    """Write a checked copy of the database to FILE, a new file or a folder. The daemon may go on meanwhile.

    Without FILE it lies beside the database, named by the time. Tokens in it stay sealed: keep their key (campaign.key,
    or wherever it is) in another place; without it every channel has to log in again. Pictures are files of their own:
    copy the media folder as well.

    \b
    campaign db backup
    campaign db backup /var/backups/campaign/
    """
    from campaign import keeping

    app = _whatever_there_is()
    try:
        made = keeping.back_up(app, file)
    finally:
        app.db.close()
    click.echo(f"The backup: {show.shown(made)}")
    click.echo(f"To go back to it: campaign db restore {show.shown(made)}")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Put a backup in the place of the database. Stop the daemon first.

    The present database is kept under another name, and what it knows of posts that went out is carried over. Then
    everything is held until campaign adopt: nothing is sent before somebody has looked.

    \b
    campaign db restore campaign-backup-20260302-080000.db
    """
    from campaign import keeping

    app = _whatever_there_is()
    try:
        done = keeping.restore(app, file)
    finally:
        app.db.close()
    click.echo(f"Restored{f', as of {show.when(app, done.made_at)}' if done.made_at else ''}: {show.shown(file)}")
    if done.kept:
        click.echo(f"What was there before: {show.shown(done.kept)}")
    if done.unread:
        click.echo(f"Nothing could be carried over from it: {done.unread}.")
    if done.carried:
        click.echo(f"Carried over from it: {done.carried} posts.")
    if not done.knows_all:
        click.echo("What went out after the backup is not known for certain; the platforms are asked.")
    if done.unconfirmed:
        click.echo(f"Perhaps live: {done.unconfirmed} posts.")
    click.echo("Everything is held. Next: campaign adopt")


def _whatever_there_is() -> App:
    """Open the campaign whatever state its database is in."""
    from campaign.app import open_app

    call = this_call()
    config = call.read_config()
    return open_app(config, who=person_of(config, call.person), clock=call.clock)


@click.command()
@dry_run
@with_app
def adopt(app: App, dry_run: bool) -> None:
    """Let a database go on that was restored, copied or moved.

    Make sure first that no other daemon works on another copy. Shows why everything is held, asks the platforms what
    went out (a daemon that runs has done so), and lifts the hold. Posts of which that is not clear stay unconfirmed and
    are not sent. The exit code is 3 when one of them needs a person.

    \b
    campaign adopt --dry-run
    campaign adopt
    """
    from campaign import keeping

    with changing(app, dry_run=False) as woken:  # the first tick would hold it as well; so a dry run can show all
        why = keeping.home.wake_in(app, woken.db)
    if not why:
        click.echo("Nothing is held: this database is at home here.")
        return
    click.echo(f"Everything is held: {why}.")
    before = _unconfirmed(app)
    if not dry_run:
        _ask_platforms(app)
    _tell_unconfirmed(app, before)
    with changing(app, dry_run) as change:
        keeping.adopt(app, change.db)
        change.say("Adopted: the daemon of this database sends again.")
        change.say('Undo: campaign pause --all --reason "wait"')
    if _need_person(app):
        click.get_current_context().exit(Exit.NEEDS_PERSON)


def _ask_platforms(app: App) -> None:
    """Look for what may be live, held as everything is; a daemon that runs does it itself."""
    from campaign import owner, publish

    try:
        app.owner = owner.own(app.db, app.config.daemon.share)
    except owner.AnotherDaemon:
        click.echo("A daemon is running: it asks the platforms.")
        return
    try:
        for channel in app.config.channels:
            publish.run(app, channel)
    finally:
        app.owner.release()
        app.owner = None


def _unconfirmed(app: App) -> list[Post]:
    from campaign import store
    from campaign.models import PostStatus

    with app.reading() as db:
        return store.posts_where(db, statuses=[PostStatus.UNCONFIRMED])


def _tell_unconfirmed(app: App, before: list[Post]) -> None:
    """Tell what the platforms have found, and what is left in doubt."""
    from campaign import store
    from campaign.store.wanted import post_name

    posts = _unconfirmed(app)
    with app.reading() as db:
        stories = store.stories_of(db, posts)
    if found := len({post.uuid for post in before} - {post.uuid for post in posts}):
        click.echo(f"Found live: {found} posts.")
    if not posts:
        click.echo("No post is in doubt.")
        return
    click.echo("Perhaps live, and not sent again before the platform or a person has said what became of them:")
    rows = [(post.uuid[:8], post_name(post, stories[post.story]), show.when(app, post.due_at)) for post in posts]
    show.table(("ID", "Post", "Due"), rows)


def _need_person(app: App) -> bool:
    """Whether the platform could not tell of a post."""
    from campaign import store

    with app.reading() as db:
        return any(alert.key.startswith("unconfirmed:") for alert in store.open_alerts(db))
