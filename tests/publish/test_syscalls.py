"""SIGKILL at every system call of a publish that changes anything: after a restart the post is there exactly once."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile

import pytest

from tests.publish.test_kill_sweep import MEMORY, REPO

HOUR = 3600


@pytest.mark.soak
@pytest.mark.timeout(HOUR)
@pytest.mark.skipif(shutil.which("strace") is None, reason="no strace to kill at system calls with: apt install strace")
@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize("place", ["folder", "wall"])
def test_killed_at_any_system_call_each_part_is_live_once(place: str, parts: int) -> None:
    with tempfile.TemporaryDirectory(dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as root:
        command = [sys.executable, "-m", "tests.publish.killed_calls", root, place, str(parts)]
        done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, timeout=HOUR, check=False)
    assert done.returncode == 0, done.stderr
    calm, *points = [json.loads(line) for line in done.stdout.splitlines()]

    assert {"flock", "pwrite64", "fdatasync", "rename" if place == "folder" else "sendto"} <= set(calm["calls"])
    assert len(points) == len(calm["calls"]) > 200
    for point in (calm, *points):
        assert point.get("killed", True), point
        assert (point["status"], point["alerts"]) == ("published", []), point
        assert len(point["live"]) == parts, point
        assert point["live"] == point["known"], point
