"""What is asked and changed once an account is there and posts are live."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaign.errors import NotSent, PlatformError, Rejected, Unsupported
from campaign.platforms.mastodon import Mastodon
from campaign.rehearsal.clock import VirtualClock
from tests.platforms.mastodon.scripted import (
    GOTOSOCIAL,
    HTML_ERROR,
    TAKAHE,
    TOKEN,
    Kept,
    MakeImage,
    Said,
    Scripted,
    adapter,
    error_of,
    item,
    status,
)


class TestChecking:
    @pytest.fixture(autouse=True)
    def _probes(self, server: Scripted) -> None:
        server.says("GET /api/v1/accounts/7/statuses", [])
        server.says("POST /api/v2/media", {"error": "Validation failed: File can't be blank"}, status=422)

    def test_it_tells_who_posts_and_what_the_server_allows(self, server: Scripted, clock: VirtualClock) -> None:
        account = adapter(server, clock).check()

        assert account.id == "https://social.example/@asa"
        assert account.name == f"asa@{server.server.address}"
        assert account.warnings == ()
        assert account.limits == replace(Mastodon.limits, text=1000)
        assert server.calls == [
            "GET /api/v1/accounts/verify_credentials",
            "GET /api/v2/instance",
            "GET /api/v1/accounts/7/statuses",
            "POST /api/v2/media",
            "PUT /api/v1/statuses/0",
        ]
        assert [sent.body for sent in server.sent] == [b""] * 5

    def test_it_asks_the_server_anew(self, server: Scripted, clock: VirtualClock) -> None:
        mastodon = adapter(server, clock)
        mastodon.check()
        server.says("GET /api/v2/instance", GOTOSOCIAL)

        assert mastodon.check().limits.text == 5000

    def test_a_server_without_keys_is_told_of(self, server: Scripted, clock: VirtualClock) -> None:
        server.says("GET /api/v2/instance", GOTOSOCIAL)
        server.says("GET /api/v1/accounts/verify_credentials", {"id": "7", "acct": "asa"})

        account = adapter(server, clock).check()

        assert account.id == f"7@{server.server.address}"
        assert len(account.warnings) == 1
        assert "searched first, and a person may be asked" in account.warnings[0]

    def test_a_takahe_with_its_error_pages_is_checked_calmly(self, server: Scripted, clock: VirtualClock) -> None:
        server.says("GET /api/v2/instance", HTML_ERROR, status=404)
        server.says("GET /api/v1/instance", TAKAHE)
        server.says("PUT /api/v1/statuses/0", HTML_ERROR, status=500)

        account = adapter(server, clock).check()

        assert (account.limits.unit, account.limits.link_length) == ("characters", None)
        assert len(account.warnings) == 1

    def test_what_the_token_lacks_is_found_without_posting(self, server: Scripted, clock: VirtualClock) -> None:
        lacks = Said({"error": "This action is outside the authorized scopes"}, 403)
        for call in ("GET /api/v1/accounts/7/statuses", "POST /api/v2/media", "PUT /api/v1/statuses/0"):
            server.says(call, lacks)

        warnings = adapter(server, clock).check().warnings

        assert [warning.split(".")[0] for warning in warnings] == [
            "the token lacks read:statuses",
            "the token lacks write:media",
            "the token lacks write:statuses",
        ]

    @pytest.mark.parametrize(
        "answer", [Said({"error": "The access token is invalid"}, 401), Said(HTML_ERROR), Said({})]
    )
    def test_a_bad_answer_is_an_error_with_a_reason(self, server: Scripted, clock: VirtualClock, answer: Said) -> None:
        server.says("GET /api/v1/accounts/verify_credentials", answer)

        assert isinstance(error_of(adapter(server, clock).check), NotSent)


class TestLookingAgain:
    def test_a_post_is_confirmed_by_its_address(self, server: Scripted, clock: VirtualClock) -> None:
        server.says("GET /api/v1/statuses/103", status())

        seen = adapter(server, clock).confirm("103")

        assert (seen.permalink, seen.warnings) == ("https://social.example/@asa/103", ())

    @pytest.mark.parametrize(
        ("wanted", "shown", "warns"),
        [
            ("public", "unlisted", True),
            ("public", "private", True),
            ("unlisted", "public", False),
            ("private", "private", False),
            ("public", "local", False),
            ("public", None, False),
        ],
    )
    def test_a_post_that_fewer_people_see_is_told_of(
        self, server: Scripted, clock: VirtualClock, wanted: str, shown: str | None, warns: bool
    ) -> None:
        server.says("GET /api/v1/statuses/103", status(visibility=shown, url=None))

        seen = adapter(server, clock, visibility=wanted).confirm("103")

        assert seen.permalink == "https://social.example/users/asa/statuses/103"
        assert bool(seen.warnings) is warns

    def test_a_post_that_is_gone_is_told_of(self, server: Scripted, clock: VirtualClock) -> None:
        seen = adapter(server, clock).confirm("103")

        assert (seen.permalink, seen.warnings) == ("", ("the post is not there any more",))


NUMBERS = {"favourites_count": 11, "replies_count": 5, "reblogs_count": 6, "quotes_count": 2}


NO_BATCHES = [
    ("Mastodon before 4.3", Said({"error": "Not found"}, 404)),
    ("GoToSocial", Said({"error": "Method Not Allowed"}, 405)),
    ("a page", Said(HTML_ERROR)),
    ("no list", Said({})),
]


class TestCounting:
    def test_counts_come_in_batches_in_our_words(self, server: Scripted, clock: VirtualClock) -> None:
        ids = [str(n) for n in range(45)]
        pages = [[status(n, **NUMBERS) for n in ids[start : start + 20]] for start in (0, 20, 40)]
        server.says("GET /api/v1/statuses", *pages)

        found = adapter(server, clock).metrics(ids)

        assert list(found) == ids
        assert server.calls == ["GET /api/v1/statuses"] * 3
        assert {sent.headers["authorization"] for sent in server.sent} == {f"Bearer {TOKEN}"}
        assert [[value for name, value in sent.query if name == "id[]"] for sent in server.sent] == [
            ids[:20],
            ids[20:40],
            ids[40:],
        ]
        assert found["44"].counts == {"reactions": 11, "comments": 5, "shares": 8}
        assert found["44"].missing == dict.fromkeys(("impressions", "clicks"), "Mastodon does not tell")
        assert found["44"].raw == NUMBERS

    def test_one_that_is_not_in_the_batch_is_asked_for_alone(self, server: Scripted, clock: VirtualClock) -> None:
        server.says("GET /api/v1/statuses", [status("1", **NUMBERS), "odd"])
        server.says("GET /api/v1/statuses/3", status("3", favourites_count=0, replies_count=None, reblogs_count=4))

        found = adapter(server, clock).metrics(["1", "2", "3"])

        assert found["1"].counts["shares"] == 8
        assert found["2"].counts == {}
        assert set(found["2"].missing.values()) == {"the post is not there any more"}
        assert len(found["2"].missing) == 5
        assert found["3"].counts == {"reactions": 0, "shares": 4}
        assert found["3"].missing["comments"] == "the server gave no such number"

    @pytest.mark.parametrize("answer", [case[1] for case in NO_BATCHES], ids=[case[0] for case in NO_BATCHES])
    def test_where_there_are_no_batches_each_is_asked_for(
        self, server: Scripted, clock: VirtualClock, answer: Said
    ) -> None:
        server.says("GET /api/v1/statuses", answer)
        server.says("GET /api/v1/statuses/01ULID", status("01ULID", **NUMBERS))

        assert adapter(server, clock).metrics(["01ULID"])["01ULID"].counts["reactions"] == 11

    def test_a_post_on_which_the_server_fails_does_not_spoil_the_others(
        self, server: Scripted, clock: VirtualClock
    ) -> None:
        server.says("GET /api/v1/statuses", HTML_ERROR, status=405)
        server.says("GET /api/v1/statuses/1", b"<h1>Server Error (500)</h1>", status=500)
        server.says("GET /api/v1/statuses/2", status("2", **NUMBERS))

        found = adapter(server, clock).metrics(["1", "2"])

        assert "Server Error (500)" in found["1"].missing["reactions"]
        assert found["2"].counts["reactions"] == 11

    @pytest.mark.parametrize("answer", [Said(HTML_ERROR, 502), Said({"error": "Too many requests"}, 429)])
    def test_a_server_that_cannot_tell_now_is_no_missing_number(
        self, server: Scripted, clock: VirtualClock, answer: Said
    ) -> None:
        server.says("GET /api/v1/statuses", answer)
        assert isinstance(error_of(lambda: adapter(server, clock).metrics(["1"])), NotSent)

        server.says("GET /api/v1/statuses", [])
        for alone in (answer, Said(HTML_ERROR)):
            server.says("GET /api/v1/statuses/1", alone)
            assert isinstance(error_of(lambda: adapter(server, clock).metrics(["1"])), NotSent)

    def test_an_answer_that_is_no_status_counts_nothing(self, server: Scripted, clock: VirtualClock) -> None:
        server.says("GET /api/v1/statuses/1", [])

        found = adapter(server, clock).metrics(["1"])["1"]

        assert (found.counts, len(found.missing)) == ({}, 5)

    def test_followers(self, server: Scripted, clock: VirtualClock) -> None:
        assert adapter(server, clock).followers() == 321
        server.says("GET /api/v1/accounts/verify_credentials", {"id": "7"})
        assert adapter(server, clock).followers() is None


class TestChanging:
    def test_an_edit_keeps_the_pictures_and_changes_their_words(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        server.says("GET /api/v1/statuses/103", status(media_attachments=[{"id": "9"}, {"id": "3"}]))
        server.says("PUT /api/v1/statuses/103", status())

        adapter(server, clock).edit("103", item(text="Corrected.", images=(image(1, "One."), image(2, "Two."))))

        assert server.calls == ["GET /api/v1/statuses/103", "PUT /api/v1/statuses/103"]
        assert {sent.headers["authorization"] for sent in server.sent} == {f"Bearer {TOKEN}"}
        assert server.one("PUT /api/v1/statuses/103").json == {
            "status": "Corrected.",
            "content_type": "text/plain",
            "language": "cs",
            "media_ids": ["9", "3"],
            "media_attributes": [{"id": "9", "description": "One."}, {"id": "3", "description": "Two."}],
        }

    def test_a_live_post_keeps_the_pictures_it_has(
        self, server: Scripted, clock: VirtualClock, image: MakeImage
    ) -> None:
        server.says("GET /api/v1/statuses/103", status())

        error = error_of(lambda: adapter(server, clock).edit("103", item(images=(image(),))))

        assert isinstance(error, Unsupported)
        assert server.calls == ["GET /api/v1/statuses/103"]

    @pytest.mark.parametrize(
        ("code", "kind"), [(404, Rejected), (410, Rejected), (422, Rejected), (401, NotSent), (500, NotSent)]
    )
    def test_an_edit_that_is_refused_says_why(
        self, server: Scripted, clock: VirtualClock, code: int, kind: type[PlatformError]
    ) -> None:
        server.says("GET /api/v1/statuses/103", status())
        server.says("PUT /api/v1/statuses/103", {"error": "no"}, status=code)

        assert type(error_of(lambda: adapter(server, clock).edit("103", item()))) is kind

    @pytest.mark.parametrize("answer", [Said(status()), Said({"error": "Record not found"}, 404), Said(b"", 410)])
    def test_a_post_is_taken_down_or_gone_already(self, server: Scripted, clock: VirtualClock, answer: Said) -> None:
        server.says("DELETE /api/v1/statuses/103", answer)

        adapter(server, clock).delete("103")

        assert server.calls[0] == "DELETE /api/v1/statuses/103"
        assert {sent.headers["authorization"] for sent in server.sent} == {f"Bearer {TOKEN}"}

    def test_another_account_s_post_is_not_called_gone(self, server: Scripted, clock: VirtualClock) -> None:
        server.says("DELETE /api/v1/statuses/103", {"error": "Record not found"}, status=404)
        server.says("GET /api/v1/statuses/103", status())

        assert "may be another account's" in str(error_of(lambda: adapter(server, clock).delete("103")))

    def test_one_that_a_person_has_bound_by_its_address_is_known_by_its_id(
        self, server: Scripted, clock: VirtualClock
    ) -> None:
        masto = adapter(server, clock)
        address = f"{masto.settings.base_url}/@asa/103"
        for call in ("GET", "PUT", "DELETE"):
            server.says(f"{call} /api/v1/statuses/103", status())
        server.says("GET /api/v1/statuses", [status(favourites_count=3)])

        assert masto.metrics([address, "103"])[address].counts == {"reactions": 3}
        masto.confirm(address)
        masto.edit(address, item())
        masto.delete(address)

        assert dict(server.sent[0].query) == {"id[]": "103"}
        assert server.calls[1:] == [f"{call} /api/v1/statuses/103" for call in ("GET", "GET", "PUT", "DELETE")]

    def test_one_that_only_another_server_s_address_is_known_of_is_for_a_person(
        self, server: Scripted, clock: VirtualClock
    ) -> None:
        masto, address = adapter(server, clock), "https://elsewhere.example/@asa@social.example/103"

        for ask in (masto.delete, masto.confirm):
            assert isinstance(error_of(lambda ask=ask: ask(address)), Unsupported)
        assert isinstance(error_of(lambda: masto.prepare(item(reply_to=address), Kept())), Rejected)
        assert "does not tell by which id" in masto.metrics([address])[address].missing["reactions"]
        assert server.calls == []

    @pytest.mark.parametrize("code", [401, 403, 405, 500])
    def test_a_post_that_may_still_be_there_is_not_called_gone(
        self, server: Scripted, clock: VirtualClock, code: int
    ) -> None:
        server.says("DELETE /api/v1/statuses/103", HTML_ERROR, status=code)

        assert isinstance(error_of(lambda: adapter(server, clock).delete("103")), NotSent)
