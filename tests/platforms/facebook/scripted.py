"""A Facebook that answers as a test tells it to, and a channel of one page there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from campaign.config import Secret
from campaign.log import hide, scrub
from campaign.platforms.base import Image, Outgoing
from campaign.platforms.facebook import Facebook
from campaign.platforms.facebook.settings import FacebookSettings
from campaign.platforms.grants import Grant
from campaign.platforms.http import Http
from campaign.rehearsal.clock import VirtualClock
from tests.conftest import MONDAY
from tests.platforms.mastodon.scripted import Kept, Said, Scripted, Tokens, error_of, send

__all__ = ["Kept", "Said", "Scripted", "Tokens", "error_of", "send"]

MakeImage = Callable[..., Image]

PAGE, POST_ID, COMMENT_ID = "1040001", "1040001_555", "555_777"
V = "/v26.0"
FEED, PHOTOS, LIST = f"POST {V}/{PAGE}/feed", f"POST {V}/{PAGE}/photos", f"GET {V}/{PAGE}/published_posts"
ONE, COMMENTS = f"{V}/{POST_ID}", f"{V}/{POST_ID}/comments"
TOKEN, APP_SECRET = "canary-page-token", "canary-app-secret"
POST = "0a1b2c3d-1111-4111-8111-111111111111"
PART = "5e6f7a8b-2222-4222-8222-222222222222"
LINK = "https://example.org/modules?utm_source=facebook&utm_content=0a1b2c3d"
TEXT = f"Battery skills modules, open to every region.\n\nBarátům škol & firem 🔋\n{LINK} #MoraviaSilesia"
PERMALINK = "https://www.facebook.com/1040001/posts/pfbid0x"
HTML_ERROR = b"<!doctype html><html><head><title>502</title></head><body><h1>Sorry</h1></body></html>"


def error(code: Any, subcode: int = 0, message: str = "Odd", **more: Any) -> dict[str, Any]:
    """Return an error's body as Facebook writes it."""
    numbers = {"code": code, **({"error_subcode": subcode} if subcode else {})}
    return {"error": {"message": message, "type": "OAuthException", **numbers, "fbtrace_id": "EJplcsCHuLu", **more}}


GONE = Said(error(100, 33, "Unsupported get request. Object with ID '1040001_555' does not exist"), 400)


@dataclass
class Person:
    """Somebody who agrees in the browser, and types what the test says."""

    types: list[str] = field(default_factory=list)
    agrees: bool = True
    told: list[str] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)

    def ask(self, question: str, *, hidden: bool = False) -> str:
        return self.types.pop(0)

    def tell(self, text: str) -> None:
        self.told.append(text)

    def consent(self, address: str, redirect_uri: str) -> str:
        self.opened.append(address)
        state = parse_qs(urlsplit(address).query)["state"][0]
        said = "code=canary-code" if self.agrees else "error=access_denied&error_description=Permissions+error"
        return f"{redirect_uri}?{said}&state={state}"


def logged_in(url: str, **changes: Any) -> Tokens:
    """Return what a login for the page has stored."""
    return Tokens(Grant(**{"token": TOKEN, "account": PAGE, "server": url, **changes}).stored())


def adapter(server: Scripted, clock: VirtualClock, tokens: Tokens | None = None, **settings: Any) -> Facebook:
    """Return the adapter of a channel that is logged in."""
    url = server.server.url
    given = FacebookSettings.model_validate({"base_url": url, **settings})
    hide([TOKEN, APP_SECRET], passing=True)
    http = Http(url, clock, call_deadline=timedelta(seconds=10), scrub=scrub)
    return Facebook(given, http, clock, logged_in(url) if tokens is None else tokens)


def with_secret(**more: Any) -> dict[str, Any]:
    """Return the settings of a channel whose app proves its calls."""
    return {"client_id": "77", "client_secret": Secret(APP_SECRET), **more}


def item(**values: Any) -> Outgoing:
    """Return a part as it is to be sent."""
    given = {"post": POST, "part": PART, "n": 1, "role": "post", "text": TEXT, "language": "cs", "link": LINK}
    return Outgoing(**(given | values))


def comment(**values: Any) -> Outgoing:
    """Return the first comment under the post."""
    given = {"n": 2, "role": "comment", "text": f"Read on: {LINK}", "root": POST_ID, "reply_to": POST_ID}
    return item(**(given | values))


def node(remote_id: str = POST_ID, message: str = TEXT, *, at: datetime = MONDAY, **more: Any) -> dict[str, Any]:
    """Return a post or comment as Facebook lists it."""
    made = f"{at:%Y-%m-%dT%H:%M:%S}+0000"
    return {"id": remote_id, "message": message, "created_time": made, "permalink_url": PERMALINK, **more}


def showing(*photos: str) -> dict[str, Any]:
    """Return the attachments of a post with pictures: several are an album."""
    each = [{"media_type": "photo", "target": {"id": photo}} for photo in photos]
    album = {"media_type": "album", "target": {"id": "9"}, "subattachments": {"data": each}}
    return {"attachments": {"data": each if len(each) == 1 else [album]}}


def listed(*nodes: dict[str, Any], after: str = "") -> dict[str, Any]:
    """Return a page of a list; with `after` there is another one."""
    if not nodes:
        return {"data": []}
    more = {"next": "https://graph.facebook.com/next"} if after else {}
    return {"data": list(nodes), "paging": {"cursors": {"before": "a", "after": after or "z"}, **more}}


def names_in(fields: str) -> set[str]:
    """Return the names of the fields at the top of a `fields` parameter."""
    while "{" in fields:
        fields = re.sub(r"\{[^{}]*\}", "", fields)
    return {field.split(".")[0] for field in fields.split(",")}
