"""The web server before the public folder, as other simulated services see it when they fetch a picture."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from campaign.config import Public
from campaign.rehearsal.transport import Call, Net, Reply

TYPES = {".jpg": "image/jpeg", ".png": "image/png"}


class PublicFolder:
    """Whatever lies in the folder, under the path of its address."""

    def __init__(self, net: Net, settings: Public) -> None:
        address = urlsplit(settings.url)
        self._path = address.path
        self._folder = settings.folder or Path()
        net.serve(address.netloc, self.answer, self.answer)

    def answer(self, call: Call) -> Reply:
        """Answer a call."""
        path, _, name = call.path.rpartition("/")
        file = self._folder / name
        if call.method != "GET" or path != self._path or not name or not file.is_file():
            return Reply(404, b"<html><h1>404 Not Found</h1></html>", {"Content-Type": "text/html"})
        return Reply(200, file.read_bytes(), {"Content-Type": TYPES.get(file.suffix, "application/octet-stream")})
