"""What is asked of posts that are live, and of the account."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from campaign.errors import ChannelBlocked, NotSent, PlatformError, RateLimited, Unsupported
from campaign.platforms.base import Confirmation, Metrics
from campaign.platforms.x.counts import EPOCH, made_at, tells_clicks
from campaign.rehearsal.clock import VirtualClock
from tests.platforms.mastodon.scripted import Said, Scripted, error_of
from tests.platforms.x.scripted import KEYS, LIVE, OWN, TOKEN, adapter, problem

TWEETS = "GET /2/tweets"
NOT_FOUND = "https://api.x.com/2/problems/resource-not-found"
PUBLIC = {
    "retweet_count": 50,
    "reply_count": 12,
    "like_count": 234,
    "quote_count": 5,
    "bookmark_count": 8,
    "impression_count": 5432,
}
OWN_COUNTS = {"impression_count": 5432, "url_link_clicks": 89, "user_profile_clicks": 156, "engagements": 345}
COUNTED = {"impressions": 5432, "reactions": 234, "comments": 12, "shares": 55}


def id_of(moment: datetime) -> str:
    return str(int((moment - EPOCH) / timedelta(milliseconds=1)) << 22)


@pytest.mark.parametrize(
    ("remote_id", "moment"),
    [
        ("1212092628029698048", datetime(2019, 12, 31, 19, 26, 16, 771_000, UTC)),
        ("0", datetime(2010, 11, 4, 1, 42, 54, 657_000, UTC)),
        ("", None),
        ("http://x.com/1", None),
        ("١٢٣", None),
        ("9" * 60, None),
    ],
)
def test_an_id_tells_when_a_post_was_made(remote_id: str, moment: datetime | None) -> None:
    assert made_at(remote_id) == moment


def test_clicks_are_told_for_thirty_days(clock: VirtualClock) -> None:
    ages = timedelta(days=29, hours=22), timedelta(days=30)
    assert [tells_clicks(id_of(clock.now() - age), clock.now()) for age in ages] == [True, False]


class TestMetrics:
    def test_counts_come_in_batches_and_clicks_apart_of_young_posts_only(
        self, server: Scripted, clock: VirtualClock
    ) -> None:
        young, old, gone = (id_of(clock.now() - timedelta(days=days)) for days in (1, 40, 2))
        server.says(
            TWEETS,
            {
                "data": [
                    {"id": young, "public_metrics": PUBLIC},
                    {"id": old, "public_metrics": {**PUBLIC, "like_count": 1}},
                ],
                "errors": [{"resource_id": gone, "title": "Not Found Error", "detail": "Gone.", "type": NOT_FOUND}],
            },
            {"data": [{"id": young, "non_public_metrics": OWN_COUNTS}]},
        )  # fmt: skip

        told = adapter(server, clock).metrics([young, old, gone, "typed by hand"])

        assert server.calls == [TWEETS, TWEETS]
        assert {sent.headers["authorization"] for sent in server.sent} == {f"Bearer {TOKEN}"}
        assert [dict(each.query) for each in server.sent] == [
            {"ids": f"{young},{old},{gone}", "tweet.fields": "public_metrics"},
            {"ids": young, "tweet.fields": "non_public_metrics"},
        ]
        raw = {"public_metrics": PUBLIC, "non_public_metrics": OWN_COUNTS}
        assert told[young] == Metrics({**COUNTED, "clicks": 89}, {}, raw)
        assert told[old].counts == {**COUNTED, "reactions": 1}
        assert told[old].missing == {"clicks": "X tells who followed a link for 30 days only"}
        assert set(told[gone].missing.values()) == {"the post is not there any more"}
        assert set(told["typed by hand"].missing.values()) == {"X showed nothing of this post"}

    def test_more_than_a_hundred_are_asked_for_in_turns(self, server: Scripted, clock: VirtualClock) -> None:
        ids = [str(int(id_of(clock.now() - timedelta(days=60))) + n) for n in range(101)]
        server.says(
            TWEETS,
            {"data": [{"id": each, "public_metrics": PUBLIC} for each in ids[:100]]},
            {"data": [{"id": ids[100], "public_metrics": PUBLIC}]},
        )

        told = adapter(server, clock).metrics(ids)

        assert [len(dict(each.query)["ids"].split(",")) for each in server.sent] == [100, 1]
        assert [each.counts for each in told.values()] == [COUNTED] * 101

    def test_the_new_words_are_read_too(self, server: Scripted, clock: VirtualClock) -> None:
        public = {"repost_count": 3, "like_count": 4, "quote_count": 1, "reply_count": True}
        server.says(TWEETS, {"data": [{"id": "1", "public_metrics": public, "edit_history_post_ids": ["1"]}]})

        [told] = adapter(server, clock, fields="post").metrics(["1"]).values()

        assert dict(server.one(TWEETS).query) == {"ids": "1", "post.fields": "public_metrics"}
        assert told.counts == {"reactions": 4, "shares": 4}
        assert told.missing["impressions"] == told.missing["comments"] == "X gave no such number"

    def test_a_post_that_was_changed_by_hand_is_known_by_its_first_id(
        self, server: Scripted, clock: VirtualClock
    ) -> None:
        server.says(TWEETS, {"data": [{"id": "2", "public_metrics": PUBLIC, "edit_history_tweet_ids": ["1", "2"]}]})

        assert adapter(server, clock).metrics(["1"])["1"].counts == COUNTED

    @pytest.mark.parametrize(
        ("answer", "cause"),
        [
            (
                Said({"errors": [{"resource_id": LIVE, "title": "Field Authorization Error"}]}),
                "X does not show it (Field Authorization Error)",
            ),
            (
                Said(problem(403, "Not yours."), 403),
                "X does not tell it to this account (Forbidden; Not yours.)",
            ),
            (Said({"data": [{"id": LIVE}]}), "X gave no such number"),
        ],
    )
    def test_clicks_that_are_not_told_spoil_no_other_number(
        self, server: Scripted, clock: VirtualClock, answer: Said, cause: str
    ) -> None:
        clock.advance_to(made_at(LIVE) or clock.now())
        server.says(TWEETS, Said({"data": [{"id": LIVE, "public_metrics": PUBLIC}]}), answer)
        server.says("POST /2/oauth2/token", {"access_token": "next", "refresh_token": "r"})

        told = adapter(server, clock).metrics([LIVE])[LIVE]

        assert told.counts == COUNTED
        assert told.missing == {"clicks": cause}

    @pytest.mark.parametrize(("status", "kind"), [(402, ChannelBlocked), (429, RateLimited), (500, NotSent)])
    def test_what_ends_by_itself_or_needs_a_person_is_an_error(
        self, server: Scripted, clock: VirtualClock, status: int, kind: type[PlatformError]
    ) -> None:
        server.says(TWEETS, b"", status=status)

        assert type(error_of(lambda: adapter(server, clock).metrics(["1"]))) is kind


class TestOnePost:
    def test_a_post_that_is_there_is_confirmed(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(TWEETS, {"data": [{"id": LIVE, "text": "…"}]})

        assert adapter(server, clock).confirm(LIVE) == Confirmation(f"https://x.com/i/web/status/{LIVE}")
        assert dict(server.one(TWEETS).query) == {"ids": LIVE, "tweet.fields": "created_at"}

    @pytest.mark.parametrize(
        ("error", "warning"),
        [
            ({"type": NOT_FOUND, "detail": "Could not find it."}, "the post is not there any more"),
            ({"detail": "Withheld."}, "X does not show it (Withheld.)"),
        ],
    )
    def test_one_that_is_not_is_a_warning(
        self, server: Scripted, clock: VirtualClock, error: dict[str, Any], warning: str
    ) -> None:
        server.says(TWEETS, {"errors": [{"resource_id": LIVE, **error}]})

        assert adapter(server, clock).confirm(LIVE).warnings == (warning,)

    @pytest.mark.parametrize(
        "answer",
        [
            Said({"data": {"deleted": True}}),
            Said(b"", 404),
            Said({"errors": [{"resource_id": LIVE, "type": NOT_FOUND}]}),
        ],
    )
    def test_a_post_is_taken_down_or_gone_already(self, server: Scripted, clock: VirtualClock, answer: Said) -> None:
        server.says(f"DELETE /2/tweets/{LIVE}", answer)

        adapter(server, clock).delete(LIVE)

        assert server.calls == [f"DELETE /2/tweets/{LIVE}"]
        assert {sent.headers["authorization"] for sent in server.sent} == {f"Bearer {TOKEN}"}

    @pytest.mark.parametrize(
        "body", [{"data": {"deleted": False}}, {"errors": [{"resource_id": LIVE, "title": "Odd"}]}, {}]
    )
    def test_that_it_was_not_deleted_is_an_error(self, server: Scripted, clock: VirtualClock, body: Any) -> None:
        server.says(f"DELETE /2/tweets/{LIVE}", body)

        assert isinstance(error_of(lambda: adapter(server, clock).delete(LIVE)), NotSent)

    def test_it_cannot_be_changed_and_the_reason_is_told(self, server: Scripted, clock: VirtualClock) -> None:
        error = error_of(lambda: adapter(server, clock).edit(LIVE, None))  # type: ignore[arg-type]

        assert isinstance(error, Unsupported)
        assert "makes another post of it" in str(error)
        assert server.calls == []


ADDRESS = f"https://x.com/asa/status/{LIVE}?s=20"


class TestOneThatAPersonHasBoundByItsAddress:
    def test_is_counted(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(TWEETS, {"data": [{"id": LIVE, "public_metrics": PUBLIC}]})
        clock.advance_to(made_at(LIVE) or clock.now())
        server.says("POST /2/oauth2/token", {"access_token": "next", "refresh_token": "r"})

        told = adapter(server, clock).metrics([ADDRESS, "https://x.com/asa"])

        assert told[ADDRESS].counts == COUNTED
        assert set(told["https://x.com/asa"].missing.values()) == {"X showed nothing of this post"}
        assert {dict(each.query)["ids"] for each in server.sent if each.path == "/2/tweets"} == {LIVE}

    def test_is_confirmed(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(TWEETS, {"data": [{"id": LIVE}]})

        assert adapter(server, clock).confirm(ADDRESS) == Confirmation(f"https://x.com/i/web/status/{LIVE}")

    def test_is_taken_down(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"DELETE /2/tweets/{LIVE}", {"data": {"deleted": True}})

        adapter(server, clock).delete(ADDRESS)

        assert server.calls == [f"DELETE /2/tweets/{LIVE}"]

    def test_an_address_that_names_no_post_is_for_a_person(self, server: Scripted, clock: VirtualClock) -> None:
        for ask in (adapter(server, clock).delete, adapter(server, clock).confirm):
            for address in ("https://x.com/asa", f"https://x.com/asa/status/{LIVE}#2"):
                assert isinstance(error_of(lambda ask=ask, address=address: ask(address)), Unsupported)
        assert server.calls == []


class TestTheAccount:
    def test_it_is_who_x_says(self, server: Scripted, clock: VirtualClock) -> None:
        account = adapter(server, clock, text_length=4000).check()

        assert (account.id, account.name, account.warnings) == (OWN, "@asa", ())
        assert (account.limits.text, account.limits.unit) == (4000, "x-weighted")
        assert account.token_expires_at is None  # the stored grant does not tell
        assert server.calls == ["GET /2/users/me"]

    def test_keys_that_may_only_read_are_told_of(self, server: Scripted, clock: VirtualClock) -> None:
        server.says("GET /2/users/me", {"data": {"id": OWN, "username": "asa"}}, **{"x-access-level": "read"})

        [warning] = adapter(server, clock, **KEYS).check().warnings

        assert "may only read" in warning

    def test_an_answer_beside_the_question_is_told_in_xs_words(self, server: Scripted, clock: VirtualClock) -> None:
        server.says("GET /2/users/me", {"errors": [{"title": "Forbidden", "detail": "Suspended."}]})

        assert "Forbidden; Suspended." in str(error_of(adapter(server, clock).check))

    def test_its_followers_are_counted(self, server: Scripted, clock: VirtualClock) -> None:
        server.says("GET /2/users/me", {"data": {"id": OWN, "public_metrics": {"followers_count": 321}}})

        assert adapter(server, clock).followers() == 321
        assert dict(server.one("GET /2/users/me").query) == {"user.fields": "public_metrics"}
