"""The keys that a webhook channel may set."""

from __future__ import annotations

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from campaign.config.words import Secret
from campaign.platforms.base import PlatformSettings
from campaign.platforms.webhook.event import key_in


class WebhookSettings(PlatformSettings):
    """`base_url`: the receiver's address, as it is. `secret`: what both sides know; `old_secret`: the one before it.

    `allow_private`: whether the address may lead into a network that is not public.
    """

    base_url: str = Field(min_length=1)
    secret: Secret
    old_secret: Secret | None = None
    allow_private: bool = False

    @field_validator("base_url")
    @classmethod
    def _encrypted(cls, url: str) -> str:
        """As everywhere, but a slash at the end stays: it belongs to the address."""
        super()._encrypted(url)
        return url

    @field_validator("secret", "old_secret")
    @classmethod
    def _is_secret(cls, secret: Secret | None) -> Secret | None:
        if secret is not None and key_in(secret.reveal()) is None:
            raise PydanticCustomError("no_secret", 'this must be "whsec_" and 24 to 64 random bytes in base64')
        return secret
