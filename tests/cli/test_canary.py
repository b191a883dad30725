"""A token that stood in the sealed store only is shown nowhere, although the platform echoes it in whatever it says."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from campaign import accounts, measure, notify, publish, store
from campaign.app import App
from campaign.errors import NotSent, PlatformError
from campaign.log import Secrets, set_up, tell
from campaign.models import ChannelState, PostStatus
from campaign.platforms import PLATFORMS
from campaign.platforms.base import (
    Absent,
    Account,
    CannotTell,
    Checkpoint,
    Confirmation,
    Found,
    Limits,
    Metrics,
    Outgoing,
    Platform,
    Prompt,
    Published,
)
from campaign.platforms.http import Answer
from campaign.rehearsal.clock import VirtualClock
from tests.cli.conftest import Keyboard
from tests.making import fresh, make_post, make_story
from tests.wire import Server, Talk, head, serving

TOKEN = 'c4n4ry/of+the"mine&0042'
CHANNEL = """
[channels.echo]
platform = "echo"
base_url = "{url}"
slots = []
spacing = "0 min"
daily_cap = 9
repeat_guard = "0 min"
"""


def echo(talk: Talk) -> None:
    """Refuse a request, and say of it whatever an error page may say."""
    request = talk.read_request()
    said = {
        "token": TOKEN,
        "in an address": [quote(TOKEN), quote(TOKEN, safe=""), quote_plus(TOKEN)],
        "in JSON": json.dumps({"token": TOKEN}),
        "in Python": repr({"token": TOKEN}),
        "as basic": [base64.b64encode(f"{name}:{TOKEN}!".encode()).decode() for name in ("a", "ab", "abc")],
    }
    body = f"<html><p>{TOKEN}</p>{json.dumps(said)}</html>".encode()
    talk.say(head(401 if b"/dead" in request else 500, len(body), Retry_After="1") + body)
    talk.wait()


class Echo(Platform):
    """The adapter of a platform that echoes."""

    name = "echo"
    limits = Limits(text=500)
    settle = timedelta(0)
    dead = False  # whether it says that the token is

    def classify(self, answer: Answer) -> PlatformError | None:
        return NotSent(f"not accepted: {answer.said}", token_dead=True) if answer.status == 401 else None

    def login(self, prompt: Prompt) -> dict[str, str]:
        tokens = {"token": prompt.ask("Token", hidden=True)}
        self._call(tokens)
        return tokens

    def _call(self, tokens: dict[str, str] | None = None, **options: bool) -> Answer:
        bearer = {"Authorization": f"Bearer {(tokens or self.tokens.load())['token']}"}
        return self.http.post("/dead" if self.dead else "/", headers=bearer, **options)

    def check(self) -> Account:
        return Account(self._call().text("id"), "Echo", self.limits)

    def prepare(self, item: Outgoing, checkpoint: Checkpoint) -> None:
        if "prepare" in item.text:
            self._call()

    def publish(self, item: Outgoing, checkpoint: Checkpoint, *, idempotency_key: str) -> Published:
        return Published(self._call(visible=True).text("id"))

    def find(self, item: Outgoing, checkpoint: Checkpoint, since: datetime) -> Found | Absent | CannotTell:
        return Found(self._call().text("id"))

    def confirm(self, remote_id: str) -> Confirmation:
        return Confirmation(self._call().text("url"))

    def metrics(self, remote_ids: Sequence[str]) -> dict[str, Metrics]:
        self._call()
        return {}

    def followers(self) -> int | None:
        return self._call().count("followers")


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(echo) as server:
        yield server


@pytest.fixture
def forget(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Begin as a new process, which knows no secret."""
    return lambda: monkeypatch.setattr("campaign.log.KNOWN", Secrets())


@pytest.fixture
def app(
    server: Server,
    config_file: Path,
    make_app: Callable[..., App],
    monkeypatch: pytest.MonkeyPatch,
    forget: Callable[[], None],
) -> App:
    """The program with an enabled channel on the platform, its tokens sealed by an earlier process."""
    monkeypatch.setitem(PLATFORMS, "echo", "tests.cli.test_canary:Echo")
    config_file.write_text(config_file.read_text() + CHANNEL.format(url=server.url))
    app = make_app()
    app.tokens("echo").save({"token": TOKEN})
    with app.writing() as db:
        state = db.get_one(ChannelState, "echo")
        state.enabled, state.account_id = True, "1"
        db.add(state)
    forget()
    return app


def assert_hidden(*texts: str) -> None:
    """Make sure that no text holds a token, however it is written."""
    inside = [base64.b64encode(b" " * n + TOKEN.encode())[4:-4].decode() for n in range(3)]
    for text in texts:
        for trace in ("c4n4ry", "mine&", "mine%26", *inside):
            assert trace not in text, (trace, text[max(text.find(trace) - 60, 0) :][:200])


def stored(app: App) -> str:
    """Return every byte of the database."""
    assert app.db.file is not None
    return app.db.file.read_bytes().decode("utf-8", "replace")


@pytest.mark.parametrize("style", ["human", "json"])
def test_the_daemon_shows_no_token(app: App, clock: VirtualClock, server: Server, style: str) -> None:
    stream = io.StringIO()
    set_up(style, clock, stream=stream)  # type: ignore[arg-type]
    posts = [
        make_post(app, make_story(app, slug), channel="echo", text=text, due_in=timedelta(minutes=n))
        for n, (slug, text) in enumerate((("refused", "It ends when we prepare it."), ("open", "Is it live?")))
    ]
    live = make_post(
        app, make_story(app, "live"), channel="echo", status=PostStatus.PUBLISHED, due_in=-timedelta(minutes=1)
    )
    with app.writing() as db:
        store.change_post(db, live, published_at=clock.now(), confirm_at=clock.now())
        [part] = store.parts_of(db, live.uuid)
        part.remote_id = "1"
        db.add(part)
        store.schedule_snapshots(db, live, clock.now(), (timedelta(hours=1), timedelta(hours=6)), app.new_id)

    for _ in range(40):
        publish.run(app, "echo")
        accounts.run(app)
        measure.run(app)
        notify.run(app)
        clock.advance(timedelta(hours=1))

    assert len(server.requests) > 20
    assert any(f"Bearer {TOKEN}".encode() in request for request in server.requests)
    assert "***" in fresh(app, posts[1]).reason
    with app.reading() as db:
        assert "***" in "".join(event.note for event in store.events(db, post=posts[0].uuid))
        assert "***" in "".join(alert.message for alert in store.open_alerts(db))
        [attempt] = store.attempts_of(db, store.parts_of(db, posts[1].uuid)[0].uuid)
    assert "***" in attempt.detail
    assert stream.getvalue().count("***") > 20
    assert_hidden(stream.getvalue(), stored(app))


@pytest.mark.parametrize("what", ["publish", "account"])
def test_a_channel_whose_token_is_refused_shows_no_token(
    app: App, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(Echo, "dead", True)
    make_post(app, channel="echo")
    for _ in range(10):
        publish.run(app, "echo") if what == "publish" else accounts.run(app)
        clock.advance(timedelta(minutes=5))

    with app.reading() as db:
        [alert] = store.open_alerts(db)
    assert "not accepted: " in alert.message
    assert "***" in alert.message
    assert "campaign channel login echo" in alert.remedy
    assert_hidden(stored(app), alert.message)


def test_no_command_shows_a_token(
    app: App, folder: Keyboard, forget: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert app.owner is not None
    app.owner.release()
    app.owner = None
    post = make_post(app, channel="echo")

    told = []
    for words, code in (
        (("tick",), 0),
        (("channel", "check", "echo"), 3),
        (("channel", "enable", "echo"), 1),
        (("check",), 3),
        (("measure",), 0),
        (("why", post.uuid), 0),
        (("status",), 3),
        (("status", "--json"), 3),
        (("log", "--json"), 0),
        (("channel", "list", "--json"), 0),
        (("post", "show", post.uuid), 0),
    ):
        forget()
        told.append(folder(*words, code=code))
    for dead in (False, True):
        monkeypatch.setattr(Echo, "dead", dead)
        forget()
        told.append(folder("channel", "login", "echo", code=1, answer=f"{TOKEN}\n"))

    assert "***" in "".join(told)
    assert_hidden(*told, stored(app))


@pytest.mark.parametrize("call", ["prepare", "publish", "find", "confirm", "metrics", "check"])
def test_a_bug_of_an_adapter_shows_no_token(
    app: App, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    stream = io.StringIO()
    set_up("json", clock, stream=stream)

    def stumble(adapter: Echo, *_: object, **__: object) -> None:
        raise KeyError(adapter.tokens.load()["token"])

    monkeypatch.setattr(Echo, call, stumble)
    make_post(app, channel="echo")
    live = make_post(
        app, make_story(app, "live"), channel="echo", status=PostStatus.PUBLISHED, due_in=-timedelta(days=1)
    )
    with app.writing() as db:
        store.change_post(db, live, published_at=clock.now(), confirm_at=clock.now())
        [part] = store.parts_of(db, live.uuid)
        part.remote_id = "1"
        db.add(part)
        store.schedule_snapshots(db, live, clock.now(), (timedelta(hours=1),), app.new_id)

    for _ in range(30):
        publish.run(app, "echo")
        accounts.run(app)
        measure.run(app)
        clock.advance(timedelta(hours=1))

    assert "KeyError" in stream.getvalue() or "***" in stream.getvalue()
    assert_hidden(stream.getvalue(), stored(app))


def test_a_bug_of_ours_shows_no_token_in_the_log(app: App, clock: VirtualClock) -> None:
    stream = io.StringIO()
    set_up("json", clock, stream=stream)
    app.tokens("echo").load()
    try:
        raise KeyError(TOKEN)
    except KeyError:
        tell("job.failed", job="publish:echo", exc_info=True)

    assert "KeyError" in stream.getvalue()
    assert_hidden(stream.getvalue())
