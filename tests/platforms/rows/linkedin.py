"""What LinkedIn refuses: https://learn.microsoft.com/linkedin/shared/api-guide/concepts/error-handling."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.platforms.linkedin.page import PAGE, POSTED, SHARE, SHARE_QUOTED, adapter, comment, item, send, uploading
from tests.platforms.mastodon.scripted import HTML_ERROR, Said, Scripted
from tests.platforms.rows import Call, Means, Row, Stage, blocked, dead, later, limited, refused, row, unknown

POSTS, ROLES = "POST /posts", "GET /organizationAcls"
COMMENT = f"POST /socialActions/{SHARE_QUOTED}/comments"
BRING, LOOK = "PUT /dms-uploads/A", "GET /images/urn%3Ali%3Aimage%3AA"


def well(server: Scripted) -> None:
    """Make a server answer everything well."""
    uploading(server, "A")
    server.says(POSTS, Said(b"", 201, dict(POSTED)))
    server.says(COMMENT, {"id": "71", "object": SHARE}, status=201)
    server.says("GET /organizations/5515715", {"localizedName": "ASA"})
    server.says(ROLES, {"elements": [{"organization": PAGE, "role": "ADMINISTRATOR", "state": "APPROVED"}]})


def post(stage: Stage) -> object:
    return send(adapter(stage.server, stage.clock), item())


def picture(stage: Stage) -> object:
    return send(adapter(stage.server, stage.clock), item(images=(stage.image(),)))


def first_comment(stage: Stage) -> object:
    return send(adapter(stage.server, stage.clock), comment())


def check(stage: Stage) -> object:
    return adapter(stage.server, stage.clock).check()


CALLS = {
    "post": Call(POSTS, post, visible=True),
    "picture": Call(POSTS, picture, visible=True),
    "comment": Call(COMMENT, first_comment, visible=True),
    "upload": Call("POST /images", picture),
    "bring": Call(BRING, picture, reads=False),
    "look": Call(LOOK, picture),
    "check": Call(ROLES, check),
}
VISIBLE, WRITING = ("post", "picture", "comment"), ("post", "picture", "comment", "upload")
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
TO_MIDNIGHT = timedelta(hours=16, minutes=3)  # and a little longer


def one(code: str, status: int = 400, message: str = "no", number: int = 0) -> dict[str, Any]:
    """Return a body of the first shape."""
    return {"status": status, "serviceErrorCode": number, "code": code, "message": message}


def other(code: str) -> dict[str, Any]:
    """Return a body of the second shape."""
    errors = [{"description": f"{code} it is", "input": {}, "code": code}]
    return {"message": "BadRequestResponseException", "errorDetails": {"inputErrors": errors}, "status": 400}


def on(calls: tuple[str, ...], means: Means, name: str, status: int, body: Any, **headers: str) -> Row:
    """Return a row that means the same on several calls."""
    return row(name, status, body, headers, **dict.fromkeys(calls, means))


REFUSED = {
    "FIELD_LENGTH_TOO_LONG": "a text in it is too long",
    "INVALID_VALUE_FOR_FIELD": "it does not take one of its values",
    "INVALID_VALUE_BLANK_FIELD": "something in it is empty",
    "MISSING_FIELD": "something is missing",
    "INVALID_URN_TYPE": "it names something of the wrong kind",
    "INVALID_URN_ID": "it names something that does not exist",
    "INVALID_IMAGE_ID": "it does not know a picture",
    "INVALID_URL": "it does not take the link",
    "MEDIA_ASSET_PROCESSING_FAILED": "it cannot read a picture",
}
MANY = one("TOO_MANY_REQUESTS", 429, THROTTLED.format("APPLICATION DAY"), 101)

ROWS = (
    on((*WRITING, "check"), dead(), "expired", 401, one("EXPIRED_ACCESS_TOKEN", 401, number=65602)),
    on((*WRITING, "check"), dead(), "revoked", 401, one("REVOKED_ACCESS_TOKEN", 401, number=65601)),
    on((*WRITING, "check"), dead(), "invalid", 401, one("INVALID_ACCESS_TOKEN", 401, number=65600)),
    on(
        (*WRITING, "check"),
        dead("Empty oauth2_access_token"),
        "empty",
        401,
        {"message": "Empty oauth2_access_token", "serviceErrorCode": 401},
    ),
    on(
        WRITING,
        blocked("Community Management API"),
        "role, scope or tier",
        403,
        one("ACCESS_DENIED", 403, "Not enough permissions to access: partnerApiPostsExternal.CREATE.20260901", 100),
    ),
    on(VISIBLE, unknown(), "a 403 of somebody else", 403, HTML_ERROR),
    on(
        (*WRITING, "check"),
        blocked("Set `version` of the channel"),
        "a version that has ended",
        426,
        one("NONEXISTENT_VERSION", 426, "Requested version 20250901 is not active"),
    ),
    on(WRITING, blocked("Set `version` of the channel"), "no version", 400, one("VERSION_MISSING")),
    on(
        VISIBLE,
        later("not done with a picture", wait=timedelta(seconds=30)),
        "a picture that is not up",
        400,
        one("MEDIA_ASSET_WAITING_UPLOAD"),
    ),
    on(WRITING, later("busy with the same thing"), "two at once", 409, one("CONFLICT", 409)),
    on(VISIBLE, unknown(), "a 409 of somebody else", 409, {"error": "no", "code": 2207051}),
    *(
        on(WRITING, refused(why), f"{code}, shape {n}", 400, body(code))
        for code, why in REFUSED.items()
        for n, body in enumerate((one, other), start=1)
    ),
    on(VISIBLE, refused("it cannot be processed"), "unprocessable", 422, one("UNPROCESSABLE_ENTITY", 422)),
    on(VISIBLE, unknown("urn:li:share:7141138937766391808"), "a duplicate", 422, DUPLICATE),
    on(
        VISIBLE,
        unknown("takes it for a duplicate"),
        "a duplicate by its words",
        422,
        one("UNPROCESSABLE_ENTITY", 422, "Content is a duplicate of urn:li:ugcPost:71"),
    ),
    on(WRITING, limited(TO_MIDNIGHT), "the day of the app is full", 429, MANY),
    on(
        WRITING,
        limited(TO_MIDNIGHT),
        "the day of the member is full",
        429,
        one("TOO_MANY_REQUESTS", 429, THROTTLED.format("MEMBER DAY"), 101),
    ),
    on(WRITING, limited(timedelta(seconds=90)), "a wait that is told", 429, MANY, **{"Retry-After": "90"}),
    on((*WRITING, "check"), limited(None), "a wait that is not", 429, one("TOO_MANY_REQUESTS", 429, "Too many")),
    row("the post above is gone", 404, one("NOT_FOUND", 404), comment=later("comments on"), post=unknown()),
    row("an upload that came too late", 400, one("EXPIRED_UPLOAD_URL"), bring=later()),
    row("an upload that is not allowed", 401, b"", bring=later()),
    row("the picture is gone", 404, one("NOT_FOUND", 404), look=later("still at work", wait=timedelta(minutes=2))),
    row("a code on no list", 400, one("SOMETHING_NEW"), post=unknown(), comment=unknown(), upload=later()),
    row("a known code with another status", 500, one("MISSING_FIELD", 500), post=unknown(), upload=later()),
    row("broken down", 500, {"status": 500, "message": "Internal Server Error"}, post=unknown(), upload=later()),
    row("busy", 503, b"", post=unknown(), upload=later()),
    row("slow", 504, HTML_ERROR, post=unknown(), look=later()),
    row("a list", 400, [], post=unknown()),
    row("errors of a strange shape", 400, {"errorDetails": {"inputErrors": ["x"]}}, post=unknown()),
)
