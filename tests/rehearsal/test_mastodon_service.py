"""The simulated Mastodon: the real adapter publishes there, and whatever the sheet refuses is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from campaign.errors import ChannelBlocked, NotSent, OutcomeUnknown, RateLimited, Rejected, Unsupported
from campaign.platforms.base import Absent, Found
from campaign.platforms.mastodon import Mastodon
from campaign.rehearsal.clock import VirtualClock
from campaign.rehearsal.faults import Fault
from campaign.rehearsal.services.mastodon import RATE_LIMITS, MastodonService, Rules
from campaign.rehearsal.transport import Net
from tests.rehearsal.rig import LINK, TEXT, Rig, error_of, image, part, reply_to

HOST = "social.example"
STATUSES = "/api/v1/statuses"
Start = Callable[..., Rig[MastodonService]]


@pytest.fixture
def start(clock: VirtualClock) -> Start:
    """Start a server, and a channel that is logged in there."""

    def build(*, settings: dict[str, Any] | None = None, **service: Any) -> Rig[MastodonService]:
        net = Net(clock)
        return Rig(net, MastodonService(net, HOST, **service), Mastodon, settings or {})

    return build


def post(rig: Rig[MastodonService], key: str = "", **body: Any) -> Any:
    """Post past the adapter."""
    headers = {"idempotency_key": key} if key else {}
    return rig.ask("POST", STATUSES, {"status": "Text", **body}, token=rig.service.token, **headers)


class TestPublishing:
    def test_what_readers_see_is_what_was_sent(self, start: Start, tmp_path: Path) -> None:
        rig = start()
        sent = part(images=(image(tmp_path, 1, "Zeď"), image(tmp_path, 2, "")))

        live = rig.send(sent)

        [item] = rig.service.live
        assert (item.id, item.text, item.link, item.language) == (live.remote_id, TEXT, LINK, "cs")
        assert (item.alts, item.key, item.reply_to) == (("Zeď", ""), sent.part, "")
        assert live.permalink == f"https://{HOST}/@org/{item.id}"

    def test_a_thread_is_a_chain(self, start: Start) -> None:
        rig = start()
        first = rig.send(part())
        second = rig.send(reply_to([first], 2, "Druhá část"))
        third = rig.send(reply_to([first, second], 3, "Třetí část"))

        assert [item.reply_to for item in rig.service.live] == ["", first.remote_id, second.remote_id]
        assert rig.find(reply_to([first, second], 3, "Třetí část")) == Found(third.remote_id, third.permalink)

    def test_the_account_is_in_order(self, start: Start) -> None:
        account = start().platform.check()

        assert (account.id, account.name, account.warnings) == (f"https://{HOST}/@org", f"org@{HOST}", ())
        assert (account.limits.text, account.limits.link_length, account.limits.unit) == (500, 23, "graphemes")

    def test_a_picture_that_takes_its_time_is_waited_for(self, start: Start, tmp_path: Path) -> None:
        rig = start(processing=timedelta(seconds=5))

        rig.send(part(images=(image(tmp_path),)))

        assert rig.texts() == [TEXT]
        assert rig.kept[part().part]["media"].popitem()[1]["ready"] is True

    @pytest.mark.parametrize(
        "text", ["a & b <i>", "first\nsecond\n\nthird", "@asa@other.example, hello", "(https://x.example/a_(b)). #tag"]
    )
    def test_a_text_is_found_again_in_what_the_server_shows(self, start: Start, text: str) -> None:
        rig = start()
        live = rig.send(part(text=text))

        assert rig.find(part(text=text)) == Found(live.remote_id, live.permalink)


class TestTheKey:
    def test_an_answer_that_is_lost_is_found_and_a_repeat_makes_no_second(self, start: Start) -> None:
        rig = start()
        rig.prepare(part())
        rig.meets(Fault.CUT_AFTER)

        assert isinstance(error_of(rig.publish, part()), OutcomeUnknown)
        assert isinstance(rig.find(part()), Found)
        assert rig.publish(part()).remote_id == rig.service.live[0].id
        assert rig.texts() == [TEXT]

    def test_it_is_known_for_an_hour_whatever_is_sent_with_it(self, start: Start) -> None:
        rig = start()
        first = post(rig, "k").body["id"]

        rig.clock.advance(timedelta(minutes=59))
        assert post(rig, "k", status="Other").body["id"] == first
        rig.clock.advance(timedelta(minutes=2))
        assert post(rig, "k").body["id"] != first

    def test_a_refusal_is_not_kept(self, start: Start) -> None:
        rig = start()
        assert post(rig, "k", status="x" * 501).status == 422
        assert post(rig, "k").status == 200

    def test_of_a_status_that_was_deleted_there_is_nothing_to_repeat(self, start: Start) -> None:
        rig = start()
        rig.service.take_down(post(rig, "k").body["id"])

        assert post(rig, "k").status == 404
        assert rig.texts() == []

    def test_where_it_is_not_known_a_repeat_is_a_second_status(self, start: Start) -> None:
        rig = start(rules=Rules(software="gotosocial"))
        rig.send(part())
        rig.publish(part())

        assert [item.key for item in rig.service.live] == [part().part] * 2
        assert rig.find(part(text="something else")) == Absent(honours_key=False)

    def test_a_release_that_fails_on_repeats_has_the_first(self, start: Start) -> None:
        rig = start(on_repeat="500")
        rig.send(part())

        assert isinstance(error_of(rig.publish, part()), OutcomeUnknown)
        assert isinstance(rig.find(part()), Found)
        assert rig.texts() == [TEXT]


class TestTheList:
    def test_a_status_stands_in_it_late_but_is_there_by_its_id(self, start: Start) -> None:
        rig = start(listing_lag=timedelta(seconds=30))
        live = rig.send(part())

        assert isinstance(rig.find(part()), Absent)
        assert rig.platform.confirm(live.remote_id).permalink == live.permalink
        rig.clock.advance(timedelta(seconds=31))
        assert isinstance(rig.find(part()), Found)

    def test_its_pages_hold_forty_each(self, start: Start) -> None:
        rig = start()
        live = rig.send(part())
        for n in range(60):
            rig.clock.advance(timedelta(seconds=1))
            post(rig, status=f"Another {n}")

        assert rig.find(part()) == Found(live.remote_id, live.permalink)
        own = rig.ask("GET", "/api/v1/accounts/verify_credentials", token=rig.service.token).body["id"]
        page = rig.ask("GET", f"/api/v1/accounts/{own}/statuses?limit=99", token=rig.service.token).body
        assert [each["content"] for each in page] == [f"<p>Another {n}</p>" for n in range(59, 19, -1)]
        rest = rig.ask("GET", f"/api/v1/accounts/{own}/statuses?min_id={page[2]['id']}", token=rig.service.token).body
        assert [each["id"] for each in rest] == [page[0]["id"], page[1]["id"]]

    def test_nobody_elses_is_shown(self, start: Start) -> None:
        rig = start()
        assert rig.ask("GET", "/api/v1/accounts/8/statuses", token=rig.service.token).status == 404


class TestALiveStatus:
    def test_is_edited_with_its_alt_texts(self, start: Start, tmp_path: Path) -> None:
        rig = start()
        shown = image(tmp_path)
        live = rig.send(part(images=(shown,)))

        rig.platform.edit(live.remote_id, part(text="New", language="de", images=(replace(shown, alt="Wand"),)))

        [item] = rig.service.live
        assert (item.id, item.text, item.language, item.alts) == (live.remote_id, "New", "de", ("Wand",))
        source = rig.ask("GET", f"{STATUSES}/{item.id}/source", token=rig.service.token).body
        assert source == {"id": item.id, "text": "New", "spoiler_text": ""}
        assert isinstance(error_of(rig.platform.edit, live.remote_id, part()), Unsupported)

    def test_loses_the_pictures_that_an_edit_leaves_out(self, start: Start, tmp_path: Path) -> None:
        rig = start()
        id = rig.send(part(images=(image(tmp_path),))).remote_id

        rig.ask("PUT", f"{STATUSES}/{id}", {"status": "Text"}, token=rig.service.token)

        assert rig.service.live[0].alts == ()

    def test_is_deleted_once_and_for_all(self, start: Start) -> None:
        rig = start()
        live = rig.send(part())
        rig.platform.delete(live.remote_id)
        gone_at = rig.clock.now()
        rig.platform.delete(live.remote_id)

        assert rig.texts() == []
        assert [item.gone_at for item in rig.service.items] == [gone_at]
        assert rig.platform.confirm(live.remote_id).warnings
        assert isinstance(error_of(rig.platform.edit, live.remote_id, part()), Rejected)

    def test_is_counted_and_gains_with_age(self, start: Start) -> None:
        rig = start()
        live = rig.send(part())
        assert rig.platform.metrics([live.remote_id])[live.remote_id].counts["reactions"] == 0
        rig.clock.advance(timedelta(days=3))

        counted = rig.platform.metrics([live.remote_id, "404"])

        assert counted[live.remote_id].counts["reactions"] >= 10
        assert counted[live.remote_id].raw["quotes_count"] < counted[live.remote_id].raw["favourites_count"]
        assert not counted["404"].counts
        assert (rig.platform.followers() or 0) > 80

    def test_of_a_limited_account_is_less_visible(self, start: Start) -> None:
        rig = start()
        rig.service.silenced = True

        assert rig.platform.confirm(rig.send(part()).remote_id).warnings


class TestRefusals:
    @pytest.mark.parametrize(
        ("body", "said"),
        [
            ({"status": "x" * 501}, "Validation failed: Text character limit of 500 exceeded"),
            (
                {"status": "https://example.org/" + " x" * 239},
                "Validation failed: Text character limit of 500 exceeded",
            ),
            ({"status": " "}, "Validation failed: Text can't be blank"),
            ({"visibility": "secret"}, "'secret' is not a valid visibility"),
            ({"language": "czech"}, "Validation failed: Language czech is no ISO 639-1 code"),
            ({"media_ids": ["1"]}, "Media 1 not found or already attached to another post"),
            ({"media_ids": list("12345")}, "Cannot attach more than 4 files"),
        ],
    )
    def test_what_a_status_may_not_be(self, start: Start, body: dict[str, Any], said: str) -> None:
        rig = start()
        reply = post(rig, **body)

        assert (reply.status, reply.body) == (422, {"error": said})
        assert rig.texts() == []

    @pytest.mark.parametrize(
        "text",
        [
            "x" * 500,
            "https://example.org/" + "y" * 900,
            "👩‍👩‍👧" * 500,
            "@" + "n" * 400 + "@a-very-long-domain.example" * 1 + " " + "x" * 98,
        ],
    )
    def test_a_text_is_counted_in_the_servers_way(self, start: Start, text: str) -> None:
        rig = start()
        rig.send(part(text=text))
        assert rig.texts() == [text]
        assert post(rig, status=f"{text} {'x' * 480}").status == 422

    def test_another_software_counts_every_character(self, start: Start) -> None:
        rig = start(rules=Rules(software="gotosocial", characters=500))
        assert isinstance(error_of(rig.send, part(text="https://example.org/" + "y" * 481)), Rejected)
        assert post(rig, status="https://example.org/" + "y" * 481).status == 400

    def test_an_answer_to_what_is_gone(self, start: Start) -> None:
        rig = start()
        first = rig.send(part())
        rig.service.take_down(first.remote_id)

        error = error_of(rig.send, reply_to([first], 2, "More"))

        assert isinstance(error, Rejected)
        assert "does not appear to exist" in str(error)

    def test_a_token_that_was_taken_back(self, start: Start) -> None:
        rig = start()
        rig.service.token = "another"
        error = error_of(rig.send, part())

        assert isinstance(error, NotSent)
        assert error.token_dead
        assert "The access token was revoked" in str(error)
        assert rig.ask("GET", f"{STATUSES}/1", token="made-up").body == {"error": "The access token is invalid"}
        assert rig.ask("GET", f"{STATUSES}/1").status == 401

    def test_an_account_that_is_barred(self, start: Start) -> None:
        rig = start()
        rig.service.barred = "Your login is currently disabled"
        assert isinstance(error_of(rig.send, part()), ChannelBlocked)

    def test_what_is_not_there(self, start: Start) -> None:
        rig = start()
        token = rig.service.token
        for method, path in (("GET", "7"), ("GET", "7/source"), ("PUT", "7"), ("DELETE", "7")):
            reply = rig.ask(method, f"{STATUSES}/{path}", {}, token=token)
            assert (reply.status, reply.body) == (404, {"error": "Record not found"})
        assert rig.ask("GET", "/api/v1/media/7", token=token).status == 404
        assert rig.ask("PATCH", STATUSES, token=token).status == 404
        assert rig.ask("GET", f"{STATUSES}?id[]=7&id[]=8", token=token).body == []


class TestPictures:
    def test_are_attached_to_one_status_only(self, start: Start, tmp_path: Path) -> None:
        rig = start()
        shown = image(tmp_path)
        live = rig.send(part(images=(shown,)))
        [id] = rig.service.live[0].extra["media"]

        again = post(rig, media_ids=[id])
        assert (again.status, again.body["error"]) == (
            422,
            f"Media {id} not found or already attached to another post",
        )
        rig.service.take_down(live.remote_id)
        assert post(rig, media_ids=[id]).status == 200

    def test_vanish_after_a_day_when_no_status_has_them(self, start: Start, tmp_path: Path) -> None:
        rig = start()
        sent = part(images=(image(tmp_path),))
        rig.prepare(sent)
        rig.clock.advance(timedelta(hours=24))

        error = error_of(rig.publish, sent)

        assert isinstance(error, NotSent)
        assert error.forget == ("media",)
        rig.send(sent)  # uploads it anew
        assert rig.texts() == [TEXT]

    def test_must_be_processed(self, start: Start, tmp_path: Path) -> None:
        rig = start(processing=timedelta(seconds=90))
        error = error_of(rig.prepare, part(images=(image(tmp_path),)))
        assert isinstance(error, NotSent)
        [handle] = rig.kept[part().part]["media"].values()

        early = post(rig, media_ids=[handle["id"]])
        assert early.status == 422
        assert "not finished processing" in early.body["error"]
        assert rig.ask("GET", f"/api/v1/media/{handle['id']}", token=rig.service.token).status == 206
        rig.clock.advance(timedelta(seconds=30))
        rig.send(part(images=(image(tmp_path),)))
        assert len(rig.service.live[0].alts) == 1

    def test_of_the_wrong_kind_are_refused(self, start: Start, tmp_path: Path) -> None:
        rig = start(rules=Rules(image_size=1000))
        large = error_of(rig.prepare, part(images=(image(tmp_path),)))
        assert "file size must be less" in str(large)
        assert isinstance(large, Rejected)
        wordy = error_of(start().prepare, part(images=(image(tmp_path, alt="x" * 1501),)))
        assert "Description is too long" in str(wordy)
        other = error_of(start().prepare, part(images=(replace(image(tmp_path), media_type="image/heic"),)))
        assert "content type is invalid" in str(other)
        fake = error_of(start().prepare, part(images=(replace(image(tmp_path), media_type="image/png"),)))
        assert "could not be verified" in str(fake)
        assert rig.ask("POST", "/api/v2/media", token=rig.service.token).status == 422

    def test_of_another_software_are_refused_in_its_words(self, start: Start, tmp_path: Path) -> None:
        rig = start(rules=Rules(software="gotosocial"))
        sent = part(images=(image(tmp_path),))
        rig.send(sent)

        assert isinstance(error_of(rig.publish, sent), OutcomeUnknown)  # it is live
        assert post(rig, media_ids=["7"]).body == {"error": "Bad Request: ProcessMediaIDs: media with id 7 not found"}
        assert rig.texts() == [TEXT]


class TestRateLimits:
    def test_are_told_and_end(self, start: Start) -> None:
        rig = start(rate_limits={**RATE_LIMITS, "statuses": replace(RATE_LIMITS["statuses"], limit=2)})
        first = post(rig)
        assert first.headers["X-RateLimit-Limit"] == "2"
        assert first.headers["X-RateLimit-Remaining"] == "1"
        assert first.headers["X-RateLimit-Reset"] == "2026-03-02T09:00:00.000000Z"
        assert post(rig, status="x" * 501).headers["X-RateLimit-Remaining"] == "0"

        error = error_of(rig.send, part())

        assert isinstance(error, RateLimited)
        assert error.retry_after is not None
        rig.clock.advance(error.retry_after)
        rig.publish(part())
        assert rig.texts() == ["Text", TEXT]

    def test_are_off_unless_asked_for(self, start: Start) -> None:
        assert not post(start()).headers


def test_every_run_is_the_same(start: Start, tmp_path: Path) -> None:
    def history() -> list[Any]:
        rig = Rig(net := Net(VirtualClock(start().clock.now())), MastodonService(net, HOST, seed=3), Mastodon)
        live = rig.send(part(images=(image(tmp_path),)))
        rig.clock.advance(timedelta(days=2))
        return [live, rig.service.items, rig.platform.metrics([live.remote_id]), rig.platform.followers()]

    assert history() == history()


def test_one_call_is_the_visible_one(start: Start, tmp_path: Path) -> None:
    rig = start()
    seen: list[str] = []
    rig.net.watch = lambda call: seen.append(call.path) if rig.service.is_visible(call) else None
    rig.send(part(images=(image(tmp_path),)))
    rig.find(part())

    assert seen == [STATUSES]


def test_a_refusal_at_the_harness_wish_looks_like_that_of_a_dead_token(start: Start) -> None:
    rig = start()
    rig.prepare(part())
    rig.meets(Fault.TOKEN_REFUSED)
    error = error_of(rig.publish, part())

    assert isinstance(error, NotSent)
    assert error.token_dead
    assert rig.texts() == []
