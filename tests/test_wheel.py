"""The wheel alone is the whole program: built from this checkout, unpacked elsewhere, used far from the checkout."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from campaign import __version__

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ("templates", "assets", "examples", "config.example.toml")
CACHES = ("__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache")
Campaign = Callable[..., str]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built offline with what is installed."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    [wheel] = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def python(unpacked: Path, tmp_path: Path) -> Campaign:
    """Run Python with the unpacked wheel before everything else, in a folder that knows no checkout."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8", "PYTHONPATH": str(unpacked)}

    def run(*arguments: str, cwd: Path = tmp_path) -> str:
        command = [sys.executable, "-P", *arguments]
        ended = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, f"{arguments}: {ended.stdout}{ended.stderr}"
        return ended.stdout

    return run


def files_under(folder: Path) -> set[str]:
    """Return the paths, below `folder`, of all its files but caches."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {path.as_posix() for path in paths if not set(path.parts) & set(CACHES)}


def test_the_wheel_holds_the_package_and_what_it_ships_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]

    package = {f"campaign/{name}" for name in files_under(ROOT / "campaign")}
    shipped = {f"campaign/_shipped/{part}/{name}" for part in SHIPPED for name in files_under(ROOT / part)}
    assert len(names) == len(set(names))
    assert set(names) == package | shipped | {"campaign/_shipped/config.example.toml"}


@pytest.mark.parametrize(
    "name",
    [
        "campaign/migrations/script.py.mako",
        "campaign/_shipped/config.example.toml",
        "campaign/_shipped/examples/demo.toml",
        "campaign/_shipped/templates/posts/_default/quote.txt.j2",
        "campaign/_shipped/templates/pages/proof.html.j2",
        "campaign/_shipped/templates/cards/photo.toml",
        "campaign/_shipped/assets/themes/campaign.toml",
        "campaign/_shipped/assets/fonts/Inter.ttf",
        "campaign/_shipped/assets/fonts/Inter-OFL.txt",
        "campaign/_shipped/assets/fonts/Ubuntu-UFL.txt",
    ],
)
def test_what_the_program_looks_for_and_the_licences_of_its_fonts_are_in_the_wheel(unpacked: Path, name: str) -> None:
    assert (unpacked / name).read_bytes()


def test_the_wheel_names_its_command_and_its_licence(unpacked: Path) -> None:
    [about] = unpacked.glob("campaign-*.dist-info")

    assert "campaign = campaign.cli:main" in (about / "entry_points.txt").read_text()
    assert "License-Expression: Apache-2.0" in (about / "METADATA").read_text()
    assert (about / "licenses" / "LICENSE").read_text() == (ROOT / "LICENSE").read_text()


def test_program_and_shipped_files_are_those_of_the_wheel(python: Campaign, unpacked: Path) -> None:
    code = "import campaign; from campaign.files import shipped; print(campaign.__file__, shipped('templates'))"

    package = unpacked / "campaign"
    assert python("-c", code).split() == [str(package / "__init__.py"), str(package / "_shipped" / "templates")]


def test_it_tells_its_version_and_its_commands(python: Campaign) -> None:
    assert python("-m", "campaign", "--version") == f"campaign, version {__version__}\n"
    assert re.search(r"^  approve +Say yes to exactly what a proof has shown", python("-m", "campaign", "--help"), re.M)


def test_a_story_goes_from_the_first_folder_to_a_published_post(python: Campaign, tmp_path: Path) -> None:
    place = tmp_path / "first"

    def campaign(*arguments: str, person: str = "joao") -> str:
        return python("-m", "campaign", "--as", person, *arguments, cwd=place)

    python("-m", "campaign", "init", "first")
    far_from_every_slot(place / "config.toml")
    campaign("add", "stories/first-story")
    campaign("plan")
    [code] = re.findall(r"--proof (\w+)", campaign("proof", "--text", person="zuzana"))
    campaign("approve", "--proof", code, person="zuzana")
    campaign("post", "now", "first-story@folder-web", person="zuzana")
    campaign("tick")

    [post] = (place / "published" / "web").glob("*-first-story-*")
    assert {file.name for file in post.iterdir()} == {"post.txt", "post.json", "image-1.jpg", "image-1.alt.txt"}
    assert not list((place / "published" / "asa").glob("*-first-story-*"))


def far_from_every_slot(config: Path) -> None:
    """Move all slots half a day away and take the closed days out: the clock of this test is the real one."""
    hour = (datetime.now(UTC) + timedelta(hours=12)).hour
    text = re.sub(r"\[\[blackouts\]\]\n(.+\n)+", "", config.read_text())
    config.write_text(re.sub(r"(?m)^slots = .*$", f'slots = ["mon-sun {hour:02}:00"]', text))
