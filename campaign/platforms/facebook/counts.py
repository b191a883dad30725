"""The numbers of a post in the words of our reports. Pure.

Insights: https://developers.facebook.com/docs/graph-api/reference/insights. They are made anew about once a day, and a
page with few followers has none; what the post itself tells stands in then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from campaign.platforms.base import COUNTS, Metrics

ACTIVITY = "post_activity_by_action_type"
INSIGHTS = {  # by metric, its word; the reach has none in our reports, and is kept beside them
    "post_media_view": "impressions",
    "post_total_media_view_unique": "",
    "post_clicks": "clicks",
    "post_reactions_by_type_total": "reactions",
    ACTIVITY: "",
}
ACTIONS = {"comment": "comments", "share": "shares"}  # of ACTIVITY; one that nobody took is left out there
OWN = ("reactions", "comments", "shares")  # what the post tells itself
NO_INSIGHT = "Facebook has no such figure of this post (it needs a page with a hundred followers, and a day)"
DEAD = "Facebook does not count this any more"


def in_insights(answer: Any) -> dict[str, Any]:
    """Return the values of an answer by their metric."""
    rows = answer.get("data") if isinstance(answer, dict) else None
    found: dict[str, Any] = {}
    for row in rows if isinstance(rows, list) else ():
        values = row.get("values") if isinstance(row, dict) else None
        if isinstance(values, list) and values and isinstance(values[0], dict) and "value" in values[0]:
            found[str(row.get("name"))] = values[0]["value"]
    return found


def in_object(post: Any) -> dict[str, int]:
    """Return by our words what a post tells itself, as far as it was asked: no share at all is not told there."""
    told = post if isinstance(post, dict) else {}
    found = {word: _number(told, word, "summary", "total_count") for word in ("reactions", "comments")}
    found["shares"] = _number(told, "shares", "count") if "shares" in told else 0
    return {word: number for word, number in found.items() if number is not None}


def of_comment(comment: Any) -> Metrics:
    """Return the counts of a comment of ours."""
    told = comment if isinstance(comment, dict) else {}
    found = {"reactions": _number(told, "like_count"), "comments": _number(told, "comment_count")}
    counts = {word: number for word, number in found.items() if number is not None}
    missing = {word: "Facebook does not tell this of a comment" for word in COUNTS if word not in counts}
    return Metrics(counts, missing, counts)


def counted(insights: Mapping[str, Any], own: Mapping[str, int], causes: Mapping[str, str]) -> Metrics:
    """Return the counts of a post: by its insights, else by what it tells itself, else the cause."""
    counts = dict(own)
    for metric, word in INSIGHTS.items():
        if word and (number := _sum(insights.get(metric))) is not None:
            counts[word] = number
    activity = insights.get(ACTIVITY)
    if isinstance(activity, dict):
        counts |= {word: _sum(activity.get(action, 0)) or 0 for action, word in ACTIONS.items()}
    missing = {word: causes.get(word, NO_INSIGHT) for word in COUNTS if word not in counts}
    return Metrics(counts, missing, {**insights, **{f"own_{word}": number for word, number in own.items()}})


def lacks(insights: Mapping[str, Any]) -> bool:
    """Whether the insights lack what the post tells itself."""
    return not isinstance(insights.get(ACTIVITY), dict) or _sum(insights.get("post_reactions_by_type_total")) is None


def _sum(value: Any) -> int | None:
    """Return a number; of one that is broken down, the sum. Nothing in a breakdown is 0."""
    if isinstance(value, dict):
        return sum(_sum(each) or 0 for each in value.values())
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(told: Any, *path: str) -> int | None:
    for step in path:
        told = told.get(step) if isinstance(told, dict) else None
    return _sum(told) if not isinstance(told, dict) else None
