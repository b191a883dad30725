"""Run as a program, away from the tracing of coverage: people, the world and the daemon in every order that Hypothesis
thinks of, by the public commands, judged after each step by what readers saw.

    python -m tests.rehearsal.machine EXAMPLES STEPS [SEED] [BUG]

Without a seed, each run is the same. BUG is one of tests/rehearsal/bugs.py, planted. A broken promise is told with the
shortest steps that lead to it; the last line is a summary as JSON.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from campaign.db import Database
from campaign.rehearsal import natures
from campaign.rehearsal.house import Disk, MemoryStore
from tests.rehearsal.bugs import BUGS
from tests.rehearsal.laying import MEMORY
from tests.rehearsal.rules import Campaign
from tests.rehearsal.server import Ground


def run(examples: int, steps: int, seed: int | None, phases: tuple[Phase, ...]) -> None:
    """Let Hypothesis play; without a seed, the same each time."""
    if seed is not None:
        hypothesis.seed(seed)(Campaign)
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=seed is None,
        database=None,
        deadline=None,
        phases=phases,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Campaign, settings=chosen)


def main(examples: str, steps: str, seed: str = "", bug: str = "") -> None:
    """Play as the command line says."""
    began = time.process_time()
    phases = (Phase.generate,) if bug else (Phase.generate, Phase.shrink)
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder, natures.registered():
        Campaign.ground = ground(Path(folder))
        with BUGS[bug][0]() if bug else nullcontext():
            try:
                run(int(examples), int(steps), int(seed) if seed else None, phases)
            finally:
                print(json.dumps({**Campaign.counts, "seconds": round(time.process_time() - began, 1)}), flush=True)


def ground(folder: Path) -> Ground:
    """Make what all examples share."""
    blank = folder / "blank.db"
    database = Database(f"sqlite:///{blank}")
    database.upgrade()
    database.close()
    disk = Disk()
    return Ground(folder, MemoryStore(disk), disk, blank.read_bytes())


if __name__ == "__main__":
    main(*sys.argv[1:])
