"""A post's way to a Mastodon-compatible server, judged by the requests that reach it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from campaign.config import Secret
from campaign.errors import NotSent, OutcomeUnknown
from campaign.platforms.base import Published
from campaign.platforms.mastodon.adapter import MastodonSettings
from campaign.rehearsal.clock import VirtualClock
from tests.platforms.mastodon.scripted import (
    GOTOSOCIAL,
    HTML_ERROR,
    MASTODON,
    PART,
    PIXELFED,
    PLEROMA,
    TEXT,
    TOKEN,
    Kept,
    MakeImage,
    Said,
    Scripted,
    Tokens,
    adapter,
    error_of,
    item,
    send,
    status,
)


class TestPublishing:
    def test_a_text_is_one_visible_call(self, server: Scripted, clock: VirtualClock) -> None:
        live = send(adapter(server, clock), item())

        assert live == Published("103", permalink="https://social.example/@asa/103")
        assert server.calls == ["GET /api/v2/instance", "POST /api/v1/statuses"]
        post = server.one("POST /api/v1/statuses")
        assert post.headers["authorization"] == f"Bearer {TOKEN}"
        assert post.headers["idempotency-key"] == PART
        assert post.headers["content-type"] == "application/json"
        assert post.json == {
            "status": TEXT,
            "content_type": "text/plain",
            "language": "cs",
            "media_ids": [],
            "visibility": "public",
        }

    def test_a_picture_goes_up_first_with_its_alt_text(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        server.says("POST /api/v2/media", {"id": "22348641", "type": "image", "url": "https://social.example/m.jpg"})
        shown, kept = image(alt="Zeď & dílna"), Kept()

        send(adapter(server, clock), item(images=(shown,)), kept)

        assert server.calls == ["GET /api/v2/instance", "POST /api/v2/media", "POST /api/v1/statuses"]
        upload = server.one("POST /api/v2/media")
        assert upload.headers["authorization"] == f"Bearer {TOKEN}"
        assert upload.pieces["file"] == ("1.jpg", "image/jpeg", shown.path.read_bytes())
        assert upload.pieces["description"][2].decode() == "Zeď & dílna"
        assert server.one("POST /api/v1/statuses").json["media_ids"] == ["22348641"]
        handle = {"id": "22348641", "at": clock.now().isoformat(), "ready": True}
        assert kept.values == {"server": "mastodon", "media": {shown.sha256: handle}}

    def test_several_pictures_stand_in_their_order(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        server.says("POST /api/v2/media", {"id": "9"}, {"id": "3"}, {"id": 5})
        kept = Kept()

        send(adapter(server, clock), item(images=tuple(image(n, alt="") for n in (1, 2, 3))), kept)

        assert server.one("POST /api/v1/statuses").json["media_ids"] == ["9", "3", "5"]
        assert [len(commit.get("media", ())) for commit in kept.commits] == [0, 1, 2, 3]
        assert all("description" not in sent.pieces for sent in server.sent if sent.path == "/api/v2/media")

    def test_a_part_of_a_thread_answers_the_part_before(self, server: Scripted, clock: VirtualClock) -> None:
        send(adapter(server, clock), item(n=2, role="reply", root="101", reply_to="102", language="pt-BR"))

        assert server.one("POST /api/v1/statuses").json == {
            "status": TEXT,
            "content_type": "text/plain",
            "language": "pt",
            "media_ids": [],
            "visibility": "public",
            "in_reply_to_id": "102",
        }

    @pytest.mark.parametrize("visibility", ["unlisted", "private", "direct"])
    def test_a_channel_may_be_less_public(self, server: Scripted, clock: VirtualClock, visibility: str) -> None:
        send(adapter(server, clock, visibility=visibility), item())

        assert server.one("POST /api/v1/statuses").json["visibility"] == visibility

    def test_the_address_is_the_uri_where_there_is_no_url(self, server: Scripted, clock: VirtualClock) -> None:
        server.says("POST /api/v1/statuses", status(url=None))

        assert send(adapter(server, clock), item()).permalink == "https://social.example/users/asa/statuses/103"

    def test_an_answer_that_cannot_be_read_leaves_it_open(self, server: Scripted, clock: VirtualClock) -> None:
        mastodon = adapter(server, clock)
        for body in (b"", HTML_ERROR, [], {"id": ""}, {"id": None}, {"error": "odd"}, b'{"id": "1'):
            server.says("POST /api/v1/statuses", body)
            assert isinstance(error_of(lambda: send(mastodon, item())), OutcomeUnknown), body

    def test_without_the_upload_nothing_is_sent(self, server: Scripted, clock: VirtualClock, image: MakeImage) -> None:
        mastodon = adapter(server, clock)

        error = error_of(lambda: mastodon.publish(item(images=(image(),)), Kept().open(), idempotency_key=PART))

        assert isinstance(error, NotSent)
        assert error.forget == ("media",)
        assert server.calls == []


class TestTheServer:
    @pytest.mark.parametrize(
        ("said", "software"),
        [(MASTODON, "mastodon"), (GOTOSOCIAL, "gotosocial"), (PLEROMA, "pleroma"), (PIXELFED, "pixelfed"), ({}, "")],
    )
    def test_its_software_is_kept_with_the_part(
        self, server: Scripted, clock: VirtualClock, said: Any, software: str
    ) -> None:
        server.says("GET /api/v2/instance", said)
        kept = Kept()

        send(adapter(server, clock), item(), kept)

        assert kept.values == {"server": software}

    @pytest.mark.parametrize(
        "newer", [Said(HTML_ERROR, 404), Said({"error": "Forbidden"}, 403), Said(HTML_ERROR), Said([])]
    )
    def test_an_older_one_tells_in_an_older_call(self, server: Scripted, clock: VirtualClock, newer: Said) -> None:
        server.says("GET /api/v2/instance", newer)
        server.says("GET /api/v1/instance", PLEROMA)
        kept = Kept()

        send(adapter(server, clock), item(), kept)

        assert kept.values == {"server": "pleroma"}

    def test_one_that_tells_nothing_gets_its_posts_all_the_same(self, server: Scripted, clock: VirtualClock) -> None:
        del server.routes["GET /api/v2/instance"]
        kept = Kept()

        assert send(adapter(server, clock), item(), kept).remote_id == "103"
        assert kept.values == {"server": ""}

    def test_one_that_is_unwell_gets_them_later(self, server: Scripted, clock: VirtualClock) -> None:
        server.says("GET /api/v2/instance", HTML_ERROR, status=503)

        assert isinstance(error_of(lambda: send(adapter(server, clock), item())), NotSent)
        assert server.calls == ["GET /api/v2/instance"]

    def test_it_is_asked_once_a_day(self, server: Scripted, clock: VirtualClock) -> None:
        mastodon = adapter(server, clock)
        for _ in range(3):
            clock.advance(timedelta(hours=8))
            send(mastodon, item())
        assert server.calls.count("GET /api/v2/instance") == 1

        clock.advance(timedelta(hours=8, seconds=1))
        send(mastodon, item())
        assert server.calls.count("GET /api/v2/instance") == 2

    def test_it_is_not_asked_where_the_channel_says_what_it_can(self, server: Scripted, clock: VirtualClock) -> None:
        send(adapter(server, clock, idempotency="no"), item())

        assert server.calls == ["POST /api/v1/statuses"]


class TestTheToken:
    def test_a_stored_one_serves_where_the_config_has_none(self, server: Scripted, clock: VirtualClock) -> None:
        stored = Tokens({"token": "stored-by-login", "base_url": server.server.url})
        send(adapter(server, clock, stored, token=None), item())

        assert {sent.headers["authorization"] for sent in server.sent} == {"Bearer stored-by-login"}

    def test_the_configs_wins(self, server: Scripted, clock: VirtualClock) -> None:
        stored = Tokens({"token": "stored-by-login", "base_url": server.server.url})
        send(adapter(server, clock, stored), item())

        assert {sent.headers["authorization"] for sent in server.sent} == {f"Bearer {TOKEN}"}

    @pytest.mark.parametrize("stored", [{}, {"token": "of-another", "base_url": "https://other.example"}])
    def test_none_or_that_of_another_server_asks_for_a_login(
        self, server: Scripted, clock: VirtualClock, stored: dict[str, str]
    ) -> None:
        error = error_of(lambda: send(adapter(server, clock, Tokens(stored), token=None, idempotency="no"), item()))

        assert isinstance(error, NotSent)
        assert error.token_dead
        assert str(error) == f"there is no token for {server.server.url}"
        assert server.calls == []

    def test_no_message_shows_one(self, server: Scripted, clock: VirtualClock) -> None:
        stored = Tokens({"token": "canary-stored-token", "base_url": server.server.url})
        for token in (Secret(TOKEN), None):
            mastodon = adapter(server, clock, stored, token=token)
            told = token.reveal() if token else "canary-stored-token"
            for code in (400, 401, 403, 404, 422, 500):
                server.says("POST /api/v1/statuses", {"error": f"what is {told}?"}, status=code)
                error = error_of(lambda mastodon=mastodon: send(mastodon, item()))  # type: ignore[misc]
                assert "what is ***?" in str(error)
                assert "canary" not in repr(error)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"base_url": ""},
        {"base_url": "http://social.example"},
        {"base_url": "https://social.example", "visibility": "everybody"},
        {"base_url": "https://social.example", "idempotency": "maybe"},
        {"base_url": "https://social.example", "token": "plain"},
        {"base_url": "https://social.example", "tokn": "x"},
    ],
)
def test_wrong_settings_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MastodonSettings.model_validate(given)
