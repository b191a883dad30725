"""A daemon that has nothing to do: how much memory it holds, and how much of a core it takes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from benchmarks.campaigns import campaign_on, channels, lay_out
from benchmarks.measuring import Figure

CHANNELS, EACH = 8, 5
SETTLED, WATCHED = 6.0, 60.0  # seconds
NOWHERE = "http://127.0.0.1:9"


def measured(folder: Path) -> Iterator[Figure]:
    """Run a daemon with its usual ticks on a calendar of approved posts, none of them due."""
    home, keys = folder / "resting", channels(CHANNELS)
    with campaign_on(home, NOWHERE, keys) as app:
        lay_out(app, keys, EACH, app.clock.now() + timedelta(days=30))
    command = [sys.executable, "-m", "benchmarks.local", "daemon"]
    with subprocess.Popen(command, cwd=home, stderr=subprocess.DEVNULL) as daemon:
        time.sleep(SETTLED)
        before = cpu_seconds(daemon.pid)
        time.sleep(WATCHED)
        share = (cpu_seconds(daemon.pid) - before) / WATCHED
        status = Path(f"/proc/{daemon.pid}/status").read_text()
        daemon.terminate()
    what = f"a daemon at rest, {CHANNELS} channels, {CHANNELS * EACH} posts to come"
    yield Figure(f"{what}: memory", f"{megabytes(status, 'VmRSS'):.0f} MB", "below 90 MB")
    yield Figure(f"{what}: of a core", f"{share:.2%}", "below 0.5 %")


def cpu_seconds(pid: int) -> float:
    """Return what a process has computed so far: utime and stime of /proc/PID/stat (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def megabytes(status: str, name: str) -> float:
    """Return a line of /proc/PID/status in MB. (ru_maxrss is that of who started the process, where that was more.)"""
    found = re.search(rf"{name}:\s+(\d+) kB", status)
    if found is None:
        raise RuntimeError("the process has ended before it could be looked at")
    return int(found[1]) / 1024
