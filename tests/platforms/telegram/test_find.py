"""Looks at a channel through the archive chat, against the simulated Bot API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from campaign.config import Secret
from campaign.errors import NotSent
from campaign.platforms.base import Absent, CannotTell, Found
from campaign.platforms.http import Http
from campaign.platforms.telegram.adapter import NO_ARCHIVE, Telegram
from campaign.platforms.telegram.archive import Archive
from campaign.platforms.telegram.settings import TelegramSettings
from campaign.rehearsal.clock import VirtualClock
from campaign.rehearsal.faults import Fault, Faults
from campaign.rehearsal.services.telegram import TelegramService
from campaign.rehearsal.transport import Call, Net
from tests.platforms.mastodon.scripted import Kept, MakeImage, Tokens, error_of, send
from tests.platforms.mastodon.scripted import item as any_item
from tests.platforms.telegram.bot import TEXT

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def item(**values: Any) -> Any:
    return any_item(**({"text": TEXT} | values))


class Channel:
    """A simulated channel, the bot in it, and all calls that it made."""

    def __init__(self, **settings: Any) -> None:
        self.clock = VirtualClock(START)
        self.net = Net(self.clock, Faults())
        self.service = TelegramService(self.net, "api.example.com", token="7000000001:of-the-test")
        given = {**self.service.settings(), "token": Secret(self.service.token), **settings}
        http = Http(given["base_url"], self.clock, transport=self.net.transport)
        self.bot = Telegram(TelegramSettings.model_validate(given), http, self.clock, Tokens())
        self.kept = Kept()
        self.calls: list[Call] = []
        self.net.watch = self.calls.append

    @property
    def methods(self) -> list[str]:
        return [call.path.rpartition("/")[2] for call in self.calls]

    def lose_the_answer(self, sent: Any) -> None:
        """Publish, and learn nothing of it."""
        self.bot.prepare(sent, self.kept.open())
        self.net.faults.on_calls = {self.net.faults.calls + 1: Fault.CUT_AFTER}
        error_of(lambda: self.bot.publish(sent, self.kept.open(), idempotency_key="k"))

    def find(self, sent: Any) -> Found | Absent | CannotTell:
        return self.bot.find(sent, self.kept.open(), START)

    def people_write(self, count: int) -> None:
        for n in range(count):
            self.service.channel.add(self.clock.now(), text=f"By hand {n}")


@pytest.fixture
def channel() -> Channel:
    return Channel()


def test_a_post_whose_answer_was_lost_is_found(channel: Channel) -> None:
    channel.lose_the_answer(item())

    assert channel.find(item()) == Found("3", permalink="https://t.me/orgnews/3")


def test_so_is_an_album_with_all_its_messages(channel: Channel, image: MakeImage) -> None:
    sent = item(images=(image(1), image(2), image(3)))
    channel.lose_the_answer(sent)

    assert channel.find(sent) == Found("3,4,5", permalink="https://t.me/orgnews/3")


def test_what_never_arrived_is_absent_and_the_archive_is_left_clean(channel: Channel) -> None:
    channel.bot.prepare(item(), channel.kept.open())
    channel.people_write(2)

    assert channel.find(item()) == Absent(honours_key=False)
    assert channel.service.archive.messages == {}


def test_notices_and_posts_of_people_stand_in_between(channel: Channel) -> None:
    channel.bot.prepare(item(), channel.kept.open())
    channel.people_write(3)
    channel.service.channel.add(START, is_notice=True)
    channel.lose_the_answer(item())

    assert channel.find(item()) == Found("7", permalink="https://t.me/orgnews/7")


def test_a_look_says_nothing_to_the_readers_of_the_channel(channel: Channel) -> None:
    channel.lose_the_answer(item())
    before = dict(channel.service.channel.messages)
    channel.find(item())

    assert channel.service.channel.messages == before
    forwarded = [call.json() for call in channel.calls if call.path.endswith("/forwardMessage")]
    assert all(asked["disable_notification"] for asked in forwarded)


def test_after_a_restore_the_marks_in_links_do_not_count(channel: Channel) -> None:
    channel.lose_the_answer(item())
    other = item(text=TEXT.replace("0a1b2c3d", "99999999"))

    assert channel.find(other) == Absent(honours_key=False)
    assert isinstance(channel.find(item(text=other.text, marked=False)), Found)


def test_without_an_archive_a_person_is_asked() -> None:
    channel = Channel(archive="")
    channel.lose_the_answer(item())

    assert channel.find(item()) == CannotTell(NO_ARCHIVE)
    assert channel.methods == ["sendMessage"]


def test_so_it_is_where_nobody_knew_the_last_message(channel: Channel) -> None:
    assert isinstance(channel.find(item()), CannotTell)
    assert channel.calls == []


def test_so_it_is_in_a_channel_that_forbids_forwarding(channel: Channel) -> None:
    channel.lose_the_answer(item())
    channel.service.channel.is_protected = True

    assert "forbids" in channel.find(item()).reason  # type: ignore[union-attr]


def test_so_it_is_when_too_much_was_written_since(channel: Channel) -> None:
    channel.bot.prepare(item(), channel.kept.open())
    channel.people_write(60)

    assert channel.find(item()) == CannotTell("there are more than 40 messages since")


def test_so_it_is_when_many_messages_in_a_row_were_deleted_and_others_follow(channel: Channel) -> None:
    channel.bot.prepare(item(), channel.kept.open())
    channel.people_write(30)
    channel.service.channel.messages = {n: m for n, m in channel.service.channel.messages.items() if not 3 <= n < 30}

    assert "deleted" in channel.find(item()).reason  # type: ignore[union-attr]


@pytest.mark.parametrize("left", [5, 3000])
def test_so_it_is_where_a_whole_stretch_of_the_channel_was_deleted_before(channel: Channel, left: int) -> None:
    channel.people_write(3000)
    kept = {n: m for n, m in channel.service.channel.messages.items() if n == left or n > 1500 or n < 3}
    channel.service.channel.messages = kept
    channel.lose_the_answer(item())

    assert "deleted" in channel.find(item()).reason  # type: ignore[union-attr]


def test_so_it_is_where_nothing_is_left_of_what_was_before(channel: Channel) -> None:
    channel.people_write(700)
    channel.service.channel.messages.clear()
    channel.lose_the_answer(item())

    assert "deleted" in channel.find(item()).reason  # type: ignore[union-attr]


def test_so_it_is_in_a_channel_that_deletes_its_messages_after_a_while(channel: Channel) -> None:
    channel.lose_the_answer(item())
    channel.service.channel.keeps = 86400
    channel.people_write(1)
    channel.service.channel.messages.clear()

    assert "deletes" in channel.find(item()).reason  # type: ignore[union-attr]


@pytest.mark.parametrize("odd", ["A\u202eB", "x\u030a and y", "a\u0333b", "a\u2028b"])
def test_signs_that_telegram_drops_hide_no_post(channel: Channel, odd: str) -> None:
    channel.lose_the_answer(item(text=odd))

    assert isinstance(channel.find(item(text=odd)), Found)


def test_so_it_is_when_the_post_was_sent_to_another_chat_than_the_one_of_today(channel: Channel) -> None:
    channel.lose_the_answer(item())
    elsewhere = Channel(chat="@orgnews")
    elsewhere.kept = channel.kept

    assert isinstance(elsewhere.find(item()), CannotTell)


def test_what_is_prepared_for_another_chat_stands_behind_the_last_message_there(channel: Channel) -> None:
    channel.people_write(50)
    channel.bot.prepare(item(), channel.kept.open())
    elsewhere = Channel(chat="@orgnews")
    elsewhere.kept = channel.kept
    elsewhere.lose_the_answer(item())

    assert isinstance(elsewhere.find(item()), Found)


def test_a_look_that_fails_proves_nothing(channel: Channel) -> None:
    channel.bot.prepare(item(), channel.kept.open())
    for fault in (Fault.ERROR_BEFORE, Fault.LIMITED, Fault.HALF_BODY, Fault.GARBAGE, Fault.CUT_AFTER):
        for at in range(1, 23):
            channel.net.faults.on_calls = {channel.net.faults.calls + at: fault}
            try:
                found = channel.find(item())
            except NotSent:
                continue
            assert fault not in (Fault.ERROR_BEFORE, Fault.LIMITED)
            assert found == Absent(honours_key=False)


def test_copies_that_cannot_be_deleted_spoil_no_look(channel: Channel) -> None:
    channel.lose_the_answer(item())
    calls = channel.net.faults.calls
    channel.net.faults.on_calls = {calls + 3: Fault.ERROR_BEFORE}  # getChat, forwardMessage, deleteMessages

    assert isinstance(channel.find(item()), Found)
    assert channel.methods[-2:] == ["getChat", "forwardMessage"]


@pytest.mark.parametrize("last", [0, 1, 2, 3, 7, 8, 63, 64, 65, 1000])
@pytest.mark.parametrize("deleted", [0, 3, 40])
def test_the_last_message_is_found_by_few_calls(channel: Channel, last: int, deleted: int) -> None:
    channel.service.channel.messages.clear()
    channel.service.channel.last = 0
    channel.people_write(last)
    for n in range(last // 2, last // 2 + deleted):
        if n != last:
            channel.service.channel.messages.pop(n, None)
    archive = Archive(channel.bot._call, channel.service.channel.id, channel.service.archive.id)

    assert archive.newest() == last
    assert len(channel.calls) < 90


def test_the_last_of_two_thousand_is_found_within_telegrams_rate() -> None:
    channel = Channel()
    channel.people_write(2000)
    copies = TelegramService(channel.net, "metered.example.com", token="1:x", is_metered=True)
    copies.channel.last, copies.channel.messages = channel.service.channel.last, channel.service.channel.messages
    given = {**copies.settings(), "token": Secret(copies.token)}
    http = Http(given["base_url"], channel.clock, transport=channel.net.transport)
    bot = Telegram(TelegramSettings.model_validate(given), http, channel.clock, Tokens())
    kept = Kept()

    send(bot, item(), kept)

    assert kept.values == {"after": {"chat": "-1001234567890", "message": 2002}}
