"""Cards, against the least that any card costs: the photo decoded once, resized to each format, encoded."""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image, ImageFilter, ImageOps

from benchmarks.measuring import Comparison, Work, compare
from benchmarks.starting import running
from campaign import cards
from campaign.cards.photos import SLIGHT

SIZES = {"3 MP": (2048, 1536), "12 MP": (4032, 3024)}


def compared(folder: Path) -> Iterator[Comparison]:
    formats = cards.formats()
    for name, size in SIZES.items():
        photo = take_photo(folder / f"{size[0]}.jpg", size)
        ours = Work(f"{len(formats)} cards, photo of {name}", drawing(photo))
        base = Work("decode, resize, encode alone", resizing(photo, list(formats.values())))
        yield compare(ours, base, rounds=9)
    yield cold(folder / "2048.jpg")


def cold(photo: Path) -> Comparison:
    """Compare a process that draws one card and ends with one that only imports Pillow."""
    first = "import sys; from pathlib import Path; from benchmarks.drawing import *; "
    first += "cards.draw(requests(Path(sys.argv[1]))[0])"
    ours = running("a process: import, first card", sys.executable, "-c", first, str(photo))
    base = running('python -c "import PIL.Image"', sys.executable, "-c", "import PIL.Image")
    return compare(ours, base, rounds=7, timer=time.perf_counter)


def take_photo(path: Path, size: tuple[int, int]) -> Path:
    """Write a JPEG as hard to decode as a camera's: large shapes, finer ones, a little noise."""
    bands = []
    for seed in range(3):
        octaves = [Image.effect_noise((12 << n, 9 << n), 90).resize(size, Image.Resampling.BICUBIC) for n in (0, 3, 5)]
        large = Image.blend(octaves[0], octaves[1].rotate(90 * seed), 0.35)
        bands.append(Image.blend(large, octaves[2], 0.15).filter(ImageFilter.GaussianBlur(1)))
    Image.merge("RGB", bands).save(path, "JPEG", quality=90)
    return path


def requests(photo: Path) -> list[cards.CardRequest]:
    """Return one story's cards in every format."""
    fields = {
        "title": "Battery skills modules, open to every region",
        "summary": "Training modules are being made available across Europe.",
        "region": "Moravia-Silesia",
        "kind_label": "Online course",
        "credit": "Photo: MSIC",
    }
    funding = (cards.Funding("Co-funded by the European Union", emblem=True),)
    return [
        cards.CardRequest("photo", name, "campaign", "en", fields, photo, (0.6, 0.4), funding=funding)
        for name in cards.formats()
    ]


def drawing(photo: Path) -> Callable[[], None]:
    """Return what draws one story's cards in every format, its photo decoded anew as for a new story."""

    def draw() -> None:
        os.utime(photo)  # whatever was kept of it is forgotten
        for request in requests(photo):
            cards.draw(request)

    return draw


def resizing(photo: Path, sizes: list[tuple[int, int]]) -> Callable[[], None]:
    """Return what makes pictures of nothing but the photo, as sharp as on the cards."""

    def resize() -> None:
        with Image.open(photo) as whole:
            half = whole.reduce(2)
            for width, height in sizes:
                source = half if half.width >= width and half.height >= height else whole
                is_slight = min(source.width / width, source.height / height) < SLIGHT
                sharp = Image.Resampling.BICUBIC if is_slight else Image.Resampling.HAMMING
                ImageOps.fit(source, (width, height), sharp).save(io.BytesIO(), "JPEG", quality=88)

    return resize
