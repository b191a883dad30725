"""Tokens at rest: sealed in the database, with a key that is not in it."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from campaign import store
from campaign.app import App
from campaign.credentials import KEY_FILE, KEY_NAME, KEY_VARIABLE, SealedTokens, find_key, make_key
from campaign.errors import ConfigError

TOKENS = {"access": "a-very-secret-token", "refresh": "žluťoučký"}


@pytest.fixture
def folder(app: App) -> Path:
    return app.config.folders.root


def tokens(app: App, environ: dict[str, str] | None = None) -> SealedTokens:
    return SealedTokens(app.db, "news", app.config.folders.root, environ or {})


def stored(app: App) -> str:
    with app.reading() as db:
        state = store.channel_state(db, "news")
    assert state is not None
    return state.tokens


def test_tokens_come_back_and_are_nowhere_in_the_database(app: App) -> None:
    assert tokens(app).load() == {}
    tokens(app).save(TOKENS)
    assert tokens(app).load() == TOKENS
    assert app.db.file is not None
    assert b"a-very-secret" not in app.db.file.read_bytes()
    assert "a-very-secret" not in stored(app)


def test_the_key_file_is_made_at_the_first_save_and_only_its_owner_reads_it(app: App, folder: Path) -> None:
    tokens(app).load()
    assert not (folder / KEY_FILE).exists()
    tokens(app).save(TOKENS)
    assert stat.S_IMODE((folder / KEY_FILE).stat().st_mode) == 0o600
    key = (folder / KEY_FILE).read_bytes()
    tokens(app).save({"access": "another"})
    assert (folder / KEY_FILE).read_bytes() == key
    assert [path.name for path in folder.iterdir() if KEY_FILE in path.name] == [KEY_FILE]


def test_two_programs_that_make_a_key_at_once_end_with_one(tmp_path: Path) -> None:
    made: list[bytes] = []
    threads = [threading.Thread(target=lambda: made.append(make_key(tmp_path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(made) == {(tmp_path / KEY_FILE).read_bytes()}
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]


def test_systemd_comes_before_the_environment_and_that_before_the_file(tmp_path: Path) -> None:
    given = tmp_path / "credentials"
    given.mkdir()
    environ = {"CREDENTIALS_DIRECTORY": str(given), KEY_VARIABLE: "from-the-environment"}
    make_key(tmp_path)

    assert find_key(tmp_path, {}) == (tmp_path / KEY_FILE).read_bytes()
    assert find_key(tmp_path, environ) == b"from-the-environment"
    (given / KEY_NAME).write_text("from-systemd\n")
    assert find_key(tmp_path, environ) == b"from-systemd"
    assert find_key(tmp_path / "elsewhere", {}) is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    make_key(tmp_path)
    (tmp_path / KEY_FILE).chmod(mode)
    with pytest.raises(ConfigError, match=r"others may read this key\n  chmod 600"):
        find_key(tmp_path, {})


def test_a_key_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(Fernet.generate_key())
    (tmp_path / "real").chmod(0o600)
    os.symlink(tmp_path / "real", tmp_path / KEY_FILE)
    with pytest.raises(ConfigError, match=r"this key is a link\n  Put the file itself there\."):
        find_key(tmp_path, {})


def test_a_link_that_leads_nowhere_is_refused_before_anything_is_stored(app: App, folder: Path) -> None:
    os.symlink(folder / "nowhere", folder / KEY_FILE)
    with pytest.raises(ConfigError, match="this key is a link"):
        tokens(app).save(TOKENS)
    assert stored(app) == ""


def test_a_key_that_this_account_cannot_read_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).mkdir(mode=0o700)  # a folder, because a test may run as root, who may read any file
    with pytest.raises(ConfigError) as caught:
        find_key(tmp_path, {})
    assert str(caught.value) == (
        f"{tmp_path / KEY_FILE}: this key cannot be read: Is a directory\n"
        "  Run this under the account that the daemon runs under."
    )


@pytest.mark.parametrize("key", [None, "QW5vdGhlciBrZXkgb2YgMzIgYnl0ZXMsIGZvciB0ZXM=", "no key at all"])
def test_tokens_that_cannot_be_opened_say_what_to_do(app: App, folder: Path, key: str | None) -> None:
    tokens(app).save(TOKENS)
    (folder / KEY_FILE).unlink()
    with pytest.raises(ConfigError, match="channel news: its stored tokens cannot be opened") as caught:
        tokens(app, {KEY_VARIABLE: key} if key else {}).load()
    assert "log the channel in again" in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_key_that_is_none_is_refused_before_anything_is_stored(app: App) -> None:
    with pytest.raises(ConfigError, match="what is given as key is none"):
        tokens(app, {KEY_VARIABLE: "no key at all"}).save(TOKENS)
    assert stored(app) == ""


def test_a_given_key_opens_what_it_has_sealed_and_no_file_is_made(app: App, folder: Path) -> None:
    environ = {KEY_VARIABLE: Fernet.generate_key().decode()}
    tokens(app, environ).save(TOKENS)
    assert tokens(app, environ).load() == TOKENS
    assert not (folder / KEY_FILE).exists()


def test_each_channel_has_tokens_of_its_own(app: App, folder: Path) -> None:
    tokens(app).save(TOKENS)
    assert SealedTokens(app.db, "kraj", folder, {}).load() == {}
    assert SealedTokens(app.db, "not-in-the-database", folder, {}).load() == {}


def test_what_was_saved_is_committed_before_anybody_uses_it(app: App, folder: Path) -> None:
    tokens(app).save(TOKENS)
    app.db.close()  # as a crash would, right after
    assert tokens(app).load() == TOKENS
