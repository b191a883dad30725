"""`campaign card`: what a designer is told."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.conftest import Keyboard

pytestmark = pytest.mark.cards

GOOD = """extends = "_frame"
[ground]
kind = "box"
area = "full"
fill = "ink"
[headline]
kind = "text"
text = "{title}"
width = "80%"
lines = 6
font = "display"
color = "paper"
"""


@pytest.fixture
def fair(config_file: Path) -> Path:
    """A team's own design."""
    path = config_file.parent / "own" / "cards" / "fair.toml"
    path.parent.mkdir(parents=True)
    path.write_text(GOOD, "utf-8")
    (path.parent / "formats.toml").write_text("[banner]\nsize = [1500, 500]\nunit = 10\n", "utf-8")
    config_file.write_text(config_file.read_text() + '\n[folders]\ntemplates = "own"\n')
    return path


def test_the_shipped_designs_are_right(folder: Keyboard) -> None:
    answer = folder("card", "check")

    assert answer.startswith("✓ 9 designs are right, in 5 formats")


def test_a_mistake_is_told_once_with_its_line(folder: Keyboard, fair: Path) -> None:
    fair.write_text(GOOD.replace('"display"', '"displays"').replace('"ink"', '"inc"'), "utf-8")

    answer = folder("card", "check", code=1)

    assert answer == (
        'fair.toml, line 5, ground.fill: there is no colour "inc".\n  Did you mean "ink"?\n'
        'fair.toml, line 11, headline.font: there is no font "displays".\n  Did you mean "display"?\n'
    )


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        (
            'fill = "accent"\n',
            'fair.toml, line 12, headline.color: "paper" on "accent" has a contrast of 1.6, needed 4.5.\n'
            '  Write "auto on accent", or another pair.\n',
        ),
        ('fill = "ink"\n', ""),
    ],
)
def test_colours_that_cannot_be_read_on_each_other_are_told(folder: Keyboard, fair: Path, keys: str, told: str) -> None:
    fair.write_text(GOOD + keys, "utf-8")

    answer = folder("card", "check", "fair", code=int(bool(told)))

    assert told in answer


def test_a_mistake_in_what_a_design_takes_over_is_told_in_that_file(folder: Keyboard, fair: Path) -> None:
    fair.write_text(GOOD.replace("_frame", "_strip"), "utf-8")
    missing = folder("card", "check", "fair", code=1)
    (fair.parent / "_strip.toml").write_text('[strip]\nkind = "box"\nfill = "accnt"\n', "utf-8")
    wrong = folder("card", "check", "fair", code=1)

    assert missing.startswith('fair.toml, line 1, extends: There is no design "_strip".')
    assert wrong == '_strip.toml, line 3, strip.fill: there is no colour "accnt".\n  Did you mean "accent"?\n'


def test_a_preview_shows_every_format_with_every_sample(folder: Keyboard, fair: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "fair.jpg"

    answer = folder("card", "preview", "fair", "--out", str(sheet))

    assert answer.endswith(f"The sheet: {sheet}\n")
    with Image.open(io.BytesIO(sheet.read_bytes())) as image:
        assert image.height == 6 * (540 + 24) + 24
        assert image.width == 1620 + 1033 + 540 + 432 + 304 + 960 + 7 * 24  # banner, and the five shipped formats


def test_a_preview_tells_what_could_not_be_drawn(folder: Keyboard, fair: Path, tmp_path: Path) -> None:
    fair.write_text(GOOD.replace('"ink"', '"paper"'), "utf-8")

    answer = folder("card", "preview", "fair", "--out", str(tmp_path / "fair.jpg"), "--without-photo", code=3)

    assert 'square, greek: The text of layer "headline" would not be readable' in answer


def test_a_preview_of_nothing_is_refused(folder: Keyboard) -> None:
    answer = folder("card", "preview", "evnt", code=1)

    assert 'There is no design "evnt".' in answer
