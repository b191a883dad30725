"""How a channel gets its token: pasted, or through the browser."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

import pytest

from campaign.errors import NotSent, Rejected
from campaign.rehearsal.clock import VirtualClock
from tests.platforms.mastodon.scripted import HTML_ERROR, TOKEN, Person, Said, Scripted, adapter, error_of

SCOPES = "read:accounts read:statuses write:statuses write:media"


def test_a_pasted_token_is_tried_and_kept_with_its_server(server: Scripted, clock: VirtualClock) -> None:
    person = Person(["pasted-token"])

    tokens = adapter(server, clock, token=None).login(person)

    assert tokens == {"token": "pasted-token", "base_url": server.server.url}
    assert server.calls == ["GET /api/v1/accounts/verify_credentials"]
    assert server.sent[0].headers["authorization"] == "Bearer pasted-token"
    assert person.asked[0][1], "the token is not shown while it is typed"
    assert person.told == [f"Logged in as asa on {server.server.url}."]


def test_the_browser_gives_a_code_for_a_token(server: Scripted, clock: VirtualClock) -> None:
    server.says("POST /api/v1/apps", {"client_id": "the-client", "client_secret": "its-secret"})
    server.says("POST /oauth/token", {"access_token": "granted-token", "token_type": "Bearer", "scope": SCOPES})
    person = Person(["", "the-code"])

    tokens = adapter(server, clock).login(person)

    assert tokens == {
        "token": "granted-token",
        "client_id": "the-client",
        "client_secret": "its-secret",
        "base_url": server.server.url,
    }
    assert server.calls == ["POST /api/v1/apps", "POST /oauth/token", "GET /api/v1/accounts/verify_credentials"]
    here = "urn:ietf:wg:oauth:2.0:oob"
    assert server.sent[0].form == {"client_name": "campaign", "redirect_uris": here, "scopes": SCOPES}
    address = urlsplit(person.told[0].splitlines()[1])
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{server.server.url}/oauth/authorize"
    asked = {name: value for name, [value] in parse_qs(address.query).items()}
    exchanged = server.sent[1].form
    proof = base64.urlsafe_b64encode(hashlib.sha256(exchanged.pop("code_verifier").encode()).digest())
    assert asked == {
        "response_type": "code",
        "client_id": "the-client",
        "redirect_uri": here,
        "scope": SCOPES,
        "code_challenge": proof.decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    assert exchanged == {
        "grant_type": "authorization_code",
        "code": "the-code",
        "redirect_uri": here,
        "scope": SCOPES,
        "client_id": "the-client",
        "client_secret": "its-secret",
    }
    assert all("authorization" not in sent.headers for sent in server.sent[:2])
    assert server.sent[2].headers["authorization"] == "Bearer granted-token"
    assert [hidden for _, hidden in person.asked] == [True, True]


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        ("POST /api/v1/apps", Said({"error": "Validation failed: Scopes invalid"}, 422)),
        ("POST /oauth/token", Said({"error": "invalid_grant", "error_description": "expired: the-code"}, 400)),
        ("POST /oauth/token", Said({"error": "invalid_client"}, 401)),
        ("GET /api/v1/accounts/verify_credentials", Said({"error": "no scope for granted-token"}, 403)),
    ],
)
def test_a_refusal_gives_its_reason_and_no_secret(
    server: Scripted, clock: VirtualClock, call: str, answer: Said
) -> None:
    server.says("POST /api/v1/apps", {"client_id": "the-client", "client_secret": "its-secret"})
    server.says("POST /oauth/token", {"access_token": "granted-token"})
    server.says(call, answer)

    error = error_of(lambda: adapter(server, clock).login(Person(["", "the-code"])))

    assert isinstance(error, Rejected)
    assert answer.body["error"].replace("granted-token", "***") in str(error)
    assert "Begin again" in str(error)
    for secret in ("the-code", "its-secret", "granted-token", TOKEN):
        assert secret not in str(error)


@pytest.mark.parametrize(
    "answer", [Said(HTML_ERROR), Said({}), Said(HTML_ERROR, 502), Said({"error": "slow down"}, 429)]
)
def test_a_server_that_is_unwell_is_said_to_be(server: Scripted, clock: VirtualClock, answer: Said) -> None:
    server.says("POST /api/v1/apps", answer)

    assert isinstance(error_of(lambda: adapter(server, clock).login(Person([""]))), NotSent)
