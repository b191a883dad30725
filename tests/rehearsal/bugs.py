"""Eleven mistakes that schedulers make, to be planted one by one: the judge must see each of them.

(What others have done: the issues of Postiz, Mixpost, Oban, River and huey, see their trackers.)
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Any
from unittest import mock

from campaign import store
from campaign.app import App
from campaign.errors import NotSent
from campaign.models import Attempt, ChannelState, Outcome, Part, PostStatus
from campaign.platforms.base import Checkpoint
from campaign.platforms.mastodon.adapter import Mastodon
from campaign.publish import gate, outgoing, reconcile, record, send
from campaign.rehearsal import natures
from campaign.rehearsal.house import Seat

Bug = Callable[[], AbstractContextManager[Any]]


def retry_on_unknown() -> AbstractContextManager[Any]:
    """An answer that was lost is taken for a post that was not sent."""

    def outcome(error: Exception, part: Part) -> Outcome:
        return Outcome.NOT_SENT

    def again(app: App, delivery: Any, part: Part, error: Exception, attempt: Attempt, *, replay: bool = False) -> None:
        real(app, delivery, part, NotSent(str(error)), attempt, replay=replay)

    real = record.not_published
    return _together(
        mock.patch.object(record, "outcome_of", outcome), mock.patch.object(record, "not_published", again)
    )


def rescue_to_runnable() -> AbstractContextManager[Any]:
    """What a dead process left behind is made ready to be sent."""

    def rescue(app: App, channel: Any, epoch: int) -> None:
        with app.writing() as db:
            for attempt, part, post in store.open_attempts(db, channel.key):
                store.close_attempt(db, attempt, Outcome.NOT_SENT, "rescued", app.clock.now())
                status = PostStatus.APPROVED if part.n == 1 else PostStatus.SENDING
                store.change_post(db, post, status=str(status), next_try_at=None)

    return mock.patch.object(reconcile, "close_orphans", rescue)


def no_intent() -> AbstractContextManager[Any]:
    """The intent is stored after the call, with its answer."""

    def intend(app: App, delivery: Any, part: Part, epoch: int, expected: Any) -> Attempt | None:
        now = app.clock.now()
        sender = app.owner.sender if app.owner else ""
        return Attempt(
            uuid=app.new_id(),
            part=part.uuid,
            epoch=epoch,
            sender=sender,
            started_at=now,
            send_by=now + timedelta(minutes=1),
        )

    return mock.patch.object(send, "intend", intend)


def container_not_stored() -> AbstractContextManager[Any]:
    """The container is made with the call that publishes it, and nobody remembers which one it was."""
    real = natures.Container.publish

    def publish(self: Any, item: Any, checkpoint: Any, *, idempotency_key: str) -> Any:
        fresh = Checkpoint({}, save=lambda values: None)
        self.prepare(item, fresh)
        return real(self, item, fresh, idempotency_key=idempotency_key)

    return mock.patch.object(natures.Container, "publish", publish)


def new_key_per_try() -> AbstractContextManager[Any]:
    """Each try has an idempotency key of its own."""
    real = Mastodon.publish
    numbers = itertools.count()

    def publish(self: Any, item: Any, checkpoint: Any, *, idempotency_key: str) -> Any:
        return real(self, item, checkpoint, idempotency_key=f"{idempotency_key}-{next(numbers)}")

    return mock.patch.object(Mastodon, "publish", publish)


def thread_restart() -> AbstractContextManager[Any]:
    """A thread that was interrupted begins anew."""

    def next_part(self: outgoing.Delivery) -> Part | None:
        whole = all(part.remote_id for part in self.parts)
        return None if whole else self.parts[0] if self.post.tries else next(p for p in self.parts if not p.remote_id)

    return mock.patch.object(outgoing.Delivery, "next_part", property(next_part))


def no_settle() -> AbstractContextManager[Any]:
    """One look at once that finds nothing is proof of absence."""

    def absent(app: App, delivery: Any, part: Part, unknown: Any, epoch: int, honours_key: bool) -> None:
        reconcile._send_again(app, delivery, part, epoch)

    return _together(
        mock.patch.object(reconcile, "_absent", absent),
        mock.patch.object(record, "settle_of", return_value=timedelta(0)),
    )


def epoch_not_checked() -> AbstractContextManager[Any]:
    """Whoever has lost a channel goes on with it."""

    def must_own(state: ChannelState | None, channel: str, epoch: int) -> ChannelState:
        assert state is not None
        return state

    def take(self: Seat, channel: str) -> int | None:
        return self.epochs.get(channel) or real(self, channel)

    real = Seat.take
    return _together(
        mock.patch.object(Seat, "take", take),
        mock.patch("campaign.store.channels.must_own", must_own),
        mock.patch("campaign.store.publishing.must_own", must_own),
    )


def gate_skipped() -> AbstractContextManager[Any]:
    """Nothing is asked before the wire."""
    return mock.patch.object(send, "gate", return_value=gate.Go())


def late_window_ignored() -> AbstractContextManager[Any]:
    """After downtime all that was due goes out at once."""
    return _without(gate.too_late)


def old_version_sent() -> AbstractContextManager[Any]:
    """A story was replaced, and what was approved of its old version goes out before the new one is made."""
    return _without(gate.superseded)


def _without(guard: Any) -> AbstractContextManager[Any]:
    return mock.patch.object(gate, "WHOLE_POST", tuple(each for each in gate.WHOLE_POST if each is not guard))


@contextmanager
def _together(*patches: AbstractContextManager[Any]) -> Iterator[None]:
    for patch in patches:
        patch.__enter__()
    try:
        yield
    finally:
        for patch in reversed(patches):
            patch.__exit__(None, None, None)


BUGS: dict[str, tuple[Bug, str]] = {  # and where each shows soon: at the fault points of a channel, or by chance
    "retry_on_unknown": (retry_on_unknown, "blind"),
    "rescue_to_runnable": (rescue_to_runnable, "blind"),
    "no_intent": (no_intent, "blind"),
    "container_not_stored": (container_not_stored, "container"),
    "new_key_per_try": (new_key_per_try, "mastodon"),
    "thread_restart": (thread_restart, "listing"),
    "no_settle": (no_settle, "keyless"),
    "epoch_not_checked": (epoch_not_checked, "blind"),
    "gate_skipped": (gate_skipped, ""),
    "late_window_ignored": (late_window_ignored, ""),
    "old_version_sent": (old_version_sent, ""),
}
