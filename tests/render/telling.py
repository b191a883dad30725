"""A small campaign and one story of each kind, for the tests of texts; facts from the ASA's working group."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from campaign.config.words import (
    Approval,
    Campaign,
    Channel,
    Config,
    DaemonSettings,
    Folders,
    Funder,
    Planning,
    Project,
    Region,
)
from campaign.platforms.base import Limits
from campaign.render.text import Composed, compose
from campaign.story import Content, Course, Figure, Kind, Milestone, Occasion, Practice, Profile, Quote, Telling

PRAGUE = ZoneInfo("Europe/Prague")
HERE = Path("/nowhere")

REGIONS = {
    "moravia-silesia": Region(
        key="moravia-silesia",
        name={"en": "Moravia-Silesia", "cs": "Moravskoslezský kraj"},
        country="CZ",
        zone="Europe/Prague",
        hashtags=("MoravianSilesianRegion",),
        handles={"mastodon": "@msk@social.example", "x": "msk_example", "linkedin": "urn:li:organization:7"},
    ),
    "castilla-y-leon": Region(
        key="castilla-y-leon",
        name={"en": "Castilla y León", "es": "Castilla y León"},
        country="ES",
        zone="Europe/Madrid",
        hashtags=("CastillaYLeón",),
    ),
    "emilia-romagna": Region(
        key="emilia-romagna",
        name={"en": "Emilia-Romagna"},
        country="IT",
        zone="Europe/Rome",
        hashtags=("EmiliaRomagna",),
    ),
    "portugal": Region(
        key="portugal",
        name={"en": "Portugal (ATEC)", "pt": "Portugal (ATEC)"},
        country="PT",
        zone="Europe/Lisbon",
        hashtags=("Portugal",),
    ),
}
FUNDERS = {
    "eu": Funder(
        key="eu",
        name="European Union",
        statement={"en": "Co-funded by the European Union", "cs": "Spolufinancováno Evropskou unií"},
        disclaimer={
            "en": "Co-funded by the European Union. Views and opinions expressed are however those of the author(s)."
        },
    ),
    "eu-2014": Funder(
        key="eu-2014", name="Erasmus+", statement={"en": "Co-funded by the Erasmus+ Programme of the European Union"}
    ),
}
PROJECTS = {
    "trireme": Project(key="trireme", name="TRIREME", funders=("eu",), hashtags=("TRIREME",)),
    "albatts": Project(key="albatts", name="ALBATTS", funders=("eu-2014",), hashtags=("ALBATTS",)),
}


def a_config(**changes: Any) -> Config:
    """Return the campaign; `changes` are fields of Config."""
    config = Config(
        path=HERE / "config.toml",
        campaign=Campaign(
            name="Regions in motion", zone="Europe/Brussels", utm="regions-2026", hashtags=("AutomotiveSkills",)
        ),
        database="sqlite:///:memory:",
        folders=Folders(root=HERE, inbox=HERE, accepted=HERE, refused=HERE, media=HERE, pages=HERE),
        regions=REGIONS,
        projects=PROJECTS,
        funders=FUNDERS,
        channels={},
        people={},
        blackouts=(),
        approval=Approval(),
        plan=Planning(),
        daemon=DaemonSettings(),
    )
    return replace(config, **changes)


def a_channel(platform: str = "folder", **changes: Any) -> Channel:
    """Return a channel on `platform`."""
    channel = Channel(
        key=f"{platform}-asa",
        platform=platform,
        name="ASA",
        language="en",
        languages=("en",),
        zone="Europe/Brussels",
        slots=(),
    )
    return replace(channel, **changes)


def a_content(kind: Kind, telling: Telling, **changes: Any) -> Content:
    """Return a story of one telling, in English and from Moravia-Silesia unless `changes` say otherwise."""
    given: dict[str, Any] = {"regions": ("moravia-silesia",), "language": "en"} | changes
    return Content(kind=kind, tellings={given["language"]: telling}, **given)


LIMITS = {
    "x": Limits(text=280, unit="x-weighted", link_length=23, hashtags=3),
    "bluesky": Limits(text=300, unit="graphemes"),
    "mastodon": Limits(text=500, unit="graphemes", link_length=23),
    "linkedin": Limits(text=3000, unit="utf16", alt_text=4086),
}


@dataclass(frozen=True)
class Single:
    """The text of a post in one part."""

    text: str
    link: str
    tags: tuple[str, ...]
    cut: tuple[str, ...]


def composed(content: Content, platform: str = "linkedin", **changes: Any) -> Single:
    """Compose the text of `content` for a platform in one part, in the story's own language."""
    whole = in_parts(content, platform, **changes)
    [part] = whole.parts
    return Single(part.text, part.link, part.tags, whole.cut)


def in_parts(content: Content, platform: str = "linkedin", **changes: Any) -> Composed:
    """Compose the text of `content` for a platform, in the story's own language."""
    language = changes.get("language", content.language)
    given: dict[str, Any] = {
        "config": a_config(),
        "channel": a_channel(platform),
        "limits": LIMITS[platform],
        "content": content,
        "language": language,
        "telling": content.tellings[content.language],
        "slug": "a-story",
        "marker": "3f2a9c1e",
        "due_at": datetime(2026, 5, 4, 7, 30, tzinfo=UTC),
    }
    return compose(**(given | changes))


COURSE = a_content(
    Kind.COURSE,
    Telling(
        title="Battery skills modules, open to every region",
        summary=(
            "Extensive training modules, developed with regional partners and the support of the Just Transition "
            "mechanism, are being made available across Europe."
        ),
        body="The modules cover **cell production**, testing and recycling.\nTrainers can download and adapt them.",
        link="https://example.org/modules?lang=en",
        course=Course(provider="MSIC", languages=("cs", "en"), duration="12 h", price="free"),
    ),
    project="albatts",
    topics=("batteries", "up- and reskilling"),
)
PRACTICE = a_content(
    Kind.PRACTICE,
    Telling(
        title="One form for good practice, so that regions can compare",
        summary="Regions now describe what works in training with the same six questions.",
        practice=Practice(
            challenge="Every region collected and shared its data in its own way, so results could not be compared.",
            approach="The regional work package of TRIREME developed a common form and tested it with four regions.",
            results="Twelve practices are described in the same form, and the first two have been taken up elsewhere.",
            partners="Emilia-Romagna, Castilla y León and ATEC",
            transferability="The form is short, free to use and works without special software.",
            contact="regions@example.org",
        ),
        link="https://example.org/practice",
    ),
    project="trireme",
    mentions=("castilla-y-leon",),
    topics=("good practice",),
)
QUOTE = a_content(
    Kind.QUOTE,
    Telling(
        title="Why Castilla y León joined the alliance",
        summary="Partnerships, first-hand insights and a common position: three reasons in one sentence.",
        quote=Quote(
            text=(
                "Enhancing our collaborative partnerships with other European regions, gaining first-hand insights "
                "into up- and reskilling initiatives of regional partners, and formulating a common position that "
                "defends the joint interests of the network members are among the most important reasons for joining "
                "the Automotive Skills Alliance."
            ),
            organisation="Regional Government of Castilla y León",
        ),
        link="https://example.org/castilla",
    ),
    regions=("castilla-y-leon",),
)
EVENT = a_content(
    Kind.EVENT,
    Telling(
        title="Skills for the battery value chain: a workshop for regions",
        summary="Regions, companies and schools compare what they have learnt about training for battery production.",
        link="https://example.org/workshop",
        occasion=Occasion(
            starts=datetime(2026, 6, 9, 10, 0, tzinfo=PRAGUE),
            ends=datetime(2026, 6, 9, 16, 30, tzinfo=PRAGUE),
            place="Trojhalí Karolina, Ostrava",
            online="https://example.org/stream",
            host="MSIC",
            registration="https://example.org/register",
            deadline=datetime(2026, 6, 2, 23, 59, 59, tzinfo=PRAGUE),
        ),
    ),
    topics=("batteries",),
)
VISIT = a_content(
    Kind.VISIT,
    Telling(
        title="Three days in the Motor Valley",
        summary="Emilia-Romagna opens its training centres and shows how companies and schools plan skills together.",
        occasion=Occasion(
            starts=datetime(2026, 9, 22, tzinfo=ZoneInfo("Europe/Rome")),
            ends=datetime(2026, 9, 24, tzinfo=ZoneInfo("Europe/Rome")),
            all_day=True,
            place="Modena",
            host="ART-ER",
            registration="visits@example.org",
        ),
    ),
    regions=("emilia-romagna",),
    project="trireme",
)
PROFILE = a_content(
    Kind.PROFILE,
    Telling(
        title="A region that builds cars and the people who build them",
        summary="From vans to tractors: Castilla y León is one of Spain's largest producers of vehicles.",
        link="https://example.org/profile",
        profile=Profile(
            figures=(
                Figure(label="People employed in the industry", value="20 000", year=2023, source="illustrative"),
                Figure(label="Share of regional exports", value="38", unit="%", year=2023, source="illustrative"),
            ),
            industries=("vehicle assembly", "tyres", "components"),
            suppliers=("more than 100 companies",),
            training=("four integrated vocational centres", "three universities"),
        ),
    ),
    regions=("castilla-y-leon",),
    topics=("automotive",),
)
MILESTONE = a_content(
    Kind.MILESTONE,
    Telling(
        title="European course, Portuguese classroom",
        summary="Taking part in ALBATTS led to numerous training courses adapted for Portugal.",
        body="The local consortium benefits most: its companies now train with material that speaks their language.",
        link="https://example.org/atec",
        milestone=Milestone(figures=(Figure(label="Courses adapted", value="14", year=2024, source="ATEC"),)),
    ),
    regions=("portugal",),
    project="albatts",
)
UPDATE = a_content(
    Kind.UPDATE,
    Telling(
        title="Emilia-Romagna looks for the latest skills intelligence",
        summary="The region wants to learn from good governance in other regions, and has joined the working group.",
        link="https://example.org/update",
    ),
    regions=("emilia-romagna", "moravia-silesia"),
    deadline=datetime(2026, 5, 29, 10, 0, tzinfo=UTC),
    topics=("skills intelligence",),
)
STORIES = (PRACTICE, UPDATE, PROFILE, QUOTE, EVENT, VISIT, COURSE, MILESTONE)
