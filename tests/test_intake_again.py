"""What becomes of a story that is already here: the same again, refused, replaced."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from campaign import approve, intake, plan, proof, publish, render, store
from campaign.app import App
from campaign.models import Post, PostStatus, Story, StoryStatus
from tests.handing import COURSE, PHOTO, Files, changed, hand_in, rows, taken, zipped
from tests.making import fresh, make_post


def test_the_same_again_is_no_news(app: App, tmp_path: Path) -> None:
    folder = hand_in(tmp_path / "modules")
    first, _ = taken(app, folder)
    before = rows(app)
    packed = zipped(tmp_path / "stories.zip", {"modules/story.md": COURSE, "modules/workshop.jpg": PHOTO})

    again = intake.take(app, [folder, packed]) + intake.take(app, [folder], replace=True)

    assert [result.outcome for result in again] == ["unchanged"] * 3
    assert {result.story for result in again} == {first.uuid}
    assert rows(app) == before


def test_a_story_that_has_expired_since_is_still_the_same(app: App, tmp_path: Path) -> None:
    folder = hand_in(tmp_path / "modules", text=changed("kind: course", "kind: course\nexpires: 2026-03-03"))
    taken(app, folder)
    app.clock.sleep(7 * 86400)
    assert [result.outcome for result in intake.take(app, [folder])] == ["unchanged"]


def test_other_content_under_a_known_name_is_refused(app: App, tmp_path: Path) -> None:
    folder = hand_in(tmp_path / "modules")
    taken(app, folder)
    before = rows(app)

    [result] = intake.take(app, [hand_in(folder, text=changed("Battery", "Cell"))])

    assert (result.outcome, rows(app)) == ("refused", before)
    assert str(result.problems[0]) == (
        'modules/story.md: there is another story "modules" of moravia-silesia, handed in on 2026-03-02.\n'
        f"  If this is its new version: campaign add --replace {folder}. If it is another story, give it another slug."
    )


@pytest.mark.parametrize(
    "files",
    [
        {"story.md": changed("Battery", "Cell")},
        {"workshop.jpg": PHOTO + b"\0"},
        {"story.cs.md": "---\ntitle: T\n---"},
    ],
)
def test_a_new_version_replaces_the_old_one_where_that_is_asked(app: App, tmp_path: Path, files: Files) -> None:
    folder = hand_in(tmp_path / "modules")
    first, _ = taken(app, folder)
    app.clock.sleep(60)

    second, _ = taken(app, hand_in(folder, files), replace=True)

    assert (second.uuid, second.revision, second.created_at) == (first.uuid, 2, first.created_at)
    assert second.updated_at == app.clock.now()
    with app.reading() as db:
        event = store.events(db, story=first.uuid)[-1]
    assert event.what == "story.replaced"
    assert (event.before["revision"], event.after["revision"]) == (1, 2)
    assert "regions" not in event.before


def due_and_approved(app: App, story: Story) -> Post:
    """Plan, make and approve a story's posts; return one whose slot has come."""
    plan.run(app)
    render.run(app)
    approve.approve(app, proof_code=proof.proof(app).code)
    with app.reading() as db:
        post = store.posts_where(db, story=story.uuid, channel="news")[0]
    assert post.due_at is not None
    app.clock.sleep((post.due_at - app.clock.now()).total_seconds())
    return post


def test_the_old_version_does_not_go_out_any_more(app: App, tmp_path: Path) -> None:
    folder = hand_in(tmp_path / "modules")
    story, _ = taken(app, folder)
    post = due_and_approved(app, story)
    taken(app, hand_in(folder, text=changed("Battery", "Cell")), replace=True)

    publish.run(app, "news")

    assert (fresh(app, post).status, fresh(app, post).reason) == (
        PostStatus.APPROVED,
        "its text and pictures are to be made anew first",
    )
    render.run(app)
    assert fresh(app, post).status == PostStatus.RENDERED


def test_what_is_live_already_stays_and_that_is_told(app: App, tmp_path: Path) -> None:
    folder = hand_in(tmp_path / "modules")
    story, _ = taken(app, folder)
    post = due_and_approved(app, story)
    publish.run(app, "news")

    [result] = intake.take(app, [hand_in(folder, text=changed("Battery", "Cell"))], replace=True)

    change = f"campaign post correct {post.uuid[:8]}"
    assert result.notes == (f"on news the old version is live and stays; to change it: {change}",)


def test_a_path_with_a_blank_is_quoted_as_a_shell_needs_it(app: App, tmp_path: Path) -> None:
    folder = hand_in(tmp_path / "from Ostrava" / "modules")
    taken(app, folder)

    [result] = intake.take(app, [hand_in(folder, text=changed("Battery", "Cell"))])

    assert f"campaign add --replace '{folder}'." in str(result.problems[0])


def test_a_new_version_that_expires_sooner_holds_at_once(app: App, tmp_path: Path) -> None:
    folder = hand_in(tmp_path / "modules")
    story, _ = taken(app, folder)
    post = due_and_approved(app, story)
    ends = f"{app.clock.now().astimezone(ZoneInfo('Europe/Prague')) + timedelta(minutes=1):%Y-%m-%d %H:%M}"
    taken(app, hand_in(folder, text=changed("kind: course", f"kind: course\nexpires: {ends}")), replace=True)
    app.clock.sleep(60)

    render.run(app)
    publish.run(app, "news")

    assert fresh(app, post).status == PostStatus.EXPIRED


def test_a_new_version_that_says_the_same_goes_out_as_approved(app: App, tmp_path: Path) -> None:
    folder = hand_in(tmp_path / "modules")
    story, _ = taken(app, folder)
    post = due_and_approved(app, story)
    taken(app, hand_in(folder, text=changed("kind: course", "kind: course\nexpires: 2026-12-01")), replace=True)

    render.run(app)
    publish.run(app, "news")

    assert fresh(app, post).status == PostStatus.PUBLISHED


def test_a_version_that_comes_while_the_old_one_is_rendered_is_not_taken_for_rendered(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = hand_in(tmp_path / "modules")
    story, _ = taken(app, folder)
    post = due_and_approved(app, story)
    new = hand_in(folder, text=changed("Battery", "Cell"))
    taken(app, new, replace=True)
    newer, made = hand_in(tmp_path / "newer" / "modules", text=changed("Battery", "Fuel")), render.render

    def slow(*about: Any) -> render.Rendering:
        if about[2].revision == 2:
            taken(app, newer, replace=True)
        return made(*about)

    monkeypatch.setattr(render, "render", slow)
    render.run(app)
    publish.run(app, "news")
    assert fresh(app, post).status == PostStatus.APPROVED

    render.run(app)
    with app.reading() as db:
        assert "Fuel" in store.parts_of(db, post.uuid)[0].content["text"]


def test_the_event_of_a_replacement_tells_what_was_different(app: App, tmp_path: Path) -> None:
    folder = hand_in(tmp_path / "modules")
    story, _ = taken(app, folder)
    taken(app, hand_in(folder, text=changed("kind: course", "kind: course\nembargo: 2026-07-01")), replace=True)
    with app.reading() as db:
        event = store.events(db, story=story.uuid)[-1]
    assert event.before == {"embargo_at": None, "revision": 1}
    assert event.after == {"embargo_at": "2026-06-30T22:00:00+00:00", "revision": 2}


def set_status(app: App, uuid: str, status: StoryStatus, note: str = "") -> None:
    with app.writing() as db:
        story = store.story_by_id(db, uuid)
        assert story is not None
        story.status, story.note = status, note


def test_a_returned_story_takes_its_new_version_without_being_asked(app: App, tmp_path: Path) -> None:
    folder = hand_in(tmp_path / "modules")
    story, _ = taken(app, folder)
    set_status(app, story.uuid, StoryStatus.RETURNED, "Which modules?")

    [same] = intake.take(app, [folder])
    assert (same.outcome, same.notes) == ("unchanged", ("it was returned and has not changed since: Which modules?",))

    new, _ = taken(app, hand_in(folder, text=changed("Battery", "Cell")))
    assert (new.uuid, new.revision, new.status, new.note) == (story.uuid, 2, "queued", "")


def test_a_withdrawn_story_comes_back_only_when_that_is_asked(app: App, tmp_path: Path) -> None:
    folder = hand_in(tmp_path / "modules")
    story, _ = taken(app, folder)
    set_status(app, story.uuid, StoryStatus.WITHDRAWN)

    [same] = intake.take(app, [folder])
    assert (same.outcome, same.notes) == ("unchanged", ("it was withdrawn; campaign add --replace brings it back",))
    [other] = intake.take(app, [hand_in(tmp_path / "new" / "modules", text=changed("Battery", "Cell"))])
    assert other.problems[0].what == 'the story "modules" of moravia-silesia was withdrawn.'

    back, _ = taken(app, folder, replace=True)
    assert (back.uuid, back.revision, back.status) == (story.uuid, 2, "queued")


def test_a_dry_run_says_what_would_be_and_writes_nothing(app: App, tmp_path: Path) -> None:
    folder, before = hand_in(tmp_path / "modules"), rows(app)
    assert [result.outcome for result in intake.take(app, [folder], dry_run=True)] == ["accepted"]
    assert rows(app) == before
    assert not app.media.folder.exists()
    taken(app, folder)
    before = rows(app)
    hand_in(folder, text=changed("Battery", "Cell"))
    assert [result.outcome for result in intake.take(app, [folder], dry_run=True)] == ["refused"]
    assert [result.outcome for result in intake.take(app, [folder], dry_run=True, replace=True)] == ["replaced"]
    assert rows(app) == before


def test_a_story_about_other_regions_has_its_turns_counted_anew(app: App, tmp_path: Path) -> None:
    folder = hand_in(tmp_path / "modules")
    story, _ = taken(app, folder)
    post = make_post(app, story, status=PostStatus.PUBLISHED, turn_at=app.clock.now())

    taken(app, hand_in(folder, text=changed("Battery", "Cell")), replace=True)
    assert fresh(app, post).turn_at == app.clock.now()
    taken(
        app,
        hand_in(folder, text=changed("regions: [moravia-silesia]", "regions: [moravia-silesia, portugal]")),
        replace=True,
    )
    assert fresh(app, post).turn_at is None
