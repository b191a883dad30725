import io
import random
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from campaign.cards import CardRequest, Drawing, Funding, designs, draw, fonts, formats, inputs
from campaign.cards.colours import contrast, linear
from campaign.cards.layout import Rect
from campaign.cards.photos import crop, free_middle
from campaign.errors import RenderError

pytestmark = pytest.mark.cards

EU = Funding("Co-funded by the European Union", emblem=True)
WORDS = {
    "region": "Moravian-Silesian Region",
    "kind_label": "Course",
    "title": "Battery skills modules, open to every region",
    "summary": "Training modules, developed with regional partners, are being made available across Europe.",
    "quote": "We train them for the factory that will stand here in five years.",
    "by": "Chiara Bellini",
    "role": "Head of training",
    "organisation": "Motor Valley Academy",
}


@pytest.fixture(scope="module")
def busy(tmp_path_factory) -> Path:
    """A bright, noisy photo with hard shapes: the worst ground for white letters."""
    chance = random.Random(5)  # noqa: S311 - a picture
    image = Image.new("RGB", (1600, 1200), (235, 230, 220))
    pen = ImageDraw.Draw(image)
    for _ in range(220):
        x, y, size = chance.randrange(1600), chance.randrange(1200), chance.randrange(10, 160)
        pen.ellipse((x, y, x + size, y + size), fill=tuple(chance.randrange(256) for _ in range(3)))
    image = Image.blend(image, Image.merge("RGB", [Image.effect_noise(image.size, 60)] * 3), 0.2)
    path = tmp_path_factory.mktemp("photos") / "busy.jpg"
    image.save(path, quality=90)
    return path


@pytest.fixture(scope="module")
def halves(tmp_path_factory) -> Path:
    """A photo that is blue on the left and red on the right."""
    image = Image.new("RGB", (1600, 1000), (0, 0, 255))
    image.paste((255, 0, 0), (800, 0, 1600, 1000))
    path = tmp_path_factory.mktemp("photos") / "halves.jpg"
    image.save(path, quality=90)
    return path


def request(design: str = "photo", format: str = "square", **more) -> CardRequest:
    return CardRequest(
        **{"theme": "campaign", "language": "en", "fields": WORDS, "design": design, "format": format} | more
    )


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("design", designs())
@pytest.mark.parametrize("name", ["landscape", "square", "portrait", "wide", "story"])
def test_every_design_is_drawn_in_every_format_as_a_jpeg_of_its_size_without_metadata(design, name, busy):
    card = draw(request(design, name, photo=None if design == "plain" else busy, funding=(EU,)))
    image = opened(card.data)

    assert (image.format, card.media_type) == ("JPEG", "image/jpeg")
    assert image.size == (card.width, card.height) == formats()[name]
    assert len(card.data) <= 1_000_000
    assert dict(image.getexif()) == {}
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert card.words[-1] == EU.statement


def test_the_same_request_gives_the_same_bytes(busy):
    one, other = (draw(request(photo=busy, funding=(EU,))) for _ in range(2))

    assert one == other


@pytest.mark.parametrize("design", ["number", "milestone", "profile"])
def test_a_number_is_told_with_its_unit_and_then_what_it_means(design):
    fields = {"title": "Skills travel", "value_1": "18", "unit_1": "courses", "label_1": "Adapted for Portugal"}

    assert "18 courses, Adapted for Portugal" in draw(request(design=design, fields=fields)).words


def test_words_are_told_in_reading_order_without_typographic_spaces():
    card = draw(request("plain", language="cs", fields={"title": "Žáci v Ostravě", "region": "Kraj"}, funding=(EU,)))
    quote = draw(request("quote"))

    assert card.words == ("Kraj", "Žáci v Ostravě", EU.statement)
    assert quote.words == (
        "Moravian-Silesian Region · Course",
        "“We train them for the factory that will stand here in five years.”",
        "Chiara Bellini, Head of training, Motor Valley Academy",
    )


@pytest.mark.parametrize("has_photo", [True, False])
def test_a_date_stands_on_cards_of_events(has_photo, busy):
    fields = WORDS | {"badge_day": "17", "badge_month": "JUN", "place": "Ostrava", "when": "Wednesday 17 June, 10:00"}

    card = draw(request("event", photo=busy if has_photo else None, fields=fields))

    assert {"17", "JUN", "Ostrava", "Wednesday 17 June, 10:00"} <= set(card.words)


@pytest.mark.parametrize("name", ["landscape", "square", "portrait"])
@pytest.mark.parametrize("funding", [(), (EU,)])
def test_letters_on_a_photo_have_a_contrast_of_four_and_a_half_measured_on_the_finished_card(name, funding, busy):
    drawing = Drawing(request("photo", name, photo=busy, funding=funding, fields=WORDS | {"credit": "Photo: MSIC"}), ())
    ground = drawing.painter.ground(drawing.placed)
    finished = ground.copy()
    drawing.painter.letters(finished, drawing.placed)
    data = io.BytesIO()
    ground.save(data, "JPEG", quality=88)
    ground = opened(data.getvalue())
    light = ground.convert("RGB").point([round(255 * linear(value)) for value in range(256)] * 3)
    luminances = light.convert("L", (0.2126, 0.7152, 0.0722, 0))

    for each in drawing.placed:
        if each.layer.name not in ("headline", "credit"):
            continue
        box = drawing.painter.words(each).edges
        written = ImageChops.difference(finished.crop(box), ground.convert("RGB").crop(box)).convert("L")
        letters = written.point(lambda value: 255 * (value > 40)).filter(ImageFilter.MaxFilter(5))
        counts = luminances.crop(box).histogram(letters)
        seen, worst = 0, 255
        while seen < 0.02 * sum(counts):
            seen += counts[worst]
            worst -= 1
        assert contrast(1.0, worst / 255) >= 4.5, each.layer.name


def test_text_that_could_not_be_read_is_refused(tmp_path):
    design = tmp_path / "cards" / "own.toml"
    design.parent.mkdir()
    design.write_text('[headline]\nkind = "text"\ntext = "{title}"\nfont = "display"\ncolor = "accent"\n', "utf-8")

    with pytest.raises(RenderError) as told:
        draw(request("own"), folders=[tmp_path])

    assert str(told.value) == (
        'The text of layer "headline" would not be readable: contrast 1.6, needed 4.5.\n'
        "  Give it another color, a fill, or a scrim under it."
    )


@pytest.mark.parametrize(
    ("side", "dark", "bright"),
    [
        ("top", (540, 5), (540, 1075)),
        ("bottom", (540, 1075), (540, 5)),
        ("left", (5, 540), (1075, 540)),
        ("right", (1075, 540), (5, 540)),
    ],
)
def test_a_scrim_darkens_its_side_and_what_stands_under_text(side, dark, bright, tmp_path):
    design = tmp_path / "cards" / "own.toml"
    design.parent.mkdir()
    design.write_text(
        f"""
[ground]
kind = "box"
area = "full"
fill = "accent"
[veil]
kind = "box"
area = "full"
fill = "paper"
opacity = 0.5
[shade]
kind = "scrim"
area = "full"
color = "ink"
from = "{side}"
start = 0.5
strength = 0.3
under = ["title", "nowhere"]
[nowhere]
kind = "stack"
[title]
kind = "text"
at = "{side}"
width = "20%"
text = "{{title}}"
font = "display"
lines = 4
color = "paper"
""",
        "utf-8",
    )

    image = opened(draw(request("own"), folders=[tmp_path]).data)

    assert sum(image.getpixel(dark)) < 330
    assert image.getpixel(bright) == pytest.approx((255, 226, 150), abs=6)


def test_texts_that_leave_no_room_for_each_other_are_refused(tmp_path):
    layers = [f'[t{n}]\nin = "all"\nkind = "text"\ntext = "{{title}}"\nfont = "text"\ncolor = "ink"' for n in range(40)]
    design = tmp_path / "cards" / "own.toml"
    design.parent.mkdir()
    design.write_text('[all]\nkind = "stack"\ngap = 2\n' + "\n".join(layers), "utf-8")

    with pytest.raises(RenderError, match="The card has no room for its texts in the format square"):
        draw(request("own"), folders=[tmp_path])


def test_a_headline_that_is_cut_is_noted(busy):
    title = "Qualifizierungsoffensive für Beschäftigte der Automobilzulieferindustrie: " * 4

    card = draw(request("photo", "landscape", photo=busy, language="de", fields={"title": title}))

    assert card.words[0].endswith("…")
    assert f"Too long for the card, so the headline was cut: “{card.words[0]}”" in card.notes


def test_what_yields_goes_one_by_one_until_nothing_is_cut_and_comes_back_if_it_went_in_vain(tmp_path):
    design = tmp_path / "cards" / "own.toml"
    design.parent.mkdir()
    texts = {"summary": "yields = 3", "by": "yields = 2", "role": "yields = 1", "title": "lines = 2"}
    layers = [
        f'[{name}]\nin = "all"\nkind = "text"\ntext = "{{{name}}}"\nfont = "text"\nsize = 5\ncolor = "ink"\n{more}\n'
        for name, more in texts.items()
    ]
    design.write_text('[all]\nkind = "stack"\ngap = 2\nheight = 23\n' + "".join(layers), "utf-8")

    tight = draw(request("own", fields=WORDS), folders=[tmp_path])
    long = draw(request("own", fields=WORDS | {"title": "Skills for all " * 20}), folders=[tmp_path])

    assert tight.words == (WORDS["by"], WORDS["role"], WORDS["title"])
    assert tight.notes == ("No room on the card for the summary.",)
    assert long.words[:2] == (WORDS["by"], WORDS["role"])
    assert [note.partition(":")[0] for note in long.notes] == [
        "No room on the card for the summary.",
        "Too long for the card, so the title was cut",
    ]


def test_a_summary_without_room_is_left_out_and_noted():
    title = "Qualifizierungsoffensive für Beschäftigte der Automobilzulieferindustrie in vielen Regionen Europas"

    card = draw(request("plain", "landscape", fields={"title": title, "summary": WORDS["summary"] * 3}, funding=(EU,)))

    assert "No room on the card for the summary." in card.notes
    assert card.words == (title, EU.statement)


def test_a_sign_without_a_glyph_is_refused_with_its_code_point():
    with pytest.raises(RenderError) as told:
        draw(request("plain", fields={"title": "Skills 技能"}))

    assert str(told.value) == (
        "The card's font cannot write 技 (U+6280), 能 (U+80FD) in “Skills 技能”.\n  Write it with other characters."
    )


def test_a_statement_that_ubuntu_cannot_write_is_refused():
    with pytest.raises(RenderError, match=r"技 \(U\+6280\)"):
        draw(request("plain", funding=(Funding("技", emblem=True),)))


def test_pictographs_are_left_out_and_noted():
    card = draw(request("plain", fields={"title": "Ready 🚗 go"}))

    assert card.words == ("Ready go",)
    assert card.notes == ("Left out on the card, which draws no pictographs: 🚗",)


def test_the_byte_budget_is_kept_by_quality_and_refused_when_it_cannot_be(busy):
    full = draw(request(photo=busy)).data
    small = draw(request(photo=busy), max_bytes=len(full) - 20_000).data

    assert len(small) <= len(full) - 20_000
    with pytest.raises(RenderError, match="The card does not fit into 2000 bytes"):
        draw(request(photo=busy), max_bytes=2000)


def test_the_emblem_on_the_card_is_upright_in_its_colours_and_larger_than_any_other_logo(tmp_path):
    logo = tmp_path / "region.png"
    Image.new("RGBA", (300, 300), (200, 0, 90, 255)).save(logo)
    image = opened(draw(request("plain", "square", funding=(EU,), region_logo=logo)).data)

    def box(colour: tuple[int, int, int]) -> tuple[int, int, int, int]:
        difference = ImageChops.difference(image, Image.new("RGB", image.size, colour))
        near = [band.point(lambda value: 255 * (value < 12)) for band in difference.split()]
        return ImageChops.darker(ImageChops.darker(near[0], near[1]), near[2]).getbbox()

    left, top, _, bottom = box((0, 51, 153))
    logo_left, logo_top, logo_right, logo_bottom = box((200, 0, 90))

    assert bottom - top == pytest.approx(120, abs=2)
    assert image.getpixel((left + 90, top + 20)) == pytest.approx(
        (255, 204, 0), abs=50
    )  # colour is stored at half size
    assert max(logo_right - logo_left, logo_bottom - logo_top) <= 120
    assert logo_right < left - 30  # a quarter of the emblem's height stays free


def test_a_region_s_logo_yields_to_the_funder_s_mark(tmp_path):
    logo = tmp_path / "region.png"
    Image.new("RGB", (400, 100), (200, 0, 90)).save(logo)
    greek = Funding("Με τη συγχρηματοδότηση της Ευρωπαϊκής Ένωσης", emblem=True, emblem_min=140)

    card = draw(request("plain", "square", funding=(greek,), region_logo=logo))

    assert card.notes == ("No room on the card for the region's logo beside the funders' marks.",)
    with pytest.raises(RenderError, match="does not fit on the card"):
        draw(request("plain", "square", funding=(Funding(greek.statement, emblem=True, emblem_min=400),)))


def test_a_region_s_logo_stands_on_white_without_a_funder(tmp_path, halves):
    logo = tmp_path / "region.png"
    Image.new("RGB", (400, 100), (200, 0, 90)).save(logo)

    assert logo in inputs(request(photo=halves, region_logo=logo))
    assert draw(request(photo=halves, region_logo=logo)).data != draw(request(photo=halves)).data


def test_inputs_name_every_file_that_shapes_the_card(busy, tmp_path):
    strip = tmp_path / "strip.png"
    files = inputs(request(photo=busy, funding=(Funding("x", emblem=False, lockup=strip),)))

    assert {path.name for path in files} == {
        *(
            "photo.toml",
            "plain.toml",  # for a photo that is far too small
            "_frame.toml",
            "formats.toml",
            "campaign.toml",
            "Inter.ttf",
            "Ubuntu-B.ttf",
            "logo.png",
            "logo-light.png",
            "spark.png",
            "wheel.png",
        ),
        *("busy.jpg", "strip.png"),
    }
    assert files == tuple(sorted(files))


def test_the_focus_decides_what_of_a_photo_is_seen(halves):
    left = opened(draw(request("quote", "square", photo=halves, focus=(0.2, 0.5))).data)
    right = opened(draw(request("quote", "square", photo=halves, focus=(0.8, 0.5))).data)

    assert left.getpixel((900, 400)) == pytest.approx((0, 0, 255), abs=12)
    assert right.getpixel((900, 400)) == pytest.approx((255, 0, 0), abs=12)


def test_a_crop_without_focus_that_loses_much_is_noted(halves):
    lost = draw(request("quote", "square", photo=halves)).notes
    chosen = draw(request("quote", "square", photo=halves, focus=(0.5, 0.5))).notes

    assert lost == ("79% of the photo is outside the card; say with focus what must be seen.",)
    assert chosen == ()


def test_a_small_photo_is_noted(tmp_path):
    path = tmp_path / "small.jpg"
    Image.new("RGB", (700, 700), (90, 120, 150)).save(path)

    card = draw(request("photo", "portrait", photo=path))

    assert card.notes[0].startswith("The photo is small for this card")
    assert card.has_photo


@pytest.mark.parametrize(("design", "instead"), [("photo", "plain"), ("event", "event"), ("milestone", "milestone")])
def test_a_card_whose_photo_is_far_too_small_is_drawn_without_it(design, instead, tmp_path):
    path = tmp_path / "tiny.jpg"
    Image.new("RGB", (300, 300), (90, 120, 150)).save(path)
    fields = WORDS | {"badge_day": "9", "badge_month": "Jun", "value_1": "18", "credit": "Photo: MSIC"}

    card = draw(request(design, "portrait", photo=path, fields=fields))
    bare = draw(request(instead, "portrait", fields=fields | {"credit": ""}))

    assert (card.data, card.words, card.has_photo) == (bare.data, bare.words, False)
    assert card.notes == (
        "The photo is far too small for this card (it would be enlarged 4.5 times), so the card is drawn without it.",
    )


@pytest.mark.parametrize("content", [None, b"no picture"])
def test_a_photo_that_cannot_be_read_is_named(content, tmp_path):
    path = tmp_path / "broken.jpg"
    if content:
        path.write_bytes(content)

    with pytest.raises(RenderError, match=r"The photo broken.jpg cannot be read"):
        draw(request(photo=path))


def test_a_logo_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(RenderError, match=r"The picture .*none.png cannot be read"):
        draw(request("plain", region_logo=tmp_path / "none.png"))


@pytest.mark.parametrize("focus", [None, (0.0, 0.0), (1.0, 1.0), (0.5, 0.1)])
@pytest.mark.parametrize("photo", [(1000, 500), (500, 1000), (800, 800)])
@pytest.mark.parametrize("place", [Rect(0, 0, 1200, 500), Rect(700, 0, 380, 900)])
def test_a_crop_stays_inside_the_photo_and_keeps_its_proportions(photo, place, focus):
    shown = crop(photo, place, focus, (place.x + place.width / 2, place.y + 100), 1.25)
    left, top, right, bottom = shown.box

    assert 0 <= left < right <= 1
    assert 0 <= top < bottom <= 1
    assert (right - left) * photo[0] / ((bottom - top) * photo[1]) == pytest.approx(place.width / place.height)
    assert shown.lost == pytest.approx(1 - (right - left) * (bottom - top))


@pytest.mark.parametrize(
    ("covered", "middle"),
    [
        (None, (50, 50)),
        (Rect(10, 60, 80, 40), (50, 30)),
        (Rect(0, 0, 100, 40), (50, 70)),
        (Rect(0, 0, 30, 100), (65, 50)),
        (Rect(0, 0, 30, 300), (65, 50)),
        (Rect(120, 0, 30, 30), (50, 50)),
    ],
)
def test_what_matters_goes_to_the_middle_of_the_free_part(covered, middle):
    assert free_middle(Rect(0, 0, 100, 100), covered) == middle


def test_faces_are_kept_within_bounds():
    for name in formats():
        draw(request("quote", name, fields=WORDS | {"quote": WORDS["quote"] * (1 + len(name) % 3)}))

    assert 0 < len(fonts._local.faces) <= fonts.KEPT_FACES
