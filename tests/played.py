"""The demo, and a rehearsal of how it goes on, played once for all tests that look at them, whatever their process."""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from campaign.app import open_app
from campaign.config import load
from campaign.rehearsal.clock import VirtualClock
from campaign.rehearsal.demo import LAST_DAY, run_demo
from campaign.rehearsal.rehearsal_page import write_page
from campaign.rehearsal.rehearse import Ask, rehearse


@dataclass(frozen=True)
class Played:
    """A demo that has ended. Its folder is shared: look, and change nothing."""

    folder: Path
    page: Path
    rehearsal: Path  # its page
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
            told.write_text(json.dumps({"page": str(page), "rehearsal": str(_rehearsed(folder)), "progress": progress}))
    kept = json.loads(told.read_text())
    progress = [(share, what) for share, what in kept["progress"]]
    return Played(folder, Path(kept["page"]), Path(kept["rehearsal"]), tuple(progress))


def _rehearsed(folder: Path) -> Path:
    """Rehearse the days after the demo, with faults, and return the page."""
    after = datetime.combine(LAST_DAY, time(23, 30), UTC)
    app = open_app(load(folder / "config.toml", {}), clock=VirtualClock(after))
    try:
        return write_page(app, rehearse(app, Ask(days=3, percent=10), lambda share, what: None))
    finally:
        app.db.close()
