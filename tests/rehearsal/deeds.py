"""What people and the world do in the midst of a history: each deed is done to one of its posts."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from campaign import approve, publish, store
from campaign.app import App
from campaign.desk import channels as desk_channels
from campaign.desk import pauses, posts, stories
from campaign.models import PauseScope, Post, Story
from campaign.rehearsal.judge import Yes

if TYPE_CHECKING:
    from tests.rehearsal.histories import Play


@dataclass(frozen=True)
class Act:
    """Something that a person or the world does at a moment, in minutes after the start."""

    at: float
    what: str
    on: int = 0  # which post


def superseded(approved: dict[tuple[str, str], Yes], posts: Collection[str], at: datetime) -> None:
    """Note that what was approved of these posts is of an old version of their story now."""
    for key, yes in approved.items():
        if yes.post in posts and yes.until is None:
            approved[key] = replace(yes, until=at)


ACTS = (
    "cancel",
    "restore",
    "now",
    "withdraw",
    "pause",
    "resume",
    "disable",
    "enable",
    "edit",
    "revoke",
    "rename",
    "away",
    "asleep",
)


def _officer(deed: Callable[[App, Any, Post], object]) -> Callable[[Play, str], None]:
    """Return a deed of an officer at the command line, on a post as it is stored now; refusals are answers too."""

    def do(played: Play, uuid: str) -> None:
        app = played.house.app
        with app.writing() as db:
            deed(app, db, db.get_one(Post, uuid))

    return do


def _ask_now(played: Play, uuid: str) -> None:
    app = played.house.app
    with app.reading() as db:
        post = db.get_one(Post, uuid)
    publish.ask(app, post, "now")


def _pause(app: App, db: Any, post: Post) -> None:
    pauses.pause(app, db, PauseScope.CHANNEL, post.channel, app.clock.now() + timedelta(hours=1), "a rest")


def _edit(played: Play, uuid: str) -> None:
    """The region sends another version of the story."""
    _officer(_replace_story)(played, uuid)
    played.supersede(uuid)


def _replace_story(app: App, db: Any, post: Post) -> None:
    story = db.get_one(Story, post.story)
    content = dict(story.content)
    telling = dict(content["tellings"]["en"])
    telling["title"] = f"{telling['title']}, corrected"
    story.content = {**content, "tellings": {"en": telling}}
    story.revision += 1
    db.add(story)
    store.supersede(db, story)


def _jump(by: timedelta) -> Callable[[Play, str], None]:
    def do(played: Play, uuid: str) -> None:
        played.clock.jump(by)
        played.jumped = True
        played.acts.append(Act((played.clock.now() - played.scenario.start) / timedelta(minutes=1) + 120, "restart"))

    return do


def _away(played: Play, uuid: str) -> None:
    now = played.clock.now()
    played.faults.away = (now, now + timedelta(hours=3))


def _asleep(played: Play, uuid: str) -> None:
    """The server is down for hours."""
    hours = timedelta(hours=played.faults.chance.choice((1, 5, 60)))
    played.clock.advance(hours)
    played.end += hours
    played.house.restart()


def _revoke(played: Play, uuid: str) -> None:
    approve.revoke(played.house.app, [uuid])


def _rename(played: Play, uuid: str) -> None:
    """The channel gets another name in the config, and the daemon is started with it."""
    app, config = played.house.app, played.house.config
    (old,) = played.laid.store.ask("SELECT channel FROM post WHERE uuid = ?", uuid)[0]
    new = f"{old}-ii"
    channels = {key: channel for key, channel in config.channels.items() if key != old}
    renamed = replace(config, channels={**channels, new: replace(config.channels[old], key=new)})
    try:
        with played.laid.store.db.writing() as db:
            desk_channels.rename(replace(app, config=renamed), db, old, new)
    finally:  # a process that died after the commit has renamed it all the same
        if played.laid.store.ask("SELECT 1 FROM channel_state WHERE channel = ?", new):
            played.house.config = renamed
            played.names = {key: new if name == old else name for key, name in played.names.items()}
    played.house.restart()


DEEDS: dict[str, Callable[[Play, str], None]] = {
    "cancel": _officer(posts.cancel),
    "restore": _officer(posts.restore),
    "now": _ask_now,
    "withdraw": _officer(
        lambda app, db, post: stories.withdraw(app, db, db.get_one(Story, post.story), "it was wrong")
    ),
    "pause": _officer(_pause),
    "resume": _officer(lambda app, db, post: pauses.resume(app, db, PauseScope.CHANNEL, post.channel)),
    "disable": _officer(lambda app, db, post: desk_channels.disable(app, db, post.channel)),
    "enable": lambda played, uuid: _enable(played, uuid),
    "edit": _edit,
    "revoke": _revoke,
    "rename": _rename,
    "away": _away,
    "asleep": _asleep,
    "jump": _jump(timedelta(hours=2)),
    "jump back": _jump(timedelta(hours=-2)),
    "restart": lambda played, uuid: played.house.restart(),
}


def _enable(played: Play, uuid: str) -> None:
    app = played.house.app
    (key,) = played.laid.store.ask("SELECT channel FROM post WHERE uuid = ?", uuid)[0]
    account = app.platform(key).check()
    with app.writing() as db:
        desk_channels.enable(app, db, key, account, new_account=True)
