"""`campaign quick`: a post in one line. The same route as every story, with the proof in the terminal."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from campaign.cli.call import known, moment, names_of, with_app
from campaign.cli.intake import tell_one
from campaign.cli.proof import tell
from campaign.errors import Exit, UsageError
from campaign.files import write_whole

if TYPE_CHECKING:
    from campaign.app import App
    from campaign.models import Story


@click.command()
@click.argument("text")
@click.option("--region", required=True, shell_complete=names_of("regions"), help="What it is about.")
@click.option("--link", default="", help="Where to read more.")
@click.option("--photo", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A picture for it.")
@click.option("--shows", default="", help="What the photo shows, for people who cannot see it.")
@click.option("--consent", type=click.Choice(["yes", "nobody-recognisable"]), help="Did those in the photo agree?")
@click.option("--channels", default="", metavar="A,B", help="Only these channels.", shell_complete=names_of("channels"))
@click.option("--at", metavar="WHEN", help='When, such as "thu 14:00"; else the next fair slot.')
@click.option("--now", is_flag=True, help="As soon as it is approved.")
@with_app
def quick(
    app: App,
    text: str,
    region: str,
    link: str,
    photo: Path | None,
    shows: str,
    consent: str | None,
    channels: str,
    at: str | None,
    now: bool,
) -> None:
    """Make a post of a line or two: the first sentence is the headline, the rest the text. It is shown, and asked.

    \b
    campaign quick "The modules are online. Twelve hours, free of charge." --region moravia-silesia
    campaign quick "We are in Porto. Come and talk to us." --region portugal --at "thu 14:00" --channels web
    """
    from campaign import desk

    if at and now:
        raise click.UsageError("Give --at or --now, not both.")
    if photo and not (shows and consent):
        raise click.UsageError("A photo needs --shows TEXT and --consent yes or nobody-recognisable.")
    known(app.config, "regions", region)
    wanted = [known(app.config, "channels", key.strip()) for key in channels.split(",") if key.strip()]
    when = app.clock.now() if now else moment(app, at) if at else None
    if when is not None:
        with app.reading() as db:
            for key in wanted or app.config.channels:
                desk.refuse_moment(app, db, key, when)
    title, summary = split(text)
    front: dict[str, object] = {"regions": [region], "kind": "update", "title": title, "summary": summary}
    front |= {"link": link} if link else {}
    front |= {"channels": wanted} if wanted else {}
    front |= {"photos": [{"file": photo.name, "shows": shows, "consent": consent}]} if photo else {}
    story = _take_in(app, front, photo)
    _find_slots(app, story, wanted, when)
    _show_and_ask(app, story)


def split(text: str) -> tuple[str, str]:
    """Return (headline, text): the first sentence, and what follows.

    Raises:
        UsageError: there is only one sentence.
    """
    found = re.fullmatch(r"(.+?)([.!?…]+)\s+(.+)", text.strip(), re.DOTALL)
    if not found:
        raise UsageError("a post needs a headline and a text", remedy='Write two sentences: "The headline. The text."')
    headline, mark, rest = found.groups()
    return headline if mark == "." else headline + mark, rest


def _take_in(app: App, front: dict[str, object], photo: Path | None) -> Story:
    """Hand the line in as a story of its own; JSON is YAML, so nothing in it can be mistaken for anything else."""
    from campaign import intake, store

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / str(front["title"])[:60].replace("/", " ")
        lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in front.items()]
        write_whole(folder / "story.md", "\n".join(["---", *lines, "---", ""]))
        if photo:
            shutil.copyfile(photo, folder / photo.name)
        (taken,) = intake.take(app, [folder])
    if taken.outcome == "refused":
        tell_one(taken)
        click.get_current_context().exit(Exit.NEEDS_PERSON)
    with app.reading() as db:
        story = store.story_by_id(db, taken.story)
    if story is None:
        raise LookupError(taken.story)  # it has just been stored
    return story


def _find_slots(app: App, story: Story, channels: list[str], when: datetime | None) -> None:
    """Give the story its posts: where the officer says, or by the fair rule."""
    from campaign import desk, plan, store

    if when is None:
        plan.plan(app)
        return
    with app.writing() as db:
        placed = {post.channel for post in store.posts_where(db, story=story.uuid)}
        for key in channels or list(app.config.channels):
            if key not in placed:
                desk.place(app, db, story, key, when)


def _show_and_ask(app: App, story: Story) -> None:
    from campaign import approve, proof, render, store

    render.run(app)
    with app.reading() as db:
        posts = [post.uuid for post in store.posts_where(db, story=story.uuid, statuses=["rendered"])]
    undo = f"campaign story withdraw {story.region}/{story.slug}"
    if not posts:
        click.echo(f"There is no slot for it yet: campaign why {story.region}/{story.slug}")
        click.echo(f"Undo: {undo}")
        return
    shown = proof.proof(app, posts, text_only=True)
    click.echo(proof.in_text(shown))
    if not click.confirm("\nApprove exactly this?"):
        click.echo(f"It waits. Later: campaign approve --proof {shown.code}")
        click.echo(f"Undo: {undo}")
        return
    decisions = approve.approve(app, (), shown.code)
    tell(decisions)
    if any(each.outcome == "refused" for each in decisions):
        click.echo(f"Your colleague may type: campaign approve --proof {shown.code}")
        click.get_current_context().exit(Exit.NEEDS_PERSON)
