"""Run as a program: kills a publishing process at each system call that changes anything, and starts it again.

    python -m tests.publish.killed_calls FOLDER folder|wall PARTS

strace counts the calls of a calm run; then each of them is the last of a process of its own: the signal comes as the
call is entered, so it is not made any more. Prints one JSON line per point, as `killed.py` does.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import requests

from campaign import platforms, publish, store
from campaign.clock import SystemClock
from campaign.config import load, revealed
from campaign.db import Database
from campaign.rehearsal.clock import VirtualClock
from tests.conftest import CONFIG
from tests.publish import killed, wall

CHANGING = (
    *("write", "pwrite64", "writev", "fsync", "fdatasync", "ftruncate", "fallocate", "copy_file_range", "sendfile"),
    *("rename", "renameat", "renameat2", "unlink", "unlinkat", "rmdir", "mkdir", "mkdirat", "link", "linkat"),
    *("symlink", "chmod", "fchmod", "utimensat", "openat", "close", "flock", "fcntl"),
    *("socket", "connect", "sendto", "sendmsg", "shutdown"),
)
LINE = re.compile(r"(\d+) +(\w+)\((.*)")
NEWS = re.compile(r"(?ms)^\[channels\.news\].*?(?=^\[)")
MINUTES = 40  # after which a restarted program must have settled everything


class OnFolder:
    """The channel is a folder, which is its own witness."""

    def __init__(self, _url: str) -> None: ...

    def arrange(self, home: Path, parts: int) -> None:
        killed.arrange(home, parts)

    def judge(self, home: Path) -> dict[str, Any]:
        return killed.judge(home)


class OnWall:
    """The channel is an account on the wall, a new one for each folder."""

    def __init__(self, url: str) -> None:
        self._url = url

    def arrange(self, home: Path, parts: int) -> None:
        keys = f'platform = "mastodon"\nbase_url = "{self._url}"\nidempotency = "no"\nsettle = "1 min"'
        channel = f'[channels.news]\n{keys}\ntoken = "{home.name}"\nslots = ["daily 09:00"]\n\n'
        killed.arrange(home, parts, NEWS.sub(lambda _: channel, CONFIG))
        db = database(home)
        with db.writing() as session:
            state = store.channel_states(session)[killed.CHANNEL]
            state.enabled = True
        db.close()

    def judge(self, home: Path) -> dict[str, Any]:
        answer = requests.get(
            f"{self._url}/api/v1/accounts/own/statuses",
            headers={"Authorization": f"Bearer {home.name}"},
            timeout=10,
        )
        live = [status["id"] for status in reversed(answer.json())]
        return {"live": live, **believed(home)}


def database(home: Path) -> Database:
    return Database(revealed(load(home / "config.toml", {}).database))


def believed(home: Path) -> dict[str, Any]:
    """Return what the program believes of its one post."""
    db = database(home)
    with db.reading() as session:
        (post,) = store.posts_on(session, killed.CHANNEL)
        known = [part.remote_id for part in store.parts_of(session, post.uuid)]
        alerts = [alert.message for alert in store.open_alerts(session)]
    db.close()
    return {"status": post.status, "known": known, "alerts": alerts}


def publish_once(home: Path) -> None:
    publish.run(killed.build(home), killed.CHANNEL)


def restart(home: Path) -> None:
    clock = VirtualClock(SystemClock().now())
    app = killed.build(home, clock)
    for _ in range(MINUTES):
        publish.run(app, killed.CHANNEL)
        clock.advance(timedelta(minutes=1))


def traced(work: Callable[[], None], *options: str) -> bool:
    """Run `work` in a forked process under strace; say whether it was killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(writing)
        os.read(reading, 1)  # until strace is there
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)  # nothing runs on in the child
    os.close(reading)
    command = ["strace", "--follow-forks", f"--attach={child}", *options]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as tracer:
        assert tracer.stderr is not None
        assert f"Process {child} attached".encode() in tracer.stderr.readline()
        os.write(writing, b".")
        os.close(writing)
        _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "it failed"
    return os.WIFSIGNALED(status)


def points(lines: Sequence[str]) -> Iterator[tuple[str, int, str]]:
    """Yield of each call that changes something its name, how many of that name came before, and how it was made."""
    main = LINE.match(lines[0])
    assert main is not None
    counts: Counter[str] = Counter()
    for line in lines:
        if (call := LINE.match(line)) is not None and call[1] == main[1]:
            counts[call[2]] += 1
            if changes(call[2], call[3]):
                yield call[2], counts[call[2]], call[3][:100]


def changes(name: str, arguments: str) -> bool:
    if name == "openat":
        return "O_CREAT" in arguments or "O_TRUNC" in arguments
    return name != "fcntl" or "F_SETLK" in arguments


def kill_everywhere(root: Path, place: OnFolder | OnWall, parts: int) -> None:
    """Kill at each system call that a calm run makes."""
    calm, log = root / "calm", root / "strace"
    place.arrange(root / "first", parts)
    killed.in_child(lambda: publish_once(root / "first"))  # what Python compiles and keeps, it keeps now
    place.arrange(calm, parts)
    assert not traced(lambda: publish_once(calm), f"--trace={','.join(CHANGING)}", f"--output={log}")
    found = list(points(log.read_text().splitlines()))
    print(json.dumps({"calls": [name for name, _, _ in found], **place.judge(calm)}), flush=True)
    for n, (name, count, how) in enumerate(found):
        home = root / f"point-{n}"
        place.arrange(home, parts)
        inject = f"--inject={name}:signal=KILL:when={count}"
        died = traced(lambda home=home: publish_once(home), f"--trace={name}", inject, "--output=/dev/null")
        killed.in_child(lambda home=home: restart(home))
        print(json.dumps({"point": f"{name} {count} ({how}", "killed": died, **place.judge(home)}), flush=True)
        shutil.rmtree(home)


if __name__ == "__main__":
    folder, where, parts_of_post = sys.argv[1:]
    for platform in ("folder", "mastodon"):
        platforms.load(platform)  # what a fork has read already, it need not read
    with wall.standing() if where == "wall" else nullcontext("") as url:
        kill_everywhere(Path(folder), OnWall(url) if where == "wall" else OnFolder(url), int(parts_of_post))
