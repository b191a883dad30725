import io
from pathlib import Path

import pytest
from PIL import Image

from campaign.cards import CardRequest, designs, draw, formats, inputs
from campaign.cards.colours import Palette, contrast, luminance, parse
from campaign.errors import RenderError

GOOD = """
[ground]
kind = "box"
area = "full"
fill = "ink"
[copy]
kind = "stack"
[headline]
in = "copy"
kind = "text"
text = "{title}"
font = "display"
color = "paper"
"""


def request(**more) -> CardRequest:
    return CardRequest(**{"design": "own", "format": "square", "theme": "campaign", "language": "en"} | more)


@pytest.fixture
def own(tmp_path: Path):
    """A team's folder; call it with a design's text, or a file name and text."""

    def write(text: str, name: str = "cards/own.toml") -> tuple[Path, ...]:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return (tmp_path,)

    return write


def refusal(folders: tuple[Path, ...], **more) -> str:
    with pytest.raises(RenderError) as told:
        draw(request(fields={"title": "Skills"}, **more), folders=folders)
    return str(told.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ('color = "paper"', 'colour = "paper"'),
            'own.toml, line 13, headline: there is no key "colour" here.\n  Did you mean "color"?\n'
            'own.toml, line 8, headline: "color" is missing.\n  A layer of kind text needs it.',
        ),
        (
            ('in = "copy"', 'in = "kopy"'),
            'own.toml, line 9, headline.in: there is no layer "kopy".\n  Did you mean "copy"?',
        ),
        (
            ('in = "copy"', 'in = "ground"'),
            'own.toml, line 9, headline.in: "ground" holds no layers.\n  Name a layer of kind stack.',
        ),
        (
            ("{title}", "{titel}"),
            'own.toml, line 11, headline.text: there is no word "titel".\n  Did you mean "title"?',
        ),
        (
            ('font = "display"', 'font = "displays"'),
            'own.toml, line 12, headline.font: there is no font "displays".\n  Did you mean "display"?',
        ),
        (
            ('fill = "ink"', 'fill = "inc"'),
            'own.toml, line 5, ground.fill: there is no colour "inc".\n  Did you mean "ink"?',
        ),
        (
            ('fill = "ink"', 'fill = "auto"'),
            'own.toml, line 5, ground.fill: there is no colour "auto".\n  Known here: accent, ink, mist, muted, paper.',
        ),
        (
            ('area = "full"', 'area = "whole"'),
            "own.toml, line 4, ground.area: this value cannot be used.\n  Write one of: safe, full.",
        ),
        (
            ('area = "full"', 'width = "half"'),
            "own.toml, line 4, ground.width: this value cannot be used.\n"
            '  Write a number of units, such as 5.2, or a part, such as "50%".',
        ),
        (
            ('area = "full"', "lines = 2"),
            'own.toml, line 4, ground.lines: "lines" means nothing for a layer of kind box.\n  It belongs to: text.',
        ),
        (
            ('kind = "box"', 'kind = "bocks"'),
            "own.toml, line 3, ground.kind: this value cannot be used.\n"
            "  Write one of: photo, image, box, scrim, stack, text.",
        ),
        (
            ('kind = "box"\n', ""),
            'own.toml, line 2, ground: "kind" is missing.\n  Write what the layer is, such as kind = "text".',
        ),
        (
            ('kind = "stack"', 'kind = "stack"\nbelow = "copy2"\n[copy2]\nkind = "stack"\nbelow = "copy"'),
            "own.toml, line 6, copy: its place depends on itself.\n  Look at its in, above and below.",
        ),
        (
            ('font = "display"', 'font = "display"\nsize = [5, 3]'),
            "own.toml, line 13, headline.size: this value cannot be used.\n"
            "  Write the smallest and the largest size, such as [2.4, 3.2].",
        ),
    ],
)
def test_a_mistake_in_a_design_is_told_with_line_and_remedy(own, change, message):
    assert refusal(own(GOOD.replace(*change))).startswith(message)


@pytest.mark.parametrize(
    ("key", "value", "remedy"),
    [
        ("hide", '"yes"', "Write true or false."),
        ("lines", "0", "Write a whole number from 1."),
        ("leading", "true", "Write a number, such as 2.4."),
        ("pad", "[1, 2, 3]", "Write 1 or 2 or 4 numbers, such as [2, 2, 2, 2]."),
        ("when", "3", 'Write a text in quotation marks, such as "title".'),
        ("shift", "4", "Write 2 numbers, such as [2, 2]."),
    ],
)
def test_a_value_of_the_wrong_kind_says_what_the_key_takes(own, key, value, remedy):
    message = f"own.toml, line 14, headline.{key}: this value cannot be used.\n  {remedy}"

    assert refusal(own(GOOD + f"{key} = {value}\n")) == message


def test_mistakes_in_overrides_are_told_for_every_format(own):
    text = GOOD + "[format.sqare]\n[format.square]\nheadlin = {}\nheadline = { lines = 0 }\n"

    assert refusal(own(text)) == (
        'own.toml, line 14, format.sqare: there is no format "sqare".\n  Did you mean "square"?\n'
        'own.toml, line 16, format.square.headlin: there is no layer "headlin".\n  Did you mean "headline"?\n'
        "own.toml, line 17, format.square.headline.lines: this value cannot be used.\n  Write a whole number from 1."
    )


def test_a_layer_that_is_no_table_is_told(own):
    assert refusal(own("ground = 3\n")) == (
        "own.toml, line 1, ground: this must be a table.\n  Write [ground] on a line of its own."
    )


def test_a_file_that_is_not_toml_is_told(own):
    assert refusal(own("[ground")).startswith("own.toml: this is not valid TOML: ")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            {"design": "fotos"},
            'There is no design "fotos".\n'
            "  Known: course, event, milestone, number, own, photo, plain, practice, profile, quote.",
        ),
        (
            {"format": "round"},
            'There is no format "round".\n  Known: landscape, portrait, square, story, wide.',
        ),
        ({"theme": "spring"}, 'There is no theme "spring".\n  Known: campaign.'),
        ({"accent": "blue"}, 'The accent "blue" is no colour.\n  Write it as "#RRGGBB".'),
    ],
)
def test_what_does_not_exist_is_named_with_what_does(own, more, message):
    assert refusal(own(GOOD), **more) == message


def test_a_team_s_own_design_stands_before_the_shipped_one_of_that_name(own):
    folders = own(GOOD, "cards/photo.toml")

    card = draw(request(design="photo", fields={"title": "Skills"}), folders=folders)

    assert card.words == ("Skills",)
    assert folders[0] / "cards" / "photo.toml" in inputs(request(design="photo"), folders)
    assert designs(folders) == designs()


def test_there_is_a_design_for_every_kind_of_story():
    assert designs() == (*("course", "event", "milestone", "number", "photo", "plain", "practice", "profile", "quote"),)


def test_own_formats_are_added_to_the_shipped_ones(own):
    folders = own("[banner]\nsize = [1500, 500]\nunit = 10\n", "cards/formats.toml")

    assert formats(folders)["banner"] == (1500, 500)
    assert formats()["landscape"] == (1200, 627)
    assert set(formats(folders)) == {*formats(), "banner"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[x]\nunit = 3\n", 'formats.toml, line 1, x: "size" is missing.\n  A format needs size = [width, height]'),
        (
            "[x]\nsize = [2, 3]\nunit = 3\nsave = 2\n",
            'formats.toml, line 4, x: there is no key "save" here.\n  Did you',
        ),
        ("x = 3\n", "formats.toml, line 1, x: this must be a table."),
    ],
)
def test_a_mistake_in_formats_is_told(own, text, message):
    with pytest.raises(RenderError) as told:
        formats(own(text, "cards/formats.toml"))

    assert str(told.value).startswith(message)


def test_a_theme_may_extend_the_shipped_one(own):
    own('extends = "campaign"\n[colors]\nink = "#112233"\n', "spring.toml")
    folders = own(GOOD)

    card = draw(request(theme="spring", fields={"title": "Skills"}), folders=folders)
    files = {path.name for path in inputs(request(theme="spring"), folders)}

    assert card.words == ("Skills",)
    assert files == {"own.toml", "formats.toml", "spring.toml", "campaign.toml", "Inter.ttf", "Ubuntu-B.ttf"}


def test_a_team_s_theme_of_the_shipped_name_may_start_from_the_shipped_one(own):
    own('extends = "campaign"\ncolors = { ink = "#112233" }\n', "campaign.toml")
    folders = own(GOOD)

    ours = draw(request(fields={"title": "Skills"}), folders=folders)
    shipped_ones = [path.name for path in inputs(request(), folders) if path.name == "campaign.toml"]

    assert ours.words == ("Skills",)
    assert len(shipped_ones) == 2


def test_an_image_is_cut_at_the_edges_of_the_layer_that_it_stays_within(own):
    ground = '[ground]\nkind = "box"\narea = "full"\nfill = "paper"\n'
    panel = '[panel]\nkind = "box"\narea = "full"\nat = "left"\nwidth = "50%"\nfill = "mist"\n'
    wheel = '[wheel]\nkind = "image"\narea = "full"\nimage = "wheel"\nheight = "100%"\ntint = "ink"\nwithin = "panel"\n'
    folders = own(ground + panel + wheel)

    with Image.open(io.BytesIO(draw(request(), folders=folders).data)) as card:
        right, left = card.crop((560, 0, 1080, 1080)), card.crop((0, 0, 520, 1080))
        assert right.getextrema() == ((255, 255), (255, 255), (255, 255))
        assert min(low for low, _ in left.getextrema()) < 40


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('extends = "spring"\n', "spring.toml, line 1, extends: a theme cannot extend itself."),
        (
            'extends = "campaign"\n[colors]\nink = "navy"\n',
            "spring.toml, line 3, colors.ink: this value cannot be used.",
        ),
        ('[colors]\nink = "#112233"\n', 'spring.toml, line 1, colors: the colour "paper" is missing.'),
        (
            'extends = "campaign"\n[fonts.display]\nfile = "x.ttf"\n',
            'spring.toml, line 3, fonts.display.file: there is no file "x.ttf".',
        ),
        (
            'extends = "campaign"\n[image]\n',
            'spring.toml, line 2: there is no key "image" here.\n  Did you mean "images"?',
        ),
    ],
)
def test_a_mistake_in_a_theme_is_told(own, text, message):
    own(text, "spring.toml")

    assert refusal(own(GOOD), theme="spring").startswith(message)


@pytest.mark.parametrize(
    "accent", ["#FFC62E", "#0E8F6E", "#E4572E", "#C8102E", "#7A1FA2", "#808080", "#000000", "#FFFFFF"]
)
@pytest.mark.parametrize("ground", ["ink", "paper", "accent"])
def test_a_colour_chosen_for_a_ground_can_be_read_on_it(accent, ground):
    palette = Palette({"ink": parse("#0B1D3A"), "paper": parse("#FFFFFF"), "accent": parse("#FFC62E")}, parse(accent))

    for wish in (f"auto on {ground}", f"accent on {ground}"):
        assert contrast(luminance(palette[wish]), luminance(palette[ground])) >= 4.5
    assert palette[f"quiet on {ground}"] != palette[f"auto on {ground}"]


def test_contrast_is_that_of_wcag():
    assert contrast(luminance((255, 255, 255)), luminance((0, 0, 0))) == pytest.approx(21)
    assert contrast(luminance((0xFF, 0xCC, 0)), luminance((0, 0x33, 0x99))) == pytest.approx(7.2, abs=0.1)
