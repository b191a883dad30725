"""The simulated Bot API: the real adapter publishes there, and whatever Telegram refuses is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from campaign.config import Secret
from campaign.errors import ChannelBlocked, NotSent, Rejected, Unsupported
from campaign.platforms.base import Found
from campaign.platforms.telegram import Telegram
from campaign.rehearsal.clock import VirtualClock
from campaign.rehearsal.faults import Fault
from campaign.rehearsal.services.telegram import TelegramService
from campaign.rehearsal.services.telegram.service import ARCHIVE, CHANNEL
from campaign.rehearsal.transport import Net
from tests.making import picture
from tests.rehearsal.rig import LINK, TEXT, Rig, error_of, image, part, reply_to

HOST = "api.example"
Start = Callable[..., Rig[TelegramService]]


@pytest.fixture
def start(clock: VirtualClock) -> Start:
    """Start a Bot API, and a channel with its bot."""

    def build(**service: Any) -> Rig[TelegramService]:
        net = Net(clock)
        made = TelegramService(net, HOST, **service)
        return Rig(net, made, Telegram, {"token": Secret(made.token)})

    return build


@pytest.fixture
def rig(start: Start) -> Rig[TelegramService]:
    return start()


def asked(rig: Rig[TelegramService], method: str, **parameters: Any) -> tuple[int, Any]:
    """Call a method past the adapter; return the status, and what was said."""
    headers = {"content_type": "application/json"}
    reply = rig.ask("POST", f"/bot{rig.service.token}/{method}", parameters, **headers)
    return reply.status, reply.body.get("result", reply.body.get("description"))


def test_a_post_is_seen_as_it_was_written(rig: Rig[TelegramService]) -> None:
    live = rig.send(part(link=LINK))

    [item] = rig.service.live
    assert (item.text, item.link, item.id) == (TEXT, LINK, live.remote_id)
    assert live.permalink == f"https://t.me/orgnews/{live.remote_id}"


def test_pictures_are_sent_from_the_archive(rig: Rig[TelegramService], tmp_path: Path) -> None:
    one = rig.send(part(images=(image(tmp_path),)))
    several = rig.send(part(2, text="More", images=(image(tmp_path), image(tmp_path, 40), image(tmp_path, 80))))

    first, album = rig.service.live
    assert (first.id, album.id) == (one.remote_id, several.remote_id)
    assert [len(item.extra["photos"]) for item in (first, album)] == [1, 3]
    assert len(rig.service.archive.messages) == 4  # each was uploaded there; copies of looks are gone


def test_a_thread_answers_itself(rig: Rig[TelegramService]) -> None:
    first = rig.send(part())
    second = rig.send(reply_to([first], 2, "And more"))

    assert [item.reply_to for item in rig.service.live] == ["", first.remote_id]
    assert second.remote_id != first.remote_id


def test_an_answer_that_is_lost_is_found_after_a_restart(rig: Rig[TelegramService]) -> None:
    rig.prepare(part())
    rig.meets(Fault.CUT_AFTER)
    error_of(lambda: rig.publish(part()))
    rig.start()

    assert rig.find(part()) == Found("3", permalink="https://t.me/orgnews/3")


def test_a_post_is_changed_and_taken_down(rig: Rig[TelegramService], tmp_path: Path) -> None:
    plain = rig.send(part())
    pictured = rig.send(part(2, text="More", images=(image(tmp_path), image(tmp_path, 2))))

    rig.platform.edit(plain.remote_id, part(text="Mended"))
    rig.platform.edit(plain.remote_id, part(text="Mended"))  # so it is already
    rig.platform.edit(pictured.remote_id, part(2, text="Mended too", images=(image(tmp_path, 3), image(tmp_path, 4))))
    assert rig.texts() == ["Mended", "Mended too"]
    assert isinstance(error_of(lambda: rig.platform.edit(pictured.remote_id.split(",")[0], part())), Unsupported)

    rig.platform.delete(plain.remote_id)
    rig.platform.delete(pictured.remote_id)
    rig.platform.delete(pictured.remote_id)
    assert rig.texts() == []
    assert isinstance(error_of(lambda: rig.platform.edit(plain.remote_id, part())), Rejected)


def test_an_old_post_is_taken_down_only_by_who_may_delete(rig: Rig[TelegramService]) -> None:
    live = rig.send(part())
    rig.clock.advance(timedelta(hours=48))
    rig.service.channel.rights = {"can_post_messages": True}
    assert isinstance(error_of(lambda: rig.platform.delete(live.remote_id)), Unsupported)

    rig.service.channel.rights["can_delete_messages"] = True
    rig.platform.delete(live.remote_id)
    assert rig.texts() == []


def test_a_person_may_delete_something_in_the_app(rig: Rig[TelegramService]) -> None:
    live = rig.send(part())
    assert rig.service.take_down(live.remote_id)

    assert rig.texts() == []
    rig.platform.delete(live.remote_id)


def test_the_account_is_the_channel(rig: Rig[TelegramService]) -> None:
    account = rig.platform.check()

    assert (account.id, account.name, account.warnings) == (str(CHANNEL), "orgnews", ())
    assert (rig.platform.followers() or 0) > 80


def test_without_an_archive_the_check_says_what_is_missed(start: Start) -> None:
    assert len(start(archive=False).platform.check().warnings) == 1


def test_a_wrong_token_is_none(rig: Rig[TelegramService]) -> None:
    rig.service.token = "7000000001:another"
    error = error_of(lambda: rig.send(part()))

    assert isinstance(error, NotSent)
    assert error.token_dead


@pytest.mark.parametrize("status", ["kicked", "left"])
def test_a_bot_that_was_removed_is_told(rig: Rig[TelegramService], status: str) -> None:
    rig.service.channel.status = status
    assert isinstance(error_of(rig.platform.check), ChannelBlocked)
    assert isinstance(error_of(lambda: rig.publish(part())), ChannelBlocked)


def test_a_token_that_is_refused_is_told_as_such(rig: Rig[TelegramService]) -> None:
    rig.meets(Fault.TOKEN_REFUSED)
    error = error_of(rig.platform.followers)

    assert isinstance(error, NotSent)
    assert error.token_dead


def test_so_is_one_without_rights_and_a_group_that_has_moved(rig: Rig[TelegramService], tmp_path: Path) -> None:
    rig.service.channel.rights = {}
    assert isinstance(error_of(lambda: rig.publish(part())), ChannelBlocked)

    rig.service.archive.moved_to = -1007
    assert '"-1007"' in str(error_of(lambda: rig.prepare(part(images=(image(tmp_path),)))))


def test_a_chat_takes_twenty_messages_a_minute(start: Start) -> None:
    rig = start(is_metered=True)
    for n in range(20):
        assert asked(rig, "sendMessage", chat_id=ARCHIVE, text=f"Message {n}")[0] == 200

    way, headers = f"/bot{rig.service.token}/sendMessage", {"content_type": "application/json"}
    reply = rig.ask("POST", way, {"chat_id": ARCHIVE, "text": "One more"}, **headers)
    assert reply.status == 429
    assert reply.body["parameters"]["retry_after"] == int(reply.headers["Retry-After"]) <= 60


@pytest.mark.parametrize(
    ("method", "parameters", "status", "said"),
    [
        ("sendMessage", {"chat_id": CHANNEL}, 400, 'parameter "text" is required'),
        ("sendMessage", {"chat_id": CHANNEL, "text": "a", "parse_mode": "HTML"}, 400, "no parameter"),
        ("sendMessage", {"chat_id": "@nobody_here", "text": "a"}, 400, "Bad Request: chat not found"),
        ("sendMessage", {"chat_id": CHANNEL, "text": " \n"}, 400, "Bad Request: message text is empty"),
        ("sendMessage", {"chat_id": CHANNEL, "text": "🔋" * 2049}, 400, "Bad Request: message is too long"),
        ("sendMessage", {"chat_id": CHANNEL, "text": "a", "link_preview_options": {"up": 1}}, 400, "preview"),
        (
            "sendMessage",
            {"chat_id": CHANNEL, "text": "a", "reply_parameters": {"message_id": 99}},
            400,
            "be replied not",
        ),
        ("sendPhoto", {"chat_id": CHANNEL, "photo": "AgAC-none"}, 400, "wrong file identifier"),
        ("sendMediaGroup", {"chat_id": CHANNEL, "media": [{"type": "photo", "media": "x"}]}, 400, "2 to 10"),
        ("sendMediaGroup", {"chat_id": CHANNEL, "media": [{"type": "video", "media": "x"}] * 2}, 400, "photos"),
        (
            "sendMediaGroup",
            {"chat_id": CHANNEL, "media": [{"type": "photo", "media": "attach://f"}] * 2},
            400,
            "attached",
        ),
        ("editMessageText", {"chat_id": CHANNEL, "message_id": 2, "text": "a"}, 400, "can't be edited"),
        ("editMessageText", {"chat_id": CHANNEL, "message_id": 99, "text": "a"}, 400, "message to edit not found"),
        ("deleteMessage", {"chat_id": CHANNEL, "message_id": 99}, 400, "message to delete not found"),
        (
            "forwardMessage",
            {"chat_id": ARCHIVE, "from_chat_id": CHANNEL, "message_id": 99},
            400,
            "to forward not found",
        ),
        ("forwardMessage", {"chat_id": ARCHIVE, "from_chat_id": CHANNEL, "message_id": 1}, 400, "can't be forwarded"),
        ("forwardMessage", {"chat_id": CHANNEL, "from_chat_id": CHANNEL, "message_id": 2}, 400, "into the channel"),
        ("copyMessages", {"chat_id": ARCHIVE, "from_chat_id": CHANNEL, "message_ids": [1, 99]}, 400, "no messages"),
        ("copyMessages", {"chat_id": ARCHIVE, "from_chat_id": CHANNEL, "message_ids": [2, 1]}, 400, "growing"),
        ("copyMessages", {"chat_id": ARCHIVE, "from_chat_id": CHANNEL, "message_ids": []}, 400, "growing"),
        ("getUpdates", {}, 404, "Not Found: method not found"),
    ],
)
def test_what_telegram_refuses_is_refused(
    rig: Rig[TelegramService], method: str, parameters: dict[str, Any], status: int, said: str
) -> None:
    before = dict(rig.service.channel.messages)

    told = asked(rig, method, **parameters)

    assert told[0] == status
    assert said in told[1]
    assert rig.service.channel.messages == before


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"no picture", "IMAGE_PROCESS_FAILED"),
        (picture(size=(2100, 100)), "PHOTO_INVALID_DIMENSIONS"),
        (picture(size=(9000, 1001)), "PHOTO_INVALID_DIMENSIONS"),
        (b"\xff\xd8\xff" + bytes(10_000_001), "file is too big"),
    ],
)
def test_so_are_pictures(rig: Rig[TelegramService], tmp_path: Path, data: bytes, said: str) -> None:
    shown = replace(image(tmp_path), sha256=sha256(data).hexdigest())
    shown.path.write_bytes(data)

    error = error_of(lambda: rig.prepare(part(images=(shown,))))

    assert isinstance(error, Rejected)
    assert said in str(error)


def test_a_caption_is_a_quarter_of_a_text(rig: Rig[TelegramService], tmp_path: Path) -> None:
    shown = image(tmp_path)
    rig.send(part(text="x" * 1024, images=(shown,)))

    error = error_of(lambda: rig.send(part(2, text="y" * 1025, images=(shown,))))

    assert isinstance(error, Rejected)
    assert "caption is too long" in str(error)


def test_letters_lose_what_stands_beside_them(rig: Rig[TelegramService]) -> None:
    asked(rig, "sendMessage", chat_id=CHANNEL, text=" du\u030am\u2028 a\tb ")
    rig.send(part(text="du\u030am"))

    assert rig.texts() == ["dum a b", "d\u016fm"]


def test_the_first_link_is_shown_unless_told_otherwise(rig: Rig[TelegramService]) -> None:
    asked(rig, "sendMessage", chat_id=CHANNEL, text="https://one.example https://two.example")
    rig.send(part(text="https://one.example", link=""))

    assert [item.link for item in rig.service.live] == ["https://one.example", ""]


def test_a_restart_of_the_world_is_the_same_world(clock: VirtualClock) -> None:
    one, other = (TelegramService(Net(clock), HOST, seed=3) for _ in range(2))

    assert one.settings() == other.settings()
    assert one.token.startswith("7000000001:")
