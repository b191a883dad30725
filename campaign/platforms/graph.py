"""What Meta's platforms share: how an error is written and what it means everywhere, how full a limit is, tokens.

- `of_any` is the table of what means the same on Facebook, Instagram and Threads. An adapter looks into its own first:
  `own(refusal_in(answer)) or of_any(answer)`. What is in neither is left open, as `http` has it.
- `refusal_in` and `usage_in` read an answer; whatever is missing or odd there is taken as not said.
- `exchanged` makes the one call of all their logins: a code or a token is exchanged for a token.
- `VERSIONS` and `ending` are about the Graph API, which Threads has its own version of.

Errors: https://developers.facebook.com/docs/graph-api/guides/error-handling. The status tells nothing: a token that has
ended and a limit that is reached come as 400, 403 or 500.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from campaign.config.words import Secret
from campaign.errors import ChannelBlocked, NotSent, PlatformError, RateLimited, Rejected
from campaign.log import hide
from campaign.platforms.grants import Grant
from campaign.platforms.http import Answer, Classify, Http

# https://developers.facebook.com/docs/graph-api/guides/error-handling, for all codes of this table
DEAD_TOKEN = {
    102: "the session has ended",
    190: "the token is not accepted",
}
ENDED = {  # error_subcode of 190
    458: "the app was removed from the person's account",
    459: "the person must log in to facebook.com and pass a check",
    460: "the person has changed the password",
    463: "the token has ended",
    464: "the person's account is not confirmed",
    467: "the token was revoked",
    492: "the person has no role on the page any more",
}
PERMISSION = frozenset({3, 10, *range(200, 300)})
# https://developers.facebook.com/docs/graph-api/overview/rate-limiting
THROTTLED = frozenset({4, 17, 32, 341, 613, *range(80000, 80100)})
TOO_FAST = 1390008  # error_subcode, also of 368; in no list of Meta's, met by other clients
NOT_THERE = (100, 33)  # or not to be seen by this token: which of the two is not told

USUAL_WAIT = timedelta(hours=1)  # limits count in rolling hours: …/graph-api/overview/rate-limiting
LONGEST_WAIT = timedelta(hours=24)  # the longest window that is counted in: …/graph-api/overview/rate-limiting
SLOW_DOWN = timedelta(hours=6)  # our own choice: nobody says how long

LOG_IN = "Log the channel in again, as a person who may publish there."
AGREE = "Log the channel in again, agree to everything asked, and look whether the person may publish there."
APP = (
    "Set client_id and client_secret of this app in the config, or log the channel in again with the one in the config."
)
LOOK = "Log in to the account in a browser: it says what is wrong. Wait a day at least, then enable the channel."
RENEW = "Set `version` of the channel to a newer one: https://developers.facebook.com/docs/graph-api/changelog"
# https://developers.facebook.com/docs/graph-api/guides/error-handling
NEEDS_PERSON: Mapping[int | str, tuple[str, str]] = {
    "unproved": ("`client_secret` is not the secret of the app that the token was given to", APP),
    368: ("Meta has barred the account for a while", LOOK),
    2635: ("this version of Meta's API has ended", RENEW),
}

# https://developers.facebook.com/docs/graph-api/changelog, read in November 2026; None: it has no end yet
VERSIONS: Mapping[str, date | None] = {
    "v20.0": date(2026, 9, 24),
    "v21.0": date(2027, 1, 21),
    "v22.0": date(2027, 5, 20),
    "v23.0": date(2027, 10, 8),
    "v24.0": date(2028, 2, 18),
    "v25.0": date(2028, 7, 29),
    "v26.0": None,
}
ENDS_SOON = timedelta(days=90)


@dataclass(frozen=True)
class Refusal:
    """An error as Meta writes it; nothing of it need be there."""

    code: int | str = 0  # a text on Threads, at times; 0: none was given
    subcode: int = 0
    message: str = ""  # for developers
    user_message: str = ""  # for people
    is_transient: bool = False  # then no code tells that it is refused for good
    trace: str = ""  # by which Meta finds it again

    @property
    def is_missing(self) -> bool:
        """Whether there is no such object, or none that this token may see."""
        return (self.code, self.subcode) == NOT_THERE

    @property
    def is_permission(self) -> bool:
        """Whether the token, or the person behind it, may not do this."""
        return self.code in PERMISSION

    @property
    def is_unproved(self) -> bool:
        """Whether `appsecret_proof` is wrong; its code, 100, is that of any parameter."""
        return "appsecret_proof" in self.message

    @property
    def said(self) -> str:
        """What Meta says, in few words, and how it is called there."""
        words = self.user_message or self.message or "no reason given"
        numbers = f"{self.code}/{self.subcode}" if self.subcode else str(self.code or "without a code")
        return f"{words} ({', '.join(filter(None, (numbers, self.trace)))})"


def refusal_in(answer: Answer) -> Refusal:
    """Return the error in an answer; an empty body and a page have none."""
    try:
        told = json.loads(answer.body)["error"]
        fields = dict(told.items())
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return Refusal(message=answer.said)
    return Refusal(
        code=_code(fields.get("code")),
        subcode=_number(fields.get("error_subcode")),
        message=_words(fields.get("message")),
        user_message=_words(fields.get("error_user_msg")),
        is_transient=fields.get("is_transient") is True,
        trace=_words(fields.get("fbtrace_id")),
    )


def of_any(answer: Answer) -> PlatformError | None:
    """Return what a refusal means on whatever call of whatever platform, None when it is not listed here.

    None are 1 and 2 (a fault at Meta's) and what is transient: on the visible call these leave it open.
    """
    refusal = refusal_in(answer)
    code, said = refusal.code, refusal.said
    if code in THROTTLED or refusal.subcode == TOO_FAST:
        least = SLOW_DOWN if refusal.subcode == TOO_FAST else timedelta(0)
        wait = usage_in(answer.headers).regained_in or USUAL_WAIT
        return RateLimited(f"Meta asks to wait: {said}", retry_after=max(wait, least))
    if refusal.is_transient:
        return None
    if code in DEAD_TOKEN:
        why = ENDED.get(refusal.subcode, DEAD_TOKEN[int(code)])
        return NotSent(f"{why}: {said}", remedy=LOG_IN, token_dead=True)
    if refusal.is_permission:
        return NotSent(f"the token may not do this: {said}", remedy=AGREE, token_dead=True)
    if stop := NEEDS_PERSON.get("unproved" if refusal.is_unproved else code):
        return ChannelBlocked(f"{stop[0]}: {said}", remedy=stop[1])
    return None


def of_login(answer: Answer) -> PlatformError | None:
    """Return what it means that a code or a token is not exchanged while somebody logs in."""
    refusal = refusal_in(answer)
    if refusal.code and not refusal.is_transient and refusal.code not in (1, 2, *THROTTLED):
        return Rejected(f"Meta refuses the login: {refusal.said}", remedy="Begin again; a code is good for one try.")
    return of_any(answer)


@dataclass(frozen=True)
class Usage:
    """How much of a limit is used, in percent of the fullest one, and when there is room again, if that is told."""

    percent: int = 0
    regained_in: timedelta | None = None


def usage_in(headers: Mapping[str, str]) -> Usage:
    """Read `X-Business-Use-Case-Usage`, which tells minutes, and `X-App-Usage`, which does not.

    https://developers.facebook.com/docs/graph-api/overview/rate-limiting#headers
    """
    cases = _told(headers, "X-Business-Use-Case-Usage")
    limits = [each for many in cases.values() if isinstance(many, list) for each in many if isinstance(each, dict)]
    parts = ("call_count", "total_time", "total_cputime")
    percents = [_number(limit.get(part)) for limit in (*limits, _told(headers, "X-App-Usage")) for part in parts]
    minutes = max((_number(limit.get("estimated_time_to_regain_access")) for limit in limits), default=0)
    longest = int(LONGEST_WAIT.total_seconds()) // 60
    return Usage(max(percents), timedelta(minutes=min(minutes, longest)) if minutes > 0 else None)


def proof_of(token: str, app_secret: Secret | None) -> dict[str, str]:
    """Return the parameter that proves that a call is the app's; nothing where the app's secret is not set.

    https://developers.facebook.com/docs/graph-api/guides/secure-requests
    """
    if app_secret is None:
        return {}
    return {"appsecret_proof": hmac.new(app_secret.reveal().encode(), token.encode(), hashlib.sha256).hexdigest()}


def exchanged(
    http: Http, path: str, query: Mapping[str, str], *, now: datetime, classify: Classify = of_login
) -> Grant:
    """Exchange a code or a token for a token, by GET as all their exchanges are; no message shows it from here on.

    https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived. The grant has a token and
    its end, None where no end is told; `account` and `server` are the caller's to fill in.
    """
    answer = http.get(path, params=query, classify=classify)
    token, seconds = answer.text("access_token"), answer.count("expires_in")
    hide([token], passing=True)
    return Grant(token, expires_at=now + timedelta(seconds=seconds) if seconds else None)


def ending(version: str, today: date) -> str:
    """Return a warning about a version of the Graph API that ends soon, empty for one that does not."""
    ends = VERSIONS.get(version)
    if ends is None or ends - today > ENDS_SOON:
        return ""
    verb = "ends" if ends >= today else "has ended"
    return f"version {version} of Meta's API {verb} on {ends:%d %B %Y}: set `version` of the channel to a newer one"


def _code(value: Any) -> int | str:
    """Return a code as a number wherever it is one; Threads gives names at times."""
    if isinstance(value, str) and not value.lstrip("-").isdecimal():
        return value
    return _number(value)


def _number(value: Any) -> int:
    try:
        return int(value) if isinstance(value, int | float | str) else 0
    except (ValueError, OverflowError):
        return 0


def _words(value: Any) -> str:
    return " ".join(value.split())[:300] if isinstance(value, str) else ""


def _told(headers: Mapping[str, str], name: str) -> dict[str, Any]:
    try:
        told = json.loads(headers.get(name, ""))
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
