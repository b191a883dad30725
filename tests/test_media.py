"""Pictures by their hash: stored once, never changed, mended when damaged."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from campaign.media import Media
from tests.making import picture


@pytest.fixture
def media(tmp_path: Path) -> Media:
    return Media(tmp_path / "media")


@pytest.mark.parametrize(("media_type", "suffix"), [("image/jpeg", ".jpg"), ("image/png", ".png")])
def test_a_picture_lies_under_its_hash(media: Media, media_type: str, suffix: str) -> None:
    data = picture()
    sha256 = media.keep(data, media_type)
    path = media.path(sha256, media_type)
    assert sha256 == hashlib.sha256(data).hexdigest()
    assert path == media.folder / sha256[:2] / f"{sha256}{suffix}"
    assert path.read_bytes() == data
    assert media.is_whole(sha256, media_type)


def test_the_same_picture_is_written_once(media: Media) -> None:
    sha256 = media.keep(b"picture", "image/jpeg")
    before = media.path(sha256, "image/jpeg").stat()
    assert media.keep(b"picture", "image/jpeg") == sha256
    after = media.path(sha256, "image/jpeg").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_damaged_picture_is_noticed_and_mended_when_it_comes_again(media: Media) -> None:
    sha256 = media.keep(b"picture", "image/jpeg")
    media.path(sha256, "image/jpeg").write_bytes(b"pictur")
    assert not media.is_whole(sha256, "image/jpeg")
    media.keep(b"picture", "image/jpeg")
    assert media.is_whole(sha256, "image/jpeg")


def test_a_picture_that_is_not_there_is_not_whole(media: Media) -> None:
    assert not media.is_whole("0" * 64, "image/jpeg")


@pytest.mark.parametrize("damage", [b"", b"picture and more"])
def test_whatever_the_damage_it_is_noticed(media: Media, damage: bytes) -> None:
    sha256 = media.keep(b"picture", "image/jpeg")
    media.path(sha256, "image/jpeg").write_bytes(damage)
    assert not media.is_whole(sha256, "image/jpeg")


def test_a_folder_in_its_place_is_no_picture(media: Media) -> None:
    media.path("0" * 64, "image/jpeg").mkdir(parents=True)
    assert not media.is_whole("0" * 64, "image/jpeg")


def test_a_picture_is_whole_only_as_the_type_it_was_kept_as(media: Media) -> None:
    assert not media.is_whole(media.keep(b"picture", "image/jpeg"), "image/png")


def test_a_media_folder_that_cannot_be_written_is_an_error_of_the_system(media: Media) -> None:
    media.folder.write_text("a file stands in the way")
    with pytest.raises(OSError, match="media"):
        media.keep(b"picture", "image/jpeg")
