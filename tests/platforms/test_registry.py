"""The registry: a name leads to a class, imported only when it is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

from campaign import platforms
from campaign.errors import Exit, UsageError
from campaign.platforms.folder import Folder


def test_a_name_leads_to_its_class() -> None:
    assert platforms.load("folder") is Folder


@pytest.mark.parametrize("name", ["fax", "", "Folder", "folder ", "base", "http"])
def test_an_unknown_platform_is_named_with_those_there_are(name: str) -> None:
    with pytest.raises(UsageError) as raised:
        platforms.load(name)

    assert str(raised.value) == f"there is no platform {name!r}\n  Known: {', '.join(platforms.PLATFORMS)}"
    assert raised.value.exit_code == Exit.USAGE


def test_looking_at_the_registry_imports_no_adapter_and_nothing_heavy() -> None:
    code = "import sys, campaign.platforms; print(*sys.modules)"

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    heavy = {"campaign.platforms.base", "campaign.platforms.folder", "campaign.platforms.http", "pydantic", "requests"}
    assert "campaign.platforms" in loaded
    assert not heavy & set(loaded)
