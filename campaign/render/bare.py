"""A photo that goes out as it is, only smaller: within the platform's bytes, without metadata."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from campaign.errors import RenderError

LONGEST_SIDE = 2048  # px; platforms show no more
QUALITIES = (88, 82, 75, 65, 50)


@dataclass(frozen=True)
class Picture:
    """A finished JPEG."""

    data: bytes
    width: int
    height: int


def bare(photo: Path, max_bytes: int) -> Picture:
    """Return a kept photo as a JPEG of at most `max_bytes`.

    Raises:
        RenderError: the file is gone, or it cannot be made small enough.
    """
    try:
        with Image.open(photo, formats=("JPEG",)) as image:
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
            for quality in QUALITIES:
                data = _jpeg(image, quality)
                if len(data) <= max_bytes:
                    return Picture(data, *image.size)
    except OSError as error:
        raise RenderError(f"the photo {photo.name} cannot be read: {error}") from None
    raise RenderError(f"the photo {photo.name} cannot be made smaller than {max_bytes:,} bytes")


def _jpeg(image: Image.Image, quality: int) -> bytes:
    plain = Image.new("RGB", image.size)
    plain.paste(image)  # a fresh picture carries nothing of the old one's metadata
    buffer = io.BytesIO()
    plain.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()
