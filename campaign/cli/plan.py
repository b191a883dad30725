"""`campaign plan`: the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import click

from campaign.cli import show
from campaign.cli.call import as_json, dry_run, with_app

if TYPE_CHECKING:
    from campaign.app import App
    from campaign.explain.forecast import Ending
    from campaign.plan import Sheet


@dataclass(frozen=True)
class Entry:
    """One post in the calendar."""

    at: datetime
    channel: str
    story: str
    regions: tuple[str, ...]
    status: str
    new: bool
    id: str | None
    reason: str


@dataclass(frozen=True)
class Left:
    """A story without a slot on a channel, and why."""

    channel: str
    story: str
    reason: str


@click.command()
@click.option("--weeks", type=click.IntRange(1, 52), help="How far ahead; else as the config says.")
@click.option("--explain", is_flag=True, help="Why each slot has its story, and why others have none.")
@dry_run
@as_json
@with_app
def plan(app: App, weeks: int | None, explain: bool, dry_run: bool, as_json: bool) -> None:
    """Give stories their slots, and show the calendar.

    Posts keep the slots they have; only what is new or broken is planned. The daemon does the same by itself.

    \b
    campaign plan
    campaign plan --explain --weeks 2
    campaign plan --dry-run
    """
    from campaign import plan as stage
    from campaign.explain.forecast import ending_line

    sheets = stage.plan(app, weeks, dry_run=dry_run)
    entries, left = _entries(app, sheets, dry_run), _left(sheets)
    too_late = _endings(app, entries)
    if as_json:
        show.out_json({"posts": entries, "without_a_slot": left, "credentials_end": too_late})
        return
    _tell(app, entries, left, explain)
    for ending in too_late:
        click.echo(f"\n{ending_line(ending, app.config.campaign.zone)}\n  {ending.remedy}")
    _tell_too_soon(app, sheets)
    if dry_run:
        click.echo("Nothing was changed: this was a dry run.")
    elif any(entry.status in ("planned", "rendered") for entry in entries):
        click.echo("Next: campaign proof")


def _entries(app: App, sheets: Sequence[Sheet], dry_run: bool) -> list[Entry]:
    """The calendar after this planning; after a dry run, as it would be."""
    from campaign import store
    from campaign.models import OPEN

    given = {(sheet.channel.key, str(each.story)): each for sheet in sheets for each in sheet.given}
    gone = {post.uuid for sheet in sheets for post in (*(post for post, _ in sheet.lost), *sheet.expired)}
    with app.reading() as db:
        posts = store.posts_where(db, statuses=OPEN)
        stories = store.stories_of(db, posts)
    for sheet in sheets:
        stories |= sheet.stories

    def entry(at: datetime, channel: str, story: str, status: str, uuid: str | None, reason: str) -> Entry:
        about = stories[story]
        regions = tuple(about.content["regions"])
        return Entry(at, channel, about.slug, regions, status, (channel, story) in given, uuid, reason)

    found = [
        entry(post.due_at, post.channel, post.story, post.status, post.uuid, post.reason)
        for post in posts
        if post.due_at is not None and not (dry_run and post.uuid in gone)
    ]
    if dry_run:
        found += [
            entry(each.slot.due_at, channel, story, "planned", None, str(each.reason))
            for (channel, story), each in given.items()
        ]
    return sorted(found, key=lambda each: (each.at, each.channel))


def _endings(app: App, entries: Sequence[Entry]) -> tuple[Ending, ...]:
    """Whose credentials end before posts of this calendar."""
    from campaign.explain.forecast import endings_of, token_ends

    with app.reading() as db:
        ends = token_ends(app, db)
    return endings_of(app, ends, [(entry.at, entry.channel, entry.story) for entry in entries])


def _left(sheets: Sequence[Sheet]) -> list[Left]:
    waiting = [
        Left(sheet.channel.key, sheet.stories[story].slug, why) for sheet in sheets for story, why in sheet.plan.left
    ]
    unfit = [Left(sheet.channel.key, story.slug, why) for sheet in sheets for story, why in sheet.unfit]
    return [*waiting, *unfit]


def _tell(app: App, entries: Sequence[Entry], left: Sequence[Left], explain: bool) -> None:
    if not entries:
        click.echo("The calendar is empty. Stories come in by: campaign add PATH")
    else:
        header = ["When", "Channel", "Story", "Region", "Status", *(["Why"] if explain else [])]
        rows = [
            [
                show.when(app, entry.at),
                entry.channel,
                entry.story,
                ", ".join(entry.regions),
                f"{entry.status}{' (new)' if entry.new else ''}",
                *([entry.reason] if explain else []),
            ]
            for entry in entries
        ]
        show.table(header, rows)
    if left and explain:
        click.echo("\nWithout a slot:")
        show.table(("Channel", "Story", "Why"), [(each.channel, each.story, each.reason) for each in left])
    elif left:
        click.echo("\nNot every story has a slot on every channel; why: campaign plan --explain")


def _tell_too_soon(app: App, sheets: Sequence[Sheet]) -> None:
    """Say which slots stay empty because nobody could approve in time."""
    for sheet in sheets:
        if sheet.too_soon and sheet.channel.approval:
            at = ", ".join(show.when(app, slot.due_at) for slot in sheet.too_soon)
            click.echo(f"{sheet.channel.key}: {at} stays empty, too soon to be approved ([approval] cutoff).")
