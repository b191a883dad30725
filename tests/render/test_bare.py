"""A photo beside the card: smaller, without metadata, and in the card's shape where a platform shows all in one."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from campaign.errors import RenderError
from campaign.render.bare import Cut, bare


def halves(folder: Path, size: tuple[int, int]) -> Path:
    """Return a photo that is red on the left and blue on the right."""
    photo = Image.new("RGB", size, (200, 0, 0))
    photo.paste((0, 0, 200), (size[0] // 2, 0, size[0], size[1]))
    path = folder / "photo.jpg"
    photo.save(path, "JPEG", quality=95)
    return path


def colour(data: bytes) -> str:
    with Image.open(io.BytesIO(data)) as picture:
        red, _green, blue = picture.resize((1, 1)).getpixel((0, 0))
    return "red" if red > blue + 60 else "blue" if blue > red + 60 else "both"


def test_a_photo_keeps_its_shape(tmp_path: Path) -> None:
    picture = bare(halves(tmp_path, (3000, 1500)), 5_000_000)
    assert (picture.width, picture.height) == (2048, 1024)
    assert colour(picture.data) == "both"


@pytest.mark.parametrize(
    ("focus", "seen"), [((0.1, 0.5), "red"), ((0.95, 0.5), "blue"), ((0.5, 0.5), "both"), (None, "both")]
)
def test_a_photo_is_cut_to_the_shape_of_the_card_around_what_must_be_seen(
    tmp_path: Path, focus: tuple[float, float] | None, seen: str
) -> None:
    picture = bare(halves(tmp_path, (2000, 1000)), 5_000_000, Cut(1080, 1350, focus))
    assert (picture.width, picture.height) == (800, 1000)
    assert colour(picture.data) == seen


def test_a_photo_that_is_too_high_is_cut_above_and_below(tmp_path: Path) -> None:
    picture = bare(halves(tmp_path, (1000, 4000)), 5_000_000, Cut(1080, 1080))
    assert (picture.width, picture.height) == (1000, 1000)


def test_one_that_stays_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="cannot be made smaller than 10 bytes"):
        bare(halves(tmp_path, (400, 300)), 10)
