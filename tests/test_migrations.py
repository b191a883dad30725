"""Migrations: they keep every row and every rule, undo themselves when they cannot, and end where the models are."""

from __future__ import annotations

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import JSON, Connection, Date, MetaData, column, inspect, table, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from campaign import db as transactions
from campaign.db import Database
from campaign.errors import StoreError

pytest_plugins = ["tests.postgres"]

VERSIONS = Path("migrations/versions")
SHIPPED = sorted((transactions.PACKAGE / VERSIONS).glob("[0-9]*.py"))
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

# One row for each table as migration 0001 made it: never changed again, whatever later migrations do.
FIRST_ROWS: dict[str, dict[str, Any]] = {
    "story": dict.fromkeys(("kind", "language", "project", "fingerprint", "note", "handed_by"), "x")
    | {"uuid": "s", "region": "portugal", "slug": "open-day", "revision": 3, "priority": 1, "content": {"a": "ž"}}
    | {"status": "returned", "created_at": NOON, "updated_at": NOON},
    "post": dict.fromkeys(("input_hash", "content_hash", "proofed_hash", "approved_hash", "approved_by"), "x")
    | dict.fromkeys(("wish", "wish_by", "reason"), "x")
    | dict.fromkeys(("tries", "returns", "misses", "warned"), 2)
    | {"uuid": "p", "story": "s", "channel": "news", "occurrence": 1, "status": "published", "slot_time": "09:00"}
    | {"slot_date": NOON.date(), "notes": ["look"], "created_at": NOON, "published_at": NOON},
    "part": {"uuid": "i", "post": "p", "channel": "news", "n": 1, "role": "post", "content": {"text": "ž"}}
    | {"checkpoint": {"media": "7"}, "remote_id": "7", "permalink": "x", "resent": True},
    "attempt": {"uuid": "a", "part": "i", "epoch": 4, "sender": "me", "started_at": NOON, "send_by": NOON}
    | {"ended_at": NOON, "outcome": "published", "detail": "x"},
    "snapshot": {"uuid": "n", "post": "p", "age": 3600, "due_at": NOON, "counts": {"reactions": 3}}
    | {"missing": {"clicks": "not told"}, "raw": {}, "source": "x"},
    "channel_state": dict.fromkeys(("channel", "platform", "account_id", "account_name"), "x")
    | {"enabled": True, "epoch": 4, "hold_reason": "x", "blocked": "", "token_deaths": 1, "limits": {}, "tokens": "x"},
    "pause": {"scope": "region", "key": "portugal", "until": NOON, "reason": "x", "who": "anna", "since": NOON},
    "event": {"id": 1, "at": NOON, "who": "anna", "what": "x", "note": "", "before": {}, "after": {"status": "x"}},
    "alert": {"uuid": "l", "key": "x", "message": "x", "remedy": "x", "raised_at": NOON},
    "meta": {"key": "x", "value": "x"},
}

TYPES: dict[type, Any] = {datetime: UTCDateTime(), date: Date(), dict: JSON(), list: JSON()}

REBUILD_A_PARENT = """
    with op.batch_alter_table("story", recreate="{recreate}") as table:
        table.add_column(sa.Column("mood", sa.String(), server_default="fine", nullable=False))
"""
LOSE_A_PARENT = """
    op.add_column("meta", sa.Column("mood", sa.String(), nullable=True))
    op.execute("DELETE FROM story")
"""
MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "{name}", "{after}", None, None

def upgrade():
{steps}
"""


def migrate_with(monkeypatch: pytest.MonkeyPatch, folder: Path, files: list[Path], *, added: str = "") -> None:
    """Let the program have only these migrations, and one `added` at their end."""
    package = folder / str(uuid4())
    shutil.copytree(transactions.PACKAGE / "migrations", package / "migrations", ignore=lambda *_: ["__pycache__"])
    for file in (package / VERSIONS).glob("*.py"):
        if file.name not in {kept.name for kept in files}:
            file.unlink()
    if added:
        written = MIGRATION.format(name="added", after=files[-1].name.partition("_")[0], steps=added)
        (package / VERSIONS / "added.py").write_text(written)
    monkeypatch.setattr(transactions, "PACKAGE", package)


def fill(database: Database) -> None:
    """Insert one row into each table of the first migration."""
    with database.writing() as db:
        for name, row in FIRST_ROWS.items():
            columns = [column(key, TYPES.get(type(value))) for key, value in row.items()]
            db.connection().execute(table(name, *columns).insert().values(row))


def rows(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Return what the tables hold, in the database's own types."""
    with database.reading() as db:
        tables = MetaData()
        tables.reflect(db.connection())
        found = {each.name: db.connection().execute(each.select()).mappings() for each in tables.sorted_tables}
        return {name: [dict(row) for row in held] for name, held in found.items() if name != "alembic_version"}


def shape(database: Database) -> dict[str, Any]:
    """Return columns, constraints and indexes as the database itself tells them."""
    with database.engine.connect() as connection:
        tables = {name: _shape(connection, name) for name in SQLModel.metadata.tables}
        return tables | {"indexes": _indexes(connection, on_sqlite=database.on_sqlite)}


def _shape(connection: Connection, name: str) -> dict[str, Any]:
    seen = inspect(connection)
    columns = {each["name"]: (str(each["type"]), each["nullable"], each["default"]) for each in seen.get_columns(name)}
    rules: list[Any] = [
        *seen.get_foreign_keys(name),
        *seen.get_unique_constraints(name),
        *seen.get_check_constraints(name),
    ]
    named = {rule["name"]: rule for rule in rules}
    return {"columns": columns, "key": seen.get_pk_constraint(name), "rules": named}


def _indexes(connection: Connection, *, on_sqlite: bool) -> dict[str, str]:
    """Return the statements that would make the indexes, with their conditions."""
    ours = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    theirs = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    found = {name: " ".join(made.split()) for name, made in connection.execute(text(ours if on_sqlite else theirs))}
    return {name: made for name, made in found.items() if not name.startswith("alembic")}


def test_the_migrations_end_exactly_where_the_models_are(new_database: Database, tmp_path: Path) -> None:
    SQLModel.metadata.create_all(new_database.engine)
    from_models = shape(new_database)
    SQLModel.metadata.drop_all(new_database.engine)

    new_database.upgrade()

    assert shape(new_database) == from_models
    assert {"uq_post_slot", "uq_post_sending", "uq_alert_open", "ix_attempt_open"} <= set(from_models["indexes"])
    assert "ck_post_status" in from_models["post"]["rules"]


def test_alembic_finds_nothing_left_to_do(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_upgrading_again_changes_nothing(new_database: Database) -> None:
    new_database.upgrade()
    fill(new_database)
    before, tables = rows(new_database), shape(new_database)

    new_database.upgrade()

    assert rows(new_database) == before
    assert shape(new_database) == tables


def test_an_upgrade_waits_for_another_and_for_planners(new_database: Database) -> None:
    with ThreadPoolExecutor(1) as pool:
        with new_database.writing() as db:
            db.connection()
            new_database.lock_house(db)
            upgrading = pool.submit(new_database.upgrade)
            time.sleep(0.3)
            assert not upgrading.done()
            assert not inspect(db.connection()).has_table("story")
        upgrading.result(10)

    assert new_database.is_current()


def test_tables_of_a_newer_program_are_left_alone(database: Database) -> None:
    with database.writing() as db:
        db.connection().execute(text("UPDATE alembic_version SET version_num = '9999'"))

    for refuse in (database.upgrade, database.refuse_newer):
        with pytest.raises(StoreError) as refused:
            refuse()
        assert str(refused.value) == (
            "the database was made by a newer version of this program (schema 9999)\n"
            "  Install the newer version again, or restore a backup made before it."
        )
    assert not database.is_current()
    assert database.revision() == "9999"


@pytest.mark.parametrize("last", range(1, len(SHIPPED) + 1), ids=lambda n: SHIPPED[n - 1].stem)
def test_each_migration_keeps_what_was_there(
    new_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: int
) -> None:
    with monkeypatch.context() as begun:
        migrate_with(begun, tmp_path, SHIPPED[:1])
        new_database.upgrade()
        fill(new_database)
        before = rows(new_database)
    migrate_with(monkeypatch, tmp_path, SHIPPED[:last])

    new_database.upgrade()

    after = rows(new_database)
    for name, (row,) in before.items():
        (kept,) = after[name]
        assert {key: kept[key] for key in row if key in kept} == {key: row[key] for key in row if key in kept}


def test_a_table_made_anew_keeps_its_rows_its_rules_and_those_who_point_to_it(
    new_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite changes a table by copying, dropping and renaming it, which foreign keys would not let happen."""
    new_database.upgrade()
    fill(new_database)
    before, rules = rows(new_database), shape(new_database)
    recreate = "always" if new_database.on_sqlite else "never"
    migrate_with(monkeypatch, tmp_path, SHIPPED, added=REBUILD_A_PARENT.format(recreate=recreate))

    new_database.upgrade()

    before["story"][0]["mood"] = "fine"
    assert rows(new_database) == before
    after = shape(new_database)
    assert after["story"]["rules"] == rules["story"]["rules"]
    assert after["story"]["key"] == rules["story"]["key"]
    assert after["indexes"] == rules["indexes"]
    assert after["post"] == rules["post"]
    with pytest.raises(IntegrityError), new_database.writing() as db:
        db.connection().execute(text("DELETE FROM story"))


def test_a_migration_that_would_lose_a_parent_is_undone_whole(
    new_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_database.upgrade()
    fill(new_database)
    before, tables = rows(new_database), shape(new_database)
    migrate_with(monkeypatch, tmp_path, SHIPPED, added=LOSE_A_PARENT)

    with pytest.raises((StoreError, IntegrityError)) as refused:  # PostgreSQL does not let it come so far
        new_database.upgrade()

    if new_database.on_sqlite:
        assert "the migration would leave rows without their parents: [('post', 1, 'story', 0)]" in str(refused.value)
    assert rows(new_database) == before
    assert shape(new_database) == tables
    assert new_database.revision() == SHIPPED[-1].name.partition("_")[0]
