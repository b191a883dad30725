"""One call and what its failure means: the error table of design section 5, judged by what reached a real server."""

from __future__ import annotations

import gc
import gzip
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
import requests.adapters
import urllib3.connection
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from campaign.clock import SystemClock
from campaign.errors import ChannelBlocked, NotSent, OutcomeUnknown, PlatformError, RateLimited, Rejected
from campaign.log import mask
from campaign.platforms.http import ANSWER_CAP, Answer, Http, is_public
from campaign.platforms.waits import LONGEST_RESET, LONGEST_WAIT, reset, retry_after
from campaign.rehearsal.clock import VirtualClock
from tests import wire
from tests.conftest import MONDAY
from tests.wire import Act, Server, answer, body_of, headers_of, serving

SHORT = timedelta(seconds=0.25)  # a real deadline, for what would otherwise never end
OK = answer(200, {"id": "7"})


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Start servers that end with the test."""
    started: list[Server] = []

    def start(*acts: Act, tls: ssl.SSLContext | None = None) -> Server:
        started.append(Server(list(acts), tls))
        return started[-1]

    yield start
    for server in started:
        server.close()


def http(address: str, **options: Any) -> Http:
    """Return an Http with the real clock and the real transport."""
    return Http(address, SystemClock(), **{"call_deadline": timedelta(seconds=10), **options})


def error_of(call: Callable[[], object]) -> PlatformError:
    """Return the error that a call raises."""
    with pytest.raises(PlatformError) as raised:
        call()
    return raised.value


BROKEN: list[tuple[str, Act, str]] = [
    ("hangs up before reading", wire.close_unread, "connection broke"),
    ("resets before reading", wire.reset_unread, "connection broke"),
    ("hangs up after reading", wire.close_read, "connection broke"),
    ("answers half a body", wire.half_body, "connection broke"),
    ("answers no HTTP", wire.garbage, "connection broke"),
    ("answers without end", wire.endless(), "too long"),
    ("redirects without end", wire.endless(302, Location="/elsewhere"), "too long"),
    ("answers an error without end", wire.endless(500), "too long"),
    ("answers a bomb", answer(200, gzip.compress(b" " * 40_000_000), Content_Encoding="gzip"), "too long"),
    ("answers broken gzip", answer(200, b"no gzip at all", Content_Encoding="gzip"), "connection broke"),
]
REFUSED: list[tuple[str, Act, str]] = [
    (f"status {status}", answer(status, b"No, thank you."), f"status {status}: No, thank you.")
    for status in (301, 302, 307, 400, 401, 403, 404, 409, 422, 500, 502, 503, 504)
]
SLOW: list[tuple[str, Act, str]] = [
    ("never answers", wire.never_answer, "connection broke"),
    ("drips a header", wire.drip_header, "connection broke"),
    ("drips a body", wire.drip_body, "connection broke"),
    ("drips a body without a length", wire.drip_body_without_length, "too long"),
]


def named(rows: list[tuple[str, Act, str]]) -> list[Any]:
    """Return the rows of a table with their first column as the name of the test."""
    return [pytest.param(*rest, id=name) for name, *rest in rows]


@pytest.mark.parametrize(("act", "words"), named(BROKEN + REFUSED))
def test_once_written_a_failure_leaves_a_visible_call_open(act: Act, words: str, serve: Callable[..., Server]) -> None:
    error = error_of(lambda: http(serve(act).url).post("/posts", json={"text": "Hello"}, visible=True))

    assert type(error) is OutcomeUnknown
    assert words in str(error)


@pytest.mark.parametrize(("act", "words"), named(BROKEN + REFUSED))
def test_a_failure_of_an_invisible_call_has_published_nothing(
    act: Act, words: str, serve: Callable[..., Server]
) -> None:
    error = error_of(lambda: http(serve(act).url).post("/uploads", data=b"bytes"))

    assert type(error) is NotSent
    assert words.replace("connection broke", "no answer") in str(error)


@pytest.mark.parametrize("visible", [True, False])
@pytest.mark.parametrize(("act", "words"), named(SLOW))
def test_a_call_ends_at_its_deadline_whatever_drips_in(
    act: Act, words: str, visible: bool, serve: Callable[..., Server]
) -> None:
    server, before = serve(act), time.monotonic()

    error = error_of(lambda: http(server.url, call_deadline=SHORT).post("/posts", json={}, visible=visible))

    assert time.monotonic() - before < 2
    assert type(error) is (OutcomeUnknown if visible else NotSent)
    server.close()
    assert len(server.requests) == 1


def test_a_request_that_nobody_reads_ends_at_its_deadline_and_is_open(serve: Callable[..., Server]) -> None:
    server, before = serve(wire.never_read), time.monotonic()
    picture = b"." * 30_000_000  # more than lies between two sockets

    error = error_of(lambda: http(server.url, call_deadline=SHORT).post("/posts", data=picture, visible=True))

    assert time.monotonic() - before < 2
    assert type(error) is OutcomeUnknown


@pytest.mark.parametrize("status", [200, 302, 500])
def test_an_answer_without_end_is_given_up_at_the_cap_and_not_only_at_the_deadline(
    status: int, serve: Callable[..., Server]
) -> None:
    server, before = serve(wire.endless(status, Location="/elsewhere")), time.monotonic()

    error = error_of(lambda: http(server.url).post("/posts", visible=True))  # its deadline is ten seconds away

    assert time.monotonic() - before < 4
    assert "the answer is too long" in str(error)


@pytest.mark.parametrize("visible", [True, False])
def test_a_port_at_which_nobody_listens_was_never_written_to(visible: bool) -> None:
    error = error_of(lambda: http(wire.refusing()).post("/posts", visible=visible))

    assert type(error) is NotSent
    assert "could not be reached (ConnectionError" in str(error)


@pytest.mark.parametrize("address", ["", "ftp://example.org", "http://", "http://[::1"])
def test_an_address_that_is_none_was_never_written_to(address: str) -> None:
    error = error_of(lambda: http(address).post("/posts", visible=True))

    assert type(error) is NotSent
    assert "could not be reached" in str(error)


@pytest.mark.parametrize("visible", [True, False])
@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry_After": "120"}, timedelta(minutes=2)),
        ({"Retry_After": "Mon, 02 Mar 2026 08:03:00 GMT"}, timedelta(minutes=3)),
        ({}, None),
    ],
)
def test_a_platform_that_asks_to_wait_has_published_nothing(
    headers: dict[str, str], wait: timedelta | None, visible: bool, serve: Callable[..., Server]
) -> None:
    server = serve(answer(429, b"Slow down", **headers))

    error = error_of(lambda: Http(server.url, VirtualClock(MONDAY)).post("/posts", visible=visible))

    assert isinstance(error, RateLimited)
    assert error.retry_after == wait
    assert str(error) == "the platform asks to wait"


def test_an_invisible_call_passes_on_the_wait_that_an_outage_states(serve: Callable[..., Server]) -> None:
    error = error_of(lambda: http(serve(answer(503, b"", Retry_After="60")).url).get("/me"))

    assert isinstance(error, NotSent)
    assert error.retry_after == timedelta(minutes=1)


@pytest.mark.parametrize(
    ("stated", "wait"),
    [
        ("0", timedelta(0)),
        (" 90 ", timedelta(seconds=90)),
        ("99999999999999999999", LONGEST_WAIT),
        ("Mon, 02 Mar 2026 08:10:00 GMT", timedelta(minutes=10)),
        ("Mon, 02 Mar 2026 09:10:00 +0100", timedelta(minutes=10)),
        ("Mon, 02 Mar 2026 08:10:00 -0000", timedelta(minutes=10)),
        ("Sun, 01 Mar 2026 08:00:00 GMT", timedelta(0)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_WAIT),
        ("Fri, 31 Dec 99999 23:59:59 GMT", None),
        ("-5", None),
        ("1.5", None),
        ("½", None),
        ("soon", None),
        ("", None),
    ],
)
def test_a_stated_wait_is_read_in_seconds_or_as_a_date(stated: str, wait: timedelta | None) -> None:
    assert retry_after({"Retry-After": stated}, MONDAY) == wait


@pytest.mark.parametrize(
    ("stated", "wait"),
    [
        ({"X-RateLimit-Reset": "2026-03-02T08:05:00.000000Z"}, timedelta(minutes=5)),  # Mastodon
        ({"X-RateLimit-Reset": "2026-03-02T08:05:00"}, timedelta(minutes=5)),
        ({"X-RateLimit-Reset": "2026-03-02T09:05:00+01:00"}, timedelta(minutes=5)),
        ({"X-RateLimit-Reset": "1772438700"}, timedelta(minutes=5)),  # GoToSocial
        ({"RateLimit-Reset": "1772438700"}, timedelta(minutes=5)),  # Bluesky
        ({"RateLimit-Reset": "1772438700.5"}, timedelta(minutes=5, seconds=0.5)),
        ({"RateLimit-Reset": "90"}, timedelta(seconds=90)),
        ({"RateLimit-Reset": "1772438400"}, timedelta(0)),
        ({"RateLimit-Reset": "1772000000"}, timedelta(0)),
        ({"RateLimit-Reset": "1972438700"}, LONGEST_RESET),
        ({"RateLimit-Reset": "1772438700000"}, None),  # thousandths: a year that there is none of
        ({"RateLimit-Reset": "9" * 400}, None),
        ({"RateLimit-Reset": "soon"}, None),
        ({"RateLimit-Reset": "5 min"}, None),
        ({"RateLimit-Reset": "٣٠"}, None),
        ({"RateLimit-Reset": ""}, None),
        ({}, None),
        # by the server's own clock, which is ten minutes ahead here
        ({"RateLimit-Reset": "1772439300", "Date": "Mon, 02 Mar 2026 08:10:00 GMT"}, timedelta(minutes=5)),
        ({"RateLimit-Reset": "1772438700", "Date": "this morning"}, timedelta(minutes=5)),
    ],
)
def test_the_reset_of_a_rate_limit_is_read_in_every_form(stated: dict[str, str], wait: timedelta | None) -> None:
    assert reset(stated, MONDAY) == wait


@pytest.mark.parametrize(
    ("stated", "wait"),
    [
        ({"X_RateLimit_Reset": "300"}, timedelta(minutes=5)),
        ({"Retry_After": "7", "X_RateLimit_Reset": "300"}, timedelta(seconds=7)),
        ({}, None),
    ],
)
def test_a_rate_limited_call_waits_for_the_reset_unless_a_wait_is_stated(
    stated: dict[str, str], wait: timedelta | None, serve: Callable[..., Server]
) -> None:
    server = serve(answer(429, {"error": "Too many requests"}, **stated))

    error = error_of(lambda: http(server.url).post("/posts", visible=True))

    assert isinstance(error, RateLimited)
    assert error.retry_after == wait


def test_a_call_may_have_a_table_of_its_own(serve: Callable[..., Server]) -> None:
    server = serve(answer(422, {"code": "too-long"}))

    error = error_of(lambda: http(server.url, classify=listed).get("/posts", classify=lambda found: Rejected("mine")))

    assert str(error) == "mine"


def test_an_error_page_is_told_in_its_words(serve: Callable[..., Server]) -> None:
    page = b"<html><head><style>p { color: red }</style></head><body><h1>Bad gateway</h1>\n<p>Try later</body>" * 400
    server = serve(answer(502, page))

    error = error_of(lambda: http(server.url).post("/posts", visible=True))

    assert isinstance(error, OutcomeUnknown)
    assert str(error).startswith("status 502: Bad gateway Try later Bad gateway")
    assert len(str(error)) < 320


def listed(found: Answer) -> PlatformError | None:
    """A table of refusals, as an adapter has one."""
    match found.get("code"):
        case "too-long":
            return Rejected("the text is too long for this platform")
        case "expired":
            return NotSent("the token has expired", token_dead=True)
        case "slow":
            return ChannelBlocked("the account is suspended")
        case _:
            return None


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (422, "too-long", Rejected),
        (401, "expired", NotSent),
        (429, "slow", ChannelBlocked),
        (500, "too-long", Rejected),
        (422, "other", OutcomeUnknown),
        (429, "other", RateLimited),
    ],
)
def test_what_an_adapter_lists_wins_over_what_a_status_means_elsewhere(
    status: int, code: str, expected: type[PlatformError], serve: Callable[..., Server]
) -> None:
    server = serve(answer(status, {"code": code}))

    error = error_of(lambda: http(server.url, classify=listed).post("/posts", visible=True))

    assert type(error) is expected


def test_a_listed_word_in_a_good_answer_is_no_refusal(serve: Callable[..., Server]) -> None:
    server = serve(answer(201, {"code": "too-long", "id": "7"}))

    assert http(server.url, classify=listed).post("/posts", visible=True).text("id") == "7"


class TestSendBy:
    """Nothing is written past the moment to send."""

    def test_nothing_is_written_when_connecting_took_too_long(
        self, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server, clock = serve(OK), VirtualClock(MONDAY)
        connecting_takes(monkeypatch, clock, timedelta(seconds=11))
        calls = Http(server.url, clock)
        calls.send_by = MONDAY + timedelta(seconds=10)

        error = error_of(lambda: calls.post("/posts", json={"text": "Hello"}, visible=True))

        assert type(error) is NotSent
        assert str(error) == "the moment to send had passed before the connection stood; nothing was sent"
        server.close()
        assert (server.connections, server.requests) == (1, [])

    def test_the_last_moment_is_still_in_time(
        self, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server, clock = serve(OK), VirtualClock(MONDAY)
        connecting_takes(monkeypatch, clock, timedelta(seconds=10))
        calls = Http(server.url, clock)
        calls.send_by = MONDAY + timedelta(seconds=10)

        assert calls.post("/posts", visible=True).text("id") == "7"
        assert len(server.requests) == 1

    def test_nothing_is_written_when_connecting_outlasts_the_deadline(
        self, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server, clock = serve(OK), VirtualClock(MONDAY)
        connecting_takes(monkeypatch, clock, timedelta(seconds=31))

        error = error_of(lambda: Http(server.url, clock).post("/posts", visible=True))

        assert type(error) is NotSent
        assert "the call took too long" in str(error)
        server.close()
        assert server.requests == []

    def test_the_rest_of_a_begun_request_is_not_written_either(self, serve: Callable[..., Server]) -> None:
        """As a process meets it that was stopped between head and body, while another took its channel over."""
        server, clock = serve(OK), VirtualClock(MONDAY)
        calls = Http(server.url, clock)
        calls.send_by = MONDAY + timedelta(seconds=10)

        def body() -> Iterator[bytes]:
            yield b"first"
            clock.advance(timedelta(seconds=11))
            yield b"rest"

        assert type(error_of(lambda: calls.post("/posts", data=body(), visible=True))) is OutcomeUnknown
        server.close()
        assert b"rest" not in b"".join(server.requests)

    def test_a_clock_set_forward_stops_the_call(self, serve: Callable[..., Server]) -> None:
        server, clock = serve(OK), VirtualClock(MONDAY)
        calls = Http(server.url, clock)
        calls.send_by = MONDAY + timedelta(seconds=30)
        clock.jump(timedelta(hours=1))

        assert type(error_of(lambda: calls.post("/posts", visible=True))) is NotSent
        server.close()
        assert server.requests == []

    def test_it_binds_visible_calls_only(self, serve: Callable[..., Server]) -> None:
        server = serve(OK)
        calls = Http(server.url, VirtualClock(MONDAY))
        calls.send_by = MONDAY - timedelta(hours=1)

        assert calls.get("/me").text("id") == "7"


def connecting_takes(monkeypatch: pytest.MonkeyPatch, clock: VirtualClock, time_taken: timedelta) -> None:
    """Let time pass while a connection is made."""
    connect = urllib3.connection.HTTPConnection.connect

    def slowly(self: urllib3.connection.HTTPConnection) -> None:
        connect(self)
        clock.advance(time_taken)

    monkeypatch.setattr(urllib3.connection.HTTPConnection, "connect", slowly)


class TestAnswerOnTheWire:
    """What is sent, and over what."""

    @pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
    def test_every_method_goes_to_its_path_below_the_base(self, method: str, serve: Callable[..., Server]) -> None:
        server = serve(OK)

        getattr(http(f"{server.url}/api/v1/"), method)("/things", params={"q": "a b&c", "n": 2})

        assert server.requests[0].startswith(f"{method.upper()} /api/v1/things?q=a+b%26c&n=2 HTTP/1.1\r\n".encode())

    def test_a_whole_address_is_called_as_it_is(self, serve: Callable[..., Server]) -> None:
        server = serve(OK)

        http("http://base.example.org").get(f"{server.url}/upload/7")

        assert server.requests[0].startswith(b"GET /upload/7 HTTP/1.1\r\n")
        assert headers_of(server.requests[0])["host"] == server.address

    def test_json_goes_out_as_json(self, serve: Callable[..., Server]) -> None:
        server = serve(OK)

        http(server.url).post("/posts", json={"text": "Ostrava"}, headers={"Idempotency-Key": "k-1"})

        told = headers_of(server.requests[0])
        assert body_of(server.requests[0]) == b'{"text": "Ostrava"}'
        assert (told["content-type"], told["idempotency-key"]) == ("application/json", "k-1")

    def test_data_goes_out_as_bytes_or_as_a_form(self, serve: Callable[..., Server]) -> None:
        server = serve(OK)

        http(server.url).put("/raw", data=b"\xff\xd8", headers={"Content-Type": "image/jpeg"})
        http(server.url).post("/form", data={"status": "Český text"})

        raw, form = server.requests
        assert (body_of(raw), headers_of(raw)["content-type"]) == (b"\xff\xd8", "image/jpeg")
        assert body_of(form) == b"status=%C4%8Cesk%C3%BD+text"

    def test_files_go_out_as_parts_of_a_form(self, serve: Callable[..., Server]) -> None:
        server = serve(OK)

        http(server.url).post("/media", data={"alt": "A wall."}, files={"file": ("a.jpg", b"\xff\xd8", "image/jpeg")})

        body = body_of(server.requests[0])
        assert b'name="file"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8\r\n' in body
        assert b'name="alt"\r\n\r\nA wall.\r\n' in body

    def test_it_says_who_is_calling(self, serve: Callable[..., Server]) -> None:
        server = serve(OK)

        http(server.url).get("/me")
        http(server.url, user_agent="campaign/1 (+https://example.org)").get("/me")
        http(server.url).get("/me", headers={"User-Agent": "other"})

        agents = [headers_of(request)["user-agent"] for request in server.requests]
        assert agents == ["campaign", "campaign/1 (+https://example.org)", "other"]

    def test_each_call_has_a_connection_of_its_own(self, serve: Callable[..., Server]) -> None:
        server = serve(OK)
        calls = http(server.url)

        for _ in range(3):
            calls.get("/me")

        assert (server.connections, len(server.requests)) == (3, 3)

    def test_no_redirect_is_followed_and_no_cookie_is_kept(self, serve: Callable[..., Server]) -> None:
        elsewhere = serve(OK)
        server = serve(answer(302, b"Moved", Location=f"{elsewhere.url}/login", Set_Cookie="a=1"), OK)
        calls = http(server.url)

        error_of(lambda: calls.get("/me", headers={"Authorization": "Bearer s3cr3t"}))
        calls.get("/me")

        elsewhere.close()
        assert elsewhere.connections == 0
        assert "cookie" not in headers_of(server.requests[1])

    def test_nothing_is_tried_twice(self, serve: Callable[..., Server]) -> None:
        server = serve(wire.close_read, OK)

        error_of(lambda: http(server.url).get("/me"))

        server.close()
        assert server.connections == 1

    def test_proxies_and_logins_of_the_environment_are_not_used(
        self, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        server, proxy = serve(OK), serve(OK)
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        netrc = tmp_path / "netrc"
        netrc.write_text("machine 127.0.0.1 login somebody password s3cr3t\n")
        netrc.chmod(0o600)
        monkeypatch.setenv("NETRC", str(netrc))

        http(server.url).get("/me")

        proxy.close()
        assert proxy.connections == 0
        assert "authorization" not in headers_of(server.requests[0])

    def test_an_answer_as_long_as_the_cap_is_read_whole(self, serve: Callable[..., Server]) -> None:
        fits, too_long = serve(answer(200, b"x" * ANSWER_CAP)), serve(answer(200, b"x" * (ANSWER_CAP + 1)))

        assert len(http(fits.url).get("/long").body) == ANSWER_CAP
        assert "too long" in str(error_of(lambda: http(too_long.url).get("/long")))

    def test_calls_leave_no_connection_and_no_thread_behind(self, serve: Callable[..., Server]) -> None:
        server = serve(OK, wire.half_body, wire.endless(), answer(500), wire.never_answer, OK)
        calls = http(server.url, call_deadline=SHORT)
        gc.collect()
        threads, handles = set(threading.enumerate()), open_handles()

        errors = [error_of(lambda: calls.get("/me").text("nothing")) for _ in range(6)]

        assert [type(error) for error in errors] == [NotSent] * 6
        for thread in set(threading.enumerate()) - threads:
            thread.join(1)  # a watchdog that was called off ends at once
        assert set(threading.enumerate()) <= threads
        del errors
        gc.collect()  # what pytest remembers of an error
        server.close()
        assert open_handles() < handles


def open_handles() -> int:
    """Return how many files and sockets this process holds."""
    return len(os.listdir("/proc/self/fd"))


class TestSecrets:
    """No message carries a credential."""

    def test_in_what_the_platform_says(self, serve: Callable[..., Server]) -> None:
        server = serve(answer(401, b"The token s3cr3t-t0ken is not valid."))
        scrubbed = http(server.url, scrub=lambda text: mask(text, ["s3cr3t-t0ken"]))

        assert str(error_of(lambda: scrubbed.get("/me"))) == "status 401: The token *** is not valid."

    def test_in_the_address_that_could_not_be_reached(self) -> None:
        scrubbed = http(wire.refusing(), scrub=lambda text: mask(text, ["s3cr3t-t0ken"]))

        error = error_of(lambda: scrubbed.get("/bots3cr3t-t0ken/me", params={"token": "s3cr3t-t0ken"}))

        assert "s3cr3t" not in str(error)
        assert "/bot***/me?token=***" in str(error)
        assert error.__cause__ is None
        assert error.__suppress_context__

    def test_in_a_header_that_cannot_be_sent(self, serve: Callable[..., Server]) -> None:
        server = serve(OK)
        scrubbed = http(server.url, scrub=lambda text: mask(text, ["s3cr3t-t0ken"]))

        error = error_of(lambda: scrubbed.post("/posts", headers={"Authorization": "s3cr3t-t0ken\n"}, visible=True))

        assert type(error) is NotSent
        assert "s3cr3t" not in str(error)

    def test_a_long_answer_is_cut_only_after_its_secrets_are_hidden(self, serve: Callable[..., Server]) -> None:
        server = serve(answer(400, b"." * 295 + b"s3cr3t-t0ken" + b"." * 500))
        scrubbed = http(server.url, scrub=lambda text: mask(text, ["s3cr3t-t0ken"]))

        assert str(error_of(lambda: scrubbed.get("/me"))) == f"status 400: {'.' * 295}***.."


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for this machine, signed by nobody but itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


class TestTls:
    """Who the platform is, is always verified."""

    @pytest.mark.parametrize("visible", [True, False])
    def test_a_server_that_cannot_prove_who_it_is_gets_no_byte_of_the_request(
        self,
        visible: bool,
        tls: ssl.SSLContext,
        certificate: Path,
        serve: Callable[..., Server],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))  # what would make requests believe it
        monkeypatch.setenv("CURL_CA_BUNDLE", str(certificate))
        server = serve(OK, tls=tls)

        error = error_of(lambda: http(server.url).post("/posts", json={"text": "Hello"}, visible=visible))

        assert type(error) is NotSent
        assert "CERTIFICATE_VERIFY_FAILED" in str(error)
        server.close()
        assert server.requests == []
        assert server.refused_handshakes == 1

    def test_verifying_cannot_be_switched_off(self, tls: ssl.SSLContext, serve: Callable[..., Server]) -> None:
        server = serve(OK, tls=tls)

        with pytest.raises(TypeError, match="verify"):
            http(server.url).get("/me", verify=False)

        server.close()
        assert server.connections == 0

    def test_a_server_that_proves_who_it_is_gets_the_request(
        self, tls: ssl.SSLContext, certificate: Path, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", str(certificate))
        server = serve(OK, tls=tls)

        assert http(server.url).post("/posts", visible=True).text("id") == "7"
        assert len(server.requests) == 1

    def test_nothing_is_written_past_the_moment_to_send_here_either(
        self, tls: ssl.SSLContext, certificate: Path, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", str(certificate))
        server = serve(OK, tls=tls)
        calls = Http(server.url, VirtualClock(MONDAY))
        calls.send_by = MONDAY - timedelta(seconds=1)

        assert type(error_of(lambda: calls.post("/posts", visible=True))) is NotSent
        server.close()
        assert server.requests == []

    def test_a_proxy_of_the_config_is_the_way_out(
        self, tls: ssl.SSLContext, certificate: Path, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", str(certificate))
        server = serve(OK, tls=tls)
        proxy = serve(wire.tunnel(server.address))

        assert http(server.url, proxy=proxy.url).post("/posts", visible=True).text("id") == "7"

        assert proxy.requests[0].startswith(f"CONNECT {server.address} HTTP/1.".encode())
        assert len(server.requests) == 1

    @pytest.mark.parametrize("act", [answer(403, b"not here"), wire.close_read, wire.never_answer])
    def test_a_proxy_that_does_not_let_us_through_has_published_nothing(
        self, act: Act, serve: Callable[..., Server]
    ) -> None:
        proxy = serve(act)
        calls = http("https://127.0.0.1:1", proxy=proxy.url, call_deadline=SHORT)

        assert type(error_of(lambda: calls.post("/posts", visible=True))) is NotSent

    def test_an_answer_lost_behind_a_proxy_leaves_a_visible_call_open(
        self, tls: ssl.SSLContext, certificate: Path, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", str(certificate))
        server = serve(wire.close_read, tls=tls)
        proxy = serve(wire.tunnel(server.address))

        assert type(error_of(lambda: http(server.url, proxy=proxy.url).post("/posts", visible=True))) is OutcomeUnknown

    def test_a_handshake_that_never_ends_is_cut_and_nothing_was_sent(self, serve: Callable[..., Server]) -> None:
        def drip(talk: wire.Talk) -> None:
            talk.say(b"\x16\x03\x03\x40\x00")  # a record of 16 KB follows, a byte at a time
            talk.drip(b"\x02" * 400)

        server, before = serve(drip), time.monotonic()

        error = error_of(lambda: http(f"https://{server.address}", call_deadline=SHORT).post("/posts", visible=True))

        assert time.monotonic() - before < 2
        assert type(error) is NotSent


FULL = b'{"id": 7, "name": "a", "empty": "", "yes": true, "nothing": null, "half": 1.5, "list": [{"n": 3}]}'


def told(body: bytes = FULL, *, visible: bool = False) -> Answer:
    return Answer(200, {}, body, visible)


class TestReaders:
    """What an adapter reads from an answer."""

    @pytest.mark.parametrize(("path", "text"), [(("id",), "7"), (("name",), "a"), (("list", 0, "n"), "3")])
    def test_a_text_is_read(self, path: tuple[str | int, ...], text: str) -> None:
        assert told().text(*path) == text

    @pytest.mark.parametrize("visible", [True, False])
    @pytest.mark.parametrize("path", [("gone",), ("empty",), ("yes",), ("nothing",), ("half",), ("list",)])
    def test_a_text_that_is_none_raises_what_fits_the_call(self, path: tuple[str, ...], visible: bool) -> None:
        error = error_of(lambda: told(visible=visible).text(*path))

        assert type(error) is (OutcomeUnknown if visible else NotSent)
        assert str(error) == f"the answer lacks {path[0]} (status 200)"

    def test_the_place_of_a_missing_text_is_named(self) -> None:
        assert str(error_of(lambda: told().text("list", 0, "url"))) == "the answer lacks list.0.url (status 200)"

    @pytest.mark.parametrize("visible", [True, False])
    @pytest.mark.parametrize("body", [b"", b"<html>", b"\xff\xfe\xfa", b"{", b"[" * 200_000])
    def test_what_is_no_json_raises_what_fits_the_call(self, body: bytes, visible: bool) -> None:
        error = error_of(lambda: told(body, visible=visible).json())

        assert type(error) is (OutcomeUnknown if visible else NotSent)
        assert str(error) == "the answer is not JSON (status 200)"

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            (("list", 0, "n"), 3),
            (("list", 1), None),
            (("list", "n"), None),
            (("id", "n"), None),
            (("gone", "n"), None),
            (("yes",), True),
        ],
    )
    def test_anything_is_read_at_its_path(self, path: tuple[str | int, ...], value: object) -> None:
        assert told().get(*path) == value

    def test_a_text_may_be_missing(self) -> None:
        assert [told().maybe(name) for name in ("name", "gone", "id", "nothing")] == ["a", "", "", ""]

    def test_a_number_may_be_missing_and_is_then_not_zero(self) -> None:
        names = ("id", "gone", "name", "yes", "half")
        assert [told().count(name) for name in names] == [7, None, None, None, None]

    @pytest.mark.parametrize("visible", [True, False])
    def test_a_bad_answer_to_a_real_call_is_judged_like_the_call(
        self, visible: bool, serve: Callable[..., Server]
    ) -> None:
        server = serve(answer(200, b"<html>Welcome</html>"))
        found = http(server.url).post("/posts", visible=visible)

        assert type(error_of(lambda: found.text("id"))) is (OutcomeUnknown if visible else NotSent)


def test_the_server_of_these_tests_remembers_whole_requests_and_halves() -> None:
    """The judge itself: a request in pieces is one request, and not a byte of a broken one gets lost."""
    whole, half = (b"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nab", b"cd"), (b"POST / HTTP/1.1\r\nConte", b"")
    with serving(wire.close_read) as server:
        for pieces in whole, half:
            with socket.create_connection(("127.0.0.1", int(server.address.rpartition(":")[2]))) as client:
                for piece in pieces:
                    client.sendall(piece)
                client.shutdown(socket.SHUT_WR)
                assert client.recv(10) == b""

    assert server.requests == [b"".join(whole), b"".join(half)]


class TestAnAddressThatAPersonTypes:
    """The rule against requests to places that only this machine can reach: an adapter asks for it."""

    def test_is_not_called_in_a_network_that_is_not_public(self, serve: Callable[..., Server]) -> None:
        server = serve(OK)
        calls = http(server.url)
        calls.public_only = True

        error = error_of(lambda: calls.post("/", json={}, visible=True))

        assert isinstance(error, NotSent)
        assert "not public" in str(error)
        assert server.requests == []

    def test_is_called_there_by_everybody_else(self, serve: Callable[..., Server]) -> None:
        assert http(serve(OK).url).post("/", json={}).text("id") == "7"

    def test_is_left_to_the_proxy_where_there_is_one(self, serve: Callable[..., Server]) -> None:
        calls = http(serve(OK).url, proxy="http://127.0.0.1:9")
        calls.public_only = True

        assert calls.get("/").text("id") == "7"  # the proxy is for https only; what it reaches, it judges itself

    @pytest.mark.parametrize(
        ("address", "public"),
        [
            ("93.184.215.14", True),
            ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
            ("::ffff:93.184.215.14", True),
            ("127.0.0.1", False),
            ("10.1.2.3", False),
            ("172.16.0.1", False),
            ("192.168.1.1", False),
            ("100.64.0.1", False),
            ("169.254.169.254", False),  # where clouds keep the keys of a machine
            ("224.0.0.1", False),
            ("0.0.0.0", False),  # noqa: S104
            ("::1", False),
            ("::ffff:10.1.2.3", False),
            ("fe80::1%eth0", False),
            ("fd00::1", False),
            ("ff02::1", False),
            ("64:ff9b::a9fe:a9fe", False),  # 169.254.169.254 and 10.1.2.3 behind a translator of addresses
            ("64:ff9b:1::a01:203", False),
            ("64:ff9b::5db8:d70e", True),
            ("2002:a01:203::1", False),  # in a tunnel
            ("::a01:203", False),
        ],
    )
    def test_is_public_or_not(self, address: str, public: bool) -> None:
        assert is_public(address) is public
