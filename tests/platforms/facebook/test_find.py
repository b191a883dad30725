"""What became of a call without an answer: asked of the pictures, then of what the page has published."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from campaign.errors import NotSent
from campaign.platforms.base import Absent, CannotTell, Found, Outgoing
from campaign.rehearsal.clock import VirtualClock
from tests.conftest import MONDAY
from tests.platforms.facebook.scripted import (
    COMMENT_ID,
    COMMENTS,
    HTML_ERROR,
    LINK,
    LIST,
    ONE,
    PAGE,
    PERMALINK,
    POST_ID,
    TEXT,
    Kept,
    MakeImage,
    Said,
    Scripted,
    V,
    adapter,
    comment,
    error,
    error_of,
    item,
    listed,
    node,
    showing,
)

SINCE = MONDAY - timedelta(minutes=2)
LIVE = Found(POST_ID, permalink=PERMALINK)
UPLOADED = {"media": {"a" * 64: {"id": "91", "at": "2026-03-02T07:00:00+00:00"}}}
TWO = {"media": {**UPLOADED["media"], "b" * 64: {"id": "92", "at": "2026-03-02T07:00:00+00:00"}}}
OTHER = "https://example.org/modules?utm_source=facebook&utm_content=ffffffff"


def look(server: Scripted, clock: VirtualClock, sought: Outgoing | None = None, kept: Any = None) -> Any:
    return adapter(server, clock).find(sought or item(), Kept(dict(kept or {})).open(), SINCE)


class TestAmongThePublished:
    def test_a_post_is_found_by_its_text(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(LIST, listed(node("1040001_9", "Another."), node(message=f" {TEXT}\n")))

        assert look(server, clock, item(post="")) == LIVE
        query = dict(server.one(LIST).query)
        assert query.keys() == {"fields", "since", "limit"}
        assert (query["since"], query["limit"]) == (str(int(SINCE.timestamp())), "25")

    def test_it_is_found_by_the_link_that_it_alone_has(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(LIST, listed(node("1040001_9", f"Shortened {OTHER}"), node(message=f"Shortened {LINK}")))

        assert look(server, clock) == LIVE

    @pytest.mark.parametrize("shown", [("91",), ("88", "91")])
    def test_it_is_found_by_the_picture_that_went_up_for_it(
        self, server: Scripted, clock: VirtualClock, shown: tuple[str, ...]
    ) -> None:
        server.says(f"GET {V}/91", {"id": "91"})
        other = node("1040001_9", "Another.", **showing("90"))
        server.says(LIST, listed(other, node(message="As a person has changed it", **showing(*shown))))

        assert look(server, clock, kept=UPLOADED) == LIVE

    def test_what_is_older_is_none_of_it(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(LIST, listed(node(at=SINCE - timedelta(seconds=1))))
        assert look(server, clock) == Absent(honours_key=False)

        server.says(LIST, listed(node(at=SINCE)))
        assert look(server, clock) == LIVE

    def test_after_a_restore_the_marks_in_its_links_do_not_count(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(LIST, listed(node(message=TEXT.replace("0a1b2c3d", "ffffffff"))))

        assert look(server, clock) == Absent(honours_key=False)
        assert look(server, clock, item(marked=False)) == LIVE

    def test_all_pages_are_read(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(LIST, listed(node("1040001_9", "Another."), after="next1"), listed(node()))

        assert look(server, clock) == LIVE
        assert [dict(sent.query).get("after") for sent in server.sent] == [None, "next1"]

    @pytest.mark.parametrize(
        "last",
        [
            listed(),
            listed(node("1040001_9", "Another.")),
            {"data": [node("1040001_9", "Another.", attachments={"data": [3, {"target": 4}]})], "paging": {}},
            {"data": [{**node("1040001_9"), "message": None}], "paging": {"cursors": {"after": "z"}}},
        ],
    )
    def test_what_is_on_no_page_is_absent(self, server: Scripted, clock: VirtualClock, last: Any) -> None:
        server.says(LIST, listed(node("1040001_8", "Another."), after="next1"), last)

        assert look(server, clock) == Absent(honours_key=False)
        assert len(server.calls) == 2

    @pytest.mark.parametrize(
        "hidden",
        [
            {"data": [], "paging": {"cursors": {"after": "next1"}, "next": "https://graph.facebook.com/x"}},
            {"data": [], "paging": {"next": f"https://graph.facebook.com{V}/x?access_token=t&after=next1"}},
        ],
    )
    def test_a_page_of_which_nothing_is_shown_is_not_the_last(
        self, server: Scripted, clock: VirtualClock, hidden: dict[str, Any]
    ) -> None:
        server.says(LIST, hidden, listed(node()))

        assert look(server, clock) == LIVE
        assert [dict(sent.query).get("after") for sent in server.sent] == [None, "next1"]
        assert "access_token" not in dict(server.sent[-1].query)

    def test_a_list_that_goes_on_without_saying_how_proves_nothing(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(LIST, {"data": [node("1040001_9", "Another.")], "paging": {"next": "https://graph.facebook.com/x"}})

        assert isinstance(error_of(lambda: look(server, clock)), NotSent)

    def test_more_than_can_be_read_tells_nothing(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(LIST, listed(node("1040001_9", "Another."), after="more"))

        assert look(server, clock) == CannotTell("there are more than 500 since")
        assert len(server.calls) == 20

    @pytest.mark.parametrize(
        "answer",
        [
            Said(HTML_ERROR, 502),
            Said(HTML_ERROR),
            Said({}),
            Said({"data": "x"}),
            Said({"data": [{"id": "1"}]}),
            Said({"data": [{"created_time": "2026-03-02T08:00:00+0000"}]}),
            Said({"data": [3]}),
            Said(error(10), 403),
            Said(error(100, 33), 400),
            Said(error(1), 500),
        ],
    )
    def test_a_list_that_cannot_be_read_proves_nothing(
        self, server: Scripted, clock: VirtualClock, answer: Said
    ) -> None:
        server.says(LIST, answer)

        assert isinstance(error_of(lambda: look(server, clock)), NotSent)


class TestByThePicture:
    def test_the_post_that_shows_it_is_the_one_if_it_says_the_same(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"GET {V}/91", {"id": "91", "page_story_id": POST_ID})
        server.says(f"GET {ONE}", node())

        assert look(server, clock, kept=UPLOADED) == LIVE
        assert server.calls == [f"GET {V}/91", f"GET {ONE}"]
        assert server.sent[0].query == [("fields", "page_story_id")]

    def test_one_story_of_two_pictures_is_looked_at_once(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"GET {V}/91", {"id": "91", "page_story_id": POST_ID})
        server.says(f"GET {V}/92", {"id": "92", "page_story_id": POST_ID})
        server.says(f"GET {ONE}", node())

        assert look(server, clock, kept=TWO) == LIVE
        assert server.calls.count(f"GET {ONE}") == 1

    def test_where_it_has_a_story_of_its_own_the_list_tells(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"GET {V}/91", {"id": "91", "page_story_id": "1040001_91"})
        server.says(f"GET {V}/1040001_91", {"id": "1040001_91"})
        server.says(LIST, listed(node(message="Odd", **showing("91", "92"))))

        assert look(server, clock, kept=UPLOADED) == LIVE

    @pytest.mark.parametrize("story", [Said({"id": "1040001_91", "message": "Odd"}), Said(error(100, 33), 400)])
    def test_shown_but_in_no_list_is_never_absent(self, server: Scripted, clock: VirtualClock, story: Said) -> None:
        server.says(f"GET {V}/91", {"id": "91", "page_story_id": "1040001_91"})
        server.says(f"GET {V}/1040001_91", story)
        server.says(LIST, listed())

        told = look(server, clock, kept=UPLOADED)

        assert isinstance(told, CannotTell)
        assert "https://www.facebook.com/1040001/posts/91" in told.reason

    @pytest.mark.parametrize("photo", [Said({"id": "91"}), Said(error(100, 33), 400)])
    def test_of_a_picture_that_nothing_shows_the_list_decides(
        self, server: Scripted, clock: VirtualClock, photo: Said, image: MakeImage
    ) -> None:
        server.says(f"GET {V}/91", photo)
        server.says(LIST, listed())

        assert look(server, clock, item(images=(image(),)), kept=UPLOADED) == Absent(honours_key=False)


class TestTheComment:
    def test_it_is_found_under_its_post(self, server: Scripted, clock: VirtualClock) -> None:
        read_on = comment().text
        strangers = node("555_1", read_on) | {"from": {"id": "42"}}
        server.says(f"GET {COMMENTS}", listed(strangers, node(COMMENT_ID, read_on) | {"from": {"id": PAGE}}))

        assert look(server, clock, comment()) == Found(COMMENT_ID, permalink=PERMALINK)
        query = dict(server.sent[0].query)
        assert (query["filter"], query["order"], query["limit"]) == ("toplevel", "reverse_chronological", "25")

    def test_who_wrote_it_may_not_be_told(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"GET {COMMENTS}", listed(node(COMMENT_ID, comment().text)))

        assert look(server, clock, comment()) == Found(COMMENT_ID, permalink=PERMALINK)

    def test_under_its_post_alone(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"GET {COMMENTS}", listed(node("555_1", "Well done!")))

        assert look(server, clock, comment()) == Absent(honours_key=False)

    @pytest.mark.parametrize("code", [(10, 0), (200, 0), (100, 33)])
    def test_comments_that_may_not_be_read_tell_nothing(
        self, server: Scripted, clock: VirtualClock, code: tuple[int, int]
    ) -> None:
        server.says(f"GET {COMMENTS}", Said(error(*code), 400))

        assert isinstance(look(server, clock, comment()), CannotTell)

    def test_a_post_that_a_person_has_bound_by_its_address_has_comments_too(
        self, server: Scripted, clock: VirtualClock
    ) -> None:
        server.says(f"GET {COMMENTS}", listed())

        root = "https://www.facebook.com/our-page/posts/555"
        assert look(server, clock, comment(root=root)) == Absent(honours_key=False)
