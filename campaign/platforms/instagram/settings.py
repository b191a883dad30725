"""The keys that an Instagram channel may set."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from campaign.platforms.containers import ContainerSettings

HOSTS = {
    "facebook": "https://graph.facebook.com",  # https://developers.facebook.com/docs/instagram-platform/overview
    "instagram": "https://graph.instagram.com",
}


class InstagramSettings(ContainerSettings):
    """`login`: by whose login the account is reached: "instagram", or "facebook" where it is linked to a Page.

    `page`: the id of that Page, where the person who logs in has several. `version`: of the Graph API. `consent_url`,
    `code_url`: where Instagram's own login asks a person, and where it takes the code.
    """

    login: Literal["instagram", "facebook"] = "instagram"
    page: str = Field(default="", pattern=r"^\d*$", coerce_numbers_to_str=True)
    version: str = Field(default="v26.0", pattern=r"^v\d+\.\d+$")  # newest: …/docs/graph-api/changelog, November 2026
    consent_url: str = "https://www.instagram.com/oauth/authorize"
    code_url: str = "https://api.instagram.com/oauth/access_token"

    @property
    def server(self) -> str:
        """The host of all calls."""
        return self.base_url or HOSTS[self.login]

    @field_validator("consent_url", "code_url")
    @classmethod
    def _encrypted_too(cls, url: str) -> str:
        return cls._encrypted(url)
