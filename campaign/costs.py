"""What posts cost where a platform asks for money, and what is left of a channel's budget for the month.

Nothing is stored: the parts that went out, or may have, are counted by the prices that the config has now. A month is
one of the channel's own calendar.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from campaign import fit, store
from campaign.config import Channel, Config, Prices
from campaign.models import OPEN, PartContent

NEAR = Decimal("0.8")  # of a budget: from here on people are told
BUDGET = "budget"  # first word of the key of an alert


@dataclass(frozen=True)
class SpentOut:
    """A month's budget that does not reach for another post."""

    reason: str
    until: datetime  # the end of the month
    alert: str  # its key: another month, or another budget, is another alert
    for_good: bool = False  # that of no month does


@dataclass(frozen=True)
class MonthCost:
    """What a channel costs in a month. `planned` is what still has a slot in it."""

    channel: str
    month: str  # "2026-03"
    currency: str
    spent: Decimal
    planned: Decimal = Decimal(0)
    budget: Decimal | None = None

    @property
    def expected(self) -> Decimal:
        """What the month will have cost."""
        return self.spent + self.planned

    @property
    def is_near(self) -> bool:
        """Whether the budget will not reach, or nearly not."""
        return self.budget is not None and (self.expected > self.budget or self.spent >= NEAR * self.budget)

    def __str__(self) -> str:
        parts = [f"{money(self.spent)} spent", f"{money(self.planned)} to come"] if self.planned else []
        parts += [f"budget {money(self.budget)}"] if self.budget is not None else []
        more = f" ({', '.join(parts)})" if parts else ""
        return f"{self.channel} in {self.month}: {money(self.expected)} {self.currency}{more}"


def cost_of(prices: Prices, content: Mapping[str, Any]) -> Decimal:
    """Return what one part costs; `content` is its PartContent as stored."""
    part = PartContent.model_validate(content)
    has_link = bool(part.link) or any(span.kind == "link" for span in fit.spans(part.text))
    return _price(prices, has_link, len(part.files))


def _price(prices: Prices, has_link: bool, pictures: int) -> Decimal:
    post = prices.with_link if has_link and prices.with_link is not None else prices.post
    return post + pictures * prices.media


def money(amount: Decimal) -> str:
    """Return an amount as people write it: 20, 19.95, 0.20, 0.015."""
    short = amount.normalize()
    places = max(-int(short.as_tuple().exponent), 0)
    return f"{short:.{max(places, 2) if places else 0}f}"


def month_of(moment: datetime, zone: str) -> tuple[datetime, datetime]:
    """Return the start and the end, in UTC, of the local calendar month of a moment."""
    local = moment.astimezone(ZoneInfo(zone))
    first = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)
    after = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return first.astimezone(UTC), after.astimezone(UTC)


def spent_out(
    db: Session, config: Config, channel: Channel, parts: Sequence[Mapping[str, Any]], now: datetime, post: str
) -> SpentOut | None:
    """Return why the month's budget does not reach for the parts of a post; None when it does, or there is none."""
    prices = config.prices_of(channel)
    if prices is None or channel.budget is None:
        return None
    start, end = month_of(now, channel.zone)
    paid = store.paid_between(db, channel.key, start, end, besides=post)
    spent = sum((cost_of(prices, content) for _story, content, _at in paid), Decimal(0))
    own = sum((cost_of(prices, content) for content in parts), Decimal(0))
    if spent + own <= channel.budget:
        return None
    budget = f"{money(channel.budget)} {prices.currency}"
    if own > channel.budget > 0:  # with nothing at all, everything waits
        reason = f"it costs {money(own)} {prices.currency}, and the budget of a whole month is {budget}"
        return SpentOut(reason, end, alert_of(channel, now), for_good=True)
    reason = f"the month's budget of {budget} is spent ({money(spent)} so far)"
    return SpentOut(reason, end, alert_of(channel, now))


def alert_of(channel: Channel, now: datetime) -> str:
    """Return the key under which it is told that a channel has spent its budget."""
    return f"{BUDGET}:{channel.key}:{_name(now, channel)}:{channel.budget}"


def told_spent_out(db: Session, channel: Channel, now: datetime) -> SpentOut | None:
    """Return what was told of a channel whose budget for this month has not reached for a post."""
    if channel.budget is None:
        return None
    key = alert_of(channel, now)
    told = next((alert for alert in store.open_alerts(db) if alert.key == key), None)
    return SpentOut("the month's budget is spent", month_of(now, channel.zone)[1], key) if told else None


def months(db: Session, config: Config, now: datetime, more: Iterable[tuple[str, datetime]] = ()) -> list[MonthCost]:
    """Return what each channel with prices costs in the present month.

    What is not rendered yet counts as one part with a link and a picture, and so do `more`, which are only planned:
    channels and moments.
    """
    return [
        _month(db, channel, prices, now, [at for key, at in more if key == channel.key])
        for channel in config.channels.values()
        if (prices := config.prices_of(channel)) is not None
    ]


def _month(db: Session, channel: Channel, prices: Prices, now: datetime, more: Sequence[datetime]) -> MonthCost:
    start, end = month_of(now, channel.zone)
    guess = _price(prices, has_link=True, pictures=1)
    planned = guess * sum(start <= at < end for at in more)
    for post in store.posts_where(db, channel=channel.key, statuses=OPEN, due_from=start, due_to=end):
        parts = store.parts_of(db, post.uuid)
        planned += sum((cost_of(prices, part.content) for part in parts), Decimal(0)) if parts else guess
    paid = store.paid_between(db, channel.key, start, end)
    spent = sum((cost_of(prices, content) for _story, content, _at in paid), Decimal(0))
    return MonthCost(channel.key, _name(now, channel), prices.currency, spent, planned, channel.budget)


def paid(db: Session, config: Config, start: datetime, end: datetime, counts: Callable[[str], bool]) -> list[MonthCost]:
    """Return what the parts that went out in [start, end), or may have, have cost by channel and month.

    `counts` says of a story, by its uuid, whether its posts are asked about.
    """
    found = []
    for channel in config.channels.values():
        if (prices := config.prices_of(channel)) is None:
            continue
        by_month: defaultdict[str, Decimal] = defaultdict(Decimal)
        for story, content, at in store.paid_between(db, channel.key, start, end):
            if counts(story):
                by_month[_name(at, channel)] += cost_of(prices, content)
        found += [MonthCost(channel.key, month, prices.currency, sum_) for month, sum_ in sorted(by_month.items())]
    return found


def told(what: str, costs: Sequence[MonthCost]) -> list[str]:
    """Tell costs in lines that begin with `what`; several also in all, by currency."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for cost in costs:
        sums[cost.currency] += cost.expected
    lines = [f"{what}, {cost}." for cost in costs]
    in_all = ", ".join(f"{money(amount)} {currency}" for currency, amount in sums.items())
    return [*lines, f"{what}, in all: {in_all}."] if len(costs) > 1 else lines


def _name(moment: datetime, channel: Channel) -> str:
    return f"{moment.astimezone(ZoneInfo(channel.zone)):%Y-%m}"
