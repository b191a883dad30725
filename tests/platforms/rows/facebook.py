"""What Facebook refuses: https://developers.facebook.com/docs/graph-api/guides/error-handling, and others' notes."""

from __future__ import annotations

from datetime import timedelta

from tests.platforms.facebook.scripted import (
    COMMENT_ID,
    COMMENTS,
    FEED,
    PAGE,
    PHOTOS,
    POST_ID,
    V,
    adapter,
    comment,
    item,
    send,
)
from tests.platforms.mastodon.scripted import Scripted
from tests.platforms.rows import Call, Row, Stage, blocked, dead, later, limited, lost, refused, unknown
from tests.platforms.rows.meta import coded, everywhere

PHOTO = "1067031052"


def well(server: Scripted) -> None:
    """Make a server answer everything well."""
    server.says(f"GET {V}/me", {"error": {"message": "An active access token must be used", "code": 2500}}, status=400)
    server.says(f"GET {V}/debug_token", {"data": {"is_valid": True, "expires_at": 0, "scopes": []}})
    server.says(f"GET {V}/{PAGE}", {"id": PAGE, "name": "Moravskoslezský kraj"})
    server.says(PHOTOS, {"id": PHOTO})
    server.says(FEED, {"id": POST_ID})
    server.says(f"POST {COMMENTS}", {"id": COMMENT_ID})


def post(stage: Stage) -> object:
    return send(adapter(stage.server, stage.clock), item())


def picture(stage: Stage) -> object:
    return send(adapter(stage.server, stage.clock), item(images=(stage.image(),)))


def first_comment(stage: Stage) -> object:
    return send(adapter(stage.server, stage.clock), comment())


def check(stage: Stage) -> object:
    return adapter(stage.server, stage.clock).check()


CALLS = {
    "post": Call(FEED, post, visible=True),
    "picture": Call(FEED, picture, visible=True),
    "comment": Call(f"POST {COMMENTS}", first_comment, visible=True),
    "upload": Call(PHOTOS, picture),
    "check": Call(f"GET {V}/{PAGE}", check),
}

BARRED = {call: blocked("Log in to the account in a browser") for call in ("post", "picture", "comment", "upload")}


def of_content(name: str, code: int, subcode: int, why: str) -> Row:
    """Return a refusal for good, of whatever is written."""
    means = refused(f"Facebook refuses it, {why}")
    return coded(name, code, subcode, **dict.fromkeys(("post", "picture", "comment", "upload"), means))


LIVE_ALREADY = {call: unknown("it may be this one") for call in ("post", "picture", "comment")}
TOO_FAST = {call: limited(timedelta(hours=6)) for call in CALLS}

ROWS = (
    *everywhere(visible=("post", "picture", "comment"), others=("upload", "check")),
    coded("Duplicate status message", 506, **LIVE_ALREADY),
    coded("photos that are in a post", 100, 1366051, **LIVE_ALREADY),
    coded("posting too fast", 368, 1390008, **TOO_FAST),
    coded("The action attempted has been deemed abusive", 368, **BARRED, check=blocked()),
    coded("barred, and flagged", 368, 1346003, **BARRED),
    coded("a limited account", 200, 1404112, **BARRED),
    coded("a person who must say who they are", 100, 4854002, **BARRED),
    coded("a page that lacks its authorisation", 200, 1404078, **BARRED),
    coded(
        "a wrong secret of the app",
        100,
        message="Invalid appsecret_proof provided in the API argument",
        **{call: blocked("client_secret") for call in CALLS},
    ),
    of_content("Invalid parameter", 100, 0, "it does not take a value"),
    coded("an invalid parameter, for a while", 100, more={"is_transient": True}, post=unknown(), picture=unknown()),
    of_content("a bad address", 1500, 0, "it does not take the link"),
    of_content("a page behind the link that is not read", 1609005, 0, "it cannot read the page"),
    of_content("the same, by its subcode", 100, 1609005, "it cannot read the page"),
    of_content("a photo that is too large", 1, 1366046, "a picture is too large"),
    of_content("a damaged file", 200, 2069019, "a picture's file is damaged"),
    of_content("flagged as abusive", 200, 1346003, "it was flagged as abusive"),
    of_content("flagged as spam", 200, 1404102, "it was flagged as spam"),
    of_content("a link to facebook.com", 100, 1609008, "it does not take links to facebook.com"),
    of_content("a bad address, by its subcode", 100, 2061006, "it does not take the link"),
    coded("Missing or invalid image file", 324, post=refused(), picture=lost("media"), upload=refused()),
    coded("the same, for a while", 324, more={"is_transient": True}, picture=unknown()),
    coded(
        "no such page",
        100,
        33,
        f"Object with ID '{PAGE}' does not exist",
        post=dead("no such page"),
        picture=dead("no such page"),
        upload=dead("no such page"),
        check=dead("no such page"),
        comment=later("the post that it belongs to"),
    ),
    coded("no such photo", 100, 33, f"Object with ID '{PHOTO}' does not exist", picture=lost("media")),
)
