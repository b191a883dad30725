"""`campaign story …`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from campaign import store
from campaign.app import App
from campaign.models import PostStatus
from campaign.platforms import PLATFORMS
from campaign.platforms.base import Limits, Platform
from tests.cli.conftest import STORY, Keyboard, ids
from tests.making import make_post, make_story


def test_stories_are_listed_with_what_became_of_their_posts(planned: Keyboard) -> None:
    told = planned("story", "list")

    assert "moravia-silesia/battery-modules" in told
    assert "2 planned" in told
    assert planned.json("story", "list", "--region", "portugal") == []
    assert "There are no such stories" in planned("story", "list", "--status", "withdrawn")


def test_an_unknown_region_is_told_with_the_nearest(planned: Keyboard) -> None:
    assert 'Did you mean "portugal"?' in planned("story", "list", "--region", "portgual", code=2)


def test_a_story_is_shown_in_words_and_in_json(planned: Keyboard) -> None:
    told = planned("story", "show", "battery-modules")

    assert "Title      Battery skills modules, open to every region" in told
    assert "Version    1, of Mon 2 Mar 09:00, by anna" in told
    assert "Embargo" not in told
    assert planned.json("story", "show", "battery-modules")["content"]["kind"] == "update"


def test_the_dates_of_a_story_are_shown(campaign: Keyboard) -> None:
    dated = STORY.replace("---\n", "---\nembargo: 2026-03-09 09:00\nexpires: 2027-01-31\n", 1)
    campaign("add", campaign.story(text=dated))

    told = campaign("story", "show", "battery-modules")

    assert "Embargo    Mon 9 Mar 09:00" in told
    assert "Expires    Sun 31 Jan 2027 23:59" in told


def test_an_unknown_story_is_told_with_the_nearest(planned: Keyboard) -> None:
    told = planned("story", "show", "batery-modules", code=2)

    assert 'there is no story "batery-modules"' in told
    assert "Did you mean battery-modules?" in told


def test_a_name_in_two_regions_is_told_with_both(planned: Keyboard) -> None:
    other = planned.story(
        "other", STORY.replace("moravia-silesia", "portugal").replace("---", "---\nslug: battery-modules", 1)
    )
    planned("add", other)

    told = planned("story", "show", "battery-modules", code=2)

    assert "portugal/battery-modules" in told
    assert "moravia-silesia/battery-modules" in told


def test_a_withdrawn_story_loses_its_slots_and_gets_others_when_that_is_undone(planned: Keyboard) -> None:
    told = planned("story", "withdraw", "battery-modules", "--reason", "the partner asked us to")

    assert "Undo: campaign story withdraw --undo moravia-silesia/battery-modules" in told
    assert planned.json("plan")["posts"] == []
    assert "is withdrawn" in planned("story", "withdraw", "battery-modules", code=2)

    planned("story", "withdraw", "--undo", "battery-modules")
    assert len(planned.json("plan")["posts"]) == 2


def test_a_returned_story_says_what_is_to_change(planned: Keyboard) -> None:
    assert "--note TEXT" in planned("story", "return", "battery-modules", code=2)

    planned("story", "return", "battery-modules", "--note", "Name the partners.")

    (story,) = planned.json("story", "list", "--status", "returned")
    assert story["note"] == "Name the partners."
    assert "is returned" in planned("story", "withdraw", "--undo", "battery-modules", code=2)
    planned("story", "return", "--undo", "battery-modules")
    assert planned.json("story", "list")[0]["status"] == "queued"


def test_a_dry_run_withdraws_nothing(planned: Keyboard) -> None:
    assert "Nothing was changed" in planned("story", "withdraw", "--dry-run", "battery-modules")

    assert planned.json("story", "list")[0]["status"] == "queued"
    assert len(ids(planned, status="planned")) == 2


def test_what_is_live_is_taken_down_when_its_story_is_withdrawn(planned: Keyboard) -> None:
    planned("proof", "--text")
    planned("approve", "battery-modules")
    planned("post", "now", "battery-modules@news")
    planned("tick")
    (live,) = ids(planned, status="published")

    tried = planned("story", "withdraw", "battery-modules", "--dry-run")
    assert f"Being taken down by the daemon:\n  {live[:8]} on news" in tried
    assert ids(planned, status="published", wish="") == [live]
    refused = planned("story", "withdraw", "battery-modules", answer="n\n", code=130)
    assert "Live now: battery-modules@news" in refused
    assert ids(planned, status="published", wish="") == [live]
    told = planned("story", "withdraw", "battery-modules", answer="y\n")
    assert "Needs a person:" not in told
    planned("tick")

    assert ids(planned, status="removed") == [live]
    assert list((planned.folder / "published/news").glob("*battery*")) == []


@pytest.mark.parametrize(
    ("status", "channel", "why"),
    [
        ("sending", "news", "It is being sent now. In a minute: campaign post takedown ID"),
        ("unconfirmed", "news", "It may be live, nobody knows where. Look, then: campaign post resolve ID …, and"),
        ("published", "page", "It was published by hand: take it down on the platform's own page."),
        ("published", "silent", "Silent cannot take a post down: take it down on the platform's own page."),
        ("published", "gone", "Channel gone is no longer in the config: take it down on the platform's own page."),
    ],
)
def test_what_the_daemon_cannot_take_down_is_listed_with_its_address_and_the_reason(
    campaign: Keyboard,
    make_app: Callable[..., App],
    monkeypatch: pytest.MonkeyPatch,
    status: str,
    channel: str,
    why: str,
) -> None:
    monkeypatch.setitem(PLATFORMS, "silent", "tests.cli.test_story:Silent")
    config = campaign.folder / "config.toml"
    more = '[channels.page]\nplatform = "folder"\nmode = "by-hand"\nfolder = "page"\nslots = []\n'
    config.write_text(f'{config.read_text()}{more}[channels.silent]\nplatform = "silent"\nslots = []\n')
    app = make_app(owns=False)
    post = make_post(app, make_story(app), channel=channel, status=PostStatus(status))
    with app.writing() as db:
        (part,) = store.parts_of(db, post.uuid)
        store.bind_part(db, part, "7", "https://example.org/7")

    told = campaign("story", "withdraw", "battery-modules", "--yes").replace(post.uuid[:8], "ID")

    assert f"Needs a person:\n  ID on {channel}  https://example.org/7\n    {why}" in told
    assert "Being taken down" not in told
    assert ids(campaign, wish="") == [post.uuid]


class Silent(Platform):
    """A platform that can do next to nothing."""

    name = "silent"
    limits = Limits(text=500)
    check = publish = find = None  # type: ignore[assignment]  # there, and never called


def test_what_is_live_is_named_when_its_story_is_returned(planned: Keyboard) -> None:
    planned("proof", "--text")
    planned("approve", "battery-modules")
    planned("post", "now", "battery-modules@news")
    planned("tick")

    (live,) = ids(planned, status="published")

    told = planned("story", "return", "battery-modules", "--note", "Name the partners.")

    assert f"Still there: post {live[:8]} on news, published." in told
    assert f"campaign post takedown {live[:8]}" in told


def test_a_new_story_does_not_overwrite_one(folder: Keyboard) -> None:
    told = folder("story", "new", "open-day", "--kind", "event", "--region", "portugal", "--in", "drafts")

    assert "campaign add drafts/open-day" in told
    assert "is there already" in folder("story", "new", "open-day", "--region", "portugal", "--in", "drafts", code=2)
    assert "kind: event" in (folder.folder / "drafts/open-day/story.md").read_text()


def test_a_new_story_in_a_place_that_cannot_be_written_is_told(folder: Keyboard) -> None:
    (folder.folder / "stories").write_text("a file")

    assert "cannot be written" in folder("story", "new", "open-day", "--region", "portugal", code=2)


@pytest.mark.parametrize(
    "words", [("new", "x", "--region", "nowhere"), ("new", "x", "--kind", "poem", "--region", "asa")]
)
def test_a_new_story_has_a_known_region_and_kind(folder: Keyboard, words: tuple[str, ...]) -> None:
    folder("story", *words, code=2)
