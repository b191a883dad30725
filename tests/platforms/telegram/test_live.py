"""What is done with live posts, accounts and settings, judged by the requests that reach the Bot API."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from campaign.config import Secret
from campaign.errors import ChannelBlocked, NotSent, Rejected, Unsupported
from campaign.platforms.base import COUNTS
from campaign.platforms.telegram.adapter import NO_ARCHIVE, Telegram
from campaign.platforms.telegram.settings import TelegramSettings
from campaign.rehearsal.clock import VirtualClock
from tests.platforms.mastodon.scripted import MakeImage, Person, Scripted, Tokens, error_of
from tests.platforms.mastodon.scripted import item as any_item
from tests.platforms.telegram.bot import ARCHIVE, CHANNEL, CHAT, LINK, TEXT, TOKEN, Api, adapter, message, way

BOT = {"id": 7000000001, "is_bot": True, "username": "org_news_bot"}
BESIDE = {"id": ARCHIVE, "title": "Org Archive", "type": "supergroup"}
POSTS = {"status": "administrator", "can_post_messages": True, "can_delete_messages": True}


def item(**values: Any) -> Any:
    return any_item(**({"text": TEXT, "link": LINK} | values))


class TestAChange:
    def test_of_a_text(self, server: Scripted, api: Api, clock: VirtualClock) -> None:
        api.says("editMessageText", message())

        adapter(server, clock).edit("77", item())

        assert api.one("editMessageText").json == {
            "chat_id": CHANNEL,
            "message_id": 77,
            "text": TEXT,
            "link_preview_options": {"url": LINK, "prefer_large_media": True},
        }

    def test_of_an_album_replaces_every_picture(
        self, server: Scripted, api: Api, clock: VirtualClock, image: MakeImage
    ) -> None:
        api.says("editMessageMedia", message())
        shown = (image(1), image(2))

        adapter(server, clock, archive=str(ARCHIVE)).edit("77,78", item(images=shown))

        assert api.methods == ["editMessageMedia", "editMessageMedia"]
        changed = [sent.pieces for sent in server.sent]
        assert [pieces["message_id"][2] for pieces in changed] == [b"77", b"78"]
        assert [json.loads(pieces["media"][2]) for pieces in changed] == [
            {"type": "photo", "media": "attach://f0", "caption": TEXT},
            {"type": "photo", "media": "attach://f1"},
        ]
        assert [changed[n][f"f{n}"][2] for n in (0, 1)] == [each.path.read_bytes() for each in shown]

    def test_that_changes_nothing_is_done(self, server: Scripted, api: Api, clock: VirtualClock) -> None:
        api.refuses("editMessageText", 400, "Bad Request: message is not modified: specified new message content …")

        adapter(server, clock).edit("77", item())

    @pytest.mark.parametrize(
        ("description", "kind"),
        [
            ("Bad Request: message to edit not found", Rejected),
            ("Bad Request: message can't be edited", Unsupported),
            ("Bad Request: there is no text in the message to edit", Unsupported),
            ("Bad Request: message is too long", Rejected),
            ("Bad Request: need administrator rights in the channel chat", ChannelBlocked),
            ("Bad Request: something else", NotSent),
        ],
    )
    def test_that_is_refused_is_told(
        self, server: Scripted, api: Api, clock: VirtualClock, description: str, kind: type[Exception]
    ) -> None:
        api.refuses("editMessageText", 400, description)

        assert type(error_of(lambda: adapter(server, clock).edit("77", item()))) is kind

    @pytest.mark.parametrize("remote_id", ["77,78", "https://t.me/orgnews", "seven"])
    def test_of_another_number_of_pictures_or_of_no_message_is_refused(
        self, server: Scripted, api: Api, clock: VirtualClock, remote_id: str
    ) -> None:
        assert isinstance(error_of(lambda: adapter(server, clock).edit(remote_id, item())), Unsupported)
        assert server.calls == []


class TestAnAddressThatAPersonHasSeen:
    @pytest.mark.parametrize(
        ("address", "pictures", "ids"),
        [
            ("https://t.me/orgnews/77", 0, "77"),
            ("https://t.me/s/OrgNews/77", 1, "77"),
            ("http://telegram.me/orgnews/77?single", 1, "77"),
            ("https://t.me/c/1234567890/77", 3, "77,78,79"),
        ],
    )
    def test_tells_the_messages(
        self,
        server: Scripted,
        api: Api,
        clock: VirtualClock,
        image: MakeImage,
        address: str,
        pictures: int,
        ids: str,
    ) -> None:
        api.says("getChat", CHAT)
        images = tuple(image() for _ in range(pictures))

        assert adapter(server, clock).id_at(address, item(images=images)) == ids

    @pytest.mark.parametrize(
        "address",
        ["https://t.me/other/77", "https://t.me/c/99/77", "https://t.me/orgnews/77?single", "https://t.me/orgnews"],
    )
    def test_of_another_channel_or_within_an_album_tells_nothing(
        self, server: Scripted, api: Api, clock: VirtualClock, image: MakeImage, address: str
    ) -> None:
        api.says("getChat", CHAT)

        assert adapter(server, clock).id_at(address, item(images=(image(), image()))) == address

    def test_tells_nothing_while_the_channel_cannot_be_asked(
        self, server: Scripted, api: Api, clock: VirtualClock
    ) -> None:
        api.refuses("getChat", 500, "Internal Server Error")

        assert adapter(server, clock).id_at("https://t.me/orgnews/77", item()) == "https://t.me/orgnews/77"


class TestATakedown:
    def test_takes_every_message_of_an_album(self, server: Scripted, api: Api, clock: VirtualClock) -> None:
        api.says("deleteMessage", True)

        adapter(server, clock).delete("77,78")

        assert api.methods == ["deleteMessage", "deleteMessage"]
        assert [sent.json for sent in server.sent] == [{"chat_id": CHANNEL, "message_id": id} for id in (77, 78)]

    def test_of_which_only_an_address_is_known_is_for_a_person(self, server: Scripted, clock: VirtualClock) -> None:
        error = error_of(lambda: adapter(server, clock).delete("https://t.me/orgnews/77"))

        assert isinstance(error, Unsupported)
        assert server.calls == []

    def test_of_what_is_gone_is_done(self, server: Scripted, api: Api, clock: VirtualClock) -> None:
        api.refuses("deleteMessage", 400, "Bad Request: message to delete not found")

        adapter(server, clock).delete("77")

    def test_after_two_days_is_for_a_person(self, server: Scripted, api: Api, clock: VirtualClock) -> None:
        api.refuses("deleteMessage", 400, "Bad Request: message can't be deleted for everyone")

        error = error_of(lambda: adapter(server, clock).delete("77"))

        assert isinstance(error, Unsupported)
        assert "48 hours" in str(error)

    def test_that_is_barred_is_told(self, server: Scripted, api: Api, clock: VirtualClock) -> None:
        api.refuses("deleteMessage", 403, "Forbidden: bot was kicked from the channel chat")

        assert isinstance(error_of(lambda: adapter(server, clock).delete("77")), ChannelBlocked)


def test_followers_are_those_who_have_joined(server: Scripted, api: Api, clock: VirtualClock) -> None:
    api.says("getChatMemberCount", 15873)

    assert adapter(server, clock).followers() == 15873
    assert api.one("getChatMemberCount").json == {"chat_id": CHANNEL}


def test_each_missing_number_has_its_cause(server: Scripted, clock: VirtualClock) -> None:
    counted = adapter(server, clock).metrics(["77", "78,79"])

    assert counted.keys() == {"77", "78,79"}
    assert all(each.counts == {} and set(each.missing) == set(COUNTS) for each in counted.values())
    assert server.calls == []


class TestTheAccount:
    @pytest.fixture
    def api(self, api: Api) -> Api:
        """A channel in which all is well; without an archive the second answers are not asked for."""
        api.says("getMe", BOT)
        api.says("getChat", CHAT, BESIDE)
        api.says("getChatMember", POSTS, {"status": "member"})
        return api

    def test_is_the_channel_by_its_number(self, server: Scripted, api: Api, clock: VirtualClock) -> None:
        account = adapter(server, clock, chat="@orgnews").check()

        assert (account.id, account.name) == (str(CHANNEL), "orgnews")
        assert account.limits == Telegram.limits
        assert account.token_expires_at is None
        assert account.warnings == (f"after an unclear answer a person must look: {NO_ARCHIVE}",)
        assert api.methods == ["getMe", "getChat", "getChatMember"]
        assert api.one("getChatMember").json == {"chat_id": "@orgnews", "user_id": 7000000001}

    def test_with_an_archive_needs_no_warning(self, server: Scripted, api: Api, clock: VirtualClock) -> None:
        assert adapter(server, clock, archive=str(ARCHIVE)).check().warnings == ()

    @pytest.mark.parametrize(
        ("channel", "beside", "member", "warning"),
        [
            (CHAT, {**BESIDE, "username": "all_see"}, POSTS, "the archive chat is public"),
            ({**CHAT, "has_protected_content": True}, BESIDE, POSTS, "the channel forbids forwarding"),
            ({**CHAT, "message_auto_delete_time": 86400}, BESIDE, POSTS, "the channel deletes its posts"),
            (CHAT, BESIDE, {**POSTS, "can_delete_messages": False}, "posts of 48 hours only"),
        ],
    )
    def test_warns_of_what_will_be_missed(
        self,
        server: Scripted,
        api: Api,
        clock: VirtualClock,
        channel: dict[str, Any],
        beside: dict[str, Any],
        member: dict[str, Any],
        warning: str,
    ) -> None:
        api.says("getChat", channel, beside)
        api.says("getChatMember", member, {"status": "restricted", "can_send_messages": True})

        [told] = adapter(server, clock, archive=str(ARCHIVE)).check().warnings

        assert warning in told

    @pytest.mark.parametrize(
        ("chats", "members", "why"),
        [
            ([{**CHAT, "type": "supergroup"}], [POSTS], "is no channel but a supergroup"),
            ([CHAT], [{"status": "administrator"}], "@org_news_bot may not post in the channel"),
            ([CHAT], [{"status": "member"}], "@org_news_bot may not post in the channel"),
            ([CHAT, CHAT], [POSTS], "the archive is the channel itself"),
            ([CHAT, BESIDE], [POSTS, {"status": "restricted"}], "may not post in the archive"),
            (
                [CHAT, {**BESIDE, "type": "channel"}],
                [POSTS, {"status": "administrator"}],
                "may not post in the archive",
            ),
        ],
    )
    def test_that_cannot_post_is_blocked(
        self, server: Scripted, api: Api, clock: VirtualClock, chats: list[Any], members: list[Any], why: str
    ) -> None:
        api.says("getChat", *chats)
        api.says("getChatMember", *members)

        error = error_of(adapter(server, clock, archive="@elsewhere").check)

        assert isinstance(error, ChannelBlocked)
        assert why in str(error)

    def test_of_an_owner_may_do_everything(self, server: Scripted, api: Api, clock: VirtualClock) -> None:
        api.says("getChatMember", {"status": "creator"})

        assert adapter(server, clock, archive=str(ARCHIVE)).check().warnings == ()


class TestALogin:
    def test_takes_the_token_that_was_pasted(self, server: Scripted, api: Api, clock: VirtualClock) -> None:
        api.says("getMe", BOT)
        person = Person([TOKEN])

        tokens = adapter(server, clock, token=None).login(person)

        assert tokens == {"token": TOKEN, "base_url": server.server.url}
        assert person.asked[0][1]  # hidden
        assert person.told == ["The bot is @org_news_bot."]
        assert api.one("getMe").json == {}

    @pytest.mark.parametrize("typed", ["", "org_news_bot", f"{TOKEN}/../x", f" {TOKEN}"])
    def test_of_what_is_no_token_calls_nobody(
        self, server: Scripted, api: Api, clock: VirtualClock, typed: str
    ) -> None:
        error = error_of(lambda: adapter(server, clock, token=None).login(Person([typed])))

        assert isinstance(error, Rejected)
        assert server.calls == []

    def test_with_a_token_that_telegram_does_not_accept_is_refused(
        self, server: Scripted, api: Api, clock: VirtualClock
    ) -> None:
        api.refuses("getMe", 401, "Unauthorized")

        error = error_of(lambda: adapter(server, clock, token=None).login(Person([TOKEN])))

        assert isinstance(error, NotSent)
        assert error.token_dead

    def test_serves_on_the_server_where_it_was_made(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(way("getChatMemberCount", "1:stored"), {"ok": True, "result": 3})
        stored = Tokens({"token": "1:stored", "base_url": server.server.url})

        assert adapter(server, clock, stored, token=None).followers() == 3

    @pytest.mark.parametrize("stored", [{}, {"token": "1:of-another", "base_url": "https://other.example"}])
    def test_is_asked_for_where_there_is_none(
        self, server: Scripted, clock: VirtualClock, stored: dict[str, str]
    ) -> None:
        error = error_of(adapter(server, clock, Tokens(stored), token=None).followers)

        assert isinstance(error, NotSent)
        assert error.token_dead
        assert server.calls == []


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"chat": "orgnews"},
        {"chat": "@org"},
        {"chat": -1001234567890},
        {"chat": "@orgnews", "archive": "here"},
        {"chat": "@orgnews", "token": Secret("canary/of the bot")},
        {"chat": "@orgnews", "token": TOKEN},
        {"chat": "@orgnews", "base_url": "http://api.example"},
        {"chat": "@orgnews", "parse_mode": "HTML"},
    ],
)
def test_wrong_settings_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        TelegramSettings.model_validate(given)
    assert "canary" not in str(refused.value)
