"""The tables keep their rules themselves, on both databases: whatever writes to them, nonsense is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import JSON, CheckConstraint, ForeignKeyConstraint, Index, Table, UniqueConstraint, inspect, null
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import Session, SQLModel, col, select
from sqlmodel.sql.sqltypes import UTCDateTime

from campaign.db import Database
from campaign.models import (
    KEEPS_SLOT,
    MAY_BE_LIVE,
    Outcome,
    PartContent,
    Pause,
    PauseScope,
    Post,
    PostStatus,
    Story,
    StoryStatus,
    content_hash,
    digest,
)

pytest_plugins = ["tests.postgres"]

TABLES = SQLModel.metadata.tables
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SLOT = {"slot_date": date(2026, 3, 2), "slot_time": "09:00"}

ROWS: dict[str, dict[str, Any]] = {
    "story": {
        "uuid": "s1",
        "region": "portugal",
        "slug": "open-day",
        "revision": 1,
        "kind": "event",
        "language": "en",
        "priority": 0,
        "project": "",
        "content": {},
        "fingerprint": "f",
        "status": "queued",
        "note": "",
        "handed_by": "",
        "created_at": NOON,
        "updated_at": NOON,
    },
    "post": {
        "uuid": "p1",
        "story": "s1",
        "channel": "news",
        "occurrence": 1,
        "status": "planned",
        "tries": 0,
        "returns": 0,
        "misses": 0,
        "warned": 0,
        "input_hash": "",
        "content_hash": "",
        "proofed_hash": "",
        "approved_hash": "",
        "approved_by": "",
        "notes": [],
        "wish": "",
        "wish_by": "",
        "reason": "",
        "created_at": NOON,
    },
    "part": {
        "uuid": "i1",
        "post": "p1",
        "channel": "news",
        "n": 1,
        "role": "post",
        "content": {},
        "checkpoint": {},
        "permalink": "",
        "resent": False,
    },
    "attempt": {
        "uuid": "a1",
        "part": "i1",
        "epoch": 1,
        "sender": "me",
        "started_at": NOON,
        "send_by": NOON,
        "detail": "",
    },
    "snapshot": {
        "uuid": "n1",
        "post": "p1",
        "age": 3600,
        "due_at": NOON,
        "counts": {},
        "missing": {},
        "raw": {},
        "source": "",
    },
    "channel_state": {
        "channel": "news",
        "platform": "folder",
        "account_name": "",
        "enabled": True,
        "epoch": 0,
        "hold_reason": "",
        "blocked": "",
        "token_deaths": 0,
        "limits": {},
        "tokens": "",
    },
    "ledger_state": {"channel": "news", "rules": "r", "until": NOON, "balance": {}},
    "pause": {"scope": "region", "key": "portugal", "reason": "storm", "who": "anna", "since": NOON},
    "event": {"at": NOON, "who": "anna", "what": "story.added", "note": "", "before": {}, "after": {}},
    "alert": {"uuid": "l1", "key": "unconfirmed:p1", "message": "Look.", "remedy": "", "raised_at": NOON},
    "meta": {"key": "daemon.tick", "value": "never"},
}

STANDS_ON = {"post": 1, "part": 2, "snapshot": 2, "attempt": 3}  # how many of story, post and part

# (constraint, table, what is wrong with the row beside or instead of the one in ROWS)
UNIQUE: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("uq_story_region_slug", "story", {}, {"uuid": "s2"}),
    ("uq_post_story_channel_occurrence", "post", {}, {"uuid": "p2"}),
    ("uq_post_slot", "post", SLOT, {"uuid": "p2", "occurrence": 2, "status": "published", **SLOT}),
    ("uq_post_sending", "post", {"status": "sending"}, {"uuid": "p2", "occurrence": 2, "status": "sending"}),
    ("uq_part_post_n", "part", {}, {"uuid": "i2"}),
    ("uq_part_channel_remote_id", "part", {"remote_id": "7"}, {"uuid": "i2", "n": 2, "remote_id": "7"}),
    ("uq_snapshot_post_age", "snapshot", {}, {"uuid": "n2"}),
    ("uq_channel_state_platform_account_id", "channel_state", {"account_id": "7"}, {"channel": "x", "account_id": "7"}),
    ("uq_alert_open", "alert", {}, {"uuid": "l2"}),
]
CHECKS: list[tuple[str, str, dict[str, Any]]] = [
    ("ck_story_status", "story", {"status": "done"}),
    ("ck_story_revision", "story", {"revision": 0}),
    ("ck_post_status", "post", {"status": "Published"}),
    ("ck_part_role", "part", {"role": "story"}),
    ("ck_attempt_outcome", "attempt", {"outcome": "maybe", "ended_at": NOON}),
    ("ck_attempt_ended", "attempt", {"outcome": "unknown"}),
    ("ck_attempt_ended", "attempt", {"ended_at": NOON}),
    ("ck_channel_state_epoch", "channel_state", {"epoch": -1}),
    ("ck_pause_scope", "pause", {"scope": "country"}),
]
PARENTS: list[tuple[str, str, dict[str, Any]]] = [
    ("fk_post_story_story", "post", {"story": "nobody's"}),
    ("fk_part_post_post", "part", {"post": "nobody's"}),
    ("fk_attempt_part_part", "attempt", {"part": "nobody's"}),
    ("fk_snapshot_post_post", "snapshot", {"post": "nobody's"}),
]


def add(db: Session, table: str, **changes: Any) -> None:
    """Insert the row of a table, changed, past the models."""
    db.connection().execute(TABLES[table].insert().values(**{**ROWS[table], **changes}))


def add_parents(db: Session, table: str) -> None:
    """Insert what the row of a table stands on."""
    for parent in ("story", "post", "part")[: STANDS_ON.get(table, 0)]:
        add(db, parent)


def insert(database: Database, table: str, **changes: Any) -> None:
    """Insert the row of a table, changed, and its parents, in one transaction."""
    with database.writing() as db:
        add_parents(db, table)
        add(db, table, **changes)


def refusing(error: IntegrityError, columns: list[str]) -> str:
    """Return the constraint that refused: PostgreSQL names it, SQLite names a CHECK and the columns of a UNIQUE."""
    if diagnosis := getattr(error.orig, "diag", None):
        return str(diagnosis.constraint_name)
    kind, _, told = str(error.orig).partition(" constraint failed")
    named = {"UNIQUE": ", ".join(columns), "FOREIGN KEY": ""}
    assert kind in ("CHECK", *named), error.orig
    return told.removeprefix(": ") if kind == "CHECK" else f"{kind}: {told.removeprefix(': ') == named[kind]}"


def columns_of(table: Table, name: str) -> list[str]:
    """Return the columns of a UNIQUE constraint or index, as SQLite tells them."""
    found: list[Any] = [rule for rule in (*table.constraints, *table.indexes) if rule.name == name]
    return [f"{table.name}.{column.name}" for column in found[0].columns]


def judge(database: Database, error: IntegrityError, name: str, table: str, kind: str) -> None:
    """Assert that exactly this constraint has refused."""
    columns = columns_of(TABLES[table], name) if kind == "UNIQUE" else []
    expected = f"{kind}: True" if database.on_sqlite and kind != "CHECK" else name
    assert refusing(error, columns) == expected


@pytest.mark.parametrize(("name", "table", "first", "second"), UNIQUE, ids=[case[0] for case in UNIQUE])
def test_what_may_be_there_once_is_refused_the_second_time(
    database: Database, name: str, table: str, first: dict[str, Any], second: dict[str, Any]
) -> None:
    insert(database, table, **first)

    with pytest.raises(IntegrityError) as refused, database.writing() as db:
        add(db, table, **second)

    judge(database, refused.value, name, table, "UNIQUE")


@pytest.mark.parametrize(
    ("name", "table", "wrong"), CHECKS, ids=[f"{case[0]}-{next(iter(case[2]))}" for case in CHECKS]
)
def test_a_word_or_number_that_means_nothing_is_refused(
    database: Database, name: str, table: str, wrong: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError) as refused:
        insert(database, table, **wrong)

    judge(database, refused.value, name, table, "CHECK")


@pytest.mark.parametrize(("name", "table", "wrong"), PARENTS, ids=[case[0] for case in PARENTS])
def test_a_row_without_its_parent_is_refused(database: Database, name: str, table: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError) as refused, database.writing() as db:
        add(db, table, **wrong)

    judge(database, refused.value, name, table, "FOREIGN KEY")


def test_no_rule_is_left_out_above() -> None:
    rules = [rule for table in TABLES.values() for rule in (*table.constraints, *table.indexes)]
    kinds = (CheckConstraint, UniqueConstraint, ForeignKeyConstraint)
    named = {rule.name for rule in rules if isinstance(rule, kinds) or (isinstance(rule, Index) and rule.unique)}

    assert {case[0] for case in (*UNIQUE, *CHECKS, *PARENTS)} == named
    assert set(ROWS) == set(TABLES)


def test_a_column_that_must_be_told_refuses_nothing(database: Database) -> None:
    columns = [
        (table, column)
        for table in TABLES.values()
        for column in table.columns
        if not column.nullable and (table.name, column.name) != ("event", "id")  # the database gives that one
    ]
    for table, column in columns:
        with pytest.raises(IntegrityError) as refused:
            insert(database, table.name, **{column.name: null()})
        assert column.name in str(refused.value.orig)
    assert len(columns) > 80


@pytest.mark.parametrize("status", PostStatus)
def test_a_slot_is_kept_by_what_is_or_may_go_live_and_free_again_after_the_rest(
    database: Database, status: PostStatus
) -> None:
    def place_two() -> None:
        with database.writing() as db:
            add(db, "story")
            add(db, "post", status=str(status), **SLOT)
            add(db, "post", uuid="p2", occurrence=2, **SLOT)

    if status in KEEPS_SLOT:
        with pytest.raises(IntegrityError):
            place_two()
    else:
        place_two()


def test_many_posts_may_wait_for_a_slot_and_other_channels_send_meanwhile(database: Database) -> None:
    with database.writing() as db:
        add(db, "story")
        for n in range(1, 4):
            add(db, "post", uuid=f"p{n}", occurrence=n)
        for channel in ("kraj", "print"):
            add(db, "post", uuid=channel, channel=channel, status="sending", **SLOT)


def test_parts_and_channels_without_an_id_at_the_platform_are_not_each_other(database: Database) -> None:
    with database.writing() as db:
        add(db, "story")
        add(db, "post")
        add(db, "part")
        add(db, "part", uuid="i2", n=2, role="reply")
        add(db, "part", uuid="i3", n=3, role="comment", remote_id="7")
        add(db, "channel_state")
        add(db, "channel_state", channel="kraj")


def test_an_alert_may_be_raised_again_once_it_was_cleared(database: Database) -> None:
    with database.writing() as db:
        add(db, "alert", cleared_at=NOON)
        add(db, "alert", uuid="l2", cleared_at=NOON)
        add(db, "alert", uuid="l3")


def test_nothing_is_deleted_with_its_parent() -> None:
    rules = [rule for table in TABLES.values() for rule in table.foreign_key_constraints]

    assert {(rule.ondelete, rule.onupdate) for rule in rules} == {(None, None)}
    assert all(not inspect(mapper.class_).relationships for mapper in Story._sa_registry.mappers)


def test_a_parent_with_rows_stays(database: Database) -> None:
    insert(database, "attempt")
    for parent in ("story", "post", "part"):
        with pytest.raises(IntegrityError), database.writing() as db:
            db.connection().execute(TABLES[parent].delete())


def test_the_database_holds_no_cascade_and_no_rule_without_a_name(database: Database) -> None:
    seen = inspect(database.engine)
    for table in TABLES:
        keys = seen.get_foreign_keys(table)
        assert all(not key["options"] for key in keys)
        rules = [*keys, *seen.get_unique_constraints(table), *seen.get_check_constraints(table)]
        names = [seen.get_pk_constraint(table)["name"], *[rule["name"] for rule in rules]]
        assert all(name is not None and name[2:].startswith(f"_{table}") for name in names), names
        assert {name[:2] for name in names if name} <= {"pk", "fk", "uq", "ck"}


def times_of(table: Table) -> list[str]:
    return [column.name for column in table.columns if isinstance(column.type, UTCDateTime)]


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    naive = datetime(2026, 7, 1, 9, 0)  # noqa: DTZ001 - that is the point
    columns = [(table.name, name) for table in TABLES.values() for name in times_of(table)]
    for table, name in columns:
        with pytest.raises(StatementError, match="naive"):
            insert(database, table, **{name: naive})
    with pytest.raises(StatementError, match="naive"), database.reading() as db:
        db.exec(select(Post).where(col(Post.due_at) <= naive)).all()
    assert len(columns) > 20


@pytest.mark.parametrize("table", [table.name for table in TABLES.values() if times_of(table)])
def test_a_time_of_any_zone_comes_back_as_the_same_moment_in_utc(database: Database, table: str) -> None:
    in_prague = datetime(2026, 7, 1, 9, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    times = times_of(TABLES[table])
    insert(database, table, **dict.fromkeys(times, in_prague), **({"outcome": "unknown"} if table == "attempt" else {}))

    with database.reading() as db:
        (row,) = db.connection().execute(TABLES[table].select()).mappings()
    assert {f"{row[name]}" for name in times} == {"2026-07-01 07:00:00.123456+00:00"}
    assert {row[name].tzinfo for name in times} == {UTC}


def test_no_time_is_kept_in_a_type_that_forgets_its_zone() -> None:
    kinds = {type(column.type).__name__ for table in TABLES.values() for column in table.columns}

    assert kinds == {"AutoString", "String", "Integer", "Boolean", "Date", "JSON", "UTCDateTime"}


def test_our_words_are_stored_and_asked_for_as_plain_text(database: Database) -> None:
    with database.writing() as db:
        add(db, "story", status=StoryStatus.RETURNED)
        for n, status in enumerate(PostStatus):
            db.add(Post(uuid=f"p{n}", story="s1", channel="news", occurrence=n, status=status, created_at=NOON))
        db.flush()
        add(db, "part", post="p0")
        add(db, "attempt", outcome=Outcome.NOT_SENT, ended_at=NOON)
        db.add(Pause(scope=PauseScope.REGION, key="portugal", reason="storm", who="anna", since=NOON))

    with database.reading() as db:
        stored = db.exec(select(Post.status)).all()
        assert sorted(stored) == sorted(str(status) for status in PostStatus)
        assert {type(status) for status in stored} == {str}
        assert db.exec(select(Story.status).where(Story.status == StoryStatus.RETURNED)).one() == "returned"
        live = db.exec(select(Post.status).where(col(Post.status).in_(MAY_BE_LIVE))).all()
        assert set(live) == {"sending", "published", "unconfirmed", "partial"}
        assert db.get(Pause, (PauseScope.REGION, "portugal")) is not None


def test_json_comes_back_as_it_was_with_every_letter(database: Database) -> None:
    content = {"title": "Škoda – „Příklad“ 🚗", "regions": ["moravia-silesia"], "figures": [{"value": 1.5, "n": None}]}
    with database.writing() as db:
        add(db, "story", content=content)

    with database.reading() as db:
        assert db.exec(select(Story.content)).one() == content
    assert [column.name for column in TABLES["story"].columns if isinstance(column.type, JSON)] == ["content"]


PART = {"text": "Open day", "language": "en", "link": "https://example.org", "title": "Day", "tags": ("A", "B")}
IMAGE = {"sha256": "0f", "media_type": "image/jpeg", "width": 1200, "height": 630, "size": 9, "alt": "A hall."}


@pytest.mark.parametrize(
    "change",
    [
        {"text": "Open  day"},
        {"language": "cs"},
        {"link": ""},
        {"title": ""},
        {"tags": ("B", "A")},
        {"role": "reply"},
        {"images": ({**IMAGE, "alt": "A room."},)},
        {"images": ({**IMAGE, "sha256": "00"},)},
        {"images": (IMAGE, IMAGE)},
        {"preview": {"title": "Skills"}},
    ],
    ids=str,
)
def test_whatever_the_public_would_see_otherwise_is_another_content(change: dict[str, Any]) -> None:
    whole = {**PART, "images": (IMAGE,)}

    assert content_hash([PartContent(**whole)]) != content_hash([PartContent(**{**whole, **change})])


@pytest.mark.parametrize("change", [{"title": "Modules"}, {"description": "For all."}, {"image": None}], ids=str)
def test_a_preview_is_a_part_of_the_content(change: dict[str, Any]) -> None:
    preview = {"title": "Skills", "image": IMAGE}
    first, second = (PartContent(**PART, preview=each) for each in (preview, {**preview, **change}))

    assert content_hash([first]) != content_hash([second])
    assert [image.sha256 for image in first.files] == [IMAGE["sha256"]]


def test_the_files_of_a_part_are_its_pictures_and_that_of_its_preview() -> None:
    part = PartContent(**PART, images=(IMAGE,), preview={"title": "Skills", "image": {**IMAGE, "sha256": "00"}})

    assert [image.sha256 for image in part.files] == [IMAGE["sha256"], "00"]
    assert PartContent(**PART, preview={"title": "Skills"}).files == ()


def test_the_order_of_parts_counts_and_that_of_keys_does_not() -> None:
    first, second = PartContent(**PART), PartContent(**{**PART, "role": "reply"})

    assert content_hash([first, second]) != content_hash([second, first])
    assert content_hash([first]) != content_hash([first, first])
    assert digest({"a": 1, "b": "š"}) == digest({"b": "š", "a": 1})


def test_the_hash_of_a_content_is_the_same_for_ever() -> None:
    """It is stored with every approval: a change of this number would send each approved post back."""
    canonical = (
        '[{"images":[],"language":"cs","link":"","role":"post","tags":[],"text":"Škola","title":""}]'  # as documented
    )
    assert content_hash([PartContent(text="Škola", language="cs")]) == sha256(canonical.encode()).hexdigest()
