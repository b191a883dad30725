"""The simulated LinkedIn: the real adapter publishes there, and whatever the real one refuses is refused."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image as Pixels

from campaign.config import Secret
from campaign.errors import ChannelBlocked, NotSent, RateLimited
from campaign.platforms.base import Absent, Account, CannotTell, Found, Outgoing, Preview
from campaign.platforms.linkedin import LinkedIn
from campaign.platforms.linkedin.refusals import Duplicate
from campaign.rehearsal.clock import VirtualClock
from campaign.rehearsal.faults import Fault
from campaign.rehearsal.services.linkedin import LinkedInService, access
from campaign.rehearsal.services.linkedin.rules import shown
from campaign.rehearsal.transport import Net, Reply
from tests.rehearsal.rig import LINK, TEXT, Rig, error_of, image, part

HOST = "linkedin.example"
PAGE = "urn:li:organization:5515715"
PAGE_QUOTED = "urn%3Ali%3Aorganization%3A5515715"
HEADERS = {"linkedin_version": "202602", "x_restli_protocol_version": "2.0.0", "content_type": "application/json"}
Start = Callable[..., Rig[LinkedInService]]


@pytest.fixture
def start(clock: VirtualClock) -> Start:
    """Start a LinkedIn, and a channel that is logged in there."""

    def build(*, settings: dict[str, Any] | None = None, **service: Any) -> Rig[LinkedInService]:
        net = Net(clock)
        own = {"client_secret": Secret(access.CLIENT_SECRET), **(settings or {})}
        return Rig(net, LinkedInService(net, HOST, **service), LinkedIn, own)

    return build


def ask(
    rig: Rig[LinkedInService], method: str, path: str, body: Any = None, *, token: str | None = None, **headers: str
) -> Reply:
    """Call past the adapter, with all that a call must say."""
    given = rig.service.token if token is None else token
    return rig.ask(method, path, body, token=given, **{**HEADERS, **headers})


def body(**changes: Any) -> dict[str, Any]:
    """Return a post as the API takes it; what is changed to None is left out."""
    given = {
        "author": PAGE,
        "commentary": "Words",
        "visibility": "PUBLIC",
        "distribution": {"feedDistribution": "MAIN_FEED"},
        "lifecycleState": "PUBLISHED",
    }
    return {name: value for name, value in (given | changes).items() if value is not None}


def code_of(reply: Reply) -> tuple[int, str]:
    """Return status and code of a refusal, whichever shape it has."""
    said = reply.body
    return reply.status, said.get("code") or said["errorDetails"]["inputErrors"][0]["code"]


def comment_on(root: str, text: str = f"More: {LINK}") -> Outgoing:
    return replace(part(2, role="comment", text=text), root=root, reply_to=root)


class TestPublishing:
    def test_what_readers_see_is_what_was_sent(self, start: Start, tmp_path: Path) -> None:
        rig = start(processing=timedelta(seconds=7))
        sent = part(images=(image(tmp_path, 1, "Zeď"), image(tmp_path, 2, "Hala")))

        live = rig.send(sent)

        [item] = rig.service.live
        assert (item.id, item.text, item.alts) == (live.remote_id, TEXT, ("Zeď", "Hala"))
        assert rig.platform.confirm(item.id).warnings == ()

    @pytest.mark.parametrize(
        "text",
        [
            r"|{}@[]()<>#\*_~ and #tag, #a_b",
            "(https://x.example/a_(b)?c=[d]). #Tag",
            "first\nsecond\n\n{hashtag|\\#|third}",
            "With @[Kraj (MSK)](urn:li:organization:7).",
        ],
    )
    def test_every_text_comes_through_whole_and_is_found_again(self, start: Start, text: str) -> None:
        rig = start()
        live = rig.send(part(text=text))
        rig.clock.advance(timedelta(seconds=1))
        assert rig.texts() == [text.replace("@[Kraj (MSK)](urn:li:organization:7)", "Kraj (MSK)")]
        assert rig.find(part(text=text)) == Found(live.remote_id, live.permalink)
        assert rig.platform.confirm(live.remote_id).warnings == ()

    def test_a_card_leads_to_the_page(self, start: Start, tmp_path: Path) -> None:
        rig = start()
        rig.send(part(preview=Preview("Title", "Words", image(tmp_path))))
        assert rig.service.live[0].link == LINK

    def test_an_answer_that_is_lost_is_found_once_the_list_shows_it(self, start: Start) -> None:
        rig = start(listing_lag=timedelta(seconds=60))
        rig.prepare(part())
        rig.meets(Fault.CUT_AFTER)
        error_of(rig.publish, part())

        assert rig.find(part()) == Absent(honours_key=False)
        rig.clock.advance(timedelta(minutes=2))
        assert isinstance(rig.find(part()), Found)

    def test_the_same_again_is_a_duplicate_of_the_first(self, start: Start) -> None:
        rig = start(listing_lag=timedelta(hours=1))
        first = rig.send(part())
        duplicate = error_of(rig.send, part())
        assert isinstance(duplicate, Duplicate)
        assert duplicate.urn == first.remote_id
        assert rig.find(part()) == Found(first.remote_id, first.permalink)

    def test_a_text_is_remembered_after_it_was_taken_down(self, start: Start) -> None:
        rig = start()
        rig.platform.delete(rig.send(part()).remote_id)
        assert isinstance(error_of(rig.send, part()), Duplicate)
        assert isinstance(rig.find(part()), CannotTell)
        rig.clock.advance(timedelta(hours=36))
        assert rig.send(part()).remote_id == rig.service.live[0].id

    def test_with_another_picture_it_is_no_duplicate(self, start: Start, tmp_path: Path) -> None:
        rig = start()
        for n in (1, 2):
            rig.send(part(n, images=(image(tmp_path, n),), role="post"))
        assert len(rig.service.live) == 2

    def test_without_the_right_to_read_nobody_can_tell(self, start: Start) -> None:
        rig = start(scopes=access.SCOPES - {"r_organization_social"})
        live = rig.send(part())
        assert isinstance(rig.find(part()), CannotTell)
        assert "nobody has seen" in rig.platform.confirm(live.remote_id).warnings[0]

    def test_a_text_is_changed_and_taken_down(self, start: Start) -> None:
        rig = start()
        live = rig.send(part())
        rig.platform.edit(live.remote_id, part(text="New (words)"))
        assert rig.texts() == ["New (words)"]
        rig.platform.delete(live.remote_id)
        rig.platform.delete(live.remote_id)
        assert rig.texts() == []
        assert rig.platform.confirm(live.remote_id).warnings == ("the post is not there any more",)


class TestAFirstComment:
    def test_stands_under_its_post_and_is_found_there(self, start: Start) -> None:
        rig = start(listing_lag=timedelta(seconds=5))
        root = rig.send(part())
        said = rig.send(comment_on(root.remote_id))

        item = rig.service.live[-1]
        assert (item.id, item.text, item.reply_to) == (said.remote_id, f"More: {LINK}", root.remote_id)
        assert isinstance(rig.find(comment_on(root.remote_id)), Absent)
        rig.clock.advance(timedelta(seconds=5))
        assert rig.find(comment_on(root.remote_id)) == Found(said.remote_id, said.permalink)
        assert rig.platform.confirm(said.remote_id).warnings == ()

    def test_is_changed_and_taken_down(self, start: Start) -> None:
        rig = start()
        root = rig.send(part())
        said = rig.send(comment_on(root.remote_id))
        rig.platform.edit(said.remote_id, comment_on(root.remote_id, "Other"))
        assert rig.texts() == [TEXT, "Other"]
        rig.platform.delete(said.remote_id)
        rig.platform.delete(said.remote_id)
        assert rig.texts() == [TEXT]
        assert rig.platform.confirm(said.remote_id).warnings == ("the post is not there any more",)

    def test_goes_with_its_post(self, start: Start) -> None:
        rig = start()
        root = rig.send(part())
        rig.send(comment_on(root.remote_id))
        rig.platform.delete(root.remote_id)
        assert rig.texts() == []
        assert isinstance(error_of(rig.send, comment_on(root.remote_id)), NotSent)

    @pytest.mark.parametrize(
        ("said", "refusal"),
        [
            ({"actor": PAGE, "object": "{post}"}, (400, "MISSING_FIELD")),
            ({"actor": "urn:li:person:1", "object": "{post}", "message": {"text": "x"}}, (403, "ACCESS_DENIED")),
            ({"actor": PAGE, "object": "urn:li:share:1", "message": {"text": "x"}}, (400, "INVALID_URN_ID")),
            ({"actor": PAGE, "object": "{post}", "message": {"text": "x" * 1251}}, (400, "FIELD_LENGTH_TOO_LONG")),
            ({"actor": PAGE, "object": "{post}", "message": {"text": ""}}, (400, "FIELD_LENGTH_TOO_LONG")),
            ({"actor": PAGE, "object": "{post}", "message": "x"}, (400, "MISSING_FIELD")),
        ],
    )
    def test_that_is_wrong_is_refused(self, start: Start, said: dict[str, Any], refusal: tuple[int, str]) -> None:
        rig = start()
        post = rig.send(part()).remote_id
        asked = {name: post if value == "{post}" else value for name, value in said.items()}
        path = f"/rest/socialActions/{post.replace(':', '%3A')}/comments"
        assert code_of(ask(rig, "POST", path, asked)) == refusal

    def test_is_touched_by_the_page_only(self, start: Start) -> None:
        rig = start()
        root = rig.send(part())
        path = rig.send(comment_on(root.remote_id)).remote_id
        number = path.rpartition(",")[2].rstrip(")")
        under = f"/rest/socialActions/{root.remote_id.replace(':', '%3A')}/comments/{number}"
        assert code_of(ask(rig, "DELETE", under)) == (403, "ACCESS_DENIED")
        assert code_of(ask(rig, "GET", f"{under}0")) == (404, "NOT_FOUND")


WRONG: list[tuple[str, dict[str, Any], tuple[int, str]]] = [
    ("no author", {"author": None}, (400, "MISSING_FIELD")),
    ("no commentary", {"commentary": None}, (400, "MISSING_FIELD")),
    ("an unknown field", {"title": "x"}, (400, "INVALID_VALUE_FOR_FIELD")),
    ("a draft", {"lifecycleState": "DRAFT"}, (400, "INVALID_VALUE_FOR_FIELD")),
    ("for few", {"visibility": "CONNECTIONS"}, (400, "INVALID_VALUE_FOR_FIELD")),
    ("nowhere", {"distribution": {"feedDistribution": "NONE"}}, (400, "INVALID_VALUE_FOR_FIELD")),
    ("no distribution", {"distribution": "x"}, (400, "MISSING_FIELD")),
    ("no URN", {"author": "5515715"}, (400, "INVALID_URN_TYPE")),
    ("another page", {"author": "urn:li:organization:1"}, (403, "ACCESS_DENIED")),
    ("blank", {"commentary": " "}, (400, "INVALID_VALUE_BLANK_FIELD")),
    ("a number", {"commentary": 7}, (400, "INVALID_VALUE_FOR_FIELD")),
    ("too long", {"commentary": "🔋" * 1501}, (400, "FIELD_LENGTH_TOO_LONG")),
    ("empty content", {"content": {}}, (400, "INVALID_VALUE_FOR_FIELD")),
    ("two contents", {"content": {"media": {}, "article": {}}}, (400, "INVALID_VALUE_FOR_FIELD")),
    ("a title", {"content": {"media": {"id": "x", "title": "x"}}}, (400, "INVALID_VALUE_FOR_FIELD")),
    ("one of several", {"content": {"multiImage": {"images": [{"id": "x"}]}}}, (400, "INVALID_VALUE_FOR_FIELD")),
    ("21", {"content": {"multiImage": {"images": [{"id": "x"}] * 21}}}, (400, "INVALID_VALUE_FOR_FIELD")),
    ("no image", {"content": {"media": {"id": "urn:li:share:1"}}}, (400, "INVALID_URN_TYPE")),
    ("an unknown image", {"content": {"media": {"id": "urn:li:image:1"}}}, (400, "INVALID_IMAGE_ID")),
    ("a long alt text", {"content": {"media": {"id": "x", "altText": "x" * 4087}}}, (400, "FIELD_LENGTH_TOO_LONG")),
    ("a card without title", {"content": {"article": {"source": LINK}}}, (400, "MISSING_FIELD")),
    ("a blank title", {"content": {"article": {"source": LINK, "title": " "}}}, (400, "INVALID_VALUE_BLANK_FIELD")),
    ("no link", {"content": {"article": {"source": "example", "title": "x"}}}, (400, "INVALID_URL")),
]


@pytest.mark.parametrize(("changes", "refusal"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_a_post_that_is_wrong_is_refused(start: Start, changes: dict[str, Any], refusal: tuple[int, str]) -> None:
    rig = start()
    assert code_of(ask(rig, "POST", "/rest/posts", body(**changes))) == refusal
    assert rig.texts() == []


@pytest.mark.parametrize("said", [None, [], "x"])
def test_a_post_that_is_none_is_refused(start: Start, said: Any) -> None:
    assert code_of(ask(start(), "POST", "/rest/posts", said)) == (400, "MISSING_FIELD")


@pytest.mark.parametrize(
    ("headers", "refusal"),
    [
        ({"linkedin_version": ""}, (400, "VERSION_MISSING")),
        ({"linkedin_version": "202502"}, (426, "NONEXISTENT_VERSION")),
        ({"linkedin_version": "2026-02"}, (426, "NONEXISTENT_VERSION")),
        ({"x_restli_protocol_version": "1.0.0"}, (400, "QUERY_PARAM_NOT_ALLOWED")),
        ({"x_restli_method": "PARTIAL_UPDATE"}, (400, "INVALID_VALUE_FOR_FIELD")),
        ({"content_type": "text/plain"}, (415, "UNSUPPORTED_MEDIA_TYPE")),
    ],
)
def test_a_call_must_say_what_every_call_says(start: Start, headers: dict[str, str], refusal: tuple[int, str]) -> None:
    assert code_of(ask(start(), "POST", "/rest/posts", body(), **headers)) == refusal


def test_names_in_a_path_are_encoded(start: Start) -> None:
    rig = start()
    live = rig.send(part()).remote_id
    assert code_of(ask(rig, "GET", f"/rest/posts/{live}")) == (400, "ILLEGAL_ARGUMENT")


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("all of it", "all of it"),
        ("cut (here)", "cut "),
        ("an_underscore", "an"),
        ("https://e.org/a_b", "https://e.org/a"),
        (r"escaped \(so\)", "escaped (so)"),
        (r"{hashtag|\#|Tag} #Tag", "#Tag #Tag"),
        ("#", ""),
        (r"a backslash \ alone", "a backslash "),
        (r"@[A \(B\)](urn:li:organization:1) says", "A (B) says"),
        ("@[A](https://e.org)", ""),
    ],
)
def test_a_text_ends_where_a_sign_means_nothing(written: str, seen: str) -> None:
    assert shown(written) == seen


class TestPictures:
    def pixels(self, size: tuple[int, int], kind: str = "PNG") -> bytes:
        buffer = io.BytesIO()
        Pixels.new("1", size).save(buffer, kind)
        return buffer.getvalue()

    def place(self, rig: Rig[LinkedInService]) -> tuple[str, str]:
        said = {"initializeUploadRequest": {"owner": PAGE}}
        value = ask(rig, "POST", "/rest/images?action=initializeUpload", said).body["value"]
        return urlsplit(value["uploadUrl"]).path, value["image"]

    def state(self, rig: Rig[LinkedInService], urn: str) -> str:
        status: str = ask(rig, "GET", f"/rest/images/{urn.replace(':', '%3A')}").body["status"]
        return status

    @pytest.mark.parametrize(
        ("kind", "size", "state"),
        [
            ("PNG", (6000, 6000), "AVAILABLE"),
            ("PNG", (6100, 6000), "PROCESSING_FAILED"),
            ("GIF", (10, 10), "AVAILABLE"),
            ("BMP", (10, 10), "PROCESSING_FAILED"),
        ],
    )
    def test_are_read_within_bounds(self, start: Start, kind: str, size: tuple[int, int], state: str) -> None:
        rig = start()
        path, urn = self.place(rig)
        assert self.state(rig, urn) == "WAITING_UPLOAD"
        assert ask(rig, "PUT", path, self.pixels(size, kind), content_type="image/png").status == 201
        assert self.state(rig, urn) == state

    def test_cannot_be_posted_before_they_are_there(self, start: Start) -> None:
        rig = start(processing=timedelta(seconds=5))
        path, urn = self.place(rig)
        post = body(content={"media": {"id": urn}})
        assert code_of(ask(rig, "POST", "/rest/posts", post)) == (400, "MEDIA_ASSET_WAITING_UPLOAD")
        ask(rig, "PUT", path, b"no picture", content_type="image/png")
        assert code_of(ask(rig, "POST", "/rest/posts", post)) == (400, "MEDIA_ASSET_WAITING_UPLOAD")
        rig.clock.advance(timedelta(seconds=5))
        assert code_of(ask(rig, "POST", "/rest/posts", post)) == (400, "MEDIA_ASSET_PROCESSING_FAILED")

    def test_have_a_day_to_arrive(self, start: Start) -> None:
        rig = start()
        path, _ = self.place(rig)
        assert ask(rig, "PUT", path, b"x", content_type="text/html").status == 415
        assert code_of(ask(rig, "PUT", path, b"x", content_type="image/png", token="other")) == (
            401,
            "INVALID_ACCESS_TOKEN",
        )
        rig.clock.advance(timedelta(days=1))
        assert code_of(ask(rig, "PUT", path, b"x", content_type="image/png")) == (400, "EXPIRED_UPLOAD_URL")

    def test_belong_to_the_page(self, start: Start) -> None:
        said = {"initializeUploadRequest": {"owner": "urn:li:person:1"}}
        refusal = ask(start(), "POST", "/rest/images?action=initializeUpload", said)
        assert code_of(refusal) == (400, "INVALID_VALUE_FOR_FIELD")

    def test_that_cannot_be_read_stop_a_post(self, start: Start, tmp_path: Path) -> None:
        rig = start()
        shown = image(tmp_path)
        rig.kept[part().part] = {"images": {shown.sha256: self.place(rig)[1]}}
        rig.send(part(images=(shown,)))  # whose bytes had never come: they go up anew
        assert rig.texts() == [TEXT]


def near(account: Account, moment: datetime) -> bool:
    """Whether an account's token ends at a moment, give or take what calls have lasted."""
    return account.token_expires_at is not None and abs(account.token_expires_at - moment) < timedelta(minutes=1)


class TestTokens:
    def test_are_renewed_for_a_year_and_no_longer(self, start: Start) -> None:
        rig = start()
        ends = rig.clock.now() + timedelta(days=365)
        for days in (60, 60, 60, 60, 60, 60):
            rig.clock.advance(timedelta(days=days))
            assert near(rig.platform.check(), ends)
        rig.clock.advance(timedelta(days=5))
        error = error_of(rig.platform.check)
        assert isinstance(error, NotSent)
        assert error.token_dead

    def test_of_an_app_that_was_not_approved_end_after_sixty_days(self, start: Start) -> None:
        rig = start(self_serve=True)
        assert near(rig.platform.check(), rig.clock.now() + timedelta(days=60))
        rig.clock.advance(timedelta(days=60))
        error = error_of(rig.send, part())
        assert isinstance(error, NotSent)
        assert error.token_dead

    @pytest.mark.parametrize("self_serve", [False, True])
    def test_come_from_a_login(self, start: Start, self_serve: bool) -> None:
        rig = start(self_serve=self_serve)

        class Member:
            def ask(self, question: str, *, hidden: bool = False) -> str:
                raise AssertionError(question)

            def tell(self, text: str) -> None:
                raise AssertionError(text)

            def consent(self, address: str, redirect_uri: str) -> str:
                return rig.service.agree(address)

        rig.service.access.revoked.add(rig.service.token)
        rig.tokens.stored = dict(rig.platform.login(Member()))
        account = rig.platform.check()
        assert account.warnings == ()
        assert near(account, rig.clock.now() + timedelta(days=60 if self_serve else 365))
        rig.send(part())
        assert rig.texts() == [TEXT]

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"client_id": "other"}, "unauthorized_client"),
            ({"redirect_uri": "http://elsewhere/"}, "redirect_uri_mismatch"),
            ({"response_type": "token"}, "unsupported_response_type"),
            ({"scope": "w_member_social"}, "unauthorized_scope_error"),
        ],
    )
    def test_are_not_for_every_app(self, start: Start, changes: dict[str, str], error: str) -> None:
        asked = {"client_id": access.CLIENT_ID, "redirect_uri": access.REDIRECT_URI, "response_type": "code"}
        query = "&".join(
            f"{k}={v}" for k, v in ({**asked, "scope": "r_organization_social", "state": "s"} | changes).items()
        )
        went = parse_qs(urlsplit(start().service.agree(f"https://{HOST}/oauth/v2/authorization?{query}")).query)
        assert went["error"] == [error]

    @pytest.mark.parametrize(
        "form",
        [
            {"grant_type": "password"},
            {"grant_type": "authorization_code", "code": "code-1", "redirect_uri": access.REDIRECT_URI},
            {"grant_type": "refresh_token", "refresh_token": "other"},
            {"grant_type": "refresh_token", "client_secret": "other"},
        ],
    )
    def test_are_not_given_for_nothing(self, start: Start, form: dict[str, str]) -> None:
        app = {"client_id": access.CLIENT_ID, "client_secret": access.CLIENT_SECRET}
        raw = "&".join(f"{name}={value}" for name, value in (app | form).items()).encode()
        kind = "application/x-www-form-urlencoded"
        assert start().ask("POST", "/oauth/v2/accessToken", raw, content_type=kind).status in (400, 401)

    def test_are_asked_for_by_forms(self, start: Start) -> None:
        assert start().ask("POST", "/oauth/v2/accessToken", {}, content_type="application/json").status == 400

    def test_that_ended_are_told_apart(self, start: Start) -> None:
        rig = start()
        assert ask(rig, "GET", "/rest/organizationAcls?q=roleAssignee", token="").body["serviceErrorCode"] == 401
        rig.service.access.revoked.add(rig.service.token)
        assert code_of(ask(rig, "GET", "/rest/organizationAcls?q=roleAssignee")) == (401, "REVOKED_ACCESS_TOKEN")
        rig.service.access.revoked.clear()
        rig.clock.advance(timedelta(days=60))
        assert code_of(ask(rig, "GET", "/rest/organizationAcls?q=roleAssignee")) == (401, "EXPIRED_ACCESS_TOKEN")

    def test_that_were_revoked_are_known_by_the_app(self, start: Start) -> None:
        rig = start()
        rig.service.access.revoked.add(rig.service.token)
        error = error_of(rig.platform.check)
        assert isinstance(error, NotSent)
        assert error.token_dead
        assert "revoked" in str(error)

    def test_that_are_refused_are_renewed(self, start: Start) -> None:
        rig = start()
        rig.prepare(part())
        rig.meets(Fault.TOKEN_REFUSED)
        error = error_of(rig.publish, part())
        assert isinstance(error, NotSent)
        assert error.token_dead
        rig.send(part())
        assert rig.tokens.stored["token"] == f"{rig.service.token}-1"

    def test_whose_renewal_is_refused_are_dead(self, start: Start) -> None:
        rig = start()
        rig.clock.advance(timedelta(days=60))
        rig.meets(Fault.TOKEN_REFUSED)
        error = error_of(rig.prepare, part())
        assert isinstance(error, NotSent)
        assert error.token_dead

    def test_whose_code_is_old_are_not_given(self, start: Start) -> None:
        rig = start()
        asked = {"client_id": access.CLIENT_ID, "redirect_uri": access.REDIRECT_URI, "response_type": "code"}
        query = "&".join(f"{name}={value}" for name, value in (asked | {"scope": "r_organization_social"}).items())
        went = parse_qs(urlsplit(rig.service.agree(f"https://{HOST}/?{query}")).query)
        rig.clock.advance(timedelta(minutes=30))
        form = {"grant_type": "authorization_code", "code": went["code"][0], "client_secret": access.CLIENT_SECRET}
        raw = "&".join(f"{name}={value}" for name, value in (asked | form).items()).encode()
        kind = "application/x-www-form-urlencoded"
        assert rig.ask("POST", "/oauth/v2/accessToken", raw, content_type=kind).status == 400


class TestThePage:
    def test_is_in_order(self, start: Start) -> None:
        account = start().platform.check()
        assert (account.id, account.name, account.warnings) == (PAGE, f"Page on {HOST}", ())

    def test_without_a_role_may_not_be_posted_for(self, start: Start) -> None:
        assert isinstance(error_of(start(role="").platform.check), ChannelBlocked)

    def test_is_counted_by_administrators_only(self, start: Start) -> None:
        rig = start(role="CONTENT_ADMIN")
        live = rig.send(part())
        [warning] = rig.platform.check().warnings
        assert "administrator" in warning
        assert rig.platform.metrics([live.remote_id])[live.remote_id].counts == {}
        assert rig.platform.followers() is None

    def test_what_an_app_lacks_is_told(self, start: Start) -> None:
        rig = start(scopes={"w_organization_social"})
        assert len(rig.platform.check().warnings) == 5  # four scopes, and the role that is not shown

    def test_numbers_grow_and_are_plausible(self, start: Start) -> None:
        rig = start()
        live = rig.send(part())
        said = rig.send(comment_on(live.remote_id))
        assert rig.platform.metrics([said.remote_id])[said.remote_id].counts == {"reactions": 0, "comments": 0}
        fresh = rig.platform.metrics([live.remote_id])[live.remote_id].counts
        assert fresh["impressions"] < 10
        assert fresh["reactions"] == 0

        rig.clock.advance(timedelta(hours=6))
        early = rig.platform.metrics([live.remote_id])[live.remote_id].counts
        rig.clock.advance(timedelta(days=3))
        late = rig.platform.metrics([live.remote_id])[live.remote_id].counts
        assert 0 < early["impressions"] < late["impressions"]
        assert late["impressions"] > 20 * late["reactions"] > 20 * late["comments"] > 0
        assert late["clicks"] > 0
        assert (rig.platform.followers() or 0) > 500

    def test_asks_for_lists_as_they_are_written(self, start: Start) -> None:
        rig = start()
        rig.send(part())
        rig.clock.advance(timedelta(days=1))
        urn = rig.service.live[0].id.replace(":", "%3A")
        path = f"/rest/organizationalEntityShareStatistics?q=organizationalEntity&organizationalEntity={PAGE_QUOTED}"
        assert len(ask(rig, "GET", f"{path}&shares=List({urn})").body["elements"]) == 1
        for wrong in (f"List%28{urn}%29", urn, f"List({urn.replace('%3A', ':')})"):
            assert code_of(ask(rig, "GET", f"{path}&shares={wrong}")) == (400, "QUERY_PARAM_NOT_ALLOWED"), wrong
        assert code_of(ask(rig, "GET", path.replace(PAGE_QUOTED, "x"))) == (400, "INVALID_VALUE_FOR_FIELD")

    def test_leaves_out_a_post_that_nobody_has_seen(self, start: Start) -> None:
        rig = start()
        assert ask(rig, "POST", "/rest/posts", body()).status == 201
        urn = rig.service.live[0].id
        path = f"/rest/organizationalEntityShareStatistics?q=organizationalEntity&organizationalEntity={PAGE_QUOTED}"
        assert ask(rig, "GET", f"{path}&shares=List({urn.replace(':', '%3A')})").body["elements"] == []

    @pytest.mark.parametrize(
        ("path", "refusal"),
        [
            ("/rest/networkSizes/urn%3Ali%3Aorganization%3A1?edgeType=COMPANY_FOLLOWED_BY_MEMBER", 400),
            (f"/rest/networkSizes/{PAGE_QUOTED}?edgeType=CompanyFollowedByMember", 400),
            ("/rest/organizationAcls", 400),
            ("/rest/images/urn%3Ali%3Aimage%3A1", 404),
            ("/rest/nothing", 404),
        ],
    )
    def test_knows_no_other_questions(self, start: Start, path: str, refusal: int) -> None:
        assert ask(start(), "GET", path).status == refusal

    def test_lists_its_own_posts_only(self, start: Start) -> None:
        finder = {"x_restli_method": "FINDER"}
        rig = start()
        refusal = ask(rig, "GET", "/rest/posts?q=author&author=urn%3Ali%3Aorganization%3A1", **finder)
        assert code_of(refusal) == (403, "ACCESS_DENIED")
        first = rig.send(part())
        rig.clock.advance(timedelta(minutes=1))
        second = rig.send(part(2, role="post", text="Second"))
        rig.clock.advance(timedelta(minutes=1))
        rig.platform.edit(first.remote_id, part(text="First, changed"))
        own = f"/rest/posts?q=author&author={PAGE_QUOTED}"
        for by, order in (("CREATED", [second, first]), ("LAST_MODIFIED", [first, second])):
            listed = ask(rig, "GET", f"{own}&sortBy={by}", **finder).body["elements"]
            assert [each["id"] for each in listed] == [live.remote_id for live in order]

    def test_takes_so_many_calls_a_day(self, start: Start) -> None:
        rig = start(quota=1)
        rig.send(part())
        error = error_of(rig.send, part(text="Another"))
        assert isinstance(error, RateLimited)
        assert error.retry_after is not None
        rig.clock.advance(error.retry_after)
        rig.send(part(text="Another"))
        assert len(rig.texts()) == 2
