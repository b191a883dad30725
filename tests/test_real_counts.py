"""What others do with our posts on real servers stands in the report; where nobody counts, it says why."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from campaign import store
from campaign.models import PostStatus, Snapshot
from campaign.store.counts import schedule_snapshots, snapshots_of
from tests.making import make_post, make_story
from tests.realservers.faults import cut_after, error_before, garbage, half_body, rewritten
from tests.realservers.office import STORIES, BlueskyHome, Home, MastodonHome, Office, opened
from tests.realservers.pds import Pds
from tests.realservers.proxy import Proxy
from tests.realservers.servers import until

pytest_plugins = ["tests.realservers.fixtures"]

ABOUT = {"cursos-de-baterias-em-portugal": "portugal", "druga-zmiana": "slaskie"}
TOLD = {"portugal": "Portugal (ATEC)", "slaskie": "Silesia (Śląskie)"}
TWO = [story for story in STORIES if story.name in ABOUT]
GONE = "the post is not there any more"
NEVER = {"bluesky": "Bluesky does not tell", "mastodon": "Mastodon does not tell"}


@pytest.fixture(params=["bluesky", "mastodon"])
def home(request: pytest.FixtureRequest) -> Home:
    """A new account where somebody counts."""
    if request.param == "bluesky":
        return BlueskyHome(request.getfixturevalue("appview"))
    return MastodonHome(request.getfixturevalue("mastodon"))


@pytest.fixture
def proxy(home: Home) -> Iterator[Proxy]:
    """A proxy before whoever counts."""
    with Proxy(home.server.appview_url if isinstance(home, BlueskyHome) else home.url) as proxy:
        yield proxy


def settings(home: Home, thread: int = 1, appview_url: str = "") -> str:
    """Return the settings of a channel that says its words alone, quickly drawn."""
    lines = ['attach = "none"', f"thread = {thread}"]
    if isinstance(home, BlueskyHome):
        lines.append(f'appview_url = "{appview_url or home.server.appview_url}"')
    return "\n".join(lines)


@contextmanager
def behind(home: Home, proxy: Proxy) -> Iterator[Office]:
    """Lend an office that asks for its numbers through the proxy."""
    if isinstance(home, MastodonHome):
        home.url = proxy.url
    with opened(home, settings(home, appview_url=proxy.url)) as office:
        yield office


def deleted(home: Home, remote_id: str) -> None:
    """Have somebody delete a part on the server, and its readers miss it."""
    home.delete(remote_id)
    until(lambda: not home.shown(remote_id))


def regions_of(office: Office) -> dict[str, str]:
    """Return the ids of the two posts by their regions, the one that went out first first."""
    return {ABOUT[slug]: post for post, slug in office.posts()}


def live(office: Office, post: str) -> list[str]:
    """Return the remote ids of a post's parts."""
    return [str(part["remote_id"]) for part in office.json("post", "show", post)["parts"]]


def taken(office: Office, post: str) -> list[Snapshot]:
    """Return what was measured of a post, the youngest age first."""
    with office.daemon.reading() as db:
        return snapshots_of(db, [post])[post]


def told(office: Office, region: str) -> list[str]:
    """Return what a person reads in the region's line: posts, then each count and the time of the newest."""
    header, *lines = office.typed("report", "--by", "region").splitlines()
    columns = re.split(r"\s{2,}", header)
    cells = next(re.split(r"\s{2,}", line) for line in lines if line.startswith(TOLD[region]))
    named = dict(zip(columns, cells, strict=False))
    return [named[column] for column in ("Posts", "Reactions", "Comments", "Shares", "As of")]


def sums(office: Office, region: str) -> dict[str, Any]:
    """Return what the region's row tells to programs: the number of each count, or why it is not known."""
    report = office.json("report", "--by", "region")
    (row,) = (row for row in report["rows"] if row["group"] == region)
    return {word: found["value"] if found["known"] else list(found["causes"]) for word, found in row["sums"].items()}


RAW = {  # of a post that three have liked, and to which somebody has done everything else that can be done
    "bluesky": {"likeCount": 3, "replyCount": 1, "repostCount": 1, "quoteCount": 1},
    "mastodon": {"favourites_count": 3, "replies_count": 1, "reblogs_count": 1},
}


def test_what_others_do_is_reported_under_the_right_region_and_at_its_age(home: Home) -> None:
    quotes = {"quote": 1} if "quoteCount" in RAW[home.platform] else {}
    shares = 1 + len(quotes)
    with opened(home, settings(home)) as office:
        office.approve(TWO)
        office.publish()
        (early, first), (late, second) = regions_of(office).items()
        (one_id,), (other_id,) = live(office, first), live(office, second)

        home.react(one_id, like=3, share=1, reply=1, **quotes)
        office.work(hours=0.5)  # the first is one hour old, the second half an hour

        assert told(office, early) == ["1", "3", "1", str(shares), "2026-02-27 19:00 CET"]
        assert told(office, late) == ["1", "not known", "not known", "not known", "–"]
        assert set(map(str, sums(office, late).values())) == {"['not counted yet']"}

        home.react(other_id, like=1)
        office.work(hours=0.5)
        assert told(office, late) == ["1", "1", "0", "0", "2026-02-27 19:30 CET"]

        home.react(one_id, like=1, share=1)
        office.work(hours=5)
        assert told(office, early) == ["1", "4", "1", str(shares + 1), "2026-02-28 00:30 CET"]
        never = {word: [NEVER[home.platform]] for word in ("impressions", "clicks")}
        assert sums(office, early) == {"reactions": 4, "comments": 1, "shares": shares + 1, **never}
        assert sums(office, late) == {"reactions": 1, "comments": 0, "shares": 0, **never}

        one, six = taken(office, first)
        assert [each.age // 3600 for each in (one, six)] == [1, 6]
        assert one.counts == {"reactions": 3, "comments": 1, "shares": shares}
        assert six.counts == {"reactions": 4, "comments": 1, "shares": shares + 1}
        assert RAW[home.platform].items() <= one.raw.items()


def test_the_next_part_of_our_own_thread_is_no_comment(home: Home) -> None:
    with opened(home, settings(home, thread=4)) as office:
        office.approve(TWO)
        office.publish()
        answered, alone = regions_of(office).values()
        ids, other_ids = live(office, answered), live(office, alone)
        assert min(len(ids), len(other_ids)) > 1
        home.react(ids[0], reply=2)
        until(lambda: all(map(home.shown, (*ids, *other_ids))))
        office.work(hours=1)
        assert [taken(office, post)[0].counts["comments"] for post in (answered, alone)] == [2, 0]

        deleted(home, ids[1])
        office.work(hours=5)
        assert [taken(office, post)[1].counts["comments"] for post in (answered, alone)] == [2, 0]


def test_a_post_that_somebody_deleted_has_a_cause_and_keeps_what_was_counted_before(home: Home) -> None:
    with opened(home, settings(home)) as office:
        office.approve(TWO)
        office.publish()
        (early, first), (late, second) = regions_of(office).items()
        (one_id,), (other_id,) = live(office, first), live(office, second)
        home.react(one_id, like=2)
        until(lambda: home.shown(other_id))
        office.work(hours=0.5)
        deleted(home, one_id)
        deleted(home, other_id)
        office.work(hours=6)

        assert told(office, early) == ["1", "2", "0", "0", "2026-02-27 19:00 CET"]
        causes = sums(office, late)
        for word in ("reactions", "comments", "shares"):
            assert causes[word] == [GONE]
            assert taken(office, first)[-1].missing[word] == GONE
        assert taken(office, first)[-1].counts == taken(office, second)[-1].counts == {}
        assert f"{GONE}." in office.typed("report")


def test_where_nobody_counts_the_report_says_what_to_set(pds: Pds) -> None:
    with opened(BlueskyHome(pds), 'attach = "none"') as office:
        office.approve(TWO)
        office.publish()
        office.work(hours=2)

        for region in TOLD:
            assert told(office, region) == ["1", "not known", "not known", "not known", "–"]
        report = office.typed("report")
        assert "Not known of 2 posts (reactions, comments, shares): nobody is set to count: set appview_url" in report


def test_what_the_appview_does_not_show_yet_is_not_known(pds: Pds, appview: Pds) -> None:
    home = BlueskyHome(pds)  # which that AppView does not follow
    with opened(home, settings(home, appview_url=appview.appview_url)) as office:
        office.approve(TWO)
        office.publish()
        office.work(hours=2)

        for region in TOLD:
            assert sums(office, region)["reactions"] == ["Bluesky does not show the post to readers yet"]


def test_who_cannot_be_asked_is_asked_again_and_nothing_is_made_up(home: Home, proxy: Proxy) -> None:
    with behind(home, proxy) as office:
        office.approve(TWO[:1])
        office.publish()
        ((post, slug),) = office.posts()
        home.react(*live(office, post), like=1)
        office.work(hours=1)
        (first,) = taken(office, post)

        office.clock.advance(timedelta(hours=5))
        acts = (error_before(503), garbage, half_body, cut_after, error_before(429, Retry_After="300"))
        for n, act in enumerate(acts):
            met = len(proxy.calls)
            proxy.fault(("GET", "*"), act, count=99)
            office.work()
            proxy.heal()
            assert {call.act for call in proxy.calls[met:]} == {act.__qualname__.partition(".")[0]}
            assert taken(office, post) == [first]
            assert told(office, ABOUT[slug])[1] == "1"
            office.clock.advance(timedelta(minutes=5 * 2**n))  # it is asked ever rarer

        office.work()
        assert [each.counts for each in taken(office, post)] == [first.counts] * 2


def test_a_number_that_an_answer_lacks_is_never_0(home: Home, proxy: Proxy) -> None:
    with behind(home, proxy) as office:
        office.approve(TWO[:1])
        office.publish()
        ((post, _),) = office.posts()
        (remote_id,) = live(office, post)
        until(lambda: home.shown(remote_id))
        ages = (1, 6, 24, 72, 168, 720)
        lacking = [(word, value) for word in FIELDS for value in (b"", b"null")]

        for hours, (word, value) in zip((1, 5, 18, 48, 96, 552), lacking, strict=True):
            proxy.fault(("GET", "*"), rewritten(without(FIELDS[word], value)), count=99)
            office.work(hours)
            proxy.heal()

        for snapshot, age, (word, _) in zip(taken(office, post), ages, lacking, strict=True):
            assert snapshot.age == age * 3600
            assert snapshot.counts == dict.fromkeys(FIELDS.keys() - {word}, 0)
            assert snapshot.missing[word]


GZIP = b"\x1f\x8b"  # https://www.rfc-editor.org/rfc/rfc1952#section-2.3.1
FIELDS = {
    "reactions": b"likeCount|favourites_count",
    "comments": b"replyCount|replies_count",
    "shares": b"repostCount|reblogs_count",
}


def without(fields: bytes, value: bytes) -> Callable[[bytes], bytes]:
    """Return a change of an answer: `value` stands for each of these numbers, or they are not there at all."""
    instead = rb'"\1":' + value if value else b'"other":0'

    def change(body: bytes) -> bytes:
        plain = gzip.decompress(body) if body.startswith(GZIP) else body
        changed, count = re.subn(rb'"(' + fields + rb')": ?\d+', instead, plain)
        assert count
        return changed

    return change


MANY = 45  # more than a server tells of in one answer: 25 on Bluesky, 20 on Mastodon


def test_many_posts_are_counted_each_for_itself(home: Home) -> None:
    with opened(home, settings(home)) as office:
        remote_ids = [home.say(f"Story {n}") for n in range(MANY)]
        posts = [standing(office, n, remote_id) for n, remote_id in enumerate(remote_ids)]
        for n in range(0, MANY, 9):
            home.react(remote_ids[n], like=1)
        until(lambda: all(map(home.shown, remote_ids)))
        deleted(home, remote_ids[4])
        office.work(hours=1)

        counts = [taken(office, post)[0].counts for post in posts]
        assert [each.get("reactions") for each in counts] == [None if n == 4 else int(n % 9 == 0) for n in range(MANY)]


def standing(office: Office, n: int, remote_id: str) -> str:
    """Note a post as live under an id since now, with its measures to come."""
    app, now = office.daemon, office.clock.now()
    post = make_post(
        app,
        make_story(app, f"story-{n}", region="slaskie"),
        due_at=now + timedelta(minutes=n),
        published_at=now,
        status=PostStatus.PUBLISHED,
    )
    with app.writing() as db:
        (part,) = store.parts_of(db, post.uuid)
        part.remote_id = remote_id
        db.add(part)
        schedule_snapshots(db, post, now, [timedelta(hours=1)], app.new_id)
    return post.uuid
