"""Signing in and renewing, judged by what the server was asked and what was stored before it was used."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from requests import PreparedRequest
from requests.adapters import HTTPAdapter

from campaign.config import Secret
from campaign.errors import ChannelBlocked, NotSent, PlatformError, RateLimited
from campaign.log import hide
from campaign.platforms.base import Account
from campaign.platforms.bluesky.session import Session, end_of, host_of
from campaign.platforms.bluesky.settings import BlueskySettings
from campaign.rehearsal.clock import VirtualClock
from tests import wire
from tests.platforms.bluesky_server import (
    DID,
    HANDLE,
    OVER,
    PASSWORD,
    Rig,
    Tokens,
    answer,
    item,
    names,
    put,
    refused,
    session,
    signed_in,
    token,
)
from tests.wire import Act, Server

SETTINGS = {"app_password": Secret(PASSWORD), "appview_url": "https://public.api.bsky.app"}
PDS = "https://morel.us-east.host.bsky.network"
ME = answer(200, {"did": DID, "handle": HANDLE, "active": True})
DOCUMENT = {"service": [{"id": "#other", "serviceEndpoint": "https://labels.example"}]}
HOSTED = {"service": [*DOCUMENT["service"], {"id": "#atproto_pds", "serviceEndpoint": f"{PDS}/"}]}

Start = Callable[..., Rig]


@pytest.fixture
def start(clock: VirtualClock) -> Iterator[Start]:
    """Start a server and a channel's adapter; `stored` are the tokens that lie there already."""
    servers: list[Server] = []

    def build(*acts: Act, stored: Callable[[Server], dict[str, str]] | None = None, **settings: Any) -> Rig:
        servers.append(Server(list(acts)))
        kept = Tokens(**stored(servers[-1])) if stored else Tokens()
        return Rig(servers[-1], clock, settings, kept)

    yield build
    for server in servers:
        server.close()


def ended(clock: VirtualClock, **other: str) -> Callable[[Server], dict[str, str]]:
    """Return a login whose access token has ended, for all practical purposes."""
    access = token(clock, timedelta(minutes=5))
    return lambda server: session(clock, server, **{"access": access, "refresh": "the-refresh-token", **other})


def test_it_signs_in_once_and_keeps_the_session(start: Start, clock: VirtualClock) -> None:
    access = token(clock)
    rig = start(signed_in(access, didDoc=HOSTED), ME, **SETTINGS)

    rig.bluesky.check()
    rig.bluesky.check()

    asked, *after = rig.calls
    assert (asked.method, asked.path) == ("POST", "/xrpc/com.atproto.server.createSession")
    assert asked.json == {"identifier": HANDLE, "password": PASSWORD}
    assert "authorization" not in asked.headers
    assert [(call.method, call.name, call.bearer) for call in after] == [
        ("GET", "com.atproto.server.getSession", access)
    ] * 2
    assert rig.tokens.saved == [
        {
            "identifier": HANDLE,
            "server": rig.server.url,  # a server of one's own stays in the path, whatever the document says
            "did": DID,
            "handle": HANDLE,
            "host": rig.server.url,
            "access": access,
            "refresh": "the-next-refresh-token",
        }
    ]


def test_a_session_that_ends_soon_is_renewed_and_stored_before_it_is_used(start: Start, clock: VirtualClock) -> None:
    access = token(clock)
    rig = start(signed_in(access), put(), stored=ended(clock, password=PASSWORD))

    rig.prepare(item())
    assert rig.tokens.stored == session(
        clock, rig.server, access=access, refresh="the-next-refresh-token", password=PASSWORD
    )
    rig.publish(item())

    renewal, visible = rig.calls
    assert (renewal.method, renewal.path) == ("POST", "/xrpc/com.atproto.server.refreshSession")
    assert renewal.bearer == "the-refresh-token"
    assert renewal.body == b""
    assert "content-type" not in renewal.headers
    assert (visible.name, visible.bearer) == ("com.atproto.repo.putRecord", access)


def test_a_session_that_lasts_is_used_as_it_is(start: Start, clock: VirtualClock) -> None:
    lasting = token(clock, timedelta(minutes=5, seconds=1))
    rig = start(put(), stored=lambda server: session(clock, server, access=lasting))

    rig.prepare(item())
    rig.publish(item())

    assert [call.bearer for call in rig.calls] == [lasting]
    assert rig.tokens.saved == []


def test_whoever_waited_for_another_s_renewal_takes_what_that_one_got(start: Start, clock: VirtualClock) -> None:
    rig = start(put(), stored=ended(clock))
    theirs = session(clock, rig.server)
    rig.tokens.renewing = lambda: Renewed(rig.tokens, theirs)  # type: ignore[method-assign]

    rig.prepare(item())
    rig.publish(item())

    assert [call.bearer for call in rig.calls] == [theirs["access"]]
    assert rig.tokens.saved == []


class Renewed:
    """Somebody else has renewed the tokens by the time they are given."""

    def __init__(self, tokens: Tokens, theirs: dict[str, str]) -> None:
        self.tokens, self.theirs = tokens, theirs

    def __enter__(self) -> dict[str, str]:
        self.tokens.stored = self.theirs
        return self.theirs

    def __exit__(self, *error: object) -> None:
        return None


@pytest.mark.parametrize(
    "refusal",
    [
        answer(400, OVER),
        refused(400, "ExpiredToken", "Token has been revoked"),
        refused(400, "InvalidToken", "Token could not be verified"),
        refused(400, "InvalidRequest", f"Could not find user info for account: {DID}"),
    ],
)
def test_a_session_that_cannot_be_renewed_is_begun_anew_with_the_password(
    start: Start, clock: VirtualClock, refusal: Act
) -> None:
    access = token(clock)
    rig = start(refusal, signed_in(access), put(), stored=ended(clock), **SETTINGS)

    rig.prepare(item())
    rig.publish(item())

    assert names(rig.calls) == [
        "com.atproto.server.refreshSession",
        "com.atproto.server.createSession",
        "com.atproto.repo.putRecord",
    ]
    assert rig.calls[-1].bearer == access


def test_the_password_of_a_login_is_used_when_the_config_has_none(start: Start, clock: VirtualClock) -> None:
    rig = start(answer(400, OVER), signed_in(token(clock)), ME, stored=ended(clock, password="typed-once"))

    rig.bluesky.check()

    assert rig.calls[1].json == {"identifier": HANDLE, "password": "typed-once"}
    assert rig.tokens.stored["password"] == "typed-once"


def test_a_renewal_whose_answer_was_lost_is_made_again_with_the_same_token(start: Start, clock: VirtualClock) -> None:
    rig = start(wire.close_read, signed_in(token(clock)), stored=ended(clock), **SETTINGS)

    with pytest.raises(NotSent) as lost:
        rig.prepare(item())
    assert not lost.value.token_dead
    rig.prepare(item())

    assert [call.bearer for call in rig.calls] == ["the-refresh-token"] * 2


def test_two_preparations_in_a_row_renew_once(start: Start, clock: VirtualClock) -> None:
    rig = start(signed_in(token(clock)), stored=ended(clock))
    rig.prepare(item())
    rig.prepare(item())
    assert names(rig.calls) == ["com.atproto.server.refreshSession"]


@pytest.mark.parametrize(
    ("other", "settings"),
    [
        ({"identifier": "someone.else.example"}, {}),
        ({"server": "https://another.example"}, {}),
        ({"access": ""}, {}),
        ({}, {"identifier": "did:plc:other"}),
    ],
)
def test_tokens_of_another_account_or_server_are_left_alone(
    start: Start, clock: VirtualClock, other: dict[str, str], settings: dict[str, str]
) -> None:
    rig = start(
        signed_in(token(clock)), ME, stored=lambda server: session(clock, server, **other), **SETTINGS | settings
    )
    rig.bluesky.check()
    assert names(rig.calls) == ["com.atproto.server.createSession", "com.atproto.server.getSession"]


def test_without_an_identifier_in_the_config_the_account_is_the_one_that_was_logged_in(
    start: Start, clock: VirtualClock
) -> None:
    rig = start(answer(400, OVER), signed_in(token(clock)), ME, stored=ended(clock, password=PASSWORD), identifier="")
    rig.bluesky.check()
    assert rig.calls[1].json["identifier"] == HANDLE


@pytest.mark.parametrize(
    ("settings", "kept"),
    [({}, {}), ({"identifier": "", **SETTINGS}, {}), ({}, {"identifier": HANDLE, "password": PASSWORD, "server": "x"})],
)
def test_without_credentials_it_tells_to_log_in(start: Start, settings: dict[str, Any], kept: dict[str, str]) -> None:
    rig = start(ME, stored=lambda server: kept, **settings)
    with pytest.raises(NotSent, match="nobody is logged in") as told:
        rig.prepare(item())
    assert told.value.token_dead
    assert rig.calls == []


@pytest.mark.parametrize(
    ("refusal", "kind", "said", "dead"),
    [
        (
            refused(401, "AuthenticationRequired", "Invalid identifier or password"),
            NotSent,
            "handle and app pass",
            True,
        ),
        (
            refused(401, "AuthFactorTokenRequired", "A sign in code has been sent"),
            NotSent,
            "Make an app password",
            True,
        ),
        (refused(400, "InvalidRequest", "Error: identifier must be a string"), NotSent, "must be a string", True),
        (
            refused(401, "AccountTakedown", "Account has been taken down"),
            ChannelBlocked,
            "the account is closed",
            False,
        ),
        (refused(404, "XRPCNotSupported", "XRPCNotSupported"), NotSent, "base_url must lead to", False),
        (refused(501, "MethodNotImplemented", "Method Not Implemented"), NotSent, "base_url must lead to", False),
        (answer(501, b"<h1>Not here</h1>"), NotSent, "base_url must lead to", False),
        (answer(502, b"<h1>Bad gateway</h1>"), NotSent, "status 502: Bad gateway", False),
        (refused(503, "ExpiredToken", "from behind"), NotSent, "status 503", False),
        (answer(200, {"accessJwt": "a", "handle": HANDLE}), NotSent, "the answer lacks did", False),
    ],
)
def test_a_sign_in_that_fails_stops_the_attempt_never_the_post(
    start: Start, refusal: Act, kind: type[PlatformError], said: str, dead: bool
) -> None:
    rig = start(refusal, **SETTINGS)
    with pytest.raises(kind, match=said) as told:
        rig.prepare(item())
    assert getattr(told.value, "token_dead", False) is dead
    assert rig.tokens.saved == []


def test_too_many_sign_ins_make_the_channel_wait_as_long_as_the_server_says(start: Start, clock: VirtualClock) -> None:
    moment = str(int((clock.now() + timedelta(minutes=4)).timestamp()))
    rig = start(refused(429, "RateLimitExceeded", "Rate Limit Exceeded", RateLimit_Reset=moment), **SETTINGS)
    with pytest.raises(RateLimited) as told:
        rig.bluesky.check()
    assert told.value.retry_after == timedelta(minutes=4)


def test_a_call_that_nobody_sees_is_repeated_once_with_a_new_session(start: Start, clock: VirtualClock) -> None:
    stale, access = token(clock, timedelta(hours=1)), token(clock)
    rig = start(answer(400, OVER), signed_in(access), ME, stored=lambda server: session(clock, server, access=stale))
    assert rig.bluesky.check().id == DID
    assert [call.bearer for call in rig.calls if call.method == "GET"] == [stale, access]


def test_a_call_that_is_refused_again_is_not_repeated_without_end(start: Start, clock: VirtualClock) -> None:
    rig = start(
        answer(400, OVER), signed_in(token(clock)), answer(400, OVER), stored=lambda server: session(clock, server)
    )
    with pytest.raises(NotSent, match="does not take our session") as told:
        rig.bluesky.check()
    assert told.value.token_dead
    assert len(rig.calls) == 3


# --- who we are


def test_a_check_tells_the_account_its_limits_and_that_nobody_counts(start: Start, clock: VirtualClock) -> None:
    rig = start(ME, stored=lambda server: session(clock, server), image_bytes=2_000_000)
    account = rig.bluesky.check()
    assert (account.id, account.name, account.limits.image_bytes) == (DID, HANDLE, 2_000_000)
    assert account.warnings == (
        "the counts of its posts stay unknown: nobody is set to count: "
        "set appview_url of the channel, such as https://public.api.bsky.app",
    )


def test_a_check_with_someone_to_count_warns_of_nothing(start: Start, clock: VirtualClock) -> None:
    rig = start(ME, stored=lambda server: session(clock, server), **SETTINGS)
    assert rig.bluesky.check() == Account(id=DID, name=HANDLE, limits=rig.bluesky.limits)


@pytest.mark.parametrize(("status", "told"), [({"status": "deactivated"}, "deactivated"), ({}, "no reason given")])
def test_a_check_of_a_closed_account_asks_for_a_person(
    start: Start, clock: VirtualClock, status: dict[str, str], told: str
) -> None:
    closed = answer(200, {"did": DID, "handle": HANDLE, "active": False, **status})
    rig = start(closed, stored=lambda server: session(clock, server))
    with pytest.raises(ChannelBlocked, match=told):
        rig.bluesky.check()


# --- logging in


class Keyboard:
    """Somebody who types these answers."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, bool]] = []
        self.told: list[str] = []

    def ask(self, question: str, *, hidden: bool = False) -> str:
        self.asked.append((question, hidden))
        if hidden:
            hide(self.answers[:1], passing=True)
        return self.answers.pop(0)

    def tell(self, text: str) -> None:
        self.told.append(text)


def test_a_login_asks_for_handle_and_app_password_and_gives_back_all_that_is_needed_later(
    start: Start, clock: VirtualClock
) -> None:
    access = token(clock)
    rig = start(signed_in(access), ME, identifier="")
    keyboard = Keyboard(f"\u202a@{HANDLE.title()}\u202c ", PASSWORD)

    stored = rig.bluesky.login(keyboard)

    assert [hidden for _, hidden in keyboard.asked] == [False, True]
    assert "https://bsky.app/settings/app-passwords" in keyboard.told[0]
    assert rig.calls[0].json == {"identifier": HANDLE, "password": PASSWORD}
    assert stored == session(clock, rig.server, access=access, refresh="the-next-refresh-token", password=PASSWORD)
    rig.tokens.stored = dict(stored)
    assert rig.bluesky.check().id == DID
    assert rig.calls[1].bearer == access


def test_a_login_asks_for_nothing_that_the_config_tells(start: Start, clock: VirtualClock) -> None:
    rig = start(signed_in(token(clock)), **SETTINGS)
    keyboard = Keyboard()
    assert "password" not in rig.bluesky.login(keyboard)
    assert keyboard.told == []
    assert rig.calls[0].json == {"identifier": HANDLE, "password": PASSWORD}


def test_a_wrong_password_is_told_and_shown_nowhere(start: Start) -> None:
    rig = start(refused(401, "AuthenticationRequired", f"Not {PASSWORD}"), identifier="")
    with pytest.raises(NotSent, match=r"Not \*\*\*") as told:
        rig.bluesky.login(Keyboard(HANDLE, PASSWORD))
    assert PASSWORD not in str(told.value)


# --- no secret in any message


@pytest.mark.parametrize("visible", [True, False])
def test_tokens_that_a_server_repeats_appear_in_no_message(start: Start, clock: VirtualClock, visible: bool) -> None:
    access, refresh = token(clock), "a-refresh-token/with+signs"
    echo = refused(500, "InternalServerError", f"Bearer {access} {refresh}")
    rig = start(echo, stored=lambda server: session(clock, server, access=access, refresh=refresh))
    rig.prepare(item())
    with pytest.raises(PlatformError, match=r"Bearer \*\*\* \*\*\*") as told:
        rig.publish(item()) if visible else rig.bluesky.check()
    assert access not in str(told.value)


def test_what_was_renewed_in_vain_appears_in_no_message(start: Start, clock: VirtualClock) -> None:
    echo = json.dumps({"error": "AuthenticationRequired", "message": f"the-refresh-token {PASSWORD}"}).encode()
    rig = start(answer(400, OVER), answer(401, echo), stored=ended(clock), **SETTINGS)
    hide([PASSWORD])  # as that of any config is
    with pytest.raises(NotSent, match=r": \*\*\* \*\*\* \(Auth"):
        rig.prepare(item())


def test_a_session_shows_no_token_where_it_is_printed() -> None:
    shown = Session(DID, HANDLE, "https://host", "the-access-token", "the-refresh-token")
    assert "token" not in repr(shown)


# --- the entry of Bluesky


class ToServer(HTTPAdapter):
    """The way to the real hosts, which ends at the scripted server."""

    def __init__(self, server: Server, hosts: list[str]) -> None:
        super().__init__()
        self.server, self.hosts = server, hosts

    def send(self, request: PreparedRequest, **options: Any) -> Any:  # type: ignore[override]
        self.hosts.append(str(request.url).partition("/xrpc/")[0])
        request.url = str(request.url).replace(self.hosts[-1], self.server.url)
        return super().send(request, **options)


def at_the_entry(start: Start, *acts: Act, **options: Any) -> tuple[Rig, list[str]]:
    rig = start(*acts, base_url="https://bsky.social", **SETTINGS, **options)
    hosts: list[str] = []
    rig.bluesky.http.transport = lambda wire: ToServer(rig.server, hosts)
    return rig, hosts


def test_an_account_of_bluesky_signs_in_at_the_entry_and_is_served_by_its_own_server(
    start: Start, clock: VirtualClock
) -> None:
    rig, hosts = at_the_entry(start, signed_in(token(clock), didDoc=HOSTED), ME, put())

    rig.bluesky.check()
    rig.prepare(item())
    rig.publish(item())

    assert hosts == ["https://bsky.social", PDS, PDS]
    assert rig.tokens.stored["host"] == PDS


@pytest.mark.parametrize("document", [{}, {"didDoc": DOCUMENT}, {"didDoc": HOSTED}])
def test_a_renewal_goes_to_the_own_server_and_need_not_name_it_again(
    start: Start, clock: VirtualClock, document: dict[str, Any]
) -> None:
    old = ended(clock, host=PDS, server="https://bsky.social")
    rig, hosts = at_the_entry(start, signed_in(token(clock), **document), put(), stored=old)

    rig.prepare(item())
    rig.publish(item())

    assert hosts == [PDS, PDS]
    assert rig.tokens.stored["host"] == PDS


@pytest.mark.parametrize(
    "services",
    [None, "x", [], ["x"], [{"id": "#atproto_pds"}], [{"id": "#atproto_pds", "serviceEndpoint": "http://pds.example"}]],
)
def test_tokens_go_to_no_server_that_is_not_named_or_not_encrypted(services: Any) -> None:
    with pytest.raises(NotSent, match="Set base_url to the account's server"):
        host_of("https://bsky.social", services)
    assert host_of("https://bsky.social", services, PDS) == PDS
    assert host_of("https://pds.example", services) == "https://pds.example"


# --- tokens and settings


NO_CLAIMS = ("", "x", "e30", "eyJleHAiOiJ4In0", "eyJleHAiOjFlOTl9", "W10", "MQ")  # {}, {"exp":"x"}, {"exp":1e99}, [], 1


@pytest.mark.parametrize("odd", ["an-opaque-token", *(f"the-head.{claims}.the-sign" for claims in NO_CLAIMS)])
def test_a_token_that_does_not_tell_its_end_is_good_until_the_server_refuses_it(
    start: Start, clock: VirtualClock, odd: str
) -> None:
    assert end_of(odd) is None
    rig = start(ME, stored=lambda server: session(clock, server, access=odd))
    rig.bluesky.check()
    assert names(rig.calls) == ["com.atproto.server.getSession"]


def test_the_end_of_a_token_is_read_from_it(clock: VirtualClock) -> None:
    assert end_of(token(clock, timedelta(hours=2))) == datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def test_an_account_of_bluesky_needs_no_address_and_a_handle_is_taken_as_people_write_it() -> None:
    settings = BlueskySettings.model_validate({"identifier": "@Alliance.Bsky.Social", "app_password": Secret(PASSWORD)})
    assert settings.base_url == "https://bsky.social"
    assert settings.identifier == "alliance.bsky.social"
    assert PASSWORD not in repr(settings)


@pytest.mark.parametrize(
    "wrong",
    [
        {"appview_url": "http://public.api.bsky.app"},
        {"base_url": "http://bsky.social"},
        {"image_bytes": 10},
        {"app_password": "plain"},
        {"appview": "x"},
    ],
)
def test_settings_that_cannot_be_meant_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        BlueskySettings.model_validate(wrong)
