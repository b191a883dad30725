"""What LinkedIn's errors mean, each with a body as it gives it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from campaign.errors import ChannelBlocked, NotSent, OutcomeUnknown, PlatformError, RateLimited, Rejected
from campaign.platforms.linkedin.refusals import Duplicate
from campaign.rehearsal.clock import VirtualClock
from tests.platforms.linkedin.page import adapter, item, send, uploading
from tests.platforms.mastodon.scripted import HTML_ERROR, Kept, MakeImage, Scripted, error_of

DUPLICATE = {
    "errorDetailType": "com.linkedin.common.error.BadRequest",
    "message": "com.linkedin.content.common.exception.BadRequestResponseException: "
    "Content is a duplicate of urn:li:share:7141138937766391808",
    "errorDetails": {
        "inputErrors": [{"description": "Duplicate post is detected", "input": {}, "code": "DUPLICATE_POST"}]
    },
    "status": 422,
}
THROTTLED = "Resource level throttle {} limit for calls to this resource is reached."


def one(code: str, status: int = 400, message: str = "no", number: int = 0) -> dict[str, Any]:
    """Return a body of the first shape."""
    return {"status": status, "serviceErrorCode": number, "code": code, "message": message}


def other(code: str) -> dict[str, Any]:
    """Return a body of the second shape."""
    errors = [{"description": f"{code} it is", "input": {}, "code": code}]
    return {"message": "BadRequestResponseException", "errorDetails": {"inputErrors": errors}, "status": 400}


DEAD = {"token_dead": True}
ROWS: list[tuple[str, int, Any, type[PlatformError], dict[str, Any]]] = [
    ("expired", 401, one("EXPIRED_ACCESS_TOKEN", 401, number=65602), NotSent, DEAD),
    ("revoked", 401, one("REVOKED_ACCESS_TOKEN", 401, number=65601), NotSent, DEAD),
    ("invalid", 401, one("INVALID_ACCESS_TOKEN", 401, number=65600), NotSent, DEAD),
    ("empty", 401, {"message": "Empty oauth2_access_token", "serviceErrorCode": 401}, NotSent, DEAD),
    (
        "role, scope or tier",
        403,
        one("ACCESS_DENIED", 403, "Not enough permissions to access: partnerApiPostsExternal.CREATE.20260901", 100),
        ChannelBlocked,
        {},
    ),
    ("403 of somebody else", 403, HTML_ERROR, OutcomeUnknown, {}),
    (
        "version ended",
        426,
        one("NONEXISTENT_VERSION", 426, "Requested version 20250901 is not active"),
        ChannelBlocked,
        {},
    ),
    ("version missing", 400, one("VERSION_MISSING"), ChannelBlocked, {}),
    ("not uploaded", 400, one("MEDIA_ASSET_WAITING_UPLOAD"), NotSent, {"retry_after": timedelta(seconds=30)}),
    ("at once", 409, one("CONFLICT", 409), NotSent, {"token_dead": False}),
    ("409 of somebody else", 409, {"error": "no", "code": 2207051}, OutcomeUnknown, {}),
    *(
        (code.lower(), 400, body(code), Rejected, {})
        for code in (
            "FIELD_LENGTH_TOO_LONG",
            "INVALID_VALUE_FOR_FIELD",
            "INVALID_VALUE_BLANK_FIELD",
            "MISSING_FIELD",
            "INVALID_URN_TYPE",
            "INVALID_URN_ID",
            "INVALID_IMAGE_ID",
            "INVALID_URL",
            "MEDIA_ASSET_PROCESSING_FAILED",
        )
        for body in (one, other)
    ),
    ("unprocessable", 422, one("UNPROCESSABLE_ENTITY", 422), Rejected, {}),
    ("duplicate", 422, DUPLICATE, Duplicate, {"urn": "urn:li:share:7141138937766391808"}),
    (
        "duplicate by its words",
        422,
        one("UNPROCESSABLE_ENTITY", 422, "Content is a duplicate of urn:li:ugcPost:71"),
        Duplicate,
        {"urn": "urn:li:ugcPost:71"},
    ),
    (
        "duplicate by the words of an input error",
        422,
        {**DUPLICATE, "code": "UNPROCESSABLE_ENTITY", "message": "Invalid input"},
        Duplicate,
        {"urn": ""},
    ),
    (
        "duplicate by its words, with another status",
        400,
        one("INVALID_VALUE_FOR_FIELD", 400, "Content is a duplicate of urn:li:share:71"),
        Duplicate,
        {"urn": "urn:li:share:71"},
    ),
    ("duplicate of a person", 422, one("DUPLICATE_POST", 422, "by urn:li:person:7"), Duplicate, {"urn": ""}),
    ("a code on no list", 400, one("SOMETHING_NEW"), OutcomeUnknown, {}),
    ("a known code with another status", 500, one("MISSING_FIELD", 500), OutcomeUnknown, {}),
    ("broken down", 500, {"status": 500, "message": "Internal Server Error"}, OutcomeUnknown, {}),
    ("gateway", 502, HTML_ERROR, OutcomeUnknown, {}),
    ("busy", 503, b"", OutcomeUnknown, {}),
    ("slow", 504, HTML_ERROR, OutcomeUnknown, {}),
    ("a list", 400, [], OutcomeUnknown, {}),
    ("errors of a strange shape", 400, {"errorDetails": {"inputErrors": ["x"]}}, OutcomeUnknown, {}),
]


@pytest.mark.parametrize(("status", "body", "kind", "details"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_what_a_refusal_of_the_post_means(
    server: Scripted, clock: VirtualClock, status: int, body: Any, kind: type[PlatformError], details: dict[str, Any]
) -> None:
    server.says("POST /posts", body, status=status)

    error = error_of(lambda: send(adapter(server, clock), item()))

    assert type(error) is kind
    assert {name: getattr(error, name) for name in details} == details
    assert server.calls == ["POST /posts"]


@pytest.mark.parametrize(
    ("message", "headers", "wait"),
    [
        (THROTTLED.format("APPLICATION DAY"), {}, timedelta(hours=15, minutes=3)),
        (THROTTLED.format("MEMBER DAY"), {}, timedelta(hours=15, minutes=3)),
        (THROTTLED.format("APPLICATION DAY"), {"Retry_After": "90"}, timedelta(seconds=90)),
        ("Too many requests", {}, None),
    ],
)
def test_how_long_it_asks_to_wait(
    server: Scripted, message: str, headers: dict[str, str], wait: timedelta | None
) -> None:
    clock = VirtualClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
    server.says("POST /posts", one("TOO_MANY_REQUESTS", 429, message, 101), status=429, **headers)

    error = error_of(lambda: send(adapter(server, clock), item()))

    assert isinstance(error, RateLimited)
    assert error.retry_after == wait


@pytest.mark.parametrize(
    ("call", "status", "body", "kind"),
    [
        ("POST /images", 403, one("ACCESS_DENIED", 403), ChannelBlocked),
        ("POST /images", 426, one("NONEXISTENT_VERSION", 426), ChannelBlocked),
        ("POST /images", 500, b"", NotSent),
        ("PUT /dms-uploads/A", 400, one("EXPIRED_UPLOAD_URL"), NotSent),
        ("PUT /dms-uploads/A", 401, b"", NotSent),
        ("PUT /dms-uploads/A", 400, one("INVALID_URL"), NotSent),
        ("PUT /dms-uploads/A", 403, one("ACCESS_DENIED", 403), NotSent),
    ],
)
def test_a_refused_upload_sends_nothing(
    server: Scripted,
    clock: VirtualClock,
    image: MakeImage,
    call: str,
    status: int,
    body: Any,
    kind: type[PlatformError],
) -> None:
    uploading(server, "A")
    server.says(call, body, status=status)
    kept = Kept()

    assert type(error_of(lambda: send(adapter(server, clock), item(images=(image(),)), kept))) is kind
    assert "POST /posts" not in server.calls
    assert kept.values == {}


def test_an_upload_that_is_not_let_in_says_nothing_of_the_token(
    server: Scripted, clock: VirtualClock, image: MakeImage
) -> None:
    """The call before has just been let in with it; the address of an upload ends too."""
    uploading(server, "A")
    server.says("PUT /dms-uploads/A", b"", status=401)

    error = error_of(lambda: send(adapter(server, clock), item(images=(image(),))))

    assert isinstance(error, NotSent)
    assert not error.token_dead


def test_no_message_shows_a_secret(server: Scripted, clock: VirtualClock) -> None:
    server.says("POST /posts", one("MISSING_FIELD", 400, "Bearer canary-AQV-token is not enough"), status=400)
    assert "canary" not in str(error_of(lambda: send(adapter(server, clock), item())))
