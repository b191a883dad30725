"""Values from the environment and from files: where they go, and that no message, dump or log gets to show them."""

from __future__ import annotations

import copy
import json
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from campaign.config import Secret, load
from campaign.errors import ConfigError

LEAST = '[campaign]\nname = "Our regions"\nzone = "Europe/Brussels"\n'
CHANNEL = '[channels.a]\nplatform = "folder"\nslots = []\n'
WHOLE = (Path(__file__).parent / "data/config/whole.toml").read_text("utf-8")
SECRET = "hunter2-Łódź"


def test_the_environment_fills_any_text(tmp_path: Path) -> None:
    written = LEAST + CHANNEL + 'base_url = "https://${HOST}:${PORT:-443}/${EMPTY:-}"\n'
    config = load(write(tmp_path, written), {"HOST": "example.org", "EMPTY": ""})
    assert config.channels["a"].settings == {"base_url": "https://example.org:443/"}
    assert type(config.channels["a"].settings["base_url"]) is str
    assert [secret.reveal() for secret in config.secrets] == ["example.org"]


@pytest.mark.parametrize("key", ["token", "access_token", "client_secret", "app_password", "api_key"])
@pytest.mark.parametrize("written", ['"${SECRET}"', f'"{SECRET}"', '{ file = "kept" }'])
def test_what_a_credential_key_holds_is_secret(tmp_path: Path, key: str, written: str) -> None:
    private(tmp_path / "kept", f"{SECRET}\n")
    config = load(write(tmp_path, LEAST + CHANNEL + f"{key} = {written}\n"), {"SECRET": SECRET})
    secret = config.channels["a"].settings[key]
    assert isinstance(secret, Secret)
    assert secret.reveal() == SECRET
    assert [each.reveal() for each in config.secrets] == [SECRET]
    assert SECRET not in repr(config) + json.dumps(config.channels["a"].settings)


def test_a_credential_deep_in_a_platforms_own_table_is_secret(tmp_path: Path) -> None:
    written = CHANNEL + f'[channels.a.account]\nname = "asa"\ntoken = ["{SECRET}"]\n'
    account = load(write(tmp_path, LEAST + written), {}).channels["a"].settings["account"]
    assert account["name"] == "asa"
    assert account["token"][0].reveal() == SECRET


def test_a_file_is_secret_whatever_its_key(tmp_path: Path) -> None:
    private(tmp_path / "kept", SECRET)
    config = load(write(tmp_path, LEAST + CHANNEL + f'webhook = {{ file = "{tmp_path}/kept" }}\n'), {})
    assert isinstance(config.channels["a"].settings["webhook"], Secret)


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("postgresql://asa:${PW}@db/asa", f"postgresql+psycopg://asa:{SECRET}@db/asa"),
        (f"postgres://asa:{SECRET}@db/asa", f"postgresql+psycopg://asa:{SECRET}@db/asa"),
        (
            f"postgresql+psycopg://db/asa?user=asa&password={SECRET}",
            f"postgresql+psycopg://db/asa?user=asa&password={SECRET}",
        ),
    ],
)
def test_a_database_address_with_a_password_is_secret(tmp_path: Path, written: str, url: str) -> None:
    config = load(write(tmp_path, LEAST + f'[database]\nurl = "{written}"\n'), {"PW": SECRET})
    assert isinstance(config.database, Secret)
    assert config.database.reveal() == url
    assert url in [secret.reveal() for secret in config.secrets]


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("postgresql://asa@db:5432/asa", "postgresql+psycopg://asa@db:5432/asa"),
        ("sqlite:////var/lib/campaign.db", "sqlite:////var/lib/campaign.db"),
    ],
)
def test_a_database_address_without_a_password_is_open(tmp_path: Path, written: str, url: str) -> None:
    config = load(write(tmp_path, LEAST + f'[database]\nurl = "{written}"\n'), {})
    assert config.database == url
    assert type(config.database) is str


def test_a_secret_file_must_be_a_file_of_ones_own(tmp_path: Path) -> None:
    private(tmp_path / "kept", SECRET)
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    private(tmp_path / "open", SECRET).chmod(0o640)
    private(tmp_path / "empty", " \n")
    private(tmp_path / "binary", "").write_bytes(b"\xff\xfe")
    (tmp_path / "folder").mkdir()
    keys = ("link", "open", "empty", "binary", "folder", "x" * 300)
    written = "".join(f'k{n} = {{ file = "{key}" }}\n' for n, key in enumerate(keys))

    with pytest.raises(ConfigError) as refused:
        load(write(tmp_path, LEAST + CHANNEL + written), {})

    assert str(refused.value) == (
        'config.toml, line 7, channels.a.k0: "link" is a link, and a secret must be a file of its own.\n'
        'config.toml, line 8, channels.a.k1: "open" is a file that other accounts can open.\n'
        f"  Run: chmod 600 {tmp_path}/open\n"
        'config.toml, line 9, channels.a.k2: "empty" is an empty file.\n'
        "  Write the secret into it.\n"
        'config.toml, line 10, channels.a.k3: "binary" is a file that holds no text.\n'
        'config.toml, line 11, channels.a.k4: "folder" is not a file.\n'
        f'config.toml, line 12, channels.a.k5: "{keys[5]}" is a file that cannot be read: File name too long.'
    )


def test_a_secret_is_shown_by_no_means_but_one() -> None:
    secret = Secret(SECRET)
    shown = [str(secret), repr(secret), f"{secret}", json.dumps(secret), str(copy.deepcopy(secret)), secret + ""]
    assert not [each for each in shown if SECRET in each]
    assert secret.reveal() == SECRET


@pytest.mark.parametrize("written", ["${LEAK}", {"file": "leak"}], ids=["environment", "file"])
def test_no_message_ever_shows_a_secret(tmp_path: Path, written: object) -> None:
    """Whatever value is replaced by the secret: it is taken, or refused without being shown."""
    leak = "lé'ak\"\\zq9"
    private(tmp_path / "leak", leak)
    (tmp_path / "wording").mkdir()
    (tmp_path / "logo.png").touch()
    refusals = []
    for config in each_value_replaced(tomllib.loads(WHOLE), written):
        try:
            load(write(tmp_path, "".join(f"{key} = {toml(value)}\n" for key, value in config.items())), {"LEAK": leak})
        except ConfigError as error:
            refusals.append(str(error))
    assert len(refusals) > 60
    assert not [told for told in refusals if "lé" in told or "zq9" in told]


def each_value_replaced(table: Any, by: object) -> Iterator[Any]:
    """Yield copies of `table`, each with another of its values, at any depth, replaced."""
    pairs = table.items() if isinstance(table, dict) else enumerate(table)
    for key, value in pairs:
        inner = each_value_replaced(value, by) if isinstance(value, dict | list) else ()
        for changed in (by, *inner):
            copy = table.copy()
            copy[key] = changed
            yield copy


def toml(value: object) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{json.dumps(key)} = {toml(each)}" for key, each in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(toml, value)) + "]"
        case date():
            return value.isoformat()
        case _:
            return json.dumps(value, ensure_ascii=False)


def private(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


def write(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path
