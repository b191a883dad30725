"""The token stands in the address of every call, and in no text that is told of one."""

from __future__ import annotations

import io
from urllib.parse import quote

import pytest
import requests
from requests.adapters import BaseAdapter

from campaign.clock import Clock
from campaign.errors import PlatformError
from campaign.log import LOGGER, Secrets, scrub, set_up, tell
from campaign.platforms.http import Http, Wire
from campaign.platforms.telegram.adapter import Telegram
from campaign.platforms.telegram.settings import TelegramSettings
from campaign.rehearsal.clock import VirtualClock
from tests.platforms.mastodon.scripted import Person, Scripted, Tokens, error_of, item
from tests.platforms.telegram.bot import CHANNEL, SECRET_PART, TOKEN, Api, adapter
from tests.wire import refusing


@pytest.fixture(autouse=True)
def _new_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin as a process that knows no secret yet: the adapter itself must make it known."""
    monkeypatch.setattr("campaign.log.KNOWN", Secrets())


def stored(clock: Clock, url: str, http: Http) -> Telegram:
    """Return an adapter whose token was stored by a login, whatever reads it."""
    tokens = Tokens()
    tokens.load = lambda: {"token": TOKEN, "base_url": url}  # type: ignore[method-assign]
    return Telegram(TelegramSettings(base_url=url, chat=str(CHANNEL)), http, clock, tokens)


def said_of(error: PlatformError) -> str:
    """Return everything that Python shows of an error, and of what it came from."""
    return f"{error!s} {error!r} {error.__cause__!r} {error.args!r}"


def test_a_server_that_cannot_be_reached_is_told_without_it(clock: VirtualClock) -> None:
    url = refusing()
    error = error_of(stored(clock, url, Http(url, clock, scrub=scrub)).followers)

    assert "/bot***/getChatMemberCount" in str(error)  # so the address would have told it
    assert SECRET_PART not in said_of(error)


class _Breaks(BaseAdapter):
    """Fails with the address in the words of the error, in one of its forms."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self.form = form

    def send(self, request: requests.PreparedRequest, *args: object, **kwargs: object) -> requests.Response:
        raise requests.ConnectionError(f"Max retries exceeded with url: /bot{self.form}/sendMessage")

    def close(self) -> None:
        return None


FORMS = {
    "as it is": TOKEN,
    "percent-encoded": quote(TOKEN, safe=""),
    "its secret half": SECRET_PART,
    "in Python": repr({"url": f"/bot{TOKEN}/x"}),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_an_exception_of_requests_shows_none_of_its_forms(clock: VirtualClock, form: str) -> None:
    def breaking(wire: Wire) -> BaseAdapter:
        return _Breaks(form)

    url = "https://api.example.org"
    bot = stored(clock, url, Http(url, clock, transport=breaking, scrub=scrub))

    for call in (bot.followers, bot.check, lambda: bot.publish(item(), None, idempotency_key="k")):  # type: ignore[arg-type]
        error = error_of(call)  # type: ignore[arg-type]
        assert "***" in str(error)
        assert SECRET_PART not in said_of(error)


@pytest.mark.parametrize("code", [400, 401, 403, 404, 429, 500])
def test_a_server_that_echoes_the_address_tells_nobody(
    server: Scripted, api: Api, clock: VirtualClock, code: int
) -> None:
    api.refuses("getChatMemberCount", code, f"no such thing as /bot{quote(TOKEN, safe='')}/x or {TOKEN}")

    error = error_of(adapter(server, clock).followers)

    assert SECRET_PART not in said_of(error)


def test_a_login_that_fails_shows_nothing_of_it(server: Scripted, api: Api, clock: VirtualClock) -> None:
    api.refuses("getMe", 401, f"Unauthorized: {TOKEN}")
    person = Person([TOKEN])

    error = error_of(lambda: adapter(server, clock, token=None).login(person))

    assert SECRET_PART not in said_of(error)
    assert SECRET_PART not in str(person.told)


def test_the_log_hides_it_even_in_a_trace(
    server: Scripted, api: Api, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LOGGER, "handlers", [])
    told = io.StringIO()
    set_up("human", clock, stream=told)
    api.says("getChatMemberCount", 3)
    adapter(server, clock).followers()

    try:
        raise requests.ConnectionError(f"https://api.example.org/bot{TOKEN}/sendMessage")
    except requests.ConnectionError:
        tell("call.failed", exc_info=True, reason=f"/bot{quote(TOKEN, safe='')}/getMe")

    assert "sendMessage" in told.getvalue()
    assert SECRET_PART not in told.getvalue()
