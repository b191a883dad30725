"""The level of each region: the turns it has had, each divided by its weight, and why the bound holds.

Levels follow from the assignments alone, in the order of the slots. So planning week by week gives the same calendar
as planning at once, and the bound holds across runs.

The bound: in any row of slots in which regions i and j always have a story of their own waiting,
`|n_i/w_i − n_j/w_j| ≤ 1 + 1/w_i + 1/w_j`. A story is taken at most `LEAD` above any region that waits, and lifts its
regions by `1/w` at most, so no level is ever more than `LEAD + 1/w` above another. From the beginning to the end of
the row the difference of two levels can swing from one end of that range to the other: `2·LEAD + 1/w_i + 1/w_j`.
With a whole turn of lead the bound would be `2 + …`; hence a half.
(Start-time fair queueing: Goyal, Vin, Cheng 1996, https://doi.org/10.1145/248156.248171)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import lcm

from campaign.fairness.words import Balance, Region

LEAD = Fraction(1, 2)  # of a turn at weight 1
ZERO, ONE = Fraction(0), Fraction(1)


class Ledger:
    """The level of each region, as far as the assignments have come. Whole numbers, so that equal is equal."""

    def __init__(self, regions: Iterable[Region], most: int, since: Balance | None = None) -> None:
        known, most = list(regions), max(most, since.most if since else 1)
        weights = {region.key: Fraction(str(region.weight)) for region in known if not region.network}
        # One turn at weight 1, in units that every weight and every number of regions in a story divides.
        turn = self.turn = lcm(2, *range(1, most + 1)) * lcm(*(weight.numerator for weight in weights.values()))
        self.lead = int(LEAD * turn)
        self._step = {key: turn * weight.denominator // weight.numerator for key, weight in weights.items()}
        self._share = {region.key: Fraction(str(region.share)) for region in known if region.network}
        self._room = dict.fromkeys(self._share, Fraction(0))
        self._level = dict.fromkeys(weights, 0)
        self._floor = 0
        self._most = most
        self.previous: frozenset[str] = frozenset()
        if since is not None:
            self._go_on(since)

    def _go_on(self, since: Balance) -> None:
        """Begin where another ledger of the same regions stood; its levels are whole numbers here as well."""
        self._level = {key: int(since.levels[key] * self.turn) for key in self._level}
        self._floor = int(since.floor * self.turn)
        self._room, self.previous = {key: since.room[key] for key in self._room}, since.previous

    @property
    def balance(self) -> Balance:
        """Where it stands now."""
        levels = {key: Fraction(level, self.turn) for key, level in self._level.items()}
        return Balance(levels, Fraction(self._floor, self.turn), dict(self._room), self.previous, self._most)

    def counted(self, regions: Sequence[str]) -> list[str]:
        """Those of `regions` that have a level; none for a story of the network alone."""
        return [region for region in regions if region in self._step]

    def level(self, region: str) -> int:
        """A region's level: what it had, or the floor, which rises while it has nothing to say."""
        return max(self._level[region], self._floor)

    def networks_have_room(self, regions: Sequence[str]) -> bool:
        """Whether a story of the network alone may have this slot.

        Every slot given adds the share, a story of its own takes one away, and no more than one is saved up: so a
        network never has more than its share of the slots, and a quiet season is not followed by a flood.
        """
        return all(min(self._room[region], ONE) + self._share[region] >= ONE for region in regions)

    def take(self, regions: Sequence[str]) -> None:
        """Count a slot that has its story. Regions no longer in the config are passed over.

        The floor makes sure that nobody saves up turns while idle, and that what was done outside the rule (a slot
        moved by a person, a changed weight) is not paid back for months: nobody is behind by more than the bound.
        """
        counted = self.counted(regions)
        if counted:
            self._floor = max(self._floor, max(self.level(region) for region in counted) - self.lead)
        for region in counted:
            self._level[region] = self.level(region) + self._step[region] // len(counted)
        for network, share in self._share.items():
            used = ONE if network in regions and not counted else ZERO
            self._room[network] = max(min(self._room[network], ONE) + share - used, ZERO)
        self.previous = frozenset(regions)
