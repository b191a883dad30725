"""Pictures by their hash: kept once, mended when damaged."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from campaign.media import Media

DATA = b"\xff\xd8 a picture"
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def media(tmp_path: Path) -> Media:
    return Media(tmp_path / "media")


@pytest.mark.parametrize(("media_type", "suffix"), [("image/jpeg", ".jpg"), ("image/png", ".png")])
def test_a_picture_lies_under_its_hash(media: Media, tmp_path: Path, media_type: str, suffix: str) -> None:
    assert media.keep(DATA, media_type) == SHA256

    place = tmp_path / "media" / SHA256[:2] / f"{SHA256}{suffix}"
    assert media.path(SHA256, media_type) == place
    assert place.read_bytes() == DATA
    assert media.is_whole(SHA256, media_type)


def test_the_same_picture_is_written_once(media: Media) -> None:
    media.keep(DATA, "image/jpeg")
    before = media.path(SHA256, "image/jpeg").stat()

    media.keep(DATA, "image/jpeg")

    after = media.path(SHA256, "image/jpeg").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert len(list(media.folder.rglob("*.*"))) == 1


@pytest.mark.parametrize("damage", [b"", DATA[:-1], DATA + b"!"])
def test_a_damaged_picture_is_seen_and_mended_by_keeping_it_again(media: Media, damage: bytes) -> None:
    media.keep(DATA, "image/jpeg")
    media.path(SHA256, "image/jpeg").write_bytes(damage)
    assert not media.is_whole(SHA256, "image/jpeg")

    media.keep(DATA, "image/jpeg")

    assert media.is_whole(SHA256, "image/jpeg")


def test_a_picture_that_is_not_there_is_not_whole(media: Media) -> None:
    assert not media.is_whole(SHA256, "image/jpeg")
    media.path(SHA256, "image/jpeg").mkdir(parents=True)
    assert not media.is_whole(SHA256, "image/jpeg")


def test_a_picture_is_whole_as_the_type_it_was_kept_as_only(media: Media) -> None:
    media.keep(DATA, "image/jpeg")

    assert not media.is_whole(SHA256, "image/png")


def test_a_folder_that_cannot_be_written_is_an_error_of_the_system(media: Media) -> None:
    media.folder.write_text("a file stands in the way")

    with pytest.raises(OSError, match="media"):
        media.keep(DATA, "image/jpeg")
