"""What was published and what came of it: by region, project, channel or kind; as a table, CSV or JSON.

The newest known number of each post counts. A missing number is never 0: a sum says of how many posts it is known,
and the notes say why the others are not.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from sqlmodel import Session

from campaign import costs, store
from campaign.app import App
from campaign.config import Config
from campaign.config.problems import did_you_mean
from campaign.errors import UsageError
from campaign.models import Post, PostStatus, Snapshot, Story
from campaign.platforms.base import COUNTS
from campaign.store.counts import published_between, snapshots_of
from campaign.store.evidence import Standing, shares, standings

By = Literal["region", "project", "channel", "kind"]
TOTAL = "Total"


@dataclass(frozen=True)
class Number:
    """One count of one post: its value with source and time, or the cause of its absence."""

    value: int | None = None
    source: str = ""
    taken_at: datetime | None = None
    cause: str = ""


@dataclass(frozen=True)
class Item:
    """One published post, as reports see it."""

    regions: tuple[str, ...]
    project: str
    channel: str
    kind: str
    turns: Mapping[str, float]  # its part of a turn, by region
    network: bool  # it is about the network alone
    by_hand: bool
    removed: bool
    numbers: Mapping[str, Number]  # by the words of COUNTS


@dataclass(frozen=True)
class Sum:
    """One count over several posts. `value` is None when it is known of none of them."""

    value: int | None
    known: int  # posts of which it is known
    posts: int
    causes: Mapping[str, int]  # why it is not known of the others → posts

    def __str__(self) -> str:
        if self.posts == 0:
            return "–"
        if self.value is None:
            return "not known"
        return str(self.value) if self.known == self.posts else f"{self.value} ({self.known} of {self.posts} posts)"


@dataclass(frozen=True)
class Row:
    """One group of posts."""

    group: str  # key of the config
    name: str
    posts: int
    network: int  # posts about the network alone
    by_hand: int
    sums: Mapping[str, Sum]
    sources: Mapping[str, int]  # of the numbers in the sums → posts
    oldest: datetime | None  # when the oldest and the newest number in the sums were taken
    newest: datetime | None
    turns: float | None = None  # of regions: the posts of the time reported, shared ones in part, by weight
    standing: Standing | None = None  # of regions: now


@dataclass(frozen=True)
class Report:
    """The posts that went live in [start, end)."""

    start: datetime
    end: datetime
    made_at: datetime
    zone: str
    by: By
    rows: tuple[Row, ...]
    total: Row
    notes: tuple[str, ...]
    costs: tuple[costs.MonthCost, ...] = ()  # by channel and month, with what may have gone out


def report(
    app: App,
    *,
    start: datetime,
    end: datetime,
    by: By = "region",
    regions: Sequence[str] = (),
    projects: Sequence[str] = (),
) -> Report:
    """Return the report on the posts that went live in [start, end); empty `regions` and `projects` mean all.

    Raises:
        UsageError: a region or project is not in the config, or `by` is no way to group.
    """
    config, now = app.config, app.clock.now()
    _check(by, get_args(By), "grouping")
    for words, known, what in ((regions, config.regions, "region"), (projects, config.projects, "project")):
        for word in words:
            _check(word, known, what)
    with app.reading() as db:
        found = published_between(db, start, end)
        snapshots = snapshots_of(db, [post.uuid for post, _ in found])
        standing = standings(db, config.regions, now) if by == "region" else {}
        paid = costs.paid(db, config, start, end, lambda story: _counts(db, story, regions, projects))
    items = [item_of(config, post, story, snapshots[post.uuid]) for post, story in found]
    kept = [item for item in items if _is_wanted(item, regions, projects)]
    rows = _rows(config, kept, by, regions, projects, standing)
    notes = tuple(_notes(kept, by, config.campaign.zone))
    notes = (*notes, *costs.told("Cost", paid))
    return Report(start, end, now, config.campaign.zone, by, rows, row_of("", TOTAL, kept), notes, tuple(paid))


def _check(word: str, known: Iterable[str], what: str) -> None:
    names = list(known)
    if word not in names:
        raise UsageError(f'there is no {what} "{word}"', remedy=did_you_mean(word, names))


def _is_wanted(item: Item, regions: Sequence[str], projects: Sequence[str]) -> bool:
    return _is_about(item.regions, item.project, regions, projects)


def _counts(db: Session, story: str, regions: Sequence[str], projects: Sequence[str]) -> bool:
    found = store.story_by_id(db, story)
    return found is not None and _is_about(regions_of(found), found.project, regions, projects)


def _is_about(about: Sequence[str], project: str, regions: Sequence[str], projects: Sequence[str]) -> bool:
    about_it = not regions or any(region in regions for region in about)
    return about_it and (not projects or project in projects)


def regions_of(story: Story) -> tuple[str, ...]:
    """Return the regions of a story; the first leads."""
    return tuple(story.content.get("regions") or (story.region,))


def item_of(config: Config, post: Post, story: Story, snapshots: Sequence[Snapshot]) -> Item:
    """Return a post as reports see it; `snapshots` come in the order in which they were taken."""
    regions = regions_of(story)
    turns = shares(regions, config.regions)
    channel = config.channels.get(post.channel)
    return Item(
        regions=regions,
        project=story.project,
        channel=post.channel,
        kind=story.kind,
        turns=turns,
        network=bool(turns) and all(config.regions[region].network for region in turns),
        by_hand=channel is not None and channel.mode == "by-hand",
        removed=post.status == PostStatus.REMOVED,
        numbers={word: number(word, snapshots) for word in COUNTS},
    )


def number(word: str, snapshots: Sequence[Snapshot]) -> Number:
    """Return the newest known number of a post, else the newest cause of its absence.

    A later look that found nothing takes nothing away from an earlier one: the number keeps its own time.
    """
    for snapshot in reversed(snapshots):
        if word in snapshot.counts:
            return Number(snapshot.counts[word], snapshot.source, snapshot.taken_at)
    causes = [snapshot.missing[word] for snapshot in snapshots if word in snapshot.missing]
    return Number(cause=causes[-1] if causes else "not counted yet")


GROUPS: Mapping[By, Callable[[Item], tuple[str, ...]]] = {
    "region": lambda item: item.regions,
    "project": lambda item: (item.project,),
    "channel": lambda item: (item.channel,),
    "kind": lambda item: (item.kind,),
}


def _rows(
    config: Config,
    items: Sequence[Item],
    by: By,
    regions: Sequence[str],
    projects: Sequence[str],
    standing: Mapping[str, Standing],
) -> tuple[Row, ...]:
    """Group: first what the config lists, so that those with nothing published are seen, then what else was found."""
    groups_of = GROUPS[by]
    listed = {"region": config.regions, "project": config.projects, "channel": config.channels, "kind": ()}[by]
    wanted = {"region": regions, "project": projects, "channel": (), "kind": ()}[by]
    found = sorted({group for item in items for group in groups_of(item)})
    keys = [key for key in dict.fromkeys([*listed, *found]) if not wanted or key in wanted]
    rows = []
    for key in keys:
        own = [item for item in items if key in groups_of(item)]
        region = config.regions.get(key) if by == "region" else None
        turns = sum(item.turns.get(key, 0.0) for item in own) / region.weight if region and not region.network else None
        rows.append(row_of(key, _name(config, by, key), own, turns, standing.get(key)))
    return tuple(rows)


def _name(config: Config, by: By, key: str) -> str:
    if by == "region" and key in config.regions:
        return config.regions[key].named(config.campaign.language)
    if by == "channel" and key in config.channels:
        return config.channels[key].name or key
    if by == "project":
        return config.projects[key].name if key in config.projects else key or "no project"
    return key


def row_of(
    group: str, name: str, items: Sequence[Item], turns: float | None = None, standing: Standing | None = None
) -> Row:
    """Add up some posts."""
    taken = [number.taken_at for item in items for number in item.numbers.values() if number.taken_at is not None]
    return Row(
        group=group,
        name=name,
        posts=len(items),
        network=sum(item.network for item in items),
        by_hand=sum(item.by_hand for item in items),
        sums={word: added([item.numbers[word] for item in items]) for word in COUNTS},
        sources=dict(Counter(source for item in items for source in sorted(_sources(item)))),
        oldest=min(taken, default=None),
        newest=max(taken, default=None),
        turns=turns,
        standing=standing,
    )


def _sources(item: Item) -> set[str]:
    return {number.source for number in item.numbers.values() if number.source}


def added(numbers: Sequence[Number]) -> Sum:
    """Add up what is known."""
    known = [number.value for number in numbers if number.value is not None]
    causes = Counter(number.cause for number in numbers if number.value is None)
    return Sum(sum(known) if known else None, len(known), len(numbers), dict(causes))


def _notes(items: Sequence[Item], by: By, zone: str) -> Iterable[str]:
    """Say in sentences what the numbers do not: their age, their sources, why some are missing, what counts twice."""
    total = row_of("", TOTAL, items)
    if total.oldest and total.newest:
        first, last = _when(total.oldest, zone), _when(total.newest, zone)
        yield f"Numbers as of {last}." if first == last else f"Numbers as of {last}; the oldest is of {first}."
    if total.sources:
        yield f"Sources: {', '.join(f'{source} ({_posts(count)})' for source, count in sorted(total.sources.items()))}."
    yield from (f"{cause}." for cause in _causes(total))
    several = sum(len(item.regions) > 1 for item in items)
    if several and by == "region":
        yield (
            f"{_posts(several)} about several regions: counted once for each of them, and once in the total. "
            "A shared post is a part of a turn for each of its regions."
        )
    if by_hand := sum(item.by_hand for item in items):
        yield f"{_posts(by_hand)} published by hand."
    if removed := sum(item.removed for item in items):
        yield f"{_posts(removed)} taken down since."


def _causes(row: Row) -> list[str]:
    """Name the causes of missing numbers, the words that share one together."""
    words_of: dict[tuple[str, int], list[str]] = {}
    for word, found in row.sums.items():
        for cause_and_count in found.causes.items():
            words_of.setdefault(cause_and_count, []).append(word)
    return [f"Not known of {_posts(count)} ({', '.join(words)}): {cause}" for (cause, count), words in words_of.items()]


def _posts(count: int) -> str:
    return "1 post" if count == 1 else f"{count} posts"


def _when(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M %Z}"


def as_table(report: Report) -> list[list[str]]:
    """Return the report as rows of cells, the header first and the total last, for the terminal."""
    by_region = report.by == "region"
    header = [report.by.capitalize(), "Posts", "Network", *(word.capitalize() for word in COUNTS), "As of"]
    if by_region:
        header += ["Turns", "Planned", "Approved", "Waiting", "Runway"]
    rows = [_cells(row, report.zone) + (_region_cells(row) if by_region else []) for row in report.rows]
    total = _cells(report.total, report.zone) + [""] * (5 if by_region else 0)
    return [header, *rows, total]


def _cells(row: Row, zone: str) -> list[str]:
    network = f"{row.network} ({row.network / row.posts:.0%})" if row.network else "–"
    return [
        row.name,
        str(row.posts),
        network,
        *(str(row.sums[word]) for word in COUNTS),
        _when(row.newest, zone) if row.newest else "–",
    ]


def _region_cells(row: Row) -> list[str]:
    turns = "–" if row.turns is None else f"{row.turns:.3g}"
    now = row.standing
    if now is None:
        return [turns, "–", "–", "–", "–"]
    runway = "no pace yet" if now.runway is None else f"{int(now.runway)} days"
    return [turns, str(now.planned), str(now.approved), str(now.waiting), runway]


def as_csv(report: Report) -> str:
    """Return the report as CSV with a header; an empty cell is a number that is not known. Times are UTC."""
    out = io.StringIO()
    header = [report.by, "name", "posts", "network_posts", "by_hand_posts"]
    header += [column for word in COUNTS for column in (word, f"{word}_known_of")]
    header += ["oldest_number", "newest_number", "turns", "planned", "approved", "waiting", "runway_days"]
    header += ["sources", "why_missing"]
    writer = csv.writer(out)
    writer.writerow(header)
    for row in (*report.rows, report.total):
        sums = [cell for word in COUNTS for cell in (row.sums[word].value, row.sums[word].known)]
        now = row.standing
        standing = [now.planned, now.approved, now.waiting, now.runway] if now else [None] * 4
        cells = [row.group, row.name, row.posts, row.network, row.by_hand, *sums, row.oldest, row.newest, row.turns]
        origin = ["; ".join(row.sources), "; ".join(_causes(row))]
        writer.writerow([_harmless(cell) for cell in (*cells, *standing, *origin)])
    return out.getvalue()


def _harmless(cell: object) -> object:
    """Return a cell that no spreadsheet takes for a formula.

    https://owasp.org/www-community/attacks/CSV_Injection
    """
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def as_json(report: Report) -> str:
    """Return the report as JSON; null is a number that is not known. Times are UTC."""
    return json.dumps(asdict(report), ensure_ascii=False, indent=2, default=_plain)


def _plain(value: datetime | Decimal) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
