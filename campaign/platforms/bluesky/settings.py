"""The keys that a Bluesky channel may set."""

from __future__ import annotations

import re

from pydantic import Field, field_validator

from campaign.config import Secret
from campaign.platforms.base import PlatformSettings

_NOT_OF_A_HANDLE = re.compile(
    r"[@\s\u200b-\u200f\u202a-\u202e\u2066-\u2069]"
)  # marks of direction come along on copying


class BlueskySettings(PlatformSettings):
    """Which account, and where.

    `identifier`: the account's handle or DID; empty: the one that was logged in. `app_password`: for signing in, unless
    a login has stored it. `base_url`: the server of the account; at the entry https://bsky.social the account's own
    server is found by itself. `appview_url`: who counts; empty: nobody. `image_bytes`: the largest picture there.
    """

    base_url: str = "https://bsky.social"
    identifier: str = ""
    app_password: Secret | None = None
    appview_url: str = ""
    image_bytes: int = Field(default=1_000_000, ge=100_000)

    @field_validator("identifier")
    @classmethod
    def _bare(cls, identifier: str) -> str:
        return bare(identifier)

    @field_validator("appview_url")
    @classmethod
    def _encrypted_too(cls, url: str) -> str:
        return cls._encrypted(url)


def bare(identifier: str) -> str:
    """Return a handle as servers know it, without the @ and the invisible marks that come along when it is copied."""
    return _NOT_OF_A_HANDLE.sub("", identifier).lower()
