"""The keys that a LinkedIn channel may set."""

from __future__ import annotations

import re

from pydantic import field_validator
from pydantic_core import PydanticCustomError

from campaign.config.words import Secret
from campaign.platforms.base import PlatformSettings

_ORGANIZATION = re.compile(r"(?:urn:li:organization:)?(\d+)")
_VERSION = re.compile(r"20\d\d(0[1-9]|1[0-2])")


class LinkedInSettings(PlatformSettings):
    """Which page, and by which app.

    `organization`: the page's id or URN. `version`: the header LinkedIn-Version, a year and a month; each is good for
    about a year. `client_id`, `client_secret`: of the app that was registered, for logging in and renewing.
    `redirect_uri`: one of those that the app has registered. `token`: an access token, in place of a login.
    `auth_url`: where tokens come from.
    """

    base_url: str = "https://api.linkedin.com/rest"
    auth_url: str = "https://www.linkedin.com/oauth/v2"
    organization: str
    version: str = "202609"  # https://learn.microsoft.com/linkedin/marketing/versioning
    client_id: str = ""
    client_secret: Secret | None = None
    redirect_uri: str = "http://localhost:8400/"
    token: Secret | None = None

    @field_validator("organization")
    @classmethod
    def _named(cls, organization: str) -> str:
        found = _ORGANIZATION.fullmatch(organization.strip())
        if found is None:
            raise PydanticCustomError(
                "organization", "this must be the page's number, as in linkedin.com/company/NUMBER/admin"
            )
        return f"urn:li:organization:{found[1]}"

    @field_validator("version")
    @classmethod
    def _a_month(cls, version: str) -> str:
        if not _VERSION.fullmatch(version):
            raise PydanticCustomError("version", 'this must be a year and a month, such as "202609"')
        return version

    @field_validator("auth_url")
    @classmethod
    def _encrypted_too(cls, url: str) -> str:
        return cls._encrypted(url)
