"""What every platform of the registry must be. Adding one = a file, a template folder, a line: this names what is missing."""

from __future__ import annotations

import inspect
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import get_args

import pytest

from campaign import platforms
from campaign.errors import Unsupported, UsageError
from campaign.files import PACKAGE, shipped
from campaign.platforms.base import Platform, PlatformSettings, Unit
from campaign.platforms.http import Http
from campaign.rehearsal.clock import VirtualClock

EVERY = pytest.mark.parametrize("name", list(platforms.PLATFORMS))
ABILITIES = {
    "confirm": ("id",),
    "metrics": (["id"],),
    "followers": (),
    "edit": ("id", None),
    "delete": ("id",),
}


class Bare(Platform):
    """A platform with the fewest abilities allowed."""

    name = "bare"
    check = publish = find = None  # type: ignore[assignment]


class NoTokens:
    def load(self) -> dict[str, str]:
        return {}

    def save(self, tokens: object) -> None:
        raise AssertionError


@EVERY
def test_a_platform_is_called_as_its_module_and_its_registry_key(name: str) -> None:
    kind = platforms.load(name)
    assert kind.name == name
    assert kind.__module__ == f"campaign.platforms.{name}"
    assert issubclass(kind, Platform)


@EVERY
def test_a_platform_has_templates_of_its_own_or_the_default_ones(name: str) -> None:
    posts = shipped("templates", "posts")
    assert (posts / name).is_dir() or (posts / "_default").is_dir()


def test_every_module_that_holds_a_platform_is_in_the_registry() -> None:
    files = {path.stem for path in (PACKAGE / "platforms").glob("*.py")} - {"__init__", "base", "http"}
    assert files == set(platforms.PLATFORMS)


@EVERY
def test_its_limits_are_sane(name: str) -> None:
    limits = platforms.load(name).limits
    assert limits.unit in get_args(Unit)
    assert limits.text >= 100
    assert limits.link_length is None or 0 < limits.link_length < limits.text
    assert limits.alt_text >= 100
    assert limits.images >= 0
    assert limits.image_bytes >= 100_000
    assert limits.hashtags >= 0
    assert set(limits.image_types) <= {"image/jpeg", "image/png"}
    assert limits.formats


@EVERY
def test_its_waits_are_sane(name: str) -> None:
    kind = platforms.load(name)
    assert timedelta(0) <= kind.replay_window <= timedelta(hours=1)
    assert kind.settle is None or timedelta(0) <= kind.settle <= timedelta(hours=1)


@EVERY
def test_its_settings_are_frozen_refuse_unknown_keys_and_take_a_base_url(name: str) -> None:
    settings = platforms.load(name).Settings
    assert issubclass(settings, PlatformSettings)
    assert settings.model_config["extra"] == "forbid"
    assert settings.model_config["frozen"]
    assert "base_url" in settings.model_fields


@EVERY
def test_each_ability_is_its_own_or_refused_with_a_reason_that_a_user_can_read(name: str, clock: VirtualClock) -> None:
    kind = platforms.load(name)
    lacking = kind.__new__(kind)
    for ability, given in ABILITIES.items():
        if getattr(kind, ability) is getattr(Platform, ability):
            with pytest.raises(Unsupported, match=rf"^{name} "):
                getattr(lacking, ability)(*given)
        else:
            assert inspect.signature(getattr(kind, ability)).parameters.keys() == (
                inspect.signature(getattr(Platform, ability)).parameters.keys()
            )


@EVERY
def test_its_source_names_no_other_layer(name: str) -> None:
    source = Path(import_module(f"campaign.platforms.{name}").__file__ or "").read_text()
    for word in ("campaign.models", "sqlmodel", "jinja2", "PIL"):
        assert f"import {word}" not in source
        assert f"from {word}" not in source


@pytest.mark.parametrize("ability", ABILITIES)
def test_a_platform_without_an_ability_says_so(ability: str, clock: VirtualClock) -> None:
    Bare.__abstractmethods__ = frozenset()
    bare = Bare(PlatformSettings(), Http("", clock), clock, NoTokens())
    bare.prepare(None, None)  # type: ignore[arg-type]  # most platforms have nothing to prepare
    with pytest.raises(Unsupported, match="^bare "):
        getattr(bare, ability)(*ABILITIES[ability])


def test_an_unknown_platform_is_named_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"there is no platform 'fax'\n  Known: folder"):
        platforms.load("fax")
