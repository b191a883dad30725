import tomllib
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from campaign.cards import CardRequest, Drawing, Funding, emblem, formats
from campaign.cards.fonts import Font
from campaign.cards.sources import load_theme
from campaign.errors import RenderError
from campaign.files import shipped

pytestmark = pytest.mark.cards

HEIGHT = 360
RADIUS = HEIGHT / 18  # of a star
CENTRES = [  # by the Council of Europe's rule, in eighteenths of the height, clockwise from twelve o'clock
    *((13.5, 3), (16.5, 3.8038), (18.6962, 6), (19.5, 9), (18.6962, 12), (16.5, 14.1962)),
    *((13.5, 15), (10.5, 14.1962), (8.3038, 12), (7.5, 9), (8.3038, 6), (10.5, 3.8038)),
]
STATEMENTS = {
    "bg": "Съфинансирано от Европейския съюз",
    "cs": "Spolufinancováno Evropskou unií",
    "el": "Με τη συγχρηματοδότηση της Ευρωπαϊκής Ένωσης",
    "en": "Co-funded by the European Union",
    "de": "Kofinanziert von der Europäischen Union",
    "mt": "Kofinanzjat mill-Unjoni Ewropea",
    "nl": "Medegefinancierd door de Europese Unie",
    "ro": "Cofinanțat de Uniunea Europeană",
}
CONFIG = tomllib.loads(shipped("config.example.toml").read_text("utf-8"))["funders"]
VERIFIED = CONFIG["eu"]["statement"]  # those that were seen in an official place; others a team must write down itself
EU = Funding(STATEMENTS["en"], emblem=True)
ERASMUS = Funding("Co-funded by the Erasmus+ Programme of the European Union", emblem=True)


@pytest.fixture(scope="module")
def font() -> Font:
    return Font(load_theme("campaign", ()).fonts["statement"], "en")


def yellow(image: Image.Image) -> Image.Image:
    """A mask of the stars: their red is 255, the field's is 0."""
    return image.getchannel("R").point(lambda value: 255 * (value > 127))


def test_the_emblem_is_one_and_a_half_times_as_wide_as_high_and_in_the_two_colours_of_the_rule():
    image = emblem.emblem(HEIGHT)

    assert image.size == (540, 360)
    assert image.getpixel((2, 2)) == (0x00, 0x33, 0x99)
    assert image.getpixel((270, 180)) == (0x00, 0x33, 0x99)
    assert image.getpixel((270, 60)) == (0xFF, 0xCC, 0x00)


@pytest.mark.parametrize("centre", CENTRES)
def test_each_star_stands_upright_where_and_as_large_as_the_rule_says(centre):
    x, y = (part * RADIUS for part in centre)
    window = tuple(round(edge) for edge in (x - 1.4 * RADIUS, y - 1.4 * RADIUS, x + 1.4 * RADIUS, y + 1.4 * RADIUS))

    left, top, right, bottom = yellow(emblem.emblem(HEIGHT)).crop(window).getbbox()

    slack = 0.02 * HEIGHT / 6  # two parts in a hundred of the ring's radius, and the edge of a pixel
    assert window[1] + top == pytest.approx(y - RADIUS, abs=slack + 0.5)
    assert window[1] + bottom == pytest.approx(y + 0.8090 * RADIUS, abs=slack + 0.5)
    assert window[0] + left == pytest.approx(x - 0.9511 * RADIUS, abs=slack + 0.5)
    assert window[0] + right == pytest.approx(x + 0.9511 * RADIUS, abs=slack + 0.5)


def test_there_are_twelve_stars_and_nothing_else():
    stars = yellow(emblem.emblem(HEIGHT))
    pentagram = 1.1226 * RADIUS**2  # area of a straight-edged five-pointed star

    assert stars.histogram()[255] == pytest.approx(12 * pentagram, rel=0.02)


@pytest.mark.parametrize("language", STATEMENTS)
def test_every_statement_fits_beside_the_smallest_emblem(font, language):
    funding = Funding(STATEMENTS[language], emblem=True)

    assert font.missing(funding.statement) == ()
    arrangement = emblem.arrange([funding], font, 640, (120, 120), 400)

    assert arrangement.width <= 640
    assert arrangement.height == 180  # the emblem and a quarter of its height above and below


def test_the_statement_breaks_as_the_official_lockup_does(font):
    assert emblem.split(STATEMENTS["en"], font, 2) == ("Co-funded by", "the\u00a0European Union")
    assert emblem.split(STATEMENTS["de"], font, 2) == ("Kofinanziert von der", "Europäischen Union")
    assert emblem.split("Funded", font, 2) == ("Funded",)


def test_the_lockup_has_the_official_proportions(font):
    arrangement = emblem.arrange([EU], font, 2000, (100, 100), 400)
    image = emblem.draw(arrangement, font)
    blue = image.getchannel("R").point(lambda value: 255 * (value < 100))
    left, top, right, bottom = blue.getbbox()

    assert (left, top, bottom) == (25, 25, 125)  # a quarter of the height stays free around
    assert image.width - right == pytest.approx(25, abs=3)
    assert blue.crop((175, 0, 195, 150)).getbbox() is None  # the gap of a fifth of the height
    first_letter = blue.crop((195, 0, 215, 75)).getbbox()
    assert first_letter[1] - top == pytest.approx(13, abs=2)  # Commission's artwork: capitals from 0.13 ...
    assert first_letter[3] - first_letter[1] == pytest.approx(25, abs=2)  # ... a quarter of the height high


def test_the_emblem_grows_as_far_as_there_is_room_and_never_below_its_smallest_height(font):
    def height(room: float, smallest: int = 0) -> int:
        funding = Funding(STATEMENTS["en"], emblem=True, emblem_min=smallest)
        return emblem.arrange([funding], font, room, (90, 160), 400).marks[0][2].height

    assert height(2000) == 160
    assert 90 < height(620) < 160
    assert height(430) == 90
    assert height(2000, smallest=200) == 200


def test_several_funders_stand_side_by_side_or_in_rows_without_touching(font):
    wide = emblem.arrange([EU, ERASMUS], font, 1500, (90, 90), 400)
    narrow = emblem.arrange([EU, ERASMUS], font, 560, (90, 90), 400)

    assert [y for _, y, _ in wide.marks] == [0, 0]
    assert wide.marks[1][0] == wide.marks[0][2].width - 22  # a quarter of the height, shared
    assert [(x, y) for x, y, _ in narrow.marks] == [
        (0, 0),
        (0, narrow.marks[0][2].height + narrow.marks[0][2].free),
    ]


def test_a_statement_without_room_is_refused_with_its_words(font):
    with pytest.raises(RenderError) as told:
        emblem.arrange([EU], font, 200, (120, 120), 400)

    assert str(told.value) == (
        "The funder's statement “Co-funded by the European Union” does not fit on the card beside the logos.\n"
        "  Give the funder's own artwork (lockup) for this language, or a smaller emblem_min."
    )


def test_marks_that_would_take_the_card_are_refused(font):
    with pytest.raises(RenderError, match="The marks of 4 funders leave no room on the card"):
        emblem.arrange([EU] * 4, font, 560, (120, 120), 400)


def test_a_funder_s_own_artwork_is_shown_unchanged_in_its_proportions(font, tmp_path: Path):
    path = tmp_path / "strip.png"
    Image.new("RGBA", (400, 100), (200, 30, 40, 255)).save(path)
    arrangement = emblem.arrange([Funding("Funded by a fund", emblem=False, lockup=path)], font, 900, (120, 120), 400)

    image = emblem.draw(arrangement, font)

    artwork = ImageChops.difference(image, Image.new("RGB", image.size, "white")).getbbox()
    assert artwork == (30, 30, 510, 150)
    assert image.getpixel((200, 80)) == (200, 30, 40)


def test_a_funder_without_emblem_has_the_statement_alone(font):
    beside = emblem.arrange([EU], font, 2000, (100, 100), 400).width
    alone = emblem.arrange([Funding(STATEMENTS["en"], emblem=False)], font, 2000, (100, 100), 400)

    assert beside - alone.width == pytest.approx(170, abs=1)
    assert emblem.draw(alone, font).getpixel((0, 0)) == (255, 255, 255)


def test_the_statements_that_nobody_has_checked_are_left_to_the_team():
    assert len(VERIFIED) == 22
    assert not {"ga", "mt"} & set(VERIFIED)


@pytest.mark.parametrize("form", formats())
@pytest.mark.parametrize("language", VERIFIED)
def test_on_every_card_the_emblem_is_large_enough_inside_and_no_smaller_than_other_logos(language, form, tmp_path):
    logo = tmp_path / "region.png"
    Image.new("RGB", (400, 400), (200, 0, 90)).save(logo)
    funding = Funding(VERIFIED[language], emblem=True)
    drawing = Drawing(
        CardRequest("plain", form, "campaign", language, {"title": "A"}, funding=(funding,), region_logo=logo), ()
    )
    placed = {each.layer.name: each for each in drawing.placed}
    marks = placed["funding"]
    ((x, y, mark),) = marks.content.marks

    assert " ".join(mark.lines).replace("\u00a0", " ") == funding.statement
    assert drawing.fonts["statement"].file.path.name == "Ubuntu-B.ttf"
    assert drawing.format.emblem[0] <= mark.height <= drawing.format.emblem[1]
    assert (x, y) == (0, 0)
    for name in ("logo", "region_logo"):
        if name in placed:
            assert placed[name].rect.height <= mark.height
            assert placed[name].rect.width * placed[name].rect.height <= 1.5 * mark.height * mark.height
    top, right, bottom, left = (side * drawing.format.unit for side in drawing.format.safe)
    if form == "story":  # where apps cover top and bottom
        assert marks.rect.y >= top
        assert marks.rect.bottom <= drawing.format.height - bottom
    assert marks.rect.x >= left
    assert marks.rect.right - mark.free <= drawing.format.width - right + 5


def test_a_funder_s_smallest_height_is_kept_on_the_card():
    funding = Funding(STATEMENTS["en"], emblem=True, emblem_min=140)
    drawing = Drawing(CardRequest("plain", "square", "campaign", "en", {"title": "A"}, funding=(funding,)), ())

    (arrangement,) = (each.content for each in drawing.placed if isinstance(each.content, emblem.Arrangement))

    assert arrangement.marks[0][2].height == 140
