"""A LinkedIn that answers as a test tells it to, and the parts that are sent there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from campaign.config import Secret
from campaign.log import hide, scrub
from campaign.platforms.base import Outgoing, Published
from campaign.platforms.grants import Grant
from campaign.platforms.http import Http
from campaign.platforms.linkedin import LinkedIn
from campaign.platforms.linkedin.settings import LinkedInSettings
from campaign.rehearsal.clock import VirtualClock
from tests.conftest import MONDAY
from tests.platforms.mastodon.scripted import Kept, Scripted, Tokens

TOKEN = "canary-AQV-token"
SECRET = "canary-client-secret"
PAGE = "urn:li:organization:5515715"
PAGE_QUOTED = "urn%3Ali%3Aorganization%3A5515715"
SHARE = "urn:li:share:6844785523593134080"
SHARE_QUOTED = "urn%3Ali%3Ashare%3A6844785523593134080"
POSTED = {"x_restli_id": SHARE}
POST = "0a1b2c3d-1111-4111-8111-111111111111"
PART = "5e6f7a8b-2222-4222-8222-222222222222"
LINK = "https://example.org/r_1?utm_content=0a1b2c3d"
TEXT = f"Our report is out (PDF)\n{LINK} #ClimateData"
COMMENTARY = "Our report is out \\(PDF\\)\nhttps://example.org/r\\_1?utm\\_content=0a1b2c3d {hashtag|\\#|ClimateData}"


OURS = {"authorization": f"Bearer {TOKEN}", "linkedin-version": "202609", "x-restli-protocol-version": "2.0.0"}


def adapter(server: Scripted, clock: VirtualClock, tokens: Tokens | None = None, **settings: Any) -> LinkedIn:
    """Return the adapter of a channel; with `tokens` it has none in its config."""
    url = server.server.url
    given = {"base_url": url, "auth_url": f"{url}/oauth/v2", "organization": "5515715"}
    own = {"token": Secret(TOKEN)} if tokens is None else {}
    hide([TOKEN, SECRET], passing=True)
    http = Http(url, clock, call_deadline=timedelta(seconds=10), scrub=scrub)
    return LinkedIn(LinkedInSettings.model_validate({**given, **own, **settings}), http, clock, tokens or Tokens())


def item(**values: Any) -> Outgoing:
    """Return a part as it is to be sent."""
    given = {"post": POST, "part": PART, "n": 1, "role": "post", "text": TEXT, "language": "en", "link": LINK}
    return Outgoing(**(given | values))


def comment(text: str = f"All of it: {LINK}", **values: Any) -> Outgoing:
    """Return a first comment as it is to be sent."""
    return item(n=2, role="comment", text=text, root=SHARE, reply_to=SHARE, **values)


def send(linkedin: LinkedIn, sent: Outgoing, kept: Kept | None = None) -> Published:
    """Take a part through both steps."""
    checkpoint = (kept or Kept()).open()
    linkedin.prepare(sent, checkpoint)
    return linkedin.publish(sent, checkpoint, idempotency_key=sent.part)


def post(urn: str = SHARE, commentary: str = COMMENTARY, *, at: datetime = MONDAY, **values: Any) -> dict[str, Any]:
    """Return a post as LinkedIn shows it."""
    made = int(at.timestamp() * 1000)
    known = {"id": urn, "author": PAGE, "commentary": commentary, "createdAt": made, "lifecycleState": "PUBLISHED"}
    return known | {"content": {}} | values


def uploading(server: Scripted, *names: str) -> None:
    """Let pictures be taken, each under its name."""
    places = [
        {"value": {"uploadUrl": f"{server.server.url}/dms-uploads/{name}", "image": f"urn:li:image:{name}"}}
        for name in names
    ]
    server.says("POST /images", *places)
    for name in names:
        server.says(f"PUT /dms-uploads/{name}", b"", status=201)
        server.says(f"GET /images/urn%3Ali%3Aimage%3A{name}", {"status": "AVAILABLE"})


def granted(server: Scripted, **changes: Any) -> Tokens:
    """Return stored tokens that a login has brought."""
    given: dict[str, Any] = {
        "token": TOKEN,
        "refresh": "canary-refresh",
        "expires_at": MONDAY + timedelta(days=60),
        "refresh_expires_at": MONDAY + timedelta(days=365),
        "account": PAGE,
        "server": server.server.url,
    }
    return Tokens(Grant(**(given | changes)).stored())


def app() -> dict[str, Any]:
    """Return the keys that name the app."""
    return {"client_id": "our-app", "client_secret": Secret(SECRET)}


@dataclass
class Person:
    """Somebody who agrees in a browser, and pastes the address on which it ends."""

    answer: str = "code=AQT-code&state={state}"
    opened: list[str] = field(default_factory=list)

    def ask(self, question: str, *, hidden: bool = False) -> str:
        raise AssertionError(question)

    def tell(self, text: str) -> None:
        raise AssertionError(text)

    def consent(self, address: str, redirect_uri: str) -> str:
        self.opened.append(address)
        [state] = parse_qs(urlsplit(address).query)["state"]
        return f"{redirect_uri}?{self.answer.format(state=state)}"
