"""Tokens: sealed in the database with a key that is not in it, renewed by one at a time, and shown nowhere."""

from __future__ import annotations

import multiprocessing
import os
import stat
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from campaign import store
from campaign.app import App
from campaign.clock import SystemClock
from campaign.credentials import KEY_FILE, KEY_NAME, KEY_VARIABLE, HeldTokens, SealedTokens, find_key, make_key
from campaign.db import Database
from campaign.errors import ConfigError, NotSent, StoreError
from campaign.log import scrub
from campaign.models import ChannelState
from campaign.rehearsal.clock import VirtualClock
from tests.club import state_of

pytest_plugins = ["tests.postgres"]

TOKENS = {"access": "a-very-secret-token", "refresh": "žluťoučký"}


@pytest.fixture
def folder(app: App) -> Path:
    return app.config.folders.root


def tokens(app: App, environ: dict[str, str] | None = None) -> SealedTokens:
    return SealedTokens(app.db, "news", app.config.folders.root, app.clock, environ or {})


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
    tokens(app).save({"access": "another-token"})
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
    assert "campaign channel login news" in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_key_of_systemd_that_cannot_be_reached_says_what_to_do(tmp_path: Path) -> None:
    endless = "x" * 5000  # no file system has such a name; a test may run as root, who may read any file
    with pytest.raises(ConfigError, match="this key cannot be read: File name too long"):
        find_key(tmp_path, {"CREDENTIALS_DIRECTORY": endless})


def test_a_key_that_cannot_be_made_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"this key cannot be made: No such file.*\n  Run this under the account"):
        make_key(tmp_path / "nowhere")


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
    assert SealedTokens(app.db, "kraj", folder, app.clock, {}).load() == {}
    unknown = SealedTokens(app.db, "not-in-the-database", folder, app.clock, {})
    assert unknown.load() == {}
    with pytest.raises(StoreError, match="channel not-in-the-database is not in the database yet"):
        unknown.save(TOKENS)


def test_what_was_saved_is_committed_before_anybody_uses_it(app: App, folder: Path) -> None:
    tokens(app).save(TOKENS)
    app.db.close()  # as a crash would, right after
    assert tokens(app).load() == TOKENS


def lease(app: App) -> object:
    return state_of(app, "news").refresh_started_at


def test_whoever_renews_gets_what_is_stored_and_leaves_the_way_free(app: App) -> None:
    tokens(app).save(TOKENS)

    with tokens(app).renewing() as stored:
        assert stored == TOKENS
        assert lease(app) == app.clock.now()
        tokens(app).save({"access": "the-next-token"})
        assert tokens(app).load() == {"access": "the-next-token"}

    assert lease(app) is None


def test_a_renewal_that_fails_leaves_the_way_free(app: App, folder: Path) -> None:
    with pytest.raises(ZeroDivisionError), tokens(app).renewing():
        raise ZeroDivisionError
    assert lease(app) is None

    tokens(app).save(TOKENS)
    (folder / KEY_FILE).unlink()
    with pytest.raises(ConfigError, match="cannot be opened"), tokens(app).renewing():
        raise AssertionError
    assert lease(app) is None


def test_only_one_renews_and_the_others_wait_a_little_and_then_come_back_later(app: App, clock: VirtualClock) -> None:
    began = clock.now()
    with tokens(app).renewing():
        with (
            pytest.raises(NotSent, match="is renewing the credentials of channel news") as caught,
            ExitStack() as stack,
        ):
            stack.enter_context(tokens(app).renewing())
        with SealedTokens(app.db, "kraj", app.config.folders.root, clock, {}).renewing():
            pass
        assert lease(app) == began

    assert caught.value.retry_after == timedelta(seconds=30)
    assert not caught.value.token_dead
    assert clock.now() - began == timedelta(seconds=5)


def test_whoever_waited_gets_what_was_renewed_meanwhile(app: App, clock: VirtualClock) -> None:
    tokens(app).save(TOKENS)
    first = ExitStack()
    first.enter_context(tokens(app).renewing())

    class Patient(VirtualClock):
        def sleep(self, seconds: float) -> None:
            tokens(app).save({"access": "the-next-token"})
            first.close()

    waiting = SealedTokens(app.db, "news", app.config.folders.root, Patient(clock.now()), {})
    with waiting.renewing() as stored:
        assert stored == {"access": "the-next-token"}


@pytest.mark.parametrize(
    ("set_clock", "by"), [(VirtualClock.advance, timedelta(minutes=2)), (VirtualClock.jump, -timedelta(minutes=2))]
)
def test_the_dead_stand_in_the_way_for_two_minutes_and_not_longer(
    app: App, clock: VirtualClock, set_clock: Callable[[VirtualClock, timedelta], None], by: timedelta
) -> None:
    dead = ExitStack()
    dead.enter_context(tokens(app).renewing())  # and then nothing more is heard
    set_clock(clock, by - timedelta(seconds=6) * (1 if by > timedelta(0) else -1))
    with pytest.raises(NotSent), tokens(app).renewing():
        raise AssertionError
    set_clock(clock, timedelta(seconds=20) * (1 if by > timedelta(0) else -1))

    with tokens(app).renewing():
        mine = lease(app)
        dead.close()  # it lives after all, and must not free what is not its own
        assert lease(app) == mine
    assert lease(app) is None


def renew_once(url: str, folder: Path) -> None:
    """Count up in the stored token, as slowly as a call to a platform."""
    database = Database(url)
    tokens = SealedTokens(database, "news", folder, SystemClock(), {})
    with tokens.renewing() as stored:
        time.sleep(0.02)
        tokens.save({"access": f"token-number-{int(stored['access'].split('-')[2]) + 1}"})
    database.close()


def test_threads_and_processes_renew_one_after_the_other(database: Database, database_url: str, tmp_path: Path) -> None:
    with database.writing() as db:
        db.add(ChannelState(channel="news", platform="folder"))
    mine = SealedTokens(database, "news", tmp_path, SystemClock(), {})
    mine.save({"access": "token-number-0"})
    given = (database_url, tmp_path)

    others = [multiprocessing.get_context("spawn").Process(target=renew_once, args=given) for _ in range(2)]
    for process in others:
        process.start()
    with ThreadPoolExecutor(3) as pool:
        done = [pool.submit(renew_once, *given) for _ in range(3)]
    for process in others:
        process.join(60)

    assert [each.result() for each in done] == [None] * 3
    assert [process.exitcode for process in others] == [0, 0]
    assert mine.load() == {"access": "token-number-5"}


def test_what_was_renewed_stays_when_the_way_cannot_be_freed(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    with tokens(app).renewing():
        tokens(app).save(TOKENS)
        app.db.close()
        assert app.db.file is not None
        moved = app.db.file.rename(app.db.file.with_suffix(".away"))

    moved.rename(app.db.file)
    assert tokens(app).load() == TOKENS
    assert lease(app) is not None


def test_tokens_are_hidden_wherever_they_were_learnt(app: App, folder: Path) -> None:
    tokens(app).save({"access": "learnt-when-saved", "did": "did:plc:asa", "identifier": "asa.example"})
    assert scrub("learnt-when-saved of did:plc:asa, asa.example") == "*** of did:plc:asa, asa.example"

    elsewhere = {"password": "learnt-when-opened"}
    with app.writing() as db:
        state = db.get_one(ChannelState, "news")
        state.tokens = Fernet(find_key(folder, {}) or b"").encrypt(b'{"password": "learnt-when-opened"}').decode()
        db.add(state)
    assert scrub("learnt-when-opened") == "learnt-when-opened"
    assert tokens(app).load() == elsewhere
    assert scrub("learnt-when-opened") == "***"


def test_held_tokens_are_in_no_database_and_hidden_all_the_same(app: App) -> None:
    held = HeldTokens()
    assert held.load() == {}
    held.save({"access": "held-in-the-hand"})

    with held.renewing() as kept:
        assert kept == {"access": "held-in-the-hand"}
    assert scrub("held-in-the-hand") == "***"
    assert stored(app) == ""
