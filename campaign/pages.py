"""Pages for people: one HTML file each, nothing fetched, no scripts, everything that anybody wrote escaped.

A page is a template of `templates/pages/` that extends `_base.html.j2`; `_post.html.j2` shows one post as its audience
will see it. Pictures are `data:` URIs, so a page can be mailed, kept, or shown by a web server.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from campaign import fit
from campaign.errors import CampaignError
from campaign.files import shipped, write_whole
from campaign.models import ImageContent, PartContent


@dataclass(frozen=True)
class Picture:
    """A picture as a page holds it."""

    source: str  # a data: URI; empty when the file is not there
    alt: str
    width: int
    height: int


@dataclass(frozen=True)
class ShownPreview:
    """What stands under a part for the page that it links to."""

    title: str
    description: str
    host: str
    picture: Picture | None


@dataclass(frozen=True)
class ShownPart:
    """One part of a post as its audience sees it."""

    role: str
    text: str
    language: str
    pictures: tuple[Picture, ...]
    preview: ShownPreview | None = None
    length: str = ""  # such as "412 of 500 characters"; empty: not told


@dataclass(frozen=True)
class ShownPost:
    """One post as its audience sees it."""

    channel: str  # the name that the audience knows
    when: str
    parts: tuple[ShownPart, ...]


def shown_part(content: PartContent, path: Callable[[str, str], Path], length: str = "") -> ShownPart:
    """Return a part for a page; `path` tells where a picture of a hash and media type lies."""
    pictures = tuple(_picture(image, path) for image in content.images)
    return ShownPart(content.role, content.text, content.language, pictures, _preview(content, path), length)


def _preview(content: PartContent, path: Callable[[str, str], Path]) -> ShownPreview | None:
    preview = content.preview
    if preview is None:
        return None
    picture = _picture(preview.image, path) if preview.image else None
    return ShownPreview(preview.title, preview.description, urlsplit(content.link).netloc, picture)


def _picture(image: ImageContent, path: Callable[[str, str], Path]) -> Picture:
    file = path(image.sha256, image.media_type)
    return Picture(data_uri(file, image.media_type), image.alt, image.width, image.height)


def data_uri(path: Path, media_type: str) -> str:
    """Return a file as a `data:` URI, empty when it cannot be read."""
    try:
        data = path.read_bytes()
    except OSError:
        return ""
    return f"data:{media_type};base64,{base64.b64encode(data).decode('ascii')}"


def write(path: Path, template: str, **values: Any) -> Path:
    """Write a page from a template of `templates/pages/` and return its path.

    Raises:
        CampaignError: the folder cannot be written.
    """
    html = _environment().get_template(template).render(values)
    try:
        write_whole(path, html)
    except OSError as error:
        raise CampaignError(
            f"the page {path} cannot be written: {error.strerror}",
            remedy="Make room or give this account the right to write there; [pages] folder in the config names it.",
        ) from None
    return path


def highlighted(text: str) -> Markup:
    """Return a post's text for a page: escaped, with its links, tags and mentions set apart as platforms do it."""
    pieces: list[Markup] = []
    position = 0
    for span in fit.spans(text):
        pieces += [escape(text[position : span.start]), _set_apart(span.kind, text[span.start : span.end])]
        position = span.end
    return Markup("").join([*pieces, escape(text[position:])])


def _set_apart(kind: fit.SpanKind, text: str) -> Markup:
    match kind:
        case "link":
            return Markup('<a href="{0}" rel="noopener noreferrer">{0}</a>').format(text)
        case "tag" | "mention":
            return Markup('<span class="{}">{}</span>').format(kind, fit.as_read(text))
        case "emoji":
            return escape(text)


def initials(name: str) -> str:
    """Return one or two letters that stand for a name where its picture would be."""
    words = [word for word in name.replace("-", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(shipped("templates", "pages")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"highlighted": highlighted, "initials": initials}
    return environment
