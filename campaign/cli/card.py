"""`campaign card …`: designs of cards tried and checked, for whoever draws them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from campaign.cli.call import this_call
from campaign.errors import CampaignError, Exit

if TYPE_CHECKING:
    from campaign.config import Config


@click.group()
def card() -> None:
    """Try designs of cards, and check them.

    \b
    campaign card preview event
    campaign card check
    """


@card.command()
@click.argument("design")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where; else among the pages.")
@click.option("--without-photo", is_flag=True, help="As stories without a photo look.")
def preview(design: str, out: Path | None, without_photo: bool) -> None:
    """See a design in every format with words that are hard to set.

    A row for each: short, long, the longest German compounds, Czech capitals, Greek, Bulgarian. Then what was cut, left
    out or could not be drawn.

    \b
    campaign card preview event
    campaign card preview spring-fair --out fair.jpg
    """
    from campaign.cards import preview as sheets
    from campaign.files import write_whole
    from campaign.render.rendering import own_folders

    config = this_call().read_config()
    _refuse(design, config)
    drawn = sheets.tried(design, own_folders(config), photo=not without_photo)
    page = out or config.folders.pages / f"card-{design}.jpg"
    write_whole(page, sheets.sheet(drawn))
    for each in drawn:
        for remark in each.remarks:
            click.echo(f"{each.form}, {each.sample}: {remark}")
    click.echo(f"The sheet: {page}")
    if any(each.card is None for each in drawn):
        click.get_current_context().exit(Exit.NEEDS_PERSON)


@card.command()
@click.argument("wanted", nargs=-1, metavar="[DESIGN]…")
def check(wanted: tuple[str, ...]) -> None:
    """Look for mistakes in designs, formats and themes, and for colours that cannot be read. All designs by default.

    \b
    campaign card check
    campaign card check spring-fair
    """
    from campaign import cards
    from campaign.render.rendering import own_folders

    config = this_call().read_config()
    folders = own_folders(config)
    names = wanted or cards.designs(folders)
    accents = [region.accent for region in config.regions.values() if region.accent]
    found = cards.mistakes(names, folders, accents)
    for mistake in found:
        click.echo(mistake)
    if found:
        click.get_current_context().exit(Exit.ERROR)
    forms = cards.formats(folders)
    click.echo(f"✓ {len(names)} designs are right, in {len(forms)} formats, with {len(accents)} colours of regions.")


def _refuse(design: str, config: Config) -> None:
    """Refuse a design with mistakes once, instead of once per card.

    Raises:
        CampaignError: the design has mistakes, or there is none of that name.
    """
    from campaign import cards
    from campaign.render.rendering import own_folders

    found = cards.mistakes([design], own_folders(config))
    if found:
        raise CampaignError("\n".join(found))
