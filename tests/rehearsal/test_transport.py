"""The way to simulated platforms: what each fault means to a call, and what the service has seen of it."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from campaign.config.words import Secret
from campaign.errors import CampaignError, NotSent, OutcomeUnknown, RateLimited
from campaign.platforms.http import Http
from campaign.rehearsal.clock import VirtualClock, WorldClock
from campaign.rehearsal.faults import Fault, Faults
from campaign.rehearsal.natures import NatureSettings
from campaign.rehearsal.services.natures import BlindService
from campaign.rehearsal.transport import Call, Crash, Net

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TOKEN = "a-token-of-the-test"


class Wired:
    """A blind service, and our way to it."""

    def __init__(self, fault: Fault | None = None) -> None:
        self.clock = VirtualClock(START)
        self.net = Net(self.clock, Faults({1: fault} if fault else {}))
        self.service = BlindService(self.net, "blind.example.com", token=TOKEN)
        self.settings = NatureSettings(base_url="https://blind.example.com", token=Secret(TOKEN))
        self.http = Http(self.settings.base_url, self.clock, transport=self.net.transport)

    def post(self) -> object:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        return self.http.post("/posts", headers=headers, json={"text": "Hello"}, visible=True).text("id")

    @property
    def seen(self) -> list[str]:
        return [item.text for item in self.service.live]


MEANS: list[tuple[Fault, type[BaseException], bool]] = [
    (Fault.REFUSED, NotSent, False),
    (Fault.CUT_BEFORE, OutcomeUnknown, False),
    (Fault.CUT_AFTER, OutcomeUnknown, True),
    (Fault.ERROR_BEFORE, OutcomeUnknown, False),
    (Fault.ERROR_AFTER, OutcomeUnknown, True),
    (Fault.ERROR_BUT_LIVE, OutcomeUnknown, True),
    (Fault.LIMITED, RateLimited, False),
    (Fault.LIMITED_WITH_WAIT, RateLimited, False),
    (Fault.HANG_BEFORE, OutcomeUnknown, False),
    (Fault.HANG_AFTER, OutcomeUnknown, True),
    (Fault.DRIP, OutcomeUnknown, True),
    (Fault.HALF_BODY, OutcomeUnknown, True),
    (Fault.GARBAGE, OutcomeUnknown, True),
    (Fault.REDIRECT, OutcomeUnknown, False),
    (Fault.TOKEN_REFUSED, OutcomeUnknown, False),  # no adapter here lists it
    (Fault.CRASH_BEFORE, Crash, False),
    (Fault.CRASH_AFTER, Crash, True),
]


@pytest.mark.parametrize(("fault", "error", "live"), MEANS, ids=[str(fault) for fault, *_ in MEANS])
def test_a_fault_is_what_its_name_says(fault: Fault, error: type[BaseException], live: bool) -> None:
    wired = Wired(fault)
    with pytest.raises(error) as raised:
        wired.post()

    assert type(raised.value) is error
    assert wired.seen == (["Hello"] if live else [])
    assert wired.net.faults.met == [f"call 1: {fault}"]


def test_without_a_fault_a_call_takes_a_moment_and_is_answered() -> None:
    wired = Wired()

    assert wired.post() == "000001"
    assert wired.seen == ["Hello"]
    assert timedelta(0) < wired.clock.now() - START < timedelta(seconds=1)


def test_a_process_that_stands_still_until_it_is_too_late_writes_nothing() -> None:
    wired = Wired(Fault.STOPPED)
    wired.net.interlude = lambda: wired.clock.advance(timedelta(minutes=5))
    wired.http.send_by = START + timedelta(seconds=30)

    with pytest.raises(NotSent):
        wired.post()
    assert wired.seen == []


def test_nobody_answers_at_another_address() -> None:
    wired = Wired()
    with pytest.raises(OutcomeUnknown):
        wired.http.post("https://elsewhere.example.com/posts", json={}, visible=True)


def test_a_platform_that_is_away_refuses_until_it_is_back() -> None:
    faults = Faults(away=(START, START + timedelta(hours=1)))

    assert faults.on_call(START) is Fault.REFUSED
    assert faults.on_call(START + timedelta(hours=1)) is None


def test_by_a_rate_some_calls_meet_a_fault_and_the_same_ones_each_time() -> None:
    first, again = (Faults(rate=0.2, chance=random.Random(5)) for _ in range(2))  # noqa: S311 - repeatable
    met = [first.on_call(START) for _ in range(200)]

    assert met == [again.on_call(START) for _ in range(200)]
    assert 20 < len([fault for fault in met if fault]) < 60


def test_a_call_is_read_as_a_service_reads_it() -> None:
    boundary = b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nWords\r\n'
    boundary += b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n'
    boundary += b"Content-Type: image/jpeg\r\n\r\n\xff\xd8\r\n--b--\r\n"
    headers = {"content-type": "multipart/form-data; boundary=b", "authorization": "Basic abc"}
    call = Call("POST", "h", "/", {"a": ["1", "2"]}, headers, boundary, START)
    fields, files = call.form()

    assert fields == {"text": "Words"}
    assert (files["file"].name, files["file"].media_type, files["file"].data) == ("a.jpg", "image/jpeg", b"\xff\xd8")
    assert (call.bearer, call.asked("a"), call.asked("b", "none"), call.json()) == ("", "1", "none", None)
    plain = Call("POST", "h", "/", {}, {"content-type": "application/x-www-form-urlencoded"}, b"a=1&b=2", START)
    assert plain.form() == ({"a": "1", "b": "2"}, {})


def test_the_worlds_clock_goes_on_when_ours_is_set() -> None:
    ours = VirtualClock(START)
    world = WorldClock(ours)
    ours.jump(timedelta(hours=2))
    ours.advance(timedelta(minutes=1))

    assert ours.now() == START + timedelta(hours=2, minutes=1)
    assert world.now() == START + timedelta(minutes=1)


def test_errors_of_a_simulation_are_those_of_the_program() -> None:
    assert issubclass(OutcomeUnknown, CampaignError)
    assert not issubclass(Crash, Exception)
