"""The example stories, pictures and settings: whole, various, clean, and small enough to ship."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import ExifTags, Image

from campaign.config import Config, load
from campaign.files import shipped
from campaign.story import Kind

EXAMPLES = shipped("examples")
STORIES = sorted(EXAMPLES.glob("stories/*/story.md"))
TRANSLATIONS = sorted(EXAMPLES.glob("stories/*/story.*.md"))
PICTURES = sorted(EXAMPLES.glob("stories/*/*.jpg"))
FROM_A_PHONE = {"tram.jpg", "portico.jpg"}  # see examples/draw_pictures.py
ASKED_OF_CASTILLA_Y_LEON = (
    "Enhancing our collaborative partnerships with other European regions, gaining first-hand insights into up- and "
    "reskilling initiatives of regional partners, and formulating a common position that defends the joint interests "
    "of the network members are among the most important reasons for joining the Automotive Skills Alliance."
)


def parts(path: Path) -> tuple[dict[str, Any], str]:
    """Return front matter and body; every scalar as the text it is."""
    _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    return yaml.load(front, Loader=yaml.BaseLoader), body  # noqa: S506 - BaseLoader makes nothing but text


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


@pytest.fixture(scope="module")
def config() -> Config:
    return load(EXAMPLES / "demo.toml", {})


@pytest.mark.parametrize("path", STORIES + TRANSLATIONS, ids=name)
def test_a_story_has_the_length_that_posts_need(path):
    front, body = parts(path)
    assert len(front["title"]) <= 80
    assert 120 <= len(front["summary"]) <= 260
    assert 60 <= len(body.split()) <= 150


@pytest.mark.parametrize("path", STORIES, ids=name)
def test_a_story_names_what_the_settings_know_and_photos_that_are_there(path, config):
    front, _ = parts(path)
    assert set(front["regions"]) <= set(config.regions)
    assert set(front.get("mentions", [])) <= set(config.regions)
    assert front.get("project", "trireme") in config.projects
    for photo in front.get("photos", []):
        assert (path.parent / photo["file"]).is_file()
        assert photo["shows"].endswith(".")
        assert len(photo["shows"]) <= 250
        assert photo["consent"] == "nobody-recognisable"
        assert all(0 <= float(part) <= 1 for part in photo["focus"].split())


@pytest.mark.parametrize("path", TRANSLATIONS, ids=name)
def test_a_translation_describes_every_photo_and_says_nothing_new(path):
    front, _ = parts(path)
    original, _ = parts(path.with_name("story.md"))
    assert set(front) <= {"title", "summary", "link", "photos", original["kind"]}
    assert all(set(photo) == {"file", "shows"} for photo in front.get("photos", []))
    assert [photo["file"] for photo in front.get("photos", [])] == [
        photo["file"] for photo in original.get("photos", [])
    ]
    assert set(front.get(original["kind"], {})) <= set(original.get(original["kind"], {}))


@pytest.mark.parametrize("path", STORIES, ids=name)
def test_an_english_channel_can_take_every_story(path):
    front, _ = parts(path)
    assert front.get("language", "en") == "en" or path.with_name("story.en.md").is_file()


def test_the_stories_are_as_various_as_the_network():
    fronts = [parts(path)[0] for path in STORIES]
    assert len(fronts) >= 14
    assert {front["kind"] for front in fronts} == set(Kind)
    assert len({region for front in fronts for region in front["regions"]} - {"asa"}) >= 7
    assert {front["project"] for front in fronts if "project" in front} == {"trireme", "albatts"}
    assert len({front.get("language", "en") for front in fronts}) >= 3
    assert {len(front.get("photos", [])) for front in fronts} == {0, 1, 2}
    assert any("embargo" in front for front in fronts)
    assert any("expires" in front for front in fronts)
    assert any("deadline" in front for front in fronts)
    assert any(int(front.get("priority", 0)) < 0 for front in fronts)


def test_the_words_of_castilla_y_leon_are_kept_to_the_letter():
    front, _ = parts(EXAMPLES / "stories" / "why-we-joined" / "story.md")
    assert front["quote"]["text"] == ASKED_OF_CASTILLA_Y_LEON


@pytest.mark.parametrize("path", STORIES + TRANSLATIONS, ids=name)
def test_figures_without_a_source_say_that_they_are_illustrative(path):
    front, _ = parts(path)
    blocks = [front.get(kind, {}) for kind in ("profile", "milestone")]
    figures = [figure for block in blocks for figure in block.get("figures", [])]
    assert all(re.search("ilustrativ|illustrati", figure["source"]) for figure in figures)


@pytest.mark.parametrize("path", PICTURES, ids=name)
def test_a_picture_is_large_enough_for_cards_small_enough_to_ship_and_carries_no_data(path):
    assert path.stat().st_size <= 300_000
    with Image.open(path) as picture:
        assert (picture.format, picture.mode) == ("JPEG", "RGB")
        assert picture.size in {(2000, 1333), (1600, 1200)}
        assert picture.getexif().get(ExifTags.Base.Orientation) == (6 if path.name in FROM_A_PHONE else None)
        assert bool(picture.getexif().get_ifd(ExifTags.IFD.GPSInfo)) == (path.name in FROM_A_PHONE)
        assert not {"icc_profile", "comment", "xmp"} & set(picture.info)


def test_every_picture_belongs_to_a_story_and_all_of_them_fit_into_the_package():
    named = {path.parent / photo["file"] for path in STORIES for photo in parts(path)[0].get("photos", [])}
    assert named == set(PICTURES)
    shipped_files = [path for path in EXAMPLES.rglob("*.*") if path.suffix in {".jpg", ".png", ".md", ".toml", ".py"}]
    assert sum(path.stat().st_size for path in shipped_files) <= 4_000_000


def test_the_regions_marks_are_small_and_transparent(config):
    logos = [region.logo for region in config.regions.values() if region.logo]
    assert len(logos) >= 3
    for logo in logos:
        assert logo.stat().st_size <= 20_000
        with Image.open(logo) as mark:
            assert mark.mode == "RGBA"
            assert mark.getextrema()[3] == (0, 255)


def test_the_settings_have_a_channel_of_every_kind_and_both_generations_of_funders(config):
    assert {channel.platform for channel in config.channels.values()} == {"folder", "mastodon", "bluesky", "linkedin"}
    assert sorted(channel.mode for channel in config.channels.values()) == [*["api"] * 5, "by-hand"]
    assert all(channel.slots and channel.spacing >= timedelta(hours=4) for channel in config.channels.values())
    assert [funder.statement["en"] for funder in config.funders_of("trireme")] == ["Co-funded by the European Union"]
    assert [funder.statement["en"] for funder in config.funders_of("albatts")] == [
        "Co-funded by the Erasmus+ Programme of the European Union"
    ]
