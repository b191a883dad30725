"""Credentials that end in mid-run, as the real servers say it: the post waits for new ones and is then live once."""

from __future__ import annotations

import re

import pytest

from tests.realservers.accounts import HONOURING, OnBluesky, OnMastodon
from tests.realservers.faults import Act, Call, cut_after, cut_before
from tests.realservers.pds import expired
from tests.realservers.publishing import CHANNEL, Rig, RigOn

pytest_plugins = ["tests.realservers.rigs"]

SIGN_IN = ("POST", "/xrpc/com.atproto.server.createSession")
RENEW = ("POST", "/xrpc/com.atproto.server.refreshSession")
LOG_IN = f"campaign channel login {CHANNEL}"


def over(access: str) -> str:
    """Return the token as it will be when its time is over; one that knows no time is none."""
    return expired(access) if access.count(".") == 2 else "none"


def with_a_dead_token(call: Call) -> None:
    """Have upstream judge the call as if its token had ended on the way."""
    call.read()
    call.upstream_answer = call.ask(
        re.sub(rb"(?<=Bearer )\S+", lambda found: over(found[0].decode()).encode(), call.request)
    )
    call.answer(call.upstream_answer)


def end_session(rig: Rig, *, refresh: bool) -> None:
    """Let the access token end that the channel has stored, and the refresh token with it."""
    tokens = rig.app.tokens(CHANNEL)
    stored = tokens.load()
    ended = {"access": expired(stored["access"])} | ({"refresh": expired(stored["refresh"])} if refresh else {})
    tokens.save({**stored, **ended})


def log_in_anew(rig: Rig) -> None:
    """Do what the alerts say."""
    assert LOG_IN in rig.alerts()["blocked"]
    log_in(rig)


def log_in(rig: Rig) -> None:
    """Type a new app password, or, after Enter, the code that the server shows."""
    account = rig.account
    answer = f"\n{account.code()}\n" if isinstance(account, OnMastodon) else f"{account.secret()}\n"
    rig.types("channel", "login", CHANNEL, answer=answer)


@pytest.mark.parametrize("refresh", [False, True], ids=["access ended", "both ended"])
@pytest.mark.parametrize("after", [0, 1], ids=["before", "within"])
def test_an_ended_session_is_renewed_or_begun_anew(rig_on: RigOn, refresh: bool, after: int) -> None:
    rig = rig_on("bluesky")
    post = rig.approved(3)
    if after:
        rig.proxy.fault(rig.account.visible, after_upstream=lambda call: end_session(rig, refresh=refresh))
    else:
        end_session(rig, refresh=refresh)
    rig.work()

    rig.assert_live_once(post)
    assert (len(rig.proxy.seen(*RENEW)), len(rig.proxy.seen(*SIGN_IN))) == (1, refresh)


@pytest.mark.parametrize("after", [0, 1])
@pytest.mark.parametrize("server", HONOURING)
def test_a_token_that_ends_on_the_way_costs_a_try(rig_on: RigOn, server: str, after: int) -> None:
    rig = rig_on(server)
    post = rig.approved(3)
    if after:
        rig.proxy.fault(rig.account.visible)
    rig.proxy.fault(rig.account.visible, with_a_dead_token)
    rig.work()

    rig.assert_live_once(post)
    assert rig.visible_calls() == 4


@pytest.mark.parametrize("server", HONOURING)
def test_credentials_that_are_taken_back_block_the_channel_until_a_login(rig_on: RigOn, server: str) -> None:
    rig = rig_on(server, logs_in=True)
    post = rig.approved(3)
    take_back(rig)
    for _ in range(20):
        rig.tick()
    rig.assert_nothing_live()
    assert rig.visible_calls() == 0
    log_in_anew(rig)
    rig.work()

    rig.assert_live_once(post)


@pytest.mark.parametrize("server", HONOURING)
def test_credentials_that_are_taken_back_within_a_thread_keep_its_rest_waiting(rig_on: RigOn, server: str) -> None:
    rig = rig_on(server, logs_in=True)
    post = rig.approved(3)
    rig.proxy.fault(rig.account.visible, after_upstream=lambda call: take_back(rig))
    for _ in range(20):
        rig.tick()
    assert len(rig.account.live()) == 1
    log_in_anew(rig)
    rig.work()

    rig.assert_live_once(post)


@pytest.mark.parametrize("lost", [cut_after, cut_before], ids=["live", "absent"])
@pytest.mark.parametrize("server", HONOURING)
def test_credentials_that_are_taken_back_while_it_is_not_known_what_is_live(
    rig_on: RigOn, server: str, lost: Act
) -> None:
    rig = rig_on(server, logs_in=True)
    post = rig.approved()
    rig.proxy.fault(rig.account.visible, lost)
    rig.tick()
    take_back(rig)
    for _ in range(20):
        rig.tick()
    assert len(rig.account.live()) == (lost is cut_after)
    if rig.alerts():  # on Bluesky it can be told without a login
        log_in(rig)
    rig.work()

    rig.assert_live_once(post)


def take_back(rig: Rig) -> None:
    """Take back what a person has logged in with; a session that rests on it does not last any more."""
    rig.account.revoke(rig.secret)
    if isinstance(rig.account, OnBluesky):
        end_session(rig, refresh=False)
