"""Accounts of ours on real servers, each behind a proxy of its own: what a channel needs of them, what they hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Protocol
from urllib.parse import urlsplit

import pytest
import requests

from campaign.platforms.bluesky.session import Session
from tests.realservers import mastodon as mastodons
from tests.realservers import pds as pdses
from tests.realservers.proxy import Proxy
from tests.realservers.servers import ask, told

PASSWORD = "CAMPAIGN_TEST_SECRET"  # the variable of the environment that holds the channel's credential
Match = tuple[str, str]


@dataclass(frozen=True)
class Seen:
    """One visible item, as its server shows it."""

    id: str
    text: str  # as it was typed: with whole links
    pictures: tuple[tuple[bytes, str], ...]  # bytes and alt text
    answers: str  # the id of the item before it in its thread


class Account(Protocol):
    """An account of ours on a server, behind a proxy."""

    visible: ClassVar[Match]  # the one call that readers see the result of
    upload: ClassVar[Match]
    credential: ClassVar[str]  # the key of the config that may hold it
    look: ClassVar[Match]  # by which the platform is asked what became of a post
    proxy: Proxy

    def channel(self) -> dict[str, str]:
        """Return the keys of a channel of this account, but for its credential."""
        ...

    def secret(self) -> str:
        """Return a new credential."""
        ...

    def revoke(self, secret: str) -> None:
        """Take a credential back, as a person does on the server's own page."""
        ...

    def tokens(self) -> dict[str, str]:
        """Return what an earlier use of the channel has stored."""
        ...

    def live(self) -> list[Seen]:
        """Return what the server holds of this account, the oldest first."""
        ...


@dataclass(frozen=True)
class OnBluesky:
    """An account on the PDS."""

    visible = ("POST", "/xrpc/com.atproto.repo.putRecord")
    credential = "app_password"
    upload = ("POST", "/xrpc/com.atproto.repo.uploadBlob")
    look = ("GET", "/xrpc/com.atproto.repo.getRecord")
    account: pdses.Account
    proxy: Proxy

    def channel(self) -> dict[str, str]:
        return {"platform": "bluesky", "base_url": self.proxy.url, "identifier": self.account.handle}

    def secret(self) -> str:
        return self.account.app_password()

    def revoke(self, secret: str) -> None:
        self.account.revoke_app_password()

    def tokens(self) -> dict[str, str]:
        return self.session(self.account.token, self.account.refresh_token)

    def session(self, access: str, refresh: str) -> dict[str, str]:
        """Return these tokens as the channel keeps them."""
        session = Session(self.account.did, self.account.handle, self.proxy.url, access, refresh)
        return {**asdict(session), "identifier": self.account.handle, "server": self.proxy.url}

    def live(self) -> list[Seen]:
        return [self._seen(record["uri"], record["value"]) for record in self.account.records()]

    def _seen(self, uri: str, record: dict[str, Any]) -> Seen:
        embed, reply = record.get("embed", {}), record.get("reply", {})
        pictures = [(self._blob(each["image"]), each["alt"]) for each in embed.get("images", ())]
        return Seen(uri, whole_links(record), tuple(pictures), reply.get("parent", {}).get("uri", ""))

    def _blob(self, image: dict[str, dict[str, str]]) -> bytes:
        return self.account.pds.blob(self.account.did, image["ref"]["$link"])


def whole_links(record: dict[str, Any]) -> str:
    """Return a record's text with the address in the place of each shortened link."""
    text = str(record["text"]).encode()
    for facet in reversed(record.get("facets", [])):
        if uri := facet["features"][0].get("uri"):
            text = text[: facet["index"]["byteStart"]] + uri.encode() + text[facet["index"]["byteEnd"] :]
    return text.decode()


@dataclass(frozen=True)
class OnMastodon:
    """An account on mastodon_mock, which honours the key of a repeated call."""

    visible = ("POST", "/api/v1/statuses")
    credential = "token"
    upload = ("POST", "/api/v2/media")
    look = ("GET", "/api/v1/accounts/*/statuses")
    account: mastodons.Account
    proxy: Proxy

    def channel(self) -> dict[str, str]:
        return {"platform": "mastodon", "base_url": self.proxy.url}

    def secret(self) -> str:
        return str(told(self._oauth("token", grant_type="authorization_code", code=self.code()))["access_token"])

    def code(self) -> str:
        """Return what the server shows to a person who lets a program in."""
        found = re.search(r"code: (\S+?)<", self._oauth("authorize", username=self.account.name).text)
        assert found
        return found[1]

    def revoke(self, secret: str) -> None:
        assert self._oauth("revoke", token=secret).ok

    def _oauth(self, call: str, **form: str) -> requests.Response:
        return ask("POST", f"{self.account.mastodon.url}/oauth/{call}", data=form)

    def tokens(self) -> dict[str, str]:
        return {}

    def live(self) -> list[Seen]:
        return [self._seen(status) for status in self.account.statuses()]

    def _seen(self, status: dict[str, Any]) -> Seen:
        pictures = tuple((self._bytes(each), each["description"]) for each in status["media_attachments"])
        return Seen(str(status["id"]), str(status["text"]), pictures, str(status["in_reply_to_id"] or ""))

    def _bytes(self, attached: dict[str, Any]) -> bytes:
        path = urlsplit(attached["url"]).path  # the host is that of the proxy, by which it was uploaded
        return ask("GET", f"{self.account.mastodon.url}{path}").content


class Keyless(Proxy):
    """Makes of its upstream a server that does not know the key of a repeated call."""

    def _ask(self, request: bytes) -> bytes:
        head, _, body = request.partition(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"idempotency-key:")]
        return super()._ask(b"\r\n".join([*lines, b"", body]))


@dataclass(frozen=True)
class OnKeyless(OnMastodon):
    """An account on a server that makes a second status of a repeated call."""

    def channel(self) -> dict[str, str]:
        return {**super().channel(), "idempotency": "no"}


SERVERS = ("bluesky", "mastodon", "keyless")
HONOURING = ("bluesky", "mastodon")  # where a repeated call is harmless for ever


@contextmanager
def account_on(server: str, request: pytest.FixtureRequest) -> Iterator[Account]:
    """Make an account on one of `SERVERS`, and a proxy before it."""
    real = request.getfixturevalue("pds" if server == "bluesky" else "mastodon")
    account = real.create_account()
    with (Keyless if server == "keyless" else Proxy)(real.url) as proxy:
        kinds = {"bluesky": OnBluesky, "mastodon": OnMastodon, "keyless": OnKeyless}
        yield kinds[server](account, proxy)
