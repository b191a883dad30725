"""Adapters to the three services that stand for all others, so that every path of recovery exists and is tried.

They are platforms like any other, but in no registry of users: `registered()` adds them for the time of a rehearsal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from campaign.config.words import Secret
from campaign.errors import NotSent, OutcomeUnknown, PlatformError, Rejected
from campaign.platforms import PLATFORMS
from campaign.platforms.base import (
    COUNTS,
    Absent,
    Account,
    CannotTell,
    Checkpoint,
    Confirmation,
    Found,
    Limits,
    Metrics,
    Outgoing,
    Platform,
    PlatformSettings,
    Published,
)
from campaign.platforms.http import Answer

POLL = timedelta(seconds=2)
PATIENCE = timedelta(seconds=30)
KEPT = timedelta(hours=20)  # of the 24 h that a container lives


class NatureSettings(PlatformSettings):
    """`token`: of the account."""

    token: Secret


class Nature(Platform):
    """What the three have in common."""

    limits = Limits(text=500, threads=True, images=4)
    Settings = NatureSettings
    settings: NatureSettings

    def classify(self, answer: Answer) -> PlatformError | None:
        if answer.status == 401:
            return NotSent("the token is not accepted", token_dead=True)
        match answer.status, _code(answer):
            case 400, "invalid":
                return Rejected("the service refuses the post")
            case 422, "duplicate":
                return OutcomeUnknown("the service has a post with this text already")
        return None

    def check(self) -> Account:
        answer = self._call("GET", "/me")
        return Account(answer.text("id"), answer.text("name"), self.limits)

    def confirm(self, remote_id: str) -> Confirmation:
        return Confirmation(f"{self.settings.base_url}/posts/{remote_id}")

    def metrics(self, remote_ids: Sequence[str]) -> dict[str, Metrics]:
        told = self._call("GET", "/counts", params={"id": list(remote_ids)})
        missing = {word: "the service does not tell" for word in COUNTS if word != "reactions"}
        gone = Metrics(missing=missing | {"reactions": "the post is not there any more"})
        likes = {id: told.count(id, "likes") for id in remote_ids}
        return {id: gone if n is None else Metrics({"reactions": n}, missing, {"likes": n}) for id, n in likes.items()}

    def delete(self, remote_id: str) -> None:
        self._call("DELETE", f"/posts/{remote_id}", classify=_gone_is_fine)

    def publish(self, item: Outgoing, checkpoint: Checkpoint, *, idempotency_key: str) -> Published:
        return Published(self._call("POST", "/posts", visible=True, json=said(item)).text("id"))

    def _call(self, method: str, path: str, **options: Any) -> Answer:
        headers = {"Authorization": f"Bearer {self.settings.token.reveal()}"}
        return self.http.call(method, path, headers=headers, **options)

    def _listed(self, item: Outgoing, path: str = "/posts", **params: str) -> Found | None:
        """Look for a part among the account's own posts."""
        own = self._call("GET", path, params=params).json()
        for each in own if isinstance(own, list) else ():
            if (each["text"], each["reply_to"]) == (item.text, item.reply_to):
                return Found(each["id"])
        return None


class Container(Nature):
    """Two steps: the second one is the visible call, and repeating it is harmless."""

    name = "container"
    replay_window = KEPT
    settle: ClassVar[timedelta | None] = timedelta(minutes=1)

    def classify(self, answer: Answer) -> PlatformError | None:
        match answer.status, _code(answer):
            case 400, "expired":
                return NotSent("the container has expired", forget=("container",))
            case 400, "published":
                return OutcomeUnknown("the container was published already")
            case 400, "in_progress":
                return NotSent("the container is not ready", retry_after=POLL)
        return super().classify(answer)

    def prepare(self, item: Outgoing, checkpoint: Checkpoint) -> None:
        kept = checkpoint.get("container")
        if kept is None or self.clock.now() - datetime.fromisoformat(kept["at"]) > KEPT:
            made_at = self.clock.now().isoformat()
            made = self._call("POST", "/containers", json=said(item))
            checkpoint.put("container", {"id": made.text("id"), "at": made_at})
        until = self.clock.now() + PATIENCE
        while self._status(checkpoint) == "IN_PROGRESS":
            if self.clock.now() >= until:
                raise NotSent("the container is not ready", retry_after=PATIENCE)
            self.clock.sleep(POLL.total_seconds())

    def publish(self, item: Outgoing, checkpoint: Checkpoint, *, idempotency_key: str) -> Published:
        if "container" not in checkpoint:
            raise NotSent("what was prepared is gone")
        body = {"container": checkpoint["container"]["id"]}
        return Published(self._call("POST", "/publish", visible=True, json=body).text("id"))

    def find(self, item: Outgoing, checkpoint: Checkpoint, since: datetime) -> Found | Absent | CannotTell:
        match self._status(checkpoint):
            case "FINISHED":
                return Absent(honours_key=True)
            case "EXPIRED":
                return Absent(honours_key=False)
            case status:
                return self._listed(item) or CannotTell(f"the container is {status}, and no post is like it")

    def _status(self, checkpoint: Checkpoint) -> str:
        if "container" not in checkpoint:
            return "unknown"
        return self._call("GET", f"/containers/{checkpoint['container']['id']}").text("status")


class Listing(Nature):
    """No keys, but what the account has posted can be listed; a post gets its first comment by a call of its own."""

    name = "listing"
    limits = replace(Nature.limits, comments=True)
    settle: ClassVar[timedelta | None] = timedelta(minutes=2)

    def publish(self, item: Outgoing, checkpoint: Checkpoint, *, idempotency_key: str) -> Published:
        return Published(self._call("POST", _place(item), visible=True, json=said(item)).text("id"))

    def find(self, item: Outgoing, checkpoint: Checkpoint, since: datetime) -> Found | Absent | CannotTell:
        return self._listed(item, _place(item), since=since.isoformat()) or Absent(honours_key=False)


def _place(item: Outgoing) -> str:
    return f"/posts/{item.root}/comments" if item.role == "comment" else "/posts"


class Blind(Nature):
    """Nothing can be asked."""

    name = "blind"

    def find(self, item: Outgoing, checkpoint: Checkpoint, since: datetime) -> Found | Absent | CannotTell:
        return CannotTell("the service has no way to look")


def said(item: Outgoing) -> dict[str, Any]:
    """Return a part as these services take it."""
    alts = [image.alt for image in item.images]
    return {"text": item.text, "reply_to": item.reply_to, "link": item.link, "alts": alts}


def _code(answer: Answer) -> str:
    try:
        return answer.maybe("code")
    except PlatformError:
        return ""


def _gone_is_fine(answer: Answer) -> PlatformError | None:
    return NotSent("the post is not there any more") if answer.status == 404 else None


NATURES = {kind.name: f"{__name__}:{kind.__name__}" for kind in (Container, Listing, Blind)}


@contextmanager
def registered() -> Iterator[None]:
    """Let the three be platforms like any other for a while."""
    PLATFORMS.update(NATURES)
    try:
        yield
    finally:
        for name in NATURES:
            PLATFORMS.pop(name, None)


@contextmanager
def standing_in(limits: Mapping[str, Limits]) -> Iterator[None]:
    """Let the listing service stand in for platforms that have no simulator, by their names and with their limits."""
    before = {name: PLATFORMS[name] for name in limits if name in PLATFORMS}
    for name, taken in limits.items():
        stand_in = f"StandsInFor_{name}"
        globals()[stand_in] = type(stand_in, (Listing,), {"name": name, "limits": taken})
        PLATFORMS[name] = f"{__name__}:{stand_in}"
    try:
        yield
    finally:
        for name in limits:
            del PLATFORMS[name]
        PLATFORMS.update(before)
