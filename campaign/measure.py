"""Fetches the counts of published posts at their ages, and takes in those that people type.

A number is stored with its source and its age, or with the cause of its absence. A missing number is never 0.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session

from campaign import store
from campaign.app import App, Summary
from campaign.config.problems import did_you_mean
from campaign.errors import ConfigError, NotSent, PlatformError, Unsupported, UsageError
from campaign.log import tell
from campaign.models import Part, Post, PostStatus, Snapshot
from campaign.platforms.base import COUNTS, Metrics
from campaign.store.counts import extra_snapshot, postpone_snapshot
from campaign.store.wanted import SHORT_ID

BATCH = 50  # posts asked about in one go
PATIENCE = timedelta(days=1)  # a platform that cannot be asked for so long after a snapshot was due has lost it
RETRY = timedelta(minutes=5)  # before a platform that could not be asked is asked again, unless it says when


@dataclass(frozen=True)
class Look:
    """One snapshot that is due, with its post and the first part, whose counts stand for the post."""

    snapshot: Snapshot
    post: Post
    part: Part
    own_reply: str = ""  # id at the platform of the part that goes on from the first

    @property
    def remote_id(self) -> str:
        """The part's id at the platform."""
        return self.part.remote_id or ""

    @property
    def patient_until(self) -> datetime:
        """How long it is tried again."""
        published_at = self.post.published_at or self.snapshot.due_at
        return published_at + timedelta(seconds=self.snapshot.age) + PATIENCE

    def next_try(self, now: datetime, wait: timedelta) -> datetime:
        """Return when it is tried again: rarer the longer it has failed, for a platform may charge for each try."""
        failing = now - (self.patient_until - PATIENCE)
        return min(now + max(wait, failing / 2), self.patient_until)


@dataclass(frozen=True)
class Later:
    """The platform could not be asked now, and why."""

    cause: str
    wait: timedelta = RETRY


def run(app: App) -> Summary:
    """Fetch the counts that are due, in batches by channel, and store them or the cause of their absence."""
    summary = Summary("measure")
    with app.reading() as db:
        due = [Look(*row, own_reply(db, row[1])) for row in store.due_snapshots(db, app.clock.now())]
    looks, missed = newest_of_each(due)
    if missed:
        keep(app, missed, nothing(missed, "it was not counted at that age"), summary)
    for channel, own in by_channel(looks).items():
        for batch in (own[start : start + BATCH] for start in range(0, len(own), BATCH)):
            keep(app, batch, counts_or_cause(app, channel, batch), summary)
    return summary


def own_reply(db: Session, post: Post) -> str:
    """Return the id at the platform of a thread's second part, empty when there is none."""
    return next((part.remote_id or "" for part in store.parts_of(db, post.uuid) if part.n == 2), "")


def newest_of_each(due: Iterable[Look]) -> tuple[list[Look], list[Look]]:
    """Split what is due into the newest age of each post, and the ages that have gone by uncounted.

    What is read now is no count of an age that passed while nobody looked.
    """
    newest: dict[str, Look] = {}
    missed: list[Look] = []
    for look in sorted(due, key=lambda look: look.snapshot.age):
        if earlier := newest.get(look.post.uuid):
            missed.append(earlier)
        newest[look.post.uuid] = look
    return list(newest.values()), missed


def by_channel(looks: Iterable[Look]) -> dict[str, list[Look]]:
    """Group by channel, in the order in which the channels come."""
    groups: dict[str, list[Look]] = {}
    for look in looks:
        groups.setdefault(look.post.channel, []).append(look)
    return groups


def nothing(looks: Iterable[Look], cause: str) -> dict[str, Metrics]:
    """Return that nothing is known of some posts, and why."""
    return {look.remote_id: Metrics(missing=dict.fromkeys(COUNTS, cause)) for look in looks}


def counts_or_cause(app: App, key: str, looks: Sequence[Look]) -> Mapping[str, Metrics] | Later:
    """Ask a channel's platform for the counts of some posts, no transaction open."""
    channel = app.config.channels.get(key)
    if channel is None:
        return nothing(looks, f"channel {key} is no longer in the config")
    if channel.mode == "by-hand":
        return nothing(looks, "it was published by hand, and nobody has typed this number in")
    gone = [look for look in looks if look.post.status == PostStatus.REMOVED]
    live = [look for look in looks if look.post.status != PostStatus.REMOVED]
    asked = [remote_id for look in live for remote_id in (look.remote_id, look.own_reply) if remote_id]
    try:
        answer = app.platform(key).metrics(asked) if asked else {}
    except Unsupported as error:
        answer = nothing(looks, str(error))
    except NotSent as error:
        return Later(str(error), error.retry_after or RETRY)
    except (PlatformError, ConfigError) as error:
        return Later(str(error))
    except Exception as error:  # noqa: BLE001 - one adapter's bug must not stop the counts of the other channels
        tell("measure.failed", level=logging.ERROR, channel=key, exc_info=True)
        return Later(f"counting failed: {error}")
    return {**answer, **nothing(gone, "the post was taken down")}


def keep(app: App, looks: Sequence[Look], answer: Mapping[str, Metrics] | Later, summary: Summary) -> None:
    """Store an answer; where there is none, try again for a day and then store why."""
    now = app.clock.now()
    done: Counter[str] = Counter()
    with app.writing() as db:
        for look in looks:
            if isinstance(answer, Later) and now < look.patient_until:
                postpone_snapshot(db, look.snapshot, look.next_try(now, answer.wait))
                done["to try again"] += 1
                continue
            known = complete(_metrics_of(look, answer))
            channel = app.config.channels.get(look.post.channel)
            store.record_snapshot(
                db,
                look.snapshot,
                counts=known.counts,
                missing=known.missing,
                raw=known.raw,
                source=channel.platform if channel else look.post.channel,
                at=now,
            )
            done["counted" if known.counts else "without numbers"] += 1
    if isinstance(answer, Later):
        tell("measure.later", level=logging.WARNING, channel=looks[0].post.channel, reason=answer.cause)
    for what, count in done.items():
        summary.count(what, count)


def _metrics_of(look: Look, answer: Mapping[str, Metrics] | Later) -> Metrics:
    if isinstance(answer, Later):
        return Metrics(missing=dict.fromkeys(COUNTS, f"the platform could not be asked: {answer.cause}"))
    silent = Metrics(missing=dict.fromkeys(COUNTS, "the platform said nothing about this post"))
    return without_our_own(answer.get(look.remote_id, silent), answer.get(look.own_reply, Metrics()))


def without_our_own(first: Metrics, reply: Metrics) -> Metrics:
    """Return the counts of a thread's first part without the part that answers it: platforms count that as a comment.

    One of which the platform tells nothing, as when somebody has deleted it, is not among them.
    """
    comments = first.counts.get("comments", 0)
    if not reply.counts or not comments:
        return first
    return replace(first, counts={**first.counts, "comments": comments - 1})


def complete(answer: Metrics) -> Metrics:
    """Return an answer in the common words, each of them a number or a cause."""
    counts = {word: answer.counts[word] for word in COUNTS if word in answer.counts}
    missing = {word: answer.missing.get(word) or "the platform did not say" for word in COUNTS if word not in counts}
    return Metrics(counts, missing, answer.raw)


CALLED = {  # what platforms call our counts
    "likes": "reactions",
    "favourites": "reactions",
    "replies": "comments",
    "reposts": "shares",
    "quotes": "shares",
    "views": "impressions",
}


def parse_counts(words: Iterable[str]) -> dict[str, int]:
    """Read counts as an officer types them, such as `reactions=12`.

    Raises:
        UsageError: one is not of that form.
    """
    counts: dict[str, int] = {}
    for word in words:
        name, _, number = word.partition("=")
        try:
            counts[name.strip().lower()] = int(number)
        except ValueError:
            raise UsageError(f'"{word}" is no count', remedy="Write for example: reactions=12 comments=3") from None
    return counts


def record(app: App, post: Post, counts: Mapping[str, int], who: str) -> Snapshot:
    """Store numbers that a person has read on the platform's own page, at the post's present age.

    Raises:
        UsageError: there is nothing to store, a word is unknown, a number is negative, or the post never went live.
    """
    _check(post, counts)
    now = app.clock.now()
    told = ", ".join(f"{word} {counts[word]}" for word in COUNTS if word in counts)
    with app.writing() as db:
        snapshot = extra_snapshot(db, post, post.published_at or now, now, app.new_id)
        store.record_snapshot(
            db,
            snapshot,
            counts=counts,
            missing={word: "nobody has typed it in" for word in COUNTS if word not in counts},
            raw={},
            source=f"typed in by {who}",
            at=now,
        )
        app.event(db, "post.recorded", who=who, post=post.uuid, story=post.story, channel=post.channel, note=told)
    return snapshot


def _check(post: Post, counts: Mapping[str, int]) -> None:
    short = post.uuid[:SHORT_ID]
    if not counts:
        raise UsageError("no numbers given", remedy=f"Write for example: campaign post record {short} reactions=12")
    for word, number in counts.items():
        if word not in COUNTS:
            meant = CALLED.get(word)
            remedy = f'Here it is called "{meant}".' if meant else did_you_mean(word, COUNTS)
            raise UsageError(f'there is no count "{word}"', remedy=remedy)
        if number < 0:
            raise UsageError(f"{word}={number}: a count cannot be negative", remedy="Leave out what you do not know.")
    if post.published_at is None:
        raise UsageError(
            f"post {short} is {post.status} and was never live, so nobody can have counted anything",
            remedy=f"campaign why {short}",
        )
