"""SIGKILL at every commit and file operation of a publish: after a restart the post is there exactly once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

REPO = Path(__file__).parents[2]


@pytest.mark.kill
@pytest.mark.parametrize("parts", [1, 3])
def test_killed_at_any_operation_each_part_is_live_once_and_the_post_published(parts: int) -> None:
    memory = Path("/dev/shm")  # noqa: S108 - kill -9 is about order, not about the disk: memory is as good, and fast
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as root:
        done = subprocess.run(
            [sys.executable, "-m", "tests.publish.killed", root, str(parts)],
            cwd=REPO,
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    first, *points = [json.loads(line) for line in done.stdout.splitlines()]
    operations = first["operations"]

    assert operations.count("commit") >= 4
    assert operations.count("rename") == parts
    assert len(points) == 2 * len(operations)
    for point in points:
        assert point["killed"], point
        assert point["status"] == "published", point
        assert len(point["live"]) == parts, point
        assert point["live"] == point["known"], point
        assert point["feed"] == parts, point
        assert point["alerts"] == [], point
