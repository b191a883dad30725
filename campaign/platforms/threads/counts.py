"""The numbers of a post in the words of our reports, and the cause of each missing one. Pure.

Metrics: https://developers.facebook.com/docs/threads/insights. A metric that is refused fails the whole call, so fewer
are asked for then: `views` and `shares` are said to be in development.
"""

from __future__ import annotations

from collections.abc import Mapping

from campaign.platforms.base import COUNTS, Metrics
from campaign.platforms.graph import Refusal

ASKED = (
    "views,likes,replies,reposts,quotes,shares",
    "views,likes,replies,reposts,quotes",
    "likes,replies,reposts,quotes",
)
WORDS = {"impressions": "views", "reactions": "likes", "comments": "replies"}
SHARES = ("reposts", "quotes", "shares")  # of these the first must be told
NO_CLICKS = "Threads counts clicks for the whole account only, not for a post"
GONE = "the post is not there any more"
BY_ADDRESS = "the post is known by its address only, and Threads counts by number"
NO_LEAVE = "the login does not allow to read insights: log the channel in again and agree to everything"
NOT_COUNTED = "Threads does not count this for the post"


def cause_of(refusal: Refusal) -> str:
    """Return why insights were refused."""
    if refusal.is_missing:
        return GONE
    return NO_LEAVE if refusal.is_permission else f"{NOT_COUNTED}: {refusal.said}"


def counted(raw: Mapping[str, int], cause: str = "") -> Metrics:
    """Return what was told; a number that is not there is missing for `cause`, and never 0."""
    counts = {word: raw[name] for word, name in WORDS.items() if name in raw}
    if SHARES[0] in raw:
        counts["shares"] = sum(raw.get(name, 0) for name in SHARES)
    missing = {word: cause or NOT_COUNTED for word in COUNTS if word not in counts}
    return Metrics(counts, {**missing, "clicks": NO_CLICKS}, dict(raw))


def uncounted(cause: str) -> Metrics:
    """Return that nothing is known, and why."""
    return Metrics(missing=dict.fromkeys(COUNTS, cause))
