"""What a server of the AT Protocol refuses: https://atproto.com/specs/xrpc#error-responses and the reference server."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.platforms.bluesky_server import BLOB, DID, HANDLE, URI, Rig, Tokens, item, session
from tests.platforms.mastodon.scripted import HTML_ERROR, Scripted
from tests.platforms.rows import Call, Means, Row, Stage, blocked, dead, later, limited, lost, refused, row, unknown

PUT, BLOBS = "POST /xrpc/com.atproto.repo.putRecord", "POST /xrpc/com.atproto.repo.uploadBlob"
RECORD, WHO = "GET /xrpc/com.atproto.repo.getRecord", "GET /xrpc/com.atproto.server.getSession"
RENEW = "POST /xrpc/com.atproto.server.refreshSession"


def well(server: Scripted) -> None:
    """Make a server answer everything well."""
    server.says(PUT, {"uri": URI, "cid": "bafyreione", "validationStatus": "valid"})
    server.says(BLOBS, {"blob": BLOB})
    server.says(RECORD, {"uri": URI, "cid": "bafyreione", "value": {"text": ""}})
    server.says(WHO, {"did": DID, "handle": HANDLE, "active": True})
    server.says(RENEW, {"accessJwt": "the-next", "refreshJwt": "the-next-refresh", "handle": HANDLE, "did": DID})


def rig(stage: Stage) -> Rig:
    return Rig(stage.server.server, stage.clock, {}, Tokens(**session(stage.clock, stage.server.server)))


def sent(stage: Stage, **values: Any) -> object:
    part, channel = item(**values), rig(stage)
    channel.prepare(part)
    return channel.publish(part)


def post(stage: Stage) -> object:
    return sent(stage)


def picture(stage: Stage) -> object:
    return sent(stage, images=(stage.image(),))


def answer(stage: Stage) -> object:
    return sent(stage, n=2, role="reply", root=URI, reply_to=URI)


def check(stage: Stage) -> object:
    return rig(stage).bluesky.check()


CALLS = {
    "post": Call(PUT, post, visible=True),
    "picture": Call(PUT, picture, visible=True),
    "upload": Call(BLOBS, picture),
    "look above": Call(RECORD, answer),
    "check": Call(WHO, check),
}
WRITING = ("post", "picture", "upload")


def said(calls: tuple[str, ...], means: Means, status: int, name: str, message: str = "", **headers: str) -> Row:
    """Return a refusal as the reference server words it."""
    body = {"error": name, "message": message}
    return row(f"{status} {name} {message}".strip(), status, body, headers, **dict.fromkeys(calls, means))


EVERY = tuple(CALLS)
FOUR = timedelta(minutes=4)

ROWS = (
    said(EVERY, dead("Token has expired (ExpiredToken)"), 400, "ExpiredToken", "Token has expired"),
    said(EVERY, dead("Token has been revoked"), 400, "ExpiredToken", "Token has been revoked"),
    said(EVERY, dead("could not be verified"), 400, "InvalidToken", "Token could not be verified"),
    said(EVERY, dead("Authentication Required"), 401, "AuthMissing", "Authentication Required"),
    said(EVERY, dead("Authentication Required"), 401, "AuthenticationRequired", "Authentication Required"),
    said(EVERY, blocked("Ask the server's support"), 401, "AccountTakedown", "Account has been taken down"),
    said(EVERY, blocked("open the account again"), 401, "AccountDeactivated", "Account is deactivated"),
    said(EVERY, blocked("open the account again"), 401, "AccountSuspended", "Account is suspended"),
    said(EVERY, limited(None), 429, "RateLimitExceeded", "Rate Limit Exceeded"),
    said(
        EVERY,
        limited(FOUR),
        429,
        "RateLimitExceeded",
        "Rate Limit Exceeded, until then",
        **{"RateLimit-Reset": "1772438640"},
    ),
    row("a proxy asks to wait", 429, b"<h1>Slow down</h1>", post=limited(None), upload=limited(None)),
    said(
        WRITING,
        refused("grapheme too big (maximum 300, got 312)"),
        400,
        "InvalidRequest",
        "Invalid app.bsky.feed.post record: grapheme too big (maximum 300, got 312)",
    ),
    said(
        WRITING,
        refused("blob too big"),
        400,
        "InvalidRequest",
        "Invalid app.bsky.feed.post record: blob too big (maximum 2000000, got 2000001)",
    ),
    said(("picture",), lost("blobs", "record", words="bafkrei"), 400, "BlobNotFound", "Could not find blob: bafkrei"),
    said(
        WRITING,
        refused("It is 1.47MB"),
        400,
        "BlobTooLarge",
        "This file is too large. It is 1.47MB but the maximum size is 976.56KB.",
    ),
    said(WRITING, refused("too large"), 413, "PayloadTooLarge", "request entity too large"),
    row("too large for a proxy", 413, b"<h1>too large</h1>", post=refused("too large"), upload=refused("too large")),
    row("too large, without a word", 413, b"", post=refused("too large"), upload=refused("too large")),
    said(("post", "picture"), unknown("under the key of this post"), 400, "InvalidSwap", "Record was at bafyrei"),
    said(("post", "picture"), unknown(), 500, "InternalServerError", "Internal Server Error"),
    said(("upload", "look above", "check"), later(), 500, "InternalServerError", "Internal Server Error"),
    said(("post",), unknown("status 502"), 502, "UpstreamFailure", "Upstream Failure"),
    said(("post",), unknown("status 503"), 503, "NotEnoughResources", "Not Enough Resources"),
    said(("post",), unknown("status 504"), 504, "UpstreamTimeout", "Upstream Timeout"),
    said(("upload",), later("status 502"), 502, "UpstreamFailure", "Upstream Failure"),
    said(("post",), unknown("status 502"), 502, "ExpiredToken", "from behind"),
    said(("post",), unknown("status 403"), 403, "AccountNotFound", "Could not find repo"),
    said(EVERY, later("base_url must lead to"), 404, "XRPCNotSupported", "XRPCNotSupported"),
    said(EVERY, later("base_url must lead to"), 501, "MethodNotImplemented", "Method Not Implemented"),
    said(("look above",), refused(), 400, "RecordNotFound", f"Could not locate record: {URI}"),
    row("a proxy's refusal", 400, b"<h1>400 Bad Request</h1>", post=unknown("400 Bad Request"), upload=later()),
    row("an error that is no object", 400, b'["InvalidRequest"]', post=unknown("status 400")),
    row("an error without a name", 400, {"message": "InvalidRequest"}, post=unknown("status 400")),
    row("a yes without an address", 200, {"cid": "bafyrei"}, post=unknown("lacks uri"), upload=later("lacks blob")),
    row("slow", 504, HTML_ERROR, post=unknown(), check=later()),
)
