"""What an answer of the receiver means, as docs/platforms/webhook.md tells those who write one. Pure.

What is not listed here is unknown on the visible call. That does no harm: the event is sent again under the same id.
"""

from __future__ import annotations

from datetime import datetime

from campaign.errors import ChannelBlocked, NotSent, PlatformError, RateLimited, Rejected
from campaign.platforms.http import Answer
from campaign.platforms.waits import retry_after

# Our own protocol; statuses as in https://github.com/standard-webhooks/standard-webhooks
NOT_OURS = (401, 403)  # the signature is not accepted: secrets differ, or clocks do
NOT_HERE = (404, 405, 410)  # nobody takes events at the address: perhaps for a moment, while a receiver is renewed
GONE = 410  # and never again (standard-webhooks, "Operational")
NOT_WANTED = (400, 413, 415, 422)  # this event is refused for what it says


def of_event(answer: Answer, now: datetime) -> PlatformError | None:
    """Return what a refusal of an event means, None when it is not listed."""
    told = f"status {answer.status}: {answer.said or 'no reason given'}"
    wait = retry_after(answer.headers, now)
    if 300 <= answer.status < 400:
        remedy = "Set base_url to the address that takes events itself; redirects are not followed."
        return NotSent(f"the receiver leads to another address ({told})", remedy=remedy, token_dead=True)
    if answer.status in NOT_OURS:
        remedy = "Both sides must know the same secret, and have the right time."
        return NotSent(f"the receiver does not accept our signature ({told})", remedy=remedy, token_dead=True)
    if answer.status in NOT_HERE:
        why, remedy = f"nobody takes events at this address ({told})", "Correct base_url."
        for_good = answer.status == GONE
        return ChannelBlocked(why, remedy=remedy) if for_good else NotSent(why, remedy=remedy, token_dead=True)
    if answer.status in NOT_WANTED:
        return Rejected(f"the receiver refuses the event ({told})")
    if answer.status == 503 and wait is not None:
        return RateLimited(f"the receiver asks to wait ({told})", retry_after=wait)
    return None
