"""What the tests of Instagram and Threads begin with: a channel, pictures that are public, and how Meta says no."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from campaign.config import Secret
from campaign.log import hide, scrub
from campaign.platforms.base import Image
from campaign.platforms.containers import ContainerPlatform
from campaign.platforms.http import Http
from campaign.rehearsal.clock import VirtualClock
from tests.platforms.mastodon.scripted import TOKEN, Said, Scripted, Tokens

ACCOUNT = "17841405309211844"
CONTAINER = "17889455560051444"
MEDIA = "17920238422030506"
BEARER = f"Bearer {TOKEN}"

P = TypeVar("P", bound=ContainerPlatform)


@dataclass
class Shown:
    """A public place that shows whatever it is given."""

    shown: list[str] = field(default_factory=list)

    def show(self, image: Image) -> str:
        self.shown.append(image.path.name)
        return f"https://pictures.example.org/{image.path.name}"


def channel(kind: type[P], server: Scripted, clock: VirtualClock, tokens: Tokens | None = None, **settings: Any) -> P:
    """Return the adapter of a channel; with `tokens` it goes by these, else its config has a token."""
    given = {"base_url": server.server.url, **settings}
    if tokens is None:
        given = {"token": Secret(TOKEN), "account": ACCOUNT, **given}
    hide([TOKEN], passing=True)
    http = Http(given["base_url"], clock, call_deadline=timedelta(seconds=10), scrub=scrub)
    made = kind(kind.Settings.model_validate(given), http, clock, tokens or Tokens())
    made.public = Shown()
    return made


def refusal(code: int | str, subcode: int = 0, message: str = "Meta's words", **more: Any) -> dict[str, Any]:
    """Return an error as Meta writes it."""
    body = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A6LJyl", **more}
    return {"error": {**body, "error_subcode": subcode} if subcode else body}


def said(code: int | str, subcode: int = 0, status: int = 400, **more: Any) -> Said:
    """Return an answer that holds such an error."""
    return Said(refusal(code, subcode, **more), status)


def rows(**counts: int) -> dict[str, Any]:
    """Return insights as Meta writes them."""
    return {
        "data": [
            {
                "name": name,
                "period": "lifetime",
                "values": [{"value": count}],
                "id": f"{MEDIA}/insights/{name}/lifetime",
            }
            for name, count in counts.items()
        ]
    }
