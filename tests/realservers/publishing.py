"""Posts that go through the proxy to a real server, and what the server then holds: it alone is the judge.

A `Rig` is the program with one channel, whose account lies on one of the servers in `SERVERS`; the fixture
`rig_on` (in `rigs.py`) makes them. What is live is read from the server itself, past the proxy and past our tables.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from campaign import publish, store
from campaign.app import App
from campaign.cli import cli
from campaign.cli.call import Call as Typed
from campaign.errors import StoreError
from campaign.models import Attempt, ImageContent, Part, PartContent, Post, PostStatus, content_hash
from campaign.rehearsal.clock import VirtualClock
from campaign.render.inputs import input_hash
from campaign.story import Content, Kind, Telling
from tests.making import fresh, make_story, picture
from tests.realservers.accounts import PASSWORD, Account, Seen
from tests.realservers.faults import Act, Call, read_answer
from tests.realservers.proxy import Proxy

CHANNEL = "real"
SETTINGS = {"call_deadline": "5 s", "spacing": "0 s", "daily_cap": 99, "repeat_guard": "0 s", "slots": ["daily 00:00"]}
OPEN = (PostStatus.APPROVED, PostStatus.SENDING, PostStatus.UNCONFIRMED)


class WaitingClock(VirtualClock):
    """A virtual clock; while the program waits by it, what stands in `meanwhile` happens, one thing at each wait."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self.meanwhile: list[Callable[[], object]] = []

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        if self.meanwhile:
            self.meanwhile.pop(0)()


@dataclass(frozen=True)
class Approved:
    """A post that may go out, and what its readers are to see: of each part the text and the pictures."""

    post: Post
    wanted: Sequence[tuple[str, tuple[tuple[bytes, str], ...]]]


@dataclass
class Rig:
    """The program with one channel of a real server."""

    app: App
    account: Account
    home: Path
    secret: str  # the credential that the channel was given
    channel: str = CHANNEL

    @property
    def proxy(self) -> Proxy:
        return self.account.proxy

    @property
    def clock(self) -> WaitingClock:
        assert isinstance(self.app.clock, WaitingClock)
        return self.app.clock

    def approved(self, parts: int = 1, *, due_in: timedelta = timedelta(0), **values: Any) -> Approved:
        """Store an approved post of so many parts, rendered of its story as it is now."""
        app, alt, post_id = self.app, "A blue workshop wall.", self.app.new_id()
        telling = Telling(title="Battery skills modules", summary="Training modules for all of Europe.")
        told = Content(
            kind=Kind.COURSE,
            regions=("moravia-silesia",),
            language="en",
            channels=(self.channel,),
            tellings={"en": telling},
        )
        story = make_story(app, f"story-{post_id[:8]}", content=told, **values)
        due_at, data = app.clock.now() + due_in, picture()
        image = ImageContent(
            sha256=app.media.keep(data, "image/jpeg"),
            media_type="image/jpeg",
            width=640,
            height=360,
            size=len(data),
            alt=alt,
        )
        link = f"https://example.org/battery-modules?utm_source=regions&utm_content={post_id[:8]}"
        contents = [
            PartContent(
                role="post" if n == 1 else "reply",
                text=text_of(n, parts, link),
                language="en",
                link=link if n == parts else "",
                tags=("MoraviaSilesia",) if n == parts else (),
                images=(image,) if n == 1 else (),
            )
            for n in range(1, parts + 1)
        ]
        agreed = content_hash(contents)
        post = Post(
            uuid=post_id,
            story=story.uuid,
            channel=self.channel,
            status=str(PostStatus.APPROVED),
            due_at=due_at,
            first_due_at=due_at,
            content_hash=agreed,
            proofed_hash=agreed,
            approved_hash=agreed,
            approved_by="anna",
            approved_at=app.clock.now(),
            created_at=app.clock.now(),
            expires_at=story.expires_at,
        )
        post.input_hash = input_hash(app, post, story, {})  # so that a daemon finds nothing to render
        with app.writing() as db:
            store.add_post(db, post)
            store.replace_parts(db, post, contents, app.new_id)
        pictures = ((data, alt),)
        wanted = [(part.text, pictures if n == 1 else ()) for n, part in enumerate(contents, start=1)]
        return Approved(post, wanted)

    def types(self, *words: str, answer: str | None = None) -> str:
        """Type a command in the campaign's folder, and return what it printed."""
        line = ["--config", str(self.home / "config.toml"), "--as", "anna", *words]
        result = CliRunner().invoke(cli, line, input=answer, obj=Typed(clock=self.app.clock))
        assert result.exit_code == 0, result.output
        return result.output

    def tick(self, minutes: float = 1) -> None:
        """Let the channel's owner look once, then time pass. A database that cannot be used ends the look."""
        with suppress(StoreError):
            publish.run(self.app, self.channel)
        self.clock.advance(timedelta(minutes=minutes))

    def work(self, hours: float = 2.4) -> None:
        """Let a daemon tick until nothing is open any more, for so long at most; then now and then, as what follows."""
        self.work_until(lambda: not self._open(), ticks=round(hours * 60), must=False)
        for _ in range(4):
            self.tick(minutes=30)

    def work_until(self, seen: Callable[[], object], *, ticks: int = 150, must: bool = True) -> None:
        """Let a daemon tick every minute until there is something to see."""
        for _ in range(ticks):
            if seen():
                return
            self.tick()
        assert not must, f"not seen in {ticks} ticks"

    def _open(self) -> bool:
        with self.app.reading() as db:
            return bool(store.posts_where(db, channel=self.channel, statuses=OPEN))

    def visible_calls(self) -> int:
        """How many visible calls have reached the proxy."""
        return len(self.proxy.seen(*self.account.visible))

    def status(self, approved: Approved) -> str:
        return self.stored(approved).status

    def stored(self, approved: Approved) -> Post:
        return fresh(self.app, approved.post)

    def parts(self, approved: Approved) -> list[Part]:
        with self.app.reading() as db:
            return list(store.parts_of(db, approved.post.uuid))

    def attempts(self, approved: Approved) -> list[Attempt]:
        """Return the attempts at all parts."""
        with self.app.reading() as db:
            return [attempt for part in self.parts(approved) for attempt in store.attempts_of(db, part.uuid)]

    def alerts(self) -> dict[str, str]:
        """Return by the begin of its key what each open alert says, its remedy included."""
        with self.app.reading() as db:
            return {each.key.partition(":")[0]: f"{each.message} {each.remedy}" for each in store.open_alerts(db)}

    def assert_live_once(self, *posts: Approved) -> None:
        """The server holds each part once, in order, as it was approved; our tables agree, and nobody is asked."""
        live = self.account.live()
        threads = {tuple(item.text for item in thread): thread for thread in threads_of(live)}
        wanted = {tuple(text for text, _pictures in post.wanted): post for post in posts}
        assert threads.keys() == wanted.keys(), self._told(f"live is {list(threads)}", *posts)
        assert len(live) == sum(map(len, threads)), self._told(f"live is {live}", *posts)
        for texts, post in wanted.items():
            items = threads[texts]
            assert [item.pictures for item in items] == [pictures for _text, pictures in post.wanted], "other pictures"
            assert [item.answers for item in items] == ["", *[item.id for item in items[:-1]]], "no chain"
            assert [part.remote_id for part in self.parts(post)] == [item.id for item in items], self._told("", post)
            assert self.status(post) == PostStatus.PUBLISHED, self._told("", post)
            assert all(attempt.ended_at for attempt in self.attempts(post)), self._told("", post)
        assert self.alerts() == {}, self.alerts()

    def _told(self, what: str, *posts: Approved) -> str:
        """Return what we believe of posts, for a test that has failed."""
        lines = [f"{self.status(post)}: {self.stored(post).reason}" for post in posts]
        lines += [f"{attempt.outcome}: {attempt.detail}" for post in posts for attempt in self.attempts(post)]
        return "\n".join([what, *lines, *self.alerts().values()])

    def assert_nothing_live(self) -> None:
        assert self.account.live() == []


def threads_of(live: Sequence[Seen]) -> list[list[Seen]]:
    """Return what begins something, each with all that answers it, and so on."""

    def begun_by(item: Seen) -> list[Seen]:
        return [item, *[below for other in live if other.answers == item.id for below in begun_by(other)]]

    return [begun_by(item) for item in live if not item.answers]


def text_of(n: int, parts: int, link: str) -> str:
    """Return the text of a part: accents, an emoji, and in the last one a tag and a link."""
    counted = f" ({n}/{parts})" if parts > 1 else ""
    closing = f"\n\n#MoraviaSilesia {link}" if n == parts else ""
    return f"Moduly pro baterie jsou otevřené všem 🔋 open to every region.{counted}{closing}"


def answered_with(status: int) -> Act:
    """Return an act: upstream does it, and its answer is passed on with another status."""

    def act(call: Call) -> None:
        raw = call.forward()
        was = read_answer(raw)[0]
        call.answer(raw.replace(f" {was} ".encode(), f" {status} ".encode(), 1))

    return act


RigOn = Callable[..., Rig]


DAEMON = '\n[daemon]\ntick = "0.1 s"\nhouse = "10 s"\nlog = "json"\n'


def channel_of(account: Account, logs_in: bool, keys: dict[str, str], name: str = CHANNEL) -> str:
    """Return the section of the config for a channel of an account."""
    credential = {} if logs_in else {account.credential: f"${{{PASSWORD}}}"}
    values = {**SETTINGS, **account.channel(), **credential, **keys}
    lines = [f"{key} = {json.dumps(value)}" for key, value in values.items()]
    return "\n".join(["", f"[channels.{name}]", *lines, ""])
