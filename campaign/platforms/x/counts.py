"""The numbers of a post in the words of our reports. Pure.

API: https://docs.x.com/x-api/fundamentals/metrics. Who followed a link, X tells the author alone, and for 30 days only.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from campaign.platforms.base import COUNTS, Metrics

EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657_000, UTC)  # https://docs.x.com/fundamentals/x-ids
TOLD_FOR = timedelta(days=30)  # https://docs.x.com/x-api/fundamentals/metrics
SPARE = timedelta(hours=1)  # one question about a post that is too old spoils the answer

NO_CLICKS_ANY_MORE = "X tells who followed a link for 30 days only"
NOT_TOLD = "X gave no such number"
NOT_SHOWN = "X showed nothing of this post"

WORDS: Mapping[str, tuple[tuple[str, ...], ...]] = {  # by our word what is added up, each under any of its names
    "impressions": (("impression_count",),),
    "reactions": (("like_count",),),
    "comments": (("reply_count",),),
    "shares": (("retweet_count", "repost_count"), ("quote_count",)),
}


def made_at(remote_id: str) -> datetime | None:
    """Return when a post was made: its id begins with the milliseconds since X's epoch; None: it is no such id."""
    if not (remote_id.isascii() and remote_id.isdigit()):
        return None
    try:
        return EPOCH + timedelta(milliseconds=int(remote_id) >> 22)
    except OverflowError:
        return None


def tells_clicks(remote_id: str, now: datetime) -> bool:
    """Whether X still tells who followed the links of a post."""
    made = made_at(remote_id)
    return made is not None and now - made < TOLD_FOR - SPARE


def counted(post: Mapping[str, Any], private: Mapping[str, Any], no_clicks: str) -> Metrics:
    """Return the counts of a post that X shows; `no_clicks` is the cause when `private` does not tell them."""
    public, own = numbers(post.get("public_metrics")), numbers(private.get("non_public_metrics"))
    counts = {word: total for word, names in WORDS.items() if (total := _added(public, names)) is not None}
    if (clicks := own.get("url_link_clicks")) is not None:
        counts["clicks"] = clicks
    missing = {word: no_clicks if word == "clicks" else NOT_TOLD for word in COUNTS if word not in counts}
    return Metrics(counts, missing, {"public_metrics": public, "non_public_metrics": own})


def uncounted(cause: str) -> Metrics:
    """Return that nothing was counted, and why."""
    return Metrics(missing=dict.fromkeys(COUNTS, cause))


def numbers(told: Any) -> dict[str, int]:
    """Return the numbers among what is told."""
    given = told if isinstance(told, dict) else {}
    return {name: value for name, value in given.items() if isinstance(value, int) and not isinstance(value, bool)}


def _added(public: Mapping[str, int], names: tuple[tuple[str, ...], ...]) -> int | None:
    """Add up; None when the first is not told."""
    found = [next((public[name] for name in each if name in public), None) for each in names]
    return None if found[0] is None else sum(number or 0 for number in found)
