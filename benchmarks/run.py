"""Print how long things take, held against the same work done by hand. Nothing is written."""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from benchmarks import drawing, growing, memory, peers, planning, publishing, resting, route, starting
from benchmarks.measuring import Comparison

GOAL = "{:<66} {:>8}   {}"
GROWTH = "{:<34}" + 3 * " {:>9}" + 2 * " {:>11}"
ROW = "{:<46} {:>10}   {:<34} {:>10} {:>9}"


def main() -> None:
    """Run every benchmark and print each row as soon as it is known."""
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}\n")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        print(ROW.format("what", "takes", "against", "takes", "ratio"), flush=True)
        for row in compared(folder):
            ours, base = spoken(row.ours_seconds), spoken(row.base_seconds)
            print(ROW.format(row.ours, ours, row.base, base, f"{row.ratio:.3g}"), flush=True)
        print("\nmost memory held")
        for what, megabytes in memory.measured(folder):
            print(f"{what:<46} {megabytes:>7.0f} MB", flush=True)
        print("\npublishing, and a daemon at rest")
        for figure in chain(publishing.measured(folder), resting.measured(folder)):
            print(GOAL.format(figure.what, figure.value, figure.goal), flush=True)
    print("\nthe same work beside more and more that is over")
    few, *more = (f"{posts:,}" for posts in growing.SIZES)
    print(GROWTH.format("posts published before", few, *more, *(f"{many} : {few}" for many in more)), flush=True)
    for row in growing.measured():
        print(GROWTH.format(row.what, *map(spoken, row.seconds), *(f"{each:.2f}" for each in row.ratios)), flush=True)


def compared(folder: Path) -> Iterator[Comparison]:
    works = (starting.compared(), drawing.compared(folder), peers.compared(folder), planning.compared())
    return chain(*works, route.compared(folder))


def spoken(seconds: float) -> str:
    """Return a time in the unit that suits it."""
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1000:.3g} ms" if seconds >= 0.001 else f"{seconds * 1e6:.3g} µs"


if __name__ == "__main__":
    main()
