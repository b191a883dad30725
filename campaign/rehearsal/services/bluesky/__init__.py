"""A simulated server of the AT Protocol with one account, and the AppView that shows it, on the same host.

- service: the calls, and what is live
- sessions: signing in, and the tokens
- blobs: uploaded pictures, until a record has them, and content addresses
- lexicon: what a record may say (pure)
"""

from campaign.rehearsal.services.bluesky.service import RATE_LIMITS, BlueskyService

__all__ = ["RATE_LIMITS", "BlueskyService"]
