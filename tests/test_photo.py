"""Photos: whatever a phone, a scanner or an agency sends becomes the same upright sRGB JPEG, or is refused in words."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pillow_heif
import pytest
from PIL import Image, ImageCms

from campaign.photo import PhotoError, clean

RED, GREEN, BLUE, WHITE = (220, 20, 20), (20, 180, 20), (20, 20, 220), (250, 250, 250)
SIZE = (1280, 960)


def quarters() -> Image.Image:
    """A picture that looks different from every side: red, green, blue and white quarters."""
    image = Image.new("RGB", SIZE)
    width, height = SIZE[0] // 2, SIZE[1] // 2
    for colour, corner in ((RED, (0, 0)), (GREEN, (width, 0)), (BLUE, (0, height)), (WHITE, (width, height))):
        image.paste(colour, (*corner, corner[0] + width, corner[1] + height))
    return image


def saved(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def seen(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data), formats=["JPEG"])
    assert image.mode == "RGB"
    return image


def corners(image: Image.Image) -> list[tuple[int, ...]]:
    """The colours in the middle of each quarter."""
    width, height = image.size
    places = [(width // 4, height // 4), (3 * width // 4, height // 4)]
    places += [(width // 4, 3 * height // 4), (3 * width // 4, 3 * height // 4)]
    return [image.getpixel(place) for place in places]  # type: ignore[misc]


def alike(one: tuple[int, ...], other: tuple[int, ...], by: int = 12) -> bool:
    return all(abs(a - b) <= by for a, b in zip(one, other, strict=True))


def looks_like_the_quarters(data: bytes, by: int = 12) -> bool:
    found = corners(seen(data))
    return all(alike(a, b, by) for a, b in zip(found, (RED, GREEN, BLUE, WHITE), strict=True))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_held_any_way_comes_out_upright(orientation: int) -> None:
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # how a camera held so stores the picture
    image = quarters()
    if orientation in undo:
        image = image.transpose(Image.Transpose(undo[orientation]))
    exif = Image.Exif()
    exif[274] = orientation

    result = clean(saved(image, quality=95, exif=exif))

    assert (result.width, result.height) == SIZE
    assert looks_like_the_quarters(result.data)


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("JPEG", "RGB"),
        ("JPEG", "CMYK"),
        ("PNG", "RGB"),
        ("PNG", "RGBA"),
        ("PNG", "P"),
        ("WEBP", "RGB"),
        ("WEBP", "RGBA"),
        ("GIF", "P"),
        ("TIFF", "RGB"),
        ("TIFF", "CMYK"),
        ("TIFF", "LAB"),
        ("AVIF", "RGB"),
    ],
)
def test_every_colour_picture_comes_out_as_it_looked(kind: str, mode: str) -> None:
    image = quarters()
    if mode == "LAB":
        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        image = ImageCms.profileToProfile(image, srgb, lab, outputMode="LAB")  # type: ignore[assignment]
    else:
        image = image.convert(mode)
    assert looks_like_the_quarters(clean(saved(image, kind)).data, by=30)


def grey(mode: str, dark: float, light: float) -> Image.Image:
    image = Image.new(mode, SIZE, dark)
    image.paste(light, (SIZE[0] // 2, 0, *SIZE))  # type: ignore[arg-type]
    return image


@pytest.mark.parametrize(
    ("kind", "image"),
    [
        ("JPEG", grey("L", 51, 204)),
        ("PNG", grey("L", 51, 204)),
        ("PNG", grey("LA", 0, 0).convert("L").point(lambda _: 51)),
        ("PNG", grey("I;16", 51 * 257, 204 * 257)),
        ("TIFF", grey("I;16", 51 * 257, 204 * 257)),
        ("TIFF", grey("I", 51 * 257, 204 * 257)),
    ],
)
def test_grey_pictures_of_8_and_16_bits_keep_their_greys(kind: str, image: Image.Image) -> None:
    found = corners(seen(clean(saved(image, kind)).data))
    assert alike(found[0], (51, 51, 51), 3)
    if image.getextrema() != (51, 51):
        assert alike(found[1], (204, 204, 204), 3)


@pytest.mark.parametrize(("mode", "dark", "light"), [("1", 0, 1), ("F", -2.0, 7.5), ("I", -10, 1_000_000)])
def test_a_picture_with_a_range_of_its_own_uses_all_of_ours(mode: str, dark: float, light: float) -> None:
    found = corners(seen(clean(saved(grey(mode, dark, light), "TIFF")).data))
    assert alike(found[0], (0, 0, 0), 3)
    assert alike(found[1], (255, 255, 255), 3)


def test_one_value_everywhere_is_no_division_by_zero() -> None:
    assert clean(saved(Image.new("F", SIZE, 0.5), "TIFF")).width == SIZE[0]


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "RGB"])
def test_what_is_transparent_becomes_white(mode: str) -> None:
    image = Image.new("RGBA", SIZE, (0, 0, 0, 0))
    image.paste((220, 20, 20, 255), (SIZE[0] // 2, 0, *SIZE))
    options: dict[str, Any] = {}
    if mode == "RGB":
        image, options = Image.new("RGB", SIZE, (1, 2, 3)), {"transparency": (1, 2, 3)}
    data = saved(image if mode == "RGB" else image.convert(mode), "PNG", **options)
    assert alike(corners(seen(clean(data).data))[0], (255, 255, 255), 3)


def adobe_rgb() -> bytes:
    """A matrix profile with AdobeRGB (1998)'s primaries, adapted to D50, and gamma 2.2 (its annex and ICC.1:2010)."""

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    gamma = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.19921875 * 256)) + b"\0\0"
    name = b"Adobe RGB (1998)\0"
    described = b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + b"\0" * (8 + 3 + 67)
    described += b"\0" * (-len(described) % 4)
    tags = {
        b"desc": described,
        b"cprt": b"text\0\0\0\0none\0\0\0\0",
        b"wtpt": xyz(0.95045, 1.0, 1.08905),
        b"rXYZ": xyz(0.60974, 0.31111, 0.01947),
        b"gXYZ": xyz(0.20528, 0.62567, 0.06087),
        b"bXYZ": xyz(0.14919, 0.06322, 0.74457),
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), gamma),
    }
    at, table, body = 128 + 4 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for tag, data in tags.items():
        table += tag + struct.pack(">II", at + len(body), len(data))
        body += data
    head = struct.pack(">I", at + len(body)) + b"lcms" + struct.pack(">I", 0x02100000) + b"mntrRGB XYZ "
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28
    head += struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + table + body


def test_a_wide_colour_is_converted_not_relabelled() -> None:
    data = saved(Image.new("RGB", SIZE, (40, 200, 60)), quality=95, icc_profile=adobe_rgb())
    result = clean(data)
    assert alike(corners(seen(result.data))[0], (0, 201, 37), 4)
    assert result.notes == ()
    assert "icc_profile" not in seen(result.data).info


def test_an_srgb_picture_keeps_its_colours_to_the_letter() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain, labelled = saved(quarters()), saved(quarters(), icc_profile=profile)
    assert clean(plain).data == clean(labelled).data


@pytest.mark.parametrize("profile", [b"not a profile", adobe_rgb()[:200]])
def test_a_broken_colour_profile_is_passed_over_with_a_note(profile: bytes) -> None:
    result = clean(saved(quarters(), icc_profile=profile))
    assert looks_like_the_quarters(result.data)
    assert result.notes == ("its colour profile cannot be used; check the colours",)


def test_a_profile_of_other_colours_than_the_pictures_is_passed_over() -> None:
    result = clean(saved(quarters().convert("CMYK"), icc_profile=adobe_rgb()))
    assert result.notes == ("its colour profile cannot be used; check the colours",)


def test_a_phones_heic_is_read_upright() -> None:
    exif = Image.Exif()
    exif[274] = 6
    buffer = io.BytesIO()
    stored = quarters().transpose(Image.Transpose.ROTATE_90)
    pillow_heif.from_pillow(stored).save(buffer, quality=90, exif=exif.tobytes())

    result = clean(buffer.getvalue())

    assert (result.width, result.height) == SIZE
    assert looks_like_the_quarters(result.data)


def test_place_camera_and_comments_are_gone() -> None:
    exif = Image.Exif()
    exif[271] = "Camera maker"
    exif.get_ifd(0x8825)[2] = (49.0, 50.0, 9.0)
    data = saved(quarters(), exif=exif, comment=b"Jana Novak, class 4B", xmp=b"<x:xmpmeta>Jana</x:xmpmeta>")
    assert b"Jana" in data

    found = clean(data).data

    assert not seen(found).getexif()
    assert set(seen(found).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert b"Jana" not in found
    assert b"Camera" not in found


def test_unreadable_camera_data_costs_a_note_and_not_the_photo() -> None:
    result = clean(saved(quarters(), "PNG", exif=b"Exif\0\0this is nonsense"))
    assert looks_like_the_quarters(result.data)
    assert result.notes == ("the camera's data cannot be read; check that the photo is upright",)


def test_a_large_photo_is_kept_at_4000_pixels() -> None:
    for kind in ("JPEG", "PNG"):
        result = clean(saved(Image.new("RGB", (5000, 2500), RED), kind))
        assert (result.width, result.height) == (4000, 2000)


def test_a_jpeg_of_100_megapixels_is_decoded_at_reduced_scale() -> None:
    result = clean(saved(Image.new("L", (12_000, 9_000), 90), quality=30))
    assert (result.width, result.height) == (3000, 2250)


def forged_png(width: int, height: int) -> bytes:
    """A PNG that claims a size; a bomb is small on disk."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def forged_jpeg(width: int, height: int) -> bytes:
    """A JPEG that claims a size, which stands 5 bytes after its frame header's marker (ITU T.81, B.2.2)."""
    data = saved(Image.new("L", (64, 64)))
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


SMALLER = "\n  Save it smaller: 4000 pixels on the longer side are plenty."


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (forged_png(9000, 7000), "the photo has 63 megapixels, 40 are possible." + SMALLER),
        (forged_png(10_000, 10_000), "the photo has more than 89 megapixels, 40 are possible." + SMALLER),
        (forged_png(50_000, 50_000), "the photo has more than 89 megapixels, 40 are possible." + SMALLER),
        (
            saved(Image.new("L", (9000, 7000)), progressive=True),
            "the photo has 63 megapixels, 40 are possible." + SMALLER,
        ),
        (
            forged_jpeg(65_000, 65_000),
            "the photo has 4225 megapixels, 40 are possible." + SMALLER,
        ),
        (
            saved(quarters())[:5000],
            "the photo is damaged or was cut off on its way.\n"
            "  Send it again, or save it anew from the program it was made with.",
        ),
        (
            saved(quarters(), "PNG")[:3000],
            "the photo is damaged or was cut off on its way.\n"
            "  Send it again, or save it anew from the program it was made with.",
        ),
        (
            b"hello",
            "this is no photo that the program knows, or it is damaged.\n  Hand in a JPEG, PNG or HEIC photo.",
        ),
        (b"", "this is no photo that the program knows, or it is damaged.\n  Hand in a JPEG, PNG or HEIC photo."),
        (b"\0\0\0\x18ftypmp42", "this is a video, not a photo.\n  Hand in a JPEG, PNG or HEIC photo."),
        (b"\x1a\x45\xdf\xa3webm", "this is a video, not a photo.\n  Hand in a JPEG, PNG or HEIC photo."),
        (b"%PDF-1.7", "this is a PDF, not a photo.\n  Hand in a JPEG, PNG or HEIC photo."),
        (b"PK\x03\x04", "this is a document or a zip, not a photo.\n  Hand in a JPEG, PNG or HEIC photo."),
        (
            b'<?xml version="1.0"?>\n<svg/>',
            "this is a drawing or a web page, not a photo.\n  Hand in a JPEG, PNG or HEIC photo.",
        ),
        (
            saved(Image.new("RGB", (800, 431))),
            "the photo is too small for a card: 800 × 431 pixels.\n"
            "  Send the original: its shorter side needs 432 pixels, better 1080.",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_in_plain_words(data: bytes, message: str) -> None:
    with pytest.raises(PhotoError) as refused:
        clean(data)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("size", "notes"),
    [
        ((432, 900), ("it is small (432 × 900 pixels) and will look soft on a card",)),
        ((719, 900), ("it is small (719 × 900 pixels) and will look soft on a card",)),
        ((720, 900), ()),
    ],
)
def test_a_small_photo_is_taken_with_a_note(size: tuple[int, int], notes: tuple[str, ...]) -> None:
    assert clean(saved(Image.new("RGB", size))).notes == notes


def test_of_an_animation_the_first_picture_is_taken_and_told() -> None:
    data = saved(quarters(), "GIF", save_all=True, append_images=[Image.new("RGB", SIZE, RED)])
    result = clean(data)
    assert looks_like_the_quarters(result.data, by=40)
    assert result.notes == ("only the first picture of the animation is used",)


def test_the_same_photo_makes_the_same_bytes() -> None:
    data = saved(quarters(), "PNG")
    assert clean(data) == clean(data)
