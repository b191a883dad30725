"""Every row of every platform's error table, played through the adapter as the service says it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pytest

from campaign import errors, platforms
from campaign.errors import PlatformError
from campaign.files import PACKAGE
from campaign.rehearsal.clock import VirtualClock
from tests.platforms import rows
from tests.platforms.mastodon.conftest import image
from tests.platforms.mastodon.scripted import MakeImage, Said, Scripted, error_of
from tests.platforms.rows import Means, Stage

__all__ = ["image"]

TALKING = [name for name in platforms.PLATFORMS if name != "folder"]  # which talks to nobody
TABLES = [*sorted((PACKAGE / "platforms").rglob("refusals.py")), PACKAGE / "platforms" / "graph.py"]
SOURCES = ("https://", "RFC ", "docs/", "our own", "other clients", "as above", "as in ")


@pytest.fixture(scope="module")
def server() -> Iterator[Scripted]:
    started = Scripted()
    yield started
    started.server.close()


@pytest.fixture
def stage(server: Scripted, clock: VirtualClock, image: MakeImage) -> Stage:
    """One server for all rows, on which nothing is said or asked yet."""
    server.routes.clear()
    server.server.requests.clear()
    return Stage(server, clock, image)


def played() -> Iterator[object]:
    """Yield each row with each call that it may be the answer to, and the rows that are common to all calls."""
    for platform in rows.KNOWN:
        told = rows.of(platform)
        for name, call in told.CALLS.items():
            own = [(row.name, row.says, row.means[name]) for row in told.ROWS if name in row.means]
            for what, says, means in [*own, *rows.common_to(call)]:
                yield pytest.param(platform, name, says, means, id=f"{platform}: {name}: {what}")


@pytest.mark.parametrize(("platform", "name", "says", "means"), list(played()))
def test_what_a_refusal_means(stage: Stage, platform: str, name: str, says: Said, means: Means) -> None:
    told = rows.of(platform)
    call = told.CALLS[name]
    told.well(stage.server)
    stage.server.says(call.refused, says)

    error = error_of(lambda: call.make(stage))

    assert meaning(error) == Means(means.kind, "", means.wait, means.forget, means.token_dead), error
    assert means.words in str(error)
    if call.visible:
        assert stage.server.calls.count(call.refused) == 1
        assert stage.server.calls[-1] == call.refused
    else:
        assert not {each.refused for each in told.CALLS.values() if each.visible} - {call.refused} & {
            *stage.server.calls
        }


def test_every_platform_that_talks_to_a_service_has_rows() -> None:
    assert sorted(TALKING) == rows.KNOWN


@pytest.mark.parametrize("platform", TALKING)
def test_the_calls_that_rows_are_played_on_go_well_without_them(stage: Stage, platform: str) -> None:
    told = rows.of(platform)
    for call in told.CALLS.values():
        told.well(stage.server)
        call.make(stage)
        assert call.refused in stage.server.calls


@pytest.mark.parametrize("platform", TALKING)
def test_rows_are_played_on_calls_that_readers_see_and_on_others(platform: str) -> None:
    told = rows.of(platform)
    assert {call.visible for call in told.CALLS.values()} == {True, False}
    assert {name for row in told.ROWS for name in row.means} == set(told.CALLS)


@pytest.mark.parametrize("file", TABLES, ids=lambda file: file.parent.name)
def test_each_line_of_a_table_says_where_it_comes_from(file: Path) -> None:
    """On the line itself, on the first one of its table, or in a comment above that."""
    lines = file.read_text().splitlines()
    for table in tables_in(file):
        about_all = [*comments_above(lines, table.lineno), lines[table.lineno - 1]]
        for entry in entries_of(table):
            said = " ".join([*about_all, *lines[entry.lineno - 1 : entry.end_lineno]])
            assert any(source in said for source in SOURCES), f"{file.parent.name}, line {entry.lineno}"


@pytest.mark.parametrize("platform", TALKING)
def test_a_platform_tells_its_refusals_apart_in_a_file_of_its_own(platform: str) -> None:
    assert (PACKAGE / "platforms" / platform / "refusals.py") in TABLES


def meaning(error: PlatformError) -> Means:
    """Return what follows from an error; an adapter's own kinds of errors count as what everybody knows them as."""
    kind = next(each for each in type(error).__mro__ if each.__module__ == errors.__name__)
    wait, forget = getattr(error, "retry_after", None), getattr(error, "forget", ())
    return Means(kind, "", wait, forget, getattr(error, "token_dead", False))


def tables_in(file: Path) -> list[ast.Assign | ast.AnnAssign]:
    """Return what is written in capitals at the top of a file, but for single words and waits."""
    found = []
    for node in ast.parse(file.read_text()).body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=value)
            ) if name.isupper() and isinstance(value, ast.Tuple | ast.Dict | ast.Set | ast.Call | ast.Constant):
                is_text = isinstance(value, ast.Constant) and isinstance(value.value, str)
                is_wait = isinstance(value, ast.Call) and ast.unparse(value.func) == "timedelta"
                found += [] if is_text or is_wait else [node]
    return found


def entries_of(table: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    """Return the lines of a table but for those of another one in it; a single value is its own line."""
    match table.value:
        case ast.Tuple(elts=entries) | ast.Set(elts=entries):
            return [
                each for each in entries if not (isinstance(each, ast.Starred) and isinstance(each.value, ast.Name))
            ]
        case ast.Dict(keys=keys):
            return [key for key in keys if key]
        case value:
            return [value] if value else []


def comments_above(lines: list[str], number: int) -> list[str]:
    """Return the comments above a line, as far as no line is empty: what stands together may have one source."""
    block = takewhile(str.strip, reversed(lines[: number - 1]))
    return [line for line in block if line.startswith("#")]
