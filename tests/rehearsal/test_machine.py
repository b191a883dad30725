"""Commands, faults and time in every order that Hypothesis thinks of keep every promise."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

REPO = Path(__file__).parents[2]
EXAMPLES, STEPS = "40", "20"  # 20 s of one idle core


def played(examples: str, steps: str, *more: str, seconds: int = 1000) -> tuple[dict[str, Any], str]:
    """Play in a program of its own; return its counts, and how a promise was broken."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.rehearsal.machine", examples, steps, *more],
        cwd=REPO,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.stdout, done.stderr
    return json.loads(done.stdout.splitlines()[-1]), done.stderr


@pytest.mark.timeout(600)
def test_whatever_people_and_the_world_do_every_promise_is_kept() -> None:
    counts, broken = played(EXAMPLES, STEPS)

    assert broken == ""
    assert counts["steps"] > 400
    assert min(counts["published"], counts["faults"]) > 0


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "bug",
    [
        "late_window_ignored",
        pytest.param("gate_skipped", marks=pytest.mark.soak),
        pytest.param("retry_on_unknown", marks=pytest.mark.soak),
    ],
)
def test_a_planted_bug_is_caught(bug: str) -> None:
    _, broken = played("200", STEPS, "", bug)

    assert "Failing test case" in broken, f"nothing has shown {bug}"


@pytest.mark.soak
@pytest.mark.timeout(36_000)
def test_much_more_of_the_same_keeps_every_promise() -> None:
    """Another seed by SEED=…, more examples by EXAMPLES=…"""
    _, broken = played(os.environ.get("EXAMPLES", "1000"), "40", os.environ.get("SEED", "1"), seconds=36_000)

    assert broken == ""
