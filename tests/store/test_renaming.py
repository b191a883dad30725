"""A channel under a new name keeps all that is its own."""

from __future__ import annotations

from datetime import timedelta

from campaign import store
from campaign.app import App
from campaign.models import Pause, PauseScope
from campaign.store.renaming import forget_channel, rename_channel
from tests.making import make_post, make_story

pytest_plugins = ["tests.postgres"]


def test_all_that_belongs_to_a_channel_moves_and_nothing_else(app: App) -> None:
    moved = make_post(app, make_story(app, "a"), parts=2)
    stays = make_post(app, make_story(app, "b"), channel="kraj", due_in=timedelta(hours=1))
    now = app.clock.now()
    with app.writing() as db:
        state = store.lock_channel(db, "news", 0)
        state.account_id = "7"
        for scope, key in ((PauseScope.CHANNEL, "news"), (PauseScope.REGION, "news"), (PauseScope.CHANNEL, "kraj")):
            store.set_pause(db, Pause(scope=scope, key=key, reason="storm", who="anna", since=now))
        for channel in ("news", "kraj"):
            store.raise_alert(db, key=f"blocked:{channel}", message="x", channel=channel, at=now, new_id=app.new_id)
        store.record_event(db, at=now, who="anna", what="channel.enabled", channel="news")

    with app.writing() as db:
        rename_channel(db, "news", "world", 5)

    with app.reading() as db:
        states = store.channel_states(db)
        assert set(states) == {"world", "kraj"}
        assert (states["world"].account_id, states["world"].epoch, states["kraj"].epoch) == ("7", 5, 0)
        assert [post.uuid for post in store.posts_on(db, "world")] == [moved.uuid]
        assert [post.uuid for post in store.posts_on(db, "kraj")] == [stays.uuid]
        assert {part.channel for part in store.parts_of(db, moved.uuid)} == {"world"}
        assert {part.channel for part in store.parts_of(db, stays.uuid)} == {"kraj"}
        assert {(pause.scope, pause.key) for pause in store.pauses(db, now)} == {
            ("channel", "world"),
            ("channel", "kraj"),
            ("region", "news"),
        }
        assert {alert.channel for alert in store.open_alerts(db)} == {"world", "kraj"}
        assert [event.channel for event in store.events(db, what="channel.enabled")] == ["news"]  # as it was called


def test_a_renamed_row_is_read_anew_in_the_same_transaction(app: App) -> None:
    post = make_post(app)
    with app.writing() as db:
        held = store.post_by_id(db, post.uuid)
        rename_channel(db, "news", "world", 1)
        assert held is not None
        assert held.channel == "world"


def test_a_channel_without_posts_is_forgotten(app: App) -> None:
    with app.writing() as db:
        forget_channel(db, "news")
        forget_channel(db, "radio")

    with app.reading() as db:
        assert set(store.channel_states(db)) == {"kraj"}
