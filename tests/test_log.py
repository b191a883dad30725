"""Log lines: stable names, two forms, and never a secret."""

from __future__ import annotations

import base64
import io
import json
import logging
import pickle
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest

from campaign.app import App
from campaign.config import Secret
from campaign.log import LOGGER, MASK, NEWEST, Secrets, hide, mask, scrub, set_up, tell
from campaign.rehearsal.clock import VirtualClock

SECRET = 'p/ss+w"rd\\&ü='


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Secrets:
    """A process that knows no secret yet."""
    fresh = Secrets()
    monkeypatch.setattr("campaign.log.KNOWN", fresh)
    return fresh


def lines(style: str, clock: VirtualClock, *secrets: str) -> io.StringIO:
    stream = io.StringIO()
    set_up(style, clock, secrets, stream)  # type: ignore[arg-type]
    return stream


def test_a_line_for_people_begins_with_time_and_event(clock: VirtualClock) -> None:
    stream = lines("human", clock)
    tell("post.published", channel="news", post="3fa2")
    tell("daemon.stopped")
    assert stream.getvalue().splitlines() == [
        "2026-03-02T08:00:00+00:00  post.published           channel=news  post=3fa2",
        "2026-03-02T08:00:00+00:00  daemon.stopped",
    ]


def test_a_line_for_machines_is_one_json_object(clock: VirtualClock) -> None:
    stream = lines("json", clock)
    tell("post.published", channel="news", title="Moravskoslezský\nkraj", at_least=clock.now())
    (line,) = stream.getvalue().splitlines()
    assert "Moravskoslezský" in line
    assert json.loads(line) == {
        "at": "2026-03-02T08:00:00+00:00",
        "event": "post.published",
        "channel": "news",
        "title": "Moravskoslezský\nkraj",
        "at_least": "2026-03-02 08:00:00+00:00",
    }


@pytest.mark.parametrize("style", ["human", "json"])
def test_a_bug_leaves_its_trace_and_its_line_stays_readable(clock: VirtualClock, style: str) -> None:
    stream = lines(style, clock)
    try:
        raise ZeroDivisionError(SECRET)
    except ZeroDivisionError:
        tell("job.failed", level=logging.ERROR, job="house", exc_info=True)
    assert "ZeroDivisionError" in stream.getvalue()
    if style == "json":
        assert "Traceback" in json.loads(stream.getvalue())["trace"]


@pytest.mark.parametrize("style", ["human", "json"])
@pytest.mark.parametrize(
    "fields",
    [
        {"reason": SECRET},
        {"reason": {"nested": [SECRET]}},
        {"reason": "https://x.example/?token=p%2Fss%2Bw%22rd%5C%26%C3%BC%3D"},
        {"reason": "https://x.example/p/ss%2Bw%22rd%5C%26%C3%BC%3D"},
        {"reason": json.dumps({"token": SECRET})},
        {"reason": repr(SECRET)},
        {"reason": Secret(SECRET)},
    ],
    ids=["plain", "nested", "in a query", "in a path", "in JSON", "as Python", "as a Secret"],
)
def test_a_secret_is_hidden_however_it_is_written(clock: VirtualClock, style: str, fields: dict[str, object]) -> None:
    stream = lines(style, clock, SECRET, "")
    tell("call.failed", **fields)
    told = stream.getvalue()
    assert MASK in told
    assert "ss" not in told.replace("call.failed", "")
    if style == "json":
        json.loads(told)


def test_a_secret_is_hidden_in_a_trace(clock: VirtualClock) -> None:
    stream = lines("json", clock, SECRET)
    try:
        raise RuntimeError(f"token {SECRET} refused")
    except RuntimeError:
        tell("job.failed", exc_info=True)
    assert "rd" not in json.loads(stream.getvalue())["trace"].partition("RuntimeError: token ")[2]


def test_of_two_secrets_the_longer_is_hidden_whole() -> None:
    assert mask("abcdefgh and abcde", ["abcde", "abcdefgh"]) == f"{MASK} and {MASK}"


def test_a_value_too_short_to_be_a_secret_leaves_lines_readable() -> None:
    assert mask("channel=news", ["news", "", "n"]) == "channel=news"


@pytest.mark.parametrize("before", ["", "a", "ab", "abc", "client-id-of-asa:", "Škoda:"])
@pytest.mark.parametrize("after", ["", "z", "yz", "xyz"])
def test_a_secret_is_hidden_in_a_basic_header_wherever_it_stands(before: str, after: str) -> None:
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        header = "Basic " + encode(f"{before}{SECRET}>>??{after}".encode()).decode()

        hidden = mask(header, [f"{SECRET}>>??"])

        assert MASK in hidden
        left = hidden.removeprefix("Basic ").replace(MASK, "")
        assert len(left) <= len(header) - len(SECRET.encode()) * 8 // 6


def test_what_is_known_to_be_secret_is_hidden_for_good(known: Secrets) -> None:
    hide(["password-of-asa"])
    hide((f"token-number-{n}" for n in range(NEWEST + 5)), passing=True)

    assert scrub("password-of-asa token-number-5 token-number-504") == f"{MASK} {MASK} {MASK}"


def test_of_tokens_that_are_renewed_those_in_use_are_hidden(known: Secrets) -> None:
    for n in range(3 * NEWEST):
        hide(["the-refresh-token", f"token-number-{n:04}"], passing=True)

    told = f"the-refresh-token token-number-0001 token-number-{3 * NEWEST - 1} token-number-{3 * NEWEST - 400}"
    assert scrub(told) == f"{MASK} token-number-0001 {MASK} {MASK}"


def test_a_token_that_is_also_in_the_config_stays_hidden(known: Secrets) -> None:
    hide(["the-first-token"], passing=True)
    hide(["the-first-token"])
    hide((f"token-number-{n}" for n in range(2 * NEWEST)), passing=True)
    hide(["the-first-token", "ab", ""], passing=True)

    assert scrub("the-first-token ab") == f"{MASK} ab"


def test_many_threads_may_learn_secrets_at_once(known: Secrets) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: hide([f"token-number-{n:03}"], passing=True), range(200)))

    assert scrub(" ".join(f"token-number-{n:03}" for n in range(200))) == " ".join([MASK] * 200)


def test_secrets_of_a_config_that_was_read_again_are_hidden_too(clock: VirtualClock) -> None:
    stream = lines("human", clock, "first-secret")
    LOGGER.addHandler(logging.NullHandler())
    hide(["second-secret"])
    tell("x", reason="first-secret second-secret")
    assert stream.getvalue().rstrip().endswith("reason=*** ***")


def test_the_app_hides_the_secrets_of_its_config(app: App) -> None:
    from dataclasses import replace

    app.reconfigure(replace(app.config, secrets=(Secret("very-secret"),)))
    assert app.scrub("token very-secret") == "token ***"


def test_without_a_daemon_nothing_is_logged_anywhere(capsys: pytest.CaptureFixture[str]) -> None:
    LOGGER.handlers = [logging.NullHandler()]
    tell("post.published", level=logging.ERROR)
    assert capsys.readouterr() == ("", "")


def test_lines_go_to_standard_error_unless_told_otherwise(
    clock: VirtualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up("human", clock)
    tell("daemon.started")
    assert "daemon.started" in capsys.readouterr().err


def test_a_secret_shows_itself_nowhere() -> None:
    secret = Secret(SECRET)
    shown = [str(secret), repr(secret), f"{secret}", json.dumps(secret), repr({"a": secret}), f"{secret!r:>20}"]
    assert not any("ss" in text for text in shown)
    assert SECRET.encode() not in pickle.dumps(secret)
    assert secret.reveal() == SECRET


def test_the_loggers_of_libraries_stay_as_they_are(clock: VirtualClock) -> None:
    root, library = logging.getLogger(), logging.getLogger("urllib3")
    before = (list(root.handlers), root.level, list(library.handlers), library.level, library.propagate)
    stream = lines("human", clock)
    library.warning("a retry")
    tell("post.published")
    assert (list(root.handlers), root.level, list(library.handlers), library.level, library.propagate) == before
    assert len(stream.getvalue().splitlines()) == 1


def test_setting_up_again_replaces_the_first_form_and_place(clock: VirtualClock) -> None:
    first, second = lines("human", clock), lines("json", clock)
    tell("daemon.started")
    assert first.getvalue() == ""
    assert json.loads(second.getvalue()) == {"at": "2026-03-02T08:00:00+00:00", "event": "daemon.started"}


def test_details_for_programmers_are_not_told(clock: VirtualClock) -> None:
    stream = lines("human", clock)
    tell("looked", level=logging.DEBUG)
    assert stream.getvalue() == ""


def test_times_are_told_in_utc_whatever_a_clock_says(clock: VirtualClock) -> None:
    class Elsewhere(VirtualClock):
        def now(self) -> datetime:
            return super().now().astimezone(timezone(timedelta(hours=2)))

    stream = lines("human", Elsewhere(clock.now()))
    tell("daemon.started")
    assert stream.getvalue().startswith("2026-03-02T08:00:00+00:00  daemon.started")


def test_what_a_platform_says_never_looks_like_a_line_of_its_own(clock: VirtualClock) -> None:
    stream = lines("human", clock)
    tell("call.failed", reason="no\n2026-03-02T08:00:00+00:00  post.published\r\nyes")
    assert stream.getvalue().splitlines() == [
        "2026-03-02T08:00:00+00:00  call.failed              "
        "reason=no / 2026-03-02T08:00:00+00:00  post.published / yes"
    ]


@pytest.mark.parametrize(
    ("told", "left"),
    [
        ("http://asa:pass@proxy:3128 is none", "http://asa:***@proxy:3128 is none"),
        (
            "https://example.org:8080/@asa and https://example.org",
            "https://example.org:8080/@asa and https://example.org",
        ),
        ('{"accessJwt": "eyJ\\"x", "did": "did:plc:1"}', '{"accessJwt": "***", "did": "did:plc:1"}'),
        ('{"client_secret":"cut off', '{"client_secret":"***'),
        ('{"token_type":"Bearer","error":"invalid_token"}', '{"token_type":"Bearer","error":"invalid_token"}'),
    ],
)
def test_what_is_a_secret_by_its_place_is_hidden_before_anybody_knows_it(told: str, left: str) -> None:
    assert mask(told, []) == left


@pytest.mark.parametrize("written", ["p&amp;ss&quot;w&#x27;rd%21", "p&amp;ss\"w'rd%21", "p&ss\"w'rd!"])
def test_a_password_is_hidden_as_a_page_writes_it_and_as_an_address_means_it(written: str) -> None:
    assert mask(f"<p>{written}</p>", ["p&ss\"w'rd%21"]) == f"<p>{MASK}</p>"


def test_a_secret_is_hidden_in_a_body_that_is_encoded_whole() -> None:
    body = base64.b64encode(json.dumps({"password": SECRET, "x": 1}).encode()).decode()
    assert MASK in mask(body, [SECRET])
