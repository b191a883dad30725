"""What Instagram refuses: https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/error-codes."""

from __future__ import annotations

from datetime import timedelta

from campaign.platforms.instagram import Instagram
from tests.platforms.contained import ACCOUNT, CONTAINER, MEDIA, channel
from tests.platforms.mastodon.scripted import Scripted, item, send
from tests.platforms.rows import Call, Stage, blocked, later, limited, refused, unknown
from tests.platforms.rows.meta import HOUR, coded, everywhere

V = "/v26.0"
PUBLISH, MAKE = f"POST {V}/{ACCOUNT}/media_publish", f"POST {V}/{ACCOUNT}/media"
LOOK, WHO = f"GET {V}/{CONTAINER}", f"GET {V}/{ACCOUNT}"


def well(server: Scripted) -> None:
    """Make a server answer everything well."""
    server.says(MAKE, {"id": CONTAINER})
    server.says(LOOK, {"status_code": "FINISHED", "id": CONTAINER})
    server.says(f"{WHO}/content_publishing_limit", {"data": []})
    server.says(f"{WHO}/insights", {"data": []})
    server.says(PUBLISH, {"id": MEDIA})
    server.says(WHO, {"username": "asa", "id": ACCOUNT})


def post(stage: Stage) -> object:
    return send(channel(Instagram, stage.server, stage.clock), item(images=(stage.image(),)))  # type: ignore[arg-type]


def check(stage: Stage) -> object:
    return channel(Instagram, stage.server, stage.clock).check()


CALLS = {
    "post": Call(PUBLISH, post, visible=True),
    "make": Call(MAKE, post),
    "look": Call(LOOK, post),
    "check": Call(WHO, check),
}
SOON, AGAIN = timedelta(seconds=15), timedelta(minutes=1)

ROWS = (
    *everywhere(visible=("post",), others=("make", "look", "check")),
    coded("too fast", 368, 1390008, post=limited(timedelta(hours=6)), make=limited(timedelta(hours=6))),
    coded("barred for a while", 368, post=blocked("Log in to the account"), make=blocked(), check=blocked()),
    coded(
        "We restrict certain activity to protect our community",
        4,
        2207051,
        post=blocked("restricts what the account does"),
        make=blocked(),
        look=blocked(),
    ),
    coded("a restricted account", 25, 2207050, post=blocked("restricted or inactive"), make=blocked()),
    coded("the day is full", 9, 2207042, post=limited(HOUR), make=limited(HOUR)),
    coded("Media ID is not available: not ready", 9007, 2207027, post=later("cannot be published", wait=SOON)),
    coded("Media not found", 24, 2207006, post=later(wait=SOON), look=later("a new one is made", wait=AGAIN)),
    coded("The media has expired", -2, 2207020, post=later(wait=SOON), look=later(wait=AGAIN)),
    coded("the container may not be seen", 100, 33, post=unknown(), make=later(), look=later(wait=AGAIN)),
    coded("a picture that could not be fetched", 9004, 2207052, make=later("campaign check fetches", wait=AGAIN)),
    coded("too large", 36000, 2207004, make=refused("the picture is too large"), post=refused()),
    coded("no JPEG", 36001, 2207005, make=refused("not of a type"), post=refused()),
    coded("too high", 36003, 2207009, make=refused("too high or too wide"), post=refused()),
    coded("a long caption", 36004, 2207010, make=refused("the caption is too long"), post=refused()),
    coded("a long caption, without a subcode", 36004, make=refused("the caption is too long"), post=refused()),
    coded("no JPEG, without a subcode", 36001, make=refused("not of a type")),
    coded("too high, without a subcode", 36003, make=refused("too high or too wide")),
    coded("too large, without a subcode", 36000, make=refused("the picture is too large")),
    coded("an unknown kind", 100, 2207023, make=refused("does not know this kind"), post=refused()),
    coded("a carousel of one", 100, 2207028, make=refused("2 to 10 pictures"), post=refused()),
    coded("too many tags", 100, 2207040, make=refused("too many hashtags"), post=refused()),
    coded("a video", 352, 2207026, make=refused("video format"), post=refused()),
    coded("too large, for a while", 36000, 2207004, more={"is_transient": True}, make=later(), post=unknown()),
    coded("the server failed", -1, 2207001, post=unknown(), make=later()),
    coded("the picture came too slowly", -2, 2207003, post=unknown(), make=later()),
    coded("publishing failed for a while", 24, 2207008, post=unknown(), make=later()),
    coded("nothing came of it", -1, 2207032, post=unknown(), make=later()),
    coded("the upload failed", -1, 2207053, post=unknown(), make=later()),
    coded("the upload failed otherwise", -1, 2207082, post=unknown(), make=later()),
    coded("a parameter", 100, post=unknown(), make=later()),
    coded("a duplicate, which Instagram does not know", 506, post=unknown(), make=later()),
)
