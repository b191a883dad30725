"""Shipped files are found in a checkout and in a wheel; nobody ever sees half a file."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from campaign import files
from campaign.files import PACKAGE, read_once, shipped, sync_folder, write_whole


class TestShipped:
    """Templates, assets and examples, wherever the program was installed."""

    def test_in_a_checkout_they_lie_beside_the_package(self) -> None:
        assert shipped("templates", "posts") == PACKAGE.parent / "templates" / "posts"

    def test_in_a_wheel_they_lie_inside_the_package(self, tmp_path: Path) -> None:
        package = tmp_path / "campaign"
        (package / "_shipped" / "templates").mkdir(parents=True)
        (tmp_path / "templates").mkdir()  # somebody else's, in the same site-packages
        for name in ("__init__.py", "files.py"):
            shutil.copy(PACKAGE / name, package / name)
        code = "from campaign.files import shipped; print(shipped('templates'))"

        found = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)

        assert found.stdout.strip() == str(package / "_shipped" / "templates")

    def test_what_is_missing_is_named_with_what_to_do(self) -> None:
        with pytest.raises(FileNotFoundError) as raised:
            shipped("templates", "songs")

        assert str(raised.value) == "templates/songs is missing from this installation; install campaign again"


class Half(OSError):
    """The disk is full in the middle of a file."""


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let every fsync fail, as it does where the disk turns out to be full."""

    def fsync(handle: int) -> None:
        raise Half("no space left")

    monkeypatch.setattr(os, "fsync", fsync)
    yield
    monkeypatch.undo()


class TestWriteWhole:
    """All of a file or nothing of it."""

    @pytest.mark.parametrize(("content", "stored"), [("Čeština\n", "Čeština\n".encode()), (b"\x00\xff", b"\x00\xff")])
    def test_text_and_bytes_are_stored_as_they_are(self, tmp_path: Path, content: str | bytes, stored: bytes) -> None:
        path = tmp_path / "new" / "folder" / "file.txt"

        write_whole(path, content)

        assert path.read_bytes() == stored
        assert os.listdir(path.parent) == ["file.txt"]

    def test_a_file_is_replaced_as_a_whole(self, tmp_path: Path) -> None:
        path = tmp_path / "file.txt"
        path.write_text("old and long")
        with path.open() as reader:
            write_whole(path, "new")

            assert reader.read() == "old and long"  # who has opened the old one reads it to its end
        assert path.read_text() == "new"

    def test_an_error_leaves_the_old_file_and_no_rest(self, tmp_path: Path, full_disk: None) -> None:
        path = tmp_path / "file.txt"
        path.write_text("old")

        with pytest.raises(Half):
            write_whole(path, "new")

        assert path.read_text() == "old"
        assert os.listdir(tmp_path) == ["file.txt"]

    def test_an_error_leaves_no_new_file_either(self, tmp_path: Path, full_disk: None) -> None:
        with pytest.raises(Half):
            write_whole(tmp_path / "file.txt", "new")

        assert os.listdir(tmp_path) == []

    def test_a_rest_of_an_earlier_crash_is_no_hindrance(self, tmp_path: Path) -> None:
        rest = tmp_path / f".file.txt.{os.getpid()}.part"
        rest.write_text("half of something much longer than this")

        write_whole(tmp_path / "file.txt", "new")

        assert (tmp_path / "file.txt").read_text() == "new"

    def test_two_threads_that_write_the_same_file_do_not_see_each_other(self, tmp_path: Path) -> None:
        """Two channels may have one folder, and with it one feed."""
        path, contents, errors = tmp_path / "feed.xml", [letter * 400_000 for letter in "ab"], []

        def write(content: str) -> None:
            try:
                for _ in range(15):
                    write_whole(path, content)
                    assert path.read_text() in contents
            except Exception as error:  # noqa: BLE001 - told in the main thread
                errors.append(error)

        threads = [threading.Thread(target=write, args=(content,)) for content in contents]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert errors == []
        assert os.listdir(tmp_path) == ["feed.xml"]


def test_the_handle_of_a_folder_is_given_back_even_when_the_disk_fails(tmp_path: Path, full_disk: None) -> None:
    before = os.listdir("/proc/self/fd")

    with pytest.raises(Half):
        sync_folder(tmp_path)

    assert os.listdir("/proc/self/fd") == before


class TestReadOnce:
    """A file is read again only when it has changed."""

    def test_it_is_read_once_while_it_stays_the_same(self, tmp_path: Path) -> None:
        read, path = self.reader(tmp_path)

        assert [read(path), read(path), read(path)] == ["one", "one", "one"]
        assert self.reads == [path]

    def test_it_is_read_again_when_its_time_or_its_size_has_changed(self, tmp_path: Path) -> None:
        read, path = self.reader(tmp_path)
        read(path)
        path.write_text("two")
        os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))
        assert read(path) == "two"
        stamp = path.stat().st_mtime_ns
        path.write_text("three")
        os.utime(path, ns=(0, stamp))
        assert read(path) == "three"

    def test_a_file_that_is_not_there_is_the_readers_to_tell(self, tmp_path: Path) -> None:
        read, path = self.reader(tmp_path)
        path.unlink()
        with pytest.raises(FileNotFoundError):
            read(path)
        path.write_text("again")
        assert read(path) == "again"

    def test_an_error_is_not_kept(self, tmp_path: Path) -> None:
        read, path = self.reader(tmp_path)
        path.write_bytes(b"\xff")
        stamp = path.stat().st_mtime_ns
        with pytest.raises(UnicodeDecodeError):
            read(path)
        path.write_bytes(b"x")
        os.utime(path, ns=(0, stamp))
        assert read(path) == "x"

    def test_it_keeps_the_name_and_the_words_of_what_it_wraps(self) -> None:
        @read_once
        def theme(path: Path) -> str:
            """Return a theme."""
            return path.read_text()

        assert (theme.__name__, theme.__doc__) == ("theme", "Return a theme.")

    def reader(self, folder: Path) -> tuple[files.Callable[[Path], str], Path]:
        """Return a reader that notes its reads, and a file to read."""
        self.reads: list[Path] = []
        path = folder / "file.txt"
        path.write_text("one")

        @read_once
        def read(path: Path) -> str:
            self.reads.append(path)
            return path.read_text()

        return read, path
