"""Posts on Bluesky, or on any other server of the AT Protocol.

- adapter: the calls that publish, look up, count and delete
- session: signing in, and renewing the tokens
- record: the record of a post, and the key under which it is stored (pure)
- richtext: the text as readers see it, and what in it leads somewhere (pure)
- refusals: what the server's errors mean (pure)
- settings: the keys of a channel
"""

from campaign.platforms.bluesky.adapter import Bluesky

__all__ = ["Bluesky"]
