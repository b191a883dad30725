"""Uploaded pictures, until a status has them. API: https://docs.joinmastodon.org/methods/media/"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from campaign.rehearsal.services.base import Refused
from campaign.rehearsal.services.mastodon.rules import Rules
from campaign.rehearsal.transport import Upload

KEPT = timedelta(days=1)  # unattached: https://docs.joinmastodon.org/admin/tootctl/#media
_BEGINS = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG", "image/gif": b"GIF8", "image/webp": b"RIFF"}


@dataclass
class Attachment:
    """One picture on the server."""

    id: str
    description: str
    at: datetime
    ready_at: datetime
    status: str = ""  # that has it

    def told(self, host: str, now: datetime) -> dict[str, Any]:
        """Return the entity (https://docs.joinmastodon.org/entities/MediaAttachment/)."""
        url = f"https://{host}/media/{self.id}.jpg" if now >= self.ready_at else None
        return {
            "id": self.id,
            "type": "image",
            "url": url,
            "preview_url": url,
            "description": self.description or None,
        }


class Attachments:
    """All pictures of the account."""

    def __init__(self, rules: Rules, processing: timedelta) -> None:
        self._rules = rules
        self._processing = processing
        self._all: dict[str, Attachment] = {}

    def take(self, id: str, file: Upload | None, description: str, now: datetime) -> Attachment:
        """Take a picture in.

        Raises:
            Refused: the server does not take it.
        """
        self._check(file, description)
        made = Attachment(id, description, now, now + self._processing)
        self._all[id] = made
        return made

    def get(self, id: str, now: datetime) -> Attachment | None:
        """Return a picture, None when there is none, or none any more."""
        found = self._all.get(id)
        if found and not found.status and now - found.at >= KEPT:
            del self._all[id]
            return None
        return found

    def to_attach(self, ids: Iterable[str], now: datetime, *, status: str = "") -> list[Attachment]:
        """Return pictures that may be attached, to the status that has them already or to a new one.

        Raises:
            Refused: one of them may not.
        """
        wanted = {id: self.get(id, now) for id in ids}
        if len(wanted) > self._rules.pictures:
            raise self._rules.refused(f"Cannot attach more than {self._rules.pictures} files")
        free = [each for each in wanted.values() if each and each.status in ("", status)]
        if len(free) < len(wanted):
            raise self._rules.refused(self._lost(wanted, [id for id, each in wanted.items() if each not in free]))
        if any(now < each.ready_at for each in free):
            said = "Cannot attach files that have not finished processing. Try again in a moment!"
            raise self._rules.refused(said)
        return free

    def describe(self, attached: Attachment, description: str) -> None:
        """Change an alt text."""
        self._check_description(description)
        attached.description = description

    def detach(self, status: str) -> None:
        """Let the pictures of a status go, as its removal does: they may be used anew for a day from their upload."""
        for each in self._all.values():
            if each.status == status:
                each.status = ""

    def _lost(self, wanted: Mapping[str, Attachment | None], bad: list[str]) -> str:
        """Say it as config/locales/en.yml does, or as GoToSocial was heard to."""
        if self._rules.software == "mastodon":
            return f"Media {', '.join(bad)} not found or already attached to another post"
        what = "is already attached to a status" if wanted[bad[0]] else "not found"
        return f"Bad Request: ProcessMediaIDs: media with id {bad[0]} {what}"

    def _check(self, file: Upload | None, description: str) -> None:
        if file is None:
            raise Refused(422, {"error": "Validation failed: File can't be blank"})
        if file.media_type not in self._rules.image_types:
            raise Refused(422, {"error": "Validation failed: File content type is invalid"})
        if not file.data.startswith(_BEGINS[file.media_type]):
            raise Refused(422, {"error": "File type of uploaded media could not be verified"})
        if len(file.data) > self._rules.image_size:
            most = self._rules.image_size // 1024**2
            raise Refused(422, {"error": f"Validation failed: File file size must be less than {most} MB"})
        self._check_description(description)

    def _check_description(self, description: str) -> None:
        most = self._rules.description
        if len(description) > most:
            said = f"Validation failed: Description is too long (maximum is {most} characters)"
            raise Refused(422, {"error": said})
