"""What means the same on Facebook, Instagram and Threads: https://developers.facebook.com/docs/graph-api/guides/error-handling."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from tests.platforms.contained import refusal, said
from tests.platforms.mastodon.scripted import Said
from tests.platforms.rows import Means, Row, blocked, dead, later, limited, unknown

HOUR = timedelta(hours=1)
EXPIRED = refusal(
    190,
    463,
    "Error validating access token: Session has expired on Monday",
    error_user_title="Log in",
    error_user_msg="",
    is_transient=False,
)
FULL = {"X-Business-Use-Case-Usage": '{"1":[{"type":"pages","call_count":100,"estimated_time_to_regain_access":12}]}'}

WHATEVER_THE_CALL: Sequence[tuple[str, Said, Means]] = (
    ("the token has ended", Said(EXPIRED, 400), dead("the token has ended: Error validating access token")),
    ("the token has ended, by another status", Said(EXPIRED, 500), dead("the token has ended")),
    ("the app was removed", said(190, 458), dead("the app was removed")),
    ("a check of the person", said(190, 459), dead("pass a check")),
    ("another password", said(190, 460), dead("changed the password")),
    ("an account that is not confirmed", said(190, 464), dead("not confirmed")),
    ("a token that was revoked", said(190, 467), dead("was revoked")),
    ("no role on the page", said(190, 492), dead("no role on the page")),
    ("the session has ended", said(102), dead("the session has ended")),
    ("a permission of the app", said(10, status=403), dead("may not do this")),
    ("a capability", said(3, status=403), dead("may not do this")),
    ("a permission", said(200, status=403), dead("may not do this")),
    ("the last of the permissions", said(299, status=403), dead("may not do this")),
    ("the limit of the app", said(4), limited(HOUR)),
    ("the limit of the person", said(17), limited(HOUR)),
    ("the limit of the page", said(32, status=403), limited(HOUR)),
    ("another limit of the app", said(341), limited(HOUR)),
    ("a limit of its own", said(613), limited(HOUR)),
    ("too much at once", said(613, 1996), limited(HOUR)),
    ("a limit that says when it ends", Said(refusal(80001), 400, FULL), limited(timedelta(minutes=12))),
    ("a limit, though it is transient", said(80002, is_transient=True), limited(HOUR)),
    ("a limit of a gateway", Said(b"<h1>Slow down</h1>", 429, {"Retry-After": "90"}), limited(timedelta(seconds=90))),
    ("the version has ended", said(2635), blocked("Set `version`")),
)
BROKEN: Sequence[tuple[str, Said]] = (
    ("a fault at Meta's", said(1, 0, 500, message="An unknown error occurred")),
    ("the service is down", said(2, 0, 503, message="Service temporarily unavailable")),
    ("the service is down for a while", said(2, 0, 500, is_transient=True)),
    ("a transient fault, whatever its code", said(190, is_transient=True)),
    ("a code on no list", said(99999)),
    ("a name on no list", said("SOME_NAME")),
)


def everywhere(*, visible: Sequence[str], others: Sequence[str]) -> list[Row]:
    """Return the rows for the calls of a platform, which are named."""
    listed = [Row(name, says, dict.fromkeys((*visible, *others), means)) for name, says, means in WHATEVER_THE_CALL]
    left_open = {**dict.fromkeys(visible, unknown()), **dict.fromkeys(others, later())}
    return listed + [Row(name, says, left_open) for name, says in BROKEN]


def coded(
    name: str, code: int | str, subcode: int = 0, message: str = "", more: dict[str, bool] | None = None, **means: Means
) -> Row:
    """Return the row of a code and its subcode."""
    return Row(name, said(code, subcode, message=message or name, **(more or {})), means)
