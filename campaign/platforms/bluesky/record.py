"""What a post is on Bluesky: a record, under a key that we choose. Pure.

The key comes from the plan alone, so however often a part is sent, it is one record.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from campaign.errors import Unsupported
from campaign.platforms.base import Image, Outgoing
from campaign.platforms.bluesky.richtext import rich

COLLECTION = "app.bsky.feed.post"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ADDRESS = re.compile(r"(?:at://|https?://[^/]+/profile/)([\w.:%-]+)/(?:app\.bsky\.feed\.)?post/([\w.:~-]+)(?:[?#].*)?")
_DIGITS = "234567abcdefghijklmnopqrstuvwxyz"

Blob = Mapping[str, Any]  # as the server gave it for an uploaded picture; it goes back unchanged


@dataclass(frozen=True)
class Place:
    """Where a record lies: in the repo of an account (its DID, or its handle), under a key."""

    repo: str
    key: str

    @classmethod
    def of(cls, address: str) -> Place:
        """Return the place that an `at://` address names, or the web address of a post as people copy it.

        Either may hold the account's handle.

        Raises:
            Unsupported: it is neither.
        """
        found = _ADDRESS.fullmatch(address)
        if not found:
            raise Unsupported(f"{address} is not the address of a post on Bluesky")
        return cls(*found.groups())

    @property
    def uri(self) -> str:
        """The record's own address."""
        return f"at://{self.repo}/{COLLECTION}/{self.key}"

    @property
    def permalink(self) -> str:
        """Where the app shows it; the DID in it outlives a change of the handle."""
        return f"https://bsky.app/profile/{self.repo}/post/{self.key}"

    @property
    def names(self) -> dict[str, str]:
        """The place as the calls want it."""
        return {"repo": self.repo, "collection": COLLECTION, "rkey": self.key}


def record_key(due_at: datetime | None, n: int, part: str) -> str:
    """Return the record key of a part, a TID (https://atproto.com/specs/tid).

    It holds the planned time, a second later for each part, so that a thread lies in its order; microseconds and clock
    id come from the part's UUID, so that no two parts share a key.
    """
    seconds = int(((due_at or EPOCH) - EPOCH).total_seconds()) + n  # a part that is sent has its time
    chance = int.from_bytes(hashlib.sha256(part.encode()).digest()[:8], "big")
    clock_id, microseconds = chance // 1_000_000 % 1024, chance % 1_000_000
    number = (seconds * 1_000_000 + microseconds) << 10 | clock_id
    return "".join(_DIGITS[number >> shift & 31] for shift in range(60, -1, -5))


def post_record(
    item: Outgoing,
    *,
    created_at: datetime,
    dids: Mapping[str, str],
    blobs: Mapping[str, Blob],
    reply: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Return the record of a part (https://github.com/bluesky-social/atproto, lexicons/app/bsky/feed/post.json).

    `dids` are the accounts that it mentions, by handle; `blobs` its uploaded pictures, by SHA-256.
    """
    text, facets = rich(item.text, dids)
    record: dict[str, Any] = {
        "$type": COLLECTION,
        "text": text,
        "createdAt": created_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "langs": [item.language],
    }
    optional = {"facets": facets, "embed": _embed(item, blobs), "reply": reply}
    return record | {name: value for name, value in optional.items() if value}


def made_since(record: Mapping[str, Any], since: datetime) -> bool:
    """Whether a record says that it was made at or after `since`."""
    return datetime.fromisoformat(str(record["createdAt"])) >= since


def says_the_same(record: Mapping[str, Any], item: Outgoing) -> bool:
    """Whether a record is the part, though under another key: it has its text, and answers the same post.

    Links are cut in the text, so that no mark in them tells it from another post's.
    """
    parent = record.get("reply", {}).get("parent", {}).get("uri", "")
    return record.get("text") == rich(item.text, {})[0] and parent == item.reply_to


def pictures(item: Outgoing) -> tuple[Image, ...]:
    """Return the pictures that a part needs: its own, else that of its preview. The two exclude each other there."""
    if item.images:
        return item.images
    return (item.preview.image,) if item.preview and item.preview.image else ()


def _embed(item: Outgoing, blobs: Mapping[str, Blob]) -> dict[str, Any] | None:
    if item.images:
        images = [
            {
                "alt": image.alt,
                "image": blobs[image.sha256],
                "aspectRatio": {"width": image.width, "height": image.height},  # else the app crops
            }
            for image in item.images
        ]
        return {"$type": "app.bsky.embed.images", "images": images}
    if item.preview is None:
        return None
    page = {"uri": item.link, "title": item.preview.title, "description": item.preview.description}
    thumb = {"thumb": blobs[item.preview.image.sha256]} if item.preview.image else {}
    return {"$type": "app.bsky.embed.external", "external": page | thumb}
