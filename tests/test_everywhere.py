"""One story with two photos and a translation, approved once, on all ten platforms.

It is there as the proof showed it, its numbers are those of the platforms, and it is taken down.
"""

from __future__ import annotations

import csv
import io
import random
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from PIL import Image

from campaign.platforms import PLATFORMS
from campaign.platforms.base import COUNTS
from tests.everywhere import COMMENTED, SLOT, THREADED, Everywhere, everywhere, language_of
from tests.realservers.reading import Thread, commands_on_page, on_page

SLUG = "two-halls-in-ostrava"
LINK = f"https://www.example.org/výsledky/{'kapitola-' * 10}?q=é&část=2#závěr"
SENT = f"https://www.example.org/v%C3%BDsledky/{'kapitola-' * 10}?q=%C3%A9&%C4%8D%C3%A1st=2&MARKS#z%C3%A1v%C4%9Br"
ENGLISH = f"""---
regions: [moravia-silesia]
kind: update
title: Two halls in Ostrava open 🔋 to apprentices from the whole region
summary: Battery cells are tested by those who will build them. Señor Muñoz and paní Růžičková looked on. 👩🏽‍🔧
link: {LINK}
project: trireme
mentions: [portugal]
photos:
  - file: hall.jpg
    shows: A bright hall in Kopřivnice, where señora Núñez shows two apprentices how a cell is measured.
    consent: yes
  - file: bench.jpg
    shows: {"Růžena Dvořáková and a trainee from El Señorío lean over a bench full of instruments. " * 5}
    consent: yes
---
{"The halls were empty for years, and nobody thought that they would be used again. " * 9}
"""
TRANSLATED = f"""---
title: Dvě haly v Ostravě se otevírají 🔋 učňům z celého kraje
summary: Články baterií zkoušejí ti, kdo je budou stavět. Přihlížel señor Muñoz i paní Růžičková. 👩🏽‍🔧
photos:
  - file: hall.jpg
    shows: Světlá hala v Kopřivnici, kde señora Núñez ukazuje dvěma učňům, jak se měří článek.
  - file: bench.jpg
    shows: {"Růžena Dvořáková a učeň z El Señorío se sklánějí nad stolem plným přístrojů. " * 6}
---
{"Haly byly léta prázdné a nikdo nečekal, že k něčemu ještě budou. " * 9}
"""
LIMITS = {  # by platform: how long a part may be and in what, an alt text, how many pictures, of how many bytes
    "bluesky": ("300 graphemes", 2000, 4, 1_000_000),
    "facebook": ("5000 characters", 1000, 10, 4_000_000),
    "folder": ("3000 characters", 1500, 4, 1_000_000),
    "instagram": ("2200 characters", 1000, 10, 8_000_000),
    "linkedin": ("3000 UTF-16 units", 4086, 20, 5_000_000),
    "mastodon": ("500 graphemes", 1500, 4, 2_000_000),
    "telegram": ("1024 UTF-16 units", 1000, 10, 2_000_000),
    "threads": ("500 characters, emoji by their bytes", 1000, 20, 8_000_000),
    "webhook": ("3000 characters", 600, 4, 2_000_000),
    "x": ("280 characters, weighted", 1000, 4, 5_000_000),
}
KEEPS_LANGUAGE = ("bluesky", "folder", "mastodon", "webhook")
HANDLES = {"facebook": "", "folder": "", "webhook": "", "linkedin": "Portugal (ATEC)"}  # else that of the config


def photo(seed: int) -> bytes:
    """Return a drawn photo with so much in it that it is larger than some platforms take, and unlike any other."""
    grain = Image.frombytes("RGB", (900, 600), random.Random(seed).randbytes(900 * 600 * 3))  # noqa: S311
    buffer = io.BytesIO()
    Image.blend(grain.resize((3000, 2000)), Image.new("RGB", (3000, 2000), (20, 90, 160)), 0.4).save(buffer, "JPEG")
    return buffer.getvalue()


def write_story(folder: Path) -> Path:
    """Write the story as a region hands it in."""
    folder.mkdir(parents=True)
    (folder / "story.md").write_text(ENGLISH, encoding="utf-8")
    (folder / "story.cs.md").write_text(TRANSLATED, encoding="utf-8")
    for seed, name in enumerate(("hall.jpg", "bench.jpg")):
        (folder / name).write_bytes(photo(seed))
    return folder


def test_one_story_approved_once_is_on_all_platforms_as_it_was_shown_and_counted_until_it_is_taken_down() -> None:
    with everywhere() as campaign:
        shown = approved(campaign)
        campaign.work(SLOT, "published")
        assert campaign.statuses() == dict.fromkeys(LIMITS, "published")
        for name, thread in shown.items():
            assert_held(campaign, name, thread)

        campaign.work(SLOT + timedelta(days=1), "published")
        assert_reported(campaign)

        assert_withdrawn(campaign)


def approved(campaign: Everywhere) -> dict[str, Thread]:
    """Hand the story in, proof it and say yes once; return by platform what the page of the proof has shown."""
    campaign.typed("add", str(write_story(campaign.file.parent / "stories" / SLUG)))
    campaign.typed("plan")
    for item in campaign.json("proof")["items"]:
        assert_within_limits(item)
    campaign.typed("proof")
    (page,) = campaign.config.folders.pages.glob("proof-*.html")
    approve, *_ = commands_on_page(page.read_text(encoding="utf-8"))
    campaign.typed(*approve.split()[1:])
    assert campaign.statuses() == dict.fromkeys(LIMITS, "approved")
    shown = on_page(page.read_text(encoding="utf-8"))
    assert set(shown) == set(LIMITS) == set(PLATFORMS)
    return {name: thread for name, [thread] in shown.items()}


def assert_within_limits(item: Mapping[str, Any]) -> None:
    """See that every part of a post keeps to what its platform takes, and that it says what it must."""
    name = item["name"].partition("@")[2]
    text, alt, most, size = LIMITS[name]
    assert [finding["text"] for finding in item["findings"] if finding["level"] == "wrong"] == []
    for length in item["lengths"]:
        counted, _, limit = length.partition(" of ")
        assert limit == text
        assert int(counted) <= int(text.split()[0])
    first, *others = item["parts"]
    assert len(first["images"]) == 2 <= most  # the card with the one photo, and the other photo alone
    assert not any(part["images"] for part in others)
    for image in first["images"]:
        assert 0 < len(image["alt"]) <= alt
        assert image["size"] <= size
    roles = [part["role"] for part in others]
    assert roles == (["comment"] if name in COMMENTED else ["reply"] * len(roles))
    assert bool(others) == (name in (*COMMENTED, *THREADED))


def assert_held(campaign: Everywhere, name: str, thread: Thread) -> None:
    """See that a platform holds exactly one post, and that it is what was shown, for the eye and for the ear."""
    seen, pictures = campaign.seen(name), [picture for part in thread for picture in part.pictures]
    assert [part.text for part in seen] == [part.text for part in thread]
    assert [part.under for part in seen] == ["", *expected_parents(name, [part.id for part in seen])]
    assert {part.language for part in thread} == {language_of(name)}
    assert {part.language for part in seen} == {language_of(name) if name in KEEPS_LANGUAGE else ""}
    assert campaign.pictures(name) == [picture.sha256 for picture in pictures]
    alts = [alt for part in seen for alt in part.alts]
    assert alts == ([] if name == "telegram" else [picture.alt for picture in pictures])
    links = [link for part in thread for link in part.links]
    marks = f"utm_source={name}&utm_medium=social&utm_campaign=regions-in-view&utm_term=moravia-silesia/{SLUG}"
    assert [re.sub(r"&utm_content=\w+", "", link) for link in links] == (
        [] if name == "instagram" else [SENT.replace("MARKS", marks)]
    )
    handle = campaign.config.regions["portugal"].handles.get(name, "").removeprefix("@")
    assert {mention for part in thread for mention in part.mentions} == {HANDLES.get(name, handle)} - {""}
    if check := LEADS.get(name):
        check(campaign, thread)


def expected_parents(name: str, ids: list[str]) -> list[str]:
    """Return what the parts after the first stand under: each under the one before. Telegram answers a message."""
    return [id.partition(",")[0] if name == "telegram" else id for id in ids[:-1]]


def leads_on_bluesky(campaign: Everywhere, thread: Thread) -> None:
    records = [item.extra["record"] for item in campaign.services["bluesky"].live]
    features = [facet["features"][0] for record in records for facet in record.get("facets", ())]
    assert [feature["did"] for feature in features if "did" in feature] == ["did:plc:atec"]
    assert {feature["tag"].casefold() for feature in features if "tag" in feature} == tags_of(thread)


def leads_on_linkedin(campaign: Everywhere, thread: Thread) -> None:
    post, _ = campaign.services["linkedin"].live
    assert r"@[Portugal \(ATEC\)](urn:li:organization:1337)" in post.extra["said"]["commentary"]
    found = re.findall(r"\{hashtag\|\\#\|(\w+)\}", post.extra["said"]["commentary"])
    assert {tag.casefold() for tag in found} == tags_of(thread)


def leads_on_webhook(campaign: Everywhere, thread: Thread) -> None:
    [data] = [event["data"] for event in campaign.events() if event["type"] == "post.published"]
    assert data["link"] == thread[0].links[0]
    assert {tag.casefold() for tag in data["hashtags"]} == tags_of(thread)


LEADS: Mapping[str, Callable[[Everywhere, Thread], None]] = {  # what the text alone does not show
    "bluesky": leads_on_bluesky,
    "linkedin": leads_on_linkedin,
    "webhook": leads_on_webhook,
}


def tags_of(thread: Thread) -> set[str]:
    return {tag for part in thread for tag in part.tags}


# Numbers


def of_bluesky(campaign: Everywhere, id: str) -> dict[str, int]:
    [told] = campaign.asked("bluesky", f"/xrpc/app.bsky.feed.getPosts?uris={id}")["posts"]
    return {
        "reactions": told["likeCount"],
        "comments": told["replyCount"],
        "shares": told["repostCount"] + told["quoteCount"],
    }


def of_facebook(campaign: Everywhere, id: str) -> dict[str, int]:
    wanted = "post_media_view,post_clicks,post_reactions_by_type_total,post_activity_by_action_type"
    rows = campaign.asked("facebook", f"/v26.0/{id}/insights?metric={wanted}")["data"]
    told = {row["name"]: row["values"][0]["value"] for row in rows}
    return {
        "impressions": told["post_media_view"],
        "reactions": sum(told["post_reactions_by_type_total"].values()),
        "comments": told["post_activity_by_action_type"]["comment"],
        "shares": told["post_activity_by_action_type"]["share"],
        "clicks": told["post_clicks"],
    }


def of_instagram(campaign: Everywhere, id: str) -> dict[str, int]:
    rows = campaign.asked("instagram", f"/v26.0/{id}/insights?metric=views,likes,comments,shares")["data"]
    views, likes, comments, shares = (row["values"][0]["value"] for row in rows)
    return {"impressions": views, "reactions": likes, "comments": comments, "shares": shares}


def of_linkedin(campaign: Everywhere, id: str) -> dict[str, int]:
    page = quote(campaign.services["linkedin"].settings()["organization"], safe="")
    asked = f"q=organizationalEntity&organizationalEntity={page}&shares=List({quote(id, safe='')})"
    headers = {"linkedin_version": "202602", "x_restli_protocol_version": "2.0.0"}
    [row] = campaign.asked("linkedin", f"/rest/organizationalEntityShareStatistics?{asked}", **headers)["elements"]
    words = {"impressions": "impressionCount", "reactions": "likeCount", "comments": "commentCount"}
    words |= {"shares": "shareCount", "clicks": "clickCount"}
    return {word: row["totalShareStatistics"][name] for word, name in words.items()}


def of_mastodon(campaign: Everywhere, id: str) -> dict[str, int]:
    told = campaign.asked("mastodon", f"/api/v1/statuses/{id}")
    return {
        "reactions": told["favourites_count"],
        "comments": told["replies_count"],
        "shares": told["reblogs_count"] + told["quotes_count"],
    }


def of_threads(campaign: Everywhere, id: str) -> dict[str, int]:
    wanted = "views,likes,replies,reposts,quotes,shares"
    rows = campaign.asked("threads", f"/v1.0/{id}/insights?metric={wanted}")["data"]
    views, likes, replies, *shares = (row["values"][0]["value"] for row in rows)
    return {"impressions": views, "reactions": likes, "comments": replies, "shares": sum(shares)}


def of_x(campaign: Everywhere, id: str) -> dict[str, int]:
    fields = "public_metrics,non_public_metrics"
    [told] = campaign.asked("x", f"/2/tweets?ids={id}&tweet.fields={fields}")["data"]
    public = told["public_metrics"]
    return {
        "impressions": public["impression_count"],
        "reactions": public["like_count"],
        "comments": public["reply_count"],
        "shares": public["retweet_count"] + public["quote_count"],
        "clicks": told["non_public_metrics"]["url_link_clicks"],
    }


RECORDS = {  # by platform: its own numbers, as anybody may ask for them past the program
    "bluesky": of_bluesky,
    "facebook": of_facebook,
    "instagram": of_instagram,
    "linkedin": of_linkedin,
    "mastodon": of_mastodon,
    "threads": of_threads,
    "x": of_x,
}


def assert_reported(campaign: Everywhere) -> None:
    """See that the report has the platforms' own numbers at this age, without what is ours, and a cause elsewhere."""
    report = campaign.json("report", "--by", "channel")
    rows = {row["group"]: row for row in report["rows"]}
    assert set(rows) == set(LIMITS)
    expected = {name: numbers_of_others(campaign, name) for name in LIMITS}
    assert {name: {word: row["sums"][word]["value"] for word in COUNTS} for name, row in rows.items()} == expected
    causes = {
        (name, word): list(row["sums"][word]["causes"])
        for name, row in rows.items()
        for word in COUNTS
        if expected[name][word] is None
    }
    assert causes == CAUSES
    totals = {word: sum(numbers[word] or 0 for numbers in expected.values()) for word in COUNTS}
    assert all(totals.values())
    assert {word: report["total"]["sums"][word]["value"] for word in COUNTS} == totals

    table = campaign.typed("report", "--by", "channel")
    for name, numbers in expected.items():
        told = ["not known" if number is None else str(number) for number in numbers.values()]
        [line] = [line for line in table.splitlines() if line.startswith(f"{name} ")]
        assert re.split(r"  +", line)[3:8] == told
    for cause in {cause for found in CAUSES.values() for cause in found}:
        assert cause in table

    cells = {
        row["channel"]: row
        for row in csv.DictReader(campaign.typed("report", "--by", "channel", "--format", "csv").splitlines())
    }
    for name, numbers in expected.items():
        assert {word: cells[name][word] for word in COUNTS} == {
            word: "" if number is None else str(number) for word, number in numbers.items()
        }
        assert [each in cells[name]["why_missing"] for (on, _), [each] in CAUSES.items() if on == name].count(
            False
        ) == 0


def numbers_of_others(campaign: Everywhere, name: str) -> dict[str, int | None]:
    """Return the numbers that a platform has of the post, without our own answer to it; None: it tells no such one."""
    if name not in RECORDS:
        return dict.fromkeys(COUNTS)
    first, *others = campaign.seen(name)
    told = RECORDS[name](campaign, first.id)
    told["comments"] -= sum(part.under == first.id for part in others)
    return {word: told.get(word) for word in COUNTS}


CAUSES = {
    **{("bluesky", word): ["Bluesky does not tell"] for word in ("impressions", "clicks")},
    **{("folder", word): ["a folder counts no readers"] for word in COUNTS},
    ("instagram", "clicks"): ["Instagram does not count clicks on a post"],
    **{("mastodon", word): ["Mastodon does not tell"] for word in ("impressions", "clicks")},
    ("telegram", "impressions"): ["Telegram shows views in its apps, not to bots"],
    ("telegram", "reactions"): ["Telegram tells reactions only to a bot that listens all the time"],
    ("telegram", "comments"): ["comments stand in the discussion group, which is not read"],
    ("telegram", "shares"): ["Telegram shows forwards in its apps, not to bots"],
    ("telegram", "clicks"): ["Telegram does not tell"],
    ("threads", "clicks"): ["Threads counts clicks for the whole account only, not for a post"],
    **{("webhook", word): ["a receiver of events tells no numbers"] for word in COUNTS},
}


def assert_withdrawn(campaign: Everywhere) -> None:
    """See that the story is gone wherever a program can take it down, and that the rest is named to a person."""
    down, by_hand = campaign.typed("story", "withdraw", SLUG, "--yes").split("Needs a person:")
    assert down.startswith("Being taken down by the daemon:")
    assert {name for name in LIMITS if f" on {name}  " in down} == LIMITS.keys() - {"instagram"}
    assert " on instagram  https://www.instagram.com/p/" in by_hand
    assert "linked to a Facebook Page only: take it down on the platform's own page." in by_hand
    campaign.work(SLOT + timedelta(days=1, hours=1), "removed")

    left = {name: len(campaign.seen(name)) for name in LIMITS if campaign.seen(name)}
    assert left == {"instagram": 1}
    assert campaign.statuses() == {**dict.fromkeys(LIMITS, "removed"), "instagram": "published"}
