"""Events to a receiver of the team's own. What receivers are told about them stands in docs/platforms/webhook.md.

The body of an event is frozen before it is first sent, and its id is the same whenever it is sent again, so a receiver
that remembers ids never acts twice. That is why nothing need be looked up: what may have been lost is sent again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit

from campaign.clock import Clock
from campaign.errors import NotSent, PlatformError, Rejected, Unsupported
from campaign.platforms.base import (
    COUNTS,
    Absent,
    Account,
    CannotTell,
    Checkpoint,
    Found,
    Image,
    Limits,
    Metrics,
    Outgoing,
    Platform,
    PlatformSettings,
    PublicMedia,
    Published,
    TokenStore,
)
from campaign.platforms.http import Answer, Http
from campaign.platforms.webhook.event import body_of, data_of, headers_of
from campaign.platforms.webhook.refusals import of_event
from campaign.platforms.webhook.settings import WebhookSettings

_PART = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_THEIR_ID = re.compile(r"[\w.:-]{1,100}", re.ASCII)
_THEIR_ADDRESS = re.compile(r"https://[^\s<>\"]{1,490}")


class Webhook(Platform):
    """Signed events to one address."""

    name = "webhook"
    limits = Limits(  # our own choice: so a whole event stays below the 20 kB that Standard Webhooks advises
        text=3000,
        text_bytes=9000,
        alt_text=600,
        images=4,
        image_bytes=2_000_000,
        image_types=("image/jpeg", "image/png"),
        formats=("landscape", "square"),
    )
    replay_window = timedelta(hours=2)  # receivers remember ids for a week; after hours a person had better look
    settle: ClassVar[timedelta | None] = None  # a receiver cannot be asked, so absence is never proven
    Settings = WebhookSettings
    settings: WebhookSettings

    def __init__(self, settings: PlatformSettings, http: Http, clock: Clock, tokens: TokenStore) -> None:
        super().__init__(settings, http, clock, tokens)
        http.public_only = not self.settings.allow_private

    def classify(self, answer: Answer) -> PlatformError | None:
        """Return what a refusal of an event means."""
        return of_event(answer, self.clock.now())

    def check(self) -> Account:
        """Send a ping, which the receiver verifies like any other event.

        Raises:
            PlatformError: it does not accept it.
        """
        self._tell("ping", f"ping_{self._milliseconds()}", {})
        address = urlsplit(self.settings.base_url)
        host = address.netloc.rpartition("@")[2]  # a login before it is nobody's to see
        return Account(id=f"{host}{address.path}", name=host, limits=self.limits)

    def prepare(self, item: Outgoing, checkpoint: Checkpoint) -> None:
        """Freeze the event: as long as it says the same, it is the same to the byte whenever it is sent."""
        data = self._data(item)
        if "body" not in checkpoint or json.loads(checkpoint["body"])["data"] != data:
            checkpoint.put("body", body_of("post.published", self.clock.now(), data))

    def publish(self, item: Outgoing, checkpoint: Checkpoint, *, idempotency_key: str) -> Published:
        """Send the event: the one visible call. Any 2xx is a yes, unless it bears a page: that comes from elsewhere."""
        if "body" not in checkpoint:
            raise NotSent("what was prepared is gone")
        answer = self._send(idempotency_key, checkpoint["body"], visible=True)
        their_id, address = receipt(answer)
        return Published(f"{their_id}/{item.part}" if their_id else item.part, permalink=address)

    def find(self, item: Outgoing, checkpoint: Checkpoint, since: datetime) -> Found | Absent | CannotTell:
        """Ask for the same event to be sent again, as long as it is the same: no receiver can be asked what it has."""
        if "body" not in checkpoint:
            return CannotTell("a receiver cannot be asked what it has, and what was sent to it is not known any more")
        return Absent(honours_key=True)

    def id_at(self, address: str, item: Outgoing) -> str:
        """Return the id of the event: by it the receiver knows the post, wherever it shows it."""
        return item.part

    def metrics(self, remote_ids: Sequence[str]) -> dict[str, Metrics]:
        """Say why there is nothing to count."""
        cause = "a receiver of events tells no numbers"
        return {remote_id: Metrics(missing=dict.fromkeys(COUNTS, cause)) for remote_id in remote_ids}

    def followers(self) -> int | None:
        """Return None: nobody follows an address."""
        return None

    def edit(self, remote_id: str, item: Outgoing) -> None:
        """Tell the receiver what the post says now."""
        part = part_of(remote_id)
        self._tell("post.updated", f"{part}_{self._milliseconds()}", {**self._data(item), "id": part})

    def delete(self, remote_id: str) -> None:
        """Tell the receiver to take the post down."""
        part = part_of(remote_id)
        self._tell("post.deleted", f"{part}_{self._milliseconds()}", {"id": part})

    def _data(self, item: Outgoing) -> dict[str, Any]:
        shown = ((image.sha256, self._address(image)) for image in item.images)
        return data_of(item, {sha256: address for sha256, address in shown if address})

    def _address(self, image: Image) -> str:
        """Return where a receiver finds a picture; empty where the config names no public place, so it is described."""
        public: PublicMedia | None = getattr(self, "public", None)  # whoever builds an adapter without it has no place
        try:
            return public.show(image) if public else ""
        except Rejected:
            return ""

    def _tell(self, kind: str, id: str, data: Mapping[str, Any]) -> None:
        self._send(id, body_of(kind, self.clock.now(), data))

    def _send(self, id: str, body: str, *, visible: bool = False) -> Answer:
        secrets = [secret.reveal() for secret in (self.settings.secret, self.settings.old_secret) if secret is not None]
        data = body.encode()
        headers = headers_of(id, self.clock.now(), data, secrets)
        answer = self.http.post(self.settings.base_url, data=data, headers=headers, visible=visible)
        if is_page(answer.body):
            answer.unreadable("a page came in place of the receiver's answer")
        return answer

    def _milliseconds(self) -> int:
        return int(self.clock.now().timestamp() * 1000)


def part_of(remote_id: str) -> str:
    """Return the id under which the receiver was told of a post.

    Raises:
        Unsupported: it was not told by us: a person gave an address.
    """
    part = "" if "://" in remote_id else remote_id.rpartition("/")[2]  # an address may end with an id of their own
    if not _PART.fullmatch(part):
        raise Unsupported(f"which event {remote_id} came from is not known, so the receiver cannot be told about it")
    return part


def is_page(body: bytes) -> bool:
    """Whether this is what a network in between shows to whoever comes along, and no word of a receiver."""
    try:
        return body.decode("utf-8-sig").lstrip().startswith("<")
    except UnicodeDecodeError:
        return True


def receipt(answer: Answer) -> tuple[str, str]:
    """Return the receiver's own id of a post, and its address; each empty unless it is well-formed."""
    try:
        told = json.loads(answer.body)
    except (ValueError, RecursionError):
        told = None
    said = told if isinstance(told, dict) else {}
    return _if_well_formed(said.get("id"), _THEIR_ID), _if_well_formed(said.get("url"), _THEIR_ADDRESS)


def _if_well_formed(value: object, form: re.Pattern[str]) -> str:
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if form.fullmatch(text) else ""
