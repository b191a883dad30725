"""What in a post leads somewhere: its address, its hashtags, its mentions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain, zip_longest
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from campaign.config.words import Channel, Config, Region
from campaign.story import Content, Kind, Telling

_KEPT = "%/:=&?#[]@!$'()*+,;~-._"  # of an address that is written as it should be


def is_address(text: str) -> bool:
    """Whether `text` is the address of a web page, and not an e-mail address or a sentence."""
    return text.lower().startswith(("https://", "http://")) and " " not in text


def address_of(content: Content, telling: Telling) -> str:
    """Return the one page a post leads to: where one registers for an occasion, else the story's link, else none."""
    occasion = telling.occasion if content.kind in (Kind.EVENT, Kind.VISIT) else None
    candidates = (occasion.registration if occasion else "", telling.link)
    return next((text for text in candidates if is_address(text)), "")


def counted(address: str, *, config: Config, channel: Channel, region: str, slug: str, marker: str) -> str:
    """Return `address` with the campaign's UTM marks, so that visits are counted by platform, region, story and post.

    Marks of ours replace those that are there; the rest of the address stays, and all of it where the campaign sets no
    `utm`. Letters outside ASCII are encoded, for platforms end a link at the first of them.
    """
    parts = urlsplit(address)
    path, query, fragment = (quote(part, safe=_KEPT) for part in parts[2:])
    if config.campaign.utm:
        marks = {
            "utm_source": channel.platform,
            "utm_medium": "social",
            "utm_campaign": config.campaign.utm,
            "utm_term": f"{region}/{slug}",
            "utm_content": marker,
        }
        others = [pair for pair in query.split("&") if pair and pair.partition("=")[0] not in marks]
        query = "&".join([*others, urlencode(marks, safe="/")])
    return urlunsplit((parts.scheme, parts.netloc, path, query, fragment))


def typed(address: str) -> str:
    """Return `address` as people read and type it, for platforms on which nobody can follow it."""
    parts = urlsplit(address)
    bare = urlunsplit(("", "", *parts[2:]))
    return f"{parts.netloc.removeprefix('www.')}{bare}".rstrip("/")


def hashtags_of(config: Config, channel: Channel, content: Content, most: int) -> tuple[str, ...]:
    """Return at most `most` hashtags without their sign: of the regions, project, campaign, channel, then the topics.

    The first of each comes before the second of any, so that a region with many tags does not silence the topics.
    """
    project = config.projects.get(content.project)
    groups = (
        [tag for region in regions_of(config, content) for tag in region.hashtags],
        list(project.hashtags if project else ()),
        list(config.campaign.hashtags),
        list(channel.hashtags),
        [camel_case(topic) for topic in content.topics],
    )
    in_turn = chain.from_iterable(zip_longest(*groups, fillvalue=""))
    once = {tag.casefold(): tag for tag in reversed([tag for tag in in_turn if tag])}
    return tuple(reversed(once.values()))[:most]


def camel_case(topic: str) -> str:
    """Return a topic as a hashtag that reads well aloud: "electric vehicles" as "ElectricVehicles"."""
    words: Iterable[str] = re.findall(r"\w+", topic.replace("_", " "))
    tag = "".join(word[0].upper() + word[1:] for word in words)
    return "" if tag.isdigit() else tag


def mentions_of(config: Config, channel: Channel, content: Content, language: str) -> tuple[str, ...]:
    """Return whom the story mentions: the handle on this platform, else the name, unless the post bears it anyway."""
    mentioned = [(key, config.regions[key]) for key in content.mentions if key in config.regions]
    return tuple(
        _handle(region, channel.platform, language) or region.named(language)
        for key, region in mentioned
        if region.handles.get(channel.platform) or key not in content.regions
    )


def _handle(region: Region, platform: str, language: str) -> str:
    """Return a mention, empty without a handle.

    LinkedIn wants a URN and the very name of the page: where that is not the region's, the handle is "Name (urn:…)".
    https://learn.microsoft.com/linkedin/marketing/community-management/shares/posts-api#mentions-and-hashtags
    """
    handle = region.handles.get(platform, "")
    name, _, urn = handle.removesuffix(")").rpartition("(")
    if urn.startswith("urn:"):
        return f"@[{name.strip() or region.named(language)}]({urn})"
    return f"@{handle.removeprefix('@')}" if handle else ""


def regions_of(config: Config, content: Content) -> tuple[Region, ...]:
    """Return the regions of a story that the config file has; the first leads."""
    return tuple(config.regions[key] for key in content.regions if key in config.regions)
