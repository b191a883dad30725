"""The most memory that the program's two shapes hold: one that draws, and one that waits."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.drawing import SIZES, take_photo

DRAW = """
import sys
from pathlib import Path
from benchmarks.drawing import drawing
drawing(Path(sys.argv[1]))()
print(Path("/proc/self/status").read_text())
"""
SETTLED = 6.0  # seconds: the daemon has looked at its channels twice by then


def measured(folder: Path) -> Iterator[tuple[str, float]]:
    """Yield what was run, and the most of the machine's memory that it held, in MB."""
    yield "bare Python", peak("-c", "print(open('/proc/self/status').read())")
    for name, size in SIZES.items():
        photo = take_photo(folder / f"{size[0]}.jpg", size)
        yield f"cards in every format, photo of {name}", peak("-c", DRAW, str(photo))
    yield "an idle daemon with two channels", idle_daemon()


def peak(*arguments: str) -> float:
    ended = subprocess.run([sys.executable, *arguments], check=True, capture_output=True, text=True)
    return high_water(ended.stdout)


def idle_daemon() -> float:
    """Start a daemon in a new campaign and look at it when it has come to rest."""
    campaign = str(Path(sys.executable).with_name("campaign"))
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([campaign, "init", folder], check=True, capture_output=True)
        command = [campaign, "daemon"]
        with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as daemon:
            time.sleep(SETTLED)
            status = Path(f"/proc/{daemon.pid}/status").read_text()
            daemon.terminate()
    return high_water(status)


def high_water(status: str) -> float:
    """Return VmHWM of a process in MB. (ru_maxrss is that of whoever started the process, where that was more.)"""
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    if found is None:
        raise RuntimeError("the process has ended before it could be looked at")
    return int(found[1]) / 1024
