"""Pillow at work: what was placed is painted, ground first, letters last. What stands under text is measured there."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

from PIL import Image, ImageDraw

from campaign.cards import artwork, emblem, photos
from campaign.cards.colours import AIMED, READABLE, Palette, Rgb, contrast, linear, luminance
from campaign.cards.fonts import Font
from campaign.cards.layout import Placed, Rect
from campaign.cards.photos import Photo
from campaign.cards.sources import Format
from campaign.cards.typeset import Fitted
from campaign.errors import RenderError

LIGHT = [round(255 * linear(value)) for value in range(256)] * 3  # sRGB to light, for Image.point
WEIGHTS = (0.2126, 0.7152, 0.0722, 0)  # of red, green and blue in luminance
WORST = 0.98  # of the pixels under a piece of text must reach the contrast
PIECE = 4.0  # em: how wide such a piece is
DARK = 0.18  # luminance from which a colour counts as light
STEPS = 20  # of a veil
BLOCK = 2  # px averaged before measuring, as JPEG and scaled screens do
NARROW = 0.55  # em: a quotation mark that may stand in the margin; «, » are wider
SMOOTH = 4  # oversampling of round corners

Box = tuple[int, int, int, int]

GROWING = Image.linear_gradient("L").crop((0, 0, 1, 256))
SMOOTH_STEP = [255 * (part := value / 255) * part * (3 - 2 * part) for value in range(256)]


class Painter:
    """Paints one card."""

    def __init__(
        self,
        card_format: Format,
        palette: Palette,
        fonts: Mapping[str, Font],
        images: Mapping[str, Path],
        photo: Photo | None,
        focus: tuple[float, float] | None,
    ) -> None:
        self.format = card_format
        self.palette = palette
        self.fonts = fonts
        self.images = images
        self.photo = photo
        self.focus = focus
        self.notes: list[str] = []

    def ground(self, placed: Sequence[Placed]) -> Image.Image:
        """Return the card without its letters.

        Raises:
            RenderError: the photo is far too small.
        """
        image = Image.new("RGB", (self.format.width, self.format.height), self.palette["paper"])
        by_name = {each.layer.name: each for each in placed}
        brushes: dict[str, Callable[[Image.Image, Placed, Mapping[str, Placed]], None]] = {
            "photo": self._photo,
            "image": self._image,
            "scrim": self._scrim,
        }
        for each in placed:
            brushes.get(each.layer.kind, self._filled)(image, each, by_name)
        return image

    def letters(self, image: Image.Image, placed: Sequence[Placed]) -> None:
        """Write all texts onto their ground.

        Raises:
            RenderError: a text would not be readable on what is under it.
        """
        texts = [(each, each.content) for each in placed if isinstance(each.content, Fitted)]
        for each, _ in texts:
            colour = self.palette[each.layer.color]
            if (ratio := _contrast(*_under(image, self.pieces(each)), colour)) < READABLE:
                raise RenderError(
                    f'The text of layer "{each.layer.name}" would not be readable: contrast {ratio:.1f}, needed 4.5.',
                    remedy="Give it another color, a fill, or a scrim under it.",
                )
        pen = ImageDraw.Draw(image)
        for each, fitted in texts:
            self._write(pen, each, fitted)

    def _write(self, pen: ImageDraw.ImageDraw, each: Placed, fitted: Fitted) -> None:
        font, words = self.fonts[each.layer.font], self.words(each)
        baseline = words.y + font.cap * fitted.size
        hanging = self.hanging(each, fitted)
        for line in fitted.lines:
            left = font.ink(line)[0] * fitted.size + hanging  # ink, not the pen, stands flush with the other layers
            hanging = 0.0
            place = (words.x - left, round(baseline))
            pen.text(
                place,
                line,
                fill=self.palette[each.layer.color],
                font=font.at(fitted.size),
                anchor="ls",
                language=font.language,
            )
            baseline += fitted.leading * fitted.size

    def hanging(self, each: Placed, fitted: Fitted) -> float:
        """Return how far (px) the quotation mark that opens a text stands out into the margin."""
        mark = self.fonts[each.layer.font].width(fitted.lines[0][0])
        return mark * fitted.size if each.layer.hang and mark < NARROW else 0.0

    def words(self, each: Placed) -> Rect:
        """Return where the letters of a text layer stand: its box without the padding."""
        top, right, bottom, left = (side * self.format.unit for side in each.layer.pad)
        rect = each.rect
        if isinstance(each.content, Fitted):
            top, bottom = top + each.content.rise, bottom + each.content.fall
        return Rect(rect.x + left, rect.y + top, rect.width - left - right, rect.height - top - bottom)

    def pieces(self, each: Placed) -> list[Rect]:
        """Return where the letters of a text layer and their accents stand, in pieces of a few letters each.

        A bright spot under one word counts there, however dark the ground is under all others.
        """
        if not isinstance(each.content, Fitted):
            return []
        font, words, size = self.fonts[each.layer.font], self.words(each), each.content.size
        baseline, pieces = words.y + font.cap * size, []
        for line in each.content.lines:
            left, above, right, below = (part * size for part in font.ink(line))
            count = max(1, round((right - left) / (PIECE * size)))
            step = (right - left) / count
            pieces += [Rect(words.x + n * step, baseline - above, step, above + below) for n in range(count)]
            baseline += each.content.leading * size
        return pieces

    def _photo(self, image: Image.Image, each: Placed, by_name: Mapping[str, Placed]) -> None:
        if self.photo is None:
            return
        covered = by_name.get(each.layer.clear_of)
        target = photos.free_middle(each.rect, covered.rect if covered else None)
        shown = photos.crop(self.photo.size, each.rect, self.focus, target, each.layer.zoom)
        self.notes += photos.notes(shown, self.focus is not None)
        left, top, right, bottom = each.rect.edges
        picture = photos.cut(self.photo, shown, (right - left, bottom - top))
        image.paste(picture, (left, top), _rounded(picture.size, each.layer.radius * self.format.unit))

    def _image(self, image: Image.Image, each: Placed, by_name: Mapping[str, Placed]) -> None:
        left, top, right, bottom = each.rect.edges
        if isinstance(each.content, emblem.Arrangement):
            image.paste(emblem.draw(each.content, self.fonts["statement"]), (left, top))
            return
        picture = artwork.picture(self.images[each.layer.image], (right - left, bottom - top))
        if bounds := by_name.get(each.layer.within):
            picture, (left, top) = _inside(picture, (left, top), bounds.rect.edges)
        mask = picture.getchannel("A")
        if each.layer.opacity < 1:
            mask = mask.point(_times(each.layer.opacity))
        place = (left, top, left + picture.width, top + picture.height)
        image.paste(self.palette[each.layer.tint] if each.layer.tint else picture, place, mask)

    def _filled(self, image: Image.Image, each: Placed, _: Mapping[str, Placed]) -> None:
        if not each.layer.fill:
            return
        left, top, right, bottom = each.rect.edges
        size = (right - left, bottom - top)
        mask = _rounded(size, each.layer.radius * self.format.unit)
        if each.layer.opacity < 1:
            mask = (mask or Image.new("L", size, 255)).point(_times(each.layer.opacity))
        image.paste(self.palette[each.layer.fill], (left, top, right, bottom), mask)

    def _scrim(self, image: Image.Image, each: Placed, by_name: Mapping[str, Placed]) -> None:
        """Darken towards one side, then as far as the texts named in `under` need it."""
        layer, colour = each.layer, self.palette[each.layer.color]
        _shade(image, each.rect.edges, colour, layer.side, (layer.start, layer.full), layer.strength)
        texts = [text for name in layer.under for text in _texts_in(by_name, name) if not text.layer.fill]
        step = 0
        for text in texts:
            step = _veil(*_under(image, self.pieces(text)), self.palette[text.layer.color], colour, at_least=step)
        if step:
            reach = _reach(each.rect, [text.rect for text in texts], layer.side, 9 * self.format.unit)
            _shade(image, each.rect.edges, colour, layer.side, reach, step / STEPS)


def _inside(
    picture: Image.Image, corner: tuple[int, int], bounds: tuple[int, int, int, int]
) -> tuple[Image.Image, tuple[int, int]]:
    """Return what of a picture at `corner` lies inside `bounds`, and its own corner."""
    (x, y), (left, top, right, bottom) = corner, bounds
    box = (max(0, left - x), max(0, top - y), min(picture.width, right - x), min(picture.height, bottom - y))
    part = picture.crop((box[0], box[1], max(box[0], box[2]), max(box[1], box[3])))
    return part, (x + box[0], y + box[1])


def _texts_in(by_name: Mapping[str, Placed], name: str) -> list[Placed]:
    """Return the text layers that stand in the layer `name`, however deep, or are it."""
    if name not in by_name:
        return []
    inside = [
        text for each in by_name.values() if each.layer.parent == name for text in _texts_in(by_name, each.layer.name)
    ]
    return [by_name[name], *inside] if by_name[name].layer.kind == "text" else inside


def _shade(image: Image.Image, area: Box, colour: Rgb, side: str, reach: tuple[float, float], strength: float) -> None:
    """Paint a colour that grows smoothly towards a side of an area, only where there is any of it.

    There is none before the first part of the way that `reach` tells, and all of `strength` from the second on.
    """
    left, top, right, bottom = area
    upright = side in ("top", "bottom")
    line = _ramp(bottom - top if upright else right - left, reach, strength)
    if side in ("top", "left"):
        line = line.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    if (seen := line.getbbox()) is None:
        return
    line = line.crop(seen)
    place = (left, top + seen[1], right, top + seen[3]) if upright else (left + seen[1], top, left + seen[3], bottom)
    mask = line if upright else line.transpose(Image.Transpose.TRANSPOSE)
    mask = mask.resize((place[2] - place[0], place[3] - place[1]), Image.Resampling.NEAREST)
    image.paste(colour, place, mask)


def _ramp(length: int, reach: tuple[float, float], strength: float) -> Image.Image:
    """Return a column of a mask that grows smoothly from nothing at the first part of its length to the second."""
    first, full = (round(part * length) for part in reach)
    line = Image.new("L", (1, length), 255)
    line.paste(0, (0, 0, 1, max(0, first)))
    line.paste(GROWING.resize((1, max(1, full - first)), Image.Resampling.BILINEAR), (0, first))
    return line.point([round(value * strength) for value in SMOOTH_STEP])


def _times(opacity: float) -> list[int]:
    """Return what becomes of each value of a mask."""
    return [round(value * opacity) for value in range(256)]


@lru_cache(maxsize=32)
def _rounded(size: tuple[int, int], radius: float) -> Image.Image | None:
    """Return the mask of a rectangle with smooth round corners, None without a radius. It is shared."""
    if not radius:
        return None
    mask = Image.new("L", (size[0] * SMOOTH, size[1] * SMOOTH), 0)
    box = (0, 0, size[0] * SMOOTH - 1, size[1] * SMOOTH - 1)
    ImageDraw.Draw(mask).rounded_rectangle(box, min(radius, min(size) / 2) * SMOOTH, fill=255)
    return mask.reduce(SMOOTH)


def _reach(area: Rect, texts: Sequence[Rect], side: str, feather: float) -> tuple[float, float]:
    """Return where a veil begins and where it is full, as parts of the way towards `side`, so that texts are inside."""
    if side in ("top", "bottom"):
        edge = min(text.y for text in texts) if side == "bottom" else max(text.bottom for text in texts)
        way = (edge - area.y) if side == "bottom" else (area.bottom - edge)
        length = area.height
    else:
        edge = min(text.x for text in texts) if side == "right" else max(text.right for text in texts)
        way = (edge - area.x) if side == "right" else (area.right - edge)
        length = area.width
    margin = 0.15 * feather  # accents stand above the box
    return (way - feather - margin) / length, (way - margin) / length


def _under(image: Image.Image, pieces: Sequence[Rect]) -> tuple[Image.Image, list[Box]]:
    """Return what is under a text, in blocks of a few px, much smaller than a stroke, and where in it each piece is."""
    edges = [piece.edges for piece in pieces]
    left, top = max(0, min(edge[0] for edge in edges)), max(0, min(edge[1] for edge in edges))
    right, bottom = max(edge[2] for edge in edges) + 1, max(edge[3] for edge in edges) + 1
    ground = image.crop((left, top, min(image.width, right), min(image.height, bottom))).reduce(BLOCK)

    def inside(edge: Box) -> Box:
        x, y = max(0, edge[0] - left) // BLOCK, max(0, edge[1] - top) // BLOCK
        return x, y, max(x + 1, (edge[2] - left) // BLOCK), max(y + 1, (edge[3] - top) // BLOCK)

    return ground, [inside(edge) for edge in edges]


def _light(region: Image.Image) -> Image.Image:
    """Return the luminance (0..255) of each pixel."""
    return region.point(LIGHT).convert("L", WEIGHTS)


def _worst(light: Image.Image, text_is_light: bool) -> float:
    """Return the luminance that all but the worst of the pixels do not pass, seen from the text's side."""
    histogram = light.histogram()
    counts = list(accumulate(reversed(histogram) if text_is_light else histogram))
    steps = bisect_right(counts, (1 - WORST) * counts[-1])
    return (255 - steps if text_is_light else steps) / 255


def _contrast(ground: Image.Image, pieces: Sequence[Box], colour: Rgb) -> float:
    """Return the contrast between a text and the worst of the ground under any piece of it."""
    light, own = _light(ground), luminance(colour)
    return min(contrast(own, _worst(light.crop(piece), own > DARK)) for piece in pieces)


def _veil(ground: Image.Image, pieces: Sequence[Box], colour: Rgb, veil: Rgb, *, at_least: int) -> int:
    """Return how many steps of a veil must lie over the ground for a text to be read on it."""
    cover = Image.new("RGB", ground.size, veil)

    def is_enough(step: int) -> bool:
        return _contrast(Image.blend(ground, cover, step / STEPS) if step else ground, pieces, colour) >= AIMED

    if is_enough(at_least):
        return at_least
    return bisect_left(range(STEPS), True, lo=at_least + 1, key=is_enough)
