"""Posts as folders on this machine: the embedded default, and an archive.

A post is a directory named by date, slug and the start of its part's UUID. It is built beside, under a name that
begins with a dot, and renamed once: the rename is the visible call, and the directory's existence is the whole truth.
The Atom feed (RFC 4287, https://www.rfc-editor.org/rfc/rfc4287) is derived from the directories and rebuilt.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from xml.etree import ElementTree

from campaign.errors import NotSent, OutcomeUnknown, Unsupported
from campaign.files import sync_folder, write_whole
from campaign.platforms.base import (
    COUNTS,
    Absent,
    Account,
    CannotTell,
    Checkpoint,
    Confirmation,
    Found,
    Limits,
    Metrics,
    Outgoing,
    Platform,
    PlatformSettings,
    Published,
    unmarked,
)

ATOM = "http://www.w3.org/2005/Atom"
FEED_ENTRIES = 50  # newest first; readers keep the older ones
DETAILS = "post.json"


class FolderSettings(PlatformSettings):
    """`folder`: where the posts go. `title`: the feed's. `address`: where a web server shows the folder."""

    folder: Path
    title: str = ""
    address: str = ""


class Folder(Platform):
    """A directory per post, and a feed."""

    name = "folder"
    starts_enabled = True
    limits = Limits(  # our own choice: a folder takes what any platform takes, so a post may move on from here
        text=3000,
        alt_text=1500,
        images=4,
        image_bytes=1_000_000,
        formats=("landscape", "square"),
    )
    replay_window = timedelta(0)  # the directory tells everything, there is no need to repeat blindly
    settle: ClassVar[timedelta | None] = timedelta(0)  # a rename is there at once
    Settings = FolderSettings
    settings: FolderSettings

    def check(self) -> Account:
        """Make sure that the folder can be written.

        Raises:
            NotSent: it cannot.
        """
        try:
            self.settings.folder.mkdir(parents=True, exist_ok=True)
            write_whole(self.settings.folder / ".writable", "")
            (self.settings.folder / ".writable").unlink()
        except OSError as error:
            raise NotSent(f"{self.settings.folder} cannot be written: {error.strerror}") from None
        return Account(id=str(self.settings.folder.resolve()), name=self.settings.title, limits=self.limits)

    def prepare(self, item: Outgoing, checkpoint: Checkpoint) -> None:
        """Build the directory beside its place."""
        final = self._place(item)
        built = self._beside(final)
        try:
            shutil.rmtree(built, ignore_errors=True)
            built.mkdir(parents=True)
            for name, data in self._contents(item, final.name):
                write_whole(built / name, data)
            sync_folder(built)
        except OSError as error:
            raise NotSent(f"{built} cannot be written: {error.strerror}") from None

    def publish(self, item: Outgoing, checkpoint: Checkpoint, *, idempotency_key: str) -> Published:
        """Rename the prepared directory to its name."""
        final = self._place(item)
        built = self._beside(final)
        if not built.is_dir():
            raise NotSent("the prepared directory is gone")
        if self.http.send_by is not None and self.clock.now() > self.http.send_by:
            raise NotSent("the moment to send had passed; nothing was put in place")
        try:
            os.rename(built, final)
            sync_folder(final.parent)
        except OSError as error:
            raise OutcomeUnknown(f"{final} could not be put in place: {error.strerror}") from None
        return Published(remote_id=final.name, permalink=self._address(final))

    def find(self, item: Outgoing, checkpoint: Checkpoint, since: datetime) -> Found | Absent | CannotTell:
        """Look for the directory of this part, under whatever date; else for one with its text, written since then."""
        root = self.settings.folder
        if not root.is_dir():
            return CannotTell(f"{root} is not there")
        ending = f"-{item.part[:8]}"
        for place in sorted(root.iterdir()):
            if place.name.endswith(ending) and not place.name.startswith(".") and (place / DETAILS).exists():
                return Found(remote_id=place.name, permalink=self._address(place))
        for post in self._posts():
            if datetime.fromisoformat(post["published"]) >= since and unmarked(post["text"]) == unmarked(item.text):
                return Found(remote_id=post["name"], permalink=self._address(root / post["name"]))
        return Absent()

    def confirm(self, remote_id: str) -> Confirmation:
        """Bring the feed up to date and tell where the post lies."""
        place = self.settings.folder / remote_id
        try:
            self._write_feed()
        except OSError as error:
            raise NotSent(f"the feed cannot be written: {error.strerror}") from None
        gone = () if place.is_dir() else (f"{place} is not there any more",)
        return Confirmation(permalink=self._address(place), warnings=gone)

    def metrics(self, remote_ids: Sequence[str]) -> dict[str, Metrics]:
        """Say why there is nothing to count."""
        cause = "a folder counts no readers"
        return {remote_id: Metrics(missing=dict.fromkeys(COUNTS, cause)) for remote_id in remote_ids}

    def followers(self) -> int | None:
        """Return None: nobody follows a folder."""
        return None

    def delete(self, remote_id: str) -> None:
        """Move the directory out of sight, so that nothing is lost.

        Raises:
            Unsupported: it is not there.
            NotSent: it cannot be moved, or the feed cannot be rebuilt.
        """
        place, removed = self.settings.folder / remote_id, self.settings.folder / ".removed" / remote_id
        if not place.is_dir() and not removed.is_dir():
            raise Unsupported(f"{place} is not there")
        try:
            if place.is_dir():
                removed.parent.mkdir(exist_ok=True)
                os.rename(place, removed)
                sync_folder(self.settings.folder)
            self._write_feed()
        except OSError as error:
            raise NotSent(f"{place} cannot be moved: {error.strerror}") from None

    def _place(self, item: Outgoing) -> Path:
        day = (item.due_at or self.clock.now()).astimezone(UTC).date()
        return self.settings.folder / f"{day.isoformat()}-{item.slug}-{item.part[:8]}"

    @staticmethod
    def _beside(final: Path) -> Path:
        return final.with_name(f".{final.name}.part")

    def _address(self, place: Path) -> str:
        base = self.settings.address.rstrip("/")
        return f"{base}/{place.name}/" if base else place.resolve().as_uri()

    def _contents(self, item: Outgoing, name: str) -> list[tuple[str, bytes]]:
        images = []
        files: list[tuple[str, bytes]] = [("post.txt", f"{item.text}\n".encode())]
        for n, image in enumerate(item.images, start=1):
            data = image.approved_bytes()
            file = f"image-{n}{'.png' if image.media_type == 'image/png' else '.jpg'}"
            files += [(file, data), (f"image-{n}.alt.txt", f"{image.alt}\n".encode())]
            images.append(
                {"file": file, "alt": image.alt, "media_type": image.media_type, "sha256": image.sha256}
                | {"width": image.width, "height": image.height, "size": image.size}
            )
        details = {
            "id": item.part,
            "name": name,
            "title": item.title,
            "text": item.text,
            "language": item.language,
            "link": item.link,
            "tags": item.tags,
            "region": item.region,
            "kind": item.kind,
            "published": self.clock.now().isoformat(timespec="seconds"),
            "images": images,
        }
        return [*files, (DETAILS, json.dumps(details, ensure_ascii=False, indent=2).encode())]

    def _write_feed(self) -> None:
        """Rebuild the feed from the directories that are there."""
        ElementTree.register_namespace("", ATOM)
        posts = sorted(self._posts(), key=lambda post: (post["published"], post["name"]), reverse=True)[:FEED_ENTRIES]
        root = self.settings.folder.resolve()
        feed = ElementTree.Element(f"{{{ATOM}}}feed")
        add(feed, "id", self.settings.address or root.as_uri())
        add(feed, "title", self.settings.title or root.name)
        add(feed, "updated", posts[0]["published"] if posts else "1970-01-01T00:00:00+00:00")
        add(add(feed, "author"), "name", self.settings.title or root.name)
        for post in posts:
            self._add_entry(feed, post)
        write_whole(root / "feed.xml", ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True))

    def _posts(self) -> list[dict[str, Any]]:
        places = (place for place in self.settings.folder.iterdir() if not place.name.startswith("."))
        return [read_details(place / DETAILS) for place in places if (place / DETAILS).exists()]

    def _add_entry(self, feed: ElementTree.Element, post: dict[str, Any]) -> None:
        address = self._address(self.settings.folder / post["name"])
        entry = add(feed, "entry", language=post["language"])
        add(entry, "id", f"urn:uuid:{post['id']}")
        add(entry, "title", post["title"])
        add(entry, "updated", post["published"])
        add(entry, "published", post["published"])
        add(entry, "link", rel="alternate", href=post["link"] or address)
        for image in post["images"]:
            href = f"{address.rstrip('/')}/{image['file']}"
            add(entry, "link", rel="enclosure", type=image["media_type"], length=str(image["size"]), href=href)
        for tag in post["tags"]:
            add(entry, "category", term=tag)
        add(entry, "content", entry_html(post, address), type="html")


def read_details(file: Path) -> dict[str, Any]:
    """Return what a directory says of its post.

    Raises:
        NotSent: somebody has changed it into something else.
    """
    try:
        details: dict[str, Any] = json.loads(file.read_bytes())
    except ValueError:
        raise NotSent(
            f"{file} cannot be read any more, so there is no new feed",
            remedy="Put the file back as it was, or move its directory away.",
        ) from None
    return details


def entry_html(post: dict[str, Any], address: str) -> str:
    """Return a post as the escaped HTML of a feed entry; the pictures carry their alt text."""
    body = ElementTree.Element("div")
    for paragraph in post["text"].split("\n\n"):
        element = ElementTree.SubElement(body, "p")
        lines = paragraph.split("\n")
        element.text = lines[0]
        for line in lines[1:]:
            ElementTree.SubElement(element, "br").tail = line
    for image in post["images"]:
        source = f"{address.rstrip('/')}/{image['file']}"
        ElementTree.SubElement(ElementTree.SubElement(body, "p"), "img", src=source, alt=image["alt"])
    return ElementTree.tostring(body, encoding="unicode")


def add(
    parent: ElementTree.Element, tag: str, content: str = "", *, language: str = "", **attributes: str
) -> ElementTree.Element:
    """Add an Atom element with what XML 1.0 can hold of its content and attributes."""
    held = {name: xml_text(value) for name, value in attributes.items()}
    element = ElementTree.SubElement(parent, f"{{{ATOM}}}{tag}", held)
    if language:
        element.set("{http://www.w3.org/XML/1998/namespace}lang", language)
    element.text = xml_text(content) or None
    return element


def xml_text(text: str) -> str:
    """Return what XML 1.0 can hold of a text (https://www.w3.org/TR/xml/#charsets)."""
    return "".join(char for char in text if char in "\t\n" or (char >= " " and char not in "\ufffe\uffff"))
