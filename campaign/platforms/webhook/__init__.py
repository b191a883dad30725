"""Events to an address of the team's own, signed by Standard Webhooks 1.0.0 (https://www.standardwebhooks.com).

- adapter: the calls
- event: what an event says, and its signature (pure)
- refusals: what an answer of the receiver means (pure)
- settings: the keys of a channel
"""

from campaign.platforms.webhook.adapter import Webhook

__all__ = ["Webhook"]
