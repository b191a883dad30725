"""Everything that may happen to a campaign, as the rules of a Hypothesis state machine; judged after each step."""

from __future__ import annotations

import sys
from collections import Counter
from datetime import timedelta
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from campaign.rehearsal.faults import CommitFault, Fault
from campaign.rehearsal.judge import Broken
from tests.rehearsal.office import Office
from tests.rehearsal.server import Ground, home_in
from tests.rehearsal.witness import Witness

HOMES = ("mastodon", "listing", "container", "blind")
SLUGS = ("one", "two", "three", "four", "five", "long")
LAST_DAYS = 14  # in which a helpful person brings everything to its end

which = st.integers(0, 40)  # of several posts
slugs = st.sampled_from(SLUGS)
homes = st.sampled_from(HOMES)
some_time = st.sampled_from([1, 10, 60, 180, 12 * 60, 24 * 60, 3 * 24 * 60])  # minutes

STORY = """---
regions: [{region}]
kind: update
title: Story {slug} from the region, version {version}
summary: What story {slug} has to say in version {version}, in few words.
link: https://example.org/modules/{slug}
{dates}---
{body}
"""


class Campaign(RuleBasedStateMachine):
    """Everything that may happen to a campaign."""

    ground: ClassVar[Ground]
    counts: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.versions = dict.fromkeys(SLUGS, 0)
        self.office: Office
        self.witness: Witness | None = None
        self.counts["examples"] += 1

    @initialize(
        chosen=st.sets(homes, min_size=2, max_size=3),
        first=st.sets(slugs, min_size=1, max_size=3),
        rate=st.sampled_from([0, 0, 0.05, 0.2]),
        seed=st.integers(0, 99),
    )
    def begin(self, chosen: set[str], first: set[str], rate: float, seed: int) -> None:
        self.office = Office(self.ground, sorted(chosen), seed)
        self.witness = Witness(self.office)
        self.office.enable_all()
        for slug in sorted(first):
            self._hand_in(slug, None, None)
        self.office.keep_house()
        self.office.approve()
        self.office.faults.rate = rate

    # Stories

    @rule(slug=slugs, embargo=st.none() | st.integers(1, 72), expires=st.none() | st.integers(2, 96))
    def add(self, slug: str, embargo: int | None, expires: int | None) -> None:
        if not self.versions[slug]:
            self._hand_in(slug, embargo, expires)

    @rule(slug=slugs, embargo=st.none() | st.integers(1, 24), expires=st.none() | st.integers(2, 96))
    def replace(self, slug: str, embargo: int | None, expires: int | None) -> None:
        if self.versions[slug] and self._hand_in(slug, embargo, expires, "--replace"):
            self._released(slug)

    def _hand_in(self, slug: str, embargo: int | None, expires: int | None, *options: str) -> bool:
        self.versions[slug] += 1
        dates = {"embargo": embargo, "expires": expires}
        lines = [f"{name}: {self._written(hours)}\n" for name, hours in dates.items() if hours is not None]
        folder = self.office.file.parent / "stories" / slug
        folder.mkdir(parents=True, exist_ok=True)
        body = " ".join(f"Sentence {n} of {slug} tells what came of it." for n in range(40)) if slug == "long" else ""
        text = STORY.format(
            region="portugal" if slug in ("two", "long") else "moravia-silesia",
            slug=slug,
            version=self.versions[slug],
            dates="".join(lines),
            body=f"{body} That was version {self.versions[slug]}." if body else "",
        )
        (folder / "story.md").write_text(text)
        code = self.office.typed("add", *options, str(folder)).code
        if code == 0:
            self.office.supersede(slug)
        return code in (0, None)

    def _written(self, hours: int) -> str:
        return f"{self.office.clock.now() + timedelta(hours=hours):%Y-%m-%d %H:%M}"

    @rule(slug=slugs, verb=st.sampled_from(["withdraw", "return"]))
    def take_back(self, slug: str, verb: str) -> None:
        option = "--reason" if verb == "withdraw" else "--note"
        if self.office.typed("story", verb, slug, option, "it was wrong").code == 0:
            self.office.stop(verb, "story", slug)

    @rule(slug=slugs, verb=st.sampled_from(["withdraw", "return"]))
    def bring_back(self, slug: str, verb: str) -> None:
        if self.office.typed("story", verb, "--undo", slug).code in (0, None):
            self._released(slug)

    def _released(self, slug: str) -> None:
        for verb in ("withdraw", "return"):
            self.office.release(verb, slug)

    # Posts

    @rule()
    def plan(self) -> None:
        self.office.typed("plan")

    @rule(by_code=st.booleans())
    def approve(self, by_code: bool) -> None:
        self.office.approve(by_code=by_code)

    @rule(n=which)
    def revoke(self, n: int) -> None:
        if post := self._post(n, "approved"):
            told = self.office.typed("approve", "--revoke", post, "--json")
            if told.went_well and told.json()[0]["outcome"] == "revoked":
                self.office.stop("revoke", "post", post)

    @rule(n=which)
    def cancel(self, n: int) -> None:
        post = self._post(n)
        if post and not self.office.address_of(post) and self.office.typed("post", "cancel", post).code == 0:
            self.office.stop("cancel", "post", post)

    @rule(n=which)
    def restore(self, n: int) -> None:
        if post := self._post(n, "cancelled"):
            self.office.typed("post", "restore", post)
            self.office.release("cancel", post)

    @rule(n=which)
    def now(self, n: int) -> None:
        if post := self._post(n, "approved"):
            self.office.typed("post", "now", post)

    @rule(n=which, minutes=st.sampled_from([0, 1, 30, 240, 3000]))
    def move(self, n: int, minutes: int) -> None:
        if post := self._post(n, "approved", "rendered", "planned"):
            self.office.typed("post", "move", post, f"in {minutes} min")

    @rule(n=which)
    def retry(self, n: int) -> None:
        """Whoever tries again, or cancels, looks first: a server may have refused what it then showed all the same."""
        post = self._post(n, "failed", "partial")
        if post and not self.office.address_of(post):
            self.office.typed("post", "retry", post)

    @rule(n=which, again=st.booleans())
    def resolve(self, n: int, again: bool) -> None:
        if post := self._post(n, "unconfirmed", "partial"):
            self._resolve(post, again)

    def _resolve(self, post: str, again: bool) -> None:
        """Look at the platform's own page, and answer truthfully."""
        if address := self.office.address_of(post):
            self.office.typed("post", "resolve", post, "--published", address)
        else:
            self.office.typed("post", "resolve", post, "--send-again" if again else "--not-published")

    def _post(self, n: int, *statuses: str) -> str | None:
        """Return one of the posts, if there is one in one of those statuses: among these."""
        found = self.office.posts(*statuses) or self.office.posts()
        return found[n % len(found)][0] if found else None

    # Channels and pauses

    @rule(scope=st.sampled_from(["--all", "--region", "--channel"]), home=homes, hours=st.none() | st.integers(1, 30))
    def pause(self, scope: str, home: str, hours: int | None) -> None:
        until = ["--until", f"in {hours} h"] if hours else []
        key = self._rested(scope, home)
        answer = self.office.typed("pause", *filter(None, (scope, key)), *until, "--reason", "a rest")
        if answer.died:
            self.office.release("pause", home_in(key))  # it may have been replaced by a shorter one
        elif answer.code == 0:
            ends = self.office.clock.now() + timedelta(hours=hours) if hours else None
            self.office.stop("pause", scope.removeprefix("--"), home_in(key), until=ends)

    @rule(scope=st.sampled_from(["--all", "--region", "--channel"]), home=homes)
    def resume(self, scope: str, home: str) -> None:
        key = self._rested(scope, home)
        self.office.typed("resume", *filter(None, (scope, key)))
        self.office.release("pause", home_in(key))

    def _rested(self, scope: str, home: str) -> str:
        return {"--all": "", "--region": "portugal", "--channel": self._key(home)}[scope]

    @rule(home=homes)
    def disable(self, home: str) -> None:
        key = self._key(home)
        if self.office.typed("channel", "disable", key).code == 0:
            self.office.stop("disable", "channel", home_in(key))

    @rule(home=homes)
    def enable(self, home: str) -> None:
        key = self._key(home)
        self.office.typed("channel", "enable", key)
        self.office.release("disable", home_in(key))

    def _key(self, home: str) -> str:
        """Return the name of a home's channel; of another one, if this campaign has none there."""
        keys = self.office.keys
        return keys.get(home) or keys[min(keys)]

    @rule(home=homes, read_first=st.booleans(), read_after=st.booleans())
    def rename(self, home: str, read_first: bool, read_after: bool) -> None:
        old = self._key(home)
        self.office.rename(home_in(old), read_first=read_first)
        if read_after:
            self.office.send_hangup()

    @rule()
    def read_config_again(self) -> None:
        self.office.send_hangup()

    @rule(there=st.booleans())
    def stop_file(self, there: bool) -> None:
        self.office.put_stop_file(there)

    # The world

    @rule(minutes=some_time)
    def wait(self, minutes: int) -> None:
        self.office.pass_time(timedelta(minutes=minutes))

    @rule()
    def tick(self) -> None:
        self.office.keep_house()
        self.office.publish()

    @rule()
    def restart(self) -> None:
        self.office.restart()

    @rule(hours=st.sampled_from([3, 30]))
    def sleep(self, hours: int) -> None:
        """The server is down."""
        self.office.clock.advance(timedelta(hours=hours))
        self.office.restart()

    @rule(hours=st.sampled_from([-26, -2, 0, 2, 26]), restart=st.booleans())
    def set_clock(self, hours: int, restart: bool) -> None:
        self.office.set_clock(timedelta(hours=hours))
        if restart and hours == 0:
            self.office.restart()

    @rule(fault=st.sampled_from(list(Fault)), ahead=st.integers(1, 6))
    def fault(self, fault: Fault, ahead: int) -> None:
        self.office.faults.on_calls = {self.office.faults.calls + ahead: fault}

    @rule(fault=st.sampled_from(list(CommitFault)), ahead=st.integers(1, 8))
    def commit_fault(self, fault: CommitFault, ahead: int) -> None:
        self.office.faults.on_commits = {self.office.faults.commits + ahead: fault}

    @rule(fault=st.sampled_from(list(Fault)), ahead=st.integers(1, 3))
    def trouble(self, fault: Fault, ahead: int) -> None:
        """Something goes wrong just when the next post goes out."""
        self.office.approve()
        self.office.pass_time(self.office.until_due() - timedelta(seconds=1))
        self.fault(fault, ahead)
        self.office.pass_time(timedelta(minutes=2))

    @rule(fault=st.sampled_from(list(CommitFault)), ahead=st.integers(1, 4))
    def commit_trouble(self, fault: CommitFault, ahead: int) -> None:
        """A commit goes wrong just when the next post goes out."""
        self.office.approve()
        self.office.pass_time(self.office.until_due() - timedelta(seconds=1))
        self.commit_fault(fault, ahead)
        self.office.pass_time(timedelta(minutes=2))

    @rule(hours=st.sampled_from([1, 6]))
    def no_network(self, hours: int) -> None:
        now = self.office.clock.now()
        self.office.faults.away = (now, now + timedelta(hours=hours))

    @rule()
    def back_up(self) -> None:
        self.office.back_up()

    @precondition(lambda self: self.office.backup is not None)
    @rule(lost=st.booleans())
    def put_back(self, lost: bool) -> None:
        self.counts["restored"] += self.office.put_back(lost=lost)

    @precondition(lambda self: self.office.is_held())
    @rule()
    def adopt(self) -> None:
        self.office.adopt()

    @rule(n=which)
    def ask(self, n: int) -> None:
        """Commands that only read have an answer whatever has happened."""
        self.office.typed("status")
        if post := self._post(n):
            self.office.typed("why", post)

    # What must hold

    @invariant()
    def promises(self) -> None:
        if self.witness is not None:
            self.counts["steps"] += 1
            self._told(self.witness.broken())

    def teardown(self) -> None:
        """Without anybody's help nothing is silent for long; with a person's help everything ends."""
        if self.witness is None or sys.exc_info()[0] is not None:
            return
        office = self.office
        office.calm()
        office.adopt()
        office.pass_time(timedelta(hours=30))
        office.keep_house()  # as a daemon does each minute; here it is done every three hours
        self._told(self.witness.broken(at_rest=True))
        office.undo_stops()
        for _ in range(LAST_DAYS * 2):
            self._help()
            office.pass_time(timedelta(hours=12))
            if office.is_quiet():
                break
        self._told(self.witness.broken(at_rest=True))
        assert office.is_quiet(), office.posts()
        for *_, status in office.posts():
            self.counts[status] += 1
        self.counts["faults"] += len(office.faults.met)

    def _help(self) -> None:
        for post, *_ in self.office.posts("unconfirmed"):
            self._resolve(post, again=True)
        for post, *_ in self.office.posts("partial"):
            self._resolve(post, again=True)
            self.office.typed("post", "retry", post)
        self.office.approve()

    def _told(self, broken: list[Broken]) -> None:
        assert not broken, "\n".join(map(str, broken)) + f"\nmet: {self.office.faults.met}"
