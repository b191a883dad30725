"""`campaign init`: a folder to begin with."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import click

from campaign.cli import show
from campaign.cli.call import login, this_call
from campaign.cli.skeleton import first_story
from campaign.config import load
from campaign.errors import UsageError
from campaign.files import shipped, write_whole

PHOTO = ("examples", "stories", "moduly-pro-baterie", "mereni.jpg")


@click.command()
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(file_okay=False, path_type=Path))
def init(folder: Path) -> None:
    """Begin a campaign in a folder: config, folders, database, a first example story.

    Nothing that exists is overwritten.

    \b
    campaign init my-campaign
    cd my-campaign
    """
    config_file = folder / "config.toml"
    if config_file.exists():
        raise UsageError(f"{config_file} is there already", remedy="Go on with it: campaign check")
    write_whole(config_file, shipped("config.example.toml").read_bytes())
    config = load(config_file, os.environ)
    for place in (config.folders.inbox, config.folders.accepted, config.folders.refused, config.folders.media):
        place.mkdir(parents=True, exist_ok=True)
    config.folders.pages.mkdir(parents=True, exist_ok=True)
    region = next(key for key, each in config.regions.items() if not each.network)
    _write_example(folder / "stories" / "first-story", region)
    _make_database(config_file)
    _tell(folder)


def _write_example(place: Path, region: str) -> None:
    photo = shipped(*PHOTO)
    if not (place / "story.md").exists():
        write_whole(place / "story.md", first_story(region, "workshop.jpg"))
        shutil.copyfile(photo, place / "workshop.jpg")


def _make_database(config_file: Path) -> None:
    from campaign.app import open_app

    app = open_app(load(config_file, os.environ), clock=this_call().clock)
    try:
        app.db.upgrade()
        app.sync_channels()
    finally:
        app.db.close()


def _tell(folder: Path) -> None:
    here = show.shown(folder.absolute())
    step = f"cd {here}\n  " if here != "." else ""
    click.echo(f"""A campaign lies in {folder.absolute()}:
  config.toml           who, where, when; every line is explained in it
  stories/first-story   an example to try
  inbox                 the daemon takes in what is put here

Next:
  {step}open config.toml: your channels and regions, and the people who approve (your login is {login()})
  campaign check
  campaign add stories/first-story
  campaign plan
  campaign proof""")
