"""A correction of a live post: proposed, approved by its code, carried out by the daemon, and never a second post."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from campaign import approve, desk, proof, publish, store
from campaign.app import App
from campaign.approve import Decision
from campaign.errors import NotSent, OutcomeUnknown, Rejected, Unsupported
from campaign.models import Post, PostStatus, content_hash
from campaign.models.content import PartContent
from tests.fakes import After, Crash, Fake, World
from tests.making import fresh, make_post, make_story, status_of
from tests.publish.conftest import alerts, dense, told, work

OLD, NEW = "Modules for al.", "Modules for all."


def a_live_one(app: App, *, parts: int = 1, slug: str = "modules") -> Post:
    post = make_post(app, make_story(app, slug), channel="fake", text=OLD, parts=parts)
    work(app, hours=0.1)
    return fresh(app, post)


def contents(app: App, post: Post) -> list[PartContent]:
    with app.reading() as db:
        return [PartContent.model_validate(part.content) for part in store.parts_of(db, post.uuid)]


def propose(app: App, post: Post, *, reply: str = "", **words: object) -> str:
    """Show a correction, as the command does; return its code."""
    own = contents(app, post)
    wordings = [desk.wording_of(each) for each in own]
    if reply:
        wordings.append(desk.Wording(reply))
    else:
        wordings[0] = desk.Wording(**({"text": NEW, "alts": wordings[0].alts} | words))  # type: ignore[arg-type]
    return proof.correction(app, post, desk.reworded(own, wordings, app.limits("fake"))).code


def say_yes(app: App, code: str, person: str = "anna") -> Decision:
    (decision,) = approve.approve(app, proof_code=code, person=person)
    return decision


def test_an_approved_correction_changes_the_live_post_and_nothing_before(app: App, world: World) -> None:
    post = a_live_one(app)
    code = propose(app, post)
    publish.run(app, "fake")
    assert world.texts() == [OLD]

    assert say_yes(app, code).outcome == "correcting"
    publish.run(app, "fake")

    assert world.texts() == [NEW]
    now = fresh(app, post)
    assert (now.status, now.wish, now.reason) == (PostStatus.PUBLISHED, "", "corrected, as anna approved")
    assert now.content_hash == now.approved_hash == content_hash(contents(app, post))
    assert contents(app, post)[0].text == NEW
    with app.reading() as db:
        (event,) = store.events(db, what="post.corrected", post=post.uuid)
    assert (event.before["parts"][0]["text"], event.after["parts"][0]["text"], event.who) == (OLD, NEW, "anna")


def test_only_the_parts_that_change_are_touched(app: App, world: World) -> None:
    post = a_live_one(app, parts=3)
    say_yes(app, propose(app, post))
    publish.run(app, "fake")

    assert world.texts() == [NEW, f"{OLD} (2/3)", f"{OLD} (3/3)"]
    assert world.asked("edit") == 1


def test_alt_texts_are_corrected_too(app: App, world: World) -> None:
    post = a_live_one(app)
    say_yes(app, propose(app, post, text=OLD, alts={1: "A red wall."}))
    publish.run(app, "fake")

    assert world.asked("edit") == 1
    assert contents(app, post)[0].images[0].alt == "A red wall."


@pytest.mark.parametrize("act", [Crash(), After(Crash())])
def test_a_crash_around_the_call_leaves_a_wish_that_is_carried_out_again(
    app: App, world: World, restart: Callable[[App], App], act: Crash | After
) -> None:
    post = a_live_one(app)
    say_yes(app, propose(app, post))
    world.next("edit", act)
    with pytest.raises(Crash):
        publish.run(app, "fake")

    app = restart(app)
    publish.run(app, "fake")

    assert (world.texts(), world.asked("publish")) == ([NEW], 1)
    assert (status_of(app, post), fresh(app, post).wish) == (PostStatus.PUBLISHED, "")


def test_a_wish_that_outlives_its_correction_changes_nothing(app: App, world: World) -> None:
    post = a_live_one(app)
    say_yes(app, propose(app, post))
    publish.run(app, "fake")
    with app.writing() as db:  # as after a crash before the wish was cleared
        store.change_post(db, fresh(app, post), wish="correct", wish_by="anna")

    publish.run(app, "fake")

    assert (world.asked("edit"), told(app, post).count("post.corrected")) == (1, 1)
    assert fresh(app, post).wish == ""


@pytest.mark.parametrize(
    "error",
    [
        Unsupported("a live post keeps its words"),
        Rejected("too old"),
        NotSent("no route"),
        OutcomeUnknown("cut"),
        ValueError("a bug of ours"),
    ],
)
def test_what_the_platform_says_no_to_is_told_with_what_can_be_done(app: App, world: World, error: Exception) -> None:
    post = a_live_one(app)
    code = propose(app, post)
    say_yes(app, code)
    world.next("edit", error)
    publish.run(app, "fake")

    assert (world.texts(), status_of(app, post), contents(app, post)[0].text) == ([OLD], PostStatus.PUBLISHED, OLD)
    with app.reading() as db:
        (alert,) = store.open_alerts(db)
    short = post.uuid[:8]
    assert alert.message == f"modules@fake could not be corrected: {error}"
    assert alert.remedy == f"Try again: campaign approve --proof {code}\nTake it down: campaign post takedown {short}"

    say_yes(app, code)
    publish.run(app, "fake")
    assert (world.texts(), alerts(app)) == ([NEW], [])


@pytest.fixture
def threaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Fake, "limits", replace(Fake.limits, threads=True))


@pytest.mark.usefixtures("threaded")
def test_a_reply_follows_as_the_next_part_and_only_once(app: App, world: World) -> None:
    post = a_live_one(app)
    say_yes(app, propose(app, post, reply="It is for all."))
    world.next("publish", After(OutcomeUnknown("cut")))
    work(app)

    assert [(live.text, live.reply_to) for live in world.live] == [(OLD, ""), ("It is for all.", "remote-1")]
    assert [part.role for part in contents(app, post)] == ["post", "reply"]
    assert (status_of(app, post), world.asked("edit"), alerts(app)) == (PostStatus.PUBLISHED, 0, [])


@pytest.mark.usefixtures("threaded")
def test_a_reply_may_follow_days_later(app: App, world: World) -> None:
    post = a_live_one(app)
    app.clock.advance(app.channel("fake").repeat_guard)  # type: ignore[attr-defined]
    say_yes(app, propose(app, post, reply="It is for all."))
    work(app)

    assert world.texts() == [OLD, "It is for all."]
    assert status_of(app, post) == PostStatus.PUBLISHED


@pytest.mark.usefixtures("threaded")
def test_a_reply_waits_until_the_channel_is_free(app: App, world: World) -> None:
    dense(app)
    post = a_live_one(app)
    other = make_post(app, make_story(app, "other"), channel="fake", text="Other", parts=2)
    world.next("publish", lambda: None, *[NotSent("no route")] * 2)
    publish.run(app, "fake")
    assert status_of(app, other) == PostStatus.SENDING

    say_yes(app, propose(app, post, reply="It is for all."))
    publish.run(app, "fake")
    assert (fresh(app, post).wish, status_of(app, post)) == ("correct", PostStatus.PUBLISHED)
    work(app)
    assert world.texts() == [OLD, "Other", "Other (2/2)", "It is for all."]


def test_a_comment_sets_it_right_where_there_are_no_threads(
    app: App, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Fake, "limits", replace(Fake.limits, comments=True))
    post = a_live_one(app)
    say_yes(app, propose(app, post, reply="It is for all."))
    work(app)
    assert [part.role for part in contents(app, post)] == ["post", "comment"]


def test_whose_yes_does_not_count_changes_nothing(app: App, world: World) -> None:
    post = a_live_one(app)
    decision = say_yes(app, propose(app, post), "joao")

    assert (decision.outcome, decision.remedy) == ("refused", "Ask Anna Dvořáková.")
    assert decision.reason == "João Conceição does not approve for this region or channel"
    assert fresh(app, post).wish == ""


def test_a_correction_of_what_was_corrected_since_is_refused(app: App, world: World) -> None:
    post = a_live_one(app)
    first, second = propose(app, post), propose(app, post, text="Modules for everybody.")
    say_yes(app, first)
    publish.run(app, "fake")

    assert say_yes(app, first) == Decision(post.uuid, "modules@fake", "unchanged", "it says so already")
    refused = say_yes(app, second)
    assert (refused.outcome, refused.reason) == ("refused", f"changed since the proof {second}")
    assert refused.remedy == f"campaign post correct {post.uuid[:8]}"


def test_what_is_to_be_taken_down_or_is_down_is_not_corrected(app: App, world: World) -> None:
    post = a_live_one(app)
    code = propose(app, post)
    publish.ask(app, post, "takedown")
    assert say_yes(app, code).reason == "anna asked for takedown"

    publish.run(app, "fake")
    assert say_yes(app, code).reason == "it is removed"
    assert world.texts() == []
