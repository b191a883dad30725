"""One post as an officer looks at it: read from its rows, told in words. The page and the terminal show the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlmodel import Session

from campaign import store
from campaign.app import App, content_of
from campaign.models import PartContent, Post, PostStatus, Story, content_hash
from campaign.proof.checks import Finding, Level, Subject, findings, length_of, moment_in
from campaign.proof.difference import Difference, difference
from campaign.store.wanted import SHORT_ID, post_name


@dataclass(frozen=True)
class Item:
    """One post of a proof."""

    post: str  # uuid
    content_hash: str
    name: str  # story@channel
    channel: str  # the name that the audience knows
    title: str
    slot: str
    facts: tuple[tuple[str, str], ...]
    parts: tuple[PartContent, ...]
    lengths: tuple[str, ...]  # of each part, beside its limit
    findings: tuple[Finding, ...]
    difference: Difference | None  # from the last approved version
    approved: bool
    whole: bool  # stored as it was rendered; otherwise there is nothing that a yes could bind

    @property
    def short(self) -> str:
        """The start of the post's id."""
        return self.post[:SHORT_ID]

    def count(self, level: Level) -> int:
        """Return how many findings are of a level."""
        return sum(finding.level == level for finding in self.findings)


@dataclass(frozen=True)
class Proof:
    """What was shown. `code` is empty when there is nothing that could be approved."""

    code: str
    items: tuple[Item, ...]
    page: Path | None  # None: in the terminal only


def read_item(db: Session, app: App, post: Post, story: Story, corrected: Sequence[PartContent] | None = None) -> Item:
    """Read a post's rows and look at everything; of a live post, at what it is to say instead.

    Raises:
        UsageError: its channel is no longer in the config.
    """
    stored = tuple(PartContent.model_validate(part.content) for part in store.parts_of(db, post.uuid))
    parts = stored if corrected is None else tuple(corrected)
    agreed = post.content_hash if corrected is None else content_hash(parts)
    subject = Subject(
        config=app.config,
        channel=app.channel(post.channel),
        limits=app.limits(post.channel).beside(pictures=any(part.images for part in parts)),
        story=story,
        content=content_of(story),
        post=post,
        parts=parts,
        whole=_is_whole(app, agreed, parts),
        now=app.clock.now(),
    )
    return Item(
        post=post.uuid,
        content_hash=agreed,
        name=post_name(post, story),
        channel=subject.channel.name,
        title=_title(subject),
        slot=slot_in_words(subject),
        facts=_facts(subject),
        parts=parts,
        lengths=tuple(length_of(part.text, subject.limits) for part in parts),
        findings=findings(subject),
        difference=_since_approval(db, post, parts) if corrected is None else difference(stored, parts),
        approved=post.status == PostStatus.APPROVED,
        whole=subject.whole,
    )


def _is_whole(app: App, agreed: str, parts: tuple[PartContent, ...]) -> bool:
    images = (image for part in parts for image in part.files)
    return content_hash(parts) == agreed and all(app.media.is_whole(image.sha256, image.media_type) for image in images)


def slot_in_words(subject: Subject) -> str:
    """Return the slot in the channel's zone, and in the campaign's where that is another time."""
    due, zone, home = subject.post.due_at, subject.channel.zone, subject.config.campaign.zone
    if due is None:
        return "waits for a slot"
    there, here = due.astimezone(ZoneInfo(zone)), due.astimezone(ZoneInfo(home))
    if there.utcoffset() == here.utcoffset():
        return moment_in(due, zone)
    day = "" if there.date() == here.date() else f"{here:%a} "
    return f"{moment_in(due, zone)} in {_city(zone)} ({day}{here:%H:%M} in {_city(home)})"


def _city(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")


def _title(subject: Subject) -> str:
    """Return the title that the audience reads, else the story's own."""
    told = subject.parts[0].title if subject.parts else ""
    return told or subject.content.tellings[subject.content.language].title


def _facts(subject: Subject) -> tuple[tuple[str, str], ...]:
    config, content, post = subject.config, subject.content, subject.post
    named = [config.regions[key].named("en") if key in config.regions else key for key in content.regions]
    project = config.projects.get(content.project)
    facts = (
        ("Slot", slot_in_words(subject)),
        ("Channel", f"{subject.channel.name} ({subject.channel.platform}, {subject.channel.key})"),
        ("Region" if len(named) == 1 else "Regions", ", ".join(named)),
        ("Kind", content.kind.value),
        ("Project", project.name if project else ""),
        ("Why this slot", post.reason),
        ("Approved", f"by {post.approved_by}" if post.status == PostStatus.APPROVED else ""),
    )
    return tuple((name, value) for name, value in facts if value)


def _since_approval(db: Session, post: Post, parts: tuple[PartContent, ...]) -> Difference | None:
    """Compare with what was last approved, which its event has kept."""
    approvals = store.events(db, what="post.approved", post=post.uuid, last=1)
    old = [PartContent.model_validate(part) for event in approvals for part in event.after.get("parts", [])]
    return difference(old, parts) if old else None
