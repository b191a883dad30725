"""The keys that a Threads channel may set."""

from __future__ import annotations

from pydantic import Field, field_validator

from campaign.platforms.containers import ContainerSettings


class ThreadsSettings(ContainerSettings):
    """`version`: of the API. `consent_url`: where a person is asked."""

    base_url: str = "https://graph.threads.net"  # https://developers.facebook.com/docs/threads/get-started
    version: str = Field(
        default="v1.0", pattern=r"^v\d+\.\d+$"
    )  # https://developers.facebook.com/docs/threads/changelog
    consent_url: str = "https://www.threads.net/oauth/authorize"

    @field_validator("consent_url")
    @classmethod
    def _encrypted_too(cls, url: str) -> str:
        return cls._encrypted(url)
