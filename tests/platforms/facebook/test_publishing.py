"""A post's way to a page, judged by the requests that reach Facebook."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from campaign.config import Secret
from campaign.errors import (
    ChannelBlocked,
    NotSent,
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
)
from campaign.platforms.base import Published
from campaign.platforms.facebook.photos import KEPT
from campaign.platforms.facebook.settings import FacebookSettings
from campaign.rehearsal.clock import VirtualClock
from tests.platforms.facebook.scripted import (
    APP_SECRET,
    COMMENT_ID,
    COMMENTS,
    FEED,
    HTML_ERROR,
    LINK,
    PAGE,
    PART,
    PHOTOS,
    POST_ID,
    TEXT,
    TOKEN,
    Kept,
    MakeImage,
    Said,
    Scripted,
    Tokens,
    V,
    adapter,
    comment,
    error,
    error_of,
    item,
    logged_in,
    send,
    with_secret,
)


class TestPublishing:
    def test_a_text_is_one_visible_call(self, server: Scripted, clock: VirtualClock) -> None:
        live = send(adapter(server, clock), item(link=""))

        assert live == Published(POST_ID, permalink="https://www.facebook.com/1040001/posts/555")
        assert server.calls == [FEED]
        post = server.one(FEED)
        assert post.headers["authorization"] == f"Bearer {TOKEN}"
        assert post.headers["content-type"] == "application/json"
        assert post.query == []
        assert post.json == {"message": TEXT, "published": True}

    def test_a_link_without_pictures_gets_its_card(self, server: Scripted, clock: VirtualClock) -> None:
        send(adapter(server, clock), item())

        assert server.one(FEED).json == {"message": TEXT, "published": True, "link": LINK}

    def test_a_picture_goes_up_first_unseen_with_its_alt_text(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        server.says(PHOTOS, {"id": "1067031052"})
        shown, kept = image(alt="Zeď & dílna"), Kept()

        send(adapter(server, clock), item(images=(shown,)), kept)

        assert server.calls == [PHOTOS, FEED]
        upload = server.one(PHOTOS)
        assert upload.headers["authorization"] == f"Bearer {TOKEN}"
        assert upload.pieces.keys() == {"source", "published", "alt_text_custom"}
        assert upload.pieces["source"] == ("1.jpg", "image/jpeg", shown.path.read_bytes())
        assert upload.pieces["published"][2] == b"false"
        assert upload.pieces["alt_text_custom"][2].decode() == "Zeď & dílna"
        attached = [{"media_fbid": "1067031052"}]
        assert server.one(FEED).json == {"message": TEXT, "published": True, "attached_media": attached}
        assert kept.values == {"photos": {shown.sha256: {"id": "1067031052", "at": clock.now().isoformat()}}}

    def test_several_pictures_stand_in_their_order(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        server.says(PHOTOS, {"id": "9"}, {"id": "3"}, {"id": 5})
        kept = Kept()

        send(adapter(server, clock), item(images=tuple(image(n, alt="") for n in (1, 2, 3))), kept)

        assert server.one(FEED).json["attached_media"] == [{"media_fbid": id} for id in ("9", "3", "5")]
        assert [len(commit["photos"]) for commit in kept.commits] == [1, 2, 3]
        assert all("alt_text_custom" not in sent.pieces for sent in server.sent[:3])

    def test_what_went_up_is_not_sent_again_until_it_is_old(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        server.says(PHOTOS, {"id": "1"}, {"id": "2"})
        kept, sent, facebook = Kept(), item(images=(image(),)), adapter(server, clock)
        facebook.prepare(sent, kept.open())
        clock.advance(KEPT)
        facebook.prepare(sent, kept.open())
        assert server.calls == [PHOTOS]

        clock.advance(timedelta(seconds=1))
        send(facebook, sent, kept)

        assert server.one(FEED).json["attached_media"] == [{"media_fbid": "2"}]

    def test_a_first_comment_stands_under_its_post(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"POST {COMMENTS}", {"id": COMMENT_ID})

        assert send(adapter(server, clock), comment()) == Published(COMMENT_ID)

        assert server.calls == [f"POST {COMMENTS}"]
        assert server.sent[0].json == {"message": f"Read on: {LINK}"}

    def test_a_call_proves_that_it_is_the_apps(self, server: Scripted, clock: VirtualClock) -> None:
        send(adapter(server, clock, **with_secret()), item())

        proof = hmac.new(APP_SECRET.encode(), TOKEN.encode(), hashlib.sha256).hexdigest()
        assert server.one(FEED).query == [("appsecret_proof", proof)]

    def test_the_version_is_a_setting(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"POST /v25.0/{PAGE}/feed", {"id": POST_ID})

        send(adapter(server, clock, version="v25.0"), item())

        assert server.calls == [f"POST /v25.0/{PAGE}/feed"]

    def test_without_the_upload_nothing_is_sent(self, server: Scripted, clock: VirtualClock, image: MakeImage) -> None:
        facebook = adapter(server, clock)

        raised = error_of(lambda: facebook.publish(item(images=(image(),)), Kept().open(), idempotency_key=PART))

        assert isinstance(raised, NotSent)
        assert raised.forget == ("photos",)
        assert server.calls == []

    def test_an_answer_that_cannot_be_read_leaves_it_open(self, server: Scripted, clock: VirtualClock) -> None:
        facebook = adapter(server, clock)
        for body in (b"", HTML_ERROR, [], {"id": ""}, {"id": None}, {"success": True}, b'{"id": "1'):
            server.says(FEED, body)
            assert isinstance(error_of(lambda: send(facebook, item())), OutcomeUnknown), body

    def test_what_facebook_has_not_is_refused_before_anything_is_sent(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        facebook = adapter(server, clock)
        nowhere = "https://www.facebook.com/our-page/posts/pfbid0x"
        reply = item(role="reply", n=2, root=POST_ID, reply_to=POST_ID)
        for sent in (reply, comment(images=(image(),)), comment(root=nowhere)):
            assert isinstance(error_of(lambda sent=sent: send(facebook, sent)), Rejected)  # type: ignore[misc]
        assert server.calls == []


class TestTheToken:
    def test_that_of_a_system_user_gets_the_pages_before_the_visible_call(
        self, server: Scripted, clock: VirtualClock
    ) -> None:
        server.says(f"GET {V}/{PAGE}", {"access_token": "page-token", "id": PAGE})
        facebook = adapter(server, clock, Tokens(), page=PAGE, token=Secret("system-token"), **with_secret())

        send(facebook, item())
        send(facebook, item())

        assert server.calls == [f"GET {V}/{PAGE}", FEED, FEED]
        asked, post, _ = server.sent
        assert asked.headers["authorization"] == "Bearer system-token"
        assert dict(asked.query)["fields"] == "access_token"
        assert dict(asked.query)["appsecret_proof"] != dict(post.query)["appsecret_proof"]
        assert post.headers["authorization"] == "Bearer page-token"

    def test_a_pages_own_token_is_used_as_it_is(self, server: Scripted, clock: VirtualClock) -> None:
        send(adapter(server, clock, Tokens(), page=PAGE, token=Secret("own-token")), item())

        assert server.one(FEED).headers["authorization"] == "Bearer own-token"

    def test_one_that_is_refused_is_asked_for_anew(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"GET {V}/{PAGE}", {"access_token": "old", "id": PAGE}, {"access_token": "new", "id": PAGE})
        server.says(FEED, Said(error(190, 460), 400), {"id": POST_ID})
        facebook = adapter(server, clock, Tokens(), page=PAGE, token=Secret("system-token"))

        assert isinstance(error_of(lambda: send(facebook, item())), NotSent)
        send(facebook, item())

        assert [sent.headers["authorization"] for sent in server.sent if sent.method == "POST"] == [
            "Bearer old",
            "Bearer new",
        ]

    def test_the_visible_call_asks_for_none(self, server: Scripted, clock: VirtualClock) -> None:
        facebook = adapter(server, clock, Tokens(), page=PAGE, token=Secret("system-token"))

        assert isinstance(error_of(lambda: facebook.publish(item(), Kept().open(), idempotency_key=PART)), NotSent)
        assert server.calls == []

    @pytest.mark.parametrize("changes", [{"token": ""}, {"server": "https://elsewhere.example"}, {"account": "42"}])
    def test_without_one_for_this_page_nothing_is_sent(
        self, server: Scripted, clock: VirtualClock, changes: dict[str, Any]
    ) -> None:
        tokens = logged_in(server.server.url, **changes)

        raised = error_of(lambda: send(adapter(server, clock, tokens, page=PAGE), item()))

        assert isinstance(raised, NotSent)
        assert raised.token_dead
        assert server.calls == []

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"token": Secret("system-token")}, "the id of its page"),
            ({"page": "our-page"}, "should match pattern"),
            ({"version": "26"}, "should match pattern"),
            ({"consent_url": "http://facebook.example"}, "begins with https://"),
            ({"odd": 1}, "Extra inputs"),
        ],
    )
    def test_settings_that_cannot_be_right_are_refused(self, given: dict[str, Any], words: str) -> None:
        with pytest.raises(ValidationError, match=words):
            FacebookSettings.model_validate(given)

    def test_ids_may_be_written_as_numbers(self) -> None:
        settings = FacebookSettings.model_validate({"page": 1040001, "client_id": 77})

        assert (settings.page, settings.client_id, settings.brings_credentials()) == ("1040001", "77", False)


DEAD = {"token_dead": True}
REFUSALS: list[tuple[str, Said, type[PlatformError], dict[str, Any]]] = [
    ("unknown error", Said(error(1, 0, "An unknown error occurred"), 500), OutcomeUnknown, {}),
    ("service down", Said(error(2, 0, "Service temporarily unavailable"), 503), OutcomeUnknown, {}),
    ("transient", Said(error(100, 0, is_transient=True), 400), OutcomeUnknown, {}),
    ("page of a proxy", Said(HTML_ERROR, 502), OutcomeUnknown, {}),
    ("nothing at all", Said(b"", 500), OutcomeUnknown, {}),
    ("unlisted", Said(error(9999), 400), OutcomeUnknown, {}),
    ("a name in place of a code", Said(error("SOME_NAME"), 400), OutcomeUnknown, {}),
    ("duplicate text", Said(error(506, 0, "Duplicate status message"), 403), OutcomeUnknown, {}),
    ("photos posted already", Said(error(100, 1366051), 400), OutcomeUnknown, {}),
    ("app limit", Said(error(4), 400), RateLimited, {"retry_after": timedelta(hours=1)}),
    (
        "page limit",
        Said(
            error(80001),
            400,
            {
                "X-Business-Use-Case-Usage": '{"1040001":[{"type":"pages","call_count":100,'
                '"estimated_time_to_regain_access":12}]}'
            },
        ),
        RateLimited,
        {"retry_after": timedelta(minutes=12)},
    ),
    ("429 of a proxy", Said(HTML_ERROR, 429), RateLimited, {}),
    ("too fast", Said(error(368, 1390008), 400), RateLimited, {"retry_after": timedelta(hours=6)}),
    ("barred", Said(error(368, 0, "The action attempted has been deemed abusive"), 400), ChannelBlocked, {}),
    ("barred, and flagged", Said(error(368, 1346003), 400), ChannelBlocked, {}),
    ("limited account", Said(error(200, 1404112), 400), ChannelBlocked, {}),
    ("identity", Said(error(100, 4854002), 400), ChannelBlocked, {}),
    ("publishing authorisation", Said(error(200, 1404078), 400), ChannelBlocked, {}),
    (
        "wrong secret",
        Said(error(100, 0, "Invalid appsecret_proof provided in the API argument"), 400),
        ChannelBlocked,
        {},
    ),
    ("version gone", Said(error(2635), 400), ChannelBlocked, {}),
    ("expired", Said(error(190, 463, "Session has expired on Monday"), 400), NotSent, DEAD),
    ("session", Said(error(102), 400), NotSent, DEAD),
    ("app permission", Said(error(10), 403), NotSent, DEAD),
    ("page permission", Said(error(200, 0, "requires pages_manage_posts"), 403), NotSent, DEAD),
    ("no such page", Said(error(100, 33, "Object with ID '1040001' does not exist"), 400), NotSent, DEAD),
    ("invalid parameter", Said(error(100, 0, "Invalid parameter"), 400), Rejected, {}),
    ("bad url", Said(error(1500), 400), Rejected, {}),
    ("link not read", Said(error(1609005), 400), Rejected, {}),
    ("link not read, by subcode", Said(error(100, 1609005), 400), Rejected, {}),
    ("photo too big", Said(error(1, 1366046), 400), Rejected, {}),
    ("bad file", Said(error(200, 2069019), 400), Rejected, {}),
    ("flagged as abusive", Said(error(200, 1346003), 400), Rejected, {}),
    ("flagged as spam", Said(error(200, 1404102), 400), Rejected, {}),
    ("link to facebook.com", Said(error(100, 1609008), 400), Rejected, {}),
    ("bad url, by subcode", Said(error(100, 2061006), 400), Rejected, {}),
    ("no image, but none was sent", Said(error(324), 400), Rejected, {}),
]


class TestRefusals:
    @pytest.mark.parametrize(("name", "answer", "kind", "told"), REFUSALS, ids=[row[0] for row in REFUSALS])
    def test_what_a_refused_post_means(
        self,
        server: Scripted,
        clock: VirtualClock,
        name: str,
        answer: Said,
        kind: type[PlatformError],
        told: dict[str, Any],
    ) -> None:
        server.says(FEED, answer)

        raised = error_of(lambda: send(adapter(server, clock), item()))

        assert type(raised) is kind, raised
        assert {field: getattr(raised, field) for field in told} == told
        assert not getattr(raised, "forget", ())

    @pytest.mark.parametrize(
        "answer",
        [
            Said(error(100, 33, "Object with ID '1067031052' does not exist"), 400),
            Said(error(324, 0, "Missing or invalid image file"), 400),
        ],
    )
    def test_pictures_that_are_gone_are_uploaded_again(
        self, server: Scripted, clock: VirtualClock, image: MakeImage, answer: Said
    ) -> None:
        server.says(PHOTOS, {"id": "1067031052"})
        server.says(FEED, answer)

        raised = error_of(lambda: send(adapter(server, clock), item(images=(image(),))))

        assert type(raised) is NotSent
        assert (raised.forget, raised.token_dead) == (("photos",), False)

    def test_of_a_transient_fault_nothing_follows_for_the_pictures(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        server.says(PHOTOS, {"id": "1067031052"})
        server.says(FEED, Said(error(324, is_transient=True), 400))

        assert type(error_of(lambda: send(adapter(server, clock), item(images=(image(),))))) is OutcomeUnknown

    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            (Said(error(324, 0, "Missing or invalid image file"), 400), Rejected),
            (Said(error(100, 1366046), 400), Rejected),
            (Said(error(1), 500), NotSent),
            (Said(HTML_ERROR, 502), NotSent),
            (Said(error(9999), 400), NotSent),
            (Said(error(190, 463), 400), NotSent),
            (Said(error(100, 33), 400), NotSent),
            (Said(error(368), 400), ChannelBlocked),
            (Said(error(32), 403), RateLimited),
        ],
    )
    def test_what_a_refused_picture_means(
        self, server: Scripted, clock: VirtualClock, image: MakeImage, answer: Said, kind: type[PlatformError]
    ) -> None:
        server.says(PHOTOS, answer)

        assert type(error_of(lambda: send(adapter(server, clock), item(images=(image(),))))) is kind
        assert server.calls == [PHOTOS]

    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            (Said(error(100, 33), 400), NotSent),  # seconds after the post was made, it may not be there yet
            (Said(error(506), 400), OutcomeUnknown),
            (Said(error(1), 500), OutcomeUnknown),
            (Said(error(200, 0, "requires pages_manage_engagement"), 403), NotSent),
        ],
    )
    def test_what_a_refused_comment_means(
        self, server: Scripted, clock: VirtualClock, answer: Said, kind: type[PlatformError]
    ) -> None:
        server.says(f"POST {COMMENTS}", answer)

        assert type(error_of(lambda: send(adapter(server, clock), comment()))) is kind

    def test_facebooks_words_are_told_and_no_secret(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(FEED, Said(error(190, 463, f"Error validating {TOKEN}", error_user_msg=""), 400))

        told = str(error_of(lambda: send(adapter(server, clock), item())))

        assert "the token has ended: Error validating ***" in told
        assert "(190/463, EJplcsCHuLu)" in told
        assert "Log the channel in again" in told
