"""The tables, their words and rules.

Ids are random UUIDs as text, given by `app.new_id()`; times are aware UTC (SQLModel's `UTCDateTime` refuses naive
ones); every constraint has a name, so that migrations can speak of it on both databases.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Index, String, UniqueConstraint, text
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class StoryStatus(StrEnum):
    """`returned` = back with the region, with a note."""

    QUEUED = "queued"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


class PostStatus(StrEnum):
    """planned → rendered → approved → sending → published; the others stand aside."""

    PLANNED = "planned"
    RENDERED = "rendered"
    APPROVED = "approved"
    SENDING = "sending"
    PUBLISHED = "published"
    UNCONFIRMED = "unconfirmed"  # may be live; only the platform or a person may say
    PARTIAL = "partial"  # the first part is live, the rest is not
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    REMOVED = "removed"  # was live, taken down


OPEN = (PostStatus.PLANNED, PostStatus.RENDERED, PostStatus.APPROVED)  # nothing was sent yet
MAY_BE_LIVE = (PostStatus.SENDING, PostStatus.PUBLISHED, PostStatus.UNCONFIRMED, PostStatus.PARTIAL)
FINAL = (PostStatus.PUBLISHED, PostStatus.FAILED, PostStatus.EXPIRED, PostStatus.CANCELLED, PostStatus.REMOVED)
KEEPS_SLOT = (*OPEN, *MAY_BE_LIVE)  # a slot is taken by at most one of these
HAD_A_TURN = (*KEEPS_SLOT, PostStatus.REMOVED)  # what counts in the fairness ledger


class Outcome(StrEnum):
    """How an attempt ended."""

    PUBLISHED = "published"
    NOT_SENT = "not-sent"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


class PauseScope(StrEnum):
    """What rests."""

    ALL = "all"
    REGION = "region"
    CHANNEL = "channel"


ADOPT = "adopt"  # key of the pause that holds everything until `campaign adopt`; `resume` does not end it


def is_in(column: str, words: Iterable[str]) -> str:
    """Return the SQL condition that a column holds one of `words`."""
    return f"{column} IN ({', '.join(repr(str(word)) for word in words)})"


def one_of(column: str, words: Iterable[str]) -> CheckConstraint:
    """Return a named CHECK that a column holds one of `words`."""
    return CheckConstraint(is_in(column, words), name=column)


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """Return an index over the rows that fulfil `where`, on both databases."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


# The conditions of partial indexes. A query must hold the same text, with words and not parameters, to be answered by
# the index: https://www.sqlite.org/partialindex.html#queries_using_partial_indexes
STORY_IS_OPEN = "status = 'queued' AND coalesce(done, 0) <> revision"
TURN = f"CASE WHEN {is_in('status', HAD_A_TURN)} THEN due_at END"


def reference(target: str, *, index: bool = False, nullable: bool = False) -> Any:
    """Return a field that points to another table's uuid."""
    return Field(default=None if nullable else ..., foreign_key=f"{target}.uuid", index=index, nullable=nullable)


def json_column(default: Any) -> Any:
    """Return a JSON field. Values are replaced whole, never changed in place."""
    return Field(default_factory=default, sa_column=Column(JSON, nullable=False))


class Story(SQLModel, table=True):
    """One highlight, as handed in."""

    __tablename__ = "story"
    __table_args__ = (
        UniqueConstraint("region", "slug"),
        one_of("status", StoryStatus),
        CheckConstraint("revision >= 1", name="revision"),
        partial_index("ix_story_open", "created_at", where=STORY_IS_OPEN),
    )

    uuid: str = Field(primary_key=True)
    region: str  # the lead
    slug: str
    revision: int = 1
    done: int | None = None  # the revision of which the planner found nothing left to plan
    kind: str
    language: str
    priority: int = 0
    embargo_at: datetime | None = None
    expires_at: datetime | None = None
    project: str = ""
    content: dict[str, Any] = json_column(dict)  # campaign.story.Content
    fingerprint: str  # sha256 of what was handed in; the same again is no news
    status: str = Field(default=StoryStatus.QUEUED, sa_type=String)
    note: str = ""
    handed_by: str = ""
    created_at: datetime
    updated_at: datetime


class Post(SQLModel, table=True):
    """One story on one channel."""

    __tablename__ = "post"
    __table_args__ = (
        UniqueConstraint("story", "channel", "occurrence"),
        one_of("status", PostStatus),
        partial_index(
            "uq_post_slot",
            "channel",
            "slot_date",
            "slot_time",
            unique=True,
            where=f"{is_in('status', KEEPS_SLOT)} AND slot_date IS NOT NULL",
        ),
        partial_index("uq_post_sending", "channel", unique=True, where="status = 'sending'"),
        Index("ix_post_work", "channel", "status", "due_at"),
        Index("ix_post_status_due_at", "status", "due_at"),
        Index(
            "ix_post_uncounted",
            "channel",
            sqlite_where=text(f"turn_at IS NOT {TURN}"),
            postgresql_where=text(f"turn_at IS DISTINCT FROM {TURN}"),
        ),
        partial_index("ix_post_asked", "channel", where="wish <> '' OR confirm_at IS NOT NULL"),
    )

    uuid: str = Field(primary_key=True)
    story: str = reference("story", index=True)
    channel: str
    occurrence: int = 1
    status: str = Field(default=PostStatus.PLANNED, sa_type=String)
    slot_date: date | None = None  # None: waits for a slot
    slot_time: str | None = None  # HH:MM, local, as written in the config
    due_at: datetime | None = None
    first_due_at: datetime | None = None
    turn_at: datetime | None = None  # the due time with which the channel's ledger has counted it
    expires_at: datetime | None = None
    next_try_at: datetime | None = None
    tries: int = 0  # attempts certainly not sent since the post became due
    returns: int = 0  # how often the late window sent it back to the planner
    misses: int = 0  # how often its slot came without an approval
    warned: int = 0  # how many of the warnings before the slot were given
    input_hash: str = ""
    content_hash: str = ""
    proofed_hash: str = ""
    approved_hash: str = ""
    approved_by: str = ""
    approved_at: datetime | None = None
    notes: list[str] = json_column(list)  # what the renderer wants an officer to know
    wish: str = (
        ""  # what an officer asked of the daemon: now, retry, send-again, not-published, published URL, takedown
    )
    wish_by: str = ""
    published_at: datetime | None = Field(default=None, index=True)
    confirm_at: datetime | None = None  # when the live post is to be looked at again; None: it was
    reason: str = ""
    created_at: datetime


class Part(SQLModel, table=True):
    """One visible item of a post. Its uuid is the idempotency key of every attempt."""

    __tablename__ = "part"
    __table_args__ = (
        UniqueConstraint("post", "n"),
        UniqueConstraint("channel", "remote_id"),
        one_of("role", ("post", "reply", "comment")),
    )

    uuid: str = Field(primary_key=True)
    post: str = reference("post", index=True)
    channel: str
    n: int = 1
    role: str = "post"
    content: dict[str, Any] = json_column(dict)  # PartContent
    checkpoint: dict[str, Any] = json_column(dict)
    remote_id: str | None = None
    permalink: str = ""
    absent_at: datetime | None = None  # the first look that did not find it, since the last attempt
    resent: bool = False  # sent again once after two looks found nothing


class Attempt(SQLModel, table=True):
    """One try at one visible call; append-only but for its end."""

    __tablename__ = "attempt"
    __table_args__ = (
        CheckConstraint(f"outcome IS NULL OR {is_in('outcome', Outcome)}", name="outcome"),
        CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="ended"),
        partial_index("ix_attempt_open", "ended_at", where="ended_at IS NULL"),
    )

    uuid: str = Field(primary_key=True)
    part: str = reference("part", index=True)
    epoch: int
    sender: str  # boot id, pid and start time of the process
    started_at: datetime
    send_by: datetime
    ended_at: datetime | None = None
    outcome: str | None = None
    detail: str = ""


class Snapshot(SQLModel, table=True):
    """The counts of one post at one age, or the causes of their absence."""

    __tablename__ = "snapshot"
    __table_args__ = (UniqueConstraint("post", "age"), Index("ix_snapshot_due", "taken_at", "due_at"))

    uuid: str = Field(primary_key=True)
    post: str = reference("post", index=True)
    age: int  # seconds after publication
    due_at: datetime
    taken_at: datetime | None = None
    counts: dict[str, int] = json_column(dict)
    missing: dict[str, str] = json_column(dict)  # count → cause
    raw: dict[str, Any] = json_column(dict)
    source: str = ""  # the platform, or who typed it in


REMINDERS = (14, 7, 1)  # days before credentials end, at which a person is asked to renew them


class ChannelState(SQLModel, table=True):
    """What the program knows of a channel beside its config."""

    __tablename__ = "channel_state"
    __table_args__ = (UniqueConstraint("platform", "account_id"), CheckConstraint("epoch >= 0", name="epoch"))

    channel: str = Field(primary_key=True)
    platform: str
    account_id: str | None = None
    account_name: str = ""
    enabled: bool = False
    epoch: int = 0
    held_until: datetime | None = None
    hold_reason: str = ""
    blocked: str = ""  # why a person is needed; empty: not blocked
    token_deaths: int = 0  # refusals of the credentials in a row
    limits: dict[str, Any] = json_column(dict)
    tokens: str = ""  # sealed
    refresh_started_at: datetime | None = None
    checked_at: datetime | None = None
    token_ends_at: datetime | None = None  # when only a person can go on; None: never, or nobody has said

    def reminder(self, now: datetime) -> int | None:
        """Return which reminder that the credentials end is due, by its days before the end; None: none yet."""
        if self.token_ends_at is None:
            return None
        left = self.token_ends_at - now
        return min((days for days in REMINDERS if left <= timedelta(days=days)), default=None)


class LedgerState(SQLModel, table=True):
    """Where a channel's fairness ledger stood after all posts that have their `turn_at`."""

    __tablename__ = "ledger_state"

    channel: str = Field(primary_key=True)
    rules: str  # hash of all but the turns that shapes it
    until: datetime  # when the last of those was due
    balance: dict[str, Any] = json_column(dict)  # campaign.fairness.Balance


class Pause(SQLModel, table=True):
    """A region, a channel or everything rests, until a time or until `resume`."""

    __tablename__ = "pause"
    __table_args__ = (one_of("scope", PauseScope),)

    scope: str = Field(primary_key=True)
    key: str = Field(primary_key=True, default="")
    until: datetime | None = None
    reason: str
    who: str
    since: datetime

    @property
    def is_hold(self) -> bool:
        """Whether it holds everything until `campaign adopt`."""
        return self.scope == PauseScope.ALL and self.key == ADOPT

    def covers(self, channel: str, regions: Collection[str]) -> bool:
        """Whether it keeps a post about `regions` off `channel`."""
        if self.scope == PauseScope.REGION:
            return self.key in regions
        return self.scope == PauseScope.ALL or self.key == channel


def what_rests(scope: str, key: str) -> str:
    """Return what a pause is about, in words: `everything`, `region portugal`."""
    return "everything" if scope == PauseScope.ALL else f"{scope} {key}"


class Event(SQLModel, table=True):
    """What happened: the append-only history that `log` and `why` read."""

    __tablename__ = "event"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(index=True)
    who: str
    what: str = Field(index=True)
    story: str | None = Field(default=None, index=True)
    post: str | None = Field(default=None, index=True)
    channel: str | None = None
    note: str = ""
    before: dict[str, Any] = json_column(dict)
    after: dict[str, Any] = json_column(dict)


class Alert(SQLModel, table=True):
    """Something that needs a person. At most one open alert per key."""

    __tablename__ = "alert"
    __table_args__ = (partial_index("uq_alert_open", "key", unique=True, where="cleared_at IS NULL"),)

    uuid: str = Field(primary_key=True)
    key: str  # what it is about, such as "unconfirmed:<post>"
    post: str | None = None
    channel: str | None = None
    message: str
    remedy: str = ""
    raised_at: datetime
    told_at: datetime | None = None  # when `notify` passed it on
    cleared_at: datetime | None = None


class Meta(SQLModel, table=True):
    """Single values of the installation."""

    __tablename__ = "meta"

    key: str = Field(primary_key=True)
    value: str
