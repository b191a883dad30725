"""The keys that a Facebook channel may set."""

from __future__ import annotations

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from campaign.config.words import Secret
from campaign.platforms.base import PlatformSettings


class FacebookSettings(PlatformSettings):
    """Which page, and by which app.

    `page`: the page's id; empty: the one that was chosen at the login. `version`: of the Graph API. `client_id`,
    `client_secret` and `redirect_uri`: of the app, for logging in, and for looking at the token. `token`: of a system
    user or of the page, in place of a login. `consent_url`: where people agree.
    """

    base_url: str = "https://graph.facebook.com"
    consent_url: str = "https://www.facebook.com"
    version: str = Field(default="v26.0", pattern=r"^v\d+\.\d+$")  # newest: …/docs/graph-api/changelog, November 2026
    page: str = Field(default="", pattern=r"^\d*$", coerce_numbers_to_str=True)
    client_id: str = Field(default="", pattern=r"^\d*$", coerce_numbers_to_str=True)
    client_secret: Secret | None = None
    redirect_uri: str = ""
    token: Secret | None = None

    @field_validator("consent_url")
    @classmethod
    def _encrypted_too(cls, url: str) -> str:
        return cls._encrypted(url)

    @field_validator("token")
    @classmethod
    def _with_its_page(cls, token: Secret | None, info: ValidationInfo) -> Secret | None:
        """A system user may serve many pages, so its token does not tell which."""
        if token is not None and not info.data.get("page"):
            raise PydanticCustomError("no_page", 'this needs the id of its page beside it: page = "…"')
        return token
