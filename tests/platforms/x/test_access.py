"""Who calls: tokens that are renewed once each, or four keys that sign."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import pytest
from pydantic import ValidationError

from campaign.config import Secret
from campaign.errors import ChannelBlocked, NotSent, PlatformError, Rejected
from campaign.platforms.grants import challenge
from campaign.platforms.x.settings import XSettings
from campaign.rehearsal.clock import VirtualClock
from tests.platforms.mastodon.scripted import Kept, Said, Scripted, Sent, Tokens, error_of
from tests.platforms.x.scripted import KEYS, LIVE, ME, OWN, REFRESH, TOKEN, Person, adapter, granted, item, page, send

ENDPOINT, TWEETS, TIMELINE = "POST /2/oauth2/token", "POST /2/tweets", f"GET /2/users/{OWN}/tweets"
SCOPE = "tweet.read tweet.write users.read media.write offline.access"
PAIR = {
    "token_type": "bearer",
    "expires_in": 7200,
    "access_token": "canary-next-token",
    "scope": SCOPE,
    "refresh_token": "canary-next-refresh",
}
DEAD = {"error": "invalid_request", "error_description": "Value passed for the token was invalid."}
UNNAMED = {"error": "unauthorized_client", "error_description": "Missing valid authorization header"}
UNAUTHORIZED = {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}


class TestLogin:
    def test_a_person_agrees_and_the_code_is_exchanged_with_its_proof(
        self, server: Scripted, clock: VirtualClock
    ) -> None:
        server.says(ENDPOINT, PAIR)
        person = Person()

        stored = adapter(server, clock, Tokens(), authorize_url="https://x.example/authorize").login(person)

        address = urlsplit(person.asked)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        assert f"{address.scheme}://{address.netloc}{address.path}" == "https://x.example/authorize"
        form = server.one(ENDPOINT).form
        assert asked == {
            "response_type": "code",
            "client_id": "our-app",
            "redirect_uri": "http://127.0.0.1:8765/callback",
            "scope": SCOPE,
            "state": asked["state"],
            "code_challenge": challenge(form["code_verifier"]),
            "code_challenge_method": "S256",
        }
        assert form == {
            "grant_type": "authorization_code",
            "code": "the-code",
            "redirect_uri": "http://127.0.0.1:8765/callback",
            "code_verifier": form["code_verifier"],
            "client_id": "our-app",
        }
        assert server.one("GET /2/users/me").headers["authorization"] == "Bearer canary-next-token"
        assert stored == {
            "token": "canary-next-token",
            "refresh": "canary-next-refresh",
            "account": OWN,
            "server": server.server.url,
            "expires_at": (clock.now() + timedelta(hours=2)).isoformat(),
            "refresh_expires_at": (clock.now() + timedelta(days=180)).isoformat(),
        }
        assert person.told == ["Logged in as @asa."]

    def test_an_app_with_a_secret_names_itself_in_the_header(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(ENDPOINT, PAIR)

        adapter(server, clock, Tokens(), client_secret=Secret("canary-app")).login(Person())

        sent = server.one(ENDPOINT)
        assert sent.headers["authorization"] == f"Basic {base64.b64encode(b'our-app:canary-app').decode()}"
        assert "client_id" not in sent.form

    @pytest.mark.parametrize(
        ("status", "body", "words"),
        [
            (400, {"error": "invalid_request", "error_description": "The code was invalid."}, "The code was invalid"),
            (401, UNNAMED, "client_secret"),
            (200, {**PAIR, "scope": "tweet.read users.read"}, "media.write, offline.access, tweet.write"),
        ],
    )  # fmt: skip
    def test_what_x_does_not_grant_is_told(
        self, server: Scripted, clock: VirtualClock, status: int, body: Any, words: str
    ) -> None:
        server.says(ENDPOINT, body, status=status)

        error = error_of(lambda: adapter(server, clock, Tokens()).login(Person()))

        assert isinstance(error, Rejected)
        assert words in str(error)

    def test_a_person_who_says_no_gets_no_token(self, server: Scripted, clock: VirtualClock) -> None:
        error_of(lambda: adapter(server, clock, Tokens()).login(Person("error=access_denied&state={state}")))

        assert server.calls == []

    def test_a_config_without_an_app_asks_nobody(self, server: Scripted, clock: VirtualClock) -> None:
        error = error_of(lambda: adapter(server, clock, Tokens(), client_id="").login(Person()))

        assert "client_id" in str(error)

    def test_an_account_that_is_barred_is_told_of_at_once(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(ENDPOINT, PAIR)
        server.says("GET /2/users/me", {"title": "Forbidden", "detail": "Your account is suspended."}, status=403)

        error = error_of(lambda: adapter(server, clock, Tokens()).login(Person()))

        assert isinstance(error, ChannelBlocked)

    def test_a_server_that_breaks_down_is_no_refusal(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(ENDPOINT, b"", status=503)

        assert isinstance(error_of(lambda: adapter(server, clock, Tokens()).login(Person())), NotSent)


class TestRenewal:
    def test_a_token_that_ends_soon_is_renewed_stored_and_then_used(
        self, server: Scripted, clock: VirtualClock
    ) -> None:
        server.says(ENDPOINT, PAIR)
        tokens = granted(server, expires_at=clock.now() + timedelta(minutes=4))
        x = adapter(server, clock, tokens)

        send(x, item())

        assert server.calls == [ENDPOINT, TWEETS]
        assert server.one(ENDPOINT).form == {
            "grant_type": "refresh_token",
            "refresh_token": REFRESH,
            "client_id": "our-app",
        }
        assert server.one(TWEETS).headers["authorization"] == "Bearer canary-next-token"
        assert tokens.values == {
            "token": "canary-next-token",
            "refresh": "canary-next-refresh",
            "account": OWN,
            "server": server.server.url,
            "expires_at": (clock.now() + timedelta(hours=2)).isoformat(),
            "refresh_expires_at": (clock.now() + timedelta(days=180)).isoformat(),
            "renewed_at": clock.now().isoformat(),
        }
        assert x.check().token_expires_at == clock.now() + timedelta(days=180)

    def test_an_answer_without_a_next_one_keeps_the_old(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(ENDPOINT, {"access_token": "canary-next-token"})
        tokens = granted(server, expires_at=clock.now())

        send(adapter(server, clock, tokens), item())

        assert tokens.values["refresh"] == REFRESH
        assert tokens.values["expires_at"] == (clock.now() + timedelta(hours=2)).isoformat()

    def test_a_visible_call_that_is_refused_is_not_repeated_and_the_next_preparation_renews(
        self, server: Scripted, clock: VirtualClock
    ) -> None:
        server.says(TWEETS, Said(UNAUTHORIZED, 401), Said({"data": {"id": LIVE}}, 201))
        server.says(ENDPOINT, PAIR)
        x = adapter(server, clock)

        error = error_of(lambda: send(x, item()))
        send(x, item())

        assert isinstance(error, NotSent)
        assert error.token_dead
        assert server.calls == [TWEETS, ENDPOINT, TWEETS]

    def test_another_call_is_repeated_once_with_the_next_token(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(TIMELINE, Said(UNAUTHORIZED, 401), Said(page()))
        server.says(ENDPOINT, PAIR)

        adapter(server, clock).find(item(), Kept().open(), clock.now())

        assert server.calls == [TIMELINE, ENDPOINT, TIMELINE]
        bearers = [each.headers["authorization"] for each in server.sent if each.method == "GET"]
        assert bearers == [f"Bearer {TOKEN}", "Bearer canary-next-token"]

    def test_refused_again_it_needs_a_person(self, server: Scripted, clock: VirtualClock) -> None:
        server.says("GET /2/users/me", UNAUTHORIZED, status=401)
        server.says(ENDPOINT, PAIR)

        error = error_of(adapter(server, clock).check)

        assert isinstance(error, NotSent)
        assert error.token_dead
        assert server.calls == ["GET /2/users/me", ENDPOINT, "GET /2/users/me"]

    @pytest.mark.parametrize(
        ("status", "body", "kind", "dead"),
        [
            (400, DEAD, NotSent, True),
            (400, {"error": "invalid_grant"}, NotSent, True),
            (401, UNNAMED, ChannelBlocked, None),
            (401, {"error": "invalid_client"}, ChannelBlocked, None),
            (503, b"", NotSent, False),
            (400, b"<h1>Bad request</h1>", NotSent, False),
        ],
    )  # fmt: skip
    def test_each_refusal_has_its_meaning(
        self,
        server: Scripted,
        clock: VirtualClock,
        status: int,
        body: Any,
        kind: type[PlatformError],
        dead: bool | None,
    ) -> None:
        server.says(ENDPOINT, body, status=status)

        error = error_of(lambda: send(adapter(server, clock, granted(server, expires_at=clock.now())), item()))

        assert type(error) is kind
        assert getattr(error, "token_dead", None) is dead
        assert server.calls == [ENDPOINT]

    def test_after_a_lost_answer_the_refusal_says_what_was_lost(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(ENDPOINT, Said(b"{", 200), Said(DEAD, 400))
        tokens = granted(server, expires_at=clock.now())
        lost = error_of(lambda: send(adapter(server, clock, tokens), item()))
        clock.advance(timedelta(minutes=1))

        for _ in range(2):  # and a new start of the program says it as well
            error = error_of(lambda: send(adapter(server, clock, tokens), item()))
            assert isinstance(error, NotSent)
            assert error.token_dead
            assert "the answer to a renewal at 2026-03-02 08:00 UTC was lost" in str(error)
            assert "Log in again." in str(error)
        assert isinstance(lost, NotSent)
        assert not lost.token_dead


class TestKeys:
    def test_a_call_is_signed_over_its_method_address_and_query(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(TIMELINE, page())
        x = adapter(server, clock, Tokens(), **KEYS)

        send(x, item())
        x.find(item(), Kept().open(), clock.now())

        assert server.calls == [TWEETS, "GET /2/users/me", TIMELINE]
        for sent in server.sent:
            claims = _claims(sent)
            assert claims["oauth_consumer_key"] == "canary-consumer"
            assert claims["oauth_token"] == "canary-access"
            assert claims["oauth_timestamp"] == str(int(clock.now().timestamp()))
            assert claims.pop("oauth_signature") == _signature(server, sent, claims)
        assert len({_claims(sent)["oauth_nonce"] for sent in server.sent}) == 3

    def test_keys_that_are_refused_are_not_tried_again(self, server: Scripted, clock: VirtualClock) -> None:
        server.says("GET /2/users/me", UNAUTHORIZED, status=401)

        error = error_of(adapter(server, clock, Tokens(), **KEYS).check)

        assert isinstance(error, NotSent)
        assert error.token_dead
        assert server.calls == ["GET /2/users/me"]

    def test_they_never_end(self, server: Scripted, clock: VirtualClock) -> None:
        assert adapter(server, clock, Tokens(), **KEYS).check().token_expires_at is None


def _claims(sent: Sent) -> dict[str, str]:
    scheme, _, rest = sent.headers["authorization"].partition(" ")
    assert scheme == "OAuth"
    return {name: unquote(value) for name, value in re.findall(r'(\w+)="([^"]*)"', rest)}


def _signature(server: Scripted, sent: Sent, claims: dict[str, str]) -> str:
    """RFC 5849, 3.4, by hand."""
    pairs = sorted((quote(n, safe="~"), quote(v, safe="~")) for n, v in [*claims.items(), *sent.query])
    said = "&".join(f"{name}={value}" for name, value in pairs)
    base = "&".join(quote(each, safe="~") for each in (sent.method, f"{server.server.url}{sent.path}", said))
    key = b"canary-consumer-secret%26&canary-access-secret"
    return base64.b64encode(hmac.new(key, base.encode(), hashlib.sha1).digest()).decode()


class TestSettings:
    def test_a_login_or_four_keys(self) -> None:
        assert not XSettings(client_id="a", client_secret=Secret("b")).brings_credentials()
        assert XSettings(**KEYS).brings_credentials()  # type: ignore[arg-type]

    @pytest.mark.parametrize("lacking", KEYS)
    def test_three_keys_are_none(self, lacking: str) -> None:
        with pytest.raises(ValidationError, match="this goes with all of"):
            XSettings(**{name: key for name, key in KEYS.items() if name != lacking})  # type: ignore[arg-type]

    def test_nobody_is_sent_to_an_address_without_tls(self) -> None:
        with pytest.raises(ValidationError, match="https"):
            XSettings(authorize_url="http://x.example/authorize")

    def test_the_api_of_today_is_the_default(self) -> None:
        assert XSettings().base_url == "https://api.x.com"
        assert ME["data"]["id"] == OWN
