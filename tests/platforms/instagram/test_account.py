"""Whose a channel is, by which login, and how long its token lasts."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import ValidationError

from campaign.config import Secret
from campaign.errors import NotSent, Rejected
from campaign.platforms.grants import Grant
from campaign.platforms.instagram import Instagram
from campaign.platforms.instagram.settings import InstagramSettings
from campaign.rehearsal.clock import VirtualClock
from tests.platforms.contained import ACCOUNT, BEARER, CONTAINER, MEDIA, channel, said
from tests.platforms.instagram.conftest import V
from tests.platforms.mastodon.scripted import TOKEN, Kept, MakeImage, Said, Scripted, Tokens, error_of, item

APP = {"client_id": "99", "client_secret": Secret("canary-app-secret")}
SIXTY_DAYS = {"access_token": "token-of-60-days", "token_type": "bearer", "expires_in": 5183944}
LIMIT = f"GET {V}/{ACCOUNT}/content_publishing_limit"
INSIGHTS = f"GET {V}/{ACCOUNT}/insights"


class Browser:
    """Somebody who agrees in a browser, and comes back with a code."""

    def __init__(self, **more: str) -> None:
        self.more = more
        self.opened = ""
        self.told: list[str] = []

    def ask(self, question: str, *, hidden: bool = False) -> str:
        raise AssertionError(question)

    def tell(self, text: str) -> None:
        self.told.append(text)

    def consent(self, address: str, redirect_uri: str) -> str:
        self.opened = address
        state = parse_qs(urlsplit(address).query)["state"][0]
        told = {"code": "the-code", "state": state, **self.more}
        return f"{redirect_uri}?" + "&".join(f"{name}={value}" for name, value in told.items()) + "#_"

    @property
    def asked(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.opened).query).items()}


def logged_in(clock: VirtualClock, server: Scripted, days_left: float = 59.5, token: str = TOKEN) -> Tokens:
    ends = clock.now() + timedelta(days=days_left)
    return Tokens(Grant(token, expires_at=ends, account=ACCOUNT, server=server.server.url).stored())


class TestInstagramsOwnLogin:
    def test_a_code_becomes_a_token_of_60_days(self, server: Scripted, clock: VirtualClock) -> None:
        server.says("POST /oauth/access_token", {"access_token": "token-of-1-hour", "user_id": 5, "permissions": "…"})
        server.says("GET /access_token", SIXTY_DAYS)
        server.says(f"GET {V}/me", {"user_id": ACCOUNT, "id": "app-scoped", "username": "asa"})
        person = Browser()
        instagram = channel(
            Instagram, server, clock, Tokens(), code_url=f"{server.server.url}/oauth/access_token", **APP
        )

        stored = instagram.login(person)

        assert person.opened.startswith("https://www.instagram.com/oauth/authorize?")
        assert {name: person.asked[name] for name in ("client_id", "redirect_uri", "response_type", "scope")} == {
            "client_id": "99",
            "redirect_uri": "https://localhost/campaign",
            "response_type": "code",
            "scope": "instagram_business_basic,instagram_business_content_publish,instagram_business_manage_insights",
        }
        assert server.calls == ["POST /oauth/access_token", "GET /access_token", f"GET {V}/me"]
        assert server.sent[0].form == {
            "client_id": "99",
            "client_secret": "canary-app-secret",
            "grant_type": "authorization_code",
            "redirect_uri": "https://localhost/campaign",
            "code": "the-code",
        }
        assert dict(server.sent[1].query) == {
            "grant_type": "ig_exchange_token",
            "client_secret": "canary-app-secret",
            "access_token": "token-of-1-hour",
        }
        assert server.sent[2].headers["authorization"] == "Bearer token-of-60-days"
        ends = (clock.now() + timedelta(seconds=5183944)).isoformat()
        assert stored == {
            "token": "token-of-60-days",
            "refresh": "",
            "account": ACCOUNT,
            "server": server.server.url,
            "expires_at": ends,
        }
        assert person.told == ["Logged in as @asa on Instagram."]

    def test_an_answer_in_a_list_is_read_too_and_without_an_end_it_is_60_days(
        self, server: Scripted, clock: VirtualClock
    ) -> None:
        server.says("POST /oauth/access_token", {"data": [{"access_token": "short", "user_id": "5"}]})
        server.says("GET /access_token", {"access_token": "long"})
        server.says(f"GET {V}/me", {"user_id": ACCOUNT, "username": "asa"})
        instagram = channel(
            Instagram, server, clock, Tokens(), code_url=f"{server.server.url}/oauth/access_token", **APP
        )
        assert instagram.login(Browser())["expires_at"] == (clock.now() + timedelta(days=60)).isoformat()

    @pytest.mark.parametrize("missing", ["client_id", "client_secret"])
    def test_without_an_app_there_is_no_login(self, server: Scripted, clock: VirtualClock, missing: str) -> None:
        app = {name: value for name, value in APP.items() if name != missing}
        for login in ("instagram", "facebook"):
            instagram = channel(Instagram, server, clock, Tokens(), login=login, **app)
            error = error_of(partial(instagram.login, Browser()))
            assert isinstance(error, Rejected)
            assert "client_id and client_secret" in str(error)

    def test_a_code_that_is_refused_ends_it(self, server: Scripted, clock: VirtualClock) -> None:
        server.says("POST /oauth/access_token", {"error_type": "OAuthException", "error_message": "used"}, status=400)
        instagram = channel(
            Instagram, server, clock, Tokens(), code_url=f"{server.server.url}/oauth/access_token", **APP
        )
        assert isinstance(error_of(lambda: instagram.login(Browser())), NotSent)


class TestFacebooksLogin:
    PAGE: dict[str, Any] = {  # noqa: RUF012
        "id": "12",
        "name": "ASA",
        "access_token": "token-of-the-page",
        "instagram_business_account": {"id": ACCOUNT, "username": "asa"},
    }
    OTHER: dict[str, Any] = {**PAGE, "id": "13", "name": "Other", "instagram_business_account": {"id": "5"}}  # noqa: RUF012

    def login(self, server: Scripted, clock: VirtualClock, pages: list[Any], **settings: Any) -> Any:
        server.says(f"GET {V}/oauth/access_token", {"access_token": "short"}, {"access_token": "long", "expires_in": 9})
        server.says(f"GET {V}/me/accounts", {"data": pages})
        self.person = Browser()
        return channel(Instagram, server, clock, Tokens(), login="facebook", **APP, **settings).login(self.person)

    def test_it_ends_with_the_token_of_the_page(self, server: Scripted, clock: VirtualClock) -> None:
        stored = self.login(server, clock, [{"id": "11", "name": "No Instagram"}, self.PAGE, "odd"])

        assert self.person.opened.startswith("https://www.facebook.com/v26.0/dialog/oauth?")
        assert "instagram_content_publish" in self.person.asked["scope"].split(",")
        assert "instagram_manage_contents" in self.person.asked["scope"].split(",")
        first, second, third = server.sent
        assert dict(first.query) == {
            "client_id": "99",
            "client_secret": "canary-app-secret",
            "redirect_uri": "https://localhost/campaign",
            "code": "the-code",
        }
        assert dict(second.query) == {
            "client_id": "99",
            "client_secret": "canary-app-secret",
            "grant_type": "fb_exchange_token",
            "fb_exchange_token": "short",
        }
        assert third.headers["authorization"] == "Bearer long"
        assert stored == {
            "token": "token-of-the-page",
            "refresh": "",
            "account": ACCOUNT,
            "server": server.server.url,
        }
        assert self.person.told == ["Logged in as @asa on Instagram, by the Page ASA."]

    def test_of_several_the_channel_says_which(self, server: Scripted, clock: VirtualClock) -> None:
        error = error_of(lambda: self.login(server, clock, [self.PAGE, self.OTHER]))
        assert isinstance(error, Rejected)
        assert "ASA (12), Other (13)" in str(error)
        assert self.login(server, clock, [self.PAGE, self.OTHER], page="13")["account"] == "5"

    @pytest.mark.parametrize(
        ("pages", "page"), [([], ""), (None, ""), ([PAGE], "14"), ([{**PAGE, "access_token": ""}], "")]
    )
    def test_without_a_page_there_is_nothing(
        self, server: Scripted, clock: VirtualClock, pages: list[Any], page: str
    ) -> None:
        error = error_of(lambda: self.login(server, clock, pages, page=page))
        assert isinstance(error, Rejected)
        assert "sees no Page with a professional account" in str(error)


class TestRenewing:
    def test_a_token_is_renewed_when_it_is_a_week_old(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        server.says("GET /refresh_access_token", SIXTY_DAYS)
        tokens = logged_in(clock, server, days_left=52.9)
        instagram, kept = channel(Instagram, server, clock, tokens), Kept()

        instagram.prepare(item(images=(image(),)), kept.open())
        instagram.publish(item(images=(image(),)), kept.open(), idempotency_key="k")

        refresh, *others = server.sent
        assert refresh.path == "/refresh_access_token"
        assert dict(refresh.query) == {"grant_type": "ig_refresh_token", "access_token": TOKEN}
        assert {sent.headers["authorization"] for sent in others} == {"Bearer token-of-60-days"}
        assert tokens.values["token"] == "token-of-60-days"
        assert tokens.values["account"] == ACCOUNT
        assert tokens.values["renewed_at"] == clock.now().isoformat()

    def test_one_that_is_younger_is_left_alone(self, server: Scripted, clock: VirtualClock, image: MakeImage) -> None:
        channel(Instagram, server, clock, logged_in(clock, server, 53.1)).prepare(
            item(images=(image(),)), Kept().open()
        )
        assert "GET /refresh_access_token" not in server.calls

    @pytest.mark.parametrize("answer", [Said(b"", 500), said(1, 0, 500), said(190), said(4)])
    def test_a_renewal_that_fails_ahead_of_time_stops_nothing(
        self, server: Scripted, clock: VirtualClock, image: MakeImage, answer: Said
    ) -> None:
        server.says("GET /refresh_access_token", answer)
        tokens = logged_in(clock, server, days_left=10)
        channel(Instagram, server, clock, tokens).prepare(item(images=(image(),)), Kept().open())
        assert tokens.values["token"] == TOKEN

    def test_one_that_has_ended_needs_a_person(self, server: Scripted, clock: VirtualClock, image: MakeImage) -> None:
        server.says("GET /refresh_access_token", said(190, 463))
        instagram = channel(Instagram, server, clock, logged_in(clock, server, days_left=-1))
        error = error_of(lambda: instagram.prepare(item(images=(image(),)), Kept().open()))
        assert isinstance(error, NotSent)
        assert error.token_dead

    def test_one_that_is_refused_is_renewed_before_the_next_post(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        server.says(f"POST {V}/{ACCOUNT}/media_publish", said(190, 467), {"id": MEDIA})
        server.says("GET /refresh_access_token", SIXTY_DAYS)
        instagram, kept = channel(Instagram, server, clock, logged_in(clock, server, 58)), Kept()
        sent = item(images=(image(),))
        instagram.prepare(sent, kept.open())
        assert error_of(lambda: instagram.publish(sent, kept.open(), idempotency_key="k")).token_dead  # type: ignore[attr-defined]

        instagram.prepare(sent, kept.open())

        assert instagram.publish(sent, kept.open(), idempotency_key="k").remote_id == MEDIA
        assert server.sent[-1].headers["authorization"] == "Bearer token-of-60-days"

    def test_one_that_is_new_and_refused_cannot_be_renewed(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        server.says(f"POST {V}/{ACCOUNT}/media", said(190, 467))
        instagram, sent = channel(Instagram, server, clock, logged_in(clock, server, 59.5)), item(images=(image(),))
        for _ in range(2):
            error = error_of(lambda: instagram.prepare(sent, Kept().open()))
            assert isinstance(error, NotSent)
            assert error.token_dead
        assert server.calls == [f"POST {V}/{ACCOUNT}/media"]

    def test_that_of_a_page_is_not_renewed(self, server: Scripted, clock: VirtualClock, image: MakeImage) -> None:
        tokens = Tokens(Grant(TOKEN, account=ACCOUNT, server=server.server.url).stored())
        instagram = channel(Instagram, server, clock, tokens, login="facebook")
        instagram.prepare(item(images=(image(),)), Kept().open())
        assert server.calls[0] == f"POST {V}/{ACCOUNT}/media"
        assert instagram.renew is None

    def test_nobody_is_logged_in(self, server: Scripted, clock: VirtualClock, image: MakeImage) -> None:
        error = error_of(
            lambda: channel(Instagram, server, clock, Tokens()).prepare(item(images=(image(),)), Kept().open())
        )
        assert isinstance(error, NotSent)
        assert error.token_dead


class TestChecking:
    def start(self, server: Scripted, **answers: Any) -> None:
        server.says(f"GET {V}/{ACCOUNT}", {"username": "asa", "id": ACCOUNT})
        server.says(INSIGHTS, answers.get("insights", {"data": []}))

    def test_a_channel_in_order(self, server: Scripted, clock: VirtualClock) -> None:
        self.start(server)
        account = channel(Instagram, server, clock, logged_in(clock, server)).check()
        assert (account.id, account.name, account.limits) == (ACCOUNT, "@asa on Instagram", Instagram.limits)
        assert account.token_expires_at == clock.now() + timedelta(days=59.5)
        assert account.warnings == ()
        assert server.calls == [f"GET {V}/{ACCOUNT}", LIMIT, INSIGHTS]
        assert server.one(INSIGHTS).query == [("metric", "reach"), ("period", "day")]

    def test_what_the_token_may_not_do_is_told(self, server: Scripted, clock: VirtualClock) -> None:
        self.start(server, insights=said(10))
        server.says(LIMIT, said(200))
        account = channel(Instagram, server, clock, logged_in(clock, server)).check()
        assert account.warnings == (
            "the token does not allow to publish",
            "the token does not allow to read insights",
        )

    def test_a_token_of_the_config_is_nobodys_to_renew(self, server: Scripted, clock: VirtualClock) -> None:
        self.start(server)
        account = channel(Instagram, server, clock).check()
        assert account.token_expires_at is None
        assert account.warnings == (
            "nobody renews a token that stands in the config: it ends 60 days after it was given",
        )
        assert channel(Instagram, server, clock, login="facebook").check().warnings == ()

    def test_a_version_near_its_end_is_told(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"GET /v20.0/{ACCOUNT}", {"username": "asa"})
        server.says(f"GET /v20.0/{ACCOUNT}/content_publishing_limit", {"data": []})
        server.says(f"GET /v20.0/{ACCOUNT}/insights", {"data": []})
        clock.advance(timedelta(days=150))  # to the end of July 2026
        account = channel(Instagram, server, clock, logged_in(clock, server), version="v20.0").check()
        assert len(account.warnings) == 1
        assert "version v20.0 of Meta's API ends on" in account.warnings[0]

    def test_a_token_that_has_ended_is_told(self, server: Scripted, clock: VirtualClock) -> None:
        self.start(server)
        server.says(f"GET {V}/{ACCOUNT}", said(190, 463))
        error = error_of(channel(Instagram, server, clock).check)
        assert isinstance(error, NotSent)
        assert (error.token_dead, "the token has ended" in str(error)) == (True, True)


class TestWhoseTokenItIs:
    """A token of the config may come without its account."""

    def account(self, server: Scripted, clock: VirtualClock, **settings: Any) -> str:
        server.says(LIMIT, {"data": []})
        instagram = channel(Instagram, server, clock, account="", **settings)
        assert instagram.account() == instagram.account()
        return instagram.account()

    def test_of_instagrams_login_it_is_the_user_id(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"GET {V}/me", {"user_id": ACCOUNT, "id": "app-scoped"})
        assert self.account(server, clock) == ACCOUNT
        assert server.calls == [f"GET {V}/me"]
        assert server.sent[0].query == [("fields", "user_id")]
        assert server.sent[0].headers["authorization"] == BEARER

    @pytest.mark.parametrize(("page", "path"), [("", "me"), ("12", "12")])
    def test_of_facebooks_it_is_that_of_the_page(
        self, server: Scripted, clock: VirtualClock, page: str, path: str
    ) -> None:
        server.says(f"GET {V}/{path}", {"instagram_business_account": {"id": ACCOUNT}, "id": "12"})
        assert self.account(server, clock, login="facebook", page=page) == ACCOUNT
        assert server.calls == [f"GET {V}/{path}"]

    @pytest.mark.parametrize("login", ["facebook", "instagram"])
    def test_one_without_is_refused(self, server: Scripted, clock: VirtualClock, login: str) -> None:
        server.says(f"GET {V}/me", {"id": "12"})
        error = error_of(lambda: self.account(server, clock, login=login))
        assert "no professional account on Instagram belongs to this token" in str(error)


def test_by_facebooks_login_each_call_proves_that_it_is_the_apps(server: Scripted, clock: VirtualClock) -> None:
    server.says(f"GET {V}/{MEDIA}", {"id": MEDIA})
    channel(Instagram, server, clock, login="facebook", **APP).confirm(MEDIA)
    channel(Instagram, server, clock, **APP).confirm(MEDIA)
    proof = hmac.new(b"canary-app-secret", TOKEN.encode(), hashlib.sha256).hexdigest()
    assert dict(server.sent[0].query)["appsecret_proof"] == proof
    assert "appsecret_proof" not in dict(server.sent[1].query)


def test_numbers_of_accounts_and_apps_need_no_quotation_marks() -> None:
    settings = InstagramSettings.model_validate({"account": 178, "client_id": 99, "page": 12})
    assert (settings.account, settings.client_id, settings.page) == ("178", "99", "12")


def test_each_login_has_its_host() -> None:
    assert InstagramSettings().server == "https://graph.instagram.com"
    assert InstagramSettings(login="facebook").server == "https://graph.facebook.com"
    assert InstagramSettings(base_url="https://proxy.example.org/").server == "https://proxy.example.org"


def test_the_secret_of_the_app_is_no_credential_of_the_account() -> None:
    assert not InstagramSettings(client_secret=Secret("s")).brings_credentials()
    assert InstagramSettings(token=Secret("t")).brings_credentials()


@pytest.mark.parametrize("name", ["base_url", "consent_url", "code_url"])
def test_no_token_travels_unencrypted(name: str) -> None:
    with pytest.raises(ValidationError):
        InstagramSettings(**{name: "http://example.org"})


def test_no_text_shows_a_token(server: Scripted, clock: VirtualClock, image: MakeImage) -> None:
    server.says(f"GET {V}/{CONTAINER}", Said({"error": {"code": 1, "message": f"bad {TOKEN}"}}, 400))
    error = error_of(lambda: channel(Instagram, server, clock).prepare(item(images=(image(),)), Kept().open()))
    assert TOKEN not in str(error)
