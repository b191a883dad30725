"""What X's refusals mean, by status and by what is said. Pure.

A refusal is `{"title", "detail", "type", "status"}`, with `errors` that have a `message` where the request was wrong
(https://docs.x.com/x-api/fundamentals/response-codes-and-errors). What is not listed here is left to the caller's rule:
unknown on the visible call, not sent on any other. The first line that fits counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from campaign.errors import ChannelBlocked, NotSent, OutcomeUnknown, PlatformError, RateLimited, Rejected
from campaign.platforms.http import Answer
from campaign.platforms.waits import LONGEST_WAIT, retry_after

CONSOLE = "https://console.x.com"
GONE = "the post is not there any more"
# https://docs.x.com/x-api/fundamentals/rate-limits; those of a day come with some answers only
BUCKETS = ("x-rate-limit", "x-app-limit-24hour", "x-user-limit-24hour")


class Missing(NotSent):
    """X has no such thing."""


class Misspelt(NotSent):
    """X does not know a parameter by this name."""


class Hidden(NotSent):
    """X does not show this to the account."""


def token_dead(said: str) -> PlatformError:
    return NotSent(f"X does not accept the credentials ({said})", token_dead=True)


def out_of_credits(said: str) -> PlatformError:
    remedy = f"Buy credits, or raise the spending limit, in the console: {CONSOLE}"
    return ChannelBlocked(f"the account at X has no credits left ({said})", remedy=remedy)


def capped(said: str) -> PlatformError:
    remedy = f"The console shows the cap, and when it counts anew: {CONSOLE}"
    return ChannelBlocked(f"the app has reached its cap of use at X ({said})", remedy=remedy)


def app_barred(said: str) -> PlatformError:
    remedy = f"Look at the app in the console ({CONSOLE}): it must be enrolled, and may read and write."
    return ChannelBlocked(f"X does not let the app do this ({said})", remedy=remedy)


def account_barred(said: str) -> PlatformError:
    remedy = "Log in on x.com with the account: X says there what it wants."
    return ChannelBlocked(f"X bars the account ({said})", remedy=remedy)


def duplicate(said: str) -> PlatformError:
    return OutcomeUnknown(f"X says that this text is live already, which may be this post ({said})")


def media_lost(said: str) -> PlatformError:
    return NotSent(f"X does not know the uploaded pictures any more ({said})", forget=("media",))


def post_refused(said: str) -> PlatformError:
    return Rejected(f"X refuses the post ({said})")


def reply_refused(said: str) -> PlatformError:
    remedy = "Where X does not let the account answer itself, set thread = 1 on the channel."
    return Rejected(f"X refuses the answer ({said})", remedy=remedy)


def picture_refused(said: str) -> PlatformError:
    return Rejected(f"X refuses the picture ({said})")


Line = tuple[int, str, Callable[[str], PlatformError]]  # status, a pattern of what is said, what it means

OF_ACCOUNT: tuple[Line, ...] = (
    (401, "", token_dead),  # https://docs.x.com/x-api/fundamentals/response-codes-and-errors
    (402, "", out_of_credits),  # https://github.com/tryethernal/ethernal/issues/1314
    (429, r"usage-capped|usage cap", capped),  # https://docs.x.com/x-api/fundamentals/response-codes-and-errors
    (403, r"usage-capped|usage cap", capped),  # as above: some gateways answer so
    (403, r"client-forbidden|client-not-enrolled", app_barred),  # as above
    (403, r"unsupported-authentication", app_barred),  # https://github.com/plhery/node-twitter-api-v2/issues/495
    (403, r"oauth1-permissions", app_barred),  # https://github.com/plhery/node-twitter-api-v2/issues/432
    (403, r"\b(suspended|locked)\b", account_barred),  # https://docs.x.com/x-api/fundamentals/response-codes-and-errors
)
OF_POST: tuple[Line, ...] = (
    *OF_ACCOUNT,
    (403, r"duplicate", duplicate),  # https://github.com/akrherz/iembot/issues/163
    (400, r"media[ _]?ids?\b", media_lost),  # https://github.com/plhery/node-twitter-api-v2/issues/501
    (403, r"reply to this conversation", reply_refused),  # https://github.com/gptme/gptme-contrib/pull/811
    (403, r"deleted or not visible", reply_refused),  # our own reading: the post that it answers is gone
    (
        403,
        r"not permitted to perform this action",
        post_refused,
    ),  # too long, or no answer allowed: met by other clients
    (403, r"cashtag", post_refused),  # one at most: https://docs.x.com/changelog
    (403, r"invalid url", post_refused),  # https://github.com/gitroomhq/postiz-app
    (400, r"invalid[- ]request", post_refused),  # https://docs.x.com/x-api/fundamentals/response-codes-and-errors
)
OF_MEDIA: tuple[Line, ...] = (
    *OF_ACCOUNT,
    *((status, "", picture_refused) for status in (400, 413, 415, 422)),  # https://docs.x.com/x-api/media/media-upload
)
OF_ALT_TEXT: tuple[Line, ...] = (
    *OF_ACCOUNT,
    (404, "", media_lost),  # https://docs.x.com/x-api/media/create-media-metadata
    (400, r"media|\bid\b", media_lost),  # as above
)
OF_READ: tuple[Line, ...] = (
    *OF_ACCOUNT,
    (400, r"\b(tweet|post)\.fields\b|\bexpansions\b", Misspelt),  # the names change: https://docs.x.com/changelog
    (404, "", Missing),  # https://docs.x.com/x-api/fundamentals/response-codes-and-errors
)
OF_PRIVATE: tuple[Line, ...] = (
    (402, "", out_of_credits),  # as in OF_ACCOUNT
    (403, "", Hidden),  # https://docs.x.com/x-api/fundamentals/metrics
    *OF_READ,
)


def by(lines: tuple[Line, ...], now: Callable[[], datetime]) -> Callable[[Answer], PlatformError | None]:
    """Return what tells the meaning of an answer by some lines."""
    return lambda answer: meaning(lines, answer, now())


def meaning(lines: tuple[Line, ...], answer: Answer, now: datetime) -> PlatformError | None:
    """Return what a refusal means, None when it is not listed; one that asks to wait is on every list."""
    said = words(answer)
    for status, pattern, means in lines:
        if answer.status == status and re.search(pattern, said, re.IGNORECASE):
            return means(said)
    if answer.status == 429:
        return RateLimited(f"X asks to wait ({said})", retry_after=wait(answer.headers, now))
    return None


def of_renewal(answer: Answer) -> PlatformError | None:
    """A renewal is refused (RFC 6749, 5.2): X calls a used or revoked token an invalid value."""
    error = told(answer).get("error")
    said = words(answer)
    if error in ("invalid_request", "invalid_grant"):  # https://github.com/r-lib/httr2/issues/197
        return NotSent(f"X renews this login no more ({said})", token_dead=True)
    if error in ("unauthorized_client", "invalid_client"):  # RFC 6749, 5.2
        remedy = f"Compare client_id and client_secret of the channel with the app's, at {CONSOLE}."
        return ChannelBlocked(f"X does not know the app by these names ({said})", remedy=remedy)
    return None


def of_login(answer: Answer) -> PlatformError | None:
    """A code is refused."""
    if 400 <= answer.status < 500 and answer.status != 429:
        remedy = "Begin again; a code lasts for half a minute. client_id, client_secret and redirect_uri are the app's?"
        return Rejected(f"X refuses the login ({words(answer)})", remedy=remedy)
    return None


def told(answer: Answer) -> Mapping[str, Any]:
    """Return what an answer says, nothing where it is no JSON: a page of a gateway, or empty."""
    try:
        body = answer.json()
    except PlatformError:
        return {}
    return body if isinstance(body, dict) else {}


def words(answer: Answer) -> str:
    """Return X's own words, and the names that it gives them."""
    body = told(answer)
    pieces = dict.fromkeys(piece for each in (body, *errors(body)) for piece in _pieces(each))
    return ("; ".join(pieces) or answer.said or f"status {answer.status}")[:300]


def errors(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the errors that stand in an answer, which may be beside what was asked for."""
    listed = body.get("errors")
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _pieces(said: Mapping[str, Any]) -> Iterator[str]:
    kind = str(said.get("type") or "").rpartition("/")[2]
    names = "title", "detail", "message", "error", "error_description"
    yield from (str(said[name]) for name in names if isinstance(said.get(name), str) and said[name])
    yield from ([kind] if kind not in ("", "about:blank") else ())


def wait(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return how long X asks to wait: until the last of its empty buckets counts anew; None: it does not say."""
    resets = [_seconds(headers.get(f"{name}-reset", "")) for name in BUCKETS if headers.get(f"{name}-remaining") == "0"]
    moments = [datetime.fromtimestamp(seconds, UTC) for seconds in resets if seconds]
    if not moments:
        return retry_after(headers, now)
    return min(max(max(moments) - now, timedelta(0)), LONGEST_WAIT)


def _seconds(value: str) -> int:
    return int(value) if re.fullmatch(r"[0-9]{1,11}", value) else 0
