"""Posts on Bluesky, judged by the exact requests that reach a server, and by what each of its answers leads to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from campaign.errors import (
    NotSent,
    OutcomeUnknown,
    Rejected,
    Unsupported,
)
from campaign.platforms.base import COUNTS, Absent, CannotTell, Confirmation, Found, Metrics, Preview, Published
from campaign.platforms.bluesky.adapter import NO_APPVIEW
from campaign.rehearsal.clock import VirtualClock
from tests import wire
from tests.platforms.bluesky_server import (
    BLOB,
    DID,
    GONE,
    HANDLE,
    OVER,
    RKEY,
    URI,
    Rig,
    Tokens,
    answer,
    image,
    item,
    names,
    put,
    record,
    refused,
    session,
    signed_in,
    token,
    uploaded,
)
from tests.wire import Act, Server

KEY = "3mg2rwoxneuhm"  # of the item, for ever
NOW = "2026-03-02T08:00:00.000Z"
PERMALINK = f"https://bsky.app/profile/{DID}/post/{KEY}"
OTHER = f"at://{DID}/app.bsky.feed.post/3m6w2xk4c7z99"
AN_ERROR_PAGE = b"<html><h1>502 Bad Gateway</h1></html>"

Start = Callable[..., Rig]


@pytest.fixture
def start(clock: VirtualClock) -> Iterator[Start]:
    """Start a server, and a channel's adapter that is logged in there."""
    servers: list[Server] = []

    def build(*acts: Act, **settings: Any) -> Rig:
        servers.append(Server(list(acts)))
        tokens = Tokens(**session(clock, servers[-1], access="the-access-token", refresh="the-refresh-token"))
        return Rig(servers[-1], clock, settings, tokens)

    yield build
    for server in servers:
        server.close()


def sent(rig: Rig, what: Any) -> Any:
    """Prepare and publish a part, and return what stands in the record that was sent."""
    rig.prepare(what)
    rig.publish(what)
    return rig.calls[-1].json["record"]


# --- what is sent


def test_a_text_is_one_call_with_our_key_and_a_null_that_says_only_if_nothing_is_there(start: Start) -> None:
    rig = start(put(KEY))

    rig.prepare(item())
    assert rig.calls == []
    yes = rig.publish(item())

    [call] = rig.calls
    assert (call.method, call.path, call.query) == ("POST", "/xrpc/com.atproto.repo.putRecord", {})
    assert call.headers["authorization"] == "Bearer the-access-token"
    assert call.headers["content-type"] == "application/json"
    assert call.json == {
        "repo": DID,
        "collection": "app.bsky.feed.post",
        "rkey": KEY,
        "record": {
            "$type": "app.bsky.feed.post",
            "text": "Battery skills modules are open to every region.",
            "createdAt": NOW,
            "langs": ["en"],
        },
        "swapRecord": None,
        "validate": True,
    }
    assert yes == Published(f"at://{DID}/app.bsky.feed.post/{KEY}", PERMALINK)


def test_links_tags_and_mentions_lead_somewhere(start: Start) -> None:
    rig = start(answer(200, {"did": "did:plc:atec"}), put(KEY))
    text = "Zpráva: https://example.org/r?utm_source=bluesky #OpenData @ATEC.bsky.social @someone"

    assert sent(rig, item(text=text, language="cs")) == {
        "$type": "app.bsky.feed.post",
        "text": "Zpráva: example.org/r #OpenData @ATEC.bsky.social @someone",
        "createdAt": NOW,
        "langs": ["cs"],
        "facets": [
            {
                "index": {"byteStart": 9, "byteEnd": 22},
                "features": [
                    {"$type": "app.bsky.richtext.facet#link", "uri": "https://example.org/r?utm_source=bluesky"}
                ],
            },
            {
                "index": {"byteStart": 23, "byteEnd": 32},
                "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": "OpenData"}],
            },
            {
                "index": {"byteStart": 33, "byteEnd": 50},
                "features": [{"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:atec"}],
            },
        ],
    }
    look = rig.calls[0]
    assert (look.method, look.path) == ("GET", "/xrpc/com.atproto.identity.resolveHandle")
    assert look.query == {"handle": ["atec.bsky.social"]}
    assert "authorization" not in look.headers


@pytest.mark.parametrize("error", ["InvalidRequest", "HandleNotFound"])
def test_a_handle_that_nobody_has_stays_plain_text(start: Start, error: str) -> None:
    rig = start(refused(400, error, "Unable to resolve handle"), put(KEY))
    found = sent(rig, item(text="With @nobody.example"))
    assert (found["text"], found.get("facets")) == ("With @nobody.example", None)


def test_a_handle_that_cannot_be_looked_up_now_is_looked_up_again(start: Start) -> None:
    rig = start(refused(502, "UpstreamFailure", "no answer"), answer(200, {"did": "did:plc:atec"}))
    with pytest.raises(NotSent, match="status 502"):
        rig.prepare(item(text="With @atec.bsky.social"))
    rig.prepare(item(text="With @atec.bsky.social"))
    assert len(rig.kept["record"]["facets"]) == 1


def test_a_picture_is_uploaded_as_it_is_and_shown_with_alt_text_and_size(start: Start, tmp_path: Path) -> None:
    rig = start(uploaded(), put(KEY))
    wall = image(tmp_path)

    found = sent(rig, item(images=(wall,)))

    upload = rig.calls[0]
    assert (upload.method, upload.path) == ("POST", "/xrpc/com.atproto.repo.uploadBlob")
    assert upload.headers["authorization"] == "Bearer the-access-token"
    assert upload.headers["content-type"] == "image/jpeg"
    assert upload.body == wall.path.read_bytes()
    assert found["embed"] == {
        "$type": "app.bsky.embed.images",
        "images": [{"alt": "A blue wall.", "image": BLOB, "aspectRatio": {"width": 640, "height": 360}}],
    }


def test_pictures_stand_in_their_order_and_each_is_uploaded_once_whatever_crashes(start: Start, tmp_path: Path) -> None:
    wall, bench = image(tmp_path), image(tmp_path, (200, 30, 30), alt="")
    post = item(images=(wall, bench, replace(wall, alt="The wall again.")))
    rig = start(uploaded("bafkreiwall"), wire.close_read, uploaded("bafkreibench"), put(KEY))

    with pytest.raises(NotSent):
        rig.prepare(post)
    found = sent(rig, post)

    assert [call.body for call in rig.calls[:3]] == [each.path.read_bytes() for each in (wall, bench, bench)]
    assert [(each["alt"], each["image"]["ref"]["$link"]) for each in found["embed"]["images"]] == [
        ("A blue wall.", "bafkreiwall"),
        ("", "bafkreibench"),
        ("The wall again.", "bafkreiwall"),
    ]


def test_only_the_picture_that_was_approved_goes_out(start: Start, tmp_path: Path) -> None:
    rig, wall = start(uploaded()), image(tmp_path)
    wall.path.write_bytes(b"another picture")
    with pytest.raises(NotSent, match="not the one that was approved"):
        rig.prepare(item(images=(wall,)))
    wall.path.unlink()
    with pytest.raises(NotSent, match="cannot be read: No such file"):
        rig.prepare(item(images=(wall,)))
    assert rig.calls == []


@pytest.mark.parametrize("odd", [{}, {"blob": "bafkrei"}, {"blob": {"ref": {}}}])
def test_an_upload_without_a_blob_in_its_answer_is_made_again(
    start: Start, tmp_path: Path, odd: dict[str, Any]
) -> None:
    rig, post = start(answer(200, odd), uploaded()), item(images=(image(tmp_path),))
    with pytest.raises(NotSent, match="the answer lacks blob"):
        rig.prepare(post)
    rig.prepare(post)
    assert len(rig.calls) == 2


def test_a_session_that_ends_during_an_upload_is_renewed_and_the_visible_call_goes_with_the_new_one(
    start: Start, clock: VirtualClock, tmp_path: Path
) -> None:
    access = token(clock)
    rig = start(answer(400, OVER), signed_in(access), uploaded(), put(KEY))

    sent(rig, item(images=(image(tmp_path),)))

    assert [(call.name.rpartition(".")[2], call.bearer) for call in rig.calls] == [
        ("uploadBlob", "the-access-token"),
        ("refreshSession", "the-refresh-token"),
        ("uploadBlob", access),
        ("putRecord", access),
    ]


def test_the_second_part_of_a_thread_answers_the_first(start: Start) -> None:
    rig = start(record(cid="bafyreiroot"), put())

    found = sent(rig, item(n=2, role="reply", root=URI, reply_to=URI))

    look, visible = rig.calls
    assert (look.method, look.path) == ("GET", "/xrpc/com.atproto.repo.getRecord")
    assert look.query == {"repo": [DID], "collection": ["app.bsky.feed.post"], "rkey": [RKEY]}
    root = {"uri": URI, "cid": "bafyreiroot"}
    assert found["reply"] == {"root": root, "parent": root}
    assert visible.json["rkey"] == "3mg2rwpw5wuhm"


def test_a_later_part_of_a_thread_answers_the_one_before_also_where_people_gave_its_address(start: Start) -> None:
    known = {URI: record(uri=URI, cid="bafyreiroot"), OTHER: record(uri=OTHER, cid="bafyreiparent")}
    address = f"https://bsky.app/profile/{HANDLE}/post/{OTHER.rpartition('/')[2]}"
    rig = start(known[URI], answer(200, {"did": DID}), known[OTHER], put())

    found = sent(rig, item(n=3, role="reply", root=URI, reply_to=address))

    assert rig.calls[1].query == {"handle": [HANDLE]}
    assert [call.query.get("rkey") for call in rig.calls[:3:2]] == [[RKEY], [OTHER.rpartition("/")[2]]]
    assert found["reply"] == {
        "root": {"uri": URI, "cid": "bafyreiroot"},
        "parent": {"uri": OTHER, "cid": "bafyreiparent"},
    }


def test_nothing_is_put_under_the_post_of_another_account(start: Start) -> None:
    address = f"https://bsky.app/profile/atec.example.org/post/{RKEY}"
    rig = start(answer(200, {"did": "did:plc:atec"}))
    with pytest.raises(Rejected, match="no answer can be made"):
        rig.prepare(item(n=2, role="reply", root=address, reply_to=address))


def test_nothing_is_put_under_a_post_that_is_gone(start: Start) -> None:
    with pytest.raises(Rejected, match="is not there any more"):
        start(GONE).prepare(item(n=2, role="reply", root=URI, reply_to=URI))


def test_a_post_brings_the_preview_of_its_link(start: Start, tmp_path: Path) -> None:
    rig = start(uploaded(), put(KEY))
    preview = Preview("Battery modules", "Open to every region.", image(tmp_path))

    found = sent(rig, item(link="https://example.org/modules", preview=preview))

    assert names(rig.calls) == ["com.atproto.repo.uploadBlob", "com.atproto.repo.putRecord"]
    assert found["embed"] == {
        "$type": "app.bsky.embed.external",
        "external": {
            "uri": "https://example.org/modules",
            "title": "Battery modules",
            "description": "Open to every region.",
            "thumb": BLOB,
        },
    }


def test_a_preview_may_have_no_picture(start: Start) -> None:
    found = sent(start(put(KEY)), item(link="https://example.org/modules", preview=Preview("Battery modules")))
    page = {"uri": "https://example.org/modules", "title": "Battery modules", "description": ""}
    assert found["embed"] == {"$type": "app.bsky.embed.external", "external": page}


def test_pictures_leave_no_room_for_a_preview(start: Start, tmp_path: Path) -> None:
    rig = start(uploaded(), put(KEY))
    preview = Preview("Battery modules", image=image(tmp_path, (9, 9, 9)))
    found = sent(rig, item(images=(image(tmp_path),), preview=preview, link="https://example.org"))
    assert found["embed"]["$type"] == "app.bsky.embed.images"
    assert len(rig.calls) == 2


# --- again and again


def test_a_repeat_is_the_same_call_to_the_byte_even_by_another_process(start: Start, clock: VirtualClock) -> None:
    rig = start(wire.close_read, put(KEY))
    rig.prepare(item())
    with pytest.raises(OutcomeUnknown):
        rig.publish(item())
    clock.advance(timedelta(minutes=10))

    after = Rig(rig.server, clock, tokens=rig.tokens, kept=rig.kept)
    assert after.publish(item()).remote_id.endswith(KEY)
    assert rig.calls[0] == rig.calls[1]


def test_what_is_prepared_anew_keeps_its_key_even_when_the_plan_has_changed(start: Start, clock: VirtualClock) -> None:
    rig = start(put(KEY))
    rig.prepare(item())
    clock.advance(timedelta(days=1))
    moved = item(due_at=clock.now())

    found = sent(rig, moved)

    assert rig.calls[0].json["rkey"] == KEY
    assert found["createdAt"] == "2026-03-03T08:00:00.000Z"


def test_nothing_is_sent_that_was_not_prepared(start: Start) -> None:
    rig = start(put())
    with pytest.raises(NotSent, match="what was prepared is gone"):
        rig.publish(item())
    rig.kept = {"rkey": KEY, "repo": DID, "record": {}}
    rig.tokens.stored = {}
    with pytest.raises(NotSent, match="nobody is logged in"):
        rig.publish(item())
    assert rig.calls == []


# --- what each answer means


def test_after_a_refused_session_the_next_preparation_renews_it(start: Start, clock: VirtualClock) -> None:
    access = token(clock)
    rig = start(answer(400, OVER), signed_in(access), put(KEY))
    rig.prepare(item())
    with pytest.raises(NotSent):
        rig.publish(item())

    rig.prepare(item())
    rig.publish(item())

    assert [(call.name.rpartition(".")[2], call.bearer) for call in rig.calls[1:]] == [
        ("refreshSession", "the-refresh-token"),
        ("putRecord", access),
    ]


def test_a_picture_that_the_server_has_dropped_is_uploaded_again(start: Start, tmp_path: Path) -> None:
    rig = start(uploaded(), refused(400, "BlobNotFound", "Could not find blob: bafkrei"), uploaded(), put(KEY))
    post = item(images=(image(tmp_path),))
    rig.prepare(post)
    with pytest.raises(NotSent) as told:
        rig.publish(post)
    checkpoint = rig.checkpoint
    checkpoint.forget(told.value.forget)

    sent(rig, post)

    assert [call.name.rpartition(".")[2] for call in rig.calls] == ["uploadBlob", "putRecord"] * 2
    assert rig.calls[1].json["rkey"] == rig.calls[3].json["rkey"]


# --- looking


def test_what_is_live_is_found_by_its_key(start: Start) -> None:
    uri = f"at://{DID}/app.bsky.feed.post/{KEY}"
    rig = start(record(item().text, uri))
    rig.prepare(item())

    assert rig.find(item()) == Found(uri, PERMALINK)

    [look] = rig.calls
    assert (look.method, look.path) == ("GET", "/xrpc/com.atproto.repo.getRecord")
    assert look.query == {"repo": [DID], "collection": ["app.bsky.feed.post"], "rkey": [KEY]}
    assert "authorization" not in look.headers


def test_what_is_live_is_found_without_any_checkpoint(start: Start) -> None:
    uri = f"at://{DID}/app.bsky.feed.post/{KEY}"
    rig = start(record("It is out: example.org/r", uri))
    assert rig.find(item(text="It is out: https://example.org/r?utm_source=x")) == Found(uri, PERMALINK)


def test_what_is_not_there_may_be_sent_again_as_it_was(start: Start) -> None:
    rig = start(GONE)
    rig.prepare(item())
    assert rig.find(item()) == Absent()


def test_what_is_not_there_is_prepared_anew_when_the_session_would_not_do_for_a_repeat(
    start: Start, clock: VirtualClock
) -> None:
    rig = start(GONE, listed())
    rig.tokens.stored["access"] = token(clock, timedelta(minutes=4))
    assert rig.find(item()) == Absent(honours_key=False)


def listed(*texts: str, cursor: str = "", made: str = "2026-03-02T08:00:00.000Z", parent: str = "") -> Act:
    """Answer with a page of the account's records."""
    reply = {"reply": {"root": {"uri": parent}, "parent": {"uri": parent}}} if parent else {}
    records = [
        {"uri": f"at://{DID}/app.bsky.feed.post/{n}", "value": {"text": text, "createdAt": made, **reply}}
        for n, text in enumerate(texts)
    ]
    return answer(200, {"records": records, **({"cursor": cursor} if cursor else {})})


def test_after_a_restore_it_is_looked_for_under_any_key(start: Start) -> None:
    rig = start(GONE, listed("Another.", cursor="2"), listed("Third.", "It is out: example.org/r"))
    sought = replace(item(text="It is out: https://example.org/r?utm_content=22222222"), marked=False)

    found = f"at://{DID}/app.bsky.feed.post/1"
    assert rig.find(sought) == Found(found, f"https://bsky.app/profile/{DID}/post/1")
    assert [call.query.get("cursor") for call in rig.calls[1:]] == [None, ["2"]]


@pytest.mark.parametrize(
    "pages",
    [
        [listed("Another.")],
        [listed()],
        [listed("It is out.", made="2026-03-02T07:59:59.000Z", cursor="2")],
        [listed("It is out.", parent=f"at://{DID}/app.bsky.feed.post/9")],
    ],
    ids=["another text", "nothing", "an older one", "an answer"],
)
def test_what_only_resembles_it_is_another_post(start: Start, pages: list[Act]) -> None:
    assert start(GONE, *pages).find(replace(item(text="It is out."), marked=False)) == Absent()


def test_of_an_account_that_posts_very_much_it_cannot_tell(start: Start) -> None:
    rig = start(GONE, *[listed("Another.", cursor="more")] * 10)
    assert rig.find(replace(item(), marked=False)) == CannotTell("the account has posted more than 1000 times since")


def test_another_text_under_the_key_is_for_a_person_to_see(start: Start) -> None:
    rig = start(record("Something else", f"at://{DID}/app.bsky.feed.post/{KEY}"))
    rig.prepare(item())
    assert rig.find(item()) == CannotTell(f"another text stands in its place: {PERMALINK}")


def test_another_account_cannot_tell_what_the_one_before_has_published(start: Start) -> None:
    rig = start(GONE)
    rig.prepare(item())
    rig.tokens.stored["did"] = "did:plc:other"
    assert isinstance(rig.find(item()), CannotTell)
    assert rig.calls == []


@pytest.mark.parametrize(
    "odd", [refused(500, "InternalServerError"), refused(400, "InvalidRequest", "Could not find repo"), AN_ERROR_PAGE]
)
def test_a_server_that_cannot_be_asked_proves_nothing(start: Start, odd: Act | bytes) -> None:
    rig = start(answer(502, odd) if isinstance(odd, bytes) else odd)
    with pytest.raises(NotSent):
        rig.find(item())


def test_a_live_post_is_confirmed_with_its_address(start: Start) -> None:
    permalink = f"https://bsky.app/profile/{DID}/post/{RKEY}"
    rig = start(record(), GONE)
    assert rig.bluesky.confirm(URI) == Confirmation(permalink)
    assert rig.bluesky.confirm(permalink) == Confirmation(permalink, ("the post is not there any more",))


# --- counting


def shown(uri: str, **counts: Any) -> dict[str, Any]:
    """Return a post as the AppView shows it."""
    return {
        "uri": uri,
        "cid": "bafyrei",
        "author": {"did": DID},
        "record": {},
        **counts,
        "indexedAt": NOW,
        "labels": [],
    }


def test_counts_come_from_the_appview_in_our_words(start: Start) -> None:
    posts = [
        shown(OTHER, likeCount=5),
        shown(URI, replyCount=3, repostCount=7, likeCount=41, quoteCount=2, bookmarkCount=1),
    ]
    rig = start(answer(200, {"posts": posts}))
    counter = Rig(rig.server, rig.clock, {"appview_url": rig.server.url}, rig.tokens)

    found = counter.bluesky.metrics([URI, OTHER])

    [call] = rig.calls
    assert (call.method, call.path) == ("GET", "/xrpc/app.bsky.feed.getPosts")
    assert call.query == {"uris": [URI, OTHER]}
    assert "authorization" not in call.headers
    silent = {"impressions": "Bluesky does not tell", "clicks": "Bluesky does not tell"}
    assert found == {
        URI: Metrics(
            {"reactions": 41, "comments": 3, "shares": 9},
            silent,
            {"replyCount": 3, "repostCount": 7, "likeCount": 41, "quoteCount": 2, "bookmarkCount": 1},
        ),
        OTHER: Metrics(
            {"reactions": 5},
            {**silent, **dict.fromkeys(("comments", "shares"), "the AppView gave no such number")},
            {"likeCount": 5},
        ),
    }


def counting(start: Start, *acts: Act) -> Rig:
    """Start a server that is the account's own and the AppView in one."""
    rig = start(*acts)
    return Rig(rig.server, rig.clock, {"appview_url": rig.server.url}, rig.tokens)


def test_posts_are_counted_25_at_a_time(start: Start) -> None:
    uris = [f"at://{DID}/app.bsky.feed.post/key{n}" for n in range(60)]
    batches = [uris[:25], uris[25:50], uris[50:]]
    rig = counting(start, *(answer(200, {"posts": [shown(uri, likeCount=0) for uri in batch]}) for batch in batches))

    found = rig.bluesky.metrics(uris)

    assert [call.query["uris"] for call in rig.calls] == batches
    assert list(found) == uris
    assert all(each.counts["reactions"] == 0 for each in found.values())


def test_a_post_that_is_not_shown_has_a_cause_and_no_numbers(start: Start) -> None:
    rig = counting(start, answer(200, {"posts": []}), record(), GONE)

    found = rig.bluesky.metrics([URI, OTHER])

    assert names(rig.calls) == ["app.bsky.feed.getPosts"] + ["com.atproto.repo.getRecord"] * 2
    assert found[URI].counts == found[OTHER].counts == {}
    assert found[URI].missing["reactions"] == "Bluesky does not show the post to readers yet"
    assert found[OTHER].missing["shares"] == "the post is not there any more"
    assert found[OTHER].missing["clicks"] == "Bluesky does not tell"


def test_a_post_is_counted_by_the_address_that_a_person_gave_and_no_other_s_counts_suffer_from_a_wrong_one(
    start: Start,
) -> None:
    rig = counting(start, answer(200, {"did": DID}), answer(200, {"posts": [shown(URI, likeCount=2)]}))
    address, wrong = f"https://bsky.app/profile/{HANDLE}/post/{RKEY}", "https://example.org/story"

    found = rig.bluesky.metrics([wrong, address])

    assert rig.calls[1].query == {"uris": [URI]}
    assert found[address].counts["reactions"] == 2
    assert found[wrong].missing["reactions"] == f"{wrong} is not the address of a post on Bluesky"


def test_without_an_appview_the_cause_says_what_to_set(start: Start) -> None:
    rig = start(answer(200, {"posts": []}))
    found = rig.bluesky.metrics([URI])
    assert found[URI].missing.keys() == set(COUNTS)
    assert found[URI].missing["comments"] == NO_APPVIEW
    assert rig.bluesky.followers() is None
    assert rig.calls == []


@pytest.mark.parametrize("odd", [answer(200, {}), answer(200, {"posts": {}}), answer(503, AN_ERROR_PAGE)])
def test_an_appview_that_cannot_be_asked_is_asked_again(start: Start, odd: Act) -> None:
    with pytest.raises(NotSent):
        counting(start, odd).bluesky.metrics([URI])


def test_followers_are_those_of_the_account(start: Start) -> None:
    rig = counting(start, answer(200, {"did": DID, "followersCount": 1203}), answer(200, {"did": DID}))
    assert rig.bluesky.followers() == 1203
    assert (rig.calls[0].path, rig.calls[0].query) == ("/xrpc/app.bsky.actor.getProfile", {"actor": [DID]})
    assert rig.bluesky.followers() is None


# --- afterwards


def test_a_post_is_taken_down_by_its_address_if_its_handle_is_ours(start: Start) -> None:
    rig = start(answer(200, {"did": DID}), answer(200, {}))

    rig.bluesky.delete(f"https://bsky.app/profile/{HANDLE}/post/{RKEY}")

    assert rig.calls[0].query == {"handle": [HANDLE]}
    assert rig.calls[1].json == {"repo": DID, "collection": "app.bsky.feed.post", "rkey": RKEY}


@pytest.mark.parametrize("said", [answer(200, {"did": "did:plc:atec"}), refused(400, "InvalidRequest")])
def test_a_post_under_another_handle_is_not_called_gone(start: Start, said: Act) -> None:
    """A record that is not there is deleted without a word."""
    rig = start(said)
    with pytest.raises(Unsupported, match="not known to be a post of the account"):
        rig.bluesky.delete(f"https://bsky.app/profile/atec.example.org/post/{RKEY}")
    assert len(rig.calls) == 1


def test_a_post_is_taken_down_with_a_new_session_if_need_be(start: Start, clock: VirtualClock) -> None:
    access = token(clock)
    rig = start(answer(400, OVER), signed_in(access), answer(200, {}))

    rig.bluesky.delete(URI)

    assert names(rig.calls)[::2] == ["com.atproto.repo.deleteRecord"] * 2
    assert (rig.calls[-1].method, rig.calls[-1].bearer) == ("POST", access)
    assert rig.calls[-1].json == {"repo": DID, "collection": "app.bsky.feed.post", "rkey": RKEY}


def test_a_post_that_cannot_be_taken_down_is_told(start: Start) -> None:
    with pytest.raises(NotSent, match="status 500"):
        start(refused(500, "InternalServerError")).bluesky.delete(URI)


def test_a_published_post_is_not_edited_because_nobody_would_see_it(start: Start) -> None:
    with pytest.raises(Unsupported, match="nobody would see the change"):
        start(put()).bluesky.edit(URI, item())
