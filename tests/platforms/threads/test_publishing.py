"""A post's way to Threads, judged by the requests that reach it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from campaign.errors import NotSent, OutcomeUnknown, PlatformError, RateLimited, Rejected, Unsupported
from campaign.platforms.base import Published
from campaign.platforms.threads import Threads
from campaign.rehearsal.clock import VirtualClock
from tests.platforms.contained import ACCOUNT, BEARER, CONTAINER, MEDIA, channel, said
from tests.platforms.mastodon.scripted import LINK, PART, TEXT, Kept, MakeImage, Scripted, error_of, item
from tests.platforms.threads.conftest import V

LIMIT = f"GET {V}/{ACCOUNT}/threads_publishing_limit"
MAKE = f"POST {V}/{ACCOUNT}/threads"
LOOK = f"GET {V}/{CONTAINER}"
PUBLISH = f"POST {V}/{ACCOUNT}/threads_publish"


def send(threads: Threads, sent: Any, kept: Kept | None = None) -> Published:
    """Take a part through both steps."""
    checkpoint = (kept or Kept()).open()
    threads.prepare(sent, checkpoint)
    return threads.publish(sent, checkpoint, idempotency_key=PART)


class TestPublishing:
    def test_nothing_answers_what_is_known_by_its_address_only(self, server: Scripted, clock: VirtualClock) -> None:
        address = "https://www.threads.com/@org/post/AbC"
        error = error_of(lambda: send(channel(Threads, server, clock), item(role="reply", reply_to=address)))

        assert isinstance(error, Rejected)
        assert "only the address is known" in str(error)
        assert server.calls == []

    def test_a_text_has_its_link_as_a_card_and_its_topic(self, server: Scripted, clock: VirtualClock) -> None:
        kept = Kept()

        live = send(channel(Threads, server, clock), item(), kept)

        assert live == Published(MEDIA)
        assert server.calls == [MAKE, LOOK, LIMIT, PUBLISH]
        assert {sent.headers["authorization"] for sent in server.sent} == {BEARER}
        made = server.one(MAKE)
        assert made.headers["content-type"] == "application/x-www-form-urlencoded"
        assert made.form == {
            "media_type": "TEXT",
            "text": TEXT,
            "link_attachment": LINK,
            "topic_tag": "MoraviaSilesia",
        }
        assert server.one(LOOK).query == [("fields", "status,error_message")]
        assert server.one(LIMIT).query == [("fields", "quota_usage,config")]
        assert server.one(PUBLISH).form == {"creation_id": CONTAINER}
        assert kept.values == {"container": {"id": CONTAINER, "at": clock.now().isoformat(), "account": ACCOUNT}}

    def test_a_text_without_link_and_tag_is_a_text(self, server: Scripted, clock: VirtualClock) -> None:
        send(channel(Threads, server, clock), item(text="Nothing but words", link=""))
        assert server.one(MAKE).form == {"media_type": "TEXT", "text": "Nothing but words"}

    def test_a_picture_has_no_card(self, server: Scripted, clock: VirtualClock, image: MakeImage) -> None:
        send(channel(Threads, server, clock), item(images=(image(alt="Zeď & dílna"),)))
        assert server.one(MAKE).form == {
            "media_type": "IMAGE",
            "image_url": "https://pictures.example.org/1.jpg",
            "alt_text": "Zeď & dílna",
            "text": TEXT,
            "topic_tag": "MoraviaSilesia",
        }

    def test_several_pictures_are_a_carousel(self, server: Scripted, clock: VirtualClock, image: MakeImage) -> None:
        server.says(MAKE, {"id": "1"}, {"id": "2"}, {"id": CONTAINER})
        server.says(f"GET {V}/1", {"status": "IN_PROGRESS"}, {"status": "FINISHED"})
        server.says(f"GET {V}/2", {"status": "FINISHED"})

        send(channel(Threads, server, clock), item(images=(image(1), image(2, alt=""))))

        assert server.calls == [
            *(MAKE, f"GET {V}/1", f"GET {V}/1", MAKE, f"GET {V}/2"),
            *(MAKE, LOOK, LIMIT, PUBLISH),
        ]
        assert [sent.form for sent in server.sent if f"{sent.method} {sent.path}" == MAKE] == [
            {
                "media_type": "IMAGE",
                "image_url": "https://pictures.example.org/1.jpg",
                "alt_text": "A blue wall.",
                "is_carousel_item": "true",
            },
            {"media_type": "IMAGE", "image_url": "https://pictures.example.org/2.jpg", "is_carousel_item": "true"},
            {"media_type": "CAROUSEL", "children": "1,2", "text": TEXT, "topic_tag": "MoraviaSilesia"},
        ]

    def test_a_part_of_a_thread_answers_the_part_before(self, server: Scripted, clock: VirtualClock) -> None:
        sent = item(n=2, role="reply", root="101", reply_to="102", text="Second #Part", link="")
        send(channel(Threads, server, clock), sent)
        assert server.one(MAKE).form == {"media_type": "TEXT", "text": "Second #Part", "reply_to_id": "102"}
        assert server.calls == [MAKE, LOOK, PUBLISH]  # of answers there may be a thousand a day

    def test_no_container_publishes_itself(self, server: Scripted, clock: VirtualClock, image: MakeImage) -> None:
        for sent in (item(), item(images=(image(),)), item(n=2, reply_to="1")):
            send(channel(Threads, server, clock), sent)
        assert not [sent for sent in server.sent if b"auto_publish_text" in sent.body]

    @pytest.mark.parametrize("links", [5, 6])
    def test_more_than_five_links_are_refused_before_any_call(
        self, server: Scripted, clock: VirtualClock, links: int
    ) -> None:
        text = " ".join(f"https://example.org/{n}" for n in range(1, links + 1))
        threads = channel(Threads, server, clock)
        if links == 5:
            send(threads, item(text=text, link="https://example.org/1"))
            assert server.calls == [MAKE, LOOK, LIMIT, PUBLISH]
        else:
            error = error_of(lambda: send(threads, item(text=text, link="https://example.org/1")))
            assert isinstance(error, Rejected)
            assert server.calls == []

    def test_a_parent_that_is_not_known_yet_is_waited_for(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(MAKE, said(24, 4279009), said(24, 4279009), {"id": CONTAINER})
        began = clock.now()
        assert send(channel(Threads, server, clock), item(n=2, reply_to="102")).remote_id == MEDIA
        assert server.calls == [MAKE, MAKE, MAKE, LOOK, PUBLISH]
        assert clock.now() - began == timedelta(seconds=6)

    def test_one_that_stays_unknown_is_asked_for_again_later(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(MAKE, said(24, 4279009))
        threads, kept, sent = channel(Threads, server, clock), Kept(), item(n=2, reply_to="102")
        error = error_of(lambda: send(threads, sent, kept))
        assert isinstance(error, NotSent)
        assert (error.forget, error.retry_after) == ((), timedelta(seconds=15))
        assert server.calls == [MAKE] * 4

    def test_one_that_publishing_does_not_know_yet_is_kept(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(PUBLISH, said(24, 4279009), {"id": MEDIA})
        threads, kept, sent = channel(Threads, server, clock), Kept(), item(n=2, reply_to="102")
        error = error_of(lambda: send(threads, sent, kept))
        assert isinstance(error, NotSent)
        assert (error.forget, error.retry_after) == ((), timedelta(seconds=15))
        assert send(threads, sent, kept).remote_id == MEDIA
        assert server.calls.count(MAKE) == 1

    def test_what_was_published_is_never_published_again(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(LOOK, {"status": "PUBLISHED"})
        kept = Kept({"container": {"id": CONTAINER, "at": clock.now().isoformat(), "account": ACCOUNT}})
        assert isinstance(error_of(lambda: send(channel(Threads, server, clock), item(), kept)), OutcomeUnknown)
        assert server.calls == [LOOK]

    def test_a_full_quota_is_waited_for(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(LIMIT, {"data": [{"quota_usage": 250, "config": {"quota_total": 250}}]})
        error = error_of(lambda: send(channel(Threads, server, clock), item()))
        assert isinstance(error, RateLimited)
        assert ("250 of 250 times" in str(error), error.retry_after) == (True, timedelta(hours=1))

    def test_a_quota_that_is_not_told_refuses_no_post(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(LIMIT, said(100))
        assert send(channel(Threads, server, clock), item()).remote_id == MEDIA

    @pytest.mark.parametrize(
        ("words", "kind"),
        [("INVALID_ASPEC_RATIO", Rejected), ("INVALID_BIT_RATE", Rejected), ("UNKNOWN", NotSent), ("", NotSent)],
    )
    def test_what_comes_of_a_container_that_failed(
        self, server: Scripted, clock: VirtualClock, words: str, kind: type[PlatformError]
    ) -> None:
        server.says(LOOK, {"status": "ERROR", "error_message": words})
        assert type(error_of(lambda: send(channel(Threads, server, clock), item()))) is kind


def test_nobody_can_edit(server: Scripted, clock: VirtualClock) -> None:
    with pytest.raises(Unsupported, match="Threads lets no program change a published post"):
        channel(Threads, server, clock).edit(MEDIA, item())


def test_a_post_is_deleted(server: Scripted, clock: VirtualClock) -> None:
    server.says(f"DELETE {V}/{MEDIA}", {"success": True, "deleted_id": MEDIA})
    channel(Threads, server, clock).delete(MEDIA)
    assert server.calls == [f"DELETE {V}/{MEDIA}"]
    assert server.sent[0].headers["authorization"] == BEARER
