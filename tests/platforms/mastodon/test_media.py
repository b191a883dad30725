"""Pictures on their way: the approved bytes, once, and ready before the post is visible."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from campaign.errors import NotSent
from campaign.rehearsal.clock import VirtualClock
from tests.making import picture
from tests.platforms.mastodon.scripted import (
    Kept,
    MakeImage,
    Said,
    Scripted,
    adapter,
    error_of,
    item,
    send,
)


class TestUploading:
    def test_a_picture_that_is_there_is_not_sent_again(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        server.says("POST /api/v2/media", {"id": "1"}, {"id": "2"})
        kept, both = Kept(), item(images=(image(1), image(2)))
        adapter(server, clock).prepare(replace(both, images=both.images[:1]), kept.open())

        clock.advance(timedelta(hours=19))
        send(adapter(server, clock), both, kept)

        assert server.calls.count("POST /api/v2/media") == 2
        assert server.one("POST /api/v1/statuses").json["media_ids"] == ["1", "2"]

    def test_a_picture_that_the_server_may_have_dropped_is_sent_again(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        server.says("POST /api/v2/media", {"id": "1"}, {"id": "2"})
        kept, sent = Kept(), item(images=(image(),))
        adapter(server, clock).prepare(sent, kept.open())

        clock.advance(timedelta(hours=20, seconds=1))
        send(adapter(server, clock), sent, kept)

        assert server.one("POST /api/v1/statuses").json["media_ids"] == ["2"]

    def test_a_slow_picture_is_waited_for_and_its_id_kept_at_once(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        server.says("POST /api/v2/media", {"id": "a/b", "url": None}, status=202)
        server.says("GET /api/v1/media/a%2Fb", Said({"id": "a/b", "url": None}, 206), Said({"id": "a/b"}, 200))
        kept, start = Kept(), clock.now()

        send(adapter(server, clock), item(images=(image(),)), kept)

        assert server.calls[1:] == ["POST /api/v2/media", *["GET /api/v1/media/a%2Fb"] * 2, "POST /api/v1/statuses"]
        assert clock.now() - start == timedelta(seconds=2)
        assert [handle["ready"] for commit in kept.commits[1:] for handle in commit["media"].values()] == [False, True]

    def test_a_picture_that_takes_too_long_is_tried_later_and_not_sent_again(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        server.says("POST /api/v2/media", {"id": "1"}, status=202)
        server.says("GET /api/v1/media/1", {"id": "1"}, status=206)
        kept, sent, start = Kept(), item(images=(image(),)), clock.now()

        error = error_of(lambda: send(adapter(server, clock), sent, kept))

        assert isinstance(error, NotSent)
        assert (error.retry_after, error.forget) == (timedelta(minutes=1), ())
        assert clock.now() - start == timedelta(minutes=1)
        server.says("GET /api/v1/media/1", {"id": "1"})
        send(adapter(server, clock), sent, kept)
        assert server.calls.count("POST /api/v2/media") == 1

    def test_an_older_server_has_an_older_upload(self, server: Scripted, clock: VirtualClock, image: MakeImage) -> None:
        server.says("POST /api/v1/media", {"id": "1"})

        send(adapter(server, clock), item(images=(image(),)))

        assert server.calls[1:3] == ["POST /api/v2/media", "POST /api/v1/media"]
        assert server.one("POST /api/v1/media").pieces["file"][2] == image().path.read_bytes()

    def test_only_the_approved_bytes_go_up(self, server: Scripted, clock: VirtualClock, image: MakeImage) -> None:
        shown = image()
        shown.path.write_bytes(picture(colour=(200, 0, 0)))
        error = error_of(lambda: send(adapter(server, clock), item(images=(shown,))))
        assert isinstance(error, NotSent)
        assert "not the one that was approved" in str(error)

        shown.path.unlink()
        error = error_of(lambda: send(adapter(server, clock), item(images=(shown,))))
        assert isinstance(error, NotSent)
        assert "cannot be read" in str(error)
        assert "POST /api/v2/media" not in server.calls
