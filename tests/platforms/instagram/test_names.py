"""The names of what is sent to Instagram and read from it, against those in Meta's own library (facebook_business).

It knows the API by Facebook's login; by Instagram's own the same calls have the same names.
"""

from __future__ import annotations

from campaign.platforms.instagram import Instagram
from campaign.platforms.instagram.counts import ASKED
from campaign.rehearsal.clock import VirtualClock
from tests.platforms.contained import ACCOUNT, CONTAINER, MEDIA, channel
from tests.platforms.facebook.test_names import fields, odd, parameters, values
from tests.platforms.instagram.conftest import V
from tests.platforms.instagram.test_publishing import LIMIT, LOOK, MAKE, PUBLISH, send
from tests.platforms.mastodon.scripted import Kept, MakeImage, Scripted, item

OF_CONTAINERS = parameters("iguser", "IGUser", "create_media")


def asked_for(sent: object) -> set[str]:
    """Return the fields that a call asks for."""
    return set(dict(sent.query)["fields"].split(","))  # type: ignore[attr-defined]


def test_a_name_that_is_wrong_would_be_seen() -> None:
    assert odd({"image_url", "caption", "alt_text"}, OF_CONTAINERS) == set()
    assert odd({"image_uri", "caption"}, OF_CONTAINERS) == {"image_uri"}
    assert odd({"permalink", "permalink_url"}, fields("igmedia", "IGMedia")) == {"permalink_url"}


def test_a_picture_and_its_publication(server: Scripted, clock: VirtualClock, image: MakeImage) -> None:
    send(channel(Instagram, server, clock, login="facebook"), item(images=(image(),)))

    assert odd(server.one(MAKE).form, OF_CONTAINERS) == set()
    assert asked_for(server.one(LOOK)) <= {"status_code", "status"}
    assert odd(dict(server.one(LIMIT).query), parameters("iguser", "IGUser", "get_content_publishing_limit")) == set()
    limit = fields("contentpublishinglimitresponse", "ContentPublishingLimitResponse")
    assert odd(asked_for(server.one(LIMIT)), limit) == set()
    assert odd(server.one(PUBLISH).form, parameters("iguser", "IGUser", "create_media_publish")) == set()


def test_a_carousel(server: Scripted, clock: VirtualClock, image: MakeImage) -> None:
    server.says(MAKE, {"id": "1"}, {"id": "2"}, {"id": CONTAINER})
    for n in "12":
        server.says(f"GET {V}/{n}", {"status_code": "FINISHED"})
    send(channel(Instagram, server, clock), item(images=(image(1), image(2))))

    for made in (sent.form for sent in server.sent if f"{sent.method} {sent.path}" == MAKE):
        assert odd(made, OF_CONTAINERS) == set()


def test_what_is_sought_and_counted(server: Scripted, clock: VirtualClock) -> None:
    instagram = channel(Instagram, server, clock, login="facebook")
    server.says(f"GET {V}/{ACCOUNT}/media", {"data": []})
    server.says(f"GET {V}/{MEDIA}", {"id": MEDIA})
    server.says(f"GET {V}/{MEDIA}/insights", {"error": {"code": 10}}, status=400)
    server.says(f"GET {V}/{ACCOUNT}", {"followers_count": 3, "username": "asa"})
    server.says(f"GET {V}/{ACCOUNT}/insights", {"data": []})
    instagram.find(item(), Kept().open(), clock.now())
    instagram.confirm(MEDIA)
    instagram.metrics([MEDIA])
    instagram.followers()
    instagram.check()

    listed, post, insights, counts, followers, who, *_, account_insights = server.sent
    assert odd(dict(listed.query), parameters("iguser", "IGUser", "get_media")) == set()
    for sent in (listed, post, counts):
        assert odd(asked_for(sent), fields("igmedia", "IGMedia")) == set()
    for sent in (followers, who):
        assert odd(asked_for(sent), fields("iguser", "IGUser")) == set()
    assert odd(dict(insights.query), parameters("igmedia", "IGMedia", "get_insights")) == set()
    assert odd(dict(account_insights.query), parameters("iguser", "IGUser", "get_insights")) == set()


def test_what_may_be_counted() -> None:
    known = values("instagraminsightsresult", "InstagramInsightsResult", "Metric")
    for asked in ASKED:
        assert odd(asked.split(","), known) == set()
