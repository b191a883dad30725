"""A receiver of signed events (https://github.com/standard-webhooks/standard-webhooks), as our own page has it."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from campaign.rehearsal.services.base import Item, Refused, Service
from campaign.rehearsal.transport import Call, Net, Reply

TOLERANCE = timedelta(minutes=5)  # the scheme's page, "Verifying webhook authenticity"
KEPT = timedelta(days=7)  # docs/platforms/webhook.md: how long an id is remembered
LARGEST = 20_000  # bytes: the same page, "Payload structure"
POST = {"id", "text", "title", "link", "language", "region", "kind", "slug", "hashtags", "images"}
IMAGE = {"url", "media_type", "bytes", "width", "height", "sha256", "alt"}
DATA = {"post.published": POST, "post.updated": POST, "post.deleted": {"id"}, "ping": set[str]()}


class WebhookService(Service):
    """One receiver. `tells`: whether it answers with its own id and address, as it may."""

    name: ClassVar[str] = "webhook"

    def __init__(self, net: Net, host: str, *, token: str = "", seed: int = 0, tells: bool = True) -> None:
        super().__init__(
            net, host, token=token if token.startswith("whsec_") else secret_from(token or host), seed=seed
        )
        self.tells = tells
        self.pings = 0
        self._seen: dict[str, tuple[datetime, Reply, bytes]] = {}

    def routes(self) -> list[tuple[str, str, Callable[..., Reply]]]:
        return [("POST", "/events", self._received)]

    def refuse(self, call: Call) -> Reply:
        return Reply(401, {"error": "the signature is not accepted"})

    def settings(self) -> Mapping[str, Any]:
        return {"base_url": f"https://{self.host}/events", "secret": self.token}

    def is_visible(self, call: Call) -> bool:
        event = call.json()
        return isinstance(event, dict) and event.get("type") == "post.published"

    def _received(self, call: Call) -> Reply:
        if not self._is_genuine(call):
            return self.refuse(call)
        id, now = call.headers["webhook-id"], self.clock.now()
        self._seen = {known: kept for known, kept in self._seen.items() if now - kept[0] < KEPT}
        if id not in self._seen:
            try:
                self._seen[id] = now, self._act(call), call.body
            except Refused as no:
                return no.reply
        _, reply, body = self._seen[id]
        return reply if body == call.body else Reply(422, {"error": "this id is that of another event"})

    def _is_genuine(self, call: Call) -> bool:
        """Verify the raw bytes, in the order of the scheme's page."""
        id, moment = call.headers.get("webhook-id", ""), call.headers.get("webhook-timestamp", "")
        if not id or "." in id or not moment.isdigit():
            return False
        if abs(self.clock.now() - datetime.fromtimestamp(int(moment), UTC)) > TOLERANCE:
            return False
        key = base64.b64decode(self.token.removeprefix("whsec_"))
        wanted = base64.b64encode(hmac.digest(key, f"{id}.{moment}.".encode() + call.body, hashlib.sha256)).decode()
        given = call.headers.get("webhook-signature", "").split(" ")
        return any(hmac.compare_digest(each, f"v1,{wanted}") for each in given)

    def _act(self, call: Call) -> Reply:
        if call.headers.get("content-type") != "application/json":
            raise Refused(415, {"error": "an event is JSON"})
        if len(call.body) > LARGEST:
            raise Refused(413, {"error": f"an event has at most {LARGEST} bytes"})
        kind, data = _read(call.json())
        match kind:
            case "ping":
                self.pings += 1
                return Reply(204)
            case "post.published":
                return self._told(self.show(self._item(data)))
            case "post.updated":
                item = self._known(data["id"])
                item.text, item.link = data["text"], data["link"] or ""
                item.alts = tuple(each["alt"] for each in data["images"])
                return self._told(item)
            case _:
                self.take_down(self._known(data["id"]).id)
                return Reply(204)

    def _item(self, data: Mapping[str, Any]) -> Item:
        alts = tuple(each["alt"] for each in data["images"])
        item = Item(
            data["id"], data["text"], self.clock.now(), link=data["link"] or "", language=data["language"], alts=alts
        )
        item.extra["number"] = self.new_id()
        return item

    def _known(self, id: str) -> Item:
        item = self.find(id)
        if item is None:
            raise Refused(422, {"error": "there is no such post here"})
        return item

    def _told(self, item: Item) -> Reply:
        number = item.extra["number"]
        return Reply(200, {"id": number, "url": f"https://{self.host}/posts/{number}"}) if self.tells else Reply(202)


def _read(event: Any) -> tuple[str, Mapping[str, Any]]:
    """Return type and data of an event.

    Raises:
        Refused: it is none, or says more or less than the documentation tells.
    """
    if not isinstance(event, dict) or set(event) != {"type", "timestamp", "data"}:
        raise Refused(400, {"error": "an event has type, timestamp and data"})
    kind, data = event["type"], event["data"]
    if kind not in DATA or not isinstance(data, dict) or set(data) != DATA[kind]:
        raise Refused(422, {"error": f"the data of {kind} are not those that are documented"})
    if any(set(image) != IMAGE for image in data.get("images", ())):
        raise Refused(422, {"error": "a picture is not described as documented"})
    return kind, data


def secret_from(token: str) -> str:
    """Return the secret that goes with any text."""
    return "whsec_" + base64.b64encode(hashlib.sha256(token.encode()).digest()).decode()
