"""How often a post was seen and answered: by its insights, by what it tells itself, or why not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from campaign.errors import NotSent, RateLimited
from campaign.platforms.base import COUNTS, Metrics
from campaign.rehearsal.clock import VirtualClock
from tests.platforms.facebook.scripted import (
    COMMENT_ID,
    GONE,
    HTML_ERROR,
    ONE,
    PERMALINK,
    POST_ID,
    TOKEN,
    Said,
    Scripted,
    V,
    adapter,
    error,
    error_of,
)

INSIGHTS = f"GET {ONE}/insights"
VALUES: dict[str, Any] = {
    "post_media_view": 1280,
    "post_total_media_view_unique": 910,
    "post_clicks": 44,
    "post_reactions_by_type_total": {"like": 30, "love": 4},
    "post_activity_by_action_type": {"like": 34, "comment": 5, "share": 3},
}
OWN = {
    "id": POST_ID,
    "shares": {"count": 2},
    "reactions": {"data": [], "summary": {"total_count": 31}},
    "comments": {"data": [], "summary": {"total_count": 6}},
}
UNKNOWN = Said(error(100, 0, "(#100) The value must be a valid insights metric"), 400)
NOT_ALLOWED = Said(error(200, 0, "(#200) Requires read_insights"), 403)
NO_FIGURE = "Facebook has no such figure of this post (it needs a page with a hundred followers, and a day)"


def insights(**values: Any) -> dict[str, Any]:
    """Return insights as Facebook writes them."""
    return {
        "data": [{"name": name, "period": "lifetime", "values": [{"value": value}]} for name, value in values.items()]
    }


def counted(server: Scripted, clock: VirtualClock) -> Metrics:
    return adapter(server, clock).metrics([POST_ID])[POST_ID]


def metrics_asked(server: Scripted) -> Iterator[str]:
    return (dict(sent.query)["metric"] for sent in server.sent if sent.path.endswith("/insights"))


def test_the_insights_tell_all(server: Scripted, clock: VirtualClock) -> None:
    server.says(INSIGHTS, insights(**VALUES))

    told = counted(server, clock)

    assert told.counts == {"impressions": 1280, "reactions": 34, "comments": 5, "shares": 3, "clicks": 44}
    assert told.missing == {}
    assert told.raw == VALUES
    assert server.calls == [INSIGHTS]
    assert server.sent[0].query == [("metric", ",".join(VALUES))]
    assert server.sent[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_what_nobody_has_done_is_left_out_by_facebook_and_is_0(server: Scripted, clock: VirtualClock) -> None:
    server.says(
        INSIGHTS, insights(**VALUES | {"post_reactions_by_type_total": {}, "post_activity_by_action_type": {"like": 1}})
    )

    told = counted(server, clock)

    assert (told.counts["reactions"], told.counts["comments"], told.counts["shares"]) == (0, 0, 0)


def test_a_number_that_is_broken_down_is_added_up(server: Scripted, clock: VirtualClock) -> None:
    server.says(
        INSIGHTS, insights(**VALUES | {"post_media_view": {"paid": 5, "organic": {"followers": 3, "others": 2}}})
    )

    assert counted(server, clock).counts["impressions"] == 10


def test_a_small_page_has_what_the_post_tells_itself(server: Scripted, clock: VirtualClock) -> None:
    server.says(INSIGHTS, {"data": []})
    server.says(f"GET {ONE}", OWN)

    told = counted(server, clock)

    assert told.counts == {"reactions": 31, "comments": 6, "shares": 2}
    assert told.missing == {"impressions": NO_FIGURE, "clicks": NO_FIGURE}
    assert told.raw == {"own_reactions": 31, "own_comments": 6, "own_shares": 2}
    fields = "shares,reactions.summary(true).limit(0),comments.summary(true).limit(0)"
    assert server.one(f"GET {ONE}").query == [("fields", fields)]


def test_shares_are_not_told_where_there_are_none(server: Scripted, clock: VirtualClock) -> None:
    server.says(INSIGHTS, {"data": []})
    server.says(f"GET {ONE}", {name: value for name, value in OWN.items() if name != "shares"})

    assert counted(server, clock).counts["shares"] == 0


def test_insights_win_over_what_the_post_tells(server: Scripted, clock: VirtualClock) -> None:
    server.says(INSIGHTS, insights(post_reactions_by_type_total={"like": 40}))
    server.says(f"GET {ONE}", OWN)

    assert counted(server, clock).counts == {"reactions": 40, "comments": 6, "shares": 2}


def test_what_the_token_may_not_read_is_asked_without(server: Scripted, clock: VirtualClock) -> None:
    server.says(INSIGHTS, NOT_ALLOWED)
    server.says(f"GET {ONE}", Said(error(10, 0, "Requires pages_read_user_content"), 403), {"shares": {"count": 2}})

    told = counted(server, clock)

    assert told.counts == {"shares": 2}
    assert set(told.missing) == {"impressions", "reactions", "comments", "clicks"}
    assert all("Requires read_insights" in cause for cause in told.missing.values())


def test_one_metric_that_is_dead_is_found_out_once(server: Scripted, clock: VirtualClock) -> None:
    alive = [Said(insights(**{name: value})) for name, value in VALUES.items() if name != "post_media_view"]
    rest = insights(**{name: value for name, value in VALUES.items() if name != "post_media_view"})
    server.says(INSIGHTS, UNKNOWN, UNKNOWN, *alive, rest)
    facebook = adapter(server, clock)

    first, second = (facebook.metrics([POST_ID])[POST_ID] for _ in range(2))

    assert first.counts == second.counts == {"reactions": 34, "comments": 5, "shares": 3, "clicks": 44}
    assert first.missing == second.missing == {"impressions": "Facebook does not count this any more"}
    assert list(metrics_asked(server)) == [
        ",".join(VALUES),
        *VALUES,
        ",".join(name for name in VALUES if name != "post_media_view"),
    ]


def test_where_all_are_dead_the_post_still_tells(server: Scripted, clock: VirtualClock) -> None:
    server.says(INSIGHTS, UNKNOWN)
    server.says(f"GET {ONE}", OWN)
    facebook = adapter(server, clock)

    facebook.metrics([POST_ID])
    told = facebook.metrics([POST_ID])[POST_ID]

    assert told.counts == {"reactions": 31, "comments": 6, "shares": 2}
    assert len(list(metrics_asked(server))) == 1 + len(VALUES)


def test_one_that_is_gone_does_not_spoil_the_others(server: Scripted, clock: VirtualClock) -> None:
    server.says(INSIGHTS, insights(**VALUES))

    told = adapter(server, clock).metrics([PERMALINK, POST_ID])

    assert told[POST_ID].counts["impressions"] == 1280
    assert set(told[PERMALINK].missing) == set(COUNTS)

    server.says(INSIGHTS, GONE)
    server.says(f"GET {ONE}", GONE)
    gone = counted(server, clock)
    assert gone.counts == {}
    assert set(gone.missing.values()) == {"the post is not there any more, or the token may not see it"}


def test_a_comment_tells_for_itself(server: Scripted, clock: VirtualClock) -> None:
    server.says(f"GET {V}/{COMMENT_ID}", {"id": COMMENT_ID, "like_count": 3, "comment_count": 0})

    told = adapter(server, clock).metrics([COMMENT_ID])[COMMENT_ID]

    assert told.counts == {"reactions": 3, "comments": 0}
    assert set(told.missing) == {"impressions", "shares", "clicks"}
    assert server.sent[0].query == [("fields", "like_count,comment_count")]


@pytest.mark.parametrize(
    "answer", [Said([]), Said({"data": [3, {"name": "post_clicks"}, {"name": "post_clicks", "values": [7]}]}), Said({})]
)
def test_odd_insights_are_none(server: Scripted, clock: VirtualClock, answer: Said) -> None:
    server.says(INSIGHTS, answer)
    server.says(f"GET {ONE}", Said([]))
    server.says(f"GET {V}/{COMMENT_ID}", Said([]))

    told = adapter(server, clock).metrics([POST_ID, COMMENT_ID])

    assert told[POST_ID].counts == {"shares": 0}
    assert told[COMMENT_ID].counts == {}


@pytest.mark.parametrize(
    ("answer", "kind", "dead"),
    [
        (Said(error(190, 463), 400), NotSent, True),
        (Said(error(80001), 400), RateLimited, False),
        (Said(error(1), 500), NotSent, False),
        (Said(HTML_ERROR, 502), NotSent, False),
        (Said(HTML_ERROR), NotSent, False),
    ],
)
def test_a_call_that_fails_is_made_again_later(
    server: Scripted, clock: VirtualClock, answer: Said, kind: type[NotSent], dead: bool
) -> None:
    server.says(INSIGHTS, answer)

    raised = error_of(lambda: counted(server, clock))

    assert type(raised) is kind
    assert raised.token_dead is dead
