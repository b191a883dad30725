"""Events on their way, judged by the requests that reach a receiver, and by what the documented receiver holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from campaign.config import Secret
from campaign.errors import NotSent, Rejected, Unsupported
from campaign.log import scrub
from campaign.platforms.base import COUNTS, Absent, CannotTell, Image, Published
from campaign.platforms.http import Http
from campaign.platforms.webhook.adapter import Webhook
from campaign.platforms.webhook.event import headers_of
from campaign.platforms.webhook.settings import WebhookSettings
from campaign.rehearsal.clock import VirtualClock
from tests.conftest import MONDAY
from tests.platforms.mastodon.conftest import image
from tests.platforms.mastodon.scripted import (
    LINK,
    PART,
    TEXT,
    Kept,
    MakeImage,
    Said,
    Scripted,
    Sent,
    Tokens,
    error_of,
    item,
    send,
)
from tests.platforms.webhook.receiving import receiving

__all__ = ["image"]

SECRET = "whsec_Y2FuYXJ5IG9mIHRoZSB3ZWJob29rLCB0d2ljZSAxNg=="
OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
HOOK = "POST /hooks/"
NUMBERED = {"id": "press-7", "url": "https://www.example.org/news/7"}


@pytest.fixture
def server() -> Any:
    started = Scripted()
    started.says(HOOK, NUMBERED)
    yield started
    started.server.close()


def adapter(url: str, clock: VirtualClock, **settings: Any) -> Webhook:
    given = {"base_url": url, "secret": Secret(SECRET), "allow_private": True, **settings}
    http = Http(given["base_url"], clock, call_deadline=timedelta(seconds=10), scrub=scrub)
    return Webhook(WebhookSettings.model_validate(given), http, clock, Tokens())


def is_signed(sent: Sent, clock: VirtualClock) -> bool:
    """Whether an event has the headers that it must have, by the standard's own rule."""
    due = headers_of(sent.headers["webhook-id"], clock.now(), sent.body, [SECRET])
    return sent.headers.items() >= {name.lower(): value for name, value in due.items()}.items()


@pytest.fixture
def hook(server: Scripted, clock: VirtualClock) -> Webhook:
    return adapter(f"{server.server.url}/hooks/", clock)


def test_the_signature_is_that_of_the_standard() -> None:
    """https://github.com/standard-webhooks/standard-webhooks, the value that its libraries are tested by."""
    clock = VirtualClock(MONDAY.fromtimestamp(1614265330, MONDAY.tzinfo))

    headers = headers_of("msg_p5jXN8AQM9LWM0D4loKWxJek", clock.now(), b'{"test": 2432232314}', [OLD])

    assert headers == {
        "Content-Type": "application/json",
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


class TestAPost:
    def test_is_one_event(self, server: Scripted, hook: Webhook, clock: VirtualClock) -> None:
        values = {
            "title": "Modules",
            "slug": "modules",
            "region": "moravia-silesia",
            "kind": "course",
            "tags": ("MSK",),
        }
        live = send(hook, item(**values))

        assert live == Published(f"press-7/{PART}", permalink="https://www.example.org/news/7")
        assert server.calls == [HOOK]
        sent = server.one(HOOK)
        assert sent.headers["webhook-id"] == PART
        assert is_signed(sent, clock)
        moment = clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        assert sent.json == {
            "type": "post.published",
            "timestamp": moment,
            "data": {
                "id": PART,
                "text": TEXT,
                "title": "Modules",
                "link": LINK,
                "language": "cs",
                "region": "moravia-silesia",
                "kind": "course",
                "slug": "modules",
                "hashtags": ["MSK"],
                "images": [],
            },
        }

    def test_tells_of_its_pictures_without_sending_them(
        self, server: Scripted, hook: Webhook, image: MakeImage
    ) -> None:
        one, two = image(1, alt="Zeď"), image(2)

        send(hook, item(link="", images=(one, two)))

        data = server.one(HOOK).json["data"]
        assert data["link"] is None
        assert [each["sha256"] for each in data["images"]] == [one.sha256, two.sha256]
        assert data["images"][0] == {
            "url": None,
            "media_type": "image/jpeg",
            "bytes": one.size,
            "width": 640,
            "height": 360,
            "sha256": one.sha256,
            "alt": "Zeď",
        }

    def test_says_where_they_can_be_fetched_if_there_is_a_public_place(
        self, server: Scripted, hook: Webhook, image: MakeImage
    ) -> None:
        class Public:
            def show(self, shown: Image) -> str:
                return f"https://pictures.example.org/{shown.sha256}.jpg"

        shown, hook.public = image(), Public()
        send(hook, item(images=(shown,)))

        assert server.one(HOOK).json["data"]["images"][0]["url"] == f"https://pictures.example.org/{shown.sha256}.jpg"

    def test_and_does_not_where_the_config_names_none(self, server: Scripted, hook: Webhook, image: MakeImage) -> None:
        class Nowhere:
            def show(self, shown: Image) -> str:
                raise Rejected("the config names no public place")

        hook.public = Nowhere()
        send(hook, item(images=(image(),)))

        assert server.one(HOOK).json["data"]["images"][0]["url"] is None

    def test_of_the_largest_kind_stays_below_twenty_thousand_bytes(
        self, server: Scripted, hook: Webhook, image: MakeImage
    ) -> None:
        limits = Webhook.limits
        images = tuple(image(n, alt="“" * limits.alt_text) for n in range(limits.images))

        send(hook, item(text="“" * limits.text, images=images))

        assert len(server.one(HOOK).body) < 20_000

    def test_sent_again_is_the_same_to_the_byte_under_the_same_id_at_another_time(
        self, server: Scripted, hook: Webhook, clock: VirtualClock
    ) -> None:
        kept = Kept()
        send(hook, item(), kept)
        clock.advance(timedelta(minutes=9))
        hook.publish(item(), kept.open(), idempotency_key=PART)

        first, second = server.sent
        assert first.body == second.body
        assert first.headers["webhook-id"] == second.headers["webhook-id"]
        assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 540
        assert first.headers["webhook-signature"] != second.headers["webhook-signature"]

    def test_prepared_again_is_the_same_to_the_byte_unless_it_says_something_else(
        self, server: Scripted, hook: Webhook, clock: VirtualClock
    ) -> None:
        kept = Kept()
        for text in (TEXT, TEXT, "Another text"):
            send(hook, item(text=text), kept)
            clock.advance(timedelta(hours=3))

        first, second, third = server.sent
        assert first.body == second.body
        assert third.json["data"]["text"] == "Another text"

    def test_that_was_not_prepared_is_not_sent(self, server: Scripted, hook: Webhook) -> None:
        error = error_of(lambda: hook.publish(item(), Kept().open(), idempotency_key=PART))

        assert isinstance(error, NotSent)
        assert server.calls == []

    def test_carries_a_signature_by_each_secret_while_they_change(self, server: Scripted, clock: VirtualClock) -> None:
        send(adapter(f"{server.server.url}/hooks/", clock, old_secret=Secret(OLD)), item())

        sent = server.one(HOOK)
        alone = [headers_of(PART, clock.now(), sent.body, [each])["webhook-signature"] for each in (SECRET, OLD)]
        assert sent.headers["webhook-signature"].split(" ") == alone

    def test_may_be_sent_again_as_long_as_it_is_known(self, hook: Webhook, clock: VirtualClock) -> None:
        kept = Kept()
        assert isinstance(hook.find(item(), kept.open(), clock.now()), CannotTell)

        hook.prepare(item(), kept.open())

        assert hook.find(item(), kept.open(), clock.now()) == Absent(honours_key=True)


@pytest.mark.parametrize(
    ("said", "remote_id", "address"),
    [
        (Said(b"", 204), PART, ""),
        (Said(b"", 202), PART, ""),
        (Said(b"OK"), PART, ""),
        (Said(b"[" * 9000), PART, ""),
        (Said(["no", "object"]), PART, ""),
        (Said({"id": 7}), f"7/{PART}", ""),
        (Said({"id": "7/8", "url": "http://plain.example"}), PART, ""),
        (Said({"id": "x" * 101, "url": f"https://long.example/{'x' * 500}"}), PART, ""),
        (Said({"id": None, "url": "https://a.example/ b"}), PART, ""),
        (Said(NUMBERED, 201), f"press-7/{PART}", "https://www.example.org/news/7"),
    ],
)
def test_any_2xx_is_a_yes_and_what_is_well_formed_in_it_is_kept(
    server: Scripted, hook: Webhook, said: Said, remote_id: str, address: str
) -> None:
    server.says(HOOK, said)

    assert send(hook, item()) == Published(remote_id, permalink=address)


@pytest.mark.parametrize("remote_id", [PART, f"press-7/{PART}"])
class TestALivePost:
    def test_is_changed_by_an_event(self, server: Scripted, hook: Webhook, clock: VirtualClock, remote_id: str) -> None:
        hook.edit(remote_id, item(text="Another text"))

        sent = server.one(HOOK)
        assert is_signed(sent, clock)
        assert sent.json == {
            "type": "post.updated",
            "timestamp": "2026-03-02T08:00:00.000Z",
            "data": {
                "id": PART,
                "text": "Another text",
                "title": "",
                "link": LINK,
                "language": "cs",
                "region": "",
                "kind": "",
                "slug": "",
                "hashtags": [],
                "images": [],
            },
        }
        assert sent.headers["webhook-id"].startswith(f"{PART}_")
        assert "." not in sent.headers["webhook-id"]

    def test_is_taken_down_by_an_event(
        self, server: Scripted, hook: Webhook, clock: VirtualClock, remote_id: str
    ) -> None:
        hook.delete(remote_id)

        sent = server.one(HOOK)
        assert is_signed(sent, clock)
        assert sent.json == {"type": "post.deleted", "timestamp": "2026-03-02T08:00:00.000Z", "data": {"id": PART}}

    def test_is_changed_twice_under_two_ids(
        self, server: Scripted, hook: Webhook, clock: VirtualClock, remote_id: str
    ) -> None:
        for text in ("One", "Two", "One"):
            clock.advance(timedelta(seconds=1))
            hook.edit(remote_id, item(text=text))

        assert len({sent.headers["webhook-id"] for sent in server.sent}) == 3


def test_a_post_that_a_person_has_named_cannot_be_told_of(server: Scripted, hook: Webhook) -> None:
    theirs = f"https://a.example/{PART}"  # receivers may have ids of the same form
    for call in (lambda: hook.delete(theirs), lambda: hook.edit("https://a.example/7", item())):
        assert isinstance(error_of(call), Unsupported)
    assert server.calls == []


def test_what_a_person_has_seen_somewhere_is_told_of_under_its_event(hook: Webhook) -> None:
    assert hook.id_at("https://a.example/7", item()) == item().part


def test_a_check_is_a_ping(server: Scripted, hook: Webhook, clock: VirtualClock) -> None:
    account = hook.check()

    host = server.server.url.removeprefix("http://")
    assert (account.id, account.name, account.limits) == (f"{host}/hooks/", host, Webhook.limits)
    assert server.one(HOOK).json["type"] == "ping"
    assert server.one(HOOK).json["data"] == {}
    assert server.one(HOOK).headers["webhook-id"] == f"ping_{int(clock.now().timestamp() * 1000)}"


def test_a_login_in_the_address_is_no_part_of_the_account(server: Scripted, clock: VirtualClock) -> None:
    host = server.server.url.removeprefix("http://")

    account = adapter(f"http://anna:canary@{host}/hooks/", clock).check()

    assert (account.id, account.name) == (f"{host}/hooks/", host)


def test_nothing_is_counted_and_each_number_says_why(hook: Webhook) -> None:
    assert set(hook.metrics(["a"])["a"].missing) == set(COUNTS)
    assert hook.followers() is None


class TestTheReceiverOfTheDocumentation:
    def test_takes_what_is_sent_once_and_answers_again_as_before(
        self, monkeypatch: pytest.MonkeyPatch, clock: VirtualClock
    ) -> None:
        with receiving(monkeypatch, SECRET, clock.now().timestamp()) as receiver:
            hook, kept = adapter(receiver.url, clock), Kept()
            first = send(hook, item(slug="modules"), kept)
            again = hook.publish(item(slug="modules"), kept.open(), idempotency_key=PART)

        assert first == again == Published(f"{PART}/{PART}", permalink="https://www.example.org/news/modules")
        assert list(receiver.taken) == [PART]
        assert [post["text"] for post in receiver.posts.values()] == [TEXT]

    def test_follows_a_change_and_a_takedown(self, monkeypatch: pytest.MonkeyPatch, clock: VirtualClock) -> None:
        with receiving(monkeypatch, OLD, clock.now().timestamp()) as receiver:
            hook = adapter(receiver.url, clock, old_secret=Secret(OLD))
            live = send(hook, item(slug="modules"))
            hook.edit(live.remote_id, item(text="Another text"))
            changed = [post["text"] for post in receiver.posts.values()]
            clock.advance(timedelta(seconds=1))
            hook.delete(live.remote_id)

        assert (changed, receiver.posts) == (["Another text"], {})

    @pytest.mark.parametrize(("secret", "late"), [(OLD, 0), (SECRET, 301), (SECRET, -301)])
    def test_refuses_another_secret_and_another_time(
        self, monkeypatch: pytest.MonkeyPatch, clock: VirtualClock, secret: str, late: float
    ) -> None:
        with receiving(monkeypatch, secret, clock.now().timestamp() + late) as receiver:
            error = error_of(lambda: send(adapter(receiver.url, clock), item()))

        assert isinstance(error, NotSent)
        assert error.token_dead
        assert receiver.posts == {}

    def test_takes_a_ping_and_keeps_nothing_of_it(self, monkeypatch: pytest.MonkeyPatch, clock: VirtualClock) -> None:
        with receiving(monkeypatch, SECRET, clock.now().timestamp()) as receiver:
            adapter(receiver.url, clock).check()

        assert receiver.posts == {}


def test_an_address_in_a_network_of_its_own_is_refused_unless_that_is_meant(
    server: Scripted, clock: VirtualClock
) -> None:
    error = error_of(lambda: send(adapter(f"{server.server.url}/hooks/", clock, allow_private=False), item()))

    assert isinstance(error, NotSent)
    assert "not public" in str(error)
    assert server.calls == []


def test_no_message_shows_a_secret(server: Scripted, hook: Webhook) -> None:
    for status in (400, 401, 404, 500):
        server.says(HOOK, Said({"error": f"what is {SECRET}?"}, status))
        assert "what is" in str(error_of(lambda: send(hook, item())))
        signature = server.sent[-1].headers["webhook-signature"]
        assert signature not in str(error_of(lambda: send(hook, item())))


@pytest.mark.parametrize(
    "given",
    [
        {"base_url": "https://a.example"},
        {"secret": Secret(SECRET)},
        {"base_url": "", "secret": Secret(SECRET)},
        {"base_url": "http://a.example/hook", "secret": Secret(SECRET)},
        {"base_url": "https://a.example", "secret": SECRET},
        {"base_url": "https://a.example", "secret": Secret("whsec_dG9vIHNob3J0LCBjYW5hcnk=")},
        {"base_url": "https://a.example", "secret": Secret("canary-no-base64")},
        {"base_url": "https://a.example", "secret": Secret(SECRET.removeprefix("whsec_"))},
        {"base_url": "https://a.example", "secret": Secret(f"{SECRET[:-2]}*canary")},
        {"base_url": "https://a.example", "secret": Secret(SECRET), "old_secret": Secret("canary")},
        {"base_url": "https://a.example", "secret": Secret(SECRET), "token": Secret("x")},
    ],
)
def test_wrong_settings_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        WebhookSettings.model_validate(given)
    assert "canary" not in str(refused.value)


def test_an_address_stays_as_it_was_written() -> None:
    settings = WebhookSettings(base_url="https://a.example/hook/?to=press", secret=Secret(SECRET))

    assert settings.base_url == "https://a.example/hook/?to=press"
    assert settings.brings_credentials()
