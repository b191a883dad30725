"""What templates may speak of: the story, its regions, its project and funders, as words of the post's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from campaign.config.words import Channel, Config, Funder, in_language
from campaign.errors import RenderError
from campaign.render import links, words
from campaign.story import Content, Kind, Milestone, Practice, Profile, Telling
from campaign.story import Course as CourseWords


def context_for(
    config: Config, channel: Channel, content: Content, language: str, telling: Telling, due_at: datetime | None
) -> Mapping[str, Any]:
    """Return what a template sees, apart from the link and the hashtags.

    Raises:
        RenderError: the story lacks what its kind cannot do without.
    """
    regions = links.regions_of(config, content)
    zone = words.zone_of(config, regions[0] if regions else None)
    said = words.words_in(config, language)
    named = [{"key": region.key, "name": region.named(language), "country": region.country} for region in regions]
    names = words.listed([region["name"] for region in named], said)
    project = config.projects.get(content.project)
    funders = config.funders_of(content.project)
    statement, disclaimer = statement_of(funders, language), _disclaimer(funders, language)
    return {
        "language": language,
        "kind": content.kind.value,
        "words": said,
        "story": _story(content, telling, zone, said),
        "lead": said[f"lead_{content.kind.value}"].replace("{regions}", names),
        "region": named[0] if named else {"key": "", "name": "", "country": ""},
        "regions": named,
        "region_names": names,
        "project": {"name": project.name, "link": project.link} if project else {"name": "", "link": ""},
        "funders": [_funder(funder, language) for funder in funders],
        "statement": "" if disclaimer and statement in disclaimer else statement,  # most disclaimers begin with it
        "disclaimer": disclaimer,
        "mentions": links.mentions_of(config, channel, content, language),
        "registers_at_link": bool(telling.occasion and links.is_address(telling.occasion.registration)),
        # The slot is an input of the text only where a template reads this (`text.uses_when`).
        "post": {"when": words.day(due_at, ZoneInfo(channel.zone), said)} if due_at else {},
    }


def statement_of(funders: tuple[Funder, ...], language: str) -> str:
    """Return the funders' statements in `language`, else English, each on a line of its own."""
    return "\n".join(dict.fromkeys(filter(None, (in_language(funder.statement, language) for funder in funders))))


def _funder(funder: Funder, language: str) -> dict[str, str]:
    return {
        "name": funder.name,
        "statement": in_language(funder.statement, language),
        "disclaimer": in_language(funder.disclaimer, language),
    }


def _disclaimer(funders: tuple[Funder, ...], language: str) -> str:
    wanted = [in_language(funder.disclaimer, language) for funder in funders if funder.disclaimer_in == "post"]
    return "\n".join(dict.fromkeys(filter(None, wanted)))


def _story(content: Content, telling: Telling, zone: ZoneInfo, said: words.Words) -> dict[str, Any]:
    """Return the words of the story; blocks it does not have are there and empty, as far as its kind can do without."""
    if content.kind is Kind.QUOTE and telling.quote is None:
        raise RenderError("The story is a quote and has none.", remedy="Give `quote: {text: …, by: …}` in story.md.")
    happens = content.kind in (Kind.EVENT, Kind.VISIT)
    if happens and telling.occasion is None:
        raise RenderError(
            f"The story is of the kind {content.kind.value} and says not when it takes place.",
            remedy=f"Give `{content.kind.value}: {{starts: 2026-06-09 10:00, place: …}}` in story.md.",
        )
    course = telling.course or CourseWords()
    return {
        "title": telling.title,
        "summary": telling.summary,
        "body": telling.body,
        "deadline": "" if happens else _moment(content.deadline, zone, said),
        "practice": telling.practice or Practice(),
        "profile": telling.profile or Profile(),
        "milestone": telling.milestone or Milestone(),
        "quote": telling.quote,
        "occasion": _occasion(content, telling, zone, said),
        "course": {
            **course.model_dump(),
            "languages": words.listed([words.language_name(code, said) for code in course.languages], said),
            "price": words.price_in_words(course.price, said),
        },
    }


def _occasion(content: Content, telling: Telling, zone: ZoneInfo, said: words.Words) -> dict[str, str] | None:
    occasion = telling.occasion
    if occasion is None:
        return None
    return {
        "when": words.occasion_in_words(occasion, zone, said),
        "place": occasion.place,
        "online": occasion.online,
        "host": occasion.host,
        "register": occasion.registration,
        "deadline": _moment(occasion.deadline or content.deadline, zone, said),
    }


def _moment(moment: datetime | None, zone: ZoneInfo, said: words.Words) -> str:
    return words.moment_in_words(moment, zone, said) if moment else ""
