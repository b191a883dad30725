"""The simulated Facebook: the real adapter publishes there, and whatever the sheet refuses is refused."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from campaign.config import Secret
from campaign.errors import ChannelBlocked, NotSent, OutcomeUnknown, RateLimited, Rejected
from campaign.platforms.base import Absent, CannotTell, Found, Outgoing, Published
from campaign.platforms.facebook import Facebook
from campaign.rehearsal.clock import VirtualClock
from campaign.rehearsal.faults import Fault
from campaign.rehearsal.services.facebook import FacebookService
from campaign.rehearsal.services.facebook.rules import fields_in, refused
from campaign.rehearsal.transport import Net, Reply
from tests.rehearsal.rig import LINK, TEXT, Rig, error_of, image, part

HOST = "facebook.example"
PAGE = "1040001"
V = "/v26.0"
FEED, PHOTOS, LIST = f"{V}/{PAGE}/feed", f"{V}/{PAGE}/photos", f"{V}/{PAGE}/published_posts"
BACK = "https://example.org/back"
Start = Callable[..., Rig[FacebookService]]


class Channel(Rig[FacebookService]):
    """A channel whose credentials stand in its config."""

    def start(self) -> None:
        given = self.service.settings()
        secrets = {name: Secret(given[name]) for name in ("token", "client_secret") if name in given}
        self.settings = {**secrets, **self.settings}
        super().start()


@pytest.fixture
def start(clock: VirtualClock) -> Start:
    """Start a Facebook, and a channel for its page."""

    def build(*, settings: dict[str, Any] | None = None, **service: Any) -> Rig[FacebookService]:
        net = Net(clock)
        return Channel(net, FacebookService(net, HOST, **service), Facebook, settings or {})

    return build


def ask(rig: Rig[FacebookService], method: str, target: str, body: Any = None, token: str = "") -> Reply:
    """Call past the adapter, as the page."""
    return rig.ask(method, target, body, token=token or rig.service.page_token)


def code_of(reply: Reply) -> tuple[int, int]:
    error = reply.body["error"]
    return error["code"], error.get("error_subcode", 0)


def post(rig: Rig[FacebookService], **body: Any) -> Reply:
    return ask(rig, "POST", FEED, {"message": "Text", "published": True, **body})


def upload(rig: Rig[FacebookService], data: bytes = b"\xff\xd8\xff...", **fields: str) -> Reply:
    """Upload a file past the adapter."""
    given = {"published": "false", **fields}
    pieces = [f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}' for name, value in given.items()]
    file = '--x\r\nContent-Disposition: form-data; name="source"; filename="1.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    body = "\r\n".join([*pieces, file]).encode() + data + b"\r\n--x--\r\n"
    headers = {"content_type": "multipart/form-data; boundary=x"}
    return rig.ask("POST", PHOTOS, body, token=rig.service.page_token, **headers)


def comment(root: Published, text: str = f"Read on: {LINK}") -> Outgoing:
    return part(2, role="comment", text=text, root=root.remote_id, reply_to=root.remote_id)


class TestPublishing:
    def test_what_readers_see_is_what_was_sent(self, start: Start, tmp_path: Path) -> None:
        rig = start()
        sent = part(images=(image(tmp_path, 1, "Zeď"), image(tmp_path, 2, "")))

        live = rig.send(sent)

        [item] = rig.service.live
        assert (item.id, item.text, item.link, item.alts) == (live.remote_id, TEXT, "", ("Zeď", ""))
        assert rig.platform.confirm(live.remote_id).permalink == live.permalink

    def test_a_post_without_pictures_has_a_link_card(self, start: Start) -> None:
        rig = start()
        rig.send(part())

        assert [item.link for item in rig.service.live] == [LINK]

    def test_a_first_comment_stands_under_its_post_and_goes_with_it(self, start: Start) -> None:
        rig = start()
        root = rig.send(part())
        said = rig.send(comment(root))

        assert [item.reply_to for item in rig.service.live] == ["", root.remote_id]
        assert rig.find(comment(root)).remote_id == said.remote_id
        assert rig.platform.metrics([said.remote_id])[said.remote_id].counts == {"reactions": 0, "comments": 0}
        rig.platform.delete(root.remote_id)
        assert rig.texts() == []

    def test_the_account_is_in_order(self, start: Start) -> None:
        account = start(app_secret="simulated-app-secret").platform.check()

        assert (account.id, account.name, account.warnings) == (PAGE, "Region", ())

    def test_calls_must_prove_that_they_are_the_apps(self, start: Start) -> None:
        rig = start(app_secret="simulated-app-secret")
        rig.send(part())
        assert rig.texts() == [TEXT]
        assert code_of(post(rig)) == (100, 0)

        proof = hmac.new(b"simulated-app-secret", rig.service.page_token.encode(), hashlib.sha256).hexdigest()
        given = {"message": "Text", "published": True}
        assert ask(rig, "POST", f"{FEED}?{urlencode({'appsecret_proof': proof})}", given).status == 200

    def test_with_another_secret_the_channel_is_blocked(self, start: Start) -> None:
        rig = start(app_secret="simulated-app-secret", settings={"client_secret": Secret("another")})

        assert isinstance(error_of(rig.prepare, part()), ChannelBlocked)
        assert isinstance(error_of(rig.platform.check), ChannelBlocked)

    def test_a_post_is_changed_and_taken_down(self, start: Start) -> None:
        rig = start()
        live = rig.send(part())

        rig.platform.edit(live.remote_id, part(text="Put right."))
        assert rig.texts() == ["Put right."]
        rig.platform.delete(live.remote_id)
        rig.platform.delete(live.remote_id)
        assert rig.texts() == []
        assert len(rig.platform.confirm(live.remote_id).warnings) == 1


class TestLoggingIn:
    def test_the_whole_way_from_consent_to_a_post(self, start: Start) -> None:
        rig = start(app_secret="simulated-app-secret", settings={"token": None, "redirect_uri": BACK, "page": ""})
        app = rig.service.app

        class Person:
            def consent(self, address: str, redirect_uri: str) -> str:
                asked = {name: value for name, [value] in parse_qs(urlsplit(address).query).items()}
                assert (asked["client_id"], asked["redirect_uri"]) == (app.client_id, BACK)
                app.codes.add("the-code")
                return f"{BACK}?{urlencode({'code': 'the-code', 'state': asked['state']})}"

            def tell(self, text: str) -> None:
                assert text == "Logged in for the page Region."

        rig.tokens.save(rig.platform.login(Person()))  # type: ignore[arg-type]
        rig.start()
        rig.send(part())

        assert rig.texts() == [TEXT]
        assert app.codes == set()
        account = rig.platform.check()
        assert (account.token_expires_at, account.warnings) == (None, ())
        rig.clock.advance(timedelta(days=77))
        assert "read until" in rig.platform.check().warnings[0]

    def test_a_page_token_lasts_as_long_as_that_of_the_person(self, start: Start) -> None:
        rig = start()
        brief = rig.service.app.give("brief", "person", rig.clock.now() + timedelta(hours=2), long=False)
        told = ask(rig, "GET", f"{V}/me/accounts?fields=id,access_token", token=brief.text).body["data"][0]

        assert told == {"id": PAGE, "access_token": "brief-page"}
        assert ask(rig, "GET", f"{V}/{PAGE}", token="brief-page").status == 200
        rig.clock.advance(timedelta(hours=2))
        assert code_of(ask(rig, "GET", f"{V}/{PAGE}", token="brief-page")) == (190, 463)

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"client_secret": "wrong"}, (1, 0)),
            ({"code": "used"}, (100, 36007)),
            ({"redirect_uri": "https://elsewhere.example"}, (100, 36007)),
            ({"grant_type": "fb_exchange_token", "fb_exchange_token": "unknown"}, (190, 463)),
        ],
    )
    def test_what_is_no_grant_is_refused(self, start: Start, changes: dict[str, str], code: tuple[int, int]) -> None:
        rig = start(app_secret="s3cret")
        rig.service.app.codes.add("good")
        query = {"client_id": "1040", "client_secret": "s3cret", "redirect_uri": BACK, "code": "good"} | changes

        assert code_of(rig.ask("GET", f"{V}/oauth/access_token?{urlencode(query)}")) == code


class TestFindingAgain:
    @pytest.mark.parametrize("stories", ["post", "own", "none"])
    def test_a_lost_answer_is_found_by_the_pictures(self, start: Start, tmp_path: Path, stories: str) -> None:
        rig = start(stories=stories)
        sent = part(images=(image(tmp_path, 1), image(tmp_path, 2)))
        rig.prepare(sent)
        rig.meets(Fault.CUT_AFTER)
        assert isinstance(error_of(rig.publish, sent), OutcomeUnknown)

        assert rig.find(sent) == Found(rig.service.live[0].id, f"https://www.facebook.com/{PAGE}/posts/000003")

    def test_one_that_is_listed_late_is_no_absence_where_its_picture_is_shown(
        self, start: Start, tmp_path: Path
    ) -> None:
        rig = start(listing_lag=timedelta(seconds=30), stories="own")
        sent = part(images=(image(tmp_path),))
        rig.send(sent)

        assert isinstance(rig.find(sent), CannotTell)
        rig.clock.advance(timedelta(seconds=30))
        assert isinstance(rig.find(sent), Found)

    def test_a_text_is_absent_until_it_is_listed_which_the_adapter_waits_for(self, start: Start) -> None:
        rig = start(listing_lag=timedelta(minutes=1))
        rig.send(part())

        assert rig.find(part()) == Absent(honours_key=False)
        assert Facebook.settle is not None
        rig.clock.advance(Facebook.settle)
        assert isinstance(rig.find(part()), Found)

    def test_a_second_try_of_what_is_live_is_told_as_a_duplicate(self, start: Start, tmp_path: Path) -> None:
        rig = start()
        pictured = part(3, role="post", text="Pictured", images=(image(tmp_path),))
        for sent in (part(), pictured):
            rig.send(sent)
            assert isinstance(error_of(rig.publish, sent), OutcomeUnknown)

        assert rig.texts() == [TEXT, "Pictured"]

    def test_pictures_that_were_dropped_are_uploaded_again(self, start: Start, tmp_path: Path) -> None:
        rig = start()
        sent = part(images=(image(tmp_path),))
        rig.prepare(sent)
        rig.clock.advance(timedelta(days=1))

        raised = error_of(rig.publish, sent)

        assert isinstance(raised, NotSent)
        assert raised.forget == ("media",)
        rig.checkpoint(sent).forget(raised.forget)
        rig.send(sent)
        assert rig.texts() == [TEXT]

    def test_the_list_comes_in_pages(self, start: Start) -> None:
        rig = start()
        rig.send(part())
        for n in range(30):
            post(rig, message=f"Text {n}")

        assert isinstance(rig.find(part()), Found)
        told = ask(rig, "GET", f"{LIST}?fields=message&limit=30").body
        assert [each["message"] for each in told["data"]] == [f"Text {29 - n}" for n in range(30)]
        rest = ask(rig, "GET", f"{LIST}?fields=message&limit=30&after={told['paging']['cursors']['after']}").body
        assert [each["message"] for each in rest["data"]] == [TEXT]
        assert "next" not in rest["paging"]

    def test_a_page_of_the_list_may_be_empty_and_not_the_last(self, start: Start) -> None:
        rig = start()
        sent = part()
        published = rig.send(sent)
        gone = [post(rig, message=f"Text {n}").body["id"] for n in range(30)]
        for id in gone:
            rig.service.take_down(id)

        told = ask(rig, "GET", f"{LIST}?fields=message&limit=30").body
        assert told["data"] == []
        assert "next" in told["paging"]
        assert rig.find(sent) == Found(published.remote_id, published.permalink)
        since = int(rig.clock.now().timestamp()) + 1
        assert ask(rig, "GET", f"{LIST}?since={since}").body == {"data": []}


class TestRefusing:
    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({"message": ""}, (100, 0)),
            ({"message": "x" * 63_207}, (100, 0)),
            ({"media_ids": ["1"]}, (100, 0)),
            ({"published": "true"}, (100, 0)),
            ({"attached_media": [{"media_fbid": "7"}]}, (100, 33)),
            ({"attached_media": [{"media_fbid": str(n)} for n in range(11)]}, (100, 0)),
            ({"attached_media": [{"media_fbid": "7"}], "link": LINK}, (100, 0)),
        ],
    )
    def test_what_is_no_post(self, start: Start, body: dict[str, Any], code: tuple[int, int]) -> None:
        rig = start()
        assert code_of(post(rig, **body)) == code
        assert rig.texts() == []

    def test_the_same_text_twice_running(self, start: Start) -> None:
        rig = start()
        assert post(rig).status == 200
        assert code_of(post(rig)) == (506, 0)
        assert post(rig, message="Between").status == 200
        assert post(rig).status == 200

    def test_the_same_picture_twice(self, start: Start) -> None:
        rig = start()
        photo = upload(rig, alt_text_custom="Zeď").body["id"]
        shown = {"attached_media": [{"media_fbid": photo}]}
        first = post(rig, **shown).body["id"]

        assert code_of(post(rig, message="Other", **shown)) == (100, 1366051)
        rig.service.take_down(first)
        assert code_of(ask(rig, "GET", f"{V}/{photo}?fields=page_story_id")) == (100, 33)

    @pytest.mark.parametrize(
        ("data", "fields", "code"),
        [
            (b"GIF89a", {}, (324, 0)),
            (b"\xff\xd8\xff" + b"x" * 4 * 1024**2, {}, (100, 1366046)),
            (b"\x89PNG", {"published": "true"}, (100, 0)),
            (b"\x89PNG", {"caption": "x"}, (100, 0)),
        ],
    )
    def test_what_is_no_picture(self, start: Start, data: bytes, fields: dict[str, str], code: tuple[int, int]) -> None:
        assert code_of(upload(start(), data, **fields)) == code

    @pytest.mark.parametrize(
        ("method", "target", "code"),
        [
            ("GET", f"/v99.0/{PAGE}", (2500, 0)),
            ("GET", f"/v19.0/{PAGE}", (2635, 0)),
            ("GET", f"{V}/{PAGE}/tagged", (2500, 0)),
            ("GET", f"{V}/{PAGE}?fields=likes_of_all", (100, 0)),
            ("GET", f"{V}/{PAGE}?fields=id,name{{", (2500, 0)),
            ("GET", f"{V}/{PAGE}?fields=Ж", (2500, 0)),
            ("GET", f"{V}/{PAGE}?fields=id}}", (2500, 0)),
            ("GET", f"{V}/{PAGE}?odd=1", (100, 0)),
            ("GET", f"{LIST}?limit=101", (100, 99)),
            ("GET", f"{LIST}?order=newest", (100, 0)),
            ("GET", f"{V}/{PAGE}_9", (100, 33)),
            ("DELETE", f"{V}/{PAGE}_9", (100, 33)),
            ("GET", f"{V}/{PAGE}_9/insights?metric=post_clicks", (100, 33)),
            ("GET", f"{V}/{PAGE}_9/comments", (100, 33)),
        ],
    )
    def test_what_is_not_there(self, start: Start, method: str, target: str, code: tuple[int, int]) -> None:
        assert code_of(ask(start(), method, target)) == code

    def test_a_body_that_is_none(self, start: Start) -> None:
        rig = start()
        live = post(rig).body["id"]

        assert code_of(ask(rig, "POST", FEED, b"message=Text")) == (100, 0)
        assert code_of(ask(rig, "POST", f"{V}/{live}", {"message": " "})) == (100, 0)
        assert code_of(ask(rig, "POST", f"{V}/{live}/comments", {"message": ""})) == (100, 0)

    def test_who_is_not_the_page(self, start: Start) -> None:
        rig = start()
        body = {"message": "Text", "published": True}

        assert code_of(rig.ask("GET", f"{V}/me")) == (2500, 0)
        assert code_of(rig.ask("POST", FEED, body)) == (104, 0)
        assert code_of(ask(rig, "POST", FEED, body, token="unknown")) == (190, 463)
        assert code_of(ask(rig, "POST", FEED, body, token=rig.service.token)) == (190, 2069032)
        assert [ask(rig, "GET", f"{V}/me", token=token).body["id"] for token in rig.service.app.tokens] == ["77", PAGE]

    def test_a_token_that_died(self, start: Start) -> None:
        rig = start()
        rig.prepare(part())
        rig.service.app.tokens[rig.service.page_token].dead = 460

        raised = error_of(rig.publish, part())

        assert isinstance(raised, NotSent)
        assert raised.token_dead
        assert "changed the password" in str(raised)

    @pytest.mark.parametrize(
        ("scope", "works"),
        [("pages_manage_posts", False), ("read_insights", True), ("pages_read_user_content", True)],
    )
    def test_what_a_permission_is_for(self, start: Start, scope: str, works: bool) -> None:
        rig = start()
        rig.service.app.scopes.discard(scope)

        if not works:
            assert isinstance(error_of(rig.send, part()), NotSent)
            return
        live = rig.send(part())
        assert rig.platform.metrics([live.remote_id])[live.remote_id].counts.keys() >= {"shares"}

    def test_an_account_that_is_barred(self, start: Start, tmp_path: Path) -> None:
        rig = start()
        rig.service.barred = refused(368, "The action attempted has been deemed abusive or is otherwise disallowed")

        assert isinstance(error_of(rig.send, part()), ChannelBlocked)
        assert isinstance(error_of(rig.send, part(images=(image(tmp_path),))), ChannelBlocked)

    def test_too_many_calls_wait_for_as_long_as_the_header_says(self, start: Start) -> None:
        rig = start(calls=2)
        rig.send(part())
        rig.clock.advance(timedelta(minutes=20))

        raised = error_of(rig.send, part(text="Another"))

        assert isinstance(raised, RateLimited)
        assert raised.retry_after == timedelta(minutes=40)
        rig.clock.advance(raised.retry_after)
        rig.send(part(text="Another"))
        assert rig.texts() == [TEXT, "Another"]
        used = json.loads(ask(rig, "GET", f"{V}/{PAGE}").headers["X-Business-Use-Case-Usage"])
        assert used[PAGE][0]["call_count"] == 100

    def test_a_refusal_of_whatever_token(self, start: Start) -> None:
        rig = start()
        rig.prepare(part())
        rig.meets(Fault.TOKEN_REFUSED)

        assert isinstance(error_of(rig.publish, part()), NotSent)

    def test_a_refused_post_is_no_doubt(self, start: Start) -> None:
        rig = start()
        assert isinstance(error_of(rig.send, part(text="x" * 63_207, link="")), Rejected)
        assert rig.find(part(text="x" * 63_207)) == Absent(honours_key=False)


class TestCounting:
    def test_numbers_grow_and_the_post_tells_where_there_are_no_insights(self, start: Start) -> None:
        rig = start()
        live = rig.send(part()).remote_id
        rig.clock.advance(timedelta(days=2))

        whole = rig.platform.metrics([live])[live]
        assert whole.counts.keys() == {"impressions", "reactions", "comments", "shares", "clicks"}
        assert whole.counts["reactions"] > 0

        rig.service.is_small = True
        small = rig.platform.metrics([live])[live]
        assert small.counts.keys() == {"reactions", "comments", "shares"}
        assert small.counts["reactions"] == whole.counts["reactions"]

    def test_a_metric_may_die(self, start: Start) -> None:
        rig = start()
        live = rig.send(part()).remote_id
        rig.service.metrics.discard("post_media_view")

        told = rig.platform.metrics([live])[live]

        assert told.missing == {"impressions": "Facebook does not count this any more"}
        assert code_of(ask(rig, "GET", f"{V}/{live}/insights")) == (3001, 1504028)
        assert code_of(ask(rig, "GET", f"{V}/{live}/insights?metric=post_impressions")) == (100, 0)

    def test_followers_grow_with_the_posts(self, start: Start) -> None:
        rig = start()
        before = rig.platform.followers()
        rig.send(part())

        assert before is not None
        assert rig.platform.followers() == before + 1


def test_fields_are_read_as_a_tree() -> None:
    assert fields_in("a,b{c,d{e}},f.summary(true).limit(0)") == {
        "a": {},
        "b": {"c": {}, "d": {"e": {}}},
        "f": {"summary(true)": {}, "limit(0)": {}},
    }
