"""What Meta's platforms share, judged by bodies and headers as Meta writes them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from campaign.config.words import Secret
from campaign.errors import ChannelBlocked, NotSent, PlatformError, RateLimited, Rejected
from campaign.log import scrub
from campaign.platforms import graph
from campaign.platforms.graph import Refusal, Usage
from campaign.platforms.http import Answer, Http
from campaign.rehearsal.clock import VirtualClock
from tests.platforms.mastodon.scripted import Scripted, error_of

HOUR = timedelta(hours=1)
EXPIRED = {  # https://developers.facebook.com/docs/graph-api/guides/error-handling
    "message": "Error validating access token: Session has expired",
    "type": "OAuthException",
    "code": 190,
    "error_subcode": 463,
    "error_user_title": "A title",
    "error_user_msg": "Log in anew.",
    "is_transient": False,
    "fbtrace_id": "EJplcsCHuLu",
}


def answer(error: Any, *, status: int = 400, visible: bool = True, **headers: Any) -> Answer:
    """Return a refusal; each header is given as JSON, with _ for -."""
    body = error if isinstance(error, bytes) else json.dumps({"error": error}).encode()
    return Answer(status, {name.replace("_", "-"): json.dumps(told) for name, told in headers.items()}, body, visible)


def pages(minutes: Any, **parts: Any) -> dict[str, Any]:
    return {"1234": [{"type": "pages", **parts, "estimated_time_to_regain_access": minutes}]}


class TestReading:
    def test_an_error_is_read_whole(self) -> None:
        assert graph.refusal_in(answer(EXPIRED)) == Refusal(
            190, 463, "Error validating access token: Session has expired", "Log in anew.", False, "EJplcsCHuLu"
        )

    @pytest.mark.parametrize(
        ("code", "read"),
        [(190, 190), ("190", 190), ("-2", -2), (-2, -2), ("THREADS_API__X", "THREADS_API__X"), (None, 0), ([], 0)],
    )
    def test_a_code_may_be_a_number_or_a_text(self, code: Any, read: Any) -> None:
        assert graph.refusal_in(answer({"code": code})).code == read

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"[]",
            b"null",
            b"<html><h1>Sorry</h1></html>",
            b'{"error": "Too many requests", "code": 190}',
            b'{"error": null}',
            b"\xff\xfe",
            b"[" * 100_000,
        ],
    )
    def test_what_is_no_error_has_no_code_and_no_meaning(self, body: bytes) -> None:
        refused = answer(body, status=500)

        refusal = graph.refusal_in(refused)

        assert (refusal.code, refusal.subcode, refusal.is_transient) == (0, 0, False)
        assert graph.of_any(refused) is None
        assert graph.of_login(refused) is None

    def test_odd_fields_are_not_said(self) -> None:
        odd = {"code": "1e999", "error_subcode": "many", "message": ["x"], "is_transient": "no", "fbtrace_id": 7}
        assert graph.refusal_in(answer(odd)) == Refusal(code="1e999")

    @pytest.mark.parametrize(
        ("refusal", "said"),
        [
            (Refusal(190, 463, "For developers", "For people", trace="Ab1"), "For people (190/463, Ab1)"),
            (Refusal(2, message="For developers"), "For developers (2)"),
            (Refusal(), "no reason given (without a code)"),
        ],
    )
    def test_it_is_told_in_few_words(self, refusal: Refusal, said: str) -> None:
        assert refusal.said == said


MEANINGS: list[tuple[int | str, int, type[PlatformError], dict[str, Any], str]] = [
    (102, 0, NotSent, {"token_dead": True}, "the session has ended"),
    (190, 0, NotSent, {"token_dead": True}, "the token is not accepted"),
    ("190", 458, NotSent, {"token_dead": True}, "the app was removed"),
    (190, 459, NotSent, {"token_dead": True}, "pass a check"),
    (190, 460, NotSent, {"token_dead": True}, "changed the password"),
    (190, 463, NotSent, {"token_dead": True}, "the token has ended"),
    (190, 464, NotSent, {"token_dead": True}, "not confirmed"),
    (190, 467, NotSent, {"token_dead": True}, "was revoked"),
    (190, 492, NotSent, {"token_dead": True}, "no role on the page"),
    (3, 0, NotSent, {"token_dead": True}, "may not do this"),
    (10, 0, NotSent, {"token_dead": True}, "may not do this"),
    (200, 0, NotSent, {"token_dead": True}, "may not do this"),
    (299, 0, NotSent, {"token_dead": True}, "may not do this"),
    (4, 0, RateLimited, {"retry_after": HOUR}, "asks to wait"),
    (17, 0, RateLimited, {"retry_after": HOUR}, "asks to wait"),
    (32, 0, RateLimited, {"retry_after": HOUR}, "asks to wait"),
    (341, 0, RateLimited, {"retry_after": HOUR}, "asks to wait"),
    (613, 1996, RateLimited, {"retry_after": HOUR}, "asks to wait"),
    (80001, 0, RateLimited, {"retry_after": HOUR}, "asks to wait"),
    (80002, 0, RateLimited, {"retry_after": HOUR}, "asks to wait"),
    (368, 1390008, RateLimited, {"retry_after": 6 * HOUR}, "asks to wait"),
    (368, 0, ChannelBlocked, {}, "barred"),
    (2635, 0, ChannelBlocked, {}, "Set `version`"),
]


class TestMeaning:
    @pytest.mark.parametrize(("code", "subcode", "kind", "told", "words"), MEANINGS, ids=lambda value: str(value)[:40])
    @pytest.mark.parametrize("status", [400, 403, 500])
    def test_a_code_means_the_same_whatever_its_status(
        self, code: Any, subcode: int, kind: type[PlatformError], told: dict[str, Any], words: str, status: int
    ) -> None:
        error = graph.of_any(answer({"code": code, "error_subcode": subcode, "message": "Odd"}, status=status))

        assert type(error) is kind
        assert {name: getattr(error, name) for name in told} == told
        assert words in str(error)
        assert "Odd (" in str(error)

    def test_a_wrong_secret_of_the_app_needs_a_person(self) -> None:
        error = graph.of_any(answer({"code": 100, "message": "Invalid appsecret_proof provided in the API argument"}))

        assert isinstance(error, ChannelBlocked)
        assert "Set client_id and client_secret" in str(error)

    @pytest.mark.parametrize("code", [0, 1, 2, 100, 300, 199, 506, 324, 2500, 79999, 80100, "THREADS_API__X"])
    def test_what_is_not_listed_is_left_open(self, code: int | str) -> None:
        assert graph.of_any(answer({"code": code})) is None

    @pytest.mark.parametrize("code", [190, 200, 368, 2635])
    def test_what_is_transient_is_left_open_whatever_its_code(self, code: int) -> None:
        assert graph.of_any(answer({"code": code, "is_transient": True})) is None

    def test_a_reached_limit_is_one_though_it_is_transient(self) -> None:
        assert isinstance(graph.of_any(answer({"code": 4, "is_transient": True})), RateLimited)

    @pytest.mark.parametrize(
        ("minutes", "wait"),
        [(17, timedelta(minutes=17)), (0, HOUR), ("many", HOUR), (10**9, 24 * HOUR), (-5, HOUR), (True, HOUR / 60)],
    )
    def test_the_wait_is_the_minutes_that_the_header_tells(self, minutes: Any, wait: timedelta) -> None:
        error = graph.of_any(answer({"code": 80001}, X_Business_Use_Case_Usage=pages(minutes, call_count=100)))

        assert isinstance(error, RateLimited)
        assert error.retry_after == wait

    def test_one_object_is_missing_or_not_to_be_seen(self) -> None:
        assert Refusal(100, 33).is_missing
        assert not Refusal(100).is_missing
        assert not Refusal(33).is_missing


class TestUsage:
    def test_the_fullest_limit_counts_and_the_longest_wait(self) -> None:
        cases = {
            "1": [{"type": "pages", "call_count": 28, "total_cputime": 15, "estimated_time_to_regain_access": 0}],
            "2": [
                {"type": "instagram", "call_count": 3, "total_time": 91, "estimated_time_to_regain_access": 5},
                {"type": "pages", "estimated_time_to_regain_access": 8},
            ],
        }
        read = answer(
            {},
            X_Business_Use_Case_Usage=cases,
            X_App_Usage={"call_count": 28, "total_time": 25, "total_cputime": 95},
        )

        assert graph.usage_in(read.headers) == Usage(95, timedelta(minutes=8))

    @pytest.mark.parametrize("header", ["", "{", "[]", '{"1": 3}', '{"1": [3]}', '{"1": [{"call_count": null}]}', "7"])
    def test_an_odd_header_tells_nothing(self, header: str) -> None:
        assert graph.usage_in({"X-Business-Use-Case-Usage": header, "X-App-Usage": header}) == Usage()


class TestProof:
    def test_it_is_the_keyed_hash_of_the_token(self) -> None:
        # python -c "import hmac; print(hmac.new(b'app-secret', b'the-token', 'sha256').hexdigest())"
        digest = "e70905f708b24de61dab4acd4b8ea8e5ad2f3bc9ddcce828d777229725813484"
        assert graph.proof_of("the-token", Secret("app-secret")) == {"appsecret_proof": digest}

    def test_without_the_secret_of_the_app_there_is_none(self) -> None:
        assert graph.proof_of("the-token", None) == {}


NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


class TestExchange:
    @pytest.fixture
    def meta(self) -> Iterator[Scripted]:
        started = Scripted()
        yield started
        started.server.close()

    @pytest.fixture
    def http(self, meta: Scripted, clock: VirtualClock) -> Http:
        return Http(meta.server.url, clock, call_deadline=timedelta(seconds=10), scrub=scrub)

    def test_a_token_comes_with_its_end_and_is_never_shown(self, meta: Scripted, http: Http) -> None:
        meta.says("GET /v26.0/oauth/access_token", {"access_token": "canary-long", "expires_in": 5183944})

        grant = graph.exchanged(http, "/v26.0/oauth/access_token", {"grant_type": "x", "client_id": "1"}, now=NOW)

        assert (grant.token, grant.expires_at) == ("canary-long", NOW + timedelta(seconds=5183944))
        assert meta.one("GET /v26.0/oauth/access_token").query == [("grant_type", "x"), ("client_id", "1")]
        assert "canary-long" not in scrub("seen: canary-long")

    def test_where_no_end_is_told_it_has_none(self, meta: Scripted, http: Http) -> None:
        meta.says("GET /token", {"access_token": "canary-long", "token_type": "bearer"})

        assert graph.exchanged(http, "/token", {}, now=NOW).expires_at is None

    @pytest.mark.parametrize(
        ("error", "kind", "words"),
        [
            ({"code": 100, "message": "This authorization code has been used."}, Rejected, "a code is good for one"),
            ({"code": 190, "message": "Error validating application."}, Rejected, "Error validating application"),
            ({"code": 1, "message": "Odd"}, NotSent, "status 400"),
            ({"code": 100, "is_transient": True}, NotSent, "status 400"),
            ({"code": 4, "message": "Odd"}, RateLimited, "asks to wait"),
        ],
    )
    def test_a_refusal_is_told(
        self, meta: Scripted, http: Http, error: Any, kind: type[PlatformError], words: str
    ) -> None:
        meta.says("GET /token", {"error": error}, status=400)

        raised = error_of(lambda: graph.exchanged(http, "/token", {}, now=NOW))

        assert type(raised) is kind
        assert words in str(raised)


class TestVersions:
    @pytest.mark.parametrize(
        ("version", "today", "begins"),
        [
            ("v26.0", date(2026, 11, 23), ""),
            ("v99.0", date(2026, 11, 23), ""),
            ("v22.0", date(2027, 2, 18), ""),
            ("v22.0", date(2027, 2, 19), "version v22.0 of Meta's API ends on 20 May 2027: "),
            ("v22.0", date(2027, 5, 20), "version v22.0 of Meta's API ends on 20 May 2027: "),
            ("v22.0", date(2027, 5, 21), "version v22.0 of Meta's API has ended on 20 May 2027: "),
        ],
    )
    def test_one_that_ends_soon_is_told_of(self, version: str, today: date, begins: str) -> None:
        told = graph.ending(version, today)

        assert told.startswith(begins)
        assert bool(told) == bool(begins)
