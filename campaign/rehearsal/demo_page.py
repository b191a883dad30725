"""The page that the demo ends in: calendar, posts as their audiences see them, report, what to type next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from campaign import pages, report, store
from campaign.app import App, content_of
from campaign.models import PartContent, Post, PostStatus, Story
from campaign.platforms.base import COUNTS
from campaign.rehearsal import told
from campaign.rehearsal.judge import judge
from campaign.rehearsal.witness import Witness

NOTEWORTHY = {  # events that tell an officer something, and what they are called here
    "post.handed-over": "Handed to a person",
    "post.yielded": "Gave up its slot",
    "post.returned": "Back to the planner",
    "post.expired": "Expired",
    "post.failed": "Failed",
    "post.unapproved": "Back to be approved",
    "alert.raised": "Asked for a person",
}


@dataclass(frozen=True)
class Entry:
    """One post in the calendar."""

    time: str
    channel: str
    title: str
    region: str
    status: str


@dataclass(frozen=True)
class Day:
    """One day of the calendar."""

    date: date
    entries: tuple[Entry, ...]
    closed: str  # the reason of a blackout


def write_page(app: App, first: date, last: date, witness: Witness) -> Path:
    """Write the page about the days from `first` to `last` and return its path."""
    evidence = witness.evidence()
    zone = ZoneInfo(app.config.campaign.zone)
    start, end = (datetime.combine(day, time.min, zone).astimezone(UTC) for day in (first, last + timedelta(days=1)))
    with app.reading() as db:
        posts = store.posts_where(db, due_from=start, due_to=end)
        stories = {story.uuid: story for story in store.all_stories(db)}
        parts = {post.uuid: store.parts_of(db, post.uuid) for post in posts}
        alerts = store.open_alerts(db)
        happened = [event for event in store.events(db) if event.what in NOTEWORTHY]
    live = [post for post in posts if post.status == PostStatus.PUBLISHED]
    contents = {uuid: [PartContent.model_validate(part.content) for part in found] for uuid, found in parts.items()}
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    calendar = [_day(app, posts, stories, contents, day) for day in days]
    names = {post.uuid: f"{stories[post.story].slug} on {app.channel(post.channel).name}" for post in posts}
    return pages.write(
        app.config.folders.pages / "demo.html",
        "demo.html.j2",
        campaign=app.config.campaign.name,
        first=first,
        last=last,
        figures=_figures(app, live, stories, contents),
        weeks=[calendar[n : n + 7] for n in range(0, len(calendar), 7)],
        shown=[(_week_of(post, start), _shown(app, post, contents[post.uuid])) for post in live],
        reports=[_table(app, by, start, end) for by in ("region", "project", "channel")],
        counted=COUNTS,
        happened=[
            (event.at.astimezone(zone), NOTEWORTHY[event.what], names.get(event.post or ""), event.note)
            for event in happened
        ],
        alerts=alerts,
        simulated=[app.channel(key).name for key in witness.services],
        survived=told.survived(witness.met, evidence),
        restarts=witness.house.starts - 1,
        promises=list(told.promises(judge(evidence), witness.house.bugs)),
        zone=zone,
        folder=app.config.folders.root,
    )


def _figures(
    app: App, live: list[Post], stories: dict[str, Story], contents: dict[str, list[PartContent]]
) -> list[tuple[int, str]]:
    regions = {region for post in live for region in content_of(stories[post.story]).regions}
    languages = {part.language for post in live for part in contents[post.uuid]}
    return [
        (len(live), "posts published, each exactly once"),
        (len(regions - {key for key, region in app.config.regions.items() if region.network}), "regions seen"),
        (len({post.channel for post in live}), "channels"),
        (len(languages), "languages"),
        (len({stories[post.story].kind for post in live}), "kinds of story"),
    ]


def _day(
    app: App, posts: list[Post], stories: dict[str, Story], contents: dict[str, list[PartContent]], day: date
) -> Day:
    zone = ZoneInfo(app.config.campaign.zone)
    entries = [
        Entry(
            f"{post.due_at.astimezone(zone):%H:%M}",
            app.channel(post.channel).name,
            contents[post.uuid][0].title if contents[post.uuid] else stories[post.story].slug,
            app.config.regions[stories[post.story].region].named("en"),
            post.status,
        )
        for post in posts
        if post.due_at and post.due_at.astimezone(zone).date() == day
    ]
    closed = next((blackout.reason for blackout in app.config.blackouts if blackout.first <= day <= blackout.last), "")
    return Day(day, tuple(entries), closed)


def _week_of(post: Post, start: datetime) -> int:
    return (post.due_at - start).days // 7 + 1 if post.due_at else 0


def _shown(app: App, post: Post, parts: list[PartContent]) -> pages.ShownPost:
    channel = app.channel(post.channel)
    moment = (post.published_at or app.clock.now()).astimezone(ZoneInfo(channel.zone))
    when = f"{moment:%A} {moment.day} {moment:%B %Y, %H:%M}"
    return pages.ShownPost(channel.name, when, tuple(pages.shown_part(part, app.media.path) for part in parts))


def _table(app: App, by: report.By, start: datetime, end: datetime) -> report.Report:
    return report.report(app, start=start, end=end, by=by)
