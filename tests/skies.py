"""Two platforms that exist only in tests: one like Bluesky, whose posts bring their previews, and one like Mastodon."""

from __future__ import annotations

import pytest

from campaign.platforms import PLATFORMS
from campaign.platforms.base import Limits
from tests.fakes import Fake

CHANNELS = """
[channels.sky]
platform = "sky"
name = "Regions in the sky"
slots = ["tue 09:00", "wed 09:00"]

[channels.herd]
platform = "herd"
name = "Regions in the herd"
slots = ["tue 09:00", "wed 09:00"]
"""


class Sky(Fake):
    """Counts graphemes and bytes, takes threads, makes no previews."""

    name = "sky"
    limits = Limits(
        text=300,
        unit="graphemes",
        text_bytes=3000,
        link_length=30,
        alt_text=2000,
        images=4,
        image_bytes=2_000_000,
        formats=("square", "landscape"),
        threads=True,
        brings_preview=True,
    )


class Herd(Fake):
    """Takes threads, and makes previews itself."""

    name = "herd"
    limits = Limits(text=500, link_length=23, alt_text=1500, images=4, threads=True)


def add_skies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put both into the registry while a test runs."""
    monkeypatch.setitem(PLATFORMS, "sky", "tests.skies:Sky")
    monkeypatch.setitem(PLATFORMS, "herd", "tests.skies:Herd")
