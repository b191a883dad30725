"""The public place on storage that speaks S3, judged by what `moto_server` holds and what anybody can fetch there."""

from __future__ import annotations

import hashlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from campaign.config import Public, Secret
from campaign.errors import NotSent
from campaign.platforms.base import Image
from campaign.public import PublicPictures, public_pictures
from campaign.rehearsal.clock import VirtualClock

DATA = b"a picture"
SHA256 = hashlib.sha256(DATA).hexdigest()
STARTS_WITHIN = 60.0  # seconds, on a busy machine


@pytest.fixture(scope="module")
def storage() -> Iterator[str]:
    """The address of a storage server of our own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _await(port: int) -> None:
    ends = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.1)
        else:
            return


@pytest.fixture
def settings(storage: str) -> Public:
    """A bucket that everybody may read, as its owner would have made it."""
    requests.post(f"{storage}/moto-api/reset", timeout=30)
    made = requests.put(f"{storage}/asa-pictures", headers={"x-amz-acl": "public-read"}, timeout=30)
    assert made.status_code == 200
    return Public(
        url=f"{storage}/asa-pictures/social",
        bucket="asa-pictures/social",
        endpoint=storage,
        region="us-east-1",
        access_key=Secret("AKIAEXAMPLE"),
        secret_key=Secret("hidden-from-all"),
    )


@pytest.fixture
def pictures(settings: Public) -> PublicPictures:
    return public_pictures(settings, VirtualClock(datetime(2026, 3, 2, 8, 0, tzinfo=UTC)))


@pytest.fixture
def image(tmp_path: Path) -> Image:
    path = tmp_path / "kept"
    path.write_bytes(DATA)
    return Image(path, SHA256, "image/jpeg", 4, 5, len(DATA), "a picture")


def test_a_picture_is_fetched_from_its_address_as_what_it_is(pictures: PublicPictures, image: Image) -> None:
    address = pictures.show(image)

    assert address.endswith(f"/asa-pictures/social/{SHA256}.jpg")
    fetched = requests.get(address, timeout=30)
    assert (fetched.status_code, fetched.content) == (200, DATA)
    assert fetched.headers["Content-Type"] == "image/jpeg"


def test_shown_again_it_is_not_stored_again(pictures: PublicPictures, image: Image, settings: Public) -> None:
    pictures.show(image)
    address = f"{settings.url}/{SHA256}.jpg"
    requests.put(address, data=b"PICTURE a", timeout=30)  # of the same size, so that a second write would show

    pictures.show(image)

    assert requests.get(address, timeout=30).content == b"PICTURE a"


def test_it_tells_what_is_there_and_takes_away_what_it_is_told(pictures: PublicPictures, image: Image) -> None:
    assert pictures.shown() == []
    pictures.show(image)

    (shown,) = pictures.shown()
    assert (shown.name, shown.sha256) == (f"{SHA256}.jpg", SHA256)
    assert timedelta(0) <= datetime.now(UTC) - shown.since < timedelta(minutes=5)
    pictures.remove(shown.name)
    pictures.remove(shown.name)

    assert pictures.shown() == []


def test_what_is_not_ours_is_left_alone(pictures: PublicPictures, settings: Public) -> None:
    requests.put(f"{settings.url}/index.html", data=b"Nothing to see here", timeout=30)
    requests.put(f"{settings.url}/old/{SHA256}.jpg", data=DATA, timeout=30)
    assert pictures.shown() == []


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"bucket": "no-such-bucket"}, "bucket does not exist"),
        ({"endpoint": "http://127.0.0.1:9"}, "Could not connect to the endpoint URL"),
    ],
)
def test_storage_that_does_not_take_it_is_tried_again_later(
    settings: Public, image: Image, wrong: dict[str, str], told: str
) -> None:
    pictures = public_pictures(replace(settings, **wrong), VirtualClock(datetime(2026, 3, 2, tzinfo=UTC)))
    with pytest.raises(NotSent) as refused:
        pictures.show(image)
    assert told in str(refused.value)
    assert "hidden-from-all" not in str(refused.value)


def test_a_bucket_without_what_it_needs_says_what_to_install(
    pictures: PublicPictures, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "botocore.exceptions", None)
    with pytest.raises(NotSent, match=r"pip install 'campaign\[media\]'"):
        pictures.show(image)
