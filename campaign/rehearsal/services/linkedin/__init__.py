"""A simulated LinkedIn, with one organization's page.

- service: the calls, and what is live
- access: tokens, what they allow, and where they come from
- images: uploaded pictures, until a post has them
- protocol: headers, names in paths, lists (pure)
- rules: what a post may be, and how its text is read (pure)
"""

from campaign.rehearsal.services.linkedin.service import LinkedInService

__all__ = ["LinkedInService"]
