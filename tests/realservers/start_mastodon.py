"""Starts mastodon_mock on a free port of 127.0.0.1, run by the Python that has it, not by the one that tests.

python start_mastodon.py FOLDER

One line of JSON on stdout says that it is ready. It ends with SIGTERM, or when stdin ends: with whoever started it.
"""

from __future__ import annotations

import json
import socket
import sys
import threading

import uvicorn
from mastodon_mock.app import create_app
from mastodon_mock.config import DatabaseConfig, MastodonMockConfig


class Server(uvicorn.Server):
    """A server that says when it is ready."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        sys.stdout.write(json.dumps({"url": f"http://{self.config.app.state.config.domain}"}) + "\n")
        sys.stdout.flush()


def main(folder: str) -> None:
    """Serve until stdin ends."""
    taken = socket.create_server(("127.0.0.1", 0))
    config = MastodonMockConfig(
        domain=f"127.0.0.1:{taken.getsockname()[1]}",
        url_scheme="http",
        database=DatabaseConfig(path=f"{folder}/mastodon.db"),
        media_storage_path=f"{folder}/media",
    )
    settings = uvicorn.Config(create_app(config), log_level="warning", timeout_graceful_shutdown=1)
    server = Server(settings)
    threading.Thread(target=_end_with_stdin, args=[server], daemon=True).start()
    server.run(sockets=[taken])


def _end_with_stdin(server: Server) -> None:
    sys.stdin.buffer.read()
    server.should_exit = True


if __name__ == "__main__":
    main(*sys.argv[1:])
