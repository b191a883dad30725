"""What is handed in is recognised, and a bundle can neither escape, explode nor hold links."""

from __future__ import annotations

import stat
import struct
import zipfile
from pathlib import Path

import pytest

from campaign import intake
from campaign.app import App
from tests.handing import COURSE, PHOTO, Files, changed, hand_in, refusal, taken, zipped

STORY: Files = {"story.md": COURSE, "workshop.jpg": PHOTO}


def under(folder: str) -> Files:
    return {f"{folder}/{name}": content for name, content in STORY.items()}


def slugs(app: App, *paths: Path) -> list[str]:
    results = intake.take(app, paths)
    assert [result.problems for result in results if result.problems] == []
    return [result.slug for result in results]


def test_a_folder_of_story_folders_is_many_stories(app: App, tmp_path: Path) -> None:
    hand_in(tmp_path / "all" / "one")
    hand_in(tmp_path / "all" / "deeper" / "two")
    (tmp_path / "all" / "README.md").write_text("What these are.")
    assert slugs(app, tmp_path / "all") == ["two", "one"]


def test_a_single_file_finds_its_photo_and_translation_beside_it(app: App, tmp_path: Path) -> None:
    hand_in(tmp_path, {"modules.md": COURSE, "modules.cs.md": "---\ntitle: Moduly\n---\n", "other.cs.md": "x"})
    story, content = taken(app, tmp_path / "modules.md")
    assert (story.slug, list(content.tellings)) == ("modules", ["en", "cs"])


def test_story_md_itself_is_its_folder(app: App, tmp_path: Path) -> None:
    hand_in(tmp_path / "modules")
    assert slugs(app, tmp_path / "modules" / "story.md", tmp_path / "modules") == ["modules", "modules"]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (STORY, ["packed"]),
        (under("modules"), ["modules"]),
        (under("all/one") | under("all/two"), ["one", "two"]),
        ({"modules.md": COURSE, "other.md": COURSE, "workshop.jpg": PHOTO}, ["modules", "other"]),
        (under("one") | {"__MACOSX/one/._story.md": b"x", "one/.DS_Store": b"x", "one/Thumbs.db": b"x"}, ["one"]),
    ],
)
def test_a_zip_of_any_shape_is_recognised(app: App, tmp_path: Path, files: Files, expected: list[str]) -> None:
    assert slugs(app, zipped(tmp_path / "packed.zip", files)) == expected


def test_nothing_of_a_zip_stays_on_disk(app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    slugs(app, zipped(tmp_path / "packed.zip", STORY))
    assert list(place.iterdir()) == []


def foreign(path: Path, files: dict[bytes, bytes | str]) -> Path:
    """Write a zip whose names are bytes of some code page, without saying which."""
    stand_ins = {name: f"{n}".ljust(len(name), "~") for n, name in enumerate(files)}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(stand_ins[name], content)
    data = path.read_bytes()
    for name, stand_in in stand_ins.items():
        data = data.replace(stand_in.encode(), name)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("page", "photo"),
    [
        ("utf-8", "dílna ůčně.jpg"),
        ("cp852", "dílna ůčně.jpg"),
        ("cp1250", "Łódź – ň.jpg"),
        ("cp850", "formação.jpg"),
        ("cp1252", "añão.jpg"),
        ("cp437", "año.jpg"),
    ],
)
def test_a_photo_is_found_whatever_code_page_the_zip_was_made_with(
    app: App, tmp_path: Path, page: str, photo: str
) -> None:
    text = changed("workshop.jpg", photo)
    path = foreign(tmp_path / "packed.zip", {b"story.md": text.encode(), photo.encode(page): PHOTO})
    _, content = taken(app, path)
    assert content.photos[0].file == photo


def test_a_name_that_a_zip_marks_as_utf_8_is_taken_as_it_is(app: App, tmp_path: Path) -> None:
    files: Files = {"třinec/story.md": changed("workshop.jpg", "dílna.jpg"), "třinec/dílna.jpg": PHOTO}
    assert slugs(app, zipped(tmp_path / "packed.zip", files)) == ["trinec"]


def test_a_photo_is_found_though_a_mac_took_its_letters_apart(app: App, tmp_path: Path) -> None:
    hand_in(tmp_path / "modules", {"di\u0301lna.jpg": PHOTO}, text=changed("workshop.jpg", "d\u00edlna.jpg"))
    assert slugs(app, tmp_path / "modules") == ["modules"]


def test_a_photo_may_lie_in_a_folder_of_its_own(app: App, tmp_path: Path) -> None:
    hand_in(tmp_path / "modules", {"photos/a.jpg": PHOTO}, text=changed("workshop.jpg", "photos/a.jpg"))
    assert taken(app, tmp_path / "modules")[1].photos[0].file == "photos/a.jpg"


@pytest.mark.parametrize("name", ["workshop.jpg", "photos"])
def test_no_link_is_followed_to_a_photo(app: App, tmp_path: Path, name: str) -> None:
    hand_in(tmp_path / "elsewhere")
    folder = hand_in(
        tmp_path / "modules", text=COURSE if name.endswith("jpg") else changed("workshop", "photos/workshop")
    )
    (folder / "workshop.jpg").unlink()
    target = tmp_path / "elsewhere" / ("workshop.jpg" if name.endswith("jpg") else "")
    (folder / name).symlink_to(target)
    written = "workshop.jpg" if name.endswith("jpg") else "photos/workshop.jpg"
    assert refusal(app, folder) == (
        f'modules/story.md, line 8, photos[1].file: "{written}" is a link.\n  Put the file itself there.'
    )


def test_links_to_stories_are_not_followed(app: App, tmp_path: Path) -> None:
    hand_in(tmp_path / "modules")
    (tmp_path / "all").mkdir()
    (tmp_path / "all" / "link").symlink_to(tmp_path / "modules")
    (tmp_path / "all" / "story.md").symlink_to(tmp_path / "modules" / "story.md")
    nothing = "\n  Put a file story.md into the folder of each story."
    assert refusal(app, tmp_path / "all") == f"all: there is no story.md in it.{nothing}"
    assert refusal(app, tmp_path / "all" / "link") == "link: this is a link.\n  Hand in the file or folder itself."


PASTE = "Paste its text into a file story.md, between and below the --- lines; `campaign story new` makes one."
ZIP_IT = "Hand in a folder with story.md and its photos, the zip of one, or a single .md file."


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("s.docx", f"s.docx: this is a Word document, which cannot be read yet.\n  {PASTE}"),
        ("s.ODT", f"s.ODT: this is a Word document, which cannot be read yet.\n  {PASTE}"),
        ("s.pdf", f"s.pdf: this is a finished document, which cannot be read.\n  {PASTE}"),
        ("s.mp4", "s.mp4: this is a video.\n  Take it out and hand in a photo; videos come with a later version."),
        ("s.rar", "s.rar: this is a packed file of another kind.\n  Pack it as a zip."),
        ("s.jpg", f"s.jpg: this is no story.\n  {ZIP_IT}"),
        ("s", f"s: this is no story.\n  {ZIP_IT}"),
    ],
)
def test_what_is_no_story_is_refused_kindly(app: App, tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    assert refusal(app, tmp_path / name) == message


def test_a_folder_with_a_word_document_only_says_so(app: App, tmp_path: Path) -> None:
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "Modules.docx").write_bytes(b"x")
    assert refusal(app, tmp_path / "modules") == (
        "modules: there is no story.md in it, and Modules.docx is a Word document, which cannot be read yet.\n"
        f"  {PASTE}"
    )


def test_what_is_not_there_is_told(app: App, tmp_path: Path) -> None:
    assert refusal(app, tmp_path / "modles") == "modles: this is not there.\n  Look at the spelling of the path."


def member(name: str, *, mode: int = 0, flags: int = 0) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    info.flag_bits |= flags
    return info


LEADS_OUT = "this name leads out of the zip.\n  Pack the folder again with your computer's own zip."
A_LINK = "this is a link or a device.\n  Put the file itself into the zip."


@pytest.mark.parametrize(
    ("info", "message"),
    [
        (member("../evil.md"), f"s.zip/../evil.md: {LEADS_OUT}"),
        (member("a/../../evil.md"), f"s.zip/a/../../evil.md: {LEADS_OUT}"),
        (member("/etc/evil.md"), f"s.zip//etc/evil.md: {LEADS_OUT}"),
        (member("a//b.md"), f"s.zip/a//b.md: {LEADS_OUT}"),
        (member("./a.md"), f"s.zip/./a.md: {LEADS_OUT}"),
        (member("C:evil.md"), f"s.zip/C:evil.md: {LEADS_OUT}"),
        (member("a\\evil.md"), f"s.zip/a\\evil.md: {LEADS_OUT}"),
        (member("link.jpg", mode=stat.S_IFLNK | 0o777), f"s.zip/link.jpg: {A_LINK}"),
        (member("pipe.jpg", mode=stat.S_IFIFO | 0o666), f"s.zip/pipe.jpg: {A_LINK}"),
        (member("disk.jpg", mode=stat.S_IFBLK | 0o666), f"s.zip/disk.jpg: {A_LINK}"),
        (
            member("inner.zip"),
            "s.zip/inner.zip: this is a packed file inside the zip.\n  Unpack it first, then pack all once.",
        ),
        (
            member("x" * 241),
            f"s.zip/{'x' * 241}: this name is too long or has control characters.\n  Give the file a short name.",
        ),
        (member("STORY.md"), "s.zip/STORY.md: this name is in the zip twice.\n  Pack it again."),
    ],
)
def test_a_hostile_member_refuses_the_whole_zip(app: App, tmp_path: Path, info: zipfile.ZipInfo, message: str) -> None:
    path = zipped(tmp_path / "s.zip", STORY)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(info, b"root:x:0:0")
    assert refusal(app, path) == message
    assert [entry.name for entry in tmp_path.iterdir() if "evil" in entry.name] == []


def test_an_encrypted_zip_is_refused(app: App, tmp_path: Path) -> None:
    path = zipped(tmp_path / "s.zip", {"story.md": COURSE})
    data = bytearray(path.read_bytes())
    data[6] |= 1  # the flag, in the local header and in the directory (APPNOTE 4.4.4)
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert refusal(app, path) == "s.zip/story.md: this is encrypted.\n  Pack it again without a password."


DAMAGED = (
    "s.zip: the zip is damaged and cannot be unpacked.\n"
    "  Pack it again, and look whether it opens on your own computer."
)


def test_a_damaged_zip_is_refused(app: App, tmp_path: Path) -> None:
    path = zipped(tmp_path / "s.zip", STORY)
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[120] ^= 0xFF
    unknown_method = bytearray(whole)
    unknown_method[unknown_method.index(b"PK\x01\x02") + 10] = 99
    for data in (b"", b"not a zip", whole[: len(whole) // 2], bytes(flipped), bytes(unknown_method)):
        path.write_bytes(data)
        assert refusal(app, path) == DAMAGED


def test_a_name_that_is_a_file_and_a_folder_is_damage(app: App, tmp_path: Path) -> None:
    assert refusal(app, zipped(tmp_path / "s.zip", {"a": b"x", "a/story.md": COURSE})) == DAMAGED


def test_a_zip_of_too_many_files_is_refused(app: App, tmp_path: Path) -> None:
    files: Files = {f"{n}.txt": b"" for n in range(201)}
    assert refusal(app, zipped(tmp_path / "s.zip", files)) == (
        "s.zip: the zip has 201 files, 200 are possible.\n  Hand in fewer stories at a time."
    )


def test_a_zip_that_unpacks_a_hundredfold_is_refused(app: App, tmp_path: Path) -> None:
    assert refusal(app, zipped(tmp_path / "s.zip", {"story.md": COURSE, "zeros.jpg": bytes(8 * 1024 * 1024)})) == (
        "s.zip: the zip unpacks to far more than it should.\n  Pack it again from the originals."
    )


def test_the_bytes_that_come_out_count_and_not_what_the_zip_says(app: App, tmp_path: Path) -> None:
    path = tmp_path / "s.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for n in range(2):
            archive.writestr(f"{n}.jpg", bytes(51 * 1024 * 1024))
    data = bytearray(path.read_bytes())
    at = 0
    while (at := data.find(b"PK\x01\x02", at)) >= 0:
        assert struct.unpack_from("<I", data, at + 24) == (51 * 1024 * 1024,)
        at += 4
    assert refusal(app, path) == (
        "s.zip: the zip unpacks to more than 100 MB.\n  Hand in fewer stories at a time, or smaller photos."
    )
