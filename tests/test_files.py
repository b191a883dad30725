"""Files are whole or not there, and what is shipped is found in checkout and wheel alike."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from campaign import files
from campaign.files import shipped, sync_folder, write_whole


@pytest.mark.parametrize("content", ["Zoë\n", b"\x00\xff", ""])
def test_a_file_is_written_whole_and_nothing_is_left_beside_it(tmp_path: Path, content: str | bytes) -> None:
    path = tmp_path / "deep" / "er" / "file.txt"
    write_whole(path, content)
    assert path.read_bytes() == (content.encode() if isinstance(content, str) else content)
    assert list(path.parent.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file.txt"
    write_whole(path, "old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_content_is_on_disk_before_the_name_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    real_sync, real_replace = os.fsync, Path.replace

    def sync(handle: int) -> None:
        done.append("folder" if os.path.isdir(f"/proc/self/fd/{handle}") else "file")
        real_sync(handle)

    def replace(self: Path, target: Path) -> Path:
        done.append("rename")
        return real_replace(self, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "replace", replace)
    write_whole(tmp_path / "file.txt", "content")
    assert done == ["file", "rename", "folder"]


def test_a_folder_that_is_not_there_cannot_be_synced(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        sync_folder(tmp_path / "nowhere")


def test_what_is_shipped_is_found_in_the_checkout() -> None:
    assert shipped("templates", "posts").is_dir()
    assert shipped("assets").parent == files.PACKAGE.parent


def test_in_a_wheel_it_is_found_inside_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "campaign"
    (package / "_shipped" / "assets").mkdir(parents=True)
    (tmp_path / "assets").mkdir()
    monkeypatch.setattr(files, "PACKAGE", package)
    shipped.cache_clear()
    try:
        assert shipped("assets") == package / "_shipped" / "assets"
    finally:
        shipped.cache_clear()


def test_an_incomplete_installation_says_what_is_missing() -> None:
    with pytest.raises(FileNotFoundError, match="templates/nothing is missing from this installation"):
        shipped("templates", "nothing")


def test_a_file_is_read_once_until_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "theme.toml"
    reads: list[str] = []

    def read(wanted: Path) -> str:
        reads.append(wanted.read_text())
        return reads[-1]

    reader = files.read_once(read)
    path.write_text("one")
    assert [reader(path), reader(path)] == ["one", "one"]
    path.write_text("other")
    assert reader(path) == "other"
    assert reads == ["one", "other"]
    path.unlink()
    with pytest.raises(FileNotFoundError):
        reader(path)


def test_who_has_opened_the_old_file_reads_it_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    write_whole(path, "old and long")
    with path.open() as reader:
        write_whole(path, "new")
        assert reader.read() == "old and long"
    assert path.read_text() == "new"


def test_threads_that_write_the_same_file_do_not_meet(tmp_path: Path) -> None:
    """Two channels may have one folder, and with it one feed."""
    path, contents, errors = tmp_path / "feed.xml", [letter * 400_000 for letter in "ab"], []

    def write(content: str) -> None:
        try:
            for _ in range(15):
                write_whole(path, content)
                assert path.read_text() in contents
        except (OSError, AssertionError) as error:
            errors.append(type(error))

    threads = [threading.Thread(target=write, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert list(tmp_path.iterdir()) == [path]


def test_the_handle_of_a_folder_is_given_back_when_the_disk_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[int] = []
    close = os.close

    def fail(handle: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    monkeypatch.setattr(os, "close", lambda handle: (closed.append(handle), close(handle)))
    with pytest.raises(OSError, match="Input/output error"):
        sync_folder(tmp_path)
    assert len(closed) == 1


def test_a_reader_that_failed_is_asked_again(tmp_path: Path) -> None:
    path = tmp_path / "theme.toml"
    path.write_bytes(b"\xff")
    stamp = path.stat().st_mtime_ns
    reader = files.read_once(Path.read_text)
    with pytest.raises(UnicodeDecodeError):
        reader(path)
    path.write_bytes(b"x")
    os.utime(path, ns=(stamp, stamp))  # the same time and size, so only the failure could have been kept
    assert reader(path) == "x"


def test_a_change_of_the_same_size_is_seen_by_its_time(tmp_path: Path) -> None:
    path = tmp_path / "theme.toml"
    path.write_text("one")
    reader = files.read_once(Path.read_text)
    assert reader(path) == "one"
    stamp = path.stat().st_mtime_ns
    path.write_text("two")
    os.utime(path, ns=(stamp, stamp + 1))
    assert reader(path) == "two"
