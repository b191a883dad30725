"""A post's way to LinkedIn, judged by the requests that reach it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from campaign.errors import NotSent, OutcomeUnknown, Rejected
from campaign.platforms.base import Preview, Published
from campaign.platforms.linkedin.images import is_safe
from campaign.rehearsal.clock import VirtualClock
from tests.platforms.linkedin.page import (
    COMMENTARY,
    LINK,
    OURS,
    PAGE,
    PART,
    SHARE,
    SHARE_QUOTED,
    TOKEN,
    adapter,
    comment,
    item,
    send,
    uploading,
)
from tests.platforms.mastodon.scripted import HTML_ERROR, Kept, MakeImage, Said, Scripted, error_of

COMMENTS = f"POST /socialActions/{SHARE_QUOTED}/comments"
SAID = {
    "id": "7102986562019213313",
    "commentUrn": "urn:li:comment:(urn:li:activity:9,7102986562019213313)",
    "object": "urn:li:activity:9",
}
LIVE = Published(SHARE, permalink=f"https://www.linkedin.com/feed/update/{SHARE}/")


class TestAPost:
    def test_a_text_is_one_visible_call(self, server: Scripted, clock: VirtualClock) -> None:
        assert send(adapter(server, clock), item()) == LIVE

        assert server.calls == ["POST /posts"]
        sent = server.one("POST /posts")
        assert sent.headers.items() >= {**OURS, "content-type": "application/json"}.items()
        assert "x-restli-method" not in sent.headers
        assert sent.json == {
            "author": PAGE,
            "commentary": COMMENTARY,
            "visibility": "PUBLIC",
            "distribution": {
                "feedDistribution": "MAIN_FEED",
                "targetEntities": [],
                "thirdPartyDistributionChannels": [],
            },
            "lifecycleState": "PUBLISHED",
            "isReshareDisabledByAuthor": False,
        }

    def test_a_picture_goes_up_first_and_is_waited_for(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        uploading(server, "C4E10")
        server.says("GET /images/urn%3Ali%3Aimage%3AC4E10", {"status": "PROCESSING"}, {"status": "AVAILABLE"})
        shown, kept, began = image(alt="Graf & mapa"), Kept(), clock.now()

        send(adapter(server, clock), item(images=(shown,)), kept)

        assert server.calls == [
            "POST /images",
            "PUT /dms-uploads/C4E10",
            "GET /images/urn%3Ali%3Aimage%3AC4E10",
            "GET /images/urn%3Ali%3Aimage%3AC4E10",
            "POST /posts",
        ]
        place = server.one("POST /images")
        assert place.query == [("action", "initializeUpload")]
        assert place.json == {"initializeUploadRequest": {"owner": PAGE}}
        upload = server.one("PUT /dms-uploads/C4E10")
        assert (upload.headers["authorization"], upload.headers["content-type"]) == (f"Bearer {TOKEN}", "image/jpeg")
        assert "linkedin-version" not in upload.headers
        assert upload.body == shown.path.read_bytes()
        content = server.one("POST /posts").json["content"]
        assert content == {"media": {"id": "urn:li:image:C4E10", "altText": "Graf & mapa"}}
        assert kept.commits == [{"images": {shown.sha256: "urn:li:image:C4E10"}}]
        assert clock.now() - began >= timedelta(seconds=3)

    def test_several_pictures_stand_in_their_order(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        uploading(server, "A", "B", "C")

        send(adapter(server, clock), item(images=tuple(image(n, alt=f"{n}") for n in (1, 2, 3))))

        assert [call for call in server.calls if not call.startswith("GET")] == [
            *("POST /images", "PUT /dms-uploads/A", "POST /images", "PUT /dms-uploads/B"),
            *("POST /images", "PUT /dms-uploads/C", "POST /posts"),
        ]
        assert server.one("POST /posts").json["content"] == {
            "multiImage": {
                "images": [
                    {"id": "urn:li:image:A", "altText": "1"},
                    {"id": "urn:li:image:B", "altText": "2"},
                    {"id": "urn:li:image:C", "altText": "3"},
                ]
            }
        }

    def test_a_link_has_a_card_with_its_own_words_and_picture(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        uploading(server, "T")

        send(adapter(server, clock), item(preview=Preview("Modules for all", "What they teach.", image())))

        assert server.one("POST /posts").json["content"] == {
            "article": {
                "source": LINK,
                "title": "Modules for all",
                "description": "What they teach.",
                "thumbnail": "urn:li:image:T",
            }
        }

    def test_a_card_may_lack_picture_and_description(self, server: Scripted, clock: VirtualClock) -> None:
        send(adapter(server, clock), item(preview=Preview("Modules for all")))

        assert server.one("POST /posts").json["content"] == {"article": {"source": LINK, "title": "Modules for all"}}

    def test_there_is_no_card_without_a_link(self, server: Scripted, clock: VirtualClock) -> None:
        send(adapter(server, clock), item(preview=Preview("Modules for all"), link=""))

        assert "content" not in server.one("POST /posts").json

    @pytest.mark.parametrize(
        "answer",
        [
            Said(b"", 201, {"x_linkedin_id": SHARE}),
            Said({"id": SHARE}, 201),
        ],
    )
    def test_its_id_may_stand_elsewhere(self, server: Scripted, clock: VirtualClock, answer: Said) -> None:
        server.says("POST /posts", answer)
        assert send(adapter(server, clock), item()) == LIVE

    def test_an_answer_that_cannot_be_read_leaves_it_open(self, server: Scripted, clock: VirtualClock) -> None:
        for body in (b"", HTML_ERROR, [], {"id": ""}, b'{"id": "urn'):
            server.says("POST /posts", body, status=201)
            assert isinstance(error_of(lambda: send(adapter(server, clock), item())), OutcomeUnknown), body

    def test_without_the_upload_nothing_is_sent(self, server: Scripted, clock: VirtualClock, image: MakeImage) -> None:
        linkedin = adapter(server, clock)
        error = error_of(lambda: linkedin.publish(item(images=(image(),)), Kept().open(), idempotency_key=PART))
        assert isinstance(error, NotSent)
        assert server.calls == []


class TestAPicture:
    def test_is_not_uploaded_twice(self, server: Scripted, clock: VirtualClock, image: MakeImage) -> None:
        uploading(server, "A")
        kept, sent = Kept(), item(images=(image(),))
        adapter(server, clock).prepare(sent, kept.open())
        adapter(server, clock).prepare(sent, kept.open())
        assert server.calls.count("PUT /dms-uploads/A") == 1

    @pytest.mark.parametrize("state", [Said({"status": "WAITING_UPLOAD"}), Said({"code": "NOT_FOUND"}, 404)])
    def test_whose_bytes_never_came_is_uploaded_anew(
        self, server: Scripted, clock: VirtualClock, image: MakeImage, state: Said
    ) -> None:
        uploading(server, "B")
        server.says("GET /images/urn%3Ali%3Aimage%3AA", state)
        kept = Kept({"images": {image().sha256: "urn:li:image:A"}})
        adapter(server, clock).prepare(item(images=(image(),)), kept.open())
        assert kept.values == {"images": {image().sha256: "urn:li:image:B"}}

    def test_that_linkedin_cannot_read_is_refused_and_forgotten(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        uploading(server, "A")
        server.says("GET /images/urn%3Ali%3Aimage%3AA", {"status": "PROCESSING_FAILED"})
        kept = Kept({"images": {"other": "urn:li:image:X"}})
        error = error_of(lambda: send(adapter(server, clock), item(images=(image(),)), kept))
        assert (type(error), str(error)) == (Rejected, "LinkedIn cannot read the picture 1.jpg")
        assert kept.values == {"images": {"other": "urn:li:image:X"}}

    def test_that_is_not_ready_in_two_minutes_has_to_wait(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        uploading(server, "A")
        server.says("GET /images/urn%3Ali%3Aimage%3AA", {"status": "PROCESSING"})
        error = error_of(lambda: send(adapter(server, clock), item(images=(image(),))))
        assert isinstance(error, NotSent)
        assert error.retry_after == timedelta(minutes=2)
        assert "POST /posts" not in server.calls

    def test_another_one_than_was_approved_is_not_uploaded(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        changed = replace(image(), sha256="0" * 64)
        assert isinstance(error_of(lambda: send(adapter(server, clock), item(images=(changed,)))), NotSent)
        assert server.calls == []

    def test_and_the_token_go_nowhere_unencrypted(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        place = {"uploadUrl": "http://elsewhere.example/upload", "image": "urn:li:image:A"}
        server.says("POST /images", {"value": place})
        error = error_of(lambda: send(adapter(server, clock), item(images=(image(),))))
        assert "not encrypted" in str(error)

    def test_goes_where_linkedin_says(self) -> None:
        assert is_safe("https://www.linkedin.com/dms-uploads/A", "https://api.linkedin.com/rest")
        assert not is_safe("http://www.linkedin.com/dms-uploads/A", "https://api.linkedin.com/rest")


class TestAComment:
    def test_is_one_visible_call_under_the_post(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(COMMENTS, SAID, status=201)

        live = send(adapter(server, clock), comment("By @[Kraj](urn:li:organization:7): (all) #Skills"))

        assert live == Published(SAID["commentUrn"], LIVE.permalink)
        assert server.calls == [COMMENTS]
        sent = server.one(COMMENTS)
        assert sent.json == {"actor": PAGE, "object": SHARE, "message": {"text": "By Kraj: (all) #Skills"}}
        assert sent.headers.items() >= OURS.items()

    @pytest.mark.parametrize(
        ("answer", "urn"),
        [
            ({"$URN": "urn:li:comment:(urn:li:activity:9,8)"}, "urn:li:comment:(urn:li:activity:9,8)"),
            ({"$URN": "urn:li:comment:(activity:9,8)"}, "urn:li:comment:(urn:li:activity:9,8)"),
            ({"id": "8", "object": "urn:li:activity:9"}, "urn:li:comment:(urn:li:activity:9,8)"),
            ({"id": "8"}, f"urn:li:comment:({SHARE},8)"),
        ],
    )
    def test_is_known_by_whatever_name_it_gets(
        self, server: Scripted, clock: VirtualClock, answer: Any, urn: str
    ) -> None:
        server.says(COMMENTS, answer, status=201)
        assert send(adapter(server, clock), comment()).remote_id == urn

    def test_has_no_pictures(self, server: Scripted, clock: VirtualClock, image: MakeImage) -> None:
        server.says(COMMENTS, SAID, status=201)
        send(adapter(server, clock), comment(images=(image(),)))
        assert server.calls == [COMMENTS]

    def test_under_a_post_that_is_not_there_yet_or_any_more_is_tried_again(
        self, server: Scripted, clock: VirtualClock
    ) -> None:
        server.says(COMMENTS, {"status": 404, "code": "NOT_FOUND"}, status=404)
        assert type(error_of(lambda: send(adapter(server, clock), comment()))) is NotSent

    def test_under_a_post_that_is_known_by_an_address_only_is_refused_before_it_is_sent(
        self, server: Scripted, clock: VirtualClock
    ) -> None:
        address = "https://www.linkedin.com/feed/update/urn:li:activity:7/"
        error = error_of(lambda: send(adapter(server, clock), replace(comment(), root=address)))
        assert isinstance(error, Rejected)
        assert server.calls == []

    def test_without_an_id_in_the_answer_it_is_open(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(COMMENTS, {}, status=201)
        assert isinstance(error_of(lambda: send(adapter(server, clock), comment())), OutcomeUnknown)
