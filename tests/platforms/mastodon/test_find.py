"""What became of a call without an answer, read from the account's own statuses."""

from __future__ import annotations

import html
from datetime import timedelta
from typing import Any

import pytest

from campaign.errors import NotSent, PlatformError
from campaign.platforms.base import Absent, CannotTell, Found, Outgoing
from campaign.rehearsal.clock import VirtualClock
from tests.conftest import MONDAY
from tests.platforms.mastodon.scripted import (
    GOTOSOCIAL,
    HTML_ERROR,
    TEXT,
    Kept,
    MakeImage,
    Said,
    Scripted,
    Tokens,
    adapter,
    error_of,
    item,
    send,
    status,
)

OWN = "GET /api/v1/accounts/7/statuses"
SOURCE = "GET /api/v1/statuses/103/source"
SINCE = MONDAY - timedelta(minutes=2)
SHOWN = f"<p>{html.escape(TEXT)}</p>".replace("\n\n", "</p><p>").replace("\n", "<br />")
CHANGED = SHOWN.replace("🔋", ":battery:").replace("utm_content=0a1b2c3d", "").replace("Barátům", "Baratum")
KEPT = {"server": "mastodon"}


def look(
    server: Scripted, clock: VirtualClock, sought: Outgoing | None = None, kept: Any = KEPT, **settings: Any
) -> Found | Absent | CannotTell:
    return adapter(server, clock, **settings).find(sought or item(), Kept(dict(kept)).open(), SINCE)


def test_a_post_that_is_live_is_found_by_its_text(server: Scripted, clock: VirtualClock) -> None:
    server.says(OWN, [status("105", "<p>Another.</p>"), status("103", SHOWN), status("99", SHOWN, at=SINCE)])

    assert look(server, clock) == Found("103", permalink="https://social.example/@asa/103")
    assert server.calls == ["GET /api/v1/accounts/verify_credentials", OWN]
    assert server.one(OWN).query == [("exclude_reblogs", "true"), ("limit", "40")]


def test_a_post_is_found_by_the_picture_that_went_up_for_it(
    server: Scripted, clock: VirtualClock, image: MakeImage
) -> None:
    server.says("POST /api/v2/media", {"id": "11"})
    kept, sent = Kept(), item(images=(image(),))
    send(adapter(server, clock), sent, kept)
    server.says(OWN, [status("103", "<p>As the server likes it.</p>", media_attachments=[{"id": "11"}])])

    assert look(server, clock, sent, kept.values) == Found("103", permalink="https://social.example/@asa/103")


def test_parts_of_a_thread_are_told_apart_by_what_they_answer(server: Scripted, clock: VirtualClock) -> None:
    server.says(OWN, [status("103", SHOWN, in_reply_to_id="102"), status("102", SHOWN, in_reply_to_id="101")])

    assert look(server, clock, item(reply_to="101")) == Found("102", permalink="https://social.example/@asa/102")
    server.says(OWN, *server.routes[OWN], [])
    assert look(server, clock, item(reply_to="103")) == Absent()
    server.says(OWN, [status("103", SHOWN, in_reply_to_id="102")], [])
    assert look(server, clock) == Absent()


NOT_OURS: list[tuple[str, list[dict[str, Any]]]] = [
    ("nothing at all", []),
    ("only what was there before", [status(content=SHOWN, at=SINCE - timedelta(seconds=1))]),
    ("the same words, shared from elsewhere", [status(content=SHOWN, reblog=status("55", SHOWN))]),
    ("other words", [status(content="<p>Good morning from Porto!</p>")]),
]


@pytest.mark.parametrize("listed", [case[1] for case in NOT_OURS], ids=[case[0] for case in NOT_OURS])
def test_what_is_not_ours_is_absent(server: Scripted, clock: VirtualClock, listed: list[dict[str, Any]]) -> None:
    server.says(OWN, listed, [])

    assert look(server, clock) == Absent(honours_key=True)


class TestAChangedText:
    def test_is_known_by_its_source(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(OWN, [status(content=CHANGED)], [])
        server.says(SOURCE, {"id": "103", "text": TEXT, "spoiler_text": ""})

        assert look(server, clock) == Found("103", permalink="https://social.example/@asa/103")

    def test_is_another_post_when_its_source_says_so(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(OWN, [status(content=CHANGED)], [])
        server.says(SOURCE, {"id": "103", "text": CHANGED})

        assert look(server, clock) == Absent()

    @pytest.mark.parametrize(
        "answer",
        [
            Said({"error": "Record not found"}, 404),
            Said({"error": "This action is outside the authorized scopes"}, 403),
            Said(HTML_ERROR, 405),
            Said(HTML_ERROR),
            Said([]),
            Said({"id": "103"}),
        ],
    )
    def test_is_for_a_person_where_the_server_shows_no_source(
        self, server: Scripted, clock: VirtualClock, answer: Said
    ) -> None:
        server.says(OWN, [status(content=CHANGED)], [])
        server.says(SOURCE, answer)

        found = look(server, clock)

        assert isinstance(found, CannotTell)
        assert "https://social.example/@asa/103" in found.reason

    def test_is_no_doubt_once_the_post_itself_is_found(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(OWN, [status("103", CHANGED), status("104", CHANGED)], [])
        server.says("GET /api/v1/statuses/104/source", {"text": TEXT})

        assert look(server, clock) == Found("104", permalink="https://social.example/@asa/104")


class TestPages:
    def test_go_on_until_what_was_there_before(self, server: Scripted, clock: VirtualClock) -> None:
        first = [status(str(n), "<p>x</p>") for n in range(140, 100, -1)]
        last = [status("100", SHOWN), status("99", "<p>x</p>", at=SINCE - timedelta(hours=1))]
        server.says(OWN, first, last)

        assert look(server, clock) == Found("100", permalink="https://social.example/@asa/100")
        assert [dict(sent.query).get("max_id") for sent in server.sent if sent.path.endswith("/statuses")] == [
            None,
            "101",
        ]

    def test_of_an_account_that_posts_without_end_are_left_to_a_person(
        self, server: Scripted, clock: VirtualClock
    ) -> None:
        server.says(OWN, [status(str(n), "<p>x</p>") for n in range(40)])

        assert isinstance(look(server, clock), CannotTell)
        assert server.calls.count(OWN) == 5


@pytest.mark.parametrize(
    ("settings", "kept", "honours"),
    [
        ({}, {"server": "mastodon"}, True),
        ({}, {"server": "gotosocial"}, False),
        ({}, {"server": ""}, False),
        ({"idempotency": "yes"}, {}, True),
        ({"idempotency": "no"}, {"server": "mastodon"}, False),
    ],
)
def test_absence_says_whether_the_call_may_be_repeated(
    server: Scripted, clock: VirtualClock, settings: dict[str, Any], kept: dict[str, Any], honours: bool
) -> None:
    server.says(OWN, [])

    assert look(server, clock, kept=kept, **settings) == Absent(honours_key=honours)
    assert "GET /api/v2/instance" not in server.calls


@pytest.mark.parametrize(
    ("answer", "honours"),
    [(None, True), (Said(GOTOSOCIAL), False), (Said(HTML_ERROR, 503), False), (Said(b"", 404), False)],
)
def test_what_is_not_remembered_of_the_server_is_asked(
    server: Scripted, clock: VirtualClock, answer: Said | None, honours: bool
) -> None:
    server.says(OWN, [])
    if answer:
        server.says("GET /api/v2/instance", answer)

    assert look(server, clock, kept={}) == Absent(honours_key=honours)


def test_the_account_is_asked_for_once_per_token(server: Scripted, clock: VirtualClock) -> None:
    stored = Tokens({"token": "first", "base_url": server.server.url})
    mastodon = adapter(server, clock, stored, token=None)
    server.says(OWN, [])
    for _ in range(2):
        mastodon.find(item(), Kept(KEPT).open(), SINCE)
    assert server.calls.count("GET /api/v1/accounts/verify_credentials") == 1

    stored.values["token"] = "of-another-account"
    server.says("GET /api/v1/accounts/verify_credentials", {"id": "8"})
    server.says("GET /api/v1/accounts/8/statuses", [status("55", SHOWN)])
    assert isinstance(mastodon.find(item(), Kept(KEPT).open(), SINCE), Found)


@pytest.mark.parametrize(
    "answer",
    [
        Said(HTML_ERROR),
        Said(HTML_ERROR, 502),
        Said(b""),
        Said({"error": "odd"}),
        Said({}),
        Said(b'""'),
        Said(b"null"),
        Said(["odd"]),
        Said([{"id": "1"}]),
        Said([{"id": "1", "created_at": "yesterday"}]),
        Said([{"id": "1", "created_at": None}]),
        Said({"error": "The access token was revoked"}, 401),
        Said({"error": "Too many requests"}, 429),
    ],
)
def test_an_answer_that_tells_nothing_is_never_taken_for_absence(
    server: Scripted, clock: VirtualClock, answer: Said
) -> None:
    server.says(OWN, answer)

    error: PlatformError = error_of(lambda: look(server, clock))

    assert isinstance(error, NotSent)


def test_times_without_a_zone_are_utc(server: Scripted, clock: VirtualClock) -> None:
    at = f"{MONDAY:%Y-%m-%dT%H:%M:%S}"
    server.says(OWN, [{**status(content=SHOWN), "created_at": at}])

    assert isinstance(look(server, clock), Found)
