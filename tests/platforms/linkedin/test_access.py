"""Logging in, renewing, and what LinkedIn says of a token."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from campaign.errors import NotSent, Rejected
from campaign.platforms.grants import Grant, grant_in
from campaign.rehearsal.clock import VirtualClock
from tests.conftest import MONDAY
from tests.platforms.linkedin.page import PAGE, SECRET, TOKEN, Person, adapter, app, granted, item, send
from tests.platforms.linkedin.test_live import acl
from tests.platforms.mastodon.scripted import Said, Scripted, Tokens, error_of
from tests.platforms.rows.linkedin import one

ENDPOINT = "POST /oauth/v2/accessToken"
INSPECT = "POST /oauth/v2/introspectToken"
SCOPES = (
    "w_organization_social r_organization_social rw_organization_admin "
    "w_organization_social_feed r_organization_social_feed"
)
GRANTED = {
    "access_token": "canary-first",
    "expires_in": 5184000,
    "refresh_token": "canary-again",
    "refresh_token_expires_in": 31536000,
    "scope": SCOPES.replace(" ", ","),
}


def stored(server: Scripted, tokens: Tokens) -> Grant | None:
    return grant_in(tokens.values, server.server.url)


class TestLogin:
    def test_is_agreed_to_in_the_browser(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(ENDPOINT, GRANTED)
        person = Person()

        tokens = adapter(server, clock, Tokens(), **app()).login(person)

        [opened] = person.opened
        asked = {name: values[0] for name, values in parse_qs(urlsplit(opened).query).items()}
        assert opened.startswith(f"{server.server.url}/oauth/v2/authorization?")
        assert len(asked.pop("state")) >= 24
        assert asked == {
            "response_type": "code",
            "client_id": "our-app",
            "redirect_uri": "http://localhost:8400/",
            "scope": SCOPES,
        }
        assert server.one(ENDPOINT).form == {
            "grant_type": "authorization_code",
            "code": "AQT-code",
            "redirect_uri": "http://localhost:8400/",
            "client_id": "our-app",
            "client_secret": SECRET,
        }
        assert grant_in(tokens, server.server.url) == Grant(
            "canary-first",
            "canary-again",
            expires_at=clock.now() + timedelta(days=60),
            refresh_expires_at=clock.now() + timedelta(days=365),
            account=PAGE,
            server=server.server.url,
        )

    def test_of_an_app_that_was_not_approved_ends_with_its_token(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(ENDPOINT, {"access_token": "canary-first", "expires_in": 5184000, "scope": SCOPES})
        grant = grant_in(adapter(server, clock, Tokens(), **app()).login(Person()), server.server.url)
        assert grant is not None
        assert (grant.refresh, grant.ends_at) == ("", clock.now() + timedelta(days=60))

    def test_needs_the_app(self, server: Scripted, clock: VirtualClock) -> None:
        person = Person()
        error = error_of(lambda: adapter(server, clock, Tokens()).login(person))
        assert isinstance(error, Rejected)
        assert "client_id and client_secret" in str(error)
        assert person.opened == []

    @pytest.mark.parametrize(
        ("answer", "told"),
        [
            ({"error": "invalid_request", "error_description": "code expired"}, "invalid_request: code expired"),
            (b"<h1>No</h1>", "No"),
            ({"message": "no"}, '{"message": "no"}'),
        ],
    )
    def test_tells_why_linkedin_gave_nothing(
        self, server: Scripted, clock: VirtualClock, answer: object, told: str
    ) -> None:
        server.says(ENDPOINT, answer, status=400)
        error = error_of(lambda: adapter(server, clock, Tokens(), **app()).login(Person()))
        assert isinstance(error, Rejected)
        assert told in str(error)

    def test_may_work_later_where_linkedin_breaks_down(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(ENDPOINT, b"", status=503)
        error = error_of(lambda: adapter(server, clock, Tokens(), **app()).login(Person()))
        assert type(error) is NotSent

    def test_that_nobody_agreed_to_asks_for_no_token(self, server: Scripted, clock: VirtualClock) -> None:
        person = Person("error=user_cancelled_authorize&state={state}")
        error = error_of(lambda: adapter(server, clock, Tokens(), **app()).login(person))
        assert isinstance(error, Rejected)
        assert server.calls == []


class TestRenewing:
    def test_comes_before_the_visible_call(self, server: Scripted, clock: VirtualClock) -> None:
        tokens = granted(server, expires_at=MONDAY + timedelta(minutes=4))
        server.says(ENDPOINT, {**GRANTED, "refresh_token_expires_in": 86400})

        send(adapter(server, clock, tokens, **app()), item())

        assert server.calls == [ENDPOINT, "POST /posts"]
        assert server.one(ENDPOINT).form == {
            "grant_type": "refresh_token",
            "refresh_token": "canary-refresh",
            "client_id": "our-app",
            "client_secret": SECRET,
        }
        assert server.one("POST /posts").headers["authorization"] == "Bearer canary-first"
        grant = stored(server, tokens)
        assert grant is not None
        assert (grant.token, grant.refresh) == ("canary-first", "canary-again")
        assert grant.refresh_expires_at == clock.now() + timedelta(days=1)

    def test_never_extends_the_year(self, server: Scripted, clock: VirtualClock) -> None:
        ends = MONDAY + timedelta(days=40)
        tokens = granted(server, expires_at=MONDAY, refresh_expires_at=ends)
        server.says(
            ENDPOINT, {"access_token": "canary-next", "expires_in": 3456000, "refresh_token_expires_in": 31536000}
        )
        send(adapter(server, clock, tokens, **app()), item())
        grant = stored(server, tokens)
        assert grant is not None
        assert (grant.refresh, grant.refresh_expires_at, grant.ends_at) == ("canary-refresh", ends, ends)

    def test_follows_a_refusal_of_the_token(self, server: Scripted, clock: VirtualClock) -> None:
        linkedin = adapter(server, clock, granted(server), **app())
        server.says(
            "POST /posts",
            Said(one("EXPIRED_ACCESS_TOKEN", 401), 401),
            Said(b"", 201, {"x_restli_id": "urn:li:share:1"}),
        )
        server.says(ENDPOINT, GRANTED)

        error = error_of(lambda: send(linkedin, item()))
        assert isinstance(error, NotSent)
        assert error.token_dead
        send(linkedin, item())

        assert server.calls == ["POST /posts", ENDPOINT, "POST /posts"]

    @pytest.mark.parametrize("status", [400, 401])
    def test_that_is_refused_is_for_a_person(self, server: Scripted, clock: VirtualClock, status: int) -> None:
        server.says(ENDPOINT, {"error": "invalid_grant"}, status=status)
        error = error_of(lambda: send(adapter(server, clock, granted(server, expires_at=MONDAY), **app()), item()))
        assert isinstance(error, NotSent)
        assert error.token_dead
        assert "POST /posts" not in server.calls

    def test_that_fails_otherwise_may_work_later(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(ENDPOINT, b"", status=503)
        error = error_of(lambda: send(adapter(server, clock, granted(server, expires_at=MONDAY), **app()), item()))
        assert isinstance(error, NotSent)
        assert not error.token_dead

    def test_is_not_tried_where_there_is_nothing_to_renew_with(self, server: Scripted, clock: VirtualClock) -> None:
        tokens = granted(server, expires_at=MONDAY, refresh="", refresh_expires_at=None)
        error = error_of(lambda: send(adapter(server, clock, tokens, **app()), item()))
        assert isinstance(error, NotSent)
        assert error.token_dead
        assert "logs in again" in str(error)
        assert server.calls == []

    def test_is_not_tried_without_the_app(self, server: Scripted, clock: VirtualClock) -> None:
        send(adapter(server, clock, granted(server, expires_at=MONDAY)), item())
        assert server.one("POST /posts").headers["authorization"] == f"Bearer {TOKEN}"


class TestInspection:
    @pytest.fixture
    def page(self, server: Scripted) -> Scripted:
        server.says("GET /organizations/5515715", {"localizedName": "ASA"})
        server.says("GET /organizationAcls", {"elements": [acl()]})
        return server

    def test_tells_what_a_token_lacks(self, page: Scripted, clock: VirtualClock) -> None:
        scopes = "w_organization_social,r_organization_social, rw_organization_admin"
        page.says(INSPECT, {"active": True, "status": "active", "scope": scopes, "expires_at": 1777888999})

        account = adapter(page, clock, granted(page), **app()).check()

        assert page.one(INSPECT).form == {"token": TOKEN, "client_id": "our-app", "client_secret": SECRET}
        assert account.warnings == (
            "the token lacks w_organization_social_feed: it cannot comment",
            "the token lacks r_organization_social_feed: what became of a comment without an answer stays unknown, "
            "and a person is asked",
        )
        assert account.token_expires_at == MONDAY + timedelta(days=365)

    def test_tells_when_a_token_of_the_config_ends(self, page: Scripted, clock: VirtualClock) -> None:
        page.says(INSPECT, {"active": True, "scope": SCOPES, "expires_at": 1777888999})
        account = adapter(page, clock, **app()).check()
        assert account.token_expires_at == datetime.fromtimestamp(1777888999, UTC)
        page.says(INSPECT, {"active": True, "scope": SCOPES})
        assert adapter(page, clock, **app()).check().token_expires_at is None

    def test_tells_that_a_token_has_ended(self, page: Scripted, clock: VirtualClock) -> None:
        page.says(INSPECT, {"active": False, "status": "revoked"})
        error = error_of(adapter(page, clock, granted(page), **app()).check)
        assert isinstance(error, NotSent)
        assert error.token_dead
        assert "revoked" in str(error)
