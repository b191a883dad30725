"""`campaign post edit` and `campaign post correct`: other words for a post, before it is live and after."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from campaign.cli.call import changing, dry_run, with_app
from campaign.errors import UsageError

if TYPE_CHECKING:
    from campaign.app import App
    from campaign.desk import Wording
    from campaign.models import PartContent, Post

HEADING = re.compile(r"^===== (.+) =====$", re.MULTILINE)

post_argument = click.argument("post", metavar="POST")
part_option = click.option("--part", "n", type=click.IntRange(1), default=1, help="Of which part; else of the first.")
text_option = click.option("--text", "text", type=click.File(encoding="utf-8"), help="The text, from a file.")
alt_option = click.option(
    "--alt", "alts", multiple=True, type=(int, str), metavar="N FILE", help="The alt text of picture N, from a file."
)


@click.command()
@post_argument
@part_option
@text_option
@alt_option
@click.option("--undo", is_flag=True, help="Let the text be made of the story again.")
@dry_run
@with_app
def edit(
    app: App,
    post: str,
    n: int,
    text: TextIO | None,
    alts: tuple[tuple[int, str], ...],
    undo: bool,
    dry_run: bool,
) -> None:
    """Change the words of a post that is not live yet; it then needs a yes again.

    Without --text and --alt your editor opens. Another version of the story replaces what was changed here.

    \b
    campaign post edit 3fa2
    campaign post edit battery-modules@mastodon-asa --text better.txt --alt 1 picture.txt
    """
    from campaign import desk

    found, contents = _read(app, post)
    short = found.uuid[:8]
    desk.refuse_edit(found)
    if not undo:
        wordings = _wanted(contents, n, text, alts)
        contents = desk.reworded(contents, wordings, app.limits(found.channel))
    with changing(app, dry_run) as change:
        if undo:
            desk.forget_edit(app, change.db, found)
            change.say(f"Post {short} is made of its story again, at the next: campaign proof {short}")
            return
        desk.edit(app, change.db, found, contents)
        change.say(f"Post {short} is changed. Look at it: campaign proof {short}")
        change.say(f"Undo: campaign post edit {short} --undo")


@click.command()
@post_argument
@part_option
@text_option
@alt_option
@click.option("--reply", is_flag=True, help="Leave it as it is, and set it right in a reply below it.")
@dry_run
@with_app
def correct(
    app: App,
    post: str,
    n: int,
    text: TextIO | None,
    alts: tuple[tuple[int, str], ...],
    reply: bool,
    dry_run: bool,
) -> None:
    """Change the words of a live post, where its platform can do that; else say what can be done.

    Without --text and --alt your editor opens. What is shown then is changed once somebody has approved it by its CODE.

    \b
    campaign post correct 3fa2
    campaign post correct 3fa2 --text better.txt
    campaign post correct 3fa2 --reply --text sorry.txt
    """
    from campaign import desk
    from campaign import proof as stage

    found, contents = _read(app, post)
    desk.refuse_correction(app, found, reply=reply)
    kept = [desk.wording_of(content) for content in contents]
    wordings = [*kept, _reply(text)] if reply else _wanted(contents, n, text, alts)
    parts = desk.reworded(contents, wordings, app.limits(found.channel))
    shown = stage.correction(app, found, parts, remember=not dry_run)
    click.echo(stage.in_text(shown))
    if shown.page:
        click.echo(f"The page: {shown.page}")
    if dry_run:
        click.echo("Nothing was changed: this was a dry run.")


def _read(app: App, wanted: str) -> tuple[Post, list[PartContent]]:
    from campaign import store
    from campaign.models import PartContent
    from campaign.store.lookup import resolve_post

    with app.reading() as db:
        found = resolve_post(db, wanted)
        return found, [PartContent.model_validate(part.content) for part in store.parts_of(db, found.uuid)]


def _wanted(
    contents: Sequence[PartContent], n: int, text: TextIO | None, alts: Sequence[tuple[int, str]]
) -> list[Wording]:
    """Return the words that a person wants: from files, else from the editor."""
    from campaign import desk

    wordings = [desk.wording_of(content) for content in contents]
    if text is None and not alts:
        return _typed(wordings)
    if n > len(wordings):
        raise UsageError(f"there is no part {n}", remedy=f"The post has {len(wordings)}.")
    own = wordings[n - 1]
    told = {which: _file(path) for which, path in alts}
    wordings[n - 1] = desk.Wording(text.read() if text else own.text, {**own.alts, **told})
    return wordings


def _reply(text: TextIO | None) -> Wording:
    from campaign import desk

    return desk.Wording(text.read() if text else _editor(""))


def _file(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None


def _typed(wordings: Sequence[Wording]) -> list[Wording]:
    """Let a person change all words of a post in an editor, each below its heading."""
    from campaign import desk

    before = {name: words for n, own in enumerate(wordings, start=1) for name, words in _headed(n, own).items()}
    sheet = "".join(f"===== {name} =====\n{words}\n\n" for name, words in before.items())
    _, *pieces = HEADING.split(_editor(sheet))
    after = dict(zip(pieces[::2], pieces[1::2], strict=True))
    if list(after) != list(before):
        raise UsageError("the headings were changed", remedy="Leave the lines with ===== as they are.")
    return [
        desk.Wording(after[f"Part {n}"], {k: after[f"Part {n}, alt text of picture {k}"] for k in own.alts})
        for n, own in enumerate(wordings, start=1)
    ]


def _headed(n: int, wording: Wording) -> dict[str, str]:
    return {f"Part {n}": wording.text, **{f"Part {n}, alt text of picture {k}": alt for k, alt in wording.alts.items()}}


def _editor(sheet: str) -> str:
    if not sys.stdin.isatty():
        raise UsageError("there is no terminal to open an editor in", remedy="Give the words with --text FILE.")
    typed = click.edit(sheet, extension=".txt")
    if typed is None:
        raise UsageError("nothing was saved, so nothing was changed")
    return typed
