"""Consent in a browser: it comes back to this machine by itself, or a person pastes where it ended."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from campaign.cli.callback import is_here
from campaign.cli.channel import Keyboard
from campaign.errors import Rejected, UsageError
from campaign.log import scrub
from campaign.platforms.grants import Code, Consent, consent

CODE = "c0de-that-gets-the-tokens"


class Person:
    """Reads what is printed, and answers each question by doing something and typing a line."""

    def __init__(self, *answers: Callable[[], str]) -> None:
        self._answers = iter(answers)

    def isatty(self) -> bool:
        return False

    def readline(self) -> str:
        answer = next(self._answers, None)
        return f"{answer()}\n" if answer else ""


@pytest.fixture
def redirect_uri() -> str:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"http://localhost:{free.getsockname()[1]}/callback"


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


@pytest.fixture
def ask(
    redirect_uri: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., tuple[str, str]]:
    """Ask a person who answers as told; return the address that came of it, and all that was printed."""

    def asked(*answers: Callable[[], str], redirect_uri: str = redirect_uri) -> tuple[str, str]:
        monkeypatch.setattr("sys.stdin", Person(*answers))
        came_to = Keyboard().consent("https://platform.example/authorize?state=s", redirect_uri)
        told = capfd.readouterr()
        return came_to, told.out + told.err

    return asked


def browse(address: str, status: int = 200) -> str:
    """Open an address as the browser does."""
    answer = requests.get(address.replace("localhost", "127.0.0.1"), timeout=10)
    assert answer.status_code == status
    return answer.text


def test_the_browser_comes_back_by_itself(ask: Callable[..., tuple[str, str]], redirect_uri: str) -> None:
    pages = []

    def browser() -> str:
        pages.append(browse(f"{redirect_uri}?code={CODE}&state=s"))
        return ""

    came_to, told = ask(browser)

    assert came_to == f"{redirect_uri}?code={CODE}&state=s"
    assert "You may close this window." in pages[0]
    assert CODE not in pages[0] + told
    assert "https://platform.example/authorize?state=s" in told
    assert "Press Enter when the browser says that it is done, or paste the address that it ended on:" in told
    assert scrub(f"no such code: {CODE}") == "no such code: ***"


def test_a_person_without_a_browser_here_pastes_the_address(
    ask: Callable[..., tuple[str, str]], redirect_uri: str
) -> None:
    came_to, told = ask(lambda: f"  {redirect_uri}?code={CODE}&state=s ")

    assert came_to == f"{redirect_uri}?code={CODE}&state=s"
    assert CODE not in told
    assert scrub(CODE) == "***"


def test_enter_before_the_browser_has_come_is_asked_again(
    ask: Callable[..., tuple[str, str]], redirect_uri: str
) -> None:
    came_to, told = ask(lambda: "", lambda: browse(f"{redirect_uri}?code={CODE}") and "")

    assert came_to == f"{redirect_uri}?code={CODE}"
    assert told.count("The browser has not come here yet.") == 1


def test_what_is_no_answer_to_the_question_is_not_taken(ask: Callable[..., tuple[str, str]], redirect_uri: str) -> None:
    begin = redirect_uri.removesuffix("/callback")

    def browser() -> str:
        for path in ("/favicon.ico", "/callback", "/callback?state=s", f"/elsewhere?code={CODE}"):
            browse(f"{begin}{path}", 404)
        browse(f"{redirect_uri}?error=access_denied")
        return ""

    assert ask(browser)[0] == f"{redirect_uri}?error=access_denied"


def test_an_address_without_a_path_is_answered_too(ask: Callable[..., tuple[str, str]], redirect_uri: str) -> None:
    bare = redirect_uri.removesuffix("/callback").replace("localhost", "127.0.0.1")
    assert ask(lambda: browse(f"{bare}/?code={CODE}") and "", redirect_uri=bare)[0] == f"{bare}?code={CODE}"


def test_connections_that_a_browser_opens_in_advance_keep_nobody_waiting(
    ask: Callable[..., tuple[str, str]], redirect_uri: str
) -> None:
    port = urlsplit(redirect_uri).port

    def browser() -> str:
        with socket.create_connection(("127.0.0.1", port)):
            browse(f"{redirect_uri}?code={CODE}")
        return ""

    assert ask(browser)[0] == f"{redirect_uri}?code={CODE}"


def test_a_browser_that_goes_away_early_says_nothing(ask: Callable[..., tuple[str, str]], redirect_uri: str) -> None:
    port = urlsplit(redirect_uri).port

    def browser() -> str:
        with socket.create_connection(("127.0.0.1", port)) as leaving:
            leaving.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            leaving.sendall(b"GET / HT")
        browse(f"{redirect_uri}?code={CODE}")
        return ""

    came_to, told = ask(browser)
    assert came_to == f"{redirect_uri}?code={CODE}"
    assert "Traceback" not in told


def test_where_the_port_is_taken_the_address_is_pasted(ask: Callable[..., tuple[str, str]], redirect_uri: str) -> None:
    with socket.create_server(("127.0.0.1", urlsplit(redirect_uri).port or 0)):
        came_to, told = ask(lambda: f"{redirect_uri}?code={CODE}")

    assert came_to == f"{redirect_uri}?code={CODE}"
    assert f"The browser's answer cannot be taken here: {redirect_uri}: Address already in use." in told
    assert "Paste the address of the page that the browser ends on:" in told


def test_an_address_elsewhere_is_pasted(ask: Callable[..., tuple[str, str]]) -> None:
    elsewhere = "https://example.org/done"
    came_to, told = ask(lambda: f"{elsewhere}?code={CODE}", redirect_uri=elsewhere)

    assert came_to == f"{elsewhere}?code={CODE}"
    assert "Press Enter" not in told


def test_where_nobody_answers_it_ends(ask: Callable[..., tuple[str, str]]) -> None:
    with pytest.raises(UsageError, match="no answer to: Press Enter"):
        ask()


@pytest.mark.parametrize(
    ("redirect_uri", "here"),
    [
        ("http://localhost:8765/callback", True),
        ("http://127.0.0.1:8765", True),
        ("https://localhost:8765/callback", False),  # nobody here has a certificate
        ("http://localhost/callback", False),
        ("http://example.org:8765/callback", False),
        ("urn:ietf:wg:oauth:2.0:oob", False),
    ],
)
def test_only_what_leads_here_is_listened_to(redirect_uri: str, here: bool) -> None:
    assert is_here(redirect_uri) == here


def test_a_login_gets_its_code_and_refuses_what_another_page_sends(
    redirect_uri: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    asked = Consent("https://platform.example/authorize", "app-1", redirect_uri, "write", proof_key=True)

    def state() -> str:
        (line,) = (line for line in capfd.readouterr().out.splitlines() if line.startswith("https://platform.example"))
        return parse_qs(urlsplit(line).query)["state"][0]

    monkeypatch.setattr("sys.stdin", Person(lambda: browse(f"{redirect_uri}?code={CODE}&state={state()}") and ""))
    got = consent(Keyboard(), asked)
    assert got == Code(CODE, got.verifier)
    assert got.verifier

    monkeypatch.setattr("sys.stdin", Person(lambda: browse(f"{redirect_uri}?code={CODE}&state=another") and ""))
    with pytest.raises(Rejected, match="this address answers another login"):
        consent(Keyboard(), asked)
