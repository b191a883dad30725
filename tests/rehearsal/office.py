"""People who act by typing commands on a campaign's server, and answer truthfully what they see on the platforms.

What they have said yes to, and what they have stopped, is noted beside the program as it is typed: the judge holds it
against what readers saw.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from campaign.app import App
from campaign.cli import cli
from campaign.cli.call import Call, person_of
from campaign.config import Config
from campaign.db import Database
from campaign.models import FINAL
from campaign.rehearsal.judge import Yes, words
from campaign.rehearsal.transport import Crash
from tests.rehearsal.deeds import superseded
from tests.rehearsal.laying import stored
from tests.rehearsal.server import Ground, Server, home_in

BUG = "Something went wrong inside campaign"


@dataclass
class Keyboard(Call):
    """How an officer's command meets this office: its clock, its store, its net."""

    build: Callable[..., App] = App

    def open(self, config: Config) -> App:
        return self.build(config, who=person_of(config, self.person))


@dataclass(frozen=True)
class Answer:
    """What came of a command."""

    code: int | None  # None: the process died in it
    output: str
    stdout: str = ""

    @property
    def went_well(self) -> bool:
        """Whether it came to its end, with or without something for a person."""
        return self.code in (0, 3)

    @property
    def died(self) -> bool:
        """Whether nobody can say what it did."""
        return self.code is None

    def json(self) -> Any:
        """Return what was printed, parsed."""
        return json.loads(self.stdout)


@dataclass(frozen=True)
class Backup:
    """A backup, when it was taken, and how the channels were called then."""

    file: Path
    at: datetime
    keys: dict[str, str]


class Office(Server):
    """The people of a campaign, at the command line of its server."""

    def __init__(self, ground: Ground, homes: Sequence[str], seed: int) -> None:
        super().__init__(ground, homes, seed)
        self.approved: dict[tuple[str, str], Yes] = {}  # by home and text
        self.outputs: list[str] = []  # of commands
        self.bugs: list[str] = []  # commands that ended in a way that nobody foresaw
        self.backup: Backup | None = None

    def typed(self, *words: str, answer: str = "", build: Callable[..., App] | None = None) -> Answer:
        """Type a command, and what it asks for."""
        call = Keyboard(clock=self.clock, build=build or self._app)
        self.typing = True
        try:
            line = ["--config", str(self.file), "--as", "anna", "--debug", *words]
            result = CliRunner().invoke(cli, line, input=answer, obj=call)
        except Crash:
            self.disk.dead = False
            return Answer(None, "")
        finally:
            self.typing = False
        self.outputs.append(result.output)
        if BUG in result.output or not isinstance(result.exception, SystemExit | None):
            self.bugs.append(f"campaign {' '.join(words)}: {result.output[-3000:]} {result.exception!r}")
        return Answer(result.exit_code, result.output, result.stdout)

    def typed_on_file(self, *words: str) -> Answer:
        """Type a command that works on the database as a file, as it lies on a disk."""
        self.write_database()
        try:
            return self.typed(*words, build=self._app_on_file)
        finally:
            self.read_database()

    def _app(self, config: Config, who: str) -> App:
        return App(config, self.memory.db, self.clock, new_id=self.new_id, transport=self.net.transport, who=who)

    def _app_on_file(self, config: Config, who: str) -> App:
        database = Database(config.database)
        return App(config, database, self.clock, new_id=self.new_id, transport=self.net.transport, who=who)

    def enable_all(self) -> None:
        """Log in where a platform wants that, and let every channel publish."""
        for home, service in self.services.items():
            if service.tokens():
                assert self.typed("channel", "login", self.keys[home], answer=f"{service.token}\n").code == 0
            assert self.typed("channel", "enable", self.keys[home]).code == 0

    def approve(self, *names: str, by_code: bool = True) -> None:
        """Look at a proof, of all that waits or of what is named, and say yes to what it showed."""
        proof = self.typed("proof", *names, "--json")
        if not proof.went_well or not (shown := proof.json())["code"]:
            return
        items = {item["post"]: item for item in shown["items"] if item["whole"]}
        yes = self.typed("approve", "--json", *(["--proof", shown["code"]] if by_code else items))
        if yes.died:
            said = list(items)
        else:
            said = [each["post"] for each in yes.json() if each["outcome"] != "refused"] if yes.went_well else []
        for post in said:
            self.note_yes(items[post])

    def supersede(self, slug: str) -> None:
        """Note that what was approved of a story is of an old version now."""
        posts = {post for post, story, *_ in self.posts() if story == slug}
        superseded(self.approved, posts, self.world_now)

    def note_yes(self, item: dict[str, Any]) -> None:
        """Note that a person has said yes to a post as a proof has shown it."""
        self.release("revoke", item["post"])
        home = home_in(item["name"].rpartition("@")[2])
        for n, part in enumerate(item["parts"], start=1):
            self.approved.setdefault((home, words(part["text"])), Yes(item["post"], n, self.world_now))

    def rename(self, home: str, *, read_first: bool) -> None:
        """Call a channel something else in the config, then type the command; read_first: the daemon is too quick."""
        old = self.keys[home]
        self._call(home, f"{home}-{int(old.partition('-')[2] or 0) + 1}")
        if read_first:
            self.send_hangup()
        if not self.typed("channel", "rename", old, self.keys[home]).went_well and self._has_channel(old):
            self._call(home, old)

    def _call(self, home: str, key: str) -> None:
        """Give a home's channel a name in the config file, which a daemon that starts reads."""
        self.keys[home] = key
        self.house.config = self.write_config()

    def put_stop_file(self, there: bool) -> None:
        """Put the stop file where it stops everything, or take it away."""
        if there:
            self.stop_file.touch()
            self.stop("stop file", "all", "")
        else:
            self.stop_file.unlink(missing_ok=True)
            self.release("stop file", "")

    def undo_stops(self) -> None:
        """Let everything go on that somebody has stopped, but what was cancelled or taken back."""
        self.put_stop_file(False)
        self.send_hangup()
        for what in ("--all", ""), ("--region", "portugal"), *(("--channel", key) for key in self.keys.values()):
            self.typed("resume", *filter(None, what))
            self.release("pause", home_in(what[-1]))
        for key in self.keys.values():
            self.typed("channel", "enable", key)
            self.release("disable", home_in(key))

    # Backups

    def back_up(self) -> None:
        """Take a backup, and note what the people have said until then."""
        place = self.file.parent / "backup.db"
        place.unlink(missing_ok=True)
        if self.typed_on_file("db", "backup", str(place)).went_well:
            self.backup = Backup(place, self.world_now, dict(self.keys))

    def put_back(self, *, lost: bool) -> bool:
        """Stop the daemon, put the backup in the place of the database, which may be lost, and start again.

        Say whether that went well. Of a channel that was renamed since, an admin would first have to see to the name.
        """
        backup = self.backup
        if backup is None or backup.keys != self.keys:
            return False
        self.house.seat.release()
        self.clock.advance(timedelta(minutes=1))
        self.write_database()
        if lost and self._may_be_lost(backup):
            self.database.unlink()
        restored = self.typed("db", "restore", str(backup.file), build=self._app_on_file).went_well
        if restored:
            self.stop("restore", "all", "")
            self.read_database()
            self._forget_since(backup)
        self.restart()
        return restored

    def is_held(self) -> bool:
        """Whether everything waits for somebody to adopt what was restored."""
        return any(stop.by == "restore" and stop.until is None for stop in self.stops)

    def adopt(self) -> None:
        """Say that this database is the one that sends; the daemon is stopped meanwhile."""
        self.house.seat.release()
        if self.typed_on_file("adopt").code != 1:
            self.release("restore", "")
        self.restart()

    def _may_be_lost(self, backup: Backup) -> bool:
        """Whether the backup knows each text that went out since, of a post that it asks about by itself.

        Of another text nobody could say whose it was; and what a person has taken back before is asked about only when
        it is to be sent again.
        """
        with closing(sqlite3.connect(backup.file)) as database:
            known = {(home_in(key), words(text)) for key, text in database.execute(TEXTS, [stored(self.clock.now())])}
        return all(
            (home, words(item.text)) in known
            for home, service in self.services.items()
            for item in service.items
            if item.at >= backup.at
        )

    def _forget_since(self, backup: Backup) -> None:
        """Let go of what people have stopped or approved since the backup, where the database does not know it."""
        for stop in self.stops:
            if stop.since >= backup.at and stop.by in ("cancel", "withdraw", "return", "revoke", "disable", "pause"):
                self.release(stop.by, stop.key)
        posts = {post for post, *_ in self.posts()}
        self.approved = {
            key: replace(yes, until=None) if yes.until and yes.until >= backup.at else yes
            for key, yes in self.approved.items()
            if yes.post in posts
        }

    # The database, past the program

    def posts(self, *statuses: str) -> list[tuple[str, str, str, str]]:
        """Return uuid, story, channel and status of the posts, or of those in some statuses."""
        rows = self.memory.ask(POSTS)
        return [row for row in rows if not statuses or row[3] in statuses]

    def is_quiet(self) -> bool:
        """Whether every story has ended on every channel."""
        ended = {(story, channel) for _, story, channel, status in self.posts() if status in FINAL}
        stories = [story for (story,) in self.memory.ask("SELECT slug FROM story WHERE status = 'queued'")]
        return all((story, key) in ended for story in stories for key in self.keys.values())

    def address_of(self, post: str) -> str | None:
        """Look at the platform's own page for the first part of a post that is not known to be live."""
        found = self.memory.ask(NEXT_PART, post)
        if not found:
            return None
        channel, content = found[0]
        service = self.services[home_in(channel)]
        text = words(json.loads(content)["text"])
        item = next((item for item in service.live if words(item.text) == text), None)
        return f"https://{service.host}/posts/{item.id}" if item else None

    def _has_channel(self, key: str) -> bool:
        return bool(self.memory.ask("SELECT 1 FROM channel_state WHERE channel = ?", key))


TEXTS = """
SELECT part.channel, json_extract(part.content, '$.text') FROM part JOIN post ON part.post = post.uuid
 WHERE post.status NOT IN ('planned', 'rendered', 'cancelled', 'failed', 'expired') OR post.wish <> ''
 OR post.status = 'rendered' AND post.due_at <= ?
"""
POSTS = """
SELECT post.uuid, story.slug, post.channel, post.status FROM post JOIN story ON post.story = story.uuid
 ORDER BY story.slug, post.channel
"""
NEXT_PART = "SELECT channel, content FROM part WHERE post = ? AND remote_id IS NULL ORDER BY n LIMIT 1"
