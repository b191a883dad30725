"""The simulated Threads: the real adapter publishes there, and whatever the sheet refuses is refused."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pixels

from campaign.errors import NotSent, OutcomeUnknown, RateLimited, Rejected
from campaign.fit import count
from campaign.platforms.base import Absent, Found, Image
from campaign.platforms.threads import Threads
from campaign.rehearsal.clock import VirtualClock
from campaign.rehearsal.faults import Fault
from campaign.rehearsal.services.containers import ACCOUNT
from campaign.rehearsal.services.threads import REPLIES, ThreadsService, counted
from campaign.rehearsal.transport import Net
from tests.conftest import MONDAY
from tests.making import picture
from tests.rehearsal.rig import LINK, TEXT, error_of, image, part, reply_to
from tests.rehearsal.shown import SHOWN, Shows, code, shows

Start = Callable[..., Shows[ThreadsService]]


@pytest.fixture
def start(clock: VirtualClock, tmp_path: Path) -> Start:
    """Start a service, a public folder, and a channel that is logged in there."""

    def build(**service: Any) -> Shows[ThreadsService]:
        net = Net(clock)
        made = ThreadsService(net, "threads.example", **service)
        return shows(net, made, Threads, tmp_path / "public", "v1.0", {})

    return build


class TestPublishing:
    def test_a_text_with_its_card_and_topic(self, start: Start) -> None:
        rig = start()
        live = rig.send(part())
        [item] = rig.service.live
        assert (item.id, item.text, item.link, item.alts) == (live.remote_id, TEXT, LINK, ())
        assert item.extra["topic"] == "MoraviaSilesia"
        assert rig.platform.confirm(live.remote_id).permalink == f"https://www.threads.com/@org/post/{item.id}"

    def test_pictures(self, start: Start, tmp_path: Path) -> None:
        rig = start(processing=timedelta(seconds=5))
        rig.send(part(images=(image(tmp_path, 1, "Zeď"),)))
        rig.send(part(2, role="post", text="Other", images=(image(tmp_path, 1, "a"), image(tmp_path, 2, "b"))))
        assert [(item.text, item.alts) for item in rig.service.live] == [(TEXT, ("Zeď",)), ("Other", ("a", "b"))]

    def test_a_thread_is_a_chain_whose_parts_wait_for_each_other(self, start: Start) -> None:
        rig = start()
        first = rig.send(part())
        second = reply_to([first], 2, "Druhá část")
        too_soon = rig.make(media_type="TEXT", text="x", reply_to_id=first.remote_id)
        assert code(too_soon) == (24, 4279009)
        live = rig.send(second)
        assert [item.reply_to for item in rig.service.live] == ["", first.remote_id]
        assert rig.find(replace(second, marked=False)).remote_id == live.remote_id
        assert rig.service.told_quota()["reply_quota_usage"] == 1

    def test_the_profile_is_in_order(self, start: Start) -> None:
        rig = start()
        account = rig.platform.check()
        assert (account.id, account.name, account.warnings) == (ACCOUNT, "@org on Threads", ())
        assert account.token_expires_at == MONDAY + timedelta(days=58)
        rig.service.lacks = {"delete"}
        assert rig.platform.check().warnings == ("the token lacks threads_delete",)
        assert rig.platform.followers() == rig.service._followers

    def test_counts_and_deleting(self, start: Start) -> None:
        rig = start()
        live = rig.send(part())
        rig.clock.advance(timedelta(days=3))
        told = rig.platform.metrics([live.remote_id])[live.remote_id]
        assert sorted(told.counts) == ["comments", "impressions", "reactions", "shares"]
        rig.service.refused_metrics = {"shares"}
        assert rig.platform.metrics([live.remote_id])[live.remote_id].raw.keys() == told.raw.keys() - {"shares"}
        rig.platform.delete(live.remote_id)
        assert rig.service.live == []
        gone = rig.platform.metrics([live.remote_id])[live.remote_id]
        assert gone.missing["reactions"] == "the post is not there any more"

    def test_a_login_that_may_not_delete_says_so(self, start: Start) -> None:
        rig = start()
        live = rig.send(part())
        rig.service.lacks = {"delete"}
        error = error_of(rig.platform.delete, live.remote_id)
        assert isinstance(error, NotSent)
        assert error.token_dead
        assert len(rig.service.live) == 1


class TestContainers:
    def test_publishing_too_early_says_that_it_is_not_found(self, start: Start) -> None:
        rig = start(processing=timedelta(seconds=5))
        id = rig.make(media_type="TEXT", text="x").body["id"]
        assert code(rig.release(id)) == (24, 4279009)
        rig.clock.advance(timedelta(seconds=5))
        assert rig.release(id).status == 200
        assert rig.call("GET", f"/{id}", fields="status").body == {"status": "PUBLISHED", "id": id}

    def test_an_answer_that_is_lost_is_found_and_never_sent_again(self, start: Start) -> None:
        rig = start(lag=timedelta(seconds=20))
        rig.prepare(part())
        rig.meets(Fault.CUT_AFTER)
        assert isinstance(error_of(rig.publish, part()), OutcomeUnknown)
        rig.clock.advance(timedelta(minutes=5))
        assert isinstance(rig.find(part()), Found)
        assert isinstance(error_of(rig.send, part()), OutcomeUnknown)
        assert rig.texts() == [TEXT]

    def test_a_call_that_never_came_is_absent_and_the_same_container_is_published(self, start: Start) -> None:
        rig = start()
        rig.prepare(part())
        rig.meets(Fault.CUT_BEFORE)
        assert isinstance(error_of(rig.publish, part()), OutcomeUnknown)
        assert rig.find(part()) == Absent(honours_key=False)
        rig.send(part())
        assert (rig.texts(), len(rig.service.containers)) == ([TEXT], 1)

    def test_a_picture_of_a_bad_shape_is_taken_and_nothing_comes_of_it(self, start: Start, tmp_path: Path) -> None:
        rig = start()
        buffer = io.BytesIO()
        Pixels.new("RGB", (1100, 100)).save(buffer, "PNG")
        data = buffer.getvalue()
        id = rig.make(media_type="IMAGE", image_url=rig.put("a.png", data)).body["id"]
        told = rig.call("GET", f"/{id}", fields="status,error_message").body
        assert told == {"status": "ERROR", "error_message": "INVALID_ASPEC_RATIO", "id": id}
        assert code(rig.release(id)) == (24, 4279009)

        (tmp_path / "wide.png").write_bytes(data)
        sha256 = hashlib.sha256(data).hexdigest()
        wide = Image(tmp_path / "wide.png", sha256, "image/png", 1100, 100, len(data), "")
        assert isinstance(error_of(rig.prepare, part(images=(wide,))), Rejected)


class TestRefusals:
    @pytest.mark.parametrize(
        ("form", "expected"),
        [
            ({}, (100, 0)),
            ({"media_type": "STORY", "text": "x"}, (100, 0)),
            ({"media_type": "TEXT"}, (100, 0)),
            ({"media_type": "TEXT", "text": "x", "auto_publish_text": "true"}, (100, 0)),
            ({"media_type": "TEXT", "text": "x" * 501}, (100, 0)),
            ({"media_type": "TEXT", "text": "🚀" * 126}, (100, 0)),
            ({"media_type": "TEXT", "text": "x", "image_url": "GOOD"}, (100, 0)),
            ({"media_type": "TEXT", "text": "x", "topic_tag": "a.b"}, (100, 0)),
            ({"media_type": "TEXT", "text": "x", "topic_tag": "t" * 51}, (100, 0)),
            ({"media_type": "TEXT", "text": "x", "reply_to_id": "1"}, (24, 4279009)),
            (
                {"media_type": "TEXT", "text": " ".join(f"https://a.example/{n}" for n in range(6))},
                ("THREADS_API__LINK_LIMIT_EXCEEDED", 0),
            ),
            ({"media_type": "IMAGE", "image_url": f"{SHOWN}/none.jpg"}, (100, 0)),
            ({"media_type": "IMAGE", "image_url": "GOOD", "alt_text": "x" * 1001}, (100, 0)),
            ({"media_type": "IMAGE", "image_url": "GOOD", "link_attachment": "https://a.example"}, (100, 0)),
            ({"media_type": "IMAGE", "image_url": "GOOD", "is_carousel_item": "true", "text": "x"}, (100, 0)),
            ({"media_type": "IMAGE", "image_url": "BAD"}, (100, 0)),
            ({"media_type": "IMAGE", "image_url": "LARGE"}, (100, 0)),
            ({"media_type": "CAROUSEL", "children": "1", "text": "x"}, (100, 0)),
            ({"media_type": "CAROUSEL", "children": "1,2", "text": "x"}, (100, 33)),
            ({"media_type": "CAROUSEL", "image_url": "GOOD"}, (100, 0)),
        ],
    )
    def test_a_container_that_is_none(self, start: Start, form: dict[str, str], expected: tuple[Any, int]) -> None:
        rig = start()
        places = {
            "GOOD": rig.put("good.jpg", picture()),
            "BAD": rig.put("bad.jpg", b"no picture"),
            "LARGE": rig.put("large.jpg", picture() + b"\0" * 8 * 1024 * 1024),
        }
        reply = rig.make(**{name: places.get(value, value) for name, value in form.items()})
        assert code(reply) == expected

    def test_posts_and_replies_have_quotas_of_their_own(self, start: Start) -> None:
        rig = start(quota=1)
        first = rig.send(part())
        assert isinstance(error_of(rig.prepare, part(2, role="post")), RateLimited)
        id = rig.make(media_type="TEXT", text="x").body["id"]
        assert code(rig.release(id)) == (4, 0)
        rig.clock.advance(timedelta(seconds=5))
        rig.send(reply_to([first], 3, "An answer"))
        for n in range(REPLIES - 1):
            made = rig.service.containers[id]
            rig.service.containers[f"r{n}"] = replace(made, said={"reply_to_id": "1"}, published_at=rig.clock.now())
        assert isinstance(error_of(rig.send, reply_to([first], 4, "Another")), RateLimited)

    def test_what_may_not_be_read(self, start: Start) -> None:
        rig = start()
        rig.service.lacks = {"read_replies", "manage_insights"}
        assert code(rig.call("GET", f"/{ACCOUNT}/replies", fields="id")) == (10, 0)
        assert code(rig.call("GET", f"/{ACCOUNT}/threads_insights", metric="followers_count")) == (10, 0)
        assert code(rig.call("GET", "/debug_token", input_token="other")) == (190, 467)
        rig.service.lacks = set()
        assert code(rig.call("GET", f"/{ACCOUNT}/threads_insights", metric="views")) == (100, 0)


@pytest.mark.parametrize("text", [TEXT, "🚀🇨🇿👍🏽 #Tag", "Řeřicha 自動車", "👨‍👩‍👧‍👦"])
def test_both_sides_count_alike(text: str) -> None:
    assert counted(text) == count(text, "emoji-bytes")


@pytest.mark.parametrize("text", ["☀ ©", "1️⃣"])
def test_we_never_count_less(text: str) -> None:
    assert counted(text) <= count(text, "emoji-bytes")
