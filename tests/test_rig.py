"""What the tests against real servers stand on: the servers answer as we rely on, every fault does what it says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image

from tests.realservers.faults import (
    Act,
    cut_after,
    cut_before,
    delay,
    drip,
    error_after,
    error_before,
    garbage,
    half_body,
    hang,
    pass_on,
    redirect,
    refuse,
    reset_after,
    rewritten,
)
from tests.realservers.mastodon import Mastodon
from tests.realservers.pds import POST, WHEN, Account, Pds, expired, running_pds, with_expired_tokens
from tests.realservers.proxy import Proxy
from tests.realservers.servers import ask, running, until
from tests.wire import Talk, body_of, head, serving

pytest_plugins = ["tests.realservers.fixtures"]


def drawn() -> bytes:
    """Return a small picture."""
    file = BytesIO()
    Image.effect_noise((40, 30), 50).save(file, "PNG")
    return file.getvalue()


RKEY = "3m6w2xk4c7s2a"
PICTURE = drawn()


class TestPds:
    def test_putting_the_same_record_again_is_quiet(self, pds: Pds) -> None:
        account = pds.create_account()
        first, again = put(account, "A story"), put(account, "A story")

        assert (first.status_code, again.status_code) == (200, 200)
        assert again.json()["cid"] == first.json()["cid"]
        assert [record["value"]["text"] for record in account.records()] == ["A story"]

    def test_putting_another_record_over_one_is_refused(self, pds: Pds) -> None:
        account = pds.create_account()
        put(account, "A story")

        refused = put(account, "Another story")

        assert (refused.status_code, refused.json()["error"]) == (400, "InvalidSwap")
        assert [record["value"]["text"] for record in account.records()] == ["A story"]

    def test_a_record_that_is_not_there_is_said_to_be_absent(self, pds: Pds) -> None:
        account = pds.create_account()

        absent = pds.get("com.atproto.repo.getRecord", repo=account.did, collection=POST, rkey=RKEY)

        assert (absent.status_code, absent.json()["error"]) == (400, "RecordNotFound")

    def test_a_picture_comes_back_to_the_byte(self, pds: Pds) -> None:
        account = pds.create_account()
        url = f"{pds.url}/xrpc/com.atproto.repo.uploadBlob"
        blob = ask("POST", url, account.token, data=PICTURE, headers={"Content-Type": "image/png"}).json()["blob"]
        picture = {"alt": "A bench", "image": blob}
        account.create(POST, text="With a picture", embed={"$type": "app.bsky.embed.images", "images": [picture]})

        assert pds.blob(account.did, blob["ref"]["$link"]) == PICTURE

    def test_tokens_expire_when_they_are_said_to(self, pds: Pds) -> None:
        account = pds.create_account()
        for method, token in (("getSession", account.token), ("refreshSession", account.refresh_token)):
            call = pds.get if method == "getSession" else pds.post
            assert call(f"com.atproto.server.{method}", token=token).ok
            refused = call(f"com.atproto.server.{method}", token=expired(token))
            assert (refused.status_code, refused.json()["error"]) == (400, "ExpiredToken")

    def test_a_session_can_be_handed_out_expired(self, pds: Pds) -> None:
        account = pds.create_account()
        with Proxy(pds.url) as proxy:
            proxy.fault(("POST", "/xrpc/*.createSession"), rewritten(with_expired_tokens("accessJwt")))
            session = Pds(proxy.url, "").session(account.handle)

        assert pds.get("com.atproto.server.getSession", session["accessJwt"]).json()["error"] == "ExpiredToken"
        assert pds.post("com.atproto.server.refreshSession", token=session["refreshJwt"]).ok

    def test_an_app_password_signs_in_until_it_is_revoked(self, pds: Pds) -> None:
        account = pds.create_account()
        password = account.app_password()
        refresh = pds.session(account.handle, password)["refreshJwt"]

        account.revoke_app_password()

        gone = pds.post("com.atproto.server.createSession", {"identifier": account.handle, "password": password})
        assert gone.status_code == 401
        assert pds.post("com.atproto.server.refreshSession", token=refresh).json()["error"] == "ExpiredToken"

    def test_real_limits_can_be_had(self, tmp_path: Path, pds: Pds) -> None:
        assert pds.get("com.atproto.server.describeServer").headers.get("RateLimit-Limit") is None
        with running_pds(tmp_path, rate_limits=True) as limited:
            assert limited.get("com.atproto.server.describeServer").headers["RateLimit-Limit"] == "3000"

    def test_an_appview_counts_what_others_do(self, appview: Pds) -> None:
        author, anna, joao = (appview.create_account() for _ in range(3))
        post = author.create(POST, text="A story")
        anna.like(post)
        joao.like(post)
        joao.repost(post)
        anna.reply(post, "Well done")

        until(lambda: sum(appview.counts(post["uri"]).values()) == 4)
        counts = appview.counts(post["uri"])
        assert [counts[f"{name}Count"] for name in ("like", "repost", "reply", "quote")] == [2, 1, 1, 0]


class TestMastodon:
    def test_the_same_key_is_the_same_status(self, mastodon: Mastodon) -> None:
        account = mastodon.create_account()
        made = [
            mastodon.post("/api/v1/statuses", {"status": text}, account.token, headers={"Idempotency-Key": "k1"}).json()
            for text in ("A story", "A story", "Another story")
        ]

        assert len({status["id"] for status in made}) == 1
        assert [status["text"] for status in account.statuses()] == ["A story"]

    def test_a_picture_comes_back_to_the_byte(self, mastodon: Mastodon) -> None:
        account = mastodon.create_account()
        upload = {"file": ("card.png", PICTURE, "image/png"), "description": (None, "A bench")}
        media = ask("POST", f"{mastodon.url}/api/v2/media", account.token, files=upload).json()
        account.post("/api/v1/statuses", {"status": "With a picture", "media_ids": [media["id"]]})

        (status,) = account.statuses()

        assert status["media_attachments"][0]["description"] == "A bench"
        assert mastodon.media(status) == [PICTURE]

    def test_others_are_counted(self, mastodon: Mastodon) -> None:
        author, anna, joao = (mastodon.create_account() for _ in range(3))
        status = author.post("/api/v1/statuses", {"status": "A story"})
        anna.favourite(status)
        joao.favourite(status)
        joao.reblog(status)
        anna.reply(status, "Well done")

        (counted,) = author.statuses()

        assert [counted[f"{name}_count"] for name in ("favourites", "reblogs", "replies")] == [2, 1, 1]

    def test_its_own_faults_last_as_long_as_they_are_asked_for(self, mastodon: Mastodon) -> None:
        account = mastodon.create_account()
        with mastodon.fault("POST", "/api/v1/statuses", type="ratelimit"):
            assert mastodon.post("/api/v1/statuses", {"status": "A story"}, account.token).status_code == 429

        assert mastodon.post("/api/v1/statuses", {"status": "A story"}, account.token).status_code == 200

    def test_it_forgets_everything_when_asked(self, mastodon: Mastodon) -> None:
        account = mastodon.create_account()
        mastodon.reset()

        assert mastodon.get("/api/v1/accounts/verify_credentials", account.token).status_code == 401


class TestProxy:
    def test_what_no_fault_names_passes_unchanged(self) -> None:
        with serving(once(201, {"id": "7"}, X_Told="yes")) as upstream, Proxy(upstream.url) as proxy:
            told = ask("PUT", f"{proxy.url}/a/b?c=d&e=%20", "token", data=PICTURE, headers={"X-Asked": "why"})
            (call,) = proxy.seen("PUT", "/a/*")
            until(lambda: call.answered)

        assert (told.status_code, told.headers["X-Told"], told.json()) == (201, "yes", {"id": "7"})
        assert call.target == "/a/b?c=d&e=%20"
        assert call.body == body_of(upstream.requests[0]) == PICTURE
        assert (call.headers["authorization"], call.status) == ("Bearer token", 201)
        unlike = set(call.request.split(b"\r\n")) ^ set(upstream.requests[0].split(b"\r\n"))
        assert unlike == {b"Connection: keep-alive", b"Connection: close"}

    @pytest.mark.parametrize(
        ("act", "heard", "sees"),
        [
            (pass_on, 1, '200 {"id": "7"}'),
            (refuse, 0, "ConnectionResetError"),
            (cut_before, 0, "RemoteDisconnected"),
            (cut_after, 1, "RemoteDisconnected"),
            (reset_after, 1, "ConnectionResetError"),
            (hang, 1, "TimeoutError"),
            (half_body, 1, "IncompleteRead"),
            (garbage, 1, "BadStatusLine"),
            (drip(0.001), 1, '200 {"id": "7"}'),
            (delay(before=5), 0, "TimeoutError"),
            (delay(after=5), 1, "TimeoutError"),
            (delay(before=0.01, after=0.01), 1, '200 {"id": "7"}'),
            (error_before(503), 0, "503 "),
            (error_after(502, b"<html>"), 1, "502 <html>"),
            (redirect("http://127.0.0.1:9/elsewhere"), 0, "307 "),
            (rewritten(lambda body: body.replace(b"7", b"8")), 1, '200 {"id": "8"}'),
        ],
        ids=lambda it: it.__qualname__.partition(".")[0] if callable(it) else None,
    )
    def test_a_fault_does_what_it_says(self, act: Act, heard: int, sees: str) -> None:
        with serving(once(200, {"id": "7"})) as upstream, Proxy(upstream.url) as proxy:
            proxy.fault(("POST", "/api/v1/statuses"), act)

            assert post_through(proxy) == sees
            assert len(upstream.requests) == heard
            (call,) = proxy.calls
            until(lambda: call.answered == (sees[0].isdigit() or act is garbage))
            proxy.heal()
            assert post_through(proxy) == '200 {"id": "7"}'

    def test_a_dripping_answer_takes_its_time(self) -> None:
        with serving(once(200, {"id": "7"})) as upstream, Proxy(upstream.url) as proxy:
            proxy.fault(("POST", "*"), drip(0.01))
            started = time.monotonic()

            assert post_through(proxy) == '200 {"id": "7"}'
            assert time.monotonic() - started > 0.01 * len(proxy.calls[0].upstream_answer)

    def test_a_fault_says_when_to_come_again(self) -> None:
        with serving(once()) as upstream, Proxy(upstream.url) as proxy:
            proxy.fault(("GET", "*"), error_before(429, b"{}", Retry_After="7", X_RateLimit_Reset="1772438400"))
            told = ask("GET", f"{proxy.url}/limits")

        assert (told.headers["Retry-After"], told.headers["X-RateLimit-Reset"]) == ("7", "1772438400")

    def test_faults_are_met_in_order_and_as_often_as_told(self) -> None:
        with serving(once(200)) as upstream, Proxy(upstream.url) as proxy:
            proxy.fault(("POST", "/elsewhere"), cut_before)
            proxy.fault(("POST", "/api/*"), error_before(503), count=2)
            proxy.fault(("POST", "/api/v1/statuses"), error_before(429))

            assert [post_through(proxy)[:3] for _ in range(4)] == ["503", "503", "429", "200"]

    def test_hooks_run_at_their_moments(self) -> None:
        moments: list[tuple[str, int, bool]] = []
        with serving(once(200)) as upstream, Proxy(upstream.url) as proxy:

            def note(moment: str) -> Callable[[Any], None]:
                return lambda call: moments.append((moment, len(upstream.requests), call.answered))

            proxy.fault(
                ("POST", "/api/v1/statuses"),
                before_forward=note("before"),
                after_upstream=note("accepted"),
                after_answer=note("answered"),
            )
            post_through(proxy)
            until(lambda: len(moments) == 3)

        assert moments == [("before", 0, False), ("accepted", 1, False), ("answered", 1, True)]

    def test_a_hook_that_fails_is_no_client_that_has_gone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        failed: list[threading.ExceptHookArgs] = []
        monkeypatch.setattr(threading, "excepthook", failed.append)
        with serving(once(200)) as upstream, Proxy(upstream.url) as proxy:
            proxy.fault(("POST", "*"), before_forward=lambda call: os.kill(2**22 + 1, 9))
            assert post_through(proxy) == "RemoteDisconnected"
            until(lambda: failed)

        assert "the hook before_forward failed" in str(failed[0].exc_value)

    def test_a_proxy_that_is_down_refuses_and_comes_back_at_the_same_address(self) -> None:
        with serving(once(200)) as upstream, Proxy(upstream.url) as proxy:
            address = proxy.url
            proxy.down()
            assert [post_through(proxy) for _ in range(2)] == ["ConnectionRefusedError"] * 2
            proxy.up()

            assert post_through(proxy)[:3] == "200"
            assert proxy.url == address

    def test_calls_do_not_wait_for_each_other(self) -> None:
        sees: list[str] = []
        with serving(once(200)) as upstream, Proxy(upstream.url) as proxy:
            proxy.fault(("POST", "*"), delay(before=0.2), count=20)
            clients = [threading.Thread(target=lambda: sees.append(post_through(proxy)[:3])) for _ in range(20)]
            started = time.monotonic()
            for client in clients:
                client.start()
            for client in clients:
                client.join()

        assert sees == ["200"] * 20
        assert time.monotonic() - started < 2

    def test_nothing_is_left_of_a_closed_proxy(self) -> None:
        before = set(threading.enumerate())
        sees: list[str] = []
        with serving(once(200)) as upstream:
            with Proxy(upstream.url) as proxy:
                proxy.fault(("POST", "*"), hang, count=3)
                clients = [threading.Thread(target=lambda: sees.append(post_through(proxy, 10))) for _ in range(3)]
                for client in clients:
                    client.start()
                until(lambda: len(upstream.requests) == 3)
            for client in clients:
                client.join(5)

        assert sees == ["RemoteDisconnected"] * 3
        assert post_through(proxy) == "ConnectionRefusedError"
        assert set(threading.enumerate()) == before


class TestPrograms:
    def test_a_server_that_cannot_start_says_why(self, tmp_path: Path) -> None:
        complaint = [sys.executable, "-c", "raise SystemExit('no room')"]
        with pytest.raises(RuntimeError, match="did not start\nno room"), running(complaint, tmp_path / "log"):
            pass

    @pytest.mark.parametrize("server", ["pds", "mastodon"])
    def test_a_server_ends_with_its_test(self, request: pytest.FixtureRequest, tmp_path: Path, server: str) -> None:
        request.getfixturevalue(server)  # else there is nothing to start
        with started(tmp_path, server) as (tests, url):
            assert ask("GET", f"{url}/xrpc/_health").status_code in (200, 404)
            tests.kill()
            until(lambda: sees(url, "/") == "ConnectionRefusedError")


STARTS = """
import pathlib, sys, time
from tests.realservers.{server} import running_{server}
with running_{server}(pathlib.Path(sys.argv[1])) as server:
    print(server.url, flush=True)
    time.sleep(60)
"""


@contextmanager
def started(folder: Path, server: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run a process that starts a server and says where."""
    command = [sys.executable, "-c", STARTS.format(server=server), str(folder)]
    root = Path(__file__).parent.parent
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def put(account: Account, text: str) -> requests.Response:
    """Put a post at a record key at which there must be none, or the same."""
    record = {"$type": POST, "text": text, "createdAt": WHEN}
    body = {"repo": account.did, "collection": POST, "rkey": RKEY, "record": record, "swapRecord": None}
    return account.pds.post("com.atproto.repo.putRecord", body, account.token)


def once(status: int = 200, body: Any = None, **headers: str) -> Callable[[Talk], None]:
    """Answer a request and hang up, as a server does that was asked to."""
    data = json.dumps(body).encode()

    def act(talk: Talk) -> None:
        talk.read_request()
        talk.say(head(status, len(data), **headers) + data)

    return act


def post_through(proxy: Proxy, seconds: float = 0.5) -> str:
    """Post a status through a proxy, and return status and body, or the name of the error."""
    return sees(proxy.url, "/api/v1/statuses", b'{"status": "A story"}', seconds)


def sees(url: str, path: str, body: bytes = b"", seconds: float = 0.5) -> str:
    """Return what a plain client sees: status and body, or the name of the error."""
    with closing(HTTPConnection(url.removeprefix("http://"), timeout=seconds)) as connection:
        try:
            connection.request("POST", path, body)
            told = connection.getresponse()
            return f"{told.status} {told.read().decode()}"
        except (OSError, HTTPException) as error:
            return type(error).__name__
