"""What every platform of the registry must be; whatever a new one lacks is named here."""

from __future__ import annotations

import ast
import inspect
import re
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest

from campaign import cards, platforms
from campaign.errors import Unsupported
from campaign.files import PACKAGE, shipped
from campaign.platforms.base import Platform, PlatformSettings, Unit
from campaign.platforms.http import Http
from campaign.rehearsal.clock import VirtualClock

EVERY = pytest.mark.parametrize("name", list(platforms.PLATFORMS))
# What several platforms use:
SHARED = {"base", "containers", "deadlines", "grants", "graph", "http", "longlived", "uploads", "waits"}
OTHERS = ("sqlmodel", "sqlalchemy", "alembic", "jinja2", "PIL", "click", "rich", "requests", "urllib3")
ABILITIES = {
    "confirm": ("id",),
    "metrics": (["id"],),
    "followers": (),
    "edit": ("id", None),
    "delete": ("id",),
    "login": (None,),
}


class Bare(Platform):
    """A platform with the fewest abilities allowed."""

    name = "bare"
    check = publish = find = None  # type: ignore[assignment]  # there, and never called


class NoTokens:
    def load(self) -> dict[str, str]:
        return {}

    def save(self, tokens: object) -> None:
        raise AssertionError

    def renewing(self) -> AbstractContextManager[dict[str, str]]:
        raise AssertionError


@EVERY
def test_a_platform_is_called_as_its_module_and_its_registry_key(name: str) -> None:
    kind = platforms.load(name)
    assert kind.name == name
    assert f"{kind.__module__}.".startswith(f"campaign.platforms.{name}.")
    assert issubclass(kind, Platform)


@EVERY
def test_a_platform_has_templates_of_its_own_or_the_default_ones(name: str) -> None:
    posts = shipped("templates", "posts")
    assert (posts / name).is_dir() or (posts / "_default").is_dir()


def test_every_module_that_holds_a_platform_is_in_the_registry() -> None:
    places = {path.stem for path in (PACKAGE / "platforms").iterdir() if not path.name.startswith("__")}
    assert places - SHARED == set(platforms.PLATFORMS)


@EVERY
def test_its_limits_are_sane(name: str) -> None:
    limits = platforms.load(name).limits
    assert limits.unit in get_args(Unit)
    assert limits.text >= 100
    assert limits.image_types
    assert limits.link_length is None or 0 < limits.link_length < limits.text
    assert limits.text_bytes is None or limits.text_bytes > limits.text
    assert limits.caption is None or 100 <= limits.caption < limits.text
    assert limits.alt_text >= 100
    assert limits.images >= 0
    assert limits.image_bytes >= 100_000
    assert limits.hashtags >= 0
    assert set(limits.image_types) <= {"image/jpeg", "image/png"}
    assert limits.formats
    assert not limits.needs_image or limits.images
    assert set(limits.formats) <= set(cards.formats())


@EVERY
def test_its_waits_are_sane(name: str) -> None:
    kind = platforms.load(name)
    assert timedelta(0) <= kind.replay_window <= timedelta(hours=2)
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


@pytest.mark.parametrize("file", sorted((PACKAGE / "platforms").rglob("*.py")), ids=lambda file: file.stem)
def test_adapters_see_no_database_template_image_or_terminal_and_only_http_knows_requests(file: Path) -> None:
    forbidden = {"campaign.models", "campaign.db", "campaign.store", "campaign.app", *OTHERS}
    if file.stem == "http":
        forbidden -= {"requests", "urllib3"}
    assert not {name for name in imported(file) if any(f"{name}.".startswith(f"{each}.") for each in forbidden)}


@EVERY
def test_each_number_of_its_limits_says_where_it_comes_from(name: str) -> None:
    """By an address on its line, or on the first line for all: an address, or that it is our own choice."""
    file = file_of(name)
    lines, call = file.read_text().splitlines(), limits_in(file)
    about_all = lines[call.lineno - 1]
    for number in call.keywords:
        said = " ".join([about_all, *lines[number.lineno - 1 : number.end_lineno]])
        assert "https://" in said or "our own choice" in said, f"{file.name}, line {number.lineno}: {number.arg}"


@EVERY
def test_each_wait_says_why(name: str) -> None:
    file = file_of(name)
    lines = [line for line in file.read_text().splitlines() if re.match(r"    (replay_window|settle)\b", line)]
    assert lines
    assert [line for line in lines if "  # " not in line] == []


def file_of(name: str) -> Path:
    """Return the file that holds a platform's class."""
    return Path(inspect.getfile(platforms.load(name)))


def imported(file: Path) -> set[str]:
    """Return the modules that a file imports, and the names that it takes from them, wherever it does so."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def limits_in(file: Path) -> ast.Call:
    """Return the one call in a file that makes the limits."""
    [call] = [
        node
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Limits"
    ]
    return call


@pytest.mark.parametrize("ability", ABILITIES)
def test_a_platform_without_an_ability_says_so(ability: str, clock: VirtualClock) -> None:
    Bare.__abstractmethods__ = frozenset()
    bare = Bare(PlatformSettings(), Http("", clock), clock, NoTokens())
    bare.prepare(None, None)  # type: ignore[arg-type]  # most platforms have nothing to prepare
    with pytest.raises(Unsupported, match=r"^bare "):
        getattr(bare, ability)(*ABILITIES[ability])
