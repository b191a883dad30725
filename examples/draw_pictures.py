"""Draws every picture of the example stories, and the example regions' marks.

The scenes in `drawing/` are composed as SVG. Here they are rendered by resvg and developed with Pillow as a photo
would be: bloom, grading, vignette, grain, sRGB JPEG without metadata. Two are kept as a phone keeps them, lying on
their side with an Orientation tag and a position (a city centre), so that taking them in has something to clean.

    python examples/draw_pictures.py                              all of them, in place
    python examples/draw_pictures.py two-days-in-piemonte …       those of some stories
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import resvg_py
from drawing import benches, desks, halls, marks, outdoors, rooms, streets
from drawing.kit import Canvas
from PIL import ExifTags, Image, ImageChops, ImageFilter

HERE = Path(__file__).resolve().parent
LONG_SIDE = {1800: 2000}  # px of the file for a drawing so wide; others keep their own size
MAX_BYTES = 240_000


@dataclass(frozen=True)
class Picture:
    """One scene and where its picture lies, below `stories/`."""

    scene: Callable[[], Canvas]
    file: str
    phone_at: tuple[float, float] | None = None  # degrees north and east: kept as a phone keeps it


def develop(png: bytes, width: int) -> Image.Image:
    """Turn a rendered scene into something that looks photographed."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    if picture.width != width:
        picture = picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)
    bright = picture.point(lambda v: max(0, v - 150) * 2).filter(ImageFilter.GaussianBlur(width / 70))
    picture = ImageChops.screen(picture, bright.point(lambda v: int(v * 0.22)))
    picture = Image.merge("RGB", [band.point(curve) for band, curve in zip(picture.split(), GRADE, strict=True)])
    picture = ImageChops.multiply(picture, vignette(picture.size))
    grain = Image.effect_noise(picture.size, 5).filter(ImageFilter.GaussianBlur(0.7))
    return ImageChops.add(picture, Image.merge("RGB", [grain] * 3), 1, -128)


def _curve(lift: float, gain: float) -> list[int]:
    """Return a gentle S-curve with lifted shadows and a warm or cool end."""
    out = []
    for v in range(256):
        x = v / 255
        s = x + 0.10 * (x - 0.5) * (1 - abs(2 * x - 1)) * 2
        out.append(max(0, min(255, round(255 * (lift + (gain - lift) * s)))))
    return out


GRADE = (_curve(0.020, 1.0), _curve(0.022, 0.985), _curve(0.034, 0.955))  # shadows a little blue, lights a little warm


def vignette(size: tuple[int, int]) -> Image.Image:
    """Return a soft darkening towards the corners, to multiply with."""
    mask = (
        Image.radial_gradient("L")
        .point(lambda v: 255 - int(max(0, v - 120) * 0.42))
        .resize(size, Image.Resampling.BICUBIC)
    )
    return Image.merge("RGB", [mask] * 3)


def jpeg(picture: Image.Image, phone_at: tuple[float, float] | None) -> bytes:
    """Return the picture as a JPEG below the size limit, at quality 86 or as near as fits."""
    exif = phone_exif(*phone_at) if phone_at else Image.Exif()
    if phone_at:
        picture = picture.transpose(Image.Transpose.ROTATE_90)  # Orientation 6 turns it back
    for quality in range(86, 50, -3):
        data = io.BytesIO()
        picture.save(data, "JPEG", quality=quality, optimize=True, progressive=True, exif=exif)
        if data.tell() <= MAX_BYTES:
            break
    return data.getvalue()


def phone_exif(north: float, east: float) -> Image.Exif:
    """Return what a phone writes: held upright, at this place."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLongitudeRef] = "N", "E"
    gps[ExifTags.GPS.GPSLatitude], gps[ExifTags.GPS.GPSLongitude] = _degrees(north), _degrees(east)
    return exif


def _degrees(value: float) -> tuple[float, float, float]:
    whole = int(value)
    minutes = (value - whole) * 60
    return float(whole), float(int(minutes)), round((minutes % 1) * 60, 1)


PICTURES = (
    Picture(outdoors.castilian_plain, "why-we-joined/plain.jpg"),
    Picture(outdoors.test_track, "intelligence-delle-competenze/pista.jpg"),
    Picture(outdoors.harbour, "albatts-courses-reach-portugal/harbour.jpg"),
    Picture(outdoors.charging, "just-transition-partnership/charging.jpg"),
    Picture(streets.tram_evening, "harbour-evening-goteborg/tram.jpg", phone_at=(57.7072, 11.9668)),
    Picture(streets.arcades, "good-governance-emilia-romagna/portico.jpg", phone_at=(44.4938, 11.3426)),
    Picture(benches.battery_bench, "moduly-pro-baterie/mereni.jpg"),
    Picture(halls.robot_line, "druga-zmiana/roboty.jpg"),
    Picture(halls.wind_tunnel, "two-days-in-piemonte/tunnel.jpg"),
    Picture(benches.motor_exploded, "inside-the-electric-drive/drive.jpg"),
    Picture(halls.foundry, "hauts-de-france-se-presente/fonderie.jpg"),
    Picture(rooms.figures_wall, "castilla-y-leon-en-cifras/barras.jpg"),
    Picture(desks.laptop_module, "cursos-de-baterias-em-portugal/modulo.jpg"),
    Picture(rooms.training_room, "moduly-pro-baterie/ucebna.jpg"),
    Picture(rooms.gallery_visit, "study-visit-baden-wuerttemberg/gallery.jpg"),
    Picture(desks.meeting_table, "one-form-for-good-practice/table.jpg"),
)


def draw(picture: Picture) -> Path:
    """Draw one picture into its story and return where it lies."""
    canvas = picture.scene()
    png = bytes(resvg_py.svg_to_bytes(svg_string=canvas.svg(), skip_system_fonts=True))
    path = HERE / "stories" / picture.file
    path.write_bytes(jpeg(develop(png, LONG_SIDE.get(canvas.width, canvas.width)), picture.phone_at))
    return path


def draw_mark(region: str, canvas: Canvas) -> Path:
    """Draw one region's mark as a transparent PNG and return where it lies."""
    path = HERE / "logos" / f"{region}.png"
    png = bytes(resvg_py.svg_to_bytes(svg_string=canvas.svg(), skip_system_fonts=True))
    Image.open(io.BytesIO(png)).save(path, optimize=True)
    return path


def main(wanted: list[str]) -> None:
    """Draw what is named, by story or region, or everything; tell each path on standard output."""
    for picture in PICTURES:
        if not wanted or picture.file.split("/")[0] in wanted:
            sys.stdout.write(f"{draw(picture)}\n")
    for region, mark in marks.MARKS.items():
        if not wanted or region in wanted:
            sys.stdout.write(f"{draw_mark(region, mark())}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
