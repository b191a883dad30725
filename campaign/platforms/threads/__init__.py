"""Posts and chains of posts on Threads: `adapter` is the platform, each other module one matter of it."""

from campaign.platforms.threads.adapter import Threads

__all__ = ["Threads"]
