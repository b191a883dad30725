"""What X refuses: https://docs.x.com/x-api/fundamentals/response-codes-and-errors, and what others have met."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.conftest import MONDAY
from tests.platforms.mastodon.scripted import HTML_ERROR, Scripted
from tests.platforms.rows import Call, Means, Row, Stage, blocked, dead, later, limited, lost, refused, row, unknown
from tests.platforms.x.scripted import INVALID, ME, adapter, item, made, problem, send

UPLOAD, ALT, TWEETS, WHO = "POST /2/media/upload", "POST /2/media/metadata", "POST /2/tweets", "GET /2/users/me"
PROBLEMS = "https://api.twitter.com/2/problems"
CONSOLE = "https://console.x.com"


def well(server: Scripted) -> None:
    """Make a server answer everything well."""
    server.says(UPLOAD, {"data": {"id": "1880028106020515840", "expires_after_secs": 86400}})
    server.says(ALT, {"data": {"id": "1880028106020515840"}})
    server.says(TWEETS, made(), status=201)
    server.says(WHO, ME)
    renewed = {"access_token": "canary-next", "refresh_token": "canary-next-refresh", "expires_in": 7200}
    server.says("POST /2/oauth2/token", {"token_type": "bearer", **renewed})


def post(stage: Stage) -> object:
    return send(adapter(stage.server, stage.clock), item())


def picture(stage: Stage) -> object:
    return send(adapter(stage.server, stage.clock), item(images=(stage.image(),)))


def answer(stage: Stage) -> object:
    return send(adapter(stage.server, stage.clock), item(n=2, role="reply", root="7", reply_to="7"))


def check(stage: Stage) -> object:
    return adapter(stage.server, stage.clock).check()


CALLS = {
    "post": Call(TWEETS, post, visible=True),
    "picture": Call(TWEETS, picture, visible=True),
    "answer": Call(TWEETS, answer, visible=True),
    "upload": Call(UPLOAD, picture),
    "alt text": Call(ALT, picture, reads=False),
    "check": Call(WHO, check),
}


def everywhere(name: str, body: dict[str, Any], means: Means, status: int = 403, **headers: str) -> Row:
    return row(name, status, body, headers, **dict.fromkeys(CALLS, means))


def of_posts(name: str, detail: str, means: Means) -> Row:
    return row(name, 403, problem(403, detail), post=means, picture=means, answer=means)


def at(seconds: int) -> str:
    """Return a moment as X writes it."""
    return str(int(MONDAY.timestamp()) + seconds)


CREDITS = {
    "title": "CreditsDepleted",
    "detail": "Your enrolled account [1234567890123456789] does not have any credits to fulfill this request.",
    "type": f"{PROBLEMS}/credits",
}
MANY = problem(429, "Too Many Requests", "Too Many Requests")
CAPPED = problem(429, "Usage cap exceeded: Monthly product cap", "UsageCapExceeded", f"{PROBLEMS}/usage-capped")
GATEWAY = {"errors": [{"code": 88, "message": "Rate limit exceeded"}]}
IDS = {**INVALID, "errors": [{"parameters": {"media.media_ids": ["1"]}, "message": "Your media IDs are invalid."}]}
UNKNOWN_KEY = {**INVALID, "errors": [{"parameters": {}, "message": "$.texxt: is not defined in the schema"}]}
BUCKETS = {
    "x-rate-limit-remaining": "0",
    "x-rate-limit-reset": at(90),
    "x-app-limit-24hour-remaining": "0",
    "x-app-limit-24hour-reset": at(7200),
    "x-user-limit-24hour-remaining": "3",
    "x-user-limit-24hour-reset": at(9000),
}

ROWS = (
    everywhere("an ended token", problem(401, "Unauthorized", "Unauthorized"), dead("Unauthorized"), 401),
    everywhere(
        "no credits", CREDITS, blocked(f"Buy credits, or raise the spending limit, in the console: {CONSOLE}"), 402
    ),
    everywhere("the cap of use", CAPPED, blocked(f"when it counts anew: {CONSOLE}"), 429),
    everywhere("the cap of use, by a gateway", CAPPED, blocked("The console shows the cap")),
    everywhere(
        "an empty bucket",
        MANY,
        limited(timedelta(seconds=90)),
        429,
        **{"x-rate-limit-remaining": "0", "x-rate-limit-reset": at(90)},
    ),
    everywhere("the last of the empty buckets counts", MANY, limited(timedelta(hours=2)), 429, **BUCKETS),
    everywhere(
        "the bucket of the person's day",
        MANY,
        limited(timedelta(seconds=9000)),
        429,
        **BUCKETS | {"x-user-limit-24hour-remaining": "0"},
    ),
    everywhere("the limit of an old gateway", GATEWAY, limited(None), 429),
    everywhere(
        "an app that is not enrolled",
        problem(403, "Your App is not enrolled.", "Client Forbidden", f"{PROBLEMS}/client-forbidden"),
        blocked("must be enrolled"),
    ),
    everywhere(
        "a way to log in that is not taken",
        problem(403, "Not with this.", "Unsupported Authentication", f"{PROBLEMS}/unsupported-authentication"),
        blocked("may read and write"),
    ),
    everywhere(
        "keys that may only read",
        problem(403, "Your app is not configured so.", kind=f"{PROBLEMS}/oauth1-permissions"),
        blocked("may read and write"),
    ),
    everywhere("suspended", problem(403, "Your account is suspended."), blocked("Log in on x.com")),
    everywhere(
        "locked",
        {"errors": [{"code": 326, "message": "your account is temporarily locked"}]},
        blocked("Log in on x.com"),
    ),
    of_posts("duplicate", "You are not allowed to create a Tweet with duplicate content.", unknown("is live already")),
    of_posts("not permitted", "You are not permitted to perform this action.", refused("not permitted")),
    of_posts("cashtags", "Only one cashtag is allowed.", refused("cashtag")),
    of_posts("a link", "The Tweet contains an invalid URL.", refused("invalid URL")),
    of_posts("something new", "Something new.", unknown("Something new")),
    row(
        "an answer that is not allowed",
        403,
        problem(403, "Reply to this conversation is not allowed because you have not been mentioned"),
        answer=refused("set thread = 1"),
    ),
    row(
        "the post before is gone",
        403,
        problem(403, "You attempted to reply to a Tweet that is deleted or not visible to you."),
        answer=refused("deleted or not visible"),
    ),
    row("pictures that are gone", 400, IDS, picture=lost("media")),
    row("a key that X does not know", 400, UNKNOWN_KEY, post=refused("not defined in the schema"), picture=refused()),
    row("a 400 that says nothing", 400, b"", post=unknown(), upload=refused()),
    row("an empty 404", 404, b"", post=unknown(), upload=later(), check=later(), **{"alt text": lost("media")}),
    row("no picture", 400, problem(400, "not an image", "Bad Request"), upload=refused("not an image")),
    row("a picture that is too large", 413, b"", upload=refused()),
    row("a type that X does not take", 415, b"", upload=refused()),
    row("a picture that cannot be processed", 422, b"", upload=refused()),
    row("an answer beside the upload", 200, {"errors": [{"title": "odd"}]}, upload=later(), post=unknown()),
    row(
        "a bad media id",
        400,
        {**INVALID, "errors": [{"message": "The media id is bad."}]},
        **{"alt text": lost("media")},
    ),
    row(
        "unavailable",
        503,
        problem(503, "Service Unavailable", "Service Unavailable"),
        post=unknown("Service Unavailable"),
        picture=unknown(),
        upload=later(),
        check=later(),
    ),
    row("slow", 504, HTML_ERROR, post=unknown(), upload=later()),
)
