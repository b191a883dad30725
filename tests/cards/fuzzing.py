"""Random cards, and a judge who looks at their pixels. What a seed draws stays the same."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from campaign.cards import CardRequest, Drawing, Funding, designs, formats
from campaign.cards.layout import Placed
from campaign.cards.schema import WORDS
from campaign.cards.typeset import Fitted

WORST = 0.98  # of the pixels under the letters must have the contrast
READABLE = 4.5
VOCABULARY = {
    "en": "battery skills for every region and the people of its factories, 12 480 of them – a year later: yes",
    "cs": "ŽÁCI V OSTRAVĚ UČÍ ŘÍDIT ČÍSLICOVÉ STROJE Ůplně dolů gigafabrika, a i o z k s moduly",
    "sk": "Žiaci v Žiline sa učia, ako ŤAŽKÉ stroje z ĎALEKA riadiť a ľahko ŕ ĺ odmerať článok",
    "de": "Qualifizierungsoffensive Weiterbildungsverbünde für über Straße, und ÄÖÜ Gleichstellungsbeauftragte",
    "pt": "formação técnicos manutenção à gigafábrica região coração, ÂNGULO Ç já não às",
    "pl": "mieszkańców z nowym dostępem Łódź gęś źdźbło w Świętokrzyskiem, i o a ŻÓŁW",
    "el": "δεξιότητες ηλεκτροκίνηση Θεσσαλονίκη ΎΛΗ ήτανε, Ώρα και ΐδη προϋπόθεση αλληλοσυμπληρούμενος",
    "bg": "Учебно посещение кръгова икономика Й град Дунав, и в с електромобилостроителен",
    "hu": "ŐSZI KÉPZÉS Győrben jövő járműgyártás útján ŰR, megszentségteleníthetetlenség a és",
    "fr": "métiers de l’automobile à Châteauroux : ÊTRE prêt « demain » où ça, anticonstitutionnellement",
    "ro": "competențe și ȘCOLI în Țara Bârsei, îmbunătățirea învățământului profesional",
    "fi": "ajoneuvoteollisuuden ammattikorkeakoulu Äänekoski Öljy, ja yöllä kolmivaihekilowattituntimittari",
}
STATEMENTS = (
    "Co-funded by the European Union",
    "Με τη συγχρηματοδότηση της Ευρωπαϊκής Ένωσης",
    "Co-funded by the Erasmus+ Programme of the European Union",
)


@dataclass(frozen=True)
class Ground:
    """What cards are drawn from: photos and logos."""

    photos: tuple[Path, ...]
    logos: tuple[Path, ...]


def a_ground(folder: Path) -> Ground:
    """Make photos that are hard to write on, and logos of odd shapes."""
    chance = random.Random(5)  # noqa: S311 - pictures
    sizes = {"bright": (1600, 1200), "dark": (1400, 1900), "busy": (2000, 1100)}
    photos = []
    for name, size in sizes.items():
        image = Image.new("RGB", size, (238, 232, 222) if name == "bright" else (24, 28, 40))
        pen = ImageDraw.Draw(image)
        for _ in range(0 if name == "dark" else 220):
            x, y, reach = chance.randrange(size[0]), chance.randrange(size[1]), chance.randrange(10, 160)
            pen.ellipse((x, y, x + reach, y + reach), fill=tuple(chance.randrange(256) for _ in range(3)))
        image = Image.blend(image, Image.merge("RGB", [Image.effect_noise(size, 60)] * 3), 0.2)
        photos.append(folder / f"{name}.jpg")
        image.save(photos[-1], quality=88)
    logos = []
    for n, size in enumerate(((300, 300), (900, 120), (120, 500))):
        logos.append(folder / f"logo{n}.png")
        Image.new("RGBA", size, (200, 0, 90, 255)).save(logos[-1])
    return Ground(tuple(photos), tuple(logos))


def a_request(seed: int, ground: Ground) -> CardRequest:
    """Draw a request: any design, format, language, accent; one to forty words in each text."""
    chance = random.Random(seed)  # noqa: S311 - cards
    language = chance.choice(list(VOCABULARY))
    words = VOCABULARY[language].split()

    def said(most: int) -> str:
        return " ".join(chance.choice(words) for _ in range(chance.randint(1, most)))

    lengths = {"title": 40, "summary": 40, "quote": 40, "step": 40, "when": 9, "place": 6, "organisation": 6}
    fields = {name: said(lengths.get(name, 4)) for name in WORDS}
    count = chance.randint(1, 4)
    fields |= {f"value_{n}": chance.choice(("7", "35,000", "12 480", "99 %", "1.250.000")) for n in range(1, count + 1)}
    bars = chance.random() < 0.5
    fields |= {f"share_{n}": f"{chance.random():.4f}" if bars else "" for n in range(1, count + 1)}
    for n in range(count + 1, 5):
        fields |= dict.fromkeys((f"value_{n}", f"unit_{n}", f"label_{n}", f"note_{n}", f"share_{n}"), "")
    fields |= {"badge_day": chance.choice(("9", "28", "17–19")), "badge_month": chance.choice(("Jun", "ČVN", "Ιουν"))}
    design = chance.choice(designs())
    turns = design in ("photo", "plain", "practice") and chance.random() < 0.5
    fields |= {"slide": "2", "slides": "6", "slide_part": "0.3333"} if turns else {"slides": ""}
    for name in ("credit", "summary", "by", "role", "unit_1", "fact_2", "fact_4", "place"):
        fields[name] = "" if chance.random() < 0.3 else fields[name]
    fundings = tuple(Funding(chance.choice(STATEMENTS), emblem=True) for _ in range(chance.choice((0, 1, 1, 2))))
    return CardRequest(
        design=design,
        format=chance.choice(list(formats())),
        theme="campaign",
        language=language,
        fields=fields,
        photo=chance.choice((*ground.photos, None)),
        focus=(chance.random(), chance.random()) if chance.random() < 0.5 else None,
        accent=f"#{chance.randrange(1 << 24):06X}",
        region_logo=chance.choice((*ground.logos, None)),
        funding=fundings,
    )


def complaints(request: CardRequest) -> Iterator[str]:
    """Draw a card and say everything that is wrong with its pixels and with what is told about it."""
    drawing = Drawing(request, ())
    ground = drawing.painter.ground(drawing.placed)
    finished = ground.copy()
    drawing.painter.letters(finished, drawing.placed)  # which refuses what it cannot make readable
    light = luminances(ground)
    written = Image.new("1", ground.size)
    for each in drawing.placed:
        if isinstance(each.content, Fitted):
            name = f"{each.layer.name} {each.content.lines}"
            inks = [ink for ink in inks_of(drawing, each, each.content)]
            yield from (f"{name}: {why}" for why in misplaced(drawing, each, each.content, inks))
            whole = Image.new("1", ground.size)
            for ink, corner in inks:
                whole.paste(1, corner, ink)
            if ImageChops.logical_and(written, whole).getbbox():
                yield f"{name}: touches another text"
            written = ImageChops.logical_or(written, whole)
            if (ratio := contrast_of(drawing, each, whole, light)) < READABLE:
                yield f"{name}: contrast {ratio:.2f}"
            yield from (f"{name}: {why}" for why in badly_set(drawing, each.content, request.language))
    yield from untold(drawing)


Ink = tuple[Image.Image, tuple[int, int]]  # a mask, and where on the card its corner stands


def inks_of(drawing: Drawing, each: Placed, fitted: Fitted) -> list[Ink]:
    """Return the ink of each line by itself, as it stands on the card."""
    box, font = drawing.painter.words(each), drawing.fonts[each.layer.font]
    inks = []
    for n, line in enumerate(fitted.lines):
        hanging = drawing.painter.hanging(each, fitted) if n == 0 else 0
        x = box.x - font.ink(line)[0] * fitted.size - hanging
        y = round(box.y + (font.cap + n * fitted.leading) * fitted.size)
        margin = round(fitted.size)
        corner = (round(x) - margin, y - 2 * margin)
        ink = Image.new("L", (round(font.width(line) * fitted.size) + 3 * margin, 4 * margin))
        place = (x - corner[0], y - corner[1])
        ImageDraw.Draw(ink).text(
            place, line, fill=255, font=font.at(fitted.size), anchor="ls", language=drawing.request.language
        )
        inks.append((ink.point(lambda value: 255 * (value > 96)).convert("1", dither=Image.Dither.NONE), corner))
    return inks


def misplaced(drawing: Drawing, each: Placed, fitted: Fitted, inks: Sequence[Ink]) -> Iterator[str]:
    """Ink outside its box or the card, and lines that touch each other."""
    box, hanging = drawing.painter.words(each), drawing.painter.hanging(each, fitted)
    boxes = []
    for ink, (x, y) in inks:
        left, top, right, bottom = ink.getbbox() or (0, 0, 0, 0)
        boxes.append((left + x, top + y, right + x, bottom + y))
    left, top = min(edges[0] for edges in boxes), min(edges[1] for edges in boxes)
    right, bottom = max(edges[2] for edges in boxes), max(edges[3] for edges in boxes)
    if left < box.x - hanging - 2 or right > box.right + 2:
        yield f"ink {left}–{right} beside its box {box.x:.0f}–{box.right:.0f}"
    if top < box.y - fitted.above - 3 or bottom > box.bottom + fitted.below + 3:
        yield f"ink {top}–{bottom} above or below its box {box.y:.0f}–{box.bottom:.0f}"
    if left <= 0 or top <= 0 or right >= drawing.format.width or bottom >= drawing.format.height:
        yield "ink outside the card"
    for (upper, (x, y)), (lower, (x2, y2)) in pairwise(inks):
        moved = Image.new("1", upper.size)
        moved.paste(lower, (x2 - x, y2 - y))
        if ImageChops.logical_and(upper, moved).getbbox():
            yield "lines touch"


def luminances(ground: Image.Image) -> Image.Image:
    """Return the light (0..255) of what is under the letters, as readers get it: after JPEG."""
    data = io.BytesIO()
    ground.save(data, "JPEG", quality=88)
    with Image.open(data) as image:
        return image.convert("RGB").point(_linear()).convert("L", (0.2126, 0.7152, 0.0722, 0))


@lru_cache
def _linear() -> list[int]:
    parts = [value / 255 for value in range(256)]
    return [round(255 * (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)) for part in parts] * 3


def contrast_of(drawing: Drawing, each: Placed, ink: Image.Image, light: Image.Image) -> float:
    """Return the contrast of letters with the worst but 2 of 100 pixels under and around them."""
    box = ink.getbbox()
    assert box
    around = ink.crop(box).convert("L").filter(ImageFilter.MaxFilter(5))
    counts = light.crop(box).histogram(around)
    red, green, blue = (_linear()[value] / 255 for value in drawing.painter.palette[each.layer.color])
    own = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    ratios = sorted(((_ratio(own, value / 255), count) for value, count in enumerate(counts) if count))
    spare = (1 - WORST) * sum(counts)
    for ratio, count in ratios:
        spare -= count
        if spare < 0:
            return ratio
    return ratios[-1][0]


def _ratio(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def badly_set(drawing: Drawing, fitted: Fitted, language: str) -> Iterator[str]:
    """Line ends that a typesetter would not let pass."""
    if language in ("bg", "cs", "pl", "sk"):
        for line in fitted.lines[:-1]:
            last = line.split(" ")[-1]
            if len(last) == 1 and last.isalpha():
                yield "a one-letter word ends a line"


def untold(drawing: Drawing) -> Iterator[str]:
    """Texts that lost words without anybody being told."""
    notes = drawing.notes()
    for each in drawing.placed:
        if not isinstance(each.content, Fitted):
            continue
        shown, wanted = _letters("".join(each.content.lines)), _letters(drawing.texts[each.layer.name])
        if shown != wanted and not any(f"the {each.layer.name.replace('_', ' ')} was cut" in note for note in notes):
            yield f"{each.layer.name}: lost words untold"


def _letters(text: str) -> str:
    return "".join(sign for sign in text if sign.isalnum())
