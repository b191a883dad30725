"""An X that speaks as much of its API as a test tells it to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from campaign.config import Secret
from campaign.log import hide, scrub
from campaign.platforms.base import Outgoing, Published
from campaign.platforms.grants import Grant
from campaign.platforms.http import Http
from campaign.platforms.x import X
from campaign.platforms.x.settings import XSettings
from campaign.rehearsal.clock import VirtualClock
from tests.conftest import MONDAY
from tests.platforms.mastodon.scripted import PART, POST, Kept, Scripted, Tokens

TOKEN, REFRESH = "canary-XYZ-token", "canary-XYZ-refresh"
OWN = "2244994945"
LIVE = "2028400000000000000"  # of the summer of 2026, as its first bits say
LINK = "https://example.org/modules?utm_source=x&utm_content=0a1b2c3d"
TEXT = f"Battery skills modules, open to every region.\n\nBarátům škol & firem <3 🔋\n{LINK} #MoraviaSilesia"
ME = {"data": {"id": OWN, "name": "ASA", "username": "asa"}}
INVALID = {
    "title": "Invalid Request",
    "detail": "One or more parameters to your request was invalid.",
    "type": "https://api.twitter.com/2/problems/invalid-request",
}
KEYS = {
    "consumer_key": Secret("canary-consumer"),
    "consumer_secret": Secret("canary-consumer-secret&"),
    "access_token": Secret("canary-access"),
    "access_token_secret": Secret("canary-access-secret"),
}


@dataclass
class Person:
    """Somebody who agrees in a browser, and comes back with an address."""

    answer: str = "code=the-code&state={state}"
    asked: str = ""
    told: list[str] = field(default_factory=list)

    def ask(self, question: str, *, hidden: bool = False) -> str:
        raise AssertionError(question)

    def tell(self, text: str) -> None:
        self.told.append(text)

    def consent(self, address: str, redirect_uri: str) -> str:
        self.asked = address
        state = address.partition("&state=")[2].partition("&")[0]
        return f"{redirect_uri}?{self.answer.format(state=state)}"


def granted(server: Scripted, at: datetime = MONDAY, **values: Any) -> Tokens:
    """Return the tokens of a channel that is logged in at a server."""
    ends = values.pop("expires_at", at + timedelta(hours=2))
    hide([TOKEN, REFRESH], passing=True)
    return Tokens(Grant(TOKEN, REFRESH, ends, account=OWN, server=server.server.url, **values).stored())


def adapter(server: Scripted, clock: VirtualClock, tokens: Tokens | None = None, **settings: Any) -> X:
    """Return the adapter of a channel, logged in unless told otherwise."""
    url = server.server.url
    given = {"base_url": url, "client_id": "our-app", **settings}
    http = Http(url, clock, call_deadline=timedelta(seconds=10), scrub=scrub)
    return X(XSettings.model_validate(given), http, clock, granted(server) if tokens is None else tokens)


def item(**values: Any) -> Outgoing:
    """Return a part as it is to be sent."""
    given = {"post": POST, "part": PART, "n": 1, "role": "post", "text": TEXT, "language": "cs", "link": LINK}
    return Outgoing(**(given | values))


def made(remote_id: str = LIVE) -> dict[str, Any]:
    """Return the answer to a new post."""
    return {"data": {"id": remote_id, "text": "as X shows it", "edit_history_tweet_ids": [remote_id]}}


def shown(
    remote_id: str = LIVE, text: str = "", links: tuple[str, ...] = (), parent: str = "", **more: Any
) -> dict[str, Any]:
    """Return a post as a timeline has it: `{0}` and so on in its text stand for its links."""
    urls = [{"url": f"https://t.co/link{n:06d}", "expanded_url": link} for n, link in enumerate(links)]
    answered = {"referenced_tweets": [{"type": "replied_to", "id": parent}]} if parent else {}
    text = text.format(*(each["url"] for each in urls))
    return {"id": remote_id, "text": text, "entities": {"urls": urls}, **answered, **more}


def page(*posts: dict[str, Any], **meta: Any) -> dict[str, Any]:
    """Return a page of a timeline."""
    return ({"data": list(posts)} if posts else {}) | {"meta": {"result_count": len(posts), **meta}}


def problem(status: int, detail: str, title: str = "Forbidden", kind: str = "about:blank") -> dict[str, Any]:
    return {"title": title, "detail": detail, "type": kind, "status": status}


def send(x: X, sent: Outgoing, kept: Kept | None = None) -> Published:
    """Take a part through both steps."""
    checkpoint = (kept or Kept()).open()
    x.prepare(sent, checkpoint)
    return x.publish(sent, checkpoint, idempotency_key=sent.part)
