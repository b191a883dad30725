"""Logos and lockups: PNG and SVG alike."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from campaign.cards import CardRequest, Funding, artwork, draw, emblem
from campaign.cards.fonts import Font
from campaign.cards.sources import load_theme
from campaign.errors import RenderError

pytestmark = pytest.mark.cards

RED = '<rect x="0" y="0" width="20" height="10" fill="#C80A1E"/>'


@pytest.fixture
def svg(tmp_path: Path):
    """Write an SVG twice as wide as high."""

    def write(inside: str = RED) -> Path:
        path = tmp_path / "logo.svg"
        path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10">{inside}</svg>', "utf-8")
        return path

    return write


def test_an_svg_is_drawn_at_the_size_at_which_it_is_shown(svg):
    width, height = artwork.size_of(svg())
    picture = artwork.picture(svg(), (300, 150))

    assert width == 2 * height
    assert (picture.size, picture.mode) == ((300, 150), "RGBA")
    assert picture.getpixel((299, 149)) == (200, 10, 30, 255)
    assert artwork.picture(svg(""), (300, 150)).getpixel((150, 75))[3] == 0


def test_a_changed_file_is_drawn_anew(svg):
    assert artwork.picture(svg(), (40, 20)).getpixel((20, 10)) == (200, 10, 30, 255)
    assert artwork.picture(svg(RED.replace("C80A1E", "00FF00 ")), (40, 20)).getpixel((20, 10))[:3] != (200, 10, 30)


def test_a_card_shows_a_region_s_svg(svg):
    request = CardRequest("plain", "square", "campaign", "en", {"title": "Skills"}, region_logo=svg())

    assert draw(request).data != draw(CardRequest("plain", "square", "campaign", "en", {"title": "Skills"})).data


def test_a_funder_s_svg_is_shown_unchanged_in_its_proportions(svg):
    font = Font(load_theme("campaign", ()).fonts["statement"], "en")
    arrangement = emblem.arrange([Funding("Funded", emblem=False, lockup=svg())], font, 900, (120, 120), 400)

    image = emblem.draw(arrangement, font)

    assert image.getpixel((40, 40)) == (200, 10, 30)
    assert arrangement.marks[0][2].width == 240 + 60


@pytest.mark.parametrize(
    ("inside", "why"),
    [
        ('<text x="0" y="8">ASA</text>', "its letters are text, which looks different on each machine"),
        ("<rect", "."),
    ],
)
def test_an_svg_that_no_machine_or_not_each_draws_alike_is_refused(svg, inside, why):
    with pytest.raises(RenderError) as told:
        artwork.size_of(svg(inside))

    assert str(told.value).startswith("The picture ")
    assert why in str(told.value)
    assert str(told.value).endswith("Give a PNG, a JPEG, or an SVG whose letters are outlines.")


def test_a_logo_of_letters_only_in_its_name_is_drawn(tmp_path: Path):
    path = tmp_path / "text.png"
    Image.new("RGB", (40, 20), (1, 2, 3)).save(path)

    assert artwork.size_of(path) == (40, 20)
