"""OAuth as several platforms use it: consent, and one grant after the other."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from campaign.credentials import HeldTokens
from campaign.errors import NotSent, Rejected, StoreError
from campaign.platforms.grants import SPARE, Code, Consent, Grant, Grants, challenge, consent, grant_in
from campaign.rehearsal.clock import VirtualClock

SERVER = "https://api.example.org"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ASKED = Consent("https://example.org/authorize", "our-app", "http://127.0.0.1:8400/", "read write", proof_key=True)


def stored(**changes: object) -> HeldTokens:
    tokens = HeldTokens()
    tokens.save(
        replace(Grant("one", "again", NOW + timedelta(hours=1), account="7", server=SERVER), **changes).stored()
    )  # type: ignore[arg-type]
    return tokens


class Endpoint:
    """Renews, and counts how often."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, grant: Grant) -> Grant:
        self.asked.append(grant.refresh)
        return replace(grant, token=f"{grant.token}+", refresh=f"{grant.refresh}+", expires_at=NOW + timedelta(hours=9))


@pytest.fixture
def now() -> VirtualClock:
    return VirtualClock(NOW)


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint()


def test_a_grant_is_stored_and_read_as_it_was() -> None:
    grant = Grant("t", "r", NOW, NOW + timedelta(days=365), NOW, "urn:li:organization:1", SERVER)
    assert grant_in(grant.stored(), SERVER) == grant
    assert grant.bearer == {"Authorization": "Bearer t"}


def test_another_server_is_never_given_it() -> None:
    assert grant_in(Grant("t", server=SERVER).stored(), "https://elsewhere.example.org") is None


def test_no_secret_is_in_what_python_shows_of_it() -> None:
    assert "very" not in f"{Grant('very-secret', 'very-secret-too')!r}{Code('very-secret', 'very')!r}"


@pytest.mark.parametrize(
    ("refresh", "expires", "until", "end"),
    [("r", NOW, None, None), ("r", NOW, NOW + SPARE, NOW + SPARE), ("", NOW, None, NOW), ("", None, None, None)],
)
def test_it_ends_when_only_a_person_can_go_on(
    refresh: str, expires: datetime | None, until: datetime | None, end: datetime | None
) -> None:
    assert Grant("t", refresh, expires, until).ends_at == end


def test_nobody_is_logged_in(now: VirtualClock) -> None:
    with pytest.raises(NotSent, match="nobody is logged in") as raised:
        Grants(HeldTokens(), now, SERVER).lasting()
    assert raised.value.token_dead


def test_one_that_lasts_is_not_renewed(now: VirtualClock, endpoint: Endpoint) -> None:
    grants = Grants(stored(), now, SERVER, endpoint)
    assert grants.lasting().token == "one"
    assert grants.at_hand().token == "one"
    assert endpoint.asked == []


def test_one_that_nothing_renews_is_used_to_its_end(now: VirtualClock) -> None:
    assert Grants(stored(expires_at=NOW), now, SERVER).lasting().token == "one"


def test_it_is_renewed_ahead_stored_before_it_is_used_and_kept_for_the_visible_call(
    now: VirtualClock, endpoint: Endpoint
) -> None:
    tokens = stored()
    grants = Grants(tokens, now, SERVER, endpoint, ahead=timedelta(hours=2))
    assert grants.lasting().token == "one+"
    assert grants.at_hand().token == "one+"
    assert tokens.load()["token"] == "one+"
    assert tokens.load()["renewed_at"] == NOW.isoformat()
    assert grants.lasting().token == "one+"
    assert endpoint.asked == ["again"]


def test_what_is_stored_beside_it_stays(now: VirtualClock, endpoint: Endpoint) -> None:
    tokens = stored()
    tokens.save({**tokens.load(), "page": "12"})
    Grants(tokens, now, SERVER, endpoint, ahead=timedelta(hours=2)).lasting()
    assert tokens.load()["page"] == "12"


def test_one_that_was_refused_is_renewed_whatever_its_date(now: VirtualClock, endpoint: Endpoint) -> None:
    grants = Grants(stored(), now, SERVER, endpoint)
    grants.refused(grants.lasting())
    assert grants.at_hand().token == "one"  # there is no other before the next preparation
    assert grants.lasting().token == "one+"


def test_whoever_waited_takes_what_the_one_before_has_got(now: VirtualClock, endpoint: Endpoint) -> None:
    tokens = stored(expires_at=NOW)
    late = Grants(tokens, now, SERVER, endpoint)
    stale = late.known()
    Grants(tokens, now, SERVER, endpoint).lasting()
    assert stale.token == "one"
    assert late.lasting().token == "one+"
    assert endpoint.asked == ["again"]


def test_one_that_was_renewed_meanwhile_is_taken(now: VirtualClock, endpoint: Endpoint) -> None:
    class Overtaken(HeldTokens):
        def renewing(self) -> AbstractContextManager[dict[str, str]]:
            self.save(stored(token="another's").load())
            return super().renewing()

    tokens = Overtaken()
    tokens.save(stored(expires_at=NOW).load())
    assert Grants(tokens, now, SERVER, endpoint).lasting().token == "another's"
    assert endpoint.asked == []


def test_tokens_that_were_taken_away_meanwhile_are_not_renewed(now: VirtualClock, endpoint: Endpoint) -> None:
    class Vanishing(HeldTokens):
        def load(self) -> dict[str, str]:
            found, self._tokens = super().load(), {}
            return found

    tokens = Vanishing()
    tokens.save(stored(expires_at=NOW).load())
    with pytest.raises(NotSent, match="nobody is logged in"):
        Grants(tokens, now, SERVER, endpoint).lasting()
    assert endpoint.asked == []


class Losing:
    """Renews, but what it answers is lost on the way; from then on it takes the used token no more."""

    def __init__(self, error: NotSent | None = None) -> None:
        self.answers: list[NotSent] = [error or NotSent("no answer")]

    def __call__(self, grant: Grant) -> Grant:
        raise self.answers.pop(0) if self.answers else NotSent("it is used up", token_dead=True)


def test_that_an_answer_was_lost_is_said_once_the_platform_takes_the_used_token_no_more(now: VirtualClock) -> None:
    tokens, losing = stored(expires_at=NOW), Losing()
    with pytest.raises(NotSent) as lost:
        Grants(tokens, now, SERVER, losing).lasting()
    now.advance(timedelta(minutes=5))

    for _ in range(2):
        with pytest.raises(NotSent) as refused:
            Grants(tokens, now, SERVER, losing).lasting()
        assert refused.value.token_dead
        assert str(refused.value) == (
            "the answer to a renewal at 2026-03-02 09:00 UTC was lost, and the next token with it (it is used up)\n"
            "  Log in again."
        )
    assert not lost.value.token_dead


def test_a_renewal_that_never_arrived_is_made_again(now: VirtualClock, endpoint: Endpoint) -> None:
    tokens = stored(expires_at=NOW)
    with pytest.raises(NotSent):
        Grants(tokens, now, SERVER, Losing()).lasting()

    assert Grants(tokens, now, SERVER, endpoint).lasting().token == "one+"
    assert "renewal_began" not in tokens.load()


def test_a_refusal_that_was_answered_speaks_of_nothing_lost(now: VirtualClock) -> None:
    tokens = stored(expires_at=NOW)
    for _ in range(2):
        with pytest.raises(NotSent, match=r"^it is revoked$"):
            Grants(tokens, now, SERVER, Losing(NotSent("it is revoked", token_dead=True))).lasting()
    assert "renewal_began" not in tokens.load()


def test_a_grant_that_could_not_be_stored_is_stored_before_another_is_asked_for(
    now: VirtualClock, endpoint: Endpoint
) -> None:
    class Full(HeldTokens):
        writes = 0

        def save(self, tokens: Mapping[str, str]) -> None:
            self.writes += 1
            if self.writes == 3:  # the first is the old grant, the second the note that it is being renewed
                raise StoreError("the disk is full")
            super().save(tokens)

    tokens = Full()
    tokens.save(stored(expires_at=NOW).load())
    grants = Grants(tokens, now, SERVER, endpoint)

    with pytest.raises(StoreError):
        grants.lasting()

    assert tokens.load()["token"] == "one"
    assert grants.lasting().token == "one+"
    assert tokens.load()["token"] == "one+"
    assert endpoint.asked == ["again"]


class Browser:
    """A person who agrees, and comes back to an address made from the question's."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.query: dict[str, str] = {}

    def ask(self, question: str, *, hidden: bool = False) -> str:
        raise AssertionError(question)

    def tell(self, text: str) -> None:
        raise AssertionError(text)

    def consent(self, address: str, redirect_uri: str) -> str:
        self.query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        return f"{redirect_uri}?{self.answer.format(**self.query)}"


def test_consent_asks_with_a_proof_and_brings_the_code() -> None:
    browser = Browser("code=abc&state={state}")
    code = consent(browser, ASKED)
    assert code.code == "abc"
    assert browser.query == {
        "response_type": "code",
        "client_id": "our-app",
        "redirect_uri": "http://127.0.0.1:8400/",
        "scope": "read write",
        "state": browser.query["state"],
        "code_challenge": challenge(code.verifier),
        "code_challenge_method": "S256",
    }


def test_consent_without_a_proof_has_none() -> None:
    browser = Browser("code=abc&state={state}")
    assert consent(browser, replace(ASKED, proof_key=False, more={"force": "1"})).verifier == ""
    assert "code_challenge" not in browser.query
    assert browser.query["force"] == "1"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("error=access_denied&state={state}", "no consent: access_denied"),
        ("error=access_denied&error_description=They+said+no", "no consent: They said no"),
        ("code=abc&state=another", "answers another login"),
        ("code=abc&state=an%C3%B3ther", "answers another login"),
        ("code=abc", "answers another login"),
        ("code=abc&state=%C3%A9", "answers another login"),
        ("state={state}", "no code in this address"),
    ],
)
def test_an_answer_that_is_none_is_refused(answer: str, message: str) -> None:
    with pytest.raises(Rejected, match=message):
        consent(Browser(answer), ASKED)


@pytest.mark.parametrize(("left", "works"), [(timedelta(days=10), True), (timedelta(minutes=4), False)])
def test_a_renewal_long_ahead_that_fails_leaves_the_grant_good(now: VirtualClock, left: timedelta, works: bool) -> None:
    def fails(grant: Grant) -> Grant:
        raise NotSent("not today")

    grants = Grants(stored(expires_at=NOW + left), now, SERVER, fails, ahead=timedelta(days=53))
    if works:
        assert grants.lasting().token == "one"
        assert grants.at_hand().token == "one"
    else:
        with pytest.raises(NotSent, match="not today"):
            grants.lasting()


def test_one_that_was_refused_is_not_good_though_its_renewal_fails(now: VirtualClock) -> None:
    def fails(grant: Grant) -> Grant:
        raise NotSent("not today")

    grants = Grants(stored(expires_at=NOW + timedelta(days=10)), now, SERVER, fails, ahead=timedelta(days=53))
    grants.refused(grants.lasting())
    with pytest.raises(NotSent, match="not today"):
        grants.lasting()
