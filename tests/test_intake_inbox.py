"""The inbox: what lies at rest is taken in and moved, whatever happens in between."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from campaign import intake, store
from campaign.app import App
from tests.handing import COURSE, PHOTO, changed, hand_in, zipped

WRONG = changed("    consent: yes\n", "")


@pytest.fixture
def inbox(app: App) -> Path:
    app.config.folders.inbox.mkdir(parents=True)
    return app.config.folders.inbox


def rest(app: App, path: Path, seconds: float = 60) -> None:
    """Let everything in `path` have been changed so long ago, by the app's clock."""
    moment = app.clock.now().timestamp() - seconds
    for file in (path, *path.rglob("*")):
        os.utime(file, (moment, moment), follow_symlinks=False)


def run(app: App) -> dict[str, int]:
    return {what: count for what, count in intake.run(app).counts.items() if count}


def tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() or path.is_symlink()}


def events(app: App) -> list[str]:
    with app.reading() as db:
        return [event.what for event in store.events(db)]


def test_an_inbox_that_is_not_there_is_empty(app: App) -> None:
    summary = intake.run(app)
    assert (summary.stage, summary.counts, summary.notes) == ("intake", {}, [])


def test_what_lies_at_rest_is_taken_in_and_moved(app: App, inbox: Path) -> None:
    hand_in(inbox / "modules")
    zipped(inbox / "more.zip", {"two/story.md": COURSE, "two/workshop.jpg": PHOTO})
    rest(app, inbox)

    assert run(app) == {"accepted": 2}

    assert tree(inbox) == set()
    assert tree(app.config.folders.accepted) == {"modules/story.md", "modules/workshop.jpg", "more.zip"}
    assert events(app) == ["story.accepted", "story.accepted"]
    assert run(app) == {}


def test_what_is_still_being_written_is_left(app: App, inbox: Path) -> None:
    hand_in(inbox / "modules")
    rest(app, inbox)
    rest(app, inbox / "modules" / "workshop.jpg", seconds=59)
    assert run(app) == {}
    app.clock.sleep(1)
    assert run(app) == {"accepted": 1}


def test_a_date_in_the_future_keeps_nothing_waiting(app: App, inbox: Path) -> None:
    rest(app, hand_in(inbox / "modules"), seconds=-86400)
    assert run(app) == {"accepted": 1}


@pytest.mark.parametrize(
    "name", [".hidden", "a.zip.part", "a.zip.crdownload", "~$story.docx", "a.filepart", ".a.zip.xyz"]
)
def test_hidden_and_half_written_files_are_left(app: App, inbox: Path, name: str) -> None:
    (inbox / name).write_bytes(b"x")
    rest(app, inbox)
    assert run(app) == {}
    assert tree(inbox) == {name}


def test_a_wrong_story_goes_back_with_a_letter(app: App, inbox: Path) -> None:
    hand_in(inbox / "modules", text=WRONG)
    rest(app, inbox)

    summary = intake.run(app)

    refused = app.config.folders.refused
    assert summary.counts == {"refused": 1}
    assert summary.notes == ["modules was refused: see refused/modules.txt"]
    assert tree(refused) == {"modules.txt", "modules/story.md", "modules/workshop.jpg"}
    assert (refused / "modules.txt").read_text() == (
        "Thank you for modules. Something in it needs your hand before it can be taken in:\n"
        "\n"
        "modules/story.md, line 8, photos[1].consent: this is missing.\n"
        "  Write consent: yes (the people in it agreed), no, or nobody-recognisable.\n"
        "\n"
        "Please correct this and put it into the inbox again. You need not remove what was right.\n"
    )
    with app.reading() as db:
        [event] = store.events(db)
        assert store.all_stories(db) == []
    assert (event.what, event.story, event.after) == ("story.refused", None, {"file": "modules/story.md"})
    assert event.note.startswith("modules/story.md, line 8, photos[1].consent: this is missing.")
    assert not app.media.folder.exists()


def test_the_right_stories_of_a_half_wrong_zip_are_taken_in(app: App, inbox: Path) -> None:
    files = {"one/story.md": COURSE, "one/workshop.jpg": PHOTO, "two/story.md": WRONG, "two/workshop.jpg": PHOTO}
    zipped(inbox / "all.zip", files)
    rest(app, inbox)

    assert run(app) == {"accepted": 1, "refused": 1}
    assert "\n\nTaken in already: one.\n\n" in (app.config.folders.refused / "all.zip.txt").read_text()

    zipped(inbox / "all.zip", files | {"two/story.md": COURSE})
    rest(app, inbox)
    assert run(app) == {"unchanged": 1, "accepted": 1}
    assert tree(app.config.folders.accepted) == {"all.zip"}


def test_a_crash_between_the_commit_and_the_move_costs_nothing(
    app: App, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(inbox / "modules")
    rest(app, inbox)
    with monkeypatch.context() as crash:
        crash.setattr(Path, "rename", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            intake.run(app)
    assert tree(inbox) == {"modules/story.md", "modules/workshop.jpg"}

    assert run(app) == {"unchanged": 1}

    assert tree(inbox) == set()
    assert events(app) == ["story.accepted"]


def test_an_entry_that_cannot_be_moved_is_told_once_and_holds_up_no_other(
    app: App, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(inbox / "modules")
    hand_in(inbox / "others", text=changed("Battery", "Engine"))
    rest(app, inbox)
    renamed = Path.rename

    def forbidden(path: Path, target: Path) -> Path:
        if path.name == "modules":
            raise PermissionError(13, "Permission denied")
        return renamed(path, target)

    with monkeypatch.context() as rights:
        rights.setattr(Path, "rename", forbidden)
        assert run(app) == {"accepted": 2}
        assert run(app) == {"unchanged": 1}

    assert tree(inbox) == {"modules/story.md", "modules/workshop.jpg"}
    assert tree(app.config.folders.accepted) == {"others/story.md", "others/workshop.jpg"}
    with app.reading() as db:
        (alert,) = store.open_alerts(db)
    assert alert.message.endswith("modules cannot be read or moved out of the inbox: Permission denied")


def test_a_file_for_another_disk_is_copied_there(app: App, inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hand_in(inbox / "modules")
    rest(app, inbox)
    with monkeypatch.context() as disks:
        disks.setattr(Path, "rename", lambda *_: (_ for _ in ()).throw(OSError(errno.EXDEV, "another disk")))
        assert run(app) == {"accepted": 1}

    assert tree(app.config.folders.accepted) == {"modules/story.md", "modules/workshop.jpg"}
    assert tree(inbox) == set()


def test_a_crash_before_a_refused_entry_is_moved_tells_it_again(
    app: App, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(inbox / "modules", text=WRONG)
    rest(app, inbox)
    with monkeypatch.context() as crash:
        crash.setattr(Path, "rename", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            intake.run(app)

    assert run(app) == {"refused": 1}

    assert tree(app.config.folders.refused) == {"modules.txt", "modules/story.md", "modules/workshop.jpg"}


def test_nothing_that_was_moved_before_is_overwritten(app: App, inbox: Path) -> None:
    for n in range(4):
        zipped(inbox / "a.zip", {f"s{n}/story.md": COURSE, f"s{n}/workshop.jpg": PHOTO})
        rest(app, inbox)
        assert run(app) == {"accepted": 1}
    stamp = app.clock.now().timestamp()
    assert tree(app.config.folders.accepted) == {
        "a.zip",
        "a 2026-03-02.zip",
        "a 2026-03-02 080000.zip",
        f"a {stamp}.zip",
    }


def test_a_loose_story_file_takes_its_photos_along(app: App, inbox: Path) -> None:
    czech = "---\ntitle: Moduly\n---\n"
    hand_in(inbox, {"modules.md": COURSE, "modules.cs.md": czech})
    (inbox / "story.md").unlink()
    rest(app, inbox)

    assert run(app) == {"accepted": 1}

    assert tree(inbox) == set()
    assert tree(app.config.folders.accepted) == {"modules/modules.md", "modules/modules.cs.md", "modules/workshop.jpg"}


def test_a_loose_story_file_waits_for_its_photo(app: App, inbox: Path) -> None:
    hand_in(inbox, {"modules.md": COURSE})
    (inbox / "story.md").unlink()
    rest(app, inbox)
    rest(app, inbox / "workshop.jpg", seconds=5)
    assert run(app) == {}
    app.clock.sleep(60)
    assert run(app) == {"accepted": 1}


def test_a_photo_alone_and_a_story_without_a_folder_are_sent_back(app: App, inbox: Path) -> None:
    hand_in(inbox)
    rest(app, inbox)
    assert run(app) == {"refused": 2}
    refused = app.config.folders.refused
    assert tree(refused) == {"story.md", "story.md.txt", "workshop.jpg", "workshop.jpg.txt"}
    assert (
        "story.md: it lies in the inbox itself.\n"
        "  Put it with its photos into a folder that has the story's name, and that folder into the inbox.\n"
    ) in (refused / "story.md.txt").read_text()
    assert (
        "workshop.jpg: a photo alone is no story.\n"
        "  Put it into a folder with the story.md that names it, and that folder into the inbox.\n"
    ) in (refused / "workshop.jpg.txt").read_text()


def test_a_link_is_sent_back_and_its_target_stays(app: App, inbox: Path, tmp_path: Path) -> None:
    target = hand_in(tmp_path / "elsewhere")
    (inbox / "link").symlink_to(target)
    rest(app, inbox)
    assert run(app) == {"refused": 1}
    assert (app.config.folders.refused / "link").is_symlink()
    assert tree(target) == {"story.md", "workshop.jpg"}
