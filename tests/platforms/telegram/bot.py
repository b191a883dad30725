"""A Bot API that says what a test tells it to, and the bot that speaks to it."""

from __future__ import annotations

from typing import Any

from campaign.config import Secret
from campaign.log import scrub
from campaign.platforms.http import Http
from campaign.platforms.telegram.adapter import Telegram
from campaign.platforms.telegram.settings import TelegramSettings
from campaign.rehearsal.clock import VirtualClock
from tests.platforms.mastodon.scripted import Said, Scripted, Sent, Tokens

SECRET_PART = "AAcanary-ZYXWV_of-the-bot"
TOKEN = f"7000000001:{SECRET_PART}"
CHANNEL, ARCHIVE = -1001234567890, -1009876543210
CHAT = {"id": CHANNEL, "title": "Org News", "username": "orgnews", "type": "channel"}
TEXT = "Battery skills modules & <more>\n\nhttps://example.org/modules?utm_content=0a1b2c3d #MoraviaSilesia"
LINK = "https://example.org/modules?utm_content=0a1b2c3d"


class Api:
    """What the API says, by the names of its methods."""

    def __init__(self, server: Scripted) -> None:
        self.server = server

    def says(self, method: str, *results: Any) -> None:
        """Answer a method well, with one result after the other."""
        self.server.says(way(method), *({"ok": True, "result": result} for result in results))

    def refuses(self, method: str, code: int, description: str, **parameters: Any) -> None:
        """Refuse a method."""
        body = {"ok": False, "error_code": code, "description": description}
        self.server.says(way(method), Said(body | ({"parameters": parameters} if parameters else {}), code))

    @property
    def methods(self) -> list[str]:
        """What was called, in order."""
        return [sent.path.rpartition("/")[2] for sent in self.server.sent]

    def one(self, method: str) -> Sent:
        """Return the only call of a method."""
        return self.server.one(way(method))


def way(method: str, token: str = TOKEN) -> str:
    """Return a method as the scripted server knows it."""
    return f"POST /bot{token}/{method}"


def adapter(server: Scripted | str, clock: VirtualClock, tokens: Tokens | None = None, **settings: Any) -> Telegram:
    """Return the adapter of a channel without an archive, unless one is given."""
    url = server if isinstance(server, str) else server.server.url
    given = {"base_url": url, "chat": str(CHANNEL), "token": Secret(TOKEN), **settings}
    http = Http(url, clock, scrub=scrub)
    return Telegram(TelegramSettings.model_validate(given), http, clock, tokens or Tokens())


def message(number: int = 77, **values: Any) -> dict[str, Any]:
    """Return a message as the API shows it."""
    return {"message_id": number, "date": 1795347287, "sender_chat": CHAT, "chat": CHAT, **values}


def photo(file_id: str) -> list[dict[str, Any]]:
    """Return the sizes of a picture, the smallest first."""
    return [
        {"file_id": f"{file_id}-small", "file_unique_id": "s", "width": 90, "height": 51},
        {"file_id": file_id, "file_unique_id": "l", "width": 1280, "height": 720},
    ]
