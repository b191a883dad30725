"""Seventy odd pictures: each is used right or refused with a reason, and none fills the memory."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import zlib
from collections.abc import Callable
from functools import partial

import pillow_heif
import pytest
from PIL import Image, ImageCms

from campaign.photo import PhotoError, clean
from tests.test_photo import (
    SIZE,
    WHITE,
    adobe_rgb,
    alike,
    corners,
    forged_jpeg,
    forged_png,
    looks_like_the_quarters,
    quarters,
    saved,
    seen,
)

DAMAGED = "the photo is damaged or was cut off on its way."
UNKNOWN = "this is no photo that the program knows, or it is damaged."
TOO_LARGE = "megapixels, 40 are possible."
NO_PHOTO = "not a photo."
MEMORY = 300  # MB
LARGEST = "48 MP of HEIC"
UNDO = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # how a camera held so stores the picture

Make = Callable[[], bytes]


def held(orientation: int, kind: str) -> bytes:
    image = quarters()
    if orientation in UNDO:
        image = image.transpose(Image.Transpose(UNDO[orientation]))
    exif = Image.Exif()
    exif[274] = orientation
    return saved(image, kind, exif=exif)


def heic(mode: str = "RGB", **options: object) -> bytes:
    return as_heic(quarters().convert(mode), quality=90, **options)


def as_heic(image: Image.Image, **options: object) -> bytes:
    buffer = io.BytesIO()
    pillow_heif.from_pillow(image).save(buffer, **options)
    return buffer.getvalue()


def in_mode(mode: str, kind: str, **options: object) -> bytes:
    return saved(quarters().convert(mode), kind, **options)


def lab() -> bytes:
    to = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    image = ImageCms.profileToProfile(quarters(), to[1], to[0], outputMode="LAB")
    assert image is not None
    return saved(image, "TIFF")


def see_through(kind: str) -> bytes:
    image = quarters().convert("RGBA")
    image.paste((0, 0, 0, 0), (SIZE[0] // 2, SIZE[1] // 2, *SIZE))  # where white is
    return saved(image, kind)


def animated(kind: str) -> bytes:
    return saved(quarters(), kind, save_all=True, append_images=[Image.new("RGB", SIZE, WHITE)])


def large(mode: str, kind: str, size: tuple[int, int]) -> bytes:
    options = {"compress_level": 1} if kind == "PNG" else {}
    image = quarters().convert(mode).resize(size, Image.Resampling.NEAREST)
    return as_heic(image, enc_params={"preset": "ultrafast"}) if kind == "HEIC" else saved(image, kind, **options)


def grey16(size: tuple[int, int]) -> bytes:
    image = Image.new("I;16", size, 257 * 40)
    image.paste(257 * 220, (size[0] // 2, 0, *size))
    return saved(image, "PNG", compress_level=1)


USED: dict[str, Make] = {
    **{f"orientation {n} in {kind}": partial(held, n, kind) for n in range(1, 9) for kind in ("JPEG", "PNG")},
    "orientation 6 in WebP": partial(held, 6, "WEBP"),
    "orientation 8 in TIFF": partial(held, 8, "TIFF"),
    "a real HEIC": heic,
    "HEIC with alpha": partial(heic, "RGBA"),
    "JPEG": partial(in_mode, "RGB", "JPEG"),
    "JPEG of full colour": partial(in_mode, "RGB", "JPEG", subsampling=0),
    "progressive JPEG": partial(in_mode, "RGB", "JPEG", progressive=True),
    "JPEG of CMYK": partial(in_mode, "CMYK", "JPEG"),
    "TIFF of CMYK": partial(in_mode, "CMYK", "TIFF"),
    "TIFF of YCbCr": partial(in_mode, "YCbCr", "TIFF"),
    "TIFF with LZW": partial(in_mode, "RGB", "TIFF", compression="tiff_lzw"),
    "TIFF of Lab": lab,
    "PNG": partial(in_mode, "RGB", "PNG"),
    "PNG of a palette": partial(in_mode, "P", "PNG"),
    "PNG of four bits": partial(saved, quarters().quantize(8), "PNG", bits=4),
    "PNG with alpha": partial(in_mode, "RGBA", "PNG"),
    "PNG with holes": partial(see_through, "PNG"),
    "WebP": partial(in_mode, "RGB", "WEBP"),
    "WebP without loss": partial(in_mode, "RGB", "WEBP", lossless=True),
    "WebP with holes": partial(see_through, "WEBP"),
    "AVIF": partial(in_mode, "RGB", "AVIF"),
    "AVIF with alpha": partial(in_mode, "RGBA", "AVIF"),
    "GIF": partial(in_mode, "P", "GIF"),
    "moving GIF": partial(animated, "GIF"),
    "moving WebP": partial(animated, "WEBP"),
    "a wide profile": lambda: saved(
        ImageCms.profileToProfile(quarters(), ImageCms.createProfile("sRGB"), io.BytesIO(adobe_rgb())) or quarters(),
        icc_profile=adobe_rgb(),
    ),
    "a broken profile": partial(in_mode, "RGB", "JPEG", icc_profile=adobe_rgb()[:150]),
    "nonsense for camera data": partial(in_mode, "RGB", "PNG", exif=b"Exif\0\0nonsense"),
    "27 MP of PNG": partial(large, "RGB", "PNG", (6000, 4500)),
    "39 MP of PNG": partial(large, "RGB", "PNG", (7200, 5400)),
    LARGEST: partial(large, "RGB", "HEIC", (8064, 6048)),
    "36 MP of a palette": partial(large, "P", "PNG", (8100, 4500)),
    "36 MP with alpha": partial(large, "RGBA", "PNG", (8100, 4500)),
    "100 MP of JPEG": partial(large, "RGB", "JPEG", (11600, 8700)),
}
REFUSED: dict[str, tuple[Make, str]] = {
    "JPEG cut in the middle": (lambda: saved(quarters())[:5000], DAMAGED),
    "JPEG cut in its head": (lambda: saved(quarters())[:120], DAMAGED),
    "PNG cut in the middle": (lambda: saved(quarters(), "PNG")[:3000], DAMAGED),
    "WebP cut in the middle": (lambda: in_mode("RGB", "WEBP")[:900], DAMAGED),
    "TIFF cut in the middle": (lambda: in_mode("RGB", "TIFF")[:100_000], DAMAGED),
    "HEIC cut in the middle": (lambda: heic()[:1500], DAMAGED),
    "AVIF cut in the middle": (lambda: in_mode("RGB", "AVIF")[:-40], DAMAGED),
    "GIF cut in the middle": (lambda: in_mode("P", "GIF")[:2000], DAMAGED),
    "PNG with bits turned over": (lambda: turned_over(saved(quarters(), "PNG")), DAMAGED),
    "PNG whose pixels end too early": (lambda: forged_png(1200, 900), DAMAGED),
    "a file of zeros": (lambda: b"\0" * 50_000, UNKNOWN),
    "an empty file": (lambda: b"", UNKNOWN),
    "a text": (lambda: b"Dear colleagues, the photo is attached.", UNKNOWN),
    "a page that says not found": (lambda: b"<!DOCTYPE html><html><body>404</body></html>", NO_PHOTO),
    "a drawing": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg"/>', NO_PHOTO),
    "a video": (lambda: b"\0\0\0\x18ftypisom" + b"\0" * 5000, NO_PHOTO),
    "a PDF": (lambda: b"%PDF-1.7\n" + b"\0" * 5000, NO_PHOTO),
    "a Word document": (lambda: b"PK\x03\x04" + b"\0" * 5000, NO_PHOTO),
    "a bomb of 400 MP": (lambda: forged_png(20_000, 20_000), TOO_LARGE),
    "a bomb of 80 MP": (lambda: forged_png(10_000, 8_000), TOO_LARGE),
    "a JPEG that claims 4 gigapixels": (lambda: forged_jpeg(65_000, 65_000), TOO_LARGE),
    "a stamp": (lambda: saved(Image.new("RGB", (120, 90))), "too small for a card: 120 × 90 pixels."),
    "one pixel": (lambda: saved(Image.new("RGB", (1, 1))), "too small for a card: 1 × 1 pixels."),
    "a strip": (lambda: saved(Image.new("RGB", (9000, 100))), "too small for a card: 4000 × 44 pixels."),
}


def turned_over(data: bytes) -> bytes:
    """Turn over bits in the pixels of a PNG, whose checksum then does not fit."""
    at = data.index(b"IDAT") + 40
    broken = data[:at] + bytes(byte ^ 0xFF for byte in data[at : at + 60]) + data[at + 60 :]
    assert zlib.crc32(broken) != zlib.crc32(data)
    return broken


def test_there_are_more_than_sixty_of_them_broken_in_more_than_fifteen_ways() -> None:
    assert len(USED) + len(REFUSED) >= 60
    assert len(REFUSED) >= 15


@pytest.mark.parametrize("name", USED)
def test_an_odd_picture_is_used_as_it_looks(name: str) -> None:
    result = clean(USED[name]())

    assert looks_like_the_quarters(result.data, by=42)
    assert max(result.width, result.height) <= 4000
    assert not seen(result.data).getexif()


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_used_is_refused_with_its_reason(name: str) -> None:
    make, why = REFUSED[name]

    with pytest.raises(PhotoError) as refused:
        clean(make())

    assert why in str(refused.value)
    assert len(str(refused.value).splitlines()) == 2  # and what to do


@pytest.mark.parametrize("size", [(1280, 960), (9000, 4400)])
def test_sixteen_bits_are_scaled_alike_however_large_the_picture(size: tuple[int, int]) -> None:
    found = corners(seen(clean(grey16(size)).data))

    assert alike(found[0], (40, 40, 40), 3)
    assert alike(found[1], (220, 220, 220), 3)


HEAVY = [name for name in USED if re.search("MP|HEIC|AVIF|WebP|CMYK|Lab", name) and name != LARGEST]


def held_by(*pictures: bytes) -> float:
    """Take pictures in by one process, one after the other, and return how many MB the system says that it held."""
    program = (
        "import sys; from campaign.intake import taking; from campaign.photo import PhotoError, clean\n"
        "for data in (sys.stdin.buffer.read(int(line)) for line in iter(sys.stdin.buffer.readline, b'')):\n"
        "    try: clean(data)\n"
        "    except PhotoError: pass\n"
        "print(open('/proc/self/status').read())"
    )
    sent = b"".join(b"%d\n%s" % (len(data), data) for data in pictures)

    done = subprocess.run([sys.executable, "-c", program], input=sent, capture_output=True, check=True)

    held = re.search(rb"VmHWM:\s+(\d+) kB", done.stdout)
    assert held
    return int(held[1]) / 1024


def test_the_heavy_and_the_broken_do_not_fill_the_memory() -> None:
    broken = [make() for make, _ in REFUSED.values()]

    assert held_by(*(USED[name]() for name in HEAVY), grey16((7200, 5400)), *broken) < MEMORY


def test_the_largest_picture_of_a_phone_does_not_fill_the_memory() -> None:
    """After others it would take 35 MB more: its codec's planes are then cut from what glibc keeps."""
    assert held_by(USED[LARGEST]()) < MEMORY
