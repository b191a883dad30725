"""`campaign rehearse` as an officer types it. (What it plays is tested in tests/rehearsal.)"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from campaign.rehearsal import demo
from tests.cli.conftest import STORY, Keyboard, ids
from tests.conftest import CONFIG
from tests.rehearsal.bugs import no_intent

MASTODON = """
[channels.herd]
platform = "mastodon"
base_url = "https://social.example.net"
attach = "none"
slots = ["mon-sun 10:00", "mon-sun 17:00"]
daily_cap = 2
"""


@pytest.fixture
def stories(campaign: Keyboard, config_file: Path) -> Keyboard:
    """A campaign with three stories; a channel of its config is new and not in the database yet."""
    for n in range(3):
        campaign("add", campaign.story(f"story-{n}", STORY.replace("Battery", f"Number {n} of our battery")))
    config_file.write_text(CONFIG.replace("slots =", 'attach = "none"\nslots =') + MASTODON)
    return campaign


def everything_in(folder: Path) -> dict[str, str]:
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


def test_an_officer_sees_what_would_appear_and_which_promises_are_kept(stories: Keyboard) -> None:
    before = everything_in(stories.folder)

    told = stories("rehearse", "--days", "3")

    assert stories.result is not None
    assert stories.result.stdout.startswith("Mon 2 Mar 09:00 to Thu 5 Mar 09:00, on a copy: nothing was changed.\n")
    assert "100%" in stories.result.stderr
    assert "A person approves each post 24 h before its slot." in told
    assert "Mon 2 Mar 17:00  herd     story-" in told
    assert "Faults met: 0" in told
    assert "✓ I1   nothing appears twice" in told
    assert "Needs a person: nothing" in told
    page = stories.folder / "pages/rehearsal.html"
    assert f"The page: {page}" in told
    assert "Number 1 of our battery skills modules" in page.read_text()
    page.unlink()
    assert everything_in(stories.folder) == before


def test_faults_are_told_with_what_came_of_them(stories: Keyboard) -> None:
    told = stories("rehearse", "--days", "3", "--faults", "60", "--seed", "4")

    assert "Faults met: " in told
    assert "a call that nobody sees: " in told
    assert "more, on the page" in told
    assert "started again" in (stories.folder / "pages/rehearsal.html").read_text()


def test_programs_get_it_as_json_and_as_exit_code(stories: Keyboard) -> None:
    told = stories.json("rehearse", "--days", "3", "--as-approved", code=3)

    assert told["exit_code"] == 3
    assert told["appearances"] == []
    assert [promise["kept"] for promise in told["promises"]] == [True] * 9
    assert all(need["what"] for need in told["needs"])
    assert told["page"].endswith("pages/rehearsal.html")


def test_what_needs_a_person_and_what_is_broken_is_told(stories: Keyboard) -> None:
    waits = stories("rehearse", "--days", "2", "--as-approved", code=3)
    with no_intent():
        broken = stories("rehearse", "--days", "2", code=1)

    assert "Needs a person: " in waits
    assert "      campaign proof story-" in waits
    assert "✗ I5   before each post that can be seen, the intent is stored\n       a visible call on herd" in broken
    assert '<li class="broken"><b>I5</b>' in (stories.folder / "pages/rehearsal.html").read_text()


def test_without_a_database_there_is_nothing_to_rehearse(folder: Keyboard) -> None:
    assert "there is no database yet" in folder("rehearse", code=1)


def test_the_demo_shows_its_page_and_how_to_go_on(campaign: Keyboard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "LAST_DAY", demo.FIRST_DAY)
    campaign.story()

    told = campaign("demo", "played")

    assert "cd played, then: campaign status" in told
    assert (campaign.folder / "played/pages/demo.html").is_file()
    assert "Error: " in campaign("demo", "stories", code=2)
    assert ids(campaign) == []
