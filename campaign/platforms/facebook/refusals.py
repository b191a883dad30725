"""What a refusal of Facebook means, by its code and subcode. Pure; what all of Meta's platforms share is in `graph`.

Codes: https://developers.facebook.com/docs/graph-api/guides/error-handling. Most subcodes are in no list of Meta's;
they are what other clients have met. What is not listed is left to the caller's rule: unknown on the visible call, not
sent on any other. So are 1 and 2, a fault at Meta's, and whatever Meta calls transient.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from campaign.errors import ChannelBlocked, NotSent, OutcomeUnknown, PlatformError, Rejected
from campaign.platforms import graph
from campaign.platforms.graph import Refusal
from campaign.platforms.http import Answer

GONE = "the post is not there any more, or the token may not see it"

# Codes: https://developers.facebook.com/docs/graph-api/guides/error-handling; subcodes: met by other clients
DUPLICATE = 506  # the same text as the post before
SAME_PHOTOS = 1366051  # subcode: these photos are in a post already
BAD_IMAGE = 324  # missing or invalid
BARRED = {  # subcodes
    1404112: "Facebook has limited the account",
    4854002: "Facebook wants the person to confirm who they are",
    1404078: "Facebook wants the person to be authorised for publishing on this page",
}
REFUSED = {
    100: "it does not take a value",
    BAD_IMAGE: "it does not take a picture",
    1500: "it does not take the link",
    1609005: "it cannot read the page behind the link",
}
REFUSED_BY = {  # subcodes
    1366046: "a picture is too large, or neither JPEG nor PNG",
    2069019: "a picture's file is damaged",
    1346003: "it was flagged as abusive",
    1404102: "it was flagged as spam",
    1609005: REFUSED[1609005],
    1609008: "it does not take links to facebook.com",
    2061006: REFUSED[1500],
}
TEMPORARILY_BARRED = 368  # whatever the subcode, the account needs a person
OLD_VERSION = 2635
BAD_APP = (101, 190)  # the app's own token, which is its id and secret
UNKNOWN_PATH = re.compile(r"unknown path", re.IGNORECASE)  # code 2500, as is a missing token
ODD_METRIC = re.compile(r"valid insights metric", re.IGNORECASE)  # code 100, for the whole call


class Missing(NotSent):
    """Facebook shows no such thing to this token."""


class UnknownMetric(NotSent):
    """One of the metrics that were asked for does not exist (any more)."""


def of_post(answer: Answer, photos: Collection[str] = ()) -> PlatformError | None:
    """A post is refused. One that is "a duplicate" may be the post that an earlier call made."""
    refusal = graph.refusal_in(answer)
    if refusal.is_missing:
        return _lost(refusal) if _names(refusal, photos) else _no_page(refusal)
    if refusal.code == BAD_IMAGE and photos and not refusal.is_transient:
        return _lost(refusal)
    return _of_any_writing(answer, refusal)


def of_comment(answer: Answer) -> PlatformError | None:
    """A comment under a post of ours is refused. The post was made a moment ago, and may not be there for all yet."""
    refusal = graph.refusal_in(answer)
    if refusal.is_missing:
        return NotSent(f"the post that it belongs to is not there, or not to be seen: {refusal.said}")
    return _of_any_writing(answer, refusal)


def of_upload(answer: Answer) -> PlatformError | None:
    """A picture is refused."""
    refusal = graph.refusal_in(answer)
    return _no_page(refusal) if refusal.is_missing else _of_any_writing(answer, refusal)


def of_edit(answer: Answer) -> PlatformError | None:
    """A change of a live post is refused."""
    refusal = graph.refusal_in(answer)
    return Rejected(f"{GONE}: {refusal.said}") if refusal.is_missing else _of_any_writing(answer, refusal)


def of_page(answer: Answer) -> PlatformError | None:
    """The page itself is asked for."""
    refusal = graph.refusal_in(answer)
    return _no_page(refusal) if refusal.is_missing else graph.of_any(answer)


def of_live(answer: Answer) -> PlatformError | None:
    """A live post is asked for or taken down; it may be gone."""
    return Missing(GONE) if graph.refusal_in(answer).is_missing else graph.of_any(answer)


def of_counts(answer: Answer) -> PlatformError | None:
    """Numbers or comments are asked for, for which not every token has the scope: that must not stop the channel."""
    refusal = graph.refusal_in(answer)
    if refusal.is_permission and not refusal.is_transient:
        return Missing(f"the token may not read this: {refusal.said}")
    if refusal.code == 100 and ODD_METRIC.search(refusal.message):
        return UnknownMetric(refusal.said)
    return of_live(answer)


def of_inspection(answer: Answer) -> PlatformError | None:
    """The app itself asks about a token."""
    refusal = graph.refusal_in(answer)
    if refusal.code in BAD_APP:
        remedy = "Look at client_id and client_secret in the config."
        return ChannelBlocked(f"Facebook does not accept the app's id and secret: {refusal.said}", remedy=remedy)
    return graph.of_any(answer)


def of_version(answer: Answer) -> PlatformError:
    """Nothing is asked for, without a token: a version that exists asks for one, any other is no path."""
    refusal = graph.refusal_in(answer)
    if refusal.code == OLD_VERSION or UNKNOWN_PATH.search(refusal.message):
        return ChannelBlocked(f"there is no such version of Meta's API (any more): {refusal.said}", remedy=graph.RENEW)
    return Missing("nothing was asked for")


def _of_any_writing(answer: Answer, refusal: Refusal) -> PlatformError | None:
    if refusal.is_transient:
        return graph.of_any(answer)
    if refusal.code == DUPLICATE or refusal.subcode == SAME_PHOTOS:
        return OutcomeUnknown(f"Facebook has this post already, it says; it may be this one: {refusal.said}")
    if refusal.subcode in BARRED:
        return ChannelBlocked(f"{BARRED[refusal.subcode]}: {refusal.said}", remedy=graph.LOOK)
    return _of_content(refusal) or graph.of_any(answer)


def _of_content(refusal: Refusal) -> Rejected | None:
    if refusal.code == TEMPORARILY_BARRED or refusal.is_unproved:
        return None
    why = REFUSED_BY.get(refusal.subcode) or (REFUSED.get(refusal.code) if isinstance(refusal.code, int) else None)
    return Rejected(f"Facebook refuses it, {why}: {refusal.said}") if why else None


def _lost(refusal: Refusal) -> NotSent:
    return NotSent(f"Facebook does not know an uploaded picture any more: {refusal.said}", forget=("media",))


def _names(refusal: Refusal, photos: Collection[str]) -> bool:
    return any(re.search(rf"\b{re.escape(photo)}\b", refusal.message) for photo in photos)


def _no_page(refusal: Refusal) -> NotSent:
    remedy = "Look at `page` in the config, then log the channel in again and choose this page."
    return NotSent(
        f"there is no such page, or the token may not see it: {refusal.said}", remedy=remedy, token_dead=True
    )
