"""A channel on a simulated service that fetches pictures from the public folder, and how that says no."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from campaign.config import Public
from campaign.platforms.base import Platform
from campaign.public import public_pictures
from campaign.rehearsal.services.containers import ACCOUNT, ContainerHost
from campaign.rehearsal.services.public import PublicFolder
from campaign.rehearsal.transport import Net, Reply
from tests.rehearsal.rig import Rig, S

SHOWN = "https://pictures.example.org/shown"


class Shows(Rig[S]):
    """A channel whose pictures lie behind a web server."""

    version = ""
    folder: Path

    def start(self) -> None:
        super().start()
        self.platform.public = public_pictures(Public(SHOWN, self.folder), self.clock)

    def call(self, method: str, path: str, token: str = "", **form: str) -> Reply:
        """Call past the adapter."""
        told, address = urlencode(form), f"/{self.version}{path}"
        if method == "GET":
            return self.ask(method, f"{address}?{told}", token=token or self.service.token)
        return self.ask(method, address, told.encode(), token=token or self.service.token)

    def put(self, name: str, data: bytes) -> str:
        """Make something public, and return its address."""
        self.folder.mkdir(exist_ok=True)
        (self.folder / name).write_bytes(data)
        return f"{SHOWN}/{name}"

    def make(self, **form: str) -> Reply:
        """Make a container."""
        assert isinstance(self.service, ContainerHost)
        return self.call("POST", f"/{ACCOUNT}/{self.service.made_at_edge}", **form)

    def release(self, container: str) -> Reply:
        """Publish a container past the adapter."""
        assert isinstance(self.service, ContainerHost)
        return self.call("POST", f"/{ACCOUNT}/{self.service.published_at_edge}", creation_id=container)


def shows(net: Net, service: S, kind: type[Platform], folder: Path, version: str, settings: dict[str, Any]) -> Shows[S]:
    """Return a channel that is logged in at a service, and whose pictures lie in a folder of their own."""
    rig = type("Rigged", (Shows,), {"folder": folder, "version": version})
    PublicFolder(net, Public(SHOWN, folder))
    return rig(net, service, kind, settings)  # type: ignore[no-any-return]


def code(reply: Reply) -> tuple[Any, int]:
    """Return the code and subcode of a refusal."""
    error = reply.body["error"]
    return error["code"], error.get("error_subcode", 0)
