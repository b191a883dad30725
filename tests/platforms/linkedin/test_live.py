"""What is done with a live post: looked at, counted, changed, taken down; and who the page is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from campaign.errors import ChannelBlocked, NotSent, Unsupported
from campaign.platforms.base import COUNTS, Confirmation, Metrics
from campaign.platforms.linkedin.settings import LinkedInSettings
from campaign.platforms.linkedin.urns import post_in
from campaign.rehearsal.clock import VirtualClock
from tests.platforms.linkedin.page import (
    COMMENTARY,
    OURS,
    PAGE,
    PAGE_QUOTED,
    SHARE,
    SHARE_QUOTED,
    adapter,
    comment,
    item,
    post,
    send,
)
from tests.platforms.linkedin.test_find import listed, look
from tests.platforms.mastodon.scripted import Said, Scripted, error_of
from tests.platforms.rows.linkedin import one

PERMALINK = f"https://www.linkedin.com/feed/update/{SHARE}/"
LIVE = f"/posts/{SHARE_QUOTED}"
COMMENT = "urn:li:comment:(urn:li:activity:9,8)"
UNDER = "/socialActions/urn%3Ali%3Aactivity%3A9/comments/8"
STATISTICS = "GET /organizationalEntityShareStatistics"
DENIED = Said(one("ACCESS_DENIED", 403), 403)
ACTIVITY = "https://www.linkedin.com/feed/update/urn:li:activity:7/"


class TestALook:
    def test_tells_where_the_post_is(self, server: Scripted, clock: VirtualClock) -> None:
        linkedin = adapter(server, clock)
        send(linkedin, item())
        server.says(f"GET {LIVE}", post())
        assert linkedin.confirm(SHARE) == Confirmation(PERMALINK)

    @pytest.mark.parametrize(
        ("shown", "ends"),
        [("Our report is out ", "Our report is out"), ("", "nothing at all")],
    )
    def test_warns_where_the_end_of_the_text_is_lost(
        self, server: Scripted, clock: VirtualClock, shown: str, ends: str
    ) -> None:
        linkedin = adapter(server, clock)
        send(linkedin, item())
        server.says(f"GET {LIVE}", post(commentary=shown))
        [warning] = linkedin.confirm(SHARE).warnings
        assert warning.startswith(f"LinkedIn has cut the text: it ends with “{ends}”")

    def test_looks_at_the_text_of_a_post_that_was_found(self, server: Scripted, clock: VirtualClock) -> None:
        linkedin = adapter(server, clock)
        server.says("GET /posts", listed(post(commentary="Cut: https://e.org/?utm\\_content=0a1b2c3d")))
        look(linkedin)
        server.says(f"GET {LIVE}", post(commentary="Cut: https://e.org/?utm\\_content=0a1b2c3d"))
        assert len(linkedin.confirm(SHARE).warnings) == 1

    def test_knows_no_text_of_a_post_of_before(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"GET {LIVE}", post(commentary="Something"))
        assert adapter(server, clock).confirm(SHARE) == Confirmation(PERMALINK)

    @pytest.mark.parametrize(("remote_id", "path"), [(SHARE, LIVE), (COMMENT, UNDER)])
    def test_warns_where_it_is_gone(self, server: Scripted, clock: VirtualClock, remote_id: str, path: str) -> None:
        server.says(f"GET {path}", one("NOT_FOUND", 404), status=404)
        assert adapter(server, clock).confirm(remote_id).warnings == ("the post is not there any more",)

    def test_at_a_comment_only_tells_whether_it_is_there(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"GET {UNDER}", {"message": {"text": "All of it"}})
        assert adapter(server, clock).confirm(COMMENT) == Confirmation()

    @pytest.mark.parametrize(("text", "warnings"), [("Short (1).", 1), ("(" * 1600, 2)])
    def test_without_the_right_to_read_says_so(
        self, server: Scripted, clock: VirtualClock, text: str, warnings: int
    ) -> None:
        linkedin = adapter(server, clock)
        send(linkedin, item(text=text))
        server.says(f"GET {LIVE}", DENIED)
        told = linkedin.confirm(SHARE).warnings
        assert told[0].startswith("LinkedIn does not let us read the post")
        assert len(told) == warnings
        assert told[1:] == ("as LinkedIn gets it, the text has 3200 signs, which may be too many",)[: warnings - 1]


def counted(**numbers: int) -> dict[str, int]:
    known = {"impressionCount": 1500, "uniqueImpressionsCount": 1100, "clickCount": 60, "likeCount": 20}
    return known | {"commentCount": 4, "shareCount": 2} | numbers


class TestCounts:
    def test_are_asked_for_several_posts_at_once(self, server: Scripted, clock: VirtualClock) -> None:
        video = "urn:li:ugcPost:3"
        told = [
            {"share": SHARE, "totalShareStatistics": counted()},
            {"ugcPost": video, "totalShareStatistics": counted()},
        ]
        server.says(STATISTICS, {"elements": told})
        counts = {"impressions": 1500, "reactions": 20, "comments": 4, "shares": 2, "clicks": 60}

        assert adapter(server, clock).metrics([SHARE, video]) == {
            SHARE: Metrics(counts, {}, counted()),
            video: Metrics(counts, {}, counted()),
        }

        [raw] = server.server.requests
        assert server.sent[0].method == "GET"
        assert server.sent[0].headers.items() >= OURS.items()
        assert raw.split(b" ")[1].decode() == (
            f"/organizationalEntityShareStatistics?q=organizationalEntity&organizationalEntity={PAGE_QUOTED}"
            f"&shares=List({SHARE_QUOTED})&ugcPosts=List(urn%3Ali%3AugcPost%3A3)"
        )

    def test_are_asked_for_ten_at_a_time(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(STATISTICS, {"elements": []})
        adapter(server, clock).metrics([f"urn:li:share:{n}" for n in range(12)])
        asked = [dict(sent.query)["shares"] for sent in server.sent if sent.query]
        assert [each.count("urn:li:share:") for each in asked] == [10, 2]
        assert asked[1] == "List(urn:li:share:10,urn:li:share:11)"

    def test_of_a_post_that_is_left_out_are_zero(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(STATISTICS, {"elements": []})
        server.says(f"GET /posts/{SHARE_QUOTED}", post())
        assert adapter(server, clock).metrics([SHARE])[SHARE] == Metrics(dict.fromkeys(COUNTS, 0))

    @pytest.mark.parametrize(
        ("answer", "cause"),
        [
            (Said(one("NOT_FOUND", 404), 404), "the post is not there any more"),
            (DENIED, "LinkedIn has no counts of it, and does not let us see whether it is there"),
        ],
    )
    def test_of_a_post_that_is_left_out_because_it_is_gone_are_no_zeros(
        self, server: Scripted, clock: VirtualClock, answer: Said, cause: str
    ) -> None:
        server.says(STATISTICS, {"elements": []})
        server.says(f"GET /posts/{SHARE_QUOTED}", answer)
        assert adapter(server, clock).metrics([SHARE])[SHARE] == Metrics(missing=dict.fromkeys(COUNTS, cause))

    def test_that_are_missing_are_no_zeros(self, server: Scripted, clock: VirtualClock) -> None:
        told = {"share": SHARE, "totalShareStatistics": {"likeCount": 3}}
        server.says(STATISTICS, {"elements": [told]})
        found = adapter(server, clock).metrics([SHARE])[SHARE]
        assert found.counts == {"reactions": 3}
        assert found.missing == dict.fromkeys(
            ("impressions", "comments", "shares", "clicks"), "LinkedIn gave no such number"
        )

    def test_are_missing_for_whoever_is_no_administrator(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(STATISTICS, DENIED)
        found = adapter(server, clock).metrics([SHARE])[SHARE]
        assert found.counts == {}
        assert set(found.missing) == set(COUNTS)
        assert "administrators" in found.missing["impressions"]

    def test_of_what_has_none_have_a_cause(self, server: Scripted, clock: VirtualClock) -> None:
        found = adapter(server, clock).metrics([ACTIVITY])
        assert "cannot be asked about" in found[ACTIVITY].missing["reactions"]
        assert server.calls == []

    def test_of_our_own_comment_tell_it_from_those_of_readers(self, server: Scripted, clock: VirtualClock) -> None:
        summaries = {"likesSummary": {"totalLikes": 2}, "commentsSummary": {"aggregatedTotalComments": 0}}
        server.says(f"GET {UNDER}", {"id": "8", **summaries})
        found = adapter(server, clock).metrics([COMMENT])[COMMENT]
        assert found.counts == {"reactions": 2, "comments": 0}
        assert found.missing == dict.fromkeys(
            ("impressions", "shares", "clicks"), "LinkedIn does not tell of a comment"
        )

    @pytest.mark.parametrize("answer", [DENIED, Said(one("NOT_FOUND", 404), 404)])
    def test_of_a_comment_that_is_not_shown_have_a_cause(
        self, server: Scripted, clock: VirtualClock, answer: Said
    ) -> None:
        server.says(f"GET {UNDER}", answer)
        found = adapter(server, clock).metrics([COMMENT])[COMMENT]
        assert found.counts == {}
        assert set(found.missing) == set(COUNTS)

    def test_of_a_post_that_a_person_has_named_by_its_address(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(STATISTICS, {"elements": []})
        server.says(f"GET /posts/{SHARE_QUOTED}", post())
        assert adapter(server, clock).metrics([PERMALINK])[PERMALINK].counts["clicks"] == 0

    @pytest.mark.parametrize(
        ("address", "post"),
        [
            ("urn:li:share:7", "urn:li:share:7"),
            ("https://www.linkedin.com/feed/update/urn:li:ugcPost:7/?a=b", "urn:li:ugcPost:7"),
            ("https://www.linkedin.com/feed/update/urn%3Ali%3Ashare%3A7", "urn:li:share:7"),
            ("https://www.linkedin.com/posts/asa_battery-modules-share-7-AbC_?utm_source=share", "urn:li:share:7"),
            ("https://www.linkedin.com/posts/asa_battery-ugcPost-7-AbC_/", "urn:li:ugcPost:7"),
        ],
    )
    def test_a_post_is_read_from_its_address(self, address: str, post: str) -> None:
        assert post_in(address) == post

    @pytest.mark.parametrize(
        "address",
        [
            "https://www.linkedin.com/posts/asa_battery-modules-activity-7-AbC_",
            "https://www.linkedin.com/posts/asa_share-7up-AbC_",
            "https://www.linkedin.com/feed/update/urn:li:activity:7/",
        ],
    )
    def test_an_activity_is_no_post(self, address: str) -> None:
        with pytest.raises(Unsupported):
            post_in(address)

    def test_followers(self, server: Scripted, clock: VirtualClock) -> None:
        call = f"GET /networkSizes/{PAGE_QUOTED}"
        server.says(call, {"firstDegreeSize": 219145})
        assert adapter(server, clock).followers() == 219145
        assert server.one(call).query == [("edgeType", "COMPANY_FOLLOWED_BY_MEMBER")]
        server.says(call, DENIED)
        assert adapter(server, clock).followers() is None


class TestAChange:
    def test_of_the_text(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"POST {LIVE}", b"", status=204)
        linkedin = adapter(server, clock)
        linkedin.edit(SHARE, item())
        sent = server.one(f"POST {LIVE}")
        assert sent.headers.items() >= {**OURS, "x-restli-method": "PARTIAL_UPDATE"}.items()
        assert sent.json == {"patch": {"$set": {"commentary": COMMENTARY}}}
        server.says(f"GET {LIVE}", post(commentary="Our"))
        assert len(linkedin.confirm(SHARE).warnings) == 1

    def test_of_a_comment(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"POST {UNDER}", b"", status=204)
        adapter(server, clock).edit(COMMENT, comment("New (words)"))
        sent = server.one(f"POST {UNDER}")
        assert sent.headers.items() >= {**OURS, "x-restli-method": "PARTIAL_UPDATE"}.items()
        assert sent.query == [("actor", PAGE)]
        assert sent.json == {"patch": {"message": {"$set": {"text": "New (words)"}}}}

    def test_of_what_is_gone_is_refused(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"POST {LIVE}", one("NOT_FOUND", 404), status=404)
        error = error_of(lambda: adapter(server, clock).edit(SHARE, item()))
        assert (type(error).__base__, str(error)) == (NotSent, "the post is not there any more")

    def test_taken_down(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"DELETE {LIVE}", b"", status=204)
        adapter(server, clock).delete(SHARE)
        assert server.calls == [f"DELETE {LIVE}"]
        assert server.sent[0].headers.items() >= {**OURS, "x-restli-method": "DELETE"}.items()

    def test_a_comment_is_taken_down_as_the_page(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"DELETE {UNDER}", b"", status=204)
        adapter(server, clock).delete(COMMENT)
        assert server.one(f"DELETE {UNDER}").query == [("actor", PAGE)]
        assert server.sent[0].headers.items() >= OURS.items()

    @pytest.mark.parametrize("remote_id", [SHARE, COMMENT])
    def test_what_is_gone_already_is_down(self, server: Scripted, clock: VirtualClock, remote_id: str) -> None:
        adapter(server, clock).delete(remote_id)
        assert len(server.calls) == 1

    def test_nobody_may_change_it_without_the_right(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"DELETE {LIVE}", DENIED)
        assert isinstance(error_of(lambda: adapter(server, clock).delete(SHARE)), ChannelBlocked)

    def test_a_post_that_is_known_by_its_activity_only_is_left_to_a_person(
        self, server: Scripted, clock: VirtualClock
    ) -> None:
        for deed in (lambda: adapter(server, clock).delete(ACTIVITY), lambda: adapter(server, clock).confirm(ACTIVITY)):
            assert isinstance(error_of(deed), Unsupported)
        assert server.calls == []


def acl(role: str = "ADMINISTRATOR", state: str = "APPROVED", organization: str = PAGE) -> dict[str, str]:
    return {"role": role, "state": state, "organization": organization}


class TestThePage:
    @pytest.fixture
    def page(self, server: Scripted) -> Scripted:
        server.says("GET /organizations/5515715", {"localizedName": "Automotive Skills Alliance"})
        server.says("GET /organizationAcls", {"elements": [acl(organization="urn:li:organization:1"), acl()]})
        return server

    def test_is_asked_for_without_posting(self, page: Scripted, clock: VirtualClock) -> None:
        account = adapter(page, clock).check()
        assert (account.id, account.name, account.warnings) == (PAGE, "Automotive Skills Alliance", ())
        assert (account.limits.text, account.limits.unit, account.limits.comments) == (3000, "utf16", True)
        assert account.token_expires_at is None  # of a token in the config, only the app can ask
        assert sorted(page.calls) == ["GET /organizationAcls", "GET /organizations/5515715"]
        assert dict(page.one("GET /organizationAcls").query)["q"] == "roleAssignee"

    @pytest.mark.parametrize("answer", [DENIED, Said(one("NOT_FOUND", 404), 404)])
    def test_may_keep_its_name(self, page: Scripted, clock: VirtualClock, answer: Said) -> None:
        page.says("GET /organizations/5515715", answer)
        assert adapter(page, clock).check().name == PAGE

    @pytest.mark.parametrize(
        "acls", [[], [acl("ANALYST")], [acl(state="REQUESTED")], [acl(organization="urn:li:organization:1")]]
    )
    def test_needs_a_role_with_which_to_post(self, page: Scripted, clock: VirtualClock, acls: list[Any]) -> None:
        page.says("GET /organizationAcls", {"elements": acls})
        assert isinstance(error_of(adapter(page, clock).check), ChannelBlocked)

    def test_tells_of_a_role_that_may_not_count(self, page: Scripted, clock: VirtualClock) -> None:
        page.says("GET /organizationAcls", {"elements": [acl("CONTENT_ADMIN")]})
        [warning] = adapter(page, clock).check().warnings
        assert "no administrator of the page" in warning

    def test_tells_where_the_role_is_not_shown(self, page: Scripted, clock: VirtualClock) -> None:
        page.says("GET /organizationAcls", DENIED)
        [warning] = adapter(page, clock).check().warnings
        assert "which role" in warning

    @pytest.mark.parametrize(("version", "warns"), [("202505", False), ("202504", True), ("202609", False)])
    def test_warns_of_a_version_that_nears_its_end(
        self, page: Scripted, clock: VirtualClock, version: str, warns: bool
    ) -> None:
        told = adapter(page, clock, version=version).check().warnings  # in March 2026
        assert len(told) == warns
        assert all("11 months old" in each for each in told)

    def test_says_how_to_go_on_when_the_version_has_ended(self, page: Scripted, clock: VirtualClock) -> None:
        page.says("GET /organizationAcls", one("NONEXISTENT_VERSION", 426), status=426)
        error = error_of(adapter(page, clock).check)
        assert isinstance(error, ChannelBlocked)
        assert "Set `version`" in str(error)


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("organization", "asa", "the page's number"),
        ("organization", "urn:li:person:1", "the page's number"),
        ("version", "2026-09", "a year and a month"),
        ("version", "202613", "a year and a month"),
        ("auth_url", "http://example.org", "https://"),
        ("base_url", "http://example.org", "https://"),
    ],
)
def test_settings_that_cannot_be_are_refused(key: str, value: str, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        LinkedInSettings.model_validate({"organization": "5515715", key: value})


def test_the_page_may_be_named_by_number_or_urn() -> None:
    for given in ("5515715", PAGE, " 5515715 "):
        assert LinkedInSettings(organization=given).organization == PAGE


def test_a_wait_between_looks_is_long_enough(server: Scripted, clock: VirtualClock) -> None:
    settle = adapter(server, clock).settle
    assert settle is not None
    assert settle >= timedelta(minutes=2)
