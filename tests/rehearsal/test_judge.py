"""The judge: each promise, kept and broken."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from campaign.config import Channel
from campaign.models import Alert, Attempt, Part, Post, PostStatus, Story
from campaign.rehearsal.judge import Belief, Evidence, Sight, Yes, judge, words

DUE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CHANNEL = Channel("news", "blind", "News", "en", ("en",), "Europe/Brussels", (), spacing=HOUR, daily_cap=2)
TEXT = "What came of it. https://example.org/a?utm_content=1"


def belief(status: PostStatus = PostStatus.PUBLISHED, n: int = 1, **values: Any) -> Belief:
    """What our tables say of one post with one part."""
    about = {"story": f"story-{n}", "channel": "news", "created_at": DUE - DAY, "due_at": DUE}
    post = Post(uuid=f"post-{n}", **{**about, "status": str(status), **values})
    told = {"region": "portugal", "slug": "a", "kind": "update", "language": "en", "fingerprint": "a"}
    story = Story(uuid=f"story-{n}", **told, created_at=DUE, updated_at=DUE)
    live = "7" if status == PostStatus.PUBLISHED else None
    part = Part(uuid=f"part-{n}", post=post.uuid, channel="news", content={"text": TEXT}, remote_id=live)
    return Belief(post, story, [part])


def attempt(at: datetime = DUE, epoch: int = 1) -> tuple[str, Attempt]:
    made = Attempt(uuid="a", part="part-1", epoch=epoch, sender="me", started_at=at, send_by=at + MINUTE)
    return "news", made


SIGHT = Sight("news", "7", "What came of it.", DUE + MINUTE)
YES = {("news", "What came of it."): Yes("post-1", 1, DUE - DAY)}
GOOD = Evidence(
    now=DUE + 2 * DAY,
    channels={"news": CHANNEL},
    sights=[SIGHT],
    beliefs=[belief()],
    attempts=[attempt()],
    alerts=[],
    approved=YES,
    taken={"news": [(1, DUE - DAY)]},
    secrets=("hush-hush",),
    outputs=["nothing to hide"],
)


def alert(key: str, **about: Any) -> Alert:
    return Alert(uuid="x", key=key, message="", raised_at=DUE, **about)


def rules(evidence: Evidence) -> list[str]:
    return [broken.rule for broken in judge(evidence)]


def test_where_every_promise_was_kept_nothing_is_said() -> None:
    assert judge(GOOD) == []


SEEN_TWICE = [SIGHT, replace(SIGHT, id="8", at=DUE + 2 * HOUR)]
SHIFTED = {("news", "What came of it."): Yes("post-1", 1, DUE + HOUR)}
REPLACED = {key: replace(yes, until=DUE - HOUR) for key, yes in YES.items()}
BROKEN: list[tuple[str, dict[str, Any], list[str]]] = [
    ("twice", {"sights": SEEN_TWICE}, ["I1", "I3"]),
    ("again after it was taken down", {"sights": [replace(SIGHT, gone_at=DUE + HOUR), SEEN_TWICE[1]]}, ["I3"]),
    ("left unconfirmed", {"beliefs": [belief(PostStatus.UNCONFIRMED)]}, ["I2"]),
    ("a person was asked", {"beliefs": [belief(PostStatus.UNCONFIRMED)], "alerts": [alert("unconfirmed:post-1")]}, []),
    ("not long ago", {"beliefs": [belief(PostStatus.UNCONFIRMED)], "now": DUE + HOUR}, []),
    ("past its slot", {"beliefs": [belief(PostStatus.APPROVED)], "sights": []}, ["I2"]),
    ("the clock is wrong", {"beliefs": [belief(PostStatus.APPROVED)], "sights": [], "alerts": [alert("clock")]}, []),
    ("waits for a slot", {"beliefs": [belief(PostStatus.APPROVED, due_at=None)], "sights": []}, []),
    ("published, not live", {"sights": []}, ["I3"]),
    ("live, not published", {"beliefs": [belief(PostStatus.CANCELLED)]}, ["I3"]),
    ("known by another id", {"sights": [replace(SIGHT, id="9")]}, ["I3"]),
    ("unapproved", {"approved": {}}, ["I4"]),
    ("approved later", {"approved": SHIFTED}, ["I4"]),
    ("of an old version", {"approved": REPLACED}, ["I4"]),
    ("by a clock that was set", {"approved": SHIFTED, "jumped": True}, []),
    ("expired", {"beliefs": [belief(expires_at=DUE)]}, ["I4"]),
    ("too late", {"attempts": [attempt(DUE + 3 * HOUR)], "sights": [replace(SIGHT, at=DUE + 3 * HOUR)]}, ["I4"]),
    ("without an intent", {"orphans": ["a call"]}, ["I5"]),
    ("an old epoch", {"taken": {"news": [(1, DUE - DAY), (2, DUE - HOUR)]}}, ["I6"]),
    ("epochs that fall", {"taken": {"news": [(2, DUE - DAY), (1, DUE + HOUR)]}, "attempts": []}, ["I6"]),
    ("a secret", {"outputs": ["it is hush-hush!"]}, ["I10"]),
]


@pytest.mark.parametrize(("what", "values", "expected"), BROKEN, ids=[case[0] for case in BROKEN])
def test_a_promise_that_was_not_kept_is_named(what: str, values: dict[str, Any], expected: list[str]) -> None:
    assert rules(replace(GOOD, **values)) == expected


def test_nothing_goes_out_before_its_embargo() -> None:
    early = belief()
    early.story.embargo_at = DUE + HOUR
    assert rules(replace(GOOD, beliefs=[early])) == ["I4"]


def crowd(*moments: datetime) -> Evidence:
    """Posts that readers saw at some moments."""
    beliefs = [belief(n=n, due_at=moment) for n, moment in enumerate(moments, start=1)]
    for n, each in enumerate(beliefs, start=1):
        each.parts[0].content = {"text": f"Text {n}"}
    sights = [Sight("news", "7", f"Text {n}", moment) for n, moment in enumerate(moments, start=1)]
    approved = {("news", f"Text {n}"): Yes(f"post-{n}", 1, DUE - DAY) for n in range(1, len(moments) + 1)}
    return replace(GOOD, sights=sights, beliefs=beliefs, approved=approved, attempts=[])


def test_posts_too_close_and_too_many_in_a_day_are_named() -> None:
    assert rules(crowd(DUE, DUE + 59 * MINUTE)) == ["I7"]
    assert rules(crowd(DUE, DUE + 2 * HOUR)) == []
    assert rules(crowd(DUE, DUE + 2 * HOUR, DUE + 4 * HOUR)) == ["I7"]
    assert rules(replace(crowd(DUE, DUE + MINUTE), jumped=True)) == []


def test_a_broken_promise_is_told_with_its_number() -> None:
    (broken,) = judge(replace(GOOD, orphans=["a visible call without an intent"]))
    assert str(broken) == "I5: a visible call without an intent"


def test_texts_are_compared_as_readers_see_them() -> None:
    assert words("With @[Kraj](urn:li:organization:7):\n https://example.org/a?b=1 #Tag") == "With Kraj: #Tag"
