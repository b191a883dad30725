"""A post's way into a Telegram channel, judged by the requests that reach the Bot API."""

from __future__ import annotations

import json
from typing import Any

import pytest

from campaign.errors import NotSent, OutcomeUnknown, RateLimited, Rejected
from campaign.platforms.base import Published
from campaign.rehearsal.clock import VirtualClock
from tests.platforms.mastodon.scripted import HTML_ERROR, Kept, MakeImage, Said, Scripted, error_of, send
from tests.platforms.mastodon.scripted import item as any_item
from tests.platforms.telegram.bot import ARCHIVE, CHANNEL, CHAT, LINK, TEXT, Api, adapter, message, photo, way


def item(**values: Any) -> Any:
    return any_item(**({"text": TEXT, "link": LINK} | values))


def after(message: int) -> dict[str, Any]:
    """What is noted of the message behind which a part will stand."""
    return {"chat": str(CHANNEL), "message": message}


class TestAText:
    def test_is_one_visible_call(self, server: Scripted, api: Api, clock: VirtualClock) -> None:
        live = send(adapter(server, clock), item())

        assert live == Published("77", permalink="https://t.me/orgnews/77")
        assert api.methods == ["sendMessage"]
        sent = api.one("sendMessage")
        assert sent.headers["content-type"] == "application/json"
        assert sent.json == {
            "chat_id": CHANNEL,
            "text": TEXT,
            "link_preview_options": {"url": LINK, "prefer_large_media": True},
        }

    def test_that_leads_nowhere_shows_no_page_that_nobody_chose(
        self, server: Scripted, api: Api, clock: VirtualClock
    ) -> None:
        send(adapter(server, clock), item(link=""))

        assert api.one("sendMessage").json["link_preview_options"] == {"is_disabled": True}

    @pytest.mark.parametrize("text", ["a < b && c > d", "<b>no</b> *no* _no_ [no](https://a.example)", "`x` \\. {}|~"])
    def test_goes_as_it_is_because_no_sign_in_it_means_anything(
        self, server: Scripted, api: Api, clock: VirtualClock, text: str
    ) -> None:
        send(adapter(server, clock), item(text=text))

        sent = api.one("sendMessage").json
        assert sent["text"] == text
        assert not {"parse_mode", "entities"} & sent.keys()

    def test_keeps_the_rings_over_its_letters(self, server: Scripted, api: Api, clock: VirtualClock) -> None:
        send(adapter(server, clock), item(text="du\u030am"))

        assert api.one("sendMessage").json["text"] == "d\u016fm"

    def test_of_a_thread_answers_the_part_before(self, server: Scripted, api: Api, clock: VirtualClock) -> None:
        send(adapter(server, clock), item(n=2, role="reply", root="77,78", reply_to="77,78"))

        assert api.one("sendMessage").json == {
            "chat_id": CHANNEL,
            "text": TEXT,
            "link_preview_options": {"url": LINK, "prefer_large_media": True},
            "reply_parameters": {"message_id": 77},
        }

    def test_does_not_answer_what_is_known_by_its_address_only(
        self, server: Scripted, api: Api, clock: VirtualClock
    ) -> None:
        error = error_of(lambda: send(adapter(server, clock), item(reply_to="https://t.me/orgnews/70?single")))

        assert isinstance(error, Rejected)
        assert server.calls == []

    def test_in_a_private_channel_has_an_address_for_its_members(
        self, server: Scripted, api: Api, clock: VirtualClock
    ) -> None:
        api.says("sendMessage", message(5, chat={"id": CHANNEL, "type": "channel"}))

        assert send(adapter(server, clock), item()).permalink == "https://t.me/c/1234567890/5"

    def test_may_go_to_a_channel_by_its_name(self, server: Scripted, api: Api, clock: VirtualClock) -> None:
        send(adapter(server, clock, chat="@orgnews"), item())

        assert api.one("sendMessage").json["chat_id"] == "@orgnews"


class TestWithoutAnArchive:
    def test_a_picture_comes_along(self, server: Scripted, api: Api, clock: VirtualClock, image: MakeImage) -> None:
        api.says("sendPhoto", message(78, photo=photo("A")))
        shown, kept = image(), Kept()

        live = send(adapter(server, clock), item(images=(shown,)), kept)

        assert live == Published("78", permalink="https://t.me/orgnews/78")
        assert (api.methods, kept.commits) == (["sendPhoto"], [])
        pieces = api.one("sendPhoto").pieces
        assert pieces["photo"] == ("1.jpg", "image/jpeg", shown.path.read_bytes())
        assert {name: value[2].decode() for name, value in pieces.items() if name != "photo"} == {
            "chat_id": str(CHANNEL),
            "caption": TEXT,
        }

    def test_several_are_an_album_whose_first_bears_the_text(
        self, server: Scripted, api: Api, clock: VirtualClock, image: MakeImage
    ) -> None:
        api.says("sendMediaGroup", [message(77), message(78), message(79)])

        live = send(adapter(server, clock), item(reply_to="70", images=tuple(image(n) for n in (1, 2, 3))))

        assert live == Published("77,78,79", permalink="https://t.me/orgnews/77")
        pieces = api.one("sendMediaGroup").pieces
        assert [pieces[f"f{n}"][0] for n in range(3)] == ["1.jpg", "2.jpg", "3.jpg"]
        assert json.loads(pieces["reply_parameters"][2]) == {"message_id": 70}
        assert json.loads(pieces["media"][2]) == [
            {"type": "photo", "media": "attach://f0", "caption": TEXT},
            {"type": "photo", "media": "attach://f1"},
            {"type": "photo", "media": "attach://f2"},
        ]

    def test_a_picture_that_nobody_approved_is_not_sent(
        self, server: Scripted, api: Api, clock: VirtualClock, image: MakeImage
    ) -> None:
        shown = image()
        shown.path.write_bytes(b"another one")

        error = error_of(lambda: send(adapter(server, clock), item(images=(shown,))))

        assert isinstance(error, NotSent)
        assert server.calls == []


class TestWithAnArchive:
    @pytest.fixture
    def api(self, api: Api) -> Api:
        """An empty channel, and a way to put pictures into the archive."""
        api.refuses("copyMessages", 400, "Bad Request: there are no messages to forward")
        return api

    def test_a_picture_is_uploaded_ahead_and_sent_by_its_id(
        self, server: Scripted, api: Api, clock: VirtualClock, image: MakeImage
    ) -> None:
        api.says("sendPhoto", message(5, photo=photo("AgACAg")), message(78))
        shown, kept = image(), Kept()

        send(adapter(server, clock, archive=str(ARCHIVE)), item(images=(shown,)), kept)

        first, second = [sent for sent in server.sent if sent.path.endswith("/sendPhoto")]
        assert first.pieces["chat_id"][2] == str(ARCHIVE).encode()
        assert first.pieces["photo"][2] == shown.path.read_bytes()
        assert second.json == {"chat_id": CHANNEL, "photo": "AgACAg", "caption": TEXT}
        assert kept.values == {"media": {shown.sha256: "AgACAg"}, "after": after(0)}

    def test_an_album_is_uploaded_picture_by_picture_and_each_is_kept_at_once(
        self, server: Scripted, api: Api, clock: VirtualClock, image: MakeImage
    ) -> None:
        api.says("sendPhoto", message(5, photo=photo("A")), message(6, photo=photo("B")))
        api.says("sendMediaGroup", [message(77), message(78)])
        kept = Kept()

        live = send(adapter(server, clock, archive=str(ARCHIVE)), item(images=(image(1), image(2))), kept)

        assert live.remote_id == "77,78"
        assert [len(commit["media"]) for commit in kept.commits] == [1, 2, 2]
        assert api.one("sendMediaGroup").json == {
            "chat_id": CHANNEL,
            "media": [{"type": "photo", "media": "A", "caption": TEXT}, {"type": "photo", "media": "B"}],
        }

    def test_after_a_restart_nothing_is_uploaded_twice(
        self, server: Scripted, api: Api, clock: VirtualClock, image: MakeImage
    ) -> None:
        api.says("sendPhoto", message(78))
        shown = image()
        kept = Kept({"media": {shown.sha256: "AgACAg"}, "after": after(70)})

        send(adapter(server, clock, archive=str(ARCHIVE)), item(images=(shown,)), kept)

        assert api.methods == ["sendPhoto"]

    def test_what_is_not_uploaded_is_not_sent(
        self, server: Scripted, api: Api, clock: VirtualClock, image: MakeImage
    ) -> None:
        bot = adapter(server, clock, archive=str(ARCHIVE))

        error = error_of(lambda: bot.publish(item(images=(image(),)), Kept().open(), idempotency_key="k"))

        assert isinstance(error, NotSent)
        assert error.forget == ("media",)
        assert server.calls == []

    def test_a_post_goes_out_though_nobody_knows_the_channels_last_message(
        self, server: Scripted, api: Api, clock: VirtualClock
    ) -> None:
        server.says(way("copyMessages"), Said(HTML_ERROR, 502))
        kept = Kept()

        assert send(adapter(server, clock, archive=str(ARCHIVE)), item(), kept).remote_id == "77"
        assert kept.values == {}

    def test_the_next_post_stands_behind_the_last_one_and_a_thread_behind_its_part_before(
        self, server: Scripted, api: Api, clock: VirtualClock
    ) -> None:
        bot = adapter(server, clock, archive=str(ARCHIVE))
        send(bot, item())
        searched = len(server.calls)
        second, third = Kept(), Kept()

        send(bot, item(), second)
        send(bot, item(reply_to="80,81"), third)

        assert (second.values, third.values) == ({"after": after(77)}, {"after": after(81)})
        assert api.methods[searched:] == ["sendMessage", "sendMessage"]


@pytest.mark.parametrize(
    "body",
    [
        {"ok": True, "result": message(0)},  # Telegram will send it some time
        {"ok": True, "result": True},
        {"ok": True, "result": []},
        {"ok": True, "result": [message(1), message(0)]},
        {"ok": True},
        [],
        HTML_ERROR,
    ],
)
def test_a_yes_without_a_number_is_none(server: Scripted, api: Api, clock: VirtualClock, body: Any) -> None:
    server.says(way("sendMessage"), Said(body))

    assert isinstance(error_of(lambda: send(adapter(server, clock), item())), OutcomeUnknown)


@pytest.mark.parametrize("body", [HTML_ERROR, b"[" * 9000, [], {"ok": False, "description": 7, "parameters": 7}])
def test_a_refusal_that_is_none_of_telegrams_is_told_all_the_same(
    server: Scripted, api: Api, clock: VirtualClock, body: Any
) -> None:
    server.says(way("sendMessage"), Said(body, 429))

    error = error_of(lambda: send(adapter(server, clock), item()))

    assert isinstance(error, RateLimited)
    assert error.retry_after is None


def test_the_address_of_a_message_is_read_from_the_answer(server: Scripted, api: Api, clock: VirtualClock) -> None:
    api.says("sendMessage", message(7, chat={**CHAT, "username": "renamed"}))

    assert send(adapter(server, clock), item()).permalink == "https://t.me/renamed/7"
