"""The numbers of a post in the words of our reports, and the cause of each missing one. Pure.

Metrics: https://developers.facebook.com/docs/instagram-platform/reference/instagram-media/insights. One that Instagram
does not count for a post fails the whole call, so fewer are asked for then.
"""

from __future__ import annotations

from collections.abc import Mapping

from campaign.platforms.base import COUNTS, Metrics
from campaign.platforms.graph import Refusal
from campaign.platforms.instagram.refusals import BEFORE_THE_SWITCH

ASKED = (  # one after the other, until one is answered
    "views,reach,likes,comments,saved,shares,total_interactions",
    "reach,likes,comments,saved,shares",
    "reach",
)
FIELDS = {"like_count": "likes", "comments_count": "comments"}  # of the post itself: they need no leave for insights
WORDS = {"impressions": "views", "reactions": "likes", "comments": "comments", "shares": "shares"}
NO_CLICKS = "Instagram does not count clicks on a post"
GONE = "the post is not there any more"
BY_ADDRESS = "the post is known by its address only, and Instagram counts by number"
NO_LEAVE = "the login does not allow to read insights: log the channel in again and agree to everything"
TOO_OLD = "Instagram counts no post that is older than the account's switch to a professional one"
NOT_COUNTED = "Instagram does not count this for the post"


def cause_of(refusal: Refusal) -> str:
    """Return why insights were refused."""
    if refusal.subcode == BEFORE_THE_SWITCH:
        return TOO_OLD
    return NO_LEAVE if refusal.is_permission else f"{NOT_COUNTED}: {refusal.said}"


def helps_to_ask_less(refusal: Refusal) -> bool:
    """Whether only one of the metrics is refused."""
    return not refusal.is_missing and cause_of(refusal) not in (TOO_OLD, NO_LEAVE)


def counted(raw: Mapping[str, int], cause: str = "") -> Metrics:
    """Return what was told; a number that is not there is missing for `cause`, and never 0."""
    counts = {word: raw[name] for word, name in WORDS.items() if name in raw}
    missing = {word: cause or NOT_COUNTED for word in WORDS if word not in counts}
    return Metrics(counts, {**missing, "clicks": NO_CLICKS}, dict(raw))


def uncounted(cause: str) -> Metrics:
    """Return that nothing is known, and why."""
    return Metrics(missing=dict.fromkeys(COUNTS, cause))
