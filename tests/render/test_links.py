"""Where a post leads: its address with the campaign's marks, its hashtags, its mentions."""

from __future__ import annotations

from dataclasses import replace

import pytest
from telling import COURSE, EVENT, LIMITS, REGIONS, UPDATE, VISIT, a_channel, a_config, a_content, composed

from campaign.render.links import address_of, camel_case, counted, hashtags_of, mentions_of, typed
from campaign.story import Kind, Telling

MARKS = (
    "utm_source=mastodon&utm_medium=social&utm_campaign=regions-2026&utm_term=portugal/our-story&utm_content=3f2a9c1e"
)


@pytest.mark.parametrize(
    ("address", "marked"),
    [
        ("https://example.org", f"https://example.org?{MARKS}"),
        ("https://example.org/a?b=1&c=%20x#top", f"https://example.org/a?b=1&c=%20x&{MARKS}#top"),
        ("https://example.org/?utm_source=letter&utm_id=7", f"https://example.org/?utm_id=7&{MARKS}"),
        ("http://example.org/módulos/č?q=ř", f"http://example.org/m%C3%B3dulos/%C4%8D?q=%C5%99&{MARKS}"),
        ("https://user@example.org:8443/a(b)", f"https://user@example.org:8443/a(b)?{MARKS}"),
    ],
)
def test_visits_are_counted_by_platform_region_story_and_post(address: str, marked: str) -> None:
    channel = a_channel("mastodon")
    mark = {"channel": channel, "region": "portugal", "slug": "our-story", "marker": "3f2a9c1e"}
    assert counted(address, config=a_config(), **mark) == marked  # type: ignore[arg-type]


def test_without_a_name_for_the_campaign_links_stay_as_they_are() -> None:
    plain = a_config(campaign=replace(a_config().campaign, utm=""))
    assert composed(COURSE, config=plain).link == "https://example.org/modules?lang=en"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://www.example.org/", "example.org"),
        ("https://example.org/modules", "example.org/modules"),
        ("http://example.org/a/?lang=en#top", "example.org/a/?lang=en#top"),
        ("", ""),
    ],
)
def test_where_nobody_can_follow_an_address_it_is_as_people_type_it(address: str, shown: str) -> None:
    assert typed(address) == shown


def test_a_text_whose_links_do_not_work_bears_none() -> None:
    still = composed(COURSE, limits=replace(LIMITS["linkedin"], links_work=False))
    assert "To the course: example.org/modules?lang=en\n" in still.text
    assert still.link == ""
    assert "utm_" not in still.text


def test_an_event_leads_to_its_registration_and_a_story_without_link_nowhere() -> None:
    assert address_of(EVENT, EVENT.tellings["en"]) == "https://example.org/register"
    assert address_of(VISIT, VISIT.tellings["en"]) == ""
    assert composed(VISIT).link == ""
    odd = Telling(title="T", summary="S", link="javascript:alert(1)")
    assert address_of(a_content(Kind.UPDATE, odd), odd) == ""
    assert "javascript" not in composed(a_content(Kind.UPDATE, odd)).text


def test_hashtags_are_taken_in_turn_once_each_and_not_too_many() -> None:
    channel = a_channel(hashtags=("automotiveSKILLS", "ASA"))
    assert hashtags_of(a_config(), channel, COURSE, 9) == (
        "MoravianSilesianRegion",
        "ALBATTS",
        "AutomotiveSkills",
        "Batteries",
        "ASA",
        "UpAndReskilling",
    )
    assert hashtags_of(a_config(), channel, COURSE, 2) == ("MoravianSilesianRegion", "ALBATTS")
    assert hashtags_of(a_config(), channel, COURSE, 0) == ()


@pytest.mark.parametrize(
    ("topic", "tag"),
    [
        ("electric vehicles", "ElectricVehicles"),
        ("up- and re-skilling", "UpAndReSkilling"),
        ("AI", "AI"),
        ("čistá mobilita", "ČistáMobilita"),
        ("умни батерии", "УмниБатерии"),
        ("2030", ""),
        ("industry 4.0", "Industry40"),
        ("#batteries", "Batteries"),
        ("  ", ""),
    ],
)
def test_topics_become_hashtags_that_read_well_aloud(topic: str, tag: str) -> None:
    assert camel_case(topic) == tag


@pytest.mark.parametrize(
    ("platform", "mentioned"),
    [
        ("mastodon", ("@msk@social.example", "Castilla y León")),
        ("x", ("@msk_example", "Castilla y León")),
        ("linkedin", ("@[Moravia-Silesia](urn:li:organization:7)", "Castilla y León")),
        ("folder", ("Castilla y León",)),  # the first line bears the name of its own region already
    ],
)
def test_a_mention_is_a_handle_where_there_is_one_else_a_name(platform: str, mentioned: tuple[str, ...]) -> None:
    story = UPDATE.model_copy(update={"mentions": ("moravia-silesia", "castilla-y-leon", "unknown")})
    assert mentions_of(a_config(), a_channel(platform), story, "en") == mentioned
    assert REGIONS["castilla-y-leon"].handles == {}


@pytest.mark.parametrize(
    "handle", ["MSK, the Region (urn:li:organization:7)", "  MSK, the Region  (urn:li:organization:7)"]
)
def test_a_mention_on_linkedin_may_have_another_name_than_the_region(handle: str) -> None:
    regions = {**REGIONS, "moravia-silesia": replace(REGIONS["moravia-silesia"], handles={"linkedin": handle})}
    story = UPDATE.model_copy(update={"mentions": ("moravia-silesia",)})
    found = mentions_of(replace(a_config(), regions=regions), a_channel("linkedin"), story, "en")
    assert found == ("@[MSK, the Region](urn:li:organization:7)",)
