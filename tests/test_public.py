"""The public place: a picture lies there under its hash, whole and for everybody, and nothing else is touched."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from campaign.app import App
from campaign.config import Config, Public
from campaign.errors import NotSent, Rejected
from campaign.platforms.base import Image
from campaign.public import Nowhere, PublicPictures, Shown, public_pictures
from campaign.rehearsal.clock import VirtualClock
from campaign.rehearsal.copy import copied
from campaign.rehearsal.house import House
from campaign.rehearsal.services.public import PublicFolder
from campaign.rehearsal.transport import Net, Reply
from tests.conftest import MONDAY

DATA = b"a picture"
SHA256 = hashlib.sha256(DATA).hexdigest()
URL = "https://pictures.example.org/social"


@pytest.fixture
def image(tmp_path: Path) -> Image:
    return image_of(tmp_path, DATA)


def image_of(tmp_path: Path, data: bytes, media_type: str = "image/jpeg") -> Image:
    path = tmp_path / "kept"
    path.write_bytes(data)
    return Image(path, hashlib.sha256(data).hexdigest(), media_type, 4, 5, len(data), "a picture")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "www"


@pytest.fixture
def pictures(folder: Path, clock: VirtualClock) -> PublicPictures:
    return public_pictures(Public(URL, folder), clock)


class TestFolder:
    """A folder behind a web server."""

    @pytest.mark.parametrize(("media_type", "suffix"), [("image/jpeg", ".jpg"), ("image/png", ".png")])
    def test_a_picture_lies_there_under_its_hash_for_everybody_to_read(
        self, pictures: PublicPictures, tmp_path: Path, folder: Path, media_type: str, suffix: str
    ) -> None:
        before = os.umask(0o077)
        try:
            address = pictures.show(image_of(tmp_path, DATA, media_type))
        finally:
            os.umask(before)

        assert address == f"{URL}/{SHA256}{suffix}"
        (file,) = folder.iterdir()
        assert (file.name, file.read_bytes()) == (f"{SHA256}{suffix}", DATA)
        assert stat.S_IMODE(file.stat().st_mode) == 0o644
        assert stat.S_IMODE(folder.stat().st_mode) == 0o755

    def test_shown_again_it_does_not_change(self, pictures: PublicPictures, image: Image, folder: Path) -> None:
        pictures.show(image)
        before = (folder / f"{SHA256}.jpg").stat()

        assert pictures.show(image) == f"{URL}/{SHA256}.jpg"

        after = (folder / f"{SHA256}.jpg").stat()
        assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)

    def test_a_damaged_one_is_mended(self, pictures: PublicPictures, image: Image, folder: Path) -> None:
        pictures.show(image)
        (folder / f"{SHA256}.jpg").write_bytes(b"a pict")

        pictures.show(image)

        assert (folder / f"{SHA256}.jpg").read_bytes() == DATA

    def test_what_nobody_has_approved_is_not_shown(self, pictures: PublicPictures, image: Image, folder: Path) -> None:
        image.path.write_bytes(b"another picture")
        with pytest.raises(NotSent, match="not the one that was approved"):
            pictures.show(image)
        assert not folder.exists()

    def test_a_folder_that_cannot_be_written_is_tried_again_later(
        self, pictures: PublicPictures, image: Image, folder: Path
    ) -> None:
        folder.write_text("a file stands in the way")
        with pytest.raises(NotSent) as refused:
            pictures.show(image)
        begins = f"the picture could not be made public: [Errno 20] Not a directory: '{folder}/"
        assert str(refused.value).startswith(begins)

    def test_it_tells_what_is_there_and_leaves_alone_what_is_not_ours(
        self, pictures: PublicPictures, image: Image, folder: Path, clock: VirtualClock
    ) -> None:
        assert pictures.shown() == []
        pictures.show(image)
        (folder / "index.html").write_text("Nothing to see here")
        cut_short = folder / f".{SHA256}.jpg.17-140.part"
        cut_short.write_bytes(b"a pi")
        os.utime(cut_short, (1_700_000_000, 1_700_000_000))

        assert pictures.shown() == [
            Shown(cut_short.name, SHA256, datetime.fromisoformat("2023-11-14T22:13:20Z")),
            Shown(f"{SHA256}.jpg", SHA256, MONDAY),
        ]

    def test_a_file_is_taken_away_once(self, pictures: PublicPictures, image: Image, folder: Path) -> None:
        pictures.show(image)
        (shown,) = pictures.shown()

        pictures.remove(shown.name)
        pictures.remove(shown.name)

        assert list(folder.iterdir()) == []


class TestTheApp:
    """What adapters are given."""

    def test_without_a_public_place_a_post_is_refused_with_the_remedy(self, app: App, image: Image) -> None:
        assert app.public is None
        with pytest.raises(Rejected) as refused:
            app.platform("news").public.show(image)
        assert str(refused.value) == (
            "this platform fetches pictures itself, and the config names no public place\n"
            "  Add the table [public] to the config (docs/admin.md), then: campaign post retry"
        )

    def test_an_adapter_gets_the_place_of_the_config_also_of_one_read_later(
        self, app: App, image: Image, folder: Path
    ) -> None:
        assert isinstance(app.platform("news").public, Nowhere)

        app.reconfigure(replace(app.config, public=Public(URL, folder)))

        assert app.platform("news").public is app.public
        assert app.platform("news").public.show(image) == f"{URL}/{SHA256}.jpg"
        app.clock.advance(timedelta(days=1))
        assert [shown.since for shown in app.public.shown()] == [MONDAY]


class TestInRehearsals:
    """Simulated services fetch from the folder, past all faults."""

    @pytest.fixture
    def net(self, clock: VirtualClock, folder: Path) -> Net:
        net = Net(clock)
        PublicFolder(net, Public(URL, folder))
        return net

    def test_a_service_finds_a_picture_at_its_address(self, net: Net, pictures: PublicPictures, image: Image) -> None:
        assert net.fetch(pictures.show(image)) == Reply(200, DATA, {"Content-Type": "image/jpeg"})
        assert net.calls == 0

    @pytest.mark.parametrize(
        ("address", "status"),
        [
            (f"{URL}/{SHA256}.png", 404),
            (f"{URL}/", 404),
            (f"https://pictures.example.org/{SHA256}.jpg", 404),
            (f"https://pictures.example.org/social/../{SHA256}.jpg", 404),
            (f"http://pictures.example.org/social/{SHA256}.jpg", 502),
            (f"https://elsewhere.example.org/social/{SHA256}.jpg", 502),
        ],
    )
    def test_nothing_else_is_found(
        self, net: Net, pictures: PublicPictures, image: Image, address: str, status: int
    ) -> None:
        pictures.show(image)
        assert net.fetch(address).status == status

    def test_a_copy_of_a_campaign_has_a_public_folder_of_its_own_which_its_house_serves(
        self, app: App, folder: Path, image: Image
    ) -> None:
        keys = {"endpoint": "https://s3.example.org", "access_key": "AKIA", "secret_key": "hidden"}
        for kept in (Public(URL, folder), Public(URL, bucket="asa/social", **keys)):
            app.reconfigure(replace(app.config, public=kept))
            with copied(app) as copy:
                assert copy.config.public == Public(URL, copy.config.folders.root / "public")
                net = Net(app.clock)
                house = House(copy.config, copy.store.db, copy.disk, app.clock, net, app.new_id)
                address = house.app.platform("news").public.show(image)
                assert net.fetch(address).body == DATA
        assert not folder.exists()


@pytest.fixture
def read(config_with: Callable[[str], Config]) -> Callable[[str], Public | None]:
    return lambda lines: config_with(f"[public]\n{lines}\n").public


class TestConfig:
    """`[public]`"""

    def test_a_folder(self, read: Callable[[str], Public | None], tmp_path: Path) -> None:
        read_folder = read('url = "https://pictures.example.org/social/"\nfolder = "www"')
        assert read_folder == Public("https://pictures.example.org/social", tmp_path / "www")

    def test_a_bucket_and_its_keys(self, config_with: Callable[[str], Config], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("STORAGE_SECRET", "hidden-from-all")
        config = config_with(
            '[public]\nurl = "https://pictures.example.org"\nbucket = "s3://asa-pictures/social"\n'
            'endpoint = "https://s3.example.org"\nregion = "eu-central-1"\n'
            'access_key = "AKIAEXAMPLE"\nsecret_key = "${STORAGE_SECRET}"\n'
        )
        made = config.public
        assert made is not None
        assert (made.bucket, made.endpoint, made.region) == (
            "asa-pictures/social",
            "https://s3.example.org",
            "eu-central-1",
        )
        assert (str(made.access_key), str(made.secret_key)) == ("***", "***")
        assert [secret.reveal() for secret in config.secrets] == ["hidden-from-all", "AKIAEXAMPLE"]
