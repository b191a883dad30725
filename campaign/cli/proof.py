"""`campaign proof` and `campaign approve`: a person looks, then says yes to exactly that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from campaign.cli import show
from campaign.cli.call import as_json, with_app
from campaign.errors import Exit

if TYPE_CHECKING:
    from campaign.app import App
    from campaign.approve import Decision
    from campaign.proof import Proof

MARKS = {"approved": "✓", "correcting": "✓", "revoked": "✓", "unchanged": "=", "refused": "✗"}


@click.command()
@click.argument("wanted", nargs=-1, metavar="[STORY|POST]…")
@click.option("--text", is_flag=True, help="In the terminal instead of as a page.")
@as_json
@with_app
def proof(app: App, wanted: tuple[str, ...], text: bool, as_json: bool) -> None:
    """See what each audience will see: text, cards, alt text, checks. Without a name: all that waits for a yes.

    The CODE stands for exactly what was shown; `campaign approve --proof CODE` approves that and nothing else.

    \b
    campaign proof
    campaign proof battery-modules
    campaign proof battery-modules@mastodon-asa --text
    """
    from campaign import proof as stage
    from campaign import render

    render.run(app)
    shown = stage.proof(app, wanted, text_only=text or as_json)
    if as_json:
        show.out_json({"code": shown.code, "items": shown.items})
    elif text or not shown.items:
        click.echo(stage.in_text(shown))
    else:
        _tell(shown)
    if any(not item.whole for item in shown.items):
        click.get_current_context().exit(Exit.NEEDS_PERSON)


def _tell(shown: Proof) -> None:
    from campaign.proof import Level

    rows = [
        (item.short, item.name, item.slot, _findings(item.count(Level.WRONG), item.count(Level.LOOK)))
        for item in shown.items
    ]
    show.table(("ID", "Post", "Slot", "Checks"), rows)
    click.echo(f"\nThe page: {shown.page}")
    if shown.code:
        click.echo(f"When it is right: campaign approve --proof {shown.code}")


def _findings(wrong: int, look: int) -> str:
    told = [f"{wrong} wrong" if wrong else "", f"{look} to look at" if look else ""]
    return ", ".join(filter(None, told)) or "fine"


@click.command()
@click.argument("posts", nargs=-1, metavar="[POST]…")
@click.option("--proof", "code", metavar="CODE", help="Everything that this proof has shown.")
@click.option("--revoke", is_flag=True, help="Take the approval of posts back.")
@as_json
@with_app
def approve(app: App, posts: tuple[str, ...], code: str | None, revoke: bool, as_json: bool) -> None:
    """Say yes to exactly what a proof has shown. What has changed since, or was never shown, is refused.

    \b
    campaign approve --proof 7K2MXA
    campaign approve battery-modules@mastodon-asa
    campaign approve --revoke battery-modules@mastodon-asa
    """
    from campaign import approve as stage

    if revoke and (code or not posts):
        raise click.UsageError("--revoke takes the names of posts.")
    decisions = stage.revoke(app, posts) if revoke else stage.approve(app, posts, code)
    if as_json:
        show.out_json(decisions)
    else:
        tell(decisions)
    if any(each.outcome == "refused" for each in decisions):
        click.get_current_context().exit(Exit.NEEDS_PERSON)


def tell(decisions: list[Decision]) -> None:
    """Print what became of each post, and how to undo it."""
    for each in decisions:
        why = f": {each.reason}" if each.reason else ""
        click.echo(f"{MARKS[each.outcome]} {each.outcome:<10} {each.name}{why}")
        if each.remedy:
            click.echo(f"    {each.remedy}")
    approved = [each.post[:8] for each in decisions if each.outcome == "approved"]
    correcting = [each.post[:8] for each in decisions if each.outcome == "correcting"]
    revoked = [each.name for each in decisions if each.outcome == "revoked"]
    if approved:
        click.echo(f"Undo: campaign approve --revoke {' '.join(approved)}")
    if correcting:
        click.echo(f"The daemon changes it as soon as it looks; see: campaign why {correcting[0]}")
    if revoked:
        click.echo(f"To approve again: campaign proof {' '.join(revoked)}")
