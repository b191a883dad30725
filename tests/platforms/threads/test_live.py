"""What is asked of Threads about posts that are live, or may be, and about the profile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from campaign.config import Secret
from campaign.errors import NotSent
from campaign.platforms.base import Absent, CannotTell, Confirmation, Found, Metrics
from campaign.platforms.grants import Grant
from campaign.platforms.threads import Threads
from campaign.platforms.threads.adapter import SCOPES
from campaign.rehearsal.clock import VirtualClock
from tests.conftest import MONDAY
from tests.platforms.contained import ACCOUNT, BEARER, CONTAINER, MEDIA, channel, rows, said
from tests.platforms.instagram.test_account import Browser
from tests.platforms.mastodon.scripted import TEXT, TOKEN, Kept, Said, Scripted, Tokens, error_of, item
from tests.platforms.threads.conftest import V

LOOK = f"GET {V}/{CONTAINER}"
SINCE = MONDAY - timedelta(days=7)
PERMALINK = "https://www.threads.com/@asa/post/Dabc123"
KEPT = {"container": {"id": CONTAINER, "at": MONDAY.isoformat(), "account": ACCOUNT}}


def find(server: Scripted, clock: VirtualClock, **values: Any) -> Any:
    return channel(Threads, server, clock).find(item(**values), Kept(KEPT).open(), SINCE)


class TestFinding:
    @pytest.mark.parametrize(("reply_to", "edge"), [("", "threads"), ("102", "replies")])
    def test_what_was_published_is_found_among_posts_or_replies(
        self, server: Scripted, clock: VirtualClock, reply_to: str, edge: str
    ) -> None:
        server.says(LOOK, {"status": "PUBLISHED"})
        post = {"id": MEDIA, "text": TEXT, "timestamp": "2026-03-02T08:00:30+0000"}
        server.says(f"GET {V}/{ACCOUNT}/{edge}", {"data": [{**post, "permalink": PERMALINK}]}, {"data": [post]})
        assert find(server, clock, reply_to=reply_to) == Found(MEDIA, PERMALINK)
        assert find(server, clock, reply_to=reply_to) == Found(MEDIA)  # one that is flagged has no permalink
        assert dict(server.sent[1].query)["fields"] == "id,text,permalink,timestamp"

    def test_what_was_published_and_is_not_found_is_for_a_person(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(LOOK, {"status": "PUBLISHED"})
        server.says(f"GET {V}/{ACCOUNT}/threads", {"data": []})
        assert isinstance(find(server, clock), CannotTell)

    def test_a_container_that_was_not_published_proves_absence(self, server: Scripted, clock: VirtualClock) -> None:
        assert find(server, clock) == Absent(honours_key=False)
        assert server.calls == [LOOK]

    def test_one_that_is_not_known_proves_nothing(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(LOOK, said(24, 4279009))
        server.says(f"GET {V}/{ACCOUNT}/threads", {"data": []})
        assert isinstance(find(server, clock), CannotTell)

    def test_it_learns_the_address(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"GET {V}/{MEDIA}", {"id": MEDIA, "permalink": PERMALINK}, {"id": MEDIA})
        assert channel(Threads, server, clock).confirm(MEDIA) == Confirmation(PERMALINK)
        assert channel(Threads, server, clock).confirm(MEDIA) == Confirmation("")


INSIGHTS = f"GET {V}/{MEDIA}/insights"
ALL = {"views": 1520, "likes": 100, "replies": 10, "reposts": 4, "quotes": 2, "shares": 1}
NO_CLICKS = "Threads counts clicks for the whole account only, not for a post"


class TestCounting:
    def test_all_of_a_post_and_of_each_part(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(INSIGHTS, rows(**ALL))
        server.says(f"GET {V}/2/insights", rows(views=3, likes=0, replies=0, reposts=0, quotes=0, shares=0))
        told = channel(Threads, server, clock).metrics([MEDIA, "2"])
        counts = {"impressions": 1520, "reactions": 100, "comments": 10, "shares": 7}
        assert told[MEDIA] == Metrics(counts, {"clicks": NO_CLICKS}, ALL)
        assert told["2"].counts == {"impressions": 3, "reactions": 0, "comments": 0, "shares": 0}
        assert server.one(INSIGHTS).query == [("metric", "views,likes,replies,reposts,quotes,shares")]
        assert {sent.headers["authorization"] for sent in server.sent} == {BEARER}

    def test_what_is_refused_is_left_out_and_has_its_cause(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(INSIGHTS, said(100), said(100), rows(likes=100, replies=10, reposts=4, quotes=2))
        told = channel(Threads, server, clock).metrics([MEDIA])[MEDIA]
        assert told.counts == {"reactions": 100, "comments": 10, "shares": 6}
        assert told.missing["impressions"].startswith("Threads does not count this for the post: Meta's words")
        assert [dict(sent.query)["metric"] for sent in server.sent] == [
            "views,likes,replies,reposts,quotes,shares",
            "views,likes,replies,reposts,quotes",
            "likes,replies,reposts,quotes",
        ]

    @pytest.mark.parametrize(
        ("answer", "asked", "cause"),
        [
            (said(100), 3, "Threads does not count this for the post"),
            (said(100, 33), 1, "the post is not there any more"),
            (said(10), 1, "the login does not allow to read insights"),
        ],
    )
    def test_where_nothing_is_told_everything_has_its_cause(
        self, server: Scripted, clock: VirtualClock, answer: Said, asked: int, cause: str
    ) -> None:
        server.says(INSIGHTS, answer)
        told = channel(Threads, server, clock).metrics([MEDIA])[MEDIA]
        assert len(server.calls) == asked
        assert dict(told.counts) == {}
        assert all(missing.startswith(cause) for missing in told.missing.values())

    def test_a_repost_of_another_has_no_rows_and_an_address_no_number(
        self, server: Scripted, clock: VirtualClock
    ) -> None:
        server.says(INSIGHTS, {"data": []})
        told = channel(Threads, server, clock).metrics([MEDIA, PERMALINK])
        assert sorted(told[MEDIA].missing) == ["clicks", "comments", "impressions", "reactions", "shares"]
        assert "known by its address only" in told[PERMALINK].missing["shares"]

    @pytest.mark.parametrize(
        ("body", "count"),
        [({"data": [{"name": "followers_count", "total_value": {"value": 321}}]}, 321), ({"data": []}, None)],
    )
    def test_followers(self, server: Scripted, clock: VirtualClock, body: Any, count: int | None) -> None:
        server.says(f"GET {V}/{ACCOUNT}/threads_insights", body)
        assert channel(Threads, server, clock).followers() == count
        assert server.sent[0].query == [("metric", "followers_count")]


class TestTheProfile:
    def test_people_are_asked_where_the_config_says(self, server: Scripted, clock: VirtualClock) -> None:
        page = "https://consent.example.org/threads"
        settings = {"consent_url": page, "client_id": "99", "client_secret": Secret("canary-app-secret")}
        server.says("POST /oauth/access_token", said(100), status=400)
        person = Browser()
        error_of(lambda: channel(Threads, server, clock, Tokens(), **settings).login(person))
        assert person.opened.startswith(f"{page}?response_type=code&client_id=99&")

    def test_a_code_becomes_a_token_of_60_days(self, server: Scripted, clock: VirtualClock) -> None:
        server.says("POST /oauth/access_token", {"access_token": "token-of-1-hour", "user_id": 5})
        server.says("GET /access_token", {"access_token": "token-of-60-days", "expires_in": 5183944})
        server.says(f"GET {V}/me", {"id": ACCOUNT, "username": "asa"})
        person = Browser()
        app = {"client_id": "99", "client_secret": Secret("canary-app-secret")}

        stored = channel(Threads, server, clock, Tokens(), **app).login(person)

        asked = parse_qs(urlsplit(person.opened).query)
        assert person.opened.startswith("https://www.threads.net/oauth/authorize?")
        assert asked["scope"] == [",".join(SCOPES)]
        assert server.calls == ["POST /oauth/access_token", "GET /access_token", f"GET {V}/me"]
        assert server.sent[0].form == {
            "client_id": "99",
            "client_secret": "canary-app-secret",
            "grant_type": "authorization_code",
            "redirect_uri": "https://localhost/campaign",
            "code": "the-code",
        }
        assert dict(server.sent[1].query) == {
            "grant_type": "th_exchange_token",
            "client_secret": "canary-app-secret",
            "access_token": "token-of-1-hour",
        }
        assert server.sent[2].headers["authorization"] == "Bearer token-of-60-days"
        assert (stored["token"], stored["account"]) == ("token-of-60-days", ACCOUNT)
        assert stored["expires_at"] == (clock.now() + timedelta(seconds=5183944)).isoformat()
        assert person.told == ["Logged in as @asa on Threads."]

    def test_a_token_is_renewed_when_it_is_a_week_old(self, server: Scripted, clock: VirtualClock) -> None:
        server.says("GET /refresh_access_token", {"access_token": "token-of-60-days", "expires_in": 5183944})
        tokens = self.tokens(server, clock, days_left=52)
        channel(Threads, server, clock, tokens).prepare(item(), Kept().open())
        assert dict(server.sent[0].query) == {"grant_type": "th_refresh_token", "access_token": TOKEN}
        assert tokens.values["token"] == "token-of-60-days"

    def tokens(self, server: Scripted, clock: VirtualClock, days_left: float = 59) -> Tokens:
        ends = clock.now() + timedelta(days=days_left)
        return Tokens(Grant(TOKEN, expires_at=ends, account=ACCOUNT, server=server.server.url).stored())

    def test_a_channel_in_order(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"GET {V}/me", {"id": ACCOUNT, "username": "asa"})
        data = {"is_valid": True, "expires_at": 1900000000, "scopes": list(SCOPES)}
        server.says(f"GET {V}/debug_token", {"data": data})
        account = channel(Threads, server, clock, self.tokens(server, clock)).check()
        assert (account.id, account.name, account.warnings) == (ACCOUNT, "@asa on Threads", ())
        assert account.token_expires_at == clock.now() + timedelta(days=59)
        assert server.one(f"GET {V}/debug_token").query == [("input_token", TOKEN)]

    def test_what_the_token_may_not_do_is_told(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"GET {V}/me", {"id": ACCOUNT, "username": "asa"})
        data = {"is_valid": True, "expires_at": 1900000000, "scopes": ["threads_basic", *SCOPES[2:5]]}
        server.says(f"GET {V}/debug_token", {"data": data})
        account = channel(Threads, server, clock, account="").check()
        assert account.token_expires_at == datetime.fromtimestamp(1900000000, UTC)
        assert account.warnings == (
            "the token lacks threads_content_publish, threads_delete",
            "nobody renews a token that stands in the config: it ends 60 days after it was given",
        )

    @pytest.mark.parametrize("answer", [Said(b"", 500), said(100), {"data": {}}])
    def test_where_the_token_is_not_inspected_nothing_is_said_of_it(
        self, server: Scripted, clock: VirtualClock, answer: Any
    ) -> None:
        server.says(f"GET {V}/me", {"id": ACCOUNT, "username": "asa"})
        server.says(f"GET {V}/debug_token", answer)
        assert channel(Threads, server, clock, self.tokens(server, clock)).check().warnings == ()
        assert channel(Threads, server, clock).check().token_expires_at is None

    def test_a_token_that_has_ended_is_told(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"GET {V}/me", {"id": ACCOUNT, "username": "asa"})
        server.says(f"GET {V}/debug_token", said(190, 463))
        error = error_of(channel(Threads, server, clock).check)
        assert isinstance(error, NotSent)
        assert error.token_dead
