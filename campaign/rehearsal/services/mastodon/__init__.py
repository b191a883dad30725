"""A simulated server that speaks Mastodon's API, with one account.

- service: the calls, and what is live
- media: uploaded pictures, until a status has them
- rules: what a server allows, and how it counts and shows a text (pure)
"""

from campaign.rehearsal.services.mastodon.rules import RATE_LIMITS, Rules
from campaign.rehearsal.services.mastodon.service import MastodonService

__all__ = ["RATE_LIMITS", "MastodonService", "Rules"]
