"""What Instagram's errors mean, by code and subcode, before `graph.of_any` is asked. Pure.

Codes: https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/error-codes. What is not
listed is open on the visible call, and not sent on any other: 1, 2, what is transient, and of the subcodes 2207001 (a
fault of the server), 2207003 (a picture that came too slowly), 2207008 (a fault while publishing), 2207032, 2207053 and
2207082 (nothing came of the container).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

from campaign.errors import ChannelBlocked, NotSent, PlatformError, RateLimited, Rejected
from campaign.platforms.containers import QUOTA_WAIT, Look, Missing, Unready
from campaign.platforms.graph import LOOK, Refusal, of_any, refusal_in
from campaign.platforms.http import Answer

SOON = timedelta(seconds=15)
AGAIN = timedelta(minutes=1)

# Of each: error_subcode, and the code beside it. All are told before anything is visible:
# https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/error-codes
CONTENT = {
    2207004: "the picture is too large",  # 36000: more than 8 MB
    2207005: "the picture is not of a type that Instagram takes",  # 36001: it takes JPEG only
    2207009: "the picture is too high or too wide",  # 36003: between 4:5 and 1.91:1
    2207010: "the caption is too long",  # 36004: 2200 characters, 30 hashtags, 20 mentions
    2207023: "Instagram does not know this kind of post",  # 100
    2207026: "Instagram does not take this video format",  # 352
    2207028: "a carousel has 2 to 10 pictures",  # 100
    2207040: "the caption has too many hashtags or mentions",  # 100: 30 and 20
}
CODES: Mapping[int | str, int] = {
    36000: 2207004,
    36001: 2207005,
    36003: 2207009,
    36004: 2207010,
}  # where no subcode is given
NOT_FETCHED = 2207052  # 9004
NOT_READY = 2207027  # 9007
NOT_FOUND = (2207006, 2207020)  # 24 and -2: the container is not known, or has expired
QUOTA = 2207042  # 9
BARRED = {
    2207050: "the account is restricted or inactive",  # 25
    2207051: "Instagram restricts what the account does",  # 4, which is a throttle elsewhere
}
BEFORE_THE_SWITCH = 2108006  # 100, of insights

CONVERT = "Make the account a professional one in its settings, and link it to the Page where Facebook's login is used."
FETCH = "Instagram must be able to fetch the picture: campaign check fetches one through its public address."


def of_call(answer: Answer) -> PlatformError | None:
    """Return what a refusal means that is no one's in particular, None when it is not listed."""
    return own(refusal_in(answer)) or of_any(answer)


def of_publishing(answer: Answer) -> PlatformError | None:
    """Return what a refusal of the visible call means, None when it is not listed.

    A container that is not found or has expired is not forgotten: its state tells whether a new one may be made.
    """
    refusal = refusal_in(answer)
    if refusal.subcode in (NOT_READY, *NOT_FOUND):
        return Unready(f"the container cannot be published: {refusal.said}", retry_after=SOON)
    return own(refusal) or of_any(answer)


def of_thing(answer: Answer) -> PlatformError | None:
    """Return what a refusal means where a container or a post is asked for that may be gone."""
    refusal = refusal_in(answer)
    if refusal.is_missing or refusal.subcode in NOT_FOUND:
        return Missing(f"Instagram does not know it: {refusal.said}")
    return own(refusal) or of_any(answer)


def own(refusal: Refusal) -> PlatformError | None:
    """Return what Instagram alone means by an error."""
    subcode = refusal.subcode or CODES.get(refusal.code, 0)
    if subcode in CONTENT and not refusal.is_transient:
        return Rejected(f"{CONTENT[subcode]}: {refusal.said}")
    if subcode in BARRED:
        return ChannelBlocked(f"{BARRED[subcode]}: {refusal.said}", remedy=LOOK)
    if subcode == QUOTA:
        why = f"the account has published as often as Instagram allows within a day: {refusal.said}"
        return RateLimited(why, retry_after=QUOTA_WAIT)
    if subcode == NOT_FETCHED:
        return NotSent(f"the picture could not be fetched: {refusal.said}", remedy=FETCH, retry_after=AGAIN)
    return None


_SUBCODE = re.compile(r"\b(2207\d{3})\b")  # in the words of `status`: our own reading


def of_failure(look: Look) -> PlatformError:
    """Return what it means that nothing came of a container: its words hold a subcode."""
    found = _SUBCODE.search(look.said)
    said = look.said or str(look.state)
    listed = own(Refusal(subcode=int(found[1]), message=said)) if found else None
    return listed or NotSent(f"nothing came of the container, so a new one is made: {said}", retry_after=AGAIN)
