"""The start of the command line: what a person waits for before anything is done."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measuring import Comparison, Work, compare


def compared() -> Iterator[Comparison]:
    help_ = running("campaign --help", str(Path(sys.executable).with_name("campaign")), "--help")
    bare = running("python -c pass", sys.executable, "-c", "pass")
    click = running('python -c "import click"', sys.executable, "-c", "import click")
    for base in (bare, click):
        yield compare(help_, base, rounds=15, timer=time.perf_counter)


def running(name: str, *command: str) -> Work:
    return Work(name, lambda: subprocess.run(command, check=True, capture_output=True))
