"""Pictures where the whole world can fetch them, for platforms that take an address in place of a file.

A picture is there from the moment a post is prepared, under its hash, and never changes. It lies in a folder that a web
server shows, or in a bucket of storage that speaks S3. What else lies there is not ours and is left alone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from campaign.clock import Clock
from campaign.config import Public, revealed
from campaign.errors import NotSent, Rejected
from campaign.files import write_whole
from campaign.log import scrub
from campaign.media import SUFFIXES
from campaign.platforms.base import Image

# A picture, or what a write that was cut short has left of one.
OURS = re.compile(r"\.?([0-9a-f]{64})\.(?:jpg|png)(?:\.\S+\.part)?")


@dataclass(frozen=True)
class Shown:
    """One file of ours in the public place."""

    name: str
    sha256: str
    since: datetime


class Place(Protocol):
    """Where files lie; every method raises OSError when it cannot be reached."""

    def holds(self, name: str, data: bytes) -> bool:
        """Whether a file is there, whole."""
        ...

    def put(self, name: str, data: bytes, media_type: str) -> None:
        """Store a file, so that nobody ever sees half of it."""
        ...

    def names(self) -> Iterator[tuple[str, datetime]]:
        """Yield the name of each file, and since when it is there."""
        ...

    def remove(self, name: str) -> None:
        """Remove a file; that it is gone already is well."""
        ...


class PublicPictures:
    """The public place, and its address (see `PublicMedia`)."""

    def __init__(self, url: str, place: Place) -> None:
        self._url = url
        self._place = place
        self._looked_at: float | None = None  # boot time of the last look for what nobody needs

    def show(self, image: Image) -> str:
        """Make a picture public under its hash, and return its address; done again, it changes nothing.

        Raises:
            NotSent: it could not be put there.
        """
        name, data = f"{image.sha256}{SUFFIXES[image.media_type]}", image.approved_bytes()
        try:
            if not self._place.holds(name, data):
                self._place.put(name, data, image.media_type)
        except OSError as error:
            raise NotSent(f"the picture could not be made public: {scrub(str(error))}") from None
        return f"{self._url}/{name}"

    def shown(self) -> list[Shown]:
        """Return what is public.

        Raises:
            OSError: the place cannot be read.
        """
        found = ((OURS.fullmatch(name), since) for name, since in self._place.names())
        return [Shown(ours[0], ours[1], since) for ours, since in found if ours]

    def is_due(self, boottime: float, every: timedelta) -> bool:
        """Say whether it is time to look again for what nobody needs; who is told so does it."""
        if self._looked_at is not None and boottime - self._looked_at < every.total_seconds():
            return False
        self._looked_at = boottime
        return True

    def remove(self, name: str) -> None:
        """Take a file away; that it is gone already is well.

        Raises:
            OSError: it cannot be removed.
        """
        self._place.remove(name)


class Nowhere:
    """Stands where the config names no public place."""

    def show(self, image: Image) -> str:
        """Refuse to show anything.

        Raises:
            Rejected: always.
        """
        remedy = "Add the table [public] to the config (docs/admin.md), then: campaign post retry"
        raise Rejected("this platform fetches pictures itself, and the config names no public place", remedy=remedy)


def public_pictures(settings: Public, clock: Clock) -> PublicPictures:
    """Return the public place of the config. Nothing is asked of it yet."""
    place = Folder(settings.folder, clock) if settings.folder else Bucket(settings)
    return PublicPictures(settings.url, place)


class Folder:
    """A folder behind a web server: files that every account may read."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    def holds(self, name: str, data: bytes) -> bool:
        with suppress(FileNotFoundError):
            return (self._folder / name).read_bytes() == data
        return False

    def put(self, name: str, data: bytes, media_type: str) -> None:
        """Store a file. Of its type the web server knows by its name."""
        if not self._folder.is_dir():
            self._folder.mkdir(parents=True)
            self._folder.chmod(self._folder.stat().st_mode | 0o055)  # whatever the umask is
        write_whole(self._folder / name, data, mode=0o644)
        now = self._clock.now().timestamp()  # in a rehearsal another time than the disk's
        os.utime(self._folder / name, (now, now))

    def names(self) -> Iterator[tuple[str, datetime]]:
        if not self._folder.is_dir():
            return
        for file in sorted(self._folder.iterdir()):
            with suppress(FileNotFoundError):
                yield file.name, datetime.fromtimestamp(file.stat().st_mtime, UTC)

    def remove(self, name: str) -> None:
        (self._folder / name).unlink(missing_ok=True)


class Bucket:
    """A bucket, or a part of one, of storage that speaks S3.

    That everybody may read there is set at the storage, once: many refuse it for single files
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html).
    """

    def __init__(self, settings: Public) -> None:
        self._settings = settings
        self._storage: Any = None

    def holds(self, name: str, data: bytes) -> bool:
        with self._asked() as storage, suppress(FileNotFoundError):
            return bool(storage.info(self._path(name))["size"] == len(data))
        return False

    def put(self, name: str, data: bytes, media_type: str) -> None:
        """Store a file by one call, which stores it whole or not at all."""
        with self._asked() as storage:
            storage.pipe_file(self._path(name), data, ContentType=media_type)

    def names(self) -> Iterator[tuple[str, datetime]]:
        found = []
        with self._asked() as storage, suppress(FileNotFoundError):  # a prefix is there as long as something has it
            found = storage.ls(self._settings.bucket, detail=True)
        for file in found:
            if file["type"] == "file":
                yield file["name"].rpartition("/")[2], file["LastModified"]

    def remove(self, name: str) -> None:
        with self._asked() as storage:
            storage.rm_file(self._path(name))

    def _path(self, name: str) -> str:
        return f"{self._settings.bucket}/{name}"

    @contextmanager
    def _asked(self) -> Iterator[Any]:
        """Give the storage; its own errors become those of a disk."""
        try:
            from botocore.exceptions import BotoCoreError
        except ImportError:
            raise OSError("a bucket needs more of this program: pip install 'campaign[media]'") from None
        if self._storage is None:
            self._storage = _storage(self._settings)
        try:
            yield self._storage
        except BotoCoreError as error:
            raise OSError(str(error)) from None


def _storage(settings: Public) -> Any:
    """Return the file system of a bucket, which keeps nothing in mind (https://s3fs.readthedocs.io/en/latest/api.html)."""
    from s3fs import S3FileSystem

    return S3FileSystem(
        key=revealed(settings.access_key) or None,
        secret=revealed(settings.secret_key) or None,
        endpoint_url=settings.endpoint or None,
        client_kwargs={"region_name": settings.region} if settings.region else {},
        config_kwargs={"connect_timeout": 5, "read_timeout": 30, "retries": {"total_max_attempts": 2}},
        use_listings_cache=False,
        skip_instance_cache=True,
    )
