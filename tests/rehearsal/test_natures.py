"""The three natures: what each adapter makes of what its service does, and never says more than the service does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from campaign.config.words import Secret
from campaign.errors import NotSent, OutcomeUnknown, Rejected
from campaign.platforms import PLATFORMS, load
from campaign.platforms.base import Absent, CannotTell, Checkpoint, Found, Outgoing, Platform
from campaign.platforms.http import Http
from campaign.rehearsal import natures
from campaign.rehearsal.clock import VirtualClock
from campaign.rehearsal.faults import Fault, Faults
from campaign.rehearsal.services.natures import BlindService, ContainerService, ListingService, Nature
from campaign.rehearsal.transport import Net

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TOKEN = "a-token-of-the-test"
KINDS: dict[str, type[Nature]] = {kind.name: kind for kind in (ContainerService, ListingService, BlindService)}


class NoTokens:
    def load(self) -> dict[str, str]:
        return {}

    def save(self, tokens: Mapping[str, str]) -> None:
        raise AssertionError

    def renewing(self) -> Any:
        raise AssertionError


class Channel:
    """One channel of a nature, its service, and what it remembers."""

    def __init__(self, name: str, faults: dict[int, Fault] | None = None) -> None:
        self.clock = VirtualClock(START)
        self.net = Net(self.clock, Faults(faults or {}))
        self.service = KINDS[name](self.net, f"{name}.example.com", token=TOKEN)
        settings = natures.NatureSettings(base_url=f"https://{name}.example.com", token=Secret(TOKEN))
        http = Http(settings.base_url, self.clock, transport=self.net.transport)
        self.platform: Platform = load(name)(settings, http, self.clock, NoTokens())
        self.memory: dict[str, Any] = {}
        self.checkpoint = Checkpoint({}, save=self.memory.update)

    def send(self, text: str = "Hello", **more: Any) -> str:
        item = part(text, **more)
        self.platform.prepare(item, self.checkpoint)
        return self.platform.publish(item, self.checkpoint, idempotency_key="k").remote_id

    def find(self, text: str = "Hello") -> Found | Absent | CannotTell:
        return self.platform.find(part(text), self.checkpoint, START)


def part(text: str = "Hello", **more: Any) -> Outgoing:
    return Outgoing(post="p", part="q", n=1, role="post", text=text, language="en", **more)


@pytest.fixture(autouse=True)
def _registered() -> Iterator[None]:
    with natures.registered():
        yield


@pytest.mark.parametrize("name", KINDS)
def test_each_nature_publishes_counts_and_takes_down(name: str) -> None:
    channel = Channel(name)
    remote_id = channel.send(reply_to="")
    channel.clock.advance(timedelta(days=3))

    (item,) = channel.service.live
    assert (item.id, item.text) == (remote_id, "Hello")
    assert channel.platform.check().id == f"{name}.example.com"
    assert channel.platform.confirm(remote_id).permalink.endswith(remote_id)
    counts = channel.platform.metrics([remote_id, "999999"])
    assert counts[remote_id].counts["reactions"] > 0
    assert counts["999999"].missing["reactions"] == "the post is not there any more"
    channel.platform.delete(remote_id)
    assert channel.service.live == []
    with pytest.raises(NotSent, match="not there any more"):
        channel.platform.delete(remote_id)


@pytest.mark.parametrize("name", KINDS)
def test_a_token_that_is_not_taken_is_told(name: str) -> None:
    channel = Channel(name)
    channel.service.token = "another"
    with pytest.raises(NotSent) as refused:
        channel.platform.check()
    assert refused.value.token_dead


@pytest.mark.parametrize("name", ["container", "listing"])
def test_a_post_that_is_refused_is_told(name: str) -> None:
    channel = Channel(name)
    with pytest.raises(Rejected):
        channel.send("")
    assert channel.service.live == []


def test_a_comment_stands_below_its_post_and_is_found_there() -> None:
    channel = Channel("listing")
    root = channel.send()
    comment = replace(part("Read more"), role="comment", root=root, reply_to=root)
    remote_id = channel.platform.publish(comment, channel.checkpoint, idempotency_key="c").remote_id
    channel.clock.advance(timedelta(minutes=1))

    assert [(item.id, item.reply_to) for item in channel.service.live] == [(root, ""), (remote_id, root)]
    assert channel.platform.find(comment, channel.checkpoint, START) == Found(remote_id)
    assert channel.find("Read more") == Absent(honours_key=False)
    with pytest.raises(Rejected):
        channel.platform.publish(replace(comment, text=""), channel.checkpoint, idempotency_key="d")
    with pytest.raises(OutcomeUnknown):
        channel.platform.publish(replace(comment, root="000099"), channel.checkpoint, idempotency_key="e")


def test_a_container_is_published_once_however_often_that_is_asked() -> None:
    channel = Channel("container")
    channel.platform.prepare(part(), channel.checkpoint)
    assert channel.find() == Absent(honours_key=True)
    assert "container" in channel.memory
    first = channel.platform.publish(part(), channel.checkpoint, idempotency_key="k")
    with pytest.raises(OutcomeUnknown, match="published already"):
        channel.platform.publish(part(), channel.checkpoint, idempotency_key="k")

    assert channel.find() == Found(first.remote_id)
    assert len(channel.service.live) == 1


def test_a_container_that_nobody_published_expires_and_is_made_anew() -> None:
    channel = Channel("container")
    channel.platform.prepare(part(), channel.checkpoint)
    before = channel.memory["container"]
    channel.clock.advance(timedelta(hours=25))
    assert channel.find() == Absent(honours_key=False)
    with pytest.raises(NotSent) as gone:
        channel.platform.publish(part(), channel.checkpoint, idempotency_key="k")
    assert gone.value.forget == ("container",)
    channel.platform.prepare(part(), channel.checkpoint)

    assert channel.memory["container"] != before


def test_a_container_is_waited_for_and_its_loss_is_told() -> None:
    channel = Channel("container")
    with pytest.raises(NotSent, match="is gone"):
        channel.platform.publish(part(), channel.checkpoint, idempotency_key="k")
    assert channel.find() == CannotTell("the container is unknown, and no post is like it")
    made = channel.platform.http.post("/containers", headers={"Authorization": f"Bearer {TOKEN}"}, json={"text": "A"})
    channel.checkpoint.put("container", {"id": made.text("id"), "at": channel.clock.now().isoformat()})
    with pytest.raises(NotSent, match="not ready"):
        channel.platform.publish(part(), channel.checkpoint, idempotency_key="k")


def test_a_listing_shows_late_and_refuses_the_same_text() -> None:
    channel = Channel("listing")
    remote_id = channel.send()
    assert channel.find() == Absent(honours_key=False)
    with pytest.raises(OutcomeUnknown, match="this text already"):
        channel.send()
    channel.clock.advance(timedelta(seconds=30))

    assert channel.find() == Found(remote_id)
    assert channel.find("Other words") == Absent(honours_key=False)


def test_a_blind_service_tells_nothing() -> None:
    assert isinstance(Channel("blind").find(), CannotTell)


def test_the_natures_are_no_platforms_of_users() -> None:
    assert set(natures.NATURES) <= set(PLATFORMS)
    with natures.registered():
        pass
    assert not set(natures.NATURES) & set(PLATFORMS)
