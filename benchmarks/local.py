"""A platform of the benchmarks' own: one visible call per post, nothing to prepare, no pictures.

`python -m benchmarks.local daemon` is `campaign daemon` with this platform in its registry.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from campaign.platforms import PLATFORMS
from campaign.platforms.base import (
    Absent,
    Account,
    CannotTell,
    Checkpoint,
    Found,
    Limits,
    Outgoing,
    Platform,
    Published,
)


class Local(Platform):
    """Posts to a server of this machine."""

    name = "local"
    starts_enabled = True
    limits = Limits(text=500)
    settle: ClassVar[timedelta | None] = None

    def check(self) -> Account:
        return Account(id=self.settings.base_url, name="", limits=self.limits)

    def publish(self, item: Outgoing, checkpoint: Checkpoint, *, idempotency_key: str) -> Published:
        answer = self.http.post(
            "/posts",
            headers={"Idempotency-Key": idempotency_key},
            json={"text": item.text, "language": item.language},
            visible=True,
        )
        return Published(answer.text("id"))

    def find(self, item: Outgoing, checkpoint: Checkpoint, since: datetime) -> Found | Absent | CannotTell:
        return CannotTell("the server is not asked")


PLATFORMS[Local.name] = "benchmarks.local:Local"


if __name__ == "__main__":
    from campaign.cli import main

    main()
