"""What shapes a rendering, as one hash: whenever it changes, the post is rendered anew.

Left out on purpose: versions of libraries, the clock, and the slot, unless a template names the day.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from campaign import cards
from campaign.app import App
from campaign.files import read_once
from campaign.models import Post, Story, digest
from campaign.render.rendering import MARKER_LENGTH, Subject, card_requests, own_folders, subject_of
from campaign.render.text import comments_link, most_parts, template_chain, uses_when

# Everything else of a channel (its slots, spacing, deadlines) decides when a post goes out, not what it says.
SHAPING = ("platform", "name", "zone", "attach", "formats", "hashtags", "max_text")


Files = dict[tuple[str, ...], tuple[Path, ...]]  # which files shape what, found once for all posts of a run


def input_hash(app: App, post: Post, story: Story, files: Files) -> str:
    """Return the hash of everything that shapes a post.

    Raises:
        RenderError: a template, design or font cannot be read.
    """
    subject, kind, platform = subject_of(app, post, story), story.kind, app.channel(post.channel).platform
    zone = ZoneInfo(subject.channel.zone)
    named = post.due_at is not None and uses_when(app.config, platform, kind)
    day = str(post.due_at.astimezone(zone).date()) if post.due_at and named else ""
    return digest(
        {
            "post": post.uuid[:MARKER_LENGTH],
            "slug": story.slug,
            "story": _story(subject),
            "config": _config(app, subject),
            "channel": {name: str(getattr(subject.channel, name)) for name in SHAPING},
            "thread": most_parts(subject.channel, app.limits(post.channel)),
            "comment": comments_link(subject.channel, app.limits(post.channel)),
            "limits": {key: str(value) for key, value in asdict(app.limits(post.channel)).items()},
            "templates": [file_hash(path) for path in _templates(app, platform, kind, files)],
            "cards": [_card(app, request, files) for request in card_requests(app, subject)],
            "day": day,
        }
    )


def _story(subject: Subject) -> dict[str, Any]:
    facts = subject.content.model_dump(mode="json", exclude={"tellings", "photos"})
    return {
        "facts": facts,
        "language": subject.language,
        "telling": subject.telling.model_dump(mode="json"),
        "photos": [photo.model_dump(mode="json") for photo, _ in subject.photos],
    }


def _config(app: App, subject: Subject) -> dict[str, str]:
    """The part of the config that this post's words come from."""
    config, content = app.config, subject.content
    keys = (*content.regions, *content.mentions)
    return {
        "campaign": str(config.campaign),
        "regions": str([_words(config.regions[key]) for key in keys if key in config.regions]),
        "project": str(config.projects.get(content.project)),
        "funders": str([_words(funder) for funder in config.funders_of(content.project)]),
    }


def _words(value: Any) -> dict[str, Any]:
    """A region or funder without its files, whose bytes count, not their place."""
    left_out = {"logo", "lockup", "weight", "share", "network", "contact"}
    return {field.name: getattr(value, field.name) for field in fields(value) if field.name not in left_out}


def _templates(app: App, platform: str, kind: str, files: Files) -> tuple[Path, ...]:
    if (platform, kind) not in files:
        files[platform, kind] = template_chain(app.config, platform, kind)
    return files[platform, kind]


def _design(app: App, request: cards.CardRequest, files: Files) -> tuple[Path, ...]:
    """The files of a design, without those that a single story brings."""
    key = (request.design, request.format, request.theme)
    if key not in files:
        bare = replace(request, photo=None, region_logo=None, funding=())
        files[key] = cards.inputs(bare, folders=own_folders(app.config))
    return files[key]


def _card(app: App, request: cards.CardRequest, files: Files) -> dict[str, Any]:
    brought = [request.photo, request.region_logo, *(mark.lockup for mark in request.funding)]
    shaping = [*_design(app, request, files), *(path for path in brought if path)]
    marks = [(mark.statement, mark.emblem, mark.emblem_min) for mark in request.funding]
    return {
        "words": dict(request.fields),
        "look": [request.design, request.format, request.theme, request.language, request.accent, str(request.focus)],
        "funding": marks,
        "files": [file_hash(path) for path in shaping],
    }


@read_once
def file_hash(path: Path) -> str:
    """Return the sha256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
