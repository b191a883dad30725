"""A way to a server's socket that can be cut: every connection that leads over it at that moment is lost."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Relay:
    """Passes bytes between a free port of this machine and a socket in its file system."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def cut(self) -> None:
        """Lose every connection, on both sides."""
        with self._lock:
            for sock in self._sockets:
                with suppress(OSError):  # the other side has gone
                    sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let nobody in any more, and lose who is in."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread
        self._accepting.join()
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):  # until we close
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._carry, args=[near], daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with suppress(OSError), near, socket.socket(socket.AF_UNIX) as far:
            far.connect(self._server)
            with self._lock:
                self._sockets |= {near, far}
            try:
                back = threading.Thread(target=_pump, args=[far, near], daemon=True)
                back.start()
                _pump(near, far)
                back.join()
            finally:
                with self._lock:
                    self._sockets -= {near, far}


def _pump(source: socket.socket, target: socket.socket) -> None:
    """Pass on what comes until one of the two ends, and then end the other."""
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
