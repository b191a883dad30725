"""Which story gets which slot of one channel, and the reason for each answer: bounded-lag fair queueing over regions.

Pure and deterministic: everything comes as arguments, the order of the inputs does not matter, no clock is read.
words (what goes in and out) · ledger (levels and the bound) · waiting (stories in line) · turns (the rule).
"""

from campaign.fairness.turns import assign, balance, next_in_turn
from campaign.fairness.waiting import MARGIN
from campaign.fairness.words import Balance, Decision, Passed, Plan, Reason, Region, Rule, Slot, Taken, Wish

__all__ = [
    "MARGIN",
    "Balance",
    "Decision",
    "Passed",
    "Plan",
    "Reason",
    "Region",
    "Rule",
    "Slot",
    "Taken",
    "Wish",
    "assign",
    "balance",
    "next_in_turn",
]
