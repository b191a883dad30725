"""What the proof showed is what real servers hold: each post once, word for word and picture for picture."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from campaign import publish
from campaign.errors import Unsupported
from campaign.platforms.base import Confirmation
from campaign.publish.outgoing import item_of
from campaign.store.lookup import resolve_post
from campaign.story import Kind
from tests.realservers.office import STORIES, BlueskyHome, Home, MastodonHome, Office, opened
from tests.realservers.reading import Part, Thread, on_page

pytest_plugins = ["tests.realservers.fixtures"]


@pytest.fixture(params=["bluesky", "mastodon"])
def home(request: pytest.FixtureRequest) -> Home:
    """A new account on a real server of each platform."""
    if request.param == "bluesky":
        return BlueskyHome(request.getfixturevalue("pds"))
    return MastodonHome(request.getfixturevalue("mastodon"))


def kind_of(story: Path) -> Kind:
    found = re.search(r"(?m)^kind: (\w+)$", (story / "story.md").read_text())
    assert found
    return Kind(found[1])


IN_MANY_LANGUAGES = 'language = "cs"\nlanguages = ["en", "es", "fr", "it", "pl", "pt"]'
ONE_OF_EACH_KIND = list({kind_of(story): story for story in STORIES}.values())


@pytest.mark.cards
@pytest.mark.parametrize(
    ("settings", "stories", "bring"),
    [
        pytest.param('attach = "card"\nthread = 4', STORIES, "pictures", id="cards and threads"),
        pytest.param('attach = "link-card"', ONE_OF_EACH_KIND, "preview", id="link cards"),
        pytest.param(f'attach = "none"\n{IN_MANY_LANGUAGES}', STORIES, "", id="words alone"),
    ],
)
def test_a_server_holds_what_the_proof_showed_and_nothing_else(
    home: Home, settings: str, stories: list[Path], bring: str
) -> None:
    with opened(home, settings) as office:
        shown = on_page(office.approve(stories))["News"]
        office.publish()

    assert home.threads() == shown

    assert {kind_of(story) for story in stories} == set(Kind)
    assert len(shown) == len(stories)
    languages = {part.language for thread in shown for part in thread}
    assert len(languages) == (7 if "languages" in settings else 1)
    assert max(map(len, shown)) == (4 if "thread" in settings else 1)
    for thread in (thread for thread in shown if len(thread) > 1):
        ends = [part.text.rpartition("\n")[2] for part in thread]
        assert ends == [f"{n}/{len(thread)}" for n in range(1, len(thread) + 1)]
    brought = {what for thread in shown for part in thread for what in ("pictures", "preview") if getattr(part, what)}
    assert brought == ({bring} if bring and (home.platform, bring) != ("mastodon", "preview") else set())


@dataclass(frozen=True)
class Hard:
    """A story that is hard to carry, and what of it must arrive."""

    front: dict[str, Any]
    body: str = ""
    words: tuple[str, ...] = ()
    links: tuple[str, ...] = ()  # MARKS stands for the campaign's own
    tags: frozenset[str] = frozenset({"automotiveskills"})
    mentions: bool = False  # the account of the region that has one


NOBODY = "nobody-has-this.test"
PATH = "/a_(b)/" + "kapitola-" * 18
LONG = f"https://münchen.example.org/přehled{PATH}?q=é&x=%20y&list[]=1&list[]=2#část-2"
LONG_AS_SENT = (
    f"https://münchen.example.org/p%C5%99ehled{PATH}?q=%C3%A9&x=%20y&list[]=1&list[]=2&MARKS#%C4%8D%C3%A1st-2"
)
HARD = {
    "letters": Hard(
        {
            "title": "Příliš žluťoučký kůň: ůã ñ Łódź, Győr, Málaga, Ελλάδα, Україна",
            "summary": 'e\u0301 a\u030a r\u030c q\u0323\u0307. <b>&amp;</b> "straight" „dolů“ «vpravo» 50 % – £ \\n',
        },
        words=(
            "Příliš žluťoučký kůň: ůã ñ Łódź, Győr, Málaga, Ελλάδα, Україна",
            'é å ř q\u0323\u0307. <b>&amp;</b> "straight" „dolů“ «vpravo» 50 % – £ \\n',
        ),
    ),
    "emoji": Hard(
        {"title": "Emoji 👩🏽‍🔧 join", "summary": "👨‍👩‍👧‍👦 👍🏿 🇨🇿🇵🇹 1️⃣ ❤️ 🏳️‍🌈; 🏴󠁧󠁢󠁳󠁣󠁴󠁿 and שלום לכולם, شكرًا جزيلاً."},
        words=("Emoji 👩🏽‍🔧 join", "👨‍👩‍👧‍👦 👍🏿 🇨🇿🇵🇹 1️⃣ ❤️ 🏳️‍🌈; 🏴󠁧󠁢󠁳󠁣󠁴󠁿 and שלום לכולם, شكرًا جزيلاً."),
    ),
    "long-link": Hard(
        {"title": "Long", "summary": "All that an address may have.", "link": LONG},
        links=(LONG_AS_SENT,),
    ),
    "links": Hard(
        {"title": "Several links", "summary": "Each leads somewhere else.", "link": "http://example.org"},
        "First https://example.org/a_(b)?x=1&y=2, then https://xn--mnchen-3ya.example/~x/;v=1?%E2%9C%93 and, [by name]"
        "(https://example.org/named/?utm_source=theirs).\n\nexample.org alone is none, nor is www.example.org.",
        words=("example.org alone is none, nor is www.example.org.",),
        links=(
            "https://example.org/a_(b)?x=1&y=2",
            "https://xn--mnchen-3ya.example/~x/;v=1?%E2%9C%93",
            "https://example.org/named/?utm_source=theirs",
            "http://example.org?MARKS",
        ),
    ),
    "tags": Hard(
        {"title": "Tags", "summary": "#Śląskie, #VästraGötaland and #Győr2026; not C# nor a#b.", "topics": ["vůz"]},
        words=("#Śląskie, #VästraGötaland and #Győr2026; not C# nor a#b.",),
        tags=frozenset({"śląskie", "västragötaland", "győr2026", "vůz"}),
    ),
    "names": Hard(
        {"title": "Names", "summary": "Write to pr@example.org.", "mentions": ["piemonte", "slaskie", "portugal"]},
        words=("Write to pr@example.org.", f"@{NOBODY} and Portugal (ATEC)"),
        mentions=True,
    ),
    "voices": Hard(
        {
            "title": "In her words",
            "summary": "A voice.",
            "kind": "quote",
            "quote": {"text": "We said “skills”.\nThey heard „dovednosti“ – and 'smiled'.", "by": "Žofie Křížová"},
        },
        words=("“We said “skills”.\nThey heard „dovednosti“ – and 'smiled'.”\n– Žofie Křížová",),
    ),
    "paragraphs": Hard(
        {"title": "A long text", "summary": "It has paragraphs, a list and a sentence without an end."},
        f"# A heading\n\n{'One. Two! Three? ' * 9}\n\n- *first*\n- **second**\n\n> quoted\n\n"
        f"{'and on, ' * 60}until here.",
        words=("A heading", "– first\n– second\n\nquoted", "until here."),
    ),
}  # fmt: skip


def write(folder: Path, slug: str, story: Hard) -> Path:
    """Write a story as a region hands it in; JSON is YAML, too."""
    front = {"regions": ["moravia-silesia"], "kind": "update", **story.front}
    path = folder / "hard" / slug / "story.md"
    path.parent.mkdir(parents=True)
    lines = (f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in front.items())
    path.write_text("\n".join(["---", *lines, "---", story.body]), encoding="utf-8")
    return path.parent


@pytest.mark.parametrize("most", [1, 4])
def test_nothing_is_too_hard_to_carry(home: Home, most: int) -> None:
    known = home.neighbour()

    def with_handles(config: str) -> str:
        for region, handle in {"piemonte": known, "slaskie": NOBODY}.items():
            table = f"[regions.{region}]\n"
            config = config.replace(table, f'{table}handles = {{ {home.platform} = "{handle}" }}\n')
        return config

    with opened(home, f'attach = "none"\nthread = {most}', with_handles) as office:
        page = office.approve([write(office.folder, slug, story) for slug, story in HARD.items()])
        office.publish()
        posts = office.posts()

    held = home.threads()
    assert held == [tuple(map(without_nobody, thread)) for thread in on_page(page)["News"]]
    assert sorted(slug for _, slug in posts) == sorted(HARD)
    if most == 4:  # enough for every word
        for (post, slug), thread in zip(posts, held, strict=True):
            marks = f"utm_source={home.platform}&utm_medium=social&utm_campaign=regions-in-view"
            marks = f"{marks}&utm_term=moravia-silesia/{slug}&utm_content={post[:8]}"
            check(HARD[slug], thread, marks, known)


def check(story: Hard, thread: Thread, marks: str, known: str) -> None:
    """See that what must arrive of a story has arrived."""
    text = "\n\n".join(part.text for part in thread)
    assert [words for words in story.words if words not in text] == []
    assert [link for part in thread for link in part.links] == [link.replace("MARKS", marks) for link in story.links]
    assert story.tags <= {tag for part in thread for tag in part.tags}
    assert {each for part in thread for each in part.mentions} == ({known} if story.mentions else set())


def without_nobody(part: Part) -> Part:
    """Return a part as a server makes it: a handle that nobody has stays plain text."""
    return replace(part, mentions=part.mentions - {NOBODY})


@pytest.mark.cards
def test_what_is_taken_down_is_gone_and_nothing_else(home: Home) -> None:
    with opened(home, "thread = 4") as office:
        shown = on_page(office.approve(STORIES[:2]))["News"]
        office.publish()
        assert home.threads() == shown
        (post, _), _ = office.posts()

        office.typed("post", "takedown", post, "--yes")
        assert home.threads() == shown
        office.work()

        assert home.threads() == shown[1:]
        told = {each["id"]: each["status"] for each in office.json("post", "list", "--all")}
        assert sorted(told.values()) == ["published", "removed"]
        assert told[post] == "removed"
        office.work()
        assert home.threads() == shown[1:]


class TestALivePost:
    """What can be done with a post that went out by the whole route."""

    @pytest.fixture
    def office(self, home: Home) -> Iterator[Office]:
        with opened(home, "thread = 4") as office:
            office.approve(STORIES[:1])
            office.publish()
            yield office

    def test_it_is_seen_at_its_address_until_somebody_deletes_it(self, home: Home, office: Office) -> None:
        platform, parts, held = office.daemon.platform("news"), parts_of(office), home.threads()
        assert [part["permalink"] for part in parts] == home.addresses()
        assert platform.confirm(parts[-1]["remote_id"]) == Confirmation(parts[-1]["permalink"])

        home.delete(parts[-1]["remote_id"])

        assert platform.confirm(parts[-1]["remote_id"]).warnings == ("the post is not there any more",)
        platform.delete(parts[-1]["remote_id"])  # once more is no error
        assert home.threads() == [held[0][:-1]]

    def test_it_is_changed_where_readers_would_see_the_change(self, home: Home, office: Office) -> None:
        ((post, _),), ((first, *rest),) = office.posts(), home.threads()
        with office.daemon.reading() as db:
            delivery = publish.read_delivery(db, office.daemon.channel("news"), resolve_post(db, post))
        item = replace(item_of(office.daemon, delivery, delivery.parts[0]), text="Corrected: Žluťoučký 👩🏽‍🔧")

        if home.platform == "bluesky":
            with pytest.raises(Unsupported, match="nobody would see the change"):
                office.daemon.platform("news").edit(delivery.parts[0].remote_id, item)
            assert home.threads() == [(first, *rest)]
        else:
            office.daemon.platform("news").edit(delivery.parts[0].remote_id, item)
            assert home.threads() == [(replace(first, text=item.text), *rest)]


def parts_of(office: Office) -> list[dict[str, Any]]:
    """Return the parts of the one post, as the command line tells of them."""
    ((post, _),) = office.posts()
    parts: list[dict[str, Any]] = office.json("post", "show", post)["parts"]
    return parts
