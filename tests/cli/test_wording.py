"""`campaign post edit` and `campaign post correct`."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from campaign import store
from campaign.app import App
from campaign.models import PostStatus
from campaign.platforms import PLATFORMS
from tests.cli.conftest import Keyboard, ids
from tests.fakes import Fake, Live, World
from tests.making import make_post, make_story

FAKE = '\n[channels.fake]\nplatform = "fake"\nslots = []\n'


@pytest.fixture
def rendered(planned: Keyboard) -> Keyboard:
    """One story, rendered on both channels."""
    planned("proof", "--text")
    return planned


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, config_file: Path) -> World:
    """A channel on a platform whose live posts can be changed."""
    monkeypatch.setitem(PLATFORMS, "fake", "tests.fakes:Fake")
    monkeypatch.setattr(Fake, "world", World(), raising=False)
    config_file.write_text(config_file.read_text() + FAKE)
    return Fake.world


@pytest.fixture
def live(world: World, campaign: Keyboard, make_app: Callable[..., App]) -> Keyboard:
    """One post that has gone out on it."""
    app = make_app(owns=False)
    post = make_post(app, make_story(app), channel="fake", status=PostStatus.PUBLISHED, published_at=app.clock.now())
    with app.writing() as db:
        (part,) = store.parts_of(db, post.uuid)
        store.bind_part(db, part, "remote-1", "https://fake.example/remote-1")
    world.live = [Live("remote-1", part.content["text"], part.uuid, app.clock.now())]
    return campaign


def text_of(keyboard: Keyboard, post: str) -> str:
    return str(keyboard.json("post", "show", post)["parts"][0]["text"])


def written(keyboard: Keyboard, text: str, name: str = "better.txt") -> str:
    path = keyboard.folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def types(monkeypatch: pytest.MonkeyPatch, change: Callable[[str], str | None]) -> None:
    """Let the person at the keyboard change a text in the editor; None: leave without saving."""
    monkeypatch.setattr(click, "edit", lambda sheet, **_options: change(sheet))
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda self: True)


def test_an_edited_post_says_what_was_typed_and_needs_a_yes_again(rendered: Keyboard) -> None:
    rendered("approve", "battery-modules@news")

    told = rendered("post", "edit", "battery-modules@news", "--text", written(rendered, "In other words. #Skills\n"))

    (post,) = ids(rendered, channel="news")
    assert f"Look at it: campaign proof {post[:8]}" in told
    (part,) = rendered.json("post", "show", "battery-modules@news")["parts"]
    assert (part["text"], part["tags"], part["link"]) == ("In other words. #Skills", ["Skills"], "")
    assert ids(rendered, channel="news", status="rendered") == [post]
    proof = rendered("proof", "battery-modules@news", "--text")
    assert "In other words." in proof
    rendered("approve", "--proof", re.findall(r"--proof (\w+)", proof)[0])
    rendered("post", "now", "battery-modules@news")
    rendered("tick")
    (published,) = (rendered.folder / "published/news").glob("*battery*/post.txt")
    assert published.read_text().startswith("In other words.")


def test_what_was_edited_stays_until_that_is_undone(rendered: Keyboard) -> None:
    before = text_of(rendered, "battery-modules@news")
    rendered("post", "edit", "battery-modules@news", "--text", written(rendered, "In other words."))
    rendered("proof", "--text")
    assert text_of(rendered, "battery-modules@news") == "In other words."

    rendered("post", "edit", "battery-modules@news", "--undo")
    rendered("proof", "--text")

    assert text_of(rendered, "battery-modules@news") == before


def test_a_dry_run_edits_nothing(rendered: Keyboard) -> None:
    before = text_of(rendered, "battery-modules@news")
    told = rendered("post", "edit", "battery-modules@news", "--text", written(rendered, "Other."), "--dry-run")

    assert "Nothing was changed" in told
    assert text_of(rendered, "battery-modules@news") == before


def test_the_editor_shows_every_word_below_its_heading(rendered: Keyboard, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    changed = ("open to every region", "open to all"), ("Moravia-Silesia · Update.", "A map.")
    types(monkeypatch, lambda sheet: seen.append(sheet) or sheet.replace(*changed[0]).replace(*changed[1]))

    rendered("post", "edit", "battery-modules@news")

    assert re.findall(r"^=====.*", seen[0], re.MULTILINE) == [
        "===== Part 1 =====",
        "===== Part 1, alt text of picture 1 =====",
    ]
    assert "Battery skills modules, open to all" in text_of(rendered, "battery-modules@news")
    assert rendered.json("post", "show", "battery-modules@news")["parts"][0]["images"][0]["alt"] == "A map."


def test_without_a_terminal_no_editor_is_opened(rendered: Keyboard) -> None:
    told = rendered("post", "edit", "battery-modules@news", code=2)
    assert "there is no terminal to open an editor in\n  Give the words with --text FILE." in told


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda sheet: None, "nothing was saved"),
        (lambda sheet: sheet, "nothing was changed"),
        (lambda sheet: sheet.replace("Part 1 =", "Part 9 ="), "the headings were changed"),
        (lambda sheet: re.sub("(?s)(Part 1 =====\n).*?\n=====", r"\1\n=====", sheet), "part 1 says nothing"),
        (lambda sheet: re.sub("(?s)(picture 1 =====\n).*", r"\1", sheet), "picture 1 of part 1 has no alt text"),
        (lambda sheet: re.sub("(?s)(Part 1 =====\n)", r"\1" + "x" * 6000, sheet), "part 1 is too long: "),
        (lambda sheet: sheet + "x" * 9000, "the alt text of picture 1 has "),
    ],
    ids=["not saved", "the same", "headings", "no text", "no alt text", "too long", "too long an alt text"],
)
def test_what_cannot_be_meant_is_told(
    rendered: Keyboard, monkeypatch: pytest.MonkeyPatch, change: Callable[[str], str | None], told: str
) -> None:
    types(monkeypatch, change)
    before = text_of(rendered, "battery-modules@news")

    assert told in rendered("post", "edit", "battery-modules@news", code=2)
    assert text_of(rendered, "battery-modules@news") == before


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--part", "2", "--text", "FILE"), "there is no part 2\n  The post has 1."),
        (("--alt", "2", "FILE"), "there is no picture 2"),
        (("--alt", "1", "nowhere.txt"), "nowhere.txt cannot be read"),
        (("--alt", "one", "FILE"), "Invalid value"),
    ],
)
def test_a_part_or_a_picture_that_is_not_there_is_told(rendered: Keyboard, options: tuple[str, ...], told: str) -> None:
    file = written(rendered, "Other words.")
    words = [file if word == "FILE" else word for word in options]
    assert told in rendered("post", "edit", "battery-modules@news", *words, code=2)


def test_an_alt_text_is_changed_from_a_file(rendered: Keyboard) -> None:
    rendered("post", "edit", "battery-modules@news", "--alt", "1", written(rendered, "A cell on a bench.\n"))
    assert rendered.json("post", "show", "battery-modules@news")["parts"][0]["images"][0]["alt"] == "A cell on a bench."


def test_what_has_no_words_yet_is_not_edited(planned: Keyboard) -> None:
    assert "is planned" in planned("post", "edit", "battery-modules@news", "--text", written(planned, "X"), code=2)
    assert "is planned" in planned("post", "correct", "battery-modules@news", code=2)


def test_a_live_post_is_corrected_once_its_code_is_approved(live: Keyboard, world: World) -> None:
    assert "campaign post correct" in live("post", "edit", "battery-modules@fake", code=2)

    told = live("post", "correct", "battery-modules@fake", "--text", written(live, "Corrected."))

    assert "│ Corrected." in told
    assert "Changed since" in told
    assert "The page: " in told
    code = re.findall(r"--proof (\w+)", told)[0]
    said = live("approve", "--proof", code)
    assert "✓ correcting battery-modules@fake" in said
    assert "The daemon changes it as soon as it looks; see: campaign why" in said
    assert "Undo" not in said
    live("tick")
    assert world.texts() == ["Corrected."]
    assert "Corrected, as anna approved." in live("why", "battery-modules@fake")


def test_a_dry_run_shows_a_correction_and_gives_no_code(live: Keyboard) -> None:
    told = live("post", "correct", "battery-modules@fake", "--text", written(live, "Corrected."), "--dry-run")

    assert "│ Corrected." in told
    assert "--proof" not in told
    assert "Nothing was changed" in told


def test_what_is_not_live_is_edited_instead(rendered: Keyboard) -> None:
    assert "campaign post edit" in rendered("post", "correct", "battery-modules@news", code=2)


def test_where_the_platform_cannot_the_commands_that_can_be_typed_are_told(
    live: Keyboard, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Fake, "cannot_edit", "nobody would see the change")
    (post,) = ids(live, status="published")

    told = live("post", "correct", "battery-modules@fake", code=2)
    assert "nobody would see the change" in told
    assert f"Take it down: campaign post takedown {post[:8]}" in told
    assert "--reply" not in told
    assert "fake has no replies to a post" in live("post", "correct", "battery-modules@fake", "--reply", code=2)

    monkeypatch.setattr(Fake, "limits", Fake.limits.__class__(text=500, threads=True))
    told = live("post", "correct", "battery-modules@fake", code=2)
    assert f"Set it right in a reply: campaign post correct {post[:8]} --reply" in told
    types(monkeypatch, lambda sheet: sheet + "It is for all.")
    told = live("post", "correct", "battery-modules@fake", "--reply")
    live("approve", "--proof", re.findall(r"--proof (\w+)", told)[0])
    live("tick")
    assert world.texts()[1:] == ["It is for all."]


def test_a_platform_that_never_changes_a_post_says_so(campaign: Keyboard, make_app: Callable[..., App]) -> None:
    app = make_app(owns=False)
    make_post(app, make_story(app), status=PostStatus.PUBLISHED)

    assert "folder cannot change a published post" in campaign("post", "correct", "battery-modules@news", code=2)


def test_what_was_published_by_hand_is_changed_by_hand(campaign: Keyboard, make_app: Callable[..., App]) -> None:
    config = campaign.folder / "config.toml"
    more = '[channels.page]\nplatform = "folder"\nmode = "by-hand"\nfolder = "page"\nslots = []\n'
    config.write_text(config.read_text() + more)
    app = make_app(owns=False)
    make_post(app, make_story(app), channel="page", status=PostStatus.PUBLISHED)

    told = campaign("post", "correct", "battery-modules@page", code=2)
    assert "was published by hand" in told
    assert "Change it on the platform's own page." in told
