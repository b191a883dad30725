"""What Threads refuses: https://developers.facebook.com/docs/threads/troubleshooting, and what others have met."""

from __future__ import annotations

from datetime import timedelta

from campaign.platforms.threads import Threads
from tests.platforms.contained import ACCOUNT, CONTAINER, MEDIA, channel
from tests.platforms.mastodon.scripted import Scripted, item, send
from tests.platforms.rows import Call, Stage, blocked, dead, later, limited, refused, unknown
from tests.platforms.rows.meta import coded, everywhere

V = "/v1.0"
PUBLISH, MAKE = f"POST {V}/{ACCOUNT}/threads_publish", f"POST {V}/{ACCOUNT}/threads"
LOOK, ME = f"GET {V}/{CONTAINER}", f"GET {V}/me"


def well(server: Scripted) -> None:
    """Make a server answer everything well."""
    server.says(MAKE, {"id": CONTAINER})
    server.says(LOOK, {"status": "FINISHED", "id": CONTAINER})
    server.says(f"GET {V}/{ACCOUNT}/threads_publishing_limit", {"data": []})
    server.says(f"GET {V}/debug_token", {"data": {"is_valid": True, "scopes": []}})
    server.says(PUBLISH, {"id": MEDIA})
    server.says(ME, {"id": ACCOUNT, "username": "asa"})


def post(stage: Stage) -> object:
    return send(channel(Threads, stage.server, stage.clock), item())  # type: ignore[arg-type]


def answer(stage: Stage) -> object:
    sent = item(n=2, role="reply", root="101", reply_to="102", link="")
    return send(channel(Threads, stage.server, stage.clock), sent)  # type: ignore[arg-type]


def check(stage: Stage) -> object:
    return channel(Threads, stage.server, stage.clock).check()


CALLS = {
    "post": Call(PUBLISH, post, visible=True),
    "answer": Call(PUBLISH, answer, visible=True),
    "make": Call(MAKE, post),
    "make an answer": Call(MAKE, answer),
    "look": Call(LOOK, post),
    "check": Call(ME, check),
}
SOON, AGAIN = timedelta(seconds=15), timedelta(minutes=1)
LINKS, FEATURE = "THREADS_API__LINK_LIMIT_EXCEEDED", "THREADS_API__FEATURE_NOT_AVAILABLE"

ROWS = (
    *everywhere(visible=("post", "answer"), others=("make", "make an answer", "look", "check")),
    coded(
        "The requested resource does not exist",
        24,
        4279009,
        post=later("cannot be published", wait=SOON),
        answer=later(wait=SOON),
        look=later("a new one is made", wait=AGAIN),
        **{"make an answer": later("is not known yet", wait=SOON)},
    ),
    coded("not ready", 9007, 2207027, post=later("cannot be published", wait=SOON), make=later()),
    coded("restricted activity", 4, 2207051, post=blocked("restricts"), make=blocked(), look=blocked()),
    coded("a restricted person", 1, 4279013, post=blocked("the account is restricted"), make=blocked()),
    coded("no such feature", FEATURE, post=dead("may not do this"), make=dead(), check=dead()),
    coded("too many links", LINKS, post=refused("more links"), make=refused("more links")),
    coded("too fast", 368, 1390008, post=limited(timedelta(hours=6)), make=limited(timedelta(hours=6))),
    coded("against the rules", 368, post=refused("by its rules"), make=refused("by its rules")),
    coded("too fast", 368, 1390008, post=limited(timedelta(hours=6)), make=limited(timedelta(hours=6))),
    coded(
        "too long",
        100,
        message="Param text must be at most 500 characters long.",
        make=refused("at most 500 characters"),
        post=unknown(),
    ),
    coded(
        "a picture that is not fetched",
        100,
        message="The media could not be fetched from this URI",
        make=later("campaign check fetches", wait=AGAIN),
        post=unknown(),
    ),
    coded("a parameter, for a while", 100, more={"is_transient": True}, make=later(), post=unknown()),
    coded("it may not be seen", 100, 33, make=later(), post=unknown(), look=later(wait=AGAIN)),
    coded("a duplicate, which Threads does not know", 506, make=later(), post=unknown()),
    coded("a new name", "THREADS_API__SOMETHING_NEW", make=later(), post=unknown()),
)
