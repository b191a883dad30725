"""A post's way to X, judged by the requests that reach it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from campaign.errors import NotSent, OutcomeUnknown, RateLimited, Rejected
from campaign.platforms.base import Published
from campaign.rehearsal.clock import VirtualClock
from tests.platforms.mastodon.scripted import HTML_ERROR, PART, Kept, Said, Scripted, error_of
from tests.platforms.x.scripted import LIVE, TEXT, TOKEN, adapter, item, problem, send
from tests.rehearsal.rig import image

UPLOAD, ALT, TWEETS = "POST /2/media/upload", "POST /2/media/metadata", "POST /2/tweets"
PROBLEMS = "https://api.twitter.com/2/problems"


def uploaded(id: str = "1880028106020515840", **more: Any) -> dict[str, Any]:
    return {"data": {"id": id, "media_key": f"3_{id}", "size": 123456, "expires_after_secs": 86400, **more}}


class TestPublishing:
    def test_a_text_is_one_call(self, server: Scripted, clock: VirtualClock) -> None:
        live = send(adapter(server, clock), item())

        assert live == Published(LIVE, permalink=f"https://x.com/i/web/status/{LIVE}")
        assert server.calls == [TWEETS]
        post = server.one(TWEETS)
        assert post.headers["authorization"] == f"Bearer {TOKEN}"
        assert post.headers["content-type"] == "application/json"
        assert post.json == {"text": TEXT}

    def test_a_picture_goes_up_first_and_gets_its_alt_text(
        self, server: Scripted, clock: VirtualClock, tmp_path: Path
    ) -> None:
        server.says(UPLOAD, uploaded())
        server.says(ALT, {"data": {"id": "1880028106020515840"}})
        picture, kept = image(tmp_path, alt="Zeď & dílna"), Kept()

        send(adapter(server, clock), item(images=(picture,)), kept)

        assert server.calls == [UPLOAD, ALT, TWEETS]
        upload = server.one(UPLOAD)
        assert upload.headers["authorization"] == f"Bearer {TOKEN}"
        assert set(upload.pieces) == {"media", "media_category"}
        assert upload.pieces["media"] == ("1.jpg", "image/jpeg", picture.path.read_bytes())
        assert upload.pieces["media_category"][2] == b"tweet_image"
        described = {"id": "1880028106020515840", "metadata": {"alt_text": {"text": "Zeď & dílna"}}}
        assert server.one(ALT).json == described
        assert server.one(TWEETS).json == {"text": TEXT, "media": {"media_ids": ["1880028106020515840"]}}
        handle = {"id": "1880028106020515840", "until": (clock.now() + timedelta(days=1)).isoformat()}
        assert [commit["media"][picture.sha256] for commit in kept.commits] == [
            {**handle, "described": False},
            {**handle, "described": True},
        ]

    def test_several_pictures_stand_in_their_order_and_answers_may_lack_their_frame(
        self, server: Scripted, clock: VirtualClock, tmp_path: Path
    ) -> None:
        server.says(UPLOAD, uploaded("9"), {"id": "3", "expires_after_secs": 86400}, {"id": "5"})

        send(adapter(server, clock), item(images=tuple(image(tmp_path, n, "") for n in (1, 90, 180))))

        assert server.calls == [UPLOAD, UPLOAD, UPLOAD, TWEETS]
        assert server.one(TWEETS).json == {"text": TEXT, "media": {"media_ids": ["9", "3", "5"]}}

    def test_a_part_of_a_thread_answers_the_part_before(self, server: Scripted, clock: VirtualClock) -> None:
        send(adapter(server, clock), item(n=2, role="reply", root="101", reply_to="102", text="Two"))

        assert server.one(TWEETS).json == {"text": "Two", "reply": {"in_reply_to_tweet_id": "102"}}

    def test_the_part_before_may_be_known_by_its_address_alone(self, server: Scripted, clock: VirtualClock) -> None:
        send(adapter(server, clock), item(n=2, role="reply", reply_to="https://x.com/asa/status/102", text="Two"))
        assert server.one(TWEETS).json == {"text": "Two", "reply": {"in_reply_to_tweet_id": "102"}}

    def test_one_that_answers_what_nobody_can_name_is_refused_before(
        self, server: Scripted, clock: VirtualClock
    ) -> None:
        error = error_of(lambda: send(adapter(server, clock), item(n=2, role="reply", reply_to="https://x.com/asa")))

        assert isinstance(error, Rejected)
        assert server.calls == []

    def test_what_is_up_already_is_not_uploaded_again(
        self, server: Scripted, clock: VirtualClock, tmp_path: Path
    ) -> None:
        server.says(UPLOAD, uploaded("1"))
        server.says(ALT, Said(problem(503, "Service Unavailable"), 503), Said({"data": {"id": "1"}}))
        sent, kept = item(images=(image(tmp_path),)), Kept()
        error_of(lambda: send(adapter(server, clock), sent, kept))

        send(adapter(server, clock), sent, kept)

        assert server.calls == [UPLOAD, ALT, ALT, TWEETS]

    @pytest.mark.parametrize(("hours", "uploads"), [(22, 1), (24, 2)])
    def test_an_upload_is_used_for_its_day_and_then_replaced(
        self, server: Scripted, clock: VirtualClock, tmp_path: Path, hours: int, uploads: int
    ) -> None:
        server.says(UPLOAD, uploaded("1"), uploaded("2"))
        server.says("POST /2/oauth2/token", {"access_token": "next", "expires_in": 7200, "refresh_token": "r"})
        sent, kept = item(images=(image(tmp_path, alt=""),)), Kept()
        adapter(server, clock).prepare(sent, kept.open())

        clock.advance(timedelta(hours=hours))
        send(adapter(server, clock), sent, kept)

        assert server.calls.count(UPLOAD) == uploads
        assert server.one(TWEETS).json["media"]["media_ids"] == [str(uploads)]

    def test_without_the_upload_nothing_is_sent(self, server: Scripted, clock: VirtualClock, tmp_path: Path) -> None:
        x = adapter(server, clock)

        error = error_of(lambda: x.publish(item(images=(image(tmp_path),)), Kept().open(), idempotency_key=PART))

        assert isinstance(error, NotSent)
        assert error.forget == ("media",)
        assert server.calls == []

    def test_a_sign_that_x_does_not_take_is_refused_before(self, server: Scripted, clock: VirtualClock) -> None:
        error = error_of(lambda: send(adapter(server, clock), item(text="a\ufeffb")))

        assert isinstance(error, Rejected)
        assert server.calls == []

    def test_an_answer_that_cannot_be_read_leaves_it_open(self, server: Scripted, clock: VirtualClock) -> None:
        x = adapter(server, clock)
        for body in (b"", HTML_ERROR, [], {"data": {}}, {"data": {"id": ""}}, {"errors": [{"title": "odd"}]}):
            server.says(TWEETS, body)
            assert isinstance(error_of(lambda: send(x, item())), OutcomeUnknown), body


class TestWaiting:
    @pytest.mark.parametrize(
        ("headers", "wait"),
        [
            ({"x-rate-limit-remaining": "5", "x-rate-limit-reset": "{+90}"}, None),
            ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": "soon"}, None),
            ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": "{+-5}"}, timedelta(0)),
            ({"Retry-After": "30"}, timedelta(seconds=30)),
            ({}, None),
        ],
    )
    def test_it_ends_with_an_empty_bucket_or_as_the_header_of_all_says(
        self, server: Scripted, clock: VirtualClock, headers: dict[str, str], wait: timedelta | None
    ) -> None:
        now = int(clock.now().timestamp())
        told = {
            name: str(now + int(value[2:-1])) if value.startswith("{") else value for name, value in headers.items()
        }
        server.says(TWEETS, Said(problem(429, "Too Many Requests", "Too Many Requests"), 429, told))

        error = error_of(lambda: send(adapter(server, clock), item()))

        assert isinstance(error, RateLimited)
        assert error.retry_after == wait
