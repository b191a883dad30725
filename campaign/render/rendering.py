"""One post rendered: its parts, its card and photos, their alt text, and what an officer should know about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from pathlib import Path
from zoneinfo import ZoneInfo

from campaign import cards, fit
from campaign.app import App, content_of
from campaign.config import Channel, Config, Funder, in_language
from campaign.errors import RenderError
from campaign.models import ImageContent, PartContent, Post, PreviewContent, Story
from campaign.render import links
from campaign.render.alt import alt_text, bare_alt_text
from campaign.render.bare import Cut, Picture, bare
from campaign.render.fields import card_fields, figures_of, steps_of
from campaign.render.text import Composed, compose
from campaign.render.words import words_in
from campaign.story import Content, Kind, Photo, Telling

MARKER_LENGTH = 8  # characters of the post's UUID in its link, enough to find it again among a channel's posts
JPEG = "image/jpeg"
PREVIEW_FORMAT = "landscape"  # apps crop a preview's picture to about this shape
PREVIEW_BYTES = 1_000_000  # https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/embed/external.json
PREVIEW_DESCRIPTION = 200  # characters; apps show two or three lines
NO_LINK = "the story has no link to make a link card of, so the card is attached as a picture"


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
    subject = subject_of(app, post, story)
    limits = app.limits(post.channel).beside(pictures=card_place(app, subject) is CardPlace.IMAGE)
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
    pictures = _pictures(app, subject, composed)
    last = len(composed.parts)
    parts = (
        PartContent(
            role=part.role,
            text=part.text,
            language=subject.language,
            link=part.link,
            title=subject.telling.title,
            tags=part.tags,
            images=pictures.images if n == 1 else (),
            preview=pictures.preview if n == last else None,
        )
        for n, part in enumerate(composed.parts, start=1)
    )
    return Rendering(tuple(parts), (*composed.cut, *pictures.notes))


@dataclass(frozen=True)
class Pictures:
    """What is to be seen beside a post's words: pictures of its first part, or a preview of the link in its last."""

    images: tuple[ImageContent, ...] = ()
    preview: PreviewContent | None = None
    notes: tuple[str, ...] = ()


def _pictures(app: App, subject: Subject, composed: Composed) -> Pictures:
    requests, limits = card_requests(app, subject), app.limits(subject.channel.key)
    if not requests:
        return Pictures()
    if card_place(app, subject) is CardPlace.PREVIEW:
        title, description = subject.telling.title, fit.shorten(subject.telling.summary, PREVIEW_DESCRIPTION, len)
        read = "\n".join((composed.parts[-1].text, title, description))
        card = cards.draw(
            requests[0], max_bytes=min(limits.image_bytes, PREVIEW_BYTES), folders=own_folders(app.config)
        )
        image = _kept_card(app, subject, requests[0], card, read)
        return Pictures(preview=PreviewContent(title=title, description=description, image=image), notes=card.notes)
    drawn = cards.series(requests, max_bytes=limits.image_bytes, folders=own_folders(app.config))
    read = composed.parts[0].text
    images = [_kept_card(app, subject, *pair, read) for pair in zip(requests, drawn, strict=True)]
    for photo, shown in subject.photos[1 : 1 + limits.images - len(images)]:
        cut = Cut(drawn[0].width, drawn[0].height, photo.focus) if limits.one_shape else None
        picture = bare(app.media.path(photo.sha256, JPEG), limits.image_bytes, cut)
        images.append(_kept(app, picture, bare_alt_text(shown, limits.alt_text)))
    notes = dict.fromkeys(note for card in drawn for note in card.notes)
    said = (NO_LINK, *notes) if subject.channel.attach == "link-card" else tuple(notes)
    return Pictures(images=tuple(images), notes=said)


class CardPlace(Enum):
    """Where a post shows its card."""

    IMAGE = "image"
    PREVIEW = "preview"
    NOWHERE = "nowhere"


def card_place(app: App, subject: Subject) -> CardPlace:
    """Return where a post shows its card. Without a link there is no link card, so the card is a picture."""
    attach = subject.channel.attach
    if attach == "link-card" and links.address_of(subject.content, subject.telling):
        return CardPlace.PREVIEW if app.limits(subject.channel.key).brings_preview else CardPlace.NOWHERE
    return CardPlace.NOWHERE if attach == "none" else CardPlace.IMAGE


def card_requests(app: App, subject: Subject) -> tuple[cards.CardRequest, ...]:
    """Return what the cards of a post show, none where it has no card. A good practice goes on behind its first one."""
    place, limits = card_place(app, subject), app.limits(subject.channel.key)
    if place is CardPlace.NOWHERE:
        return ()
    first = subject.photos[0][0] if subject.photos else None
    region = app.config.regions.get(subject.content.regions[0])
    cover = cards.CardRequest(
        design=design_of(subject.content, subject.telling, has_photo=first is not None),
        format=PREVIEW_FORMAT if place is CardPlace.PREVIEW else limits.formats[0],
        theme="campaign",
        language=subject.language,
        fields=card_fields(app.config, subject.content, subject.language, subject.telling, first),
        photo=app.media.path(first.sha256, JPEG) if first else None,
        focus=first.focus if first else None,
        accent=region.accent if region else "",
        region_logo=region.logo if region else None,
        funding=tuple(_funding(funder, subject.language) for funder in app.config.funders_of(subject.funding)),
    )
    if place is CardPlace.PREVIEW or subject.content.kind is not Kind.PRACTICE:
        return (cover,)
    return _carousel(cover, steps_of(subject.telling, words_in(app.config, subject.language)), limits.images)


def _carousel(cover: cards.CardRequest, steps: Sequence[Mapping[str, str]], most: int) -> tuple[cards.CardRequest, ...]:
    """Return the cover and a page for each step, numbered, as far as a post may have pictures."""
    pages = steps[: max(0, most - 1)]
    if not pages:
        return (cover,)
    count = 1 + len(pages)
    plain = replace(cover, design="practice", photo=None, focus=None)
    numbered = ((cover, {}), *((plain, step) for step in pages))
    return tuple(
        replace(request, fields={**cover.fields, **said, **_counter(n, count)})
        for n, (request, said) in enumerate(numbered, start=1)
    )


def _counter(n: int, count: int) -> dict[str, str]:
    return {"slide": str(n), "slides": str(count), "slide_part": f"{n / count:.4f}"}


def own_folders(config: Config) -> tuple[Path, ...]:
    """Return the team's own folders of designs and themes, which are looked at before the shipped ones."""
    return tuple(folder for folder in (config.folders.templates, config.folders.themes) if folder)


def design_of(content: Content, telling: Telling, *, has_photo: bool) -> str:
    """Return the design for a story: that of its kind, where it has what the design is made for."""
    figures = len(figures_of(content, telling))
    if content.kind in (Kind.PROFILE, Kind.MILESTONE) and figures == 1:
        return "number"
    if content.kind is Kind.PROFILE and figures > 1:
        return "profile"
    designs = {Kind.QUOTE: "quote", Kind.COURSE: "course", Kind.MILESTONE: "milestone"}
    return {**designs, Kind.EVENT: "event", Kind.VISIT: "event"}.get(content.kind, "photo" if has_photo else "plain")


def _funding(funder: Funder, language: str) -> cards.Funding:
    return cards.Funding(
        statement=in_language(funder.statement, language),
        emblem=funder.emblem == "eu",
        lockup=funder.lockup.get(language) or funder.lockup.get("en"),
        emblem_min=funder.emblem_min,
    )


def _kept_card(app: App, subject: Subject, request: cards.CardRequest, card: cards.Card, read: str) -> ImageContent:
    """Keep a card, described by what those who `read` the text beside it do not know yet."""
    statement = "\n".join(funding.statement for funding in request.funding)
    shows = subject.photos[0][1] if card.has_photo else ""
    credit = request.fields.get("credit", "")
    words = tuple(word.removesuffix(f" · {credit}") for word in card.words if word != credit)
    alt = alt_text(words, read, shows, statement, app.limits(subject.channel.key).alt_text)
    return _kept(app, Picture(card.data, card.width, card.height), alt)


def _kept(app: App, picture: Picture, alt: str) -> ImageContent:
    sha256 = app.media.keep(picture.data, JPEG)
    return ImageContent(
        sha256=sha256, media_type=JPEG, width=picture.width, height=picture.height, size=len(picture.data), alt=alt
    )
