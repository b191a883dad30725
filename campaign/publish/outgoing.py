"""A post as the publishing protocol sees it: its rows together, the frozen item for the adapter, the gate's facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from sqlmodel import Session

from campaign import costs, store
from campaign.app import App, free_bytes
from campaign.config import Channel
from campaign.models import (
    ChannelState,
    ImageContent,
    Part,
    PartContent,
    Post,
    PreviewContent,
    Story,
    StoryStatus,
    content_hash,
)
from campaign.platforms.base import Image, Outgoing, Preview
from campaign.publish.gate import Facts

DAY = timedelta(days=1)
LATER = timedelta(days=2)  # by which an attempt may follow its late window: the rest of a thread, looks, a repeat
CALLS = 2  # the gate asks for room for the visible call and as much again before the expiry


@dataclass(frozen=True)
class Delivery:
    """A post with all that publishing needs of it."""

    channel: Channel
    story: Story
    post: Post
    parts: tuple[Part, ...]

    @property
    def next_part(self) -> Part | None:
        """The first part without a remote id: a thread resumes there and never restarts."""
        return next((part for part in self.parts if part.remote_id is None), None)

    @property
    def contents(self) -> list[tuple[dict[str, Any], str | None]]:
        """What each part says, and what it is live as: the two must not change between reading and sending."""
        return [(part.content, part.remote_id) for part in self.parts]

    @property
    def name(self) -> str:
        """The post as people know it."""
        return f"{self.story.slug}@{self.channel.key}"


def read_delivery(db: Session, channel: Channel, post: Post) -> Delivery:
    """Read a post's rows as they are stored now."""
    found, story, parts = store.whole_post(db, post.uuid)
    return Delivery(channel, story, found, tuple(parts))


def hold_delivery(db: Session, channel: Channel, post: Post, epoch: int | None = None) -> tuple[Delivery, ChannelState]:
    """Lock a post's rows and its channel's for this transaction, and return them as they are stored now.

    Raises:
        NotOwner: with an epoch, when the channel has another owner now.
    """
    state, found, story, parts = store.hold_post(db, post.uuid, channel.key, epoch)
    return Delivery(channel, story, found, tuple(parts)), state


def item_of(app: App, delivery: Delivery, part: Part) -> Outgoing:
    """Return what the adapter is given for a part: frozen, from stored bytes only."""
    content = PartContent.model_validate(part.content)
    before = [other.remote_id or "" for other in delivery.parts if other.n < part.n]
    root = before[0] if before else ""
    return Outgoing(
        post=delivery.post.uuid,
        part=part.uuid,
        n=part.n,
        role=content.role,
        text=content.text,
        language=content.language,
        link=content.link,
        title=content.title,
        slug=delivery.story.slug,
        region=delivery.story.region,
        kind=delivery.story.kind,
        tags=content.tags,
        images=tuple(_image(app, image) for image in content.images),
        preview=_preview(app, content.preview),
        due_at=delivery.post.due_at,
        root=root,
        reply_to=root if content.role == "comment" else before[-1] if before else "",
    )


def _image(app: App, image: ImageContent) -> Image:
    return Image(path=app.media.path(image.sha256, image.media_type), **image.model_dump())


def _preview(app: App, preview: PreviewContent | None) -> Preview | None:
    if preview is None:
        return None
    return Preview(preview.title, preview.description, _image(app, preview.image) if preview.image else None)


def facts_of(db: Session, app: App, delivery: Delivery, state: ChannelState) -> Facts:
    """Gather what the gate looks at, in the caller's transaction."""
    channel, post, story, now = delivery.channel, delivery.post, delivery.story, app.clock.now()
    day_starts, day_ends = local_day(now, channel.zone)
    since, latest = min(day_starts, now - channel.spacing), channel.late_window + LATER
    sent = store.sent_between(db, channel.key, since, now + DAY, besides=post.uuid, latest=latest)
    contents = [part.content for part in delivery.parts if part.role != "comment"]  # many say the same: a link
    twin = store.twin_of(db, post, contents, now - channel.repeat_guard) if channel.repeat_guard else None
    at_rest, rest_until = _rest(db, app, delivery, state, now)
    return Facts(
        now=now,
        due_at=post.due_at or now,
        first_due_at=post.first_due_at or post.due_at or now,
        embargo_at=story.embargo_at,
        expires_at=post.expires_at,
        budget=channel.call_deadline * CALLS,
        late_window=channel.late_window,
        returns=post.returns,
        thread_since=_thread_since(db, delivery),
        taken_back="" if story.status == StoryStatus.QUEUED else story.status,
        approved=not channel.approval or (bool(post.approved_hash) and post.approved_hash == post.content_hash),
        bytes_match=_bytes_match(app, delivery),
        outdated=not post.input_hash,
        at_rest=at_rest,
        rest_until=rest_until,
        blackout=_blackout(app, channel, now),
        busy=store.is_busy(db, channel.key, besides=post.uuid),
        last_sent_at=sent[-1] if sent else None,
        spacing=channel.spacing,
        sent_today=sum(day_starts <= moment < day_ends for moment in sent),
        daily_cap=channel.daily_cap,
        day_ends=day_ends,
        zone=channel.zone,
        spent_out=costs.spent_out(db, app.config, channel, [part.content for part in delivery.parts], now, post.uuid),
        twin=f"post {twin.uuid[:8]}" if twin else "",
        clock_jump=app.watch.jumped(),
        room_on_disk=free_bytes(app.config.folders.root) >= app.config.daemon.free_disk,
    )


def local_day(now: datetime, zone: str) -> tuple[datetime, datetime]:
    """Return the start and the end, in UTC, of the local day of a moment."""
    place = ZoneInfo(zone)
    day = now.astimezone(place).date()
    starts = datetime.combine(day, time.min, place)
    ends = datetime.combine(day + timedelta(days=1), time.min, place)
    return starts.astimezone(UTC), ends.astimezone(UTC)


def _thread_since(db: Session, delivery: Delivery) -> datetime | None:
    """Return when a thread began; an officer who asks to go on with it makes it due, and so begins it anew.

    A yes that came after its first part was to a reply that sets it right.
    """
    part = delivery.next_part
    if part is None or part.n == 1:
        return None
    first = store.last_attempt(db, delivery.parts[0].uuid)
    moments = (first.started_at if first else None, delivery.post.due_at, delivery.post.approved_at)
    return max((moment for moment in moments if moment is not None), default=None)


def _bytes_match(app: App, delivery: Delivery) -> bool:
    try:
        contents = [PartContent.model_validate(part.content) for part in delivery.parts]
    except ValidationError:
        return False
    images = (image for content in contents for image in content.files)
    return content_hash(contents) == delivery.post.content_hash and all(
        app.media.is_whole(image.sha256, image.media_type) for image in images
    )


def _rest(db: Session, app: App, delivery: Delivery, state: ChannelState, now: datetime) -> tuple[str, datetime | None]:
    """Return why the channel, the region or everything rests, and until when."""
    key = delivery.channel.key
    stop = app.config.daemon.stop_file
    if stop is not None and stop.exists():
        return f"the stop file {stop} is there", None
    if not state.enabled:
        return f"channel {key} is disabled (campaign channel enable {key})", None
    if state.blocked:
        return f"channel {key} needs a person: {state.blocked}", None
    if state.held_until is not None and state.held_until > now:
        return f"channel {key} rests: {state.hold_reason}", state.held_until
    regions = delivery.story.content.get("regions", [delivery.story.region])
    if pause := store.resting(db, now, key, regions):
        return store.why_paused(pause), pause.until
    return "", None


def _blackout(app: App, channel: Channel, now: datetime) -> str:
    day = now.astimezone(ZoneInfo(channel.zone)).date()
    for blackout in app.config.blackouts:
        if blackout.first <= day <= blackout.last and (not blackout.channels or channel.key in blackout.channels):
            return blackout.reason
    return ""
