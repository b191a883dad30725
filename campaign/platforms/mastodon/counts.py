"""The numbers of a status in the words of our reports. Pure.

API: https://docs.joinmastodon.org/entities/Status/. Mastodon counts nobody who only looks or clicks.
"""

from __future__ import annotations

from typing import Any

from campaign.platforms.base import COUNTS, Metrics

FIELDS = ("favourites_count", "replies_count", "reblogs_count", "quotes_count")
WORDS = {"reactions": "favourites_count", "comments": "replies_count", "shares": "reblogs_count"}
NEVER_TOLD = "Mastodon does not tell"
NOT_TOLD = "the server gave no such number"


def counted(status: Any) -> Metrics:
    """Return what a status tells; quotes are shares, on servers that know them (Mastodon from 4.5 on)."""
    told = status if isinstance(status, dict) else {}
    raw = {field: told[field] for field in FIELDS if isinstance(told.get(field), int)}
    counts = {word: raw[field] for word, field in WORDS.items() if field in raw}
    if "shares" in counts:
        counts["shares"] += raw.get("quotes_count", 0)
    missing = {word: NOT_TOLD if word in WORDS else NEVER_TOLD for word in COUNTS if word not in counts}
    return Metrics(counts, missing, raw)
