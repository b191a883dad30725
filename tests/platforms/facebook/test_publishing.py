"""A post's way to a page, judged by the requests that reach Facebook."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from pydantic import ValidationError

from campaign.config import Secret
from campaign.errors import (
    NotSent,
    OutcomeUnknown,
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
        assert kept.values == {"media": {shown.sha256: {"id": "1067031052", "at": clock.now().isoformat()}}}

    def test_several_pictures_stand_in_their_order(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        server.says(PHOTOS, {"id": "9"}, {"id": "3"}, {"id": 5})
        kept = Kept()

        send(adapter(server, clock), item(images=tuple(image(n, alt="") for n in (1, 2, 3))), kept)

        assert server.calls == [PHOTOS, PHOTOS, PHOTOS, FEED]
        attached = [{"media_fbid": id} for id in ("9", "3", "5")]
        assert server.one(FEED).json == {"message": TEXT, "published": True, "attached_media": attached}
        assert [len(commit["media"]) for commit in kept.commits] == [1, 2, 3]
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
        assert server.sent[0].headers["authorization"] == f"Bearer {TOKEN}"

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
        assert raised.forget == ("media",)
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
            assert isinstance(error_of(partial(send, facebook, sent)), Rejected)
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


class TestRefusals:
    def test_facebooks_words_are_told_and_no_secret(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(FEED, Said(error(190, 463, f"Error validating {TOKEN}", error_user_msg=""), 400))

        told = str(error_of(lambda: send(adapter(server, clock), item())))

        assert "the token has ended: Error validating ***" in told
        assert "(190/463, EJplcsCHuLu)" in told
        assert "Log the channel in again" in told
