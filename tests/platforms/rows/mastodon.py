"""What Mastodon and the servers like it refuse: https://docs.joinmastodon.org/methods/statuses/#create."""

from __future__ import annotations

from datetime import timedelta

from tests.platforms.mastodon.scripted import ACCOUNT, HTML_ERROR, MASTODON, Scripted, adapter, item, send, status
from tests.platforms.rows import Call, Stage, blocked, dead, later, limited, lost, refused, row, unknown

POST, UPLOAD = "POST /api/v1/statuses", "POST /api/v2/media"
LOOK, WHO = "GET /api/v1/media/11", "GET /api/v1/accounts/verify_credentials"
FIVE = timedelta(minutes=5)


def well(server: Scripted) -> None:
    """Make a server answer everything well."""
    server.says("GET /api/v2/instance", MASTODON)
    server.says("GET /api/v1/accounts/7/statuses", [])
    server.says(WHO, ACCOUNT)
    server.says(UPLOAD, {"id": "11", "url": None}, status=202)  # so that it is looked at until it is ready
    server.says(LOOK, {"id": "11"})
    server.says(POST, status())


def post(stage: Stage) -> object:
    return send(adapter(stage.server, stage.clock), item())


def picture(stage: Stage) -> object:
    return send(adapter(stage.server, stage.clock), item(images=(stage.image(),)))


def answer(stage: Stage) -> object:
    return send(adapter(stage.server, stage.clock), item(n=2, role="reply", root="77", reply_to="77"))


def check(stage: Stage) -> object:
    return adapter(stage.server, stage.clock).check()


CALLS = {
    "post": Call(POST, post, visible=True),
    "picture": Call(POST, picture, visible=True),
    "answer": Call(POST, answer, visible=True),
    "upload": Call(UPLOAD, picture),
    "look": Call(LOOK, picture, reads=False),  # its status tells all
    "check": Call(WHO, check),
}


def error(words: str) -> dict[str, str]:
    return {"error": words}


ROWS = (
    row("a wrong token", 401, error("The access token is invalid"), post=dead("is invalid"), upload=dead()),
    row("a revoked token", 401, error("The access token was revoked"), post=dead("was revoked"), check=dead()),
    row("an expired token", 401, error("The access token expired"), post=dead(), upload=dead(), check=dead()),
    row("no token", 401, error("This API requires an authenticated user"), post=dead(), check=dead()),
    row(
        "a scope",
        403,
        error("This action is outside the authorized scopes"),
        post=dead("write:statuses"),
        upload=dead("write:media"),
        check=dead(),
    ),
    *(
        row(words, 403, error(words), post=blocked(words), upload=blocked(words), check=blocked(words))
        for words in (
            "Your login is currently disabled",
            "Your login is currently pending approval",
            "Your account is suspended",
            "Your registration is pending",
            "Your account waits for approval",
            "Your login is missing a confirmed e-mail address",
            "This account has moved",
            "This account is frozen",
            "This account is banned",
        )
    ),
    row("moved", 302, headers={"Location": "https://elsewhere.example/"}, post=unknown(), check=later()),
    row(
        "asks to wait, by a date",
        429,
        error("Too many requests"),
        {"X-RateLimit-Reset": "2026-03-02T08:05:00.000000Z"},
        post=limited(FIVE),
        upload=limited(FIVE),
        check=limited(FIVE),
    ),
    row("GoToSocial: asks to wait", 429, b"", {"X-RateLimit-Reset": "1772438700"}, post=limited(FIVE)),
    row("asks to wait, not how long", 429, error("Too many requests"), post=limited(None)),
    row(
        "pictures are not ready",
        422,
        error("Cannot attach files that have not finished processing. Try again in a moment!"),
        picture=later("not finished processing", wait=timedelta(seconds=10)),
    ),
    row("pictures are at work", 422, error("Media is still processing"), picture=later(wait=timedelta(seconds=10))),
    row(
        "a picture is gone, or taken",
        422,
        error("Validation failed: Media 11 not found or already attached to another post"),
        picture=lost("media"),
    ),
    row(
        "too long",
        422,
        error("Validation failed: Text character limit of 500 exceeded"),
        post=refused("Text character limit of 500 exceeded"),
        picture=refused(),
        answer=refused(),
    ),
    row("blank", 422, error("Validation failed: Text can't be blank"), post=refused("can't be blank")),
    row("too many files", 422, error("Cannot attach more than 4 files"), picture=refused("more than 4 files")),
    row("no words", 422, b"", post=refused("no reason given")),
    row("words of another language", 422, error("Kontrola se nezdařila"), picture=refused("Kontrola se nezdařila")),
    row(
        "too large for a proxy",
        413,
        b"<html><h1>413 Request Entity Too Large</h1></html>",
        post=refused("413 Request Entity Too Large"),
        upload=refused("413 Request Entity Too Large"),
    ),
    row(
        "the post before is gone",
        404,
        error("The post you are trying to reply to does not appear to exist."),
        answer=refused("does not appear to exist"),
    ),
    row("no such call", 404, error("Not found"), post=unknown("Not found")),
    row(
        "a file of no known type",
        422,
        error("File type of uploaded media could not be verified"),
        upload=refused("could not be verified"),
    ),
    row(
        "a file of a wrong type",
        422,
        error("Validation failed: File content type is invalid"),
        upload=refused("content type is invalid"),
    ),
    row("GoToSocial: words for a picture", 400, error("description too short"), upload=refused("too short")),
    row("no upload, neither the new nor the old", 404, HTML_ERROR, upload=later("no such upload")),
    row("a thumbnail", 500, error("Error processing thumbnail for uploaded media"), upload=later("thumbnail")),
    row("it cannot be processed", 422, error("Error processing media"), look=refused("Error processing media")),
    row("the upload is gone", 404, error("Record not found"), look=lost("media")),
    row("a repeat under the same key", 500, error("Internal Server Error"), post=unknown(), picture=unknown()),
    row("slow", 504, HTML_ERROR, post=unknown(), upload=later()),
    row(
        "in trouble",
        503,
        error("There was a temporary problem serving your request, please try again"),
        {"Retry-After": "90"},
        post=unknown("temporary problem"),
        check=later("temporary problem", wait=timedelta(seconds=90)),
    ),
    row(
        "GoToSocial: pictures are in a post",
        400,
        error("Bad Request: ProcessMediaIDs: media with id 01 is already attached to a status"),
        picture=unknown("may be this one"),
    ),
    row(
        "GoToSocial: a picture is gone",
        400,
        error("Bad Request: ProcessMediaIDs: media not found for media id 01"),
        picture=lost("media"),
    ),
    row("GoToSocial: too long", 400, error("Bad Request: status too long, 5001 characters"), post=refused("5001")),
    row("GoToSocial: token", 401, error("Unauthorized: token not recognized"), post=dead("not recognized")),
    row("GoToSocial: the post before", 404, error("Not Found: target status not found"), answer=refused("not found")),
    row("Takahe: token", 400, b"Invalid Bearer token", post=dead("Invalid Bearer token")),
    row("Takahe: identity", 400, error("identity_token_required"), post=dead()),
    row("Takahe: may only read", 403, b"<h1>Forbidden</h1>", post=dead("Forbidden")),
    row("Takahe: a picture is gone", 404, b"<h1>Not Found</h1>", picture=lost("media")),
    row("Takahe: too long", 400, b"<h1>Bad Request</h1>", post=refused("Bad Request")),
    row("Pleroma: two at once", 409, error("Conflict"), post=unknown()),
    row("Pleroma: too long", 422, error("The status is over the character limit"), post=refused("character limit")),
    row("Pixelfed: a picture is gone", 422, error("The selected media_ids is invalid."), picture=lost("media")),
)
