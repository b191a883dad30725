"""The fairness ledger's questions: which turns it has counted, and whether they are still what was counted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from campaign import store
from campaign.app import App
from campaign.models import HAD_A_TURN, LedgerState, Post, PostStatus
from campaign.store.renaming import rename_channel
from campaign.store.turns import all_turns, forget_turns, keep_ledger, later_turns, ledger_state
from tests.making import make_post, make_story

pytest_plugins = ["tests.postgres"]

DAY = timedelta(days=1)


def a_post(app: App, slug: str, days_ago: int, **values: Any) -> Post:
    values = {"status": PostStatus.PUBLISHED, **values}
    return make_post(app, make_story(app, slug, region="portugal"), due_in=-days_ago * DAY, **values)


def count(app: App, days_ago: int, *, anew: bool = False) -> None:
    """Count every turn of the channel up to so many days ago."""
    until = app.clock.now() - days_ago * DAY
    state = LedgerState(channel="news", rules="r", until=until, balance={"floor": "1/2"})
    with app.writing() as db:
        keep_ledger(db, state, [turn for turn in all_turns(db, "news") if turn.due_at <= until], anew=anew)


def later(app: App) -> list[str] | None:
    """Return what was not counted; None: the ledger is no longer true."""
    with app.reading() as db:
        known = ledger_state(db, "news")
        assert known is not None
        turns = later_turns(db, "news", known.until)
    return turns if turns is None else [turn.uuid for turn in turns]


def change(app: App, post: Post, **values: Any) -> None:
    with app.writing() as db:
        assert store.change_post(db, db.get_one(Post, post.uuid), **values)


@pytest.mark.parametrize("status", PostStatus)
def test_what_was_or_may_be_live_and_what_holds_a_slot_has_a_turn(app: App, status: PostStatus) -> None:
    post = a_post(app, "a", 3, status=status)
    make_post(app, make_story(app, "b"), channel="kraj", status=status)

    with app.reading() as db:
        turns = all_turns(db, "news")
        assert later_turns(db, "news", post.created_at - 9 * DAY) == turns
    expected = [(post.uuid, post.story, ("portugal",), post.due_at)] if status in HAD_A_TURN else []
    assert [(turn.uuid, turn.story, turn.regions, turn.due_at) for turn in turns] == expected


def test_what_was_counted_is_not_told_again_and_the_rest_comes_by_slot(app: App) -> None:
    for slug, days_ago in (("a", 9), ("b", 8)):
        a_post(app, slug, days_ago)
    last, next_ = a_post(app, "c", 1), a_post(app, "d", -1, status=PostStatus.APPROVED)
    middle = a_post(app, "e", 2, status=PostStatus.UNCONFIRMED)
    make_post(app, make_story(app, "f"), channel="kraj")

    count(app, days_ago=5)

    assert later(app) == [middle.uuid, last.uuid, next_.uuid]
    with app.reading() as db:
        state = ledger_state(db, "news")
        assert state is not None
        assert (state.rules, state.until, state.balance) == ("r", app.clock.now() - 5 * DAY, {"floor": "1/2"})
        assert ledger_state(db, "kraj") is None


CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("it lost its turn", {"status": PostStatus.FAILED}),
    ("it waits for a slot", {"status": PostStatus.APPROVED, "due_at": None}),
    ("it came due again", {"status": PostStatus.SENDING, "due_at": timedelta(0)}),
    ("it was due an hour later", {"due_at": -9 * DAY + timedelta(hours=1)}),
]


@pytest.mark.parametrize(("why", "values"), CHANGES, ids=[case[0] for case in CHANGES])
def test_a_counted_turn_that_changes_is_seen(app: App, why: str, values: dict[str, Any]) -> None:
    post, now = a_post(app, "a", 9, status=PostStatus.UNCONFIRMED), app.clock.now()
    a_post(app, "b", 8)
    count(app, days_ago=5)
    times = {"due_at": now + values["due_at"]} if isinstance(values.get("due_at"), timedelta) else {}

    change(app, post, status=str(PostStatus.PUBLISHED))
    assert later(app) == []
    change(app, post, **{**values, **times})
    assert later(app) is None


def test_a_turn_that_comes_among_those_that_were_counted_is_seen(app: App) -> None:
    post = a_post(app, "a", 9, status=PostStatus.FAILED)
    a_post(app, "b", 8)
    count(app, days_ago=5)
    assert later(app) == []

    change(app, post, status=str(PostStatus.PUBLISHED))
    assert later(app) is None

    count(app, days_ago=5, anew=True)
    assert later(app) == []


def test_a_change_while_it_is_counted_is_seen(app: App) -> None:
    post = a_post(app, "a", 9)
    state = LedgerState(channel="news", rules="r", until=app.clock.now() - DAY, balance={})
    with app.reading() as db:
        read = all_turns(db, "news")
    change(app, post, status=str(PostStatus.FAILED))

    with app.writing() as db:
        keep_ledger(db, state, read, anew=True)

    assert later(app) is None


def test_a_story_about_other_regions_is_counted_anew_and_so_is_a_channel_with_another_name(app: App) -> None:
    post = a_post(app, "a", 9)
    a_post(app, "b", 8)
    count(app, days_ago=5)
    with app.writing() as db:
        forget_turns(db, post.story)
    assert later(app) is None

    count(app, days_ago=5, anew=True)
    with app.writing() as db:
        rename_channel(db, "news", "world", 1)
    with app.reading() as db:
        assert ledger_state(db, "world") is ledger_state(db, "news") is None
        assert len(all_turns(db, "world")) == 2


def test_counting_anew_forgets_what_the_channel_had_counted_and_no_other(app: App) -> None:
    first = a_post(app, "a", 9)
    make_post(app, make_story(app, "b"), channel="kraj", turn_at=app.clock.now())
    count(app, days_ago=5)
    change(app, first, status=str(PostStatus.FAILED))

    count(app, days_ago=5, anew=True)

    with app.reading() as db:
        marked = db.exec(select(Post.channel).where(col(Post.turn_at).is_not(None))).all()
    assert (marked, later(app)) == (["kraj"], [])
