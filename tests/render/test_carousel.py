"""A good practice as several pictures of one post."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from test_attach import rendered

from campaign.app import App
from campaign.cards import CardRequest, Drawing, series
from campaign.models import ImageContent
from campaign.story import Content, Kind, Photo, Practice, Telling
from tests.making import make_story, picture
from tests.skies import Sky

pytestmark = pytest.mark.cards

PRACTICE = Practice(
    challenge="Every region collected its data in its own way.",
    approach="One form, tested with four regions.",
    results="Twelve practices in the same form.",
    partners="Emilia-Romagna and ATEC",
    contact="regions@example.org",
)


def pictures(app: App, practice: Practice = PRACTICE, channel: str = "sky") -> tuple[ImageContent, ...]:
    """Render a good practice with two photos and return the pictures of its post."""
    data = [picture((20, shade, 120), (1600, 1000)) for shade in (60, 150)]
    photos = [
        Photo(sha256=app.media.keep(each, "image/jpeg"), width=1600, height=1000, file="a.jpg", consent="yes")
        for each in data
    ]
    shows = ("A battery on a bench.", "Trainees in a row.")
    telling = Telling(
        title="One form for all", summary="Six questions.", shows=shows, practice=practice, link="https://example.org/a"
    )
    content = Content(
        kind=Kind.PRACTICE, regions=("portugal",), language="en", photos=tuple(photos), tellings={"en": telling}
    )
    make_story(app, "form", region="portugal", content=content)
    _, parts = rendered(app, channel)
    return parts[0].images


def roomy(monkeypatch: pytest.MonkeyPatch, images: int) -> None:
    monkeypatch.setattr(Sky, "limits", replace(Sky.limits, images=images, text=60))


@pytest.mark.parametrize(
    ("room", "starts"),
    [
        (1, ["Portugal · Good practice."]),
        (3, ["Portugal · Good practice. 1/3.", "Portugal · Good practice. The challenge.", "… The approach."]),
        (8, ["1/6", "The challenge", "The approach", "The results", "Partners", "Contact", "Trainees in a row."]),
    ],
)
def test_a_good_practice_goes_on_over_as_many_pictures_as_the_platform_takes(
    start: Callable[..., App], monkeypatch: pytest.MonkeyPatch, room: int, starts: list[str]
) -> None:
    roomy(monkeypatch, room)

    images = pictures(start())

    assert len(images) == len(starts) <= room
    for image, said in zip(images, starts, strict=True):
        assert said.removeprefix("… ") in image.alt


def test_each_page_says_in_its_alt_text_what_stands_on_it_and_only_the_first_what_the_photo_shows(
    start: Callable[..., App], monkeypatch: pytest.MonkeyPatch
) -> None:
    roomy(monkeypatch, 6)

    cover, challenge, *_, contact = pictures(start())

    assert cover.alt.endswith("A battery on a bench.")
    assert challenge.alt == f"Portugal · Good practice. The challenge. {PRACTICE.challenge} 2/6."
    assert contact.alt == f"Portugal · Good practice. Contact. {PRACTICE.contact}. 6/6."


def test_a_link_card_and_a_practice_without_words_have_one_picture(
    start: Callable[..., App], monkeypatch: pytest.MonkeyPatch
) -> None:
    roomy(monkeypatch, 6)
    empty = pictures(start(), Practice())

    assert [image.alt.count("/") for image in empty] == [0, 0]
    assert empty[1].alt == "Trainees in a row."


def test_headings_and_texts_of_a_carousel_have_one_size(tmp_path: Path) -> None:
    def request(**words: Any) -> CardRequest:
        return CardRequest("practice", "portrait", "campaign", "en", {"title": "A form", **words})

    short = request(step_label="Contact", step="regions@example.org")
    long = request(step_label="What other regions can take from it", step="The form needs no law and no new body. " * 9)

    alone, other = Drawing(short, ()), Drawing(long, ())
    one, two = series([short, long])

    assert alone.sizes["step"] > other.sizes["step"]
    alone.limit(other.sizes)
    assert alone.sizes == other.sizes
    assert one == series([short, long])[0]
    assert two == series([long])[0]
    assert one != series([short])[0]
