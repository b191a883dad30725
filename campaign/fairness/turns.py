"""The rule: who gets each free slot of a channel.

A story may take a slot only while none of its regions is more than half a turn above the lowest level waiting.
Within that bound: deadlines first, then not the same region twice in a row, the network while it has room in its
share, the fewest turns, priority, age.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from operator import itemgetter

from campaign.fairness.ledger import Ledger
from campaign.fairness.waiting import Leftovers, Offer, Queue, rank
from campaign.fairness.words import Balance, Decision, Passed, Plan, Reason, Region, Rule, S, Slot, Taken, Wish

NO_DEADLINE = datetime.max.replace(tzinfo=UTC)


def assign(
    slots: Iterable[S],
    taken: Iterable[Taken[S]],
    wishes: Iterable[Wish],
    regions: Iterable[Region],
    *,
    spacing: timedelta,
    daily_cap: int,
    urgent: timedelta,
    since: Balance | None = None,
) -> Plan[S]:
    """Give the free ones of `slots` to stories, in the order in which they come.

    Args:
        slots: the slots to fill; those in `taken` are left as they are.
        taken: every slot of the channel that has its story, history included: what was given decides whose turn it is.
            What is told by `since` may be left out, as far as spacing and the daily cap no longer look at it.
        wishes: one for each story that may go out on the channel; a story in `taken` is not placed again.
        regions: every region that a wish names.
        spacing: the least time between two posts of the channel.
        daily_cap: the most posts on one local day.
        urgent: a story that expires within this time after a slot may go before its turn, as far as the bound admits.
        since: where the ledger stood after turns that came before all those in `taken` and were not of these wishes.

    The order of the inputs does not matter.

    Raises:
        KeyError: a wish names no region that is among `regions`.
    """
    kept = in_order(taken)
    placed = {one.story for one in kept}
    waiting = {wish.story: wish for wish in wishes if wish.story not in placed}
    named = [one.regions for one in kept] + [wish.regions for wish in waiting.values()]
    ledger = Ledger(regions, most=max(map(len, named), default=1), since=since)
    queue = Queue(waiting.values(), urgent)
    gaps = Gaps((one.slot for one in kept), spacing, daily_cap)

    free = sorted(set(slots) - {one.slot for one in kept}, key=_order)
    decisions: list[Decision[S]] = []
    past = 0
    for slot in free:
        while past < len(kept) and _order(kept[past].slot) < _order(slot):
            ledger.take(kept[past].regions)
            past += 1
        if closed := gaps.closed(slot):
            decisions.append(Decision(slot, None, Reason(closed)))
            continue
        story, reason = _choose(queue.offers(slot.due_at), ledger)
        if story is not None:
            ledger.take(queue.give(story))
            gaps.fill(slot)
        decisions.append(Decision(slot, story, reason))

    given = {decision.story for decision in decisions}
    reasons = Leftovers(decisions)
    left = tuple((story, reasons.of(waiting[story])) for story in sorted(waiting) if story not in given)
    return Plan(tuple(decisions), left)


def next_in_turn(
    slot: S,
    candidates: Collection[Wish],
    taken: Iterable[Taken[S]],
    regions: Iterable[Region],
    *,
    spacing: timedelta,
    daily_cap: int,
    urgent: timedelta,
    since: Balance | None = None,
) -> Decision[S]:
    """Which of `candidates` takes over a slot whose owner cannot use it, by the same rule.

    A candidate may hold a later slot, which it then leaves. The owner, if it is still in `taken`, counts for nothing.
    """
    moving = {wish.story for wish in candidates}
    others = [one for one in taken if one.slot != slot and one.story not in moving]
    plan = assign([slot], others, candidates, regions, spacing=spacing, daily_cap=daily_cap, urgent=urgent, since=since)
    return plan.decisions[0]


def balance(taken: Iterable[Taken[S]], regions: Iterable[Region], since: Balance | None = None) -> Balance:
    """Return where the ledger of a channel stands after these turns, which come after all that `since` tells of."""
    kept = in_order(taken)
    ledger = Ledger(regions, most=max((len(one.regions) for one in kept), default=1), since=since)
    for one in kept:
        ledger.take(one.regions)
    return ledger.balance


def in_order(taken: Iterable[Taken[S]]) -> list[Taken[S]]:
    """Return turns in the order in which they count."""
    return sorted(taken, key=lambda one: _order(one.slot))


def _choose(offers: Sequence[Offer], ledger: Ledger) -> tuple[str | None, Reason]:
    """The story that gets a slot for which `offers` wait, and why."""
    if not offers:
        return None, Reason(Rule.NONE)
    levels = [_levels(offer.wish, ledger) for offer in offers]
    lowest = min((max(own.values()) for own in levels if own), default=0)
    passed: list[Passed] = []
    claims: list[tuple[Claim, Wish]] = []
    for offer, own in zip(offers, levels, strict=True):
        wish, lead = offer.wish, max(own.values()) - lowest if own else 0
        if lead > ledger.lead:
            passed.append(Passed(wish.story, wish.regions, Rule.LEAD, lead / ledger.turn))
        elif not own and not ledger.networks_have_room(wish.regions):
            passed.append(Passed(wish.story, wish.regions, Rule.SHARE))
        else:
            claims.append((_claim(offer, own, ledger.previous), wish))

    waiting = {region: level for own in levels for region, level in own.items()}
    lags = tuple((region, (waiting[region] - lowest) / ledger.turn) for region in sorted(waiting))
    if not claims:
        return None, Reason(Rule.SHARE, lags, tuple(passed))
    claims.sort(key=itemgetter(0))
    (best, winner), *others = claims
    rule = _decider(best, others[0][0]) if others else Rule.LEAD if passed else Rule.ALONE
    passed += [Passed(wish.story, wish.regions, _decider(best, claim)) for claim, wish in others]
    return winner.story, Reason(rule, lags, tuple(passed))


Levels = dict[str, int]  # of the regions of a story; a story of the network alone has none


def _levels(wish: Wish, ledger: Ledger) -> Levels:
    """Where a story's regions stand. The highest counts: all of them must be within the bound."""
    return {region: ledger.level(region) for region in ledger.counted(wish.regions)}


CLAIM = (Rule.DEADLINE, Rule.VARIETY, Rule.NETWORK, Rule.TURN, Rule.PRIORITY, Rule.AGE)  # the items of a claim
Claim = tuple[tuple[bool, datetime], bool, bool, tuple[int, int], int, tuple[datetime, str]]


def _claim(offer: Offer, own: Levels, previous: frozenset[str]) -> Claim:
    """What orders the stories that the bound admits: the smallest claim wins."""
    wish = offer.wish
    deadline = wish.expires_at if offer.is_urgent and wish.expires_at else NO_DEADLINE
    turns = (max(own.values()), min(own.values())) if own else (0, 0)
    return (not offer.is_urgent, deadline), not previous.isdisjoint(wish.regions), bool(own), turns, *rank(wish)


def _decider(best: Claim, other: Claim) -> Rule:
    """The rule by which one claim goes before another."""
    return next(rule for rule, mine, theirs in zip(CLAIM, best, other, strict=True) if mine != theirs)


class Gaps:
    """Spacing and the daily cap, against what is taken before and after."""

    def __init__(self, taken: Iterable[Slot], spacing: timedelta, daily_cap: int) -> None:
        filled = list(taken)
        self._spacing, self._cap = spacing, daily_cap
        self._moments = sorted(slot.due_at for slot in filled)
        self._days = Counter(slot.day for slot in filled)

    def closed(self, slot: Slot) -> Rule | None:
        """Why nothing may go out in this slot, None when something may."""
        after = bisect_left(self._moments, slot.due_at)
        if any(abs(moment - slot.due_at) < self._spacing for moment in self._moments[max(after - 1, 0) : after + 1]):
            return Rule.SPACING
        return Rule.FULL if self._days[slot.day] >= self._cap else None

    def fill(self, slot: Slot) -> None:
        """Count a slot that was given away."""
        self._moments.insert(bisect_left(self._moments, slot.due_at), slot.due_at)
        self._days[slot.day] += 1


def _order(slot: Slot) -> tuple[datetime, date, time]:
    """How slots follow each other; two at one moment, by what is written."""
    return slot.due_at, slot.day, slot.at
