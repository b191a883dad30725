"""What became of a call without an answer, read from the page's own posts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from campaign.errors import NotSent
from campaign.platforms.base import Absent, CannotTell, Found, Outgoing
from campaign.platforms.linkedin import LinkedIn
from campaign.rehearsal.clock import VirtualClock
from tests.conftest import MONDAY
from tests.platforms.linkedin.page import (
    COMMENTARY,
    LINK,
    PAGE,
    SHARE,
    SHARE_QUOTED,
    adapter,
    comment,
    item,
    post,
    send,
)
from tests.platforms.mastodon.scripted import Kept, Scripted, error_of
from tests.platforms.rows.linkedin import DUPLICATE, one

SINCE = MONDAY - timedelta(minutes=2)
OWN = "GET /posts"
TWIN = "GET /posts/urn%3Ali%3Ashare%3A7141138937766391808"
UNDER = f"GET /socialActions/{SHARE_QUOTED}/comments"
PERMALINK = f"https://www.linkedin.com/feed/update/{SHARE}/"
PICTURE = {"images": {"sha": "urn:li:image:A"}}
DENIED = one("ACCESS_DENIED", 403)


def look(linkedin: LinkedIn, sought: Outgoing | None = None, kept: Any = None) -> Found | Absent | CannotTell:
    return linkedin.find(sought or item(), Kept(dict(kept or {})).open(), SINCE)


def listed(*posts: Any) -> dict[str, Any]:
    return {"elements": list(posts), "paging": {"start": 0, "count": 50, "links": []}}


OTHER = "{hashtag|\\#|ClimateData} only"
OURS: list[tuple[str, dict[str, Any], Any]] = [
    ("by its text", post(), {}),
    ("by its text, the tag as people write it", post(commentary=COMMENTARY.replace("{hashtag|\\#|", "#")[:-1]), {}),
    ("by the marker in its link", post(commentary="Cut off: https://e.org/?utm\\_content=0a1b2c3d"), {}),
    ("by its picture", post(commentary=OTHER, content={"media": {"id": "urn:li:image:A"}}), PICTURE),
    (
        "by one of its pictures",
        post(
            commentary=OTHER, content={"multiImage": {"images": [{"id": "urn:li:image:Z"}, {"id": "urn:li:image:A"}]}}
        ),
        PICTURE,
    ),
    (
        "by the picture of its card",
        post(commentary=OTHER, content={"article": {"thumbnail": "urn:li:image:A"}}),
        PICTURE,
    ),
]


@pytest.mark.parametrize(("live", "kept"), [row[1:] for row in OURS], ids=[row[0] for row in OURS])
def test_a_post_that_is_live_is_found(server: Scripted, clock: VirtualClock, live: dict[str, Any], kept: Any) -> None:
    server.says(OWN, listed(post("urn:li:share:9", "Another."), live))

    assert look(adapter(server, clock), kept=kept) == Found(SHARE, PERMALINK)

    sent = server.one(OWN)
    assert sent.headers["x-restli-method"] == "FINDER"
    assert sent.query == [("author", PAGE), ("q", "author"), ("count", "50"), ("start", "0"), ("sortBy", "CREATED")]


@pytest.mark.parametrize(
    "posts",
    [
        [],
        [post(at=SINCE - timedelta(seconds=1))],
        [post(commentary=OTHER, content={"media": {"id": "urn:li:image:B"}})],
        [post(commentary=OTHER, content=None)],
        [post(commentary="Other words, utm\\_content=0a1b2c3dd")],
    ],
    ids=["nothing", "older", "another picture", "no content", "another marker"],
)
def test_what_is_not_ours_is_absent(server: Scripted, clock: VirtualClock, posts: list[Any]) -> None:
    server.says(OWN, listed(*posts))
    assert look(adapter(server, clock), kept=PICTURE) == Absent(honours_key=False)


def test_after_a_restore_the_marks_of_another_id_do_not_count(server: Scripted, clock: VirtualClock) -> None:
    server.says(OWN, listed(post(commentary=COMMENTARY.replace("0a1b2c3d", "ffff0000"))))
    assert isinstance(look(adapter(server, clock), item(marked=False)), Found)
    assert isinstance(look(adapter(server, clock)), Absent)


def test_one_that_readers_do_not_see_is_for_a_person(server: Scripted, clock: VirtualClock) -> None:
    server.says(OWN, listed(post(lifecycleState="PUBLISH_FAILED")))
    found = look(adapter(server, clock))
    assert found == CannotTell(f"LinkedIn has it as PUBLISH_FAILED: {PERMALINK}")


def test_further_pages_are_asked_for_while_they_are_recent(server: Scripted, clock: VirtualClock) -> None:
    others = [post(f"urn:li:share:{n}", "Another.") for n in range(50)]
    server.says(OWN, listed(*others), listed(post()))
    assert look(adapter(server, clock)) == Found(SHARE, PERMALINK)
    assert [dict(sent.query)["start"] for sent in server.sent] == ["0", "50"]


def test_a_page_of_older_posts_is_the_last(server: Scripted, clock: VirtualClock) -> None:
    server.says(OWN, listed(*(post(f"urn:li:share:{n}", at=SINCE - timedelta(days=1)) for n in range(50))))
    assert look(adapter(server, clock)) == Absent(honours_key=False)
    assert len(server.sent) == 1


def test_too_many_posts_are_for_a_person(server: Scripted, clock: VirtualClock) -> None:
    server.says(OWN, listed(*(post(f"urn:li:share:{n}", "Another.") for n in range(50))))
    assert look(adapter(server, clock)) == CannotTell("the page has posted more than 500 times since")


def test_without_the_right_to_read_nobody_can_tell(server: Scripted, clock: VirtualClock) -> None:
    server.says(OWN, DENIED, status=403)
    server.says(UNDER, DENIED, status=403)
    for sought in (item(), comment()):
        found = look(adapter(server, clock), sought)
        assert isinstance(found, CannotTell)
        assert "r_organization_social" in found.reason


@pytest.mark.parametrize("answer", [{}, {"elements": {}}, {"elements": ["x"]}, listed(post(createdAt=None))])
def test_a_list_that_is_none_says_nothing(server: Scripted, clock: VirtualClock, answer: Any) -> None:
    server.says(OWN, answer)
    assert isinstance(error_of(lambda: look(adapter(server, clock))), NotSent)


class TestADuplicate:
    """LinkedIn names the post that it has: ours, of an earlier call, or another."""

    def refused(self, server: Scripted, clock: VirtualClock) -> LinkedIn:
        linkedin = adapter(server, clock)
        server.says("POST /posts", DUPLICATE, status=422)
        error_of(lambda: send(linkedin, item()))
        server.says(OWN, listed())
        return linkedin

    def test_that_is_ours_is_found_before_any_list_shows_it(self, server: Scripted, clock: VirtualClock) -> None:
        linkedin = self.refused(server, clock)
        server.says(TWIN, post("urn:li:share:7141138937766391808"))
        assert look(linkedin) == Found(
            "urn:li:share:7141138937766391808",
            "https://www.linkedin.com/feed/update/urn:li:share:7141138937766391808/",
        )

    @pytest.mark.parametrize(
        "twin",
        [
            post("urn:li:share:7141138937766391808", author="urn:li:organization:1"),
            post("urn:li:share:7141138937766391808", at=SINCE - timedelta(hours=1)),
            post("urn:li:share:7141138937766391808", "Something else"),
        ],
        ids=["of another page", "of a time before", "with another text"],
    )
    def test_that_is_not_ours_is_for_a_person(self, server: Scripted, clock: VirtualClock, twin: Any) -> None:
        linkedin = self.refused(server, clock)
        server.says(TWIN, twin)
        found = look(linkedin)
        assert isinstance(found, CannotTell)
        assert "duplicate of another post: https://www.linkedin.com/" in found.reason

    @pytest.mark.parametrize("status", [404, 410])
    def test_that_is_not_there_is_for_a_person(self, server: Scripted, clock: VirtualClock, status: int) -> None:
        linkedin = self.refused(server, clock)
        server.says(TWIN, one("NOT_FOUND", status), status=status)
        found = look(linkedin)
        assert isinstance(found, CannotTell)
        assert "remembers a text for a day or two" in found.reason

    def test_that_is_not_named_is_looked_for_in_the_list(self, server: Scripted, clock: VirtualClock) -> None:
        linkedin = adapter(server, clock)
        server.says("POST /posts", one("DUPLICATE_POST", 422), status=422)
        error_of(lambda: send(linkedin, item()))
        server.says(OWN, listed())
        assert look(linkedin) == Absent(honours_key=False)

    def test_is_found_in_the_list_by_a_program_that_started_since(self, server: Scripted, clock: VirtualClock) -> None:
        self.refused(server, clock)
        server.says(OWN, listed(post()))
        assert look(adapter(server, clock)) == Found(SHARE, PERMALINK)


class TestAComment:
    def said(self, text: str = f"All of it: {LINK}", **values: Any) -> dict[str, Any]:
        made = {"actor": PAGE, "time": int(MONDAY.timestamp() * 1000)}
        known = {"actor": PAGE, "created": made, "id": "8", "message": {"text": text}, "object": "urn:li:activity:9"}
        return known | values

    def test_is_found_under_its_post(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(UNDER, listed(self.said("Nice!", actor="urn:li:person:1", id="7"), self.said()))
        assert look(adapter(server, clock), comment()) == Found("urn:li:comment:(urn:li:activity:9,8)", PERMALINK)
        assert server.one(UNDER).query == [("start", "0"), ("count", "50")]

    def test_is_known_by_the_name_that_it_has(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(UNDER, listed(self.said(**{"$URN": "urn:li:comment:(activity:9,88)"})))
        assert look(adapter(server, clock), comment()) == Found("urn:li:comment:(urn:li:activity:9,88)", PERMALINK)

    @pytest.mark.parametrize(
        "values",
        [
            {"actor": "urn:li:person:1"},
            {"text": "Something else"},
            {"created": {"time": int(SINCE.timestamp() * 1000) - 1}},
            {"message": None},
        ],
    )
    def test_of_others_or_another_text_or_time_is_not_ours(
        self, server: Scripted, clock: VirtualClock, values: dict[str, Any]
    ) -> None:
        server.says(UNDER, listed(self.said(**values)))
        assert look(adapter(server, clock), comment()) == Absent(honours_key=False)

    def test_is_looked_for_on_further_pages_and_given_up_at_last(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(UNDER, listed(*(self.said("Nice!") for _ in range(50))))
        found = look(adapter(server, clock), comment())
        assert found == CannotTell(f"there are more than 200 comments under {PERMALINK}")
        assert [dict(sent.query)["start"] for sent in server.sent] == ["0", "50", "100", "150"]
