"""What the server's errors mean. Pure.

An error is `{"error": "Name", "message": "words"}` (https://atproto.com/specs/xrpc#error-responses). Its name tells
more than its status: an expired token is a 400. What is not listed here is unknown on a visible call.
"""

from __future__ import annotations

import json

from campaign.errors import ChannelBlocked, NotSent, OutcomeUnknown, PlatformError, Rejected
from campaign.platforms.http import Answer

# https://github.com/bluesky-social/atproto: packages/pds/src/auth-verifier.ts, packages/xrpc-server/src/errors.ts
DEAD_SESSION = ("ExpiredToken", "InvalidToken", "AuthMissing", "AuthenticationRequired")
CLOSED_ACCOUNT = ("AccountTakedown", "AccountDeactivated", "AccountSuspended")
NOT_THERE = ("RecordNotFound", "HandleNotFound")
UNKNOWN_CALL = ("XRPCNotSupported", "MethodNotImplemented")
# and of a call that writes: packages/pds/src/api/com/atproto/repo, which also says BlobNotFound and InvalidSwap
TOO_LARGE = ("BlobTooLarge", "PayloadTooLarge")


class NotThere(NotSent):
    """The server has no such record."""


def of_write(answer: Answer) -> PlatformError | None:
    """Return what a refusal to write means, None when it is not listed."""
    name, words = said(answer)
    if name == "BlobNotFound":
        return NotSent(f"the server has dropped an uploaded picture: {words}", forget=("blobs", "record"))
    if name == "InvalidSwap":
        return OutcomeUnknown(f"there is a record under the key of this post: {words}")
    if name == "InvalidRequest" or name in TOO_LARGE or answer.status == 413:
        return Rejected(words or "what was sent is too large for the server")
    return _of_any(answer, name, words)


def of_read(answer: Answer) -> PlatformError | None:
    """Return what a refusal to show a record means, None when it is not listed: nothing follows for the post."""
    name, words = said(answer)
    return NotThere(words) if name in NOT_THERE else _of_any(answer, name, words)


def of_handle(answer: Answer) -> PlatformError | None:
    """Return what it means that a handle is not resolved: it is no handle, or nobody has it."""
    name, words = said(answer)
    return NotThere(words) if name == "InvalidRequest" else of_read(answer)


def of_sign_in(answer: Answer) -> PlatformError | None:
    """Return what a refusal to sign in means, None when it is not listed."""
    name, words = said(answer)
    if name == "AuthFactorTokenRequired":
        return NotSent(
            "this is the password of the account itself",
            remedy="Make an app password in the account's settings, and use that.",
            token_dead=True,
        )
    if name in ("AuthenticationRequired", "InvalidRequest"):
        return NotSent(
            f"the server does not accept this handle and app password: {words}",
            remedy="Make a new app password in the account's settings, then log the channel in again.",
            token_dead=True,
        )
    return _of_any(answer, name, words)


def _of_any(answer: Answer, name: str, words: str) -> PlatformError | None:
    if name in DEAD_SESSION:
        return NotSent(f"the server does not take our session any more: {words}", token_dead=True)
    if name in CLOSED_ACCOUNT:
        return ChannelBlocked(
            f"the account is closed: {words}", remedy="Ask the server's support, or open the account again."
        )
    if name in UNKNOWN_CALL or answer.status == 501:
        return NotSent(
            f"the server does not know what we ask of it: {words}",
            remedy="base_url must lead to the account's own server or https://bsky.social, appview_url to an AppView.",
        )
    return None


def said(answer: Answer) -> tuple[str, str]:
    """Return an error's name and words; the name is empty where the server broke down, or an error page came."""
    try:
        body = json.loads(answer.body)
        name, words = body["error"], body.get("message", "")
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return "", answer.said
    refused = 400 <= answer.status < 500 or answer.status == 501
    return (str(name) if refused else ""), f"{words} ({name})".strip()
