"""mastodon_mock, a server with the API of Mastodon, run by the Python of a virtual environment of its own.

`make realservers` makes it: the package registers a pytest plugin, which has no place among our tests.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from tests.realservers.servers import HERE, ask, running, told

PYTHON = HERE / ".venv/bin/python"


def mastodon_is_installed() -> bool:
    """Whether there is a mastodon_mock to start."""
    return any(HERE.glob(".venv/lib/*/site-packages/mastodon_mock"))


@dataclass(frozen=True)
class Mastodon:
    """A running mastodon_mock. Accounts are cheap: a test makes its own."""

    url: str
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1), repr=False)

    def create_account(self, name: str = "") -> Account:
        """Make an account, under a new name when none is given."""
        name = name or f"account{next(self._numbers)}"
        form = {"username": name, "email": f"{name}@example.org", "password": "unused", "agreement": "true"}
        token = told(ask("POST", f"{self.url}/api/v1/accounts", data=form))["access_token"]
        me = told(self.get("/api/v1/accounts/verify_credentials", token))
        return Account(self, me["id"], name, token)

    def get(self, path: str, token: str = "", **params: Any) -> requests.Response:
        """Ask for something."""
        return ask("GET", f"{self.url}{path}", token, params=params)

    def post(self, path: str, body: Any = None, token: str = "", **options: Any) -> requests.Response:
        """Call with a JSON body, or with none."""
        return ask("POST", f"{self.url}{path}", token, json=body, **options)

    def media(self, status: dict[str, Any]) -> list[bytes]:
        """Return the bytes of a status's pictures, in their order."""
        return [ask("GET", attached["url"]).content for attached in status["media_attachments"]]

    @contextmanager
    def fault(self, method: str, path: str, *, count: int | None = None, **effect: Any) -> Iterator[None]:
        """Have calls meet a fault of the server's own: `type="ratelimit"`, `type="status", status=503`, …"""
        rule = {"match": {"methods": [method], "path": path}, "effect": effect, "count": count}
        made = told(self.post("/api/v1/_mock/faults", rule))
        try:
            yield
        finally:
            ask("DELETE", f"{self.url}/api/v1/_mock/faults/{made['id']}")

    def reset(self) -> None:
        """Forget every account, status and fault."""
        told(self.post("/api/v1/_mock/reset"))


@dataclass(frozen=True)
class Account:
    """An account with its token."""

    mastodon: Mastodon
    id: str
    name: str
    token: str

    def get(self, path: str, **params: Any) -> Any:
        """Ask as this account, which must succeed."""
        return told(self.mastodon.get(path, self.token, **params))

    def post(self, path: str, body: Any = None) -> Any:
        """Call as this account, which must succeed."""
        return told(self.mastodon.post(path, body, self.token))

    def statuses(self) -> list[dict[str, Any]]:
        """Return the account's own statuses with their plain `text`, the oldest first."""
        found = self.get(f"/api/v1/accounts/{self.id}/statuses", limit=40)
        return [status | {"text": self._text(status)} for status in reversed(found)]

    def favourite(self, status: dict[str, Any]) -> None:
        """Like a status."""
        self.post(f"/api/v1/statuses/{status['id']}/favourite")

    def reblog(self, status: dict[str, Any]) -> None:
        """Share a status."""
        self.post(f"/api/v1/statuses/{status['id']}/reblog")

    def reply(self, status: dict[str, Any], text: str) -> None:
        """Answer a status."""
        self.post("/api/v1/statuses", {"status": text, "in_reply_to_id": status["id"]})

    def _text(self, status: dict[str, Any]) -> str:
        return str(self.get(f"/api/v1/statuses/{status['id']}/source")["text"])


@contextmanager
def running_mastodon(folder: Path) -> Iterator[Mastodon]:
    """Run mastodon_mock, with its data in a folder that exists."""
    with running([str(PYTHON), str(HERE / "start_mastodon.py"), str(folder)], folder / "log") as said:
        yield Mastodon(said["url"])
