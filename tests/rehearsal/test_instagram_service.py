"""The simulated Instagram: the real adapter publishes there, and whatever the sheet refuses is refused."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pixels

from campaign.errors import ChannelBlocked, NotSent, OutcomeUnknown, RateLimited, Rejected, Unsupported
from campaign.platforms.base import Absent, CannotTell, Found
from campaign.platforms.instagram import Instagram
from campaign.rehearsal.clock import VirtualClock
from campaign.rehearsal.faults import Fault
from campaign.rehearsal.services.containers import ACCOUNT, MOST_CONTAINERS, refusal
from campaign.rehearsal.services.instagram import InstagramService
from campaign.rehearsal.transport import Net, Reply
from tests.conftest import MONDAY
from tests.making import picture
from tests.rehearsal.rig import TEXT, error_of, image, part
from tests.rehearsal.shown import SHOWN, Shows, code, shows

HOST = "instagram.example"
Start = Callable[..., Shows[InstagramService]]


@pytest.fixture
def start(clock: VirtualClock, tmp_path: Path) -> Start:
    """Start a service, a public folder, and a channel that is logged in there."""

    def build(*, settings: dict[str, Any] | None = None, **service: Any) -> Shows[InstagramService]:
        net = Net(clock)
        made = InstagramService(net, HOST, **service)
        return shows(net, made, Instagram, tmp_path / "public", "v26.0", settings or {})

    return build


@pytest.fixture
def sent(tmp_path: Path) -> Any:
    """Return a post with one picture."""
    return part(images=(image(tmp_path, 1, "Zeď"),))


class TestPublishing:
    def test_what_readers_see_is_what_was_sent(self, start: Start, sent: Any) -> None:
        rig = start()

        live = rig.send(sent)

        [item] = rig.service.live
        assert (item.id, item.text, item.alts) == (live.remote_id, TEXT, ("Zeď",))
        assert rig.platform.confirm(live.remote_id).permalink == f"https://www.instagram.com/p/{item.id}/"

    def test_several_pictures_are_one_post(self, start: Start, tmp_path: Path) -> None:
        rig = start(processing=timedelta(seconds=5))
        rig.send(part(images=tuple(image(tmp_path, n, f"No. {n}") for n in (1, 2, 3))))
        assert [item.alts for item in rig.service.live] == [("No. 1", "No. 2", "No. 3")]
        assert rig.platform.metrics([rig.service.live[0].id])[rig.service.live[0].id].counts["reactions"] == 0

    def test_the_account_is_in_order(self, start: Start) -> None:
        rig = start()
        account = rig.platform.check()
        assert (account.id, account.name, account.warnings) == (ACCOUNT, "@org on Instagram", ())
        assert account.token_expires_at == MONDAY + timedelta(days=58)

    def test_counts_grow_with_age(self, start: Start, sent: Any) -> None:
        rig = start()
        live = rig.send(sent)
        rig.clock.advance(timedelta(days=3))
        told = rig.platform.metrics([live.remote_id])[live.remote_id]
        assert told.counts["reactions"] > 0
        assert sorted(told.missing) == ["clicks"]
        rig.service.refused_metrics = {"views"}
        assert "impressions" in rig.platform.metrics([live.remote_id])[live.remote_id].missing
        rig.service.lacks = {"manage_insights"}
        fallback = rig.platform.metrics([live.remote_id])[live.remote_id]
        assert sorted(fallback.counts) == ["comments", "reactions"]
        assert rig.platform.followers() == rig.service._followers + 1

    def test_by_its_own_login_nothing_is_deleted(self, start: Start, sent: Any) -> None:
        rig = start()
        live = rig.send(sent)
        assert isinstance(error_of(rig.platform.delete, live.remote_id), Unsupported)
        assert code(rig.call("DELETE", f"/{live.remote_id}")) == (3, 0)
        assert len(rig.service.live) == 1

    def test_by_facebooks_it_is(self, start: Start, sent: Any) -> None:
        rig = start(settings={"login": "facebook"})
        rig.service.deletes = True
        live = rig.send(sent)
        rig.platform.delete(live.remote_id)
        rig.platform.delete(live.remote_id)
        assert rig.service.live == []
        assert rig.platform.confirm(live.remote_id).warnings == ("the post is not there any more",)


class TestContainers:
    def test_one_takes_its_time(self, start: Start) -> None:
        rig = start(processing=timedelta(seconds=5))
        id = rig.make(image_url=rig.put("a.jpg", picture())).body["id"]
        assert rig.call("GET", f"/{id}", fields="status_code").body == {"status_code": "IN_PROGRESS", "id": id}
        assert code(rig.release(id)) == (9007, 2207027)
        rig.clock.advance(timedelta(seconds=5))
        assert rig.release(id).status == 200
        assert rig.call("GET", f"/{id}", fields="status_code,status").body == {"status_code": "PUBLISHED", "id": id}

    def test_one_expires_after_a_day(self, start: Start) -> None:
        rig = start()
        id = rig.make(image_url=rig.put("a.jpg", picture())).body["id"]
        rig.clock.advance(timedelta(hours=24))
        assert code(rig.release(id)) == (-2, 2207020)
        assert rig.call("GET", f"/{id}", fields="status_code").body["status_code"] == "EXPIRED"

    def test_who_publishes_one_twice_has_two_posts(self, start: Start) -> None:
        rig = start()
        id = rig.make(image_url=rig.put("a.jpg", picture())).body["id"]
        assert rig.release(id).body != rig.release(id).body
        assert len(rig.service.live) == 2

    def test_an_answer_that_is_lost_is_found_and_never_sent_again(self, start: Start, sent: Any) -> None:
        rig = start(lag=timedelta(seconds=20))
        rig.prepare(sent)
        rig.meets(Fault.CUT_AFTER)
        assert isinstance(error_of(rig.publish, sent), OutcomeUnknown)
        rig.clock.advance(timedelta(minutes=5))

        assert isinstance(rig.find(sent), Found)
        assert isinstance(error_of(rig.send, sent), OutcomeUnknown)
        assert rig.texts() == [TEXT]

    def test_a_call_that_never_came_is_absent_and_the_same_container_is_published(
        self, start: Start, sent: Any
    ) -> None:
        rig = start()
        rig.prepare(sent)
        rig.meets(Fault.CUT_BEFORE)
        assert isinstance(error_of(rig.publish, sent), OutcomeUnknown)
        assert rig.find(sent) == Absent(honours_key=False)
        rig.start()
        rig.send(sent)
        assert rig.texts() == [TEXT]
        assert len(rig.service.containers) == 1

    def test_one_that_expired_meanwhile_is_made_anew(self, start: Start, sent: Any) -> None:
        rig = start()
        rig.prepare(sent)
        rig.clock.advance(timedelta(hours=25))
        assert isinstance(error_of(rig.publish, sent), NotSent)
        rig.send(sent)
        assert rig.texts() == [TEXT]
        assert len(rig.service.containers) == 2

    def test_one_of_which_nothing_comes_is_made_anew(self, start: Start, sent: Any) -> None:
        rig = start()
        rig.service.spoilt = "Error: Media upload has failed with error code 2207053"
        assert isinstance(error_of(rig.prepare, sent), NotSent)
        [spoilt] = rig.service.containers
        assert code(rig.release(spoilt)) == (24, 2207006)
        rig.service.spoilt = ""
        rig.send(sent)
        assert rig.texts() == [TEXT]
        assert len(rig.service.containers) == 2

    def test_what_was_published_and_taken_down_by_hand_is_for_a_person(self, start: Start, sent: Any) -> None:
        rig = start()
        live = rig.send(sent)
        rig.service.take_down(live.remote_id)
        assert isinstance(rig.find(sent), CannotTell)

    def test_what_a_restore_has_lost_is_found_by_its_text(self, start: Start, sent: Any) -> None:
        rig = start()
        live = rig.send(sent)
        rig.kept.clear()
        rig.clock.advance(timedelta(hours=1))
        assert rig.find(replace(sent, marked=False)) == Found(
            live.remote_id, f"https://www.instagram.com/p/{live.remote_id}/"
        )
        assert rig.find(replace(sent, marked=False, text="Other")) == Absent(honours_key=False)

    def test_pages_of_the_list_go_on_where_the_last_one_ended(self, start: Start, sent: Any) -> None:
        rig = start(quota=100)
        for n in range(60):
            id = rig.make(image_url=rig.put("a.jpg", picture()), caption=f"Other {n}").body["id"]
            rig.release(id)
        first = rig.call("GET", f"/{ACCOUNT}/media", fields="id,caption", limit="50").body
        assert [post["caption"] for post in first["data"]][:2] == ["Other 59", "Other 58"]
        after = first["paging"]["cursors"]["after"]
        second = rig.call("GET", f"/{ACCOUNT}/media", fields="id", limit="50", after=after).body
        assert (len(second["data"]), "next" in second["paging"]) == (10, False)
        assert rig.call("GET", f"/{ACCOUNT}/media", after=second["data"][-1]["id"]).body == {"data": []}
        assert rig.find(replace(sent, marked=False, text="Other 0"), rig.clock.now() - timedelta(days=1)).remote_id

    def test_a_day_has_no_more_than_400(self, start: Start) -> None:
        rig = start()
        url = rig.put("a.jpg", picture())
        for _ in range(MOST_CONTAINERS):
            assert rig.make(image_url=url).status == 200
        assert code(rig.make(image_url=url)) == (4, 0)
        rig.clock.advance(timedelta(hours=24))
        assert rig.make(image_url=url).status == 200


def drawn(size: tuple[int, int], kind: str = "JPEG") -> bytes:
    buffer = io.BytesIO()
    Pixels.new("RGB", size).save(buffer, kind)
    return buffer.getvalue()


class TestRefusals:
    @pytest.mark.parametrize(
        ("form", "expected"),
        [
            ({"caption": "no picture"}, (100, 0)),
            ({"image_url": "", "surprise": "1"}, (100, 0)),
            ({"image_url": "GOOD", "media_type": "IMAGE"}, (100, 2207023)),
            ({"image_url": "GOOD", "caption": "x" * 2201}, (36004, 2207010)),
            ({"image_url": "GOOD", "caption": "#a " * 31}, (100, 2207040)),
            ({"image_url": "GOOD", "caption": "@a " * 21}, (100, 2207040)),
            ({"image_url": "GOOD", "alt_text": "x" * 1001}, (100, 0)),
            ({"image_url": "GOOD", "is_carousel_item": "true", "caption": "x"}, (100, 0)),
            ({"image_url": "GOOD", "is_carousel_item": "yes"}, (100, 0)),
            ({"image_url": "GOOD", "children": "1,2"}, (100, 0)),
            ({"image_url": f"{SHOWN}/none.jpg"}, (9004, 2207052)),
            ({"image_url": "http://pictures.example.org/shown/good.jpg"}, (9004, 2207052)),
            ({"image_url": "https://nowhere.example.org/a.jpg"}, (9004, 2207052)),
            ({"media_type": "CAROUSEL", "children": "1"}, (100, 2207028)),
            ({"media_type": "CAROUSEL", "children": "1,2"}, (100, 33)),
            ({"media_type": "CAROUSEL", "image_url": "GOOD"}, (100, 0)),
        ],
    )
    def test_a_container_that_is_none(self, start: Start, form: dict[str, str], expected: tuple[int, int]) -> None:
        rig = start()
        good = rig.put("good.jpg", picture())
        assert code(rig.make(**{name: good if value == "GOOD" else value for name, value in form.items()})) == expected

    @pytest.mark.parametrize(
        ("name", "data", "expected"),
        [
            ("a.png", drawn((100, 100), "PNG"), (36001, 2207005)),
            ("a.jpg", drawn((100, 100), "PNG"), (36001, 2207005)),
            ("a.jpg", b"\xff\xd8\xff and nothing more", (36001, 2207005)),
            ("a.jpg", drawn((1080, 1920)), (36003, 2207009)),
            ("a.jpg", drawn((1000, 500)), (36003, 2207009)),
            ("a.jpg", drawn((100, 100)) + b"\0" * 8 * 1024 * 1024, (36000, 2207004)),
        ],
    )
    def test_a_picture_that_it_does_not_take(
        self, start: Start, name: str, data: bytes, expected: tuple[int, int]
    ) -> None:
        rig = start()
        assert code(rig.make(image_url=rig.put(name, data))) == expected

    @pytest.mark.parametrize("size", [(1080, 1350), (1080, 1080), (1200, 627), (1600, 900)])
    def test_the_shapes_of_our_cards_are_taken(self, start: Start, size: tuple[int, int]) -> None:
        rig = start()
        assert rig.make(image_url=rig.put("a.jpg", drawn(size))).status == 200

    def test_pictures_of_a_carousel_must_be_ready_and_be_some(self, start: Start) -> None:
        rig = start(processing=timedelta(seconds=5))
        url = rig.put("a.jpg", picture())
        alone, one, two = (
            rig.make(image_url=url, **more).body["id"]
            for more in ({}, {"is_carousel_item": "true"}, {"is_carousel_item": "true"})
        )
        carousel = {"media_type": "CAROUSEL", "caption": "x"}
        assert code(rig.make(children=f"{one},{two}", **carousel)) == (9007, 2207027)
        rig.clock.advance(timedelta(seconds=5))
        assert code(rig.make(children=f"{one},{alone}", **carousel)) == (100, 33)
        assert code(rig.make(children=f"{one},{one}", **carousel)) == (100, 2207028)
        assert rig.make(children=f"{one},{two}", **carousel).status == 200
        assert code(rig.release(one)) == (100, 33)

    def test_the_quota_frees_one_by_one(self, start: Start, sent: Any) -> None:
        rig = start(quota=2)
        url = rig.put("a.jpg", picture())
        ids = [rig.make(image_url=url).body["id"] for _ in range(3)]
        rig.release(ids[0])
        rig.clock.advance(timedelta(hours=1))
        rig.release(ids[1])
        assert code(rig.release(ids[2])) == (9, 2207042)
        error = error_of(rig.prepare, sent)
        assert isinstance(error, RateLimited)
        rig.clock.advance(timedelta(hours=23))
        rig.send(sent)
        assert len(rig.service.live) == 3

    def test_a_token_that_is_none_has_ended_or_may_not(self, start: Start, sent: Any) -> None:
        rig = start()
        assert code(rig.call("GET", "/me", token="other")) == (190, 467)
        rig.service.lacks = {"content_publish"}
        assert code(rig.call("GET", f"/{ACCOUNT}/content_publishing_limit", fields="config")) == (10, 0)
        assert rig.platform.check().warnings == ("the token does not allow to publish",)
        rig.clock.advance(timedelta(days=58))
        assert code(rig.call("GET", "/me")) == (190, 463)
        error = error_of(rig.prepare, sent)
        assert isinstance(error, NotSent)
        assert error.token_dead

    def test_a_token_is_renewed_when_it_is_a_day_old(self, start: Start, sent: Any) -> None:
        rig = start(token_age=timedelta(hours=23))

        def refresh(kind: str, token: str) -> Reply:
            return rig.ask("GET", f"/refresh_access_token?grant_type={kind}&access_token={token}")

        assert code(refresh("ig_refresh_token", rig.service.token)) == (100, 0)
        assert code(refresh("th_refresh_token", rig.service.token)) == (100, 0)
        assert code(refresh("ig_refresh_token", "other")) == (190, 467)
        rig.clock.advance(timedelta(days=8))
        rig.send(sent)
        assert rig.tokens.stored["token"] != rig.service.token
        assert rig.texts() == [TEXT]

    @pytest.mark.parametrize(
        ("barred", "kind"),
        [
            (refusal(4, "We restrict certain activity", 2207051), ChannelBlocked),
            (refusal(25, "The account is restricted", 2207050), ChannelBlocked),
            (refusal(36003, "The aspect ratio", 2207009), Rejected),
            (refusal(24, "Publishing failed", 2207008), OutcomeUnknown),
        ],
    )
    def test_what_it_says_to_a_publication_is_understood(
        self, start: Start, sent: Any, barred: Any, kind: type[Exception]
    ) -> None:
        rig = start()
        rig.service.barred = barred
        assert type(error_of(rig.send, sent)) is kind
        assert rig.texts() == []

    def test_paths_fields_and_metrics_that_are_none(self, start: Start, sent: Any) -> None:
        rig = start()
        live = rig.send(sent)
        assert code(rig.ask("GET", "/nothing", token=rig.service.token)) == (2500, 0)
        assert code(rig.call("GET", f"/{live.remote_id}", fields="surprise")) == (100, 0)
        assert code(rig.call("GET", f"/{live.remote_id}/insights", metric="impressions")) == (100, 0)
        assert code(rig.call("GET", "/1/insights", metric="views")) == (100, 33)
        assert code(rig.call("POST", f"/{ACCOUNT}/media_publish", creation_id="1")) == (100, 33)
        assert code(rig.call("POST", f"/{ACCOUNT}/media_publish", creation_id="1", surprise="1")) == (100, 0)
        form = b'--b\r\nContent-Disposition: form-data; name="f"; filename="a.jpg"\r\n\r\nx\r\n--b--\r\n'
        kind = "multipart/form-data; boundary=b"
        upload = rig.ask("POST", f"/v26.0/{ACCOUNT}/media", form, token=rig.service.token, content_type=kind)
        assert code(upload) == (100, 0)
