"""Never twice, never lost: every fault point, and hundreds of histories drawn by chance, judged by what readers saw."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal.bugs import BUGS
from tests.rehearsal.histories import drawn, play
from tests.rehearsal.laying import CHANNELS, layout

REPO = Path(__file__).parents[2]
CHUNKS = 4
HISTORIES = 2000 if os.environ.get("CI") == "true" else 500
ACCEPTED = 0.01  # part of the posts that may need a person when 1 % of the calls meet a fault


def played(*arguments: str, seconds: int = 1000) -> tuple[Counter[str], list[dict[str, Any]]]:
    """Play in a program of its own; return its counts, and what was broken."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.rehearsal.play", *arguments],
        cwd=REPO,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *broken, counts = [json.loads(line) for line in done.stdout.splitlines()]
    return Counter(counts), broken


@pytest.mark.timeout(300)
@pytest.mark.parametrize("channel", CHANNELS)
def test_every_fault_at_every_call_and_commit_leaves_each_part_live_once(channel: str) -> None:
    counts, broken = played("sweep", channel)

    assert broken == []
    assert counts["histories"] > 35
    assert counts["faults"] >= counts["histories"] * 0.95


@pytest.mark.timeout(300)
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_histories_drawn_by_chance_keep_every_promise(chunk: int) -> None:
    size = HISTORIES // CHUNKS
    counts, broken = played("histories", str(chunk * size), str(size))

    assert broken == []
    assert counts["histories"] == size


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_seen(name: str) -> None:
    counts, broken = played("bug", name)

    assert broken, f"{counts['histories']} histories have not shown {name}"


@pytest.mark.timeout(300)
def test_few_posts_need_a_person_when_one_call_in_a_hundred_meets_a_fault() -> None:
    counts, broken = played("common", "0", "12")

    assert broken == []
    assert counts["faults"] > 0
    assert counts["asked"] < ACCEPTED * counts["posts"]


def test_the_same_seed_is_the_same_history() -> None:
    with layout() as laid:
        first = [play(laid, drawn(seed)).digest for seed in range(4)]
        again = [play(laid, drawn(seed)).digest for seed in range(4)]
    with layout() as other:
        elsewhere = [play(other, drawn(seed)).digest for seed in range(4)]

    assert first == again == elsewhere
    assert len(set(first)) == 4


@pytest.mark.soak
@pytest.mark.timeout(36_000)
@pytest.mark.parametrize("half", range(2))
def test_many_more_histories_keep_every_promise(half: int) -> None:
    """`make soak HISTORIES=N FROM=seed`: what was played is added up in tests/SOAK.md."""
    first, count = int(os.environ.get("FROM", "2000")), int(os.environ.get("HISTORIES", "2000")) // 2
    counts, broken = played("histories", str(first + half * count), str(count), seconds=36_000)

    assert broken == []
    assert counts["histories"] == count
