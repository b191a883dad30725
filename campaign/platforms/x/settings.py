"""The keys that a channel on X may set."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from campaign.config.words import Secret
from campaign.platforms.base import PlatformSettings

KEYS = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")


class XSettings(PlatformSettings):
    """Who calls, and what of X's API differs from account to account or from month to month.

    Either `client_id`, with `client_secret` where the app has one, and a login (OAuth 2.0); or the four keys of
    `KEYS` (OAuth 1.0a). `fields`: whether X calls a post a tweet or a post; "auto" tries. `text_length`: what the
    account may write, more than 280 with Premium. `refresh_days`: how long an unused login lasts.
    """

    base_url: str = "https://api.x.com"
    authorize_url: str = "https://x.com/i/oauth2/authorize"
    client_id: str = ""
    client_secret: Secret | None = None
    redirect_uri: str = "http://127.0.0.1:8765/callback"
    consumer_key: Secret | None = None
    consumer_secret: Secret | None = None
    access_token: Secret | None = None
    access_token_secret: Secret | None = Field(default=None, validate_default=True)
    fields: Literal["auto", "tweet", "post"] = "auto"
    text_length: int = Field(default=280, ge=280, le=25_000)
    refresh_days: int = Field(default=180, ge=1)

    @field_validator("access_token_secret")
    @classmethod
    def _all_or_none(cls, last: Secret | None, info: ValidationInfo) -> Secret | None:
        """Three keys sign nothing."""
        given = [*(info.data.get(name) for name in KEYS[:-1]), last]
        if any(given) and not all(given):
            raise PydanticCustomError("keys", "this goes with all of: consumer_key, consumer_secret, access_token")
        return last

    @field_validator("authorize_url")
    @classmethod
    def _encrypted_too(cls, url: str) -> str:
        return cls._encrypted(url)
