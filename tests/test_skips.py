"""With CI=true nothing is skipped: what was not looked at must not pass."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CASES = """
import pytest

@pytest.fixture
def browser():
    pytest.skip("no chromium here")

def test_in_the_test(): pytest.skip("not today")
@pytest.mark.skipif(True, reason="not on this machine")
def test_by_a_mark(): pass
def test_in_a_fixture(browser): pass
@pytest.mark.xfail(strict=True)
def test_expected_to_fail(): assert False
def test_that_passes(): pass
"""


@pytest.mark.parametrize(
    ("ci", "tally"), [("true", "1 failed, 1 passed, 1 xfailed, 2 errors"), ("", "1 passed, 3 skipped, 1 xfailed")]
)
def test_a_skip_is_a_failure_where_everything_was_installed(tmp_path: Path, ci: str, tally: str) -> None:
    told = pytest_in(tmp_path, CASES, ci)

    assert f"\n{tally} in " in told
    for why in ("not today", "not on this machine", "no chromium here"):
        assert (f"nothing may be skipped with CI=true. Skipped: {why}\n" in told) == (ci == "true")


@pytest.mark.parametrize(("ci", "tally"), [("true", "1 error"), ("", "1 skipped")])
def test_a_whole_file_that_is_skipped_is_a_failure_too(tmp_path: Path, ci: str, tally: str) -> None:
    assert f"\n{tally} in " in pytest_in(tmp_path, 'import pytest; pytest.importorskip("nonesuch")', ci)


def pytest_in(folder: Path, cases: str, ci: str) -> str:
    """Run pytest on `cases` under this project's conftest, and return what it tells."""
    shutil.copy(Path(__file__).with_name("conftest.py"), folder)
    (folder / "test_cases.py").write_text(cases)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))}
    return subprocess.run(
        command, cwd=folder, env=environment | {"CI": ci}, capture_output=True, text=True, check=False
    ).stdout
