"""Whether everybody can fetch what is made public: one small picture is shown, fetched, and taken away again."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from campaign.app import App
from campaign.errors import NotSent
from campaign.platforms.base import Image
from campaign.platforms.http import Answer, Http
from campaign.public import PublicPictures

SIDE = 16  # pixels
JPEG = "image/jpeg"


class _Refused(NotSent):
    """The server answered, and gave no picture."""


def trouble(app: App, public: PublicPictures) -> str:
    """Return why a platform could not fetch what is public, in words; empty when it could."""
    with tempfile.TemporaryDirectory() as folder:
        image = _picture(Path(folder) / "check.jpg")
        try:
            address = public.show(image)
        except NotSent as error:
            return str(error)
        try:
            return _oddity(_fetched(app, address), image.approved_bytes())
        except _Refused as error:
            return str(error)
        except NotSent as error:
            return str(error).replace("the platform", "its server")
        finally:
            with suppress(OSError):  # an hour later it is tried again
                public.remove(address.rpartition("/")[2])


def _picture(path: Path) -> Image:
    """Make a picture that nobody has seen before, so that nothing between has it in store."""
    from PIL import Image as Drawing

    Drawing.frombytes("RGB", (SIDE, SIDE), os.urandom(3 * SIDE * SIDE)).save(path, "JPEG")
    data = path.read_bytes()
    return Image(path, hashlib.sha256(data).hexdigest(), JPEG, SIDE, SIDE, len(data), "")


def _fetched(app: App, address: str) -> Answer:
    http = Http("", app.clock, transport=app.transport, scrub=app.scrub, proxy=app.config.daemon.proxy)
    return http.get(address, classify=lambda answer: _Refused(_refusal(answer)))


def _refusal(answer: Answer) -> str:
    """Say what an answer without a picture means."""
    if 300 <= answer.status < 400:
        return f"its server sends everybody on to {answer.headers.get('Location', 'another address')}"
    if answer.status in (401, 403):
        return f"its server lets nobody in without a login (status {answer.status})"
    if answer.status in (404, 410):
        return f"its server has no such file (status {answer.status}): address and place do not belong together"
    return f"its server answers with status {answer.status}"


def _oddity(answer: Answer, data: bytes) -> str:
    """Say what is wrong with an answer that should hold the picture; empty for nothing."""
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind == "text/html":
        return "a web page comes in place of the picture, such as a login page"
    if kind != JPEG:
        return f'the picture comes as "{kind}", and should come as "{JPEG}"'
    return "" if answer.body == data else "another picture comes than was put there"
