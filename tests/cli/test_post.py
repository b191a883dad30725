"""`campaign post …`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from campaign import owner, store
from campaign.app import App
from campaign.cli.post import STATUSES
from campaign.models import PostStatus
from tests.cli.conftest import STORY, Keyboard, ids
from tests.making import make_post, make_story

BY_HAND = """
[channels.page]
platform = "folder"
folder = "published/page"
mode = "by-hand"
slots = ["mon 12:00"]
"""


@pytest.fixture
def approved(planned: Keyboard) -> Keyboard:
    """One story, approved on both channels."""
    planned("proof", "--text")
    planned("approve", "battery-modules")
    return planned


def test_posts_are_listed_by_slot_and_those_over_on_demand(approved: Keyboard) -> None:
    told = approved("post", "list")

    assert told.index("Tue 3 Mar 09:00  approved  approved by anna") < told.index("Tue 3 Mar 10:00")
    approved("post", "cancel", "battery-modules@news")
    assert "battery-modules@news" not in approved("post", "list")
    assert "battery-modules@news" in approved("post", "list", "--all")
    assert [each["status"] for each in approved.json("post", "list", "--status", "cancelled")] == ["cancelled"]


def test_posts_are_listed_by_channel_and_region(approved: Keyboard) -> None:
    assert len(approved.json("post", "list", "--channel", "kraj", "--region", "moravia-silesia")) == 1
    assert approved.json("post", "list", "--region", "portugal") == []
    assert "There are none" in approved("post", "list", "--region", "portugal")
    assert "There are no such posts" in approved("post", "list", "--status", "failed")
    assert 'there is no channel "nwes"' in approved("post", "list", "--channel", "nwes", code=2)


def test_a_post_is_shown_with_text_picture_and_alt_text(approved: Keyboard) -> None:
    told = approved("post", "show", "battery-modules@news")

    assert "\nBattery skills modules, open to every region\n" in told
    assert "Alt text: " in told
    (part,) = approved.json("post", "show", "battery-modules@news")["parts"]
    assert part["images"][0]["alt"]


def test_a_post_without_text_says_so(planned: Keyboard) -> None:
    assert "It has no text yet" in planned("post", "show", "battery-modules@news")


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("ffffffff", 'there is no post or story "ffffffff"'),
        ("battery-modulse@news", "Did you mean battery-modules@news"),
        ("battery-modules", "may mean any of these"),
        ("ab", "an id has at least 4 letters"),
    ],
)
def test_a_name_that_means_no_post_or_several_is_told(planned: Keyboard, wanted: str, told: str) -> None:
    assert told in planned("post", "show", wanted, code=2)


def test_a_moved_post_keeps_its_approval_and_goes_out_then(approved: Keyboard) -> None:
    told = approved("post", "move", "battery-modules@news", "thu 14:00")

    assert "goes out on Thu 5 Mar 14:00" in told
    assert "not approved" not in told
    assert "Undo: campaign post restore" in told
    approved("plan")
    (moved,) = approved.json("post", "list", "--channel", "news")
    assert (moved["due_at"], moved["status"]) == ("2026-03-05T13:00:00+00:00", "approved")


def test_a_moved_post_that_waits_for_a_yes_says_so(planned: Keyboard) -> None:
    assert "It is not approved yet" in planned("post", "move", "battery-modules@news", "thu 14:00")


def test_a_restored_post_gets_a_slot_from_the_planner_again(approved: Keyboard) -> None:
    approved("post", "move", "battery-modules@news", "thu 14:00")
    approved("post", "restore", "battery-modules@news")
    approved("plan")

    (post,) = approved.json("post", "list", "--channel", "news")
    assert post["due_at"] == "2026-03-03T08:00:00+00:00"


def test_a_wrong_time_is_told_with_an_example(planned: Keyboard) -> None:
    assert 'write for example "2026-12-01 09:00"' in planned("post", "move", "battery-modules@news", "soon", code=2)


def test_a_cancelled_post_is_restored_with_its_approval(approved: Keyboard) -> None:
    told = approved("post", "cancel", "battery-modules@news", "battery-modules@kraj")
    assert told.count("Undo: campaign post restore") == 2

    approved("post", "restore", *ids(approved, status="cancelled"))
    approved("plan")
    approved("proof", "battery-modules", "--text")

    assert len(ids(approved, status="approved")) == 2


def test_a_dry_run_cancels_nothing(approved: Keyboard) -> None:
    assert "Nothing was changed" in approved("post", "cancel", "--dry-run", "battery-modules@news")

    assert len(ids(approved, status="approved")) == 2


def test_one_wrong_name_leaves_all_posts_as_they_are(approved: Keyboard) -> None:
    approved("post", "cancel", "battery-modules@news", "nonsense", code=2)

    assert len(ids(approved, status="approved")) == 2


def test_a_post_sent_now_is_live_after_the_next_tick_and_taken_down_after_another(approved: Keyboard) -> None:
    approved("post", "now", "battery-modules@news")
    assert "anna asked: now" in approved("post", "list")
    assert "publish news: 1 wishes, 1 published" in approved("tick")
    assert "Live:     " in approved("post", "show", "battery-modules@news")

    approved("post", "takedown", "battery-modules@news", code=130)
    approved("post", "takedown", "battery-modules@news", "--yes")
    approved("tick")

    assert len(ids(approved, status="removed")) == 1


def test_a_wish_that_makes_no_sense_is_refused(planned: Keyboard) -> None:
    for words in (("now",), ("retry",), ("takedown", "--yes"), ("resolve", "--send-again")):
        told = planned("post", *words, "battery-modules@news", code=2)
        assert "is planned; this is for posts that are" in told


def test_a_post_that_is_being_sent_is_left_alone(campaign: Keyboard, make_app: Callable[..., App]) -> None:
    app = make_app(owns=False)
    make_post(app, make_story(app), status=PostStatus.SENDING)

    for words in (
        ("move", "battery-modules@news", "thu 14:00"),
        ("cancel", "battery-modules"),
        ("now", "battery-modules"),
    ):
        told = campaign("post", *words, code=2)
        assert "is being sent now" in told
        assert "Run this again in a minute." in told


def test_a_failed_post_is_tried_again_or_dismissed(campaign: Keyboard, make_app: Callable[..., App]) -> None:
    app = make_app(owns=False)
    post = make_post(app, make_story(app), status=PostStatus.FAILED)
    with app.writing() as db:
        store.change_post(db, post, approved_hash=post.content_hash, approved_by="anna")

    assert f"Undo: campaign post cancel {post.uuid[:8]}" in campaign("post", "retry", post.uuid[:8])
    campaign("tick")

    assert ids(campaign, status="published") == [post.uuid]


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("--published", "https://example.org/1"), "published"),
        (("--not-published",), "failed"),
        (("--send-again",), "published"),
    ],
)
def test_a_person_says_what_became_of_an_unconfirmed_post(
    campaign: Keyboard, make_app: Callable[..., App], words: tuple[str, ...], status: str
) -> None:
    app = make_app(owns=False)
    post = make_post(app, make_story(app), status=PostStatus.UNCONFIRMED)
    with app.writing() as db:
        store.change_post(
            db, post, approved_hash=post.content_hash, next_try_at=campaign.clock.now() + timedelta(days=1)
        )

    campaign("post", "resolve", post.uuid, *words)
    campaign("tick")

    assert ids(campaign, status=status) == [post.uuid]


def test_only_one_answer_resolves_a_post(planned: Keyboard) -> None:
    told = planned("post", "resolve", "battery-modules@news", "--send-again", "--not-published", code=2)

    assert "Give one of" in told
    assert "Give one of" in planned("post", "resolve", "battery-modules@news", code=2)


def test_a_by_hand_post_is_shown_done_and_counted(folder: Keyboard, make_app: Callable[..., App]) -> None:
    config = folder.folder / "config.toml"
    config.write_text(config.read_text() + BY_HAND)
    make_app(owns=False)
    folder("add", folder.story(text=STORY.replace("---", "---\nchannels: [page]", 1)))
    folder("plan")
    folder("proof", "--text")
    folder("approve", "battery-modules")
    folder.clock.advance(timedelta(days=7, hours=3))  # Monday, 12:00
    folder("tick")
    assert "published by hand now" in folder("status", code=3)

    told = folder("post", "done", "battery-modules", "https://social.example.org/1")
    folder("post", "record", "battery-modules", "reactions=12", "comments=3")

    (post,) = ids(folder, status="published")
    assert f"campaign post record {post[:8]}" in told
    assert folder.json("post", "record", post, "reactions=13")["counts"] == {"reactions": 13}


def test_a_post_that_nobody_waits_for_cannot_be_done_or_counted(planned: Keyboard) -> None:
    assert "does not wait for a person" in planned("post", "done", "battery-modules@news", "https://a.example", code=2)
    assert "was never live" in planned("post", "record", "battery-modules@news", "reactions=1", code=2)
    assert "is no count" in planned("post", "record", "battery-modules@news", "many", code=2)


def test_the_daemons_lock_is_not_needed_to_record_a_wish(approved: Keyboard, make_app: Callable[..., App]) -> None:
    app = make_app()
    assert isinstance(app.owner, owner.FileOwner)

    approved("post", "now", "battery-modules@news")

    assert "another daemon works on" in approved("tick", code=1)


def test_every_status_can_be_asked_for() -> None:
    assert set(STATUSES) == set(PostStatus)
