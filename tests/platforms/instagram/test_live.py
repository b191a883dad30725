"""What is asked of Instagram about posts that are live, or may be."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from campaign.errors import NotSent, RateLimited
from campaign.platforms.base import Absent, CannotTell, Confirmation, Found, Metrics
from campaign.platforms.instagram import Instagram
from campaign.rehearsal.clock import VirtualClock
from tests.conftest import MONDAY
from tests.platforms.contained import ACCOUNT, BEARER, CONTAINER, MEDIA, channel, rows, said
from tests.platforms.instagram.conftest import V
from tests.platforms.mastodon.scripted import LINK, TEXT, Kept, Said, Scripted, error_of, item

LOOK = f"GET {V}/{CONTAINER}"
LIST = f"GET {V}/{ACCOUNT}/media"
SINCE = MONDAY - timedelta(days=7)
KEPT = {"container": {"id": CONTAINER, "at": MONDAY.isoformat(), "account": ACCOUNT}}
PERMALINK = "https://www.instagram.com/p/Cabc123/"


def post(caption: str | None = TEXT, at: datetime = MONDAY, remote_id: str = MEDIA, **more: Any) -> dict[str, Any]:
    """Return a post as Instagram lists it; without a caption the field is not there."""
    told = {"id": remote_id, "permalink": PERMALINK, "timestamp": f"{at:%Y-%m-%dT%H:%M:%S+0000}", **more}
    return told if caption is None else {**told, "caption": caption}


def listed(*posts: dict[str, Any], after: str = "") -> dict[str, Any]:
    more = {"cursors": {"after": after}, "next": f"https://graph.instagram.com/more?after={after}"} if after else {}
    return {"data": list(posts), "paging": more}


def find(server: Scripted, clock: VirtualClock, kept: dict[str, Any] | None = None, **values: Any) -> Any:
    checkpoint = Kept(KEPT if kept is None else kept).open()
    return channel(Instagram, server, clock).find(item(**values), checkpoint, SINCE)


class TestFinding:
    @pytest.mark.parametrize("state", ["FINISHED", "IN_PROGRESS"])
    def test_a_container_that_was_not_published_proves_absence(
        self, server: Scripted, clock: VirtualClock, state: str
    ) -> None:
        server.says(LOOK, {"status_code": state})
        assert find(server, clock) == Absent(honours_key=False)
        assert server.calls == [LOOK]

    def test_one_that_was_is_found_by_its_exact_caption(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(LOOK, {"status_code": "PUBLISHED"})
        server.says(LIST, listed(post("Something else", remote_id="1"), post(f"{TEXT}\n"), post(None, remote_id="3")))
        assert find(server, clock) == Found(MEDIA, PERMALINK)
        asked = dict(server.one(LIST).query)
        assert asked == {
            "fields": "id,caption,permalink,timestamp",
            "since": str(int(SINCE.timestamp())),
            "limit": "50",
        }

    @pytest.mark.parametrize(
        "posts", [[], [post("Something else")], [post(TEXT[:-1])], [post(at=SINCE - timedelta(seconds=1))]]
    )
    def test_one_that_was_and_is_not_found_is_for_a_person(
        self, server: Scripted, clock: VirtualClock, posts: list[dict[str, Any]]
    ) -> None:
        server.says(LOOK, {"status_code": "PUBLISHED"})
        server.says(LIST, listed(*posts))
        answer = find(server, clock)
        assert isinstance(answer, CannotTell)
        assert answer.reason == "its container was published, and no post of the account has its text"

    def test_of_two_with_its_caption_a_person_chooses(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(LOOK, {"status_code": "PUBLISHED"})
        server.says(LIST, listed(post(), post(remote_id="2")))
        assert find(server, clock) == CannotTell("2 posts of the account have its text, and one of them may be older")

    @pytest.mark.parametrize("state", ["EXPIRED", "ERROR"])
    def test_of_what_nothing_came_it_is_looked_for_all_the_same(
        self, server: Scripted, clock: VirtualClock, state: str
    ) -> None:
        server.says(LOOK, {"status_code": state})
        server.says(LIST, listed(post()), listed())
        assert find(server, clock) == Found(MEDIA, PERMALINK)
        assert find(server, clock) == Absent(honours_key=False)

    def test_a_container_that_is_not_known_any_more_proves_nothing(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(LOOK, said(100, 33))
        server.says(LIST, listed())
        assert isinstance(find(server, clock), CannotTell)

    def test_what_a_restore_has_lost_is_found_by_its_text_whatever_its_marks(
        self, server: Scripted, clock: VirtualClock
    ) -> None:
        server.says(LIST, listed(post(TEXT.replace("0a1b2c3d", "99999999"))), listed())
        assert find(server, clock, {}, marked=False) == Found(MEDIA, PERMALINK)
        assert find(server, clock, {}, marked=False) == Absent(honours_key=False)
        assert LINK in TEXT

    def test_a_restored_container_that_was_not_published_does_not_end_the_search(
        self, server: Scripted, clock: VirtualClock
    ) -> None:
        server.says(LIST, listed(post()))
        assert find(server, clock, marked=False) == Found(MEDIA, PERMALINK)

    def test_all_pages_since_then_are_read(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(LOOK, {"status_code": "PUBLISHED"})
        server.says(LIST, listed(post("a"), after="x"), listed(post("b"), after="y"), listed(post()))
        assert find(server, clock) == Found(MEDIA, PERMALINK)
        assert [dict(sent.query).get("after") for sent in server.sent[1:]] == [None, "x", "y"]

    def test_pages_from_before_then_are_not(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(LOOK, {"status_code": "PUBLISHED"})
        server.says(LIST, listed(post(), post("old", at=SINCE - timedelta(days=1)), after="x"))
        assert find(server, clock) == Found(MEDIA, PERMALINK)
        assert server.calls == [LOOK, LIST]

    def test_too_many_pages_are_for_a_person(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(LOOK, {"status_code": "PUBLISHED"})
        server.says(LIST, listed(post("a"), after="x"))
        assert find(server, clock) == CannotTell("not all can be seen that the account has posted since: 400 at most")

    def test_a_list_that_goes_on_without_saying_where_proves_nothing(
        self, server: Scripted, clock: VirtualClock
    ) -> None:
        server.says(LOOK, {"status_code": "EXPIRED"})
        server.says(LIST, {"data": [], "paging": {"next": "https://graph.instagram.com/more"}})
        assert isinstance(find(server, clock), CannotTell)

    def test_another_account_cannot_tell(self, server: Scripted, clock: VirtualClock) -> None:
        answer = find(server, clock, {"container": {**KEPT["container"], "account": "1"}})
        assert isinstance(answer, CannotTell)
        assert server.calls == []

    @pytest.mark.parametrize("body", [b"", {}, {"data": [{"id": "1"}]}, {"data": [{"id": "1", "timestamp": "now"}]}])
    def test_a_list_that_makes_no_sense_is_no_answer(self, server: Scripted, clock: VirtualClock, body: Any) -> None:
        server.says(LOOK, {"status_code": "PUBLISHED"})
        server.says(LIST, body)
        assert isinstance(error_of(lambda: find(server, clock)), NotSent)


class TestConfirming:
    def test_it_learns_the_address(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"GET {V}/{MEDIA}", {"id": MEDIA, "permalink": PERMALINK})
        assert channel(Instagram, server, clock).confirm(MEDIA) == Confirmation(PERMALINK)
        assert server.sent[0].query == [("fields", "id,permalink")]

    def test_one_that_is_gone_is_told(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"GET {V}/{MEDIA}", said(100, 33))
        confirmed = channel(Instagram, server, clock).confirm(MEDIA)
        assert confirmed.warnings == ("the post is not there any more",)

    def test_an_address_that_a_person_gave_is_believed(self, server: Scripted, clock: VirtualClock) -> None:
        assert channel(Instagram, server, clock).confirm(PERMALINK) == Confirmation(PERMALINK)
        assert server.calls == []


ALL = {"views": 812, "reach": 540, "likes": 31, "comments": 4, "saved": 6, "shares": 5, "total_interactions": 46}
INSIGHTS = f"GET {V}/{MEDIA}/insights"
NO_CLICKS = {"clicks": "Instagram does not count clicks on a post"}


class TestCounting:
    def test_all_of_a_post(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(INSIGHTS, rows(**ALL))
        told = channel(Instagram, server, clock).metrics([MEDIA])
        counts = {"impressions": 812, "reactions": 31, "comments": 4, "shares": 5}
        assert told == {MEDIA: Metrics(counts, NO_CLICKS, ALL)}
        sent = server.one(INSIGHTS)
        assert sent.query == [("metric", "views,reach,likes,comments,saved,shares,total_interactions")]
        assert sent.headers["authorization"] == BEARER

    def test_a_total_is_a_count_too_and_what_is_no_number_is_none(self, server: Scripted, clock: VirtualClock) -> None:
        odd = {"data": [{"name": "views", "total_value": {"value": 7}}, {"name": "likes", "values": []}, "odd", None]}
        server.says(INSIGHTS, odd)
        told = channel(Instagram, server, clock).metrics([MEDIA])[MEDIA]
        assert (told.counts, told.raw) == ({"impressions": 7}, {"views": 7})
        assert told.missing["reactions"] == "Instagram does not count this for the post"

    def test_what_is_refused_is_left_out_and_has_its_cause(self, server: Scripted, clock: VirtualClock) -> None:
        no_views = said(100, message="(#100) The Media Insights API does not support the views metric")
        server.says(INSIGHTS, no_views, rows(reach=540, likes=31, comments=4, saved=6, shares=5))
        told = channel(Instagram, server, clock).metrics([MEDIA])[MEDIA]
        assert told.counts == {"reactions": 31, "comments": 4, "shares": 5}
        assert told.missing["impressions"].startswith("Instagram does not count this for the post: (#100) The Media")
        assert [dict(sent.query)["metric"] for sent in server.sent][1] == "reach,likes,comments,saved,shares"

    def test_where_no_insight_is_there_the_post_itself_tells(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(INSIGHTS, said(100))
        server.says(f"GET {V}/{MEDIA}", {"like_count": 31, "id": MEDIA})
        told = channel(Instagram, server, clock).metrics([MEDIA])[MEDIA]
        assert server.calls == [INSIGHTS] * 3 + [f"GET {V}/{MEDIA}"]
        assert (told.counts, sorted(told.missing)) == (
            {"reactions": 31},
            ["clicks", "comments", "impressions", "shares"],
        )

    @pytest.mark.parametrize(
        ("answer", "cause"),
        [
            (said(100, 2108006), "Instagram counts no post that is older than the account's switch"),
            (said(10), "the login does not allow to read insights"),
            (said(200), "the login does not allow to read insights"),
        ],
    )
    def test_where_asking_for_less_is_no_use_it_is_not_tried(
        self, server: Scripted, clock: VirtualClock, answer: Said, cause: str
    ) -> None:
        server.says(INSIGHTS, answer)
        server.says(f"GET {V}/{MEDIA}", {"like_count": 31, "comments_count": 4, "id": MEDIA})
        told = channel(Instagram, server, clock).metrics([MEDIA])[MEDIA]
        assert server.calls == [INSIGHTS, f"GET {V}/{MEDIA}"]
        assert told.counts == {"reactions": 31, "comments": 4}
        assert told.missing["impressions"].startswith(cause)

    def test_one_that_is_gone_and_one_known_by_its_address(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(INSIGHTS, said(100, 33))
        server.says(f"GET {V}/{MEDIA}", said(100, 33))
        told = channel(Instagram, server, clock).metrics([MEDIA, PERMALINK])
        assert set(told[MEDIA].missing.values()) == {"the post is not there any more"}
        assert set(told[PERMALINK].missing.values()) == {
            "the post is known by its address only, and Instagram counts by number"
        }
        assert (dict(told[MEDIA].counts), dict(told[PERMALINK].counts)) == ({}, {})

    def test_a_limit_that_is_reached_is_no_cause(self, server: Scripted, clock: VirtualClock) -> None:
        usage = '{"1": [{"type": "instagram", "call_count": 100, "estimated_time_to_regain_access": 7}]}'
        limited = Said(said(80002).body, 400, {"X-Business-Use-Case-Usage": usage})
        server.says(INSIGHTS, limited)
        error = error_of(lambda: channel(Instagram, server, clock).metrics([MEDIA]))
        assert isinstance(error, RateLimited)
        assert error.retry_after == timedelta(minutes=7)

    def test_followers(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"GET {V}/{ACCOUNT}", {"followers_count": 321, "id": ACCOUNT})
        assert channel(Instagram, server, clock).followers() == 321
        assert server.sent[0].query == [("fields", "followers_count")]
