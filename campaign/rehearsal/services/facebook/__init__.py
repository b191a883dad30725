"""A simulated Facebook with one page.

- service: the calls of the page, and what is live
- photos: uploaded pictures, until a post shows them
- tokens: who calls, what the call may do, and how tokens are got
- rules: errors as Facebook writes them, and the fields that a call asks for (pure)
"""

from campaign.rehearsal.services.facebook.service import FacebookService

__all__ = ["FacebookService"]
