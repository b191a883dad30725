"""What is asked and changed once a page is there and posts are live."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from campaign.config import Secret
from campaign.errors import ChannelBlocked, NotSent, PlatformError, RateLimited, Rejected, Unsupported
from campaign.platforms.facebook import Facebook
from campaign.rehearsal.clock import VirtualClock
from tests.conftest import MONDAY
from tests.platforms.facebook.scripted import (
    APP_SECRET,
    COMMENT_ID,
    GONE,
    HTML_ERROR,
    ONE,
    PAGE,
    PERMALINK,
    POST_ID,
    TEXT,
    TOKEN,
    MakeImage,
    Said,
    Scripted,
    Tokens,
    V,
    adapter,
    comment,
    error,
    error_of,
    item,
    showing,
    with_secret,
)

NEEDS_TOKEN = Said(error(2500, 0, "An active access token must be used to query information about the user."), 400)
SCOPES = [
    "pages_show_list",
    "pages_manage_posts",
    "pages_read_engagement",
    "read_insights",
    "pages_manage_engagement",
    "pages_read_user_content",
]


def inspected(**changes: Any) -> dict[str, Any]:
    """Return what Facebook says of a token (https://developers.facebook.com/docs/graph-api/reference/debug_token)."""
    return {"data": {"is_valid": True, "expires_at": 0, "data_access_expires_at": 0, "scopes": SCOPES, **changes}}


def unix(moment: datetime) -> int:
    return int(moment.timestamp())


class TestChecking:
    @pytest.fixture(autouse=True)
    def _version(self, server: Scripted) -> None:
        server.says(f"GET {V}/me", NEEDS_TOKEN)
        server.says(f"GET {V}/debug_token", inspected())

    def test_it_tells_whose_page_it_is_and_asks_the_version_without_a_token(
        self, server: Scripted, clock: VirtualClock
    ) -> None:
        account = adapter(server, clock).check()

        assert (account.id, account.name) == (PAGE, "Moravskoslezský kraj")
        assert (account.limits, account.token_expires_at, account.warnings) == (Facebook.limits, None, ())
        assert server.calls == [f"GET {V}/me", f"GET {V}/{PAGE}"]
        assert "authorization" not in server.sent[0].headers
        assert [sent.body for sent in server.sent] == [b""] * 2

    def test_with_the_apps_secret_the_token_is_looked_at(self, server: Scripted, clock: VirtualClock) -> None:
        assert adapter(server, clock, **with_secret()).check().warnings == ()

        asked = server.one(f"GET {V}/debug_token")
        assert asked.query == [("input_token", TOKEN)]
        assert asked.headers["authorization"] == f"Bearer 77|{APP_SECRET}"

    def test_what_the_token_lacks_is_told_with_what_it_is_for(self, server: Scripted, clock: VirtualClock) -> None:
        granular = [
            {"scope": "pages_manage_posts", "target_ids": ["42"]},
            {"scope": "pages_read_engagement", "target_ids": [PAGE, "42"]},
            {"scope": "pages_show_list"},
        ]
        server.says(f"GET {V}/debug_token", inspected(scopes=SCOPES[:3], granular_scopes=granular))

        assert adapter(server, clock, **with_secret()).check().warnings == (
            "the token lacks pages_manage_posts: only with it posts can be published",
            "the token lacks read_insights: only with it views and clicks are counted",
            "the token lacks pages_manage_engagement: only with it a first comment can be published",
            "the token lacks pages_read_user_content: only with it comments are found again, and counted where "
            "Facebook has no figures",
        )

    def test_a_token_that_ends_says_when(self, server: Scripted, clock: VirtualClock) -> None:
        ends = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
        server.says(f"GET {V}/debug_token", inspected(expires_at=unix(ends)))

        assert adapter(server, clock, **with_secret()).check().token_expires_at == ends

    @pytest.mark.parametrize(("days", "warns"), [(14, True), (15, False), (-1, True)])
    def test_the_end_of_reading_is_told_of(self, server: Scripted, clock: VirtualClock, days: int, warns: bool) -> None:
        ends = MONDAY + timedelta(days=days)
        server.says(f"GET {V}/debug_token", inspected(data_access_expires_at=unix(ends)))

        account = adapter(server, clock, **with_secret()).check()

        assert account.token_expires_at is None
        assert [f"read until {ends:%d %B %Y}" in warning for warning in account.warnings] == [True] * warns

    def test_a_version_that_ends_soon_is_told_of(self, server: Scripted, clock: VirtualClock) -> None:
        server.says("GET /v20.0/me", NEEDS_TOKEN)
        server.says(f"GET /v20.0/{PAGE}", {"id": PAGE})
        clock.advance(timedelta(days=180))

        account = adapter(server, clock, version="v20.0").check()

        assert account.name == PAGE
        [warning] = account.warnings
        assert "v20.0 of Meta's API ends on 24 September 2026" in warning

    @pytest.mark.parametrize(
        "answer",
        [
            Said(error(2500, 0, "Unknown path components: /me"), 400),
            Said(error(2635, 0, "You are calling a deprecated version"), 400),
        ],
    )
    def test_a_version_that_does_not_exist_stops_the_channel(
        self, server: Scripted, clock: VirtualClock, answer: Said
    ) -> None:
        server.says(f"GET {V}/me", answer)

        raised = error_of(adapter(server, clock).check)

        assert isinstance(raised, ChannelBlocked)
        assert "Set `version`" in str(raised)

    @pytest.mark.parametrize("answer", [Said(HTML_ERROR, 502), Said(error(4), 400), Said({"id": "77"})])
    def test_whatever_else_is_said_without_a_token_proves_nothing(
        self, server: Scripted, clock: VirtualClock, answer: Said
    ) -> None:
        server.says(f"GET {V}/me", answer)

        assert adapter(server, clock).check().id == PAGE

    @pytest.mark.parametrize(
        ("answer", "words"),
        [
            (inspected(is_valid=False, error={"message": "The session was invalidated"}), "session was invalidated"),
            ({"data": {}}, "no reason given"),
            ({}, "no reason given"),
        ],
    )
    def test_a_token_that_is_not_good_any_more_is_refused(
        self, server: Scripted, clock: VirtualClock, answer: Any, words: str
    ) -> None:
        server.says(f"GET {V}/debug_token", answer)

        raised = error_of(adapter(server, clock, **with_secret()).check)

        assert isinstance(raised, NotSent)
        assert raised.token_dead
        assert words in str(raised)

    def test_a_wrong_secret_is_no_matter_of_logging_in(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"GET {V}/debug_token", Said(error(190, 0, "Invalid OAuth access token signature."), 400))

        raised = error_of(adapter(server, clock, **with_secret()).check)

        assert isinstance(raised, ChannelBlocked)
        assert "Look at client_id and client_secret" in str(raised)

    def test_a_limit_that_is_reached_is_told(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"GET {V}/debug_token", Said(error(4), 400))

        assert isinstance(error_of(adapter(server, clock, **with_secret()).check), RateLimited)

    @pytest.mark.parametrize(
        ("answer", "dead"),
        [(Said(error(190, 463), 400), True), (GONE, True), (Said(HTML_ERROR), False), (Said({}), False)],
    )
    def test_a_bad_answer_is_an_error_with_a_reason(
        self, server: Scripted, clock: VirtualClock, answer: Said, dead: bool
    ) -> None:
        server.says(f"GET {V}/{PAGE}", answer)

        raised = error_of(adapter(server, clock).check)

        assert isinstance(raised, NotSent)
        assert raised.token_dead is dead

    def test_followers_are_counted(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"GET {V}/{PAGE}", {"id": PAGE, "followers_count": 321})

        assert adapter(server, clock).followers() == 321
        assert server.sent[0].query == [("fields", "followers_count")]


class TestLookingAgain:
    @pytest.mark.parametrize("remote_id", [POST_ID, COMMENT_ID])
    def test_it_is_confirmed_by_its_address(self, server: Scripted, clock: VirtualClock, remote_id: str) -> None:
        server.says(f"GET {V}/{remote_id}", {"id": remote_id, "permalink_url": PERMALINK})

        seen = adapter(server, clock).confirm(remote_id)

        assert (seen.permalink, seen.warnings) == (PERMALINK, ())
        assert server.sent[0].query == [("fields", "permalink_url")]

    def test_one_that_is_gone_is_told_of(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"GET {ONE}", GONE)

        assert adapter(server, clock).confirm(POST_ID).warnings == (
            "the post is not there any more, or the token may not see it",
        )

    @pytest.mark.parametrize(
        "address",
        [
            "https://www.facebook.com/1040001/posts/555",
            "https://www.facebook.com/our.page/posts/a-title-of-it/555/",
            "https://www.facebook.com/permalink.php?story_fbid=555&id=1040001",
            "https://www.facebook.com/1040001_555",
        ],
    )
    def test_one_that_a_person_has_seen_is_known_by_its_address(
        self, server: Scripted, clock: VirtualClock, address: str
    ) -> None:
        server.says(f"GET {ONE}", {"id": POST_ID, "permalink_url": PERMALINK})

        assert adapter(server, clock).confirm(address).permalink == PERMALINK

    def test_the_address_of_a_comment_is_not_taken_for_its_posts(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"DELETE {V}/555_777", {"success": True})

        adapter(server, clock).delete("https://www.facebook.com/our.page/posts/555?comment_id=777")

        assert server.calls == [f"DELETE {V}/555_777"]

    @pytest.mark.parametrize(
        "address",
        [
            PERMALINK,
            "https://www.facebook.com/permalink.php?story_fbid=pfbid0x",
            "https://www.facebook.com/our.page/posts/555?comment_id=Y29tbWVudDo1",
        ],
    )
    def test_an_address_without_a_number_tells_nothing(
        self, server: Scripted, clock: VirtualClock, address: str
    ) -> None:
        assert isinstance(error_of(lambda: adapter(server, clock).confirm(address)), Unsupported)
        assert server.calls == []


class TestEditing:
    def test_the_text_is_changed(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"GET {ONE}", {"id": POST_ID, "attachments": {"data": [{"media_type": "link", "target": {}}]}})
        server.says(f"POST {ONE}", {"success": True})

        adapter(server, clock).edit(POST_ID, item(text="Put right."))

        assert server.calls == [f"GET {ONE}", f"POST {ONE}"]
        assert {sent.headers["authorization"] for sent in server.sent} == {f"Bearer {TOKEN}"}
        assert server.one(f"POST {ONE}").json == {"message": "Put right."}

    def test_so_is_that_of_a_comment(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"POST {V}/{COMMENT_ID}", {"success": True})

        adapter(server, clock).edit(COMMENT_ID, comment(text="Put right."))

        assert server.sent[0].json == {"message": "Put right."}

    @pytest.mark.parametrize("live", [("91",), ("91", "92")])
    def test_pictures_stay_as_they_are(
        self, server: Scripted, clock: VirtualClock, image: MakeImage, live: tuple[str, ...]
    ) -> None:
        server.says(f"GET {ONE}", {"id": POST_ID, **showing(*live)})
        server.says(f"POST {ONE}", {"success": True})
        wanted = tuple(image(n) for n in range(1, len(live) + 1))

        adapter(server, clock).edit(POST_ID, item(images=wanted))
        for other in ((), (*wanted, image(3))):
            raised = error_of(partial(adapter(server, clock).edit, POST_ID, item(images=other)))
            assert isinstance(raised, Unsupported)

        assert server.calls.count(f"POST {ONE}") == 1

    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            (GONE, Rejected),
            (Said(error(100), 400), Rejected),
            (Said(error(200), 403), NotSent),
            (Said(error(1), 500), NotSent),
            (Said(error(17), 400), RateLimited),
        ],
    )
    def test_a_refusal_is_told(
        self, server: Scripted, clock: VirtualClock, answer: Said, kind: type[PlatformError]
    ) -> None:
        server.says(f"GET {ONE}", {"id": POST_ID})
        server.says(f"POST {ONE}", answer)

        assert type(error_of(lambda: adapter(server, clock).edit(POST_ID, item()))) is kind


class TestTakingDown:
    @pytest.mark.parametrize("remote_id", [POST_ID, COMMENT_ID])
    def test_it_is_one_call(self, server: Scripted, clock: VirtualClock, remote_id: str) -> None:
        server.says(f"DELETE {V}/{remote_id}", {"success": True})

        adapter(server, clock).delete(remote_id)

        assert server.calls == [f"DELETE {V}/{remote_id}"]
        assert server.sent[0].headers["authorization"] == f"Bearer {TOKEN}"

    def test_one_that_is_gone_is_fine_where_the_token_sees_the_page(
        self, server: Scripted, clock: VirtualClock
    ) -> None:
        server.says(f"DELETE {ONE}", GONE)
        server.says(f"GET {ONE}", GONE)

        adapter(server, clock).delete(POST_ID)

        assert server.calls == [f"DELETE {ONE}", f"GET {V}/{PAGE}", f"GET {ONE}"]

    def test_not_there_may_mean_not_allowed(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"DELETE {ONE}", GONE)
        server.says(f"GET {ONE}", {"id": POST_ID, "message": TEXT})

        assert "may not take the post down" in str(error_of(lambda: adapter(server, clock).delete(POST_ID)))

    def test_of_a_token_that_sees_nothing_it_is_not_believed(self, server: Scripted, clock: VirtualClock) -> None:
        server.says(f"DELETE {ONE}", GONE)
        server.says(f"GET {V}/{PAGE}", GONE)

        raised = error_of(lambda: adapter(server, clock).delete(POST_ID))

        assert isinstance(raised, NotSent)
        assert raised.token_dead

    @pytest.mark.parametrize(
        "answer", [Said({"success": False}), Said({}), Said(HTML_ERROR, 502), Said(error(200), 403)]
    )
    def test_anything_else_is_no_yes(self, server: Scripted, clock: VirtualClock, answer: Said) -> None:
        server.says(f"DELETE {ONE}", answer)

        assert isinstance(error_of(lambda: adapter(server, clock).delete(POST_ID)), NotSent)


def test_a_token_of_the_config_is_asked_for_once_for_everything(server: Scripted, clock: VirtualClock) -> None:
    server.says(f"GET {V}/{PAGE}", {"id": PAGE, "access_token": "page-token", "followers_count": 3})
    server.says(f"DELETE {ONE}", {"success": True})
    facebook = adapter(server, clock, Tokens(), page=PAGE, token=Secret("system-token"))

    facebook.followers()
    facebook.delete(POST_ID)

    bearers = [sent.headers["authorization"] for sent in server.sent]
    assert bearers == ["Bearer system-token", "Bearer page-token", "Bearer page-token"]
