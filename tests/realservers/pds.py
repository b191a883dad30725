"""A real Bluesky PDS, with an AppView behind it where a PostgreSQL is given.

The packages are those of package.json; `make realservers` installs them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from tests.realservers.servers import HERE, ask, running, told

JWT_SECRET = "signs the tokens of this PDS"
PASSWORD = "a password for tests"
POST = "app.bsky.feed.post"
WHEN = "2026-03-02T08:00:00.000Z"  # records carry the time that their author states


def pds_is_installed() -> bool:
    """Whether there is a PDS to start."""
    return shutil.which("node") is not None and (HERE / "node_modules/@atproto/pds").is_dir()


@dataclass(frozen=True)
class Pds:
    """A running PDS. Accounts are cheap: a test makes its own."""

    url: str
    appview_url: str  # empty when there is none
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1), repr=False)

    def create_account(self, name: str = "") -> Account:
        """Make an account; its handle is the name, else a new one, and `.test`."""
        handle = f"{name or f'account-{next(self._numbers)}'}.test"
        about = {"handle": handle, "email": f"{handle}@example.org", "password": PASSWORD}
        made = told(self.post("com.atproto.server.createAccount", about))
        return Account(self, made["did"], handle, made["accessJwt"], made["refreshJwt"])

    def get(self, method: str, token: str = "", **params: Any) -> requests.Response:
        """Make a query, as `com.atproto.repo.getRecord`."""
        return ask("GET", f"{self.url}/xrpc/{method}", token, params=params)

    def post(self, method: str, body: Any = None, token: str = "", **options: Any) -> requests.Response:
        """Call a procedure with a JSON body, or with none."""
        return ask("POST", f"{self.url}/xrpc/{method}", token, json=body, **options)

    def session(self, handle: str, password: str = PASSWORD) -> Any:
        """Sign in, and return the session with its tokens."""
        return told(self.post("com.atproto.server.createSession", {"identifier": handle, "password": password}))

    def blob(self, did: str, cid: str) -> bytes:
        """Return the bytes of a blob."""
        answer = self.get("com.atproto.sync.getBlob", did=did, cid=cid)
        assert answer.ok, answer.text
        return answer.content

    def counts(self, uri: str) -> dict[str, int]:
        """Return what the AppView counts of a post (`likeCount`, …), nothing as long as it has not seen it."""
        posts = told(ask("GET", f"{self.appview_url}/xrpc/app.bsky.feed.getPosts", params={"uris": uri}))["posts"]
        return {name: posts[0][name] for name in posts[0] if name.endswith("Count")} if posts else {}


@dataclass(frozen=True)
class Account:
    """An account on the PDS, signed in with its own password."""

    pds: Pds
    did: str
    handle: str
    token: str
    refresh_token: str
    password: str = PASSWORD

    def get(self, method: str, **params: Any) -> Any:
        """Make a query as this account, which must succeed."""
        return told(self.pds.get(method, self.token, **params))

    def post(self, method: str, body: Any = None) -> Any:
        """Call a procedure as this account, which must succeed."""
        answer = self.pds.post(method, body, self.token)
        return told(answer) if answer.content or not answer.ok else None

    def app_password(self, name: str = "campaign") -> str:
        """Make an app password, as a person does for us in the settings."""
        return str(self.post("com.atproto.server.createAppPassword", {"name": name})["password"])

    def revoke_app_password(self, name: str = "campaign") -> None:
        """Take an app password back."""
        self.post("com.atproto.server.revokeAppPassword", {"name": name})

    def records(self, collection: str = POST) -> list[dict[str, Any]]:
        """Return uri, cid and value of each record of the repo, the first by record key first."""
        found = self.get(
            "com.atproto.repo.listRecords", repo=self.did, collection=collection, limit=100, reverse="true"
        )
        records: list[dict[str, Any]] = found["records"]
        return records

    def create(self, collection: str, **record: Any) -> dict[str, Any]:
        """Make a record and return its uri and cid."""
        value = {"$type": collection, "createdAt": WHEN, **record}
        made = self.post("com.atproto.repo.createRecord", {"repo": self.did, "collection": collection, "record": value})
        return {"uri": made["uri"], "cid": made["cid"]}

    def like(self, post: dict[str, Any]) -> None:
        """Like a post, named by uri and cid."""
        self.create("app.bsky.feed.like", subject=_reference(post))

    def repost(self, post: dict[str, Any]) -> None:
        """Repost a post, named by uri and cid."""
        self.create("app.bsky.feed.repost", subject=_reference(post))

    def reply(self, post: dict[str, Any], text: str) -> None:
        """Answer a post that begins a thread, named by uri and cid."""
        self.create(POST, text=text, reply={"root": _reference(post), "parent": _reference(post)})


def expired(token: str) -> str:
    """Return a token of the PDS, access or refresh, as it will be when its time is over."""
    head, claims, _ = token.split(".")
    stale = _encoded(json.dumps(json.loads(_decoded(claims)) | {"iat": 1, "exp": 2}).encode())
    return f"{head}.{stale}.{_encoded(hmac.digest(JWT_SECRET.encode(), f'{head}.{stale}'.encode(), hashlib.sha256))}"


def with_expired_tokens(*names: str) -> Callable[[bytes], bytes]:
    """Return a change of a session (for `faults.rewritten`): the tokens of these names are over already."""

    def change(session: bytes) -> bytes:
        tokens = json.loads(session)
        return json.dumps(tokens | {name: expired(tokens[name]) for name in names}).encode()

    return change


@contextmanager
def running_pds(folder: Path, *, rate_limits: bool = False, postgres_url: str = "") -> Iterator[Pds]:
    """Run a PDS, with its data in a folder that exists, and an AppView when it gets an empty PostgreSQL database."""
    command = ["node", str(HERE / "start.cjs"), "--data", str(folder), "--jwt-secret", JWT_SECRET]
    command += ["--rate-limits"] * rate_limits + ["--postgres", postgres_url] * bool(postgres_url)
    with running(command, folder / "log") as said:
        yield Pds(said["url"], said["appview"])


def _reference(post: dict[str, Any]) -> dict[str, Any]:
    return {"uri": post["uri"], "cid": post["cid"]}


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
