"""Tokens that platforms renew, sealed at rest in the database with a key that is not in it.

The key is looked for in systemd's credentials (https://systemd.io/CREDENTIALS/), in the environment, then in a file
beside the config that only its owner may read; the file is made when the first token is stored.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from campaign import store
from campaign.db import Database
from campaign.errors import ConfigError, Problem
from campaign.files import sync_folder
from campaign.models import ChannelState

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
            tokens: dict[str, str] = json.loads(Fernet(key or b"").decrypt(state.tokens))
        except (InvalidToken, ValueError):
            remedy = f"Put the key back ({KEY_VARIABLE} or {KEY_FILE}), or log the channel in again."
            raise self._wrong("its stored tokens cannot be opened: the key is missing or another one", remedy) from None
        return tokens

    def save(self, tokens: Mapping[str, str]) -> None:
        """Seal and store tokens; committed before this returns.

        Raises:
            ConfigError: the key is none.
        """
        key = find_key(self._folder, self._environ) or make_key(self._folder)
        try:
            sealed = Fernet(key).encrypt(json.dumps(dict(tokens)).encode()).decode()
        except ValueError:
            remedy = f"Correct {KEY_VARIABLE} or {KEY_FILE}, or take it away: a new key is made then."
            raise self._wrong("its tokens cannot be sealed: what is given as key is none", remedy) from None
        with self._db.writing() as session:
            state = session.get_one(ChannelState, self._channel)
            state.tokens = sealed
            session.add(state)

    def _wrong(self, what: str, remedy: str) -> ConfigError:
        return ConfigError([Problem(f"channel {self._channel}", what, remedy)])


def find_key(folder: Path, environ: Mapping[str, str]) -> bytes | None:
    """Return the sealing key, None when there is none.

    Raises:
        ConfigError: the key file may be read by others, or not by us.
    """
    credentials = environ.get("CREDENTIALS_DIRECTORY")
    if credentials and (given := Path(credentials) / KEY_NAME).is_file():
        return given.read_bytes().strip()
    if value := environ.get(KEY_VARIABLE):
        return value.encode()
    file = folder / KEY_FILE
    if file.is_symlink():
        raise ConfigError([Problem(str(file), "this key is a link", "Put the file itself there.")])
    try:
        if file.stat().st_mode & 0o077:
            raise ConfigError([Problem(str(file), "others may read this key", f"chmod 600 {file}")])
        return file.read_bytes().strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        remedy = "Run this under the account that the daemon runs under."
        raise ConfigError([Problem(str(file), f"this key cannot be read: {error.strerror}", remedy)]) from None


def make_key(folder: Path) -> bytes:
    """Make the key file, readable by its owner only; when another program makes one at the same time, one wins."""
    file, beside = folder / KEY_FILE, folder / f".{KEY_FILE}.{secrets.token_hex(4)}"
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(Fernet.generate_key())
            opened.flush()
            os.fsync(opened.fileno())
        with suppress(FileExistsError):
            os.link(beside, file)
    finally:
        beside.unlink()
    sync_folder(folder)
    return file.read_bytes()
