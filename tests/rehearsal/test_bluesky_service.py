"""The simulated Bluesky: the real adapter publishes there, and whatever the sheet refuses is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from campaign.errors import ChannelBlocked, NotSent, OutcomeUnknown, RateLimited, Rejected
from campaign.platforms.base import Absent, CannotTell, Found, Preview
from campaign.platforms.bluesky import Bluesky
from campaign.platforms.bluesky.session import end_of
from campaign.rehearsal.clock import VirtualClock
from campaign.rehearsal.faults import Fault
from campaign.rehearsal.services.bluesky import RATE_LIMITS, BlueskyService
from campaign.rehearsal.transport import Net, Reply
from tests.rehearsal.rig import LINK, TEXT, Rig, error_of, image, part, reply_to

HOST = "pds.example"
KEY = "3m6w2xk4c7s2a"
NSID = "app.bsky.feed.post"
REPO = "/xrpc/com.atproto.repo."
SERVER = "/xrpc/com.atproto.server."
SHOWN = TEXT.replace(LINK, "example.org/modules")
Start = Callable[..., Rig[BlueskyService]]


@pytest.fixture
def start(clock: VirtualClock) -> Start:
    """Start a server, and a channel that is logged in there."""

    def build(*, settings: dict[str, Any] | None = None, **service: Any) -> Rig[BlueskyService]:
        net = Net(clock)
        return Rig(net, BlueskyService(net, HOST, **service), Bluesky, settings or {})

    return build


def access(rig: Rig[BlueskyService]) -> str:
    """Return a new access token."""
    return rig.service.tokens()["access"]


def put(
    rig: Rig[BlueskyService], record: dict[str, Any] | None = None, *, call: str = "putRecord", **body: Any
) -> Reply:
    """Put a record past the adapter."""
    given = {"$type": NSID, "text": "Žluť", "createdAt": "2026-03-02T08:00:00.000Z", **(record or {})}
    asked = {"repo": rig.service.did, "collection": NSID, "rkey": KEY, "record": given, **body}
    return rig.ask("POST", f"{REPO}{call}", asked, token=access(rig))


def facet(start: Any, end: Any, **feature: Any) -> dict[str, Any]:
    given = feature or {"$type": "app.bsky.richtext.facet#tag", "tag": "a"}
    return {"facets": [{"index": {"byteStart": start, "byteEnd": end}, "features": [given]}]}


def images(*given: Any) -> dict[str, Any]:
    return {"embed": {"$type": "app.bsky.embed.images", "images": list(given)}}


def blob(**values: Any) -> dict[str, Any]:
    return {"$type": "blob", "ref": {"$link": "bafkreinone"}, "mimeType": "image/jpeg", "size": 9, **values}


class TestPublishing:
    def test_what_readers_see_is_what_was_sent(self, start: Start, tmp_path: Path) -> None:
        rig = start()
        sent = part(images=(image(tmp_path, 1, "Zeď"), image(tmp_path, 2, "")))

        live = rig.send(sent)

        [item] = rig.service.live
        assert (item.id, item.text, item.link, item.language) == (live.remote_id, SHOWN, LINK, "cs")
        assert (item.alts, item.key, item.reply_to) == (("Zeď", ""), live.remote_id.rpartition("/")[2], "")
        assert live.remote_id == f"at://{rig.service.did}/{NSID}/{item.key}"

    def test_a_thread_is_a_chain(self, start: Start) -> None:
        rig = start()
        first = rig.send(part())
        second = rig.send(reply_to([first], 2, "Druhá část"))
        third = rig.send(reply_to([first, second], 3, "Třetí část"))

        assert [item.reply_to for item in rig.service.live] == ["", first.remote_id, second.remote_id]
        assert rig.find(reply_to([first, second], 3, "Třetí část")) == Found(third.remote_id, third.permalink)

    def test_mentions_lead_to_those_who_are_there(self, start: Start) -> None:
        rig = start(handles={"asa.example": "did:plc:asa"})
        rig.send(part(text="@asa.example @nobody.example"))

        [facet] = rig.service.live[0].extra["record"]["facets"]
        assert facet["features"] == [{"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:asa"}]

    def test_a_preview_is_a_card(self, start: Start, tmp_path: Path) -> None:
        rig = start()
        rig.send(part(text="Look", preview=Preview("Title", "More", image(tmp_path))))
        rig.send(part(2, text="Look again", preview=Preview("Title")))

        assert [(item.link, item.alts) for item in rig.service.live] == [(LINK, ())] * 2

    def test_the_account_is_in_order(self, start: Start) -> None:
        rig = start()
        account = rig.platform.check()
        assert (account.id, account.name, account.warnings) == (rig.service.did, f"org.{HOST}", ())


class TestTheKey:
    def test_an_answer_that_is_lost_is_found_and_a_repeat_makes_no_second(self, start: Start) -> None:
        rig = start()
        rig.prepare(part())
        rig.meets(Fault.CUT_AFTER)

        assert isinstance(error_of(rig.publish, part()), OutcomeUnknown)
        assert isinstance(rig.find(part()), Found)
        assert rig.publish(part()).remote_id == rig.service.live[0].id
        assert rig.texts() == [SHOWN]

    def test_the_same_record_again_is_a_quiet_yes(self, start: Start) -> None:
        rig = start()
        first, second = put(rig, swapRecord=None), put(rig, swapRecord=None)

        assert first.body["cid"] == second.body["cid"]
        assert first.body["cid"].startswith("bafyrei")
        assert len(first.body["cid"]) == 59
        assert "commit" in first.body
        assert "commit" not in second.body

    def test_another_record_in_its_place_is_refused(self, start: Start) -> None:
        rig = start()
        cid = put(rig).body["cid"]
        refused = put(rig, {"text": "Other"}, swapRecord=None)

        assert refused.status == 400
        assert refused.body == {"error": "InvalidSwap", "message": f"Record was at {cid}"}
        assert put(rig, {"text": "Other"}, swapRecord="bafyreiother").body["error"] == "InvalidSwap"
        assert rig.texts() == ["Žluť"]

    def test_without_a_null_another_record_takes_its_place(self, start: Start) -> None:
        rig = start()
        put(rig)
        cid = put(rig, {"text": "Other"}).body["cid"]
        put(rig, {"text": "Third"}, swapRecord=cid)

        assert rig.texts() == ["Third"]
        assert len(rig.service.items) == 3

    def test_to_create_what_is_there_breaks_the_server(self, start: Start) -> None:
        rig = start()
        assert put(rig, call="createRecord").status == 200
        assert put(rig, call="createRecord").status == 500
        assert put(rig, call="createRecord", rkey=None).status == 200
        assert len(rig.texts()) == 2

    def test_the_adapter_sees_that_something_else_stands_there(self, start: Start) -> None:
        rig = start()
        rig.prepare(part())
        put(rig, rkey=rig.kept[part().part]["rkey"])

        assert isinstance(error_of(rig.publish, part()), OutcomeUnknown)
        assert isinstance(rig.find(part()), CannotTell)


class TestALivePost:
    def test_is_deleted_once_and_for_all(self, start: Start) -> None:
        rig = start()
        live = rig.send(part())
        rig.platform.delete(live.remote_id)
        rig.platform.delete(live.remote_id)

        assert rig.texts() == []
        assert rig.platform.confirm(live.remote_id).warnings
        assert rig.find(part()) == Absent(honours_key=True)

    def test_is_shown_by_the_appview_a_second_later_and_gains_with_age(self, start: Start) -> None:
        rig = start(listing_lag=timedelta(seconds=5))
        live = rig.send(part())
        assert "yet" in rig.platform.metrics([live.remote_id])[live.remote_id].missing["reactions"]
        rig.clock.advance(timedelta(days=3))

        gone = live.remote_id[:-1] + "2"
        counted = rig.platform.metrics([live.remote_id, gone])

        assert counted[live.remote_id].counts["reactions"] >= 15
        assert "not there" in counted[gone].missing["reactions"]
        assert (rig.platform.followers() or 0) > 80
        many = "&".join(f"uris={live.remote_id}" for _ in range(26))
        assert rig.ask("GET", f"/xrpc/app.bsky.feed.getPosts?{many}").status == 400

    def test_stands_in_the_list_newest_key_first(self, start: Start) -> None:
        rig = start()
        for key in ("3m6w2xk4c7s2a", "3m6w2xk4c7s2c", "3m6w2xk4c7s2b"):
            put(rig, rkey=key)
        path = f"{REPO}listRecords?repo={rig.service.handle}&collection={NSID}"

        first = rig.ask("GET", f"{path}&limit=2").body
        second = rig.ask("GET", f"{path}&limit=2&cursor={first['cursor']}").body

        assert [each["uri"][-1] for each in (*first["records"], *second["records"])] == ["c", "b", "a"]
        assert "cursor" not in second
        assert rig.ask("GET", f"{path.replace('post', 'like')}").body == {"records": []}


class TestSessions:
    def test_a_session_that_ended_is_renewed(self, start: Start) -> None:
        rig = start()
        old = rig.tokens.stored
        rig.clock.advance(timedelta(hours=3))
        rig.send(part())

        new = rig.tokens.stored
        assert new["access"] != old["access"]
        end = end_of(new["access"])
        assert end is not None
        assert timedelta(minutes=119) < end - rig.clock.now() <= timedelta(hours=2)

    def test_after_ninety_days_the_app_password_helps(self, start: Start) -> None:
        rig = start()
        rig.clock.advance(timedelta(days=91))
        rig.send(part())
        assert rig.texts() == [SHOWN]

    def test_a_renewal_may_be_repeated_for_two_hours_and_has_one_successor(self, start: Start) -> None:
        rig = start()
        old = rig.service.tokens()["refresh"]

        def renewed(token: str) -> Reply:
            return rig.ask("POST", f"{SERVER}refreshSession", token=token)

        first = renewed(old).body["refreshJwt"]
        assert renewed(old).body["refreshJwt"] == first
        rig.clock.advance(timedelta(hours=2))
        assert renewed(old).body == {"error": "ExpiredToken", "message": "Token has been revoked"}
        assert renewed(first).status == 200

    def test_an_app_password_that_was_taken_back_ends_with_the_access_token(self, start: Start) -> None:
        rig = start()
        rig.service.token = "another"
        rig.send(part())  # good until it ends
        rig.clock.advance(timedelta(hours=2))

        error = error_of(rig.send, part(2))

        assert isinstance(error, NotSent)
        assert error.token_dead
        assert "Invalid identifier or password" in str(error)

    def test_a_token_ends_at_a_visible_call(self, start: Start) -> None:
        rig = start()
        rig.prepare(part())
        rig.clock.advance(timedelta(hours=2))
        error = error_of(rig.publish, part())

        assert isinstance(error, NotSent)
        assert error.token_dead
        assert "Token has expired" in str(error)

    @pytest.mark.parametrize(
        ("token", "status", "name"),
        [("", 401, "AuthMissing"), ("made-up", 400, "InvalidToken"), ("refresh", 400, "InvalidToken")],
    )
    def test_what_is_no_access_token(self, start: Start, token: str, status: int, name: str) -> None:
        rig = start()
        reply = rig.ask("GET", f"{SERVER}getSession", token=rig.service.tokens().get(token, token))
        assert (reply.status, reply.body["error"]) == (status, name)

    @pytest.mark.parametrize("name", ["AccountTakedown", "AccountDeactivated"])
    def test_an_account_that_is_closed(self, start: Start, name: str) -> None:
        rig = start()
        rig.prepare(part())
        rig.service.closed = name
        assert isinstance(error_of(rig.publish, part()), ChannelBlocked)
        asked = {"identifier": rig.service.did, "password": rig.service.token}
        assert rig.ask("POST", f"{SERVER}createSession", asked).body["error"] == name


class TestRefusals:
    @pytest.mark.parametrize(
        ("record", "said"),
        [
            ({"text": "x" * 301}, "grapheme too big (maximum 300, got 301) at $.record.text"),
            ({"text": "👩‍👩‍👧‍👧" * 121}, "string too big (maximum 3000, got 3025) at $.record.text"),
            ({"text": None}, "Expected string"),
            ({"createdAt": "2026-03-02T08:00:00"}, "Invalid datetime"),
            ({"createdAt": "2026-13-02T08:00:00Z"}, "Invalid datetime"),
            ({"$type": "app.bsky.feed.like"}, "Invalid $type"),
            ({"langs": ["cs", "en", "de", "fr"]}, "array too big (maximum 3, got 4) at $.record.langs"),
            ({"langs": ["Czech language"]}, "Invalid language"),
            ({"langs": "cs"}, "Expected array"),
            (facet(0, 9), "outside of the text"),
            (facet(2, 2), "outside of the text"),
            (facet(0, 1), "cuts a character"),
            (facet(0, "2"), "Expected integer"),
            ({"facets": [{"index": {"byteStart": 0, "byteEnd": 2}}]}, '"features"'),
            ({"facets": [*facet(0, 3)["facets"], *facet(2, 4)["facets"]]}, "across another"),
            (facet(0, 2, **{"$type": "app.bsky.richtext.facet#link", "uri": "example.org"}), "Invalid uri"),
            (facet(0, 2, **{"$type": "app.bsky.richtext.facet#mention", "did": "asa.example"}), "Invalid DID"),
            (facet(0, 2, **{"$type": "app.bsky.richtext.facet#tag", "tag": "x" * 65}), "a tag of"),
            (facet(0, 2, **{"$type": "app.bsky.richtext.facet#other"}), "a known feature"),
            (images(*[{"alt": "", "image": blob()}] * 5), "array too big (maximum 4, got 5)"),
            (images({"image": blob()}), 'Missing required key "alt"'),
            (images({"alt": "", "image": blob(size=2_000_001)}), "blob too big (maximum 2000000, got 2000001)"),
            (images({"alt": "", "image": blob(mimeType="video/mp4")}), "Expected image/*"),
            (images({"alt": "", "image": {}}), "Expected blob"),
            (images({"alt": "", "image": blob(), "aspectRatio": {"width": 0, "height": 1}}), "too small"),
            ({"embed": {"$type": "app.bsky.embed.external", "external": {"uri": LINK, "title": ""}}}, '"description"'),
            ({"embed": {"$type": "app.bsky.embed.other"}}, "a known embed"),
            ({"embed": []}, "Expected object"),
            ({"reply": {"root": {"uri": "at://x", "cid": "y"}}}, "Expected object"),
        ],
    )
    def test_what_a_record_may_not_be(self, start: Start, record: dict[str, Any], said: str) -> None:
        rig = start()
        reply = put(rig, record)

        assert (reply.status, reply.body["error"]) == (400, "InvalidRequest")
        assert said in reply.body["message"]
        assert rig.texts() == []

    @pytest.mark.parametrize("text", ["x" * 300, "नमस्ते" * 100, "", "👩‍👩‍👧‍👧" * 120])
    def test_a_text_is_counted_as_readers_do(self, start: Start, text: str) -> None:
        assert put(start(), {"text": text}).status == 200

    @pytest.mark.parametrize("key", ["", "mine", "zm6w2xk4c7s2a", "3m6w2xk4c7s21"])
    def test_a_key_is_a_tid(self, start: Start, key: str) -> None:
        assert put(start(), rkey=key).body["error"] == "InvalidRequest"

    def test_a_reply_answers_what_was_there_once(self, start: Start) -> None:
        rig = start()
        cid = put(rig).body["cid"]
        uri = rig.service.live[0].id

        def answering(cid: str) -> Reply:
            strong = {"uri": uri, "cid": cid}
            return put(rig, {"reply": {"root": strong, "parent": strong}}, rkey="3m6w2xk4c7s2b")

        assert "there was never" in answering("bafyreiother").body["message"]
        rig.service.take_down(uri)
        assert answering(cid).status == 200  # the real server looks at none

    def test_a_reply_to_what_is_gone_is_seen_by_the_adapter(self, start: Start) -> None:
        rig = start()
        first = rig.send(part())
        rig.service.take_down(first.remote_id)
        assert isinstance(error_of(rig.send, reply_to([first], 2, "More")), Rejected)

    def test_somebody_elses_repo_and_other_collections(self, start: Start) -> None:
        rig = start()
        assert put(rig, repo="did:plc:other").body["error"] == "AccountNotFound"
        assert put(rig, collection="app.bsky.feed.like").body["error"] == "InvalidRequest"
        assert rig.ask("POST", f"{REPO}putRecord", b"{", token=access(rig)).body["error"] == "InvalidRequest"

    def test_what_is_not_there(self, start: Start) -> None:
        rig = start()
        reply = rig.ask("GET", f"{REPO}getRecord?repo={rig.service.did}&collection={NSID}&rkey={KEY}")
        uri = f"at://{rig.service.did}/{NSID}/{KEY}"
        assert (reply.status, reply.body) == (
            400,
            {"error": "RecordNotFound", "message": f"Could not locate record: {uri}"},
        )
        assert rig.ask("GET", "/xrpc/app.bsky.other").body["error"] == "XRPCNotSupported"
        assert rig.ask("GET", "/xrpc/app.bsky.actor.getProfile?actor=nobody.example").status == 400
        assert (
            rig.ask(
                "POST",
                f"{REPO}deleteRecord",
                {"repo": rig.service.did, "collection": NSID, "rkey": KEY},
                token=access(rig),
            ).body
            == {}
        )


class TestBlobs:
    def test_their_addresses_follow_from_their_bytes(self, start: Start) -> None:
        rig = start()

        def address(data: bytes) -> Any:
            reply = rig.ask("POST", f"{REPO}uploadBlob", data, token=access(rig), content_type="image/jpeg")
            return reply.body["blob"]

        # as https://cid.ipfs.tech tells of no bytes at all
        assert address(b"")["ref"] == {"$link": "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"}
        assert address(b"\x89PNG") == address(b"\x89PNG")
        assert (address(b"\x89PNG")["mimeType"], address(b"?")["mimeType"]) == ("image/png", "image/jpeg")

    def test_that_no_record_uses_are_dropped_and_uploaded_anew(self, start: Start, tmp_path: Path) -> None:
        rig = start()
        sent = part(images=(image(tmp_path),))
        rig.prepare(sent)
        rig.clock.advance(timedelta(hours=1))

        error = error_of(rig.publish, sent)

        assert isinstance(error, NotSent)
        assert error.forget == ("blobs", "record")
        rig.checkpoint(sent).forget(error.forget)
        rig.send(sent)
        assert rig.texts() == [SHOWN]

    def test_live_as_long_as_a_record_that_has_them(self, start: Start, tmp_path: Path) -> None:
        rig = start()
        sent = part(images=(image(tmp_path),))
        live = rig.send(sent)
        record = rig.service.live[0].extra["record"]
        rig.clock.advance(timedelta(days=9))

        assert put(rig, record, rkey=KEY).status == 200
        rig.service.take_down(live.remote_id)
        assert put(rig, record, rkey="3m6w2xk4c7s2b").status == 200
        rig.service.take_down(f"at://{rig.service.did}/{NSID}/{KEY}")
        rig.service.take_down(f"at://{rig.service.did}/{NSID}/3m6w2xk4c7s2b")
        assert put(rig, record, rkey=KEY).body["error"] == "BlobNotFound"

    def test_survive_when_a_record_takes_the_place_of_another(self, start: Start, tmp_path: Path) -> None:
        rig = start()
        rig.send(part(images=(image(tmp_path),)))
        item = rig.service.live[0]
        assert put(rig, {**item.extra["record"], "langs": ["de"]}, rkey=item.key).status == 200
        assert put(rig, item.extra["record"], rkey=KEY).status == 200

    def test_that_are_too_large_are_refused(self, start: Start, tmp_path: Path) -> None:
        assert isinstance(error_of(start(blob_size=1000).prepare, part(images=(image(tmp_path),))), Rejected)


class TestRateLimits:
    def test_are_told_and_end(self, start: Start) -> None:
        rig = start(
            rate_limits={**RATE_LIMITS, "writes in an hour": replace(RATE_LIMITS["writes in an hour"], limit=3)}
        )
        first = put(rig)
        assert first.headers["RateLimit-Limit"] == "3"
        assert first.headers["RateLimit-Remaining"] == "1"
        assert first.headers["RateLimit-Policy"] == "3;w=3600"

        error = error_of(rig.send, part())

        assert isinstance(error, RateLimited)
        assert error.retry_after is not None
        rig.clock.advance(error.retry_after)
        rig.publish(part())
        assert rig.texts() == ["Žluť", SHOWN]

    def test_so_many_logins_in_five_minutes(self, start: Start) -> None:
        rig = start(rate_limits=RATE_LIMITS)
        asked = {"identifier": rig.service.handle, "password": "wrong"}
        answers = [rig.ask("POST", f"{SERVER}createSession", asked).status for _ in range(31)]
        assert answers == [401] * 30 + [429]


def test_every_run_is_the_same(clock: VirtualClock, tmp_path: Path) -> None:
    def history() -> list[Any]:
        net = Net(VirtualClock(clock.now()))
        rig = Rig(net, BlueskyService(net, HOST, seed=3), Bluesky)
        live = rig.send(part(images=(image(tmp_path),)))
        rig.clock.advance(timedelta(days=2))
        counts = rig.platform.metrics([live.remote_id])
        return [live, rig.service.items, counts, rig.platform.followers(), rig.tokens.stored]

    assert history() == history()


def test_one_call_is_the_visible_one(start: Start, tmp_path: Path) -> None:
    rig = start()
    seen: list[str] = []
    rig.net.watch = lambda call: seen.append(call.path) if rig.service.is_visible(call) else None
    rig.send(part(images=(image(tmp_path),)))
    rig.find(part())

    assert seen == [f"{REPO}putRecord"]


@pytest.mark.parametrize("call", ["putRecord", "createSession"])
def test_a_refusal_at_the_harness_wish_looks_like_that_of_a_dead_token(start: Start, call: str) -> None:
    rig = start()
    rig.prepare(part())
    if call == "createSession":
        rig.tokens.stored = {"identifier": rig.service.handle, "server": f"https://{HOST}", "password": "x"}
        rig.meets(Fault.TOKEN_REFUSED)
        error = error_of(rig.prepare, part(2))
    else:
        rig.meets(Fault.TOKEN_REFUSED)
        error = error_of(rig.publish, part())

    assert isinstance(error, NotSent)
    assert error.token_dead
    assert rig.texts() == []
