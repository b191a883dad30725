"""The simulated receiver: the real adapter tells it, and whatever the documentation refuses is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from campaign.config import Secret
from campaign.errors import NotSent, OutcomeUnknown
from campaign.platforms.base import Absent
from campaign.platforms.webhook import Webhook
from campaign.platforms.webhook.event import headers_of
from campaign.rehearsal.clock import VirtualClock
from campaign.rehearsal.faults import Fault
from campaign.rehearsal.services.webhook import WebhookService
from campaign.rehearsal.services.webhook.service import KEPT
from campaign.rehearsal.transport import Net, Reply
from tests.rehearsal.rig import LINK, TEXT, Rig, error_of, image, part

Start = Callable[..., Rig[WebhookService]]


@pytest.fixture
def start(clock: VirtualClock) -> Start:
    """Start a receiver, and a channel that leads to it."""

    def build(**service: Any) -> Rig[WebhookService]:
        net = Net(clock)
        made = WebhookService(net, "press.example", **service)
        return Rig(net, made, Webhook, {"secret": Secret(made.token)})

    return build


@pytest.fixture
def rig(start: Start) -> Rig[WebhookService]:
    return start()


def told(rig: Rig[WebhookService], event: Any, id: str = "msg_1", late: float = 0, **changed: str) -> Reply:
    """Tell the receiver something past the adapter; `changed` are headers."""
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    at = rig.clock.now() - timedelta(seconds=late)
    headers = {name.lower(): value for name, value in headers_of(id, at, body, [rig.service.token]).items()}
    return rig.ask("POST", "/events", body, **(headers | changed))


def test_a_post_is_there_with_what_the_receiver_calls_it(rig: Rig[WebhookService], tmp_path: Path) -> None:
    live = rig.send(part(images=(image(tmp_path),), link=LINK))

    [item] = rig.service.live
    assert (item.text, item.link, item.language, len(item.alts)) == (TEXT, LINK, "cs", 1)
    assert live.remote_id == f"000001/{item.id}"
    assert live.permalink == "https://press.example/posts/000001"


def test_a_receiver_need_not_say_anything(start: Start) -> None:
    rig = start(tells=False)

    assert rig.send(part()).remote_id == part().part
    assert rig.texts() == [TEXT]


def test_another_event_under_a_known_id_is_refused(rig: Rig[WebhookService]) -> None:
    ping = {"type": "ping", "timestamp": "2026-03-02T08:00:00.000Z", "data": {}}

    assert told(rig, ping).status == 204
    assert told(rig, ping).status == 204
    assert told(rig, {**ping, "timestamp": "2026-03-02T08:00:01.000Z"}).status == 422
    assert rig.service.pings == 1


def test_a_lost_answer_is_asked_for_again_and_nothing_is_there_twice(rig: Rig[WebhookService]) -> None:
    rig.prepare(part())
    rig.meets(Fault.CUT_AFTER)
    assert isinstance(error_of(lambda: rig.publish(part())), OutcomeUnknown)
    rig.start()

    assert rig.find(part()) == Absent(honours_key=True)
    again = rig.publish(part())

    assert again.remote_id == f"000001/{part().part}"
    assert rig.texts() == [TEXT]


def test_an_id_is_forgotten_some_day(rig: Rig[WebhookService]) -> None:
    rig.send(part())
    rig.clock.advance(KEPT)
    rig.publish(part())

    assert rig.texts() == [TEXT, TEXT]


def test_a_post_is_changed_and_taken_down(rig: Rig[WebhookService]) -> None:
    live = rig.send(part())
    rig.platform.edit(live.remote_id, part(text="Mended", link=""))
    assert rig.texts() == ["Mended"]

    rig.clock.advance(timedelta(seconds=1))
    rig.platform.delete(live.remote_id)
    assert rig.texts() == []

    rig.clock.advance(timedelta(seconds=1))
    assert "no such post" in str(error_of(lambda: rig.platform.delete(live.remote_id)))


def test_a_check_is_a_ping(rig: Rig[WebhookService]) -> None:
    assert rig.platform.check().id == "press.example/events"
    assert rig.service.pings == 1
    assert rig.texts() == []


def test_another_secret_is_refused_and_the_old_one_taken(start: Start, clock: VirtualClock) -> None:
    rig = start()
    before = rig.service.token
    rig.service.token = WebhookService(rig.net, "other.example").token
    error = error_of(rig.platform.check)
    assert isinstance(error, NotSent)
    assert error.token_dead

    rig.settings = {"secret": Secret(rig.service.token), "old_secret": Secret(before)}
    rig.service.token = before
    rig.start()
    rig.platform.check()


PING = {"type": "ping", "timestamp": "2026-03-02T08:00:00.000Z", "data": {}}


def test_what_is_right_is_taken(rig: Rig[WebhookService]) -> None:
    assert told(rig, PING, late=299).status == 204


@pytest.mark.parametrize(
    ("event", "changed", "status"),
    [
        (PING, {"late": 301}, 401),
        (PING, {"late": -301}, 401),
        (PING, {"id": "with.dot"}, 401),
        (PING, {"id": ""}, 401),
        (PING, {"webhook-timestamp": "now"}, 401),
        (PING, {"webhook-signature": ""}, 401),
        (PING, {"webhook-signature": "v1,bm90IHRoaXMgb25l v2,bm9yIHRoaXM="}, 401),
        (PING, {"content-type": "text/plain"}, 415),
        ({**PING, "text": "x" * 20_000}, {}, 413),
        (b"no JSON", {}, 400),
        ({**PING, "more": 1}, {}, 400),
        ({**PING, "type": "post.liked"}, {}, 422),
        ({**PING, "data": {"id": "x"}}, {}, 422),
        ({**PING, "type": "post.deleted", "data": {"id": "x"}}, {}, 422),
        ({**PING, "type": "post.published", "data": {"id": "x"}}, {}, 422),
    ],
)
def test_what_is_wrong_is_refused(rig: Rig[WebhookService], event: Any, changed: dict[str, Any], status: int) -> None:
    assert told(rig, event, **changed).status == status
    assert rig.service.items == []


def test_a_picture_is_described_as_documented(rig: Rig[WebhookService], tmp_path: Path) -> None:
    rig.prepare(part(images=(image(tmp_path),)))
    event = json.loads(rig.kept[part().part]["body"])
    del event["data"]["images"][0]["alt"]

    assert told(rig, event).status == 422
