"""A simulated X, with one account.

- service: the calls, and what is live
- sessions: who calls: tokens that are renewed once each, or signatures by four keys
- media: uploaded pictures
- rules: what a post may be, and how X shows it (pure)
"""

from campaign.rehearsal.services.x.rules import RATE_LIMITS
from campaign.rehearsal.services.x.service import XService

__all__ = ["RATE_LIMITS", "XService"]
