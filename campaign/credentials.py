"""Tokens that platforms renew: sealed at rest with a key that is not in the database, renewed by one at a time.

The key is looked for in systemd's credentials (https://systemd.io/CREDENTIALS/), in the environment, then in a file
beside the config that only its owner may read; the file is made when the first token is stored. Whatever passes through
here is hidden in all texts from then on.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from campaign import store
from campaign.clock import Clock
from campaign.db import Database
from campaign.errors import ConfigError, NotSent, Problem, StoreError
from campaign.files import sync_folder
from campaign.log import hide

KEY_NAME = "campaign-key"
KEY_VARIABLE = "CAMPAIGN_KEY"
KEY_FILE = "campaign.key"


# What adapters keep beside their tokens and people may read; everything else is a secret.
PUBLIC = frozenset(
    {"account", "base_url", "client_id", "did", "expires_at", "handle", "host", "identifier", "name", "scope", "server"}
    | {"refresh_expires_at", "renewal_began", "renewed_at"}
)
LEASE = timedelta(minutes=2)  # whoever renews for longer is dead; a call to a platform ends long before
WAITS = 5  # looks whether somebody else has renewed them
WAIT_SECONDS = 1.0
LATER = timedelta(seconds=30)  # until then somebody else has


class SealedTokens:
    """The tokens of one channel (see `TokenStore`)."""

    def __init__(
        self, db: Database, channel: str, folder: Path, clock: Clock, environ: Mapping[str, str] = os.environ
    ) -> None:
        self._db = db
        self._channel = channel
        self._folder = folder
        self._clock = clock
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
        from cryptography.fernet import Fernet, InvalidToken  # large: only where there are tokens

        key = find_key(self._folder, self._environ)
        try:
            tokens: dict[str, str] = json.loads(Fernet(key or b"").decrypt(state.tokens))
        except (InvalidToken, ValueError):
            remedy = f"Put the key back ({KEY_VARIABLE} or {KEY_FILE}), or: campaign channel login {self._channel}"
            raise self._wrong("its stored tokens cannot be opened: the key is missing or another one", remedy) from None
        hide_tokens(tokens)
        return tokens

    def save(self, tokens: Mapping[str, str]) -> None:
        """Seal and store tokens; committed before this returns.

        Raises:
            ConfigError: the key is none.
            StoreError: the channel is not in the database, or this cannot be written.
        """
        sealed = self.seal(tokens)
        with self._db.writing() as session:
            state = store.channel_state(session, self._channel)
            if state is None:
                raise StoreError(f"channel {self._channel} is not in the database yet")
            state.tokens = sealed
            session.add(state)

    def seal(self, tokens: Mapping[str, str]) -> str:
        """Return tokens as they are stored. Makes the key when there is none.

        Raises:
            ConfigError: what is given as key is none, or a key cannot be read or made.
        """
        from cryptography.fernet import Fernet

        hide_tokens(tokens)
        key = find_key(self._folder, self._environ) or make_key(self._folder)
        try:
            return Fernet(key).encrypt(json.dumps(dict(tokens)).encode()).decode()
        except ValueError:
            remedy = f"Correct {KEY_VARIABLE} or {KEY_FILE}, or take it away: a new key is made then."
            raise self._wrong("its tokens cannot be sealed: what is given as key is none", remedy) from None

    @contextmanager
    def renewing(self) -> Iterator[dict[str, str]]:
        """Give the stored tokens to the one who renews them (see `TokenStore`).

        Raises:
            NotSent: somebody else is renewing them now.
            ConfigError: the key is missing or is not the one they were sealed with.
        """
        with self.alone():
            yield self.load()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let nobody else renew or replace these tokens meanwhile; whoever dies over it stands in the way for `LEASE`.

        Raises:
            NotSent: somebody else is at it.
        """
        began = self._begin()
        try:
            yield
        finally:
            with suppress(StoreError), self._db.writing() as session:  # what was done stays done; the lease will end
                store.end_renewal(session, self._channel, began)

    def _begin(self) -> datetime:
        for _ in range(WAITS):
            now = self._clock.now()
            with self._db.writing() as session:
                if store.begin_renewal(session, self._channel, now, LEASE):
                    return now
            self._clock.sleep(WAIT_SECONDS)
        raise NotSent(f"another program is renewing the credentials of channel {self._channel}", retry_after=LATER)

    def _wrong(self, what: str, remedy: str) -> ConfigError:
        return ConfigError([Problem(f"channel {self._channel}", what, remedy)])


class HeldTokens:
    """Tokens in memory, until a platform has accepted them (see `TokenStore`)."""

    def __init__(self) -> None:
        self._tokens: dict[str, str] = {}

    def load(self) -> dict[str, str]:
        """Return what is held."""
        return dict(self._tokens)

    def save(self, tokens: Mapping[str, str]) -> None:
        """Hold tokens."""
        hide_tokens(tokens)
        self._tokens = dict(tokens)

    @contextmanager
    def renewing(self) -> Iterator[dict[str, str]]:
        """Give what is held: nobody else has it."""
        yield self.load()


def hide_tokens(tokens: Mapping[str, str]) -> None:
    """Hide the secret ones among a channel's tokens from now on."""
    hide((value for name, value in tokens.items() if name not in PUBLIC), passing=True)


def find_key(folder: Path, environ: Mapping[str, str]) -> bytes | None:
    """Return the sealing key, None when there is none.

    Raises:
        ConfigError: the key file may be read by others, or not by us.
    """
    credentials = environ.get("CREDENTIALS_DIRECTORY")
    try:
        if credentials and (given := Path(credentials) / KEY_NAME).is_file():
            return given.read_bytes().strip()
        if value := environ.get(KEY_VARIABLE):
            return value.encode()
        return _in_file(folder / KEY_FILE)
    except OSError as error:
        raise _unusable(Path(error.filename), "read", error) from None


def _in_file(file: Path) -> bytes | None:
    if file.is_symlink():
        raise ConfigError([Problem(str(file), "this key is a link", "Put the file itself there.")])
    try:
        mode = file.stat().st_mode
    except FileNotFoundError:
        return None
    if mode & 0o077:
        raise ConfigError([Problem(str(file), "others may read this key", f"chmod 600 {file}")])
    return file.read_bytes().strip()


def _unusable(file: Path, verb: str, error: OSError) -> ConfigError:
    remedy = "Run this under the account that the daemon runs under."
    return ConfigError([Problem(str(file), f"this key cannot be {verb}: {error.strerror}", remedy)])


def make_key(folder: Path) -> bytes:
    """Make the key file, readable by its owner only; when another program makes one at the same time, one wins.

    Raises:
        ConfigError: it cannot be made there.
    """
    file = folder / KEY_FILE
    try:
        _write_new(file)
        return file.read_bytes()
    except OSError as error:
        raise _unusable(file, "made", error) from None


def _write_new(file: Path) -> None:
    from cryptography.fernet import Fernet

    beside = file.with_name(f".{KEY_FILE}.{secrets.token_hex(4)}")
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
    sync_folder(file.parent)
