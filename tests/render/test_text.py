"""The texts of posts: what an officer reads in the proof, word by word, and how they become shorter."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from telling import (
    COURSE,
    EVENT,
    FUNDERS,
    LIMITS,
    MILESTONE,
    PRACTICE,
    PRAGUE,
    PROFILE,
    QUOTE,
    STORIES,
    UPDATE,
    VISIT,
    a_channel,
    a_config,
    a_content,
    composed,
)

from campaign.errors import RenderError
from campaign.files import shipped
from campaign.fit import length, spans
from campaign.platforms.base import Limits
from campaign.story import Content, Course, Kind, Practice, Telling

PLAIN = a_config(campaign=replace(a_config().campaign, utm=""))  # links as the regions gave them: texts read better
LANGUAGES = (
    *("en", "cs", "de", "es", "fr", "it", "pl", "pt", "sk", "sv", "hu"),
    *("nl", "da", "fi", "ro", "el", "bg", "hr", "sl", "et", "lv", "lt"),
)


def test_a_practice_goes_from_the_challenge_to_the_results() -> None:
    assert composed(PRACTICE, config=PLAIN).text == (
        "Good practice from Moravia-Silesia\n\n"
        "One form for good practice, so that regions can compare\n\n"
        "Regions now describe what works in training with the same six questions.\n\n"
        "The challenge: Every region collected and shared its data in its own way, so results could not be compared."
        "\n\n"
        "The approach: The regional work package of TRIREME developed a common form and tested it with four regions."
        "\n\n"
        "The results: Twelve practices are described in the same form, and the first two have been taken up elsewhere."
        "\n\n"
        "What other regions can take from it: The form is short, free to use and works without special software.\n\n"
        "Partners: Emilia-Romagna, Castilla y León and ATEC\n"
        "Contact: regions@example.org\n\n"
        "With: Castilla y León\n\n"
        "Read more: https://example.org/practice\n\n"
        "Project: TRIREME\n"
        "Co-funded by the European Union\n\n"
        "#MoravianSilesianRegion #TRIREME #AutomotiveSkills #GoodPractice"
    )


def test_an_update_names_all_its_regions_and_its_deadline_in_the_lead_regions_time() -> None:
    assert composed(UPDATE, config=PLAIN).text == (
        "News from Emilia-Romagna and Moravia-Silesia\n\n"
        "Emilia-Romagna looks for the latest skills intelligence\n\n"
        "The region wants to learn from good governance in other regions, and has joined the working group.\n\n"
        "Deadline: Friday 29 May 2026, 12:00\n\n"
        "Read more: https://example.org/update\n\n"
        "#EmiliaRomagna #AutomotiveSkills #SkillsIntelligence #MoravianSilesianRegion"
    )


def test_a_profile_gives_each_figure_with_its_year_and_source() -> None:
    assert composed(PROFILE, config=PLAIN).text == (
        "Get to know Castilla y León\n\n"
        "A region that builds cars and the people who build them\n\n"
        "From vans to tractors: Castilla y León is one of Spain's largest producers of vehicles.\n\n"
        "People employed in the industry: 20 000 (2023, source: illustrative)\n"
        "Share of regional exports: 38 % (2023, source: illustrative)\n\n"
        "Main industries: vehicle assembly, tyres and components\n"
        "Suppliers: more than 100 companies\n"
        "Education and training: four integrated vocational centres and three universities\n\n"
        "Read more: https://example.org/profile\n\n"
        "#CastillaYLeón #AutomotiveSkills #Automotive"
    )


def test_a_quote_stands_to_the_letter_in_quotation_marks_with_whose_it_is() -> None:
    assert composed(QUOTE, config=PLAIN).text == (
        "A voice from Castilla y León\n\n"
        "Why Castilla y León joined the alliance\n\n"
        "“Enhancing our collaborative partnerships with other European regions, gaining first-hand insights into up- "
        "and reskilling initiatives of regional partners, and formulating a common position that defends the joint "
        "interests of the network members are among the most important reasons for joining the Automotive Skills "
        "Alliance.”\n"
        "– Regional Government of Castilla y León\n\n"
        "Partnerships, first-hand insights and a common position: three reasons in one sentence.\n\n"
        "Read more: https://example.org/castilla\n\n"
        "#CastillaYLeón #AutomotiveSkills"
    )


def test_an_event_says_when_where_and_until_when_to_register() -> None:
    assert composed(EVENT, config=PLAIN).text == (
        "Save the date · Moravia-Silesia\n\n"
        "Skills for the battery value chain: a workshop for regions\n\n"
        "Regions, companies and schools compare what they have learnt about training for battery production.\n\n"
        "When: Tuesday 9 June 2026, 10:00–16:30 (Prague time)\n"
        "Where: Trojhalí Karolina, Ostrava and online\n"
        "Register by: Tuesday 2 June 2026\n"
        "Hosted by: MSIC\n\n"
        "Register: https://example.org/register\n\n"
        "#MoravianSilesianRegion #AutomotiveSkills #Batteries"
    )


def test_a_visit_of_some_days_without_hours_is_registered_for_by_mail() -> None:
    assert composed(VISIT, config=PLAIN).text == (
        "Study visit · Emilia-Romagna\n\n"
        "Three days in the Motor Valley\n\n"
        "Emilia-Romagna opens its training centres and shows how companies and schools plan skills together.\n\n"
        "When: Tuesday 22 September 2026 – Thursday 24 September 2026\n"
        "Where: Modena\n"
        "Register: visits@example.org\n"
        "Hosted by: ART-ER\n\n"
        "Project: TRIREME\n"
        "Co-funded by the European Union\n\n"
        "#EmiliaRomagna #TRIREME #AutomotiveSkills"
    )


def test_a_course_says_who_in_which_language_how_long_and_for_how_much() -> None:
    assert composed(COURSE, config=PLAIN).text == (
        "A course from Moravia-Silesia\n\n"
        "Battery skills modules, open to every region\n\n"
        "Extensive training modules, developed with regional partners and the support of the Just Transition "
        "mechanism, are being made available across Europe.\n\n"
        "Offered by: MSIC\n"
        "Taught in: Czech and English\n"
        "Duration: 12 h\n"
        "Price: free of charge\n\n"
        "The modules cover cell production, testing and recycling. Trainers can download and adapt them.\n\n"
        "To the course: https://example.org/modules?lang=en\n\n"
        "Project: ALBATTS\n"
        "Co-funded by the Erasmus+ Programme of the European Union\n\n"
        "#MoravianSilesianRegion #ALBATTS #AutomotiveSkills #Batteries #UpAndReskilling"
    )


def test_a_milestone_gives_its_figure() -> None:
    assert composed(MILESTONE, config=PLAIN).text == (
        "A milestone for Portugal (ATEC)\n\n"
        "European course, Portuguese classroom\n\n"
        "Taking part in ALBATTS led to numerous training courses adapted for Portugal.\n\n"
        "Courses adapted: 14 (2024, source: ATEC)\n\n"
        "The local consortium benefits most: its companies now train with material that speaks their language.\n\n"
        "Read more: https://example.org/atec\n\n"
        "Project: ALBATTS\n"
        "Co-funded by the Erasmus+ Programme of the European Union\n\n"
        "#Portugal #ALBATTS #AutomotiveSkills"
    )


def test_on_x_an_event_keeps_date_place_deadline_and_link() -> None:
    post = composed(EVENT, "x", config=PLAIN)
    assert post.text == (
        "Save the date · Moravia-Silesia\n\n"
        "Skills for the battery value chain: a workshop for regions\n\n"
        "When: Tuesday 9 June 2026, 10:00–16:30 (Prague time)\n"
        "Where: Trojhalí Karolina, Ostrava and online\n"
        "Register by: Tuesday 2 June 2026\n\n"
        "Register: https://example.org/register\n\n"
        "#AutomotiveSkills"
    )
    assert post.cut == ("summary left out", "host left out", "some hashtags left out")
    assert length(post.text, LIMITS["x"]) == 277
    assert post.tags == ("AutomotiveSkills",)


def test_on_mastodon_a_practice_gives_up_its_contact_first_and_its_results_last() -> None:
    assert composed(PRACTICE, "mastodon").cut == (
        "challenge left out",
        "what others can take from it left out",
        "partners left out",
        "contact left out",
        "mentions left out",
        "project left out",
        "some hashtags left out",
    )


def test_a_quote_too_long_for_a_platform_is_left_to_the_card_and_never_cut() -> None:
    post = composed(QUOTE, "x", config=PLAIN)
    assert post.text == (
        "A voice from Castilla y León\n\n"
        "Why Castilla y León joined the alliance\n\n"
        "Partnerships, first-hand insights and a common position: three reasons in one sentence.\n\n"
        "Read more: https://example.org/castilla\n\n"
        "#CastillaYLeón #AutomotiveSkills"
    )
    assert post.cut == ("quote left out",)


@pytest.mark.parametrize("platform", LIMITS)
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.kind.value)
def test_every_kind_fits_every_platform_with_link_and_statement(story: Content, platform: str) -> None:
    post = composed(story, platform)
    limits = LIMITS[platform]
    assert length(post.text, limits) <= limits.text
    if story.project:
        funder = FUNDERS["eu" if story.project == "trireme" else "eu-2014"]
        assert f"\n{funder.statement['en']}" in post.text
    assert (post.link in post.text) if post.link else not story.tellings["en"].link
    tags = [post.text[span.start + 1 : span.end] for span in spans(post.text) if span.kind == "tag"]
    assert tuple(tags) == post.tags
    assert len(tags) <= limits.hashtags


def test_a_channels_own_limit_counts_when_it_is_lower() -> None:
    short = composed(COURSE, "linkedin", channel=a_channel("linkedin", max_text=400))
    assert length(short.text, LIMITS["linkedin"]) <= 400 < length(composed(COURSE).text, LIMITS["linkedin"])
    assert composed(COURSE, "x", channel=a_channel("x", max_text=400)) == composed(COURSE, "x")


def test_a_statement_that_does_not_fit_is_an_error_and_never_left_out() -> None:
    with pytest.raises(RenderError, match=r"what must stay \(title, link, funder's statement\) takes"):
        composed(COURSE, limits=Limits(text=100))


def test_names_in_any_letters_come_out_as_they_are() -> None:
    title = "Умения за батерии · Δεξιότητες · Žluťoučký kůň · Łódź"
    for platform in LIMITS:
        assert title in composed(a_content(Kind.UPDATE, Telling(title=title, summary="Ő")), platform).text


@pytest.mark.parametrize(
    "wild", ["{{ 7*7 }}", "{% raw %}", "{# note #}", "{{ config }}", "%(x)s {regions}", "<b>&amp;"]
)
def test_what_regions_write_is_data_and_never_a_template(wild: str) -> None:
    telling = Telling(
        title=f"Title {wild}",
        summary=f"Summary {wild}",
        body=f"Body {wild}",
        practice=Practice(challenge=f"Challenge {wild}"),
    )
    text = composed(a_content(Kind.PRACTICE, telling)).text
    assert [line for line in text.splitlines() if wild in line] == [
        f"Title {wild}",
        f"Summary {wild}",
        f"The challenge: Challenge {wild}",
        f"Body {wild}",
    ]


def test_a_disclaimer_stands_in_the_post_only_where_its_funder_wants_it() -> None:
    assert "Views and opinions" not in composed(PRACTICE).text
    wanting = replace(FUNDERS["eu"], disclaimer_in="post")
    text = composed(PRACTICE, config=a_config(funders={**FUNDERS, "eu": wanting})).text
    assert "Views and opinions expressed" in text
    assert text.count("Co-funded by the European Union") == 1  # the disclaimer begins with it


def test_a_funders_statement_is_in_the_language_of_the_post_else_in_english() -> None:
    assert "Spolufinancováno Evropskou unií" in composed(PRACTICE, language="cs").text
    assert "Co-funded by the European Union" in composed(PRACTICE, language="hu").text


def test_fixed_words_dates_and_names_are_in_the_language_of_the_post() -> None:
    text = composed(EVENT, language="cs", config=PLAIN).text
    assert text.startswith("Akce · Moravskoslezský kraj\n")
    assert (
        "Kdy: úterý 9. června 2026, 10:00–16:30 (místní čas, Praha)\nKde: Trojhalí Karolina, Ostrava a\u00a0online\n"
        in text
    )
    assert "Idioma del curso: checo e inglés\n" in composed(COURSE, language="es").text
    assert "Où\u00a0: " in composed(EVENT, language="fr").text
    assert "Prazo de inscrição: terça-feira, 2 de junho de 2026" in composed(EVENT, language="pt-PT").text


def test_a_language_without_words_gets_english_ones_throughout() -> None:
    text = composed(EVENT, language="mt", config=PLAIN).text
    assert "When: Tuesday 9 June 2026, 10:00–16:30 (Prague time)\nWhere: Trojhalí Karolina, Ostrava and online" in text


def test_the_words_are_complete_in_every_language() -> None:
    words = tomllib.loads(shipped("templates", "posts", "words.toml").read_text(encoding="utf-8"))
    assert tuple(words) == LANGUAGES
    for language in LANGUAGES:
        assert list(words[language]) == list(words["en"]), language
        assert all(words[language].values()), language
        assert all("{regions}" in words[language][f"lead_{kind.value}"] for kind in Kind), language
        assert "{city}" in words[language]["local_time"], language
    assert not set(words["en"]) & set(dir(dict))  # a template would find the method, not the word


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_can_be_told_in_every_language(language: str) -> None:
    for story in STORIES:
        assert "{" not in composed(story, language=language, config=PLAIN).text


def occasion(**changes: Any) -> str:
    telling = EVENT.tellings["en"]
    assert telling.occasion is not None
    changed = telling.model_copy(update={"occasion": telling.occasion.model_copy(update=changes)})
    text = composed(a_content(Kind.EVENT, changed, deadline=changes.get("of_story")), config=PLAIN).text
    return "\n".join(line for line in text.splitlines() if line.startswith(("When", "Where", "Register", "Read")))


TENTH = datetime(2026, 6, 9, 10, tzinfo=PRAGUE)


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        (
            {"ends": None, "place": "", "deadline": datetime(2026, 6, 1, 10, tzinfo=UTC)},
            "When: Tuesday 9 June 2026, 10:00 (Prague time)\nWhere: online\nRegister by: Monday 1 June 2026, 12:00\n"
            "Register: https://example.org/register",
        ),
        (
            {"ends": TENTH + timedelta(days=1), "online": "", "deadline": None, "registration": ""},
            "When: Tuesday 9 June 2026, 10:00 – Wednesday 10 June 2026, 10:00 (Prague time)\n"
            "Where: Trojhalí Karolina, Ostrava\nRead more: https://example.org/workshop",
        ),
        (
            {"all_day": True, "ends": TENTH.replace(hour=23, minute=59), "place": "", "online": "", "deadline": None},
            "When: Tuesday 9 June 2026\nRegister: https://example.org/register",
        ),
        (
            {"place": "", "online": "", "deadline": None, "of_story": TENTH.replace(day=1)},
            "When: Tuesday 9 June 2026, 10:00–16:30 (Prague time)\nRegister by: Monday 1 June 2026, 10:00\n"
            "Register: https://example.org/register",
        ),
    ],
)
def test_when_and_where_in_words(changes: dict[str, Any], lines: str) -> None:
    assert occasion(**changes) == lines


def test_a_course_with_a_price_and_an_unknown_language_says_them_as_written() -> None:
    course = Course(languages=("cs", "Moravian"), price="120 €")
    text = composed(a_content(Kind.COURSE, Telling(title="T", summary="S", course=course))).text
    assert "Taught in: Czech and Moravian\nPrice: 120 €" in text


@pytest.mark.parametrize(
    ("story", "message"),
    [
        (Kind.QUOTE, "The story is a quote and has none.\n  Give `quote: {text: …, by: …}` in story.md."),
        (
            Kind.VISIT,
            "The story is of the kind visit and says not when it takes place.\n"
            "  Give `visit: {starts: 2026-06-09 10:00, place: …}` in story.md.",
        ),
    ],
)
def test_a_story_that_lacks_what_its_kind_needs_is_an_error(story: Kind, message: str) -> None:
    with pytest.raises(RenderError) as error:
        composed(a_content(story, Telling(title="T", summary="S")))
    assert str(error.value) == message
