"""Tokens that platforms renew, sealed at rest in the database with a key that is not in it.

The key is looked for in systemd's credentials (https://systemd.io/CREDENTIALS/), in the environment, then in a file
beside the config that only its owner may read; the file is made when the first token is stored.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from campaign import store
from campaign.db import Database
from campaign.errors import ConfigError, Problem

KEY_NAME = "campaign-key"
KEY_VARIABLE = "CAMPAIGN_KEY"
KEY_FILE = "campaign.key"


class SealedTokens:
    """The tokens of one channel (see `TokenStore`)."""

    def __init__(self, db: Database, channel: str, folder: Path, environ: Mapping[str, str] = os.environ) -> None:
        self._db = db
        self._channel = channel
        self._folder = folder
        self._environ = environ

    def load(self) -> dict[str, str]:
        """Return the stored tokens, empty when there are none.

        Raises:
            ConfigError: the key is missing or is not the one they were sealed with.
        """
        with self._db.reading() as session:
            state = store.channel_state(session, self._channel)
        if state is None or not state.tokens:
            return {}
        key = find_key(self._folder, self._environ)
        try:
            opened = Fernet(key).decrypt(state.tokens) if key else None
        except (InvalidToken, ValueError):
            opened = None
        if opened is None:
            raise ConfigError(
                [
                    Problem(
                        f"channel {self._channel}",
                        "its stored tokens cannot be opened: the key is missing or another one",
                        f"Put the key back ({KEY_VARIABLE} or {KEY_FILE}), or log the channel in again.",
                    )
                ]
            )
        tokens: dict[str, str] = json.loads(opened)
        return tokens

    def save(self, tokens: Mapping[str, str]) -> None:
        """Seal and store tokens; committed before this returns."""
        key = find_key(self._folder, self._environ) or make_key(self._folder)
        sealed = Fernet(key).encrypt(json.dumps(dict(tokens)).encode()).decode()
        with self._db.writing() as session:
            state = store.channel_state(session, self._channel)
            if state is not None:
                state.tokens = sealed
                session.add(state)


def find_key(folder: Path, environ: Mapping[str, str]) -> bytes | None:
    """Return the sealing key, None when there is none.

    Raises:
        ConfigError: the key file may be read by others.
    """
    credentials = environ.get("CREDENTIALS_DIRECTORY")
    if credentials and (given := Path(credentials) / KEY_NAME).is_file():
        return given.read_bytes().strip()
    if value := environ.get(KEY_VARIABLE):
        return value.encode()
    file = folder / KEY_FILE
    if not file.exists():
        return None
    if file.is_symlink() or file.stat().st_mode & 0o077:
        raise ConfigError([Problem(str(file), "others may read this key", f"chmod 600 {file}")])
    return file.read_bytes().strip()


def make_key(folder: Path) -> bytes:
    """Make the key file, readable by its owner only."""
    key = Fernet.generate_key()
    handle = os.open(folder / KEY_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(key)
    return key
