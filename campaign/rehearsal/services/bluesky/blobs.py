"""Uploaded pictures until a record has them, and addresses that follow from the content."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from campaign.rehearsal.services.base import Refused
from campaign.rehearsal.services.bluesky.sessions import refused

KEPT = timedelta(hours=1)  # without a record: the least that https://atproto.com/specs/blob#blob-lifecycle promises
_RAW, _CBOR = b"\x01\x55\x12\x20", b"\x01\x71\x12\x20"  # https://atproto.com/specs/data-model#link-and-cid-formats
_BEGINS = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG", "image/png"), (b"GIF8", "image/gif"), (b"RIFF", "image/webp"))


@dataclass
class _Blob:
    size: int
    at: datetime


class Blobs:
    """All blobs of the account. `in_use` tells those that live records have."""

    def __init__(self, largest: int, in_use: Callable[[], Iterable[str]]) -> None:
        self._largest = largest
        self._in_use = in_use
        self._all: dict[str, _Blob] = {}

    def take(self, data: bytes, media_type: str, now: datetime) -> dict[str, Any]:
        """Keep a blob for a while, and return its reference; what its bytes say of its type wins.

        Raises:
            Refused: it is too large.
        """
        if len(data) > self._largest:
            raise Refused(413, {"error": "PayloadTooLarge", "message": "request entity too large"})
        cid = _address(_RAW, data)
        self._all[cid] = _Blob(len(data), now)
        seen = next((kind for begin, kind in _BEGINS if data.startswith(begin)), media_type)
        return {"$type": "blob", "ref": {"$link": cid}, "mimeType": seen, "size": len(data)}

    def must_be_there(self, cids: Iterable[str], now: datetime) -> None:
        """Look whether blobs can be used (packages/pds/src/actor-store/blob/transactor.ts).

        Raises:
            Refused: one is not there, or not any more.
        """
        for cid in cids:
            blob = self._all.get(cid)
            if blob is None or (now - blob.at >= KEPT and cid not in self._in_use()):
                self._all.pop(cid, None)
                raise refused("BlobNotFound", f"Could not find blob: {cid}")

    def drop(self, cids: Iterable[str]) -> None:
        """Forget the blobs of a record that is gone, but for those that another has (deleteDereferencedBlobs there)."""
        used = set(self._in_use())
        for cid in cids:
            if cid not in used:
                self._all.pop(cid, None)


def address_of(record: dict[str, Any]) -> str:
    """Return the address of a record: one of the same form as the real one, which hashes another encoding."""
    return _address(_CBOR, json.dumps(record, sort_keys=True).encode())


def _address(kind: bytes, data: bytes) -> str:
    digest = hashlib.sha256(data).digest()
    return "b" + base64.b32encode(kind + digest).decode().lower().rstrip("=")
