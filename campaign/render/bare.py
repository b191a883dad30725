"""A photo that goes out as it is, only smaller: within the platform's bytes, without metadata."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from campaign.cards.layout import Rect
from campaign.cards.photos import crop
from campaign.errors import RenderError

LONGEST_SIDE = 2048  # px; platforms show no more
QUALITIES = (88, 82, 75, 65, 50)


@dataclass(frozen=True)
class Picture:
    """A finished JPEG."""

    data: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Cut:
    """The shape in which a platform shows a photo, and what of it must be seen."""

    width: int
    height: int
    focus: tuple[float, float] | None = None  # 0..1 from the left, 0..1 from the top


def bare(photo: Path, max_bytes: int, cut: Cut | None = None) -> Picture:
    """Return a kept photo as a JPEG of at most `max_bytes`, in the shape of `cut`.

    Raises:
        RenderError: the file is gone, or it cannot be made small enough.
    """
    try:
        with Image.open(photo, formats=("JPEG",)) as file:
            file.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            image = file.crop(_box(file.size, cut)) if cut else file
            image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
            for quality in QUALITIES:
                data = _jpeg(image, quality)
                if len(data) <= max_bytes:
                    return Picture(data, *image.size)
    except OSError as error:
        raise RenderError(f"the photo {photo.name} cannot be read: {error}") from None
    raise RenderError(f"the photo {photo.name} cannot be made smaller than {max_bytes:,} bytes")


def _box(size: tuple[int, int], cut: Cut) -> tuple[int, int, int, int]:
    """Return the part of a photo of `size` px that has the wanted shape, around what must be seen."""
    place = Rect(0, 0, cut.width, cut.height)
    left, top, right, bottom = crop(size, place, cut.focus, (cut.width / 2, cut.height / 2), zoom=1.0).box
    width, height = size
    return round(left * width), round(top * height), round(right * width), round(bottom * height)


def _jpeg(image: Image.Image, quality: int) -> bytes:
    plain = Image.new("RGB", image.size)
    plain.paste(image)  # a fresh picture carries nothing of the old one's metadata
    buffer = io.BytesIO()
    plain.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()
