"""SIGKILL at every commit and file operation of a publish: after a restart the post is there exactly once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

REPO = Path(__file__).parents[2]
MEMORY = Path("/dev/shm")  # noqa: S108 - kill -9 is about order, not about the disk: memory is as good, and fast


def kill(parts: int, *often: int, seconds: int = 280) -> tuple[list[str], list[dict[str, Any]]]:
    """Run the killing program; return the operations of a calm run, and what each killed one left behind."""
    with tempfile.TemporaryDirectory(dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as root:
        done = subprocess.run(
            [sys.executable, "-m", "tests.publish.killed", root, str(parts), *map(str, often)],
            cwd=REPO,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    first, *points = [json.loads(line) for line in done.stdout.splitlines()]
    return first["operations"], points


def assert_live_once(point: dict[str, Any], parts: int) -> None:
    assert point["status"] == "published", point
    assert len(point["live"]) == parts, point
    assert point["live"] == point["known"], point
    assert point["feed"] == parts, point
    assert point["alerts"] == [], point


@pytest.mark.kill
@pytest.mark.timeout(300)
@pytest.mark.parametrize("parts", [1, 3])
def test_killed_at_any_operation_each_part_is_live_once_and_the_post_published(parts: int) -> None:
    operations, points = kill(parts)

    assert operations.count("commit") >= 4
    assert operations.count("rename") == parts
    assert len(points) == 2 * len(operations)
    for point in points:
        assert point["killed"], point
        assert_live_once(point, parts)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(4))
def test_killed_several_times_in_a_row_each_part_is_live_once(seed: int) -> None:
    _, points = kill(2, 250, seed, seconds=1700)

    assert sum(point["killed"] for point in points) > 200
    for point in points:
        assert_live_once(point, 2)
