"""The most memory that drawing holds."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.drawing import SIZES, take_photo
from benchmarks.resting import megabytes

DRAW = """
import sys
from pathlib import Path
from benchmarks.drawing import drawing
drawing(Path(sys.argv[1]))()
print(Path("/proc/self/status").read_text())
"""


def measured(folder: Path) -> Iterator[tuple[str, float]]:
    """Yield what was run, and the most of the machine's memory that it held, in MB."""
    yield "bare Python", peak("-c", "print(open('/proc/self/status').read())")
    for name, size in SIZES.items():
        photo = take_photo(folder / f"{size[0]}.jpg", size)
        yield f"cards in every format, photo of {name}", peak("-c", DRAW, str(photo))


def peak(*arguments: str) -> float:
    ended = subprocess.run([sys.executable, *arguments], check=True, capture_output=True, text=True)
    return megabytes(ended.stdout, "VmHWM")
