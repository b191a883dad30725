"""What Threads' errors mean, by code and subcode, before `graph.of_any` is asked. Pure.

Codes: https://developers.facebook.com/docs/threads/troubleshooting, and for some only what other clients have met. An
error may be a 500 with an empty body, and a code may be a name. What is not listed is open on the visible call, and not
sent on any other.
"""

from __future__ import annotations

from datetime import timedelta

from campaign.errors import ChannelBlocked, NotSent, PlatformError, Rejected
from campaign.platforms.containers import Look, Missing, Unready
from campaign.platforms.graph import AGREE, LOOK, TOO_FAST, Refusal, of_any, refusal_in
from campaign.platforms.http import Answer

SOON = timedelta(seconds=15)
AGAIN = timedelta(minutes=1)

# https://developers.facebook.com/docs/threads/troubleshooting; 4279013, 368 and the names: met by other clients
NOT_FOUND = 4279009  # 24: a container that is not ready, or a post that was published seconds ago
NOT_READY = 2207027  # 9007
RESTRICTED = {
    2207051: "Threads restricts what the account does",  # 4, which is a throttle elsewhere
    4279013: "the account is restricted",
}
TOO_MANY_LINKS = "THREADS_API__LINK_LIMIT_EXCEEDED"  # more than 5 different ones
NO_FEATURE = "THREADS_API__FEATURE_NOT_AVAILABLE"
INVALID = 100  # a parameter: the text is too long, the picture is no picture
FLAGGED = 368  # which on Threads is about the post
NOT_FETCHED = "could not be fetched from this URI"

FETCH = "Threads must be able to fetch the picture: campaign check fetches one through its public address."


def of_call(answer: Answer) -> PlatformError | None:
    """Return what a refusal means that is no call's in particular, None when it is not listed."""
    return own(refusal_in(answer)) or of_any(answer)


def of_making(answer: Answer) -> PlatformError | None:
    """Return what a refusal to make a container means, None when it is not listed."""
    refusal = refusal_in(answer)
    if refusal.subcode == NOT_FOUND:
        return Unready(f"the post that it answers is not known yet: {refusal.said}", retry_after=SOON)
    if NOT_FETCHED in f"{refusal.message} {refusal.user_message}":
        return NotSent(f"the picture could not be fetched: {refusal.said}", remedy=FETCH, retry_after=AGAIN)
    if refusal.code == INVALID and not refusal.is_missing and not refusal.is_transient:
        return Rejected(f"Threads refuses the post: {refusal.said}")
    return own(refusal) or of_any(answer)


def of_publishing(answer: Answer) -> PlatformError | None:
    """Return what a refusal of the visible call means, None when it is not listed.

    A container that is not found is not forgotten: its state tells whether a new one may be made.
    """
    refusal = refusal_in(answer)
    if refusal.subcode in (NOT_FOUND, NOT_READY):
        return Unready(f"the container cannot be published: {refusal.said}", retry_after=SOON)
    return own(refusal) or of_any(answer)


def of_thing(answer: Answer) -> PlatformError | None:
    """Return what a refusal means where a container or a post is asked for that may be gone."""
    refusal = refusal_in(answer)
    if refusal.is_missing or refusal.subcode == NOT_FOUND:
        return Missing(f"Threads does not know it: {refusal.said}")
    return own(refusal) or of_any(answer)


def own(refusal: Refusal) -> PlatformError | None:
    """Return what Threads alone means by an error, whatever was asked."""
    if refusal.subcode in RESTRICTED:
        return ChannelBlocked(f"{RESTRICTED[refusal.subcode]}: {refusal.said}", remedy=LOOK)
    if refusal.code == TOO_MANY_LINKS:
        return Rejected(f"the post has more links than Threads takes: {refusal.said}")
    if refusal.code == NO_FEATURE:
        return NotSent(f"the token may not do this: {refusal.said}", remedy=AGREE, token_dead=True)
    if refusal.code == FLAGGED and refusal.subcode != TOO_FAST:
        return Rejected(f"Threads does not take the post by its rules: {refusal.said}")
    return None


def of_failure(look: Look) -> PlatformError:
    """Return what it means that nothing came of a container: its words are a name, such as INVALID_ASPEC_RATIO."""
    said = look.said or str(look.state)
    if said.startswith("INVALID_"):
        return Rejected(f"Threads does not take the picture: {said}")
    return NotSent(f"nothing came of the container, so a new one is made: {said}", retry_after=AGAIN)
