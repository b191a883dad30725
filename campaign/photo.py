"""Photos as the regions send them, made safe and alike: upright sRGB JPEG without metadata."""

from __future__ import annotations

import io
import re
import struct
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from math import ceil
from typing import cast

from PIL import Image, ImageCms, JpegImagePlugin, UnidentifiedImageError

from campaign.errors import CampaignError

LONGEST_SIDE = 4000  # px of what is kept; four times what the largest card needs
LEAST_SIDE = 2800  # px to which a large one is reduced by a whole factor, at least: that takes the least memory
QUALITY = 92
STRIP = 128  # rows of what is kept that are made at a time of a large picture
DECODED = 40_000_000  # pixels decoded at full scale: 160 MB in memory, for Pillow keeps four bytes a pixel
PHONE = 50_000_000  # pixels of a HEIC: its codec takes 225 MB for them, and Pillow gets them in strips
REDUCED = 400_000_000  # pixels of a JPEG that is decoded at reduced scale
CARD_SIDE = 1080  # px of a card's short side; a photo is enlarged 1.5 times with a note, 2.5 times never
FORMATS = ["PNG", "WEBP", "GIF", "TIFF", "AVIF", "HEIF"]  # beside JPEG
# What Pillow and its codecs raise on damaged files; RuntimeError comes from libheif and libavif
BROKEN = (
    OSError,
    EOFError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    RuntimeError,
    struct.error,
)
TURNS = {  # EXIF 2.32, tag 274: what makes the picture upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
ORIENTATION = 274

warnings.filterwarnings("error", category=Image.DecompressionBombWarning)  # for all threads, as catch_warnings is not


class PhotoError(CampaignError):
    """A photo cannot be used."""

    def __init__(self, what: str, remedy: str = "") -> None:
        self.what, self.remedy = what, remedy
        super().__init__(what, remedy=remedy)


@dataclass(frozen=True)
class Clean:
    """A photo as it is kept."""

    data: bytes  # JPEG
    width: int
    height: int
    notes: tuple[str, ...] = ()  # what an officer may want to know


def clean(data: bytes) -> Clean:
    """Return a photo upright, in sRGB, without metadata, at most 4000 px long.

    JPEG, PNG, WebP, GIF, TIFF, AVIF and HEIC are told by their content, whatever their name.

    Raises:
        PhotoError: it is no photo, damaged, too large to be decoded, or too small for a card.
    """
    notes: list[str] = []
    image = _decode(data, notes)
    turn = _turn(image, notes)
    image = _plain(image)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS, reducing_gap=2)
    if turn is not None:
        image = _with_profile(image.transpose(turn), image)
    image = _srgb(image, notes)
    _check_size(image.size, notes)
    image.info = {}  # comments and the like would be written again
    kept = io.BytesIO()
    image.save(kept, "JPEG", quality=QUALITY)
    return Clean(kept.getvalue(), *image.size, tuple(notes))


def _decode(data: bytes, notes: list[str]) -> Image.Image:
    if kind := _other_kind(data):
        raise PhotoError(f"this is {kind}, not a photo.", "Hand in a JPEG, PNG or HEIC photo.")
    try:
        image = _open(data)
        _fit_in_memory(image)
        if getattr(image, "n_frames", 1) > 1:
            notes.append("only the first picture of the animation is used")
        image = _loaded(image, data)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large("more than 89") from None
    except UnidentifiedImageError:
        remedy = "Hand in a JPEG, PNG or HEIC photo."
        raise PhotoError("this is no photo that the program knows, or it is damaged.", remedy) from None
    except (*BROKEN, MemoryError):
        remedy = "Send it again, or save it anew from the program it was made with."
        raise PhotoError("the photo is damaged or was cut off on its way.", remedy) from None
    return image


def _other_kind(data: bytes) -> str:
    """Return what a file is that is often sent instead of a photo, empty for none of these."""
    if data[4:8] == b"ftyp" and re.match(rb"(isom|iso\d|mp4\d|avc1|M4V |MSNV|qt  |3g)", data[8:12]):
        return "a video"
    if data.startswith(b"\x1a\x45\xdf\xa3") or (data.startswith(b"RIFF") and data[8:12] == b"AVI "):
        return "a video"
    if data.startswith(b"%PDF"):
        return "a PDF"
    if data.startswith(b"PK\x03\x04"):
        return "a document or a zip"
    if re.match(rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?<(svg|html|!doctype)", data[:1000], re.IGNORECASE | re.DOTALL):
        return "a drawing or a web page"
    return ""


def _open(data: bytes) -> Image.Image:
    """Open without decoding. A JPEG of any size may be opened, because it can be decoded at reduced scale."""
    if data.startswith(b"\xff\xd8\xff"):
        return JpegImagePlugin.JpegImageFile(io.BytesIO(data))
    _know_phone_photos()
    return Image.open(io.BytesIO(data), formats=FORMATS)


@cache
def _know_phone_photos() -> None:
    """Teach Pillow HEIC, once. Its codec is large, so a daemon that takes nothing in does without."""
    import pi_heif

    pi_heif.register_heif_opener()


def _fit_in_memory(image: Image.Image) -> None:
    """Have a large JPEG decoded at half, a quarter or an eighth of its size; refuse what else is too large."""
    width, height = image.size
    pixels = width * height
    most = PHONE if _is_from_a_phone(image) else DECODED
    if isinstance(image, JpegImagePlugin.JpegImageFile) and pixels <= REDUCED:
        if image.info.get("progressive") and pixels > DECODED:  # is held in memory whole, whatever the scale
            raise _too_large(f"{pixels // 1_000_000}", most)
        shrink = min(1.0, LEAST_SIDE / max(width, height))
        image.draft(None, (max(1, round(width * shrink)), max(1, round(height * shrink))))
    if image.width * image.height > most:
        raise _too_large(f"{pixels // 1_000_000}", most)


def _is_from_a_phone(image: Image.Image) -> bool:
    return image.format == "HEIF" and image.mode == "RGB"


def _too_large(megapixels: str, most: int = DECODED) -> PhotoError:
    remedy = f"Save it smaller: {LONGEST_SIDE} pixels on the longer side are plenty."
    return PhotoError(f"the photo has {megapixels} megapixels, {most // 1_000_000} are possible.", remedy)


def _loaded(image: Image.Image, data: bytes) -> Image.Image:
    """Decode a picture. A large HEIC comes out at a half: Pillow would copy it whole, beside what its codec holds."""
    factor = max(image.size) // LEAST_SIDE
    if factor < 2 or not _is_from_a_phone(image):
        image.load()
        return image
    import pi_heif

    frame = pi_heif.open_heif(data)
    pixels, stride = frame.data, frame.stride
    small = Image.new(image.mode, (ceil(image.width / factor), ceil(image.height / factor)))
    for n, top in enumerate(range(0, image.height, STRIP * factor)):
        rows = min(STRIP * factor, image.height - top)
        seen = pixels[top * stride : (top + rows) * stride]
        strip = Image.frombuffer(image.mode, (image.width, rows), seen, "raw", image.mode, stride, 1)
        small.paste(strip.reduce(factor), (0, n * STRIP))
    small.info = image.info
    return small


def _turn(image: Image.Image, notes: list[str]) -> Image.Transpose | None:
    """Return what makes the picture upright."""
    try:
        return TURNS.get(image.getexif().get(ORIENTATION, 1))
    except BROKEN:
        notes.append("the camera's data cannot be read; check that the photo is upright")
        return None


def _plain(image: Image.Image) -> Image.Image:
    """Return the picture as L, RGB or CMYK: 16 bits scaled to 8, a palette resolved, transparency over white.

    A large one comes out at a half, a third and so on, made strip by strip: a copy of it whole would take its memory
    again, or twice.
    """
    factor = max(image.size) // LEAST_SIDE
    convert = _converter(image)
    if factor < 2:
        return convert(image) if convert else image
    whole: Image.Image | None = None
    for n, strip in enumerate(_strips(image, STRIP * factor)):
        part = (convert(strip) if convert else strip).reduce(factor)
        whole = whole or Image.new(part.mode, (part.width, ceil(image.height / factor)))
        whole.paste(part, (0, n * STRIP))
    return _with_profile(whole or image, image)


def _strips(image: Image.Image, rows: int) -> Iterator[Image.Image]:
    for top in range(0, image.height, rows):
        strip = image.crop((0, top, image.width, min(top + rows, image.height)))
        strip.info = image.info  # transparency of palettes stands there
        yield strip


def _converter(image: Image.Image) -> Callable[[Image.Image], Image.Image] | None:
    """Return what makes a picture, or a strip of it, plain; None where it is."""
    if image.has_transparency_data:
        return _over_white
    if image.mode in ("L", "RGB", "CMYK"):
        return None
    if image.mode.startswith("I") or image.mode == "F":
        return partial(_eight_bits, *_range(image))
    return lambda part: _with_profile(part.convert("L" if part.mode == "1" else "RGB"), part)


def _over_white(image: Image.Image) -> Image.Image:
    above = image.convert("RGBA")
    white = Image.new("RGB", image.size, "white")
    white.paste(above, mask=above.getchannel("A"))
    return _with_profile(white, image)


def _range(image: Image.Image) -> tuple[float, float]:
    """Return what is black and what is white: 0 and 65535 for 16 bits, else what the picture has itself."""
    low, high = cast(tuple[float, float], image.getextrema())  # one band
    return (0, 65535) if image.mode != "F" and 0 <= low <= high <= 65535 else (low, high)


def _eight_bits(low: float, high: float, image: Image.Image) -> Image.Image:
    scale = 255 / (high - low) if high > low else 1.0
    grey = image.convert("F").point(lambda value: value * scale + (0.5 - low * scale)).convert("L")
    return _with_profile(grey, image)


def _with_profile(image: Image.Image, source: Image.Image) -> Image.Image:
    image.info = {"icc_profile": source.info.get("icc_profile")}
    return image


def _srgb(image: Image.Image, notes: list[str]) -> Image.Image:
    """Return the picture in sRGB, converted from the profile it carries."""
    written = image.info.get("icc_profile")
    if written:
        try:
            profile = ImageCms.ImageCmsProfile(io.BytesIO(written))
            if "sRGB" not in ImageCms.getProfileDescription(profile):
                converted = ImageCms.profileToProfile(image, profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
                return converted or image
        except (ImageCms.PyCMSError, *BROKEN):
            notes.append("its colour profile cannot be used; check the colours")
    return image if image.mode == "RGB" else image.convert("RGB")


def _check_size(size: tuple[int, int], notes: list[str]) -> None:
    width, height = size
    enlarged = CARD_SIDE / min(size)
    if enlarged > 2.5:
        remedy = f"Send the original: its shorter side needs {round(CARD_SIDE / 2.5)} pixels, better {CARD_SIDE}."
        raise PhotoError(f"the photo is too small for a card: {width} × {height} pixels.", remedy)
    if enlarged > 1.5:
        notes.append(f"it is small ({width} × {height} pixels) and will look soft on a card")
