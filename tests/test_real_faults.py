"""Whatever goes wrong between us and a real server, or on our own machine: each part is live there once, or a person is
asked. What is live is read from the server itself."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from campaign import plan
from tests.realservers.accounts import HONOURING, SERVERS
from tests.realservers.faults import (
    Act,
    Call,
    cut_after,
    cut_before,
    drip,
    error_after,
    error_before,
    garbage,
    half_body,
    hang,
    redirect,
    refuse,
    reset_after,
)
from tests.realservers.publishing import Rig, RigOn, answered_with
from tests.realservers.servers import until

pytest_plugins = ["tests.realservers.rigs"]

PAGE = b"<html><body><h1>Welcome to the airport's network</h1></body></html>"
SOON = "0.3 s"  # a deadline that the faults below which take their time are to pass
FAULTS: dict[str, Act] = {
    "answer swallowed": cut_after,
    "reset after acceptance": reset_after,
    "cut before it was heard": cut_before,
    "refused": refuse,
    "hang": hang,
    "drip": drip(0.05),
    "half a body": half_body,
    "garbage": garbage,
    "redirect": redirect("http://127.0.0.1:9/elsewhere"),
    "page before": error_before(200, PAGE, Content_Type="text/html"),
    "page after": error_after(200, PAGE, Content_Type="text/html"),
    "500 after": error_after(500),
    "502 after": error_after(502, PAGE),
    "503 after": error_after(503),
    "504 after": error_after(504),
    "503 before, with a wait": error_before(503, Retry_After="120"),
    "429 with a wait": error_before(429, b"{}", Retry_After="120"),
    "429 with a reset in seconds": error_before(429, b"{}", RateLimit_Reset="300"),
    "429 with a reset as a date": error_before(
        429, b"{}", Date="Mon, 02 Mar 2026 08:00:00 GMT", X_RateLimit_Reset="2026-03-02T08:05:00Z"
    ),
    "429 without a word": error_before(429, b"{}"),
}
TAKES_TIME = ("hang", "drip")
MUCH_ALIKE = ("503 after", "504 after", "page after", "429 with a reset in seconds")  # as others of the list
TELLING = ("answer swallowed", "cut before it was heard", "hang", "502 after", "429 with a wait")  # without a key
CASES = [
    pytest.param(fault, server, marks=() if fault in told else pytest.mark.soak)
    for server, told in {**dict.fromkeys(HONOURING, FAULTS.keys() - MUCH_ALIKE), "keyless": TELLING}.items()
    for fault in FAULTS
]


@pytest.mark.parametrize(("fault", "server"), CASES)
def test_whatever_the_visible_call_meets_each_part_is_live_once(rig_on: RigOn, fault: str, server: str) -> None:
    rig = rig_on(server, call_deadline=SOON if fault in TAKES_TIME else "5 s")
    single = rig.approved()
    rig.proxy.fault(rig.account.visible, FAULTS[fault])
    rig.work()
    rig.assert_live_once(single)

    thread = rig.approved(3)
    rig.proxy.fault(rig.account.visible)
    rig.proxy.fault(rig.account.visible, FAULTS[fault])
    rig.work()
    rig.assert_live_once(single, thread)
    met = [call.act for call in rig.proxy.seen(*rig.account.visible)]
    assert met.count(FAULTS[fault].__qualname__.partition(".")[0]) == 2


# --- the pictures


@pytest.mark.parametrize("server", HONOURING)
def test_a_fault_of_an_upload_costs_a_try_and_nothing_else(rig_on: RigOn, server: str) -> None:
    rig = rig_on(server, call_deadline="0.6 s")
    posts = []
    for name, fault in FAULTS.items():
        posts.append(rig.approved())
        rig.proxy.fault(rig.account.upload, fault)
        rig.work()
        assert rig.status(posts[-1]) == "published", name

    rig.assert_live_once(*posts)


@pytest.mark.parametrize("looks", [3, 90])
def test_pictures_that_the_server_takes_its_time_for_are_waited_for(rig_on: RigOn, looks: int) -> None:
    rig = rig_on("mastodon")
    post = rig.approved()
    rig.proxy.fault(rig.account.upload, answered_with(202))
    rig.proxy.fault(("GET", "/api/v1/media/*"), answered_with(206), count=looks)
    rig.work()

    rig.assert_live_once(post)
    assert len(rig.proxy.seen(*rig.account.upload)) == 1
    assert len(rig.proxy.seen("GET", "/api/v1/media/*")) == looks + 1


# --- a server that does it after we have given up


def hears_of_it(event: threading.Event) -> Act:
    """Return an act: upstream hears of the call when the event happens; nobody waits for its answer any more."""

    def act(call: Call) -> None:
        call.read()
        while not event.wait(0.01):
            assert not call.talk.over.is_set(), "the test ended before"
        call.upstream_answer = call.ask(call.request)

    return act


@pytest.mark.parametrize("parts", [1, pytest.param(3, marks=pytest.mark.soak)])
@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("when", ["before the first look", "after the first look"])
def test_what_appears_late_is_not_sent_again(rig_on: RigOn, when: str, server: str, parts: int) -> None:
    rig, lands = rig_on(server, call_deadline=SOON), threading.Event()
    post = rig.approved(parts)
    if parts > 1:
        rig.proxy.fault(rig.account.visible)
    rig.proxy.fault(rig.account.visible, hears_of_it(lands))
    looks = len(rig.proxy.seen(*rig.account.look))
    rig.work_until(lambda: rig.status(post) == "unconfirmed")
    late = rig.proxy.seen(*rig.account.visible)[-1]
    if when == "after the first look":
        rig.work_until(lambda: len(rig.proxy.seen(*rig.account.look)) > looks)
    lands.set()
    until(lambda: late.upstream_answer)
    rig.work()

    rig.assert_live_once(post)


@pytest.mark.parametrize("server", HONOURING)
def test_where_the_key_is_honoured_it_may_appear_whenever_it_likes(rig_on: RigOn, server: str) -> None:
    rig, lands = rig_on(server, call_deadline=SOON), threading.Event()
    post = rig.approved()
    rig.proxy.fault(rig.account.visible, hears_of_it(lands))
    rig.work()
    rig.assert_live_once(post)
    late = rig.proxy.seen(*rig.account.visible)[0]
    assert not late.upstream_answer
    lands.set()
    until(lambda: late.upstream_answer)

    rig.assert_live_once(post)


# --- looks that fail, and calls that fail again and again


BROKEN_LOOKS = (error_before(503), error_after(500), cut_before, garbage, half_body, error_before(200, PAGE), hang)


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("lost", [cut_after, cut_before], ids=["live", "absent"])
def test_a_look_that_fails_proves_nothing(rig_on: RigOn, lost: Act, server: str) -> None:
    rig = rig_on(server, call_deadline="0.6 s")
    post = rig.approved()
    rig.proxy.fault(rig.account.visible, lost)
    for broken in BROKEN_LOOKS:
        rig.proxy.fault(rig.account.look, broken)
    rig.work_until(lambda: "unconfirmed" in rig.alerts())
    assert rig.visible_calls() == 1
    assert f"campaign post resolve {post.post.uuid[:8]}" in rig.alerts()["unconfirmed"]
    rig.work(hours=5)

    rig.assert_live_once(post)


def test_what_was_lost_twice_is_left_to_a_person(rig_on: RigOn) -> None:
    rig = rig_on("keyless")
    post = rig.approved()
    rig.proxy.fault(rig.account.visible, cut_before, count=2)
    rig.work(hours=8)
    rig.assert_nothing_live()
    assert (rig.status(post), list(rig.alerts())) == ("unconfirmed", ["unconfirmed"])

    rig.types("post", "resolve", post.post.uuid[:8], "--send-again")
    rig.work()
    rig.assert_live_once(post)


@pytest.mark.parametrize("server", HONOURING)
def test_where_the_key_is_honoured_it_is_repeated_until_it_is_heard(rig_on: RigOn, server: str) -> None:
    rig = rig_on(server)
    post = rig.approved()
    rig.proxy.fault(rig.account.visible, cut_before)
    rig.proxy.fault(rig.account.visible, error_before(429, b"{}", Retry_After="60"))
    rig.proxy.fault(rig.account.visible, error_after(502, PAGE))
    rig.work()

    rig.assert_live_once(post)


# --- a server that is away, and time that passes


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("begun", [False, True])
def test_an_hour_without_the_server(rig_on: RigOn, server: str, begun: bool) -> None:
    rig = rig_on(server)
    post = rig.approved(3)
    away(rig, begun)
    for _ in range(60):
        rig.tick()
    assert len(rig.account.live()) == begun
    rig.proxy.up()
    rig.work()

    rig.assert_live_once(post)


def away(rig: Rig, begun: bool) -> None:
    """Take the server away: at once, or when the first part of a thread is live."""
    if begun:
        rig.proxy.fault(rig.account.visible, after_answer=lambda call: threading.Thread(target=rig.proxy.down).start())
    else:
        rig.proxy.down()


@pytest.mark.parametrize("server", HONOURING)
def test_three_hours_without_the_server_cost_the_slot_and_nothing_else(rig_on: RigOn, server: str) -> None:
    rig = rig_on(server)
    post = rig.approved()
    rig.proxy.down()
    for _ in range(180):
        rig.tick()
    rig.proxy.up()
    rig.tick()
    rig.assert_nothing_live()
    assert (rig.status(post), rig.stored(post).due_at) == ("approved", None)

    plan.run(rig.app)
    slot = rig.stored(post).due_at
    assert slot is not None
    rig.clock.advance_to(slot)
    rig.work()
    rig.assert_live_once(post)


@pytest.mark.parametrize("server", HONOURING)
def test_what_expires_between_preparation_and_gate_does_not_leave(rig_on: RigOn, server: str) -> None:
    rig = rig_on(server, call_deadline="5 s")
    post = rig.approved(expires_at=rig.clock.now() + timedelta(seconds=12))  # twice the deadline must be left
    rig.proxy.fault(rig.account.upload, after_upstream=lambda call: rig.clock.advance(timedelta(seconds=3)))
    rig.work()

    rig.assert_nothing_live()
    assert len(rig.proxy.seen(*rig.account.upload)) == 1
    assert rig.visible_calls() == 0
    assert (rig.status(post), list(rig.alerts())) == ("expired", ["expired"])


@pytest.mark.parametrize("server", SERVERS)
def test_what_expires_before_it_is_sent_again_does_not_leave(rig_on: RigOn, server: str) -> None:
    rig = rig_on(server)
    post = rig.approved(expires_at=rig.clock.now() + timedelta(minutes=30))
    rig.proxy.fault(rig.account.visible, cut_before)
    rig.tick()
    rig.clock.advance(timedelta(minutes=40))
    rig.work(hours=4)

    rig.assert_nothing_live()
    assert (rig.status(post), list(rig.alerts())) == ("expired", ["expired"])
