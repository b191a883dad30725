"""The demo, judged by what it leaves behind: folders, a page, and what the command line says about them."""

from __future__ import annotations

import hashlib
import html
import io
import json
import re
import shutil
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from PIL import Image, ImageChops

from campaign.cli import cli
from campaign.errors import UsageError
from campaign.files import shipped
from campaign.rehearsal import demo as demo_module
from campaign.rehearsal.demo import run_demo
from campaign.story import Kind
from tests.played import Played, played

pytestmark = pytest.mark.timeout(200)  # whoever comes first plays the demo
ATOM = "{http://www.w3.org/2005/Atom}"
CONFIG = tomllib.loads((shipped("examples") / "demo.toml").read_text())
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FOLDERS = ("asa-news", "regiony-cz")
SIMULATED = {  # by channel: what its service tells
    "asa-mastodon": {"reactions", "comments", "shares"},
    "asa-bluesky": {"reactions", "comments", "shares"},
    "asa-linkedin": {"impressions", "reactions", "comments", "shares", "clicks"},
}
CLOSED = date(2026, 3, 18)
BLUE, YELLOW = (0, 51, 153), (255, 204, 0)  # of the EU emblem


@dataclass(frozen=True)
class Post:
    """A published post as it lies in its folder."""

    place: Path

    @property
    def details(self) -> dict[str, Any]:
        details: dict[str, Any] = json.loads((self.place / "post.json").read_text())
        return details

    @property
    def channel(self) -> str:
        return self.place.parent.name

    @property
    def slug(self) -> str:
        return self.place.name[len("2026-03-02-") : -len("-33288e16")]

    @property
    def text(self) -> str:
        return (self.place / "post.txt").read_text()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return played(tmp_path_factory)


@pytest.fixture(scope="module")
def posts(demo: Played) -> list[Post]:
    return posts_in(demo.folder)


def posts_in(folder: Path) -> list[Post]:
    return [Post(place) for place in sorted(folder.glob("published/*/*")) if place.is_dir()]


def asked(demo: Played, *words: str) -> Any:
    """Ask the command line in the demo's folder, and return its JSON."""
    result = CliRunner().invoke(cli, ["--config", str(demo.folder / "config.toml"), *words])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def project_of(slug: str) -> str:
    """Return the project that a story of the examples names."""
    found = re.search(r"(?m)^project: (\w+)$", (shipped("examples", "stories") / slug / "story.md").read_text())
    return found[1] if found else ""


class TestTheFolders:
    def test_each_story_lies_in_a_channel_at_most_once(self, posts: list[Post]) -> None:
        assert {post.channel for post in posts} == set(FOLDERS)
        assert max(Counter((post.channel, post.slug) for post in posts).values()) == 1
        assert max(Counter((post.channel, post.text) for post in posts).values()) == 1

    def test_what_the_program_calls_published_is_what_lies_there(self, demo: Played, posts: list[Post]) -> None:
        listed = [post for post in asked(demo, "post", "list", "--all", "--json") if post["channel"] in FOLDERS]

        told = [(post["channel"], post["story"].split("/")[1]) for post in listed if post["status"] == "published"]
        assert sorted(told) == sorted((post.channel, post.slug) for post in posts)
        assert {post["status"] for post in listed} <= {"published", "approved", "expired"}
        assert {post["approved_by"] for post in listed if post["status"] == "published"} == {"zofie"}

    def test_each_post_went_out_at_a_slot_of_its_channel_and_no_slot_twice(self, posts: list[Post]) -> None:
        slots = [(post.channel, local(post)) for post in posts]

        assert len(set(slots)) == len(slots)
        for channel, moment in slots:
            assert f"{WEEKDAYS[moment.weekday()]} {moment:%H:%M}" in CONFIG["channels"][channel]["slots"]
            assert moment.date() != CLOSED

    def test_every_slot_of_the_first_three_weeks_is_used(self, posts: list[Post]) -> None:
        used = Counter(local(post).isocalendar().week for post in posts if post.channel == "asa-news")

        assert [used[week] for week in (10, 11, 12)] == [5, 5, 4]  # the closed day is a Wednesday

    def test_each_post_has_text_pictures_and_alt_text(self, posts: list[Post]) -> None:
        for post in posts:
            details = post.details
            assert post.text == details["text"] + "\n"
            assert details["title"] in post.text
            assert details["images"]
            for image in details["images"]:
                data = (post.place / image["file"]).read_bytes()
                with Image.open(io.BytesIO(data)) as picture:
                    picture.load()
                    assert (picture.format, picture.size) == ("JPEG", (image["width"], image["height"]))
                assert hashlib.sha256(data).hexdigest() == image["sha256"]
                alt = (post.place / image["file"]).with_suffix(".alt.txt").read_text().strip()
                assert alt == image["alt"]
                assert len(alt) > 20

    @pytest.mark.parametrize("channel", FOLDERS)
    def test_the_feed_has_each_post_once_with_its_words_and_alt_text(self, posts: list[Post], channel: str) -> None:
        mine = {f"urn:uuid:{post.details['id']}": post for post in posts if post.channel == channel}
        feed = next(iter(mine.values())).place.parent / "feed.xml"
        entries = ElementTree.parse(feed).getroot().findall(f"{ATOM}entry")

        assert sorted(str(entry.findtext(f"{ATOM}id")) for entry in entries) == sorted(mine)
        for entry in entries:
            details = mine[str(entry.findtext(f"{ATOM}id"))].details
            content = ElementTree.fromstring(str(entry.findtext(f"{ATOM}content")))
            assert entry.findtext(f"{ATOM}title") == details["title"]
            assert [image.get("alt") for image in content.iter("img")] == [image["alt"] for image in details["images"]]
            assert "".join(content.itertext()).startswith(details["text"].split("\n")[0])


def local(post: Post) -> datetime:
    """Return when a post went out, on the clocks of its channel."""
    zone = CONFIG["channels"][post.channel].get("zone", CONFIG["campaign"]["zone"])
    return datetime.fromisoformat(post.details["published"]).astimezone(ZoneInfo(zone))


class TestTheCampaign:
    def test_many_stories_of_many_regions_and_every_kind(self, posts: list[Post]) -> None:
        details = [post.details for post in posts]

        assert len({post.slug for post in posts}) >= 12
        assert len({post["region"] for post in details} - {"asa"}) >= 6
        assert {post["kind"] for post in details} == {kind.value for kind in Kind}
        assert {post["language"] for post in details} == {"en", "cs"}

    def test_funders_are_named_in_the_text_of_their_projects_posts_and_nowhere_else(self, posts: list[Post]) -> None:
        seen = Counter()
        for post in posts:
            project = project_of(post.slug)
            for name, each in CONFIG["projects"].items():
                statements = CONFIG["funders"][each["funders"][0]]["statement"]
                statement = statements.get(post.details["language"], statements["en"])
                assert (f"\n{statement}\n" in post.text) == (name == project), (post.place.name, statement)
            seen[project] += 1

        assert min(seen["trireme"], seen["albatts"]) >= 2

    def test_the_emblem_stands_on_the_cards_of_funded_posts_and_on_no_other(self, posts: list[Post]) -> None:
        for post in posts:
            assert shows_emblem(post.place / "image-1.jpg") == bool(project_of(post.slug)), post.place.name

    def test_what_was_made_by_hand_is_done_and_counted(self, demo: Played) -> None:
        report = asked(demo, "report", "--from", "2026-03-02", "--to", "2026-03-29", "--by", "channel", "--json")

        [by_hand] = [row for row in report["rows"] if row["group"] == "asa-print"]
        assert by_hand["posts"] == by_hand["by_hand"] == 4  # the Thursdays of four weeks
        assert by_hand["sums"]["reactions"]["known"] == 4
        assert by_hand["sums"]["impressions"]["value"] is None
        assert by_hand["sources"] == {"typed in by zkrizova": 4}


class TestTheSimulatedChannels:
    def test_their_numbers_are_known_or_have_a_cause(self, demo: Played) -> None:
        report = asked(demo, "report", "--from", "2026-03-02", "--to", "2026-03-29", "--by", "channel", "--json")
        rows = {row["group"]: row for row in report["rows"]}

        for key, known in SIMULATED.items():
            row = rows[key]
            assert row["posts"] >= 6, key
            for word, number in row["sums"].items():
                assert (number["known"] == row["posts"]) == (word in known), (key, word)
                assert bool(number["causes"]) == (word not in known), (key, word)
        assert rows["asa-linkedin"]["sources"] == {"linkedin": rows["asa-linkedin"]["posts"]}

    def test_a_post_that_met_a_fault_is_live_once(self, demo: Played) -> None:
        told = text_of(demo.page)

        assert "While a post was being sent:" in told
        assert "live, once" in told
        assert re.search(r"the program had to start again \d+ times", told)
        assert told.count("✓") >= 9
        assert "✗" not in told

    def test_nothing_is_left_unclear(self, demo: Played) -> None:
        posts = asked(demo, "post", "list", "--all", "--json")

        assert {post["status"] for post in posts} <= {"published", "approved", "planned", "expired"}

    def test_the_page_says_that_engagement_is_made_up(self, demo: Played) -> None:
        told = text_of(demo.page)

        assert "Made up are the time, the people and the platforms: ASA on Mastodon, ASA on Bluesky" in told
        assert "all engagement on this page is simulated too" in told
        assert "The report simulated engagement" in told


def shows_emblem(card: Path) -> bool:
    """Whether a card has a field in the emblem's blue with the emblem's yellow in it."""
    with Image.open(card) as image:
        field = like(image, BLUE, within=24)
        box = field.getbbox()
        if box is None:
            return False
        stars = like(image, YELLOW, within=60).crop(box)  # small ones, whose colour JPEG softens
        return pixels(field) > 5000 and pixels(stars) > 80


def like(image: Image.Image, colour: tuple[int, int, int], within: int) -> Image.Image:
    """Return a mask of the pixels that are near a colour."""
    bands = ImageChops.difference(image, Image.new("RGB", image.size, colour)).split()
    furthest = ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])
    return furthest.point(lambda value: 255 if value <= within else 0)


def pixels(mask: Image.Image) -> int:
    return mask.histogram()[255]


class TestThePage:
    def test_it_shows_every_published_post_in_full(self, demo: Played, posts: list[Post]) -> None:
        texts = text_of(demo.page)

        for post in posts:
            assert squeezed(post.text) in texts, post.place.name

    def test_it_holds_everything_it_shows(self, demo: Played) -> None:
        page = demo.page.read_text()

        assert not re.search(r"<(script|link|iframe|object|embed|base)\b", page)
        assert not re.search(r"@import|url\(", page)
        sources = re.findall(r'\bsrc(?:set)?="(.{0,40})', page)
        assert sources
        assert all(source.startswith("data:image/jpeg;base64,") for source in sources)


def text_of(page: Path) -> str:
    """Return what a page says, without its markup."""
    return squeezed(html.unescape(re.sub(r"<[^>]+>", "", page.read_text())))


def squeezed(text: str) -> str:
    return " ".join(text.split())


class TestTheCommand:
    def test_progress_grows_from_the_start_to_the_end(self, demo: Played) -> None:
        shares = [share for share, _ in demo.progress]

        assert shares == sorted(shares)
        assert 0 <= shares[0] < 0.1
        assert shares[-1] == 1.0
        assert len(set(shares)) > 20
        assert all(what for _, what in demo.progress)

    def test_it_can_be_played_again_in_its_folder_and_the_same_comes_out(
        self, demo: Played, posts: list[Post], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        again = tmp_path / "again"
        shutil.copytree(demo.folder, again)
        monkeypatch.setattr(demo_module, "LAST_DAY", date(2026, 3, 8))  # a week is enough to tell

        run_demo(again, lambda share, what: None)

        first_week = [post for post in posts if local(post).date() <= date(2026, 3, 8)]
        assert len(first_week) > 5
        assert list(contents(posts_in(again))) == list(contents(first_week))

    @pytest.mark.parametrize("files", [["letter.txt"], ["config.toml"], [".demo"]])
    def test_a_folder_with_something_else_in_it_is_refused_and_left_alone(
        self, tmp_path: Path, files: list[str]
    ) -> None:
        for name in files:
            (tmp_path / name).write_text("mine")

        with pytest.raises(UsageError, match=r"is not empty\n  Name a new folder: campaign demo FOLDER"):
            run_demo(tmp_path, lambda share, what: None)

        assert {path.name: path.read_text() for path in tmp_path.iterdir()} == dict.fromkeys(files, "mine")


def contents(posts: list[Post]) -> Iterator[tuple[str, str, list[str]]]:
    """What identifies posts to the letter and the pixel."""
    for post in posts:
        yield post.place.name, post.text, [image["sha256"] for image in post.details["images"]]
