"""What an event says, and its signature. Pure.

The scheme: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from campaign.platforms.base import Outgoing

PREFIX = "whsec_"
KEY_BYTES = range(24, 65)  # the scheme's page, "Signature scheme"


def key_in(secret: str) -> bytes | None:
    """Return the bytes with which a secret signs, None when it is no secret of this scheme."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if secret.startswith(PREFIX) and len(key) in KEY_BYTES else None


def headers_of(id: str, at: datetime, body: bytes, secrets: Iterable[str]) -> dict[str, str]:
    """Return the headers that prove an event: one signature by each secret, so that a receiver may know either."""
    moment = str(int(at.timestamp()))
    keys = [key for secret in secrets if (key := key_in(secret))]
    return {
        "Content-Type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(_signature(key, f"{id}.{moment}.".encode() + body) for key in keys),
    }


def _signature(key: bytes, content: bytes) -> str:
    return "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()


def body_of(kind: str, at: datetime, data: Mapping[str, Any]) -> str:
    """Return an event as it is signed and sent."""
    moment = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"type": kind, "timestamp": moment, "data": data}, ensure_ascii=False, separators=(",", ":"))


def data_of(item: Outgoing, addresses: Mapping[str, str]) -> dict[str, Any]:
    """Return a post as receivers get it; `addresses` are those of its pictures, by hash, where they are public."""
    images = [
        {
            "url": addresses.get(image.sha256),
            "media_type": image.media_type,
            "bytes": image.size,
            "width": image.width,
            "height": image.height,
            "sha256": image.sha256,
            "alt": image.alt,
        }
        for image in item.images
    ]
    return {
        "id": item.part,
        "text": item.text,
        "title": item.title,
        "link": item.link or None,
        "language": item.language,
        "region": item.region,
        "kind": item.kind,
        "slug": item.slug,
        "hashtags": list(item.tags),
        "images": images,
    }
