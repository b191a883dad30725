"""The fairness rule: its bound under everything that may happen, and each sentence of it by example."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from itertools import combinations, pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaign.fairness import Plan, Region, Rule, Taken, Wish, assign, balance, next_in_turn
from campaign.fairness import ledger as ledger_module
from campaign.fairness.waiting import MARGIN

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
DAY = timedelta(days=1)
RULES: dict[str, Any] = {"spacing": timedelta(0), "daily_cap": 9, "urgent": 2 * DAY}


@dataclass(frozen=True)
class Slot:
    day: date
    at: time
    due_at: datetime = field(compare=False)


def slot(n: int, hour: int = 9) -> Slot:
    moment = START + n * DAY + timedelta(hours=hour - 9)
    return Slot(moment.date(), moment.time(), moment)


def wish(story: str, *regions: str, age: int = 0, **details: object) -> Wish:
    return Wish(story, regions or (story[0],), START - DAY * (1 + age), **details)  # type: ignore[arg-type]


def plan(
    slots: Iterable[Slot],
    wishes: Iterable[Wish],
    regions: Iterable[Region] = (),
    taken: Iterable[Taken[Slot]] = (),
    spacing: timedelta = timedelta(0),
    daily_cap: int = 99,
) -> Plan[Slot]:
    wishes, taken = list(wishes), list(taken)
    known = {region.key: region for region in regions}
    for one in (*wishes, *taken):
        for key in one.regions:
            known.setdefault(key, Region(key))
    return assign(slots, taken, wishes, known.values(), spacing=spacing, daily_cap=daily_cap, urgent=2 * DAY)


def stories(made: Plan[Slot]) -> list[str | None]:
    return [decision.story for decision in made.decisions]


def kept(made: Plan[Slot], wishes: Iterable[Wish]) -> list[Taken[Slot]]:
    regions = {one.story: one.regions for one in wishes}
    return [Taken(where, story, regions[story]) for story, where in made.given.items()]


# Worlds for the properties ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    """A channel's slots, regions and stories; each story comes at the beginning of a chunk of slots."""

    slots: list[Slot]
    regions: list[Region]
    wishes: list[Wish]
    chunk: int

    def chunks(self) -> list[list[Slot]]:
        return [self.slots[n : n + self.chunk] for n in range(0, len(self.slots), self.chunk)]


def world(seed: int) -> World:
    """A random world: many shapes of weights, supply, deadlines, embargoes, arrivals, shared stories."""
    random = Random(seed)  # noqa: S311 - a repeatable world, no secret
    count, length = random.randint(2, 6), random.randint(8, 60)
    weights = random.choice(
        [[Fraction(1)], [Fraction(1), Fraction(2)], [Fraction(n, d) for n in (1, 2, 3, 5) for d in (1, 2, 3)]]
    )
    keys = "abcdef"[:count]
    regions = [Region(key, random.choice(weights)) for key in keys]
    if random.random() < 0.4:
        regions.append(Region("n", network=True, share=random.choice([0.1, 0.25, 0.3, 0.5])))
    hurried, shared = random.choice([0, 0.3, 0.9]), random.choice([0, 0, 0.2])
    chunk = random.choice([length, 7, 3, 1])
    wishes = []
    for n in range(random.randint(length // 2, 4 * length)):
        lead = random.choice([*keys, *("n" if len(regions) > count else "")])
        others = [key for key in keys if key != lead and random.random() < 0.5][:2]
        of = (lead, *others) if lead != "n" and random.random() < shared else (lead,)
        arrives = random.choice([0, random.randrange(length)]) // chunk * chunk
        release = START + random.randrange(length) * DAY if random.random() < 0.2 else None
        expires = START + (arrives + random.randint(1, 12)) * DAY if random.random() < hurried else None
        wishes.append(
            Wish(f"{lead}{n:03}", of, START + (arrives - 1) * DAY, random.choice([0, 0, 1, 5]), release, expires)
        )
    return World([slot(n) for n in range(length)], regions, wishes, chunk)


def eligible(one: Wish, where: Slot) -> bool:
    """The definition, written again: not embargoed, and would not expire on the way."""
    released = one.release_at is None or one.release_at <= where.due_at
    return released and (one.expires_at is None or where.due_at + MARGIN < one.expires_at)


def by_chunks(world: World) -> tuple[dict[Slot, str], list[set[str]]]:
    """Plan chunk by chunk, as weeks go by; return who got what, and who had a story of its own before each slot."""
    given: dict[Slot, str] = {}
    of = {one.story: one for one in world.wishes}
    waiting: list[set[str]] = []
    for chunk in world.chunks():
        known = [one for one in world.wishes if one.created_at <= chunk[0].due_at]
        taken = [Taken(where, story, of[story].regions) for where, story in given.items()]
        made = assign(chunk, taken, known, world.regions, spacing=timedelta(0), daily_cap=9, urgent=2 * DAY)
        for decision in made.decisions:
            free = [one for one in known if one.story not in given.values() and eligible(one, decision.slot)]
            waiting.append({one.regions[0] for one in free if len(one.regions) == 1})
            if decision.story is not None:
                given[decision.slot] = decision.story
    return given, waiting


def worst_excess(world: World) -> Fraction:
    """How far the fairness bound is overstepped in the worst row of slots, over all pairs; 0 or less when it holds."""
    given, waiting = by_chunks(world)
    of = {one.story: one.regions for one in world.wishes}
    worst = Fraction(-1)
    ledger = [region for region in world.regions if not region.network]
    for one, two in combinations(ledger, 2):
        w_one, w_two = Fraction(one.weight), Fraction(two.weight)
        bound = 1 + 1 / w_one + 1 / w_two
        high = low = Fraction(0)  # of the rows that end here: the largest and smallest n_i/w_i − n_j/w_j
        for where, there in zip(world.slots, waiting, strict=True):
            if not {one.key, two.key} <= there:
                high = low = Fraction(0)
                continue
            regions = of[given[where]] if where in given else ()
            step = sum(
                (Fraction(1, len(regions)) / w for w, r in ((w_one, one), (-w_two, two)) if r.key in regions),
                Fraction(0),
            )
            high, low = max(high, 0) + step, min(low, 0) + step
            worst = max(worst, high - bound, -low - bound)
    return worst


@settings(max_examples=300, deadline=None)
@given(st.integers(min_value=0))
def test_no_region_is_ever_further_behind_than_the_bound(seed: int) -> None:
    assert worst_excess(world(seed)) <= 0


def test_a_whole_turn_of_lead_would_break_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_module, "LEAD", Fraction(1))

    assert max(worst_excess(world(seed)) for seed in range(300)) > 0


@settings(max_examples=100, deadline=None)
@given(st.integers(min_value=0))
def test_planning_week_by_week_gives_the_calendar_of_planning_at_once(seed: int) -> None:
    all_known = [
        Wish(w.story, w.regions, START - DAY, w.priority, w.release_at, w.expires_at) for w in world(seed).wishes
    ]
    it = World(world(seed).slots, world(seed).regions, all_known, chunk=5)

    at_once = assign(it.slots, [], it.wishes, it.regions, spacing=timedelta(0), daily_cap=9, urgent=2 * DAY)

    assert by_chunks(it)[0] == {where: story for story, where in at_once.given.items()}


@settings(max_examples=200, deadline=None)
@given(st.integers(min_value=0), st.lists(st.integers(0, 59), max_size=3))
def test_old_turns_as_one_balance_decide_as_each_of_them_would(seed: int, cuts: list[int]) -> None:
    it = world(seed)
    begun = len(it.slots) // 2
    history = kept(assign(it.slots[:begun], [], it.wishes, it.regions, **RULES), it.wishes)
    history += [Taken(slot(n, hour=12), f"gone {n}", ("gone", it.regions[0].key)) for n in range(0, begun, 3)]
    placed = {one.story for one in history}
    waiting = [one for one in it.wishes if one.story not in placed]
    whole = assign(it.slots[begun:], history, waiting, it.regions, **RULES)

    since, left = None, history
    for cut in sorted(cuts):
        old = [one for one in left if one.slot.due_at < slot(cut).due_at]
        left = [one for one in left if one.slot.due_at >= slot(cut).due_at]
        since = balance(old, it.regions, since)

    assert assign(it.slots[begun:], left, waiting, it.regions, **RULES, since=since) == whole
    for where in it.slots[begun:][:1]:
        candidates = waiting[:5]
        straight = next_in_turn(where, candidates, history, it.regions, **RULES)
        assert next_in_turn(where, candidates, left, it.regions, **RULES, since=since) == straight


@settings(max_examples=100, deadline=None)
@given(st.integers(min_value=0), st.randoms(use_true_random=False))
def test_the_order_of_the_inputs_does_not_matter(seed: int, random: Random) -> None:
    it = world(seed)

    def shuffled(rows: Sequence[object]) -> list[object]:
        return random.sample(rows, len(rows))

    half = kept(plan(it.slots[::3], it.wishes, it.regions), it.wishes)
    straight = plan(it.slots, it.wishes, it.regions, half, daily_cap=2)
    mixed = plan(shuffled(it.slots), shuffled(it.wishes), shuffled(it.regions), shuffled(half), daily_cap=2)  # type: ignore[arg-type]

    assert mixed == straight


@settings(max_examples=100, deadline=None)
@given(st.integers(min_value=0), st.sampled_from([timedelta(0), timedelta(hours=5), DAY * 2]), st.integers(1, 3))
def test_a_finished_plan_planned_again_stays_as_it_is(seed: int, spacing: timedelta, daily_cap: int) -> None:
    it = world(seed)
    slots = [slot(n, hour) for n in range(20) for hour in (9, 12, 17)]
    first = plan(slots, it.wishes, it.regions, spacing=spacing, daily_cap=daily_cap)
    taken = kept(first, it.wishes)

    again = plan(slots, it.wishes, it.regions, taken, spacing=spacing, daily_cap=daily_cap)

    assert again.given == {}


@settings(max_examples=150, deadline=None)
@given(st.integers(min_value=0), st.sampled_from([timedelta(0), timedelta(hours=5), DAY * 2]), st.integers(1, 3))
def test_every_story_has_a_slot_that_suits_it_or_a_reason(seed: int, spacing: timedelta, daily_cap: int) -> None:
    it = world(seed)
    slots = [slot(n, hour) for n in range(20) for hour in (9, 12, 17)]
    made = plan(slots, it.wishes, it.regions, spacing=spacing, daily_cap=daily_cap)
    left, given = dict(made.left), made.given

    assert left.keys() | given.keys() == {one.story for one in it.wishes}
    assert not left.keys() & given.keys()
    assert all(left.values())
    assert [decision.slot for decision in made.decisions] == slots
    assert len(given) == sum(decision.story is not None for decision in made.decisions)
    of = {one.story: one for one in it.wishes}
    assert all(eligible(of[story], where) for story, where in given.items())
    moments = sorted(where.due_at for where in given.values())
    assert all(b - a >= spacing for a, b in pairwise(moments))
    days = [where.day for where in given.values()]
    assert all(days.count(day) <= daily_cap for day in days)


@settings(max_examples=150, deadline=None)
@given(st.integers(min_value=0))
def test_the_network_never_has_more_than_its_share(seed: int) -> None:
    it = world(seed)
    share = next((Fraction(str(region.share)) for region in it.regions if region.network), Fraction(0))
    given = [story for story in stories(plan(it.slots, it.wishes, it.regions)) if story is not None]
    networks = 0
    for n, story in enumerate(given, start=1):
        networks += story.startswith("n")
        assert networks <= share * n


# Single sentences of the rule ---------------------------------------------------------------------------------------

DAYS = [slot(n) for n in range(8)]


def test_regions_take_turns_by_weight() -> None:
    wishes = [wish(f"{region}{n}") for region in "abc" for n in range(8)]

    made = plan([slot(n) for n in range(16)], wishes, [Region("a", 2)])

    counts = {region: sum(story.startswith(region) for story in made.given) for region in "abc"}
    assert counts == {"a": 8, "b": 4, "c": 4}


def test_who_comes_late_is_not_paid_for_the_time_before() -> None:
    history = [Taken(slot(n), f"a-old{n}", ("a",)) for n in range(-30, 0)]

    made = plan(DAYS, [wish(f"{region}{n}") for region in "ab" for n in range(8)], taken=history)

    assert [str(story)[0] for story in stories(made)] == list("babababa")


@pytest.mark.parametrize(
    ("wishes", "first", "rule"),
    [
        ([wish("a0")], "a0", Rule.ALONE),
        ([wish("a0", expires_at=START + 3 * DAY), wish("b0", expires_at=START + DAY)], "b0", Rule.DEADLINE),
        ([wish("a0", expires_at=START + 9 * DAY), wish("b0", priority=1)], "b0", Rule.PRIORITY),
        ([wish("a0"), wish("b0", age=1)], "b0", Rule.AGE),
        ([wish("a0"), wish("b0")], "a0", Rule.AGE),
        ([wish("a0", release_at=START + DAY), wish("b0")], "b0", Rule.ALONE),
        ([wish("a0", release_at=START), wish("b0", age=-1)], "a0", Rule.AGE),
        ([wish("a0", expires_at=START + MARGIN), wish("b0")], "b0", Rule.ALONE),
        ([wish("a0", priority=1), wish("a1", expires_at=START + DAY)], "a1", Rule.ALONE),
        ([wish("a0"), wish("a1", priority=1)], "a1", Rule.ALONE),
        ([], None, Rule.NONE),
    ],
)
def test_a_slot_goes_by_deadline_then_priority_then_age(wishes: list[Wish], first: str | None, rule: Rule) -> None:
    decision = plan(DAYS[:1], wishes).decisions[0]

    assert (decision.story, decision.reason.rule) == (first, rule)


def test_a_deadline_does_not_buy_more_than_the_bound() -> None:
    hurried = [wish(f"a{n}", expires_at=START + (n + 1) * DAY) for n in range(8)]

    made = plan(DAYS, [*hurried, *(wish(f"b{n}") for n in range(8))])

    assert [str(story)[0] for story in stories(made)] == list("abababab")
    assert made.decisions[1].reason.rule == Rule.LEAD
    assert str(made.decisions[1].reason) == "fair turn; passed over: a (1 turn ahead)"


def test_the_same_region_does_not_come_twice_in_a_row_when_another_may() -> None:
    taken = [Taken(slot(-2), "b-old", ("b",)), Taken(slot(-1), "a-old", ("a",))]

    made = plan(DAYS[:2], [wish("a0", age=9), wish("b0")], taken=taken)

    assert stories(made) == ["b0", "a0"]
    assert made.decisions[0].reason.rule == Rule.VARIETY
    assert str(made.decisions[0].reason.passed[0]) == "a (had the post before)"


def test_the_fewest_turns_go_first_among_those_that_the_bound_admits() -> None:
    taken = [Taken(slot(-2), "b-old", ("b",)), Taken(slot(-1), "c-old", ("c",))]

    made = plan(DAYS[:1], [wish("a0"), wish("b0", age=9)], [Region("b", 2)], taken)

    assert made.decisions[0].story == "a0"
    assert made.decisions[0].reason.rule == Rule.TURN
    assert dict(made.decisions[0].reason.lags) == {"a": 0.0, "b": 0.5}


def test_a_shared_story_counts_in_parts_and_waits_for_all_its_regions() -> None:
    taken = [Taken(slot(-1), "b-old", ("b",))]
    wishes = [wish("shared", "a", "b", age=9), *(wish(f"a{n}") for n in range(3))]

    made = plan(DAYS[:4], wishes, taken=taken)

    assert stories(made)[:2] == ["a0", "shared"]
    assert made.decisions[0].reason.passed[0].rule == Rule.LEAD


def test_a_region_with_shared_stories_only_never_blocks_the_channel() -> None:
    taken = [Taken(slot(n), f"b-old{n}", ("b",)) for n in range(-9, 0)]

    assert stories(plan(DAYS[:2], [wish("shared", "a", "b"), wish("b0", age=9)], taken=taken)) == ["shared", "b0"]


NETWORK = Region("n", network=True, share=0.25)


def test_the_network_takes_its_share_and_no_more() -> None:
    wishes = [wish(f"{region}{n:02}") for region in "abn" for n in range(20)]

    made = plan([slot(n) for n in range(12)], wishes, [NETWORK])

    assert [n for n, story in enumerate(stories(made)) if str(story).startswith("n")] == [3, 7, 11]
    assert made.decisions[3].reason.rule == Rule.NETWORK
    assert [str(one) for one in made.decisions[0].reason.passed] == ["n (has had its share)", "b (came later)"]


def test_a_slot_stays_empty_rather_than_the_network_having_more_than_its_share() -> None:
    decision = plan(DAYS[:1], [wish("n0")], [NETWORK]).decisions[0]

    assert (decision.story, decision.reason.rule) == (None, Rule.SHARE)


def test_a_quiet_season_of_the_network_is_not_followed_by_a_flood() -> None:
    history = [Taken(slot(n), f"a-old{n}", ("a",)) for n in range(-99, 0)]
    wishes = [wish(f"{region}{n}") for region in "abn" for n in range(9)]

    made = plan([slot(n) for n in range(9)], wishes, [NETWORK], history)

    assert sum(str(story).startswith("n") for story in stories(made)) == 3


def test_what_the_network_has_had_by_hand_is_not_held_against_it_for_ever() -> None:
    history = [Taken(slot(n), f"n-old{n}", ("n",)) for n in range(-99, 0)]

    made = plan(DAYS, [wish(f"{region}{n}") for region in "an" for n in range(8)], [NETWORK], history)

    assert str(stories(made)[3]).startswith("n")


def test_a_story_of_a_region_and_the_network_is_the_regions() -> None:
    made = plan(DAYS[:1], [wish("joint", "a", "n")], [NETWORK])

    assert made.decisions[0].story == "joint"
    assert dict(made.decisions[0].reason.lags) == {"a": 0.0}


def test_history_of_a_region_that_left_the_config_is_passed_over() -> None:
    history = [Taken(slot(-1), "gone", ("z",))]

    made = assign(DAYS[:1], history, [wish("a0")], [Region("a")], spacing=DAY, daily_cap=1, urgent=DAY)

    assert stories(made) == ["a0"]


def test_spacing_holds_before_and_after_what_is_taken() -> None:
    taken = [Taken(slot(0, 12), "a-old", ("a",))]
    slots = [slot(0, hour) for hour in (7, 8, 9, 12, 15, 16, 17)]

    made = plan(slots, [wish(f"b{n}") for n in range(9)], taken=taken, spacing=timedelta(hours=4))

    assert [decision.slot.at.hour for decision in made.decisions if decision.story] == [7, 16]
    assert {decision.reason.rule for decision in made.decisions if not decision.story} == {Rule.SPACING}


def test_two_slots_at_one_moment_are_one_when_there_is_spacing_and_two_without() -> None:
    twins = [Slot(START.date(), time(2, 30), START), Slot(START.date(), time(3, 30), START)]
    wishes = [wish("a0"), wish("a1")]

    assert stories(plan(twins, wishes, spacing=timedelta(hours=1))) == ["a0", None]
    assert stories(plan(twins, wishes)) == ["a0", "a1"]


def test_a_day_holds_no_more_than_its_cap() -> None:
    taken = [Taken(slot(0, 20), "a-old", ("a",))]

    made = plan([slot(0, 8), slot(0, 12), slot(1, 8)], [wish(f"b{n}") for n in range(9)], taken=taken, daily_cap=2)

    assert stories(made) == ["b0", None, "b1"]
    assert made.decisions[1].reason.rule == Rule.FULL


@pytest.mark.parametrize(
    ("late", "slots", "why"),
    [
        (wish("a9"), [], "there is no free slot"),
        (wish("a9", expires_at=START), DAYS, "it expires before the next free slot"),
        (wish("a9", release_at=START + 99 * DAY), DAYS, "its embargo ends after the last slot planned so far"),
        (
            wish("a9", release_at=START + MARGIN, expires_at=START + DAY),
            DAYS,
            "no free slot lies between its embargo and its expiry",
        ),
        (wish("a9"), DAYS[:3], "of 3 free slots in its time 3 went to others in their turn"),
        (
            wish("a9"),
            [slot(0, 9), slot(0, 10)],
            "of 2 free slots in its time 1 went to others in their turn, "
            "1 must stay empty (spacing, daily cap, or the network's share)",
        ),
    ],
)
def test_a_story_without_a_slot_is_told_why(late: Wish, slots: list[Slot], why: str) -> None:
    others = [wish(f"a{n}") for n in range(8)]

    assert dict(plan(slots, [late, *others], daily_cap=1).left)["a9"] == why


def test_the_next_in_turn_takes_over_a_slot_and_leaves_its_own() -> None:
    taken = [
        Taken(slot(-1), "a-old", ("a",)),
        Taken(slot(0), "c0", ("c",)),
        Taken(slot(1), "a0", ("a",)),
        Taken(slot(2), "b0", ("b",)),
    ]
    regions = [Region(key) for key in "abc"]

    decision = next_in_turn(
        slot(0), [wish("a0", age=9), wish("b0")], taken, regions, spacing=DAY, daily_cap=1, urgent=DAY
    )

    assert (decision.slot, decision.story, decision.reason.rule) == (slot(0), "b0", Rule.LEAD)


def test_nobody_is_next_when_nobody_may_go_then() -> None:
    decision = next_in_turn(
        slot(0), [wish("a0", release_at=START + DAY)], [], [Region("a")], spacing=DAY, daily_cap=1, urgent=DAY
    )

    assert (decision.story, decision.reason.rule) == (None, Rule.NONE)
