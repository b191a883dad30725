"""What LinkedIn's errors mean. Pure.

Two shapes of body are in use, and gateways answer in HTML. The code of an error tells more than its status:
https://learn.microsoft.com/linkedin/shared/api-guide/concepts/error-handling. What is not listed here is left to the
caller's rule: unknown on the visible call, not sent on any other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

from campaign.errors import ChannelBlocked, NotSent, OutcomeUnknown, PlatformError, RateLimited, Rejected
from campaign.platforms.http import Answer
from campaign.platforms.waits import retry_after

GONE = "the post is not there any more"
NOT_READY_WAIT = timedelta(seconds=30)
AFTER_MIDNIGHT = timedelta(minutes=3)  # our own choice: not in the minute in which everybody comes back

# https://github.com/Arisamiga/Linkedin-RSS/issues/5
_CANDIDATE = re.compile(r"urn:li:(?:share|ugcPost|activity):\d+")  # a person's URN in the message is no post
_DUPLICATE = re.compile(r"duplicate", re.IGNORECASE)  # of what, is not always told, nor always with the same code


class Gone(NotSent):
    """There is no such thing, or none any more."""


class Forbidden(NotSent):
    """The token, or the member's role on the page, does not allow to look."""


class Duplicate(OutcomeUnknown):
    """LinkedIn takes the post for one that it has: perhaps ours, of an earlier call."""

    def __init__(self, words: str) -> None:
        named = _CANDIDATE.search(words)
        self.urn = named[0] if named else ""
        super().__init__(f"LinkedIn takes it for a duplicate ({words})")


def of_write(answer: Answer, now: datetime) -> PlatformError | None:
    """Return what a refusal means, None when it is not listed."""
    code, words = said(answer)
    if answer.status == 429:
        return throttled(answer, words, now)
    if answer.status in (400, 409, 422) and _DUPLICATE.search(f"{code} {words}"):
        return Duplicate(words)
    meaning = BY_STATUS.get(answer.status) or BY_CODE.get((answer.status, code))
    return meaning(words) if meaning else None


def of_upload(answer: Answer) -> PlatformError | None:
    """Return that no refusal of a picture's bytes says more than that they are not there.

    The call before was just let in, and the address that it gave may have ended: the next try asks for a new one.
    """
    return None


def of_read(answer: Answer, now: datetime) -> PlatformError | None:
    """Return what a refusal to show something means, None when it is not listed."""
    _, words = said(answer)
    if answer.status in (404, 410):
        return Gone(GONE)
    if answer.status == 403:
        return Forbidden(f"LinkedIn does not let us look ({words})")
    return of_write(answer, now)


def of_change(answer: Answer, now: datetime) -> PlatformError | None:
    """Return what it means that a live post is not changed, None when it is not listed."""
    return Gone(GONE) if answer.status in (404, 410) else of_write(answer, now)


def of_comment(answer: Answer, now: datetime) -> PlatformError | None:
    """Return what a refusal of a comment means, None when it is not listed.

    The post above was made a moment ago: how soon all of LinkedIn knows of it, is not documented.
    """
    if answer.status == 404:
        return NotSent("the post that it comments on is not there, or not yet")
    return of_write(answer, now)


def of_login(answer: Answer) -> PlatformError | None:
    """Return what it means that a code is not exchanged (RFC 6749, 5.2)."""
    if answer.status in (400, 401):
        return Rejected(
            f"LinkedIn refuses the login ({oauth_words(answer)})",
            remedy="Begin again; a code is good for one try. Look whether client_id, client_secret and redirect_uri "
            "are those of the app.",
        )
    return None


def of_renewal(answer: Answer) -> PlatformError | None:
    """Return what it means that a token is not renewed (RFC 6749, 5.2)."""
    if answer.status in (400, 401):
        return NotSent(f"LinkedIn does not renew the token ({oauth_words(answer)})", token_dead=True)
    return None


def throttled(answer: Answer, words: str, now: datetime) -> RateLimited:
    """Return how long to wait: limits count from midnight to midnight UTC, and no header tells.

    https://learn.microsoft.com/linkedin/shared/api-guide/concepts/rate-limits
    """
    wait = retry_after(answer.headers, now)
    if wait is None and "DAY limit" in words:
        midnight = datetime.combine(now.date() + timedelta(days=1), time.min, now.tzinfo)
        wait = midnight + AFTER_MIDNIGHT - now
    return RateLimited(f"LinkedIn asks to wait ({words})", retry_after=wait)


def said(answer: Answer) -> tuple[str, str]:
    """Return an error's code and words; the code is empty where none is given."""
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        return "", answer.said or "no reason given"
    first = _first_input_error(body)
    told = (str(each) for each in (body.get("message"), first.get("description")) if each)
    return str(body.get("code") or first.get("code") or ""), ": ".join(told)[:500] or answer.said


def _first_input_error(body: dict[str, Any]) -> dict[str, Any]:
    try:
        first = body["errorDetails"]["inputErrors"][0]
    except (KeyError, IndexError, TypeError):
        return {}
    return first if isinstance(first, dict) else {}


def oauth_words(answer: Answer) -> str:
    """Return the words of the token endpoint."""
    try:
        return ": ".join(filter(None, (answer.maybe("error"), answer.maybe("error_description")))) or answer.said
    except PlatformError:
        return answer.said


def _token_dead(words: str) -> PlatformError:
    return NotSent(f"LinkedIn does not take the token any more ({words})", token_dead=True)


def _not_allowed(words: str) -> PlatformError:
    return ChannelBlocked(
        f"LinkedIn does not allow this ({words})",
        remedy="The app needs the Community Management API, and whoever logs in a role on the page: administrator or "
        "content administrator. campaign channel check tells which is missing.",
    )


def _no_such_version(words: str) -> PlatformError:
    return ChannelBlocked(
        f"LinkedIn does not know this version of its API any more ({words})",
        remedy="Set `version` of the channel to a month of this year, such as the newest at "
        "https://learn.microsoft.com/linkedin/marketing/versioning",
    )


def _not_ready(words: str) -> PlatformError:
    return NotSent(f"LinkedIn is not done with a picture ({words})", retry_after=NOT_READY_WAIT)


def _at_once(words: str) -> PlatformError:
    return NotSent(f"LinkedIn was busy with the same thing ({words})")


def _refused(why: str) -> Callable[[str], PlatformError]:
    return lambda words: Rejected(f"LinkedIn refuses it: {why} ({words})")


# https://learn.microsoft.com/linkedin/shared/api-guide/concepts/error-handling
BY_STATUS: dict[int, Callable[[str], PlatformError]] = {
    401: _token_dead,  # EXPIRED_ACCESS_TOKEN, REVOKED_ACCESS_TOKEN, INVALID_ACCESS_TOKEN, "Empty oauth2_access_token"
    426: _no_such_version,  # NONEXISTENT_VERSION: https://learn.microsoft.com/linkedin/marketing/versioning
}
# https://learn.microsoft.com/linkedin/marketing/community-management/shares/posts-api#error-codes: nothing was made
BY_CODE: dict[tuple[int, str], Callable[[str], PlatformError]] = {
    (403, "ACCESS_DENIED"): _not_allowed,
    (400, "VERSION_MISSING"): _no_such_version,
    (400, "MEDIA_ASSET_WAITING_UPLOAD"): _not_ready,
    (409, "CONFLICT"): _at_once,
    (400, "FIELD_LENGTH_TOO_LONG"): _refused("a text in it is too long"),
    (400, "INVALID_VALUE_FOR_FIELD"): _refused("it does not take one of its values"),
    (400, "INVALID_VALUE_BLANK_FIELD"): _refused("something in it is empty"),
    (400, "MISSING_FIELD"): _refused("something is missing"),
    (400, "INVALID_URN_TYPE"): _refused("it names something of the wrong kind"),
    (400, "INVALID_URN_ID"): _refused("it names something that does not exist"),
    (400, "INVALID_IMAGE_ID"): _refused("it does not know a picture"),
    (400, "INVALID_URL"): _refused("it does not take the link"),
    (400, "MEDIA_ASSET_PROCESSING_FAILED"): _refused("it cannot read a picture"),
    (422, "UNPROCESSABLE_ENTITY"): _refused("it cannot be processed"),
}
