"""How a channel gets the token of its page: consent, a short token, a long one, then the page's."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from campaign.config import Secret
from campaign.errors import NotSent, Rejected
from campaign.log import scrub
from campaign.rehearsal.clock import VirtualClock
from tests.platforms.facebook.scripted import (
    APP_SECRET,
    HTML_ERROR,
    PAGE,
    Person,
    Said,
    Scripted,
    Tokens,
    V,
    adapter,
    error,
    error_of,
)

BACK = "http://127.0.0.1:8400/"
EXCHANGE, ACCOUNTS = f"GET {V}/oauth/access_token", f"GET {V}/me/accounts"
APP = {"client_id": "77", "client_secret": Secret(APP_SECRET), "redirect_uri": BACK}


def page(id: str = PAGE, **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "name": f"Page {id}",
        "access_token": f"canary-token-of-{id}",
        "tasks": ["CREATE_CONTENT"],
        **more,
    }


@pytest.fixture(autouse=True)
def _grants(server: Scripted) -> None:
    server.says(
        EXCHANGE,
        {"access_token": "canary-brief", "token_type": "bearer", "expires_in": 5400},
        {"access_token": "canary-long", "token_type": "bearer", "expires_in": 5184000},
    )
    server.says(ACCOUNTS, {"data": [page("42"), page()]})


def test_the_pages_token_comes_from_the_long_lived_one(server: Scripted, clock: VirtualClock) -> None:
    person = Person()

    tokens = adapter(server, clock, Tokens(), **APP, page=PAGE).login(person)

    assert tokens == {"token": f"canary-token-of-{PAGE}", "refresh": "", "account": PAGE, "server": server.server.url}
    assert server.calls == [EXCHANGE, EXCHANGE, ACCOUNTS]
    brief, long, accounts = (dict(sent.query) for sent in server.sent)
    app = {"client_id": "77", "client_secret": APP_SECRET}
    assert brief == {**app, "redirect_uri": BACK, "code": "canary-code"}
    assert long == {**app, "grant_type": "fb_exchange_token", "fb_exchange_token": "canary-brief"}
    assert accounts.keys() == {"fields", "limit", "appsecret_proof"}
    assert (accounts["fields"], accounts["limit"]) == ("id,name,access_token,tasks", "100")
    assert server.sent[2].headers["authorization"] == "Bearer canary-long"
    assert person.told == [f"Logged in for the page Page {PAGE}."]


def test_the_person_is_asked_for_what_each_ability_needs(server: Scripted, clock: VirtualClock) -> None:
    person = Person()

    adapter(server, clock, Tokens(), **APP, page=PAGE).login(person)

    address = urlsplit(person.opened[0])
    asked = {name: value for name, [value] in parse_qs(address.query).items()}
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"https://www.facebook.com{V}/dialog/oauth"
    assert len(asked.pop("state")) > 20
    assert asked == {
        "response_type": "code",
        "client_id": "77",
        "redirect_uri": BACK,
        "scope": "pages_show_list,pages_manage_posts,pages_read_engagement,read_insights,pages_manage_engagement,"
        "pages_read_user_content",
    }


def test_the_only_page_need_not_be_named(server: Scripted, clock: VirtualClock) -> None:
    server.says(ACCOUNTS, {"data": [page("42", tasks=["ANALYZE", "CREATE_CONTENT"])]})

    assert adapter(server, clock, Tokens(), **APP).login(Person())["account"] == "42"


def test_of_several_pages_the_person_names_one(server: Scripted, clock: VirtualClock) -> None:
    person = Person([PAGE])

    assert adapter(server, clock, Tokens(), **APP).login(person)["account"] == PAGE

    assert person.told[0] == f"Your pages:\n  42  Page 42\n  {PAGE}  Page {PAGE}"


def test_no_token_is_shown_from_then_on(server: Scripted, clock: VirtualClock) -> None:
    adapter(server, clock, Tokens(), **APP, page=PAGE).login(Person())

    for secret in ("canary-brief", "canary-long", f"canary-token-of-{PAGE}"):
        assert secret not in scrub(f"seen: {secret}")


@pytest.mark.parametrize(
    ("pages", "words"),
    [
        ({"data": [page("42")]}, "Facebook gave no token for the page 1040001"),
        ({"data": []}, "Facebook gave no token for the page 1040001"),
        ({"data": [{"id": PAGE}, 3]}, "Facebook gave no token for the page 1040001"),
        ({}, "  none"),
        ({"data": [page(tasks=["ANALYZE"])]}, "you may not publish on this page"),
    ],
)
def test_without_the_page_there_is_no_login(server: Scripted, clock: VirtualClock, pages: Any, words: str) -> None:
    server.says(ACCOUNTS, pages)

    raised = error_of(lambda: adapter(server, clock, Tokens(), **APP, page=PAGE).login(Person()))

    assert isinstance(raised, Rejected)
    assert words in str(raised)
    assert "canary" not in str(raised)


@pytest.mark.parametrize("lacking", ["client_id", "client_secret", "redirect_uri"])
def test_without_an_app_nobody_is_sent_anywhere(server: Scripted, clock: VirtualClock, lacking: str) -> None:
    app = {name: value for name, value in APP.items() if name != lacking}
    person = Person()

    raised = error_of(lambda: adapter(server, clock, Tokens(), **app).login(person))

    assert isinstance(raised, Rejected)
    assert "redirect_uri" in str(raised)
    assert person.opened == []


def test_who_does_not_agree_is_told_so(server: Scripted, clock: VirtualClock) -> None:
    raised = error_of(lambda: adapter(server, clock, Tokens(), **APP).login(Person(agrees=False)))

    assert isinstance(raised, Rejected)
    assert "Permissions error" in str(raised)
    assert server.calls == []


@pytest.mark.parametrize(
    ("call", "answer", "kind"),
    [
        (EXCHANGE, Said(error(100, 36007, "This authorization code has expired: canary-code"), 400), Rejected),
        (EXCHANGE, Said(error(1, 0, "Try again"), 500), NotSent),
        (EXCHANGE, Said(HTML_ERROR), NotSent),
        (ACCOUNTS, Said(error(200, 0, "Requires pages_show_list"), 403), Rejected),
        (ACCOUNTS, Said(HTML_ERROR, 502), NotSent),
    ],
)
def test_a_refusal_gives_its_reason(
    server: Scripted, clock: VirtualClock, call: str, answer: Said, kind: type[Exception]
) -> None:
    server.says(call, answer)

    raised = error_of(lambda: adapter(server, clock, Tokens(), **APP).login(Person()))

    assert type(raised) is kind
    assert APP_SECRET not in str(raised)
    assert "canary-code" not in str(raised)
