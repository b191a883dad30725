"""Posts of an organization's page on LinkedIn.

- adapter: the calls that publish, look up, count and delete
- access: the token, its renewal, logging in
- images: pictures on their way
- page: who the page is, and what may be done there
- comments: what is said under a post
- littletext: LinkedIn's own way to write a text (pure)
- matching: whether a post is the part that we look for (pure)
- counts: numbers in the words of our reports (pure)
- refusals: what LinkedIn's errors mean (pure)
- urns: what things are called there (pure)
- settings: the keys of a channel
"""

from campaign.platforms.linkedin.adapter import LinkedIn

__all__ = ["LinkedIn"]
