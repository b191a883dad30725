"""Intake: files and zips in, queued stories out, or the reasons why not.

`take` is what `campaign add` calls, `inbox.run` what the daemon does with its folder. Everything is read and cleaned
first; then each story is stored in a transaction of its own, or not at all.
"""

from campaign.intake.inbox import run
from campaign.intake.taking import Taken, take

__all__ = ["Taken", "run", "take"]
