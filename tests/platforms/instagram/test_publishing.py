"""A post's way to Instagram, judged by the requests that reach it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from campaign.errors import NotSent, OutcomeUnknown, PlatformError, RateLimited, Rejected, Unsupported
from campaign.platforms.base import Published
from campaign.platforms.instagram import Instagram
from campaign.rehearsal.clock import VirtualClock
from tests.platforms.contained import ACCOUNT, BEARER, CONTAINER, MEDIA, channel, said
from tests.platforms.instagram.conftest import V
from tests.platforms.mastodon.scripted import HTML_ERROR, PART, TEXT, Kept, MakeImage, Said, Scripted, error_of, item

LIMIT = f"GET {V}/{ACCOUNT}/content_publishing_limit"
MAKE = f"POST {V}/{ACCOUNT}/media"
LOOK = f"GET {V}/{CONTAINER}"
PUBLISH = f"POST {V}/{ACCOUNT}/media_publish"


def send(instagram: Instagram, sent: Any, kept: Kept | None = None) -> Published:
    """Take a part through both steps."""
    checkpoint = (kept or Kept()).open()
    instagram.prepare(sent, checkpoint)
    return instagram.publish(sent, checkpoint, idempotency_key=PART)


def container(state: str, words: str = "") -> dict[str, str]:
    return {"status_code": state, "status": words, "id": CONTAINER}


class TestOnePicture:
    def test_it_is_a_container_and_one_visible_call(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        kept = Kept()

        live = send(channel(Instagram, server, clock), item(images=(image(alt="Zeď & dílna"),)), kept)

        assert live == Published(MEDIA)
        assert server.calls == [MAKE, LOOK, LIMIT, PUBLISH]
        assert {sent.headers["authorization"] for sent in server.sent} == {BEARER}
        made = server.one(MAKE)
        assert made.headers["content-type"] == "application/x-www-form-urlencoded"
        assert made.form == {
            "image_url": "https://pictures.example.org/1.jpg",
            "alt_text": "Zeď & dílna",
            "caption": TEXT,
        }
        assert server.one(LOOK).query == [("fields", "status_code,status")]
        assert server.one(LIMIT).query == [("fields", "quota_usage,config")]
        assert server.one(PUBLISH).form == {"creation_id": CONTAINER}
        assert kept.values == {"container": {"id": CONTAINER, "at": clock.now().isoformat(), "account": ACCOUNT}}

    def test_without_words_for_it_none_are_sent(self, server: Scripted, clock: VirtualClock, image: MakeImage) -> None:
        send(channel(Instagram, server, clock), item(images=(image(alt=""),)))
        assert "alt_text" not in server.one(MAKE).form

    def test_one_that_takes_its_time_is_waited_for(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        server.says(LOOK, container("IN_PROGRESS"), container("IN_PROGRESS"), container("FINISHED"))
        began = clock.now()

        send(channel(Instagram, server, clock), item(images=(image(),)))

        assert server.calls == [MAKE, LOOK, LOOK, LOOK, LIMIT, PUBLISH]
        assert clock.now() - began == timedelta(seconds=6)

    def test_one_that_takes_too_long_is_kept_and_taken_up_again(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        server.says(LOOK, container("IN_PROGRESS"))
        kept, instagram, sent = Kept(), channel(Instagram, server, clock), item(images=(image(),))

        error = error_of(lambda: send(instagram, sent, kept))

        assert isinstance(error, NotSent)
        assert (error.forget, error.retry_after) == ((), timedelta(minutes=1))
        server.says(LOOK, container("FINISHED"))
        assert send(instagram, sent, kept).remote_id == MEDIA
        assert server.calls.count(MAKE) == 1

    def test_a_post_without_a_picture_is_refused_before_any_call(self, server: Scripted, clock: VirtualClock) -> None:
        error = error_of(lambda: send(channel(Instagram, server, clock), item()))
        assert isinstance(error, Rejected)
        assert server.calls == []

    def test_without_a_container_nothing_is_sent(self, server: Scripted, clock: VirtualClock, image: MakeImage) -> None:
        instagram = channel(Instagram, server, clock)
        error = error_of(lambda: instagram.publish(item(images=(image(),)), Kept().open(), idempotency_key=PART))
        assert isinstance(error, NotSent)
        assert server.calls == []

    def test_an_answer_that_makes_no_sense_leaves_it_open(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        instagram, sent = channel(Instagram, server, clock), item(images=(image(),))
        for body in (b"", HTML_ERROR, [], {"id": ""}, {"success": True}, b'{"id": "1'):
            server.says(PUBLISH, body)
            assert isinstance(error_of(lambda: send(instagram, sent)), OutcomeUnknown), body


class TestSeveralPictures:
    def test_each_has_a_container_and_the_carousel_has_one_of_them(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        server.says(MAKE, {"id": "1"}, {"id": "2"}, {"id": "3"}, {"id": CONTAINER})
        for n in "123":
            server.says(f"GET {V}/{n}", {"status_code": "FINISHED"})
        kept = Kept()

        send(channel(Instagram, server, clock), item(images=tuple(image(n, alt=f"No. {n}") for n in (1, 2, 3))), kept)

        assert server.calls == [
            *(MAKE, f"GET {V}/1", MAKE, f"GET {V}/2", MAKE, f"GET {V}/3"),
            *(MAKE, LOOK, LIMIT, PUBLISH),
        ]
        made = [sent.form for sent in server.sent if f"{sent.method} {sent.path}" == MAKE]
        assert made == [
            *(
                {
                    "image_url": f"https://pictures.example.org/{n}.jpg",
                    "alt_text": f"No. {n}",
                    "is_carousel_item": "true",
                }
                for n in (1, 2, 3)
            ),
            {"media_type": "CAROUSEL", "children": "1,2,3", "caption": TEXT},
        ]
        assert [len(commit.get("children", ())) for commit in kept.commits] == [1, 2, 3, 3]

    def test_those_that_are_there_are_not_made_again(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        server.says(MAKE, {"id": "1"}, said(-1, 2207001, 500), {"id": "2"}, {"id": CONTAINER})
        server.says(f"GET {V}/1", {"status_code": "FINISHED"})
        server.says(f"GET {V}/2", {"status_code": "FINISHED"})
        instagram, sent, kept = channel(Instagram, server, clock), item(images=(image(1), image(2))), Kept()

        assert isinstance(error_of(lambda: send(instagram, sent, kept)), NotSent)
        send(instagram, sent, kept)

        assert server.calls.count(MAKE) == 4
        assert server.sent[-4].form["children"] == "1,2"

    def test_one_that_has_expired_is_made_again(self, server: Scripted, clock: VirtualClock, image: MakeImage) -> None:
        server.says(MAKE, {"id": "2"}, {"id": CONTAINER})
        server.says(f"GET {V}/1", {"status_code": "EXPIRED"})
        server.says(f"GET {V}/2", {"status_code": "FINISHED"})
        old = {"id": "1", "at": clock.now().isoformat(), "account": ACCOUNT}
        kept = Kept({"children": {"1": old, "2": {**old, "id": "2"}}})

        send(channel(Instagram, server, clock), item(images=(image(1), image(2))), kept)

        assert kept.values["children"]["1"]["id"] == "2"


class TestSendingAgain:
    """What was prepared before is asked what became of it, before it is used again."""

    def kept(self, clock: VirtualClock, account: str = ACCOUNT) -> Kept:
        return Kept({"container": {"id": CONTAINER, "at": clock.now().isoformat(), "account": account}})

    def test_what_was_not_published_is_published_again(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        send(channel(Instagram, server, clock), item(images=(image(),)), self.kept(clock))
        assert server.calls == [LOOK, LIMIT, PUBLISH]

    def test_what_was_published_is_never_published_again(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        server.says(LOOK, container("PUBLISHED"))
        instagram, kept, sent = channel(Instagram, server, clock), self.kept(clock), item(images=(image(),))

        error = error_of(lambda: send(instagram, sent, kept))

        assert isinstance(error, OutcomeUnknown)
        assert server.calls == [LOOK]
        assert kept.values["container"]["published"] is True

    @pytest.mark.parametrize(
        "answer",
        [
            container("EXPIRED"),
            container("ERROR", "Error: Media upload has failed with error code 2207053"),
            said(100, 33),
            said(24, 2207006),
        ],
    )
    def test_of_what_nothing_will_come_a_new_one_is_made(
        self, server: Scripted, clock: VirtualClock, image: MakeImage, answer: Any
    ) -> None:
        server.says(f"GET {V}/5", answer)
        kept = Kept({"container": {"id": "5", "at": clock.now().isoformat(), "account": ACCOUNT}})

        send(channel(Instagram, server, clock), item(images=(image(),)), kept)

        assert server.calls == [f"GET {V}/5", MAKE, LOOK, LIMIT, PUBLISH]
        assert kept.values["container"]["id"] == CONTAINER

    def test_that_of_another_account_is_left_alone(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        kept = self.kept(clock, account="1")
        send(channel(Instagram, server, clock), item(images=(image(),)), kept)
        assert server.calls == [MAKE, LOOK, LIMIT, PUBLISH]
        assert kept.values["container"]["account"] == ACCOUNT

    def test_a_state_that_nobody_knows_stops_it(self, server: Scripted, clock: VirtualClock, image: MakeImage) -> None:
        server.says(LOOK, container("SCHEDULED"))
        instagram = channel(Instagram, server, clock)
        error = error_of(lambda: send(instagram, item(images=(image(),)), self.kept(clock)))
        assert isinstance(error, NotSent)
        assert server.calls == [LOOK]

    @pytest.mark.parametrize(("waited", "forget"), [(5, ()), (11, ("container", "children"))])
    def test_one_that_stays_stubborn_is_made_anew_after_some_minutes(
        self, server: Scripted, clock: VirtualClock, image: MakeImage, waited: int, forget: tuple[str, ...]
    ) -> None:
        kept, sent = self.kept(clock), item(images=(image(),))
        server.says(PUBLISH, said(9007, 2207027))
        clock.advance(timedelta(minutes=waited))

        error = error_of(lambda: send(channel(Instagram, server, clock), sent, kept))

        assert isinstance(error, NotSent)
        assert error.forget == forget


@pytest.mark.parametrize(
    ("words", "kind", "text"),
    [
        ("Error: Media upload has failed with error code 2207009", Rejected, "too high or too wide"),
        ("Error: Media upload has failed with error code 2207005", Rejected, "not of a type"),
        ("Error: 2207052: The media could not be fetched", NotSent, "campaign check fetches one"),
        ("Error: Media upload has failed with error code 2207082", NotSent, "a new one is made"),
        ("", NotSent, "a new one is made: ERROR"),
    ],
)
def test_what_comes_of_a_container_that_failed(
    server: Scripted, clock: VirtualClock, image: MakeImage, words: str, kind: type[PlatformError], text: str
) -> None:
    server.says(LOOK, container("ERROR", words))
    error = error_of(lambda: send(channel(Instagram, server, clock), item(images=(image(),))))
    assert type(error) is kind
    assert text in str(error)
    assert PUBLISH not in server.calls


class TestQuota:
    def test_a_full_one_is_waited_for_before_the_call(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        server.says(LIMIT, {"data": [{"quota_usage": 50, "config": {"quota_total": 50, "quota_duration": 86400}}]})
        error = error_of(lambda: send(channel(Instagram, server, clock), item(images=(image(),))))
        assert isinstance(error, RateLimited)
        assert error.retry_after == timedelta(hours=1)
        assert "published 50 of 50 times" in str(error)
        assert PUBLISH not in server.calls

    @pytest.mark.parametrize("answer", [{"data": []}, {}, [], Said(b"", 500), said(2, 0, 500)])
    def test_where_it_is_not_told_publishing_will_show(
        self, server: Scripted, clock: VirtualClock, image: MakeImage, answer: Any
    ) -> None:
        server.says(LIMIT, answer)
        assert send(channel(Instagram, server, clock), item(images=(image(),))).remote_id == MEDIA

    @pytest.mark.parametrize(("answer", "kind"), [(said(190, 463), NotSent), (said(80002), RateLimited)])
    def test_what_stops_the_channel_stops_it_here_too(
        self, server: Scripted, clock: VirtualClock, image: MakeImage, answer: Any, kind: type[PlatformError]
    ) -> None:
        server.says(LIMIT, answer)
        assert type(error_of(lambda: send(channel(Instagram, server, clock), item(images=(image(),))))) is kind
        assert PUBLISH not in server.calls


class TestEditingAndDeleting:
    def test_nobody_can_edit(self, server: Scripted, clock: VirtualClock) -> None:
        with pytest.raises(Unsupported, match="Instagram lets no program change a caption"):
            channel(Instagram, server, clock).edit(MEDIA, item())

    def test_a_post_is_deleted_by_facebooks_login(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"DELETE {V}/{MEDIA}", {"success": True})
        channel(Instagram, server, clock, login="facebook").delete(MEDIA)
        assert server.calls == [f"DELETE {V}/{MEDIA}"]
        assert server.sent[0].headers["authorization"] == BEARER

    def test_instagrams_own_login_cannot(self, server: Scripted, clock: VirtualClock) -> None:
        with pytest.raises(Unsupported, match=r'Delete it in the app\. With login = "facebook"'):
            channel(Instagram, server, clock).delete(MEDIA)
        assert server.calls == []

    def test_one_that_is_gone_is_fine(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"DELETE {V}/{MEDIA}", said(100, 33))
        server.says(f"GET {V}/{MEDIA}", said(100, 33))
        channel(Instagram, server, clock, login="facebook").delete(MEDIA)
        assert server.calls == [f"DELETE {V}/{MEDIA}", f"GET {V}/{MEDIA}"]

    def test_one_that_is_there_and_stays_is_not(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"DELETE {V}/{MEDIA}", said(100, 33))
        server.says(f"GET {V}/{MEDIA}", {"id": MEDIA})
        with pytest.raises(NotSent, match="does not let this login delete the post"):
            channel(Instagram, server, clock, login="facebook").delete(MEDIA)

    def test_of_one_known_by_its_address_a_person_is_asked(self, server: Scripted, clock: VirtualClock) -> None:
        with pytest.raises(Unsupported, match="only the address is known"):
            channel(Instagram, server, clock, login="facebook").delete("https://www.instagram.com/p/Cabc123/")
