"""The demo, played once for all tests that look at it, in whatever process they run."""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from campaign.rehearsal.demo import run_demo


@dataclass(frozen=True)
class Played:
    """A demo that has ended. Its folder is shared: look, and change nothing."""

    folder: Path
    page: Path
    progress: tuple[tuple[float, str], ...]  # what it told on its way

    @property
    def proofs(self) -> list[Path]:
        """The pages of the proofs that Žofie looked at, the largest first."""
        return sorted(self.page.parent.glob("proof-*.html"), key=lambda page: -page.stat().st_size)


def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Return the demo of this test run; whoever comes first plays it, the others wait."""
    place = tmp_path_factory.getbasetemp()
    place = place.parent if "PYTEST_XDIST_WORKER" in os.environ else place  # the folder that all workers share
    folder, told = place / "demo", place / "demo.json"
    with (place / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            progress: list[tuple[float, str]] = []
            page = run_demo(folder, lambda share, what: progress.append((share, what)))
            told.write_text(json.dumps({"page": str(page), "progress": progress}))
    kept = json.loads(told.read_text())
    return Played(folder, Path(kept["page"]), tuple((share, what) for share, what in kept["progress"]))
