"""A photo on a card: decoded once, cropped around what matters. Photos arrive as upright sRGB JPEGs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from PIL import Image

from campaign.cards.layout import Rect
from campaign.errors import RenderError

WITHOUT_FOCUS = (0.5, 0.4)  # faces and horizons stand a little above the middle
LARGE = (2400, 2400)  # px: larger JPEGs are decoded at a half, a quarter or an eighth, never below this
SOFT, UNUSABLE = 1.5, 2.5  # enlargement at which a photo looks soft, and at which it is refused
MUCH_LOST = 0.45  # part of a photo outside the card that is told when nobody has set a focus
SLIGHT = 1.25  # scaling down by less than this needs the sharper filter


class TooSmall(RenderError):
    """A photo would have to be enlarged so much that a card is better without it."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"{what}.", remedy="Ask for a larger photo, or leave it out: the card works without one.")


@dataclass(frozen=True)
class Photo:
    """A decoded photo with its half."""

    whole: Image.Image
    size: tuple[int, int]  # px of the file, which may have been decoded smaller

    @cached_property
    def half(self) -> Image.Image:
        return self.whole.reduce(2)


def load(path: Path) -> Photo:
    """Return the photo, decoded once for all cards of a story.

    Raises:
        RenderError: it cannot be read.
    """
    try:
        status = path.stat()
        return _decoded(path, status.st_mtime_ns, status.st_size)
    except (OSError, Image.DecompressionBombError) as error:
        raise RenderError(
            f"The photo {path.name} cannot be read: {error}.", remedy="Hand the story in again."
        ) from error


@lru_cache(maxsize=1)
def _decoded(path: Path, _changed: int, _size: int) -> Photo:
    with Image.open(path) as file:
        size = file.size
        file.draft("RGB", LARGE)
        file.load()
        return Photo(file if file.mode == "RGB" else file.convert("RGB"), size)  # convert would copy it


@dataclass(frozen=True)
class Crop:
    """The part of a photo that is shown: a box in parts (0..1) of the photo, and what that costs."""

    box: tuple[float, float, float, float]
    enlarged: float  # px of the card per px of the photo file
    lost: float  # part of the photo that is not shown


def crop(
    photo: tuple[float, float], place: Rect, focus: tuple[float, float] | None, target: tuple[float, float], zoom: float
) -> Crop:
    """Return the part of a photo of `photo` px that fills `place`, its focus as near to `target` (px) as can be.

    With a focus set, the photo may be enlarged up to `zoom` times so that the focus can reach the target.
    """
    width, height = photo
    scale = max(place.width / width, place.height / height)
    at_x, at_y = focus or WITHOUT_FOCUS
    to_x, to_y = target[0] - place.x, target[1] - place.y
    if focus:
        reach = (
            *(to_x / max(at_x * width, 1), (place.width - to_x) / max((1 - at_x) * width, 1)),
            *(to_y / max(at_y * height, 1), (place.height - to_y) / max((1 - at_y) * height, 1)),
        )
        scale = min(max(scale, *reach), max(scale, min(scale * zoom, SOFT)))
    part_x, part_y = place.width / (width * scale), place.height / (height * scale)
    left = min(max(at_x - to_x / (width * scale), 0.0), 1 - min(part_x, 1.0))
    top = min(max(at_y - to_y / (height * scale), 0.0), 1 - min(part_y, 1.0))
    box = (left, top, min(left + part_x, 1.0), min(top + part_y, 1.0))
    return Crop(box, scale, 1 - part_x * part_y)


def free_middle(place: Rect, covered: Rect | None) -> tuple[float, float]:
    """Return the middle of the largest part of `place` that `covered` leaves free: above, below or beside it."""
    whole = place.x + place.width / 2, place.y + place.height / 2
    if covered is None:
        return whole
    left, right = max(place.x, covered.x), min(place.right, covered.right)
    top, bottom = max(place.y, covered.y), min(place.bottom, covered.bottom)
    if left >= right or top >= bottom:
        return whole
    above = Rect(place.x, place.y, place.width, top - place.y)
    below = Rect(place.x, bottom, place.width, place.bottom - bottom)
    before = Rect(place.x, place.y, left - place.x, place.height)
    after = Rect(right, place.y, place.right - right, place.height)
    free = max((above, below, before, after), key=lambda each: each.width * each.height)
    return free.x + free.width / 2, free.y + free.height / 2


def cut(photo: Photo, shown: Crop, size: tuple[int, int]) -> Image.Image:
    """Return the shown part at `size` px."""
    left, top, right, bottom = shown.box
    source = photo.whole
    scale = (right - left) * source.width / size[0]
    if scale >= 2:
        source, scale = photo.half, scale / 2
    box = (left * source.width, top * source.height, right * source.width, bottom * source.height)
    sharper = scale < SLIGHT
    return source.resize(size, Image.Resampling.BICUBIC if sharper else Image.Resampling.HAMMING, box=box)


def notes(shown: Crop, has_focus: bool) -> list[str]:
    """Return what a person should know about the photo on this card.

    Raises:
        TooSmall: the photo is far too small.
    """
    if shown.enlarged > UNUSABLE:
        raise TooSmall(f"The photo is far too small for this card (it would be enlarged {shown.enlarged:.1f} times)")
    told = []
    if shown.enlarged > SOFT:
        told.append(f"The photo is small for this card (enlarged {shown.enlarged:.1f} times) and may look soft.")
    if shown.lost > MUCH_LOST and not has_focus:
        told.append(f"{shown.lost:.0%} of the photo is outside the card; say with focus what must be seen.")
    return told
