"""One post rendered: its text, its card and photos, their alt text, and what an officer should know about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from campaign.app import App, content_of
from campaign.config import Channel, Funder, in_language
from campaign.errors import RenderError
from campaign.models import ImageContent, PartContent, Post, Story
from campaign.render import cards
from campaign.render.alt import alt_text, bare_alt_text
from campaign.render.bare import Picture, bare
from campaign.render.fields import card_fields
from campaign.render.text import compose
from campaign.story import Content, Kind, Photo, Telling

MARKER_LENGTH = 8  # characters of the post's UUID in its link, enough to find it again among a channel's posts
JPEG = "image/jpeg"


@dataclass(frozen=True)
class Rendering:
    """What the public would see, and notes for the proof."""

    parts: tuple[PartContent, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Subject:
    """A post with the words it is to be made of."""

    channel: Channel
    content: Content
    language: str
    telling: Telling
    photos: tuple[tuple[Photo, str], ...]  # those that may be shown on the post's day, with what they show

    @property
    def funding(self) -> str:
        """The project whose funders must be named."""
        return self.content.project


def subject_of(app: App, post: Post, story: Story) -> Subject:
    """Return what a post is made of.

    Raises:
        RenderError: the story has no words that the channel takes.
    """
    channel, content = app.channel(post.channel), content_of(story)
    chosen = content.telling(channel.language, channel.languages)
    if chosen is None:
        raise RenderError(
            f"{story.slug} has no words in {channel.language}, and {channel.key} does not take {content.language}",
            remedy=f"Add story.{channel.language}.md, or {content.language} to the channel's languages.",
        )
    language, telling = chosen
    day = post.due_at.astimezone(ZoneInfo(channel.zone)).date() if post.due_at else None
    shown = zip(content.photos, telling.shows, strict=True)
    return Subject(channel, content, language, telling, tuple(pair for pair in shown if _may_show(pair[0], day)))


def _may_show(photo: Photo, day: date | None) -> bool:
    if photo.consent == "no":
        return False
    return photo.consent_until is None or day is None or day <= photo.consent_until


def render(app: App, post: Post, story: Story) -> Rendering:
    """Render a post from scratch.

    Raises:
        RenderError: it does not fit, a template is wrong, or a letter has no glyph.
    """
    subject, limits = subject_of(app, post, story), app.limits(post.channel)
    composed = compose(
        config=app.config,
        channel=subject.channel,
        limits=limits,
        content=subject.content,
        language=subject.language,
        telling=subject.telling,
        slug=story.slug,
        marker=post.uuid[:MARKER_LENGTH],
        due_at=post.due_at,
    )
    notes = list(composed.cut)
    images: list[ImageContent] = []
    if (request := card_request(app, subject)) is not None:
        card = cards.draw(request, max_bytes=limits.image_bytes, folders=own_folders(app))
        statement = "\n".join(funding.statement for funding in request.funding)
        shows = subject.photos[0][1] if request.photo else ""
        words = tuple(word for word in card.words if word != request.fields.get("credit"))
        alt = alt_text(words, composed.text, shows, statement, limits.alt_text)
        images.append(_kept(app, Picture(card.data, card.width, card.height), alt))
        notes += card.notes
        for photo, shown in subject.photos[1 : limits.images]:
            picture = bare(app.media.path(photo.sha256, JPEG), limits.image_bytes)
            images.append(_kept(app, picture, bare_alt_text(shown, limits.alt_text)))
    part = PartContent(
        text=composed.text,
        language=subject.language,
        link=composed.link,
        title=subject.telling.title,
        tags=composed.tags,
        images=tuple(images),
    )
    return Rendering((part,), tuple(notes))


def card_request(app: App, subject: Subject) -> cards.CardRequest | None:
    """Return what the card of a post shows, None where the channel attaches none."""
    if subject.channel.attach != "card":
        return None
    first = subject.photos[0][0] if subject.photos else None
    region = app.config.regions.get(subject.content.regions[0])
    return cards.CardRequest(
        design=_design(subject.content.kind, first),
        format=app.limits(subject.channel.key).formats[0],
        theme="campaign",
        language=subject.language,
        fields=card_fields(app.config, subject.content, subject.language, subject.telling, first),
        photo=app.media.path(first.sha256, JPEG) if first else None,
        focus=first.focus if first else None,
        accent=region.accent if region else "",
        region_logo=region.logo if region else None,
        funding=tuple(_funding(funder, subject.language) for funder in app.config.funders_of(subject.funding)),
    )


def own_folders(app: App) -> tuple[Path, ...]:
    """Return the team's own folders of designs and themes, which are looked at before the shipped ones."""
    return tuple(folder for folder in (app.config.folders.templates, app.config.folders.themes) if folder)


def _design(kind: Kind, photo: Photo | None) -> str:
    if kind is Kind.QUOTE:
        return "quote"
    return "photo" if photo else "plain"


def _funding(funder: Funder, language: str) -> cards.Funding:
    return cards.Funding(
        statement=in_language(funder.statement, language),
        emblem=funder.emblem == "eu",
        lockup=funder.lockup.get(language) or funder.lockup.get("en"),
        emblem_min=funder.emblem_min,
    )


def _kept(app: App, picture: Picture, alt: str) -> ImageContent:
    sha256 = app.media.keep(picture.data, JPEG)
    return ImageContent(
        sha256=sha256, media_type=JPEG, width=picture.width, height=picture.height, size=len(picture.data), alt=alt
    )
