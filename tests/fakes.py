"""A platform that exists only in tests: it does as it is told, and knows for itself what is live on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from campaign.platforms.base import (
    Absent,
    Account,
    CannotTell,
    Checkpoint,
    Confirmation,
    Found,
    Limits,
    Outgoing,
    Platform,
    Published,
)


class Crash(BaseException):
    """The process dies here, as far as a test inside it can die."""


@dataclass(frozen=True)
class After:
    """The platform does what it was asked, and only then this happens."""

    error: BaseException


@dataclass(frozen=True)
class Live:
    """One visible item, as the platform shows it."""

    remote_id: str
    text: str
    key: str  # the idempotency key it was sent with
    at: datetime
    reply_to: str = ""


Act = BaseException | After | Callable[[], Any]


@dataclass
class World:
    """The platform's side: what is live, what it was asked, and what happens next."""

    live: list[Live] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    asked_since: list[datetime] = field(default_factory=list)
    settle: timedelta | None = timedelta(minutes=2)
    replay_window: timedelta = timedelta(0)
    _next: dict[str, list[Act]] = field(default_factory=lambda: defaultdict(list))

    def next(self, call: str, *acts: Act) -> None:
        """Say what the next calls of a kind meet: an error, `After(error)`, or a function that is run first.

        What a function returns, if anything, is the answer.
        """
        self._next[call] += acts

    def texts(self) -> list[str]:
        """Return what readers see, oldest first."""
        return [item.text for item in self.live]

    def asked(self, call: str) -> int:
        """Return how often a call was made."""
        return self.calls.count(call)

    def meet(self, call: str, work: Callable[[], Any]) -> Any:
        """Do `work` as scripted."""
        self.calls.append(call)
        act = self._next[call].pop(0) if self._next[call] else None
        if isinstance(act, BaseException):
            raise act
        answer = act() if act is not None and not isinstance(act, After) else None
        done = work() if answer is None else answer
        if isinstance(act, After):
            raise act.error
        return done


class Fake(Platform):
    """The adapter to it."""

    name = "fake"
    limits = Limits(text=500)
    starts_enabled = True
    world: ClassVar[World]

    @property
    def settle(self) -> timedelta | None:  # type: ignore[override]
        return self.world.settle

    @property
    def replay_window(self) -> timedelta:  # type: ignore[override]
        return self.world.replay_window

    def check(self) -> Account:
        return Account(id="fake", name="Fake", limits=self.limits)

    def prepare(self, item: Outgoing, checkpoint: Checkpoint) -> None:
        self.world.meet("prepare", lambda: self._prepare(item, checkpoint))

    def _prepare(self, item: Outgoing, checkpoint: Checkpoint) -> None:
        for n, _image in enumerate(item.images):
            if f"upload-{n}" not in checkpoint:
                self.world.calls.append("upload")
                checkpoint.put(f"upload-{n}", self.world.asked("upload"))

    def publish(self, item: Outgoing, checkpoint: Checkpoint, *, idempotency_key: str) -> Published:
        return self.world.meet("publish", lambda: self._accept(item, idempotency_key))

    def _accept(self, item: Outgoing, key: str) -> Published:
        known = next((live for live in self.world.live if live.key == key), None)
        if known is None or not self.world.replay_window:
            known = Live(f"remote-{len(self.world.live) + 1}", item.text, key, self.clock.now(), item.reply_to)
            self.world.live.append(known)
        return Published(known.remote_id, permalink=f"https://fake.example/{known.remote_id}")

    def find(self, item: Outgoing, checkpoint: Checkpoint, since: datetime) -> Found | Absent | CannotTell:
        self.world.asked_since.append(since)
        return self.world.meet("find", lambda: self._seek(item, since))

    def _seek(self, item: Outgoing, since: datetime) -> Found | Absent:
        found = [live for live in self.world.live if live.key == item.part and live.at >= since]
        return Found(found[0].remote_id, "https://fake.example/found") if found else Absent()

    def confirm(self, remote_id: str) -> Confirmation:
        return self.world.meet("confirm", lambda: Confirmation())

    def edit(self, remote_id: str, item: Outgoing) -> None:
        self.world.meet("edit", lambda: self._reword(remote_id, item.text))

    def _reword(self, remote_id: str, text: str) -> None:
        self.world.live = [
            replace(live, text=text) if live.remote_id == remote_id else live for live in self.world.live
        ]

    def delete(self, remote_id: str) -> None:
        self.world.meet("delete", lambda: self._remove(remote_id))

    def _remove(self, remote_id: str) -> None:
        self.world.live = [live for live in self.world.live if live.remote_id != remote_id]

    def followers(self) -> int | None:
        return None

    def metrics(self, remote_ids: Sequence[str]) -> dict[str, Any]:
        return {}
