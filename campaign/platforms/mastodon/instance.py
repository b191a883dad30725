"""What a server says of itself: its software, and what it allows. Reading is pure; `ask` makes the calls.

API: https://docs.joinmastodon.org/methods/instance/. Whoever imitates Mastodon gives its own name in the version
("2.7.2 (compatible; Pleroma 2.9.1)") or in the address of its source code.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from campaign.platforms.base import Limits
from campaign.platforms.http import Answer
from campaign.platforms.mastodon.refusals import Missing, json_of

NAMES = {
    "mastodon": "Mastodon",
    "mastodon_mock": "mastodon_mock",
    "gotosocial": "GoToSocial",
    "takahe": "Takahē",
    "pleroma": "Pleroma",
    "akkoma": "Akkoma",
    "pixelfed": "Pixelfed",
}
# Mastodon: https://docs.joinmastodon.org/methods/statuses/#headers. Pleroma and Akkoma: IdempotencyPlug in
# https://git.pleroma.social/pleroma/pleroma. mastodon_mock, a server for tests: tried.
HONOURS_KEY = ("mastodon", "pleroma", "akkoma", "mastodon_mock")
IGNORES_KEY = ("gotosocial", "takahe", "pixelfed")  # tried, or read in their source: a second post is made
COUNTS_LIKE_MASTODON = ("mastodon",)  # the others count characters, and a link in full
PRODUCED = ("image/jpeg", "image/png")  # what our cards and photos can be

_IMITATOR = re.compile(r"\S+ +\(compatible; *(\w+) [^;()]*\)")  # with a second name behind it, it is somebody else


@dataclass(frozen=True)
class Server:
    """A server's software, empty when it does not say or is not known here, and its limits."""

    software: str
    limits: Limits

    @property
    def name(self) -> str:
        """How people call the software."""
        return NAMES.get(self.software, "this server")


def honours_key(software: str, setting: str) -> bool:
    """Whether a repeated key gets the first status again: the channel's own word, or for "auto" what is known."""
    return setting == "yes" or (setting == "auto" and software in HONOURS_KEY)


def key_warnings(server: Server, setting: str) -> tuple[str, ...]:
    """Return what a person should know about repeated calls on this server."""
    if setting == "yes" and server.software in IGNORES_KEY:
        return (f'{server.name} ignores the key of a repeated call: with idempotency = "yes" a post may appear twice',)
    if honours_key(server.software, setting):
        return ()
    return (
        f"{server.name} is not known to honour the key of a repeated call: after an unclear answer the server is "
        "searched first, and a person may be asked",
    )


def ask(call: Callable[..., Answer], defaults: Limits) -> Server:
    """Ask a server what it is; one that does not tell is taken as unknown, with `defaults` as its limits.

    Raises:
        NotSent: it cannot be reached, or is unwell.
    """
    for path in ("/api/v2/instance", "/api/v1/instance"):  # the former from Mastodon 4.0 on
        try:
            answer = call("GET", path)
        except Missing:
            continue
        if isinstance(said := json_of(answer), dict):
            return read(said, defaults)
    return read({}, defaults)


def read(said: Any, defaults: Limits) -> Server:
    """Return what an answer of either version tells."""
    software = software_of(_text(said, "version"), _text(said, "source_url"))
    return Server(software, limits_of(said, software, defaults))


def software_of(version: str, source_url: str) -> str:
    """Return a known software in small letters, else nothing: a bare version number proves nothing."""
    if "compatible" in version:
        found = _IMITATOR.fullmatch(version.strip())
        candidates = [found[1].lower()] if found else []
    else:
        candidates = urlsplit(source_url).path.lower().removesuffix(".git").split("/")
    return next((name for name in candidates if name in NAMES), "")


def limits_of(said: Any, software: str, defaults: Limits) -> Limits:
    """Return the limits that the server states, `defaults` for the others.

    Pleroma and its kin state some of them in words of their own, at the top.
    """
    likes_mastodon = software in COUNTS_LIKE_MASTODON
    statuses, media = ("configuration", "statuses"), ("configuration", "media_attachments")
    size = _number(said, *media, "image_size_limit") or _number(said, "upload_limit") or defaults.image_bytes
    types = _at(said, *media, "supported_mime_types")
    return replace(
        defaults,
        text=_number(said, *statuses, "max_characters") or _number(said, "max_toot_chars") or defaults.text,
        unit="graphemes" if likes_mastodon else "characters",
        link_length=_number(said, *statuses, "characters_reserved_per_url") or defaults.link_length
        if likes_mastodon
        else None,
        alt_text=_number(said, *media, "description_limit") or _number(said, "description_limit") or defaults.alt_text,
        images=_number(said, *statuses, "max_media_attachments") or defaults.images,
        image_bytes=min(size, defaults.image_bytes),
        image_types=tuple(kind for kind in PRODUCED if kind in types) if isinstance(types, list) else PRODUCED,
    )


def _at(said: Any, *path: str) -> Any:
    for step in path:
        said = said.get(step) if isinstance(said, dict) else None
    return said


def _text(said: Any, *path: str) -> str:
    value = _at(said, *path)
    return value if isinstance(value, str) else ""


def _number(said: Any, *path: str) -> int | None:
    value = _at(said, *path)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
