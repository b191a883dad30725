"""The simulated X: the real adapter publishes there, and whatever X refuses is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from campaign.config import Config, Secret
from campaign.config.outside import CREDENTIAL
from campaign.credentials import HeldTokens
from campaign.errors import ChannelBlocked, NotSent, OutcomeUnknown, RateLimited, Rejected
from campaign.platforms.base import Absent, Found
from campaign.platforms.grants import challenge
from campaign.platforms.http import Http
from campaign.platforms.x import X
from campaign.rehearsal.clock import VirtualClock
from campaign.rehearsal.faults import Fault
from campaign.rehearsal.services.meter import Bucket
from campaign.rehearsal.services.x import RATE_LIMITS, XService
from campaign.rehearsal.services.x.rules import weight
from campaign.rehearsal.services.x.service import OWN
from campaign.rehearsal.simulated import pointed_at, serve
from campaign.rehearsal.transport import Net, Reply
from campaign.settings import settings_of
from tests.conftest import MONDAY
from tests.platforms.mastodon.scripted import Kept
from tests.rehearsal.rig import LINK, TEXT, Rig, error_of, image, part, reply_to

HOST = "api.x.example"
TWEETS, TIMELINE, UPLOAD, ALT, TOKENS = (
    "/2/tweets",
    f"/2/users/{OWN}/tweets",
    "/2/media/upload",
    "/2/media/metadata",
    "/2/oauth2/token",
)
JSON = {"content_type": "application/json"}
FORM = {"content_type": "application/x-www-form-urlencoded"}
Start = Callable[..., Rig[XService]]


@pytest.fixture
def start(clock: VirtualClock) -> Start:
    """Start an X, and a channel that is logged in there, or has its four keys."""

    def build(*, settings: dict[str, Any] | None = None, **service: Any) -> Rig[XService]:
        net = Net(clock)
        made = XService(net, HOST, **service)
        secrets = {name: Secret(value) for name, value in made.settings().items() if CREDENTIAL.search(name)}
        return Rig(net, made, X, {**secrets, **(settings or {})})

    return build


def bearer(rig: Rig[XService]) -> str:
    return rig.tokens.stored["token"]


def post(rig: Rig[XService], **body: Any) -> Reply:
    """Post past the adapter."""
    return rig.ask("POST", TWEETS, {"text": "Text", **body}, token=bearer(rig), **JSON)


def message(reply: Reply) -> str:
    return str(reply.body["errors"][0]["message"])


def get(rig: Rig[XService], path: str, **query: str) -> Reply:
    return rig.ask("GET", f"{path}?{urlencode(query)}", token=bearer(rig))


class TestPublishing:
    @pytest.mark.parametrize("signed", [False, True])
    @pytest.mark.parametrize("word", ["tweet", "post"])
    def test_what_readers_see_is_what_was_sent(self, start: Start, tmp_path: Path, word: str, signed: bool) -> None:
        rig = start(word=word, signed=signed, wrapped=not signed)
        sent = part(images=(image(tmp_path, 1, "Zeď"), image(tmp_path, 90, "")))

        live = rig.send(sent)

        [item] = rig.service.live
        assert (item.id, item.text, item.link, item.alts) == (live.remote_id, TEXT, LINK, ("Zeď", ""))
        assert rig.find(sent) == Found(live.remote_id, live.permalink)
        assert rig.platform.confirm(live.remote_id).warnings == ()
        assert rig.platform.metrics([live.remote_id])[live.remote_id].missing == {}
        assert rig.platform.check().id == OWN
        assert (rig.platform.followers() or 0) > 0

    def test_a_thread_is_a_chain(self, start: Start) -> None:
        rig = start()
        first = rig.send(part())
        second = rig.send(reply_to([first], 2, "Druhá část"))
        third = rig.send(reply_to([first, second], 3, "Třetí část"))

        assert [item.reply_to for item in rig.service.live] == ["", first.remote_id, second.remote_id]
        assert rig.find(reply_to([first, second], 3, "Třetí část")) == Found(third.remote_id, third.permalink)

    @pytest.mark.parametrize(
        "text", ["a & b <i> &amp;", "first\nsecond\n\nthird", "see example.org/a?b=1&c=2, ASP.NET", "(https://x.eu/a_(b))."]
    )  # fmt: skip
    def test_a_text_is_found_again_in_what_x_shows(self, start: Start, text: str) -> None:
        rig = start()
        live = rig.send(part(text=text))

        assert rig.find(part(text=text)) == Found(live.remote_id, live.permalink)

    def test_a_long_text_is_found_again_by_its_whole(self, start: Start) -> None:
        rig = start(most=25_000, settings={"text_length": 25_000})
        long = part(text=f"{'Slovo & slovo. ' * 60}{LINK}")
        live = rig.send(long)

        assert rig.find(replace(long, marked=False)) == Found(live.remote_id, live.permalink)

    def test_a_post_is_taken_down_once(self, start: Start) -> None:
        rig = start()
        live = rig.send(part())

        rig.platform.delete(live.remote_id)
        rig.platform.delete(live.remote_id)

        assert rig.texts() == []
        assert rig.platform.confirm(live.remote_id).warnings == ("the post is not there any more",)


class TestALostAnswer:
    def test_the_post_is_found_when_the_timeline_shows_it(self, start: Start) -> None:
        rig = start(listing_lag=timedelta(minutes=1))
        rig.prepare(part())
        rig.meets(Fault.CUT_AFTER)

        assert isinstance(error_of(rig.publish, part()), OutcomeUnknown)
        assert rig.find(part()) == Absent(honours_key=False)
        rig.clock.advance(timedelta(minutes=2))
        assert isinstance(rig.find(part()), Found)

    def test_the_same_text_again_is_refused_which_leaves_it_open(self, start: Start) -> None:
        rig = start()
        rig.send(part())

        error = error_of(rig.send, part())

        assert isinstance(error, OutcomeUnknown)
        assert rig.texts() == [TEXT]

    def test_it_is_taken_again_when_it_is_old_or_gone(self, start: Start) -> None:
        rig = start()
        rig.service.take_down(post(rig).body["data"]["id"])
        assert post(rig).status == 201
        assert post(rig).status == 403
        rig.clock.advance(timedelta(hours=13))
        rig.platform.check()
        assert post(rig).status == 201


class TestTokens:
    def test_each_is_renewed_once_and_lasts_two_hours(self, start: Start) -> None:
        rig = start()
        first = dict(rig.tokens.stored)
        rig.clock.advance(timedelta(hours=1, minutes=56))

        rig.send(part())

        assert rig.tokens.stored["token"] != first["token"]
        asked = {"grant_type": "refresh_token", "refresh_token": first["refresh"], "client_id": "campaign-app"}
        again = rig.ask("POST", TOKENS, urlencode(asked).encode(), **FORM)
        assert (again.status, again.body["error"]) == (400, "invalid_request")
        rig.clock.advance(timedelta(hours=1))
        assert rig.ask("GET", "/2/users/me", token=first["token"]).status == 401
        assert rig.ask("GET", "/2/users/me", token=bearer(rig)).status == 200

    def test_a_renewal_whose_answer_was_lost_ends_in_words_that_say_so(self, start: Start) -> None:
        rig = start()
        rig.clock.advance(timedelta(hours=3))
        rig.meets(Fault.CUT_AFTER)
        assert isinstance(error_of(rig.prepare, part()), NotSent)
        rig.start()

        error = error_of(rig.prepare, part())

        assert isinstance(error, NotSent)
        assert error.token_dead
        assert "the answer to a renewal at 2026-03-02 11:00 UTC was lost" in str(error)
        assert "Log in again." in str(error)

    def test_an_app_with_a_secret_must_show_it(self, start: Start) -> None:
        rig = start(client_secret="of-the-app")
        rig.clock.advance(timedelta(hours=3))
        rig.send(part())
        assert rig.texts() == [TEXT]

        form = urlencode({"grant_type": "refresh_token", "refresh_token": "any", "client_id": "campaign-app"}).encode()
        refused = rig.ask("POST", TOKENS, form, **FORM)
        assert (refused.status, refused.body["error"]) == (401, "unauthorized_client")

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({}, ""),
            ({"code": "another"}, "invalid_request"),
            ({"code_verifier": "another"}, "invalid_request"),
            ({"redirect_uri": "https://elsewhere.example/"}, "invalid_request"),
            ({"client_id": "another"}, "invalid_client"),
            ({"grant_type": "password"}, "unsupported_grant_type"),
            ({"late": "1"}, "invalid_request"),
        ],
    )
    def test_a_code_is_good_for_half_a_minute_and_its_own_question(
        self, start: Start, changes: dict[str, str], error: str
    ) -> None:
        rig = start()
        code = rig.service.sessions.agree(challenge("proof"), "http://127.0.0.1:8765/callback", rig.clock.now())
        rig.clock.advance(timedelta(seconds=31 if "late" in changes else 29))
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": "proof",
            "redirect_uri": "http://127.0.0.1:8765/callback",
            "client_id": "campaign-app",
            **changes,
        }

        got = rig.ask("POST", TOKENS, urlencode(asked).encode(), **FORM).body

        assert got.get("error", "") == error
        if not error:
            assert rig.ask("GET", "/2/users/me", token=got["access_token"]).status == 200

    def test_tokens_are_asked_for_by_a_form(self, start: Start) -> None:
        assert start().ask("POST", TOKENS, {"grant_type": "refresh_token"}, **JSON).status == 400


class TestSignatures:
    def test_a_signature_is_good_once_and_now(self, start: Start) -> None:
        rig = start(signed=True)
        proof = rig.platform._access.proof  # type: ignore[attr-defined]
        address = f"https://{HOST}/2/users/me?user.fields=public_metrics"
        header = proof("GET", address, visible=False)["Authorization"]
        late = proof("GET", address, visible=False)["Authorization"]

        def ask(authorization: str, method: str = "GET", target: str = address) -> int:
            return rig.ask(method, target, authorization=authorization).status

        assert ask(header, target=f"https://{HOST}/2/users/me") == 401
        assert ask(header) == 401  # its nonce was seen
        assert ask(proof("GET", address, visible=False)["Authorization"]) == 200
        assert ask("Bearer token") == ask("") == 401
        assert ask(late.replace("canary", "x").replace(f"token-of-{HOST}-access", "another")) == 401
        rig.clock.advance(timedelta(minutes=6))
        assert ask(late) == 401

    def test_four_keys_are_wanted_of_a_channel(self, start: Start) -> None:
        rig = start(signed=True)
        assert set(rig.service.settings()) == {
            "base_url", "consumer_key", "consumer_secret", "access_token", "access_token_secret",
        }  # fmt: skip
        assert rig.service.tokens() == {}


class TestWhatItRefuses:
    @pytest.mark.parametrize(
        ("body", "words"),
        [
            ({"texxt": "a"}, "$.texxt: is not defined"),
            ({"text": ""}, "$.text: is missing"),
            ({"text": 3}, "$.text: is missing"),
            ({"text": "a\ufeffb"}, "invalid characters"),
            ({"media": {}}, "$.media: is not defined"),
            ({"media": []}, "$.media: is not defined"),
            ({"media": {"media_ids": ["1"], "odd": 1}}, "$.media: is not defined"),
            ({"media": {"media_ids": []}}, "Your media IDs are invalid."),
            ({"media": {"media_ids": ["1"]}}, "Your media IDs are invalid."),
            ({"media": {"media_ids": [1, 2, 3, 4, 5]}}, "Your media IDs are invalid."),
            ({"reply": {"in_reply_to_tweet_id": "a"}}, "$.reply.in_reply_to_tweet_id"),
            ({"reply": {"in_reply_to_post_id": "1"}}, "$.reply: is not defined"),
        ],
    )
    def test_a_request_that_is_wrong(self, start: Start, body: dict[str, Any], words: str) -> None:
        refused = post(start(), **body)

        assert refused.status == 400
        assert refused.body["title"] == "Invalid Request"
        assert words in message(refused)

    @pytest.mark.parametrize("body", [b"text=a", ["text"]])
    def test_a_body_that_is_no_object(self, start: Start, body: Any) -> None:
        rig = start()
        assert rig.ask("POST", TWEETS, body, token=bearer(rig), **JSON).status == 400
        assert (
            rig.ask("POST", TWEETS, {"text": "a"}, token=bearer(rig)).status == 400
        )  # it does not say that it is JSON

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            ({"text": "x" * 281}, "not permitted"),
            ({"text": "自" * 141}, "not permitted"),
            ({"text": "$AAA or $BBB"}, "cashtag"),
            ({"reply": {"in_reply_to_tweet_id": "1"}}, "deleted or not visible"),
        ],
    )
    def test_a_post_that_is_wrong(self, start: Start, body: dict[str, Any], words: str) -> None:
        rig = start()
        refused = post(rig, **body)

        assert (refused.status, words in refused.body["detail"]) == (403, True)
        assert rig.texts() == []

    def test_an_account_that_may_not_answer_itself(self, start: Start) -> None:
        rig = start()
        first = rig.send(part())
        rig.service.answers_itself = False

        error = error_of(rig.send, reply_to([first], 2, "Druhá část"))

        assert isinstance(error, Rejected)
        assert "thread = 1" in str(error)

    def test_pictures(self, start: Start, tmp_path: Path) -> None:
        rig = start()
        big = image(tmp_path)
        big.path.write_bytes(b"\xff\xd8\xff" + bytes(5 * 1024 * 1024))
        big = replace(big, sha256=hashlib.sha256(big.path.read_bytes()).hexdigest())
        assert isinstance(error_of(rig.prepare, part(images=(big,))), Rejected)
        assert isinstance(error_of(rig.prepare, part(images=(replace(image(tmp_path), alt="x" * 1001),))), NotSent)
        assert rig.ask("POST", UPLOAD, {"media": "…"}, token=bearer(rig), **JSON).status == 400

    @pytest.mark.parametrize("category", ["", "dm_image"])
    def test_a_picture_without_its_category(self, start: Start, category: str) -> None:
        rig = start()
        field = (
            f'--b\r\nContent-Disposition: form-data; name="media_category"\r\n\r\n{category}\r\n' if category else ""
        )
        file = '--b\r\nContent-Disposition: form-data; name="media"; filename="a.jpg"\r\n\r\n\r\n--b--\r\n'
        kind = {"content_type": "multipart/form-data; boundary=b"}
        assert "media_category" in message(rig.ask("POST", UPLOAD, (field + file).encode(), token=bearer(rig), **kind))

    @pytest.mark.parametrize("body", [["1"], {"id": "1"}, {"id": 1, "metadata": {}}, {"id": "1", "metadata": {}}])
    def test_an_alt_text_of_nothing(self, start: Start, body: Any) -> None:
        rig = start()
        assert rig.ask("POST", ALT, body, token=bearer(rig), **JSON).status == 400

    def test_an_alt_text_that_is_none(self, start: Start, tmp_path: Path) -> None:
        rig = start()
        rig.prepare(part(images=(image(tmp_path, alt=""),)))
        [handle] = rig.kept[part().part]["media"].values()
        assert rig.ask("POST", ALT, {"id": handle["id"], "metadata": {}}, token=bearer(rig), **JSON).status == 400

    def test_an_upload_of_yesterday_is_forgotten_and_made_anew(self, start: Start, tmp_path: Path) -> None:
        rig = start()
        sent = part(images=(image(tmp_path),))
        rig.prepare(sent)
        rig.clock.advance(timedelta(hours=25))
        rig.platform.check()

        error = error_of(rig.publish, sent)
        rig.send(sent)

        assert isinstance(error, NotSent)
        assert error.forget == ("media",)
        assert rig.texts() == [TEXT]

    @pytest.mark.parametrize(
        ("path", "query", "words"),
        [
            (TIMELINE, {"limit": "5"}, "The query parameter [limit] is not one of"),
            (TIMELINE, {"post.fields": "created_at"}, "The query parameter [post.fields] is not one of"),
            (TIMELINE, {"tweet.fields": "note_post"}, "The `tweet.fields` query parameter value [note_post]"),
            (TIMELINE, {"max_results": "4"}, "max_results"),
            (TWEETS, {"ids": "a"}, "ids"),
            (TWEETS, {}, "ids"),
            ("/2/users/me", {"tweet.fields": "text"}, "The query parameter [tweet.fields]"),
        ],
    )  # fmt: skip
    def test_questions_that_are_wrong(self, start: Start, path: str, query: dict[str, str], words: str) -> None:
        refused = get(start(), path, **query)

        assert (refused.status, words in message(refused)) == (400, True)

    def test_what_is_not_its_own(self, start: Start) -> None:
        rig = start()
        assert get(rig, "/2/users/1/tweets").status == 404
        assert rig.ask("DELETE", f"{TWEETS}/1", token=bearer(rig)).status == 404
        assert get(rig, "/2/elsewhere").status == 404


class TestWhatItTells:
    def test_a_timeline_comes_in_pages_newest_first(self, start: Start) -> None:
        rig = start()
        ids = []
        for n in range(12):
            ids.append(post(rig, text=f"Post {n}").body["data"]["id"])
            rig.clock.advance(timedelta(seconds=1))

        first = get(rig, TIMELINE, max_results="10").body
        rest = get(rig, TIMELINE, max_results="10", pagination_token=first["meta"]["next_token"]).body

        assert [each["id"] for each in first["data"] + rest["data"]] == ids[::-1]
        assert "next_token" not in rest["meta"]
        since = f"{MONDAY + timedelta(seconds=11):%Y-%m-%dT%H:%M:%SZ}"
        assert get(rig, TIMELINE, start_time=since).body["meta"] == {"result_count": 1}

    def test_old_posts_keep_their_secrets_and_spoil_the_answer(self, start: Start) -> None:
        rig = start()
        live = rig.send(part())
        rig.clock.advance(timedelta(days=31))

        told = rig.platform.metrics([live.remote_id])[live.remote_id]
        asked = get(rig, TWEETS, ids=live.remote_id, **{"tweet.fields": "non_public_metrics"}).body

        assert told.missing == {"clicks": "X tells who followed a link for 30 days only"}
        assert set(asked) == {"errors"}
        assert asked["errors"][0]["type"].endswith("/not-authorized-for-field")

    @pytest.mark.parametrize(
        ("text", "taken"), [("a", 1), (f"{LINK} a", 25), ("example.org", 23), ("🔋", 2), ("…", 2), ("info@a.org", 10)]
    )  # fmt: skip
    def test_it_counts_in_its_own_way(self, text: str, taken: int) -> None:
        assert weight(text) == taken


class TestLimits:
    def test_each_call_has_its_own_and_the_wait_is_told(self, start: Start) -> None:
        rig = start(rate_limits={**RATE_LIMITS, "POST /2/tweets": Bucket(2, timedelta(minutes=15))})
        assert post(rig, text="1").headers["x-rate-limit-remaining"] == "1"
        assert post(rig, text="2").headers["x-rate-limit-reset"] == str(int(MONDAY.timestamp()) + 900)

        error = error_of(rig.send, part())

        assert isinstance(error, RateLimited)
        assert error.retry_after == MONDAY + timedelta(minutes=15) - rig.clock.now()
        assert get(rig, "/2/users/me").status == 200

    def test_the_limit_of_a_day_lasts_longer(self, start: Start) -> None:
        rig = start(rate_limits=RATE_LIMITS, day_limits={"POST /2/tweets": Bucket(1, timedelta(days=1))})
        post(rig)

        error = error_of(rig.send, part())

        assert isinstance(error, RateLimited)
        assert error.retry_after == timedelta(hours=16) - (rig.clock.now() - MONDAY)

    def test_credits_end(self, start: Start) -> None:
        rig = start()
        rig.service.credits = 1
        rig.send(part())

        error = error_of(rig.send, part(text="Another"))

        assert isinstance(error, ChannelBlocked)
        assert "https://console.x.com" in str(error)
        assert rig.texts() == [TEXT]

    def test_an_account_may_be_barred(self, start: Start) -> None:
        rig = start()
        rig.service.refusing = Reply(403, {"title": "Forbidden", "detail": "Your account is suspended."})
        assert isinstance(error_of(rig.send, part()), ChannelBlocked)

    def test_a_token_that_is_refused_is_renewed_for_the_next_try(self, start: Start) -> None:
        rig = start()
        rig.prepare(part())
        rig.meets(Fault.TOKEN_REFUSED)

        error = error_of(rig.publish, part())
        rig.send(part())

        assert isinstance(error, NotSent)
        assert error.token_dead
        assert rig.tokens.stored["token"].endswith("-2")
        assert rig.texts() == [TEXT]


class TestInARehearsal:
    """A channel of the config speaks to the simulated X, in whatever way it speaks to the real one."""

    KEYS = "consumer_key = 'a'\nconsumer_secret = 'b'\naccess_token = 'c'\naccess_token_secret = 'd'\n"

    @pytest.mark.parametrize(
        ("keys", "signed"),
        [(KEYS, True), ("client_id = 'ours'\nclient_secret = 'e'\n", False), ("client_id = 'ours'\n", False)],
    )
    def test_it_gets_what_this_one_knows_it_by(
        self, config_with: Callable[[str], Config], clock: VirtualClock, keys: str, signed: bool
    ) -> None:
        config = config_with(f"[channels.x-asa]\nplatform = 'x'\nslots = ['mon 09:00']\n{keys}")
        net = Net(clock)
        services = serve(net, config, lambda key: replace(X.limits, text=4000), seed=1)

        settings = settings_of(config, pointed_at(config, services).channels["x-asa"])
        platform = X(settings, Http(settings.base_url, clock, transport=net.transport), clock, HeldTokens())
        platform.tokens.save(services["x-asa"].tokens())
        clock.advance(timedelta(hours=3))  # so that a token is renewed
        sent, kept = part(text="x" * 4000), Kept().open()
        platform.prepare(sent, kept)
        live = platform.publish(sent, kept, idempotency_key="")

        assert settings.brings_credentials() == signed
        assert [item.id for item in services["x-asa"].live] == [live.remote_id]
