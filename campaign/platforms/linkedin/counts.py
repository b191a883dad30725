"""The numbers of a post in the words of our reports. Pure.

API: https://learn.microsoft.com/linkedin/marketing/community-management/organizations/share-statistics. They count
from the first day on, without what was paid for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from campaign.platforms.base import COUNTS, Metrics
from campaign.platforms.linkedin.urns import quoted

WORDS = {
    "impressions": "impressionCount",
    "reactions": "likeCount",  # of every kind
    "comments": "commentCount",
    "shares": "shareCount",
    "clicks": "clickCount",
}
KINDS = {"urn:li:share:": "shares", "urn:li:ugcPost:": "ugcPosts"}  # which parameter asks for which posts
NOT_TOLD = "LinkedIn gave no such number"
UNSEEN = "LinkedIn has no counts of it, and does not let us see whether it is there"
NOTHING_YET = Metrics(dict.fromkeys(COUNTS, 0))


def address(organization: str, posts: Sequence[str]) -> str:
    """Return path and query that ask for the counts of posts. The brackets and commas must stay as they are."""
    asked = "".join(
        f"&{name}=List({','.join(quoted(post) for post in chosen)})"
        for begin, name in KINDS.items()
        if (chosen := [post for post in posts if post.startswith(begin)])
    )
    whose = f"q=organizationalEntity&organizationalEntity={quoted(organization)}"
    return f"/organizationalEntityShareStatistics?{whose}{asked}"


def counted(elements: Iterable[Mapping[str, Any]]) -> dict[str, Metrics]:
    """Return the counts by post; a post with which nobody has done anything yet is left out there."""
    told = ((each.get("share") or each.get("ugcPost"), each.get("totalShareStatistics") or {}) for each in elements)
    return {str(post): _metrics(raw) for post, raw in told}


def _metrics(raw: Mapping[str, Any]) -> Metrics:
    counts = {word: raw[field] for word, field in WORDS.items() if isinstance(raw.get(field), int)}
    return Metrics(counts, {word: NOT_TOLD for word in COUNTS if word not in counts}, raw)


def uncounted(cause: str) -> Metrics:
    """Return that nothing is known, and why."""
    return Metrics(missing=dict.fromkeys(COUNTS, cause))
