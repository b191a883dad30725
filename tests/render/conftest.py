"""A program with two channels of platforms that exist only in tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from campaign.app import App
from tests.skies import CHANNELS, add_skies


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch, config_file: Path, make_app: Callable[..., App]) -> Callable[..., App]:
    """Start the program with the two channels, and `keys` in both."""
    add_skies(monkeypatch)
    written = config_file.read_text()

    def started(*, owns: bool = True, more: str = "", **keys: object) -> App:
        lines = "".join(
            f'\n{name} = "{value}"' if isinstance(value, str) else f"\n{name} = {value}" for name, value in keys.items()
        )
        config_file.write_text(written + more + CHANNELS.replace("\nslots", f"{lines}\nslots"))
        return make_app(owns=owns)

    return started
